/* SPDX-License-Identifier: Apache-2.0 */
/* ja3: JA3 and JA3S, the fingerprints of hellos by their order. */
#include "sensor/dissect/ja3.h"

struct line {
	struct scratch *scratch;
	uint32_t start;
	bool is_first; /* of its list */
	bool is_full;
};

static void
put(struct line *line, const char *text, size_t size)
{
	char *at = line->is_full ? NULL : scratch_take(line->scratch, size);

	if (at)
		memcpy(at, text, size);
	else
		line->is_full = true;
}

static void
put_number(struct line *line, uint16_t number)
{
	char digits[6];
	size_t at = sizeof(digits);

	if (tls_is_grease(number))
		return;
	do
		digits[--at] = (char)('0' + number % 10);
	while ((number = number / 10) > 0);
	if (!line->is_first)
		digits[--at] = '-';
	put(line, digits + at, sizeof(digits) - at);
	line->is_first = false;
}

static void
next_list(struct line *line)
{
	put(line, ",", 1);
	line->is_first = true;
}

static void
put_extensions(struct line *line, struct bytes extensions)
{
	uint16_t type;
	struct bytes body;

	while (tls_extension_take(&extensions, &type, &body))
		put_number(line, type);
}

static struct line
begin(struct scratch *scratch, uint16_t version)
{
	struct line line = { .scratch = scratch,
			     .start = scratch->used,
			     .is_first = true };

	put_number(&line, version);
	next_list(&line);
	return line;
}

static struct text
end(struct line *line)
{
	if (line->is_full)
		line->scratch->used = line->start;
	return (struct text){ line->scratch->at + line->start,
			      line->scratch->used - line->start };
}

struct text
ja3_client(const struct tls_client_hello *hello, struct scratch *scratch)
{
	struct line line = begin(scratch, hello->legacy_version);
	struct bytes suites = hello->suites, groups = hello->groups,
		     formats = hello->formats;

	while (suites.left >= 2)
		put_number(&line, bytes_u16(&suites));
	next_list(&line);
	put_extensions(&line, hello->extensions);
	next_list(&line);
	while (groups.left >= 2)
		put_number(&line, bytes_u16(&groups));
	next_list(&line);
	while (formats.left > 0)
		put_number(&line, bytes_u8(&formats));
	return end(&line);
}

struct text
ja3_server(const struct tls_server_hello *hello, struct scratch *scratch)
{
	struct line line = begin(scratch, hello->legacy_version);

	put_number(&line, hello->suite);
	next_list(&line);
	put_extensions(&line, hello->extensions);
	return end(&line);
}
