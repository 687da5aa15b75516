/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notices: what outputs may tell of an alert's transitions, in the order of the hits.
 *
 * A notice is made of inventory, rule, addresses and counts alone: neither
 * conditions nor sentences of the alert are in it, since a condition may show
 * a certificate's subject or another value that names a person
 * (decisions.md 22).  Texts as in rows.h.
 */
#ifndef STORE_NOTICES_H
#define STORE_NOTICES_H

#include "common/error.h"
#include "store/rows.h"
#include "store/scope.h"
#include "store/store.h"

struct notice_party {
	const char *id, *ip;                       /* ip: "" if nobody spoke */
	const char *title_ja, *title_en, *contact; /* "" if it is in no inventory */
};

struct notice_row {
	uint64_t seq;
	uint32_t number;
	int64_t time;
	uint64_t count; /* at the transition */
	const char *alert, *rule, *category, *severity, *title_ja, *title_en;
	struct notice_party client, server;
	uint16_t server_port;
	const char *service, *service_ja, *service_en;
	const char *poi, *vlan, *community_id, *episode, *ruleset;
	const char *clause, *document_ja, *document_en, *remedy_ja, *remedy_en;
	int64_t first, last;       /* of the alert as it is now */
	const char *record, *line; /* the opening record: its id and the copy, or "" */
};

/* A transition of the alert: one of each number.  'seq' must be new. */
struct transition_row {
	uint64_t seq, count;
	const char *alert;
	uint32_t number;
	int64_t time;
};
int store_put_transition(struct store *store, const struct transition_row *row,
			 struct error *err);

typedef bool notice_sink(void *ctx, const struct notice_row *row);
/* Transitions after 'after' of alerts that no exception accepts, at most 'limit'. */
int store_each_notice(struct store *store, const struct scope *scope, uint64_t after,
		      size_t limit, notice_sink *sink, void *ctx, struct error *err);
/* How many such there are. */
int store_count_notices(struct store *store, const struct scope *scope, uint64_t after,
			uint64_t *count, struct error *err);
/* The newest transition's seq, 0 if there is none. */
int store_last_transition(struct store *store, const struct scope *scope, uint64_t *seq,
			  struct error *err);

#endif
