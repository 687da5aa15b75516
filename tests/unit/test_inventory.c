/* SPDX-License-Identifier: Apache-2.0 */
/* test_inventory: whose an address is, where and when; and what an inventory must not
 * say. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "correlator/inventory/inventory.h"

#define HEAD "format: inventory/1\n"
#define BASICS                                                                         \
	HEAD "regions:\n- {id: ra, title: {ja: あ, en: A}}\n- {id: rb, title: {ja: "  \
	     "い, en: B}}\n"                                                          \
	     "pois:\n- {id: east, title: {ja: 東, en: E}}\n- {id: west, title: {ja: " \
	     "西, en: W}}\n"
#define WHO(id, partition)                                   \
	"- {id: " id ", kind: clinic, partition: " partition \
	", title: {ja: x, en: x}}\n"

static const char sample[] = BASICS "participants:\n" WHO("p1", "ra") WHO("p2", "rb")
	WHO("p3", "ra") "- {id: old, kind: clinic, partition: ra, title: {ja: x, en: "
			"x}, valid: {to: 2026-04-01}}\n"
			"- {id: new, kind: clinic, partition: ra, title: {ja: x, en: "
			"x}, valid: {from: 2026-04-01}}\n"
			"- {id: base, kind: base, partition: base, title: {ja: 基盤, "
			"en: Base}, kana: キバン, code: '1'}\n"
			"lines:\n"
			"- {id: l1, kind: ip_vpn, participant: p1, poi: east, "
			"prefixes: [10.0.0.0/8, '2001:db8:1::/48']}\n"
			"- {id: l2, kind: ip_vpn, participant: p2, poi: west, also_at: "
			"east, prefixes: 10.1.0.0/16}\n"
			"- {id: l3, kind: dedicated, participant: p3, poi: east, vlan: "
			"100, prefixes: [10.1.2.0/24]}\n"
			"- {id: l4, kind: dedicated, participant: p1, poi: east, vlan: "
			"[100, 20], prefixes: [10.0.0.0/8]}\n"
			"- {id: l5, kind: ip_vpn, participant: old, poi: east, "
			"prefixes: [192.168.0.0/24]}\n"
			"- {id: l6, kind: ip_vpn, participant: new, poi: east, "
			"prefixes: [192.168.0.0/24]}\n"
			"- {id: l7, kind: base, participant: base, poi: west, "
			"prefixes: [172.16.0.0/12]}\n"
			"- {id: l8, kind: ip_vpn, participant: p3, poi: west, "
			"prefixes: ['::/0']}\n"
			"services:\n"
			"- {id: any, kind: portal_x, at: base, title: {ja: x, en: x}, "
			"prefixes: [172.16.0.1]}\n"
			"- {id: web, kind: xca, at: base, title: {ja: x, en: x}, "
			"prefixes: [172.16.0.1], ports: [tcp/443, tcp/8000-8010]}\n"
			"- {id: name, kind: dns, at: base, title: {ja: x, en: x}, "
			"prefixes: [172.16.0.0/16], ports: [udp/53]}\n"
			"sensors:\n- {id: s-east, poi: east}\n- {id: s-west, poi: "
			"west, valid: {from: 2026-01-01}}\n";

/* The sample with the one kind that is not in the list put right. */
static char *
good_sample(void)
{
	char *text = strdup(sample);
	char *at = strstr(text, "portal_x");

	memcpy(at, "viewer  ", 8);
	return text;
}

static struct inventory *
load(void)
{
	struct error err = { "" };
	char *text = good_sample();
	struct inventory *inventory =
		inventory_parse("i.yaml", text, strlen(text), &err);

	free(text);
	if (inventory == NULL)
		fail_msg("%s", err.text);
	return inventory;
}

