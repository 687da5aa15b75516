/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert: from a finding that broke a requirement to a row an analyst can read.
 *
 * Pure data in, pure data out: whoever keeps the store keeps the episodes.
 * For each OUTCOME_BAD finding: make the group key; look for the group's
 * episode; if episode_takes() says so, episode_add(), else episode_open() and
 * alert_new().  Ids follow decisions.md 16: neither window nor version is in
 * them, so what is replayed raises no second alert.
 */
#ifndef CORRELATOR_ALERT_ALERT_H
#define CORRELATOR_ALERT_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/instant.h"
#include "common/record.h"
#include "correlator/policy/policy.h"

enum {
	ALERT_ID_SIZE = 65,      /* 64 hexadecimal digits and NUL */
	ALERT_KEY_SIZE = 448,    /* longer ids are cut; their digest keeps keys apart */
	ALERT_RECORD_SIZE = 192, /* "sensor/epoch/lane/seq" and NUL */
	ALERT_EVIDENCE_MAX = 16
};
/* Record time without a hit after which an episode is quiet and the next hit opens a
 * new one. */
#define ALERT_QUIET INSTANT_HOUR

/* Who and what is one group: requirement, client, server or service, and the exception
 * that accepts it. */
void alert_group_key(const struct finding *finding, const struct parties *parties,
		     const struct record *record, char key[ALERT_KEY_SIZE]);

/* "sensor/epoch/lane/seq" of a record; parts it lacks are "-". */
void alert_record_id(const struct record *record, char id[ALERT_RECORD_SIZE]);

/* The open alert of one group, as far as it grows. */
struct episode {
	char alert[ALERT_ID_SIZE];
	struct instant first, last; /* record time of the hits */
	uint64_t count;             /* hits; a record counts once per finding */
	uint32_t evidence_count;
	char evidence[ALERT_EVIDENCE_MAX]
		     [ALERT_RECORD_SIZE]; /* the opening record first */
	bool is_late; /* a hit came that is older than the opening one by more than
			 ALERT_QUIET */
};

/* False once the episode was quiet for ALERT_QUIET at 'at'.  A hit older than the
 * episode belongs to it. */
bool episode_takes(const struct episode *episode, struct instant at);
void episode_open(struct episode *episode, const char *rule, const char *key,
		  const char *record_id, struct instant at);
void episode_add(struct episode *episode, const char *record_id, struct instant at);
/* JSON list of the evidence into 'out' (room for ALERT_EVIDENCE_MAX * ALERT_RECORD_SIZE
 * * 6 is always enough). */
size_t episode_evidence(const struct episode *episode, char *out, size_t room);

/* Columns of table alert that the opening record settles.  Texts are owned by the
 * alert, or borrowed from the policy. */
struct alert {
	char id[ALERT_ID_SIZE];
	const char *rule, *category, *severity; /* category: requirement, detection */
	struct title title;                     /* of the rule */
	struct title sentence;       /* what happened; no NULs, valid UTF-8 */
	const char *conditions;      /* JSON list of {what, required, observed, outcome,
					record, unobservable} */
	const char *client, *server; /* participant ids, or "unknown" */
	char client_ip[ADDRESS_TEXT_SIZE],
		server_ip[ADDRESS_TEXT_SIZE]; /* "" if the record has none */
	uint16_t server_port;
	const char *service;                             /* id, or "" */
	const char *client_partition, *server_partition; /* "unknown" if nobody's */
	const char *poi, *vlan,
		*community_id;   /* vlan: JSON list; "" if the record has none */
	const char *disposition; /* open, accepted */
	const char *exception;   /* id, or "" */
	uint32_t signature_id;   /* alert_signature_id(rule) */
	struct instant at;       /* time of the opening record */
};

/* Never NULL; keeps nothing of 'record', so it may outlive it.  The policy and
 * inventory must outlive it. */
struct alert *alert_new(const struct finding *finding, const struct parties *parties,
			const struct record *record, const struct episode *episode);
void alert_free(struct alert *alert);

/* Low 31 bits of the SHA-256 of the rule's id (decisions.md 4). */
uint32_t alert_signature_id(const char *rule);
/* critical and high 1, medium 2, low 3, info 4 (EVE's scale). */
unsigned alert_severity_number(const char *severity);
/* EVE's alert record; 'opening' is the record that opened it.  Borrows both, and
 * 'signature' (room for ALERT_SIGNATURE_SIZE). */
enum { ALERT_SIGNATURE_SIZE = 512 };
void alert_to_record(const struct alert *alert, const struct record *opening,
		     char signature[ALERT_SIGNATURE_SIZE], struct record *record);

#endif
