/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pieces: cuts a stream into lines, or into messages that tell their size.
 *
 * A piece that lies whole in one segment is handed out where it lies; one
 * that does not is kept until it is whole.  Of one longer than 'most' the
 * first 'most' bytes are handed out, is_cut says so, and the rest is passed
 * over: a long piece is never read as the beginning of the next.
 */
#ifndef SENSOR_DISSECT_PIECES_H
#define SENSOR_DISSECT_PIECES_H

#include "sensor/dissect/kept.h"

/* One side of a stream, all zero at first. */
struct pieces {
	struct kept kept;
	uint64_t size;      /* of a line: bytes so far; of a message: of all of it */
	uint64_t skip;      /* bytes of the last message that are passed over */
	bool has_size;      /* of the message under way */
	bool is_cut;        /* the rest of the piece under way is passed over */
	bool is_handed_out; /* by the last call */
};

enum pieces_result {
	PIECES_NONE,  /* 'data' is used up; more, please */
	PIECES_ONE,   /* '*piece' holds until the next call */
	PIECES_BROKEN /* size_of said so */
};

struct piece {
	struct bytes data;
	uint64_t size; /* of all of it; more than data.left if is_cut */
	bool is_cut;   /* by 'most', or for want of memory */
};

#define PIECE_UNKNOWN UINT64_C(0)
#define PIECE_BROKEN  UINT64_MAX

/*
 * The next line without its end, LF or CR LF (RFC 5321 section 2.3.8, lenient).
 * Takes from 'data' what it uses.
 */
enum pieces_result pieces_line(struct pieces *pieces, struct kept_budget *budget,
			       struct bytes *data, uint32_t most, struct piece *piece);

/*
 * The next message.  size_of: the whole size of the message that begins with
 * 'first', header included; PIECE_UNKNOWN while the header is not whole;
 * PIECE_BROKEN if it is none.  'header_max': bytes after which size_of must
 * know; 'most' is at least so many.
 */
enum pieces_result pieces_message(struct pieces *pieces, struct kept_budget *budget,
				  uint64_t (*size_of)(struct bytes first),
				  uint32_t header_max, uint32_t most,
				  struct bytes *data, struct piece *piece);

/*
 * 'missing' bytes were not seen.  True if all of them lay in what is passed
 * over, so that the next message is still found; else all is forgotten.
 */
bool pieces_gap(struct pieces *pieces, struct kept_budget *budget, uint64_t missing);

/* Forgets what was under way: after a gap, or at the end. */
void pieces_release(struct pieces *pieces, struct kept_budget *budget);

#endif
