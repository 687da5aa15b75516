/* SPDX-License-Identifier: Apache-2.0 */
/*
 * community_id: a flow's name that other tools compute alike (Community ID version 1,
 * seed 0).
 *
 * SHA-1 (RFC 3174) is a name here and no protection.  What is named, at most
 * 40 bytes, always fits one block, and that is why it is written out: one is
 * due for each record, and a library's set-up costs more than the block.
 */
#include "sensor/community_id.h"

#include <string.h>

enum { BLOCK = 64, DIGEST = 20 };

static uint32_t
rotate(uint32_t word, int bits)
{
	return word << bits | word >> (32 - bits);
}

static void
put_u32(uint8_t *out, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(word >> (24 - 8 * i));
}

/* RFC 3174, section 5: f and K of the four times twenty steps */
#define CHOOSE(b, c, d)   (((c) ^ (d)) & (b)) ^ (d)
#define PARITY(b, c, d)   (b) ^ (c) ^ (d)
#define MAJORITY(b, c, d) ((b) & (c)) | (((b) | (c)) & (d))

/* The word of step i, of which sixteen are kept (section 6.2). */
#define WORD(i)                                                                   \
	(word[(i)&15] =                                                           \
		 (i) < 16 ? word[(i)&15]                                          \
			  : rotate(word[((i) + 13) & 15] ^ word[((i) + 8) & 15] ^ \
					   word[((i) + 2) & 15] ^ word[(i)&15],   \
				   1))
#define STEP(f, k, a, b, c, d, e, i)                      \
	e += rotate(a, 5) + (f(b, c, d)) + WORD(i) + (k); \
	b = rotate(b, 30)
/* Five steps bring the letters round; so none has to be moved. */
#define FIVE(f, k, i)                       \
	STEP(f, k, a, b, c, d, e, i);       \
	STEP(f, k, e, a, b, c, d, (i) + 1); \
	STEP(f, k, d, e, a, b, c, (i) + 2); \
	STEP(f, k, c, d, e, a, b, (i) + 3); \
	STEP(f, k, b, c, d, e, a, (i) + 4)
#define TWENTY(f, k, i)       \
	FIVE(f, k, i);        \
	FIVE(f, k, (i) + 5);  \
	FIVE(f, k, (i) + 10); \
	FIVE(f, k, (i) + 15)

/* Section 6.2, for a message of one block */
static void
sha1_block(const uint8_t block[BLOCK], uint8_t digest[DIGEST])
{
	const uint32_t start[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
				    0xc3d2e1f0 };
	uint32_t word[16];
	uint32_t a = start[0], b = start[1], c = start[2], d = start[3], e = start[4];

	for (int i = 0; i < 16; i++)
		word[i] = (uint32_t)block[4 * i] << 24 |
			  (uint32_t)block[4 * i + 1] << 16 |
			  (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	TWENTY(CHOOSE, 0x5a827999, 0);
	TWENTY(PARITY, 0x6ed9eba1, 20);
	TWENTY(MAJORITY, 0x8f1bbcdc, 40);
	TWENTY(PARITY, 0xca62c1d6, 60);
	put_u32(digest, start[0] + a);
	put_u32(digest + 4, start[1] + b);
	put_u32(digest + 8, start[2] + c);
	put_u32(digest + 12, start[3] + d);
	put_u32(digest + 16, start[4] + e);
}

static size_t
put_address(uint8_t *out, const struct flow_key *key, int end)
{
	size_t skip = key->form & FLOW_FORM_IPV6 ? 0 : 12;

	memcpy(out, key->end[end].byte + skip, 16 - skip);
	return 16 - skip;
}

static size_t
put_port(uint8_t *out, uint16_t port)
{
	out[0] = (uint8_t)(port >> 8);
	out[1] = (uint8_t)port;
	return 2;
}

/* Ports are part of the name where the protocol has them (SCTP's are not decoded here).
 */
static bool
has_ports(const struct flow_key *key)
{
	return key->protocol == PROTOCOL_TCP || key->protocol == PROTOCOL_UDP ||
	       key->protocol == PROTOCOL_ICMP || key->protocol == PROTOCOL_ICMPV6;
}

static void
put_base64(const uint8_t digest[DIGEST], char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (int i = 0; i < 21; i += 3, out += 4) {
		uint32_t three = (uint32_t)digest[i] << 16 |
				 (uint32_t)digest[i + 1] << 8 |
				 (i + 2 < DIGEST ? digest[i + 2] : 0);
		for (int j = 0; j < 4; j++)
			out[j] = letters[three >> (18 - 6 * j) & 63];
	}
	out[-1] = '='; /* twenty bytes leave one over */
}

/* Seed, addresses, protocol, a zero, ports; the key is already in the order asked for.
 */
struct text
community_id(const struct flow_key *key, char room[COMMUNITY_ID_SIZE])
{
	uint8_t block[BLOCK] = { 0 };
	uint8_t digest[DIGEST];
	size_t size = 2; /* seed 0 */

	size += put_address(block + size, key, 0);
	size += put_address(block + size, key, 1);
	block[size] = key->protocol;
	size += 2;
	if (has_ports(key)) {
		size += put_port(block + size, key->port[0]);
		size += put_port(block + size, key->port[1]);
	}
	block[size] = 0x80;
	put_u32(block + BLOCK - 4, (uint32_t)size * 8);
	sha1_block(block, digest);
	memcpy(room, "1:", 2);
	put_base64(digest, room + 2);
	return (struct text){ .at = room, .size = COMMUNITY_ID_SIZE };
}
