/* SPDX-License-Identifier: Apache-2.0 */
/* console_alerts: the queue: alerts as a scope may see them, filtered, paged, counted,
 * grouped. */
#include <stdlib.h>
#include <string.h>

#include "store/console_internal.h"

/* What the scope owns decides what is masked; NULL (a scope that sees nothing) owns
 * nothing. */
static const char visible_alerts[] =
	"WITH visible AS (SELECT a.seq, a.id, a.rule, a.category, a.severity, "
	"CASE a.severity WHEN 'critical' THEN 5 WHEN 'high' THEN 4 WHEN 'medium' THEN "
	"3 "
	"WHEN 'low' THEN 2 ELSE 1 END AS rank, a.title_ja, a.title_en, "
	"replace(replace(a.sentence_ja, iif(a.own_client, '', a.client_ip), '***'), "
	"iif(a.own_server, '', a.server_ip), '***') AS sentence_ja, "
	"replace(replace(a.sentence_en, iif(a.own_client, '', a.client_ip), '***'), "
	"iif(a.own_server, '', a.server_ip), '***') AS sentence_en, "
	"replace(replace(a.conditions, iif(a.own_client, '', a.client_ip), '***'), "
	"iif(a.own_server, '', a.server_ip), '***') AS conditions, "
	"a.evidence, a.client, a.server, "
	"coalesce(pc.title_ja, '') AS client_ja, coalesce(pc.title_en, '') AS "
	"client_en, "
	"coalesce(ps.title_ja, '') AS server_ja, coalesce(ps.title_en, '') AS "
	"server_en, "
	"iif(a.own_client, a.client_partition, '') AS client_region, "
	"iif(a.own_server, a.server_partition, '') AS server_region, "
	"iif(a.own_client, a.client_ip, '') AS client_ip, "
	"iif(a.own_server, a.server_ip, '') AS server_ip, a.own_client, a.own_server, "
	"a.service, coalesce(v.kind, '') AS service_kind, coalesce(v.title_ja, '') AS "
	"service_ja, "
	"coalesce(v.title_en, '') AS service_en, a.server_port, a.poi, a.vlan, "
	"iif(a.own_client AND a.own_server, a.community_id, '') AS community_id, "
	"a.episode, "
	"a.disposition, a.exception, a.first, a.last, a.count, a.ruleset, a.late, "
	"coalesce(w.state, 'new') AS state, coalesce(w.reason, '') AS reason, "
	"coalesce(w.assignee, '') AS assignee, coalesce(w.changed, 0) AS changed, "
	"coalesce(w.version, 0) AS version, "
	"(SELECT count(*) FROM console.workflow_history h WHERE h.alert = a.id AND "
	"h.note <> '') "
	"AS notes "
	"FROM (SELECT *, ?%d OR coalesce(client_partition = ?%d, 0) AS own_client, "
	"?%d OR coalesce(server_partition = ?%d, 0) AS own_server FROM alert) a "
	"LEFT JOIN console.workflow w ON w.alert = a.id "
	"LEFT JOIN participant pc ON pc.id = a.client "
	"LEFT JOIN participant ps ON ps.id = a.server "
	"LEFT JOIN service v ON v.id = a.service WHERE a.own_client OR a.own_server) ";

void
sql_visible_alerts(struct sql *sql, const struct scope *scope)
{
	const char *partition = scope_partition(scope);
	int all = sql_number(sql, scope->is_all);
	/* No partition has an empty id, so '' stands for none. */
	int own = sql_text(sql, partition != NULL ? partition : "");

	sql_add(sql, visible_alerts, all, own, all, own);
}

#define PARTY(side) "(" side " = @ OR " side "_region = @ OR in_prefix(" side "_ip, @))"

