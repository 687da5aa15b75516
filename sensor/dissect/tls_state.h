/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_state: what the parts of the TLS dissector share; only they include it.
 *
 * tls.c cuts a side's bytes into records and messages, tls_message.c draws
 * from each message what matters, tls_report.c makes the record of it.
 */
#ifndef SENSOR_DISSECT_TLS_STATE_H
#define SENSOR_DISSECT_TLS_STATE_H

#include "sensor/dissect/certificate_cache.h"
#include "sensor/dissect/dissector.h"
#include "sensor/dissect/kept.h"
#include "sensor/dissect/tls_hello.h"

enum {
	TLS_RECORD_MAX =
		16384 + 2048, /* bytes; RFC 5246 section 6.2.3, above it a violation */
	TLS_MESSAGE_MAX =
		65536,      /* bytes kept of one message; the rest is passed over */
	TLS_CHAIN_MAX = 10, /* certificates read of one chain; the rest is left out */
	TLS_HELD_MAX =
		64 << 20 /* bytes all flows of a lane may hold; then messages are cut */
};

enum {
	TLS_CHANGE_CIPHER = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_DATA = 23,
	TLS_HEARTBEAT = 24,
	TLS_V2 = 0x80 /* our own: an SSLv2 record, one message without a header */
};

/* Bytes kept past their packet, counted in the lane. */
struct tls_bytes {
	uint8_t *at; /* owned, or NULL */
	uint32_t size, room;
};

struct tls_side {
	uint8_t header[6]; /* TLS takes 5, LDAP 6 */
	uint8_t header_size;
	uint8_t record_type;
	uint16_t record_left; /* bytes of the record to come */
	uint8_t alert[2];
	uint8_t alert_size;
	bool is_clear;        /* an upgraded protocol's own bytes come yet */
	bool is_in_unit;      /* inside a line or message of it */
	uint32_t clear_left;  /* bytes of that message to come, where it has a size */
	uint32_t clear_bytes; /* passed over so far */
	bool is_seen;
	bool is_lost;    /* bytes are missing: nothing more is read of it */
	bool is_refused; /* there was no room to keep what it sent: cut, not lost on the
			    wire */
	bool is_changed; /* it sent ChangeCipherSpec */
	bool has_data;   /* it sent encrypted bytes */
	uint32_t records;
	struct tls_bytes message; /* the beginning of one that is not whole yet */
	uint32_t message_seen;    /* bytes of it that came, kept or not */
	uint32_t message_size;    /* its size with header, 0 = not known yet */
};

struct tls_chain {
	struct certificate *certificate[TLS_CHAIN_MAX]; /* held */
	uint32_t count;
	bool is_seen; /* a Certificate message came; it may have been empty */
	bool is_cut;
};

struct tls {
	struct tls_lane *lane;
	struct tls_side side[SIDES];
	int client;                                  /* its side, -1 = not known yet */
	struct tls_bytes client_hello, server_hello; /* bodies as they came */
	bool has_client_hello, has_server_hello;
	bool is_v2;   /* the ClientHello is in SSLv2's form */
	bool is_ssl2; /* the server answered in SSLv2 */
	bool is_dtls;
	bool is_client_hello_cut, is_server_hello_cut;
	uint16_t version, suite; /* chosen */
	struct tls_kind kind;
	bool is_retried;
	bool has_psk;
	bool has_key_exchange;    /* ServerKeyExchange was read */
	bool is_key_exchange_odd; /* and not understood */
	bool has_request;         /* CertificateRequest */
	bool has_server_done;     /* so the handshake is a full one */
	bool is_abbreviated;      /* ChangeCipherSpec without it: a session resumed */
	uint16_t group;
	uint32_t dh_size;
	struct tls_chain chain[2]; /* by TLS_SERVER, TLS_CLIENT */
	bool has_alert;
	uint8_t alert; /* that ended it */
	bool is_told;
	const struct tls_upgrade *upgrade; /* NULL if TLS came first */
	bool is_given_up;      /* the upgrade did not come: nothing is told */
	const char *violation; /* literal, or NULL */
};

enum { TLS_SERVER, TLS_CLIENT };

/* A protocol that turns to TLS after some bytes of its own; see tls_upgrade.c. */
struct tls_upgrade;
const char *tls_upgrade_name(const struct tls_upgrade *upgrade);
/* Passes over the protocol's own bytes; side->is_clear falls where TLS begins. */
void tls_upgrade_pass(struct tls *tls, int side, struct bytes *data);
void tls_upgrade_gap(struct tls *tls, int side, uint64_t missing);

/* Scratch of the record being made; see tls_report.c. */
struct tls_report;

struct tls_lane {
	struct kept_budget fragments; /* of DTLS; first, as in a dissect_lane */
	struct dissect_counters counters;
	struct certificate_cache *cache;
	struct digester *sha256, *md5;
	struct tls_report *report;
	size_t held; /* bytes in struct tls_bytes of all flows */
};

/* The functions of the dissector's row, shared with those of the upgrades. */
void *tls_lane_new(void);
void tls_lane_free(void *shared);
void *tls_begin(void *shared);
enum dissect_result tls_feed(void *state, int side, struct bytes data,
			     struct instant at, const struct dissect_out *out);
enum dissect_result tls_gap(void *state, int side, uint64_t missing, struct instant at,
			    const struct dissect_out *out);
void tls_finish(void *state, struct instant at, const struct dissect_out *out);
void tls_end(void *state);
const char *tls_violation(const void *state);

/* By the first bytes of either side; see dissector.h. */
enum recognition tls_recognise(struct bytes first, int side);

/* Appends what fits below 'most' and the lane's limit; false if not all did. */
bool tls_keep(struct tls_lane *lane, struct tls_bytes *kept, struct bytes more,
	      uint32_t most);
void tls_release(struct tls_lane *lane, struct tls_bytes *kept);

/* Parts of what a side sends, and whether it is over, for dtls.c too. */
void tls_take_alert(struct tls *tls, int side, struct bytes data);
void tls_take_change(struct tls *tls, int side);
enum dissect_result tls_conclude(struct tls *tls, struct instant at,
				 const struct dissect_out *out);

/* True if what follows on 'side' in handshake records cannot be read. */
bool tls_is_encrypted(const struct tls *tls, int side);

/*
 * One whole handshake message, or with 'is_cut' its beginning.  False if the
 * protocol was broken: tls->violation says how.
 */
bool tls_message(struct tls *tls, int side, uint8_t type, struct bytes body,
		 bool is_cut, struct instant at, const struct dissect_out *out);
/* The same for the one message of an SSLv2 record. */
bool tls_message_v2(struct tls *tls, int side, struct bytes body, bool is_cut,
		    const struct dissect_out *out);

struct tls_report *tls_report_new(void);
void tls_report_free(struct tls_report *report);
/* Emits the tls record, once. */
void tls_report(struct tls *tls, struct instant at, const struct dissect_out *out);
/* Emits the certificate record if it is due. */
void tls_report_certificate(struct tls *tls, struct certificate *certificate,
			    struct bytes der, int owner, struct instant at,
			    const struct dissect_out *out);

#endif
