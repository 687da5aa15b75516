/* SPDX-License-Identifier: Apache-2.0 */
/* episodes: keeps alerts in the store as their groups' episodes open and grow. */
#include "correlator/episodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "correlator/alert/alert.h"
#include "correlator/evidence.h"
#include "store/effects.h"
#include "store/notices.h"
#include "store/reads.h"

enum {
	SLOTS = 2 * EPISODES_HELD_MAX,
	EVIDENCE_ROOM = ALERT_EVIDENCE_MAX * ALERT_RECORD_SIZE * 6
};

struct held {
	const char *rule; /* the policy's */
	char key[ALERT_KEY_SIZE];
	struct episode episode;
	uint64_t seq;
	bool has_grown; /* since it was written */
};

struct episodes {
	struct store *store;
	const char *ruleset;
	uint64_t seq; /* of the last hit */
	uint64_t opened, hits;
	int64_t changed; /* earliest begin of those that opened, or now begin earlier */
	int64_t least;   /* last hit of the written ones that lies furthest back */
	size_t count;
	uint16_t slot[SLOTS]; /* index + 1 into 'held'; 0 is free */
	struct held held[EPISODES_HELD_MAX];
	char evidence[EVIDENCE_ROOM];
};

static const struct scope everybody = { .is_all = true };

struct episodes *
episodes_new(struct store *store, const char *ruleset, struct error *err)
{
	struct episodes *episodes = calloc(1, sizeof(*episodes));

	if (episodes == NULL)
		log_fatal("engine", "no memory for alerts");
	episodes->store = store;
	episodes->ruleset = ruleset;
	episodes->least = episodes->changed = INT64_MAX;
	if (store_last_alert_seq(store, &everybody, &episodes->seq, err) == 0)
		return episodes;
	episodes_free(episodes);
	return NULL;
}

void
episodes_free(struct episodes *episodes)
{
	free(episodes);
}

static size_t
slot_of(const char *rule, const char *key)
{
	uint64_t mixed =
		UINT64_C(0xCBF29CE484222325); /* FNV-1a; keys are our own ids */

	for (; *rule != '\0'; rule++)
		mixed = (mixed ^ (unsigned char)*rule) * UINT64_C(0x100000001B3);
	for (; *key != '\0'; key++)
		mixed = (mixed ^ (unsigned char)*key) * UINT64_C(0x100000001B3);
	return (size_t)(mixed ^ mixed >> 32) % SLOTS;
}

static int
write_grown(struct episodes *episodes, struct held *held, struct error *err)
{
	const struct episode *episode = &held->episode;

	if (!held->has_grown)
		return 0;
	episode_evidence(episode, episodes->evidence, EVIDENCE_ROOM);
	struct alert_row row = { .seq = held->seq,
				 .id = episode->alert,
				 .episode = "open",
				 .first = episode->first.usec,
				 .last = episode->last.usec,
				 .count = episode->count,
				 .evidence = episodes->evidence,
				 .is_late = episode->is_late };
	held->has_grown = false;
	if (row.last < episodes->least)
		episodes->least = row.last;
	if (store_grow_alert(episodes->store, &row, err) == -1)
		return -1;
	return store_put_group(episodes->store, held->rule, held->key, episode->alert,
			       row.last, err);
}

/* Makes room: all are written, none is held. */
static int
let_go(struct episodes *episodes, struct error *err)
{
	for (size_t i = 0; i < episodes->count; i++)
		if (write_grown(episodes, &episodes->held[i], err) == -1)
			return -1;
	episodes->count = 0;
	memset(episodes->slot, 0, sizeof(episodes->slot));
	return 0;
}

static bool
take_row(void *ctx, const struct alert_row *row)
{
	struct held *held = ctx;
	struct evidence evidence;

	held->seq = row->seq;
	snprintf(held->episode.alert, sizeof(held->episode.alert), "%s", row->id);
	held->episode.first.usec = row->first;
	held->episode.last.usec = row->last;
	held->episode.count = row->count;
	held->episode.is_late = row->is_late;
	evidence_from_text(&evidence, row->evidence);
	held->episode.evidence_count = (uint32_t)evidence.count;
	for (size_t i = 0; i < evidence.count; i++)
		snprintf(held->episode.evidence[i], ALERT_RECORD_SIZE, "%s",
			 evidence.cited[i].id);
	return true;
}

