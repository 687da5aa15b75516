/* SPDX-License-Identifier: Apache-2.0 */
/* correlation: the text of a correlation rule, and what its names mean in the set. */
#include "correlator/sigma/correlation_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/digest.h"

static const char *const types[] = { "event_count",      "value_count",  "temporal",
				     "temporal_ordered", "value_sum",    "value_avg",
				     "value_percentile", "value_median", NULL };

/* By id, or by name. */
static struct detection *
find_rule(struct sigma *sigma, const char *word)
{
	for (size_t i = 0; i < sigma->count; i++) {
		struct detection *rule = &sigma->detection[i];
		if (strcasecmp(rule->row.about.id, word) == 0 ||
		    (rule->name[0] != '\0' && strcmp(rule->name, word) == 0))
			return rule;
	}
	return NULL;
}

/* An alias has a field of its own for each rule; what it does not name keeps the key.
 */
static const char *
unalias(const struct resolving *resolving, const struct detection *rule,
	const char *key)
{
	const struct yaml_node *aliases = yaml_find(resolving->node, "aliases");
	const struct yaml_node *alias = aliases != NULL && aliases->kind == YAML_MAP
						? yaml_find(aliases, key)
						: NULL;

	for (size_t i = 0; alias != NULL && alias->kind == YAML_MAP && i < alias->count;
	     i++)
		if (strcmp(alias->key[i]->text, rule->name) == 0 ||
		    strcasecmp(alias->key[i]->text, rule->row.about.id) == 0)
			return alias->item[i]->text;
	return key;
}

/* Where a rule's records, or a correlation's events, hold what is called 'name'. */
static int
find_source(struct resolving *resolving, const struct detection *rule, const char *name,
	    struct source *source)
{
	const struct yaml_node *values;
	struct item item = { 0 };
	struct detection probe = *rule;
	struct reading reading = { .sigma = resolving->sigma,
				   .detection = &probe,
				   .map = rule->map,
				   .err = resolving->err };

	if (rule->correlation != NULL) {
		for (size_t i = 0; i < rule->correlation->key_count; i++)
			if (strcmp(rule->correlation->key[i], name) == 0) {
				source->key = i;
				return 0;
			}
		return correlation_refuse(
			resolving, name,
			": no group-by of the correlation it looks for");
	}
	if (mapping_field(&reading, name, resolving->node, &item, &values) == -1) {
		resolving->detection->row.state = probe.row.state;
		resolving->detection->row.reason = probe.row.reason;
		return -1;
	}
	*source = (struct source){ .field = item.field, .constant = item.constant };
	return 0;
}

static const struct source *
find_sources(struct resolving *resolving, const struct detection *rule,
	     const char *const *names, size_t count)
{
	struct source *source =
		arena_take(&resolving->sigma->arena, count * sizeof(*source));

	for (size_t i = 0; i < count; i++)
		if (find_source(resolving, rule, unalias(resolving, rule, names[i]),
				&source[i]) == -1)
			return NULL;
	return source;
}

/* A scalar or a list of them. */
static const char *const *
read_names(struct resolving *resolving, const struct yaml_node *node, size_t most,
	   size_t *count)
{
	bool is_list = node != NULL && node->kind == YAML_LIST;
	const char **name;

	*count = node == NULL ? 0 : is_list ? node->count : 1;
	name = arena_take(&resolving->sigma->arena, *count * sizeof(*name));
	for (size_t i = 0; i < *count; i++) {
		const struct yaml_node *item = is_list ? node->item[i] : node;
		if (item->kind != YAML_TEXT || *count > most) {
			yaml_complain(resolving->err, item,
				      "no names; expected 1 to %zu", most);
			return NULL;
		}
		name[i] = item->text;
	}
	return name;
}

static int
read_step(struct resolving *resolving, const char *word, const char *const *values,
	  struct step *step)
{
	struct correlation *correlation = resolving->correlation;
	struct detection *rule = find_rule(resolving->sigma, word);

