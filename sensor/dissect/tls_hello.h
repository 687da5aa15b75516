/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_hello: ClientHello and ServerHello taken apart into windows.
 *
 * SSLv2-compatible (RFC 5246 appendix E.2), SSLv3 (RFC 6101) to TLS 1.3 (RFC
 * 8446 section 4.1) and its drafts.  Nothing is copied: the windows borrow the
 * message.  Of an extension that comes twice the first counts.
 */
#ifndef SENSOR_DISSECT_TLS_HELLO_H
#define SENSOR_DISSECT_TLS_HELLO_H

#include "common/bytes.h"
#include "sensor/dissect/tls_names.h"

enum {
	TLS_EXT_SERVER_NAME = 0,
	TLS_EXT_GROUPS = 10,
	TLS_EXT_POINT_FORMATS = 11,
	TLS_EXT_SIGNATURES = 13,
	TLS_EXT_ALPN = 16,
	TLS_EXT_PRE_SHARED_KEY = 41,
	TLS_EXT_VERSIONS = 43,
	TLS_EXT_KEY_SHARE = 51,
	TLS_EXT_KEY_SHARE_DRAFT = 40, /* before draft 23 */
	TLS_EXT_ENCRYPTED_HELLO = 0xfe0d
};

/* An extension that was not sent is an empty window with is_short set: bytes_ok tells.
 */
struct tls_client_hello {
	bool is_v2; /* its suites are of three bytes and it has no extensions */
	uint16_t legacy_version;
	struct bytes session_id;
	struct bytes suites;      /* 16 bits each, 24 in an SSLv2 hello */
	struct bytes extensions;  /* as they came */
	struct bytes name;        /* the host_name of server_name, without lengths */
	struct bytes groups;      /* 16 bits each */
	struct bytes signatures;  /* 16 bits each */
	struct bytes versions;    /* 16 bits each */
	struct bytes formats;     /* 8 bits each */
	struct bytes alpn;        /* names, each behind its length in 8 bits */
	bool has_server_name;     /* the extension, even if empty */
	bool has_encrypted_hello; /* the outer form of RFC 9849 */
};

struct tls_server_hello {
	uint16_t legacy_version;
	uint16_t version; /* that of supported_versions, else the legacy one */
	uint16_t suite;
	struct bytes session_id;
	struct bytes extensions;
	struct bytes alpn;
	uint16_t group; /* of key_share; 0 = none */
	bool is_retry;  /* HelloRetryRequest */
	bool has_psk;   /* pre_shared_key: an earlier session was taken up (RFC 8446
			   section 2.2) */
};

/* 'body' without the header of the handshake message.  False if malformed or cut. */
bool tls_client_hello_read(struct bytes body, struct tls_client_hello *hello);
/* 'body' from the message type of the SSLv2 record on. */
bool tls_client_hello_read_v2(struct bytes body, struct tls_client_hello *hello);
bool tls_server_hello_read(struct bytes body, struct tls_server_hello *hello);

/* Takes the next extension.  False at the end and where it is malformed. */
bool tls_extension_take(struct bytes *extensions, uint16_t *type, struct bytes *body);
/* Takes the next suite of a ClientHello; false at the end and for SSLv2's own. */
bool tls_suite_take(struct tls_client_hello *hello, uint16_t *suite);

#endif