/* The group's episode, from memory or store; count 0: it has none.  NULL if the store
 * fails. */
static struct held *
take(struct episodes *episodes, const char *rule, const char *key, struct error *err)
{
	if (episodes->count == EPISODES_HELD_MAX && let_go(episodes, err) == -1)
		return NULL;
	size_t at = slot_of(rule, key);
	for (; episodes->slot[at] != 0; at = (at + 1) % SLOTS) {
		struct held *held = &episodes->held[episodes->slot[at] - 1];
		if (strcmp(held->key, key) == 0 && strcmp(held->rule, rule) == 0)
			return held;
	}
	struct held *held = &episodes->held[episodes->count];
	*held = (struct held){ .rule = rule };
	snprintf(held->key, sizeof(held->key), "%s", key);
	if (store_find_group(episodes->store, &everybody, rule, key, take_row, held,
			     err) == -1)
		return NULL;
	episodes->slot[at] = (uint16_t)++episodes->count;
	return held;
}

static int
write_new(struct episodes *episodes, const struct held *held, const struct alert *alert,
	  struct error *err)
{
	const struct episode *episode = &held->episode;

	episode_evidence(episode, episodes->evidence, EVIDENCE_ROOM);
	struct alert_row row = {
		.seq = held->seq,
		.id = alert->id,
		.rule = alert->rule,
		.category = alert->category,
		.severity = alert->severity,
		.title_ja = alert->title.ja,
		.title_en = alert->title.en,
		.sentence_ja = alert->sentence.ja,
		.sentence_en = alert->sentence.en,
		.conditions = alert->conditions,
		.client = alert->client,
		.server = alert->server,
		.client_ip = alert->client_ip,
		.server_ip = alert->server_ip,
		.server_port = alert->server_port,
		.service = alert->service,
		.client_partition = alert->client_partition,
		.server_partition = alert->server_partition,
		.poi = alert->poi,
		.vlan = alert->vlan,
		.community_id = alert->community_id,
		.episode = "open",
		.disposition = alert->disposition,
		.exception = alert->exception,
		.first = episode->first.usec,
		.last = episode->last.usec,
		.count = episode->count,
		.evidence = episodes->evidence,
		.ruleset = episodes->ruleset,
		.is_late = episode->is_late,
	};
	return store_put_alert(episodes->store, &row, err);
}

/* At 1, 10, 100, ... hits outputs tell of the alert again; 0: they do not. */
static uint32_t
transition_number(uint64_t count)
{
	uint32_t number = 1;

	for (; count % 10 == 0; count /= 10)
		number++;
	return count == 1 ? number : 0;
}

static void
note_begin(struct episodes *episodes, const struct episode *episode)
{
	if (episode->first.usec < episodes->changed)
		episodes->changed = episode->first.usec;
}

int64_t
episodes_take_changed(struct episodes *episodes)
{
	int64_t changed = episodes->changed;

	episodes->changed = INT64_MAX;
	return changed;
}

static int
note_transition(struct episodes *episodes, const struct held *held, struct instant at,
		struct error *err)
{
	const struct transition_row row = {
		.seq = held->seq,
		.count = held->episode.count,
		.alert = held->episode.alert,
		.number = transition_number(held->episode.count),
		.time = at.usec,
	};

	return row.number == 0 ? 0 : store_put_transition(episodes->store, &row, err);
}

