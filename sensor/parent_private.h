/* SPDX-License-Identifier: Apache-2.0 */
/* parent_private: what parent.c (who runs) and parent_start.c (what they share) hold together. */
#ifndef SENSOR_PARENT_PRIVATE_H
#define SENSOR_PARENT_PRIVATE_H

#include <signal.h>
#include <sys/types.h>

#include "common/notify.h"
#include "sensor/inputs.h"
#include "sensor/parent.h"
#include "sensor/reload.h"
#include "sensor/share.h"

enum child_kind { CHILD_WORKER, CHILD_READER, CHILD_SINK };

struct child {
	char name[32]; /* for messages */
	pid_t pid;     /* 0: it does not run */
	enum child_kind kind;
	bool is_done; /* and no other shall follow */
	bool is_said; /* that it cannot be started */
	int64_t started, start_at, retry;
	uint32_t lane;
	struct capture **captures; /* opened for the next, or NULL */
	size_t capture_count;
};

/*
 * Who reads packets: the workers, and the reader if there is one.  They start
 * together and, when one dies, end together: its flows would move.
 */
struct group {
	uint32_t count; /* of members; workers are 0 to lanes - 1 */
	struct child member[CONFIG_LANES_MAX + 1];
	bool is_up;
	bool is_said; /* that its captures cannot be opened */
	int64_t started, start_at, retry;
	struct instant since; /* when the last capture had joined */
};

/* Whether live workers go on: systemd hears of it as long as they do. */
struct health {
	int64_t said;                       /* when, monotonic */
	int64_t tick[CONFIG_LANES_MAX];     /* last seen of each lane, */
	int64_t moved_at[CONFIG_LANES_MAX]; /* and when it was another */
};

struct parent {
	struct reload *reload;
	const struct config *config; /* the reload's */
	const struct pseudonym_key *key;
	pid_t pid;
	uint32_t lanes;
	struct link link[CONFIG_LANES_MAX];
	struct reading *reading; /* shared; NULL: no reader */
	struct group group;
	struct child sink; /* spooler or output */
	int alive[2];      /* workers hold its write end too */
	int output;
	int metrics;       /* listens; -1: nobody wants them */
	struct notify notify;
	struct health health;
	sigset_t signals;
	bool is_stopping; /* workers were told to finish */
	bool is_closed;   /* none is left who writes */
	bool is_greeted;
	int status;
};

int parent_supervise(struct parent *parent);
/* Tells the service manager that all is well, if it is and he asks. */
void parent_show_life(struct parent *parent);
/* Opens what the group reads; closed again by the parent as soon as it is handed on. */
int parent_open_captures(struct parent *parent, struct error *err);
void parent_close_captures(struct parent *parent);
/* In the child: what of it was forked runs, and its exit status. */
int parent_run_child(struct parent *parent, const struct child *child);

/* --- parent_group.c --- */

int64_t parent_mono(void);
/* Who dies, and when to try again; 'retry' is what to wait next. */
void parent_put_off(int64_t *retry, int64_t *start_at, int64_t now);
void parent_start_child(struct parent *parent, struct child *child);
/* Starts the group if none of it runs, it is time, and it shall run. */
void parent_keep_group(struct parent *parent);
/* A member ended; 'follows': another shall be in its place. */
void parent_group_lost(struct parent *parent, const struct child *child, int status,
		       bool follows);
/* Its members end in order and start anew. */
void parent_renew_group(struct parent *parent);
void parent_end_group(struct parent *parent, int number);
bool parent_group_is_over(const struct parent *parent);
/* Says once, when all are at work, what is watched and how much memory it takes. */
void parent_greet(struct parent *parent);

#endif
