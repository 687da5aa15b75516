/* SPDX-License-Identifier: Apache-2.0 */
/* alert: from a finding that broke a requirement to a row an analyst can read. */
#include "correlator/alert/alert.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/digest.h"
#include "correlator/alert/sentence.h"

/* What alert_new gives away, and the memory of its texts. */
struct alert_memory {
	struct alert alert;
	struct arena arena;
};

static const char *
participant_of(const struct party *party)
{
	return party->participant != NULL ? party->participant->id : "unknown";
}

static const char *
partition_of(const struct party *party)
{
	return party->participant != NULL ? party->participant->partition : "unknown";
}

/* Client and server, or who spoke first and to whom if nobody knows which is which. */
static void
address_of(const struct record *record, enum field_id best, enum field_id other,
	   char text[ADDRESS_TEXT_SIZE])
{
	enum field_id field = record_has(record, best) ? best : other;

	text[0] = '\0';
	if (record_has(record, field))
		address_to_text(&record->value[field].address, text);
}

static uint16_t
server_port_of(const struct record *record)
{
	enum field_id field = record_has(record, FIELD_SEKISHO_SERVER_PORT)
				      ? FIELD_SEKISHO_SERVER_PORT
				      : FIELD_DEST_PORT;

	return record_has(record, field) ? (uint16_t)record->value[field].number : 0;
}

/* Adds 'text' and a separator no id can hold. */
static void
key_add(char key[ALERT_KEY_SIZE], size_t *used, struct digester *whole,
	const char *text)
{
	digester_add(whole, text, strlen(text) + 1);
	*used += (size_t)snprintf(key + *used, ALERT_KEY_SIZE - *used, "%s%s",
				  *used > 0 ? "|" : "", text);
	if (*used > ALERT_KEY_SIZE - 1)
		*used = ALERT_KEY_SIZE - 1;
}

/* Of a key that was cut, the end becomes the digest of the whole, after whole
 * characters. */
static void
key_end(char key[ALERT_KEY_SIZE], const struct digest *whole)
{
	char text[DIGEST_TEXT_SIZE];
	size_t end = ALERT_KEY_SIZE - DIGEST_TEXT_SIZE;

	while (end > 0 && ((unsigned char)key[end] & 0xc0) == 0x80)
		end--;
	digest_to_text(whole, text);
	memcpy(key + end, text, sizeof(text));
}

void
alert_group_key(const struct finding *finding, const struct parties *parties,
		const struct record *record, char key[ALERT_KEY_SIZE])
{
	char client[ADDRESS_TEXT_SIZE], server[ADDRESS_TEXT_SIZE];
	const struct service *service = parties->server.service;
	struct digester *whole = digester_new();
	size_t used = 0;

	address_of(record, FIELD_SEKISHO_CLIENT_IP, FIELD_SRC_IP, client);
	address_of(record, FIELD_SEKISHO_SERVER_IP, FIELD_DEST_IP, server);
	key_add(key, &used, whole, finding->requirement->id);
	if (finding->group != NULL) {
		key_add(key, &used, whole, "=");
		key_add(key, &used, whole, finding->group);
		struct digest group = digester_end(whole);
		if (used == ALERT_KEY_SIZE - 1)
			key_end(key, &group);
		return;
	}
	key_add(key, &used, whole,
		parties->client.participant != NULL ? parties->client.participant->id
						    : client);
	key_add(key, &used, whole,
		parties->server.participant != NULL ? parties->server.participant->id
						    : server);
	key_add(key, &used, whole, service != NULL ? service->id : "");
	key_add(key, &used, whole,
		finding->exception != NULL ? finding->exception : "");
	struct digest digest = digester_end(whole);
	if (used == ALERT_KEY_SIZE - 1)
		key_end(key, &digest);
}

