/* SPDX-License-Identifier: Apache-2.0 */
/* dns_message: one DNS message taken apart (RFC 1035 section 4), and told by its look.
 */
#include "sensor/dissect/dns_state.h"

enum {
	LABEL_MAX = 63,
	POINTER = 0xc0,
	CLASS_IN = 1,
	CLASS_CHAOS = 3,
	CLASS_HESIOD = 4,
	CLASS_NONE = 254,
	CLASS_ANY = 255,
	CLASS_TOP = 0x8000, /* multicast's: unicast answer wanted, flush the cache */
	RECORD_LEAST = 11   /* octets of the smallest record */
};

bool
dns_header_read(struct dns_reader *reader, struct dns_header *header)
{
	struct bytes *left = &reader->left;

	header->id = bytes_u16(left);
	header->flags = bytes_u16(left);
	header->questions = bytes_u16(left);
	for (int i = 0; i < DNS_SECTIONS; i++)
		header->records[i] = bytes_u16(left);
	return bytes_ok(left);
}

static enum dns_outcome
broken(struct dns_reader *reader, const char *how)
{
	reader->violation = how;
	return DNS_BROKEN;
}

static char *
put_octet(char *at, uint8_t octet)
{
	if (octet > ' ' && octet < 0x7f && octet != '.' && octet != '\\') {
		*at++ = (char)octet;
		return at;
	}
	*at++ = '\\';
	*at++ = (char)('0' + octet / 100);
	*at++ = (char)('0' + octet / 10 % 10);
	*at++ = (char)('0' + octet % 10);
	return at;
}

/* The rest of a name, as it stands at an earlier place. */
static enum dns_outcome
follow(struct dns_reader *reader, struct bytes *at, size_t *lowest)
{
	size_t to = bytes_u16(at) & 0x3fffu;

	if (!bytes_ok(at))
		return DNS_SHORT;
	if (to >= *lowest)
		return broken(reader, "dns.infinite_loop");
	*lowest = to;
	*at = reader->whole;
	bytes_take(at, to);
	return DNS_GOOD;
}

enum dns_outcome
dns_name_read(struct dns_reader *reader, char room[DNS_NAME_TEXT], struct text *name)
{
	struct bytes at = reader->left, *own = &reader->left;
	size_t lowest = (size_t)(reader->left.at - reader->whole.at), wire = 0;
	bool has_moved = false;
	char *end = room;

	for (;;) {
		struct bytes *from = has_moved ? &at : own;
		uint8_t size = from->left > 0 ? from->at[0] : 0;
		if ((size & POINTER) == POINTER) {
			at = *from;
			enum dns_outcome outcome = follow(reader, &at, &lowest);
			if (outcome != DNS_GOOD)
				return outcome;
			if (!has_moved)
				bytes_take(own, 2);
			has_moved = true;
			continue;
		}
		if (size > LABEL_MAX)
			return broken(reader, "dns.malformed_data");
		struct bytes label = bytes_window(from, bytes_u8(from));
		if (!bytes_ok(from))
			return DNS_SHORT;
		wire += size + 1u;
		if (wire > DNS_NAME_WIRE)
			return broken(reader, "dns.name_too_long");
		if (size == 0)
			break;
		if (end > room)
			*end++ = '.';
		while (label.left > 0)
			end = put_octet(end, bytes_u8(&label));
	}
	if (end == room)
		*end++ = '.';
	*name = (struct text){ room, (uint32_t)(end - room) };
	return DNS_GOOD;
}

enum dns_outcome
dns_question_read(struct dns_reader *reader, char room[DNS_NAME_TEXT],
		  struct dns_question *question)
{
	enum dns_outcome outcome = dns_name_read(reader, room, &question->name);

	if (outcome != DNS_GOOD)
		return outcome;
	question->type = bytes_u16(&reader->left);
	question->class = bytes_u16(&reader->left);
	return bytes_ok(&reader->left) ? DNS_GOOD : DNS_SHORT;
}

enum dns_outcome
dns_record_read(struct dns_reader *reader, char room[DNS_NAME_TEXT],
		struct dns_record *record)
{
	struct bytes *left = &reader->left;
	enum dns_outcome outcome = dns_name_read(reader, room, &record->name);

	if (outcome != DNS_GOOD)
		return outcome;
	record->type = bytes_u16(left);
	record->class = bytes_u16(left);
	record->ttl = bytes_u32(left);
	record->data = bytes_window(left, bytes_u16(left));
	return bytes_ok(left) ? DNS_GOOD : DNS_SHORT;
}

