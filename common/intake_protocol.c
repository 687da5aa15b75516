/* SPDX-License-Identifier: Apache-2.0 */
/* intake_protocol: how a sensor's spool and the correlator speak over a stream. */
#include "common/intake_protocol.h"

#include <assert.h>
#include <string.h>

#include "common/text.h"

/* Where the next byte of a message goes; the callers' limits keep it inside. */
struct out {
	uint8_t *start, *at;
};

static void
put(struct out *out, uint64_t value, unsigned size)
{
	while (size-- > 0)
		*out->at++ = (uint8_t)(value >> (8 * size));
}

static void
put_text(struct out *out, const char *text, size_t limit)
{
	size_t size = strlen(text);

	assert(size <= limit);
	put(out, size, 1);
	memcpy(out->at, text, size);
	out->at += size;
}

static struct out
begin(uint8_t *room, enum intake_type type)
{
	struct out out = { room, room };

	put(&out, 0, 4);
	put(&out, type, 2);
	put(&out, 0, 2);
	return out;
}

/* Sets the body's size, now known; 'more' bytes follow that the caller sends itself. */
static size_t
end(struct out *out, size_t more)
{
	size_t size = (size_t)(out->at - out->start);

	out->at = out->start;
	put(out, size - INTAKE_HEADER_SIZE + more, 4);
	return size;
}

size_t
intake_write_hello(const struct intake_hello *hello, uint8_t room[INTAKE_SMALL_MAX])
{
	struct out out = begin(room, INTAKE_HELLO);

	assert(hello->lane_count <= INTAKE_LANES_MAX);
	put(&out, hello->version, 2);
	put_text(&out, hello->sensor, INTAKE_NAME_MAX);
	put_text(&out, hello->poi, INTAKE_NAME_MAX);
	put_text(&out, hello->epoch, INTAKE_EPOCH_SIZE);
	put(&out, hello->lane_count, 2);
	for (uint16_t i = 0; i < hello->lane_count; i++)
		put(&out, hello->lane[i], 4);
	return end(&out, 0);
}

size_t
intake_write_position(enum intake_type type, const struct intake_position *position,
		      uint8_t room[INTAKE_SMALL_MAX])
{
	struct out out = begin(room, type);

	assert(type == INTAKE_POSITION || type == INTAKE_COMMITTED);
	put(&out, position->lane, 4);
	put(&out, position->effects, 8);
	put(&out, position->checkpoint, 8);
	return end(&out, 0);
}

size_t
intake_write_heartbeat(const struct intake_heartbeat *beat,
		       uint8_t room[INTAKE_SMALL_MAX])
{
	struct out out = begin(room, INTAKE_HEARTBEAT);

	put(&out, (uint64_t)beat->now.usec, 8);
	put(&out, beat->waiting, 8);
	put(&out, beat->lost, 8);
	return end(&out, 0);
}

size_t
intake_write_refused(const struct intake_refused *refused,
		     uint8_t room[INTAKE_SMALL_MAX])
{
	struct out out = begin(room, INTAKE_REFUSED);

	put(&out, refused->code, 2);
	put_text(&out, refused->reason, INTAKE_REASON_MAX);
	return end(&out, 0);
}

size_t
intake_write_frame_head(uint64_t row, size_t frame_size,
			uint8_t room[INTAKE_FRAME_HEAD])
{
	struct out out = begin(room, INTAKE_FRAME);

	assert(frame_size + 8 <= INTAKE_BODY_MAX);
	put(&out, row, 8);
	return end(&out, frame_size);
}

int
intake_next(struct bytes *input, struct intake_header *header, struct bytes *body,
	    struct error *err)
{
	struct bytes ahead = *input;

	header->size = bytes_u32(&ahead);
	header->type = bytes_u16(&ahead);
	(void)bytes_u16(&ahead); /* reserved */
	if (!bytes_ok(&ahead))
		return 0;
	if (header->size > INTAKE_BODY_MAX)
		return error_set(err, "message of %u bytes; at most %d are allowed",
				 header->size, INTAKE_BODY_MAX);
	*body = bytes_window(&ahead, header->size);
	if (!bytes_ok(body))
		return 0;
	*input = ahead;
	return 1;
}

static uint64_t
take_u64(struct bytes *body)
{
	uint64_t high = bytes_u32(body);

	return high << 32 | bytes_u32(body);
}

/* False unless it is valid UTF-8 of 1 to 'limit' bytes. */
static bool
take_text(struct bytes *body, char *text, size_t limit)
{
	size_t size = bytes_u8(body);
	const uint8_t *at = bytes_take(body, size);

	if (at == NULL || size == 0 || size > limit || !text_is_valid(at, size))
		return false;
	memcpy(text, at, size);
	text[size] = '\0';
	return true;
}

static bool
is_epoch(const char *epoch)
{
	return strlen(epoch) == INTAKE_EPOCH_SIZE &&
	       strspn(epoch, "0123456789abcdef") == INTAKE_EPOCH_SIZE;
}

int
intake_read_hello(struct bytes body, struct intake_hello *hello, struct error *err)
{
	hello->version = bytes_u16(&body);
	if (!take_text(&body, hello->sensor, INTAKE_NAME_MAX) ||
	    !take_text(&body, hello->poi, INTAKE_NAME_MAX) ||
	    !take_text(&body, hello->epoch, INTAKE_EPOCH_SIZE) ||
	    !is_epoch(hello->epoch))
		return error_set(err, "HELLO has a bad sensor, poi or epoch");
	hello->lane_count = bytes_u16(&body);
	if (hello->lane_count == 0 || hello->lane_count > INTAKE_LANES_MAX)
		return error_set(err, "HELLO has %u lanes; 1 to %d are allowed",
				 hello->lane_count, INTAKE_LANES_MAX);
	for (uint16_t i = 0; i < hello->lane_count; i++)
		hello->lane[i] = bytes_u32(&body);
	return bytes_ok(&body) ? 0 : error_set(err, "HELLO ends early");
}

int
intake_read_position(struct bytes body, struct intake_position *position,
		     struct error *err)
{
	position->lane = bytes_u32(&body);
	position->effects = take_u64(&body);
	position->checkpoint = take_u64(&body);
	if (!bytes_ok(&body))
		return error_set(err, "POSITION ends early");
	/* seq is a signed integer in both stores */
	if (position->effects > INT64_MAX || position->checkpoint > position->effects)
		return error_set(err, "POSITION of lane %u is impossible",
				 position->lane);
	return 0;
}

int
intake_read_frame(struct bytes body, struct intake_frame *frame, struct error *err)
{
	frame->row = take_u64(&body);
	if (!bytes_ok(&body) || body.left < FRAME_HEADER_SIZE)
		return error_set(err, "FRAME ends early");
	frame->frame = body;
	return 0;
}

int
intake_read_heartbeat(struct bytes body, struct intake_heartbeat *beat,
		      struct error *err)
{
	beat->now.usec = (int64_t)take_u64(&body);
	beat->waiting = take_u64(&body);
	beat->lost = take_u64(&body);
	return bytes_ok(&body) ? 0 : error_set(err, "HEARTBEAT ends early");
}

int
intake_read_refused(struct bytes body, struct intake_refused *refused,
		    struct error *err)
{
	refused->code = bytes_u16(&body);
	if (!take_text(&body, refused->reason, INTAKE_REASON_MAX))
		return error_set(err, "REFUSED has no reason");
	return 0;
}
