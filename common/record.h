/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: the one type that crosses from sensor to correlator.
 *
 * A superset of Suricata's EVE JSON, one object a line.  common/fields.def is
 * the single source of what a record may hold: path, type, privacy, meaning.
 * From it come this enum, the JSON writer and reader, the names rules use,
 * docs/RECORDS.md and the JSON schema.
 *
 * Three encodings of a field: a value (false and 0 too) = seen; JSON null =
 * looked, and not there (record_set_null); missing = nobody looked, so
 * unknown.  sekisho.unobservable says why something is missing.
 *
 * A record borrows every text, list and byte it points to.  Whoever fills it
 * keeps them alive until the record has been handed on and written.
 */
#ifndef COMMON_RECORD_H
#define COMMON_RECORD_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/instant.h"
#include "common/text.h"

/* clang-format off */
enum field_id {
#define FIELD(id, path, type, privacy, order, hidden_as, producers, meaning) FIELD_##id,
#include "common/fields.def"
#undef FIELD
	FIELD_COUNT
};

enum event {
#define EVENT(id, name, kind, meaning) EVENT_##id,
#include "common/events.def"
#undef EVENT
	EVENT_COUNT
};
/* clang-format on */

enum field_type {
	TYPE_EVENT,   /* an enum event, written as its name */
	TYPE_TIME,    /* struct instant, written as EVE has it */
	TYPE_ADDRESS, /* struct address, written as text */
	TYPE_NUMBER,  /* uint64_t */
	TYPE_BOOL,
	TYPE_TEXT,
	TYPE_TEXTS,   /* JSON array of strings */
	TYPE_NUMBERS, /* JSON array of uint64_t */
	TYPE_REASONS, /* JSON object of strings: texts in pairs key, reason */
	/*
	 * One member of each object of a JSON array: dns.answers.rrname is the
	 * rrname of every answer.  All columns of an array are of one length
	 * and stand together.  A cell that is a text with a NULL 'at', or the
	 * number COLUMN_NONE, is left out of its object.
	 */
	TYPE_TEXT_COLUMN,
	TYPE_NUMBER_COLUMN
};

#define COLUMN_NONE UINT64_MAX
enum { COLUMN_ROWS_MAX = 512 };

enum field_privacy {
	PRIVACY_OPEN,      /* written as it is */
	PRIVACY_PSEUDONYM, /* written as HMAC-SHA-256/128 of the normalised identifier
			    */
	PRIVACY_DROP       /* never written */
};

struct field {
	const char *path; /* "tls.client.issuerdn", as in rules */
	enum field_type type;
	enum field_privacy privacy;
	const char *const *
		order; /* NULL, or the values from least to greatest, NULL at the end */
	const char *hidden_as; /* NULL, or the key in unobservable that speaks for it */
	const char
		*producers;  /* event types that carry it, comma-separated; "*" = all,
				"protocol" = all a dissector tells of a conversation */
	const char *meaning; /* one clause in English, with unit and source */
};

extern const struct field record_fields[FIELD_COUNT];

/* The row of 'path', or FIELD_COUNT if there is none. */
enum field_id record_field_find(struct text path);
const char *record_event_name(enum event event);
/* True if the field's producers name the event. */
bool record_event_carries(enum event event, const struct field *field);
/* EVENT_COUNT if 'name' is none of ours. */
enum event record_event_find(struct text name);

struct texts {
	const struct text *at; /* borrowed */
	uint32_t count;
};

struct numbers {
	const uint64_t *at; /* borrowed */
	uint32_t count;
};

union value {
	uint64_t number;
	bool flag;
	struct instant time;
	struct address address;
	struct text text;
	struct texts texts; /* columns and TYPE_REASONS too: of these count is even, key
			       then reason */
	struct numbers numbers;
};

enum { RECORD_WORDS = (FIELD_COUNT + 63) / 64 };

/* value[] needs no clearing: seen[] and none[] say what holds. */
struct record {
	uint64_t seen[RECORD_WORDS]; /* value[] holds */
	uint64_t none[RECORD_WORDS]; /* JSON null */
	union value value[FIELD_COUNT];
};

