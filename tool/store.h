/* SPDX-License-Identifier: Apache-2.0 */
/* store: 'sekisho store migrate|retain': care of a store while no correlator holds it.
 */
#ifndef TOOL_STORE_H
#define TOOL_STORE_H

#include "tool/command.h"

command_run command_store;

#endif
