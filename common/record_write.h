/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_write: a record as one line of canonical JSON, with privacy applied.
 *
 * Canonical: fields in the order of common/fields.def, no blanks, no line end.
 * PRIVACY_PSEUDONYM fields leave as HMAC-SHA-256/128 under the key, lower-case
 * hexadecimal, and sekisho.pseudonym_key says which; without a key they are left out.
 * PRIVACY_DROP fields are left out.  Every text must be valid UTF-8.
 */
#ifndef COMMON_RECORD_WRITE_H
#define COMMON_RECORD_WRITE_H

#include "common/record.h"

/*
 * A record is at most this many bytes.  One that would come near it loses its longest
 * lists and texts, whole, until it fits; each is named under sekisho.unobservable as
 * "truncated", and sekisho.truncated is true.
 */
enum { RECORD_SIZE_MAX = 65536 };

struct pseudonym_key; /* common/pseudonym.h */

/*
 * Writes into 'line', which has room for RECORD_SIZE_MAX bytes.  Returns the
 * bytes written (never 0).  'key' may be NULL.
 */
size_t record_write(const struct record *record, const struct pseudonym_key *key,
		    char *line);

#endif
