/* SPDX-License-Identifier: Apache-2.0 */
/* worker: a lane's process: packets in, lines into its ring, and no right to anything
 * else. */
#include "sensor/worker.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "sensor/carry.h"
#include "sensor/describe.h"
#include "sensor/pipeline.h"
#include "sensor/signals.h"

enum { PACKETS_AT_ONCE = 4096, ROUNDS_AT_END = 64, WAIT_MSEC = 1000 };

/* An older gap is not reported: records are kept no longer. */
#define GAP_MAX (30 * INSTANT_DAY)

struct worker {
	const struct worker_task *task;
	struct share *share;
	struct pipeline *pipeline;
	struct describer describer;
	bool is_live;
	uint64_t lost_told; /* of share->lost_output, what coverage has */
	bool note_is_answered;
	uint64_t before;              /* where the entries of a worker before us end */
	struct instant newest;        /* time of the last record */
	struct capture_losses losses; /* as last told */
	struct carry carry;
	enum share_tag tag; /* of the record that is written now */
	struct record record;
	uint8_t entry[SHARE_ENTRY_MAX];
};

static struct instant
clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct instant){ now.tv_sec * INSTANT_SECOND + now.tv_nsec / 1000 };
}

static void
wait_for(int descriptor, int64_t usec)
{
	struct pollfd wanted = { descriptor, POLLIN, 0 };

	poll(&wanted, 1, usec < 0 ? 0 : (int)((usec + 999) / 1000));
}

/* Evidence finds room longer than flow summaries do. */
static bool
has_room(const struct worker *worker)
{
	const struct ring *ring = worker->task->link.ring;

	return !worker->is_live || worker->tag != SHARE_FLOW ||
	       ring_pending(ring, ring_start(ring)) < ring_size(ring) / 4 * 3;
}

/* False if it is lost, which is counted. */
static bool
hand_on(struct worker *worker, size_t size)
{
	struct ring *ring = worker->task->link.ring;

	while (!has_room(worker) ||
	       !ring_write(ring, worker->tag, worker->entry, size)) {
		if (worker->is_live) {
			worker->share->lost_output++;
			return false;
		}
		if (ring_want_room(ring, size))
			continue;
		wait_for(ring_room_descriptor(ring), WAIT_MSEC * 1000);
		ring_calm(ring_room_descriptor(ring));
	}
	return true;
}

/* record -> line -> ring */
static bool
pass_on(struct worker *worker, const struct record *record)
{
	const struct share *share = worker->share;
	int64_t time = record->value[FIELD_TIMESTAMP].time.usec;

	worker->newest.usec = time;
	record_set_text(&worker->record, FIELD_SEKISHO_EPOCH, text_of(share->epoch));
	record_set_number(&worker->record, FIELD_SEKISHO_SEQ,
			  share->first_seq + ring_written(worker->task->link.ring));
	memcpy(worker->entry, &time, SHARE_TIME_SIZE);
	size_t size = record_write(&worker->record, worker->task->key,
				   (char *)worker->entry + SHARE_TIME_SIZE);
	return hand_on(worker, SHARE_TIME_SIZE + size);
}

static void
on_record(void *ctx, const struct record *record)
{
	struct worker *worker = ctx;
	bool is_coverage = record_event(record) == EVENT_COVERAGE;

	worker->record = *record;
	worker->tag = record_event(record) == EVENT_FLOW ? SHARE_FLOW : SHARE_EVIDENCE;
	if (is_coverage)
		carry_add(&worker->carry, &worker->record);
	bool is_kept = pass_on(worker, record);
	if (is_coverage && is_kept)
		worker->carry.holds = false;
	else if (is_coverage)
		carry_keep(&worker->carry, &worker->record);
}

static void
on_packet(void *ctx, const struct packet *packet)
{
	pipeline_packet(((struct worker *)ctx)->pipeline, packet);
}

/* A coverage record of our own: what of the time from 'start' to 'end' is lost. */
static void
describe_loss(const struct worker *worker, struct record *record, struct instant now,
	      struct instant start, struct instant end, const char *reason)
{
	static const enum field_id zeros[] = { FIELD_COVERAGE_OBSERVED,
					       FIELD_COVERAGE_PACKETS,
					       FIELD_COVERAGE_LOST_INTERFACE,
					       FIELD_COVERAGE_LOST_KERNEL };

