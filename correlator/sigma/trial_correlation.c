/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_correlation: the tests a correlation carries: lists of records after which it
 * must, or must not, have fired.
 *
 * A record may say "after: 30s" (since the one before), "times: 20" and "every: 1s";
 * "{n}" in its texts is then 1, 2, 3 and so on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlator/policy/example_record.h"
#include "correlator/sigma/correlating.h"
#include "correlator/sigma/trial.h"

enum { TIMES_MAX = 20000, TEXT_SIZE = 256 };

struct running {
	const struct sigma *sigma;
	const struct policy *policy;
	const struct detection *detection;
	struct correlating *correlating;
	struct arena arena;
	struct record_name name;
	char poi[CORRELATING_NAME_SIZE];
	bool is_fired;
	struct error *err;
};

static int
on_hit(void *ctx, const struct correlation_hit *hit)
{
	struct running *running = ctx;

	if (hit->about == &running->detection->row.about)
		running->is_fired = true;
	return 0;
}

static void
on_finding(void *ctx, const struct finding *finding)
{
	(void)ctx;
	(void)finding;
}

static void
on_event(void *ctx, const struct correlation_event *event)
{
	struct running *running = ctx;

	correlating_add(running->correlating, running->poi, &running->name, event);
}

/* "30s", "5m": microseconds; 0 if it is missing. */
static int
read_pause(const struct yaml_node *map, const char *key, int64_t *pause,
	   struct error *err)
{
	const char *text;
	char unit = '\0', end = '\0';
	long long number = 0;

	*pause = 0;
	if (read_text_if_any(map, key, &text, err) == -1)
		return -1;
	if (text[0] == '\0')
		return 0;
	if (sscanf(text, "%lld%c%c", &number, &unit, &end) != 2 || number < 0 ||
	    number > 100000000 || strchr("smhd", unit) == NULL)
		return yaml_complain(err, yaml_find(map, key),
				     "\"%s\" is no time; expected such as 30s", text);
	*pause = number * (unit == 's'   ? INSTANT_SECOND
			   : unit == 'm' ? INSTANT_MINUTE
			   : unit == 'h' ? INSTANT_HOUR
					 : INSTANT_DAY);
	return 0;
}

/* The node with "{n}" as a number; one that is nothing else becomes an integer. */
static const struct yaml_node *
with_number(struct running *running, const struct yaml_node *node, int64_t n)
{
	const char *at = node->kind == YAML_TEXT ? strstr(node->text, "{n}") : NULL;
	char text[TEXT_SIZE];

	if (at == NULL)
		return node;
	struct yaml_node *copy = arena_take(&running->arena, sizeof(*copy));
	*copy = *node;
	int size = snprintf(text, sizeof(text), "%.*s%lld%s", (int)(at - node->text),
			    node->text, (long long)n, at + 3);
	if (size < 0 || size >= (int)sizeof(text))
		return node;
	copy->text = arena_text(&running->arena, text, (size_t)size);
	if (at == node->text && at[3] == '\0') {
		copy->kind = YAML_INTEGER;
		copy->integer = n;
	}
	return copy;
}

static bool
is_own(const char *key)
{
	return strcmp(key, "after") == 0 || strcmp(key, "times") == 0 ||
	       strcmp(key, "every") == 0;
}

/* The record as its n-th time. */
static const struct yaml_node *
instance_of(struct running *running, const struct yaml_node *node, int64_t n)
{
	struct yaml_node *copy = arena_take(&running->arena, sizeof(*copy));
	const struct yaml_node **key =
		arena_take(&running->arena, node->count * sizeof(*key));
	const struct yaml_node **item =
		arena_take(&running->arena, node->count * sizeof(*item));

	*copy = *node;
	copy->count = 0;
	for (size_t i = 0; i < node->count; i++) {
		if (is_own(node->key[i]->text))
			continue;
		key[copy->count] = node->key[i];
		item[copy->count++] = with_number(running, node->item[i], n);
	}
	copy->key = key;
	copy->item = item;
	return copy;
}

static int
hear_one(struct running *running, const struct yaml_node *node)
{
	struct record record;
	struct instant at = { running->name.time };

	if (example_record_read(&running->arena, node, at,
				running->policy->model->test_poi, &record,
				running->err) == -1)
		return -1;
	struct text poi = record_has(&record, FIELD_SEKISHO_POI)
				  ? record.value[FIELD_SEKISHO_POI].text
				  : text_of("");
	snprintf(running->poi, sizeof(running->poi), "%.*s", (int)poi.size, poi.at);
	running->name.seq++;
	correlating_time(running->correlating, running->poi, &running->name.place,
			 running->name.time);
	struct parties parties = policy_parties(running->policy, &record);
	bool is_empty = inventory_is_empty(running->policy->inventory);
	sigma_hear(running->sigma, &record, is_empty ? NULL : &parties, on_finding,
		   on_event, running);
	return 0;
}

static int
hear_times(struct running *running, const struct yaml_node *node)
{
	const struct yaml_node *times =
		node->kind == YAML_MAP ? yaml_find(node, "times") : NULL;
	int64_t after, every, count = 1;

	if (node->kind != YAML_MAP)
		return yaml_complain(running->err, node,
				     "no record; expected {type: ..., ...}");
	if (read_pause(node, "after", &after, running->err) == -1 ||
	    read_pause(node, "every", &every, running->err) == -1)
		return -1;
	if (times != NULL) {
		if (times->kind != YAML_INTEGER || times->integer < 1 ||
		    times->integer > TIMES_MAX)
			return yaml_complain(running->err, times,
					     "no number of times; expected 1 to %d",
					     TIMES_MAX);
		count = times->integer;
	}
	running->name.time += after;
	for (int64_t n = 1; n <= count; n++) {
		if (n > 1)
			running->name.time += every;
		if (hear_one(running, instance_of(running, node, n)) == -1)
			return -1;
	}
	return 0;
}

int
trial_correlation(const struct sigma *sigma, const struct policy *policy,
		  const struct detection *detection, const struct yaml_node *records,
		  struct error *err)
{
	struct running running = { .sigma = sigma,
				   .policy = policy,
				   .detection = detection,
				   .name = { { "test", "test", 0 }, 0, TRIAL_TIME },
				   .err = err };
	int result = 0;

	if (records->kind != YAML_LIST)
		return yaml_complain(err, records,
				     "no records; expected a list of them");
	running.correlating = correlating_new(sigma, NULL, on_hit, &running);
	for (size_t i = 0; i < records->count && result == 0; i++)
		result = hear_times(&running, records->item[i]);
	correlating_end(running.correlating);
	correlating_free(running.correlating);
	arena_release(&running.arena);
	return result == -1 ? -1 : running.is_fired;
}
