/* SPDX-License-Identifier: Apache-2.0 */
/* tls_message: what a handshake message adds to what is known. */
#include <string.h>

#include "common/digest.h"
#include "sensor/dissect/der.h"
#include "sensor/dissect/tls_state.h"

enum { FFDHE_FIRST = 256, FFDHE_GENERATOR = 2 };

/* SHA-256 of the primes of RFC 7919 appendix A, ffdhe2048 to ffdhe8192: code points 256
 * to 260. */
/* clang-format off */
static const uint8_t ffdhe_primes[][DIGEST_SIZE] = {
	{ 0x9c, 0xd3, 0xb7, 0xf3, 0x36, 0x87, 0x2f, 0x46, 0xc0, 0x94, 0x28,
	  0xd1, 0xbb, 0xc1, 0x98, 0x77, 0xa4, 0xd4, 0x40, 0x51, 0x2c, 0xda,
	  0x8d, 0x1c, 0x1c, 0xf0, 0xcd, 0x6e, 0x33, 0x69, 0x89, 0x66 },
	{ 0x0e, 0xaf, 0x67, 0xdb, 0x3a, 0x83, 0x91, 0x56, 0xd5, 0x01, 0x34,
	  0x94, 0xa5, 0x31, 0x8a, 0x77, 0x2b, 0x56, 0x97, 0xd2, 0x70, 0xd7,
	  0x21, 0xf3, 0x7f, 0x09, 0x2e, 0xfc, 0x69, 0xea, 0x5a, 0x17 },
	{ 0x46, 0x48, 0x41, 0x42, 0x24, 0xac, 0x88, 0x1b, 0x3d, 0x0d, 0xc5,
	  0x9b, 0x46, 0x6f, 0x96, 0xd0, 0x6a, 0x55, 0x82, 0x78, 0x77, 0x68,
	  0x07, 0x79, 0x7e, 0xcf, 0x1f, 0x66, 0xff, 0x39, 0x7b, 0x3e },
	{ 0x22, 0x7a, 0xc9, 0x06, 0x6b, 0x3d, 0xdd, 0x9e, 0x19, 0x36, 0x70,
	  0xcd, 0xa2, 0x38, 0x8f, 0xa8, 0x84, 0xf6, 0x5b, 0xa0, 0xcf, 0x98,
	  0xb7, 0x42, 0xd1, 0xfe, 0x77, 0xa6, 0x68, 0x7c, 0x79, 0xc7 },
	{ 0x77, 0x0b, 0x14, 0xef, 0xaf, 0x6f, 0x04, 0x99, 0x29, 0xc5, 0x23,
	  0x11, 0x3b, 0x3f, 0xa9, 0x9a, 0x8d, 0x11, 0xda, 0xb1, 0xb1, 0x8a,
	  0xf3, 0x60, 0x95, 0x90, 0x12, 0x20, 0x75, 0xd1, 0x98, 0x33 },
};
/* clang-format on */

typedef bool handler(struct tls *tls, int side, struct bytes body, bool is_cut,
		     struct instant at, const struct dissect_out *out);

static handler on_client_hello, on_server_hello, on_retry, on_certificate,
	on_key_exchange, on_request, on_server_done;

enum sender { FROM_ANY, FROM_CLIENT, FROM_SERVER };

/* What is not here is passed over: tickets, status, verification, what we do not know.
 */
/* clang-format off */
static const struct {
	uint8_t type;
	enum sender sender;
	handler *handle;
} messages[] = {
	{ 1,  FROM_ANY,    on_client_hello },
	{ 2,  FROM_ANY,    on_server_hello },
	{ 6,  FROM_ANY,    on_retry }, /* until draft 21 of TLS 1.3 */
	{ 11, FROM_ANY,    on_certificate },
	{ 12, FROM_SERVER, on_key_exchange },
	{ 13, FROM_SERVER, on_request },
	{ 14, FROM_SERVER, on_server_done },
};
/* clang-format on */

static bool
violate(struct tls *tls, const char *how)
{
	tls->violation = how;
	return false;
}