	record_begin(record, EVENT_COVERAGE);
	describe_origin(&worker->describer, record, now);
	if (worker->describer.interface.size > 0)
		record_set_text(record, FIELD_IN_IFACE, worker->describer.interface);
	record_set_time(record, FIELD_COVERAGE_START, start);
	record_set_time(record, FIELD_COVERAGE_END, end);
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		record_set_number(record, zeros[i], 0);
	record_set_text(record, FIELD_COVERAGE_REASON, text_of(reason));
}

/* Where the lane's last worker stopped; 0 if it is the first. */
static int64_t
find_last(const struct share *share)
{
	int64_t tick = share->last_tick;

	return tick ? tick : share->last_time;
}

/* What nobody watched between the lane's last tick and this worker's first. */
static void
report_gap(struct worker *worker, int64_t last, struct instant now)
{
	struct record record;

	if (last == 0 || last >= now.usec)
		return;
	if (now.usec - last > GAP_MAX)
		last = now.usec - GAP_MAX;
	describe_loss(worker, &record, now, (struct instant){ last }, now, "gap");
	on_record(worker, &record);
}

/*
 * What the spool had to let go.  While entries of a worker before us are
 * unread, one of them may be the answer already; then we wait.
 */
static void
report_note(struct worker *worker, struct instant now)
{
	const struct share *share = worker->share;
	struct record *record = &worker->record;

	if (!share->note_is_open)
		worker->note_is_answered = false;
	if (!share->note_is_open || worker->note_is_answered || now.usec == 0 ||
	    ring_start(worker->task->link.ring).at < worker->before)
		return;
	describe_loss(worker, record, now, (struct instant){ share->note_first },
		      (struct instant){ share->note_last }, "spool_full");
	record_set_number(record, FIELD_COVERAGE_LOST_SPOOL, share->note_count);
	worker->tag = SHARE_NOTE;
	worker->note_is_answered = pass_on(worker, record); /* else again */
}

static void
report_losses(struct worker *worker)
{
	struct capture_losses now = worker->losses;
	uint64_t lost = worker->share->lost_output;

	capture_losses(worker->task->captures[0], &now);
	pipeline_lost(worker->pipeline,
		      &(struct pipeline_losses){
			      .interface = now.interface - worker->losses.interface,
			      .kernel = now.kernel - worker->losses.kernel,
			      .output = lost - worker->lost_told,
			      .kernel_packets = now.offered - worker->losses.offered });
	worker->losses = now;
	worker->lost_told = lost;
}

static void
tick(struct worker *worker, struct instant now)
{
	report_losses(worker);
	pipeline_tick(worker->pipeline, now);
	worker->share->last_tick = now.usec;
	report_note(worker, now);
}

static void
say_counters(struct worker *worker)
{
	struct pipeline_counters c = pipeline_counters(worker->pipeline);

	log_info("sensor",
		 "lane %u: packets %llu, bytes %llu, flows %llu, records %llu, invalid "
		 "%llu, "
		 "not IP %llu, fragments %llu, flows evicted %llu, violations %llu, "
		 "lost by "
		 "interface %llu, by kernel %llu, by a full ring %llu",
		 worker->task->lane, (unsigned long long)c.packets,
		 (unsigned long long)c.bytes, (unsigned long long)c.flows,
		 (unsigned long long)c.records, (unsigned long long)c.invalid,
		 (unsigned long long)c.not_ip, (unsigned long long)c.fragments,
		 (unsigned long long)c.evicted, (unsigned long long)c.violations,
		 (unsigned long long)worker->losses.interface,
		 (unsigned long long)worker->losses.kernel,
		 (unsigned long long)worker->share->lost_output);
}

/* True when it is time to end. */
static bool
obey_signals(struct worker *worker)
{
	struct signals signals = signals_take();

	if (signals.counters)
		say_counters(worker);
	return signals.stop;
}

