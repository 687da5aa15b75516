/* SPDX-License-Identifier: Apache-2.0 */
/* ja4: JA4, the fingerprint of a ClientHello that does not depend on order. */
#include "sensor/dissect/ja4.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/digest.h"

enum { HASH_SIZE = 12 }; /* hexadecimal digits of SHA-256 that are kept */

struct codes {
	uint16_t at[JA4_CODES_MAX];
	size_t count;
	bool is_full;
};

static void
add(struct codes *codes, uint16_t code)
{
	if (tls_is_grease(code))
		return;
	if (codes->count == JA4_CODES_MAX)
		codes->is_full = true;
	else
		codes->at[codes->count++] = code;
}

static void
add_all(struct codes *codes, struct bytes list)
{
	while (list.left >= 2)
		add(codes, bytes_u16(&list));
}

static int
compare_codes(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* "002f,0035" */
static size_t
write_codes(const struct codes *codes, char *out)
{
	char *at = out;

	for (size_t i = 0; i < codes->count; i++) {
		uint8_t big[2] = { (uint8_t)(codes->at[i] >> 8),
				   (uint8_t)codes->at[i] };
		if (i > 0)
			*at++ = ',';
		at += digest_to_hex(big, 2, at);
	}
	return (size_t)(at - out);
}

static void
write_hash(struct digester *sha256, const char *text, size_t size,
	   char out[HASH_SIZE + 1])
{
	uint8_t hash[DIGEST_SIZE];

	memcpy(out, "000000000000", HASH_SIZE + 1);
	if (size == 0)
		return;
	digester_add(sha256, text, size);
	digester_take(sha256, hash);
	digest_to_hex(hash, HASH_SIZE / 2, out);
}

static const char *
version_mark(const struct tls_client_hello *hello)
{
	static const struct {
		uint16_t version;
		const char *mark;
	} marks[] = { { TLS_1_3, "13" },  { TLS_1_2, "12" },  { TLS_1_1, "11" },
		      { TLS_1_0, "10" },  { TLS_SSL3, "s3" }, { TLS_SSL2, "s2" },
		      { DTLS_1_0, "d1" }, { DTLS_1_2, "d2" }, { DTLS_1_3, "d3" } };
	uint16_t best = 0;
	struct bytes versions = hello->versions;

	while (versions.left >= 2) {
		uint16_t version = bytes_u16(&versions);
		bool is_dtls = version >> 8 == DTLS_1_0 >> 8; /* whose numbers fall */
		if (!tls_is_grease(version) &&
		    (best == 0 || (is_dtls ? version < best : version > best)))
			best = version;
	}
	if (best == 0)
		best = hello->legacy_version;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (marks[i].version == best)
			return marks[i].mark;
	return "00";
}

/* First and last character of the first name; of what is no letter or digit, those of
 * its hexadecimal. */
static void
write_alpn(struct bytes alpn, char out[3])
{
	char hex[3];
	struct bytes name = bytes_window(&alpn, bytes_u8(&alpn));

	memcpy(out, "00", 3);
	if (!bytes_ok(&name) || name.left == 0)
		return;
	uint8_t first = name.at[0], last = name.at[name.left - 1];
	bool is_plain = first < 0x80 && last < 0x80 && isalnum(first) && isalnum(last);
	digest_to_hex(&first, 1, hex);
	out[0] = is_plain ? (char)first : hex[0];
	digest_to_hex(&last, 1, hex);
	out[1] = is_plain ? (char)last : hex[1];
}

/* Sorted extensions without server_name and ALPN, then the schemes in their order. */
static void
hash_extensions(struct codes *extensions, const struct codes *schemes,
		struct digester *sha256, char out[HASH_SIZE + 1])
{
	char text[2 * JA4_CODES_MAX * 5 + 1];
	size_t kept = 0;

	for (size_t i = 0; i < extensions->count; i++)
		if (extensions->at[i] != TLS_EXT_SERVER_NAME &&
		    extensions->at[i] != TLS_EXT_ALPN)
			extensions->at[kept++] = extensions->at[i];
	extensions->count = kept;
	qsort(extensions->at, kept, sizeof(extensions->at[0]), compare_codes);
	size_t size = write_codes(extensions, text);
	if (schemes->count > 0) {
		text[size++] = '_';
		size += write_codes(schemes, text + size);
	}
	write_hash(sha256, text, size, out);
}

static unsigned
two_digits(size_t count)
{
	return count < 99 ? (unsigned)count : 99;
}

bool
ja4_client(const struct tls_client_hello *hello, char transport,
	   struct digester *sha256, char out[JA4_SIZE])
{
	struct codes suites, extensions, schemes;
	struct bytes left = hello->extensions, body;
	uint16_t type;
	char text[JA4_CODES_MAX * 5 + 1], alpn[3];
	char suites_hash[HASH_SIZE + 1], rest_hash[HASH_SIZE + 1];

	suites.count = extensions.count = schemes.count = 0;
	suites.is_full = extensions.is_full = schemes.is_full = false;
	add_all(&suites, hello->suites);
	add_all(&schemes, hello->signatures);
	while (tls_extension_take(&left, &type, &body))
		add(&extensions, type);
	if (hello->is_v2 || suites.is_full || extensions.is_full || schemes.is_full)
		return false;

	unsigned suite_count = two_digits(suites.count);
	unsigned extension_count = two_digits(extensions.count);
	qsort(suites.at, suites.count, sizeof(suites.at[0]), compare_codes);
	write_hash(sha256, text, write_codes(&suites, text), suites_hash);
	hash_extensions(&extensions, &schemes, sha256, rest_hash);
	write_alpn(hello->alpn, alpn);
	snprintf(out, JA4_SIZE, "%c%s%c%02u%02u%s_%s_%s", transport,
		 version_mark(hello), hello->has_server_name ? 'd' : 'i', suite_count,
		 extension_count, alpn, suites_hash, rest_hash);
	return true;
}