/* clang-format off */
static const struct {
	const char *poi;
	uint64_t vlan[3];
	size_t vlan_count;
	const char *address;
	uint8_t protocol;
	uint16_t port;
	const char *at;
	const char *line, *service; /* or NULL */
} lookups[] = {
	{ "east", { 0 }, 0, "10.200.0.1", 6, 443, "2026-05-01T00:00:00Z", "l1", NULL },
	{ "east", { 0 }, 0, "10.1.9.9",   6, 443, "2026-05-01T00:00:00Z", "l2", NULL },
	{ "west", { 0 }, 0, "10.1.9.9",   6, 443, "2026-05-01T00:00:00Z", "l2", NULL },
	{ "west", { 0 }, 0, "10.2.9.9",   6, 443, "2026-05-01T00:00:00Z", NULL, NULL },
	{ "north", { 0 }, 0, "10.1.9.9",  6, 443, "2026-05-01T00:00:00Z", NULL, NULL },
	/* only that stack, and it wins over lines without one even with a shorter prefix */
	{ "east", { 100 }, 1,        "10.1.2.3", 6, 443, "2026-05-01T00:00:00Z", "l3", NULL },
	{ "east", { 0 }, 0,          "10.1.2.3", 6, 443, "2026-05-01T00:00:00Z", "l2", NULL },
	{ "east", { 100, 20 }, 2,    "10.1.2.3", 6, 443, "2026-05-01T00:00:00Z", "l4", NULL },
	{ "east", { 20, 100 }, 2,    "10.1.2.3", 6, 443, "2026-05-01T00:00:00Z", "l2", NULL },
	{ "east", { 100 }, 1,        "10.9.9.9", 6, 443, "2026-05-01T00:00:00Z", "l1", NULL },
	{ "west", { 100 }, 1,        "10.1.2.3", 6, 443, "2026-05-01T00:00:00Z", "l2", NULL },
	/* as of the record's time: the day of "to" in Japan is the successor's */
	{ "east", { 0 }, 0, "192.168.0.9", 6, 443, "2026-03-31T14:59:59Z", "l5", NULL },
	{ "east", { 0 }, 0, "192.168.0.9", 6, 443, "2026-03-31T15:00:00Z", "l6", NULL },
	/* services: the longest prefix, then a port named wins over any port */
	{ "west", { 0 }, 0, "172.16.0.1",  6, 443,   "2026-05-01T00:00:00Z", "l7", "web" },
	{ "west", { 0 }, 0, "172.16.0.1",  6, 8010,  "2026-05-01T00:00:00Z", "l7", "web" },
	{ "west", { 0 }, 0, "172.16.0.1",  6, 8011,  "2026-05-01T00:00:00Z", "l7", "any" },
	{ "west", { 0 }, 0, "172.16.0.1", 17, 443,   "2026-05-01T00:00:00Z", "l7", "any" },
	{ "west", { 0 }, 0, "172.16.0.1",  6, 0,     "2026-05-01T00:00:00Z", "l7", NULL },
	{ "west", { 0 }, 0, "172.16.0.2", 17, 53,    "2026-05-01T00:00:00Z", "l7", "name" },
	{ "west", { 0 }, 0, "172.16.0.2",  6, 53,    "2026-05-01T00:00:00Z", "l7", NULL },
	{ "west", { 0 }, 0, "172.17.0.2", 17, 53,    "2026-05-01T00:00:00Z", "l7", NULL },
	/* IPv4 is not inside ::/0 */
	{ "west", { 0 }, 0, "8.8.8.8",     6, 443, "2026-05-01T00:00:00Z", NULL, NULL },
	{ "west", { 0 }, 0, "2001:db8::1", 6, 443, "2026-05-01T00:00:00Z", "l8", NULL },
	{ "east", { 0 }, 0, "2001:db8:1:2::1", 6, 443, "2026-05-01T00:00:00Z", "l1", NULL },
	{ "east", { 0 }, 0, "2001:db8:2::1",   6, 443, "2026-05-01T00:00:00Z", NULL, NULL },
};
/* clang-format on */

