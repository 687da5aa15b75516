/* SPDX-License-Identifier: Apache-2.0 */
/* engine_counts: what the engine could not use or had to leave out, by name, for table
 * counter. */
#ifndef CORRELATOR_ENGINE_COUNTS_H
#define CORRELATOR_ENGINE_COUNTS_H

#include <stdint.h>

#include "common/error.h"
#include "common/record_read.h"
#include "store/store.h"

/* COUNT(id, name, meaning) */
#define ENGINE_COUNTS(COUNT)                                                           \
	COUNT(RECORDS, "records", "records applied")                                   \
	COUNT(DUPLICATES, "records_again", "records that were applied already")        \
	COUNT(REFUSED, "lines_refused", "lines that are no record")                    \
	COUNT(LET_GO, "records_let_go", "seqs whose records a full spool let go")      \
	COUNT(BAD_TIME, "times_refused", "records before 1970 or after 2100")          \
	COUNT(AHEAD, "records_ahead", "records over 5 min ahead of their lane's tick") \
	COUNT(TICKS_AHEAD, "ticks_ahead",                                              \
	      "ticks over 5 min ahead of the correlator's clock")                      \
	COUNT(COVERAGE, "coverage_refused", "coverage records that make no sense")     \
	COUNT(GIVEN_UP, "seqs_given_up", "missing records no longer waited for")       \
	COUNT(FRAMES, "frames_refused", "frames and messages that could not be read")  \
	COUNT(FOREIGN, "foreign_refused",                                              \
	      "frames and greetings of another sensor or POI than their certificate's") \
	COUNT(STRANGERS, "strangers_refused",                                          \
	      "TLS connections without a certificate that holds")                     \
	COUNT(LANES, "lanes_refused", "records of lanes over the limit or ill named")  \
	COUNT(SENSORS, "sensors_refused",                                              \
	      "records of sensors and POIs over the limit")                            \
	COUNT(AWAITED_FULL, "evidence_waiting_full",                                   \
	      "sessions and lines of logs not kept to wait for each other")           \
	COUNT(ATTESTED, "evidence_joined", "sessions settled by a line of a log")      \
	COUNT(UNJOINABLE, "evidence_without_key",                                      \
	      "lines of logs without client, server or time")                         \
	COUNT(GAVE_UP, "sigma_gave_up",                                                \
	      "regular expressions of detections that ran out of steps")              \
	COUNT(ROLES, "roles_unknown", "records whose client and server are not known")

enum engine_count {
#define COUNT(id, name, meaning) ENGINE_COUNT_##id,
	ENGINE_COUNTS(COUNT)
#undef COUNT
		ENGINE_COUNT_COUNT
};

struct engine_counts {
	uint64_t value[ENGINE_COUNT_COUNT];
	uint64_t written[ENGINE_COUNT_COUNT];
	struct record_reader_counters reader; /* as written */
};

/* Adds to table counter what is new since the last call. */
int engine_counts_flush(struct engine_counts *counts,
			const struct record_reader *reader, struct store *store,
			struct error *err);

#endif
