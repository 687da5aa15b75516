/* SPDX-License-Identifier: Apache-2.0 */
/* parent_private: what parent.c (who runs) and parent_start.c (what they share) hold together. */
#ifndef SENSOR_PARENT_PRIVATE_H
#define SENSOR_PARENT_PRIVATE_H

#include <signal.h>
#include <sys/types.h>

#include "sensor/inputs.h"
#include "sensor/parent.h"
#include "sensor/share.h"

struct child {
	char name[32]; /* for messages */
	pid_t pid;     /* 0: it does not run */
	bool is_worker;
	bool is_done; /* and no other shall follow */
	bool is_said; /* that it cannot be started */
	int64_t started, start_at, retry;
	uint32_t lane;
	const char *interface; /* NULL: files */
	struct capture **captures; /* opened for the next worker, or NULL */
	size_t capture_count;
};

struct parent {
	const struct config *config;
	const struct pseudonym_key *key;
	pid_t pid;
	uint32_t lanes;
	struct link link[CONFIG_LANES_MAX];
	struct child worker[CONFIG_LANES_MAX];
	struct child sink; /* spooler or output */
	int alive[2];      /* workers hold its write end too */
	int output;
	sigset_t signals;
	bool is_stopping; /* workers were told to finish */
	bool is_closed;   /* none is left who writes */
	bool is_greeted;
	int status;
};

int parent_supervise(struct parent *parent);
/* Says once, when all are at work, what is watched and how much memory it takes. */
void parent_greet(struct parent *parent);

#endif
