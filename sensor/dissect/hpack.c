/* SPDX-License-Identifier: Apache-2.0 */
/* hpack: unpacks the fields of HTTP/2 (RFC 7541), bounded. */
#include "sensor/dissect/hpack.h"

#include <stdlib.h>
#include <string.h>

enum {
	STATIC_COUNT = 61,
	ENTRY_OVERHEAD = 32, /* RFC 7541 section 4.1 */
	TABLE_DEFAULT = 4096,
	NUMBER_MAX = 1 << 28,
	CODE_MAX = 30, /* bits */
	END_OF_STRING = 256
};

struct hpack_entry {
	size_t size;  /* as the RFC counts it */
	size_t taken; /* of the budget */
	uint16_t name_size, value_size;
	uint8_t text[]; /* name, then what is kept of the value */
};

static const struct {
	const char *name, *value;
} fixed[STATIC_COUNT] = {
#include "sensor/dissect/hpack_static.def"
};

static const uint16_t symbols[] = {
#include "sensor/dissect/hpack_huffman.def"
};

static const struct {
	uint8_t bits;
	uint32_t first;
	uint16_t before, count;
} lengths[] = {
#define LENGTH(bits, first, before, count) { bits, first, before, count },
#include "sensor/dissect/hpack_huffman.def"
#undef LENGTH
};

/* A string that was read: what is kept of it, and how long it is. */
struct string {
	uint8_t *at; /* room of 'most' bytes */
	size_t most, kept, size;
};

/* The block under way. */
struct reading {
	struct hpack *hpack;
	const struct hpack_reader *reader;
	enum hpack_result result;
	bool has_field; /* a table's size may change only before the first */
	struct string name, value;
	uint8_t name_room[HPACK_NAME_MAX], value_room[HPACK_VALUE_MAX];
};

void
hpack_begin(struct hpack *hpack, struct kept_budget *budget)
{
	*hpack = (struct hpack){ .budget = budget, .most = TABLE_DEFAULT };
}

static void
drop_oldest(struct hpack *hpack)
{
	uint32_t at = (hpack->first + hpack->count - 1) % hpack->room;
	struct hpack_entry *entry = hpack->ring[at];

	hpack->size -= entry->size;
	hpack->budget->held -= entry->taken;
	hpack->count--;
	free(entry);
}

static void
shrink_to(struct hpack *hpack, size_t size)
{
	while (hpack->size > size)
		drop_oldest(hpack);
}

void
hpack_release(struct hpack *hpack)
{
	if (hpack->budget == NULL)
		return;
	shrink_to(hpack, 0);
	hpack->budget->held -= hpack->room * sizeof(struct hpack_entry *);
	free(hpack->ring);
	*hpack = (struct hpack){ 0 };
}

/* Twice the room, in order from its start. */
static bool
grow(struct hpack *hpack)
{
	uint32_t room = hpack->room > 0 ? hpack->room * 2 : 16;
	size_t more = (room - hpack->room) * sizeof(struct hpack_entry *);

	if (hpack->budget->held + more > hpack->budget->most)
		return false;
	struct hpack_entry **ring = calloc(room, sizeof(struct hpack_entry *));
	if (ring == NULL)
		return false;
	for (uint32_t i = 0; i < hpack->count; i++)
		ring[i] = hpack->ring[(hpack->first + i) % hpack->room];
	free(hpack->ring);
	hpack->budget->held += more;
	hpack->ring = ring;
	hpack->room = room;
	hpack->first = 0;
	return true;
}

static struct bytes
kept_of(const struct string *string)
{
	return bytes_over(string->at, string->kept);
}

/* RFC 7541 section 4.4: one larger than the table empties it. */
static void
add(struct reading *reading)
{
	struct hpack *hpack = reading->hpack;
	struct bytes name = kept_of(&reading->name), value = kept_of(&reading->value);
	size_t size = reading->name.size + reading->value.size + ENTRY_OVERHEAD;
	size_t worth = reading->reader->worth(name, value);

	shrink_to(hpack, size > hpack->most ? 0 : hpack->most - size);
	if (size > hpack->most)
		return;
	value.left = worth < value.left ? worth : value.left;
	size_t taken = sizeof(struct hpack_entry) + name.left + value.left;
	struct hpack_entry *entry = NULL;
	if ((hpack->count < hpack->room || grow(hpack)) &&
	    hpack->budget->held + taken <= hpack->budget->most)
		entry = malloc(taken);
	if (entry == NULL) {
		reading->result = HPACK_LIMIT;
		return;
	}
	*entry = (struct hpack_entry){ .size = size,
				       .taken = taken,
				       .name_size = (uint16_t)name.left,
				       .value_size = (uint16_t)value.left };
	if (name.left > 0)
		memcpy(entry->text, name.at, name.left);
	if (value.left > 0)
		memcpy(entry->text + name.left, value.at, value.left);
	hpack->budget->held += taken;
	hpack->size += size;
	hpack->first = (hpack->first + hpack->room - 1) % hpack->room;
	hpack->ring[hpack->first] = entry;
	hpack->count++;
}