bool
tls_message(struct tls *tls, int side, uint8_t type, struct bytes body, bool is_cut,
	    struct instant at, const struct dissect_out *out)
{
	enum sender sender = side == tls->client ? FROM_CLIENT : FROM_SERVER;

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].type == type &&
		    (messages[i].sender == FROM_ANY || messages[i].sender == sender))
			return messages[i].handle(tls, side, body, is_cut, at, out);
	return true;
}

static void
set_client(struct tls *tls, int side, const struct dissect_out *out)
{
	tls->client = side;
	out->client_is(out->ctx, side);
}

/* Keeps a hello for the report; what does not fit makes it a cut one. */
static void
keep_hello(struct tls *tls, struct tls_bytes *kept, struct bytes body, bool *is_cut)
{
	*is_cut |= !tls_keep(tls->lane, kept, body, TLS_MESSAGE_MAX);
}

static bool
on_client_hello(struct tls *tls, int side, struct bytes body, bool is_cut,
		struct instant at, const struct dissect_out *out)
{
	struct tls_client_hello hello;

	(void)at;
	if (tls->has_client_hello || (tls->client != -1 && tls->client != side))
		return true; /* the second after HelloRetryRequest tells nothing new */
	tls->is_client_hello_cut = is_cut;
	if (!is_cut && !tls_client_hello_read(body, &hello))
		return violate(tls, "tls.client_hello_malformed");
	tls->has_client_hello = true;
	set_client(tls, side, out);
	keep_hello(tls, &tls->client_hello, body, &tls->is_client_hello_cut);
	return true;
}

/* A server that answers in SSLv2 itself: that it does is all we read of it. */
static bool
on_server_hello_v2(struct tls *tls)
{
	tls->has_server_hello = tls->is_ssl2 = true;
	tls->version = TLS_SSL2;
	return true;
}

bool
tls_message_v2(struct tls *tls, int side, struct bytes body, bool is_cut,
	       const struct dissect_out *out)
{
	enum { SERVER_HELLO_V2 = 4 };
	struct tls_client_hello hello;

	if (tls->client == !side)
		return (body.left > 0 && body.at[0] == SERVER_HELLO_V2)
			       ? on_server_hello_v2(tls)
			       : violate(tls, "tls.server_hello_malformed");
	tls->is_client_hello_cut = is_cut;
	if (!is_cut && !tls_client_hello_read_v2(body, &hello))
		return violate(tls, "tls.client_hello_malformed");
	tls->has_client_hello = tls->is_v2 = true;
	set_client(tls, side, out);
	keep_hello(tls, &tls->client_hello, body, &tls->is_client_hello_cut);
	return true;
}

static bool
on_retry(struct tls *tls, int side, struct bytes body, bool is_cut, struct instant at,
	 const struct dissect_out *out)
{
	(void)body, (void)is_cut, (void)at;
	if (tls->client == -1)
		set_client(tls, !side, out);
	tls->is_retried = true;
	return true;
}

static bool
on_server_hello(struct tls *tls, int side, struct bytes body, bool is_cut,
		struct instant at, const struct dissect_out *out)
{
	struct tls_server_hello hello;

	if (tls->has_server_hello || side == tls->client)
		return true;
	if (!is_cut && !tls_server_hello_read(body, &hello))
		return violate(tls, "tls.server_hello_malformed");
	if (!is_cut && hello.is_retry)
		return on_retry(tls, side, body, is_cut, at, out);
	tls->has_server_hello = true;
	tls->is_server_hello_cut = is_cut;
	if (tls->client == -1)
		set_client(tls, !side, out);
	if (is_cut)
		return true;
	tls->version = hello.version;
	tls->suite = hello.suite;
	tls->kind = tls_suite_kind(hello.suite);
	tls->group = hello.group;
	tls->has_psk = hello.has_psk;
	keep_hello(tls, &tls->server_hello, body, &tls->is_server_hello_cut);
	return true;
}

static void
add_certificate(struct tls *tls, int owner, struct bytes der, struct instant at,
		const struct dissect_out *out)
{
	struct tls_chain *chain = &tls->chain[owner];
	struct certificate *certificate = NULL;

	if (chain->count < TLS_CHAIN_MAX)
		certificate = certificate_cache_take(tls->lane->cache, der);
	if (certificate == NULL) {
		chain->is_cut = true;
		return;
	}
	chain->certificate[chain->count++] = certificate;
	tls_report_certificate(tls, certificate, der, owner, at, out);
}