static void
an_address_is_whose_longest_prefix_was_valid_then(void **state)
{
	(void)state;
	struct inventory *inventory = load();

	for (size_t i = 0; i < sizeof(lookups) / sizeof(lookups[0]); i++) {
		struct address address;
		struct instant at;
		assert_true(address_from_text(text_of(lookups[i].address), &address));
		assert_true(
			instant_from_text(lookups[i].at, strlen(lookups[i].at), &at));
		struct party party =
			inventory_resolve(inventory, lookups[i].poi, lookups[i].vlan,
					  lookups[i].vlan_count, &address,
					  lookups[i].protocol, lookups[i].port, at);
		const char *line = party.line ? party.line->id : "none";
		const char *service = party.service ? party.service->id : "none";
		const char *want = lookups[i].line ? lookups[i].line : "none";
		const char *serves = lookups[i].service ? lookups[i].service : "none";
		if (strcmp(line, want) != 0 || strcmp(service, serves) != 0)
			fail_msg("lookup %zu: %s at %s is %s, %s", i,
				 lookups[i].address, lookups[i].poi, line, service);
		assert_ptr_equal(party.participant,
				 party.line ? party.line->participant : NULL);
	}
	inventory_free(inventory);
}

static void
what_was_written_can_be_read_back(void **state)
{
	(void)state;
	struct inventory *inventory = load();
	const struct participant *base = inventory_find_participant(inventory, "base");
	const struct participant *p1 = inventory_find_participant(inventory, "p1");

	assert_false(inventory_is_empty(inventory));
	assert_int_equal(inventory_region_count(inventory), 2);
	assert_string_equal(inventory_region(inventory, 1)->title.ja, "い");
	assert_int_equal(inventory_participant_count(inventory), 6);
	assert_int_equal(inventory_service_count(inventory), 3);
	assert_int_equal(inventory_line_count(inventory), 8);
	assert_int_equal(inventory_poi_count(inventory), 2);
	assert_string_equal(inventory_poi(inventory, 1), "west");
	assert_int_equal(inventory_sensor_count(inventory), 2);
	assert_string_equal(base->kana, "キバン");
	assert_string_equal(base->contact, "");
	assert_string_equal(base->partition, "base");
	assert_string_equal(p1->partition, "ra");
	assert_ptr_equal(inventory_participant(inventory, p1->index), p1);
	assert_string_equal(inventory_find_service(inventory, "web")->participant->id,
			    "base");
	assert_null(inventory_find_participant(inventory, "nobody"));
	assert_null(inventory_find_service(inventory, "nothing"));
	assert_true(inventory_has_partition(inventory, "rb"));
	assert_true(inventory_has_partition(inventory, "external"));
	assert_false(inventory_has_partition(inventory, "rc"));
	assert_int_equal(strlen(inventory_sha256(inventory)), 64);
	const struct line *line = inventory_next_line(inventory, p1, NULL);
	assert_string_equal(line->id, "l1");
	assert_string_equal(inventory_next_line(inventory, p1, line)->id, "l4");
	assert_null(inventory_next_line(inventory, p1, inventory_line(inventory, 3)));
	inventory_free(inventory);
}

static void
a_sensor_sees_the_lines_of_its_poi(void **state)
{
	(void)state;
	struct inventory *inventory = load();
	const struct sensor_entry *east = inventory_sensor(inventory, 0);
	const struct sensor_entry *west = inventory_sensor(inventory, 1);
	const struct participant *p2 = inventory_find_participant(inventory, "p2");

	assert_true(inventory_sensor_sees(inventory, west, p2));
	assert_false(
		inventory_sensor_sees(inventory, east, p2)); /* also_at is no home */
	inventory_free(inventory);
}

static void
an_empty_inventory_knows_nobody(void **state)
{
	(void)state;
	struct inventory *inventory = inventory_empty();
	struct address address = { { 0 } };
	struct party party = inventory_resolve(inventory, "east", NULL, 0, &address, 6,
					       443, (struct instant){ 0 });

	assert_null(party.participant);
	assert_true(inventory_is_empty(inventory));
	assert_true(inventory_has_partition(inventory, "base"));
	inventory_free(inventory);
	inventory_free(NULL);
}

