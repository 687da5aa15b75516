/* SPDX-License-Identifier: Apache-2.0 */
/* json_scan: walk over untrusted JSON (RFC 8259) without ever leaving it. */
#include "common/json_scan.h"

#include <endian.h>

#define ONES UINT64_C(0x0101010101010101)
#define TOPS (ONES << 7)

static bool
fail(struct json_scan *scan, const char *wrong)
{
	scan->wrong = wrong;
	return false;
}

bool
json_expect(struct json_scan *scan, char c, const char *wrong)
{
	return json_take(scan, c) || fail(scan, wrong);
}

bool
json_next(struct json_scan *scan, char close, bool *is_more)
{
	*is_more = json_take(scan, ',');
	return *is_more || json_expect(scan, close, "no comma or end after a value");
}

/* A top bit in each byte that is a quote, a backslash, a control character or not
 * ASCII. */
static uint64_t
marks_of(uint64_t word)
{
	uint64_t quote = word ^ ONES * '"', backslash = word ^ ONES * '\\';

	return (word | (word - ONES * ' ') | (quote - ONES) | (backslash - ONES)) &
	       TOPS;
}

/*
 * Passes what is nothing but plain ASCII, eight bytes at a time; the last few
 * bytes of the line may be left.  The lowest mark is exact: only what lies
 * above a marked byte can be marked by its borrow.
 */
static const char *
pass_plain(const char *at, const char *end)
{
	for (; end - at >= 8; at += 8) {
		uint64_t word, marks;

		memcpy(&word, at, sizeof(word));
		marks = marks_of(le64toh(word));
		if (marks != 0)
			return at + __builtin_ctzll(marks) / 8;
	}
	return at;
}