void
alert_record_id(const struct record *record, char id[ALERT_RECORD_SIZE])
{
	struct text sensor = record->value[FIELD_SEKISHO_SENSOR].text;
	struct text epoch = record->value[FIELD_SEKISHO_EPOCH].text;
	char lane[24] = "-", seq[24] = "-";

	if (!record_has(record, FIELD_SEKISHO_SENSOR))
		sensor = text_of("-");
	if (!record_has(record, FIELD_SEKISHO_EPOCH))
		epoch = text_of("-");
	if (record_has(record, FIELD_SEKISHO_LANE))
		snprintf(lane, sizeof(lane), "%llu",
			 (unsigned long long)record->value[FIELD_SEKISHO_LANE].number);
	if (record_has(record, FIELD_SEKISHO_SEQ))
		snprintf(seq, sizeof(seq), "%llu",
			 (unsigned long long)record->value[FIELD_SEKISHO_SEQ].number);
	snprintf(id, ALERT_RECORD_SIZE, "%.*s/%.*s/%s/%s",
		 (int)(sensor.size < 64 ? sensor.size : 64), sensor.at,
		 (int)(epoch.size < 64 ? epoch.size : 64), epoch.at, lane, seq);
}

uint32_t
alert_signature_id(const char *rule)
{
	struct digest digest = digest_of(rule, strlen(rule));
	const uint8_t *last = digest.byte + DIGEST_SIZE - 4;

	return ((uint32_t)last[0] << 24 | (uint32_t)last[1] << 16 |
		(uint32_t)last[2] << 8 | last[3]) &
	       0x7fffffff;
}

unsigned
alert_severity_number(const char *severity)
{
	static const struct {
		const char *word;
		unsigned number;
	} scale[] = { { "critical", 1 },
		      { "high", 1 },
		      { "medium", 2 },
		      { "low", 3 },
		      { "info", 4 } };

	for (size_t i = 0; i < sizeof(scale) / sizeof(scale[0]); i++)
		if (strcmp(severity, scale[i].word) == 0)
			return scale[i].number;
	return 4;
}

static const char *
keep_text(struct arena *arena, const struct record *record, enum field_id field)
{
	struct text text = record->value[field].text;

	return record_has(record, field) ? arena_text(arena, text.at, text.size) : "";
}

/* "[100,200]", or "" without tags. */
static const char *
keep_vlan(struct arena *arena, const struct record *record)
{
	const struct numbers *tags = &record->value[FIELD_VLAN].numbers;
	char text[256] = "[";
	size_t used = 1;

	if (!record_has(record, FIELD_VLAN) || tags->count == 0)
		return "";
	for (uint32_t i = 0; i < tags->count && used < sizeof(text) - 32; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%llu",
					 i > 0 ? "," : "",
					 (unsigned long long)tags->at[i]);
	text[used++] = ']';
	return arena_text(arena, text, used);
}

static void
fill_parties(struct alert *alert, struct arena *arena, const struct parties *parties,
	     const struct record *record)
{
	const struct service *service = parties->server.service;

	alert->client = participant_of(&parties->client);
	alert->server = participant_of(&parties->server);
	alert->client_partition = partition_of(&parties->client);
	alert->server_partition = partition_of(&parties->server);
	alert->service = service != NULL ? service->id : "";
	address_of(record, FIELD_SEKISHO_CLIENT_IP, FIELD_SRC_IP, alert->client_ip);
	address_of(record, FIELD_SEKISHO_SERVER_IP, FIELD_DEST_IP, alert->server_ip);
	alert->server_port = server_port_of(record);
	alert->poi = keep_text(arena, record, FIELD_SEKISHO_POI);
	alert->community_id = keep_text(arena, record, FIELD_COMMUNITY_ID);
	alert->vlan = keep_vlan(arena, record);
	alert->at = record->value[FIELD_TIMESTAMP].time;
}

