/* SPDX-License-Identifier: Apache-2.0 */
/* schema: 'sekisho schema': what a record may hold, as a JSON schema or a page. */
#ifndef TOOL_SCHEMA_H
#define TOOL_SCHEMA_H

#include "tool/command.h"

command_run command_schema;

#endif
