/* SPDX-License-Identifier: Apache-2.0 */
/* record: the one type that crosses from sensor to correlator. */
#include "common/record.h"

/*
 * From least to greatest; rules compare by place, not by spelling.  A version of DTLS
 * stands right behind that of TLS it is as strong as (RFC 6347 section 1, RFC 9147
 * section 1), so that a rule that names the version of TLS holds for both.
 */
static const char *const record_tls_versions[] = {
	"SSLv2",   "SSLv3",    "TLSv1",   "TLS 1.1",  "DTLS 1.0",
	"TLS 1.2", "DTLS 1.2", "TLS 1.3", "DTLS 1.3", NULL
};
static const char *const record_smb_dialects[] = {
	"NT LANMAN 1.0", "NT LM 0.12", "2.02", "2.10", "3.00", "3.02", "3.11", NULL
};
static const char *const record_ssh_versions[] = { "1.3", "1.5", "1.99", "2.0", NULL };

/* clang-format off */
const struct field record_fields[FIELD_COUNT] = {
#define FIELD(id, path, type, privacy, order, hidden_as, producers, meaning) \
	{ path, TYPE_##type, PRIVACY_##privacy, order, hidden_as, producers, meaning },
#include "common/fields.def"
#undef FIELD
};

static const char *const event_names[EVENT_COUNT] = {
#define EVENT(id, name, kind, meaning) [EVENT_##id] = name,
#include "common/events.def"
#undef EVENT
};

enum event_kind { KIND_OTHER, KIND_PROTOCOL };

static const enum event_kind event_kinds[EVENT_COUNT] = {
#define EVENT(id, name, kind, meaning) [EVENT_##id] = KIND_##kind,
#include "common/events.def"
#undef EVENT
};
/* clang-format on */

enum field_id
record_field_find(struct text path)
{
	for (int field = 0; field < FIELD_COUNT; field++)
		if (text_is(path, record_fields[field].path))
			return (enum field_id)field;
	return FIELD_COUNT;
}

const char *
record_event_name(enum event event)
{
	return event_names[event];
}

enum event
record_event_find(struct text name)
{
	for (int event = 0; event < EVENT_COUNT; event++)
		if (text_is(name, event_names[event]))
			return (enum event)event;
	return EVENT_COUNT;
}

/* 'word' of a list of producers: the event itself, or what stands for several. */
static bool
stands_for(struct text word, enum event event)
{
	return text_is(word, "*") || text_is(word, event_names[event]) ||
	       (text_is(word, "protocol") && event_kinds[event] == KIND_PROTOCOL);
}

bool
record_event_carries(enum event event, const struct field *field)
{
	const char *at = field->producers;

	while (*at != '\0') {
		size_t size = strcspn(at, ",");
		if (stands_for((struct text){ at, (uint32_t)size }, event))
			return true;
		at += size + (at[size] == ',');
	}
	return false;
}

/* True if 'path' lies below 'folder', as tls.ja3.hash lies below tls.ja3 and tls. */
static bool
lies_below(struct text path, struct text folder)
{
	return path.size > folder.size && path.at[folder.size] == '.' &&
	       folder.size > 0 && memcmp(path.at, folder.at, folder.size) == 0;
}

/* How well 'key' speaks for a field: 0 not at all; its own path best, then hidden_as.
 */
static unsigned
key_speaks(struct text key, struct text path, struct text hidden_as)
{
	if (text_equal(key, path))
		return 4;
	if (hidden_as.size > 0 && text_equal(key, hidden_as))
		return 3;
	if (lies_below(path, key))
		return 2;
	return lies_below(hidden_as, key);
}

struct text
record_unobservable(const struct record *record, enum field_id field)
{
	const struct field *row = &record_fields[field];
	struct text path = text_of(row->path);
	struct text hidden_as = text_of(row->hidden_as ? row->hidden_as : "");
	struct text reason = { NULL, 0 };
	unsigned best = 0;

	if (!record_has(record, FIELD_SEKISHO_UNOBSERVABLE))
		return reason;
	const struct texts *pairs = &record->value[FIELD_SEKISHO_UNOBSERVABLE].texts;
	for (uint32_t i = 0; i + 1 < pairs->count; i += 2) {
		unsigned speaks = key_speaks(pairs->at[i], path, hidden_as);

		if (speaks > best) {
			best = speaks;
			reason = pairs->at[i + 1];
		}
	}
	return reason;
}