static int
open_episode(struct episodes *episodes, struct held *held,
	     const struct finding *finding, const struct parties *parties,
	     const struct record *record, const char *id, struct error *err)
{
	struct instant at = record->value[FIELD_TIMESTAMP].time;

	if (write_grown(episodes, held, err) == -1)
		return -1;
	held->seq = ++episodes->seq;
	episode_open(&held->episode, held->rule, held->key, id, at);
	struct alert *alert = alert_new(finding, parties, record, &held->episode);
	int result = write_new(episodes, held, alert, err);
	alert_free(alert);
	held->has_grown = true; /* the group's row is still to be written */
	episodes->opened++;
	note_begin(episodes, &held->episode);
	if (result == 0)
		result = note_transition(episodes, held, at, err);
	return result == -1 ? -1 : store_cite(episodes->store, id, at.usec, err);
}

static bool
has_record(const struct episode *episode, const char *id)
{
	for (uint32_t i = 0; i < episode->evidence_count; i++)
		if (strcmp(episode->evidence[i], id) == 0)
			return true;
	return false;
}

static int
grow_episode(struct episodes *episodes, struct held *held, const char *id,
	     struct instant at, struct error *err)
{
	struct episode before = held->episode;

	held->seq = ++episodes->seq;
	episode_add(&held->episode, id, at);
	if (held->episode.first.usec < before.first.usec)
		note_begin(episodes, &held->episode);
	held->has_grown = true;
	if (note_transition(episodes, held, at, err) == -1)
		return -1;
	if (!has_record(&before, id) && has_record(&held->episode, id) &&
	    store_cite(episodes->store, id, at.usec, err) == -1)
		return -1;
	for (uint32_t i = 0; i < before.evidence_count; i++)
		if (!has_record(&held->episode, before.evidence[i]) &&
		    store_uncite(episodes->store, before.evidence[i], err) == -1)
			return -1;
	return 0;
}

/* Other records that made the finding, as far as there is room. */
static int
cite_others(struct episodes *episodes, struct held *held, const struct finding *finding,
	    struct error *err)
{
	struct episode *episode = &held->episode;

	for (size_t i = 0; i < finding->record_count; i++) {
		const struct finding_record *other = &finding->record[i];
		if (episode->evidence_count == ALERT_EVIDENCE_MAX)
			return 0;
		if (has_record(episode, other->id))
			continue;
		snprintf(episode->evidence[episode->evidence_count++], ALERT_RECORD_SIZE,
			 "%s", other->id);
		if (store_cite(episodes->store, other->id, other->at.usec, err) == -1)
			return -1;
	}
	return 0;
}

int
episodes_hit(struct episodes *episodes, const struct finding *finding,
	     const struct parties *parties, const struct record *record,
	     struct error *err)
{
	char key[ALERT_KEY_SIZE], id[ALERT_RECORD_SIZE];
	struct instant at = record->value[FIELD_TIMESTAMP].time;

	alert_group_key(finding, parties, record, key);
	alert_record_id(record, id);
	struct held *held = take(episodes, finding->requirement->id, key, err);
	if (held == NULL)
		return -1;
	episodes->hits++;
	if (held->episode.count > 0 && episode_takes(&held->episode, at))
		return grow_episode(episodes, held, id, at, err) == -1
			       ? -1
			       : cite_others(episodes, held, finding, err);
	if (open_episode(episodes, held, finding, parties, record, id, err) == -1)
		return -1;
	return cite_others(episodes, held, finding, err);
}

int
episodes_flush(struct episodes *episodes, int64_t before, int64_t now,
	       struct error *err)
{
	int64_t low = before < now ? before : now, high = before < now ? now : before;

	for (size_t i = 0; i < episodes->count; i++)
		if (write_grown(episodes, &episodes->held[i], err) == -1)
			return -1;
	low = low < INT64_MIN + ALERT_QUIET ? INT64_MIN : low - ALERT_QUIET;
	if (episodes->least < low)
		low = episodes->least;
	episodes->least = INT64_MAX;
	if (now == INT64_MIN)
		return 0;
	return store_settle_episodes(episodes->store, low, high - ALERT_QUIET,
				     now - ALERT_QUIET, err);
}

uint64_t
episodes_opened(const struct episodes *episodes)
{
	return episodes->opened;
}

uint64_t
episodes_hits(const struct episodes *episodes)
{
	return episodes->hits;
}
