/* SPDX-License-Identifier: Apache-2.0 */
/* correlating_parts: what the state of correlations is made of, for correlating*.c
 * only. */
#ifndef CORRELATOR_SIGMA_CORRELATING_PARTS_H
#define CORRELATOR_SIGMA_CORRELATING_PARTS_H

#include "correlator/sigma/correlating.h"
#include "correlator/sigma/sliding.h"

/* A lane that delivers to a stage. */
struct place {
	char sensor[CORRELATING_NAME_SIZE], epoch[CORRELATING_NAME_SIZE];
	uint32_t lane;
	int64_t time; /* 0: not known */
};

/* A record by the stage's places. */
struct cited {
	int64_t time;
	uint64_t seq;
	uint32_t place;
};

/* An event that waits, or is being taken. */
struct waiting {
	struct cited record;
	uint32_t correlation, step;
	uint64_t value;
	uint32_t key_size;
	char *key; /* owned */
};

/* One group of one correlation. */
struct kept_group {
	struct kept_group *next; /* of its slot */
	struct kept_group *older,
		*newer; /* of its correlation, by when an event came */
	uint64_t hash;
	uint32_t correlation, key_size;
	int64_t newest;  /* event */
	int64_t fired;   /* SLIDING_NEVER: not yet */
	bool is_holding; /* at its last event */
	uint8_t cited_count, cited_room;
	struct cited *cited; /* newest last */
	struct sliding sliding;
	char key[];
};

/* Groups of one correlation in a stage. */
struct kept_groups {
	struct kept_group *oldest, *newest;
	size_t count;
};

struct buffer {
	uint8_t *at;
	size_t size, room;
};

struct stage {
	char poi[CORRELATING_NAME_SIZE];
	int64_t watermark; /* what is not later is taken */
	int64_t taken;     /* greatest time of an event that was */
	size_t place_count, place_room;
	struct place *place;
	size_t waiting_count, waiting_room;
	struct waiting *waiting; /* a heap, the next first */
	size_t slots, group_count, bytes;
	struct kept_group **slot;
	struct kept_groups *of; /* one a correlation */
	struct buffer journal;
	size_t journaled, whole; /* bytes since, and of, the last whole one */
};

struct correlating {
	const struct sigma *sigma;
	struct correlating_limits limits;
	correlation_hit_sink *sink;
	void *ctx;
	size_t stage_count, last; /* last: of the last call */
	struct stage *stage[CORRELATING_STAGES_MAX];
	size_t bytes, groups, waiting;
	int64_t minute; /* that lanes have come to: the stage over all moves by it */
	uint64_t count[CORRELATING_COUNT_COUNT];
	bool is_replaying; /* nothing fires, nothing is journaled */
	struct digester *digester;
	struct buffer scratch;
};

/* NULL at the cap. */
struct stage *stage_find(struct correlating *correlating, const char *poi);
uint32_t stage_place(struct correlating *correlating, struct stage *stage,
		     const struct record_place *place);
/* Takes the event's key, and holds it back or gives it to its group. */
int stage_take(struct correlating *correlating, struct stage *stage, int64_t watermark,
	       struct waiting waiting);
/* Takes all that waits up to 'watermark'. */
int stage_move(struct correlating *correlating, struct stage *stage, int64_t watermark);

/* correlating_waiting.c: takes the key over; gives it away with the event. */
void waiting_hold(struct correlating *correlating, struct stage *stage,
		  struct waiting waiting);
struct waiting waiting_next(struct correlating *correlating, struct stage *stage);

/* correlating_groups.c: finds or makes; evicts at the caps. */
struct kept_group *group_take(struct correlating *correlating, struct stage *stage,
			      uint32_t correlation, const char *key, size_t size);
void group_free(struct correlating *correlating, struct stage *stage,
		struct kept_group *group);
void group_cite(struct correlating *correlating, struct stage *stage,
		struct kept_group *group, const struct cited *record);
void group_touch(struct stage *stage, struct kept_group *group);
/* 'group' has grown by so many bytes. */
void group_grown(struct correlating *correlating, struct stage *stage,
		 const struct kept_group *group, size_t bytes);

/* correlating_keep.c: a call, for the journal. */
void journal_place(struct stage *stage, const struct place *place);
void journal_event(const struct correlating *correlating, struct stage *stage,
		   int64_t watermark, const struct waiting *waiting);
void journal_move(struct stage *stage, int64_t watermark);

#endif
