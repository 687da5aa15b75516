/* SPDX-License-Identifier: Apache-2.0 */
/* spooler: the process that keeps and sends what the workers write; sees no packet. */
#include "sensor/spooler.h"

#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "sensor/gather.h"
#include "sensor/sender.h"
#include "sensor/signals.h"
#include "sensor/uplink.h"

#define CLEAN_INTERVAL INSTANT_SECOND
#define RETRY_INTERVAL (INSTANT_SECOND / 5)
enum { FRAMES_A_COMMIT = 32 };

struct spooler {
	const struct spooler_task *task;
	struct spool *spool;
	struct uplink uplink;
	struct sender *
		sender; /* NULL: nobody to send to is configured, or its keys are bad */
	struct gather lane[CONFIG_LANES_MAX];
	int64_t mono, clean_at, retry_at;
	bool is_closing;    /* nobody is left who could write */
	bool is_failing;    /* the spool took no frame when tried last; said once */
	bool stops_waiting; /* for commits */
	bool rereads_keys;  /* by a spooler that follows: this one may open them no
			       longer */
};

static int64_t
clock_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INSTANT_SECOND + now.tv_nsec / 1000;
}

/* Tells a new lane, or one begun anew, where its seqs go on. */
static void
make_ready(struct spooler *spooler, uint32_t lane)
{
	struct share *share = spooler->task->links[lane].share;
	const struct spool_lane *kept = spool_lane(spooler->spool, lane);

	if (share->state == SHARE_FRESH) {
		memcpy(share->epoch, spool_epoch(spooler->spool), sizeof(share->epoch));
		share->first_seq = kept->next_seq;
		share->last_time = kept->last.usec;
		share->note_is_open = 0;
		gather_restart(&spooler->lane[lane], kept->next_seq);
	}
	if (kept->untold > 0 && !share->note_is_open) {
		share->note_count = kept->untold;
		share->note_first = kept->untold_first.usec;
		share->note_last = kept->untold_last.usec;
		share->note_is_open = 1;
	}
	if (share->state == SHARE_FRESH)
		share->state = SHARE_READY;
}

static void
take(struct spooler *spooler, uint32_t lane)
{
	struct share *share = spooler->task->links[lane].share;

	make_ready(spooler, lane);
	if (share->state != SHARE_READY ||
	    gather_take(&spooler->lane[lane], spooler->mono))
		return;
	log_error("spool",
		  "lane %u: its ring holds what no worker writes; the worker is "
		  "ended",
		  lane);
	share->state = SHARE_BROKEN;
	gather_restart(&spooler->lane[lane],
		       spool_lane(spooler->spool, lane)->next_seq);
}

static int
append(struct spooler *spooler, uint32_t lane, struct error *err)
{
	struct gather *gather = &spooler->lane[lane];

	if (spool_append(spooler->spool, &gather->header, gather->raw,
			 gather->has_flows, err) == -1)
		return -1;
	if (gather->has_note)
		spool_told(spooler->spool, lane, gather->link.share->note_count);
	gather_appended(gather);
	return 0;
}

/* Takes and appends what is due, at most FRAMES_A_COMMIT frames.  How many, or -1. */
static int
append_due(struct spooler *spooler, struct error *err)
{
	int count = 0, before;

	do {
		before = count;
		for (uint32_t i = 0; i < spooler->task->lanes; i++) {
			struct gather *gather = &spooler->lane[i];
			take(spooler, i);
			if (!gather_is_due(gather, spooler->mono) &&
			    !(spooler->is_closing && gather->header.count > 0))
				continue;
			if (append(spooler, i, err) == -1)
				return -1;
			count++;
		}
	} while (count > before && count < FRAMES_A_COMMIT);
	return count;
}

/* Nothing is lost yet: what was not committed stands in the rings, and is tried again.
 */
static void
fail(struct spooler *spooler, const struct error *err)
{
	spool_rollback(spooler->spool);
	if (!spooler->is_failing)
		log_error("spool", "%s; trying again, records wait in memory",
			  err->text);
	spooler->is_failing = true;
	spooler->retry_at = spooler->mono + RETRY_INTERVAL;
	for (uint32_t i = 0; i < spooler->task->lanes; i++)
		gather_restart(&spooler->lane[i],
			       spool_lane(spooler->spool, i)->next_seq);
}

/* How many frames were committed. */
static int
keep(struct spooler *spooler)
{
	struct error err;

	if (spooler->mono < spooler->retry_at)
		return 0;
	int count = append_due(spooler, &err);
	if (count == -1 || (count > 0 && spool_commit(spooler->spool, &err) == -1)) {
		fail(spooler, &err);
		return 0;
	}
	if (count > 0 && spooler->is_failing) {
		log_info("spool", "%s takes records again",
			 spooler->task->config->spool);
		spooler->is_failing = false;
	}
	for (uint32_t i = 0; i < spooler->task->lanes; i++)
		gather_release(&spooler->lane[i]);
	return count;
}

