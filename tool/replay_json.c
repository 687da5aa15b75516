/* SPDX-License-Identifier: Apache-2.0 */
/* replay_json: verdicts and alerts of a store as JSON, one object a line. */
#include <inttypes.h>
#include <string.h>

#include "common/record_read.h"
#include "common/record_write.h"
#include "correlator/alert/alert.h"
#include "correlator/evidence.h"
#include "store/reads.h"
#include "tool/replay.h"

static const struct scope everybody = { .is_all = true };

static void
put_text(FILE *out, const char *name, const char *text)
{
	char quoted[6 * 1024];

	quoted[text_to_json(text_of(text), quoted, sizeof(quoted) - 1)] = '\0';
	fprintf(out, ",\"%s\":%s", name, quoted[0] != '\0' ? quoted : "null");
}

static void
put_time(FILE *out, const char *name, int64_t usec)
{
	char text[INSTANT_TEXT_SIZE];

	instant_to_text((struct instant){ usec }, text);
	put_text(out, name, text);
}

static bool
put_verdict(void *ctx, const struct verdict_row *row)
{
	FILE *out = ctx;

	fprintf(out, "{\"verdict\":{\"v\":1");
	put_text(out, "requirement", row->key.requirement);
	put_text(out, "participant", row->key.participant);
	put_text(out, "partition", row->partition);
	put_time(out, "window_start", row->key.window_start);
	put_time(out, "window_end", row->window_end);
	put_text(out, "verdict", row->verdict);
	fprintf(out, ",\"provisional\":%s", row->is_provisional ? "true" : "false");
	put_text(out, "disposition", row->disposition);
	put_text(out, "exception", row->exception);
	fprintf(out,
		",\"good\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"unknown\":%" PRIu64
		",\"failed\":%" PRIu64,
		row->good, row->bad, row->unknown, row->failed);
	fprintf(out, ",\"coverage\":%u.%06u", row->coverage / 1000000,
		row->coverage % 1000000);
	put_text(out, "reason", row->reason);
	fprintf(out, ",\"evidence\":%s", row->evidence);
	if (strcmp(row->evidence_class, "observed") != 0)
		put_text(out, "evidence_class", row->evidence_class);
	put_text(out, "ruleset", row->ruleset);
	fprintf(out, "}}\n");
	return true;
}

struct printing {
	FILE *out;
	struct store *store;
	struct record_reader *reader;
	struct record opening;
	bool has_opening;
	char copy[RECORD_SIZE_MAX];
	struct error *err;
	int result;
};

static bool
read_opening(void *ctx, const struct record_row *row)
{
	struct printing *printing = ctx;
	struct error ignored;

	if (row->size > sizeof(printing->copy))
		return false;
	memcpy(printing->copy, row->line, row->size);
	printing->has_opening = record_read(printing->reader, printing->copy, row->size,
					    &printing->opening, &ignored);
	return false;
}

static void
alert_from_row(struct alert *alert, const struct alert_row *row)
{
	*alert = (struct alert){ .rule = row->rule,
				 .category = row->category,
				 .severity = row->severity,
				 .title = { row->title_ja, row->title_en },
				 .sentence = { row->sentence_ja, row->sentence_en },
				 .conditions = row->conditions,
				 .client = row->client,
				 .server = row->server,
				 .server_port = row->server_port,
				 .service = row->service,
				 .client_partition = row->client_partition,
				 .server_partition = row->server_partition,
				 .poi = row->poi,
				 .vlan = row->vlan,
				 .community_id = row->community_id,
				 .disposition = row->disposition,
				 .exception = row->exception,
				 .signature_id = alert_signature_id(row->rule) };
	snprintf(alert->id, sizeof(alert->id), "%s", row->id);
	snprintf(alert->client_ip, sizeof(alert->client_ip), "%s", row->client_ip);
	snprintf(alert->server_ip, sizeof(alert->server_ip), "%s", row->server_ip);
}

static bool
put_alert(void *ctx, const struct alert_row *row)
{
	struct printing *printing = ctx;
	char signature[ALERT_SIGNATURE_SIZE];
	static char line[RECORD_SIZE_MAX];
	struct evidence evidence;
	struct record record;
	struct alert alert;

	evidence_from_text(&evidence, row->evidence);
	printing->has_opening = false;
	if (evidence.count > 0 &&
	    store_find_cited(printing->store, &everybody, evidence.cited[0].id,
			     read_opening, printing, printing->err) == -1) {
		printing->result = -1;
		return false;
	}
	if (!printing->has_opening)
		return true;
	alert_from_row(&alert, row);
	alert.at = printing->opening.value[FIELD_TIMESTAMP].time;
	alert_to_record(&alert, &printing->opening, signature, &record);
	record_set_number(&record, FIELD_SALERT_COUNT, row->count);
	size_t size = record_write(&record, NULL, line);
	fwrite(line, 1, size, printing->out);
	fputc('\n', printing->out);
	return true;
}

int
replay_print_json(FILE *out, struct store *store, struct error *err)
{
	static struct printing printing;
	struct verdict_filter all = { .from = INT64_MIN, .to = INT64_MAX };

	printing = (struct printing){ .out = out, .store = store, .err = err };
	printing.reader = record_reader_new();
	if (store_each_verdict(store, &everybody, &all, put_verdict, out, err) == -1 ||
	    store_each_alert(store, &everybody, 0, put_alert, &printing, err) == -1)
		printing.result = -1;
	record_reader_free(printing.reader);
	return printing.result;
}
