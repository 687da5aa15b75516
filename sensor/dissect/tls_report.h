/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_report: the scratch in which the tls and certificate records are made.
 *
 * One a lane.  A record borrows it and is gone when emit returns.
 */
#ifndef SENSOR_DISSECT_TLS_REPORT_H
#define SENSOR_DISSECT_TLS_REPORT_H

#include "sensor/dissect/scratch.h"
#include "sensor/dissect/tls_state.h"

enum {
	TLS_LIST_MAX = 256,   /* members told of one list; the rest is left out */
	TLS_REASONS_MAX = 32, /* keys and reasons together */
	TLS_NAME_SIZE = 256,  /* bytes of a server or protocol name, escapes included */
	TLS_DER_MAX = 40960,  /* bytes of a certificate told whole; larger ones without
				 their DER */
	TLS_TEXT_SIZE = 60000 /* bytes of all texts of one record */
};

struct tls_report {
	struct record record;
	struct scratch scratch;
	struct instant at;
	struct text reasons[TLS_REASONS_MAX];
	uint32_t reason_count;
	struct text client_alpns[TLS_LIST_MAX], server_alpns[TLS_LIST_MAX];
	struct text versions[TLS_LIST_MAX], suites[TLS_LIST_MAX], groups[TLS_LIST_MAX],
		signatures[TLS_LIST_MAX];
	uint64_t suite_codes[TLS_LIST_MAX], signature_codes[TLS_LIST_MAX];
	uint64_t client_extensions[TLS_LIST_MAX], server_extensions[TLS_LIST_MAX];
	struct text chain[2][TLS_CHAIN_MAX];
	char text[TLS_TEXT_SIZE];
};

void tls_report_begin(struct tls_report *report, enum event event);
/* 'what' is a field's path or hidden_as, 'why' a reason; both literals. */
void tls_report_hide(struct tls_report *report, const char *what, const char *why);
const char *tls_report_reason(const struct tls *tls, int side);

/* tls_report_hello.c */
void tls_report_offer(struct tls_report *report, const struct tls_client_hello *hello);
void tls_report_choice(struct tls_report *report, const struct tls_server_hello *hello);
/* Null if no ALPN extension was sent. */
void tls_report_alpn(struct tls_report *report, enum field_id field, struct bytes alpn);

/* tls_report_chain.c; 'owner' is TLS_SERVER or TLS_CLIENT */
void tls_report_chain(struct tls_report *report, const struct tls_chain *chain,
		      int owner);
void tls_report_no_certificate(struct tls_report *report, int owner);

#endif
