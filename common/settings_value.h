/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings_value: from a value as written to a member of the program's struct,
 * for settings.c; says what would be right when it is none.
 */
#ifndef COMMON_SETTINGS_VALUE_H
#define COMMON_SETTINGS_VALUE_H

#include "common/settings.h"

/*
 * Stores 'text' at 'into'; of SETTING_WORDS it replaces what is there by the
 * parts between commas.  -1 with "\"12x\" is no number; expected ..." in '*err'.
 */
int setting_store(const struct setting *setting, const char *text, void *into,
		  struct arena *arena, struct error *err);
/* Add one word, as it is, or all parts between commas; SETTING_WORDS only. */
void setting_add_word(const struct setting *setting, const char *word, void *into,
		      struct arena *arena);
void setting_add_words(const struct setting *setting, const char *text, void *into,
		       struct arena *arena);
/* "1 to 64", "a duration from 10ms to 5m", "one of: a, b", for help and hints; returns
 * 'text'. */
const char *setting_expects(const struct setting *setting, char *text, size_t room);
/* "FILE", "NUMBER": what stands for the value in help; "" of SETTING_BOOL. */
const char *setting_placeholder(const struct setting *setting);

#endif
