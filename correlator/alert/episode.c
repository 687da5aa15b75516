/* SPDX-License-Identifier: Apache-2.0 */
/* episode: the hits of one group, from the one that opens it until an hour without one.
 */
#include <stdio.h>
#include <string.h>

#include "common/digest.h"
#include "common/text.h"
#include "correlator/alert/alert.h"

bool
episode_takes(const struct episode *episode, struct instant at)
{
	return instant_between(episode->last, at) <= ALERT_QUIET;
}

void
episode_open(struct episode *episode, const char *rule, const char *key,
	     const char *record_id, struct instant at)
{
	struct digester *digester = digester_new();

	*episode = (struct episode){ .first = at, .last = at };
	digester_add(digester, rule, strlen(rule) + 1);
	digester_add(digester, key, strlen(key) + 1);
	digester_add(digester, record_id, strlen(record_id));
	struct digest digest = digester_end(digester);
	digest_to_text(&digest, episode->alert);
	episode_add(episode, record_id, at);
}

static bool
has_evidence(const struct episode *episode, const char *record_id)
{
	for (uint32_t i = 0; i < episode->evidence_count; i++)
		if (strcmp(episode->evidence[i], record_id) == 0)
			return true;
	return false;
}

void
episode_add(struct episode *episode, const char *record_id, struct instant at)
{
	if (instant_between(at, episode->first) > ALERT_QUIET)
		episode->is_late = true;
	if (instant_is_before(at, episode->first))
		episode->first = at;
	if (instant_is_before(episode->last, at))
		episode->last = at;
	episode->count++;
	if (episode->evidence_count < ALERT_EVIDENCE_MAX &&
	    !has_evidence(episode, record_id))
		snprintf(episode->evidence[episode->evidence_count++],
			 ALERT_RECORD_SIZE, "%s", record_id);
}

size_t
episode_evidence(const struct episode *episode, char *out, size_t room)
{
	size_t used = 0;

	if (room < 3)
		return 0;
	out[used++] = '[';
	for (uint32_t i = 0; i < episode->evidence_count; i++) {
		if (i > 0 && used < room)
			out[used++] = ',';
		size_t size = text_to_json(text_of(episode->evidence[i]), out + used,
					   room - used);
		if (size == 0)
			return 0;
		used += size;
	}
	if (room - used < 2)
		return 0;
	out[used++] = ']';
	out[used] = '\0';
	return used;
}
