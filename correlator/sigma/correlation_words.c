/* SPDX-License-Identifier: Apache-2.0 */
/* correlation_words: a correlation that holds, as the table of conditions of its alert.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "correlator/sigma/correlating.h"

static const char *const counted[] = {
	[CORRELATION_EVENTS] = "event_count",
	[CORRELATION_VALUES] = "value_count",
	[CORRELATION_TOGETHER] = "temporal",
	[CORRELATION_ORDERED] = "temporal_ordered",
	[CORRELATION_SUM] = "value_sum",
	[CORRELATION_AVERAGE] = "value_avg",
	[CORRELATION_PERCENTILE] = "value_percentile",
	[CORRELATION_MEDIAN] = "value_median",
};

static struct condition *
add(struct finding *finding)
{
	struct condition *condition = &finding->condition[finding->condition_count++];

	condition->outcome = OUTCOME_GOOD;
	return condition;
}

static void
list_keys(const struct correlation_hit *hit, struct finding *finding)
{
	const char *at = hit->group.at, *end = at + hit->group.size;

	for (size_t i = 0; i < hit->correlation->key_count; i++) {
		const char *stop =
			memchr(at, CORRELATION_SEPARATOR, (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		struct condition *condition = add(finding);
		struct text kept =
			text_from_bytes(at, (size_t)(stop - at), condition->observed,
					sizeof(condition->observed) - 1, NULL);
		condition->observed[kept.size] = '\0';
		snprintf(condition->what, sizeof(condition->what), "%s",
			 hit->correlation->key[i]);
		snprintf(condition->required, sizeof(condition->required), "%s",
			 "group-by");
		at = stop < end ? stop + 1 : end;
	}
}

void
correlation_hit_list(const struct correlation_hit *hit, struct finding *finding)
{
	const struct correlation *correlation = hit->correlation;
	struct condition *condition = add(finding);

	snprintf(condition->what, sizeof(condition->what), "%s",
		 counted[correlation->type]);
	snprintf(condition->required, sizeof(condition->required),
		 "%s %" PRIu64 " / %" PRId64 " s",
		 correlation->is_more ? ">" : ">=", correlation->least,
		 correlation->timespan / INSTANT_SECOND);
	snprintf(condition->observed, sizeof(condition->observed),
		 "%" PRIu64 " / %" PRId64 " s", hit->value,
		 (hit->now - hit->first) / INSTANT_SECOND);
	list_keys(hit, finding);
}
