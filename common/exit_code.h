/* SPDX-License-Identifier: Apache-2.0 */
/* exit_code: what a Sekisho program's exit status says (docs: "Exit codes" in each man page). */
#ifndef COMMON_EXIT_CODE_H
#define COMMON_EXIT_CODE_H

enum exit_code {
	EXIT_CODE_OK = 0,
	EXIT_CODE_NO = 1,          /* done, and the answer is no */
	EXIT_CODE_USAGE = 2,       /* the command line is wrong */
	EXIT_CODE_INPUT = 3,       /* configuration, rules or input are bad */
	EXIT_CODE_ENVIRONMENT = 4, /* a right, a file, memory or a peer is missing */
	EXIT_CODE_INCOMPLETE = 5   /* done, but something had to be left out */
};

#endif
