/* SPDX-License-Identifier: Apache-2.0 */
/* engine_parts: what the engine is made of, for engine.c and hear.c only. */
#ifndef CORRELATOR_ENGINE_PARTS_H
#define CORRELATOR_ENGINE_PARTS_H

#include <stdbool.h>

#include "common/record_read.h"
#include "correlator/correlations.h"
#include "correlator/coverage.h"
#include "correlator/drafts.h"
#include "correlator/engine.h"
#include "correlator/engine_counts.h"
#include "correlator/episodes.h"
#include "correlator/lanes.h"
#include "correlator/ledger.h"
#include "correlator/settle.h"
#include "correlator/summaries.h"
#include "correlator/tally.h"
#include "correlator/trust/vouch.h"
#include "correlator/verdicts.h"

struct engine {
	const struct inventory *inventory;
	const struct policy *policy;
	struct store *store;
	struct record_reader *reader, *second_reader; /* the second: lines that waited */
	struct lanes *lanes;
	struct coverage *coverage;
	struct tallies *tallies;
	struct episodes *episodes;
	struct summaries *summaries;
	struct ledger *ledger;
	struct drafts *drafts; /* NULL: none */
	struct vouch *vouch;   /* NULL: no anchors */
	struct settle *settle; /* NULL: nobody waits for evidence */
	struct correlations *correlations; /* NULL: the set has none */
	struct touched touched;
	struct engine_counts counts;
	uint64_t findings;
	int64_t watermark;    /* as verdicts and alerts know it: of the last frame */
	int64_t committed;    /* the same at the last commit */
	int64_t first_judged; /* least time of a record judged since the last commit */
	bool has_changes, is_replay;
	bool is_sweeping; /* silent ones are still to be looked for */
};

static inline struct judging
judging_of(const struct engine *engine)
{
	return (struct judging){ .inventory = engine->inventory,
				 .policy = engine->policy,
				 .coverage = engine->coverage,
				 .store = engine->store,
				 .watermark = engine->watermark };
}

/* One line's way through the stages: read, kept, timed, judged.  -1 if the store fails.
 */
int hear_line(struct engine *engine, struct lane *lane, uint64_t seq, const char *line,
	      size_t size, struct error *err);

#endif
