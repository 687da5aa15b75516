/* SPDX-License-Identifier: Apache-2.0 */
/* requirement: reads "requirements" of rule files. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlator/policy/model.h"

static const char *const kinds[] = { "matrix", "session", "presence",
				     "forbid", "manual",  NULL };
static const char *const severities[] = { "critical", "high", "medium",
					  "low",      "info", NULL };
static const char *const statuses[] = { "draft", "active", "retired", NULL };
static const char *const subjects[] = { "client", "server", "known", NULL };
enum { MIN_COVERAGE = 950000, MAX_UNKNOWN = 50000 };

struct rule *
model_rule(const struct model *model, const char *id)
{
	for (size_t i = 0; i < model->rule_count; i++)
		if (strcmp(model->rule[i].requirement.id, id) == 0)
			return &model->rule[i];
	return NULL;
}

int
model_no_rule(const struct model *model, const struct yaml_node *at, const char *id,
	      struct error *err)
{
	const char **ids = calloc(model->rule_count + 1, sizeof(*ids));

	assert(ids != NULL);
	for (size_t i = 0; i < model->rule_count; i++)
		ids[i] = model->rule[i].requirement.id;
	read_no_reference(at, "requirement", id, ids, err);
	free(ids);
	return -1;
}

/* The keys of a section that is a map, in all files, NULL at the end; to be freed. */
static const char **
keys_of(const struct model *model, const char *section)
{
	const char **keys = calloc(model_count(model, section) + 1, sizeof(*keys));
	size_t count = 0;

	assert(keys != NULL);
	for (size_t i = 0; i < model->file_count; i++) {
		const struct yaml_node *map = yaml_find(model->file[i].root, section);
		for (size_t key = 0; map != NULL && key < map->count; key++)
			keys[count++] = map->key[key]->text;
	}
	return keys;
}

static int
no_key(const struct model *model, const char *section, const struct yaml_node *at,
       const char *what, struct error *err)
{
	const char **keys = keys_of(model, section);

	read_no_reference(at, what, at->text, keys, err);
	free(keys);
	return -1;
}

/* {doc: KEY of "sources", clause: ...} */
static int
read_source(const struct model *model, const struct yaml_node *node,
	    struct requirement *out, struct error *err)
{
	static const char *const known[] = { "doc", "clause", NULL };
	const struct yaml_node *source = yaml_find(node, "source");
	const char *name;

	if (source == NULL)
		return yaml_complain(
			err, node,
			"\"source\" is missing; expected {doc: ..., clause: ...}");
	if (yaml_only(source, known, err) == -1 ||
	    read_text(source, "doc", &name, err) == -1 ||
	    read_text(source, "clause", &out->clause, err) == -1)
		return -1;
	const struct yaml_node *document = model_find(model, "sources", name);
	if (document == NULL)
		return no_key(model, "sources", yaml_find(source, "doc"),
			      "document of \"sources\"", err);
	return read_title(document, "title", &out->document, err);
}

static int
read_head(const struct model *model, const struct yaml_node *node,
	  struct requirement *out, struct error *err)
{
	int severity, status, kind;

	if (read_text(node, "id", &out->id, err) == -1 ||
	    read_title(node, "title", &out->title, err) == -1 ||
	    read_title(node, "rationale", &out->rationale, err) == -1 ||
	    read_title(node, "remedy", &out->remedy, err) == -1 ||
	    read_title_if_any(node, "settled_by", &out->settled_by, err) == -1 ||
	    read_source(model, node, out, err) == -1 ||
	    read_choice(node, "severity", severities, -1, &severity, err) == -1 ||
	    read_choice(node, "status", statuses, 1, &status, err) == -1 ||
	    read_choice(node, "kind", kinds, -1, &kind, err) == -1 ||
	    read_text_if_any(node, "replaces", &out->replaces, err) == -1)
		return -1;
	out->severity = severities[severity];
	out->status = statuses[status];
	out->kind = (enum requirement_kind)kind;
	return 0;
}

/* "1d", "7d": windows are whole days of the policy's zone. */
static int
read_window(const struct yaml_node *node, struct requirement *out, struct error *err)
{
	const char *text;
	unsigned days;
	char unit, more;

	if (read_text_if_any(node, "window", &text, err) == -1)
		return -1;
	if (text[0] == '\0')
		return 0;
	if (strlen(text) > 4 || sscanf(text, "%3u%c%c", &days, &unit, &more) != 2 ||
	    unit != 'd' || days == 0 || days > 366)
		return yaml_complain(
			err, yaml_find(node, "window"),
			"\"%s\" is no window; expected whole days such as 1d", text);
	out->window = days * INSTANT_DAY;
	return 0;
}

