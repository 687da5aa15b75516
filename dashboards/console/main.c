/* SPDX-License-Identifier: Apache-2.0 */
/* main: sekisho-console: HTTP API, live stream and web page over the store. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/exit_code.h"
#include "common/instant.h"
#include "common/log.h"
#include "dashboards/console/console.h"
#include "dashboards/console/routes.h"
#include "dashboards/console/selftest.h"
#include "dashboards/console/stream.h"

#define INTO(member) offsetof(struct console_config, member)
/* clang-format off */
static const struct setting table[] = {
	{ "Server", "listen", 'l', SETTING_TEXT, INTO(listen), .initial = "127.0.0.1:8640", .placeholder = "ADDRESS:PORT",
	  .key = "http.listen", .meaning = "where to listen; other than loopback only with --allow-direct" },
	{ "Server", "allow-direct", 0, SETTING_BOOL, INTO(may_listen_anywhere),
	  .key = "http.allow_direct", .meaning = "listen on other addresses too, without TLS and without a proxy that guards" },
	{ "Server", "proxy", 0, SETTING_WORDS, INTO(proxies), .placeholder = "ADDRESS",
	  .key = "http.proxy", .meaning = "proxies whose X-Forwarded-For and X-Forwarded-Proto are believed" },
	{ "Server", "connections", 0, SETTING_NUMBER, INTO(connections), .initial = "512", .least = 8, .most = 10000,
	  .key = "http.connections", .meaning = "connections at once; more are answered 503" },
	{ "Server", "web-root", 'w', SETTING_PATH, INTO(web_root), .placeholder = "DIR",
	  .key = "http.web_root", .meaning = "the web page's files; without it those installed, or of the source this runs from" },
	{ "Store", "store", 's', SETTING_PATH, INTO(store), .initial = "/var/lib/sekisho/store", .placeholder = "DIR",
	  .key = "store.directory", .meaning = "the correlator's store, which is only read" },
	{ "Store", "console-db", 'd', SETTING_PATH, INTO(console_db), .initial = "/var/lib/sekisho/console/console.db",
	  .placeholder = "FILE", .key = "store.console_db", .meaning = "users, workflow and audit" },
	{ "Store", "zone", 'z', SETTING_TEXT, INTO(zone), .initial = "Asia/Tokyo", .placeholder = "ZONE",
	  .key = "store.zone", .meaning = "zone in which days and months are cut, the policy's" },
	{ "Sessions", "idle", 0, SETTING_DURATION, INTO(idle), .initial = "30m", .least = INSTANT_SECOND, .most = 12 * INSTANT_HOUR,
	  .key = "session.idle", .meaning = "a session ends after so long without use" },
	{ "Sessions", "absolute", 0, SETTING_DURATION, INTO(absolute), .initial = "12h", .least = INSTANT_SECOND, .most = 7 * INSTANT_DAY,
	  .key = "session.absolute", .meaning = "a session ends after so long in any case" },
	{ "Stream", "streams", 0, SETTING_NUMBER, INTO(streams), .initial = "100", .least = 1, .most = 5000,
	  .key = "stream.total", .meaning = "live streams at once" },
	{ "Stream", "streams-of-user", 0, SETTING_NUMBER, INTO(streams_of_user), .initial = "6", .least = 1, .most = 5000,
	  .key = "stream.user", .meaning = "live streams of one user at once" },
	{ "Other", "print-routes", 0, SETTING_BOOL, INTO(prints_routes),
	  .meaning = "print every route with its permission and scope as JSON, and end" },
	{ 0 },
};
/* clang-format on */

static int
check(const void *into, struct error *err)
{
	const struct console_config *config = into;
	struct zone zone;

	if (!config->may_listen_anywhere && !http_is_loopback(config->listen))
		return error_set(
			err,
			"%s is no loopback address with a port; expected such as "
			"127.0.0.1:8640, or --allow-direct",
			config->listen);
	return zone_from_text(config->zone, &zone, err);
}

static const struct settings_program program = {
	.name = "sekisho-console",
	.purpose = "HTTP API, live stream and web page over a Sekisho store.",
	.arguments = "",
	.table = table,
	.check = check,
};

/* A store may come after us, and a query of ours that failed may have been a bad
 * moment. */
static void
on_second(void *ctx)
{
	struct console *console = ctx;
	struct error err;

	if (console->reader != NULL)
		return;
	console->reader = console_reader_open(console->config.store,
					      console->config.console_db, &err);
	if (console->reader != NULL) {
		log_info("console", "reads the store in %s", console->config.store);
	} else if (strcmp(err.text, console->no_reader.text) != 0) {
		log_warn("console", "waits for the store: %s", err.text);
		console->no_reader = err;
	}
}

/* The newest audit hash leaves the file once a day, so that rewriting the chain shows.
 */
