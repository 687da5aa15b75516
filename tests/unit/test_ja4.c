/* SPDX-License-Identifier: Apache-2.0 */
/* test_ja4: fingerprints whose parts their authors published (JA4: technical details,
 * Chrome's hello). */
#include "common/digest.h"
#include "sensor/dissect/ja3.h"
#include "sensor/dissect/ja4.h"
#include "tests/unit/tls_bytes.h"

static struct digester *sha256;

/* clang-format off */
static const uint16_t suites[] = {
	0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8,
	0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
};
static const uint16_t extensions[] = {
	0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005,
	0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0x2a2a,
};
/* clang-format on */

struct body {
	const char *byte;
	size_t size;
};

static struct body
body_of(uint16_t type, const char *alpn, size_t alpn_size)
{
	switch (type) {
	case TLS_EXT_SIGNATURES:
		return (struct body){ "\0\x10\4\3\x08\4\4\1\5\3\x08\5\5\1\x08\6\6\1",
				      18 };
	case TLS_EXT_ALPN:
		return (struct body){ alpn, alpn_size };
	case TLS_EXT_VERSIONS:
		return (struct body){ "\6\x0a\x0a\3\4\3\3", 7 };
	case TLS_EXT_SERVER_NAME:
		return (struct body){ "\0\4\0\0\1a", 6 };
	default:
		return (struct body){ "", 0 };
	}
}

/* Without the header of the handshake message; backwards in suites and extensions, if
 * wanted. */
static struct bytes
chrome(struct message *hello, const char *alpn, size_t alpn_size, bool is_reversed)
{
	struct message list = { .size = 0 };
	size_t count = sizeof(suites) / sizeof(suites[0]);

	begin_hello(hello, 1, TLS_1_2);
	put16(hello, 2 * count);
	for (size_t i = 0; i < count; i++)
		put16(hello, suites[is_reversed ? count - 1 - i : i]);
	put(hello, "\1\0", 2);
	count = sizeof(extensions) / sizeof(extensions[0]);
	for (size_t i = 0; i < count; i++) {
		uint16_t type = extensions[is_reversed ? count - 1 - i : i];
		struct body body = body_of(type, alpn, alpn_size);
		put_extension(&list, type, body.byte, body.size);
	}
	put16(hello, list.size);
	put(hello, list.byte, list.size);
	return bytes_over(hello->byte + 4, hello->size - 4);
}

static void
chrome_is_what_its_authors_say_in_any_order(void **state)
{
	struct message message;
	struct tls_client_hello hello;
	char ja4[JA4_SIZE];

	(void)state;
	for (int reversed = 0; reversed < 2; reversed++) {
		assert_true(tls_client_hello_read(
			chrome(&message, "\0\x0c\2h2\x08http/1.1", 14, reversed),
			&hello));
		assert_true(ja4_client(&hello, JA4_TCP, sha256, ja4));
		assert_string_equal(ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1");
	}
	assert_true(ja4_client(&hello, JA4_QUIC, sha256, ja4));
	assert_string_equal(ja4, "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

/* First and last character of the first name; of other bytes the ends of their
 * hexadecimal. */
/* clang-format off */
static const struct alpn_case {
	const char *byte;
	size_t size;
	const char *mark;
} alpns[] = {
	{ "\0\3\2h2", 5, "h2" }, { "\0\x09\x08http/1.1", 11, "h1" }, { "\0\2\1a", 4, "aa" },
	{ "\0\3\2\xab\xcd", 5, "ad" }, { "\0\3\2h\xcd", 5, "6d" }, { "\0\0", 2, "00" },
	{ "\0\1\0", 3, "00" },
};
/* clang-format on */

static void
the_protocol_name_has_two_marks(void **state)
{
	struct message message;
	struct tls_client_hello hello;
	char ja4[JA4_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(alpns) / sizeof(alpns[0]); i++) {
		assert_true(tls_client_hello_read(
			chrome(&message, alpns[i].byte, alpns[i].size, false), &hello));
		assert_true(ja4_client(&hello, JA4_TCP, sha256, ja4));
		assert_memory_equal(ja4 + 8, alpns[i].mark, 2);
	}
}

/* The example of JA3's authors is of the same form; this one was worked out by hand. */
static void
ja3_is_written_in_order_without_grease(void **state)
{
	struct message message;
	struct tls_client_hello hello;
	char room[512];
	struct scratch scratch = { .at = room, .room = sizeof(room) };

	(void)state;
	assert_true(
		tls_client_hello_read(chrome(&message, "\0\3\2h2", 5, false), &hello));
	struct text ja3 = ja3_client(&hello, &scratch);
	assert_true(text_is(ja3,
			    "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-"
			    "49171-49172-156-157-47-53,"
			    "27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21,,"));
	scratch = (struct scratch){ .at = room, .room = 100 };
	assert_int_equal(ja3_client(&hello, &scratch).size,
			 0); /* whole or not at all */
	assert_true(scratch.is_cut);
	assert_int_equal(scratch.used, 0);
}

static int
make_digester(void **state)
{
	(void)state;
	sha256 = digester_of(DIGEST_SHA256);
	return 0;
}

static int
drop_digester(void **state)
{
	(void)state;
	digester_free(sha256);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chrome_is_what_its_authors_say_in_any_order),
		cmocka_unit_test(the_protocol_name_has_two_marks),
		cmocka_unit_test(ja3_is_written_in_order_without_grease),
	};

	return cmocka_run_group_tests(tests, make_digester, drop_digester);
}
