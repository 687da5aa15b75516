/* SPDX-License-Identifier: Apache-2.0 */
/* atna: an audit message of IHE ATNA (ITI-20), read as far as it came. */
#include "sensor/dissect/atna.h"

#include <string.h>

enum { DOCUMENT_WITHIN = 512 /* bytes of the text in which it begins */ };

enum list {
	LIST_TYPES,
	LIST_PURPOSES,
	LIST_USERS,
	LIST_USER_NAMES,
	LIST_REQUESTORS,
	LIST_ROLES,
	LIST_NETWORKS,
	LIST_PATIENTS,
	LIST_AUTHORITIES,
	LIST_DOCUMENTS,
	LIST_REPOSITORIES,
	LIST_COMMUNITIES,
	LISTS
};

static const enum field_id list_fields[LISTS] = {
	[LIST_TYPES] = FIELD_ATNA_TYPES,
	[LIST_PURPOSES] = FIELD_ATNA_PURPOSES,
	[LIST_USERS] = FIELD_ATNA_USERS,
	[LIST_USER_NAMES] = FIELD_ATNA_USER_NAMES,
	[LIST_REQUESTORS] = FIELD_ATNA_REQUESTORS,
	[LIST_ROLES] = FIELD_ATNA_ROLES,
	[LIST_NETWORKS] = FIELD_ATNA_NETWORKS,
	[LIST_PATIENTS] = FIELD_ATNA_PATIENTS,
	[LIST_AUTHORITIES] = FIELD_ATNA_AUTHORITIES,
	[LIST_DOCUMENTS] = FIELD_ATNA_DOCUMENTS,
	[LIST_REPOSITORIES] = FIELD_ATNA_REPOSITORIES,
	[LIST_COMMUNITIES] = FIELD_ATNA_COMMUNITIES,
};

/* Told once, and null if a whole message has none. */
static const enum field_id singles[] = {
	FIELD_ATNA_FORM,        FIELD_ATNA_EVENT,        FIELD_ATNA_EVENT_SYSTEM,
	FIELD_ATNA_ACTION,      FIELD_ATNA_OUTCOME,      FIELD_ATNA_TIME,
	FIELD_ATNA_SOURCE_USER, FIELD_ATNA_SOURCE_NET,   FIELD_ATNA_DEST_USER,
	FIELD_ATNA_DEST_NET,    FIELD_ATNA_AUDIT_SOURCE, FIELD_ATNA_SITE,
	FIELD_ATNA_QUERY_ID,    FIELD_ATNA_QUERY_SIZE,   FIELD_ATNA_TRACE,
};

struct reading {
	struct telling *telling;
	struct text *list[LISTS];
	uint32_t count[LISTS];
	struct text user, network; /* of the participant under way */
	uint64_t participants, objects, query_size;
	bool is_audit, is_query;
};

static struct text
keep(struct reading *reading, struct text value)
{
	return scratch_text(&reading->telling->scratch, value.at, value.size,
			    ATNA_TEXT_MAX);
}

static void
tell_once(struct reading *reading, enum field_id field, struct text value)
{
	if (value.size > 0 && !record_has(&reading->telling->record, field))
		record_set_text(&reading->telling->record, field, keep(reading, value));
}

/* Each value once. */
static void
add(struct reading *reading, enum list list, struct text value)
{
	struct text *to = reading->list[list];

	if (value.size == 0 || to == NULL)
		return;
	for (uint32_t i = 0; i < reading->count[list]; i++)
		if (text_equal(to[i], value))
			return;
	if (reading->count[list] == ATNA_LIST_MAX)
		reading->telling->scratch.is_cut = true;
	else
		to[reading->count[list]++] = keep(reading, value);
}

/* The attribute has one name in DICOM's form and another in RFC 3881's. */
static struct text
code_of(const struct xml_element *element)
{
	struct text code = xml_attribute(element, "csd-code");

	return code.size > 0 ? code : xml_attribute(element, "code");
}

static uint64_t
number_of(struct text digits)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < digits.size && i < 9; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			break;
		number = number * 10 + (uint64_t)(digits.at[i] - '0');
	}
	return number;
}

static void
on_event(struct reading *reading, const struct xml_element *element)
{
	struct text outcome = xml_attribute(element, "EventOutcomeIndicator");

	tell_once(reading, FIELD_ATNA_ACTION,
		  xml_attribute(element, "EventActionCode"));
	tell_once(reading, FIELD_ATNA_TIME, xml_attribute(element, "EventDateTime"));
	if (outcome.size > 0)
		record_set_number(&reading->telling->record, FIELD_ATNA_OUTCOME,
				  number_of(outcome));
}

