/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_names: what IANA calls the code points of TLS.
 *
 * Suites, groups, signature schemes, alerts and versions.  A code point
 * without a name is written 0xNNNN by tls_code_text.  GREASE (RFC 8701) and
 * the signalling values among the suites (RFC 5746, 7507) are told apart here.
 */
#ifndef SENSOR_DISSECT_TLS_NAMES_H
#define SENSOR_DISSECT_TLS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"
#include "common/text.h"

enum {
	TLS_SSL2 = 0x0002,
	TLS_SSL3 = 0x0300,
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
	DTLS_1_0 = 0xfeff, /* as strong as TLS 1.1; the numbers fall */
	DTLS_1_2 = 0xfefd,
	DTLS_1_3 = 0xfefc,
	TLS_1_3_DRAFT = 0x7f00 /* its low byte is the number of the draft */
};

/* "0x" and four digits, or "TLS 1.3 draft-255", with its NUL. */
enum { TLS_CODE_TEXT_SIZE = 24 };

/* NULL if the code point has no name. */
const char *tls_suite_name(uint16_t suite);
const char *tls_group_name(uint16_t group);
const char *tls_signature_name(uint16_t scheme);
const char *tls_alert_name(uint8_t alert);

/* 'name', or if it is NULL "0xNNNN" written to 'room'. */
struct text tls_code_text(const char *name, uint16_t code,
			  char room[TLS_CODE_TEXT_SIZE]);
/* As EVE names it: SSLv2, SSLv3, TLSv1, TLS 1.1, TLS 1.2, TLS 1.3, TLS 1.3 draft-28,
 * DTLS 1.0, DTLS 1.2, DTLS 1.3, or 0xNNNN. */
struct text tls_version_text(uint16_t version, char room[TLS_CODE_TEXT_SIZE]);
/* True of TLS 1.3 and its drafts, and DTLS 1.3: what follows the ServerHello is
 * encrypted. */
bool tls_version_hides(uint16_t version);

/* 0x?A?A with equal bytes, as RFC 8701 section 2 reserves them. */
bool tls_is_grease(uint16_t code);
/* The same as a protocol name of two bytes. */
bool tls_is_grease_name(struct bytes name);
/* TLS_EMPTY_RENEGOTIATION_INFO_SCSV or TLS_FALLBACK_SCSV: no suite to be chosen. */
bool tls_suite_is_signal(uint16_t suite);

/* How a suite of SSLv3 to TLS 1.2 agrees on its key, as far as ServerKeyExchange shows.
 */
enum tls_exchange {
	TLS_EXCHANGE_NONE, /* no ephemeral key: RSA, static DH, PSK alone */
	TLS_EXCHANGE_DH,   /* prime, generator, value (RFC 5246 section 7.4.3) */
	TLS_EXCHANGE_ECDH, /* curve, point (RFC 8422 section 5.4) */
	TLS_EXCHANGE_OTHER /* not decoded: SRP, KRB5, GOST, ECCPWD, without a name */
};

struct tls_kind {
	enum tls_exchange exchange;
	bool has_hint; /* an identity hint stands before the parameters (RFC 4279) */
	bool has_certificate; /* the server shows one */
};

struct tls_kind tls_suite_kind(uint16_t suite);

#endif