/* For whoever looks from outside. */
static void
show_counts(struct spooler *spooler)
{
	struct share *share = spooler->task->links[0].share;
	struct spool_counters counters;
	struct error err;

	if (spool_counters(spooler->spool, &counters, &err) == -1)
		return; /* which the next commit says */
	share->count[SHARE_SPOOL_BYTES] = counters.bytes;
	share->count[SHARE_SPOOL_WAITING] = counters.waiting;
	share->count[SHARE_SPOOL_LOST] = counters.lost;
	share->count[SHARE_CONNECTED] =
		spooler->sender != NULL && sender_is_connected(spooler->sender);
}

static void
clean(struct spooler *spooler)
{
	struct instant now = { clock_of(CLOCK_REALTIME) };
	struct error err;

	if (spooler->mono < spooler->clean_at)
		return;
	spooler->clean_at = spooler->mono + CLEAN_INTERVAL;
	if (spool_clean(spooler->spool, now, &err) == -1 && !spooler->is_failing)
		log_error("spool", "%s", err.text);
	show_counts(spooler);
	uplink_warn(&spooler->uplink, now);
}

static void
say_counters(struct spooler *spooler)
{
	struct spool_counters counters;
	struct error err;

	if (spool_counters(spooler->spool, &counters, &err) == -1)
		log_error("spool", "%s", err.text);
	else
		log_info("spool",
			 "%s: %llu bytes in use, %llu records wait, %llu were let go, "
			 "%s",
			 spooler->task->config->spool,
			 (unsigned long long)counters.bytes,
			 (unsigned long long)counters.waiting,
			 (unsigned long long)counters.lost,
			 spooler->sender && sender_is_connected(spooler->sender)
				 ? "connected"
				 : "not connected");
}

static void
obey_signals(struct spooler *spooler)
{
	struct signals signals = signals_take();

	spooler->stops_waiting |= signals.stop;
	spooler->rereads_keys |= signals.reopen && !spooler->is_closing &&
				 spooler->task->config->correlator != NULL;
	if (signals.counters)
		say_counters(spooler);
}

