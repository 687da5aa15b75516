/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address: an IP address, and a prefix of addresses, as values.
 *
 * Sixteen bytes in network order; IPv4 as ::ffff:a.b.c.d (RFC 4291 section
 * 2.5.5.2), so that one comparison serves both.  Never compared as text.
 */
#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

/* "2001:0db8:0000:0000:0000:0000:0000:0001" and its NUL */
#define ADDRESS_TEXT_SIZE 40

struct address {
	uint8_t byte[16];
};

struct prefix {
	struct address address; /* bits past 'bits' are zero */
	uint8_t bits;           /* 0 to 128; an IPv4 /24 is 120 here */
};

struct address address_from_ipv4(const uint8_t byte[4]);
struct address address_from_ipv6(const uint8_t byte[16]);
bool address_is_ipv4(const struct address *address);
/* Less than, equal to, or greater than zero, by network order. */
int address_compare(const struct address *a, const struct address *b);

/*
 * IPv4 dotted, IPv6 in full with leading zeros as EVE has it by default.
 * Returns the number of characters written, without the NUL.
 */
size_t address_to_text(const struct address *address, char text[ADDRESS_TEXT_SIZE]);
/* Any usual form (RFC 4291 section 2.2), no zone.  False if it is none. */
bool address_from_text(struct text text, struct address *address);

/* "192.0.2.0/24", "2001:db8::/32", or an address alone; false if bits are set past the length. */
bool prefix_from_text(struct text text, struct prefix *prefix);
bool prefix_contains(const struct prefix *prefix, const struct address *address);
/* As written by prefix_from_text; room for 44 bytes is enough. */
size_t prefix_to_text(const struct prefix *prefix, char *text, size_t room);

#endif
