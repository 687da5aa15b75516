/* SPDX-License-Identifier: Apache-2.0 */
/* test_certificate: DER by a bounded reader: fields, every prefix, every damage, caps,
 * the cache. */
#include "sensor/dissect/certificate_cache.h"
#include "sensor/dissect/certificate_parts.h"
#include "sensor/dissect/der.h"
#include "tests/unit/tls_peers.h"

static struct certificate_room room;
static struct certificate found;

static void
assert_text(struct text text, const char *want)
{
	if (!text_is(text, want))
		fail_msg("%.*s instead of %s", (int)text.size, text.at, want);
}

struct made {
	uint8_t *der;
	size_t size;
};

static struct made
make_certificate(long serial)
{
	struct identity identity = identity_new(EVP_EC_gen("P-256"), "gw,1");
	struct made made = { NULL, 0 };

	ASN1_INTEGER_set(X509_get_serialNumber(identity.certificate), serial);
	assert_true(X509_sign(identity.certificate, identity.key, EVP_sha256()) > 0);
	made.size = (size_t)i2d_X509(identity.certificate, &made.der);
	identity_free(&identity);
	return made;
}

/* From memory of exactly its size, so that a read past the end is seen. */
static void
parse(const uint8_t *der, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, der, size);
	certificate_parse(bytes_over(copy, size), &room, &found);
	free(copy);
}

static void
fields_are_read(void **state)
{
	struct made made = make_certificate(0x7f);

	(void)state;
	parse(made.der, made.size);
	assert_true(found.is_decoded);
	assert_text(found.subject, "CN=gw\\,1,O=地域医療連携,C=JP");
	assert_text(found.issuer, "CN=gw\\,1,O=地域医療連携,C=JP");
	assert_text(found.serial, "7F");
	assert_text(found.not_before, "2026-01-01T00:00:00");
	assert_text(found.not_after, "2027-01-01T00:00:00");
	assert_int_equal(found.starts.usec / INSTANT_SECOND, 1767225600);
	assert_int_equal(found.ends.usec / INSTANT_SECOND, 1798761600);
	assert_text(found.key_type, "EC");
	assert_int_equal(found.key_size, 256);
	assert_text(found.signature, "ecdsa-with-SHA256");
	assert_int_equal(found.name_count, 2);
	assert_text(found.names[0], "gw.example.jp");
	assert_text(found.names[1], "192.0.2.1");
	OPENSSL_free(made.der);
}

static void
no_prefix_is_a_certificate(void **state)
{
	struct made made = make_certificate(1);

	(void)state;
	for (size_t size = 0; size < made.size; size++) {
		parse(made.der, size);
		assert_false(found.is_decoded);
		assert_int_equal(found.name_count, 0);
	}
	OPENSSL_free(made.der);
}

static void
no_damage_of_one_byte_breaks_it(void **state)
{
	struct made made = make_certificate(2);

	(void)state;
	for (size_t i = 0; i < made.size; i++)
		for (unsigned damage = 1; damage < 256; damage++) {
			made.der[i] ^= (uint8_t)damage;
			certificate_parse(bytes_over(made.der, made.size), &room,
					  &found);
			made.der[i] ^= (uint8_t)damage;
			assert_true(
				text_is_valid(found.subject.at, found.subject.size));
			assert_true(text_is_valid(found.issuer.at, found.issuer.size));
		}
	OPENSSL_free(made.der);
}

/* clang-format off */
static const struct length {
	const char *what;
	uint8_t byte[8];
	size_t size;
	bool is_fine;
} lengths[] = {
	{ "short form",         { 0x30, 2, 5, 0 }, 4, true },
	{ "long form",          { 0x30, 0x81, 1, 5 }, 4, true },
	{ "indefinite",         { 0x30, 0x80, 0, 0 }, 4, false },
	{ "five bytes of size", { 0x30, 0x85, 0, 0, 0, 0, 1, 5 }, 8, false },
	{ "past the end",       { 0x30, 3, 5, 0 }, 4, false },
	{ "a size of 4 GiB",    { 0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0, 0 }, 8, false },
	{ "a tag of two bytes", { 0x3f, 0x81, 1, 0 }, 4, false },
	{ "another tag",        { 0x31, 2, 5, 0 }, 4, false },
	{ "nothing",            { 0 }, 0, false },
};
/* clang-format on */

