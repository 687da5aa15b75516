/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence: sessions and lines of logs that wait for each other, and how far each log
 * is read.  Writes belong to the open transaction (store/effects.h).
 */
#ifndef STORE_EVIDENCE_H
#define STORE_EVIDENCE_H

#include "common/error.h"
#include "store/reads.h"

/* Borrowed texts; a port of 0 is one the log does not say. */
struct evidence_key {
	const char *server, *client;
	uint16_t server_port, client_port;
};

int store_add_awaited(struct store *store, const struct evidence_key *key, int64_t time,
		      const char *record, const char *line, size_t size,
		      const char *ruleset, struct error *err);
int store_end_awaited(struct store *store, const struct evidence_key *key, int64_t time,
		      const char *record, struct error *err);
int store_add_attestation(struct store *store, const struct evidence_key *key,
			  int64_t first, int64_t last, const char *record,
			  const char *line, size_t size, struct error *err);
/* Of sessions before the one time, of lines before the other. */
int store_forget_evidence(struct store *store, int64_t sessions, int64_t lines,
			  struct error *err);

/* A session or a line that was found, with its own full key; borrowed by the sink. */
struct evidence_row {
	struct evidence_key key;
	int64_t time;
	const char *record, *line;
	size_t size;
};
typedef void evidence_sink(void *ctx, const struct evidence_row *row);
/* The earliest session within [from, to] that the same rules judged; ports of 0 in
 * 'key' fit any.  1, 0 or -1. */
int store_find_awaited(struct store *store, const struct scope *scope,
		       const struct evidence_key *key, int64_t from, int64_t to,
		       const char *ruleset, evidence_sink *sink, void *ctx,
		       struct error *err);
/* The earliest line whose [first - skew, last + skew] holds 'time'. */
int store_find_attestation(struct store *store, const struct scope *scope,
			   const struct evidence_key *key, int64_t time, int64_t skew,
			   evidence_sink *sink, void *ctx, struct error *err);
/* Sessions and lines that wait for one server and port. */
int store_count_evidence(struct store *store, const struct scope *scope,
			 const char *server, uint16_t port, uint64_t *count,
			 struct error *err);

/* A certificate is kept once, as base64 of its DER. */
int store_add_certificate(struct store *store, const char *fingerprint, const char *der,
			  size_t size, struct error *err);
typedef void certificate_sink(void *ctx, const char *der, size_t size);
/* 1, 0 or -1. */
int store_find_certificate(struct store *store, const struct scope *scope,
			   const char *fingerprint, certificate_sink *sink, void *ctx,
			   struct error *err);

struct tail_row {
	uint64_t inode, offset, seq;
};
int store_put_tail(struct store *store, const char *source, const struct tail_row *row,
		   struct error *err);
/* 1, or 0 if nothing was read of it yet. */
int store_find_tail(struct store *store, const struct scope *scope, const char *source,
		    struct tail_row *row, struct error *err);

#endif
