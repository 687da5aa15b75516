/* SPDX-License-Identifier: Apache-2.0 */
/* route_alerts: the queue: a page of it, its total, its groups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dashboards/console/alert_request.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"

struct page {
	json_t *items;
	int limit;
	enum alert_sort sort;
	struct alert_cursor last; /* of the last item taken */
	bool has_more;
};

static const char *const sorts[] = { "last", "severity", "first" };
static const char *const groupings[] = { "none",   "rule", "client",
					 "server", "pair", "poi" };

/* The index of 'word', 0 if it is NULL or "", -1 if it is none. */
static int
choose(const char *const *words, int count, const char *word)
{
	if (word == NULL || word[0] == '\0')
		return 0;
	for (int i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static bool
read_cursor(const char *text, struct alert_cursor *cursor)
{
	long long at;
	int used = 0;

	*cursor = (struct alert_cursor){ 0 };
	if (text == NULL || text[0] == '\0')
		return true;
	if (sscanf(text, "%d.%lld.%64[0-9a-zA-Z_-]%n", &cursor->rank, &at, cursor->id,
		   &used) != 3 ||
	    text[used] != '\0')
		return false;
	cursor->at = at;
	return true;
}

static bool
add_item(void *ctx, const struct alert_item *item)
{
	struct page *page = ctx;

	if (json_array_size(page->items) == (size_t)page->limit) {
		page->has_more = true;
		return false;
	}
	json_array_append_new(page->items, present_alert(item));
	page->last.rank = item->rank;
	page->last.at = page->sort == ALERT_SORT_FIRST ? item->first : item->last;
	snprintf(page->last.id, sizeof(page->last.id), "%s", item->id);
	return true;
}

static json_t *
group_filter(enum alert_grouping grouping, const struct alert_group *group)
{
	static const char *const keys[] = { "", "rule", "from", "to", "from", "poi" };

	if (grouping == ALERT_GROUP_PAIR)
		return json_sprintf("from:%s to:%s", group->key, group->second);
	return json_sprintf("%s:%s", keys[grouping], group->key);
}

struct groups {
	json_t *list;
	enum alert_grouping grouping;
};

static bool
add_group(void *ctx, const struct alert_group *group)
{
	struct groups *groups = ctx;
	bool is_pair = groups->grouping == ALERT_GROUP_PAIR;
	json_t *key = is_pair ? json_sprintf("%s %s", group->key, group->second)
			      : json_string(group->key);
	json_t *json = json_pack(
		"{s:o, s:o, s:I, s:I, s:I, s:s, s:o, s:o, s:o}", "key", key, "title",
		present_title(group->title), "alerts", (json_int_t)group->alerts,
		"occurrences", (json_int_t)group->occurrences, "open",
		(json_int_t)group->open, "severity", present_severity(group->rank),
		"first", present_time(group->first), "last", present_time(group->last),
		"filter", group_filter(groups->grouping, group));

	if (is_pair)
		json_object_set_new(json, "second_title",
				    present_title(group->second_title));
	json_array_append_new(groups->list, json);
	return true;
}

/* False, and answered, if a parameter is none. */
static bool
read_filter(struct exchange *exchange, struct alert_filter *filter)
{
	const char *wrong = NULL;

	if (!alert_request_tab(http_request_parameter(exchange->http, "tab"),
			       ALERT_TAB_INBOX, &filter->tab))
		wrong = "tab";
	else if (!alert_request_time(http_request_parameter(exchange->http, "from"),
				     &filter->from))
		wrong = "from";
	else if (!alert_request_time(http_request_parameter(exchange->http, "to"),
				     &filter->to))
		wrong = "to";
	if (wrong != NULL) {
		answer_invalid(exchange, wrong);
		return false;
	}
	return alert_request_query(exchange,
				   http_request_parameter(exchange->http, "q"), filter);
}

static bool
read_page(struct exchange *exchange, struct page *page, struct alert_cursor *cursor,
	  enum alert_grouping *grouping)
{
	int64_t limit;
	int sort = choose(sorts, 3, http_request_parameter(exchange->http, "sort"));
	int group =
		choose(groupings, 6, http_request_parameter(exchange->http, "group"));
	const char *wrong =
		sort == -1    ? "sort"
		: group == -1 ? "group"
		: !exchange_number(exchange, "limit", 1, ALERT_PAGE_MAX, 100, &limit)
			? "limit"
		: !read_cursor(http_request_parameter(exchange->http, "cursor"), cursor)
			? "cursor"
			: NULL;

	if (wrong != NULL) {
		answer_invalid(exchange, wrong);
		return false;
	}
	page->limit = (int)limit;
	page->sort = (enum alert_sort)sort;
	*grouping = (enum alert_grouping)group;
	return true;
}

static json_t *
next_cursor(const struct page *page)
{
	return page->has_more ? json_sprintf("%d.%lld.%s", page->last.rank,
					     (long long)page->last.at, page->last.id)
			      : json_null();
}

/* The answer but for groups; NULL with a reason. The head is read first: what comes
 * later is newer. */
static json_t *
read_queue(struct exchange *exchange, const struct alert_filter *filter,
	   struct page *page, const struct alert_cursor *cursor, struct error *err)
{
	struct console_reader *reader = exchange->console->reader;
	struct console_head head;
	int total;

	if (reader == NULL ||
	    console_read_head(reader, &exchange->scope, &head, err) == -1 ||
	    console_each_alert(reader, &exchange->scope, filter, page->sort, cursor,
			       page->limit + 1, add_item, page, err) == -1 ||
	    console_count_alerts(reader, &exchange->scope, filter, &total, err) == -1)
		return NULL;
	bool is_exact = total <= ALERT_TOTAL_MAX;
	return json_pack("{s:O, s:o, s:I, s:I, s:{s:i, s:b}}", "items", page->items,
			 "next", next_cursor(page), "as_of_seq", (json_int_t)head.seq,
			 "as_of_change", (json_int_t)head.change, "total", "value",
			 is_exact ? total : ALERT_TOTAL_MAX, "exact", is_exact);
}

static json_t *
read_groups(struct exchange *exchange, const struct alert_filter *filter,
	    enum alert_grouping grouping, struct error *err)
{
	struct groups groups = { json_array(), grouping };

	if (console_each_alert_group(exchange->console->reader, &exchange->scope,
				     filter, grouping, add_group, &groups, err) != -1)
		return groups.list;
	json_decref(groups.list);
	return NULL;
}

void
route_alerts(struct exchange *exchange)
{
	struct alert_filter *filter = calloc(1, sizeof(*filter));
	struct page page = { 0 };
	struct alert_cursor cursor;
	enum alert_grouping grouping;
	struct error err;

	if (filter == NULL || !read_filter(exchange, filter) ||
	    !read_page(exchange, &page, &cursor, &grouping)) {
		free(filter);
		return;
	}
	page.items = json_array();
	json_t *json = read_queue(exchange, filter, &page, &cursor, &err);
	json_t *groups = NULL;
	if (json != NULL && grouping != ALERT_GROUP_NONE)
		groups = read_groups(exchange, filter, grouping, &err);
	if (json == NULL || (grouping != ALERT_GROUP_NONE && groups == NULL)) {
		json_decref(json);
		answer_failure(exchange, &err);
	} else {
		if (groups != NULL)
			json_object_set_new(json, "groups", groups);
		answer_json(exchange, 200, json);
	}
	json_decref(page.items);
	free(filter);
}
