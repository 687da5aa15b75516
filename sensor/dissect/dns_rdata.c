/* SPDX-License-Identifier: Apache-2.0 */
/* dns_rdata: the data of a DNS record as a zone file has it. */
#include <stdarg.h>
#include <stdio.h>

#include "common/digest.h"
#include "sensor/dissect/dns_state.h"

enum { HEX_MAX = 128 /* octets told of what is only a number of octets */ };

/* The data being read, and the text it becomes. */
struct rdata {
	struct dns_reader reader; /* its 'left' is the data alone */
	char text[DNS_RDATA_TEXT];
	size_t used;
	bool is_cut, is_broken;
};

typedef void write_rdata(struct rdata *rdata);

static void
put(struct rdata *rdata, const char *data, size_t size)
{
	size_t room = sizeof(rdata->text) - rdata->used;

	rdata->is_cut |= size > room;
	if (size > room)
		size = room;
	if (size > 0)
		memcpy(rdata->text + rdata->used, data, size);
	rdata->used += size;
}

static __attribute__((format(printf, 2, 3))) void
put_format(struct rdata *rdata, const char *format, ...)
{
	char text[64];
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	put(rdata, text, (size_t)size);
}

static void
put_name(struct rdata *rdata)
{
	char room[DNS_NAME_TEXT];
	struct text name;

	if (dns_name_read(&rdata->reader, room, &name) == DNS_GOOD)
		put(rdata, name.at, name.size);
	else
		rdata->is_broken = true;
}

static void
put_hex(struct rdata *rdata, struct bytes data)
{
	char hex[2 * HEX_MAX + 1];
	size_t size = data.left < HEX_MAX ? data.left : HEX_MAX;

	rdata->is_cut |= size < data.left;
	put(rdata, hex, digest_to_hex(data.at, size, hex));
}

static void
put_string(struct rdata *rdata, struct bytes data)
{
	size_t room = sizeof(rdata->text) - rdata->used;
	bool is_cut = false;

	rdata->used += text_from_bytes(data.at, data.left, rdata->text + rdata->used,
				       room, &is_cut)
			       .size;
	rdata->is_cut |= is_cut;
}

static struct bytes
take_string(struct rdata *rdata)
{
	return bytes_window(&rdata->reader.left, bytes_u8(&rdata->reader.left));
}

static struct bytes
take_rest(struct rdata *rdata)
{
	return bytes_window(&rdata->reader.left, rdata->reader.left.left);
}

static void
put_address(struct rdata *rdata, bool is_ipv6)
{
	char text[ADDRESS_TEXT_SIZE];
	const uint8_t *at = bytes_take(&rdata->reader.left, is_ipv6 ? 16 : 4);

	if (at == NULL)
		return;
	struct address address =
		is_ipv6 ? address_from_ipv6(at) : address_from_ipv4(at);
	put(rdata, text, address_to_text(&address, text));
}

static void
put_type(struct rdata *rdata, uint16_t type)
{
	const char *name = dns_type_name(type);

	if (name)
		put(rdata, name, strlen(name));
	else
		put_format(rdata, "TYPE%u", (unsigned)type);
}

static void
put_algorithm(struct rdata *rdata, uint8_t algorithm)
{
	const char *name = dns_algorithm_name(algorithm);

	if (name)
		put(rdata, name, strlen(name));
	else
		put_format(rdata, "%u", (unsigned)algorithm);
}

static void
write_a(struct rdata *rdata)
{
	put_address(rdata, false);
}

static void
write_aaaa(struct rdata *rdata)
{
	put_address(rdata, true);
}

static void
write_name(struct rdata *rdata)
{
	put_name(rdata);
}

static void
write_soa(struct rdata *rdata)
{
	put_name(rdata);
	put(rdata, " ", 1);
	put_name(rdata);
	for (int i = 0; i < 5; i++)
		put_format(rdata, " %u", (unsigned)bytes_u32(&rdata->reader.left));
}

/* MX, AFSDB, KX, RT: a number and a name. */
static void
write_preferred(struct rdata *rdata)
{
	put_format(rdata, "%u ", (unsigned)bytes_u16(&rdata->reader.left));
	put_name(rdata);
}

static void
write_srv(struct rdata *rdata)
{
	for (int i = 0; i < 3; i++)
		put_format(rdata, "%u ", (unsigned)bytes_u16(&rdata->reader.left));
	put_name(rdata);
}

/* One after another, as RFC 7208 section 3.3 joins them. */
static void
write_strings(struct rdata *rdata)
{
	while (rdata->reader.left.left > 0)
		put_string(rdata, take_string(rdata));
}

