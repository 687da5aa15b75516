/* SPDX-License-Identifier: Apache-2.0 */
/* soap_multipart: the root part of a multipart/related content, as it comes. */
#include "sensor/dissect/soap_multipart.h"

#include <string.h>

#include "sensor/dissect/http_texts.h"

/* Without the brackets a Content-ID has. */
static struct bytes
bare_id(struct bytes id)
{
	id = http_trim(id);
	if (id.left >= 2 && id.at[0] == '<' && id.at[id.left - 1] == '>')
		return bytes_over(id.at + 1, id.left - 2);
	return id;
}

bool
soap_multipart_begin(struct soap_multipart *multipart, struct bytes type)
{
	struct bytes boundary = http_parameter(type, "boundary");
	struct bytes start = bare_id(http_parameter(type, "start"));

	memset(multipart, 0, sizeof(*multipart));
	if (boundary.left == 0 || boundary.left > MULTIPART_BOUNDARY_MAX)
		return false;
	memcpy(multipart->mark, "\r\n--", 4);
	memcpy(multipart->mark + 4, boundary.at, boundary.left);
	multipart->mark_size = (uint8_t)(4 + boundary.left);
	multipart->matched = 2; /* the first needs no line end before it */
	if (start.left > 0 && start.left <= MULTIPART_ID_MAX) {
		memcpy(multipart->start, start.at, start.left);
		multipart->start_size = (uint8_t)start.left;
	}
	return true;
}

/* A whole line of a part's head. */
static void
take_head_line(struct soap_multipart *multipart)
{
	struct bytes line = bytes_over(multipart->line, multipart->line_size);

	multipart->line_size = 0;
	if (http_trim(line).left == 0) {
		multipart->phase =
			multipart->is_other ? MULTIPART_OTHER : MULTIPART_ROOT;
		multipart->matched = 0;
		return;
	}
	struct bytes name = http_until(&line, ':');
	if (multipart->start_size == 0 || !http_is(http_trim(name), "content-id"))
		return;
	line = bare_id(line);
	multipart->is_other = line.left != multipart->start_size ||
			      memcmp(line.at, multipart->start, line.left) != 0;
}

/* The rest of the boundary's line, or a line of the head. */
static void
take_line_byte(struct soap_multipart *multipart, uint8_t byte)
{
	if (multipart->phase == MULTIPART_MARK) {
		if (multipart->behind++ < 2)
			multipart->is_end = byte == '-' && (multipart->behind == 1 ||
							    multipart->is_end);
		if (multipart->is_end && multipart->behind >= 2)
			multipart->phase = MULTIPART_OVER;
		else if (byte == '\n')
			multipart->phase = MULTIPART_HEAD;
		multipart->behind = multipart->behind > 2 ? 3 : multipart->behind;
		return;
	}
	if (multipart->line_size < sizeof(multipart->line) && byte != '\n')
		multipart->line[multipart->line_size++] = (char)byte;
	if (byte == '\n')
		take_head_line(multipart);
}

static void
begin_part(struct soap_multipart *multipart)
{
	bool was_root = multipart->phase == MULTIPART_ROOT;

	multipart->phase = was_root ? MULTIPART_OVER : MULTIPART_MARK;
	multipart->behind = multipart->line_size = 0;
	multipart->is_other = multipart->is_end = false;
}

/*
 * Content up to a boundary.  The boundary's own first byte, CR, is nowhere
 * else in it, so what was matched in vain can only begin anew at a CR.
 */
static void
take_content(struct soap_multipart *multipart, struct bytes *data,
	     void (*take)(void *ctx, struct bytes part), void *ctx)
{
	bool is_root = multipart->phase == MULTIPART_ROOT;
	uint8_t matched = multipart->matched;

	if (matched == 0) {
		const uint8_t *cr = memchr(data->at, '\r', data->left);
		struct bytes part =
			bytes_window(data, cr ? (size_t)(cr - data->at) : data->left);
		if (is_root && part.left > 0)
			take(ctx, part);
		if (data->left == 0)
			return;
	}
	if (data->at[0] == (uint8_t)multipart->mark[matched]) {
		bytes_take(data, 1);
		multipart->matched++;
		if (multipart->matched == multipart->mark_size)
			begin_part(multipart);
		return;
	}
	multipart->matched = 0;
	if (is_root && matched > 0)
		take(ctx, bytes_over(multipart->mark, matched));
}

void
soap_multipart_feed(struct soap_multipart *multipart, struct bytes data,
		    void (*take)(void *ctx, struct bytes part), void *ctx)
{
	while (data.left > 0 && multipart->phase != MULTIPART_OVER) {
		if (multipart->phase == MULTIPART_MARK ||
		    multipart->phase == MULTIPART_HEAD)
			take_line_byte(multipart, bytes_u8(&data));
		else
			take_content(multipart, &data, take, ctx);
	}
}
