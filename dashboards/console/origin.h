/* SPDX-License-Identifier: Apache-2.0 */
/*
 * origin: where a request comes from: whose address, over TLS or not, sent by our page
 * or by another site's.
 */
#ifndef DASHBOARDS_CONSOLE_ORIGIN_H
#define DASHBOARDS_CONSOLE_ORIGIN_H

#include <stdbool.h>

#include "dashboards/console/console.h"

/* X-Forwarded-For (its last address) and -Proto count only if the peer is a configured
 * proxy. */
void origin_of(const struct console *console, const struct http_request *request,
	       char address[64], bool *is_https);
/*
 * NULL for an unsafe request that our own page sent, else what speaks against
 * it: "site" (Sec-Fetch-Site, or without it Origin, is another), "type" (no
 * JSON), "header" (no X-Sekisho).
 */
const char *origin_refuses(const struct http_request *request, bool is_https);

#endif
