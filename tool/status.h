/* SPDX-License-Identifier: Apache-2.0 */
/* status: 'sekisho status': sensors, coverage, verdicts and alerts of a store, on one
 * screen. */
#ifndef TOOL_STATUS_H
#define TOOL_STATUS_H

#include "tool/command.h"

command_run command_status;

#endif
