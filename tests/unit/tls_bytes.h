/* SPDX-License-Identifier: Apache-2.0 */
/* tls_bytes: hellos and records written byte by byte. */
#ifndef TESTS_UNIT_TLS_BYTES_H
#define TESTS_UNIT_TLS_BYTES_H

#include "tests/unit/test.h"

/* Random and all before the suites are zero, which no reader of ours looks at. */
struct message {
	uint8_t byte[4096];
	size_t size;
};

static inline void
put(struct message *message, const void *data, size_t size)
{
	assert_true(message->size + size <= sizeof(message->byte));
	memcpy(message->byte + message->size, data, size);
	message->size += size;
}

static inline void
put16(struct message *message, size_t number)
{
	uint8_t big[2] = { (uint8_t)(number >> 8), (uint8_t)number };

	put(message, big, 2);
}

static inline void
begin_hello(struct message *hello, uint8_t type, uint16_t version)
{
	static const uint8_t zero[32];
	uint8_t header[4] = { type };

	hello->size = 0;
	put(hello, header, 4);
	put16(hello, version);
	put(hello, zero, 32);
	put(hello, "\0", 1); /* no session id */
}

static inline void
end_message(struct message *message)
{
	message->byte[2] = (uint8_t)((message->size - 4) >> 8);
	message->byte[3] = (uint8_t)(message->size - 4);
}

static inline void
put_extension(struct message *hello, uint16_t type, const void *data, size_t size)
{
	put16(hello, type);
	put16(hello, size);
	put(hello, data, size);
}

/* Two suites, GREASE and a signalling value among them; extensions as given. */
static inline void
client_hello(struct message *hello, const struct message *extensions)
{
	static const uint8_t suites[] = { 0,    8,    0x2a, 0x2a, 0xc0,
					  0x2f, 0x00, 0x9c, 0x00, 0xff };

	begin_hello(hello, 1, 0x0303);
	put(hello, suites, sizeof(suites));
	put(hello, "\1\0", 2);
	if (extensions) {
		put16(hello, extensions->size);
		put(hello, extensions->byte, extensions->size);
	}
	end_message(hello);
}

static inline void
server_hello(struct message *hello, uint16_t version, uint16_t suite)
{
	begin_hello(hello, 2, version);
	put16(hello, suite);
	put(hello, "\0", 1);
	end_message(hello);
}

#endif
