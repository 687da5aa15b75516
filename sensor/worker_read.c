/* SPDX-License-Identifier: Apache-2.0 */
/* worker_read: where a worker's packets come from: interfaces, files, or the reader's
 * ring. */
#include <poll.h>
#include <time.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "sensor/handoff.h"
#include "sensor/tap.h"
#include "sensor/worker_private.h"

enum {
	PACKETS_AT_ONCE = 4096,
	RELEASE_AFTER = 64,
	ROUNDS_AT_END = 64,
	WAIT_MSEC = 1000,
	TAP_WAIT_MSEC = 10 /* while a packet waits for what another interface saw */
};

static struct instant
clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){ now.tv_sec * INSTANT_SECOND + now.tv_nsec / 1000 };
}

static void
on_packet(void *ctx, const struct packet *packet)
{
	struct worker *worker = ctx;

	/* while a group of captures grows, each takes what is not its own */
	if (!instant_is_before(packet->seen, worker->task->since))
		pipeline_packet(worker->pipeline, packet);
}

static void
obey(struct worker *worker, enum handoff_kind kind, const struct handoff *handoff)
{
	worker->order = handoff->order;
	if (kind == HANDOFF_PACKET)
		pipeline_packet(worker->pipeline, &handoff->packet);
	else if (kind == HANDOFF_TIME)
		pipeline_time(worker->pipeline, handoff->packet.seen);
	else
		worker->is_over = true; /* done only when its flows are written */
	if (!worker->is_over)
		worker->share->done = handoff->order;
}

/* How many entries of the reader's ring were taken, or -1. */
static int
take_packets(struct worker *worker)
{
	struct ring *ring = worker->task->link.packets;
	struct handoff handoff;
	enum handoff_kind kind;
	int count = 0;

	while (count < PACKETS_AT_ONCE && !worker->is_over &&
	       (kind = handoff_take(ring, &worker->packets, &handoff)) !=
		       HANDOFF_NONE) {
		if (kind == HANDOFF_DAMAGED) {
			log_error("sensor",
				  "lane %u: the ring of packets holds what no reader "
				  "writes",
				  worker->task->lane);
			return -1;
		}
		obey(worker, kind, &handoff);
		if (++count % RELEASE_AFTER == 0)
			ring_release(ring, worker->packets);
	}
	ring_release(ring, worker->packets);
	return count;
}

static int
read_interfaces(struct worker *worker, struct instant now)
{
	const struct worker_task *task = worker->task;
	struct error err;
	int count = tap_read(task->captures, task->capture_count, PACKETS_AT_ONCE, now,
			     on_packet, worker, &err);

	if (count == -1)
		log_error("sensor", "interface %s: %s", task->interface, err.text);
	return count;
}

static int
read_some(struct worker *worker, struct instant now)
{
	return worker->task->link.packets != NULL ? take_packets(worker)
						  : read_interfaces(worker, now);
}

static void
wait_for_packets(struct worker *worker, int64_t usec)
{
	const struct worker_task *task = worker->task;
	struct ring *ring = task->link.packets;
	struct pollfd wanted[CONFIG_INTERFACES_MAX];
	nfds_t count = 0;

	if (ring != NULL && ring_want_data(ring, worker->packets, 1))
		return;
	if (tap_waits(task->captures, task->capture_count)) {
		poll(NULL, 0, TAP_WAIT_MSEC);
		return;
	}
	if (ring != NULL)
		wanted[count++] =
			(struct pollfd){ ring_data_descriptor(ring), POLLIN, 0 };
	for (size_t i = 0; i < task->capture_count; i++)
		wanted[count++] =
			(struct pollfd){ capture_descriptor(task->captures[i]), POLLIN,
					 0 };
	poll(wanted, count, usec < 0 ? 0 : (int)((usec + 999) / 1000));
	if (ring != NULL)
		ring_calm(wanted[0].fd);
}

int
worker_watch(struct worker *worker)
{
	int64_t interval = worker->task->config->tick_interval;
	struct instant now = clock_now();
	struct instant next = instant_after(now, interval);

	worker_tick(worker, now);
	worker_report_gap(worker, now);
	while (!worker_obey_signals(worker) && !worker->is_over) {
		int count = read_some(worker, now);
		if (count == -1)
			return EXIT_CODE_ENVIRONMENT;
		now = clock_now();
		if (!instant_is_before(now, next)) {
			worker_tick(worker, now);
			next = instant_after(now, interval);
		}
		/* a clock that was set back must not stop us */
		if (instant_between(now, next) > interval)
			next = instant_after(now, interval);
		if (count == 0)
			wait_for_packets(worker, instant_between(now, next));
	}
	for (int i = 0; i < ROUNDS_AT_END && read_some(worker, TAP_END) > 0; i++)
		;
	for (size_t i = 0; i < worker->task->capture_count; i++)
		capture_stop(worker->task->captures[i]);
	worker_tick(worker, clock_now());
	return EXIT_CODE_OK;
}

/* What a reader reads; it says the end, or the parent does. */
static int
read_ring(struct worker *worker)
{
	int count;

	while ((count = take_packets(worker)) != -1 && !worker->is_over) {
		worker_report_note(worker, worker->newest);
		if (count == 0 && worker_obey_signals(worker))
			return EXIT_CODE_INCOMPLETE;
		if (count == 0)
			wait_for_packets(worker, WAIT_MSEC * 1000);
	}
	return count == -1 ? EXIT_CODE_INCOMPLETE : EXIT_CODE_OK;
}

int
worker_read_files(struct worker *worker)
{
	int status = EXIT_CODE_OK;
	struct error err;
	int count;

	if (worker->task->link.packets != NULL)
		return read_ring(worker);
	for (size_t i = 0; i < worker->task->capture_count; i++) {
		struct capture *capture = worker->task->captures[i];
		do {
			count = capture_read(capture, PACKETS_AT_ONCE, on_packet,
					     worker, &err);
			worker_report_note(worker, worker->newest);
			if (worker_obey_signals(worker))
				return EXIT_CODE_INCOMPLETE;
		} while (count > 0 || (count == 0 && !capture_is_over(capture)));
		if (count == -1) {
			log_error("sensor", "%s: %s; what stands before is read",
				  worker->task->config->files.word[i], err.text);
			status = EXIT_CODE_INCOMPLETE;
		}
	}
	return status;
}
