/* SPDX-License-Identifier: Apache-2.0 */
/* frame: 1 to 1000 records of one lane, compressed, as spool and wire carry them. */
#include "common/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { CODEC_NONE, CODEC_ZSTD, CODEC_COUNT };
enum { LEVEL = 1, VERSION = 1 };

static const char magic[4] = { 'S', 'K', 'F', '1' };

struct frame_codec {
	ZSTD_CCtx *pack;
	ZSTD_DCtx *open;
	uint8_t *frame; /* header and packed bytes */
	char *raw;      /* FRAME_RAW_MAX */
};

/* Packing never needs more than the raw bytes, as it then leaves them as they are. */
static const size_t frame_room = FRAME_HEADER_SIZE + FRAME_RAW_MAX;

struct frame_codec *
frame_codec_new(void)
{
	struct frame_codec *codec = calloc(1, sizeof(*codec));

	if (codec == NULL)
		return NULL;
	codec->pack = ZSTD_createCCtx();
	codec->open = ZSTD_createDCtx();
	codec->frame = malloc(frame_room);
	codec->raw = malloc(FRAME_RAW_MAX);
	if (codec->pack == NULL || codec->open == NULL || codec->frame == NULL ||
	    codec->raw == NULL) {
		frame_codec_free(codec);
		return NULL;
	}
	return codec;
}

void
frame_codec_free(struct frame_codec *codec)
{
	if (codec == NULL)
		return;
	ZSTD_freeCCtx(codec->pack);
	ZSTD_freeDCtx(codec->open);
	free(codec->frame);
	free(codec->raw);
	free(codec);
}

static uint8_t *
put(uint8_t *at, uint64_t value, unsigned size)
{
	while (size-- > 0)
		*at++ = (uint8_t)(value >> (8 * size));
	return at;
}

static void
write_header(const struct frame_header *header, uint8_t *at)
{
	memcpy(at, magic, sizeof(magic));
	at = put(at + sizeof(magic), header->version, 1);
	at = put(at, header->codec, 1);
	at = put(at, header->count, 2);
	at = put(at, header->raw_size, 4);
	at = put(at, header->packed_size, 4);
	at = put(at, header->lane, 4);
	at = put(at, header->first_seq, 8);
	at = put(at, (uint64_t)header->first.usec, 8);
	put(at, (uint64_t)header->last.usec, 8);
}

void
frame_pack(struct frame_codec *codec, struct frame_header *header, const char *raw,
	   const void **frame, size_t *size)
{
	uint8_t *packed = codec->frame + FRAME_HEADER_SIZE;

	assert(header->count >= 1 && header->count <= FRAME_RECORDS_MAX);
	assert(header->raw_size >= header->count && header->raw_size <= FRAME_RAW_MAX);
	size_t used = ZSTD_compressCCtx(codec->pack, packed, header->raw_size, raw,
					header->raw_size, LEVEL);
	header->version = VERSION;
	header->codec = CODEC_ZSTD;
	if (ZSTD_isError(used)) { /* it would have become larger */
		memcpy(packed, raw, header->raw_size);
		used = header->raw_size;
		header->codec = CODEC_NONE;
	}
	header->packed_size = (uint32_t)used;
	write_header(header, codec->frame);
	*frame = codec->frame;
	*size = FRAME_HEADER_SIZE + used;
}

static uint64_t
take_u64(struct bytes *bytes)
{
	uint64_t high = bytes_u32(bytes);

	return high << 32 | bytes_u32(bytes);
}

static int
check_header(const struct frame_header *header, struct error *err)
{
	if (header->version != VERSION)
		return error_set(err, "frame of version %u; expected %d",
				 header->version, VERSION);
	if (header->codec >= CODEC_COUNT)
		return error_set(err, "frame of unknown codec %u", header->codec);
	if (header->count == 0 || header->count > FRAME_RECORDS_MAX)
		return error_set(err, "frame of %u records; 1 to %d are allowed",
				 header->count, FRAME_RECORDS_MAX);
	if (header->raw_size < header->count || header->raw_size > FRAME_RAW_MAX)
		return error_set(err, "frame of %u bytes; at most %d are allowed",
				 header->raw_size, FRAME_RAW_MAX);
	if (header->packed_size == 0 || header->packed_size > header->raw_size)
		return error_set(err, "frame of %u bytes packed as %u",
				 header->raw_size, header->packed_size);
	/* seq is a signed integer in the stores */
	if (header->first_seq == 0 || header->first_seq > INT64_MAX - FRAME_RECORDS_MAX)
		return error_set(err, "frame has no possible first seq");
	if (instant_is_before(header->last, header->first))
		return error_set(err, "frame ends before it begins");
	return 0;
}

int
frame_read_header(struct bytes *bytes, struct frame_header *header, struct error *err)
{
	const uint8_t *mark = bytes_take(bytes, sizeof(magic));

	if (mark == NULL || memcmp(mark, magic, sizeof(magic)) != 0)
		return error_set(err, "no frame: it does not begin with SKF1");
	header->version = bytes_u8(bytes);
	header->codec = bytes_u8(bytes);
	header->count = bytes_u16(bytes);
	header->raw_size = bytes_u32(bytes);
	header->packed_size = bytes_u32(bytes);
	header->lane = bytes_u32(bytes);
	header->first_seq = take_u64(bytes);
	header->first.usec = (int64_t)take_u64(bytes);
	header->last.usec = (int64_t)take_u64(bytes);
	if (!bytes_ok(bytes))
		return error_set(err, "frame ends within its header");
	return check_header(header, err);
}

/* True if 'raw' is 'count' lines and ends with one. */
static bool
has_lines(const char *raw, size_t size, uint16_t count)
{
	size_t lines = 0;
	const char *end = raw + size;

	for (const char *at = raw; at < end; lines++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			return false;
		at = stop + 1;
	}
	return lines == count;
}

static int
unpack(struct frame_codec *codec, const struct frame_header *header,
       const uint8_t *packed, struct error *err)
{
	if (header->codec == CODEC_NONE) {
		if (header->packed_size != header->raw_size)
			return error_set(err, "frame has two sizes for the same bytes");
		memcpy(codec->raw, packed, header->raw_size);
		return 0;
	}
	size_t got = ZSTD_decompressDCtx(codec->open, codec->raw, header->raw_size,
					 packed, header->packed_size);
	if (ZSTD_isError(got))
		return error_set(err, "frame cannot be unpacked: %s",
				 ZSTD_getErrorName(got));
	if (got != header->raw_size)
		return error_set(err, "frame unpacks to %zu bytes and says %u", got,
				 header->raw_size);
	return 0;
}

int
frame_open(struct frame_codec *codec, const void *frame, size_t size,
	   struct frame_header *header, const char **raw, struct error *err)
{
	struct bytes bytes = bytes_over(frame, size);

	if (frame_read_header(&bytes, header, err) == -1)
		return -1;
	if (bytes.left != header->packed_size)
		return error_set(err, "frame holds %zu packed bytes and says %u",
				 bytes.left, header->packed_size);
	if (unpack(codec, header, bytes.at, err) == -1)
		return -1;
	if (!has_lines(codec->raw, header->raw_size, header->count))
		return error_set(err, "frame does not hold the %u lines it says",
				 header->count);
	*raw = codec->raw;
	return 0;
}
