/* SPDX-License-Identifier: Apache-2.0 */
/* ledger: 'sekisho ledger key|seal|verify|retain': the access ledger's seals. */
#include "tool/ledger.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/calendar.h"
#include "common/exit_code.h"
#include "common/file.h"
#include "common/settings.h"
#include "correlator/seal/sealing.h"
#include "store/ledger.h"
#include "tool/place.h"

struct config {
	const char *store, *seals, *key, *public_key, *deliver, *zone;
	int64_t years;
};

#define INTO(member) offsetof(struct config, member)
/* clang-format off */
static const struct setting table[] = {
	{ "Ledger", "store", 's', SETTING_PATH, INTO(store), .initial = PLACE_STORE,
	  .placeholder = "DIR", .meaning = "the correlator's store" },
	{ "Ledger", "seals", 0, SETTING_PATH, INTO(seals), .placeholder = "DIR",
	  .meaning = "where the seals are; without it 'seals' in the store" },
	{ "Ledger", "deliver", 'd', SETTING_PATH, INTO(deliver), .placeholder = "DIR",
	  .meaning = "folder that leaves this host: seal copies there, verify compares with it" },
	{ "Ledger", "zone", 'z', SETTING_TEXT, INTO(zone), .initial = "Asia/Tokyo", .placeholder = "ZONE",
	  .meaning = "zone in which days are named" },
	{ "Ledger", "years", 0, SETTING_NUMBER, INTO(years), .initial = "6", .least = 1, .most = 100,
	  .meaning = "retain keeps so many years, of 365 days" },
	{ "Keys", "key", 'k', SETTING_PATH, INTO(key), .initial = PLACE_KEY,
	  .placeholder = "FILE", .meaning = "secret key, which key makes" },
	{ "Keys", "public-key", 0, SETTING_PATH, INTO(public_key), .placeholder = "FILE",
	  .meaning = "key to verify by; without it the secret key's name with .pub" },
	{ 0 },
};
/* clang-format on */

static const struct settings_program program = {
	.name = "sekisho ledger",
	.purpose =
		"key: makes the key pair if there is none and prints the public key.  "
		"seal: signs the days that are closed.  verify: finds what was "
		"changed since, and says which day; exit 1 if so.  retain: deletes "
		"the rows of sealed days that are too old, and seals that.",
	.arguments = "key|seal|verify|retain",
	.arguments_least = 1,
	.arguments_most = 1,
	.table = table,
	.has_no_file = true,
};

struct job {
	const struct config *config;
	struct sealing sealing;
	struct seals seals;
	struct signing_key key;
	char folder[4096], public_key[4096];
};

static int
complain(const struct error *err, int status)
{
	fprintf(stderr, "sekisho ledger: %s\n", err->text);
	return status;
}

static int64_t
now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	return (int64_t)at.tv_sec * INSTANT_SECOND + at.tv_nsec / 1000;
}

static int
run_key(struct job *job, struct error *err)
{
	struct public_key key;
	char *text;
	size_t size;

	if (access(job->config->key, F_OK) == -1 &&
	    signing_key_make(job->config->key, err) == -1)
		return complain(err, EXIT_CODE_ENVIRONMENT);
	if (public_key_load(job->public_key, &key, err) == -1 ||
	    file_read(job->public_key, 512, &text, &size, err) == -1)
		return complain(err, EXIT_CODE_INPUT);
	fwrite(text, 1, size, stdout);
	free(text);
	return EXIT_CODE_OK;
}

static int
deliver(const struct job *job, struct error *err)
{
	size_t copied;

	if (job->config->deliver == NULL)
		return EXIT_CODE_OK;
	if (seals_deliver(&job->seals, job->config->deliver, &copied, err) == -1)
		return complain(err, EXIT_CODE_ENVIRONMENT);
	printf("%zu seals delivered to %s\n", copied, job->config->deliver);
	return EXIT_CODE_OK;
}

static int
run_seal(struct job *job, struct error *err)
{
	size_t made;

	if (signing_key_load(job->config->key, &job->key, err) == -1)
		return complain(err, EXIT_CODE_INPUT);
	if (sealing_seal(&job->sealing, &job->seals, &job->key, &made, err) == -1)
		return complain(err, EXIT_CODE_ENVIRONMENT);
	printf("%zu seals made, %zu in all\n", made, job->seals.count);
	return deliver(job, err);
}