/* clang-format off */
static const struct {
	const char *text, *message; /* the message begins with it */
} refusals[] = {
	{ "", "i.yaml:1:1: the file is empty" },
	{ "- a\n", "i.yaml:1:1: no map" },
	{ "regions: []\n", "i.yaml:1:1: \"regions\" comes before the format" },
	{ "format: inventory/2\n", "i.yaml:1:9: format \"inventory/2\" is not one this version reads" },
	{ "format: [1]\n", "i.yaml:1:10: format \"1\"" },
	{ HEAD "zone: Europe/Berlin\n", "i.yaml:2:7: \"Europe/Berlin\" is no time zone" },
	{ HEAD "regions:\nzone: UTC\n", "i.yaml:3:7: the zone comes after a list" },
	{ HEAD "participant: []\n", "i.yaml:2:1: unknown key \"participant\"; did you mean \"participants\"?" },
	{ HEAD "participants: {a: 1}\n", "i.yaml:2:15: participants is no list" },
	{ HEAD "regions:\n- {id: base, title: {ja: x, en: x}}\n", "i.yaml:3:3: a region cannot be called \"base\"" },
	{ HEAD "regions:\n- {id: 'a b', title: {ja: x, en: x}}\n", "i.yaml:3:8: id \"a b\" is no id" },
	{ HEAD "regions:\n- {id: a, title: {ja: x}}\n", "i.yaml:3:18: title needs both" },
	{ HEAD "regions:\n- {title: {ja: x, en: y}}\n", "i.yaml:3:3: \"id\" is missing" },
	{ HEAD "regions:\n- {id: a, titel: {ja: x, en: y}}\n", "i.yaml:3:11: unknown key \"titel\"; did you mean \"title\"?" },
	{ HEAD "regions:\n- {id: a, title: {ja: x, en: x}}\n- {id: a, title: {ja: x, en: x}}\n",
	  "i.yaml:4:3: region \"a\" stands twice; also at i.yaml:3:3" },
	{ HEAD "participants:\n- {id: a, kind: clinc, partition: base, title: {ja: x, en: x}}\n",
	  "i.yaml:3:17: kind \"clinc\" is not known; did you mean \"clinic\"?" },
	{ HEAD "participants:\n" WHO("a", "nowhere"), "i.yaml:3:3: there is no region \"nowhere\" in the inventory" },
	{ HEAD "participants:\n- {id: a, kind: clinic, partition: base, title: {ja: x, en: x}, kana: \"a\\nb\"}\n",
	  "i.yaml:3:71: kana is more than one line" },
	{ HEAD "participants:\n- {id: a, kind: clinic, partition: base, title: {ja: x, en: x}, valid: {from: soon}}\n",
	  "i.yaml:3:79: \"soon\" is no date" },
	{ HEAD "participants:\n- {id: a, kind: clinic, partition: base, title: {ja: x, en: x}, valid: {from: 2026-02-01, to: 2026-02-01}}\n",
	  "i.yaml:3:72: valid ends before it begins" },
	{ HEAD "sensors:\n- {id: s, poi: nowhere}\n", "i.yaml:3:3: there is no POI \"nowhere\"" },
	{ BASICS "lines:\n- {id: l, kind: ip_vpn, participant: p, poi: east, prefixes: [10.0.0.0/8]}\n",
	  "i.yaml:9:3: there is no participant \"p\"" },
	{ BASICS "participants:\n" WHO("p", "ra") "lines:\n- {id: l, kind: ip_vpn, participant: p, poi: north, prefixes: [10.0.0.0/8]}\n",
	  "i.yaml:11:3: there is no POI \"north\"" },
	{ BASICS "participants:\n" WHO("p", "ra") "lines:\n- {id: l, kind: ip_vpn, participant: p, poi: east, prefixes: [10.0.0.1/8]}\n",
	  "i.yaml:11:63: \"10.0.0.1/8\" is no prefix" },
	{ BASICS "participants:\n" WHO("p", "ra") "lines:\n- {id: l, kind: ip_vpn, participant: p, poi: east, prefixes: []}\n",
	  "i.yaml:11:3: \"prefixes\" is missing" },
	{ BASICS "participants:\n" WHO("p", "ra") "lines:\n- {id: l, kind: ip_vpn, participant: p, poi: east, prefixes: [[a]]}\n",
	  "i.yaml:11:63: prefixes: a list of single words" },
	{ BASICS "participants:\n" WHO("p", "ra") "lines:\n- {id: l, kind: ip_vpn, participant: p, poi: east, vlan: 4095, prefixes: [10.0.0.0/8]}\n",
	  "i.yaml:11:58: \"4095\" is no VLAN" },
	{ BASICS "participants:\n" WHO("p", "ra") "lines:\n- {id: l, kind: ip_vpn, participant: p, poi: east, vlan: [1, 2, 3, 4, 5], prefixes: [10.0.0.0/8]}\n",
	  "i.yaml:11:3: vlan has more than 4 tags" },
	{ BASICS "participants:\n" WHO("p", "ra") WHO("q", "rb") "lines:\n"
	  "- {id: l, kind: ip_vpn, participant: p, poi: east, prefixes: [10.0.0.0/8]}\n"
	  "- {id: m, kind: ip_vpn, participant: q, poi: east, prefixes: [10.0.0.0/8]}\n",
	  "i.yaml:13:3: line \"m\" of q has 10.0.0.0/8 at east, and so has line \"l\" of p at i.yaml:12:3;" },
	{ BASICS "participants:\n" WHO("p", "ra") WHO("q", "rb") "lines:\n"
	  "- {id: l, kind: ip_vpn, participant: p, poi: east, prefixes: [10.0.0.0/8], valid: {to: 2026-05-01}}\n"
	  "- {id: m, kind: ip_vpn, participant: q, poi: east, prefixes: [10.0.0.0/8], valid: {from: 2026-04-30}}\n",
	  "i.yaml:13:3: line \"m\" of q has 10.0.0.0/8 at east" },
	{ BASICS "participants:\n- {id: p, kind: clinic, partition: ra, title: {ja: x, en: x}, valid: {to: 2026-01-01}}\nlines:\n"
	  "- {id: l, kind: ip_vpn, participant: p, poi: east, prefixes: [10.0.0.0/8], valid: {from: 2026-01-01}}\n",
	  "i.yaml:11:3: line \"l\" is never valid while p is" },
	{ BASICS "participants:\n" WHO("p", "ra") "services:\n- {id: s, kind: dns, at: p, title: {ja: x, en: x}, prefixes: [10.0.0.1], ports: [udp/53]}\n",
	  "i.yaml:11:3: service \"s\" has 10.0.0.1, which lies in no line of its participant p" },
	{ BASICS "services:\n- {id: s, kind: dns, at: p, title: {ja: x, en: x}, prefixes: [10.0.0.1], ports: [53]}\n",
	  "i.yaml:9:82: \"53\" is no port" },
	{ BASICS "services:\n- {id: s, kind: dns, at: p, title: {ja: x, en: x}, prefixes: [10.0.0.1], ports: [tcp/70000]}\n",
	  "i.yaml:9:82: \"tcp/70000\" is no port" },
	{ BASICS "services:\n- {id: s, kind: dns, at: p, title: {ja: x, en: x}, prefixes: [10.0.0.1], ports: [tcp/9-8]}\n",
	  "i.yaml:9:82: \"tcp/9-8\" is no port" },
	{ BASICS "participants:\n" WHO("p", "ra") "lines:\n- {id: l, kind: ip_vpn, participant: p, poi: east, prefixes: [10.0.0.0/8]}\n"
	  "services:\n- {id: s, kind: dns, at: p, title: {ja: x, en: x}, prefixes: [10.0.0.1], ports: [udp/53]}\n"
	  "- {id: t, kind: ntp, at: p, title: {ja: x, en: x}, prefixes: [10.0.0.1], ports: [udp/50-60]}\n",
	  "i.yaml:14:3: service \"t\" has a port of 10.0.0.1, and so has \"s\" at i.yaml:13:3;" },
};
/* clang-format on */

