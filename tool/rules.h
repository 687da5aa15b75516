/* SPDX-License-Identifier: Apache-2.0 */
/* rules: 'sekisho rules': checks, tests, tries and explains connection requirements. */
#ifndef TOOL_RULES_H
#define TOOL_RULES_H

#include "tool/command.h"

command_run command_rules;

#endif
