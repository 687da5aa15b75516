/* SPDX-License-Identifier: Apache-2.0 */
/* attest: joins lines of logs to sessions, and judges these again by what both say. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlator/hearing.h"
#include "store/evidence.h"

static const struct scope everybody = { .is_all = true };

/* A session or line that was found, copied out of the store. */
struct found {
	char server[ADDRESS_TEXT_SIZE], client[ADDRESS_TEXT_SIZE];
	uint16_t server_port, client_port;
	int64_t time;
	char id[EVIDENCE_ID_SIZE];
	char *line; /* owned */
	size_t size;
};

/* Texts of the key of a record. */
struct joint {
	char server[ADDRESS_TEXT_SIZE], client[ADDRESS_TEXT_SIZE];
	struct evidence_key key;
};

static void
take_found(void *ctx, const struct evidence_row *row)
{
	struct found *found = ctx;

	snprintf(found->server, sizeof(found->server), "%s", row->key.server);
	snprintf(found->client, sizeof(found->client), "%s", row->key.client);
	snprintf(found->id, sizeof(found->id), "%s", row->record);
	found->server_port = row->key.server_port;
	found->client_port = row->key.client_port;
	found->time = row->time;
	found->size = row->size;
	found->line = malloc(row->size + 1);
	if (found->line != NULL)
		memcpy(found->line, row->line, row->size);
}

static uint16_t
port_of(const struct record *record, enum field_id field)
{
	return record_has(record, field) ? (uint16_t)record->value[field].number : 0;
}

static bool
find_key(const struct record *record, struct joint *joint)
{
	if (!record_has(record, FIELD_SEKISHO_CLIENT_IP) ||
	    !record_has(record, FIELD_SEKISHO_SERVER_IP))
		return false;
	address_to_text(&record->value[FIELD_SEKISHO_CLIENT_IP].address, joint->client);
	address_to_text(&record->value[FIELD_SEKISHO_SERVER_IP].address, joint->server);
	joint->key = (struct evidence_key){
		.server = joint->server,
		.client = joint->client,
		.server_port = port_of(record, FIELD_SEKISHO_SERVER_PORT),
		.client_port = port_of(record, FIELD_SEKISHO_CLIENT_PORT),
	};
	return true;
}

/* Only what the wire did not show is taken from a log. */
static void
merge(struct record *record, const struct record *line)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		enum field_id field = (enum field_id)i;
		if (record_has(record, field) || record_is_null(record, field) ||
		    field == FIELD_EVIDENCE_UNTIL)
			continue;
		if (record_has(line, field))
			*record_set_(record, field) = line->value[field];
		else if (record_is_null(line, field))
			record_set_null(record, field);
	}
}

static void
note_before(void *ctx, const struct finding *finding)
{
	struct hearing *hearing = ctx;

	if (hearing->before_count == SAMPLES_BEFORE_MAX)
		return;
	struct sample_before *before = &hearing->before[hearing->before_count++];
	*before = (struct sample_before){ .requirement = finding->requirement,
					  .subject = finding->subject,
					  .outcome = finding->outcome };
	snprintf(before->reason, sizeof(before->reason), "%s", finding->reason);
}

static struct sample_before *
find_before(struct hearing *hearing, const struct finding *finding)
{
	for (size_t i = 0; i < hearing->before_count; i++)
		if (hearing->before[i].requirement == finding->requirement &&
		    hearing->before[i].subject == finding->subject)
			return &hearing->before[i];
	return NULL;
}

bool
attest_changed(struct hearing *hearing, const struct finding *finding)
{
	const struct sample_before *before = find_before(hearing, finding);

	return before == NULL || before->outcome != finding->outcome;
}

/* Judges without the line, then adds it. */
static bool
add_line(struct hearing *hearing, const struct record *line)
{
	struct engine *engine = hearing->engine;

	hearing->before = calloc(SAMPLES_BEFORE_MAX, sizeof(*hearing->before));
	if (hearing->before == NULL)
		return false;
	policy_judge(engine->policy, hearing->record, &hearing->parties, note_before,
		     hearing);
	merge(hearing->record, line);
	hearing->by = settle_name(engine->settle, line->value[FIELD_EVIDENCE_BY].text);
	hearing->is_declared =
		text_is(line->value[FIELD_EVIDENCE_CLASS].text, "declared");
	engine->counts.value[ENGINE_COUNT_ATTESTED]++;
	return true;
}

static int
withdraw(struct hearing *hearing, const struct sample_before *before)
{
	struct engine *engine = hearing->engine;
	struct finding finding = { .requirement = before->requirement,
				   .subject = before->subject,
				   .outcome = before->outcome };
	int64_t window =
		verdict_window(engine->policy, before->requirement, hearing->begin);

	snprintf(finding.reason, sizeof(finding.reason), "%s", before->reason);
	if (tallies_withdraw(engine->tallies, &finding, window))
		return 0;
	if (hear_flush_tallies(engine, hearing->err) == -1)
		return -1;
	tallies_withdraw(engine->tallies, &finding, window);
	return 0;
}

/* What a session that was counted says now. */
static void
on_settled(void *ctx, const struct finding *finding)
{
	struct hearing *hearing = ctx;
	struct sample_before *before = find_before(hearing, finding);

	if (hearing->result == -1)
		return;
	if (before != NULL)
		before->is_met = true;
	if (before != NULL && before->outcome == finding->outcome)
		return;
	if (before != NULL)
		hearing->result = withdraw(hearing, before);
	if (hearing->result != -1)
		hearing->result = hear_sample(hearing, finding);
}