static int
run_retain(struct job *job, struct error *err)
{
	int64_t time;
	uint64_t dropped;

	if (signing_key_load(job->config->key, &job->key, err) == -1)
		return complain(err, EXIT_CODE_INPUT);
	if (store_find_time(job->sealing.store, &time, err) == -1)
		return complain(err, EXIT_CODE_ENVIRONMENT);
	time = time < job->sealing.now ? time : job->sealing.now;
	time = time == INT64_MIN ? time : time - job->config->years * 365 * INSTANT_DAY;
	if (sealing_drop(&job->sealing, &job->seals, &job->key, time, &dropped, err) ==
	    -1)
		return complain(err, EXIT_CODE_ENVIRONMENT);
	printf("%" PRIu64 " rows deleted\n", dropped);
	return deliver(job, err);
}

static void
on_finding(void *ctx, const char *day, const char *what)
{
	(void)ctx;
	printf("%s: %s\n", day, what);
}

static int
tell_result(const struct seal_check *check)
{
	printf("%" PRIu64 " sealed days with %" PRIu64 " rows hold", check->days,
	       check->rows);
	if (check->retained > 0)
		printf("; older rows were deleted by retention, %zu times",
		       check->retained);
	if (check->unsealed > 0)
		printf("; %zu closed days are not sealed yet", check->unsealed);
	printf("%s\n", check->findings > 0 ? "; the ledger was CHANGED" : "");
	if (check->findings > 0)
		return EXIT_CODE_NO;
	return check->unsealed > 0 ? EXIT_CODE_INCOMPLETE : EXIT_CODE_OK;
}

static int
run_verify(struct job *job, struct error *err)
{
	struct public_key key;
	struct seals delivered = { 0 };
	struct seal_check check = { .key = &key, .on_finding = on_finding };
	int status;

	if (public_key_load(job->public_key, &key, err) == -1)
		return complain(err, EXIT_CODE_INPUT);
	if (job->config->deliver != NULL) {
		if (seals_load(&delivered, job->config->deliver, err) == -1)
			return complain(err, EXIT_CODE_NO);
		check.delivered = &delivered;
	}
	if (sealing_verify(&job->sealing, &job->seals, &check, err) == -1)
		status = complain(err, EXIT_CODE_ENVIRONMENT);
	else
		status = tell_result(&check);
	seals_release(&delivered);
	return status;
}

static const struct action {
	const char *name;
	int (*run)(struct job *job, struct error *err);
	bool has_store;
	enum store_access access;
} actions[] = {
	{ "key", run_key, false, STORE_REPORT },
	{ "seal", run_seal, true, STORE_REPORT },
	{ "verify", run_verify, true, STORE_REPORT },
	{ "retain", run_retain, true, STORE_WRITE },
};

static int
run_action(struct job *job, const struct action *action, struct error *err)
{
	if (!action->has_store)
		return action->run(job, err);
	/* a seal that cannot be read is the answer of verify */
	if (seals_load(&job->seals, job->sealing.folder, err) == -1)
		return complain(err, EXIT_CODE_NO);
	job->sealing.store = store_open(job->config->store, action->access, err);
	if (job->sealing.store == NULL)
		return complain(err, EXIT_CODE_ENVIRONMENT);
	int status = action->run(job, err);
	signing_key_wipe(&job->key);
	store_close(job->sealing.store);
	return status;
}

static int
run(const struct config *config, const char *name)
{
	struct job job = { .config = config, .sealing.now = now() };
	struct error err;
	struct zone zone;
	size_t at = 0;

	while (at < sizeof(actions) / sizeof(actions[0]) &&
	       strcmp(actions[at].name, name) != 0)
		at++;
	if (at == sizeof(actions) / sizeof(actions[0])) {
		fprintf(stderr,
			"sekisho ledger: '%s' is no action; expected key, seal, verify "
			"or retain\n",
			name);
		return EXIT_CODE_USAGE;
	}
	if (zone_from_text(config->zone, &zone, &err) == -1)
		return complain(&err, EXIT_CODE_USAGE);
	snprintf(job.folder, sizeof(job.folder), "%s%s",
		 config->seals != NULL ? config->seals : config->store,
		 config->seals != NULL ? "" : "/seals");
	snprintf(job.public_key, sizeof(job.public_key), "%s%s",
		 config->public_key != NULL ? config->public_key : config->key,
		 config->public_key != NULL ? "" : ".pub");
	job.sealing.folder = job.folder;
	job.sealing.zone = zone.offset;
	int status = run_action(&job, &actions[at], &err);
	seals_release(&job.seals);
	return status;
}

int
command_ledger(int argc, char **argv)
{
	struct config config = { 0 };
	struct settings settings;
	int status = settings_read(&program, argc, argv, &config, &settings);

	if (status == -1)
		status = run(&config, settings.argument[0]);
	settings_release(&settings);
	return status;
}
