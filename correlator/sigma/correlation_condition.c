/* SPDX-License-Identifier: Apache-2.0 */
/* correlation_condition: the timespan of a correlation, and what it is compared with.
 */
#include <string.h>

#include "correlator/sigma/correlation_parts.h"

int
correlation_refuse(struct resolving *resolving, const char *what, const char *reason)
{
	struct reading reading = { .sigma = resolving->sigma,
				   .detection = resolving->detection,
				   .err = resolving->err };

	return reading_refuse(&reading, DETECTION_NOT_APPLICABLE, "%s%s", what, reason);
}

/* "30s", "5m", "1h", "7d", "2w". */
int
correlation_timespan(struct resolving *resolving)
{
	static const struct {
		char unit;
		int64_t usec;
	} units[] = { { 's', INSTANT_SECOND },
		      { 'm', INSTANT_MINUTE },
		      { 'h', INSTANT_HOUR },
		      { 'd', INSTANT_DAY },
		      { 'w', 7 * INSTANT_DAY } };
	const char *text;
	int64_t number = 0, unit = 0;

	if (read_text(resolving->node, "timespan", &text, resolving->err) == -1)
		return -1;
	const char *at = text;
	for (; *at >= '0' && *at <= '9' && number < 100000000; at++)
		number = 10 * number + (*at - '0');
	for (size_t i = 0; i < READ_COUNT(units); i++)
		if (*at == units[i].unit && at > text && at[1] == '\0')
			unit = units[i].usec;
	if (unit == 0 || number == 0 || number > CORRELATION_TIMESPAN_MAX / unit)
		return yaml_complain(resolving->err,
				     yaml_find(resolving->node, "timespan"),
				     "\"%s\" is no timespan; expected a number and s, "
				     "m, h, d or w, at most 31d",
				     text);
	resolving->correlation->timespan = number * unit;
	return 0;
}

/* The number a window is compared with: "gte: 10". */
static int
read_least(struct resolving *resolving, const struct yaml_node *node, const char *word)
{
	struct correlation *correlation = resolving->correlation;
	static const char *const below[] = { "lt", "lte", "eq", "neq", NULL };
	bool is_count = correlation->type <= CORRELATION_ORDERED;

	for (size_t i = 0; below[i] != NULL; i++)
		if (strcmp(word, below[i]) == 0)
			return correlation_refuse(
				resolving, word,
				": only gt and gte are applied; what fails to "
				"come is a requirement of kind presence");
	if (node->kind != YAML_INTEGER || node->integer < 0 ||
	    (is_count && node->integer > CORRELATION_LEAST_MAX))
		return yaml_complain(resolving->err, node,
				     "\"%s\" is no number; expected a whole number "
				     "from 0%s",
				     word, is_count ? " to 10000" : "");
	if (correlation->least != UINT64_MAX)
		return yaml_complain(resolving->err, node,
				     "two comparisons; expected gt or gte");
	correlation->least = (uint64_t)node->integer;
	correlation->is_more = strcmp(word, "gt") == 0;
	if (is_count && correlation->is_more) {
		correlation->least++;
		correlation->is_more = false;
	}
	return is_count && correlation->least == 0
		       ? yaml_complain(resolving->err, node,
				       "what never came is counted too; expected at "
				       "least 1")
		       : 0;
}

bool
correlation_needs_value(const struct correlation *correlation)
{
	return correlation->type == CORRELATION_VALUES ||
	       correlation->type >= CORRELATION_SUM;
}

static int
read_percentile(struct resolving *resolving, const struct yaml_node *node)
{
	if (node->kind != YAML_INTEGER || node->integer < 1 || node->integer > 99)
		return yaml_complain(resolving->err, node,
				     "no percentile; expected 1 to 99");
	resolving->correlation->percentile = (unsigned)node->integer;
	return 0;
}

static int
check_condition(struct resolving *resolving, const struct yaml_node *node)
{
	struct correlation *correlation = resolving->correlation;
	bool is_temporal = correlation->type == CORRELATION_TOGETHER ||
			   correlation->type == CORRELATION_ORDERED;

	if (correlation->least == UINT64_MAX && !is_temporal)
		return yaml_complain(resolving->err, node,
				     "no comparison; expected gt or gte");
	if (correlation_needs_value(correlation) && yaml_find(node, "field") == NULL)
		return yaml_complain(resolving->err, node,
				     "\"field\" is missing; expected one");
	if (correlation->type == CORRELATION_PERCENTILE && correlation->percentile == 0)
		return yaml_complain(resolving->err, node,
				     "\"percentile\" is missing; expected 1 to 99");
	return 0;
}

int
correlation_condition(struct resolving *resolving)
{
	static const char *const known[] = { "gt",  "gte",   "lt",         "lte", "eq",
					     "neq", "field", "percentile", NULL };
	const struct yaml_node *node = yaml_find(resolving->node, "condition");

	resolving->correlation->least = UINT64_MAX;
	if (node == NULL || node->kind == YAML_TEXT) {
		if (resolving->correlation->type != CORRELATION_TOGETHER &&
		    resolving->correlation->type != CORRELATION_ORDERED)
			return yaml_complain(resolving->err, resolving->node,
					     "\"condition\" is missing; expected such "
					     "as {gte: 10}");
		return node == NULL ? 0
				    : correlation_refuse(resolving,
							 "an extended condition, ",
							 "which is of Sigma 2.2");
	}
	if (node->kind != YAML_MAP || yaml_only(node, known, resolving->err) == -1)
		return node->kind == YAML_MAP
			       ? -1
			       : yaml_complain(resolving->err, node,
					       "no condition; expected {gte: 10}");
	for (size_t i = 0; i < node->count; i++) {
		const char *word = node->key[i]->text;
		int result = 0;
		if (strcmp(word, "percentile") == 0)
			result = read_percentile(resolving, node->item[i]);
		else if (strcmp(word, "field") != 0)
			result = read_least(resolving, node->item[i], word);
		if (result == -1)
			return -1;
	}
	return check_condition(resolving, node);
}