/* All is kept and, if that is waited for, committed. */
static bool
is_over(const struct spooler *spooler)
{
	if (!spooler->is_closing)
		return false;
	if (spooler->is_failing && spooler->stops_waiting)
		return true;
	for (uint32_t i = 0; i < spooler->task->lanes; i++) {
		const struct gather *gather = &spooler->lane[i];
		if (gather->link.share->state == SHARE_READY &&
		    (gather->header.count > 0 ||
		     ring_pending(gather->link.ring, gather->cursor) > 0))
			return false;
	}
	if (!spooler->task->config->waits_sent || spooler->stops_waiting)
		return true;
	for (uint32_t i = 0; i < spool_lane_count(spooler->spool); i++) {
		const struct spool_lane *lane = spool_lane(spooler->spool, i);
		if (lane->committed + 1 < lane->next_seq)
			return false;
	}
	return true;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When something is to be done though nobody wakes us; asks the rings to wake us. */
static int64_t
next_due(struct spooler *spooler)
{
	int64_t due = spooler->clean_at;

	if (spooler->sender != NULL)
		due = sooner(due, sender_due(spooler->sender));
	if (spooler->mono < spooler->retry_at)
		return sooner(due, spooler->retry_at);
	for (uint32_t i = 0; i < spooler->task->lanes; i++) {
		struct gather *gather = &spooler->lane[i];
		size_t more = gather->header.count ? GATHER_RAW_ENOUGH : 1;

		if (gather->link.share->state == SHARE_BROKEN)
			continue;
		if (gather->is_full ||
		    ring_want_data(gather->link.ring, gather->cursor, more))
			return spooler->mono;
		if (gather->header.count > 0)
			due = sooner(due, gather->since + GATHER_AGE_MAX);
		if (gather->link.share->state ==
		    SHARE_FRESH) /* the parent began it anew */
			due = sooner(due, spooler->mono + INSTANT_SECOND / 100);
	}
	return due;
}

static void
wait_for_work(struct spooler *spooler)
{
	struct pollfd wanted[CONFIG_LANES_MAX + 2];
	nfds_t count = 0;
	int64_t wait = next_due(spooler) - clock_of(CLOCK_MONOTONIC);

	for (; count < spooler->task->lanes; count++)
		wanted[count] = (struct pollfd){
			ring_data_descriptor(spooler->lane[count].link.ring), POLLIN, 0
		};
	/* poll passes over descriptors below 0 */
	wanted[count++] =
		(struct pollfd){ spooler->is_closing ? -1 : spooler->task->alive, 0,
				 0 };
	wanted[count] = (struct pollfd){ -1, 0, 0 };
	if (spooler->sender != NULL)
		wanted[count].fd =
			sender_descriptor(spooler->sender, &wanted[count].events);
	poll(wanted, count + 1, wait <= 0 ? 0 : (int)((wait + 999) / 1000));
	for (uint32_t i = 0; i < spooler->task->lanes; i++)
		if (wanted[i].revents)
			ring_calm(wanted[i].fd);
	if (wanted[count - 1].revents & POLLHUP)
		spooler->is_closing = true;
}

static int
result(const struct spooler *spooler)
{
	int status = EXIT_CODE_OK;

	for (uint32_t i = 0; i < spooler->task->lanes; i++) {
		const struct spool_lane *lane = spool_lane(spooler->spool, i);
		if (lane->untold == 0)
			continue;
		log_warn("spool",
			 "lane %u: %llu records were let go at the limit; the next run "
			 "reports them as coverage",
			 i, (unsigned long long)lane->untold);
		status = EXIT_CODE_INCOMPLETE;
	}
	if (spooler->is_failing ||
	    (spooler->task->config->waits_sent && spooler->stops_waiting))
		status = EXIT_CODE_INCOMPLETE;
	return status;
}

/* Keys that went bad since the sensor began are no reason to keep no records. */
static int
make_sender(struct spooler *spooler, struct error *err)
{
	const struct config *c = spooler->task->config;
	struct error why;

	if (c->correlator == NULL && c->socket[0] == '\0')
		return 0;
	if (uplink_open(&spooler->uplink, c, &why) == -1) {
		log_error("spool", "%s; records wait in the spool, SIGHUP tries again",
			  why.text);
		return 0;
	}
	spooler->sender = sender_new(&spooler->uplink.to, spooler->spool);
	return spooler->sender != NULL ? 0 : error_set(err, "no memory for the sender");
}

static int
prepare(struct spooler *spooler, const struct spooler_task *task, struct error *err)
{
	const struct config *c = task->config;
	const struct spool_config settings = { .path = c->spool,
					       .sensor = c->sensor,
					       .size_max = (uint64_t)c->spool_size,
					       .grace = c->grace,
					       .lanes = task->lanes };
	char copy[512];
	bool has_landlock;

	*spooler = (struct spooler){ .task = task };
	spooler->spool = spool_open(&settings, err);
	if (spooler->spool == NULL)
		return -1;
	if (make_sender(spooler, err) == -1)
		return -1;
	for (uint32_t i = 0; i < task->lanes; i++) {
		if (gather_init(&spooler->lane[i], task->links[i], i) == -1)
			return error_set(err, "no memory for frames");
		gather_restart(&spooler->lane[i],
			       spool_lane(spooler->spool, i)->next_seq);
	}
	snprintf(copy, sizeof(copy), "%s", c->spool);
	const char *const directories[] = { dirname(copy), NULL };
	if (sandbox_enter(c->correlator != NULL ? SANDBOX_UPLINK : SANDBOX_SPOOL,
			  directories, &has_landlock, err) == -1)
		return -1;
	if (!has_landlock)
		log_info("spool",
			 "this kernel has no Landlock: files are confined by their "
			 "permissions only");
	return 0;
}

static void
release(struct spooler *spooler)
{
	for (uint32_t i = 0; i < spooler->task->lanes; i++)
		gather_free(&spooler->lane[i]);
	sender_free(spooler->sender);
	uplink_close(&spooler->uplink);
	spool_close(spooler->spool);
}

static void
run_until_over(struct spooler *spooler)
{
	do {
		spooler->mono = clock_of(CLOCK_MONOTONIC);
		obey_signals(spooler);
		int kept = keep(spooler);
		if (spooler->sender != NULL)
			sender_run(spooler->sender, spooler->mono,
				   (struct instant){ clock_of(CLOCK_REALTIME) });
		clean(spooler);
		if (kept == 0 && !spooler->rereads_keys && !is_over(spooler))
			wait_for_work(spooler);
	} while (!spooler->rereads_keys && !is_over(spooler));
}

int
spooler_run(const struct spooler_task *task)
{
	struct spooler spooler;
	struct error err;
	int status = EXIT_CODE_ENVIRONMENT;

	signals_watch();
	if (prepare(&spooler, task, &err) == -1) {
		log_error("spool", "%s", err.text);
	} else {
		run_until_over(&spooler);
		spooler.clean_at = 0; /* the last position, for whoever looks into it */
		clean(&spooler);
		status = spooler.rereads_keys ? EXIT_CODE_INCOMPLETE : result(&spooler);
	}
	release(&spooler);
	return status;
}