/* Empties the record and sets event_type. */
static inline void
record_begin(struct record *record, enum event event)
{
	for (size_t i = 0; i < RECORD_WORDS; i++)
		record->seen[i] = record->none[i] = 0;
	record->seen[FIELD_EVENT_TYPE / 64] |= UINT64_C(1) << (FIELD_EVENT_TYPE % 64);
	record->value[FIELD_EVENT_TYPE].number = event;
}

static inline enum event
record_event(const struct record *record)
{
	return (enum event)record->value[FIELD_EVENT_TYPE].number;
}

static inline bool
record_has(const struct record *record, enum field_id field)
{
	return record->seen[field / 64] >> (field % 64) & 1;
}

static inline bool
record_is_null(const struct record *record, enum field_id field)
{
	return record->none[field / 64] >> (field % 64) & 1;
}

static inline union value *
record_set_(struct record *record, enum field_id field)
{
	uint64_t bit = UINT64_C(1) << (field % 64);

	record->seen[field / 64] |= bit;
	record->none[field / 64] &= ~bit;
	return &record->value[field];
}

static inline void
record_set_null(struct record *record, enum field_id field)
{
	uint64_t bit = UINT64_C(1) << (field % 64);

	record->none[field / 64] |= bit;
	record->seen[field / 64] &= ~bit;
}

static inline void
record_remove(struct record *record, enum field_id field)
{
	uint64_t bit = UINT64_C(1) << (field % 64);

	record->none[field / 64] &= ~bit;
	record->seen[field / 64] &= ~bit;
}

/* Each asserts that the field is of its type: a mismatch is a mistake of ours. */
static inline void
record_set_number(struct record *record, enum field_id field, uint64_t number)
{
	assert(record_fields[field].type == TYPE_NUMBER);
	record_set_(record, field)->number = number;
}

static inline void
record_set_flag(struct record *record, enum field_id field, bool flag)
{
	assert(record_fields[field].type == TYPE_BOOL);
	record_set_(record, field)->flag = flag;
}

static inline void
record_set_time(struct record *record, enum field_id field, struct instant time)
{
	assert(record_fields[field].type == TYPE_TIME);
	record_set_(record, field)->time = time;
}

static inline void
record_set_address(struct record *record, enum field_id field,
		   const struct address *address)
{
	assert(record_fields[field].type == TYPE_ADDRESS);
	record_set_(record, field)->address = *address;
}

static inline void
record_set_text(struct record *record, enum field_id field, struct text text)
{
	assert(record_fields[field].type == TYPE_TEXT);
	record_set_(record, field)->text = text;
}

static inline void
record_set_texts(struct record *record, enum field_id field, const struct text *at,
		 uint32_t count)
{
	assert(record_fields[field].type == TYPE_TEXTS ||
	       record_fields[field].type == TYPE_REASONS ||
	       (record_fields[field].type == TYPE_TEXT_COLUMN &&
		count <= COLUMN_ROWS_MAX));
	record_set_(record, field)->texts = (struct texts){ at, count };
}

static inline void
record_set_numbers(struct record *record, enum field_id field, const uint64_t *at,
		   uint32_t count)
{
	assert(record_fields[field].type == TYPE_NUMBERS ||
	       (record_fields[field].type == TYPE_NUMBER_COLUMN &&
		count <= COLUMN_ROWS_MAX));
	record_set_(record, field)->numbers = (struct numbers){ at, count };
}

static inline bool
field_is_column(enum field_id field)
{
	return record_fields[field].type == TYPE_TEXT_COLUMN ||
	       record_fields[field].type == TYPE_NUMBER_COLUMN;
}

/*
 * Why 'field' is missing, or an empty text if the record does not say: the
 * reason under the field's own path, under a path it lies below, or under its
 * hidden_as.
 */
struct text record_unobservable(const struct record *record, enum field_id field);

/* What a stage hands records on with.  The record is borrowed for the call. */
typedef void record_sink(void *ctx, const struct record *record);

#endif
