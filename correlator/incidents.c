/* SPDX-License-Identifier: Apache-2.0 */
/* incidents: gathers alerts over participants and POIs: one event is one incident, not
 * eight. */
#include "correlator/incidents.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/digest.h"
#include "common/log.h"
#include "correlator/alert/alert.h"
#include "store/incidents.h"

static const struct scope everybody = { .is_all = true };

struct opening {
	char alert[ALERT_ID_SIZE];
	int64_t first;
};

struct openings {
	struct opening *at;
	size_t count, room;
};

static bool
take_opening(void *ctx, const char *alert, int64_t first)
{
	struct openings *openings = ctx;

	if (openings->count == openings->room) {
		openings->room = openings->room == 0 ? 64 : openings->room * 2;
		openings->at =
			realloc(openings->at, openings->room * sizeof(openings->at[0]));
		if (openings->at == NULL)
			log_fatal("engine", "no memory to gather %zu alerts",
				  openings->room);
	}
	struct opening *opening = &openings->at[openings->count++];
	snprintf(opening->alert, sizeof(opening->alert), "%s", alert);
	opening->first = first;
	return true;
}

static int
gather(struct store *store, const struct opening *opening, struct error *err)
{
	char incident[DIGEST_TEXT_SIZE], name[16 + ALERT_ID_SIZE];
	int found =
		store_find_incident(store, &everybody, opening->alert, incident, err);

	if (found == 0) {
		int size = snprintf(name, sizeof(name), "incident %s", opening->alert);
		struct digest digest = digest_of(name, (size_t)size);
		digest_to_text(&digest, incident);
	}
	return found == -1 ? -1
			   : store_put_incident(store, opening->alert, incident,
						opening->first, err);
}

int
incidents_gather(struct store *store, int64_t from, struct error *err)
{
	struct openings openings = { 0 };
	int result;

	if (from == INT64_MAX)
		return 0;
	result = store_forget_incidents(store, from, err);
	if (result == 0 && store_each_opening(store, &everybody, from, take_opening,
					      &openings, err) == -1)
		result = -1;
	for (size_t i = 0; result == 0 && i < openings.count; i++)
		result = gather(store, &openings.at[i], err);
	free(openings.at);
	return result;
}
