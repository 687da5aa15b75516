/* SPDX-License-Identifier: Apache-2.0 */
/* absence: who was silent in a window in which something of him had to be seen. */
#include "correlator/absence.h"

#include <stdio.h>
#include <string.h>

#include "common/record_write.h"
#include "correlator/alert/alert.h"
#include "store/effects.h"
#include "store/reads.h"

static const struct scope everybody = { .is_all = true };

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The windows that overlap [from, to) and are due, the newest first; 1 if there were any. */
static int
note_windows(const struct judging *judging, const struct requirement *requirement,
	     int64_t from, int64_t to, struct error *err)
{
	int64_t due = judging->watermark - VERDICT_LATENESS;
	int64_t least = coverage_begin(judging->coverage);

	from = later(from, least);
	to = to < due ? to : due;
	if (judging->watermark == INT64_MIN || to <= from)
		return 0;
	int64_t start = verdict_window(judging->policy, requirement, to - 1);
	int noted = 0;
	for (size_t i = 0;
	     i < ABSENCE_WINDOWS_MAX && start + requirement->window > from;
	     i++, start -= requirement->window) {
		if (start + requirement->window > due)
			continue;
		if (store_put_absence(judging->store, requirement->id, start, 0, err) ==
		    -1)
			return -1;
		noted = 1;
	}
	return noted;
}

/* Windows that end between the two watermarks, less the lateness. */
static int
note_due(const struct judging *judging, const struct requirement *requirement,
	 int64_t before, struct error *err)
{
	int64_t now = judging->watermark;

	if (before == INT64_MIN || now <= before)
		return 0;
	/* one of those that end in (before, now] holds the microsecond before its end
	 */
	return note_windows(judging, requirement, before - VERDICT_LATENESS,
			    now - VERDICT_LATENESS, err);
}

static int
note_requirement(const struct judging *judging, const struct requirement *requirement,
		 const struct touched *touched, int64_t before, struct error *err)
{
	int noted = note_due(judging, requirement, before, err);

	for (size_t i = 0; noted != -1 && i < touched->count; i++) {
		int more =
			note_windows(judging, requirement, touched->stretch[i].from,
				     touched->stretch[i].to, err);
		noted = more == -1 ? -1 : noted | more;
	}
	return noted;
}

int
absence_note(const struct judging *judging, const struct touched *touched,
	     int64_t before, struct error *err)
{
	int noted = 0;

	for (size_t i = 0; i < policy_requirement_count(judging->policy); i++) {
		const struct requirement *one = policy_requirement(judging->policy, i);
		if (one->kind != REQUIREMENT_PRESENCE || !requirement_is_active(one))
			continue;
		int more = note_requirement(judging, one, touched, before, err);
		if (more == -1)
			return -1;
		noted |= more;
	}
	return noted;
}

/* What stands for the record that never came: the window, under a name of its own. */
static void
fill_record(struct record *record, char name[LANE_NAME_SIZE], const char *poi,
	    const struct requirement *requirement,
	    const struct participant *participant, int64_t window_start)
{
	int64_t end = window_start + requirement->window;

	record_begin(record, EVENT_COVERAGE);
	snprintf(name, LANE_NAME_SIZE, "absence.%.50s", requirement->id);
	record_set_time(record, FIELD_TIMESTAMP, (struct instant){ end });
	record_set_time(record, FIELD_COVERAGE_START, (struct instant){ window_start });
	record_set_time(record, FIELD_COVERAGE_END, (struct instant){ end });
	record_set_text(record, FIELD_SEKISHO_POI, text_of(poi));
	record_set_text(record, FIELD_SEKISHO_SENSOR, text_of(name));
	record_set_text(record, FIELD_SEKISHO_EPOCH, text_of(participant->id));
	record_set_number(record, FIELD_SEKISHO_LANE, 0);
	record_set_number(record, FIELD_SEKISHO_SEQ,
			  (uint64_t)(window_start / INSTANT_SECOND));
}

static void
fill_finding(struct finding *finding, const struct requirement *requirement,
	     const struct participant *participant, uint64_t seen,
	     const char *exception)
{
	struct condition *condition = &finding->condition[0];

	*finding = (struct finding){ .requirement = requirement,
				     .subject = participant,
				     .outcome = OUTCOME_BAD,
				     .exception = exception,
				     .condition_count = 1 };
	*condition = (struct condition){ .what = "presence", .outcome = OUTCOME_BAD };
	snprintf(condition->required, sizeof(condition->required), ">= %u",
		 requirement->min_count);
	snprintf(condition->observed, sizeof(condition->observed), "%llu",
		 (unsigned long long)seen);
}