static int
settle_again(struct hearing *session)
{
	struct engine *engine = session->engine;

	policy_judge(engine->policy, session->record, &session->parties, on_settled,
		     session);
	for (size_t i = 0; session->result != -1 && i < session->before_count; i++)
		if (!session->before[i].is_met) /* it is out of scope by now */
			session->result = withdraw(session, &session->before[i]);
	return session->result;
}

/* "sensor/epoch/lane/seq" back into the record, for the evidence of its alerts. */
static void
set_place(struct record *record, char *id)
{
	char *epoch = strchr(id, '/');
	char *lane = epoch != NULL ? strchr(epoch + 1, '/') : NULL;
	uint64_t number[2] = { 0 };

	if (lane == NULL ||
	    sscanf(lane, "/%" SCNu64 "/%" SCNu64, &number[0], &number[1]) != 2)
		return;
	record_set_text(record, FIELD_SEKISHO_SENSOR,
			(struct text){ id, (uint32_t)(epoch - id) });
	record_set_text(record, FIELD_SEKISHO_EPOCH,
			(struct text){ epoch + 1, (uint32_t)(lane - epoch - 1) });
	record_set_number(record, FIELD_SEKISHO_LANE, number[0]);
	record_set_number(record, FIELD_SEKISHO_SEQ, number[1]);
}

/* The session that waited, judged again with the line. */
static int
settle_session(struct hearing *hearing, struct found *found)
{
	struct engine *engine = hearing->engine;
	struct hearing session = { .engine = engine, .err = hearing->err };
	struct evidence_key key = { found->server, found->client, found->server_port,
				    found->client_port };
	struct record record;
	struct error why;
	int result = 0;

	if (store_end_awaited(engine->store, &key, found->time, found->id,
			      hearing->err) == -1)
		return -1;
	settle_give(engine->settle, found->server, found->server_port);
	if (found->line == NULL || !record_read(engine->second_reader, found->line,
						found->size, &record, &why))
		return 0;
	session.record = &record;
	snprintf(session.id, sizeof(session.id), "%s", found->id);
	set_place(&record, session.id);
	session.time = record.value[FIELD_TIMESTAMP].time;
	session.begin = record_has(&record, FIELD_FLOW_START)
				? record.value[FIELD_FLOW_START].time.usec
				: session.time.usec;
	session.parties = policy_parties(engine->policy, &record);
	if (add_line(&session, hearing->record))
		result = settle_again(&session);
	free(session.before);
	return result;
}

static int
keep_line(struct hearing *hearing, const struct joint *joint, int64_t last)
{
	struct engine *engine = hearing->engine;
	int has_room = settle_take(engine->settle, joint->server,
				   joint->key.server_port, hearing->err);

	if (has_room == 0)
		engine->counts.value[ENGINE_COUNT_AWAITED_FULL]++;
	if (has_room != 1)
		return has_room;
	return store_add_attestation(engine->store, &joint->key, hearing->time.usec,
				     last, hearing->id, hearing->line, hearing->size,
				     hearing->err);
}

int
attest_line(struct hearing *hearing)
{
	struct engine *engine = hearing->engine;
	const struct record *record = hearing->record;
	struct found found = { .line = NULL };
	struct joint joint;
	int64_t first = hearing->time.usec, last = first;

	if (engine->settle == NULL)
		return 0;
	if (!find_key(record, &joint) || !record_has(record, FIELD_EVIDENCE_BY)) {
		engine->counts.value[ENGINE_COUNT_UNJOINABLE]++;
		return 0;
	}
	if (record_has(record, FIELD_EVIDENCE_UNTIL))
		last = record->value[FIELD_EVIDENCE_UNTIL].time.usec;
	int result = store_find_awaited(engine->store, &everybody, &joint.key,
					first - SETTLE_SKEW, last + SETTLE_SKEW,
					policy_sha256(engine->policy), take_found,
					&found, hearing->err);
	if (result == 1)
		result = settle_session(hearing, &found);
	else if (result == 0)
		result = keep_line(hearing, &joint, last);
	free(found.line);
	return result == -1 ? -1 : 0;
}

static bool
may_be_settled(const struct hearing *hearing)
{
	enum event event = record_event(hearing->record);

	return hearing->engine->settle != NULL && hearing->parties.is_known &&
	       (event == EVENT_TLS || event == EVENT_IKE || event == EVENT_HTTP);
}

int
attest_session(struct hearing *hearing)
{
	struct engine *engine = hearing->engine;
	struct found found = { .line = NULL };
	struct joint joint;
	struct record line;
	struct error why;

	if (!may_be_settled(hearing) || !find_key(hearing->record, &joint))
		return 0;
	int result = store_find_attestation(engine->store, &everybody, &joint.key,
					    hearing->time.usec, SETTLE_SKEW, take_found,
					    &found, hearing->err);
	if (result == 1 && found.line != NULL) {
		/* its texts must outlive this call: they borrow the line */
		hearing->added = found.line;
		if (record_read(engine->second_reader, found.line, found.size, &line,
				&why))
			add_line(hearing, &line);
	}
	return result == -1 ? -1 : 0;
}

int
attest_await(struct hearing *hearing)
{
	struct engine *engine = hearing->engine;
	struct joint joint;

	if (!may_be_settled(hearing) || hearing->by != NULL || !hearing->has_unknown ||
	    !find_key(hearing->record, &joint))
		return 0;
	int has_room = settle_take(engine->settle, joint.server, joint.key.server_port,
				   hearing->err);
	if (has_room == 0)
		engine->counts.value[ENGINE_COUNT_AWAITED_FULL]++;
	if (has_room != 1)
		return has_room;
	return store_add_awaited(engine->store, &joint.key, hearing->time.usec,
				 hearing->id, hearing->line, hearing->size,
				 policy_sha256(engine->policy), hearing->err);
}
