/* SPDX-License-Identifier: Apache-2.0 */
/* ledger: 'sekisho ledger key|seal|verify|retain': the access ledger's seals. */
#ifndef TOOL_LEDGER_H
#define TOOL_LEDGER_H

#include "tool/command.h"

command_run command_ledger;

#endif
