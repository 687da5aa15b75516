/* SPDX-License-Identifier: Apache-2.0 */
/* record_shorten: a record that is too long loses its longest lists and texts. */
#include "common/record_shorten.h"

enum { NUMBER_SIZE = 20 + 1 /* digits of UINT64_MAX, and a comma */ };

static size_t
texts_size(const struct texts *texts)
{
	size_t size = 0;

	for (uint32_t i = 0; i < texts->count; i++)
		size += texts->at[i].size + 3; /* quotes and comma */
	return size;
}

/* About what a list or text takes on the line; 0 for all else. */
static size_t
long_size(const struct record *record, enum field_id field)
{
	const union value *value = &record->value[field];

	if (!record_has(record, field))
		return 0;
	switch (record_fields[field].type) {
	case TYPE_TEXTS:
	case TYPE_REASONS:
	case TYPE_TEXT_COLUMN:
		return texts_size(&value->texts);
	case TYPE_NUMBERS:
	case TYPE_NUMBER_COLUMN:
		return value->numbers.count * (size_t)NUMBER_SIZE;
	case TYPE_TEXT:
		return value->text.size;
	default:
		return 0;
	}
}

static enum field_id
longest(const struct record *record)
{
	enum field_id found = FIELD_COUNT;
	size_t most = 0;

	for (int field = 0; field < FIELD_COUNT; field++) {
		size_t size = long_size(record, (enum field_id)field);

		if (size > most) {
			most = size;
			found = (enum field_id)field;
		}
	}
	return found;
}

void
shortening_init(struct shortening *shorter, const struct record *record)
{
	const struct texts *pairs = &record->value[FIELD_SEKISHO_UNOBSERVABLE].texts;

	shorter->record = *record;
	shorter->count = 0;
	record_set_flag(&shorter->record, FIELD_SEKISHO_TRUNCATED, true);
	if (!record_has(record, FIELD_SEKISHO_UNOBSERVABLE))
		return;
	for (uint32_t i = 0; i < pairs->count && i < 2 * FIELD_COUNT; i++)
		shorter->reasons[shorter->count++] = pairs->at[i];
}

bool
shortening_take(struct shortening *shorter)
{
	enum field_id field = longest(&shorter->record);

	if (field == FIELD_COUNT)
		return false;
	if (field == FIELD_SEKISHO_UNOBSERVABLE)
		shorter->count = 0;
	else
		record_remove(&shorter->record, field);
	shorter->reasons[shorter->count++] = text_of(record_fields[field].path);
	shorter->reasons[shorter->count++] = text_of("truncated");
	record_set_texts(&shorter->record, FIELD_SEKISHO_UNOBSERVABLE, shorter->reasons,
			 shorter->count);
	return true;
}
