/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook: alerts by HTTP POST, as an OCSF Detection Finding (class 2004), signed.
 *
 * Sekisho-Signature: t=SECONDS,v1=HEX with HEX = HMAC-SHA-256(key, SECONDS "." body),
 * so that a receiver can refuse what is old; Idempotency-Key is the alert's id and the
 * transition's number.  2xx is received; 400, 405, 410, 413, 415, 422 and 501 mean that
 * this body will never be taken, which is counted and passed over; all else is tried
 * again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "common/digest.h"
#include "correlator/notify/output.h"
#include "correlator/notify/wire.h"

enum { KEY_SIZE_MAX = 4096 };

static json_t *
party(const struct notice_party *who, uint16_t port, bool is_ja)
{
	json_t *json = json_pack("{s:s, s:s}", "uid", who->id, "name",
				 is_ja ? who->title_ja : who->title_en);

	if (who->ip[0] != '\0')
		json_object_set_new(json, "ip", json_string(who->ip));
	if (port != 0)
		json_object_set_new(json, "port", json_integer(port));
	if (who->contact[0] != '\0')
		json_object_set_new(json, "owner",
				    json_pack("{s:s}", "name", who->contact));
	return json;
}

static json_t *
finding_info(const struct notify_settings *settings, const struct notice *notice,
	     const char *sentence)
{
	const struct notice_row *row = &notice->row;
	char link[NOTICE_LINK_SIZE];
	bool is_ja = settings->language == 0;

	notice_link(settings, notice, link);
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:I, s:I, s:{s:s, s:s}, s:[s]}", "uid", row->alert,
		"title", is_ja ? row->title_ja : row->title_en, "desc", sentence,
		"first_seen_time", (json_int_t)(row->first / 1000), "last_seen_time",
		(json_int_t)(row->last / 1000), "analytic", "uid", row->rule, "type",
		"Rule", "types", row->category);
	if (link[0] != '\0')
		json_object_set_new(json, "src_url", json_string(link));
	return json;
}

static json_t *
own_data(const struct notice *notice, bool is_ja)
{
	const struct notice_row *row = &notice->row;

	return json_pack("{s:i, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "transition",
			 (int)row->number, "more", (json_int_t)notice->more, "poi",
			 row->poi, "service", row->service, "clause", row->clause,
			 "document", is_ja ? row->document_ja : row->document_en,
			 "episode", row->episode, "ruleset", row->ruleset);
}

