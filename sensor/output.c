/* SPDX-License-Identifier: Apache-2.0 */
/* output: the process that writes EVE lines to a file instead of a spool. */
#include "sensor/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "sensor/signals.h"

enum { BUFFER_SIZE = 1 << 20 };

static const char no_epoch[] = "0000000000000000";

struct output {
	const struct spooler_task *task;
	int fd;
	bool is_closing, merges;
	size_t used;
	struct ring_cursor cursor[CONFIG_LANES_MAX];
	bool waits_for_lanes; /* entries stand there whose turn may not have come */
	char buffer[BUFFER_SIZE];
};

int
output_open(const char *path, struct error *err)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return STDOUT_FILENO;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd == -1)
		return error_errno(err, "cannot write %s", path);
	return fd;
}

static void
make_ready(struct output *output, uint32_t lane)
{
	struct share *share = output->task->links[lane].share;

	if (share->state != SHARE_FRESH)
		return;
	output->cursor[lane] = ring_start(output->task->links[lane].ring);
	memcpy(share->epoch, no_epoch, sizeof(share->epoch));
	share->first_seq = 1;
	share->state = SHARE_READY;
}

/* Moves an entry to the buffer.  False if no worker of ours wrote it. */
static bool
add(struct output *output, const struct ring_entry *entry)
{
	if (entry->size <= sizeof(struct share_head) || entry->size > SHARE_ENTRY_MAX)
		return false;
	size_t size = entry->size - sizeof(struct share_head);
	memcpy(output->buffer + output->used, entry->data + sizeof(struct share_head),
	       size);
	output->used += size;
	output->buffer[output->used++] = '\n';
	return true;
}

static bool
has_room(const struct output *output)
{
	return output->used + SHARE_ENTRY_MAX <= BUFFER_SIZE;
}

/* False if the ring is damaged. */
static bool
take(struct output *output, uint32_t lane)
{
	struct ring *ring = output->task->links[lane].ring;
	struct ring_entry entry;
	enum ring_result found = RING_EMPTY;

	while (has_room(output) &&
	       (found = ring_next(ring, &output->cursor[lane], &entry)) == RING_ENTRY)
		if (!add(output, &entry))
			return false;
	return found != RING_DAMAGED;
}

static void
give_up(const struct output *output, uint32_t lane)
{
	log_error("output",
		  "lane %u: its ring holds what no worker writes; the worker is ended",
		  lane);
	output->task->links[lane].share->state = SHARE_BROKEN;
}

/* Lanes whose workers read different things: each as it comes. */
static void
take_all(struct output *output)
{
	for (uint32_t i = 0; i < output->task->lanes; i++)
		if (output->task->links[i].share->state == SHARE_READY &&
		    !take(output, i))
			give_up(output, i);
}

/*
 * The lane's next entry and the order of the packet that brought it about; or,
 * if there is none, up to which order none will come.  What is asked first and
 * last matters: what was read before is given out, what is done is written.
 */
static bool
peek(const struct output *output, uint32_t lane, struct ring_entry *entry,
     uint64_t *order)
{
	const struct link *link = &output->task->links[lane];
	struct ring_cursor cursor = output->cursor[lane];
	uint64_t read = output->task->reading->order;
	uint64_t given = link->share->given, done = link->share->done;
	struct share_head head;

	if (link->share->state == SHARE_READY &&
	    ring_next(link->ring, &cursor, entry) == RING_ENTRY &&
	    entry->size > sizeof(head)) {
		memcpy(&head, entry->data, sizeof(head));
		*order = head.order;
		return true;
	}
	*order = output->is_closing             ? UINT64_MAX
		 : done >= given && read > done ? read
						: done;
	return false;
}

/*
 * Lanes of one capture: records in the order of the packets that brought them
 * about, those of a mark of time and of the end by lane.  So a capture gives
 * the same lines each time, whoever was faster.
 */
