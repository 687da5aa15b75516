/* SPDX-License-Identifier: Apache-2.0 */
/* correlations: the correlation rules of a running engine: their alerts, and their
 * state in the store. */
#include "correlator/correlations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/record_read.h"
#include "correlator/alert/alert.h"
#include "store/effects.h"
#include "store/reads.h"

struct correlations {
	const struct policy *policy;
	struct store *store;
	struct episodes *episodes;
	const struct lanes *lanes;
	struct correlating *correlating;
	struct record_reader *reader;
	size_t line_size, line_room;
	char *line;        /* of the record that made it fire */
	struct error *err; /* of the call that is being served */
	uint64_t written[CORRELATING_COUNT_COUNT];
};

static const struct scope everybody = { .is_all = true };

static const char *const names[CORRELATING_COUNT_COUNT] = {
#define COUNT(id, name, meaning) name,
	CORRELATING_COUNTS(COUNT)
#undef COUNT
};

/* One hit, while the record that made it is looked up. */
struct raising {
	struct correlations *correlations;
	const struct correlation_hit *hit;
	const struct finding *finding;
};

static int
raise_by(struct raising *raising, const struct record *record)
{
	struct correlations *correlations = raising->correlations;
	struct parties parties = policy_parties(correlations->policy, record);

	return episodes_hit(correlations->episodes, raising->finding, &parties, record,
			    correlations->err);
}

static void
set_name(struct record *record, const struct record_name *name)
{
	record_set_text(record, FIELD_SEKISHO_SENSOR, text_of(name->place.sensor));
	record_set_text(record, FIELD_SEKISHO_EPOCH, text_of(name->place.epoch));
	record_set_number(record, FIELD_SEKISHO_LANE, name->place.lane);
	record_set_number(record, FIELD_SEKISHO_SEQ, name->seq);
	record_set_time(record, FIELD_TIMESTAMP, (struct instant){ name->time });
}

static const struct record_name *
cause_of(const struct correlation_hit *hit)
{
	return &hit->record[hit->record_count - 1];
}

/* Kept until the store's question is over: raising asks it more. */
static bool
take_line(void *ctx, const struct record_row *row)
{
	struct correlations *correlations = ctx;

	if (row->size > correlations->line_room) {
		correlations->line = realloc(correlations->line, row->size);
		if (correlations->line == NULL)
			log_fatal("engine", "no memory for correlations");
		correlations->line_room = row->size;
	}
	memcpy(correlations->line, row->line, row->size);
	correlations->line_size = row->size;
	return false;
}

static int
raise_by_line(struct raising *raising)
{
	struct correlations *correlations = raising->correlations;
	struct record record;
	struct error why;

	if (!record_read(correlations->reader, correlations->line,
			 correlations->line_size, &record, &why))
		return 1;
	set_name(&record, cause_of(raising->hit));
	return raise_by(raising, &record);
}

/* The record is gone from the store: what is known of it is where it came from. */
static int
raise_by_name(struct raising *raising)
{
	struct record record;

	record_begin(&record, EVENT_FLOW);
	set_name(&record, cause_of(raising->hit));
	if (strcmp(raising->hit->poi, CORRELATING_ACROSS) != 0)
		record_set_text(&record, FIELD_SEKISHO_POI, text_of(raising->hit->poi));
	return raise_by(raising, &record);
}

static size_t
list_records(const struct correlation_hit *hit,
	     struct finding_record others[CORRELATING_RECORDS_MAX])
{
	size_t count = 0;

	for (; count + 1 < hit->record_count; count++) {
		const struct record_name *name = &hit->record[count];
		struct finding_record *record = &others[count];
		snprintf(record->id, sizeof(record->id), "%s/%s/%u/%lu",
			 name->place.sensor, name->place.epoch, name->place.lane,
			 name->seq);
		record->at.usec = name->time;
	}
	return count;
}

