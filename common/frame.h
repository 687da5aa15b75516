/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame: 1 to 1000 records of one lane, compressed, as spool and wire carry them.
 *
 * Layout, big-endian: magic "SKF1", version u8 = 1, codec u8 (0 none, 1 zstd),
 * count u16, raw size u32 (<= 4 MiB), packed size u32, lane u32, first seq
 * u64, first time i64 and last time i64 (microseconds), then the packed
 * bytes: the records' lines, each ended by '\n'.  An empty line keeps the
 * seq of a record that a full spool let go; it is passed over, it is no error.
 * Sensor and epoch are the connection's and the spool's.  A frame is input
 * from outside: frame_open believes nothing; 'raw' has exactly 'count' lines.
 */
#ifndef COMMON_FRAME_H
#define COMMON_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"
#include "common/error.h"
#include "common/instant.h"

enum {
	FRAME_HEADER_SIZE = 44,
	FRAME_RECORDS_MAX = 1000,
	FRAME_RAW_MAX = 4 << 20
};

struct frame_header {
	uint8_t version, codec;
	uint16_t count;
	uint32_t raw_size, packed_size;
	uint32_t lane;
	uint64_t first_seq; /* records are first_seq .. first_seq + count - 1 */
	struct instant first, last;
};

struct frame_codec; /* zstd contexts and a buffer, reused */
struct frame_codec *frame_codec_new(void);
void frame_codec_free(struct frame_codec *codec);

/*
 * Packs 'raw' (lines) under 'header', whose codec and packed_size it fills.
 * '*frame' borrows the codec until its next call.  Never fails for valid headers.
 */
void frame_pack(struct frame_codec *codec, struct frame_header *header, const char *raw,
		const void **frame, size_t *size);

/* Reads the header alone.  0, or -1 with a reason. */
int frame_read_header(struct bytes *bytes, struct frame_header *header, struct error *err);

/* Header and lines of a whole frame.  '*raw' borrows the codec until its next call. */
int frame_open(struct frame_codec *codec, const void *frame, size_t size,
	       struct frame_header *header, const char **raw, struct error *err);

#endif
