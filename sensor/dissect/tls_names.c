/* SPDX-License-Identifier: Apache-2.0 */
/* tls_names: what IANA calls the code points of TLS. */
#include "sensor/dissect/tls_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct code {
	uint16_t code;
	const char *name;
};

/* Each by rising code point: they are searched by halves. */
/* clang-format off */
static const struct code suites[] = {
#define SUITE(code, name) { code, name },
#include "sensor/dissect/tls_suites.def"
#undef SUITE
};

/* RFC 8422, 7027, 7919, 8446, 8734, 8998, 9189, draft-ietf-tls-ecdhe-mlkem, draft-tls-westerbaan-xyber768d00. */
static const struct code groups[] = {
	{ 1, "sect163k1" }, { 2, "sect163r1" }, { 3, "sect163r2" }, { 4, "sect193r1" },
	{ 5, "sect193r2" }, { 6, "sect233k1" }, { 7, "sect233r1" }, { 8, "sect239k1" },
	{ 9, "sect283k1" }, { 10, "sect283r1" }, { 11, "sect409k1" }, { 12, "sect409r1" },
	{ 13, "sect571k1" }, { 14, "sect571r1" }, { 15, "secp160k1" }, { 16, "secp160r1" },
	{ 17, "secp160r2" }, { 18, "secp192k1" }, { 19, "secp192r1" }, { 20, "secp224k1" },
	{ 21, "secp224r1" }, { 22, "secp256k1" }, { 23, "secp256r1" }, { 24, "secp384r1" },
	{ 25, "secp521r1" }, { 26, "brainpoolP256r1" }, { 27, "brainpoolP384r1" },
	{ 28, "brainpoolP512r1" }, { 29, "x25519" }, { 30, "x448" },
	{ 31, "brainpoolP256r1tls13" }, { 32, "brainpoolP384r1tls13" },
	{ 33, "brainpoolP512r1tls13" }, { 34, "GC256A" }, { 35, "GC256B" }, { 36, "GC256C" },
	{ 37, "GC256D" }, { 38, "GC512A" }, { 39, "GC512B" }, { 40, "GC512C" },
	{ 41, "curveSM2" },
	{ 256, "ffdhe2048" }, { 257, "ffdhe3072" }, { 258, "ffdhe4096" },
	{ 259, "ffdhe6144" }, { 260, "ffdhe8192" },
	{ 512, "MLKEM512" }, { 513, "MLKEM768" }, { 514, "MLKEM1024" },
	{ 4587, "SecP256r1MLKEM768" }, { 4588, "X25519MLKEM768" },
	{ 4589, "SecP384r1MLKEM1024" }, { 4590, "curveSM2MLKEM768" },
	{ 25497, "X25519Kyber768Draft00" }, { 25498, "SecP256r1Kyber768Draft00" },
	{ 65281, "arbitrary_explicit_prime_curves" },
	{ 65282, "arbitrary_explicit_char2_curves" },
};

