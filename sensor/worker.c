/* SPDX-License-Identifier: Apache-2.0 */
/* worker: a lane's process: packets in, lines into its ring, and no right to anything
 * else. */
#include "sensor/worker.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "sensor/classify.h"
#include "sensor/flow_table.h"
#include "sensor/signals.h"
#include "sensor/worker_private.h"

enum { WAIT_MSEC = 1000 };

/* An older gap is not reported: records are kept no longer. */
#define GAP_MAX (30 * INSTANT_DAY)

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
		struct pollfd room = { ring_room_descriptor(ring), POLLIN, 0 };
		poll(&room, 1, WAIT_MSEC);
		ring_calm(room.fd);
	}
	return true;
}

/* record -> line -> ring */
static bool
pass_on(struct worker *worker, const struct record *record)
{
	const struct share *share = worker->share;
	const struct share_head head = { record->value[FIELD_TIMESTAMP].time.usec,
					 worker->order };

	worker->newest.usec = head.time;
	record_set_text(&worker->record, FIELD_SEKISHO_EPOCH, text_of(share->epoch));
	record_set_number(&worker->record, FIELD_SEKISHO_SEQ,
			  share->first_seq + ring_written(worker->task->link.ring));
	memcpy(worker->entry, &head, sizeof(head));
	size_t size = record_write(&worker->record, worker->task->key,
				   (char *)worker->entry + sizeof(head));
	return hand_on(worker, sizeof(head) + size);
}

static void
on_record(void *ctx, const struct record *record)
{
	struct worker *worker = ctx;
	bool is_coverage = record_event(record) == EVENT_COVERAGE;

	worker->record = *record;
	worker->tag = record_event(record) == EVENT_FLOW ||
				      record_event(record) == EVENT_FLOW_SUMMARY
			      ? SHARE_FLOW
			      : SHARE_EVIDENCE;
	if (is_coverage)
		carry_add(&worker->carry, &worker->record);
	bool is_kept = pass_on(worker, record);
	if (is_coverage && is_kept)
		worker->carry.holds = false;
	else if (is_coverage)
		carry_keep(&worker->carry, &worker->record);
}

