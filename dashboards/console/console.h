/* SPDX-License-Identifier: Apache-2.0 */
/* console: what main() makes and every route works with. */
#ifndef DASHBOARDS_CONSOLE_CONSOLE_H
#define DASHBOARDS_CONSOLE_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/calendar.h"
#include "common/settings.h"
#include "dashboards/console/http.h"
#include "dashboards/console/limit.h"
#include "dashboards/console/loop.h"
#include "dashboards/console/password.h"
#include "store/console_db.h"
#include "store/console_reads.h"

struct streams;

struct console_config {
	const char *listen, *store, *console_db, *web_root, *zone;
	bool may_listen_anywhere, prints_routes;
	struct words
		proxies; /* addresses whose X-Forwarded-For and -Proto are believed */
	int64_t idle, absolute; /* of a session, microseconds */
	int64_t connections, streams, streams_of_user;
};

struct console {
	struct console_config config;
	struct zone zone;
	struct loop *loop;
	struct http *http;
	struct console_db *db;
	struct console_reader *reader; /* NULL while there is no store */
	struct error no_reader;        /* why not, as logged */
	struct passwords *passwords;
	struct limiter *by_name, *by_address;
	struct streams *streams;
	int64_t audit_anchored; /* day whose audit head was logged last */
};

#endif
