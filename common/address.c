/* SPDX-License-Identifier: Apache-2.0 */
/* address: an IP address, and a prefix of addresses, as values. */
#include "common/address.h"

#include <arpa/inet.h>

/* ::ffff:0:0/96, where IPv4 lives (RFC 4291 section 2.5.5.2) */
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

struct address
address_from_ipv4(const uint8_t byte[4])
{
	struct address address;

	memcpy(address.byte, mapped, sizeof(mapped));
	memcpy(address.byte + sizeof(mapped), byte, 4);
	return address;
}

struct address
address_from_ipv6(const uint8_t byte[16])
{
	struct address address;

	memcpy(address.byte, byte, 16);
	return address;
}

bool
address_is_ipv4(const struct address *address)
{
	return memcmp(address->byte, mapped, sizeof(mapped)) == 0;
}

int
address_compare(const struct address *a, const struct address *b)
{
	return memcmp(a->byte, b->byte, sizeof(a->byte));
}

static char *
put_decimal(char *at, unsigned number)
{
	if (number >= 100)
		*at++ = (char)('0' + number / 100);
	if (number >= 10)
		*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

static size_t
ipv4_to_text(const uint8_t byte[4], char *text)
{
	char *at = text;

	for (size_t i = 0; i < 4; i++) {
		if (i > 0)
			*at++ = '.';
		at = put_decimal(at, byte[i]);
	}
	*at = '\0';
	return (size_t)(at - text);
}

static size_t
ipv6_to_text(const uint8_t byte[16], char *text)
{
	static const char digit[] = "0123456789abcdef";
	char *at = text;

	for (size_t i = 0; i < 16; i++) {
		if (i > 0 && i % 2 == 0)
			*at++ = ':';
		*at++ = digit[byte[i] >> 4];
		*at++ = digit[byte[i] & 15];
	}
	*at = '\0';
	return (size_t)(at - text);
}

size_t
address_to_text(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
	if (address_is_ipv4(address))
		return ipv4_to_text(address->byte + sizeof(mapped), text);
	return ipv6_to_text(address->byte, text);
}

/* Four decimals without leading zeros, which some read as octal. */
static bool
ipv4_from_text(struct text text, uint8_t byte[4])
{
	const char *at = text.at, *end = text.at + text.size;

	for (size_t i = 0; i < 4; i++) {
		unsigned number = 0;
		const char *start;

		if (i > 0 && (at == end || *at++ != '.'))
			return false;
		for (start = at; at < end && *at >= '0' && *at <= '9' && at - start < 3;
		     at++)
			number = number * 10 + (unsigned)(*at - '0');
		if (at == start || number > 255 || (*start == '0' && at - start > 1))
			return false;
		byte[i] = (uint8_t)number;
	}
	return at == end;
}

bool
address_from_text(struct text text, struct address *address)
{
	char ended[INET6_ADDRSTRLEN];
	uint8_t byte[16];

	if (text.size == 0 || text.size >= sizeof(ended))
		return false;
	if (ipv4_from_text(text, byte)) {
		*address = address_from_ipv4(byte);
		return true;
	}
	memcpy(ended, text.at, text.size);
	ended[text.size] = '\0';
	if (strlen(ended) != text.size || inet_pton(AF_INET6, ended, byte) != 1)
		return false;
	*address = address_from_ipv6(byte);
	return true;
}

/* Clears what lies past the first 'bits'. */
static struct address
address_cut(const struct address *address, unsigned bits)
{
	struct address cut = { { 0 } };

	memcpy(cut.byte, address->byte, bits / 8);
	if (bits % 8 != 0)
		cut.byte[bits / 8] =
			(uint8_t)(address->byte[bits / 8] & 0xff00 >> bits % 8);
	return cut;
}

/* One to three digits, no sign. */
static bool
length_from_text(struct text text, unsigned most, unsigned *length)
{
	*length = 0;
	if (text.size < 1 || text.size > 3 || (text.size > 1 && text.at[0] == '0'))
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		*length = *length * 10 + (unsigned)(text.at[i] - '0');
	}
	return *length <= most;
}

bool
prefix_from_text(struct text text, struct prefix *prefix)
{
	const char *slash = text.size ? memchr(text.at, '/', text.size) : NULL;
	struct text front = text;
	struct address address;
	unsigned bits = 128;

	if (slash != NULL)
		front.size = (uint32_t)(slash - text.at);
	if (!address_from_text(front, &address))
		return false;
	if (slash != NULL) {
		/* an IPv4 length counts from where the IPv4 part begins */
		bool is_dotted = memchr(front.at, ':', front.size) == NULL;
		struct text back = { slash + 1, text.size - front.size - 1 };

		if (!length_from_text(back, is_dotted ? 32 : 128, &bits))
			return false;
		if (is_dotted)
			bits += 96;
	}
	struct address cut = address_cut(&address, bits);
	if (address_compare(&cut, &address) != 0)
		return false;
	*prefix = (struct prefix){ address, (uint8_t)bits };
	return true;
}

bool
prefix_contains(const struct prefix *prefix, const struct address *address)
{
	struct address cut = address_cut(address, prefix->bits);

	return address_compare(&cut, &prefix->address) == 0;
}

size_t
prefix_to_text(const struct prefix *prefix, char *text, size_t room)
{
	bool is_dotted = prefix->bits >= 96 && address_is_ipv4(&prefix->address);
	char whole[ADDRESS_TEXT_SIZE + 4];
	size_t size = is_dotted ? address_to_text(&prefix->address, whole)
				: ipv6_to_text(prefix->address.byte, whole);

	if (prefix->bits < 128) {
		whole[size++] = '/';
		size = (size_t)(put_decimal(whole + size,
					    prefix->bits - (is_dotted ? 96u : 0u)) -
				whole);
	}
	if (size >= room)
		return 0;
	memcpy(text, whole, size);
	text[size] = '\0';
	return size;
}
