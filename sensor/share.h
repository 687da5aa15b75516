/* SPDX-License-Identifier: Apache-2.0 */
/*
 * share: what parent, worker and spool of one lane tell each other, in shared memory.
 *
 * The spool says where the seqs go on; the worker numbers its records from
 * there; the ring's index says how far it got, whoever dies.  Made by the
 * parent before it forks.
 */
#ifndef SENSOR_SHARE_H
#define SENSOR_SHARE_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/ring.h"
#include "common/record_write.h"

enum share_state {
	SHARE_FRESH, /* the spool has not said yet where the seqs go on */
	SHARE_READY,
	SHARE_BROKEN /* the worker's ring holds what no worker of ours writes: end it */
};

/* Tags of the ring's entries. */
enum share_tag {
	SHARE_EVIDENCE,
	SHARE_FLOW, /* a flow summary: what a full spool lets go first */
	SHARE_NOTE, /* the coverage record that answers the open note */
	SHARE_TAGS
};

/* An entry is the record's time, then its line without line end. */
enum { SHARE_TIME_SIZE = 8, SHARE_ENTRY_MAX = SHARE_TIME_SIZE + RECORD_SIZE_MAX };

struct share {
	_Atomic uint32_t state;
	/* written by the spool before SHARE_READY */
	char epoch[17];
	uint64_t first_seq; /* of the ring's entry 0 */
	int64_t last_time;  /* of the lane's newest record in the spool; 0: none */
	/* written by the worker */
	_Atomic int64_t last_tick;     /* 0: none yet */
	_Atomic uint64_t memory;       /* bytes of its tables, once it is at work */
	_Atomic uint64_t lost_output;  /* records the full ring had no room for */
	/* what the spool had to let go, for the worker to report: one note at a time */
	_Atomic uint32_t note_is_open; /* set by the spool, cleared by it when answered */
	uint64_t note_count;
	int64_t note_first, note_last;
};

struct link {
	struct ring *ring;
	struct share *share;
};

#endif
