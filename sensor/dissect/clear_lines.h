/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clear_lines: conversations in lines that may turn to TLS: SMTP, FTP, POP3, IMAP.
 *
 * Cuts both sides into lines, hands the same bytes to TLS, and stops reading
 * where TLS begins.  A protocol says what each line means.
 */
#ifndef SENSOR_DISSECT_CLEAR_LINES_H
#define SENSOR_DISSECT_CLEAR_LINES_H

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/tls_behind.h"

enum {
	LINE_MOST = 2048, /* bytes read of a line; the rest is passed over */
	LINES_PENDING =
		64, /* commands that wait for their replies; more are not told */
	LINES_NAME_MAX =
		128 /* bytes kept of a name of a person; what is longer is cut */
};

/* First in the state of each protocol; all zero at first but for client. */
struct clear_lines {
	const struct clear_protocol *protocol;
	struct behind_lane *lane;
	struct behind tls;
	struct pieces pieces[SIDES];
	uint64_t skip[SIDES]; /* bytes of no line that come next */
	bool is_lost[SIDES];  /* a gap: until the next line end */
	bool is_secure;       /* TLS has begun on a side */
	bool has_gap;
	int client; /* its side, -1 = not known yet */
	uint8_t pending[LINES_PENDING];
	uint32_t first, count;
	/* of the call under way */
	const struct dissect_out *out;
	struct instant at;
	const char *violation;
};

struct clear_protocol {
	const struct dissector *part; /* that finds its TLS */
	size_t size;                  /* of the state */
	/* 'line' without its end, cut at LINE_MOST. */
	void (*line)(struct clear_lines *lines, int side, struct bytes line);
	/* The flow is over: what is known. */
	void (*finish)(struct clear_lines *lines);
	/* NULL, or false while what the side says must not be taken for TLS. */
	bool (*may_turn)(const struct clear_lines *lines, int side);
};

/* For a dissector's row; begin_ takes the protocol too. */
void *clear_lines_begin(void *shared, const struct clear_protocol *protocol);
enum dissect_result clear_lines_feed(void *state, int side, struct bytes data,
				     struct instant at, const struct dissect_out *out);
enum dissect_result clear_lines_gap(void *state, int side, uint64_t missing,
				    struct instant at, const struct dissect_out *out);
void clear_lines_finish(void *state, struct instant at, const struct dissect_out *out);
void clear_lines_end(void *state);
const char *clear_lines_violation(const void *state);

void clear_lines_client_is(struct clear_lines *lines, int side);
/* Commands in their order; a reply takes the oldest, or 0 if none waits. */
void clear_lines_ask(struct clear_lines *lines, uint8_t command);
uint8_t clear_lines_answered(struct clear_lines *lines);
struct telling *clear_lines_telling(struct clear_lines *lines);

/* The next word; letters of ASCII are the same in both cases. */
struct bytes clear_lines_word(struct bytes *line);
bool clear_lines_is(struct bytes word, const char *name);
bool clear_lines_begins(struct bytes line, const char *with);
/* Is one of the words of the line 'name'? */
bool clear_lines_has(struct bytes line, const char *name);

/* clang-format off */
#define CLEAR_LINES_ROW                                                                \
	.feed = clear_lines_feed, .gap = clear_lines_gap,                              \
	.finish = clear_lines_finish, .end = clear_lines_end,                          \
	.violation = clear_lines_violation, .shared_new = behind_lane_new,             \
	.shared_free = behind_lane_free, .counters = dissect_lane_counters
/* clang-format on */

#endif
