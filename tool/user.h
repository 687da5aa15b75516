/* SPDX-License-Identifier: Apache-2.0 */
/* user: 'sekisho user': who may log in to the console. */
#ifndef TOOL_USER_H
#define TOOL_USER_H

#include "tool/command.h"

command_run command_user;

#endif