/* RFC 7541 section 5.1 */
static uint64_t
read_number(struct reading *reading, struct bytes *block, uint8_t first, unsigned bits)
{
	uint64_t mask = (UINT64_C(1) << bits) - 1, number = first & mask;
	unsigned shift = 0;
	uint8_t byte;

	if (number < mask)
		return number;
	do {
		byte = bytes_u8(block);
		number += (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && shift < 28);
	if (!bytes_ok(block))
		reading->result = HPACK_BROKEN;
	else if (byte & 0x80 || number > NUMBER_MAX)
		reading->result = HPACK_OVERFLOW;
	return number;
}

static void
put(struct string *string, uint8_t byte)
{
	if (string->kept < string->most)
		string->at[string->kept++] = byte;
	string->size++;
}

/* The symbol of a code of so many bits, or -1. */
static int
symbol_of(uint32_t code, unsigned bits)
{
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (lengths[i].bits == bits)
			return code - lengths[i].first < lengths[i].count
				       ? symbols[lengths[i].before + code -
						 lengths[i].first]
				       : -1;
	return -1;
}

/* RFC 7541 section 5.2: what is left over is fewer than 8 bits, all of them ones. */
static bool
read_huffman(struct bytes coded, struct string *string)
{
	uint32_t code = 0;
	unsigned bits = 0;

	while (coded.left > 0) {
		uint8_t byte = bytes_u8(&coded);
		for (int bit = 7; bit >= 0; bit--) {
			code = code << 1 | (byte >> bit & 1);
			if (++bits > CODE_MAX)
				return false;
			int symbol = symbol_of(code, bits);
			if (symbol == END_OF_STRING)
				return false;
			if (symbol < 0)
				continue;
			put(string, (uint8_t)symbol);
			code = bits = 0;
		}
	}
	return bits < 8 && code == (UINT32_C(1) << bits) - 1;
}

static void
read_string(struct reading *reading, struct bytes *block, struct string *string)
{
	uint8_t first = bytes_u8(block);
	uint64_t size = read_number(reading, block, first, 7);
	struct bytes text = bytes_window(block, (size_t)size);

	string->kept = string->size = 0;
	if (reading->result == HPACK_OK && !bytes_ok(&text))
		reading->result = HPACK_BROKEN;
	if (reading->result != HPACK_OK)
		return;
	if (first & 0x80) {
		if (!read_huffman(text, string))
			reading->result = HPACK_BROKEN;
		return;
	}
	string->size = text.left;
	string->kept = text.left < string->most ? text.left : string->most;
	if (string->kept > 0)
		memcpy(string->at, text.at, string->kept);
}

static void
set_string(struct string *string, const void *at, size_t kept, size_t size)
{
	string->kept = kept < string->most ? kept : string->most;
	string->size = size;
	if (string->kept > 0)
		memcpy(string->at, at, string->kept);
}

/* Name and value of an index, in the static or the dynamic table. */
static void
look_up(struct reading *reading, uint64_t index)
{
	const struct hpack *hpack = reading->hpack;

	if (index == 0 || index > STATIC_COUNT + (uint64_t)hpack->count) {
		reading->result = HPACK_BROKEN;
		return;
	}
	if (index <= STATIC_COUNT) {
		const char *name = fixed[index - 1].name,
			   *value = fixed[index - 1].value;
		set_string(&reading->name, name, strlen(name), strlen(name));
		set_string(&reading->value, value, strlen(value), strlen(value));
		return;
	}
	const struct hpack_entry *entry =
		hpack->ring[(hpack->first + index - STATIC_COUNT - 1) % hpack->room];
	/* the rest of the entry's size is the value's: only their sum counts */
	set_string(&reading->name, entry->text, entry->name_size, entry->name_size);
	set_string(&reading->value, entry->text + entry->name_size, entry->value_size,
		   entry->size - ENTRY_OVERHEAD - entry->name_size);
}

static void
tell(struct reading *reading)
{
	reading->has_field = true;
	if (reading->result == HPACK_OK)
		reading->reader->field(reading->reader->ctx, kept_of(&reading->name),
				       kept_of(&reading->value));
}

/* A literal (section 6.2), its name new or by 'bits' of an index. */
static void
read_literal(struct reading *reading, struct bytes *block, uint8_t first, unsigned bits,
	     bool is_added)
{
	uint64_t index = read_number(reading, block, first, bits);

	if (reading->result != HPACK_OK)
		return;
	if (index > 0)
		look_up(reading, index);
	else
		read_string(reading, block, &reading->name);
	if (reading->result == HPACK_OK)
		read_string(reading, block, &reading->value);
	tell(reading);
	if (is_added && reading->result == HPACK_OK)
		add(reading);
}

/* Section 6.3 */
static void
resize(struct reading *reading, struct bytes *block, uint8_t first)
{
	uint64_t size = read_number(reading, block, first, 5);

	if (reading->result != HPACK_OK)
		return;
	if (reading->has_field) {
		reading->result = HPACK_BROKEN;
	} else if (size > HPACK_TABLE_MAX) {
		reading->result = HPACK_LIMIT;
	} else {
		reading->hpack->most = (size_t)size;
		shrink_to(reading->hpack, (size_t)size);
	}
}

static void
read_one(struct reading *reading, struct bytes *block)
{
	uint8_t first = bytes_u8(block);

	if (first & 0x80) {
		uint64_t index = read_number(reading, block, first, 7);
		if (reading->result == HPACK_OK)
			look_up(reading, index);
		tell(reading);
	} else if (first & 0x40) {
		read_literal(reading, block, first, 6, true);
	} else if (first & 0x20) {
		resize(reading, block, first);
	} else {
		read_literal(reading, block, first, 4, false);
	}
}

enum hpack_result
hpack_read(struct hpack *hpack, struct bytes block, const struct hpack_reader *reader)
{
	struct reading reading = { .hpack = hpack, .reader = reader };

	reading.name = (struct string){ reading.name_room, HPACK_NAME_MAX, 0, 0 };
	reading.value = (struct string){ reading.value_room, HPACK_VALUE_MAX, 0, 0 };
	while (block.left > 0 && reading.result == HPACK_OK)
		read_one(&reading, &block);
	return reading.result;
}
