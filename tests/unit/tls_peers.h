/* SPDX-License-Identifier: Apache-2.0 */
/* tls_peers: real OpenSSL clients and servers in memory, whose bytes are kept. */
#ifndef TESTS_UNIT_TLS_PEERS_H
#define TESTS_UNIT_TLS_PEERS_H

#include <stdbool.h>
#include <stdlib.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tests/unit/test.h"

enum { PEERS_CLIENT, PEERS_SERVER, PEERS_FLIGHTS = 64 };

/* What the two sent, in order. */
struct transcript {
	struct flight {
		int side;
		uint8_t *data;
		size_t size;
	} flight[PEERS_FLIGHTS];
	size_t count;
};

static inline void
transcript_add(struct transcript *said, int side, const uint8_t *data, size_t size)
{
	assert_true(said->count < PEERS_FLIGHTS);
	struct flight *flight = &said->flight[said->count++];
	flight->side = side;
	flight->size = size;
	flight->data = malloc(size);
	memcpy(flight->data, data, size);
}

static inline void
transcript_free(struct transcript *said)
{
	for (size_t i = 0; i < said->count; i++)
		free(said->flight[i].data);
	said->count = 0;
}

static inline size_t
transcript_size(const struct transcript *said)
{
	size_t size = 0;

	for (size_t i = 0; i < said->count; i++)
		size += said->flight[i].size;
	return size;
}

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
};

static inline void
add_name(X509_NAME *name, const char *type, const char *value)
{
	X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8,
				   (const unsigned char *)value, -1, -1, 0);
}

/* Self-signed, valid from 2026-01-01 to 2027-01-01. */
static inline struct identity
identity_new(EVP_PKEY *key, const char *common_name)
{
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);
	X509V3_CTX context;

	assert_non_null(key);
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 0xc70a);
	ASN1_TIME_set_string(X509_getm_notBefore(certificate), "260101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(certificate), "270101000000Z");
	add_name(name, "C", "JP");
	add_name(name, "O", "地域医療連携");
	add_name(name, "CN", common_name);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, key);
	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	X509_EXTENSION *names = X509V3_EXT_conf_nid(
		NULL, &context, NID_subject_alt_name, "DNS:gw.example.jp,IP:192.0.2.1");
	X509_add_ext(certificate, names, -1);
	X509_EXTENSION_free(names);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	return (struct identity){ key, certificate };
}

static inline void
identity_free(struct identity *identity)
{
	EVP_PKEY_free(identity->key);
	X509_free(identity->certificate);
}

/* Whatever 'from' has to say goes to 'to' and into the transcript. */
static inline bool
carry(SSL *from, SSL *to, int side, struct transcript *said)
{
	uint8_t data[32768];
	int size = BIO_read(SSL_get_wbio(from), data, sizeof(data));

	if (size <= 0)
		return false;
	transcript_add(said, side, data, (size_t)size);
	BIO_write(SSL_get_rbio(to), data, size);
	return true;
}

static inline SSL *
peer_new(SSL_CTX *context, bool is_client)
{
	SSL *ssl = SSL_new(context);

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	if (is_client)
		SSL_set_connect_state(ssl);
	else
		SSL_set_accept_state(ssl);
	return ssl;
}

/* The whole handshake, one message each way after it, and the goodbye. */
static inline bool
converse(SSL *client, SSL *server, struct transcript *said)
{
	char room[64];
	bool is_moving = true;

	while (is_moving) {
		SSL_do_handshake(client);
		is_moving = carry(client, server, PEERS_CLIENT, said);
		SSL_do_handshake(server);
		is_moving |= carry(server, client, PEERS_SERVER, said);
	}
	if (!SSL_is_init_finished(client) || !SSL_is_init_finished(server))
		return false;
	SSL_write(client, "ping", 4);
	carry(client, server, PEERS_CLIENT, said);
	SSL_read(server, room, sizeof(room));
	SSL_write(server, "pong", 4);
	carry(server, client, PEERS_SERVER, said);
	SSL_read(client, room, sizeof(room)); /* takes the tickets in too */
	SSL_shutdown(client);
	carry(client, server, PEERS_CLIENT, said);
	SSL_shutdown(server); /* else the session is forgotten */
	return true;
}

#endif
