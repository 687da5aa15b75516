/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_protocol: how a sensor's spool and the correlator speak over a stream.
 *
 * Every message is a header of 8 bytes (body size u32, type u16, reserved u16
 * = 0), then the body; integers big-endian.  The conversation, its order and
 * its promises: docs/PROTOCOL.md.  A message of unknown type is skipped by its
 * size; bytes behind the known members of a body are skipped too, so either
 * side may be one minor step ahead.  Both sides are strangers to each other:
 * the readers below believe nothing.
 *
 *   sensor -> correlator: HELLO, FRAME, HEARTBEAT
 *   correlator -> sensor: POSITION, COMMITTED, REFUSED
 */
#ifndef COMMON_INTAKE_PROTOCOL_H
#define COMMON_INTAKE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"
#include "common/error.h"
#include "common/frame.h"

enum {
	INTAKE_VERSION = 1,
	INTAKE_HEADER_SIZE = 8,
	INTAKE_NAME_MAX = 64, /* bytes of sensor and poi */
	INTAKE_EPOCH_SIZE = 16,
	INTAKE_LANES_MAX = 64,
	INTAKE_REASON_MAX = 200,
	/* the largest body: FRAME with data that zstd could not make smaller */
	INTAKE_BODY_MAX = FRAME_RAW_MAX + FRAME_RAW_MAX / 128 + FRAME_HEADER_SIZE + 1024,
	/* room for any message but FRAME, header and all */
	INTAKE_SMALL_MAX = 1024,
	INTAKE_FRAME_HEAD = INTAKE_HEADER_SIZE + 8 /* header and row id, before the frame itself */
};

#define INTAKE_HEARTBEAT_INTERVAL INSTANT_SECOND       /* sensor sends one */
#define INTAKE_SILENCE_MAX (10 * INSTANT_SECOND)       /* without a HEARTBEAT, or a POSITION after HELLO: ended */
#define INTAKE_SOCKET_DEFAULT "/run/sekisho/intake.sock"

enum intake_type {
	INTAKE_HELLO = 1,
	INTAKE_POSITION = 2,
	INTAKE_FRAME = 3,
	INTAKE_HEARTBEAT = 4,
	INTAKE_COMMITTED = 5,
	INTAKE_REFUSED = 6
};

struct intake_header {
	uint32_t size; /* of the body */
	uint16_t type; /* enum intake_type, or one we do not know */
};

/* First message of a connection: u16 version, three texts (u8 size, bytes): sensor, poi, epoch; u16 count, u32 lanes. */
struct intake_hello {
	uint16_t version;
	char sensor[INTAKE_NAME_MAX + 1]; /* valid UTF-8, not empty */
	char poi[INTAKE_NAME_MAX + 1];
	char epoch[INTAKE_EPOCH_SIZE + 1]; /* lower-case hexadecimal */
	uint16_t lane_count;
	uint32_t lane[INTAKE_LANES_MAX];
};

/* POSITION (answer to HELLO, one for each of its lanes) and COMMITTED (after each commit): u32, u64, u64. */
struct intake_position {
	uint32_t lane;
	uint64_t effects;    /* P: every seq <= P is committed */
	uint64_t checkpoint; /* C <= P: the sensor may let go up to C, and resumes behind C */
};

/* u64 row, then a frame as common/frame.h has it. */
struct intake_frame {
	uint64_t row; /* never falls within a connection; for diagnosis only */
	struct bytes frame; /* borrows the message */
};

/* i64 wall clock, u64 records that wait for a commit, u64 records the spool let go since its epoch began. */
struct intake_heartbeat {
	struct instant now;
	uint64_t waiting;
	uint64_t lost;
};

/* u16 code, u8 size, text.  The correlator closes after it; the sensor tries again later. */
enum intake_refusal { INTAKE_REFUSED_VERSION = 1, INTAKE_REFUSED_BAD = 2, INTAKE_REFUSED_BUSY = 3 };
struct intake_refused {
	uint16_t code;
	char reason[INTAKE_REASON_MAX + 1]; /* valid UTF-8 */
};

/* Writers: a whole message into 'out'; the size written.  Names must be within their limits. */
size_t intake_write_hello(const struct intake_hello *hello, uint8_t out[INTAKE_SMALL_MAX]);
size_t intake_write_position(enum intake_type type, const struct intake_position *position,
			     uint8_t out[INTAKE_SMALL_MAX]);
size_t intake_write_heartbeat(const struct intake_heartbeat *beat, uint8_t out[INTAKE_SMALL_MAX]);
size_t intake_write_refused(const struct intake_refused *refused, uint8_t out[INTAKE_SMALL_MAX]);
/* What goes before the 'frame_size' bytes of the frame itself. */
size_t intake_write_frame_head(uint64_t row, size_t frame_size, uint8_t out[INTAKE_FRAME_HEAD]);

/*
 * Readers.  1 = a whole message stands at the front of 'input': it is taken,
 * '*header' filled, '*body' its window.  0 = more is needed, nothing taken.
 * -1 = the size is over INTAKE_BODY_MAX: end the connection.
 */
int intake_next(struct bytes *input, struct intake_header *header, struct bytes *body,
		struct error *err) __attribute__((warn_unused_result));

/* 0, or -1 with '*err' if the body is none of the kind. */
int intake_read_hello(struct bytes body, struct intake_hello *hello, struct error *err);
int intake_read_position(struct bytes body, struct intake_position *position, struct error *err);
int intake_read_frame(struct bytes body, struct intake_frame *frame, struct error *err);
int intake_read_heartbeat(struct bytes body, struct intake_heartbeat *beat, struct error *err);
int intake_read_refused(struct bytes body, struct intake_refused *refused, struct error *err);

#endif
