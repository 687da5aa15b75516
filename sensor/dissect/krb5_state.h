/* SPDX-License-Identifier: Apache-2.0 */
/*
 * krb5_state: what the parts of the Kerberos dissector share; only they and its tests
 * include it.
 *
 * krb5.c takes messages from both transports and pairs them, krb5_message.c
 * reads one (RFC 4120 section 5.4), krb5_report.c makes the record.
 */
#ifndef SENSOR_DISSECT_KRB5_STATE_H
#define SENSOR_DISSECT_KRB5_STATE_H

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/telling.h"

enum {
	KRB5_MESSAGE_MAX = 1 << 20, /* bytes of a message; above it a violation */
	KRB5_KEPT_MAX = 65535,      /* bytes kept of one; a longer one is counted */
	KRB5_NAME_MAX = 128,
	KRB5_ETYPES_MAX = 16
};

enum {
	KRB5_AS_REQ = 10,
	KRB5_AS_REP = 11,
	KRB5_TGS_REQ = 12,
	KRB5_TGS_REP = 13,
	KRB5_ERROR_MESSAGE = 30
};

struct krb5_name {
	uint8_t at[KRB5_NAME_MAX]; /* parts with / between; cut at the end */
	uint8_t size, parts;
};

struct krb5_message {
	uint8_t type; /* 0: none */
	struct krb5_name client, realm, service;
	bool is_preauthenticated;
	uint8_t etype_count;
	int32_t etype[KRB5_ETYPES_MAX]; /* of a request */
	bool has_encryption, has_ticket;
	int32_t encryption, ticket; /* of an answer */
	uint32_t error;
	uint64_t nonce;
};

struct krb5 {
	struct dissect_lane *lane;
	struct pieces pieces[SIDES]; /* over a stream */
	bool is_lost[SIDES], is_cut;
	int client;                  /* its side, -1 = not known yet */
	struct krb5_message request; /* that waits for its answer */
	const char *violation;       /* literal, or NULL */
};

/* False if it is no message of a KDC or its client; reads all of 'data'. */
bool krb5_message(struct bytes data, struct krb5_message *message);

/* 'answer' NULL: there was none. */
void krb5_report(struct krb5 *krb5, const struct krb5_message *answer,
		 struct instant at, const struct dissect_out *out);

#endif