/* certificate_list of RFC 5246 section 7.4.2: entries of a 24-bit length each. */
static bool
on_certificate(struct tls *tls, int side, struct bytes body, bool is_cut,
	       struct instant at, const struct dissect_out *out)
{
	int owner = side == tls->client ? TLS_CLIENT : TLS_SERVER;
	struct tls_chain *chain = &tls->chain[owner];
	struct bytes list;

	if (chain->is_seen || tls->client == -1 || tls_version_hides(tls->version))
		return true;
	chain->is_seen = true;
	chain->is_cut = is_cut;
	uint32_t size = (uint32_t)bytes_u8(&body) << 16;
	size |= bytes_u16(&body);
	list = is_cut ? body : bytes_window(&body, size);
	while (bytes_ok(&list) && list.left > 0) {
		uint32_t high = bytes_u8(&list);
		struct bytes der = bytes_window(&list, high << 16 | bytes_u16(&list));
		if (bytes_ok(&der) && der.left > 0)
			add_certificate(tls, owner, der, at, out);
	}
	if (!is_cut && (!bytes_ok(&list) || body.left > 0))
		return violate(tls, "tls.certificate_list_malformed");
	return true;
}

/* ServerDHParams (RFC 5246 section 7.4.3): the prime, and whether it is one of RFC
 * 7919. */
static bool
read_dh(struct tls *tls, struct bytes body)
{
	uint8_t hash[DIGEST_SIZE];
	struct bytes prime = bytes_window(&body, bytes_u16(&body));
	struct bytes generator = bytes_window(&body, bytes_u16(&body));

	if (!bytes_ok(&body))
		return false;
	tls->dh_size = der_integer_bits(prime);
	if (generator.left != 1 || generator.at[0] != FFDHE_GENERATOR)
		return true;
	digester_add(tls->lane->sha256, prime.at, prime.left);
	digester_take(tls->lane->sha256, hash);
	for (size_t i = 0; i < sizeof(ffdhe_primes) / sizeof(ffdhe_primes[0]); i++)
		if (memcmp(hash, ffdhe_primes[i], sizeof(hash)) == 0)
			tls->group = (uint16_t)(FFDHE_FIRST + i);
	return true;
}

/* ServerECDHParams (RFC 8422 section 5.4): a named curve, or the kinds nobody may use
 * any more. */
static bool
read_ecdh(struct tls *tls, struct bytes body)
{
	enum {
		EXPLICIT_PRIME = 1,
		EXPLICIT_CHAR2 = 2,
		NAMED_CURVE = 3,
		ARBITRARY = 0xff00
	};
	uint8_t kind = bytes_u8(&body);

	if (kind == NAMED_CURVE)
		tls->group = bytes_u16(&body);
	else if (kind == EXPLICIT_PRIME || kind == EXPLICIT_CHAR2)
		tls->group = (uint16_t)(ARBITRARY | kind);
	return bytes_ok(&body) && tls->group != 0;
}

static bool
on_key_exchange(struct tls *tls, int side, struct bytes body, bool is_cut,
		struct instant at, const struct dissect_out *out)
{
	(void)side, (void)is_cut, (void)at, (void)out;
	if (tls_version_hides(tls->version) || tls->has_key_exchange)
		return true;
	tls->has_key_exchange = true;
	if (tls->kind.has_hint)
		bytes_window(&body, bytes_u16(&body));
	bool is_read = true;
	if (tls->kind.exchange == TLS_EXCHANGE_DH)
		is_read = read_dh(tls, body);
	else if (tls->kind.exchange == TLS_EXCHANGE_ECDH)
		is_read = read_ecdh(tls, body);
	tls->is_key_exchange_odd = !is_read;
	return true;
}

static bool
on_request(struct tls *tls, int side, struct bytes body, bool is_cut, struct instant at,
	   const struct dissect_out *out)
{
	(void)side, (void)body, (void)is_cut, (void)at, (void)out;
	tls->has_request = true;
	return true;
}

static bool
on_server_done(struct tls *tls, int side, struct bytes body, bool is_cut,
	       struct instant at, const struct dissect_out *out)
{
	(void)side, (void)body, (void)is_cut, (void)at, (void)out;
	tls->has_server_done = true;
	return true;
}