/* What each word asks; @ stands for its value. */
static const char *const term_sql[ALERT_KEY_COUNT] = {
	[ALERT_KEY_TEXT] =
		"instr(lower(title_ja || char(10) || title_en || char(10) || "
		"sentence_ja || char(10) || sentence_en || char(10) || rule || "
		"char(10) || client_ja || char(10) || client_en || char(10) || "
		"server_ja || char(10) || server_en), lower(@)) > 0",
	[ALERT_KEY_RULE] = "rule = @",
	[ALERT_KEY_SEVERITY] = "rank",
	[ALERT_KEY_STATE] = "state = @",
	[ALERT_KEY_EPISODE] = "episode = @",
	[ALERT_KEY_CATEGORY] = "category = @",
	[ALERT_KEY_DISPOSITION] = "disposition = @",
	[ALERT_KEY_CLIENT] = PARTY("client"),
	[ALERT_KEY_SERVER] = PARTY("server"),
	[ALERT_KEY_EITHER] = "(" PARTY("client") " OR " PARTY("server") ")",
	[ALERT_KEY_SERVICE] = "(service = @ OR service_kind = @)",
	[ALERT_KEY_POI] = "poi = @",
	[ALERT_KEY_PORT] = "server_port = CAST(@ AS INTEGER)",
	[ALERT_KEY_ASSIGNEE] = "assignee = @",
	[ALERT_KEY_REASON] = "reason = @",
	[ALERT_KEY_ID] = "substr(id, 1, length(@)) = @",
	[ALERT_KEY_LATE] = "late",
	[ALERT_KEY_NOTED] = "notes > 0",
	[ALERT_KEY_UNASSIGNED] = "assignee = ''",
};

static int
severity_rank(const char *severity)
{
	static const char *const words[] = { "info", "low", "medium", "high",
					     "critical" };

	for (int i = 0; i < 5; i++)
		if (strcmp(words[i], severity) == 0)
			return i + 1;
	return 0;
}

static void
add_value(struct sql *sql, const struct alert_term *term, const char *value)
{
	static const char *const compare[ALERT_COMPARE_COUNT] = { "=", "<", "<=", ">",
								  ">=" };
	const char *shape = term_sql[term->key];

	if (term->key == ALERT_KEY_SEVERITY) {
		sql_add(sql, "rank %s %d", compare[term->compare],
			severity_rank(value));
		return;
	}
	if (term->is_prefix)
		shape = "substr(rule, 1, length(@)) = @";
	int at = strchr(shape, '@') != NULL ? sql_text(sql, value) : 0;
	for (; *shape != '\0'; shape++) {
		if (*shape == '@')
			sql_add(sql, "?%d", at);
		else
			sql_add(sql, "%c", *shape);
	}
}

static void
add_term(struct sql *sql, const struct alert_term *term)
{
	const char *value = term->value;

	sql_add(sql, " AND %s(", term->is_negated ? "NOT " : "");
	for (int i = 0; i < term->values; i++) {
		sql_add(sql, "%s", i > 0 ? " OR " : "");
		add_value(sql, term, value);
		value += strlen(value) + 1;
	}
	sql_add(sql, ")");
}

static void
add_tab(struct sql *sql, const struct alert_filter *filter)
{
	if (filter->tab == ALERT_TAB_INBOX)
		sql_add(sql, " AND state = 'new'");
	else if (filter->tab == ALERT_TAB_ESCALATED)
		sql_add(sql, " AND state = 'escalated'");
	else if (filter->tab == ALERT_TAB_MINE)
		sql_add(sql, " AND state <> 'closed' AND assignee = ?%d",
			sql_text(sql, filter->me));
}

static void
add_filter(struct sql *sql, const struct alert_filter *filter)
{
	sql_add(sql, "WHERE 1");
	add_tab(sql, filter);
	if (filter->from != 0)
		sql_add(sql, " AND last >= ?%d", sql_number(sql, filter->from));
	if (filter->to != 0)
		sql_add(sql, " AND first < ?%d", sql_number(sql, filter->to));
	if (filter->as_of_seq != 0)
		sql_add(sql, " AND seq <= ?%d", sql_number(sql, filter->as_of_seq));
	if (filter->after_seq != 0)
		sql_add(sql, " AND seq > ?%d", sql_number(sql, filter->after_seq));
	if (filter->ids != NULL)
		sql_add(sql, " AND id IN (SELECT value FROM json_each(?%d))",
			sql_text(sql, filter->ids));
	for (size_t i = 0; i < filter->term_count; i++)
		add_term(sql, &filter->term[i]);
}

