/* SPDX-License-Identifier: Apache-2.0 */
/* ledger: a flow or tls record of a registered service as a row of the access ledger.
 */
#include "correlator/ledger.h"

#include <stdio.h>
#include <string.h>

#include "store/effects.h"

enum { VIOLATED_TEXT_SIZE = LEDGER_VIOLATED_MAX * 132 + 3 };

/* Texts of a row that must outlive the call that copies them. */
struct scratch {
	char client_ip[ADDRESS_TEXT_SIZE], server_ip[ADDRESS_TEXT_SIZE];
	char app_proto[LEDGER_NAME_SIZE], tls_version[LEDGER_NAME_SIZE],
		sni[LEDGER_NAME_SIZE];
	char client_certificate[LEDGER_SUBJECT_SIZE];
	char violated[VIOLATED_TEXT_SIZE];
};

void
session_verdict_add(struct session_verdict *verdict, const struct finding *finding)
{
	if (requirement_is_advice(finding->requirement))
		return;
	verdict->is_good |= finding->outcome == OUTCOME_GOOD;
	verdict->is_unknown |= finding->outcome == OUTCOME_UNKNOWN ||
			       finding->outcome == OUTCOME_ERROR;
	if (finding->outcome != OUTCOME_BAD)
		return;
	verdict->is_bad = true;
	size_t at = 0;
	while (at < verdict->violated_count &&
	       strcmp(verdict->violated[at], finding->requirement->id) < 0)
		at++;
	if (verdict->violated_count == LEDGER_VIOLATED_MAX ||
	    (at < verdict->violated_count &&
	     strcmp(verdict->violated[at], finding->requirement->id) == 0))
		return;
	memmove(&verdict->violated[at + 1], &verdict->violated[at],
		(verdict->violated_count++ - at) * sizeof(verdict->violated[0]));
	verdict->violated[at] = finding->requirement->id;
}

static void
violated_to_text(const struct session_verdict *verdict, char text[VIOLATED_TEXT_SIZE])
{
	size_t size = 0;

	text[size++] = '[';
	for (size_t i = 0; i < verdict->violated_count; i++)
		size += (size_t)snprintf(text + size, VIOLATED_TEXT_SIZE - size,
					 "%s\"%.128s\"", i > 0 ? "," : "",
					 verdict->violated[i]);
	memcpy(text + size, "]", 2);
}

static const char *
copy_text(const struct record *record, enum field_id field, char *out, size_t room)
{
	struct text cut = { NULL, 0 };

	if (record_has(record, field)) {
		struct text whole = record->value[field].text;
		cut = text_from_bytes(whole.at, whole.size, out, room - 1, NULL);
	}
	out[cut.size] = '\0';
	return out;
}

/* Subject, "" if none was sent, "unobservable:REASON" if it cannot be seen. */
static const char *
client_certificate(const struct record *record, char out[LEDGER_SUBJECT_SIZE])
{
	struct text reason = record_unobservable(record, FIELD_TLS_CLIENT_SUBJECT);

	copy_text(record, FIELD_TLS_CLIENT_SUBJECT, out, LEDGER_SUBJECT_SIZE);
	if (!record_has(record, FIELD_TLS_CLIENT_SUBJECT) && reason.size > 0)
		snprintf(out, LEDGER_SUBJECT_SIZE, "unobservable:%.*s",
			 (int)(reason.size < 32 ? reason.size : 32), reason.at);
	return out;
}

static const char *
address_text(const struct record *record, enum field_id field,
	     char out[ADDRESS_TEXT_SIZE])
{
	out[0] = '\0';
	if (record_has(record, field))
		address_to_text(&record->value[field].address, out);
	return out;
}

/* At most 2^53, so that no stranger's figure is more than the store can hold. */
static uint64_t
number(const struct record *record, enum field_id field)
{
	const uint64_t most = UINT64_C(1) << 53;
	uint64_t found = record_has(record, field) ? record->value[field].number : 0;

	return found < most ? found : most;
}

static int64_t
time_or(const struct record *record, enum field_id field, int64_t otherwise)
{
	return record_has(record, field) ? record->value[field].time.usec : otherwise;
}

static int64_t
day_of(const struct policy *policy, int64_t time)
{
	int64_t past = (time + policy_zone(policy) * INSTANT_SECOND) % INSTANT_DAY;

	return time - (past < 0 ? past + INSTANT_DAY : past);
}

static void
fill_parties(struct ledger_row *row, const struct parties *parties)
{
	const struct participant *client = parties->client.participant;
	const struct participant *server = parties->server.participant;

	row->client = client != NULL ? client->id : "unknown";
	row->client_partition = client != NULL ? client->partition : "external";
	row->server = server != NULL ? server->id : "unknown";
	row->server_partition = server != NULL ? server->partition : "external";
	row->service = parties->server.service->id;
	row->service_kind = parties->server.service->kind;
}

static void
fill_session(struct ledger_row *row, struct scratch *scratch,
	     const struct record *record)
{
	row->client_ip =
		address_text(record, FIELD_SEKISHO_CLIENT_IP, scratch->client_ip);
	row->server_ip =
		address_text(record, FIELD_SEKISHO_SERVER_IP, scratch->server_ip);
	row->server_port = (uint16_t)number(record, FIELD_SEKISHO_SERVER_PORT);
	row->bytes_to_server = number(record, FIELD_FLOW_BYTES_TOSERVER);
	row->bytes_to_client = number(record, FIELD_FLOW_BYTES_TOCLIENT);
	row->app_proto = copy_text(record, FIELD_APP_PROTO, scratch->app_proto,
				   LEDGER_NAME_SIZE);
	if (strcmp(row->app_proto, "unknown") == 0)
		row->app_proto = "";
	row->tls_version = copy_text(record, FIELD_TLS_VERSION, scratch->tls_version,
				     LEDGER_NAME_SIZE);
	row->sni = copy_text(record, FIELD_TLS_SNI, scratch->sni, LEDGER_NAME_SIZE);
	row->client_certificate =
		client_certificate(record, scratch->client_certificate);
	/* a tls record is the last word on its handshake, not on the session */
	row->is_final = record_event(record) == EVENT_FLOW &&
			record_has(record, FIELD_SEKISHO_IS_FINAL) &&
			record->value[FIELD_SEKISHO_IS_FINAL].flag;
}

int
ledger_add(struct store *store, const struct policy *policy, const char *sensor,
	   const char *poi, const char *record_id, const struct record *record,
	   const struct parties *parties, const struct session_verdict *verdict,
	   struct error *err)
{
	struct scratch scratch;
	int64_t time = record->value[FIELD_TIMESTAMP].time.usec;
	int64_t start = time_or(record, FIELD_FLOW_START, time);

	if (!parties->is_known || parties->server.service == NULL ||
	    !record_has(record, FIELD_FLOW_ID))
		return 0;
	struct ledger_row row = { .poi = poi,
				  .sensor = sensor,
				  .flow_id = number(record, FIELD_FLOW_ID),
				  .record = record_id,
				  .start = start,
				  .end = time_or(record, FIELD_FLOW_END, time),
				  .day = day_of(policy, start),
				  .violated = scratch.violated };
	fill_parties(&row, parties);
	fill_session(&row, &scratch, record);
	violated_to_text(verdict, scratch.violated);
	row.verdict = verdict->is_bad       ? "violated"
		      : verdict->is_unknown ? "unobservable"
		      : verdict->is_good    ? "satisfied"
					    : "not_applicable";
	return store_add_ledger(store, &row, err) == -1 ? -1 : 1;
}
