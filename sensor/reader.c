/* SPDX-License-Identifier: Apache-2.0 */
/* reader: the process that reads a tap, or files, for several workers; it hashes, they
 * decode. */
#include "sensor/reader.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "sensor/handoff.h"
#include "sensor/shard.h"
#include "sensor/signals.h"
#include "sensor/tap.h"

enum {
	PACKETS_AT_ONCE = 1024,
	ROUNDS_AT_END = 64,
	WAIT_MSEC = 100,
	TAP_WAIT_MSEC = 10, /* while a packet waits for what another interface saw */
	END_TRIES = 20      /* of a live worker that does not empty its ring */
};

struct reader {
	const struct reader_task *task;
	struct shard *shard;
	bool is_live;
	bool stops;         /* it was told to, and waits for nobody any more */
	uint64_t order;     /* of the packet or mark that is given out now */
	struct instant now; /* of files: the greatest time so far */
	struct instant next_mark;
};

/* False if it is lost: live, or when the reader is told to stop. */
static bool
give(struct reader *reader, uint32_t lane, enum handoff_kind kind,
     const struct packet *packet)
{
	const struct link *link = &reader->task->links[lane];
	struct handoff handoff = { .order = reader->order, .packet = *packet };

	while (!handoff_give(link->packets, kind, &handoff)) {
		struct pollfd room = { ring_room_descriptor(link->packets), POLLIN, 0 };

		reader->stops |= signals_take().stop;
		if (reader->is_live || reader->stops)
			return false;
		if (ring_want_room(link->packets, handoff_size(packet)))
			continue;
		poll(&room, 1, WAIT_MSEC);
		ring_calm(room.fd);
	}
	link->share->given = reader->order;
	return true;
}

/* A mark of time, or the end, to every worker. */
static void
give_all(struct reader *reader, enum handoff_kind kind)
{
	const struct packet mark = { .seen = reader->now };

	reader->order++;
	for (uint32_t i = 0; i < reader->task->lanes; i++)
		give(reader, i, kind, &mark);
	reader->task->reading->order = reader->order;
}

/* What a worker's pipeline does by time is due in all of them, packets or not. */
static void
move_time(struct reader *reader, struct instant seen)
{
	int64_t interval = reader->task->config->tick_interval;

	if (instant_is_before(reader->now, seen))
		reader->now = seen;
	if (instant_is_before(reader->now, reader->next_mark))
		return;
	give_all(reader, HANDOFF_TIME);
	reader->next_mark =
		instant_after(reader->now, interval - reader->now.usec % interval);
}

static void
on_packet(void *ctx, const struct packet *packet)
{
	struct reader *reader = ctx;

	if (!reader->is_live)
		move_time(reader, packet->seen);
	uint32_t lane = shard_of(reader->shard, packet);
	reader->order++;
	if (!give(reader, lane, HANDOFF_PACKET, packet))
		reader->task->links[lane].share->lost_worker++;
	reader->task->reading->order = reader->order;
}

static void
tell_losses(struct reader *reader)
{
	struct reading *reading = reader->task->reading;
	uint64_t offered = 0, kernel = 0, interface = 0;

	for (size_t i = 0; i < reader->task->capture_count; i++) {
		struct capture_losses losses = { 0 };
		capture_losses(reader->task->captures[i], &losses);
		offered += losses.offered;
		kernel += losses.kernel;
		interface += losses.interface;
	}
	reading->offered = offered;
	reading->kernel = kernel;
	reading->interface = interface;
	reading->astray = shard_astray(reader->shard);
}

/* How many packets came from the tap, or -1. */
static int
read_round(struct reader *reader, struct instant now)
{
	const struct reader_task *task = reader->task;
	struct error err;
	int count = tap_read(task->captures, task->capture_count, PACKETS_AT_ONCE, now,
			     on_packet, reader, &err);

	if (count == -1)
		log_error("reader", "interface %s: %s", task->config->tap, err.text);
	return count;
}

