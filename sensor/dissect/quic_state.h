/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic_state: what the parts of the QUIC dissector share; only they and their tests
 * include it.
 *
 * quic_packet.c takes datagrams apart into packets and opens the Initial ones
 * (RFC 9000 section 17, RFC 9001 section 5, RFC 9369), quic.c follows a flow
 * and puts the CRYPTO streams together, quic_report.c makes the record.
 */
#ifndef SENSOR_DISSECT_QUIC_STATE_H
#define SENSOR_DISSECT_QUIC_STATE_H

#include "common/cipher.h"
#include "sensor/dissect/ranged.h"
#include "sensor/dissect/telling.h"
#include "sensor/dissect/tls_hello.h"

enum {
	QUIC_ID_MAX = 20,        /* octets of a connection id */
	QUIC_PACKET_MAX = 65536, /* of a datagram */
	QUIC_CRYPTO_MAX = 16384, /* bytes kept of a side's handshake; what lies beyond
				    is not read, and said */
	QUIC_DATAGRAMS_MAX = 64, /* of a flow until its handshake is told as it is */
	QUIC_VERSIONS_MAX = 32,  /* told of a Version Negotiation packet */
	QUIC_NAME_SIZE = 256,    /* bytes of a name, escapes included */
	QUIC_LIST_MAX = 96       /* members told of one list */
};

enum { QUIC_V1 = 1, QUIC_DRAFT_29 = 0xff00001d };
#define QUIC_V2 UINT32_C(0x6b3343cf)

enum quic_kind {
	QUIC_INITIAL,
	QUIC_ZERO_RTT,
	QUIC_HANDSHAKE,
	QUIC_RETRY,
	QUIC_NEGOTIATION, /* of the version */
	QUIC_SHORT,       /* a short header: all of it is encrypted */
	QUIC_UNKNOWN      /* of a version that is not known, or broken */
};

struct quic_packet {
	enum quic_kind kind;
	uint32_t version;
	struct bytes to, from; /* connection ids */
	struct bytes header;   /* up to the packet number, as it came */
	struct bytes sealed;   /* packet number, payload and tag */
	struct bytes versions; /* of a negotiation */
};

/* Takes the next packet of a datagram. */
struct quic_packet quic_packet_take(struct bytes *datagram);
bool quic_version_is_known(uint32_t version);
struct text quic_version_text(uint32_t version, struct scratch *scratch);
/* A variable-length integer (RFC 9000 section 16). */
uint64_t quic_number(struct bytes *data);

struct quic_keys {
	uint8_t key[CIPHER_KEY], iv[CIPHER_NONCE], hp[CIPHER_KEY];
};

/* Of both directions: 'keys' [0] the client's. */
void quic_keys_make(uint32_t version, struct bytes id, struct quic_keys keys[2]);

struct quic_side {
	struct ranged crypto;
	bool is_cut;   /* a piece lay beyond what is kept, or there was no room */
	bool has_data; /* packets under other keys than Initial's */
	bool is_seen;
	bool is_sealed; /* an Initial packet could not be opened */
};

struct quic_lane {
	struct dissect_lane lane; /* first: telling, budget, counters */
	struct cipher *cipher;
	struct digester *sha256, *md5;
	uint8_t packet[QUIC_PACKET_MAX], plain[QUIC_PACKET_MAX];
};

struct quic {
	struct quic_lane *lane;
	struct quic_side side[SIDES];
	int client;              /* its side, -1 = not known yet */
	uint32_t version;        /* the last in an Initial */
	uint8_t id[QUIC_ID_MAX]; /* the client's first destination: what keys are of */
	uint8_t id_size;
	bool has_keys;
	bool has_opened; /* the keys have opened something */
	uint32_t keys_version;
	struct quic_keys keys[2]; /* the client's, the server's */
	uint32_t negotiated[QUIC_VERSIONS_MAX];
	uint32_t negotiated_count;
	bool has_negotiation, is_retried;
	bool is_told;
	uint32_t datagrams;
	const char *violation;
};

/* Opens an Initial packet to lane->plain; false if its tag is wrong. */
bool quic_open(struct quic_lane *lane, const struct quic_keys *keys,
	       const struct quic_packet *packet, struct bytes *plain);

/* The next whole handshake message of 'type'; false if none has come. */
bool quic_message_take(struct bytes *handshake, uint8_t type, struct bytes *body);

/* quic_report.c: makes the record, once. */
void quic_report(struct quic *quic, struct instant at, const struct dissect_out *out);

#endif