static void
write_hinfo(struct rdata *rdata)
{
	put_string(rdata, take_string(rdata));
	put(rdata, " ", 1);
	put_string(rdata, take_string(rdata));
}

static void
write_two_names(struct rdata *rdata)
{
	put_name(rdata);
	put(rdata, " ", 1);
	put_name(rdata);
}

static void
write_naptr(struct rdata *rdata)
{
	put_format(rdata, "%u ", (unsigned)bytes_u16(&rdata->reader.left));
	put_format(rdata, "%u", (unsigned)bytes_u16(&rdata->reader.left));
	for (int i = 0; i < 3; i++) {
		put(rdata, " \"", 2);
		put_string(rdata, take_string(rdata));
		put(rdata, "\"", 1);
	}
	put(rdata, " ", 1);
	put_name(rdata);
}

static void
write_caa(struct rdata *rdata)
{
	put_format(rdata, "%u ", (unsigned)bytes_u8(&rdata->reader.left));
	put_string(rdata, take_string(rdata));
	put(rdata, " \"", 2);
	put_string(rdata, take_rest(rdata));
	put(rdata, "\"", 1);
}

static void
write_uri(struct rdata *rdata)
{
	put_format(rdata, "%u ", (unsigned)bytes_u16(&rdata->reader.left));
	put_format(rdata, "%u \"", (unsigned)bytes_u16(&rdata->reader.left));
	put_string(rdata, take_rest(rdata));
	put(rdata, "\"", 1);
}

static void
write_ds(struct rdata *rdata)
{
	put_format(rdata, "%u ", (unsigned)bytes_u16(&rdata->reader.left));
	put_algorithm(rdata, bytes_u8(&rdata->reader.left));
	put_format(rdata, " %u ", (unsigned)bytes_u8(&rdata->reader.left));
	put_hex(rdata, take_rest(rdata));
}

/* Flags, protocol, algorithm; the key itself tells nobody anything. */
static void
write_dnskey(struct rdata *rdata)
{
	put_format(rdata, "%u ", (unsigned)bytes_u16(&rdata->reader.left));
	put_format(rdata, "%u ", (unsigned)bytes_u8(&rdata->reader.left));
	put_algorithm(rdata, bytes_u8(&rdata->reader.left));
	take_rest(rdata);
}

/* All but the signature: type, algorithm, labels, TTL, end, begin, key tag, signer. */
static void
write_rrsig(struct rdata *rdata)
{
	put_type(rdata, bytes_u16(&rdata->reader.left));
	put(rdata, " ", 1);
	put_algorithm(rdata, bytes_u8(&rdata->reader.left));
	put_format(rdata, " %u", (unsigned)bytes_u8(&rdata->reader.left));
	for (int i = 0; i < 3; i++)
		put_format(rdata, " %u", (unsigned)bytes_u32(&rdata->reader.left));
	put_format(rdata, " %u ", (unsigned)bytes_u16(&rdata->reader.left));
	put_name(rdata);
	take_rest(rdata);
}

/* RFC 4034 section 4.1.2: windows of bits. */
static void
put_types(struct rdata *rdata)
{
	struct bytes *left = &rdata->reader.left;

	while (left->left > 0) {
		unsigned window = bytes_u8(left);
		struct bytes bits = bytes_window(left, bytes_u8(left));
		if (bits.left > 32)
			rdata->is_broken = true;
		for (size_t i = 0; i < bits.left * 8 && !rdata->is_cut; i++)
			if (bits.at[i / 8] >> (7 - i % 8) & 1) {
				put(rdata, " ", 1);
				put_type(rdata, (uint16_t)(window << 8 | i));
			}
	}
}

static void
write_nsec(struct rdata *rdata)
{
	put_name(rdata);
	put_types(rdata);
}

/* SSHFP, TLSA, SMIMEA: some numbers of an octet, then octets. */
static void
put_numbers_and_hex(struct rdata *rdata, int numbers)
{
	for (int i = 0; i < numbers; i++)
		put_format(rdata, "%u ", (unsigned)bytes_u8(&rdata->reader.left));
	put_hex(rdata, take_rest(rdata));
}

static void
write_sshfp(struct rdata *rdata)
{
	put_numbers_and_hex(rdata, 2);
}

static void
write_tlsa(struct rdata *rdata)
{
	put_numbers_and_hex(rdata, 3);
}

static void
put_key(struct rdata *rdata, uint16_t key)
{
	const char *name = dns_service_key_name(key);

	if (name)
		put(rdata, name, strlen(name));
	else
		put_format(rdata, "key%u", (unsigned)key);
}