/* RFC 8446, 8734, 8998, 9189; the pairs of hash and signature of RFC 5246 where 8446 has no name. */
static const struct code signatures[] = {
	{ 0x0101, "rsa_pkcs1_md5" },
	{ 0x0201, "rsa_pkcs1_sha1" }, { 0x0202, "dsa_sha1" }, { 0x0203, "ecdsa_sha1" },
	{ 0x0301, "rsa_pkcs1_sha224" }, { 0x0302, "dsa_sha224" }, { 0x0303, "ecdsa_sha224" },
	{ 0x0401, "rsa_pkcs1_sha256" }, { 0x0402, "dsa_sha256" },
	{ 0x0403, "ecdsa_secp256r1_sha256" }, { 0x0420, "rsa_pkcs1_sha256_legacy" },
	{ 0x0501, "rsa_pkcs1_sha384" }, { 0x0502, "dsa_sha384" },
	{ 0x0503, "ecdsa_secp384r1_sha384" }, { 0x0520, "rsa_pkcs1_sha384_legacy" },
	{ 0x0601, "rsa_pkcs1_sha512" }, { 0x0602, "dsa_sha512" },
	{ 0x0603, "ecdsa_secp521r1_sha512" }, { 0x0620, "rsa_pkcs1_sha512_legacy" },
	{ 0x0704, "eccsi_sha256" }, { 0x0705, "iso_ibs1" }, { 0x0706, "iso_ibs2" },
	{ 0x0707, "iso_chinese_ibs" }, { 0x0708, "sm2sig_sm3" },
	{ 0x0709, "gostr34102012_256a" }, { 0x070a, "gostr34102012_256b" },
	{ 0x070b, "gostr34102012_256c" }, { 0x070c, "gostr34102012_256d" },
	{ 0x070d, "gostr34102012_512a" }, { 0x070e, "gostr34102012_512b" },
	{ 0x070f, "gostr34102012_512c" },
	{ 0x0804, "rsa_pss_rsae_sha256" }, { 0x0805, "rsa_pss_rsae_sha384" },
	{ 0x0806, "rsa_pss_rsae_sha512" }, { 0x0807, "ed25519" }, { 0x0808, "ed448" },
	{ 0x0809, "rsa_pss_pss_sha256" }, { 0x080a, "rsa_pss_pss_sha384" },
	{ 0x080b, "rsa_pss_pss_sha512" },
	{ 0x081a, "ecdsa_brainpoolP256r1tls13_sha256" },
	{ 0x081b, "ecdsa_brainpoolP384r1tls13_sha384" },
	{ 0x081c, "ecdsa_brainpoolP512r1tls13_sha512" },
	{ 0x0904, "mldsa44" }, { 0x0905, "mldsa65" }, { 0x0906, "mldsa87" },
};

/* RFC 8446 section 6, RFC 6066, RFC 5246 and SSLv3 before it, RFC 7507, RFC 9849. */
static const struct code alerts[] = {
	{ 0, "close_notify" }, { 10, "unexpected_message" }, { 20, "bad_record_mac" },
	{ 21, "decryption_failed" }, { 22, "record_overflow" },
	{ 30, "decompression_failure" }, { 40, "handshake_failure" },
	{ 41, "no_certificate" }, { 42, "bad_certificate" },
	{ 43, "unsupported_certificate" }, { 44, "certificate_revoked" },
	{ 45, "certificate_expired" }, { 46, "certificate_unknown" },
	{ 47, "illegal_parameter" }, { 48, "unknown_ca" }, { 49, "access_denied" },
	{ 50, "decode_error" }, { 51, "decrypt_error" },
	{ 52, "too_many_cids_requested" }, { 60, "export_restriction" },
	{ 70, "protocol_version" }, { 71, "insufficient_security" },
	{ 80, "internal_error" }, { 86, "inappropriate_fallback" },
	{ 90, "user_canceled" }, { 100, "no_renegotiation" }, { 109, "missing_extension" },
	{ 110, "unsupported_extension" }, { 111, "certificate_unobtainable" },
	{ 112, "unrecognized_name" }, { 113, "bad_certificate_status_response" },
	{ 114, "bad_certificate_hash_value" }, { 115, "unknown_psk_identity" },
	{ 116, "certificate_required" }, { 120, "no_application_protocol" },
	{ 121, "ech_required" },
};

static const struct code versions[] = {
	{ TLS_SSL2, "SSLv2" }, { TLS_SSL3, "SSLv3" }, { TLS_1_0, "TLSv1" },
	{ TLS_1_1, "TLS 1.1" }, { TLS_1_2, "TLS 1.2" }, { TLS_1_3, "TLS 1.3" },
	{ DTLS_1_3, "DTLS 1.3" }, { DTLS_1_2, "DTLS 1.2" }, { DTLS_1_0, "DTLS 1.0" },
};