static void
each_contradiction_names_its_place_and_the_other(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct error err = { "" };
		const char *want = refusals[i].message;
		struct inventory *inventory = inventory_parse(
			"i.yaml", refusals[i].text, strlen(refusals[i].text), &err);
		if (inventory != NULL)
			fail_msg("taken: %s", refusals[i].text);
		if (strncmp(err.text, want, strlen(want)) != 0 ||
		    strchr(err.text, '\n') != NULL)
			fail_msg("not \"%s\" but \"%s\"", want, err.text);
	}
}

/* An inventory with an id, a title and prefixes as long as said. */
static char *
refusal_of(size_t id, size_t title, size_t prefixes)
{
	struct error err = { "" };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out,
		BASICS "participants:\n- {id: %0*d, kind: clinic, partition: ra, "
		       "title: {ja: %0*d, en: x}}\n",
		(int)id, 1, (int)title, 1);
	fprintf(out,
		"lines:\n- {id: l, kind: ip_vpn, participant: %0*d, poi: east, "
		"prefixes: [",
		(int)id, 1);
	for (size_t i = 0; i < prefixes; i++)
		fprintf(out, "10.%zu.%zu.%zu, ", i >> 16, i >> 8 & 255, i & 255);
	fputs("]}\n", out);
	fclose(out);
	struct inventory *inventory = inventory_parse("i.yaml", text, size, &err);
	inventory_free(inventory);
	free(text);
	return strdup(err.text);
}

