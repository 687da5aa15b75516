/* SPDX-License-Identifier: Apache-2.0 */
/* batch: gathers lines of one lane into frames for the engine and commits now and then.
 */
#include "tool/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "correlator/logs/tail.h"

struct batch *
batch_new(struct engine *engine)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		log_fatal("replay", "no memory for a frame");
	batch->engine = engine;
	return batch;
}

void
batch_free(struct batch *batch)
{
	free(batch);
}

static int
apply(struct batch *batch, struct error *err)
{
	if (batch->count == 0)
		return 0;
	if (engine_apply(batch->engine, batch->sensor, batch->epoch, batch->lane,
			 batch->first_seq, batch->count, batch->raw, batch->size,
			 err) == -1)
		return -1;
	batch->uncommitted += batch->count;
	batch->count = 0;
	batch->size = 0;
	if (batch->uncommitted < BATCH_COMMIT)
		return 0;
	batch->uncommitted = 0;
	return engine_commit(batch->engine, err);
}

/* A frame is of one lane and has no holes. */
static int
continues(const struct batch *batch, const char *sensor, const char *epoch,
	  uint32_t lane, uint64_t seq, size_t size)
{
	return batch->count > 0 && batch->count < FRAME_RECORDS_MAX &&
	       batch->size + size + 1 <= FRAME_RAW_MAX && batch->lane == lane &&
	       seq == batch->first_seq + batch->count &&
	       strcmp(batch->sensor, sensor) == 0 && strcmp(batch->epoch, epoch) == 0;
}

int
batch_add(struct batch *batch, const char *sensor, const char *epoch, uint32_t lane,
	  uint64_t seq, const char *line, size_t size, struct error *err)
{
	if (!continues(batch, sensor, epoch, lane, seq, size)) {
		if (apply(batch, err) == -1)
			return -1;
		snprintf(batch->sensor, sizeof(batch->sensor), "%s", sensor);
		snprintf(batch->epoch, sizeof(batch->epoch), "%s", epoch);
		batch->lane = lane;
		batch->first_seq = seq;
	}
	memcpy(batch->raw + batch->size, line, size);
	batch->raw[batch->size + size] = '\n';
	batch->size += size + 1;
	batch->count++;
	return 0;
}

int
batch_add_logs(struct batch *batch, struct store *store, const char *rules,
	       const struct words *logs, struct error *err)
{
	char folder[4096];
	int more = 1;

	if (logs->count == 0)
		return 0;
	if (apply(batch, err) == -1 || engine_commit(batch->engine, err) == -1)
		return -1;
	snprintf(folder, sizeof(folder), "%s/evidence", rules);
	struct log_mappings *mappings = log_mappings_load(folder, err);
	struct tails *tails = mappings != NULL ? tails_new(logs->word, logs->count,
							   mappings, store, err)
					       : NULL;
	while (tails != NULL && more == 1)
		more = tails_poll(tails, batch->engine, err);
	int result = tails == NULL || more == -1 ? -1 : 0;
	tails_free(tails);
	log_mappings_free(mappings);
	return result;
}

int
batch_finish(struct batch *batch, struct error *err)
{
	if (apply(batch, err) == -1)
		return -1;
	batch->uncommitted = 0;
	if (engine_end(batch->engine, err) == -1)
		return -1;
	return engine_commit(batch->engine, err);
}