/* docs: schema.ocsf.io, class detection_finding, version 1.3.0 */
static char *
body_of(const struct notify_settings *settings, const struct notice *notice)
{
	static const char *const severities[] = { "Informational", "Low", "Medium",
						  "High", "Critical" };
	const struct notice_row *row = &notice->row;
	int rank = notice_rank(row->severity), activity = row->number > 1 ? 2 : 1;
	bool is_ja = settings->language == 0;
	char sentence[NOTICE_SENTENCE_SIZE];

	notice_sentence(notice, is_ja, sentence);
	json_t *json = json_pack(
		"{s:i, s:i, s:i, s:i, s:s, s:i, s:s, s:I, s:I, s:s, s:i, s:i}",
		"class_uid", 2004, "category_uid", 2, "activity_id", activity,
		"type_uid", 200400 + activity, "class_name", "Detection Finding",
		"severity_id", rank + 1, "severity", severities[rank], "time",
		(json_int_t)(row->time / 1000), "count", (json_int_t)row->count,
		"message", sentence, "status_id", 1, "confidence_id", 3);
	json_object_set_new(json, "metadata",
			    json_pack("{s:s, s:s, s:{s:s, s:s, s:s}}", "version",
				      "1.3.0", "uid", notice->key, "product", "name",
				      "Sekisho", "vendor_name", "Sekisho", "version",
				      SEKISHO_VERSION));
	json_object_set_new(json, "finding_info",
			    finding_info(settings, notice, sentence));
	json_object_set_new(json, "evidences",
			    json_pack("[{s:o, s:o}]", "src_endpoint",
				      party(&row->client, 0, is_ja), "dst_endpoint",
				      party(&row->server, row->server_port, is_ja)));
	const char *remedy = is_ja ? row->remedy_ja : row->remedy_en;
	if (remedy[0] != '\0')
		json_object_set_new(json, "remediation",
				    json_pack("{s:s}", "desc", remedy));
	json_object_set_new(json, "unmapped",
			    json_pack("{s:o}", "sekisho", own_data(notice, is_ja)));
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

static int
sign(const struct notify_settings *settings, const char *body, char *header,
     size_t room, struct error *err)
{
	char key[KEY_SIZE_MAX], hex[DIGEST_TEXT_SIZE], seconds[24];
	FILE *file = fopen(settings->webhook_key, "rb");

	if (file == NULL)
		return error_errno(err, "%s", settings->webhook_key);
	size_t size = fread(key, 1, sizeof(key), file);
	fclose(file);
	while (size > 0 && (key[size - 1] == '\n' || key[size - 1] == '\r'))
		size--;
	if (size < 16)
		return error_set(err, "%s: a key of 16 bytes or more is expected",
				 settings->webhook_key);
	snprintf(seconds, sizeof(seconds), "%lld", (long long)time(NULL));
	size_t length = strlen(seconds) + 1 + strlen(body);
	char *whole = malloc(length + 1);
	if (whole == NULL)
		return error_set(err, "no memory to sign");
	snprintf(whole, length + 1, "%s.%s", seconds, body);
	struct digest digest = digest_hmac(key, size, whole, length);
	free(whole);
	digest_to_text(&digest, hex);
	snprintf(header, room, "t=%s,v1=%s", seconds, hex);
	return 0;
}

/* The status of the answer, 100 to 599; what follows is not waited for. */
static int
read_status(struct wire *wire, struct error *err)
{
	char line[512];
	int status = 0;

	if (wire_line(wire, line, sizeof(line), err) == -1)
		return -1;
	if (sscanf(line, "HTTP/1.%*1[01] %3d", &status) != 1 || status < 100 ||
	    status > 599)
		return error_set(err, "its answer is not HTTP");
	return status;
}

static int
post(const struct notify_settings *settings, const struct target *target,
     const char *body, const char *key, struct error *err)
{
	char head[3072], signature[128];
	bool is_v6 = strchr(target->host, ':') != NULL;

	if (sign(settings, body, signature, sizeof(signature), err) == -1)
		return -1;
	struct wire *wire = wire_open(target, settings, err);
	if (wire == NULL)
		return -1;
	int size =
		snprintf(head, sizeof(head),
			 "POST %s HTTP/1.1\r\nHost: %s%s%s:%s\r\n"
			 "User-Agent: sekisho-correlator/" SEKISHO_VERSION "\r\n"
			 "Content-Type: application/json\r\nContent-Length: %zu\r\n"
			 "Idempotency-Key: %s\r\nSekisho-Signature: %s\r\n"
			 "Connection: close\r\n\r\n",
			 target->path, is_v6 ? "[" : "", target->host, is_v6 ? "]" : "",
			 target->port, strlen(body), key, signature);
	int status = wire_write(wire, head, (size_t)size, err) == -1 ||
				     wire_write(wire, body, strlen(body), err) == -1
			     ? -1
			     : read_status(wire, err);
	wire_close(wire);
	return status;
}

/* This body will never be taken: it would stop all that come behind it. */
static bool
is_refusal(int status)
{
	static const int refusals[] = { 400, 405, 410, 413, 415, 422, 501 };

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (status == refusals[i])
			return true;
	return false;
}

int
webhook_send(const struct notify_settings *settings, const struct notice *notice,
	     size_t count, struct delivery *delivery, struct error *err)
{
	struct target target;

	if (target_parse_url(settings->webhook, &target, err) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		char *body = body_of(settings, &notice[i]), key[128];
		if (body == NULL)
			return error_set(err, "no memory for a notice");
		snprintf(key, sizeof(key), "%s%s", notice[i].key,
			 notice[i].more > 0 ? "-more" : "");
		int status = post(settings, &target, body, key, err);
		free(body);
		if (status == -1)
			return -1;
		bool is_taken = status >= 200 && status < 300;
		if (!is_taken && !is_refusal(status))
			return error_set(err, "%s: answered %d", target.host, status);
		delivery->refused += !is_taken;
		delivery->done = i + 1;
	}
	return 0;
}