/* What a key of SVCB means, as far as it is a list of something (RFC 9460 section 7).
 */
static void
put_parameter(struct rdata *rdata, uint16_t key, struct bytes value)
{
	enum { MANDATORY = 0, ALPN = 1, PORT = 3, IPV4 = 4, IPV6 = 6, PATH = 7 };
	struct bytes outer = rdata->reader.left;
	const char *between = "";

	if (key == PATH) {
		put_string(rdata, value);
		return;
	}
	if (key > IPV6 || key == 2 || key == 5) {
		put_hex(rdata, value);
		return;
	}
	rdata->reader.left = value;
	while (rdata->reader.left.left > 0) {
		put(rdata, between, strlen(between));
		between = ",";
		if (key == MANDATORY)
			put_key(rdata, bytes_u16(&rdata->reader.left));
		else if (key == ALPN)
			put_string(rdata, take_string(rdata));
		else if (key == PORT)
			put_format(rdata, "%u",
				   (unsigned)bytes_u16(&rdata->reader.left));
		else
			put_address(rdata, key == IPV6);
	}
	rdata->is_broken |= !bytes_ok(&rdata->reader.left);
	rdata->reader.left = outer;
}

static void
write_svcb(struct rdata *rdata)
{
	struct bytes *left = &rdata->reader.left;

	put_format(rdata, "%u ", (unsigned)bytes_u16(left));
	put_name(rdata);
	while (left->left > 0 && !rdata->is_broken) {
		uint16_t key = bytes_u16(left);
		struct bytes value = bytes_window(left, bytes_u16(left));
		put(rdata, " ", 1);
		put_key(rdata, key);
		if (value.left == 0)
			continue;
		put(rdata, "=", 1);
		put_parameter(rdata, key, value);
	}
}

/* What is not here is written as RFC 3597 section 5 has it: \# size hexadecimal. */
/* clang-format off */
static const struct {
	uint16_t type;
	write_rdata *write;
} writers[] = {
	{ 1, write_a }, { 2, write_name }, { 3, write_name }, { 4, write_name }, { 5, write_name },
	{ 6, write_soa }, { 7, write_name }, { 8, write_name }, { 9, write_name },
	{ 12, write_name }, { 13, write_hinfo }, { 14, write_two_names }, { 15, write_preferred },
	{ 16, write_strings }, { 17, write_two_names }, { 18, write_preferred }, { 21, write_preferred },
	{ 28, write_aaaa }, { 33, write_srv }, { 35, write_naptr }, { 36, write_preferred },
	{ 39, write_name }, { 43, write_ds }, { 44, write_sshfp }, { 46, write_rrsig },
	{ 47, write_nsec }, { 48, write_dnskey }, { 52, write_tlsa }, { 53, write_tlsa },
	{ 59, write_ds }, { 60, write_dnskey }, { 64, write_svcb }, { 65, write_svcb },
	{ 99, write_strings }, { 256, write_uri }, { 257, write_caa },
};
/* clang-format on */

static void
write_unknown(struct rdata *rdata, struct bytes data)
{
	rdata->used = 0;
	rdata->is_cut = rdata->is_broken = false;
	put_format(rdata, "\\# %zu%s", data.left, data.left ? " " : "");
	put_hex(rdata, data);
}

/* Of the Internet's class; others number their types anew. */
static write_rdata *
writer_of(const struct dns_record *record)
{
	enum { CLASS_IN = 1, CLASS_TOP = 0x8000 };

	if ((record->class & ~CLASS_TOP) != CLASS_IN || record->data.left == 0)
		return NULL;
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++)
		if (writers[i].type == record->type)
			return writers[i].write;
	return NULL;
}

struct text
dns_rdata(const struct dns_reader *reader, const struct dns_record *record,
	  struct scratch *scratch)
{
	struct rdata rdata;
	write_rdata *write = writer_of(record);

	rdata.reader = (struct dns_reader){ reader->whole, record->data, NULL };
	rdata.used = 0;
	rdata.is_cut = rdata.is_broken = false;
	if (write)
		write(&rdata);
	/* Data that is not what its type says is shown as octets. */
	if (write == NULL || rdata.is_broken || !bytes_ok(&rdata.reader.left) ||
	    rdata.reader.left.left > 0)
		write_unknown(&rdata, record->data);
	scratch->is_cut |= rdata.is_cut;
	return scratch_copy(scratch, (struct text){ rdata.text, (uint32_t)rdata.used });
}