static void
merge(struct output *output)
{
	struct ring_entry entry, first = { 0 };

	output->waits_for_lanes = false;
	while (has_room(output)) {
		uint64_t least = UINT64_MAX, bound = UINT64_MAX, order;
		uint32_t lane = UINT32_MAX;

		for (uint32_t i = 0; i < output->task->lanes; i++) {
			bool is_there = peek(output, i, &entry, &order);
			if (!is_there && order < bound)
				bound = order;
			if (is_there && (lane == UINT32_MAX || order < least)) {
				least = order;
				lane = i;
				first = entry;
			}
		}
		output->waits_for_lanes = lane != UINT32_MAX && least > bound;
		if (lane == UINT32_MAX || least > bound)
			return;
		if (!add(output, &first)) {
			give_up(output, lane);
			return;
		}
		ring_next(output->task->links[lane].ring, &output->cursor[lane],
			  &first);
	}
}

static int
write_out(struct output *output, struct error *err)
{
	for (size_t done = 0; done < output->used;) {
		ssize_t wrote =
			write(output->fd, output->buffer + done, output->used - done);
		if (wrote == -1 && errno != EINTR)
			return error_errno(err, "cannot write %s",
					   output->task->config->output);
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	output->used = 0;
	for (uint32_t i = 0; i < output->task->lanes; i++)
		ring_release(output->task->links[i].ring, output->cursor[i]);
	return 0;
}

/* How many bytes were written, or -1. */
static ssize_t
pass_on(struct output *output, struct error *err)
{
	for (uint32_t i = 0; i < output->task->lanes; i++)
		make_ready(output, i);
	if (output->merges)
		merge(output);
	else
		take_all(output);
	ssize_t size = (ssize_t)output->used;
	return write_out(output, err) == -1 ? -1 : size;
}

static void
wait_for_work(struct output *output)
{
	struct pollfd wanted[CONFIG_LANES_MAX + 1];
	uint32_t lanes = output->task->lanes;

	for (uint32_t i = 0; i < lanes; i++) {
		struct ring *ring = output->task->links[i].ring;
		wanted[i] = (struct pollfd){ ring_data_descriptor(ring), POLLIN, 0 };
		if (!output->waits_for_lanes &&
		    ring_want_data(ring, output->cursor[i], 1))
			return;
	}
	wanted[lanes] =
		(struct pollfd){ output->is_closing ? -1 : output->task->alive, 0, 0 };
	/* that a lane is done with what it was given wakes nobody */
	poll(wanted, lanes + 1, output->waits_for_lanes ? 1 : 100);
	for (uint32_t i = 0; i < lanes; i++)
		if (wanted[i].revents)
			ring_calm(wanted[i].fd);
	if (wanted[lanes].revents & POLLHUP)
		output->is_closing = true;
}

static int
reopen(struct output *output, struct error *err)
{
	int fd = output_open(output->task->config->output, err);

	if (fd == -1)
		return -1;
	if (output->fd != STDOUT_FILENO)
		close(output->fd);
	output->fd = fd;
	return 0;
}

static int
run(struct output *output, struct error *err)
{
	for (;;) {
		struct signals signals = signals_take();
		bool was_closing = output->is_closing;
		if (signals.reopen && reopen(output, err) == -1)
			return -1;
		ssize_t size = pass_on(output, err);
		if (size == -1)
			return -1;
		/* only a look after the end was seen has seen all */
		if (size == 0 && was_closing)
			return 0;
		if (size == 0)
			wait_for_work(output);
	}
}

int
output_run(const struct spooler_task *task)
{
	struct output *output = calloc(1, sizeof(*output));
	char copy[512];
	struct error err = { "no memory for the output" };
	int result = -1;

	signals_watch();
	snprintf(copy, sizeof(copy), "%s", task->config->output);
	const char *const directories[] = { dirname(copy), NULL };
	if (output != NULL &&
	    sandbox_enter(SANDBOX_SPOOL, directories, NULL, &err) == 0) {
		output->task = task;
		output->fd = task->output;
		output->merges = task->reading != NULL && task->config->files.count > 0;
		for (uint32_t i = 0; i < task->lanes; i++)
			output->cursor[i] = ring_start(task->links[i].ring);
		result = run(output, &err);
	}
	if (result == -1)
		log_error("output", "%s", err.text);
	free(output);
	return result == -1 ? EXIT_CODE_ENVIRONMENT : EXIT_CODE_OK;
}