/* A coverage record of our own: what of the time from 'start' to 'end' is lost. */
static void
describe_loss(const struct worker *worker, struct record *record, struct instant now,
	      struct instant start, struct instant end, const char *reason)
{
	static const enum field_id zeros[] = { FIELD_COVERAGE_OBSERVED,
					       FIELD_COVERAGE_PACKETS,
					       FIELD_COVERAGE_LOST_INTERFACE,
					       FIELD_COVERAGE_LOST_KERNEL,
					       FIELD_COVERAGE_LOST_WORKER };

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
void
worker_report_gap(struct worker *worker, struct instant now)
{
	int64_t last = worker->last;
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
void
worker_report_note(struct worker *worker, struct instant now)
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

/* Of a tap that another process reads the first lane tells; of a shared interface each
 * its own, and the first what the interface itself lost. */
static struct losses
count_losses(struct worker *worker)
{
	const struct worker_task *task = worker->task;
	const struct share *share = worker->share;
	struct losses sum = { .output = share->lost_output,
			      .worker = share->lost_worker };

	if (task->link.packets != NULL && task->lane == 0) {
		sum.offered = task->reading->offered;
		sum.kernel = task->reading->kernel;
		sum.interface = task->reading->interface;
		sum.astray = task->reading->astray;
	}
	for (size_t i = 0; i < task->capture_count; i++) {
		struct capture_losses one = { 0 };
		capture_losses(task->captures[i], &one);
		sum.offered += one.offered;
		sum.kernel += one.kernel;
		sum.interface += task->lane == 0 ? one.interface : 0;
	}
	return sum;
}

static void
report_losses(struct worker *worker)
{
	const struct losses now = count_losses(worker), *told = &worker->told;

	pipeline_lost(worker->pipeline,
		      &(struct pipeline_losses){
			      .interface = now.interface - told->interface,
			      .kernel = now.kernel - told->kernel,
			      .worker = now.worker - told->worker,
			      .output = now.output - told->output,
			      .astray = now.astray - told->astray,
			      .kernel_packets = now.offered - told->offered });
	worker->told = now;
}

/* For whoever looks from outside; a worker that follows another begins anew. */
static void
show_counts(struct worker *worker)
{
	struct pipeline_counters c = pipeline_counters(worker->pipeline);
	const uint64_t count[SHARE_SPOOL_BYTES] = {
		[SHARE_PACKETS] = c.packets,
		[SHARE_BYTES] = c.bytes,
		[SHARE_FLOWS] = c.flows,
		[SHARE_RECORDS] = c.records,
		[SHARE_INVALID] = c.invalid,
		[SHARE_EVICTED] = c.evicted,
		[SHARE_VIOLATIONS] = c.violations,
		[SHARE_LOST_INTERFACE] = worker->told.interface,
		[SHARE_LOST_KERNEL] = worker->told.kernel,
		[SHARE_LOST_WORKER] = worker->told.worker,
		[SHARE_LOST_OUTPUT] = worker->share->lost_output,
	};

	for (int i = 0; i < SHARE_SPOOL_BYTES; i++)
		worker->share->count[i] = count[i];
}

void
worker_tick(struct worker *worker, struct instant now)
{
	report_losses(worker);
	pipeline_tick(worker->pipeline, now);
	worker->share->last_tick = now.usec;
	show_counts(worker);
	worker_report_note(worker, now);
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
		 "interface %llu, by kernel %llu, before the worker %llu, by a full "
		 "ring %llu",
		 worker->task->lane, (unsigned long long)c.packets,
		 (unsigned long long)c.bytes, (unsigned long long)c.flows,
		 (unsigned long long)c.records, (unsigned long long)c.invalid,
		 (unsigned long long)c.not_ip, (unsigned long long)c.fragments,
		 (unsigned long long)c.evicted, (unsigned long long)c.violations,
		 (unsigned long long)worker->told.interface,
		 (unsigned long long)worker->told.kernel,
		 (unsigned long long)worker->told.worker,
		 (unsigned long long)worker->share->lost_output);
}

/* True when it is time to end. */
bool
worker_obey_signals(struct worker *worker)
{
	struct signals signals = signals_take();

	if (signals.counters)
		say_counters(worker);
	return signals.stop;
}

/* The limits are of all workers together. */
static int64_t
share_of(int64_t limit, int64_t workers)
{
	return (limit + workers - 1) / workers;
}

/* Entries of a worker's table: a number, or what fits into bytes if they are given. */
static uint32_t
most_of(int64_t number, int64_t bytes, int64_t workers, uint32_t (*fits)(uint64_t))
{
	uint32_t most = bytes > 0 ? fits((uint64_t)share_of(bytes, workers))
				  : (uint32_t)share_of(number, workers);

	return most > 0 ? most : 1;
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
		.flows_max = most_of(c->flows_max, c->flow_bytes, c->workers,
				     flow_table_fits),
		.undecided_max = most_of(c->undecided_max, c->undecided_bytes,
					 c->workers, classifier_fits),
		.stream_bytes_max = (uint64_t)share_of(c->stream_bytes_max, c->workers),
		.stream_flow_max = (uint32_t)c->stream_flow_max,
		.flow_budget = (uint32_t)share_of(c->flow_budget, c->workers),
		.defrag_max = (uint32_t)share_of(c->defrag_max, c->workers),
		.defrag_bytes_max = (uint64_t)share_of(c->defrag_bytes, c->workers),
		.defrag_timeout = c->defrag_timeout,
		.dns_version = c->dns_version == 0 ? 3 : 2,
		.tcp_new = c->tcp_new,
		.tcp_established = c->tcp_established,
		.tcp_closed = c->tcp_closed,
		.udp = c->udp,
		.other = c->other,
		.interim = c->interim,
		.checks_sums = c->checksums == CONFIG_CHECKSUMS_CHECK,
		.coverage_interval = c->coverage_interval,
		.tick_interval = c->tick_interval,
		.is_live = task->interface != NULL,
		.is_kernel_shared = config_has_fanout(c),
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
	worker->told.output = worker->share->lost_output;
	worker->told.worker = worker->share->lost_worker;
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
	for (int i = 0; i < PIPELINE_TABLES; i++)
		worker->share->memory[i] =
			pipeline_table_memory(worker->pipeline, (enum pipeline_table)i);
	worker->share->is_at_work = 1;
	int status = EXIT_CODE_OK;
	if (wait_until_ready(worker)) {
		worker->last = find_last(worker->share);
		status = worker->is_live ? worker_watch(worker)
					 : worker_read_files(worker);
		pipeline_finish(worker->pipeline);
		worker->share->done = worker->order;
	}
	pipeline_free(worker->pipeline);
	free(worker);
	return status;
}
