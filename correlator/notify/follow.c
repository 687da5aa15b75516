/* SPDX-License-Identifier: Apache-2.0 */
/* follow: one output's process: reads the store behind its position, tells, notes how
 * far. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/instant.h"
#include "common/log.h"
#include "common/text.h"
#include "correlator/notify/output.h"
#include "correlator/notify/state.h"

enum { BATCH = 64, DIGEST_BATCH = 500 };
#define POLL       (INSTANT_SECOND / 4)
#define FIRST_WAIT (INSTANT_SECOND / 2)
#define LAST_WAIT  (60 * INSTANT_SECOND)

static const struct scope everybody = { .is_all = true };

struct follow {
	const struct output *output;
	const struct notify_settings *settings;
	const char *directory;
	struct store *store;
	struct notify_state state;
	bool has_state;
	int64_t wait; /* before the next attempt; 0: the last one did well */
	struct arena arena;
	struct notice notice[DIGEST_BATCH]; /* as read */
	size_t count;
	struct notice chosen[DIGEST_BATCH]; /* as sent */
	size_t chosen_count;
	size_t looked; /* notices of the batch that are sent, held or below the least */
};

/* The clock of a sender: it enters no alert, only when and how often is told. */
static int64_t
now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * INSTANT_SECOND + now.tv_nsec / 1000;
}

static void
pause_for(int64_t usec)
{
	struct timespec span = { .tv_sec = usec / INSTANT_SECOND,
				 .tv_nsec = usec % INSTANT_SECOND * 1000 };

	nanosleep(&span, NULL);
}

static bool
take_notice(void *ctx, const struct notice_row *row)
{
	struct follow *follow = ctx;

	notice_copy(&follow->notice[follow->count++], row, &follow->arena);
	return true;
}

/* Notices behind 'after'; -1 with the reason. */
static int
read_notices(struct follow *follow, uint64_t after, size_t limit, struct error *err)
{
	arena_reset(&follow->arena);
	follow->count = 0;
	return store_each_notice(follow->store, &everybody, after, limit, take_notice,
				 follow, err) == -1
		       ? -1
		       : 0;
}

/* Whether the notice is sent; false also for one that is held back or not severe
 * enough. */
static enum bucket_answer
ask(struct follow *follow, const struct notice *notice, int64_t now)
{
	if (notice_rank(notice->row.severity) < follow->settings->least)
		return BUCKET_HELD;
	if (!follow->output->is_limited)
		return BUCKET_SEND;
	return buckets_ask(&follow->state.buckets, follow->settings, notice, now);
}

/* Of the batch, what is to be sent; with 'until', as far as that place only. */
static void
choose(struct follow *follow, size_t until, int64_t now)
{
	follow->chosen_count = follow->looked = 0;
	for (size_t i = 0; i < until; i++) {
		enum bucket_answer answer = ask(follow, &follow->notice[i], now);
		if (answer == BUCKET_FULL)
			return;
		if (answer == BUCKET_SEND)
			follow->chosen[follow->chosen_count++] = follow->notice[i];
		follow->looked = i + 1;
	}
}

static void
note_failure(struct follow *follow, const struct error *why)
{
	struct notify_state *state = &follow->state;
	char text[sizeof(state->error)];
	struct text clean = text_from_bytes(why->text, strlen(why->text), text,
					    sizeof(text) - 1, NULL);

	text[clean.size] = '\0';
	if (follow->wait == 0)
		log_warn("notify", "%s: %s; what is not told waits in the store",
			 follow->output->name, text);
	follow->wait = follow->wait == 0              ? FIRST_WAIT
		       : follow->wait * 2 < LAST_WAIT ? follow->wait * 2
						      : LAST_WAIT;
	state->failures++;
	memcpy(state->error, text, sizeof(text));
}

static void
note_success(struct follow *follow, const struct delivery *delivery, int64_t now)
{
	if (follow->wait != 0)
		log_info("notify", "%s: told again", follow->output->name);
	follow->wait = 0;
	follow->state.told = now;
	follow->state.delivered += delivery->done - delivery->refused;
	follow->state.refused += delivery->refused;
	follow->state.error[0] = '\0';
}

