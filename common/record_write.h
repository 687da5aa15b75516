/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_write: a record as one line of canonical JSON, with privacy applied.
 *
 * Canonical: fields in the order of common/fields.def, no blanks, no line end.
 * PRIVACY_PSEUDONYM fields leave as HMAC-SHA-256/128 under the key, lower-case
 * hexadecimal; without a key they are left out.  PRIVACY_DROP fields are left
 * out.  Every text must be valid UTF-8.
 */
#ifndef COMMON_RECORD_WRITE_H
#define COMMON_RECORD_WRITE_H

#include "common/record.h"

/* A record is at most this many bytes; what is longer loses its longest lists and is marked truncated. */
enum { RECORD_SIZE_MAX = 65536 };

struct pseudonym_key; /* common/pseudonym.h */

/*
 * Writes into 'line', which has room for RECORD_SIZE_MAX bytes.  Returns the
 * bytes written (never 0).  'key' may be NULL.
 */
size_t record_write(const struct record *record, const struct pseudonym_key *key, char *line);

#endif
