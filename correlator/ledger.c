/* SPDX-License-Identifier: Apache-2.0 */
/* ledger: a flow or tls record of a registered service as a row of the access ledger.
 */
#include "correlator/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "correlator/lanes.h"
#include "store/effects.h"

enum {
	VIOLATED_TEXT_SIZE = LEDGER_VIOLATED_MAX * 132 + 3,
	SLOTS = 2 * LEDGER_HELD_MAX, /* a power of two */
	/* texts of one row: its place, addresses, names and subject */
	ROW_TEXT_MAX = 2 * EVIDENCE_ID_SIZE + LANE_NAME_SIZE + 2 * ADDRESS_TEXT_SIZE +
		       3 * LEDGER_NAME_SIZE + LEDGER_SUBJECT_SIZE,
	TEXT_SIZE = 1 << 20
};

/* A session's records of this batch, merged; its texts stand in the ledger's. */
struct held {
	struct ledger_row row;
	struct session_verdict verdict;
};

struct ledger {
	const struct policy *policy;
	struct store *store;
	size_t count, used;   /* rows held, bytes of 'text' */
	uint16_t slot[SLOTS]; /* index + 1 into 'held'; 0 is free */
	struct held held[LEDGER_HELD_MAX];
	const struct held *sorted[LEDGER_HELD_MAX];
	char text[TEXT_SIZE];
};

struct ledger *
ledger_new(const struct policy *policy, struct store *store)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL)
		log_fatal("engine", "no memory for the ledger");
	ledger->policy = policy;
	ledger->store = store;
	return ledger;
}

void
ledger_free(struct ledger *ledger)
{
	free(ledger);
}

/* False if there is no room for it. */
static bool
add_violated(struct session_verdict *verdict, const char *id)
{
	size_t at = 0;
	int order = -1;

	while (at < verdict->violated_count &&
	       (order = strcmp(verdict->violated[at], id)) < 0)
		at++;
	if (at < verdict->violated_count && order == 0)
		return true;
	if (verdict->violated_count == LEDGER_VIOLATED_MAX)
		return false;
	memmove(&verdict->violated[at + 1], &verdict->violated[at],
		(verdict->violated_count++ - at) * sizeof(verdict->violated[0]));
	verdict->violated[at] = id;
	return true;
}

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
	add_violated(verdict, finding->requirement->id);
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

static int
write_row(struct ledger *ledger, const struct held *held, struct error *err)
{
	const struct session_verdict *verdict = &held->verdict;
	char violated[VIOLATED_TEXT_SIZE];
	struct ledger_row row = held->row;

	violated_to_text(verdict, violated);
	row.violated = violated;
	row.verdict = verdict->is_bad       ? "violated"
		      : verdict->is_unknown ? "unobservable"
		      : verdict->is_good    ? "satisfied"
					    : "not_applicable";
	return store_add_ledger(ledger->store, &row, err);
}

/* Room is ledger_add's to see to. */
static const char *
keep_text(struct ledger *ledger, struct text text, size_t room)
{
	char *kept = ledger->text + ledger->used;
	struct text cut = text_from_bytes(text.at, text.size, kept, room - 1, NULL);

	kept[cut.size] = '\0';
	ledger->used += cut.size + 1;
	return kept;
}

static const char *
field_text(struct ledger *ledger, const struct record *record, enum field_id field,
	   size_t room)
{
	return record_has(record, field)
		       ? keep_text(ledger, record->value[field].text, room)
		       : "";
}

/* Subject, "" if none was sent, "unobservable:REASON" if it cannot be seen. */
static const char *
client_certificate(struct ledger *ledger, const struct record *record)
{
	struct text reason = record_unobservable(record, FIELD_TLS_CLIENT_SUBJECT);
	char text[64];

	if (record_has(record, FIELD_TLS_CLIENT_SUBJECT) || reason.size == 0)
		return field_text(ledger, record, FIELD_TLS_CLIENT_SUBJECT,
				  LEDGER_SUBJECT_SIZE);
	snprintf(text, sizeof(text), "unobservable:%.*s",
		 (int)(reason.size < 32 ? reason.size : 32), reason.at);
	return keep_text(ledger, text_of(text), sizeof(text));
}