struct alert *
alert_new(const struct finding *finding, const struct parties *parties,
	  const struct record *record, const struct episode *episode)
{
	struct alert_memory *memory = calloc(1, sizeof(*memory));

	assert(memory != NULL);
	struct alert *alert = &memory->alert;
	memcpy(alert->id, episode->alert, ALERT_ID_SIZE);
	alert->rule = finding->requirement->id;
	alert->category = finding->requirement->kind == REQUIREMENT_DETECTION
				  ? "detection"
				  : "requirement";
	alert->severity = finding->requirement->severity;
	alert->title = finding->requirement->title;
	alert->disposition = finding->exception != NULL ? "accepted" : "open";
	alert->exception = finding->exception != NULL ? finding->exception : "";
	alert->signature_id = alert_signature_id(alert->rule);
	fill_parties(alert, &memory->arena, parties, record);
	alert->sentence = sentence_of(&memory->arena, alert, finding, parties);
	alert->conditions =
		sentence_conditions(&memory->arena, finding, episode->evidence[0]);
	return alert;
}

void
alert_free(struct alert *alert)
{
	struct alert_memory *memory = (struct alert_memory *)(void *)alert;

	if (alert == NULL)
		return;
	arena_release(&memory->arena);
	free(memory);
}

/* Of the opening record an alert keeps who, where and how much. */
static const enum field_id kept_fields[] = {
	FIELD_TIMESTAMP,
	FIELD_FLOW_ID,
	FIELD_HOST,
	FIELD_VLAN,
	FIELD_SRC_IP,
	FIELD_SRC_PORT,
	FIELD_DEST_IP,
	FIELD_DEST_PORT,
	FIELD_PROTO,
	FIELD_APP_PROTO,
	FIELD_COMMUNITY_ID,
	FIELD_FLOW_PKTS_TOSERVER,
	FIELD_FLOW_PKTS_TOCLIENT,
	FIELD_FLOW_BYTES_TOSERVER,
	FIELD_FLOW_BYTES_TOCLIENT,
	FIELD_FLOW_START,
	FIELD_SEKISHO_V,
	FIELD_SEKISHO_POI,
	FIELD_SEKISHO_SENSOR,
	FIELD_SEKISHO_EPOCH,
	FIELD_SEKISHO_LANE,
	FIELD_SEKISHO_SEQ,
	FIELD_SEKISHO_CLIENT_IP,
	FIELD_SEKISHO_CLIENT_PORT,
	FIELD_SEKISHO_SERVER_IP,
	FIELD_SEKISHO_SERVER_PORT,
};

void
alert_to_record(const struct alert *alert, const struct record *opening,
		char signature[ALERT_SIGNATURE_SIZE], struct record *record)
{
	record_begin(record, EVENT_ALERT);
	for (size_t i = 0; i < sizeof(kept_fields) / sizeof(kept_fields[0]); i++)
		if (record_has(opening, kept_fields[i]))
			*record_set_(record, kept_fields[i]) =
				opening->value[kept_fields[i]];
	snprintf(signature, ALERT_SIGNATURE_SIZE, "%.120s %.380s", alert->rule,
		 alert->title.en);
	record_set_number(record, FIELD_ALERT_SIGNATURE_ID, alert->signature_id);
	record_set_number(record, FIELD_ALERT_REV, 1);
	record_set_text(record, FIELD_ALERT_SIGNATURE, text_of(signature));
	record_set_text(record, FIELD_ALERT_CATEGORY, text_of(alert->category));
	record_set_number(record, FIELD_ALERT_SEVERITY,
			  alert_severity_number(alert->severity));
	record_set_text(record, FIELD_SALERT_ID, text_of(alert->id));
	record_set_text(record, FIELD_SALERT_RULE, text_of(alert->rule));
	record_set_text(record, FIELD_SALERT_FROM, text_of(alert->client));
	record_set_text(record, FIELD_SALERT_TO, text_of(alert->server));
	record_set_number(record, FIELD_SALERT_COUNT, 1);
	record_set_text(record, FIELD_SALERT_REASON, text_of(alert->sentence.en));
}
