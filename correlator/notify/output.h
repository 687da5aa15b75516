/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output: one way to tell of alerts: a row of outputs.c.
 *
 * To add one: a file with a 'send' function, a row in outputs.c, its settings
 * in notify.h.  A sender keeps nothing between two batches: it connects, tells,
 * makes sure that the other side has read, and says how many that holds for.
 */
#ifndef CORRELATOR_NOTIFY_OUTPUT_H
#define CORRELATOR_NOTIFY_OUTPUT_H

#include <stddef.h>

#include "correlator/notify/notice.h"

struct delivery {
	size_t done; /* the first so many of the batch are settled: received or refused
		      */
	size_t refused; /* of these, what the receiver will never take */
};

/* 0 if the whole batch is settled, else -1 with the reason; either way '*delivery'
 * holds. */
typedef int output_send(const struct notify_settings *settings,
			const struct notice *notice, size_t count,
			struct delivery *delivery, struct error *err);

struct output {
	const char *name;
	size_t setting; /* offset of the setting that asks for it */
	output_send *send;
	bool is_limited; /* token buckets hold: people or systems with limits read it */
	bool is_digest;  /* not oftener than mail_every */
};

extern const struct output notify_outputs[]; /* ends with name NULL */

output_send eve_send, stix_send, syslog_send, cef_send, webhook_send, mail_send;

/* The setting's value, or NULL if the output is not asked for. */
const char *output_target(const struct output *output,
			  const struct notify_settings *settings);

/* Runs one output for good; never returns. */
_Noreturn void follow_run(const struct output *output,
			  const struct notify_settings *settings, const char *store);

#endif
