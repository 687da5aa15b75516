/* SPDX-License-Identifier: Apache-2.0 */
/* parent_child: what a child is given: its captures, its CPU, and what it runs. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "sensor/output.h"
#include "sensor/parent_private.h"
#include "sensor/reader.h"
#include "sensor/worker.h"

static int
open_for(struct parent *parent, struct child *child, struct capture_group *group,
	 struct error *err)
{
	child->captures =
		inputs_open(parent->config, group, &child->capture_count, err);
	return child->captures == NULL ? -1 : 0;
}

/* Each worker's own of a shared interface; else those of the reader or only worker. */
int
parent_open_captures(struct parent *parent, struct error *err)
{
	struct group *group = &parent->group;
	struct capture_group shared = { .is_by_cpu = parent->config->share ==
						     CONFIG_SHARE_CPU };
	bool is_shared = config_has_fanout(parent->config);
	struct timespec now;

	if (group->member[group->count - 1].captures != NULL)
		return 0; /* at the start, before rights were given up */
	for (uint32_t i = is_shared ? 0 : group->count - 1; i < group->count; i++)
		if (open_for(parent, &group->member[i], is_shared ? &shared : NULL,
			     err) == -1) {
			parent_close_captures(parent);
			return -1;
		}
	clock_gettime(CLOCK_REALTIME, &now);
	group->since.usec =
		is_shared ? now.tv_sec * INSTANT_SECOND + now.tv_nsec / 1000 : 0;
	return 0;
}

void
parent_close_captures(struct parent *parent)
{
	for (uint32_t i = 0; i < parent->group.count; i++) {
		struct child *child = &parent->group.member[i];
		inputs_close(child->captures, child->capture_count);
		child->captures = NULL;
		child->capture_count = 0;
	}
}

/* Who dies with its parent, and holds nothing of its brothers. */
static void
become(struct parent *parent, const struct child *child)
{
	pid_t before = parent->pid;

	if (child->kind != CHILD_SINK) {
		/* ended in order when the parent is gone, so that flows are not lost */
		prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
		if (getppid() != before)
			raise(SIGTERM);
		close(parent->alive[0]);
	}
	if (child->kind != CHILD_WORKER)
		close(parent->alive[1]);
	for (uint32_t i = 0; i < parent->group.count; i++) {
		struct child *other = &parent->group.member[i];
		if (other != child) {
			inputs_close(other->captures, other->capture_count);
			other->captures = NULL;
		}
	}
}

/* The CPU of the list that the worker, or the reader behind the workers, shall stay on.
 */
static int
stay_on_cpu(const struct parent *parent, const struct child *child)
{
	const struct words *cpus = &parent->config->cpus;
	size_t place = child->kind == CHILD_READER ? parent->lanes : child->lane;
	cpu_set_t set;

	if (child->kind == CHILD_SINK || cpus->count == 0)
		return 0;
	const char *cpu = cpus->word[place % cpus->count];
	CPU_ZERO(&set);
	CPU_SET((size_t)strtoul(cpu, NULL, 10), &set);
	if (sched_setaffinity(0, sizeof(set), &set) == 0)
		return 0;
	log_error("sensor", "the %s cannot stay on CPU %s: %s", child->name, cpu,
		  errno == EINVAL ? "there is none" : "it is refused");
	return -1;
}

static int
run_worker(const struct parent *parent, const struct child *child)
{
	const struct worker_task task = {
		.config = parent->config,
		.key = parent->key,
		.link = parent->link[child->lane],
		.lane = child->lane,
		.interface = parent->config->tap,
		.captures = child->captures,
		.capture_count = child->capture_count,
		.reading = parent->reading,
		.since = parent->group.since,
	};

	return worker_run(&task);
}

static int
run_reader(const struct parent *parent, const struct child *child)
{
	const struct reader_task task = {
		.config = parent->config,
		.links = parent->link,
		.lanes = parent->lanes,
		.reading = parent->reading,
		.captures = child->captures,
		.capture_count = child->capture_count,
	};

	return reader_run(&task);
}

static int
run_sink(const struct parent *parent)
{
	const struct spooler_task task = {
		.config = parent->config,
		.links = parent->link,
		.lanes = parent->lanes,
		.reading = parent->reading,
		.alive = parent->alive[0],
		.output = parent->output,
	};

	return parent->config->output ? output_run(&task) : spooler_run(&task);
}

int
parent_run_child(struct parent *parent, const struct child *child)
{
	become(parent, child);
	if (stay_on_cpu(parent, child) == -1)
		return EXIT_CODE_ENVIRONMENT;
	switch (child->kind) {
	case CHILD_WORKER:
		return run_worker(parent, child);
	case CHILD_READER:
		return run_reader(parent, child);
	default:
		return run_sink(parent);
	}
}
