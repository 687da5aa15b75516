/* SPDX-License-Identifier: Apache-2.0 */
/* hl7_fields: a segment's delimiters and fields, safe for Japanese text (ISO 2022). */
#include <ctype.h>
#include <string.h>

#include "sensor/dissect/hl7_state.h"

static bool
is_delimiter(uint8_t byte)
{
	return byte < 0x80 && ispunct(byte);
}

bool
hl7_delimiters_read(struct bytes *segment, struct hl7_delimiters *delimiters)
{
	enum { FEWEST = 1, MOST = 5 /* HL7 2.7 adds one for truncation */ };
	uint8_t separator = bytes_u8(segment);
	struct bytes encoding = hl7_field(segment, separator);

	if (!bytes_ok(segment) || !is_delimiter(separator) || encoding.left < FEWEST ||
	    encoding.left > MOST)
		return false;
	for (size_t i = 0; i < encoding.left; i++)
		if (!is_delimiter(encoding.at[i]) ||
		    memchr(encoding.at, encoding.at[i], i) != NULL)
			return false;
	delimiters->field = separator;
	delimiters->component = encoding.at[0];
	delimiters->repetition = encoding.left > 1 ? encoding.at[1] : separator;
	return true;
}

/* An escape sequence of ISO 2022 at 'from': its bytes, and whether what follows is no
 * ASCII. */
static size_t
escape(struct bytes from, bool *is_foreign)
{
	bytes_u8(&from);
	uint8_t kind = bytes_u8(&from), final = bytes_u8(&from);

	if (kind == '$' && (final == '@' || final == 'A' || final == 'B')) {
		*is_foreign = bytes_ok(&from);
		return 3;
	}
	if (kind == '$' && final == '(') {
		*is_foreign = bytes_take(&from, 1) != NULL;
		return 4;
	}
	if (kind == '(') {
		*is_foreign = bytes_ok(&from) && final != 'B' && final != 'J';
		return 3;
	}
	return 1;
}

struct bytes
hl7_field(struct bytes *rest, uint8_t delimiter)
{
	enum { ESCAPE = 0x1b };
	bool is_foreign = false;
	size_t size = 0;

	if (rest->left == 0)
		return *rest;
	while (size < rest->left && (is_foreign || rest->at[size] != delimiter)) {
		struct bytes from = bytes_over(rest->at + size, rest->left - size);
		size += rest->at[size] == ESCAPE ? escape(from, &is_foreign) : 1;
	}
	if (size > rest->left)
		size = rest->left;
	struct bytes field = bytes_window(rest, size);
	if (rest->left > 0)
		bytes_take(rest, 1);
	return field;
}

void
hl7_head_read(struct bytes segment, struct hl7_head *head)
{
	struct hl7_delimiters delimiters;

	*head = (struct hl7_head){ .last = 2 };
	if (!hl7_delimiters_read(&segment, &delimiters))
		return;
	while (segment.left > 0 && head->last + 1 < HL7_FIELDS)
		head->field[++head->last] = hl7_field(&segment, delimiters.field);
}
