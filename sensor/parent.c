/* SPDX-License-Identifier: Apache-2.0 */
/* parent: keeps the spool and the group of workers running, and obeys signals. */
#include "sensor/parent.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "sensor/metrics.h"
#include "sensor/parent_private.h"

/* a sink that lived so long is no failure at start */
#define STEADY (10 * INSTANT_SECOND)
enum { LOOK_NSEC = 100 * 1000 * 1000 };

static bool
was_ready(const struct parent *parent, const struct child *child)
{
	switch (child->kind) {
	case CHILD_WORKER:
		return parent->link[child->lane].share->is_at_work;
	case CHILD_READER:
		return parent->reading->is_at_work;
	default:
		return parent->link[0].share->state != SHARE_FRESH;
	}
}

static void
stop(struct parent *parent, int status)
{
	int sent = parent->is_stopping ? SIGKILL : SIGTERM;

	if (parent->status == EXIT_CODE_OK)
		parent->status = status;
	notify_say(&parent->notify, "STOPPING=1");
	parent_end_group(parent, sent);
	if (parent->sink.pid > 0)
		kill(parent->sink.pid, SIGTERM); /* waits for commits no longer */
	parent->is_stopping = true;
}

/* True if a new one shall follow it. */
static bool
shall_follow(const struct parent *parent, const struct child *child, int status)
{
	bool is_failure = !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_CODE_OK;
	bool is_member = child->kind != CHILD_SINK;

	/* one whose group is given up ends in order, and comes again with it */
	if (is_member && parent->config->interfaces.count > 0 && !parent->is_stopping &&
	    !parent->group.is_up)
		return true;
	if (!is_failure || (!was_ready(parent, child) && WIFEXITED(status)))
		return false; /* what never began would not begin the next time */
	if (is_member)
		return !parent->is_stopping && parent->config->interfaces.count > 0;
	if (WIFEXITED(status) && parent->is_closed)
		return false; /* done, but incomplete */
	return parent->config->output == NULL || WIFSIGNALED(status);
}

static void
say_end(const struct parent *parent, const struct child *child, int status,
	bool is_followed)
{
	bool is_group = child->kind != CHILD_SINK && parent->group.count > 1;
	const char *then = !is_followed ? ""
			   : is_group   ? "; starting all workers anew"
					: "; starting a new one";

	if (WIFSIGNALED(status))
		log_error("sensor", "the %s was ended by signal %d (%s)%s%s",
			  child->name, WTERMSIG(status), strsignal(WTERMSIG(status)),
			  WTERMSIG(status) == SIGSYS ? ": it did what it may not" : "",
			  then);
	else if (is_followed && WEXITSTATUS(status) != EXIT_CODE_OK)
		log_error("sensor", "the %s ended with status %d%s", child->name,
			  WEXITSTATUS(status), then);
}

/* A reader of a damaged file has handed over what stood before: workers go on. */
static void
end_for_good(struct parent *parent, struct child *child, int status)
{
	int result = WIFSIGNALED(status) ? EXIT_CODE_INCOMPLETE : WEXITSTATUS(status);
	bool goes_on = child->kind == CHILD_READER && result == EXIT_CODE_INCOMPLETE;

	child->is_done = true;
	if (result == EXIT_CODE_OK)
		return;
	if (!goes_on && !parent->is_stopping)
		stop(parent, result);
	else if (parent->status == EXIT_CODE_OK)
		parent->status = result;
}

static void
bury(struct parent *parent, struct child *child, int status)
{
	struct link *link = &parent->link[child->lane];
	bool follows = shall_follow(parent, child, status);

	child->pid = 0;
	say_end(parent, child, status, follows);
	if (child->kind == CHILD_WORKER && link->share->state == SHARE_BROKEN) {
		ring_reset(link->ring);
		link->share->state = SHARE_FRESH;
	}
	if (!follows)
		end_for_good(parent, child, status);
	if (child->kind != CHILD_SINK)
		parent_group_lost(parent, child,
				  WIFEXITED(status) ? WEXITSTATUS(status) : -1,
				  follows);
	else if (follows)
		parent_put_off(&child->retry, &child->start_at, parent_mono());
}

static void
reap(struct parent *parent)
{
	struct group *group = &parent->group;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == parent->sink.pid)
			bury(parent, &parent->sink, status);
		for (uint32_t i = 0; i < group->count; i++)
			if (pid == group->member[i].pid)
				bury(parent, &group->member[i], status);
	}
}

static void
pass_signal(const struct parent *parent, int number)
{
	for (uint32_t i = 0; i < parent->lanes; i++)
		if (parent->group.member[i].pid > 0)
			kill(parent->group.member[i].pid, number);
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
		if (parent->config->interfaces.count > 0 && !parent->is_stopping &&
		    reload_settings(parent->reload))
			parent_renew_group(parent);
		break;
	default: /* SIGCHLD, or nothing came */
		break;
	}
}

static void
keep_sink(struct parent *parent)
{
	struct child *sink = &parent->sink;
	int64_t now = parent_mono();

	if (sink->pid > 0 && now - sink->started >= STEADY)
		sink->retry = 0;
	if (sink->pid == 0 && !sink->is_done && now >= sink->start_at)
		parent_start_child(parent, sink);
}

int
parent_supervise(struct parent *parent)
{
	const struct metrics_source source = { parent->link, parent->lanes,
					       parent->config->sensor,
					       parent->config->poi };

	while (!parent->is_closed || parent->sink.pid > 0 || !parent->sink.is_done) {
		keep_sink(parent);
		parent_keep_group(parent);
		obey(parent);
		reap(parent);
		parent_greet(parent);
		parent_show_life(parent);
		if (parent->metrics != -1)
			metrics_serve(parent->metrics, &source);
		if (!parent->is_closed && parent_group_is_over(parent)) {
			close(parent->alive[1]); /* the sink's sign to finish */
			parent->is_closed = true;
		}
	}
	return parent->status;
}
