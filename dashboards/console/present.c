/* SPDX-License-Identifier: Apache-2.0 */
/* present: rows of the store as the JSON of docs/API.md. */
#include "dashboards/console/present.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/instant.h"

json_t *
present_time(int64_t usec)
{
	time_t seconds = (time_t)(usec / INSTANT_SECOND);
	struct tm civil;
	char text[64];

	if (usec == 0 || gmtime_r(&seconds, &civil) == NULL)
		return json_null();
	size_t used = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &civil);
	snprintf(text + used, sizeof(text) - used, ".%03dZ",
		 (int)(usec % INSTANT_SECOND / 1000));
	return json_string(text);
}

json_t *
present_title(struct title title)
{
	return json_pack("{s:s, s:s}", "ja", title.ja, "en", title.en);
}

json_t *
present_share(int64_t millionths)
{
	return json_real((double)millionths / 1e6);
}

json_t *
present_column(const char *text, json_t *otherwise)
{
	json_t *json = json_loads(text, 0, NULL);

	if (json == NULL)
		return otherwise;
	json_decref(otherwise);
	return json;
}

const char *
present_severity(int rank)
{
	static const char *const words[] = { "info",   "info", "low",
					     "medium", "high", "critical" };

	return words[rank >= 0 && rank <= 5 ? rank : 0];
}

static json_t *
present_party(const struct alert_party *party)
{
	return json_pack("{s:s, s:o, s:s, s:s, s:b}", "id", party->id, "title",
			 present_title(party->title), "region", party->region, "ip",
			 party->ip, "masked", party->is_masked);
}

static json_t *
present_service(const struct alert_item *item)
{
	if (item->service[0] == '\0')
		return json_null();
	return json_pack("{s:s, s:s, s:o}", "id", item->service, "kind",
			 item->service_kind, "title",
			 present_title(item->service_title));
}

json_t *
present_alert(const struct alert_item *item)
{
	json_t *json = json_pack(
		"{s:s, s:I, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:i, s:o}", "id",
		item->id, "seq", (json_int_t)item->seq, "rule", item->rule, "category",
		item->category, "severity", item->severity, "title",
		present_title(item->title), "state", item->state, "reason",
		item->reason, "assignee", item->assignee, "version", item->version,
		"changed", present_time(item->changed));
	json_t *more = json_pack(
		"{s:s, s:s, s:s, s:b, s:o, s:o, s:I, s:o, s:o, s:o, s:i, s:s, s:i, "
		"s:i}",
		"episode", item->episode, "disposition", item->disposition, "exception",
		item->exception, "late", item->is_late, "first",
		present_time(item->first), "last", present_time(item->last), "count",
		(json_int_t)item->count, "client", present_party(&item->client),
		"server", present_party(&item->server), "service",
		present_service(item), "server_port", item->server_port, "poi",
		item->poi, "evidence", item->evidence_count, "notes", item->notes);

	json_object_update(json, more);
	json_decref(more);
	return json;
}

json_t *
present_requirement(const struct requirement_row *row)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "id", row->id, "ordinal", row->ordinal, "kind", row->kind,
			 "status", row->status, "severity", row->severity, "clause",
			 row->clause, "title", present_title(row->title), "document",
			 present_title(row->document), "rationale",
			 present_title(row->rationale), "remedy",
			 present_title(row->remedy), "settled_by",
			 present_title(row->settled_by), "min_coverage",
			 present_share(row->min_coverage));
}

json_t *
present_participant(const struct participant_row *row)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:b}", "id", row->id,
			 "kind", row->kind, "region", row->partition, "title",
			 present_title(row->title), "kana", row->kana, "code",
			 row->code, "contact", row->contact, "masked", row->is_masked);
}

json_t *
present_ruleset(const struct ruleset_row *row)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "sha256", row->sha256, "policy",
			 row->policy, "version", row->version, "first_used",
			 present_time(row->first_used));
}

json_t *
present_evidence(const struct evidence_row *row)
{
	return json_pack("{s:s, s:o, s:b, s:o}", "record", row->record, "time",
			 present_time(row->time), "masked", row->is_masked, "line",
			 present_column(row->line, json_null()));
}
