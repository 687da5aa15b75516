/* SPDX-License-Identifier: Apache-2.0 */
/* batch: gathers lines of one lane into frames for the engine and commits now and then.
 */
#ifndef TOOL_BATCH_H
#define TOOL_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/frame.h"
#include "common/settings.h"
#include "correlator/engine.h"
#include "store/store.h"

enum { BATCH_COMMIT = 5000, BATCH_NAME_SIZE = 128 };

struct batch {
	struct engine *engine; /* borrowed */
	char sensor[BATCH_NAME_SIZE], epoch[BATCH_NAME_SIZE];
	uint32_t lane;
	uint64_t first_seq;
	uint16_t count;
	uint32_t uncommitted;
	size_t size;
	char raw[FRAME_RAW_MAX];
};

struct batch *batch_new(struct engine *engine);
void batch_free(struct batch *batch);
/* One line without its end, at most RECORD_SIZE_MAX bytes. */
int batch_add(struct batch *batch, const char *sensor, const char *epoch, uint32_t lane,
	      uint64_t seq, const char *line, size_t size, struct error *err);
/* Logs of other devices, "MAPPING=FILE" each, by the mappings of the rules' folder. */
int batch_add_logs(struct batch *batch, struct store *store, const char *rules,
		   const struct words *logs, struct error *err);
/* What is gathered is applied and committed. */
int batch_finish(struct batch *batch, struct error *err);

#endif
