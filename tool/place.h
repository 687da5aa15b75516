/* SPDX-License-Identifier: Apache-2.0 */
/* place: where a command finds rules and a store when nothing is said. */
#ifndef TOOL_PLACE_H
#define TOOL_PLACE_H

#include "common/error.h"

#define PLACE_STORE "/var/lib/sekisho/store"
#define PLACE_KEY   "/var/lib/sekisho/keys/seal.key"
#define PLACE_RULES "/usr/share/sekisho/rules"

enum { PLACE_SIZE = 1024 };

/* './rules' if it is there, else PLACE_RULES. */
const char *place_rules(void);

/* A new directory of its own below TMPDIR or /tmp; its name in 'path'. */
int place_make_temporary(char path[PLACE_SIZE], struct error *err);
/* Removes the directory and the files in it. */
void place_remove_temporary(const char *path);

#endif
