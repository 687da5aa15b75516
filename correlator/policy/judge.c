/* SPDX-License-Identifier: Apache-2.0 */
/* judge: what one record says to each active requirement that has it in scope. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlator/policy/outcome.h"
#include "correlator/policy/set.h"
#include "correlator/policy/wording.h"

/* What is the same for all requirements of one record. */
struct hearing {
	const struct policy *policy;
	const struct record *record;
	const struct parties *parties;
	uint64_t rows[REACH_WORDS_MAX];
};

/* IP protocol numbers of the names in EVE's "proto" (IANA). */
static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "TCP", 6 }, { "UDP", 17 }, { "ICMP", 1 }, { "IPv6-ICMP", 58 }, { "SCTP", 132 }
};

static uint8_t
protocol_of(const struct record *record)
{
	struct text name = record->value[FIELD_PROTO].text;
	unsigned number = 0;

	if (!record_has(record, FIELD_PROTO))
		return 0;
	for (size_t i = 0; i < READ_COUNT(protocols); i++)
		if (text_is(name, protocols[i].name))
			return protocols[i].number;
	for (uint32_t i = 0; i < name.size && i < 3; i++)
		if (name.at[i] >= '0' && name.at[i] <= '9')
			number = number * 10 + (unsigned)(name.at[i] - '0');
	return number <= 255 ? (uint8_t)number : 0;
}

/* Whom the address in a field is, or nobody. */
static struct party
resolve(const struct policy *policy, const struct record *record, enum field_id address,
	enum field_id port)
{
	char poi[128] = "";
	const struct numbers *vlan = &record->value[FIELD_VLAN].numbers;
	struct text text = record->value[FIELD_SEKISHO_POI].text;

	if (!record_has(record, address))
		return (struct party){ NULL, NULL, NULL };
	if (record_has(record, FIELD_SEKISHO_POI) && text.size < sizeof(poi)) {
		memcpy(poi, text.at, text.size);
		poi[text.size] = '\0';
	}
	bool has_vlan = record_has(record, FIELD_VLAN);
	bool has_port = port != FIELD_COUNT && record_has(record, port) &&
			record->value[port].number <= UINT16_MAX;
	return inventory_resolve(policy->inventory, poi, has_vlan ? vlan->at : NULL,
				 has_vlan ? vlan->count : 0,
				 &record->value[address].address, protocol_of(record),
				 has_port ? (uint16_t)record->value[port].number : 0,
				 record->value[FIELD_TIMESTAMP].time);
}

static bool
knows_direction(const struct record *record)
{
	return record_has(record, FIELD_SEKISHO_CLIENT_IP) &&
	       record_has(record, FIELD_SEKISHO_SERVER_IP) &&
	       record_has(record, FIELD_SEKISHO_DIRECTION_CONFIDENCE) &&
	       !text_is(record->value[FIELD_SEKISHO_DIRECTION_CONFIDENCE].text, "none");
}

/* Sensors have no address: who offers the base's line at their POI answers for them. */
static struct party
watcher_of(const struct policy *policy, const struct record *record)
{
	struct text poi = record->value[FIELD_SEKISHO_POI].text;
	size_t count = record_has(record, FIELD_SEKISHO_POI)
			       ? inventory_line_count(policy->inventory)
			       : 0;

	for (size_t i = 0; i < count; i++) {
		const struct line *line = inventory_line(policy->inventory, i);
		if (strcmp(line->kind, "base") == 0 && text_is(poi, line->poi))
			return (struct party){ line->participant, line, NULL };
	}
	return (struct party){ NULL, NULL, NULL };
}

struct parties
policy_parties(const struct policy *policy, const struct record *record)
{
	struct parties parties = { .is_known = knows_direction(record) };

	if (record_event(record) == EVENT_COVERAGE) {
		parties.is_known = true;
		parties.client = watcher_of(policy, record);
		return parties;
	}
	if (parties.is_known) {
		parties.client =
			resolve(policy, record, FIELD_SEKISHO_CLIENT_IP, FIELD_COUNT);
		parties.server = resolve(policy, record, FIELD_SEKISHO_SERVER_IP,
					 FIELD_SEKISHO_SERVER_PORT);
	} else {
		parties.client = resolve(policy, record, FIELD_SRC_IP, FIELD_SRC_PORT);
		parties.server =
			resolve(policy, record, FIELD_DEST_IP, FIELD_DEST_PORT);
	}
	return parties;
}

static bool
holds_same(const struct same *same, const struct parties *parties)
{
	const struct participant *client = parties->client.participant;
	const struct participant *server = parties->server.participant;
	bool is_same = client != NULL && server != NULL;

	if (!same->is_asked)
		return true;
	if (is_same)
		is_same = same->partition
				  ? strcmp(client->partition, server->partition) == 0
				  : client == server;
	return is_same == same->must_be;
}