static void
wait_for_packets(const struct reader *reader)
{
	const struct reader_task *task = reader->task;
	struct pollfd wanted[CONFIG_INTERFACES_MAX];

	if (tap_waits(task->captures, task->capture_count)) {
		poll(NULL, 0, TAP_WAIT_MSEC);
		return;
	}
	for (size_t i = 0; i < task->capture_count; i++)
		wanted[i] = (struct pollfd){ capture_descriptor(task->captures[i]),
					     POLLIN, 0 };
	poll(wanted, task->capture_count, WAIT_MSEC);
}

static struct instant
clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){ now.tv_sec * INSTANT_SECOND + now.tv_nsec / 1000 };
}

static int
watch(struct reader *reader)
{
	int64_t interval = reader->task->config->tick_interval / 2;
	struct instant told = { 0 };
	int count;

	while (!reader->stops && !signals_take().stop) {
		struct instant now = clock_now();
		if ((count = read_round(reader, now)) == -1)
			return EXIT_CODE_ENVIRONMENT;
		int64_t past = instant_between(told, now);
		if (past >= interval || past < 0) { /* a clock may be set back */
			tell_losses(reader);
			told = now;
		}
		if (count == 0)
			wait_for_packets(reader);
	}
	for (int i = 0; i < ROUNDS_AT_END; i++)
		if (read_round(reader, TAP_END) <= 0)
			break;
	for (size_t i = 0; i < reader->task->capture_count; i++)
		capture_stop(reader->task->captures[i]);
	tell_losses(reader);
	return EXIT_CODE_OK;
}

static int
read_files(struct reader *reader)
{
	const struct reader_task *task = reader->task;
	int status = EXIT_CODE_OK;
	struct error err;
	int count;

	for (size_t i = 0; i < task->capture_count; i++) {
		struct capture *capture = task->captures[i];
		do {
			count = capture_read(capture, PACKETS_AT_ONCE, on_packet,
					     reader, &err);
			reader->stops |= signals_take().stop;
			if (reader->stops)
				return EXIT_CODE_INCOMPLETE;
		} while (count > 0 || (count == 0 && !capture_is_over(capture)));
		if (count == -1) {
			log_error("reader", "%s: %s; what stands before is read",
				  task->config->files.word[i], err.text);
			status = EXIT_CODE_INCOMPLETE;
		}
	}
	tell_losses(reader);
	return status;
}

/* A worker that is not told the end is told by the parent to stop. */
static void
end(struct reader *reader)
{
	const struct packet none = { .seen = reader->now };

	if (!reader->is_live) {
		if (reader->order > 0)
			give_all(reader, HANDOFF_TIME);
		give_all(reader, HANDOFF_END);
		return;
	}
	reader->order++;
	for (uint32_t i = 0; i < reader->task->lanes; i++)
		for (int tries = 0; tries < END_TRIES; tries++) {
			if (give(reader, i, HANDOFF_END, &none))
				break;
			poll(NULL, 0, WAIT_MSEC / 10);
		}
	reader->task->reading->order = reader->order;
}

/* While workers take their memory, the kernel keeps packets. */
static bool
wait_for_workers(const struct reader *reader)
{
	for (uint32_t i = 0; i < reader->task->lanes; i++)
		while (!reader->task->links[i].share->is_at_work) {
			if (signals_take().stop)
				return false;
			poll(NULL, 0, 5);
		}
	return true;
}

int
reader_run(const struct reader_task *task)
{
	struct reader reader = {
		.task = task,
		.shard = shard_new(task->lanes),
		.is_live = task->config->interfaces.count > 0,
	};
	struct error err = { "no memory for the reader" };
	int status = EXIT_CODE_ENVIRONMENT;

	signals_watch();
	if (reader.shard == NULL ||
	    sandbox_enter(SANDBOX_WORKER, NULL, NULL, &err) == -1) {
		log_error("reader", "%s", err.text);
		shard_free(reader.shard);
		return status;
	}
	task->reading->is_at_work = 1;
	status = EXIT_CODE_OK;
	if (wait_for_workers(&reader)) {
		status = reader.is_live ? watch(&reader) : read_files(&reader);
		end(&reader);
	}
	shard_free(reader.shard);
	return status;
}