static void
each_cap_is_kept_and_said(void **state)
{
	(void)state;
	static const struct {
		size_t id, title, prefixes;
		const char *holds;
	} cases[] = { { 64, 1000, 100000, NULL },
		      { 65, 10, 1, "is no id; expected 1 to 64 letters" },
		      { 10, 1001, 1, "ja is no text of at most 1000 bytes" },
		      { 10, 10, 100001, "prefixes has more than 100000 items" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *said = refusal_of(cases[i].id, cases[i].title, cases[i].prefixes);
		if (cases[i].holds == NULL ? said[0] != '\0'
					   : strstr(said, cases[i].holds) == NULL)
			fail_msg("case %zu: \"%s\"", i, said);
		free(said);
	}
}

static void
every_truncation_and_damage_is_an_inventory_or_one_line(void **state)
{
	(void)state;
	char *text = good_sample();
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++) {
		struct error err = { "" };
		struct inventory *cut = inventory_parse("i.yaml", text, i, &err);
		assert_true(cut != NULL || strncmp(err.text, "i.yaml:", 7) == 0);
		inventory_free(cut);
		char was = text[i];
		text[i] = was == '1' ? '2' : '1';
		struct inventory *damaged = inventory_parse("i.yaml", text, size, &err);
		assert_true(damaged != NULL || strncmp(err.text, "i.yaml:", 7) == 0);
		inventory_free(damaged);
		text[i] = was;
	}
	free(text);
}

static void
put(const char *folder, const char *name, const char *text)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
drop(const char *folder, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	remove(path);
}

static void
a_folder_is_one_inventory_in_order_of_name(void **state)
{
	(void)state;
	char folder[] = "/tmp/test_inventory_XXXXXX", want[400];
	struct error err = { "" };

	assert_non_null(mkdtemp(folder));
	assert_null(inventory_load(folder, &err));
	assert_non_null(strstr(err.text, "no *.yaml file"));
	put(folder, "b.yaml", HEAD "participants:\n" WHO("p", "base"));
	put(folder, "a.yaml", HEAD "sensors:\n");
	put(folder, ".hidden.yaml", "no inventory");
	put(folder, "note.txt", "no inventory");
	struct inventory *inventory = inventory_load(folder, &err);
	assert_non_null(inventory);
	assert_int_equal(inventory_participant_count(inventory), 1);
	inventory_free(inventory);
	put(folder, "a.yaml", HEAD "participants:\n" WHO("p", "base"));
	assert_null(inventory_load(folder, &err));
	snprintf(want, sizeof(want),
		 "%s/b.yaml:3:3: participant \"p\" stands twice; also at %s/a.yaml:3:3",
		 folder, folder);
	assert_string_equal(err.text, want);
	drop(folder, "a.yaml");
	drop(folder, "b.yaml");
	drop(folder, ".hidden.yaml");
	drop(folder, "note.txt");
	rmdir(folder);
	assert_null(inventory_load(folder, &err));
	assert_non_null(strstr(err.text, "No such file"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_whose_longest_prefix_was_valid_then),
		cmocka_unit_test(what_was_written_can_be_read_back),
		cmocka_unit_test(a_sensor_sees_the_lines_of_its_poi),
		cmocka_unit_test(an_empty_inventory_knows_nobody),
		cmocka_unit_test(each_cap_is_kept_and_said),
		cmocka_unit_test(each_contradiction_names_its_place_and_the_other),
		cmocka_unit_test(
			every_truncation_and_damage_is_an_inventory_or_one_line),
		cmocka_unit_test(a_folder_is_one_inventory_in_order_of_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