	if (rule == NULL || rule == resolving->detection)
		return yaml_complain(
			resolving->err, yaml_find(resolving->node, "rules"),
			"no rule \"%s\"; expected id or name of another", word);
	if (rule->row.state >= DETECTION_NO_FIELD)
		return correlation_refuse(resolving, word,
					  ", which it looks for, is not loaded");
	step->rule = (size_t)(rule - resolving->sigma->detection);
	step->correlation = rule->correlation;
	if ((step->group = find_sources(resolving, rule, correlation->key,
					correlation->key_count)) == NULL)
		return -1;
	if (rule->correlation != NULL && correlation->type >= CORRELATION_SUM)
		return correlation_refuse(resolving, word, " has no numbers to sum up");
	return (step->value = find_sources(resolving, rule, values,
					   correlation->value_count)) == NULL
		       ? -1
		       : 0;
}

static int
read_steps(struct resolving *resolving)
{
	struct correlation *correlation = resolving->correlation;
	const struct yaml_node *condition = yaml_find(resolving->node, "condition");
	const char *const *word, *const *values;
	struct step *step;

	if (yaml_find(resolving->node, "rules") == NULL)
		return yaml_complain(resolving->err, resolving->node,
				     "\"rules\" is missing; expected ids or names");
	word = read_names(resolving, yaml_find(resolving->node, "rules"),
			  CORRELATION_STEPS_MAX, &correlation->step_count);
	correlation->key = read_names(resolving, yaml_find(resolving->node, "group-by"),
				      CORRELATION_KEYS_MAX, &correlation->key_count);
	values = read_names(
		resolving,
		correlation_needs_value(correlation) ? yaml_find(condition, "field")
						     : NULL,
		correlation->type == CORRELATION_VALUES ? CORRELATION_KEYS_MAX : 1,
		&correlation->value_count);
	if (word == NULL || correlation->key == NULL || values == NULL)
		return -1;
	step = arena_take(&resolving->sigma->arena,
			  correlation->step_count * sizeof(*step));
	correlation->step = step;
	for (size_t i = 0; i < correlation->step_count; i++)
		if (read_step(resolving, word[i], values, &step[i]) == -1)
			return -1;
	if (correlation->least == UINT64_MAX)
		correlation->least = correlation->step_count;
	return 0;
}

static void
add_tree(struct digester *digester, const struct yaml_node *node)
{
	char kind[2] = { (char)('a' + node->kind), '\0' };

	digester_add(digester, kind, 1);
	if (node->kind != YAML_LIST && node->kind != YAML_MAP) {
		digester_add(digester, node->text, strlen(node->text) + 1);
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind == YAML_MAP)
			digester_add(digester, node->key[i]->text,
				     strlen(node->key[i]->text) + 1);
		add_tree(digester, node->item[i]);
	}
	digester_add(digester, "", 1);
}

/* What is remembered of another text of the rule, or of what it looks for, is void. */
static void
print(const struct resolving *resolving)
{
	struct correlation *correlation = resolving->correlation;
	struct digester *digester = digester_new();

	digester_add(digester, resolving->detection->row.about.id,
		     strlen(resolving->detection->row.about.id));
	add_tree(digester, resolving->node);
	for (size_t i = 0; i < correlation->step_count; i++) {
		const struct step *step = &correlation->step[i];
		const struct yaml_node *at = resolving->sigma->detection[step->rule].at;
		if (step->correlation != NULL)
			digester_add(digester, step->correlation->print,
				     sizeof(step->correlation->print));
		else
			add_tree(digester, yaml_find(at, "detection"));
	}
	struct digest digest = digester_end(digester);
	memcpy(correlation->print, digest.byte, sizeof(correlation->print));
}

static void
add_feed(struct sigma *sigma, const struct feed **feeds, size_t *count,
	 const struct feed *feed)
{
	struct feed *more = arena_take(&sigma->arena, (*count + 1) * sizeof(*more));

	if (*count > 0)
		memcpy(more, *feeds, *count * sizeof(*more));
	more[(*count)++] = *feed;
	*feeds = more;
}

/* Its rules know who looks for them, and are silent unless it says otherwise. */
static void
join(const struct resolving *resolving)
{
	const struct correlation *correlation = resolving->correlation;

	for (size_t i = 0; i < correlation->step_count; i++) {
		struct detection *rule =
			&resolving->sigma->detection[correlation->step[i].rule];
		struct feed feed = { correlation, i };
		rule->is_looked_for = true;
		rule->generates |= correlation->generates;
		if (rule->correlation != NULL)
			add_feed(resolving->sigma, &rule->correlation->feed,
				 &rule->correlation->feed_count, &feed);
		else
			add_feed(resolving->sigma, &rule->feed, &rule->feed_count,
				 &feed);
	}
}