/* -1 if 'c' is no hexadecimal digit. */
static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits after \u, or -1. */
static int32_t
unit_at(const char *at, const char *end)
{
	int32_t unit = 0;

	if (end - at < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int digit = digit_of(at[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

static bool
is_high(int32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool
is_low(int32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Characters of the escape at 'at', which begins with a backslash; 0 if it is none. */
static size_t
escape_length(const char *at, const char *end)
{
	if (end - at < 2)
		return 0;
	if (at[1] != 'u')
		return memchr("\"\\/bfnrt", at[1], 8) != NULL ? 2 : 0;
	int32_t unit = unit_at(at + 2, end);
	if (unit < 0 || is_low(unit))
		return 0;
	if (!is_high(unit))
		return 6;
	/* the other half must follow at once (RFC 8259 section 7) */
	if (end - at < 12 || at[6] != '\\' || at[7] != 'u' ||
	    !is_low(unit_at(at + 8, end)))
		return 0;
	return 12;
}

bool
json_take_string(struct json_scan *scan, struct json_string *string)
{
	bool is_ascii = true;

	if (!json_expect(scan, '"', "no string where one must be"))
		return false;
	const char *start = scan->at, *at = start;
	string->is_escaped = false;
	for (;;) {
		at = pass_plain(at, scan->end);
		if (at == scan->end)
			return fail(scan, "a string does not end");
		if (*at == '"')
			break;
		if (*at == '\\') {
			size_t length = escape_length(at, scan->end);

			if (length == 0)
				return fail(scan, "a bad escape in a string");
			string->is_escaped = true;
			at += length;
			continue;
		}
		if ((unsigned char)*at < ' ')
			return fail(scan, "a control character in a string");
		if ((unsigned char)*at >= 0x80)
			is_ascii = false;
		at++;
	}
	string->raw = (struct text){ start, (uint32_t)(at - start) };
	if (!is_ascii && !text_is_valid(start, string->raw.size))
		return fail(scan, "a string is not UTF-8");
	scan->at = at + 1;
	return true;
}

static size_t
put_utf8(uint32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

/* The character an escape of 'length' stands for. */
static uint32_t
point_of(const char *at, const char *end, size_t length)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";

	if (length == 2) {
		const char *letter = memchr(letters, at[1], 5);
		return (uint32_t)(letter ? meant[letter - letters] : at[1]);
	}
	int32_t unit = unit_at(at + 2, end);
	if (length == 6)
		return (uint32_t)unit;
	return (uint32_t)(0x10000 + ((unit & 0x3ff) << 10) +
			  (unit_at(at + 8, end) & 0x3ff));
}

struct text
json_unescape(struct text raw, char *out, bool *has_nul)
{
	const char *at = raw.at, *end = raw.at + raw.size;
	size_t used = 0;

	*has_nul = false;
	while (at < end) {
		if (*at != '\\') {
			out[used++] = *at++;
			continue;
		}
		size_t length = escape_length(at, end);
		uint32_t point = point_of(at, end, length);
		*has_nul = *has_nul || point == 0;
		used += put_utf8(point, out + used);
		at += length;
	}
	return (struct text){ out, (uint32_t)used };
}

static bool
is_digit(const struct json_scan *scan)
{
	return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

static bool
pass_digits(struct json_scan *scan)
{
	if (!is_digit(scan))
		return fail(scan, "a digit is missing in a number");
	while (is_digit(scan))
		scan->at++;
	return true;
}

static bool
take_raw(struct json_scan *scan, char one, char other)
{
	if (scan->at == scan->end || (*scan->at != one && *scan->at != other))
		return false;
	scan->at++;
	return true;
}

/* What makes a number no whole one: fraction and exponent. */
static bool
pass_fraction(struct json_scan *scan, struct json_number *number)
{
	if (take_raw(scan, '.', '.')) {
		number->is_whole = false;
		if (!pass_digits(scan))
			return false;
	}
	if (take_raw(scan, 'e', 'E')) {
		number->is_whole = false;
		(void)take_raw(scan, '+', '-'); /* the sign may be left out */
		return pass_digits(scan);
	}
	return true;
}

bool
json_number(struct json_scan *scan, struct json_number *number)
{
	uint64_t whole = 0;

	json_peek(scan);
	number->is_whole = !take_raw(scan, '-', '-');
	const char *start = scan->at;
	for (; is_digit(scan); scan->at++) {
		uint64_t digit = (uint64_t)(*scan->at - '0');

		if (whole > (UINT64_MAX - digit) / 10)
			number->is_whole = false;
		whole = whole * 10 + digit;
	}
	number->whole = whole;
	if (scan->at == start)
		return fail(scan, "no value where one must be");
	if (*start == '0' && scan->at - start > 1)
		return fail(scan, "a number begins with 0");
	return pass_fraction(scan, number);
}

bool
json_word(struct json_scan *scan, const char *word)
{
	size_t size = strlen(word);

	json_peek(scan);
	if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size) != 0)
		return false;
	scan->at += size;
	return true;
}

/* A value that holds no other. */
static bool
skip_scalar(struct json_scan *scan)
{
	struct json_string string;
	struct json_number number;

	if (json_peek(scan) == '"')
		return json_take_string(scan, &string);
	if (json_word(scan, "true") || json_word(scan, "false") ||
	    json_word(scan, "null"))
		return true;
	return json_number(scan, &number);
}

static bool
skip_name(struct json_scan *scan)
{
	struct json_string name;

	return json_take_string(scan, &name) &&
	       json_expect(scan, ':', "no colon after a name");
}

/* The objects and lists that are open, by the character that ends each. */
struct nest {
	char closes[JSON_DEPTH_MAX];
	size_t depth;
};

/* Begins a value: opens objects and lists until one of them is empty or a scalar is
 * passed. */
static bool
skip_down(struct json_scan *scan, struct nest *nest)
{
	for (;;) {
		char close = json_peek(scan) == '{' ? '}' : ']';

		if (!json_take(scan, '{') && !json_take(scan, '['))
			return skip_scalar(scan);
		if (nest->depth == JSON_DEPTH_MAX)
			return fail(scan, "nested too deep");
		nest->closes[nest->depth++] = close;
		if (json_peek(scan) == close)
			return true; /* empty: skip_up ends it */
		if (close == '}' && !skip_name(scan))
			return false;
	}
}

/* Behind a value: ends what ends here; '*is_more' if another value follows a comma. */
static bool
skip_up(struct json_scan *scan, struct nest *nest, bool *is_more)
{
	*is_more = false;
	while (nest->depth > 0) {
		char close = nest->closes[nest->depth - 1];

		if (json_take(scan, close)) {
			nest->depth--;
			continue;
		}
		if (!json_expect(scan, ',', "no comma or end after a value"))
			return false;
		*is_more = true;
		return close == ']' || skip_name(scan);
	}
	return true;
}

bool
json_skip(struct json_scan *scan)
{
	struct nest nest = { .depth = 0 };
	bool is_more = true;

	while (is_more)
		if (!skip_down(scan, &nest) || !skip_up(scan, &nest, &is_more))
			return false;
	return true;
}
