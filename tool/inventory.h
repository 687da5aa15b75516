/* SPDX-License-Identifier: Apache-2.0 */
/* inventory: 'sekisho inventory': check, show, export and import who is who. */
#ifndef TOOL_INVENTORY_H
#define TOOL_INVENTORY_H

#include "tool/command.h"

command_run command_inventory;

#endif