static void
on_event_id(struct reading *reading, const struct xml_element *element)
{
	bool is_dicom = xml_attribute(element, "csd-code").size > 0;

	telling_name(reading->telling, FIELD_ATNA_FORM, is_dicom ? "dicom" : "rfc3881");
	tell_once(reading, FIELD_ATNA_EVENT, code_of(element));
	tell_once(reading, FIELD_ATNA_EVENT_SYSTEM,
		  xml_attribute(element, "codeSystemName"));
}

static void
on_event_type(struct reading *reading, const struct xml_element *element)
{
	add(reading, LIST_TYPES, code_of(element));
}

static void
on_purpose(struct reading *reading, const struct xml_element *element)
{
	add(reading, LIST_PURPOSES, code_of(element));
}

static void
on_participant(struct reading *reading, const struct xml_element *element)
{
	struct text user = xml_attribute(element, "UserID");
	struct text kind = xml_attribute(element, "NetworkAccessPointTypeCode");
	struct text network = { 0 };

	/* 1 a name, 2 an address; 3 to 5 are telephone, mail and URI: people's */
	if (text_is(kind, "1") || text_is(kind, "2"))
		network = xml_attribute(element, "NetworkAccessPointID");
	reading->participants++;
	reading->user = keep(reading, user);
	reading->network = keep(reading, network);
	add(reading, LIST_USERS, user);
	add(reading, LIST_USER_NAMES, xml_attribute(element, "UserName"));
	add(reading, LIST_NETWORKS, network);
	if (text_is(xml_attribute(element, "UserIsRequestor"), "true"))
		add(reading, LIST_REQUESTORS, user);
}

static void
on_role(struct reading *reading, const struct xml_element *element)
{
	struct text code = code_of(element);

	add(reading, LIST_ROLES, code);
	if (text_is(code, "110153")) {
		tell_once(reading, FIELD_ATNA_SOURCE_USER, reading->user);
		tell_once(reading, FIELD_ATNA_SOURCE_NET, reading->network);
	} else if (text_is(code, "110152")) {
		tell_once(reading, FIELD_ATNA_DEST_USER, reading->user);
		tell_once(reading, FIELD_ATNA_DEST_NET, reading->network);
	}
}

static void
on_source(struct reading *reading, const struct xml_element *element)
{
	tell_once(reading, FIELD_ATNA_AUDIT_SOURCE,
		  xml_attribute(element, "AuditSourceID"));
	tell_once(reading, FIELD_ATNA_SITE,
		  xml_attribute(element, "AuditEnterpriseSiteID"));
}

/* id^^^&authority&ISO: what stands between the ampersands. */
static struct text
authority_of(struct text id)
{
	const char *begin = id.size ? memchr(id.at, '&', id.size) : NULL;

	if (begin == NULL)
		return (struct text){ 0 };
	begin++;
	size_t left = (size_t)(id.at + id.size - begin);
	const char *end = left ? memchr(begin, '&', left) : NULL;
	return (struct text){ begin, end ? (uint32_t)(end - begin) : 0 };
}

static bool
begins(struct text text, const char *with)
{
	size_t size = strlen(with);

	return text.size >= size && memcmp(text.at, with, size) == 0;
}

static void
on_object(struct reading *reading, const struct xml_element *element)
{
	struct text id = xml_attribute(element, "ParticipantObjectID");
	struct text kind = xml_attribute(element, "ParticipantObjectTypeCode");
	struct text role = xml_attribute(element, "ParticipantObjectTypeCodeRole");

	reading->objects++;
	reading->user = keep(reading, id); /* until its type's code has come */
	if (text_is(role, "24") && begins(id, "urn:uuid:"))
		tell_once(reading, FIELD_ATNA_QUERY_ID, id);
	if (text_is(kind, "1") && text_is(role, "1")) {
		add(reading, LIST_PATIENTS, id);
		add(reading, LIST_AUTHORITIES, authority_of(id));
	} else if (text_is(kind, "2") && text_is(role, "3")) {
		add(reading, LIST_DOCUMENTS, id);
	}
}

/* version-trace-parent-flags, hexadecimal and of 55 bytes (W3C Trace Context). */
static bool
is_trace(struct text id)
{
	bool is_hex = id.size == 55;

	for (uint32_t i = 0; is_hex && i < id.size; i++)
		is_hex = memchr("0123456789abcdef-", id.at[i], 17) != NULL;
	return is_hex;
}

static void
on_object_kind(struct reading *reading, const struct xml_element *element)
{
	if (text_is(code_of(element), "traceparent") && is_trace(reading->user))
		tell_once(reading, FIELD_ATNA_TRACE, reading->user);
}

static int
base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
				     "uvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* What the text says in base64, or the text itself where it is none: some senders do
 * not encode. */
