/* SPDX-License-Identifier: Apache-2.0 */
/* correlation_take: what correlations need of a record that matched, before it goes. */
#include <stdio.h>
#include <string.h>

#include "common/digest.h"
#include "correlator/sigma/correlation.h"
#include "correlator/sigma/view.h"

enum { KEY_KEPT = CORRELATION_KEY_SIZE - 24 };

static uint64_t
digest_number(struct digester *digester)
{
	uint8_t hash[DIGEST_SIZE];
	uint64_t number = 0;

	digester_take(digester, hash);
	for (size_t i = 0; i < sizeof(number); i++)
		number = number << 8 | hash[i];
	return number;
}

/* A value that is too long, or holds the separator, is told apart by its digest. */
static size_t
put_key(struct view *view, struct text value, char *out)
{
	char digest[24] = "";
	size_t size = value.size;

	if (size > KEY_KEPT ||
	    (size > 0 && memchr(value.at, CORRELATION_SEPARATOR, size) != NULL)) {
		digester_add(view->digester, value.at, size);
		snprintf(digest, sizeof(digest), "~%016llx",
			 (unsigned long long)digest_number(view->digester));
		size = 0;
		while (size < KEY_KEPT && size < value.size &&
		       value.at[size] != CORRELATION_SEPARATOR)
			size++;
		while (size > 0 && size < value.size &&
		       ((unsigned char)value.at[size] & 0xc0) == 0x80)
			size--;
	}
	if (size > 0)
		memcpy(out, value.at, size);
	size_t more = strlen(digest);
	memcpy(out + size, digest, more);
	return size + more;
}

/* Of a list, all its values in order. */
static struct text
joined(struct view *view, const struct values *values)
{
	size_t size = 0, used = 0;

	if (values->count == 1)
		return values->at[0].raw;
	for (size_t i = 0; i < values->count; i++)
		size += values->at[i].raw.size + 1;
	char *all = arena_take(&view->arena, size + 1);
	for (size_t i = 0; i < values->count; i++) {
		memcpy(all + used, values->at[i].raw.at, values->at[i].raw.size);
		used += values->at[i].raw.size;
		all[used++] = ',';
	}
	return (struct text){ all, (uint32_t)(used > 0 ? used - 1 : 0) };
}

/* False if the record does not have it. */
static bool
value_of(struct view *view, const struct source *source, struct text *value,
	 bool *is_number, uint64_t *number)
{
	struct values constant;
	const struct values *values;

	if (source->field == FIELD_CONSTANT) {
		constant = view_constant(view, source->constant);
		values = &constant;
	} else {
		values = view_values(view, source->field);
	}
	if (!values->is_present || values->count == 0)
		return false;
	*value = joined(view, values);
	*is_number = values->count == 1 && values->at[0].is_number;
	*number = values->at[0].number;
	return true;
}

static bool
take_group(struct view *view, const struct correlation *correlation,
	   const struct step *step, char *out, struct text *group)
{
	size_t used = 0;

	for (size_t i = 0; i < correlation->key_count; i++) {
		struct text value;
		bool is_number;
		uint64_t number;
		if (!value_of(view, &step->group[i], &value, &is_number, &number))
			return false;
		if (i > 0)
			out[used++] = CORRELATION_SEPARATOR;
		used += put_key(view, value, out + used);
	}
	*group = (struct text){ out, (uint32_t)used };
	return true;
}

/* Values that are missing, and no numbers where numbers are summed, are not counted. */
static bool
take_value(struct view *view, const struct correlation *correlation,
	   const struct step *step, uint64_t *out)
{
	bool is_number = true;

	*out = 0;
	for (size_t i = 0; i < correlation->value_count; i++) {
		struct text value;
		if (!value_of(view, &step->value[i], &value, &is_number, out)) {
			digest_number(view->digester); /* begins anew */
			return false;
		}
		if (correlation->type != CORRELATION_VALUES)
			return is_number;
		digester_add(view->digester, &value.size, sizeof(value.size));
		digester_add(view->digester, value.at, value.size);
	}
	if (correlation->value_count > 0)
		*out = digest_number(view->digester);
	return true;
}

void
correlation_take(struct view *view, const struct detection *detection,
		 correlation_sink *sink, void *ctx)
{
	char room[CORRELATION_GROUP_SIZE];

	for (size_t i = 0; i < detection->feed_count; i++) {
		const struct feed *feed = &detection->feed[i];
		const struct step *step = &feed->correlation->step[feed->step];
		struct correlation_event event = { .correlation = feed->correlation,
						   .step = feed->step };
		if (!take_group(view, feed->correlation, step, room, &event.group))
			view->missing_groups++;
		else if (take_value(view, feed->correlation, step, &event.value))
			sink(ctx, &event);
	}
}

/* The n-th value of a group's name. */
static struct text
key_at(struct text group, size_t index)
{
	const char *end = group.at + group.size, *at = group.at;

	for (; index > 0 && at < end; at++)
		index -= *at == CORRELATION_SEPARATOR;
	const char *stop = memchr(at, CORRELATION_SEPARATOR, (size_t)(end - at));
	return (struct text){ at, (uint32_t)((stop != NULL ? stop : end) - at) };
}

bool
correlation_pass_on(struct text group, const struct feed *to,
		    char room[CORRELATION_GROUP_SIZE], struct correlation_event *event)
{
	const struct correlation *correlation = to->correlation;
	const struct step *step = &correlation->step[to->step];
	size_t used = 0;

	*event = (struct correlation_event){ .correlation = correlation,
					     .step = to->step };
	for (size_t i = 0; i < correlation->key_count; i++) {
		struct text value = key_at(group, step->group[i].key);
		if (used + value.size + 1 > CORRELATION_GROUP_SIZE)
			return false;
		if (i > 0)
			room[used++] = CORRELATION_SEPARATOR;
		if (value.size > 0)
			memcpy(room + used, value.at, value.size);
		used += value.size;
	}
	event->group = (struct text){ room, (uint32_t)used };
	if (correlation->value_count > 0) {
		struct digester *digester = digester_of(DIGEST_SHA256);
		for (size_t i = 0; i < correlation->value_count; i++) {
			struct text value = key_at(group, step->value[i].key);
			digester_add(digester, &value.size, sizeof(value.size));
			digester_add(digester, value.at, value.size);
		}
		event->value = digest_number(digester);
		digester_free(digester);
	}
	return true;
}
