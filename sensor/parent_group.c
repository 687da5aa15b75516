/* SPDX-License-Identifier: Apache-2.0 */
/* parent_group: workers and reader start together, and end together when one of them
 * dies. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "sensor/parent_private.h"

#define RETRY_LEAST (INSTANT_SECOND / 10)
#define RETRY_MOST  (5 * INSTANT_SECOND)
/* a group that lived so long is no failure at start */
#define STEADY      (10 * INSTANT_SECOND)

static int64_t
clock_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INSTANT_SECOND + now.tv_nsec / 1000;
}

int64_t
parent_mono(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

void
parent_put_off(int64_t *retry, int64_t *start_at, int64_t now)
{
	*retry = *retry == 0               ? RETRY_LEAST
		 : *retry * 2 < RETRY_MOST ? *retry * 2
					   : RETRY_MOST;
	*start_at = now + *retry;
}

void
parent_start_child(struct parent *parent, struct child *child)
{
	int64_t now = parent_mono();

	child->pid = fork();
	if (child->pid == 0)
		exit(parent_run_child(parent, child));
	if (child->pid == -1) {
		log_error("sensor", "cannot start the %s: %s", child->name,
			  strerror(errno));
		child->pid = 0;
		parent_put_off(&child->retry, &child->start_at, now);
		return;
	}
	child->started = now;
}

static bool
is_anyone_there(const struct group *group)
{
	for (uint32_t i = 0; i < group->count; i++)
		if (group->member[i].pid > 0)
			return true;
	return false;
}

/* What the members before left in what they shared; none of them runs. */
static void
forget(struct parent *parent)
{
	for (uint32_t i = 0; i < parent->lanes; i++) {
		struct link *link = &parent->link[i];

		link->share->is_at_work = 0;
		link->share->given = link->share->done = 0;
		if (link->packets != NULL)
			ring_reset(link->packets);
	}
	if (parent->reading != NULL)
		memset(parent->reading, 0, sizeof(*parent->reading));
}

static bool
open_anew(struct parent *parent)
{
	struct group *group = &parent->group;
	struct error err;

	if (parent_open_captures(parent, &err) == 0) {
		group->is_said = false;
		return true;
	}
	if (!group->is_said)
		log_error("sensor", "%s; trying again", err.text);
	group->is_said = true;
	parent_put_off(&group->retry, &group->start_at, parent_mono());
	return false;
}

static void
start(struct parent *parent)
{
	struct group *group = &parent->group;
	bool is_whole = true;

	forget(parent);
	if (!open_anew(parent))
		return;
	group->is_up = true;
	group->started = parent_mono();
	for (uint32_t i = 0; i < group->count; i++) {
		parent_start_child(parent, &group->member[i]);
		is_whole = is_whole && group->member[i].pid > 0;
	}
	/* the children's own now; held here, a dead one's ring would go on filling */
	parent_close_captures(parent);
	if (is_whole)
		return;
	parent_end_group(parent, SIGTERM);
	group->is_up = false;
	parent_put_off(&group->retry, &group->start_at, parent_mono());
}

void
parent_keep_group(struct parent *parent)
{
	struct group *group = &parent->group;

	for (uint32_t i = 0; i < parent->lanes; i++)
		if (group->member[i].pid > 0 &&
		    parent->link[i].share->state == SHARE_BROKEN)
			kill(group->member[i].pid, SIGKILL);
	if (!group->is_up && !parent->is_stopping && !is_anyone_there(group) &&
	    parent_mono() >= group->start_at)
		start(parent);
}

/* The reader first, if it lives: it hands over what it has, and then the end. */
void
parent_end_group(struct parent *parent, int number)
{
	struct group *group = &parent->group;
	const struct child *last = &group->member[group->count - 1];
	bool waits = last->kind == CHILD_READER && last->pid > 0 && number == SIGTERM;

	for (uint32_t i = waits ? group->count - 1 : 0; i < group->count; i++)
		if (group->member[i].pid > 0)
			kill(group->member[i].pid, number);
}

void
parent_renew_group(struct parent *parent)
{
	parent->group.is_up = false;
	parent->group.start_at = parent_mono();
	parent_end_group(parent, SIGTERM);
}

void
parent_group_lost(struct parent *parent, const struct child *child, int status,
		  bool follows)
{
	struct group *group = &parent->group;
	int64_t now = parent_mono();

	if (follows && group->is_up) {
		group->is_up = false;
		if (now - group->started >= STEADY)
			group->retry = 0;
		group->start_at = now;
		if (now - group->started < RETRY_MOST)
			parent_put_off(&group->retry, &group->start_at, now);
		parent_end_group(parent, SIGTERM);
	} else if (child->kind == CHILD_READER &&
		   (parent->is_stopping || !group->is_up ||
		    (status != EXIT_CODE_OK && status != EXIT_CODE_INCOMPLETE))) {
		parent_end_group(parent, SIGTERM);
	}
}

bool
parent_group_is_over(const struct parent *parent)
{
	const struct group *group = &parent->group;

	if (is_anyone_there(group))
		return false;
	if (parent->is_stopping)
		return true;
	for (uint32_t i = 0; i < group->count; i++)
		if (!group->member[i].is_done)
			return false;
	return true;
}