static void
each_length_is_taken_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct bytes from = bytes_over(lengths[i].byte, lengths[i].size);
		struct bytes body = der_take(&from, DER_SEQUENCE);
		if (bytes_ok(&from) != lengths[i].is_fine ||
		    bytes_ok(&body) != lengths[i].is_fine)
			fail_msg("%s", lengths[i].what);
	}
}

static void
object_identifiers_are_written_with_dots(void **state)
{
	static const uint8_t rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1 };
	static const uint8_t endless[] = { 0x2a, 0x86, 0x86, 0x86, 0x86, 0x86,
					   0x86, 0x86, 0x86, 0x86, 0x86 };
	static const uint8_t high_root[] = { 0x88, 0x37, 3 };
	char text[64];

	(void)state;
	assert_text(der_oid_text(bytes_over(rsa, sizeof(rsa)), text, sizeof(text)),
		    "1.2.840.113549.1.1.1");
	assert_text(der_oid_text(bytes_over(high_root, 3), text, sizeof(text)),
		    "2.999.3");
	assert_text(
		der_oid_text(bytes_over(endless, sizeof(endless)), text, sizeof(text)),
		"1.2");
	assert_text(der_oid_text(bytes_over(rsa, sizeof(rsa)), text, 8), "1.2.840");
	assert_text(der_oid_text(bytes_over(rsa, 0), text, sizeof(text)), "");
}

/* clang-format off */
static const struct time_case {
	const char *byte;
	size_t size;
	const char *text; /* NULL: refused */
	int64_t seconds;
} times[] = {
	{ "\x17\x0d" "491231235959Z", 15, "2049-12-31T23:59:59", 2524607999 },
	{ "\x17\x0d" "500101000000Z", 15, "1950-01-01T00:00:00", -631152000 },
	{ "\x17\x0d" "700101000000Z", 15, "1970-01-01T00:00:00", 0 },
	{ "\x18\x0f" "20000229120000Z", 17, "2000-02-29T12:00:00", 951825600 },
	{ "\x18\x11" "20000229120000.5Z", 19, "2000-02-29T12:00:00", 951825600 },
	{ "\x18\x0f" "00000101000000Z", 17, "0000-01-01T00:00:00", -62167219200 },
	{ "\x17\x0b" "4912312359Z", 13, NULL, 0 },
	{ "\x17\x0d" "491331235959Z", 15, NULL, 0 },
	{ "\x17\x0d" "49123x235959Z", 15, NULL, 0 },
	{ "\x18\x0f" "20000229120000+", 17, NULL, 0 },
	{ "\x13\x0d" "491231235959Z", 15, NULL, 0 },
};
/* clang-format on */

static void
each_time_is_read_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct bytes from = bytes_over(times[i].byte, times[i].size);
		struct instant at;
		struct text text;
		room.scratch = (struct scratch){ .at = room.text, .room = 64 };
		bool is_read = certificate_time(&from, &room.scratch, &at, &text);
		if (is_read != (times[i].text != NULL))
			fail_msg("%s", times[i].byte);
		if (!is_read)
			continue;
		assert_text(text, times[i].text);
		assert_int_equal(at.usec / INSTANT_SECOND, times[i].seconds);
	}
}

