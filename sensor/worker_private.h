/* SPDX-License-Identifier: Apache-2.0 */
/* worker_private: what worker.c (records out) and worker_read.c (packets in) hold
 * together. */
#ifndef SENSOR_WORKER_PRIVATE_H
#define SENSOR_WORKER_PRIVATE_H

#include "sensor/carry.h"
#include "sensor/describe.h"
#include "sensor/pipeline.h"
#include "sensor/worker.h"

/* Since the worker began, or longer: only differences are told. */
struct losses {
	uint64_t offered, kernel, interface, worker, output, astray;
};

struct worker {
	const struct worker_task *task;
	struct share *share;
	struct pipeline *pipeline;
	struct describer describer;
	bool is_live;
	bool is_over; /* the reader said the end */
	bool note_is_answered;
	uint64_t before;            /* where the entries of a worker before us end */
	int64_t last;               /* where that worker stopped; 0: there was none */
	struct instant newest;      /* time of the last record */
	struct losses told;         /* what coverage has */
	struct ring_cursor packets; /* in the reader's ring */
	uint64_t order; /* of the packet that is looked at now, by the reader */
	struct carry carry;
	enum share_tag tag; /* of the record that is written now */
	struct record record;
	uint8_t entry[SHARE_ENTRY_MAX];
};

/* --- worker_read.c: until it is time to end; the exit status --- */

int worker_watch(struct worker *worker);
int worker_read_files(struct worker *worker);

/* --- worker.c --- */

void worker_tick(struct worker *worker, struct instant now);
void worker_report_gap(struct worker *worker, struct instant now);
void worker_report_note(struct worker *worker, struct instant now);
/* True when it is time to end. */
bool worker_obey_signals(struct worker *worker);

#endif