static void
on_minute(void *ctx)
{
	struct console *console = ctx;
	int64_t now = loop_now(console->loop), today = now / INSTANT_DAY;
	struct audit_check audit;
	struct error err;

	if (console_db_expire_sessions(console->db, now - console->config.idle,
				       now - console->config.absolute, &err) == -1)
		log_warn("console", "%s", err.text);
	if (today == console->audit_anchored)
		return;
	console->audit_anchored = today;
	if (console_db_verify_audit(console->db, &audit, &err) == -1)
		log_error("console", "%s", err.text);
	else if (audit.first_bad != 0)
		log_error("console", "audit trail is broken at row %lld",
			  (long long)audit.first_bad);
	else
		log_info("console", "audit trail holds, %lld rows, head %s",
			 (long long)audit.rows, audit.head);
}

static void
on_end(void *ctx)
{
	loop_stop(ctx);
}

/* Next to the source when run from a build tree, else where it is installed. */
static const char *
find_web_root(char path[4096])
{
	static const char *const below[] = { "/../../dashboards/web/dist",
					     "/../share/sekisho/web" };
	char own[3072], index[4200];
	ssize_t size = readlink("/proc/self/exe", own, sizeof(own) - 1);

	own[size > 0 ? size : 0] = '\0';
	char *slash = strrchr(own, '/');
	if (slash != NULL)
		*slash = '\0';
	for (size_t i = 0; slash != NULL && i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(path, 4096, "%s%s", own, below[i]);
		snprintf(index, sizeof(index), "%s/index.html", path);
		if (access(index, R_OK) == 0)
			return path;
	}
	return "/usr/share/sekisho/web";
}

static struct limiter *
limiter_new(int tries, int64_t wait_first, int64_t wait_most)
{
	struct limiter *limiter = calloc(1, sizeof(*limiter));

	if (limiter == NULL)
		log_fatal("console", "no memory for limits");
	limiter->tries = tries;
	limiter->wait_first = wait_first;
	limiter->wait_most = wait_most;
	randombytes_buf(limiter->key, sizeof(limiter->key));
	return limiter;
}

static int
open_all(struct console *console, struct error *err)
{
	struct console_config *config = &console->config;

	if (zone_from_text(config->zone, &console->zone, err) == -1)
		return -1;
	console->db = console_db_open(config->console_db, err);
	if (console->db == NULL)
		return -1;
	console->loop = console_loop_new();
	console->passwords = passwords_new(console->loop);
	console->by_name = limiter_new(5, 12 * INSTANT_SECOND, INSTANT_MINUTE);
	console->by_address = limiter_new(20, 3 * INSTANT_SECOND, 15 * INSTANT_MINUTE);
	console->streams = streams_new();
	console->http =
		http_listen(console->loop, config->listen, (int)config->connections,
			    routes_handle, console, err);
	if (console->http == NULL)
		return -1;
	loop_every(console->loop, 200, streams_on_poll, console);
	loop_every(console->loop, 1000, on_second, console);
	loop_every(console->loop, 5000, streams_on_state, console);
	loop_every(console->loop, 15000, streams_on_beat, console);
	loop_every(console->loop, 60000, on_minute, console);
	loop_on_signal(console->loop, SIGTERM, on_end, console->loop);
	loop_on_signal(console->loop, SIGINT, on_end, console->loop);
	return 0;
}

static void
close_all(struct console *console)
{
	streams_free(console->streams);
	http_free(console->http);
	passwords_free(console->passwords);
	console_loop_free(console->loop);
	console_reader_close(console->reader);
	console_db_close(console->db);
	free(console->by_name);
	free(console->by_address);
}

static void
log_counters(const struct console *console)
{
	struct guard_counters guard = http_counters(console->http);
	struct stream_counters stream = streams_counters(console->streams);

	log_info("console",
		 "ends; connections %llu, refused requests %llu, over the deadline "
		 "%llu, over the "
		 "cap %llu; streams %llu, refused %llu, cut off %llu",
		 (unsigned long long)guard.connections,
		 (unsigned long long)guard.refused, (unsigned long long)guard.late,
		 (unsigned long long)guard.over, (unsigned long long)stream.opened,
		 (unsigned long long)stream.refused, (unsigned long long)stream.cut);
}

static int
serve(struct console *console)
{
	struct error err;

	if (open_all(console, &err) == -1) {
		log_error("console", "%s", err.text);
		return EXIT_CODE_ENVIRONMENT;
	}
	if (!selftest_run(console->loop, console->config.listen, console->http, &err)) {
		log_error("console", "%s", err.text);
		return EXIT_CODE_ENVIRONMENT;
	}
	on_second(console);
	on_minute(console);
	log_info("console", "listens on %s, port %u", console->config.listen,
		 http_port(console->http));
	console_loop_run(console->loop);
	log_counters(console);
	return EXIT_CODE_OK;
}

int
main(int argc, char **argv)
{
	struct console console = { 0 };
	struct settings settings = { 0 };
	char web_root[4096];
	int status = settings_read(&program, argc, argv, &console.config, &settings);

	signal(SIGPIPE, SIG_IGN);
	if (status == -1 && console.config.prints_routes) {
		routes_print(stdout);
		status = EXIT_CODE_OK;
	}
	if (console.config.web_root == NULL)
		console.config.web_root = find_web_root(web_root);
	if (status == -1) {
		status = serve(&console);
		close_all(&console);
	}
	settings_release(&settings);
	return status;
}