/* One RDN of one CN of 'size' bytes of the given kind. */
static size_t
name_of(uint8_t *out, uint8_t kind, const void *value, size_t size)
{
	uint8_t head[] = { 0x31, 0x82, 0, 0, 0x30, 0x82, 0, 0, 6,
			   3,    0x55, 4, 3, kind, 0x82, 0, 0 };

	for (size_t at = 2; at < sizeof(head); at += at == 2 ? 4 : 9) {
		size_t inner = size + sizeof(head) - at - 2;
		head[at] = (uint8_t)(inner >> 8);
		head[at + 1] = (uint8_t)inner;
	}
	memcpy(out, head, sizeof(head));
	memcpy(out + sizeof(head), value, size);
	return sizeof(head) + size;
}

/* clang-format off */
static const struct value_case {
	uint8_t kind;
	const char *byte;
	size_t size;
	const char *text;
} values[] = {
	{ DER_UTF8, "関所", 6, "CN=関所" },
	{ DER_UTF8, "a\xff" "b", 3, "CN=a\\\\xffb" },
	{ DER_UTF8, "a\0b", 3, "CN=a\\\\x00b" },
	{ DER_T61, "Z\xfcrich", 6, "CN=Zürich" },
	{ DER_BMP, "\x95\xa2\x62\x40", 4, "CN=関所" },
	{ DER_BMP, "\xd8\x42\xdf\xb7", 4, "CN=𠮷" },
	{ DER_BMP, "\xd8\x42\0a", 4, "CN=\xef\xbf\xbd" "a" },
	{ DER_BMP, "\0a\0", 3, "CN=a" },
	{ DER_UNIVERSAL, "\0\1\xf6\0\0\x11\0\0", 8, "CN=😀\xef\xbf\xbd" },
	{ DER_PRINTABLE, " a ", 3, "CN=\\ a\\ " },
	{ DER_PRINTABLE, "#,+\"\\<>;=", 9, "CN=\\#\\,\\+\\\"\\\\\\<\\>\\;=" },
	{ DER_INTEGER, "\5", 1, "CN=#0282000105" },
	{ DER_UTF8, "", 0, "CN=" },
};
/* clang-format on */

static void
each_value_is_written_as_rfc_4514_says(void **state)
{
	uint8_t name[256];

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		size_t size =
			name_of(name, values[i].kind, values[i].byte, values[i].size);
		struct text text;
		room.scratch =
			(struct scratch){ .at = room.text, .room = sizeof(room.text) };
		assert_true(
			certificate_dn(bytes_over(name, size), &room.scratch, &text));
		assert_text(text, values[i].text);
	}
}

/* A name of many parts of three-byte characters: cut between two characters, and said
 * to be. */
static void
a_name_beyond_its_room_is_cut_between_characters(void **state)
{
	static uint8_t name[70 * 400];
	char value[300];
	size_t size = 0;
	struct text text;

	(void)state;
	for (size_t i = 0; i < sizeof(value); i += 3)
		memcpy(value + i, "関", 3);
	for (int i = 0; i < 70; i++)
		size += name_of(name + size, DER_UTF8, value, sizeof(value));
	room.scratch = (struct scratch){ .at = room.text, .room = sizeof(room.text) };
	assert_true(certificate_dn(bytes_over(name, size), &room.scratch, &text));
	assert_true(room.scratch.is_cut);
	assert_true(text.size <= CERTIFICATE_DN_SIZE &&
		    text.size > CERTIFICATE_DN_SIZE - 8);
	assert_true(text_is_valid(text.at, text.size));
}

static void
names_beyond_their_number_are_left_out(void **state)
{
	static uint8_t names[300 * 4];
	uint32_t count = 0;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		memcpy(names + 4 * i, "\x82\2ab", 4);
	room.scratch = (struct scratch){ .at = room.text, .room = sizeof(room.text) };
	assert_true(certificate_names(bytes_over(names, sizeof(names)), &room, &count));
	assert_int_equal(count, CERTIFICATE_NAMES_MAX);
	assert_true(room.scratch.is_cut);
}