/* Denying entries stand first, so the first that matches decides. */
static enum outcome
judge_matrix(const struct hearing *hearing, const struct matrix *matrix,
	     const char **by)
{
	for (size_t i = 0; i < matrix->count; i++) {
		const struct entry *entry = &matrix->entry[i];
		if (!reach_has(hearing->rows, entry->row) ||
		    !holds_same(&entry->same, hearing->parties))
			continue;
		*by = entry->id;
		return outcome_of(!entry->is_deny);
	}
	*by = "default";
	return matrix->otherwise;
}

/* The outcome within the scope, without "where". */
static enum outcome
judge_inside(const struct hearing *hearing, const struct rule *rule, const char **by,
	     struct text *reason)
{
	int zone = hearing->policy->model->zone;
	enum outcome expected = OUTCOME_GOOD, allowed = OUTCOME_GOOD;

	if (rule->requirement.kind == REQUIREMENT_FORBID)
		return OUTCOME_BAD;
	if (rule->expect != NULL)
		expected = predicate_eval(rule->expect, hearing->record, zone, reason);
	if (rule->matrix == NULL)
		return expected;
	allowed = judge_matrix(hearing, rule->matrix, by);
	if (allowed == OUTCOME_GOOD && expected != OUTCOME_GOOD)
		*by = "expect";
	return outcome_all(allowed, expected);
}

static const struct participant *
subject_of(const struct rule *rule, const struct parties *parties)
{
	const struct participant *client = parties->client.participant;
	const struct participant *server = parties->server.participant;

	if (rule->subject == SUBJECT_SERVER)
		return server;
	return rule->subject == SUBJECT_KNOWN && client == NULL ? server : client;
}

static const char *
find_exemption(const struct hearing *hearing, const struct rule *rule,
	       const struct participant *subject)
{
	struct instant at = hearing->record->value[FIELD_TIMESTAMP].time;
	int zone = hearing->policy->model->zone;

	for (size_t i = 0; i < rule->exemption_count && subject != NULL; i++) {
		const struct exemption *one = &rule->exemption[i];
		if (strcmp(one->participant, subject->id) == 0 &&
		    !instant_is_before(at, one->from) &&
		    !instant_is_before(one->to, at) &&
		    (one->match == NULL || predicate_eval(one->match, hearing->record,
							  zone, NULL) == OUTCOME_GOOD))
			return one->id;
	}
	return NULL;
}

static const char *
name_of(const struct party *party)
{
	return party->participant != NULL ? party->participant->id : "unknown";
}

/* The pair itself as a line of the alert's table. */
static void
list_connection(const struct hearing *hearing, const char *by, struct finding *finding)
{
	struct condition *condition = &finding->condition[finding->condition_count++];
	const struct parties *parties = hearing->parties;
	const struct service *service = parties->server.service;

	struct wording required =
		wording_into(condition->required, sizeof(condition->required));
	struct wording observed =
		wording_into(condition->observed, sizeof(condition->observed));

	condition->outcome = finding->outcome;
	condition->reason[0] = '\0';
	snprintf(condition->what, sizeof(condition->what), "connection");
	if (strcmp(by, "default") == 0) {
		wording_add(&required, text_of("allowed by an entry"));
	} else {
		wording_add(&required, text_of("not denied by "));
		wording_add(&required, text_of(by));
	}
	wording_add(&observed, text_of(name_of(&parties->client)));
	wording_add(&observed, text_of(" -> "));
	wording_add(&observed, text_of(name_of(&parties->server)));
	if (service != NULL) {
		wording_add(&observed, text_of(" "));
		wording_add(&observed, text_of(service->id));
	}
}

static void
explain(const struct hearing *hearing, const struct rule *rule, const char *by,
	struct finding *finding)
{
	int zone = hearing->policy->model->zone;

	if (rule->matrix != NULL && strcmp(by, "expect") != 0)
		list_connection(hearing, by, finding);
	if (rule->expect != NULL)
		predicate_list(rule->expect, hearing->record, zone, true, finding);
	if (rule->requirement.kind == REQUIREMENT_FORBID && rule->where != NULL)
		predicate_list(rule->where, hearing->record, zone, false, finding);
}

/* Most findings are good, and printf would cost more than judging them. */
static void
put_text(char *out, size_t room, struct text text)
{
	size_t size = text.size < room - 1 ? text.size : room - 1;

	if (size > 0)
		memcpy(out, text.at, size);
	out[size] = '\0';
}

