/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool: frames on disk until the correlator has committed them, and a grace longer.
 *
 * One SQLite file, one process.  What spool_commit has returned for survives
 * a kill and a power cut.  A lane's seqs run from 1 without a hole over all
 * restarts, as long as the file lives; its epoch, random, names that life.
 *
 * The file never grows past 'size_max' (its write-ahead log, a few MiB, stands
 * beside it).  At 7/8 of it, the soft limit, go in this order: frames that
 * wait out their grace; flow summaries, oldest frame first (their lines become
 * empty, so that the seqs stay whole); then whole frames, oldest first.  What
 * the correlator has been sent and not yet committed goes last of all.  Every
 * record that goes is counted in its lane, for a coverage record to tell.
 */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/frame.h"
#include "common/instant.h"

enum { SPOOL_LANES_MAX = 64, SPOOL_EPOCH_SIZE = 17 };
#define SPOOL_SIZE_MIN ((uint64_t)1 << 20)

struct spool_config {
	const char *path;
	const char *sensor; /* a spool of another sensor is refused */
	uint64_t size_max;  /* bytes, at least SPOOL_SIZE_MIN */
	int64_t grace;      /* microseconds a committed frame is kept */
	uint32_t lanes;     /* lanes 0 to lanes - 1 are written; 1 to SPOOL_LANES_MAX */
};

struct spool;

/* Makes the file and its epoch if it is new.  NULL on failure. */
struct spool *spool_open(const struct spool_config *config, struct error *err);
/* Takes NULL.  What was appended and not committed is gone. */
void spool_close(struct spool *spool);

const char *spool_epoch(const struct spool *spool);

/* The configured lanes, or more if the file holds more from before. */
uint32_t spool_lane_count(const struct spool *spool);

struct spool_lane {
	uint64_t next_seq;
	struct instant last; /* of the newest record; 0 if there was none */
	uint64_t committed;  /* the correlator's checkpoint */
	uint64_t lost;       /* records let go at the limit since the epoch began */
	uint64_t untold;     /* of these, what spool_told was not called for */
	struct instant untold_first, untold_last;
};
const struct spool_lane *spool_lane(const struct spool *spool, uint32_t lane);

/*
 * Adds a frame to the open transaction (and opens one).  header->first_seq
 * must be the lane's next_seq.  'has_flows': it holds flow summaries.  -1 if
 * the file cannot take it; then call spool_rollback, and try later.
 */
int spool_append(struct spool *spool, struct frame_header *header, const char *raw,
		 bool has_flows, struct error *err);
/* A coverage record in the open transaction tells of 'count' lost records of the lane. */
void spool_told(struct spool *spool, uint32_t lane, uint64_t count);
int spool_commit(struct spool *spool, struct error *err);
void spool_rollback(struct spool *spool);

struct spool_row {
	int64_t id; /* rises from frame to frame */
	uint32_t lane;
	uint64_t first_seq, last_seq;
	const void *frame; /* borrowed until the next call on the spool */
	size_t size;
};

/* The oldest frame with an id above 'after' that is not committed.  1, or 0 if there is none. */
int spool_next(struct spool *spool, int64_t after, struct spool_row *row, struct error *err);
/* Frames up to this id are on their way to the correlator; 0 = none is. */
void spool_sent(struct spool *spool, int64_t id);

/* The correlator's checkpoint of the lane; a lower one than before takes frames back out of their grace. */
void spool_position(struct spool *spool, uint32_t lane, uint64_t seq);
/* Now and then, say each second: writes positions down, deletes what outlived its grace, gives space back. */
int spool_clean(struct spool *spool, struct instant now, struct error *err);

struct spool_counters {
	uint64_t waiting; /* records without a commit yet, let go ones too */
	uint64_t lost;    /* records let go since the epoch began, all lanes */
	uint64_t bytes;   /* of the file in use */
};
int spool_counters(struct spool *spool, struct spool_counters *counters, struct error *err);

#endif
