/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_read: a line of JSON to a record.
 *
 * Fast on our writer's canonical bytes; any other JSON object is taken too.
 * Members the field table does not know are skipped and counted (decisions 1).
 * A member of the wrong type is skipped and counted as bad.
 */
#ifndef COMMON_RECORD_READ_H
#define COMMON_RECORD_READ_H

#include "common/error.h"
#include "common/record.h"

struct record_reader; /* opaque: arena for unescaped texts and lists, counters */

struct record_reader *record_reader_new(void);
void record_reader_free(struct record_reader *reader);

/*
 * Fills '*record', which borrows 'line' and the reader until the next call.
 * False, with '*err' filled, if it is no JSON object, is over RECORD_SIZE_MAX,
 * has no timestamp or no event_type of ours, holds a known member twice, or
 * nests deeper than 64; those are counted.
 */
bool record_read(struct record_reader *reader, const char *line, size_t size,
		 struct record *record, struct error *err)
	__attribute__((warn_unused_result));

struct record_reader_counters {
	uint64_t records;         /* read */
	uint64_t refused;         /* record_read returned false */
	uint64_t unknown_members; /* skipped: not in the field table */
	uint64_t bad_members;     /* skipped: wrong type, or U+0000 in a text */
	uint64_t foreign;         /* blanks, another order, or escapes in names: not our
				     writer's */
};

struct record_reader_counters
record_reader_counters(const struct record_reader *reader);

#endif