static bool
is_class(uint16_t class)
{
	uint16_t plain = class & (uint16_t)~CLASS_TOP;

	return plain == CLASS_IN || plain == CLASS_CHAOS || plain == CLASS_HESIOD ||
	       plain == CLASS_NONE || plain == CLASS_ANY;
}

/* Opcodes that exist, no reserved bit, and as many of everything as makes sense. */
static bool
is_header(const struct dns_header *header, size_t size)
{
	enum { QUERY = 0, STATUS = 2, NOTIFY = 4, UPDATE = 5, MOST = 4096 };
	unsigned opcode = header->flags >> 11 & 15;
	bool is_response = header->flags & DNS_QR;
	const uint16_t *records = header->records;
	size_t all = 0;

	for (int i = 0; i < DNS_SECTIONS; i++)
		all += records[i];
	if (opcode > UPDATE || opcode == 3 || header->flags & DNS_Z || all > MOST ||
	    (size_t)header->questions * 5 + all * RECORD_LEAST + DNS_HEADER > size)
		return false;
	if (is_response)
		return header->questions <= DNS_QUERIES_MAX &&
		       header->questions + all > 0 &&
		       dns_rcode_name(header->flags & 15);
	bool is_plain = opcode == QUERY || opcode == STATUS;
	return header->questions > 0 && header->questions <= DNS_QUERIES_MAX &&
	       (header->flags & 15) == 0 && !(is_plain && header->flags & DNS_RA) &&
	       (opcode != QUERY || header->id == 0 ||
		(records[DNS_SECTION_ANSWER] == 0 &&
		 records[DNS_SECTION_AUTHORITY] <= 1 &&
		 records[DNS_SECTION_ADDITIONAL] <= 3));
}

static enum dns_outcome
look_at_records(struct dns_reader *reader, const struct dns_header *header)
{
	char room[DNS_NAME_TEXT];
	struct dns_record record;

	for (int section = 0; section < DNS_SECTIONS; section++)
		for (uint16_t i = 0; i < header->records[section]; i++) {
			enum dns_outcome outcome =
				dns_record_read(reader, room, &record);
			if (outcome != DNS_GOOD)
				return outcome;
		}
	return DNS_GOOD;
}

/* Host names and those of services; what random bytes are not. */
static bool
is_plain_name(struct text name)
{
	for (uint32_t i = 0; i < name.size; i++) {
		char c = name.at[i];
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		      (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.'))
			return false;
	}
	return true;
}

/* The first question is what a message is known by; where its name is odd or there is
 * none, all of it must be right. */
enum recognition
dns_look(struct bytes message, bool is_whole)
{
	struct dns_reader reader = { message, message, NULL };
	struct dns_header header;
	struct dns_question question = { 0 };
	char room[DNS_NAME_TEXT];

	if (!dns_header_read(&reader, &header))
		return is_whole ? RECOGNISED_NO : RECOGNISED_MAYBE;
	if (!is_header(&header, is_whole ? message.left : DNS_MESSAGE_MAX))
		return RECOGNISED_NO;
	for (uint16_t i = 0; i < header.questions; i++) {
		enum dns_outcome outcome = dns_question_read(&reader, room, &question);
		if (outcome != DNS_GOOD)
			return outcome == DNS_SHORT && !is_whole ? RECOGNISED_MAYBE
								 : RECOGNISED_NO;
		if (!dns_type_name(question.type) || !is_class(question.class))
			return RECOGNISED_NO;
		if (!is_whole ||
		    (is_plain_name(question.name) && i == 0 && question.name.size > 1))
			return RECOGNISED_YES;
	}
	if (!is_whole)
		return RECOGNISED_NO;
	return look_at_records(&reader, &header) == DNS_GOOD && reader.left.left == 0
		       ? RECOGNISED_YES
		       : RECOGNISED_NO;
}

static bool
is_local(struct text name)
{
	static const char local[] = ".local";
	uint32_t size = sizeof(local) - 1;

	return name.size > size && memcmp(name.at + name.size - size, local, size) == 0;
}

bool
dns_is_multicast(struct bytes message)
{
	struct dns_reader reader = { message, message, NULL };
	struct dns_header header;
	struct dns_question question;
	char room[DNS_NAME_TEXT];

	/* A record begins as a question does: name, type, class. */
	return dns_header_read(&reader, &header) && header.id == 0 &&
	       dns_question_read(&reader, room, &question) == DNS_GOOD &&
	       (question.class & CLASS_TOP || is_local(question.name));
}
