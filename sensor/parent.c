/* SPDX-License-Identifier: Apache-2.0 */
/* parent: opens captures, forks the spool and a worker a lane, and puts them up again
 * when they fall. */
#include "sensor/parent.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "sensor/output.h"
#include "sensor/parent_private.h"
#include "sensor/worker.h"

#define RETRY_LEAST (INSTANT_SECOND / 10)
#define RETRY_MOST  (5 * INSTANT_SECOND)
#define STEADY \
	(10 * INSTANT_SECOND) /* a child that lived so long is no failure at start */
enum { LOOK_NSEC = 100 * 1000 * 1000 };

static int64_t
mono_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INSTANT_SECOND + now.tv_nsec / 1000;
}

/* In the child: who dies with its parent, and holds nothing of its brothers. */
static void
become_child(struct parent *parent, const struct child *child)
{
	pid_t before = parent->pid;

	if (child->is_worker) {
		/* ended in order when the parent is gone, so that flows are not lost */
		prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
		if (getppid() != before)
			raise(SIGTERM);
		close(parent->alive[0]);
	} else {
		close(parent->alive[1]);
	}
	for (uint32_t i = 0; i < parent->lanes; i++) {
		struct child *other = &parent->worker[i];
		if (other != child) {
			inputs_close(other->captures, other->capture_count);
			other->captures = NULL;
		}
	}
}

static int
run_worker(const struct parent *parent, const struct child *child)
{
	const struct worker_task task = {
		.config = parent->config,
		.key = parent->key,
		.link = parent->link[child->lane],
		.lane = child->lane,
		.interface = child->interface,
		.captures = child->captures,
		.capture_count = child->capture_count,
	};

	return worker_run(&task);
}

static int
run_sink(const struct parent *parent)
{
	const struct spooler_task task = {
		.config = parent->config,
		.links = parent->link,
		.lanes = parent->lanes,
		.alive = parent->alive[0],
		.output = parent->output,
	};

	return parent->config->output ? output_run(&task) : spooler_run(&task);
}

static void
put_off(struct child *child, int64_t now)
{
	child->retry = child->retry == 0               ? RETRY_LEAST
		       : child->retry * 2 < RETRY_MOST ? child->retry * 2
						       : RETRY_MOST;
	child->start_at = now + child->retry;
}

/* A capture is opened anew for each worker: the kernel's ring cannot be taken over half
 * read. */
static int
open_captures(struct parent *parent, struct child *child, struct error *err)
{
	if (!child->is_worker || child->captures != NULL)
		return 0;
	child->captures = inputs_open(parent->config, child->interface,
				      &child->capture_count, err);
	return child->captures == NULL ? -1 : 0;
}

static void
start(struct parent *parent, struct child *child)
{
	struct error err;
	int64_t now = mono_now();

	if (open_captures(parent, child, &err) == -1) {
		if (!child->is_said)
			log_error("sensor", "%s; trying again", err.text);
		child->is_said = true;
		put_off(child, now);
		return;
	}
	child->pid = fork();
	if (child->pid == 0) {
		become_child(parent, child);
		exit(child->is_worker ? run_worker(parent, child) : run_sink(parent));
	}
	/* the child's own now; held here, a dead worker's ring would go on filling */
	inputs_close(child->captures, child->capture_count);
	child->captures = NULL;
	if (child->pid == -1) {
		log_error("sensor", "cannot start the %s: %s", child->name,
			  strerror(errno));
		put_off(child, now);
		return;
	}
	child->is_said = false;
	child->started = now;
}

static bool
was_ready(const struct parent *parent, const struct child *child)
{
	if (child->is_worker)
		return parent->link[child->lane].share->memory > 0;
	return parent->link[0].share->state != SHARE_FRESH;
}

static void
stop(struct parent *parent, int status)
{
	int sent = parent->is_stopping ? SIGKILL : SIGTERM;

	if (parent->status == EXIT_CODE_OK)
		parent->status = status;
	for (uint32_t i = 0; i < parent->lanes; i++)
		if (parent->worker[i].pid > 0)
			kill(parent->worker[i].pid, sent);
	if (parent->sink.pid > 0)
		kill(parent->sink.pid, SIGTERM); /* waits for commits no longer */
	parent->is_stopping = true;
}