static void
save(struct follow *follow)
{
	struct error err;

	if (notify_state_write(&follow->state, follow->directory, follow->output->name,
			       &err) == -1)
		log_error("notify", "%s: %s", follow->output->name, err.text);
}

/* How many notices of the batch stand before the first that is not settled. */
static size_t
settled(const struct follow *follow, size_t done)
{
	if (done == follow->chosen_count)
		return follow->looked;
	for (size_t i = 0; i < follow->count; i++)
		if (follow->notice[i].row.seq == follow->chosen[done].row.seq)
			return i;
	return 0;
}

/* The state as if only what is settled had been looked at. */
static void
keep_settled(struct follow *follow, const struct buckets *before, size_t done,
	     int64_t now)
{
	size_t until = settled(follow, done);

	if (until < follow->looked) {
		follow->state.buckets = *before;
		choose(follow, until, now);
	}
	if (until > 0)
		follow->state.position = follow->notice[until - 1].row.seq;
}

static bool
tell_batch(struct follow *follow)
{
	static struct buckets before; /* one output a process */
	struct delivery delivery = { 0 };
	struct error err;
	int64_t now = now_usec();
	size_t limit = follow->output->is_digest ? DIGEST_BATCH : BATCH;

	if (read_notices(follow, follow->state.position, limit, &err) == -1) {
		note_failure(follow, &err);
		return false;
	}
	if (follow->count == 0)
		return false;
	before = follow->state.buckets;
	choose(follow, follow->count, now);
	int result =
		follow->chosen_count == 0
			? 0
			: follow->output->send(follow->settings, follow->chosen,
					       follow->chosen_count, &delivery, &err);
	bool has_sent = follow->chosen_count > 0;
	if (result == 0 && has_sent)
		note_success(follow, &delivery, now);
	else if (result == -1)
		note_failure(follow, &err);
	if (result == -1)
		follow->state.delivered += delivery.done - delivery.refused;
	keep_settled(follow, &before, delivery.done, now);
	save(follow);
	return result == 0;
}

/* A kind of which some were held back, once it has a token again. */
static bool
tell_summary(struct follow *follow)
{
	int64_t now = now_usec();
	struct bucket *bucket =
		follow->output->is_limited
			? buckets_due(&follow->state.buckets, follow->settings, now)
			: NULL;
	struct delivery delivery = { 0 };
	struct error err;

	if (bucket == NULL)
		return false;
	if (read_notices(follow, bucket->seq - 1, 1, &err) == -1) {
		note_failure(follow, &err);
		return false;
	}
	if (follow->count == 1) {
		follow->notice[0].more = bucket->held;
		if (follow->output->send(follow->settings, follow->notice, 1, &delivery,
					 &err) == -1) {
			note_failure(follow, &err);
			save(follow);
			return false;
		}
		note_success(follow, &delivery, now);
		follow->state.summarised += bucket->held;
	}
	bucket_told(bucket, follow->settings);
	save(follow);
	return true;
}

/* The store and the place to begin from, which the correlator makes. */
static bool
is_ready(struct follow *follow)
{
	struct error err;

	if (!follow->has_state)
		follow->has_state = notify_state_read(&follow->state, follow->directory,
						      follow->output->name, &err) == 1;
	if (follow->has_state && follow->store == NULL)
		follow->store = store_open(follow->directory, STORE_READ, &err);
	return follow->has_state && follow->store != NULL;
}

_Noreturn void
follow_run(const struct output *output, const struct notify_settings *settings,
	   const char *store)
{
	struct follow *follow = calloc(1, sizeof(*follow));

	if (follow == NULL)
		log_fatal("notify", "no memory for output %s", output->name);
	follow->output = output;
	follow->settings = settings;
	follow->directory = store;
	for (;;) {
		bool has_told = is_ready(follow) &&
				(tell_summary(follow) || tell_batch(follow));
		if (follow->wait > 0)
			pause_for(follow->wait);
		else if (!has_told)
			pause_for(POLL);
		else if (output->is_digest && follow->chosen_count > 0)
			pause_for(settings->mail_every);
	}
}
