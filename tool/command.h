/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command: what each command of 'sekisho' looks like: one command, one file, one row in
 * tool/main.c.
 *
 * argv[0] is the command's own name.  The result is the exit status
 * (common/exit_code.h).  Results go to stdout, one-line complaints to stderr.
 * To add one: tool/NAME.h declares 'command_run command_NAME;', tool/NAME.c
 * defines it and handles --help itself, and main.c gets its row.
 */
#ifndef TOOL_COMMAND_H
#define TOOL_COMMAND_H

typedef int command_run(int argc, char **argv);

#endif