static void
a_certificate_is_parsed_once(void **state)
{
	struct certificate_cache *cache = certificate_cache_new();
	struct made made = make_certificate(3);

	(void)state;
	struct certificate *first =
		certificate_cache_take(cache, bytes_over(made.der, made.size));
	struct certificate *second =
		certificate_cache_take(cache, bytes_over(made.der, made.size));
	assert_ptr_equal(first, second);
	assert_int_equal(certificate_cache_counters(cache).parsed, 1);
	assert_int_equal(certificate_cache_counters(cache).known, 1);
	assert_text(first->subject, "CN=gw\\,1,O=地域医療連携,C=JP");
	assert_text(first->names[1], "192.0.2.1");
	assert_int_equal(first->sha256.size, 64);
	assert_int_equal(first->sha1.size, 59);
	certificate_drop(first);
	certificate_cache_free(cache);
	assert_text(second->serial, "03"); /* held still */
	certificate_drop(second);
	OPENSSL_free(made.der);
}

static void
a_certificate_is_due_once_a_day(void **state)
{
	struct certificate_cache *cache = certificate_cache_new();
	struct certificate *certificate =
		certificate_cache_take(cache, bytes_over("x", 1));
	struct instant noon = { 20000 * INSTANT_DAY + INSTANT_DAY / 2 };

	(void)state;
	assert_false(certificate->is_decoded);
	assert_true(certificate_is_due(certificate, noon));
	assert_false(certificate_is_due(certificate,
					instant_after(noon, INSTANT_DAY / 2 - 1)));
	assert_true(
		certificate_is_due(certificate, instant_after(noon, INSTANT_DAY / 2)));
	assert_true(certificate_is_due(certificate, (struct instant){ -1 }));
	assert_true(certificate_is_due(certificate, (struct instant){ 0 }));
	certificate_drop(certificate);
	certificate_cache_free(cache);
}

/* More certificates than there is room for: the longest unused of a set go, and come
 * back parsed anew. */
static void
a_full_cache_lets_go_of_the_longest_unused(void **state)
{
	struct certificate_cache *cache = certificate_cache_new();
	struct certificate *held =
		certificate_cache_take(cache, bytes_over("first", 5));

	(void)state;
	for (uint32_t i = 0; i < 4 * CERTIFICATE_CACHE_SIZE; i++)
		certificate_drop(
			certificate_cache_take(cache, bytes_over(&i, sizeof(i))));
	struct certificate_cache_counters counters = certificate_cache_counters(cache);
	assert_int_equal(counters.parsed, 4 * CERTIFICATE_CACHE_SIZE + 1);
	assert_true(counters.evicted >= 3 * CERTIFICATE_CACHE_SIZE);
	struct certificate *again =
		certificate_cache_take(cache, bytes_over("first", 5));
	assert_int_equal(certificate_cache_counters(cache).parsed, counters.parsed + 1);
	assert_true(again != held);
	assert_memory_equal(again->digest, held->digest, sizeof(held->digest));
	certificate_drop(again);
	certificate_drop(held);
	certificate_cache_free(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_read),
		cmocka_unit_test(no_prefix_is_a_certificate),
		cmocka_unit_test(no_damage_of_one_byte_breaks_it),
		cmocka_unit_test(each_length_is_taken_or_refused),
		cmocka_unit_test(object_identifiers_are_written_with_dots),
		cmocka_unit_test(each_time_is_read_or_refused),
		cmocka_unit_test(each_value_is_written_as_rfc_4514_says),
		cmocka_unit_test(a_name_beyond_its_room_is_cut_between_characters),
		cmocka_unit_test(names_beyond_their_number_are_left_out),
		cmocka_unit_test(a_certificate_is_parsed_once),
		cmocka_unit_test(a_certificate_is_due_once_a_day),
		cmocka_unit_test(a_full_cache_lets_go_of_the_longest_unused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
