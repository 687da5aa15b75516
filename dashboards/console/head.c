/* SPDX-License-Identifier: Apache-2.0 */
/* head: is this request head one that every server on its way reads alike? */
#include "dashboards/console/head.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct span {
	const char *at;
	size_t size;
};

struct seen {
	int hosts, lengths, fields;
	size_t body;
};

static const char *const fault_names[HEAD_FAULT_COUNT] = {
	[HEAD_OK] = "ok",     [HEAD_LINE] = "head",       [HEAD_METHOD] = "method",
	[HEAD_PATH] = "path", [HEAD_VERSION] = "version", [HEAD_FIELD] = "header",
	[HEAD_HOST] = "host", [HEAD_LENGTH] = "length",   [HEAD_ENCODING] = "encoding",
	[HEAD_SIZE] = "size", [HEAD_BODY] = "body",       [HEAD_BUSY] = "busy",
};

const char *
head_fault_name(enum head_fault fault)
{
	return fault_names[fault];
}

size_t
head_length(const char *data, size_t size)
{
	const char *end = memmem(data, size, "\r\n\r\n", 4);

	return end == NULL ? 0 : (size_t)(end - data) + 4;
}

static bool
is_word(struct span span, const char *word)
{
	return span.size == strlen(word) && memcmp(span.at, word, span.size) == 0;
}

static bool
is_name(struct span span, const char *name)
{
	return span.size == strlen(name) && strncasecmp(span.at, name, span.size) == 0;
}

/* Up to 'end', which is taken too; false if it is not there. */
static bool
take_until(struct span *rest, const char *end, struct span *taken)
{
	size_t size = strlen(end);
	const char *found = memmem(rest->at, rest->size, end, size);

	if (found == NULL)
		return false;
	*taken = (struct span){ rest->at, (size_t)(found - rest->at) };
	rest->at = found + size;
	rest->size -= taken->size + size;
	return true;
}

/* An escape that would become part of the path's structure: NUL, dot, slash, backslash.
 */
static bool
is_odd_escape(const char *at, size_t size)
{
	static const char *const odd[] = { "00", "2e", "2f", "5c" };

	if (size < 3)
		return true;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (strncasecmp(at + 1, odd[i], 2) == 0)
			return true;
	return strspn(at + 1, "0123456789abcdefABCDEF") < 2;
}

static bool
is_path(struct span path)
{
	if (path.size == 0 || path.at[0] != '/')
		return false;
	for (size_t i = 0; i < path.size; i++) {
		unsigned char c = (unsigned char)path.at[i];
		if (c <= ' ' || c >= 0x7f || strchr("\\<>\"{}|^`#", c) != NULL)
			return false;
		if (c == '%' && is_odd_escape(path.at + i, path.size - i))
			return false;
	}
	return memmem(path.at, path.size, "//", 2) == NULL &&
	       memmem(path.at, path.size, "/.", 2) == NULL;
}

static bool
is_query(struct span query)
{
	for (size_t i = 0; i < query.size; i++) {
		unsigned char c = (unsigned char)query.at[i];
		if (c <= ' ' || c >= 0x7f || c == '#')
			return false;
		if (c == '%' &&
		    (query.size - i < 3 ||
		     strspn(query.at + i + 1, "0123456789abcdefABCDEF") < 2 ||
		     (query.at[i + 1] == '0' && query.at[i + 2] == '0')))
			return false;
	}
	return true;
}

static enum head_fault
check_line(struct span line)
{
	struct span method, target;

	if (!take_until(&line, " ", &method) || !take_until(&line, " ", &target))
		return HEAD_LINE;
	if (!is_word(method, "GET") && !is_word(method, "POST") &&
	    !is_word(method, "HEAD"))
		return HEAD_METHOD;
	const char *mark = memchr(target.at, '?', target.size);
	size_t path = mark == NULL ? target.size : (size_t)(mark - target.at);
	if (!is_path((struct span){ target.at, path }) ||
	    !is_query((struct span){ target.at + path, target.size - path }))
		return HEAD_PATH;
	return is_word(line, "HTTP/1.1") || is_word(line, "HTTP/1.0") ? HEAD_OK
								      : HEAD_VERSION;
}

static bool
is_token(struct span name)
{
	for (size_t i = 0; i < name.size; i++) {
		unsigned char c = (unsigned char)name.at[i];
		if (c <= ' ' || c >= 0x7f || strchr("()<>@,;:\\\"/[]?={}", c) != NULL)
			return false;
	}
	return name.size > 0;
}

/* Field content: no control characters but tab (RFC 9110 section 5.5). */
static bool
is_content(struct span value)
{
	for (size_t i = 0; i < value.size; i++) {
		unsigned char c = (unsigned char)value.at[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static struct span
trim(struct span value)
{
	while (value.size > 0 && (value.at[0] == ' ' || value.at[0] == '\t')) {
		value.at++;
		value.size--;
	}
	while (value.size > 0 &&
	       (value.at[value.size - 1] == ' ' || value.at[value.size - 1] == '\t'))
		value.size--;
	return value;
}

static enum head_fault
check_length(struct span value, struct seen *seen)
{
	if (++seen->lengths > 1 || value.size == 0)
		return HEAD_LENGTH;
	seen->body = 0;
	for (size_t i = 0; i < value.size; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return HEAD_LENGTH;
		if (seen->body <= BODY_SIZE_MAX)
			seen->body = seen->body * 10 + (size_t)(value.at[i] - '0');
	}
	return seen->body > BODY_SIZE_MAX ? HEAD_BODY : HEAD_OK;
}

static enum head_fault
check_host(struct span value, struct seen *seen)
{
	if (++seen->hosts > 1 || value.size == 0 || value.size > 255)
		return HEAD_HOST;
	for (size_t i = 0; i < value.size; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456"
			   "789.-:[]_",
			   value.at[i]) == NULL)
			return HEAD_HOST;
	return HEAD_OK;
}

static enum head_fault
check_field(struct span line, struct seen *seen)
{
	struct span name;

	if (++seen->fields > HEAD_FIELDS_MAX || !take_until(&line, ":", &name) ||
	    !is_token(name) || !is_content(line))
		return HEAD_FIELD;
	if (is_name(name, "content-length"))
		return check_length(trim(line), seen);
	if (is_name(name, "host"))
		return check_host(trim(line), seen);
	if (is_name(name, "transfer-encoding") || is_name(name, "expect"))
		return HEAD_ENCODING;
	return HEAD_OK;
}

enum head_fault
head_check(const char *head, size_t size, size_t *body)
{
	struct span rest = { head, size }, line;
	struct seen seen = { 0 };

	*body = 0;
	if (!take_until(&rest, "\r\n", &line))
		return HEAD_LINE;
	enum head_fault fault = check_line(line);
	while (fault == HEAD_OK && take_until(&rest, "\r\n", &line) && line.size > 0)
		fault = check_field(line, &seen);
	if (fault == HEAD_OK && seen.hosts != 1)
		fault = HEAD_HOST;
	*body = seen.body;
	return fault;
}
