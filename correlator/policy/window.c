/* SPDX-License-Identifier: Apache-2.0 */
/* window: named times of the week, such as when remote maintenance is allowed. */
#include "correlator/policy/window.h"

#include <stdio.h>
#include <string.h>

#include "common/calendar.h"

#include "correlator/policy/read.h"

static const char *const day_names[] = { "sun", "mon", "tue", "wed",
					 "thu", "fri", "sat", NULL };
enum { DAYS = 7, EVERY_DAY = 0x7f, MINUTES = 24 * 60 };

/* "HH:MM", also "24:00", as minutes of the day. */
static int
read_minute(const struct yaml_node *map, const char *key, uint16_t *minute,
	    struct error *err)
{
	const char *text;
	unsigned hours, minutes;
	char more;

	if (read_text(map, key, &text, err) == -1)
		return -1;
	if (strlen(text) != 5 ||
	    sscanf(text, "%2u:%2u%c", &hours, &minutes, &more) != 2 || minutes > 59 ||
	    hours * 60 + minutes > MINUTES)
		return yaml_complain(
			err, yaml_find(map, key),
			"\"%s\" is no time of day; expected such as \"01:00\"", text);
	*minute = (uint16_t)(hours * 60 + minutes);
	return 0;
}

static int
read_days(struct arena *arena, const struct yaml_node *node, uint8_t *days,
	  struct error *err)
{
	struct word_set words;

	*days = EVERY_DAY;
	if (node == NULL)
		return 0;
	if (read_words(arena, node, &words, err) == -1)
		return -1;
	*days = 0;
	for (size_t day = 0; day < DAYS; day++)
		if (words_have(&words, day_names[day]))
			*days = (uint8_t)(*days | 1U << day);
	size_t known = (size_t)__builtin_popcount(*days);
	if (known != words.count)
		return yaml_complain(err, node,
				     "a day is misspelt; expected sun, mon, tue, wed, "
				     "thu, fri or sat");
	return 0;
}

int
window_read(struct arena *arena, const struct yaml_node *node, struct window *window,
	    struct error *err)
{
	static const char *const known[] = { "days", "from", "to", NULL };

	if (node->kind != YAML_MAP)
		return yaml_complain(err, node,
				     "that is no time of the week; expected such as "
				     "{days: [sun], from: \"01:00\", to: \"05:00\"}");
	if (yaml_only(node, known, err) == -1 ||
	    read_days(arena, yaml_find(node, "days"), &window->days, err) == -1 ||
	    read_minute(node, "from", &window->from, err) == -1)
		return -1;
	return read_minute(node, "to", &window->to, err);
}

bool
window_has(const struct window *window, struct instant at, int zone)
{
	struct zone here = { zone };
	int minute = calendar_second(at, here) / 60;
	int day = (date_weekday(calendar_date(at, here)) + 1) % DAYS; /* Sunday is 0 */
	int day_before = (day + DAYS - 1) % DAYS;
	bool is_today = window->days >> day & 1;

	if (window->from < window->to)
		return is_today && minute >= window->from && minute < window->to;
	/* Past midnight: the part of the morning belongs to the day before. */
	return (is_today && minute >= window->from) ||
	       ((window->days >> day_before & 1) && minute < window->to);
}
