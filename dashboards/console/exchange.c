/* SPDX-License-Identifier: Apache-2.0 */
/* exchange: one request of the API and its answer. */
#include "dashboards/console/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

static void
answer(struct exchange *exchange, int status, const char *type, json_t *json)
{
	char *text = json != NULL ? json_dumps(json, EXCHANGE_JSON) : NULL;

	if (json != NULL && text == NULL)
		log_fatal("console", "no memory for an answer");
	http_answer_header(exchange->http, "Cache-Control", "no-store");
	http_answer(exchange->http, status, text != NULL ? type : NULL, text,
		    text != NULL ? strlen(text) : 0);
	free(text);
	json_decref(json);
}

void
answer_json(struct exchange *exchange, int status, json_t *json)
{
	answer(exchange, status, "application/json", json);
}

void
answer_problem(struct exchange *exchange, int status, const char *code, json_t *params)
{
	answer(exchange, status, "application/problem+json",
	       json_pack("{s:s, s:i, s:s, s:o}", "type", "about:blank", "status",
			 status, "code", code, "params",
			 params != NULL ? params : json_object()));
}

void
answer_invalid(struct exchange *exchange, const char *parameter)
{
	answer_problem(exchange, 400, "invalid_parameter",
		       json_pack("{s:s}", "name", parameter));
}

void
answer_not_found(struct exchange *exchange)
{
	answer_problem(exchange, 404, "not_found", NULL);
}

void
answer_failure(struct exchange *exchange, const struct error *err)
{
	struct console_reader *reader = exchange->console->reader;

	if (reader == NULL) {
		answer_problem(exchange, 503, "store_unavailable", NULL);
		return;
	}
	log_error("console", "%s", err->text);
	if (console_reader_timed_out(reader))
		answer_problem(exchange, 503, "query_timeout", NULL);
	else
		answer_problem(exchange, 500, "internal", NULL);
}

const char *
exchange_text(const struct exchange *exchange, const char *name, size_t most)
{
	const json_t *value = json_object_get(exchange->body, name);

	if (value == NULL)
		return "";
	if (!json_is_string(value) || json_string_length(value) > most ||
	    strlen(json_string_value(value)) != json_string_length(value))
		return NULL;
	return json_string_value(value);
}

bool
exchange_has_only(struct exchange *exchange, const char *const *names)
{
	const char *key;
	json_t *value;

	json_object_foreach(exchange->body, key, value)
	{
		const char *const *name = names;
		while (*name != NULL && strcmp(*name, key) != 0)
			name++;
		if (*name == NULL) {
			answer_problem(exchange, 400, "invalid_body",
				       json_pack("{s:s}", "name", key));
			return false;
		}
	}
	return true;
}

int
exchange_audit(struct exchange *exchange, const char *user, const char *action,
	       const char *object, const char *detail, const char *result,
	       struct error *err)
{
	const struct session *session = &exchange->session;

	return console_db_audit(
		exchange->console->db,
		&(struct audit_row){
			.time = exchange->now,
			.user = user != NULL ? user : session->user,
			.role = session->role != NULL ? session->role->name : "",
			.address = exchange->address,
			.action = action,
			.object = object,
			.detail = detail,
			.result = result,
		},
		err);
}