/* True if a new one shall follow it. */
static bool
shall_follow(const struct parent *parent, const struct child *child, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CODE_OK)
		return false;
	if (!was_ready(parent, child) && WIFEXITED(status))
		return false; /* it never began: so would the next */
	if (child->is_worker)
		return !parent->is_stopping && child->interface != NULL;
	if (WIFEXITED(status) && parent->is_closed)
		return false; /* done, but incomplete */
	return parent->config->output == NULL || WIFSIGNALED(status);
}

static void
say_end(const struct child *child, int status, bool is_followed)
{
	const char *then = is_followed ? "; starting a new one" : "";

	if (WIFSIGNALED(status))
		log_error("sensor", "the %s was ended by signal %d (%s)%s%s",
			  child->name, WTERMSIG(status), strsignal(WTERMSIG(status)),
			  WTERMSIG(status) == SIGSYS ? ": it did what it may not" : "",
			  then);
	else if (is_followed)
		log_error("sensor", "the %s ended with status %d%s", child->name,
			  WEXITSTATUS(status), then);
}

static void
bury(struct parent *parent, struct child *child, int status)
{
	int64_t now = mono_now();
	struct link *link = &parent->link[child->lane];
	bool follows = shall_follow(parent, child, status);

	child->pid = 0;
	say_end(child, status, follows);
	if (child->is_worker && link->share->state == SHARE_BROKEN) {
		ring_reset(link->ring);
		link->share->state = SHARE_FRESH;
	}
	if (follows) {
		if (now - child->started >= STEADY)
			child->retry = 0;
		child->start_at = now;
		if (now - child->started < RETRY_MOST)
			put_off(child, now);
		return;
	}
	child->is_done = true;
	if (WIFSIGNALED(status))
		stop(parent, EXIT_CODE_INCOMPLETE);
	else if (WEXITSTATUS(status) != EXIT_CODE_OK)
		stop(parent, WEXITSTATUS(status));
}

static void
reap(struct parent *parent)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == parent->sink.pid)
			bury(parent, &parent->sink, status);
		for (uint32_t i = 0; i < parent->lanes; i++)
			if (pid == parent->worker[i].pid)
				bury(parent, &parent->worker[i], status);
	}
}

static void
pass_signal(const struct parent *parent, int number)
{
	for (uint32_t i = 0; i < parent->lanes; i++)
		if (parent->worker[i].pid > 0)
			kill(parent->worker[i].pid, number);
	if (parent->sink.pid > 0)
		kill(parent->sink.pid, number);
}

static void
obey(struct parent *parent)
{
	const struct timespec wait = { 0, LOOK_NSEC };

	switch (sigtimedwait(&parent->signals, NULL, &wait)) {
	case SIGTERM:
	case SIGINT:
		stop(parent, EXIT_CODE_OK);
		break;
	case SIGUSR1:
		pass_signal(parent, SIGUSR1);
		break;
	case SIGHUP:
		pass_signal(parent, SIGHUP);
		break;
	default: /* SIGCHLD, or nothing came */
		break;
	}
}

static bool
is_over(const struct parent *parent)
{
	for (uint32_t i = 0; i < parent->lanes; i++)
		if (parent->worker[i].pid > 0 ||
		    (!parent->worker[i].is_done && !parent->is_stopping))
			return false;
	return true;
}

static void
keep_running(struct parent *parent, struct child *child)
{
	bool wanted = !child->is_done && (!child->is_worker || !parent->is_stopping);

	if (child->is_worker && child->pid > 0 &&
	    parent->link[child->lane].share->state == SHARE_BROKEN)
		kill(child->pid, SIGKILL);
	if (child->pid == 0 && wanted && mono_now() >= child->start_at)
		start(parent, child);
}

int
parent_supervise(struct parent *parent)
{
	while (!parent->is_closed || parent->sink.pid > 0 || !parent->sink.is_done) {
		keep_running(parent, &parent->sink);
		for (uint32_t i = 0; i < parent->lanes; i++)
			keep_running(parent, &parent->worker[i]);
		obey(parent);
		reap(parent);
		parent_greet(parent);
		if (!parent->is_closed && is_over(parent)) {
			close(parent->alive[1]); /* the sink's sign to finish */
			parent->is_closed = true;
		}
	}
	return parent->status;
}
