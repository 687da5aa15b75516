/* SPDX-License-Identifier: Apache-2.0 */
/* hearing: one record on its way through the engine, for hear.c and attest.c only. */
#ifndef CORRELATOR_HEARING_H
#define CORRELATOR_HEARING_H

#include "correlator/engine_parts.h"

enum { SAMPLES_BEFORE_MAX = 256 };

/* What a requirement said before a line of a log was added. */
struct sample_before {
	const struct requirement *requirement;
	const struct participant *subject;
	enum outcome outcome;
	char reason[32];
	bool is_met; /* by what it says now */
};

struct hearing {
	struct engine *engine;
	struct lane *lane;
	struct record *record;
	const char *line; /* as it came */
	size_t size;
	struct parties parties;
	char id[EVIDENCE_ID_SIZE];
	char poi[LANE_NAME_SIZE];
	struct instant time;
	int64_t begin; /* of the session; its window is that of its start */
	struct session_verdict verdict;
	bool has_unknown;
	const char *by; /* mapping of the log that was added, or NULL */
	bool is_declared;
	size_t before_count;
	struct sample_before *before; /* if 'by' */
	char *added;                  /* the line, which the record borrows */
	struct error *err;
	int result; /* -1 once the store failed */
};

int hear_flush_tallies(struct engine *engine, struct error *err);
/* Counts a sample and raises its alert. */
int hear_sample(struct hearing *hearing, const struct finding *finding);

/* A line of a log: settles the session that waits for it, or waits for one. */
int attest_line(struct hearing *hearing);
/* Adds to a session's record what a line that waits says of it. */
int attest_session(struct hearing *hearing);
/* A session of which something is unknown waits for a line. */
int attest_await(struct hearing *hearing);
/* True if the requirement says otherwise than before the line was added. */
bool attest_changed(struct hearing *hearing, const struct finding *finding);

#endif
