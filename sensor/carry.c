/* SPDX-License-Identifier: Apache-2.0 */
/* carry: what a coverage record told that found no room, for the next one to tell. */
#include "sensor/carry.h"

static const enum field_id counts[CARRY_COUNTS] = {
	FIELD_COVERAGE_OBSERVED,       FIELD_COVERAGE_PACKETS,
	FIELD_COVERAGE_LOST_INTERFACE, FIELD_COVERAGE_LOST_KERNEL,
	FIELD_COVERAGE_LOST_STREAM,    FIELD_COVERAGE_LOST_FLOW,
	FIELD_COVERAGE_LOST_OUTPUT,    FIELD_COVERAGE_LOST_SPOOL,
	FIELD_COVERAGE_LOST_WORKER,
	FIELD_COVERAGE_UNSEEN,         FIELD_COVERAGE_UNSEEN_BYTES,
};

static uint64_t
count_of(const struct record *record, enum field_id field)
{
	return record_has(record, field) ? record->value[field].number : 0;
}

void
carry_add(const struct carry *carry, struct record *record)
{
	if (!carry->holds)
		return;
	for (size_t i = 0; i < CARRY_COUNTS; i++)
		if (carry->count[i] > 0)
			record_set_number(record, counts[i],
					  count_of(record, counts[i]) +
						  carry->count[i]);
	if (instant_is_before(carry->start, record->value[FIELD_COVERAGE_START].time))
		record_set_time(record, FIELD_COVERAGE_START, carry->start);
}

void
carry_keep(struct carry *carry, const struct record *record)
{
	carry->holds = true;
	carry->start = record->value[FIELD_COVERAGE_START].time;
	for (size_t i = 0; i < CARRY_COUNTS; i++)
		carry->count[i] = count_of(record, counts[i]);
}
