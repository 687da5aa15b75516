/* SPDX-License-Identifier: Apache-2.0 */
/* successor: a report that takes the place of an issued one names it and lists what
 * changed. */
#include "correlator/report/successor.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/digest.h"
#include "common/file.h"
#include "correlator/report/figures.h"

enum { REPORT_BYTES_MAX = 1 << 30 };

struct comparing {
	struct report *report;
	json_t *was; /* figures of the issued one that were not met yet, by id */
	struct report_change *change;
	size_t count, room;
};

static void
add(struct comparing *comparing, const char *id, int64_t was, int64_t is)
{
	if (comparing->count == comparing->room) {
		size_t room = comparing->room == 0 ? 16 : comparing->room * 2;
		struct report_change *larger =
			arena_take(&comparing->report->arena, room * sizeof(*larger));
		if (comparing->count > 0)
			memcpy(larger, comparing->change,
			       comparing->count * sizeof(*larger));
		comparing->change = larger;
		comparing->room = room;
	}
	comparing->change[comparing->count++] = (struct report_change){
		arena_text(&comparing->report->arena, id, strlen(id)), was, is
	};
}

static void
on_figure(void *ctx, const struct figure *figure)
{
	struct comparing *comparing = ctx;
	const json_t *was = json_object_get(comparing->was, figure->id);

	if (was == NULL)
		add(comparing, figure->id, -1, (int64_t)figure->value);
	else if ((uint64_t)json_integer_value(was) != figure->value)
		add(comparing, figure->id, json_integer_value(was),
		    (int64_t)figure->value);
	json_object_del(comparing->was, figure->id);
}

static json_t *
index_figures(const json_t *issued)
{
	const json_t *figures = json_object_get(issued, "figures");
	json_t *by_id = json_object();

	for (size_t i = 0; i < json_array_size(figures); i++) {
		const json_t *one = json_array_get(figures, i);
		const char *id = json_string_value(json_object_get(one, "id"));
		if (id != NULL)
			json_object_set(by_id, id, json_object_get(one, "value"));
	}
	return by_id;
}

static bool
is_same_subject(const struct report *report, const json_t *issued)
{
	const char *region = json_string_value(json_object_get(issued, "region"));

	return region != NULL && strcmp(region, report->request.region) == 0 &&
	       json_integer_value(json_object_get(issued, "from")) ==
		       report->request.from &&
	       json_integer_value(json_object_get(issued, "to")) == report->request.to;
}

static void
compare(struct report *report, const json_t *issued)
{
	struct comparing comparing = { .report = report, .was = index_figures(issued) };
	const char *id;
	json_t *value;

	report_each_figure(report, on_figure, &comparing);
	json_object_foreach(comparing.was, id, value)
		add(&comparing, id, json_integer_value(value), -1);
	json_decref(comparing.was);
	report->change = comparing.change;
	report->change_count = comparing.count;
}

int
successor_compare(struct report *report, const char *path, struct error *err)
{
	char *text;
	size_t size;

	if (file_read(path, REPORT_BYTES_MAX, &text, &size, err) == -1)
		return -1;
	struct digest digest = digest_of(text, size);
	json_t *issued = json_loadb(text, size, 0, NULL);
	free(text);
	int result = 0;
	if (issued == NULL || !is_same_subject(report, issued))
		result = error_set(
			err, "%s is no report in JSON of this region and period", path);
	else {
		digest_to_text(&digest, report->replaces);
		compare(report, issued);
	}
	json_decref(issued);
	return result;
}
