/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ldap_state: what the parts of the LDAP dissector share; only they and its tests
 * include it.
 *
 * ldap.c cuts the stream into messages, ldap_message.c reads them (RFC 4511
 * section 4), ldap_report.c makes the records.  TLS behind StartTLS is read by
 * tls_behind.h.
 */
#ifndef SENSOR_DISSECT_LDAP_STATE_H
#define SENSOR_DISSECT_LDAP_STATE_H

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/tls_behind.h"

enum {
	LDAP_MESSAGE_MAX = 16 << 20, /* bytes of a message; above it a violation */
	LDAP_KEPT_MAX =
		2048, /* bytes kept of one: who binds, and what is asked, stand first */
	LDAP_BINDS_MAX = 32, /* binds with a record of their own; the rest is counted */
	LDAP_NAME_MAX = 255,
	LDAP_MECHANISM_MAX = 32
};

enum ldap_waits { LDAP_FOR_NOTHING, LDAP_FOR_BIND, LDAP_FOR_START_TLS };

struct ldap {
	struct behind_lane *lane;
	struct behind tls;
	struct pieces pieces[SIDES];
	bool is_lost[SIDES];
	int client;            /* its side, -1 = not known yet */
	enum ldap_waits waits; /* the request told next */
	uint32_t id;           /* its message id */
	uint32_t version;
	bool is_simple, has_password;
	uint8_t name[LDAP_NAME_MAX], mechanism[LDAP_MECHANISM_MAX];
	uint8_t name_size, mechanism_size;
	bool is_sasl_bound; /* from here on it may be wrapped (RFC 4752) */
	bool is_hidden;     /* and is */
	uint64_t searches, subtree, root, adds, modifies, deletes, compares, binds;
	uint64_t entries, refused, messages;
	bool is_told;
	const char *violation; /* literal, or NULL */
};

/* A message from its first byte; its end may be missing. */
void ldap_message(struct ldap *ldap, int side, struct bytes data, struct instant at,
		  const struct dissect_out *out);

/* The request that waits, with its answer or (has_code false) without. */
void ldap_report_request(struct ldap *ldap, bool has_code, uint32_t code,
			 struct instant at, const struct dissect_out *out);
void ldap_report_end(struct ldap *ldap, struct instant at,
		     const struct dissect_out *out);

#endif
