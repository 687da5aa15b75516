/* SPDX-License-Identifier: Apache-2.0 */
/* incidents: which alerts stand together, and what such a group amounts to. */
#ifndef STORE_INCIDENTS_H
#define STORE_INCIDENTS_H

#include "common/error.h"
#include "store/rows.h"
#include "store/scope.h"
#include "store/store.h"

enum { INCIDENT_ID_SIZE = 65 };

/* Alerts of one actor, or from a victim on, belong together if one opens so long after
 * another. */
#define INCIDENT_GAP  (6 * INSTANT_HOUR)
/* The same silence or detection towards one participant. */
#define INCIDENT_WAVE (15 * INSTANT_MINUTE)

/* Alerts that open at 'from' or later stand in no incident any more. */
int store_forget_incidents(struct store *store, int64_t from, struct error *err);
/* Alerts that open then, no exception accepts and are more than info; by (first, id).
 */
typedef bool opening_sink(void *ctx, const char *alert, int64_t first);
int store_each_opening(struct store *store, const struct scope *scope, int64_t from,
		       opening_sink *sink, void *ctx, struct error *err);
/*
 * 1 with the incident of the earliest gathered alert the given one belongs to:
 * the same actor (the client, or its address if it is nobody's); a victim, not
 * of the base, that acts now; or the same silence or detection towards the
 * same participant within INCIDENT_WAVE.  0: it begins one of its own.
 */
int store_find_incident(struct store *store, const struct scope *scope,
			const char *alert, char incident[INCIDENT_ID_SIZE],
			struct error *err);
int store_put_incident(struct store *store, const char *alert, const char *incident,
		       int64_t first, struct error *err);

struct incident_row {
	const char *id;
	int64_t first, last;
	uint64_t alerts, open; /* open: episodes that go on */
	uint64_t rules, participants, pois;
	const char *severity; /* the worst */
	const char *actor;    /* client of its first alert, or the address */
	const char *title_ja,
		*title_en; /* of the worst alert's rule, the earliest of these */
};
typedef bool incident_sink(void *ctx, const struct incident_row *row);
/* Incidents of two alerts or more the scope sees, the newest first. */
int store_each_incident(struct store *store, const struct scope *scope, size_t limit,
			incident_sink *sink, void *ctx, struct error *err);

#endif