static int
on_hit(void *ctx, const struct correlation_hit *hit)
{
	struct correlations *correlations = ctx;
	struct finding finding = { .requirement = hit->about, .outcome = OUTCOME_BAD };
	struct raising raising = { correlations, hit, &finding };
	const struct record_name *cause = cause_of(hit);
	struct finding_record others[CORRELATING_RECORDS_MAX];
	char id[ALERT_RECORD_SIZE], group[CORRELATION_GROUP_SIZE + 1];

	snprintf(id, sizeof(id), "%s/%s/%u/%lu", cause->place.sensor,
		 cause->place.epoch, cause->place.lane, cause->seq);
	snprintf(group, sizeof(group), "%.*s", (int)hit->group.size, hit->group.at);
	finding.group = group;
	correlation_hit_list(hit, &finding);
	finding.record_count = list_records(hit, others);
	finding.record = others;
	correlations->line_size = 0;
	if (store_find_record(correlations->store, &everybody, id,
			      (struct instant){ cause->time }, take_line, correlations,
			      correlations->err) == -1)
		return -1;
	int result = correlations->line_size > 0 ? raise_by_line(&raising) : 1;
	return result == 1 ? raise_by_name(&raising) : result;
}

static bool
load(void *ctx, const char *poi, bool is_whole, const void *state, size_t size)
{
	struct correlations *correlations = ctx;

	if (correlating_load(correlations->correlating, poi, is_whole, state, size))
		return true;
	error_set(correlations->err,
		  "the store's table correlation cannot be read at POI \"%s\"", poi);
	return false;
}

static int64_t
clock_of(void *ctx, const struct record_place *place)
{
	const struct correlations *correlations = ctx;
	const struct lane *lane = lanes_find(correlations->lanes, place->sensor,
					     place->epoch, place->lane);

	return lane != NULL ? lane->time : 0;
}

static int
read_back(struct correlations *correlations, struct error *err)
{
	correlations->err = err;
	err->text[0] = '\0';
	if (store_each_correlation(correlations->store, &everybody, load, correlations,
				   err) == -1 ||
	    err->text[0] != '\0')
		return -1;
	correlating_resume(correlations->correlating, clock_of, correlations);
	return 0;
}

struct correlations *
correlations_new(const struct policy *policy, struct store *store,
		 struct episodes *episodes, const struct lanes *lanes,
		 struct error *err)
{
	struct correlations *correlations;

	err->text[0] = '\0';
	if (policy_detections(policy) == NULL ||
	    sigma_correlation_count(policy_detections(policy)) == 0)
		return NULL;
	correlations = calloc(1, sizeof(*correlations));
	if (correlations == NULL)
		log_fatal("engine", "no memory for correlations");
	correlations->policy = policy;
	correlations->store = store;
	correlations->episodes = episodes;
	correlations->lanes = lanes;
	correlations->reader = record_reader_new();
	correlations->correlating =
		correlating_new(policy_detections(policy), NULL, on_hit, correlations);
	if (read_back(correlations, err) == 0)
		return correlations;
	correlations_free(correlations);
	return NULL;
}

void
correlations_free(struct correlations *correlations)
{
	if (correlations == NULL)
		return;
	correlating_free(correlations->correlating);
	record_reader_free(correlations->reader);
	free(correlations->line);
	free(correlations);
}

int
correlations_time(struct correlations *correlations, const char *poi,
		  const struct lane *lane, int64_t time, struct error *err)
{
	struct record_place place = { lane->sensor, lane->epoch, lane->number };

	correlations->err = err;
	return correlating_time(correlations->correlating, poi, &place, time);
}

int
correlations_add(struct correlations *correlations, const char *poi,
		 const struct lane *lane, uint64_t seq, struct instant at,
		 const struct correlation_event *event, struct error *err)
{
	struct record_name record = { { lane->sensor, lane->epoch, lane->number },
				      seq,
				      at.usec };

	correlations->err = err;
	return correlating_add(correlations->correlating, poi, &record, event);
}

int
correlations_end(struct correlations *correlations, struct error *err)
{
	correlations->err = err;
	return correlating_end(correlations->correlating);
}

static int
keep(void *ctx, const char *poi, bool is_whole, const uint8_t *data, size_t size)
{
	struct correlations *correlations = ctx;

	return is_whole ? store_put_correlation(correlations->store, poi, data, size,
						correlations->err)
			: store_add_correlation(correlations->store, poi, data, size,
						correlations->err);
}

int
correlations_flush(struct correlations *correlations, struct error *err)
{
	correlations->err = err;
	for (size_t i = 0; i < CORRELATING_COUNT_COUNT; i++) {
		uint64_t now = correlating_counter(correlations->correlating,
						   (enum correlating_count)i);
		uint64_t more = now - correlations->written[i];
		correlations->written[i] = now;
		if (more > 0 &&
		    store_add_counter(correlations->store, names[i], more, err) == -1)
			return -1;
	}
	return correlating_keep(correlations->correlating, keep, correlations);
}
