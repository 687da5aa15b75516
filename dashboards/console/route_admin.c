/* SPDX-License-Identifier: Apache-2.0 */
/* route_admin: users and the audit trail. */
#include <string.h>

#include "dashboards/console/alert_request.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"

enum { AUDIT_PAGE_MAX = 500 };

static bool
add_user(void *ctx, const struct user_row *row)
{
	json_array_append_new(
		ctx,
		json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:i, s:o}", "name", row->name,
			  "role", row->role, "region", row->partition, "language",
			  row->language, "created", present_time(row->created),
			  "disabled", row->is_disabled, "sessions", row->sessions,
			  "last_login", present_time(row->last_login)));
	return true;
}

void
route_users(struct exchange *exchange)
{
	json_t *items = json_array();
	struct error err;

	if (console_db_each_user(exchange->console->db, add_user, items, &err) == -1)
		answer_failure(exchange, &err);
	else
		answer_json(exchange, 200, json_pack("{s:O}", "items", items));
	json_decref(items);
}

struct audit_page {
	json_t *items;
	size_t limit;
	int64_t last;
	bool has_more;
};

static bool
add_row(void *ctx, const struct audit_row *row)
{
	struct audit_page *page = ctx;

	if (json_array_size(page->items) == page->limit) {
		page->has_more = true;
		return false;
	}
	page->last = row->id;
	json_array_append_new(
		page->items,
		json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id",
			  (json_int_t)row->id, "time", present_time(row->time), "user",
			  row->user, "role", row->role, "address", row->address,
			  "action", row->action, "object", row->object, "detail",
			  row->detail, "result", row->result, "hash", row->hash));
	return true;
}

void
route_audit(struct exchange *exchange)
{
	bool sees_all = role_may(exchange->session.role, PERMISSION_AUDIT_READ);
	const char *user = http_request_parameter(exchange->http, "user");
	const char *action = http_request_parameter(exchange->http, "action");
	int64_t limit, before;
	struct error err;

	if (!exchange_number(exchange, "limit", 1, AUDIT_PAGE_MAX, 100, &limit) ||
	    !exchange_number(exchange, "cursor", 1, INT64_MAX, 0, &before)) {
		answer_invalid(exchange, "limit");
		return;
	}
	struct audit_page page = { json_array(), (size_t)limit, 0, false };
	struct audit_filter filter = {
		.user = sees_all ? (user != NULL && user[0] != '\0' ? user : NULL)
				 : exchange->session.user,
		.action = action != NULL && action[0] != '\0' ? action : NULL,
		.before = before,
		.limit = (int)limit + 1,
	};
	if (console_db_each_audit(exchange->console->db, &filter, add_row, &page,
				  &err) == -1)
		answer_failure(exchange, &err);
	else
		answer_json(exchange, 200,
			    json_pack("{s:O, s:o}", "items", page.items, "next",
				      page.has_more ? json_sprintf("%lld",
								   (long long)page.last)
						    : json_null()));
	json_decref(page.items);
}

void
route_audit_verify(struct exchange *exchange)
{
	struct audit_check check;
	struct error err;

	if (console_db_verify_audit(exchange->console->db, &check, &err) == -1) {
		answer_failure(exchange, &err);
		return;
	}
	answer_json(exchange, 200,
		    json_pack("{s:I, s:b, s:o, s:s}", "rows", (json_int_t)check.rows,
			      "intact", check.first_bad == 0, "first_bad",
			      check.first_bad == 0 ? json_null()
						   : json_integer(check.first_bad),
			      "head", check.head));
}
