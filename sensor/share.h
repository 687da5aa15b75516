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
#include "sensor/pipeline.h"

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

/* Before the line of an entry, which has no line end. */
struct share_head {
	int64_t time;   /* the record's */
	uint64_t order; /* of the packet that brought it about, see struct reading; or 0 */
};

enum { SHARE_ENTRY_MAX = sizeof(struct share_head) + RECORD_SIZE_MAX };

/* What is shown from outside; those of the spool last, in the first lane's share. */
enum share_count {
	SHARE_PACKETS,
	SHARE_BYTES,
	SHARE_FLOWS,
	SHARE_RECORDS,
	SHARE_INVALID,
	SHARE_EVICTED,
	SHARE_VIOLATIONS,
	SHARE_LOST_INTERFACE,
	SHARE_LOST_KERNEL,
	SHARE_LOST_WORKER,
	SHARE_LOST_OUTPUT,
	SHARE_SPOOL_BYTES,
	SHARE_SPOOL_WAITING,
	SHARE_SPOOL_LOST,
	SHARE_CONNECTED,
	SHARE_COUNTS
};

struct share {
	_Atomic uint64_t count[SHARE_COUNTS]; /* by worker or spool, now and then */
	_Atomic uint32_t state;
	/* written by the spool before SHARE_READY */
	char epoch[17];
	uint64_t first_seq; /* of the ring's entry 0 */
	int64_t last_time;  /* of the lane's newest record in the spool; 0: none */
	/* written by the worker */
	_Atomic int64_t last_tick;     /* 0: none yet */
	_Atomic uint64_t memory[PIPELINE_TABLES]; /* bytes, once it is at work */
	_Atomic uint64_t lost_output;  /* records the full ring had no room for */
	_Atomic uint32_t is_at_work;   /* since it was started last */
	_Atomic uint64_t done;         /* order of the last packet it is through with */
	/* written by the reader, if there is one */
	_Atomic uint64_t given;        /* order of the last packet it was given */
	_Atomic uint64_t lost_worker;  /* packets its full ring had no room for */
	/* what the spool had to let go, for the worker to report: one note at a time */
	_Atomic uint32_t note_is_open; /* set by the spool, cleared by it when answered */
	uint64_t note_count;
	int64_t note_first, note_last;
};

/*
 * What the one reader of a tap tells all.  It numbers packets and marks of
 * time, so that what comes of them can be put in one order again: a lane that
 * is done with all it was given will write nothing more of what was read.
 */
struct reading {
	_Atomic uint64_t order; /* of what is read; what stands before is given out */
	_Atomic uint32_t is_at_work;
	_Atomic uint64_t offered, kernel, interface; /* as struct capture_losses */
	_Atomic uint64_t astray; /* fragments that may not be at their flow's worker */
};

struct link {
	struct ring *ring;    /* worker -> spool or output */
	struct ring *packets; /* reader -> worker; NULL: it reads itself */
	struct share *share;
};

#endif
