/* SPDX-License-Identifier: Apache-2.0 */
/* replay: 'sekisho replay': captures or records through all stages in one process. */
#ifndef TOOL_REPLAY_H
#define TOOL_REPLAY_H

#include <stdbool.h>
#include <stdio.h>

#include "common/error.h"
#include "common/record.h"
#include "tool/batch.h"
#include "tool/command.h"

command_run command_replay;

enum { REPLAY_EPOCH_SIZE = 17 };

/* What was put in, beside what the store says of it. */
struct replay_counts {
	uint64_t files, packets, bytes, flows, records, refused;
	uint64_t invalid, not_ip, fragments, evicted, violations;
	uint64_t of_event[EVENT_COUNT];
};

/* One run over the files. */
struct replay {
	const char *sensor,
		*poi; /* of captures, and of records that do not name theirs */
	struct batch *batch;
	FILE *records; /* where each line is copied to, or NULL */
	bool is_quiet; /* no progress */
	struct replay_counts counts;
};

/* Reads FILE, a capture or records, whichever its first byte says. */
int replay_file(struct replay *replay, const char *path, struct error *err);

/* The two kinds of input; 'epoch' is the content's. */
int replay_capture(struct replay *replay, const char *path, const char *epoch,
		   struct error *err);
int replay_records(struct replay *replay, FILE *file, const char *path,
		   const char *epoch, struct error *err);

/* Draws how far 'done' of 'total' bytes is, if stderr is a terminal and the file is
 * long. */
void replay_progress(const struct replay *replay, const char *path, uint64_t done,
		     uint64_t total);

struct store;
struct policy;
/* Alerts and a table, or verdicts and alerts as JSON lines. */
int replay_print(FILE *out, struct store *store, const struct policy *policy,
		 const struct replay_counts *counts, bool has_inventory,
		 struct error *err);
int replay_print_json(FILE *out, struct store *store, struct error *err);

#endif
