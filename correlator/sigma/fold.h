/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold: texts without the difference of capital and small letters.
 *
 * Unicode simple case folding, so Cyrillic, Greek and full-width Latin compare
 * as a reader expects, and one character stays one character ('?' of a rule
 * counts characters).  Input is valid UTF-8, which texts of records and YAML are.
 */
#ifndef CORRELATOR_SIGMA_FOLD_H
#define CORRELATOR_SIGMA_FOLD_H

#include "common/text.h"

/* Room that fold_text may need for 'size' bytes: two bytes become three at worst. */
#define FOLD_ROOM(size) (2 * (size_t)(size) + 4)

uint32_t fold_point(uint32_t point);
/* Bytes written. */
size_t fold_text(struct text text, char *out);
/* The character at 'at'; returns its bytes. */
size_t fold_take(const char *at, uint32_t *point);
/* Writes a character (at most 4 bytes); returns its bytes. */
size_t fold_put(uint32_t point, char *out);

#endif