#define ITEM_COLUMNS                                                               \
	"SELECT seq, id, rule, category, severity, rank, title_ja, title_en, "     \
	"sentence_ja, "                                                            \
	"sentence_en, conditions, evidence, json_array_length(evidence), notes, "  \
	"client, "                                                                 \
	"client_ja, client_en, client_region, client_ip, own_client, server, "     \
	"server_ja, "                                                              \
	"server_en, server_region, server_ip, own_server, service, service_kind, " \
	"service_ja, "                                                             \
	"service_en, server_port, poi, vlan, community_id, episode, disposition, " \
	"exception, "                                                              \
	"first, last, count, ruleset, late, state, reason, assignee, changed, "    \
	"version FROM visible "

static struct alert_party
party_at(sqlite3_stmt *s, int column)
{
	return (struct alert_party){
		.id = column_text(s, column),
		.title = { column_text(s, column + 1), column_text(s, column + 2) },
		.region = column_text(s, column + 3),
		.ip = column_text(s, column + 4),
		.is_masked = sqlite3_column_int(s, column + 5) == 0,
	};
}

/* The columns of ITEM_COLUMNS in their order. */
static bool
call_item(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	struct alert_item item = {
		.seq = sqlite3_column_int64(s, 0),
		.id = column_text(s, 1),
		.rule = column_text(s, 2),
		.category = column_text(s, 3),
		.severity = column_text(s, 4),
		.rank = sqlite3_column_int(s, 5),
		.title = { column_text(s, 6), column_text(s, 7) },
		.sentence = { column_text(s, 8), column_text(s, 9) },
		.conditions = column_text(s, 10),
		.evidence = column_text(s, 11),
		.evidence_count = sqlite3_column_int(s, 12),
		.notes = sqlite3_column_int(s, 13),
		.client = party_at(s, 14),
		.server = party_at(s, 20),
		.service = column_text(s, 26),
		.service_kind = column_text(s, 27),
		.service_title = { column_text(s, 28), column_text(s, 29) },
		.server_port = sqlite3_column_int(s, 30),
		.poi = column_text(s, 31),
		.vlan = column_text(s, 32),
		.community_id = column_text(s, 33),
		.episode = column_text(s, 34),
		.disposition = column_text(s, 35),
		.exception = column_text(s, 36),
		.first = sqlite3_column_int64(s, 37),
		.last = sqlite3_column_int64(s, 38),
		.count = sqlite3_column_int64(s, 39),
		.ruleset = column_text(s, 40),
		.is_late = sqlite3_column_int(s, 41) != 0,
		.state = column_text(s, 42),
		.reason = column_text(s, 43),
		.assignee = column_text(s, 44),
		.changed = sqlite3_column_int64(s, 45),
		.version = sqlite3_column_int(s, 46),
	};

	return ((alert_item_sink *)sink)(ctx, &item);
}

static void
add_page(struct sql *sql, enum alert_sort sort, const struct alert_cursor *after,
	 int limit)
{
	const char *column = sort == ALERT_SORT_FIRST ? "first" : "last";

	if (after->id[0] != '\0' && sort == ALERT_SORT_SEVERITY)
		sql_add(sql, " AND (rank, last, id) < (?%d, ?%d, ?%d)",
			sql_number(sql, after->rank), sql_number(sql, after->at),
			sql_text(sql, after->id));
	else if (after->id[0] != '\0')
		sql_add(sql, " AND (%s, id) < (?%d, ?%d)", column,
			sql_number(sql, after->at), sql_text(sql, after->id));
	sql_add(sql, " ORDER BY %s%s DESC, id DESC LIMIT %d",
		sort == ALERT_SORT_SEVERITY ? "rank DESC, " : "", column, limit);
}

int
console_each_alert(struct console_reader *reader, const struct scope *scope,
		   const struct alert_filter *filter, enum alert_sort sort,
		   const struct alert_cursor *after, int limit, alert_item_sink *sink,
		   void *ctx, struct error *err)
{
	struct sql sql = { 0 };

	sql_visible_alerts(&sql, scope);
	sql_add(&sql, ITEM_COLUMNS);
	add_filter(&sql, filter);
	add_page(&sql, sort, after, limit);
	return sql_each(reader, &sql, call_item, (any_sink *)sink, ctx, err);
}

