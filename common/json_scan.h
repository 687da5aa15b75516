/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan: walk over untrusted JSON (RFC 8259) without ever leaving it.
 *
 * A cursor over memory it does not own.  What is asked for is either there,
 * and the cursor stands behind it, or the answer is false, 'wrong' says why
 * and 'at' where.  Strings must be UTF-8; names may repeat, which the caller
 * judges.  Nothing is allocated and nothing recurses.
 */
#ifndef COMMON_JSON_SCAN_H
#define COMMON_JSON_SCAN_H

#include "common/text.h"

enum { JSON_DEPTH_MAX = 64 }; /* nested deeper than this is refused */

struct json_scan {
	const char *at, *end;
	const char *wrong; /* NULL, or the reason, a literal */
	bool had_blanks;
};

struct json_string {
	struct text raw; /* between the quotes, borrowed */
	bool is_escaped; /* a backslash is in it */
};

struct json_number {
	uint64_t whole;
	bool is_whole; /* no sign, no fraction, no exponent, below 2^64 */
};

/* Passes blanks; the character that follows, or NUL at the end. */
static inline char
json_peek(struct json_scan *scan)
{
	for (; scan->at < scan->end; scan->at++) {
		char c = *scan->at;

		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return c;
		scan->had_blanks = true;
	}
	return '\0';
}

/* Passes blanks, then 'c', which is not NUL, if it is what follows. */
static inline bool
json_take(struct json_scan *scan, char c)
{
	if (json_peek(scan) != c)
		return false;
	scan->at++;
	return true;
}

/* As json_take, but it must be there. */
bool json_expect(struct json_scan *scan, char c, const char *wrong);

/* Behind an item: '*is_more' after a comma; false if neither that nor the end is there.
 */
bool json_next(struct json_scan *scan, char close, bool *is_more);

bool json_take_string(struct json_scan *scan, struct json_string *string);
bool json_number(struct json_scan *scan, struct json_number *number);
/* "true", "false", "null": passes it and says so if it is what follows. */
bool json_word(struct json_scan *scan, const char *word);
/* Any value, checked as strictly as those that are wanted. */
bool json_skip(struct json_scan *scan);

/*
 * Writes 'raw', which json_take_string has found good, without escapes; the result
 * is never longer.  '*has_nul' says whether U+0000 is in it.
 */
struct text json_unescape(struct text raw, char *out, bool *has_nul);

#endif