static int
tell(const struct judging *judging, struct episodes *episodes,
     const struct requirement *requirement, const struct participant *participant,
     int64_t window_start, uint64_t seen, struct error *err)
{
	const struct line *line =
		inventory_next_line(judging->inventory, participant, NULL);
	int64_t end = window_start + requirement->window, told;
	struct parties parties = { .is_known = true };
	struct finding finding;
	struct record record;
	char id[ALERT_RECORD_SIZE], name[LANE_NAME_SIZE], line_text[RECORD_SIZE_MAX];
	const struct service *service;
	const char *exception = policy_exempts_silence(
		judging->policy, requirement, participant, (struct instant){ end - 1 });

	fill_record(&record, name, line != NULL ? line->poi : "", requirement,
		    participant, window_start);
	alert_record_id(&record, id);
	int is_told = store_cited_time(judging->store, &everybody, id, &told, err);
	if (is_told != 0)
		return is_told == -1 ? -1 : 0;
	bool is_server = policy_must_show(judging->policy, requirement, participant,
					  &service) == POLICY_SERVER;
	(is_server ? &parties.server : &parties.client)->participant = participant;
	parties.server.service = service;
	if (!is_server && service != NULL)
		parties.server.participant = service->participant;
	fill_finding(&finding, requirement, participant, seen, exception);
	if (verdicts_dispose(judging, requirement, participant, window_start, exception,
			     err) == -1)
		return -1;
	if (requirement_is_advice(requirement))
		return 0;
	size_t size = record_write(&record, NULL, line_text);
	if (store_put_cited(judging->store, id, end, line_text, size, err) == -1)
		return -1;
	return episodes_hit(episodes, &finding, &parties, &record, err);
}

static bool
is_there(const struct participant *participant, int64_t from, int64_t to)
{
	return participant->valid_from.usec <= from && participant->valid_to.usec >= to;
}

static int
look_at(const struct judging *judging, struct episodes *episodes,
	const struct requirement *requirement, size_t place, int64_t window_start,
	struct error *err)
{
	const struct participant *participant =
		inventory_participant(judging->inventory, place);
	int64_t end = window_start + requirement->window;
	struct silence silence;

	if (!policy_must_show(judging->policy, requirement, participant, NULL))
		return 0;
	if (verdicts_judge_silence(judging, requirement, participant, window_start,
				   is_there(participant, window_start, end), &silence,
				   err) == -1)
		return -1;
	if (!silence.is_violated)
		return 0;
	return tell(judging, episodes, requirement, participant, window_start,
		    silence.seen, err);
}

static const struct requirement *
find_requirement(const struct policy *policy, const char *id)
{
	for (size_t i = 0; i < policy_requirement_count(policy); i++)
		if (strcmp(policy_requirement(policy, i)->id, id) == 0)
			return policy_requirement(policy, i);
	return NULL;
}

/* One window as far as 'step' goes; its row is moved on, or deleted at its end. */
static int
sweep_window(const struct judging *judging, struct episodes *episodes,
	     const struct absence_row *row, size_t *step, struct error *err)
{
	const struct requirement *requirement =
		find_requirement(judging->policy, row->requirement);
	size_t count = inventory_participant_count(judging->inventory);
	size_t place = row->next;

	for (; requirement != NULL && place<count && * step> 0; place++, (*step)--)
		if (look_at(judging, episodes, requirement, place, row->window_start,
			    err) == -1)
			return -1;
	if (requirement != NULL && place < count)
		return store_put_absence(judging->store, row->requirement,
					 row->window_start, place, err);
	return store_end_absence(judging->store, row->requirement, row->window_start,
				 err);
}

int
absence_sweep(const struct judging *judging, struct episodes *episodes, size_t step,
	      struct error *err)
{
	struct absence_row row;

	for (;;) {
		int found = store_first_absence(judging->store, &everybody, &row, err);
		if (found != 1)
			return found;
		if (step == 0)
			return 1;
		if (sweep_window(judging, episodes, &row, &step, err) == -1)
			return -1;
	}
}