static struct text
decode(struct text text, char out[ATNA_TEXT_MAX])
{
	uint32_t bits = 0, count = 0, size = 0;

	for (uint32_t i = 0; i < text.size && text.at[i] != '='; i++) {
		int value = base64_value(text.at[i]);
		if (value < 0)
			return text;
		bits = bits << 6 | (uint32_t)value;
		if (++count % 4 == 1 || size == ATNA_TEXT_MAX)
			continue;
		out[size++] = (char)(bits >> (4 - count % 4) * 2 % 8);
	}
	return text_is_valid(out, size) ? (struct text){ out, size } : text;
}

static void
on_detail(struct reading *reading, const struct xml_element *element)
{
	static const struct {
		const char *name;
		enum list list;
	} details[] = {
		{ "Repository Unique Id", LIST_REPOSITORIES },
		{ "RepositoryUniqueId", LIST_REPOSITORIES },
		{ "ihe:homeCommunityID", LIST_COMMUNITIES },
		{ "urn:ihe:iti:xca:2010:homeCommunityId", LIST_COMMUNITIES },
	};
	struct text name = xml_attribute(element, "type");
	char decoded[ATNA_TEXT_MAX];

	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++)
		if (text_is(name, details[i].name))
			add(reading, details[i].list,
			    decode(xml_attribute(element, "value"), decoded));
}

static void
on_query(struct reading *reading, const struct xml_element *element)
{
	(void)element;
	reading->is_query = true;
}

static const struct {
	const char *name;
	void (*on_open)(struct reading *reading, const struct xml_element *element);
} elements[] = {
	{ "EventIdentification", on_event },
	{ "EventID", on_event_id },
	{ "EventTypeCode", on_event_type },
	{ "PurposeOfUse", on_purpose },
	{ "ActiveParticipant", on_participant },
	{ "RoleIDCode", on_role },
	{ "AuditSourceIdentification", on_source },
	{ "ParticipantObjectIdentification", on_object },
	{ "ParticipantObjectIDTypeCode", on_object_kind },
	{ "ParticipantObjectDetail", on_detail },
	{ "ParticipantObjectQuery", on_query },
};

static void
on_open(void *ctx, const struct xml_element *element)
{
	struct reading *reading = ctx;

	if (element->depth == 1)
		reading->is_audit = text_is(element->name, "AuditMessage");
	reading->telling->scratch.is_cut |= element->is_cut;
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (reading->is_audit && text_is(element->name, elements[i].name))
			elements[i].on_open(reading, element);
}

static void
on_text(void *ctx, struct text text)
{
	struct reading *reading = ctx;

	if (reading->is_query)
		reading->query_size += text.size;
}

static void
on_close(void *ctx, const struct xml_element *element)
{
	struct reading *reading = ctx;

	if (text_is(element->name, "ParticipantObjectQuery")) {
		reading->is_query = false;
		record_set_number(&reading->telling->record, FIELD_ATNA_QUERY_SIZE,
				  reading->query_size);
	}
}

/* What a whole message does not hold is null; of one that was cut it is unknown. */
static void
conclude(struct reading *reading, bool is_whole)
{
	struct record *record = &reading->telling->record;

	record_set_number(record, FIELD_ATNA_PARTICIPANTS, reading->participants);
	record_set_number(record, FIELD_ATNA_OBJECTS, reading->objects);
	for (int i = 0; i < LISTS; i++)
		if (reading->count[i] > 0)
			record_set_texts(record, list_fields[i], reading->list[i],
					 reading->count[i]);
		else if (is_whole)
			record_set_null(record, list_fields[i]);
	for (size_t i = 0; is_whole && i < sizeof(singles) / sizeof(singles[0]); i++)
		if (!record_has(record, singles[i]))
			record_set_null(record, singles[i]);
}

bool
atna_tell(struct telling *telling, struct xml *xml, struct bytes document)
{
	struct reading reading = { .telling = telling };
	struct xml_sink sink = { &reading, on_open, on_text, on_close };

	for (int i = 0; i < LISTS; i++)
		reading.list[i] = telling_items(telling, ATNA_LIST_MAX);
	bool is_whole = xml_begin(xml, &sink);
	if (is_whole) {
		xml_feed(xml, document);
		is_whole = xml_end(xml) == XML_WHOLE && reading.is_audit;
	}
	conclude(&reading, is_whole);
	return is_whole;
}

struct bytes
atna_document(struct bytes text)
{
	static const char *const begins_with[] = { "<?xml", "<AuditMessage" };
	size_t within = text.left < DOCUMENT_WITHIN ? text.left : DOCUMENT_WITHIN;

	for (size_t i = 0; i < sizeof(begins_with) / sizeof(begins_with[0]); i++) {
		const uint8_t *at = within ? memmem(text.at, within, begins_with[i],
						    strlen(begins_with[i]))
					   : NULL;
		if (at) {
			bytes_take(&text, (size_t)(at - text.at));
			return text;
		}
	}
	return (struct bytes){ 0 };
}
