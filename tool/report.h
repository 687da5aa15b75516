/* SPDX-License-Identifier: Apache-2.0 */
/* report: 'sekisho report make': a region's compliance and access report of a period. */
#ifndef TOOL_REPORT_H
#define TOOL_REPORT_H

#include "tool/command.h"

command_run command_report;

#endif
