/* SPDX-License-Identifier: Apache-2.0 */
/* parent_start: what parent and children share is made, and rights are given up, before
 * the first fork. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exit_code.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "sensor/metrics.h"
#include "sensor/output.h"
#include "sensor/parent_private.h"

static const char service_user[] = "sekisho-sensor";

static void *
share_memory(size_t size)
{
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return shared == MAP_FAILED ? NULL : shared;
}

static int
make_link(struct link *link, const struct config *config, struct error *err)
{
	link->ring = ring_new((size_t)config->ring_bytes, err);
	if (link->ring == NULL)
		return -1;
	if (config_has_reader(config) &&
	    (link->packets = ring_new((size_t)config->packet_ring_bytes, err)) == NULL)
		return -1;
	link->share = share_memory(sizeof(struct share));
	return link->share == NULL ? error_errno(err, "cannot share memory") : 0;
}

static int
make_lanes(struct parent *parent, struct error *err)
{
	const struct config *config = parent->config;
	struct group *group = &parent->group;

	parent->lanes = (uint32_t)config->workers;
	for (uint32_t i = 0; i < parent->lanes; i++) {
		struct child *worker = &group->member[group->count++];

		*worker = (struct child){ .kind = CHILD_WORKER, .lane = i };
		snprintf(worker->name, sizeof(worker->name), "worker of lane %u", i);
		if (make_link(&parent->link[i], config, err) == -1)
			return -1;
	}
	if (config_has_reader(config)) {
		parent->reading = share_memory(sizeof(struct reading));
		if (parent->reading == NULL)
			return error_errno(err, "cannot share memory");
		group->member[group->count++] =
			(struct child){ .name = "reader", .kind = CHILD_READER };
	}
	return parent_open_captures(parent, err);
}

/* The user to become, or NULL to stay who we are. */
static const char *
find_user(const struct config *config)
{
	if (config->user != NULL || geteuid() != 0)
		return config->user;
	return sandbox_user_exists(service_user) ? service_user : NULL;
}

/* The spool's directory, if only its last part is missing; it is the service user's. */
static int
make_directory(const struct config *config, const char *user, struct error *err)
{
	const struct passwd *who = user ? getpwnam(user) : NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s", config->spool);
	const char *directory = dirname(path);
	if (mkdir(directory, 0750) == -1) {
		if (errno == EEXIST)
			return 0;
		return error_errno(err, "cannot make directory %s for the spool",
				   directory);
	}
	if (geteuid() == 0 && who != NULL &&
	    chown(directory, who->pw_uid, who->pw_gid) == -1)
		return error_errno(err, "cannot give directory %s to %s", directory,
				   user);
	return 0;
}

static int
open_output(struct parent *parent, const char *user, struct error *err)
{
	parent->output = -1;
	if (parent->config->output == NULL)
		return make_directory(parent->config, user, err);
	parent->output = output_open(parent->config->output, err);
	return parent->output == -1 ? -1 : 0;
}

/* Blocked before the first fork, so that none is missed; children let them through
 * again. */
