/* SPDX-License-Identifier: Apache-2.0 */
/* spool_keep: what the correlator has committed: kept for a grace, then deleted. */
#include "store/spool_private.h"

enum { DELETE_AT_ONCE = 256 };

void
spool_position(struct spool *spool, uint32_t number, uint64_t seq)
{
	struct spool_lane *lane;

	if (number >= spool->lanes)
		return;
	lane = &spool->lane[number];
	/* a position past what we ever gave out is somebody else's */
	if (seq >= lane->next_seq)
		seq = lane->next_seq - 1;
	if (seq != lane->committed)
		spool->is_dirty = true;
	lane->committed = seq;
}

/* Marks the position with 'now'; those above it belong to a correlator that was since
 * restored. */
static int
mark(struct spool *spool, uint32_t lane, struct instant now, struct error *err)
{
	int64_t seq = (int64_t)spool->lane[lane].committed;
	const int64_t value[] = { lane, seq, now.usec };

	if (spool->marked[lane] == (uint64_t)seq)
		return 0;
	if (spool_run(spool, spool_bind(spool, QUERY_MARK_BACK, value, 2), err) == -1 ||
	    spool_run(spool, spool_bind(spool, QUERY_MARK, value, 3), err) == -1)
		return -1;
	spool->marked[lane] = (uint64_t)seq;
	return 0;
}

static int
delete_due(struct spool *spool, uint32_t lane, struct instant now, struct error *err)
{
	const int64_t due[] = { lane, now.usec - spool->grace };
	int64_t value[] = { lane, 0 };
	int64_t id;
	int found = spool_ask(spool, spool_bind(spool, QUERY_MARK_DUE, due, 2),
			      &value[1], err);

	for (int i = 0; found == 1 && i < DELETE_AT_ONCE; i++) {
		found = spool_ask(spool,
				  spool_bind(spool, QUERY_COMMITTED_OLDEST, value, 2),
				  &id, err);
		if (found == 1 &&
		    spool_run(spool, spool_bind(spool, QUERY_DELETE, &id, 1), err) ==
			    -1)
			return -1;
	}
	if (found == 0) /* all that was due is gone */
		return spool_run(spool, spool_bind(spool, QUERY_MARK_FORGET, due, 2),
				 err);
	return found == -1 ? -1 : 0;
}

int
spool_clean(struct spool *spool, struct instant now, struct error *err)
{
	if (spool_begin(spool, err) == -1)
		return -1;
	for (uint32_t i = 0; i < spool->lanes; i++)
		if (mark(spool, i, now, err) == -1 ||
		    delete_due(spool, i, now, err) == -1) {
			spool_rollback(spool);
			return -1;
		}
	if (spool_commit(spool, err) == -1)
		return -1;
	return spool_run(spool, spool->query[QUERY_VACUUM], err);
}

int
spool_counters(struct spool *spool, struct spool_counters *counters, struct error *err)
{
	int64_t pages = 0, unused = 0;

	*counters = (struct spool_counters){ 0 };
	for (uint32_t i = 0; i < spool->lanes; i++) {
		const struct spool_lane *lane = &spool->lane[i];

		counters->waiting += lane->next_seq - 1 - lane->committed;
		counters->lost += lane->lost;
	}
	if (spool_ask(spool, spool_bind(spool, QUERY_PAGES, NULL, 0), &pages, err) ==
		    -1 ||
	    spool_ask(spool, spool_bind(spool, QUERY_FREE, NULL, 0), &unused, err) ==
		    -1)
		return -1;
	counters->bytes = (uint64_t)(pages - unused) * SPOOL_PAGE;
	return 0;
}
