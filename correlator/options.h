/* SPDX-License-Identifier: Apache-2.0 */
/* options: what sekisho-correlator can be told, as a table. */
#ifndef CORRELATOR_OPTIONS_H
#define CORRELATOR_OPTIONS_H

#include "common/settings.h"
#include "correlator/notify/notify.h"

struct options {
	const char *store, *socket, *inventory, *rules, *user;
	const char *listen, *certificate, *key, *ca, *revoked;
	const char *mappings, *anchors;
	struct words logs;
	struct notify_settings notify;
};

extern const struct setting correlator_settings[]; /* ends with { 0 } */

#endif
