/* SPDX-License-Identifier: Apache-2.0 */
/* target: where an output goes: HOST:PORT, [ADDRESS]:PORT, or a URL. */
#ifndef CORRELATOR_NOTIFY_TARGET_H
#define CORRELATOR_NOTIFY_TARGET_H

#include <stdbool.h>

#include "common/error.h"

struct target {
	char host[256], port[8];
	char path[1024]; /* of a URL: with the query, from "/" on */
	bool is_tls;     /* https */
};

/* -1 with the reason. */
int target_parse(const char *text, struct target *target, struct error *err);
int target_parse_url(const char *url, struct target *target, struct error *err);

#endif