static void
block_signals(struct parent *parent)
{
	static const int handled[] = { SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGCHLD };

	sigemptyset(&parent->signals);
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		sigaddset(&parent->signals, handled[i]);
	sigprocmask(SIG_BLOCK, &parent->signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int
give_up_rights(const struct parent *parent, const char *user, struct error *err)
{
	bool is_live = parent->config->interfaces.count > 0;

	if (geteuid() == 0 && user == NULL && is_live)
		log_warn("sensor",
			 "there is no user %s: staying root, without its rights",
			 service_user);
	if (sandbox_become(user, is_live, err) == -1)
		return -1;
	return sandbox_enter(SANDBOX_PARENT, NULL, NULL, err);
}

static int
prepare(struct parent *parent, struct error *err)
{
	const char *user = find_user(parent->config);

	if (user != NULL && !sandbox_user_exists(user))
		return error_set(err, "there is no user \"%s\"", user);
	if (make_lanes(parent, err) == -1 || open_output(parent, user, err) == -1)
		return -1;
	if (pipe2(parent->alive, O_CLOEXEC) == -1)
		return error_errno(err, "cannot make a pipe");
	parent->sink.kind = CHILD_SINK;
	snprintf(parent->sink.name, sizeof(parent->sink.name), "%s",
		 parent->config->output ? "output" : "spool");
	parent->notify = notify_open();
	parent->metrics = parent->config->metrics
				  ? metrics_listen(parent->config->metrics, err)
				  : -1;
	if (parent->config->metrics != NULL && parent->metrics == -1)
		return -1;
	umask(0027); /* records tell who talked with whom */
	block_signals(parent);
	return give_up_rights(parent, user, err);
}

static double
mebibytes(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void
list_tables(const uint64_t table[PIPELINE_TABLES], char *out, size_t room)
{
	size_t used = 0;

	for (int i = 0; i < PIPELINE_TABLES && used < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s %.1f",
					 i > 0 ? ", " : "",
					 pipeline_table_name((enum pipeline_table)i),
					 mebibytes(table[i]));
}

void
parent_greet(struct parent *parent)
{
	const struct config *c = parent->config;
	uint64_t table[PIPELINE_TABLES] = { 0 }, tables = 0, rings = 0;
	char each[256] = "";
	bool is_live = c->interfaces.count > 0;
	uint64_t kernel = is_live ? (uint64_t)c->buffer_bytes * c->interfaces.count : 0;

	for (uint32_t i = 0; i < parent->lanes; i++) {
		const struct link *link = &parent->link[i];
		if (!link->share->is_at_work || link->share->state != SHARE_READY)
			return;
		for (int t = 0; t < PIPELINE_TABLES; t++) {
			table[t] += link->share->memory[t];
			tables += link->share->memory[t];
		}
		rings += ring_size(link->ring);
		rings += link->packets ? ring_size(link->packets) : 0;
	}
	if (parent->is_greeted)
		return;
	parent->is_greeted = true;
	notify_say(&parent->notify, "READY=1");
	kernel *= config_has_fanout(c) ? parent->lanes : 1;
	list_tables(table, each, sizeof(each));
	log_info("sensor",
		 "%s at %s: %zu %s, %u worker(s)%s, into %s, epoch %s; memory: tables "
		 "%.1f MiB (%s), rings %.1f MiB, kernel buffers %.1f MiB, in all %.1f "
		 "MiB",
		 c->sensor, c->poi, is_live ? c->interfaces.count : c->files.count,
		 is_live ? "interface(s)" : "file(s)", parent->lanes,
		 parent->reading ? " and a reader" : "",
		 c->output ? c->output : c->spool, parent->link[0].share->epoch,
		 mebibytes(tables), each, mebibytes(rings), mebibytes(kernel),
		 mebibytes(tables + rings + kernel));
}

static void
release(struct parent *parent)
{
	if (parent->metrics != -1)
		unlink(parent->config->metrics);
	parent_close_captures(parent);
	for (uint32_t i = 0; i < parent->lanes; i++) {
		ring_free(parent->link[i].ring);
		ring_free(parent->link[i].packets);
		if (parent->link[i].share != NULL)
			munmap(parent->link[i].share, sizeof(struct share));
	}
	if (parent->reading != NULL)
		munmap(parent->reading, sizeof(struct reading));
}

int
parent_run(struct reload *reload, const struct pseudonym_key *key)
{
	const struct config *config = reload->config;
	struct parent parent = { .reload = reload,
				 .config = config,
				 .key = key,
				 .pid = getpid(),
				 .metrics = -1,
				 .notify = { .fd = -1 } };
	struct error err;
	int status;

	if (prepare(&parent, &err) == -1) {
		log_error("sensor", "%s", err.text);
		/* a file that is none is bad input; a right or device that is missing
		 * is not */
		status = config->files.count ? EXIT_CODE_INPUT : EXIT_CODE_ENVIRONMENT;
	} else {
		status = parent_supervise(&parent);
	}
	release(&parent);
	return status;
}
