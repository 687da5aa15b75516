/* SPDX-License-Identifier: Apache-2.0 */
/* summaries: records and bytes per hour, pair of partitions, service and event, summed
 * in memory. */
#include "correlator/summaries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "correlator/lanes.h"
#include "store/effects.h"

enum { SLOTS = 2 * SUMMARIES_MAX };

/* Names of partitions and services are the inventory's, one pointer a name. */
struct summary {
	int64_t hour;
	char poi[LANE_NAME_SIZE];
	const char *client, *server, *service;
	enum event event;
	uint64_t records, bytes;
};

struct summaries {
	size_t count;
	uint16_t slot[SLOTS]; /* index + 1 into 'summary'; 0 is free */
	struct summary summary[SUMMARIES_MAX];
};

struct summaries *
summaries_new(void)
{
	struct summaries *summaries = calloc(1, sizeof(*summaries));

	if (summaries == NULL)
		log_fatal("engine", "no memory for summaries");
	return summaries;
}

void
summaries_free(struct summaries *summaries)
{
	free(summaries);
}

static bool
is_same(const struct summary *a, const struct summary *b)
{
	return a->hour == b->hour && a->event == b->event &&
	       strcmp(a->client, b->client) == 0 && strcmp(a->server, b->server) == 0 &&
	       strcmp(a->service, b->service) == 0 && strcmp(a->poi, b->poi) == 0;
}

static uint64_t
mix(uint64_t mixed, const char *text)
{
	for (; *text != '\0'; text++)
		mixed = (mixed ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
	return mixed;
}

static size_t
slot_of(const struct summary *summary)
{
	uint64_t mixed = UINT64_C(0xCBF29CE484222325) ^ (uint64_t)summary->hour ^
			 (uint64_t)summary->event << 56;

	mixed = mix(mix(mix(mix(mixed, summary->client), summary->server),
			summary->service),
		    summary->poi);
	return (size_t)(mixed ^ mixed >> 32) % SLOTS;
}

static struct summary *
take(struct summaries *summaries, const struct summary *wanted)
{
	size_t at = slot_of(wanted);

	for (; summaries->slot[at] != 0; at = (at + 1) % SLOTS)
		if (is_same(&summaries->summary[summaries->slot[at] - 1], wanted))
			return &summaries->summary[summaries->slot[at] - 1];
	if (summaries->count == SUMMARIES_MAX)
		return NULL;
	summaries->summary[summaries->count] = *wanted;
	summaries->slot[at] = (uint16_t)(summaries->count + 1);
	return &summaries->summary[summaries->count++];
}

static const char *
partition_of(const struct party *party)
{
	return party->participant != NULL ? party->participant->partition : "external";
}

/* At most 2^48 each, so that sums stay what the store can hold. */
static uint64_t
bounded(const struct record *record, enum field_id field)
{
	const uint64_t most = UINT64_C(1) << 48;
	uint64_t found = record_has(record, field) ? record->value[field].number : 0;

	return found < most ? found : most;
}

/* A flow's bytes are counted once, with its last record. */
static uint64_t
bytes_of(const struct record *record)
{
	if (record_has(record, FIELD_SEKISHO_IS_FINAL) &&
	    !record->value[FIELD_SEKISHO_IS_FINAL].flag)
		return 0;
	return bounded(record, FIELD_FLOW_BYTES_TOSERVER) +
	       bounded(record, FIELD_FLOW_BYTES_TOCLIENT);
}

bool
summaries_add(struct summaries *summaries, const char *poi, const struct record *record,
	      const struct parties *parties)
{
	int64_t time = record->value[FIELD_TIMESTAMP].time.usec;
	struct summary wanted = {
		.hour = time - time % INSTANT_HOUR,
		.client = partition_of(&parties->client),
		.server = partition_of(&parties->server),
		.service = parties->server.service != NULL ? parties->server.service->id
							   : "",
		.event = record_event(record),
	};

	snprintf(wanted.poi, sizeof(wanted.poi), "%s", poi);
	struct summary *summary = take(summaries, &wanted);
	if (summary == NULL)
		return false;
	summary->records++;
	summary->bytes += bytes_of(record);
	return true;
}

int
summaries_flush(struct summaries *summaries, struct store *store, struct error *err)
{
	for (size_t i = 0; i < summaries->count; i++) {
		const struct summary *summary = &summaries->summary[i];
		struct summary_row row = { .hour = summary->hour,
					   .poi = summary->poi,
					   .client_partition = summary->client,
					   .server_partition = summary->server,
					   .service = summary->service,
					   .event = record_event_name(summary->event),
					   .records = summary->records,
					   .bytes = summary->bytes };
		if (store_add_summary(store, &row, err) == -1)
			return -1;
	}
	summaries->count = 0;
	memset(summaries->slot, 0, sizeof(summaries->slot));
	return 0;
}