static int
watch(struct worker *worker)
{
	struct capture *capture = worker->task->captures[0];
	int64_t interval = worker->task->config->tick_interval;
	struct instant now = clock_now();
	struct instant next = instant_after(now, interval);
	int64_t last = find_last(worker->share);
	struct error err;

	tick(worker, now);
	report_gap(worker, last, now);
	while (!obey_signals(worker)) {
		int count =
			capture_read(capture, PACKETS_AT_ONCE, on_packet, worker, &err);
		if (count == -1) {
			log_error("sensor", "interface %s: %s", worker->task->interface,
				  err.text);
			return EXIT_CODE_ENVIRONMENT;
		}
		now = clock_now();
		if (!instant_is_before(now, next)) {
			tick(worker, now);
			next = instant_after(now, interval);
		}
		/* a clock that was set back must not stop us */
		if (instant_between(now, next) > interval)
			next = instant_after(now, interval);
		if (count == 0)
			wait_for(capture_descriptor(capture),
				 instant_between(now, next));
	}
	for (int i = 0; i < ROUNDS_AT_END; i++)
		if (capture_read(capture, PACKETS_AT_ONCE, on_packet, worker, &err) <=
		    0)
			break;
	tick(worker, clock_now());
	return EXIT_CODE_OK;
}

static int
read_files(struct worker *worker)
{
	int status = EXIT_CODE_OK;
	struct error err;
	int count;

	for (size_t i = 0; i < worker->task->capture_count; i++) {
		struct capture *capture = worker->task->captures[i];
		do {
			count = capture_read(capture, PACKETS_AT_ONCE, on_packet,
					     worker, &err);
			report_note(worker, worker->newest);
			if (obey_signals(worker))
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

static struct pipeline_config
pipeline_settings(const struct worker_task *task)
{
	const struct config *c = task->config;

	return (struct pipeline_config){
		.sensor = c->sensor,
		.poi = c->poi,
		.interface = task->interface,
		.lane = task->lane,
		.flows_max = (uint32_t)c->flows_max,
		.undecided_max = (uint32_t)c->undecided_max,
		.stream_bytes_max = (uint64_t)c->stream_bytes_max,
		.stream_flow_max = (uint32_t)c->stream_flow_max,
		.tcp_new = c->tcp_new,
		.tcp_established = c->tcp_established,
		.tcp_closed = c->tcp_closed,
		.udp = c->udp,
		.other = c->other,
		.interim = c->interim,
		.coverage_interval = c->coverage_interval,
		.tick_interval = c->tick_interval,
		.is_live = task->interface != NULL,
	};
}

/* The spool says where the seqs go on.  False if we shall end before it does. */
static bool
wait_until_ready(const struct worker *worker)
{
	while (worker->share->state != SHARE_READY) {
		if (signals_take().stop)
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

static struct worker *
prepare(const struct worker_task *task, struct error *err)
{
	struct pipeline_config settings = pipeline_settings(task);
	struct worker *worker = calloc(1, sizeof(*worker));

	if (worker == NULL) {
		error_set(err, "no memory for a worker");
		return NULL;
	}
	worker->task = task;
	worker->share = task->link.share;
	worker->is_live = task->interface != NULL;
	worker->lost_told = worker->share->lost_output;
	worker->before = ring_start(task->link.ring).at +
			 ring_pending(task->link.ring, ring_start(task->link.ring));
	worker->describer = (struct describer){
		.sensor = text_of(task->config->sensor),
		.poi = text_of(task->config->poi),
		.interface =
			task->interface ? text_of(task->interface) : (struct text){ 0 },
		.lane = task->lane,
	};
	worker->pipeline = pipeline_new(&settings, on_record, worker, err);
	if (worker->pipeline == NULL ||
	    sandbox_enter(SANDBOX_WORKER, NULL, NULL, err) == -1) {
		pipeline_free(worker->pipeline);
		free(worker);
		return NULL;
	}
	return worker;
}

int
worker_run(const struct worker_task *task)
{
	struct error err;

	signals_watch();
	struct worker *worker = prepare(task, &err);
	if (worker == NULL) {
		log_error("sensor", "lane %u: %s", task->lane, err.text);
		return EXIT_CODE_ENVIRONMENT;
	}
	worker->share->memory = pipeline_memory(worker->pipeline);
	int status = EXIT_CODE_OK;
	if (wait_until_ready(worker)) {
		status = worker->is_live ? watch(worker) : read_files(worker);
		pipeline_finish(worker->pipeline);
	}
	pipeline_free(worker->pipeline);
	free(worker);
	return status;
}
