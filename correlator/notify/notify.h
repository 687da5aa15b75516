/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify: tells the world outside of alerts: files, syslog, CEF, webhook, mail, STIX.
 *
 * A process an output, which follows the store by position and reads it only.
 * So whatever a receiver does, detection does not notice: what is not told yet
 * is a backlog in the store.  Delivery is at least once, keyed by the alert's
 * id and the transition's number.
 */
#ifndef CORRELATOR_NOTIFY_NOTIFY_H
#define CORRELATOR_NOTIFY_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/settings.h"

struct store;

struct notify_settings {
	const char *eve, *stix;       /* a file; a directory */
	const char *syslog, *cef;     /* HOST:PORT, by TLS */
	const char *webhook;          /* http:// or https:// */
	const char *webhook_key;      /* file whose bytes sign */
	const char *mail, *mail_from; /* HOST:PORT of a relay */
	struct words mail_to;
	int64_t mail_every; /* microseconds */
	const char *ca, *certificate, *key;
	const char *console;   /* base of links, or NULL */
	int least;             /* index of notify_severities */
	int language;          /* of notify_languages */
	int64_t burst, refill; /* notices; microseconds until one more */
};

extern const char *const notify_severities[]; /* info, low, ... NULL */
extern const char *const notify_languages[];  /* ja, en, NULL */

/* What no single setting says: addresses, files that must be there. */
int notify_check(const struct notify_settings *settings, struct error *err);
/*
 * Starts the outputs' processes; they wait for notify_begin.  To be called
 * while nothing is open that a child must not have.  They end with the caller.
 */
int notify_start(const struct notify_settings *settings, const char *store,
		 struct error *err);
/* The store is there: outputs that are new begin behind what it holds. */
int notify_begin(const struct notify_settings *settings, struct store *store,
		 const char *directory, struct error *err);

#endif
