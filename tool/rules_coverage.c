/* SPDX-License-Identifier: Apache-2.0 */
/* rules_coverage: 'sekisho rules coverage DIR': which requirements the sensors there
 * are can observe, and what else would settle the others. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/exit_code.h"
#include "correlator/report/report.h"
#include "sensor/dissect/dissector.h"
#include "tool/rules_action.h"

enum reach { REACH_FULL, REACH_PARTLY, REACH_NEVER, REACH_BY_HAND, REACHES };

static const struct title reach_names[REACHES] = {
	[REACH_FULL] = { "観測可", "observable" },
	[REACH_PARTLY] = { "一部可", "partly" },
	[REACH_NEVER] = { "観測不可", "never" },
	[REACH_BY_HAND] = { "書面確認", "by hand" },
};

/* What was found out of one requirement. */
struct finding_out {
	enum reach reach;
	uint64_t subjects, watched;
	const char *hidden; /* a key of "unobservable" that hides what it asks, or "" */
	char unread[256];   /* record types nothing makes */
};

/* Record types that a dissector of another name makes besides its own. */
static const struct {
	enum event event;
	const char *dissector;
} made_by[] = {
	{ EVENT_IHE, "http" }, { EVENT_FHIR, "http" }, { EVENT_ATNA, "syslog" },
	{ EVENT_RFB, "vnc" },  { EVENT_MDNS, "dns" },
};

static const char *
maker_of(enum event event)
{
	for (size_t i = 0; i < sizeof(made_by) / sizeof(made_by[0]); i++)
		if (made_by[i].event == event)
			return made_by[i].dissector;
	return record_event_name(event);
}

/* Others come from the sensor itself, or from logs. */
static bool
is_made(enum event event)
{
	static const enum event of_sensor[] = { EVENT_FLOW,    EVENT_CERTIFICATE,
						EVENT_ANOMALY, EVENT_STATS,
						EVENT_TICK,    EVENT_COVERAGE };
	const char *name = maker_of(event);

	for (size_t i = 0; i < sizeof(of_sensor) / sizeof(of_sensor[0]); i++)
		if (event == of_sensor[i])
			return true;
	for (size_t i = 0; dissectors[i] != NULL; i++)
		if (strcmp(dissectors[i]->name, name) == 0)
			return true;
	return false;
}

static void
note_unread(uint64_t events, struct finding_out *out, bool *is_any)
{
	size_t used = 0;

	for (unsigned event = 0; event < EVENT_COUNT; event++) {
		if (!(events >> event & 1))
			continue;
		if (is_made((enum event)event))
			*is_any = true;
		else if (used < sizeof(out->unread) - 32)
			used += (size_t)snprintf(out->unread + used,
						 sizeof(out->unread) - used, "%s%s",
						 used > 0 ? ", " : "",
						 record_event_name((enum event)event));
	}
}

static void
count_subjects(const struct rules_job *job, const struct requirement *requirement,
	       struct finding_out *out)
{
	const struct inventory *inventory = job->inventory;

	for (size_t i = 0; i < inventory_participant_count(inventory); i++) {
		const struct participant *one = inventory_participant(inventory, i);
		bool is_watched = false;
		if (!policy_speaks_of(job->policy, requirement, one))
			continue;
		for (size_t s = 0; !is_watched && s < inventory_sensor_count(inventory);
		     s++)
			is_watched = inventory_sensor_sees(
				inventory, inventory_sensor(inventory, s), one);
		out->subjects++;
		out->watched += is_watched;
	}
}

/* TLS 1.3 hides certificates whatever the sensor does; the rest it may always see. */
static const char *
hidden_key(const struct rules_job *job, const struct requirement *requirement)
{
	enum field_id field[POLICY_FIELDS_MAX];
	size_t count = policy_fields(job->policy, requirement, field);

	for (size_t i = 0; i < count; i++) {
		const char *key = record_fields[field[i]].hidden_as;
		if (key != NULL && (strcmp(key, "tls.certificate") == 0 ||
				    strcmp(key, "tls.client") == 0))
			return key;
	}
	return "";
}

static struct finding_out
find_out(const struct rules_job *job, const struct requirement *requirement)
{
	struct finding_out out = { .hidden = "" };
	bool is_any = false;

	if (requirement->kind == REQUIREMENT_MANUAL) {
		out.reach = REACH_BY_HAND;
		return out;
	}
	note_unread(policy_events(job->policy, requirement), &out, &is_any);
	count_subjects(job, requirement, &out);
	out.hidden = hidden_key(job, requirement);
	bool knows_people = !inventory_is_empty(job->inventory);
	if (!is_any || (knows_people && out.watched == 0))
		out.reach = REACH_NEVER;
	else if (out.hidden[0] != '\0' || out.unread[0] != '\0' ||
		 out.watched < out.subjects)
		out.reach = REACH_PARTLY;
	return out;
}

static void
print_line(bool is_ja, struct title what, const char *value)
{
	printf("\t\t%s: %s\n", is_ja ? what.ja : what.en, value);
}

static void
print_found(bool is_ja, const struct requirement *requirement,
	    const struct finding_out *out)
{
	char watched[64];

	printf("%s\t%s\t%s\n",
	       is_ja ? reach_names[out->reach].ja : reach_names[out->reach].en,
	       requirement->id, is_ja ? requirement->title.ja : requirement->title.en);
	if (out->reach == REACH_FULL)
		return;
	if (out->unread[0] != '\0')
		print_line(is_ja,
			   (struct title){ "作られない記録", "records nothing makes" },
			   out->unread);
	if (out->watched < out->subjects) {
		snprintf(watched, sizeof(watched), "%" PRIu64 " / %" PRIu64,
			 out->watched, out->subjects);
		print_line(is_ja,
			   (struct title){ "センサーが見ている対象",
					   "participants a sensor sees" },
			   watched);
	}
	if (out->hidden[0] != '\0')
		print_line(is_ja,
			   (struct title){ "TLS 1.3で暗号化", "encrypted in TLS 1.3" },
			   out->hidden);
	if (requirement->settled_by.ja[0] != '\0')
		print_line(
			is_ja,
			(struct title){ "確認できる証跡", "evidence that settles it" },
			is_ja ? requirement->settled_by.ja
			      : requirement->settled_by.en);
}

int
rules_coverage(const struct rules_job *job)
{
	bool is_ja = job->config->language == REPORT_JA;
	uint64_t count[REACHES] = { 0 };

	for (size_t i = 0; i < policy_requirement_count(job->policy); i++) {
		const struct requirement *one = policy_requirement(job->policy, i);
		if (!requirement_is_active(one))
			continue;
		struct finding_out out = find_out(job, one);
		count[out.reach]++;
		print_found(is_ja, one, &out);
	}
	for (size_t i = 0; i < REACHES; i++)
		printf("%s%s %" PRIu64, i == 0 ? "" : ", ",
		       is_ja ? reach_names[i].ja : reach_names[i].en, count[i]);
	putchar('\n');
	return count[REACH_NEVER] == 0 ? EXIT_CODE_OK : EXIT_CODE_NO;
}
