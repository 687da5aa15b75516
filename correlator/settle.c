/* SPDX-License-Identifier: Apache-2.0 */
/* settle: sessions and lines of logs that wait for each other: room and time. */
#include "correlator/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/log.h"
#include "store/evidence.h"

struct waiting {
	char server[ADDRESS_TEXT_SIZE];
	uint16_t port;
	uint64_t count;
};

struct settle {
	struct store *store;
	int64_t forgotten; /* watermark of the last time */
	size_t name_count, count;
	char *name[SETTLE_NAMES_MAX];
	struct waiting waiting[SETTLE_SERVICES_MAX];
};

static const struct scope everybody = { .is_all = true };

struct settle *
settle_new(struct store *store)
{
	struct settle *settle = calloc(1, sizeof(*settle));

	if (settle == NULL)
		log_fatal("engine", "no memory to wait for evidence");
	settle->store = store;
	settle->forgotten = INT64_MIN;
	return settle;
}

void
settle_free(struct settle *settle)
{
	if (settle == NULL)
		return;
	for (size_t i = 0; i < settle->name_count; i++)
		free(settle->name[i]);
	free(settle);
}

static struct waiting *
find(struct settle *settle, const char *server, uint16_t port)
{
	for (size_t i = 0; i < settle->count; i++)
		if (settle->waiting[i].port == port &&
		    strcmp(settle->waiting[i].server, server) == 0)
			return &settle->waiting[i];
	return NULL;
}

int
settle_take(struct settle *settle, const char *server, uint16_t port, struct error *err)
{
	struct waiting *waiting = find(settle, server, port);

	if (waiting == NULL) {
		if (settle->count == SETTLE_SERVICES_MAX)
			return 0;
		waiting = &settle->waiting[settle->count];
		waiting->port = port;
		snprintf(waiting->server, sizeof(waiting->server), "%s", server);
		if (store_count_evidence(settle->store, &everybody, server, port,
					 &waiting->count, err) == -1)
			return -1;
		settle->count++;
	}
	if (waiting->count >= SETTLE_WAITING_MAX)
		return 0;
	waiting->count++;
	return 1;
}

void
settle_give(struct settle *settle, const char *server, uint16_t port)
{
	struct waiting *waiting = find(settle, server, port);

	if (waiting != NULL && waiting->count > 0)
		waiting->count--;
}

const char *
settle_name(struct settle *settle, struct text name)
{
	for (size_t i = 0; i < settle->name_count; i++)
		if (text_is(name, settle->name[i]))
			return settle->name[i];
	if (settle->name_count == SETTLE_NAMES_MAX)
		return "other";
	char *copy = strndup(name.at, name.size);
	if (copy == NULL)
		log_fatal("engine", "no memory for a name");
	return settle->name[settle->name_count++] = copy;
}

int
settle_forget(struct settle *settle, int64_t watermark, struct error *err)
{
	int64_t before = watermark == INT64_MIN ? INT64_MIN : watermark - SETTLE_WAIT;

	if (before == INT64_MIN ||
	    before / INSTANT_MINUTE == settle->forgotten / INSTANT_MINUTE)
		return 0;
	settle->forgotten = before;
	settle->count = 0; /* counted again when they are asked for */
	return store_forget_evidence(settle->store, before, before, err);
}