static void
hand_on(const struct hearing *hearing, const struct rule *rule, enum outcome outcome,
	const char *by, struct text reason, finding_sink *sink, void *ctx)
{
	struct finding finding;

	finding.requirement = &rule->requirement;
	finding.subject = subject_of(rule, hearing->parties);
	finding.outcome = outcome;
	finding.exception = NULL;
	finding.group = NULL;
	finding.record_count = 0;
	finding.condition_count = 0;
	if (outcome != OUTCOME_UNKNOWN)
		reason.size = 0;
	put_text(finding.reason, sizeof(finding.reason), reason);
	put_text(finding.by, sizeof(finding.by), text_of(by));
	if (outcome == OUTCOME_BAD) {
		finding.exception = find_exemption(hearing, rule, finding.subject);
		explain(hearing, rule, by, &finding);
	}
	sink(ctx, &finding);
}

/* Nothing about roles may be said of a record whose direction nobody knows. */
static enum outcome
known_roles(const struct hearing *hearing, enum outcome outcome, struct text *reason)
{
	if (hearing->parties->is_known || outcome == OUTCOME_ERROR)
		return outcome;
	*reason = text_of("direction");
	return OUTCOME_UNKNOWN;
}

/*
 * "where" narrows the scope: where it does not hold, nothing is asked; where
 * nobody knows whether it holds, only what would be good anyway is settled.
 */
static void
judge_rule(const struct hearing *hearing, const struct rule *rule, finding_sink *sink,
	   void *ctx)
{
	struct text reason = { "", 0 }, why = { "", 0 };
	const char *by = "";
	enum outcome inside = OUTCOME_GOOD, outcome;

	/* nobody is registered, so who may connect to whom is no question:
	 * not_applicable */
	if (rule->matrix != NULL && inventory_is_empty(hearing->policy->inventory))
		return;
	if (rule->where != NULL)
		inside = predicate_eval(rule->where, hearing->record,
					hearing->policy->model->zone, &reason);
	if (inside == OUTCOME_BAD)
		return;
	if (rule->requirement.kind == REQUIREMENT_PRESENCE) {
		hand_on(hearing, rule, known_roles(hearing, inside, &reason), by,
			reason, sink, ctx);
		return;
	}
	outcome = judge_inside(hearing, rule, &by,
			       inside == OUTCOME_UNKNOWN ? &why : &reason);
	if (inside == OUTCOME_UNKNOWN && outcome == OUTCOME_GOOD)
		return;
	outcome = outcome_any(outcome_not(inside), outcome);
	outcome = known_roles(hearing, outcome, &reason);
	hand_on(hearing, rule, outcome, by, reason, sink, ctx);
}

/* Without a direction whatever either order would have in scope is. */
static void
find_rows(struct hearing *hearing)
{
	const struct parties *parties = hearing->parties;
	const struct reach *reach = &hearing->policy->reach;
	enum event event = record_event(hearing->record);
	uint64_t turned[REACH_WORDS_MAX];

	reach_rows(reach, event, &parties->client, &parties->server, hearing->rows);
	if (parties->is_known)
		return;
	reach_rows(reach, event, &parties->server, &parties->client, turned);
	for (size_t i = 0; i < reach->words; i++)
		hearing->rows[i] |= turned[i];
}

/* Of the requirements in scope the drafts, or all but these. */
static void
judge_some(const struct policy *policy, const struct record *record,
	   const struct parties *parties, bool is_draft, finding_sink *sink, void *ctx)
{
	struct hearing hearing;
	size_t rules = policy->model->rule_count;

	hearing.policy = policy;
	hearing.record = record;
	hearing.parties = parties;
	find_rows(&hearing);
	for (size_t word = 0; word * 64 < rules; word++) {
		uint64_t draft = policy->reach.draft[word];
		uint64_t left = hearing.rows[word] & (is_draft ? draft : ~draft);
		for (; left != 0; left &= left - 1) {
			size_t row = word * 64 + (size_t)__builtin_ctzll(left);
			if (row < rules) /* behind the rules come entries */
				judge_rule(&hearing, &policy->model->rule[row], sink,
					   ctx);
		}
	}
}

void
policy_judge(const struct policy *policy, const struct record *record,
	     const struct parties *parties, finding_sink *sink, void *ctx)
{
	judge_some(policy, record, parties, false, sink, ctx);
}

bool
policy_has_drafts(const struct policy *policy)
{
	return policy->reach.has_drafts;
}

void
policy_judge_drafts(const struct policy *policy, const struct record *record,
		    const struct parties *parties, finding_sink *sink, void *ctx)
{
	judge_some(policy, record, parties, true, sink, ctx);
}
