/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather: a lane's ring entries, put together to frames.
 *
 * Copies entries out of the ring and checks what the worker may have put
 * there; it stays in the ring until gather_release.  A frame is due when it is
 * full (1000 records, or 256 KiB and at least 64 records) or 200 ms old.
 */
#ifndef SENSOR_GATHER_H
#define SENSOR_GATHER_H

#include "common/frame.h"
#include "sensor/share.h"

#define GATHER_AGE_MAX (INSTANT_SECOND / 5)
enum { GATHER_RECORDS_LEAST = 64, GATHER_RAW_ENOUGH = 1 << 18 };

struct gather {
	struct link link;
	struct ring_cursor cursor;   /* behind what was taken */
	struct ring_cursor appended; /* behind what stands in the spool's open transaction */
	struct frame_header header;  /* of the frame being put together; lane, first_seq, count, ... */
	char *raw;                   /* FRAME_RAW_MAX; header.raw_size of it are used */
	bool has_flows, has_note;
	bool note_appended;
	int64_t since; /* when its first record was taken */
	bool is_full;
};

/* 0, or -1 if there is no memory. */
int gather_init(struct gather *gather, struct link link, uint32_t lane);
void gather_free(struct gather *gather);
/* Begins anew with what is not released; the next record wanted is 'next_seq'. */
void gather_restart(struct gather *gather, uint64_t next_seq);
/*
 * Takes entries until the frame is full or the ring is empty.  Passes over what
 * a spool before us kept already.  False if the ring is damaged.
 */
bool gather_take(struct gather *gather, int64_t mono);
bool gather_is_due(const struct gather *gather, int64_t mono);
/* The frame was appended: the next begins behind it. */
void gather_appended(struct gather *gather);
/* All that was appended is committed: it leaves the ring, an answered note is closed. */
void gather_release(struct gather *gather);

#endif