/* What the name of a suite says before WITH; the first that fits counts. */
static const struct {
	const char *prefix;
	struct tls_kind kind;
} kinds[] = {
	{ "TLS_ECDHE_PSK_",  { TLS_EXCHANGE_ECDH,  true,  false } },
	{ "TLS_ECDHE_",      { TLS_EXCHANGE_ECDH,  false, true } },
	{ "TLS_ECDH_anon_",  { TLS_EXCHANGE_ECDH,  false, false } },
	{ "TLS_ECDH_",       { TLS_EXCHANGE_NONE,  false, true } },
	{ "TLS_DHE_PSK_",    { TLS_EXCHANGE_DH,    true,  false } },
	{ "TLS_PSK_DHE_",    { TLS_EXCHANGE_DH,    true,  false } },
	{ "TLS_DHE_",        { TLS_EXCHANGE_DH,    false, true } },
	{ "TLS_DH_anon_",    { TLS_EXCHANGE_DH,    false, false } },
	{ "TLS_DH_",         { TLS_EXCHANGE_NONE,  false, true } },
	{ "TLS_RSA_",        { TLS_EXCHANGE_NONE,  false, true } },
	{ "TLS_PSK_",        { TLS_EXCHANGE_NONE,  false, false } },
	{ "TLS_SRP_SHA_WITH",{ TLS_EXCHANGE_OTHER, false, false } },
	{ "TLS_SRP_SHA_",    { TLS_EXCHANGE_OTHER, false, true } },
	{ "TLS_KRB5_",       { TLS_EXCHANGE_OTHER, false, false } },
	{ "TLS_ECCPWD_",     { TLS_EXCHANGE_OTHER, false, false } },
	{ "",                { TLS_EXCHANGE_OTHER, false, true } },
};
/* clang-format on */

static int
compare_codes(const void *a, const void *b)
{
	const struct code *x = a, *y = b;

	return (x->code > y->code) - (x->code < y->code);
}

static const char *
find_name(const struct code *table, size_t count, uint16_t code)
{
	struct code wanted = { .code = code };
	const struct code *found =
		bsearch(&wanted, table, count, sizeof(*table), compare_codes);

	return found ? found->name : NULL;
}

const char *
tls_suite_name(uint16_t suite)
{
	return find_name(suites, COUNT(suites), suite);
}

const char *
tls_group_name(uint16_t group)
{
	return find_name(groups, COUNT(groups), group);
}

const char *
tls_signature_name(uint16_t scheme)
{
	return find_name(signatures, COUNT(signatures), scheme);
}

const char *
tls_alert_name(uint8_t alert)
{
	return find_name(alerts, COUNT(alerts), alert);
}

struct text
tls_code_text(const char *name, uint16_t code, char room[TLS_CODE_TEXT_SIZE])
{
	if (name)
		return text_of(name);
	snprintf(room, TLS_CODE_TEXT_SIZE, "0x%04x", code);
	return text_of(room);
}

struct text
tls_version_text(uint16_t version, char room[TLS_CODE_TEXT_SIZE])
{
	if ((version & 0xff00) == TLS_1_3_DRAFT) {
		snprintf(room, TLS_CODE_TEXT_SIZE, "TLS 1.3 draft-%02u",
			 version & 0xffu);
		return text_of(room);
	}
	return tls_code_text(find_name(versions, COUNT(versions), version), version,
			     room);
}

bool
tls_version_hides(uint16_t version)
{
	return version == DTLS_1_3 ||
	       (version >= TLS_1_3 && (version >> 8 == 3 || version >> 8 == 0x7f));
}

bool
tls_is_grease(uint16_t code)
{
	return (code & 0x0f0f) == 0x0a0a && code >> 8 == (code & 0xff);
}

bool
tls_is_grease_name(struct bytes name)
{
	return name.left == 2 && tls_is_grease(bytes_u16(&name));
}

bool
tls_suite_is_signal(uint16_t suite)
{
	return suite == 0x00ff || suite == 0x5600;
}

struct tls_kind
tls_suite_kind(uint16_t suite)
{
	const char *name = tls_suite_name(suite);

	for (size_t i = 0; name && i < COUNT(kinds); i++)
		if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return kinds[i].kind;
	return (struct tls_kind){ TLS_EXCHANGE_OTHER, false, true };
}
