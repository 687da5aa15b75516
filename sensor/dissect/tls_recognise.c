/* SPDX-License-Identifier: Apache-2.0 */
/* tls_recognise: TLS by its first bytes, on whatever port. */
#include "sensor/dissect/tls_state.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, HEADER = 5 };

/* An SSLv2 ClientHello: two bytes of length, its type, its version, sizes that add up.
 */
static enum recognition
recognise_v2(struct bytes first)
{
	size_t size = bytes_u16(&first) & 0x7fff;
	uint8_t type = bytes_u8(&first);
	uint16_t version = bytes_u16(&first);
	size_t suites = bytes_u16(&first), session = bytes_u16(&first),
	       challenge = bytes_u16(&first);

	if (!bytes_ok(&first))
		return RECOGNISED_MAYBE;
	if (type != CLIENT_HELLO || (version >> 8 != 3 && version != TLS_SSL2))
		return RECOGNISED_NO;
	bool fits = 9 + suites + session + challenge == size && suites > 0 &&
		    suites % 3 == 0 && challenge >= 16 && challenge <= 32;
	return fits ? RECOGNISED_YES : RECOGNISED_NO;
}

/* A record that begins with a ClientHello or a ServerHello, as far as the bytes go. */
static enum recognition
recognise_record(struct bytes first)
{
	static const struct {
		uint8_t low, high;
	} expected[] = {
		{ TLS_HANDSHAKE, TLS_HANDSHAKE },
		{ 3, 3 },
		{ 0, 4 }, /* type, version */
		{ 0, 0x48 },
		{ 0, 0xff }, /* size */
		{ CLIENT_HELLO, SERVER_HELLO },
		{ 0, 0 },
		{ 0, 0xff },
		{ 0, 0xff }, /* size; a hello above 64 KiB is none */
		{ 3, 0x7f }  /* legacy version, or that of a draft */
	};
	const size_t count = sizeof(expected) / sizeof(expected[0]);
	size_t record_size =
		first.left >= HEADER ? (size_t)first.at[3] << 8 | first.at[4] : 1;

	if (record_size == 0)
		return RECOGNISED_NO;
	for (size_t i = 0; i < count && i < HEADER + record_size; i++) {
		if (i == first.left)
			return RECOGNISED_MAYBE;
		if (first.at[i] < expected[i].low || first.at[i] > expected[i].high)
			return RECOGNISED_NO;
	}
	return RECOGNISED_YES;
}

enum recognition
tls_recognise(struct bytes first, int side)
{
	(void)side;
	if (first.left == 0)
		return RECOGNISED_MAYBE;
	if (first.at[0] & 0x80)
		return recognise_v2(first);
	return recognise_record(first);
}
