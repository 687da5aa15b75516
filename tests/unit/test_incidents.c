/* SPDX-License-Identifier: Apache-2.0 */
/* test_incidents: one event is one incident, in whatever order its alerts come. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlator/incidents.h"
#include "store/effects.h"
#include "store/incidents.h"

#define NOON (INT64_C(1764000000) * INSTANT_SECOND)

static const struct scope everybody = { .is_all = true };

struct made {
	const char *rule, *category, *client, *server, *server_partition;
	int minute;
};

static const struct made supplier[] = {
	{ "D-RDP", "detection", "supplier", "hospital-1", "region-a", 0 },
	{ "D-RDP", "detection", "supplier", "hospital-2", "region-a", 30 },
	{ "D-RDP", "detection", "supplier", "hospital-3", "region-b", 60 },
	{ "D-SMB", "detection", "hospital-3", "hospital-4", "region-b",
	  90 }, /* a victim acts */
	{ "D-SMB", "detection", "hospital-3", "hospital-5", "region-b", 100 },
	{ "CR-TLS", "requirement", "clinic-9", "base", "base",
	  110 }, /* has nothing to do with it */
	{ "D-RDP", "detection", "supplier", "hospital-6", "region-b",
	  60 * 7 + 31 }, /* long after */
};

enum { MADE = sizeof(supplier) / sizeof(supplier[0]) };

struct place {
	char directory[64];
	struct store *store;
	struct error err;
	uint64_t seq;
};

static void
open_place(struct place *place)
{
	*place = (struct place){ .directory = "/tmp/sekisho-incidents-XXXXXX" };
	assert_non_null(mkdtemp(place->directory));
	place->store = store_open(place->directory, STORE_TEMPORARY, &place->err);
	assert_non_null(place->store);
	assert_int_equal(store_begin(place->store, &place->err), 0);
}

static void
close_place(struct place *place)
{
	char command[96];

	store_close(place->store);
	snprintf(command, sizeof(command), "rm -r %s", place->directory);
	assert_int_equal(system(command), 0);
}

static void
put(struct place *place, const struct made *made)
{
	char id[128];
	int64_t first = NOON + made->minute * INSTANT_MINUTE;

	snprintf(id, sizeof(id), "%s %s %s", made->rule, made->client, made->server);
	struct alert_row row = { .seq = ++place->seq,
				 .id = id,
				 .rule = made->rule,
				 .category = made->category,
				 .severity = "high",
				 .title_ja = "",
				 .title_en = made->rule,
				 .sentence_ja = "",
				 .sentence_en = "",
				 .conditions = "[]",
				 .client = made->client,
				 .server = made->server,
				 .client_ip = "192.0.2.1",
				 .server_ip = "192.0.2.2",
				 .service = "",
				 .client_partition = "region-a",
				 .server_partition = made->server_partition,
				 .poi = "poi-east",
				 .vlan = "",
				 .community_id = "",
				 .episode = "open",
				 .disposition = "open",
				 .exception = "",
				 .first = first,
				 .last = first,
				 .count = 1,
				 .evidence = "[]",
				 .ruleset = "" };
	assert_int_equal(store_put_alert(place->store, &row, &place->err), 0);
	assert_int_equal(incidents_gather(place->store, first, &place->err), 0);
}

struct seen {
	size_t count;
	char text[512];
};

static bool
see(void *ctx, const struct incident_row *row)
{
	struct seen *seen = ctx;

	seen->count++;
	snprintf(seen->text, sizeof(seen->text),
		 "%s %s %s %llu alerts %llu rules %llu participants", row->id,
		 row->actor, row->severity, (unsigned long long)row->alerts,
		 (unsigned long long)row->rules, (unsigned long long)row->participants);
	return true;
}

static struct seen
incidents(struct place *place, const struct scope *scope)
{
	struct seen seen = { 0 };

	assert_int_not_equal(
		store_each_incident(place->store, scope, 10, see, &seen, &place->err),
		-1);
	return seen;
}

static void
a_supplier_and_its_hospitals_are_one_incident_in_any_order(void **state)
{
	struct place one, other;

	(void)state;
	open_place(&one);
	open_place(&other);
	for (size_t i = 0; i < MADE; i++) {
		put(&one, &supplier[i]);
		put(&other, &supplier[(i * 3 + 5) % MADE]);
	}
	struct seen a = incidents(&one, &everybody), b = incidents(&other, &everybody);
	assert_int_equal(a.count, 1);
	assert_non_null(
		strstr(a.text, " supplier high 5 alerts 2 rules 6 participants"));
	assert_int_equal(b.count, 1);
	assert_string_equal(a.text, b.text);
	const struct scope region_b = { .partition = "region-b" };
	struct seen theirs = incidents(&one, &region_b);
	assert_int_equal(theirs.count, 1);
	assert_non_null(strstr(theirs.text, " 3 alerts"));
	close_place(&one);
	close_place(&other);
}

static void
a_wave_of_one_detection_is_one_incident_and_single_breaches_are_none(void **state)
{
	static const struct made wave[] = {
		{ "D-DARK", "detection", "hospital-1", "base", "base", 0 },
		{ "D-DARK", "detection", "hospital-2", "base", "base", 10 },
		{ "D-DARK", "detection", "hospital-3", "base", "base", 20 },
		{ "D-DARK", "detection", "hospital-4", "base", "base", 60 },
		{ "CR-TLS", "requirement", "hospital-5", "base", "base", 0 },
		{ "CR-TLS", "requirement", "hospital-6", "base", "base", 1 },
	};
	struct place place;

	(void)state;
	open_place(&place);
	for (size_t i = 0; i < sizeof(wave) / sizeof(wave[0]); i++)
		put(&place, &wave[i]);
	struct seen seen = incidents(&place, &everybody);
	assert_int_equal(seen.count, 1);
	assert_non_null(strstr(seen.text, " 3 alerts 1 rules 4 participants"));
	close_place(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_supplier_and_its_hospitals_are_one_incident_in_any_order),
		cmocka_unit_test(
			a_wave_of_one_detection_is_one_incident_and_single_breaches_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
