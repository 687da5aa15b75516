/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hpack: unpacks the fields of HTTP/2 (RFC 7541), bounded.
 *
 * The dynamic table is kept as the sender keeps it, but of a value only what
 * the reader says it is worth: no cookie and no credential stays in it.
 */
#ifndef SENSOR_DISSECT_HPACK_H
#define SENSOR_DISSECT_HPACK_H

#include "sensor/dissect/kept.h"

enum {
	HPACK_TABLE_MAX = 64 << 10, /* bytes a sender's table may have, as RFC 7541
				       section 4.1 counts */
	HPACK_NAME_MAX = 256,       /* bytes kept of a name; the rest is left out */
	HPACK_VALUE_MAX = 4096      /* bytes kept of a value; the rest is left out */
};

struct hpack_entry;

/* One direction; all zero but for what hpack_begin sets. */
struct hpack {
	struct kept_budget *budget; /* borrowed */
	struct hpack_entry **ring;  /* owned; newest at 'first' */
	uint32_t room, first, count;
	size_t size, most; /* bytes, as the RFC counts them */
};

enum hpack_result {
	HPACK_OK,
	HPACK_BROKEN,   /* RFC 7541 forbids it */
	HPACK_OVERFLOW, /* a number that is too large */
	HPACK_LIMIT     /* a larger table than ours, or no memory */
};

struct hpack_reader {
	void *ctx;
	void (*field)(void *ctx, struct bytes name, struct bytes value);
	/* How many bytes of the value are worth keeping for later. */
	size_t (*worth)(struct bytes name, struct bytes value);
};

void hpack_begin(struct hpack *hpack, struct kept_budget *budget);
void hpack_release(struct hpack *hpack);
/* A whole block.  After anything but HPACK_OK the table is of no use any more. */
enum hpack_result hpack_read(struct hpack *hpack, struct bytes block,
			     const struct hpack_reader *reader);

#endif