/* A count from 1 on; untouched if missing. */
static int
read_count(const struct yaml_node *map, const char *key, uint32_t *count,
	   struct error *err)
{
	const struct yaml_node *node = yaml_find(map, key);

	if (node == NULL)
		return 0;
	if (node->kind != YAML_INTEGER || node->integer < 1 ||
	    node->integer > UINT32_MAX)
		return yaml_complain(err, node,
				     "\"%s\" is no count; expected 1 or more", key);
	*count = (uint32_t)node->integer;
	return 0;
}

/* How samples become a verdict. */
static int
read_verdict(const struct yaml_node *node, struct requirement *out, struct error *err)
{
	static const char *const of_samples[] = { "window", "min_samples",
						  "max_unknown_ratio", "min_coverage",
						  NULL };
	static const char *const of_counts[] = { "window", "min_count",
						 "max_unknown_ratio", "min_coverage",
						 NULL };
	bool is_presence = out->kind == REQUIREMENT_PRESENCE;
	const struct yaml_node *verdict = yaml_find(node, "verdict");

	out->window = INSTANT_DAY;
	out->min_coverage = MIN_COVERAGE;
	out->max_unknown = MAX_UNKNOWN;
	out->min_samples = out->min_count = 1;
	if (verdict == NULL)
		return 0;
	if (yaml_only(verdict, is_presence ? of_counts : of_samples, err) == -1 ||
	    read_window(verdict, out, err) == -1 ||
	    read_share(verdict, "max_unknown_ratio", &out->max_unknown, err) == -1 ||
	    read_share(verdict, "min_coverage", &out->min_coverage, err) == -1 ||
	    read_count(verdict, "min_samples", &out->min_samples, err) == -1)
		return -1;
	return read_count(verdict, "min_count", &out->min_count, err);
}

static int
read_records(struct model *model, const struct yaml_node *node, struct rule *rule,
	     struct error *err)
{
	const char *names[EVENT_COUNT + 1] = { NULL };
	const struct yaml_node *records = yaml_find(node, "records");
	struct word_set words;

	if (records == NULL)
		return yaml_complain(
			err, node,
			"\"records\" is missing; expected event types such as [tls]");
	if (read_words(&model->arena, records, &words, err) == -1)
		return -1;
	for (int event = 0; event < EVENT_COUNT; event++)
		names[event] = record_event_name((enum event)event);
	for (size_t i = 0; i < words.count; i++) {
		bool is_list = records->kind == YAML_LIST;
		const struct yaml_node *item = is_list ? records->item[i] : records;
		enum event event = record_event_find(text_of(item->text));
		if (event == EVENT_COUNT)
			return read_not_among(item, "event type", names, err);
		rule->events |= UINT64_C(1) << event;
	}
	return 0;
}

static int
read_scope(struct model *model, const struct yaml_node *node, struct rule *rule,
	   struct error *err)
{
	static const char *const known[] = { "from", "to", NULL };
	struct row *row = &model->row[rule->requirement.index];
	const struct yaml_node *scope = yaml_find(node, "applies_to");

	if (scope == NULL)
		return 0;
	if (yaml_only(scope, known, err) == -1 ||
	    selector_read(&model->arena, yaml_find(scope, "from"), SELECTOR_FROM,
			  &row->from, err) == -1)
		return -1;
	return selector_read(&model->arena, yaml_find(scope, "to"), SELECTOR_TO,
			     &row->to, err);
}

static int
read_predicates(struct model *model, const struct yaml_node *node, struct rule *rule,
		struct error *err)
{
	const struct yaml_node *where = yaml_find(node, "where");
	const struct yaml_node *expect = yaml_find(node, "expect");
	size_t count = 0;

	if (where != NULL &&
	    (rule->where = predicate_read(model, where, 0, &count, err)) == NULL)
		return -1;
	if (expect != NULL &&
	    (rule->expect = predicate_read(model, expect, 0, &count, err)) == NULL)
		return -1;
	if (count >= CONDITIONS_MAX)
		return yaml_complain(
			err, node,
			"%zu comparisons are too many to explain; expected "
			"at most %d",
			count, CONDITIONS_MAX - 1);
	return 0;
}