static const char *
address_text(struct ledger *ledger, const struct record *record, enum field_id field)
{
	char *kept = ledger->text + ledger->used;

	if (!record_has(record, field))
		return "";
	ledger->used += address_to_text(&record->value[field].address, kept) + 1;
	return kept;
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
fill_session(struct ledger_row *row, struct ledger *ledger, const struct record *record)
{
	row->client_ip = address_text(ledger, record, FIELD_SEKISHO_CLIENT_IP);
	row->server_ip = address_text(ledger, record, FIELD_SEKISHO_SERVER_IP);
	row->server_port = (uint16_t)number(record, FIELD_SEKISHO_SERVER_PORT);
	row->bytes_to_server = number(record, FIELD_FLOW_BYTES_TOSERVER);
	row->bytes_to_client = number(record, FIELD_FLOW_BYTES_TOCLIENT);
	row->app_proto = field_text(ledger, record, FIELD_APP_PROTO, LEDGER_NAME_SIZE);
	if (strcmp(row->app_proto, "unknown") == 0)
		row->app_proto = "";
	row->tls_version =
		field_text(ledger, record, FIELD_TLS_VERSION, LEDGER_NAME_SIZE);
	row->sni = field_text(ledger, record, FIELD_TLS_SNI, LEDGER_NAME_SIZE);
	row->client_certificate = client_certificate(ledger, record);
	/* a tls record is the last word on its handshake, not on the session */
	row->is_final = record_event(record) == EVENT_FLOW &&
			record_has(record, FIELD_SEKISHO_IS_FINAL) &&
			record->value[FIELD_SEKISHO_IS_FINAL].flag;
}

/* In the order of the table's key. */
static int
compare(const struct ledger_row *a, const struct ledger_row *b)
{
	int order = strcmp(a->poi, b->poi);

	if (order == 0)
		order = strcmp(a->sensor, b->sensor);
	return order != 0 ? order
			  : (a->flow_id > b->flow_id) - (a->flow_id < b->flow_id);
}

/* The session's, or a new one without 'row'; room is ledger_add's to see to. */
static struct held *
take(struct ledger *ledger, const struct ledger_row *wanted)
{
	size_t at =
		(size_t)(wanted->flow_id * UINT64_C(0x9E3779B97F4A7C15) >> 40) % SLOTS;

	for (; ledger->slot[at] != 0; at = (at + 1) % SLOTS) {
		struct held *held = &ledger->held[ledger->slot[at] - 1];
		if (held->row.flow_id == wanted->flow_id &&
		    compare(&held->row, wanted) == 0)
			return held;
	}
	struct held *held = &ledger->held[ledger->count++];
	ledger->slot[at] = (uint16_t)ledger->count;
	held->row.record = NULL;
	return held;
}

static const char *
greater(const char *a, const char *b)
{
	return strcmp(a, b) >= 0 ? a : b;
}

static uint64_t
more(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* As the store merges, docs there: a least, a greatest or a union each. */
static void
merge(struct ledger_row *row, const struct ledger_row *new)
{
	if (new->end > row->end ||
	    (new->end == row->end &&strcmp(new->record, row->record) > 0)) {
		row->end = new->end;
		row->record = new->record;
	}
	if (new->start < row->start) {
		row->start = new->start;
		row->day = new->day;
	}
	row->bytes_to_server = more(row->bytes_to_server, new->bytes_to_server);
	row->bytes_to_client = more(row->bytes_to_client, new->bytes_to_client);
	row->app_proto = greater(row->app_proto, new->app_proto);
	row->tls_version = greater(row->tls_version, new->tls_version);
	row->sni = greater(row->sni, new->sni);
	row->client_certificate =
		greater(row->client_certificate, new->client_certificate);
	row->is_final |= new->is_final;
}

/* False if the requirements violated do not fit; then nothing is changed. */
static bool
merge_verdict(struct session_verdict *verdict, const struct session_verdict *new)
{
	struct session_verdict merged = *verdict;

	for (size_t i = 0; i < new->violated_count; i++)
		if (!add_violated(&merged, new->violated[i]))
			return false;
	merged.is_bad |= new->is_bad;
	merged.is_unknown |= new->is_unknown;
	merged.is_good |= new->is_good;
	*verdict = merged;
	return true;
}

static int
hold(struct ledger *ledger, const struct ledger_row *row,
     const struct session_verdict *verdict, struct error *err)
{
	struct held *held = take(ledger, row);

	if (held->row.record == NULL) {
		*held = (struct held){ *row, *verdict };
		return 1;
	}
	if (merge_verdict(&held->verdict, verdict)) {
		merge(&held->row, row);
		return 1;
	}
	struct held alone = { *row, *verdict }; /* the store has no such limit */
	return write_row(ledger, held, err) == -1 ||
			       write_row(ledger, &alone, err) == -1
		       ? -1
		       : 1;
}

int
ledger_add(struct ledger *ledger, const char *sensor, const char *poi,
	   const char *record_id, const struct record *record,
	   const struct parties *parties, const struct session_verdict *verdict,
	   struct error *err)
{
	int64_t time = record->value[FIELD_TIMESTAMP].time.usec;
	int64_t start = time_or(record, FIELD_FLOW_START, time);

	if (!parties->is_known || parties->server.service == NULL ||
	    !record_has(record, FIELD_FLOW_ID))
		return 0;
	if ((ledger->count == LEDGER_HELD_MAX ||
	     TEXT_SIZE - ledger->used < ROW_TEXT_MAX) &&
	    ledger_flush(ledger, err) == -1)
		return -1;
	struct ledger_row row = {
		.poi = keep_text(ledger, text_of(poi), LANE_NAME_SIZE),
		.sensor = sensor,
		.flow_id = number(record, FIELD_FLOW_ID),
		.record = keep_text(ledger, text_of(record_id), EVIDENCE_ID_SIZE),
		.start = start,
		.end = time_or(record, FIELD_FLOW_END, time),
		.day = day_of(ledger->policy, start),
	};
	fill_parties(&row, parties);
	fill_session(&row, ledger, record);
	return hold(ledger, &row, verdict, err);
}

static int
by_key(const void *a, const void *b)
{
	const struct held *const *first = a, *const *second = b;

	return compare(&(*first)->row, &(*second)->row);
}

int
ledger_flush(struct ledger *ledger, struct error *err)
{
	for (size_t i = 0; i < ledger->count; i++)
		ledger->sorted[i] = &ledger->held[i];
	if (ledger->count > 0)
		qsort(ledger->sorted, ledger->count, sizeof(ledger->sorted[0]), by_key);
	for (size_t i = 0; i < ledger->count; i++)
		if (write_row(ledger, ledger->sorted[i], err) == -1)
			return -1;
	ledger->count = ledger->used = 0;
	memset(ledger->slot, 0, sizeof(ledger->slot));
	return 0;
}