int
console_each_new_alert(struct console_reader *reader, const struct scope *scope,
		       const struct alert_filter *filter, int limit,
		       alert_item_sink *sink, void *ctx, struct error *err)
{
	struct sql sql = { 0 };

	sql_visible_alerts(&sql, scope);
	sql_add(&sql, ITEM_COLUMNS);
	add_filter(&sql, filter);
	sql_add(&sql, " ORDER BY seq LIMIT %d", limit);
	return sql_each(reader, &sql, call_item, (any_sink *)sink, ctx, err);
}

static bool
keep_count(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	(void)sink;
	*(int *)ctx = sqlite3_column_int(statement, 0);
	return true;
}

int
console_count_alerts(struct console_reader *reader, const struct scope *scope,
		     const struct alert_filter *filter, int *count, struct error *err)
{
	struct sql sql = { 0 };

	sql_visible_alerts(&sql, scope);
	sql_add(&sql, "SELECT count(*) FROM (SELECT 1 FROM visible ");
	add_filter(&sql, filter);
	sql_add(&sql, " LIMIT %d)", ALERT_TOTAL_MAX + 1);
	return sql_each(reader, &sql, keep_count, NULL, count, err) == -1 ? -1 : 0;
}

static bool
call_id(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	return ((alert_id_sink *)sink)(ctx, column_text(statement, 0),
				       sqlite3_column_int64(statement, 1));
}

int
console_each_alert_id(struct console_reader *reader, const struct scope *scope,
		      const struct alert_filter *filter, alert_id_sink *sink, void *ctx,
		      struct error *err)
{
	struct sql sql = { 0 };

	sql_visible_alerts(&sql, scope);
	sql_add(&sql, "SELECT id, (SELECT coalesce(max(h.id), 0) FROM "
		      "console.workflow_history h "
		      "WHERE h.alert = visible.id) FROM visible ");
	add_filter(&sql, filter);
	sql_add(&sql, " ORDER BY id");
	return sql_each(reader, &sql, call_id, (any_sink *)sink, ctx, err);
}

/* key, second, its title's columns and the second's */
static const char *const grouping_sql[] = {
	[ALERT_GROUP_NONE] = "'', '', '', '', '', ''",
	[ALERT_GROUP_RULE] = "rule, '', max(title_ja), max(title_en), '', ''",
	[ALERT_GROUP_CLIENT] = "client, '', max(client_ja), max(client_en), '', ''",
	[ALERT_GROUP_SERVER] = "server, '', max(server_ja), max(server_en), '', ''",
	[ALERT_GROUP_PAIR] =
		("client, server, max(client_ja), max(client_en), max(server_ja), "
		 "max(server_en)"),
	[ALERT_GROUP_POI] = "poi, '', poi, poi, '', ''",
};

static bool
call_group(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	return ((alert_group_sink *)sink)(
		ctx, &(struct alert_group){
			     .key = column_text(s, 0),
			     .second = column_text(s, 1),
			     .title = { column_text(s, 2), column_text(s, 3) },
			     .second_title = { column_text(s, 4), column_text(s, 5) },
			     .alerts = sqlite3_column_int64(s, 6),
			     .occurrences = sqlite3_column_int64(s, 7),
			     .open = sqlite3_column_int64(s, 8),
			     .rank = sqlite3_column_int(s, 9),
			     .first = sqlite3_column_int64(s, 10),
			     .last = sqlite3_column_int64(s, 11),
		     });
}

int
console_each_alert_group(struct console_reader *reader, const struct scope *scope,
			 const struct alert_filter *filter,
			 enum alert_grouping grouping, alert_group_sink *sink,
			 void *ctx, struct error *err)
{
	struct sql sql = { 0 };

	sql_visible_alerts(&sql, scope);
	sql_add(&sql,
		"SELECT %s, count(*), sum(count), sum(state <> 'closed'), max(rank), "
		"min(first), "
		"max(last) FROM visible ",
		grouping_sql[grouping]);
	add_filter(&sql, filter);
	sql_add(&sql, " GROUP BY 1, 2 ORDER BY 7 DESC, 1, 2 LIMIT 200");
	return sql_each(reader, &sql, call_group, (any_sink *)sink, ctx, err);
}