/* What a kind must and must not have. */
static int
check_kind(const struct yaml_node *node, const struct rule *rule, struct error *err)
{
	enum requirement_kind kind = rule->requirement.kind;
	bool has_matrix = yaml_find(node, "connections") != NULL;

	if ((kind == REQUIREMENT_MATRIX) != has_matrix)
		return yaml_complain(
			err, node, "\"connections\" goes with kind matrix; expected %s",
			has_matrix ? "none" : "the name of one");
	if (kind == REQUIREMENT_SESSION && rule->expect == NULL)
		return yaml_complain(err, node,
				     "\"expect\" is missing; expected a comparison");
	if ((kind == REQUIREMENT_FORBID || kind == REQUIREMENT_PRESENCE) &&
	    rule->expect != NULL)
		return yaml_complain(err, yaml_find(node, "expect"),
				     "%s has nothing to expect; expected \"where\"",
				     kinds[kind]);
	return 0;
}

/* Whose silence is meant must be said, else everybody's would be. */
static int
check_presence(const struct model *model, const struct yaml_node *node,
	       const struct rule *rule, struct error *err)
{
	const struct row *row = &model->row[rule->requirement.index];
	const struct selector *who =
		rule->subject == SUBJECT_SERVER ? &row->to : &row->from;

	if (rule->subject == SUBJECT_KNOWN)
		return yaml_complain(err, yaml_find(node, "subject"),
				     "the silence of \"known\" is nobody's; expected "
				     "client or server");
	if (who->at == NULL || who->known == UNKNOWN_ONLY)
		return yaml_complain(
			err, node,
			"who must be seen is not said; expected applies_to: {%s: ...}",
			rule->subject == SUBJECT_SERVER ? "to" : "from");
	return 0;
}

static int
read_body(struct model *model, const struct yaml_node *node, struct rule *rule,
	  struct error *err)
{
	const char *matrix;
	int subject;

	if (rule->requirement.kind == REQUIREMENT_MANUAL)
		return 0;
	if (read_records(model, node, rule, err) == -1 ||
	    read_scope(model, node, rule, err) == -1 ||
	    read_predicates(model, node, rule, err) == -1 ||
	    check_kind(node, rule, err) == -1 ||
	    read_choice(node, "subject", subjects, SUBJECT_CLIENT, &subject, err) ==
		    -1 ||
	    read_text_if_any(node, "connections", &matrix, err) == -1)
		return -1;
	rule->subject = (enum subject)subject;
	if (rule->requirement.kind == REQUIREMENT_PRESENCE)
		return check_presence(model, node, rule, err);
	if (rule->requirement.kind != REQUIREMENT_MATRIX)
		return 0;
	rule->matrix = model_matrix(model, matrix);
	if (rule->matrix == NULL)
		return no_key(model, "connections", yaml_find(node, "connections"),
			      "matrix of \"connections\"", err);
	return 0;
}

static int
read_requirement(struct model *model, const struct yaml_node *node, void *ctx,
		 struct error *err)
{
	static const char *const known[] = { "id",       "title",       "rationale",
					     "remedy",   "settled_by",  "source",
					     "severity", "status",      "kind",
					     "records",  "applies_to",  "where",
					     "expect",   "connections", "subject",
					     "verdict",  "replaces",    NULL };
	struct rule *rule = &model->rule[model->rule_count];

	(void)ctx;
	rule->at = node;
	rule->requirement.index = model->rule_count;
	if (yaml_only(node, known, err) == -1 ||
	    read_head(model, node, &rule->requirement, err) == -1 ||
	    read_verdict(node, &rule->requirement, err) == -1 ||
	    read_body(model, node, rule, err) == -1)
		return -1;
	model->rule_count++;
	return 0;
}

int
model_read_requirements(struct model *model, struct error *err)
{
	size_t count = model_count(model, "requirements");

	if (count == 0)
		return yaml_complain(
			err, model->header,
			"no requirement in any file; expected at least one");
	model->signature = arena_take(&model->arena, count * sizeof(*model->signature));
	model->rule = arena_take(&model->arena, count * sizeof(*model->rule));
	return model_each(model, "requirements", read_requirement, NULL, err);
}