static int
resolve(struct resolving *resolving)
{
	static const char *const known[] = { "type",     "rules",     "group-by",
					     "timespan", "condition", "aliases",
					     "generate", NULL };
	const struct yaml_node *root = resolving->detection->at;
	const struct yaml_node *across = yaml_find(root, "sekisho.across");
	struct correlation *correlation = resolving->correlation;
	int type;

	if (resolving->node->kind != YAML_MAP)
		return yaml_complain(resolving->err, resolving->node,
				     "no correlation; expected a map");
	if (yaml_only(resolving->node, known, resolving->err) == -1 ||
	    read_choice(resolving->node, "type", types, -1, &type, resolving->err) ==
		    -1)
		return -1;
	const struct yaml_node *generate = yaml_find(resolving->node, "generate");
	if (generate != NULL && generate->kind != YAML_BOOL)
		return yaml_complain(resolving->err, generate,
				     "no generate; expected true or false");
	if (across != NULL &&
	    strcmp(across->text != NULL ? across->text : "", "poi") != 0)
		return yaml_complain(resolving->err, across, "no scope; expected poi");
	correlation->type = (enum correlation_type)type;
	correlation->generates = generate != NULL && generate->flag;
	correlation->is_across = across != NULL;
	if (correlation_timespan(resolving) == -1 ||
	    correlation_condition(resolving) == -1 || read_steps(resolving) == -1)
		return -1;
	print(resolving);
	join(resolving);
	return 0;
}

/* What a correlation looks for comes first; 'depth' ends a cycle. */
static int
resolve_at(struct sigma *sigma, size_t rule, unsigned depth, struct error *err)
{
	struct detection *detection = &sigma->detection[rule];
	struct correlation *correlation = detection->correlation;
	struct resolving resolving = { sigma, detection, correlation,
				       yaml_find(detection->at, "correlation"), err };

	if (correlation == NULL || correlation->key != NULL ||
	    detection->row.state >= DETECTION_NO_FIELD)
		return 0;
	const struct yaml_node *rules = yaml_find(resolving.node, "rules");
	if (depth == CORRELATION_DEPTH_MAX)
		return yaml_complain(err, detection->at,
				     "correlations that look for one another, or %d of "
				     "them in a row; expected fewer",
				     CORRELATION_DEPTH_MAX);
	for (size_t i = 0;
	     rules != NULL && rules->kind == YAML_LIST && i < rules->count; i++) {
		const struct yaml_node *item = rules->item[i];
		struct detection *rule_of =
			item->kind == YAML_TEXT ? find_rule(sigma, item->text) : NULL;
		if (rule_of != NULL &&
		    resolve_at(sigma, (size_t)(rule_of - sigma->detection), depth + 1,
			       err) == -1)
			return -1;
	}
	if (resolve(&resolving) == -1 && detection->row.state < DETECTION_NO_FIELD)
		return -1;
	return 0;
}

int
correlations_resolve(struct sigma *sigma, struct error *err)
{
	size_t count = 0;

	for (size_t i = 0; i < sigma->count; i++) {
		if (resolve_at(sigma, i, 0, err) == -1)
			return -1;
		count += sigma->detection[i].correlation != NULL;
	}
	const struct correlation **at = arena_take(&sigma->arena, count * sizeof(*at));
	for (size_t i = 0; i < sigma->count; i++) {
		struct correlation *correlation = sigma->detection[i].correlation;
		if (correlation == NULL ||
		    sigma->detection[i].row.state >= DETECTION_NO_FIELD)
			continue;
		correlation->place = sigma->correlation_count;
		at[sigma->correlation_count++] = correlation;
	}
	sigma->correlation = at;
	return 0;
}

int
correlation_read(struct reading *reading, const struct yaml_node *root)
{
	struct correlation *correlation =
		arena_take(&reading->sigma->arena, sizeof(*correlation));

	(void)root;
	correlation->rule = reading->sigma->count;
	reading->detection->correlation = correlation;
	return 0;
}
