/* SPDX-License-Identifier: Apache-2.0 */
/* test_policy_lint: a good rule set, and each way to break it with what is said about
 * it. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "correlator/policy/set.h"

/* One requirement of each kind, an exception, and the tests they need. */
static const char good[] =
	"format: policy/1\n" /* 1 */
	"policy: {id: t, version: 1, title: {ja: あ, en: a}, timezone: Asia/Tokyo}\n"
	"sources: {DOC: {title: {ja: 文書, en: document}}}\n"
	"sets:\n"
	"  suite: {good: [A, B]}\n" /* 5 */
	"  time: {night: {days: [sun, mon], from: \"22:00\", to: \"05:00\"}}\n"
	"connections:\n"
	"  who:\n"
	"    default: violated\n"
	"    allow:\n" /* 10 */
	"    - {id: A1, from: {kind: hospital}, to: {service_kind: dns}}\n"
	"    - {id: A2, from: {kind: [clinic, dental]}}\n"
	"    deny:\n"
	"    - {id: D1, from: {unknown: true}}\n"
	"requirements:\n" /* 15 */
	"- {id: M, title: {ja: あ, en: a}, rationale: {ja: あ, en: a}, remedy: {ja: "
	"あ, en: a}, severity: high,\n"
	"   source: {doc: DOC, clause: 1}, kind: matrix, connections: who, records: "
	"flow}\n"
	"- id: S\n"
	"  title: {ja: あ, en: a}\n"
	"  rationale: {ja: あ, en: a}\n" /* 20 */
	"  remedy: {ja: あ, en: a}\n"
	"  source: {doc: DOC, clause: 2}\n"
	"  severity: low\n"
	"  kind: session\n"
	"  records: [tls]\n" /* 25 */
	"  applies_to: {from: {partition: region-a}, to: {service: portal}}\n"
	"  where: {field: timestamp, within: $time.night}\n"
	"  expect: {all: [{field: tls.cipher_suite, in: $suite.good}, {field: "
	"tls.version, min_version: TLS 1.2}]}\n"
	"  verdict: {window: 7d, min_samples: 2, max_unknown_ratio: 0.5, min_coverage: "
	"0.9}\n"
	"- {id: F, title: {ja: あ, en: a}, rationale: {ja: あ, en: a}, remedy: {ja: "
	"あ, en: a}, severity: info,\n" /* 30 */
	"   source: {doc: DOC, clause: 3}, kind: forbid, records: flow, where: {field: "
	"app_proto, matches: \"^telnet$\"}}\n"
	"- {id: H, title: {ja: あ, en: a}, rationale: {ja: あ, en: a}, remedy: {ja: "
	"あ, en: a}, severity: info,\n"
	"   source: {doc: DOC, clause: 4}, kind: manual}\n"
	"exceptions:\n"
	"- {id: X, requirement: S, subject: {participant: clinic-a}, match: [{field: "
	"tls.version, eq: TLSv1}],\n" /* 35 */
	"   reason: {ja: あ, en: a}, owner: o, approved_by: b, ticket: T-1,\n"
	"   valid: {from: \"2026-01-01T00:00:00+09:00\", to: "
	"\"2026-06-01T00:00:00+09:00\"}}\n"
	"tests:\n"
	"- name: all\n"
	"  at: \"2026-03-01T23:00:00+09:00\"\n" /* 40 */
	"  given:\n"
	"  - {type: flow, poi: poi-east, client: 10.11.2.20, server: 10.11.1.20, port: "
	"23, app_proto: telnet}\n"
	"  - {type: flow, poi: poi-east, client: 10.11.3.20, server: 10.11.1.20, port: "
	"80, app_proto: http}\n"
	"  - {type: flow, poi: poi-east, client: 10.11.1.20, server: 10.11.2.20, port: "
	"80, direction: none}\n"
	"  - {type: tls, poi: poi-east, client: 10.11.2.20, server: 10.10.0.13, port: "
	"443, tls: {version: TLSv1, cipher_suite: C}}\n" /* 45 */
	"  - {type: tls, poi: poi-east, client: 10.11.1.20, server: 10.10.0.13, port: "
	"443, tls.version: TLS 1.2}\n"
	"  - {type: tls, poi: poi-east, client: 10.11.3.20, server: 10.10.0.13, port: "
	"443, tls.version: TLS 1.2, tls.cipher_suite: A}\n"
	"  - {type: tls, poi: poi-east, client: 10.11.3.20, server: 10.10.0.13, port: "
	"443, tls.version: TLS 1.3, tls.cipher_suite: B}\n"
	"  expect:\n"
	"  - {requirement: M, subject: clinic-a, verdict: satisfied, by: A2}\n" /* 50 */
	"  - {requirement: M, subject: pharmacy-a, verdict: violated, by: default}\n"
	"  - {requirement: M, subject: hospital-a, verdict: unobservable, because: "
	"direction}\n"
	"  - {requirement: S, subject: clinic-a, verdict: violated, disposition: "
	"accepted, exception: X}\n"
	"  - {requirement: S, subject: hospital-a, verdict: unobservable, because: "
	"not_looked}\n"
	"  - {requirement: S, subject: pharmacy-a, verdict: satisfied}\n" /* 55 */
	"  - {requirement: F, subject: clinic-a, verdict: violated, disposition: "
	"open}\n"
	"  - {requirement: F, subject: pharmacy-a, verdict: not_applicable}\n"
	"  - {requirement: F, subject: hospital-a, verdict: unobservable}\n";

static struct inventory *inventory;

static int
load_inventory(void **state)
{
	struct error err;

	(void)state;
	inventory = inventory_load("rules/inventory-example", &err);
	if (inventory == NULL)
		print_error("%s\n", err.text);
	return inventory == NULL ? -1 : 0;
}

static int
drop_inventory(void **state)
{
	(void)state;
	inventory_free(inventory);
	return 0;
}

static void
keep_first(void *ctx, const char *name, const char *why)
{
	struct error *first = ctx;

	(void)name;
	if (first->text[0] == '\0')
		error_set(first, "%s", why);
}

/* What loading says: "" if it is taken and its tests pass. */
static void
load(const char *text, struct error *said)
{
	struct rule_text file = { "t.yaml", text, strlen(text) };
	struct policy policy = { 0 };
	struct error err = { "" };
	struct model *model = policy_read_model(&file, 1, &err);

	*said = (struct error){ "" };
	if (model == NULL || policy_compile(&policy, model, inventory, &err) == -1 ||
	    policy_test(&policy, keep_first, said, &err) == -1)
		*said = err;
	policy_release(&policy);
	policy_free_model(model);
}

static void
a_good_set_is_taken(void **state)
{
	struct error said;

	(void)state;
	load(good, &said);
	assert_string_equal(said.text, "");
}

/* 'good' with the first 'find' made 'put', and what is said then. */
static const struct damage {
	const char *find, *put, *said;
} damages[] = {
	/* clang-format off */
	{ "policy/1", "policy/2", "t.yaml:1:9: \"policy/2\" is no format of this version; expected \"policy/1\"" },
	{ "format: policy/1\n", "", "t.yaml:1:1: \"format\" is missing; expected \"format: policy/1\"" },
	{ "sets:", "set:", "t.yaml:4:1: unknown key \"set\"; did you mean \"sets\"?" },
	{ "policy: {id: t, version: 1, title: {ja: あ, en: a}, timezone: Asia/Tokyo}", "", "t.yaml:1:1: \"policy\" is missing; expected it in one of the files" },
	{ "Asia/Tokyo", "Europe/Berlin", "t.yaml:2:62: \"Europe/Berlin\" is no time zone we take; expected Asia/Tokyo, UTC or an offset such as +09:00 (zones with summer time are not taken)" },
	{ "title: {ja: あ, en: a}, timezone", "title: {ja: あ}, timezone", "t.yaml:2:36: \"en\" is missing; expected a text" },
	{ "title: {ja: 文書, en: document}", "title: 文書", "t.yaml:3:24: \"title\" is not in two languages; expected {ja: ..., en: ...}" },
	/* requirements */
	{ "- {id: M, title: {ja: あ, en: a}", "- {id: M", "t.yaml:16:3: \"title\" is missing; expected {ja: ..., en: ...}" },
	{ "severity: low", "severity: hihg", "t.yaml:23:13: \"hihg\" is no severity; did you mean \"high\"?" },
	{ "kind: session", "kind: sessions", "t.yaml:24:9: \"sessions\" is no kind; did you mean \"session\"?" },
	{ "kind: session", "kind: presence", "t.yaml:29:25: unknown key \"min_samples\"; expected one of: window, min_count, max_unknown_ratio, min_coverage" },
	{ "min_samples: 2, ", "replaces: M, ", "t.yaml:29:25: unknown key \"replaces\"; expected one of: window, min_samples, max_unknown_ratio, min_coverage" },
	{ "  kind: session\n", "  kind: session\n  replaces: M\n", "t.yaml:25:13: \"replaces\" goes with a draft; expected status: draft" },
	{ "  kind: session\n", "  kind: session\n  status: draft\n  replaces: MM\n", "t.yaml:26:13: \"MM\" is no requirement; expected one that is" },
	{ "  kind: session\n", "  kind: session\n  status: draft\n  replaces: S\n", "t.yaml:26:13: \"S\" is not active; expected one that is" },
	{ "kind: forbid, records: flow,", "kind: presence, records: flow,", "t.yaml:30:3: who must be seen is not said; expected applies_to: {from: ...}" },
	{ "kind: forbid, records: flow,", "kind: presence, subject: known, records: flow, applies_to: {from: {kind: clinic}},", "t.yaml:31:60: the silence of \"known\" is nobody's; expected client or server" },
	{ "kind: forbid, records: flow,", "kind: presence, records: flow, expect: {field: proto, eq: TCP},", "t.yaml:31:74: presence has nothing to expect; expected \"where\"" },
	{ "{requirement: S, subject: pharmacy-a", "{requirement: SX, subject: pharmacy-a", "t.yaml:18:3: requirement \"S\" has no test for \"satisfied\"; expected one" },
	{ "clause: 2", "clauses: 2", "t.yaml:22:22: unknown key \"clauses\"; did you mean \"clause\"?" },
	{ "doc: DOC, clause: 2", "doc: DOX, clause: 2", "t.yaml:22:17: \"DOX\" is no document of \"sources\"; did you mean \"DOC\"?" },
	{ "[tls]\n", "[tsl]\n", "t.yaml:25:13: \"tsl\" is no event type; did you mean \"tls\"?" },
	{ "  records: [tls]\n", "", "t.yaml:18:3: \"records\" is missing; expected event types such as [tls]" },
	{ "connections: who", "connections: whom", "t.yaml:17:62: \"whom\" is no matrix of \"connections\"; did you mean \"who\"?" },
	{ "connections: who, ", "", "t.yaml:16:3: \"connections\" goes with kind matrix; expected the name of one" },
	{ "7d", "1w", "t.yaml:29:21: \"1w\" is no window; expected whole days such as 1d" },
	{ "min_samples: 2", "min_samples: 0", "t.yaml:29:38: \"min_samples\" is no count; expected 1 or more" },
	{ "max_unknown_ratio: 0.5", "max_unknown_ratio: 5", "t.yaml:29:60: \"max_unknown_ratio\" is no share; expected a number from 0 to 1" },
	{ "applies_to: {from: {partition: region-a}", "applies_to: {from: {service: portal}", "t.yaml:26:23: unknown key \"service\"; expected one of: partition, kind, participant, line_kind, unknown" },
	{ "applies_to: {from: {partition: region-a}", "applies_to: {from: {}", "t.yaml:26:22: that selects nobody; expected such as {kind: hospital}" },
	{ "partition: region-a", "partition: region-z", "t.yaml:26:34: \"region-z\" is no partition of the inventory; did you mean \"region-a\"?" },
	{ "service: portal", "service: portable", "t.yaml:26:59: \"portable\" is no service of the inventory; did you mean \"portal\"?" },
	{ "kind: forbid, records: flow,", "kind: forbid, records: flow, expect: {field: proto, eq: TCP},", "t.yaml:31:72: forbid has nothing to expect; expected \"where\"" },
	{ "expect: {all", "expects: {all", "t.yaml:28:3: unknown key \"expects\"; did you mean \"expect\"?" },
	/* comparisons */
	{ "tls.cipher_suite, in", "tls.ciphersuite, in", "t.yaml:28:26: \"tls.ciphersuite\" is no field; did you mean \"tls.cipher_suite\"?" },
	{ "in: $suite.good", "on: $suite.good", "t.yaml:28:44: unknown key \"on\"; expected one of: field, eq, in, not_in, subset_of, min, max, between, min_version, cidr, present, absent, within, matches" },
	{ "in: $suite.good", "in: $suite.god", "t.yaml:28:48: \"$suite.god\" names no set; expected $KIND.NAME of \"sets\"" },
	{ "in: $suite.good", "in: []", "t.yaml:28:48: that is no list of values; expected [a, b] or $kind.name" },
	{ "in: $suite.good", "min: 3", "t.yaml:28:49: \"min\" does not suit tls.cipher_suite; expected another operator" },
	{ "in: $suite.good", "min_version: 3", "t.yaml:28:57: \"min_version\" does not suit tls.cipher_suite; expected another operator" },
	{ "in: $suite.good", "present: false", "t.yaml:28:53: that is not true; expected true, or the other of present and absent" },
	{ "in: $suite.good", "eq: [A]", "t.yaml:28:48: that is no single value; expected one, or \"in\"" },
	{ "in: $suite.good", "eq: A, in: [A]", "t.yaml:28:18: a comparison needs one operator; expected {field: ..., OPERATOR: ...}" },
	{ "min_version: TLS 1.2", "min_version: TLS 1.5", "t.yaml:28:96: \"TLS 1.5\" is no version; did you mean \"TLS 1.1\"?" },
	{ "{field: app_proto, matches: \"^telnet$\"}", "{field: sekisho.server.ip, cidr: [10.0.0.1/8]}", "t.yaml:31:105: \"10.0.0.1/8\" is no prefix; expected such as 192.0.2.0/24" },
	{ "{field: app_proto, matches: \"^telnet$\"}", "{field: event_type, in: [flow, hl8]}", "t.yaml:31:95: \"hl8\" is no event type; expected one of docs/RECORDS.md" },
	{ "{field: app_proto, matches: \"^telnet$\"}", "{field: sekisho.server.port, eq: https}", "t.yaml:31:104: \"https\" is no number; expected a whole one from 0" },
	{ "{field: app_proto, matches: \"^telnet$\"}", "{field: sekisho.server.port, between: [9, 1]}", "t.yaml:31:109: the range is empty; expected [least, greatest]" },
	{ "{field: app_proto, matches: \"^telnet$\"}", "{field: sekisho.is_final, eq: 1}", "t.yaml:31:101: \"1\" is no yes or no; expected true or false" },
	{ "^telnet$", "(telnet", "t.yaml:31:99: no regular expression, at its byte 7: missing closing parenthesis; expected a regular expression of PCRE2" },
	{ "{field: app_proto, matches: \"^telnet$\"}", "{not: {not: {not: {not: {not: {field: proto, eq: TCP}}}}}}", "t.yaml:31:95: all, any and not are nested too deep; expected at most 4 levels" },
	{ "{field: app_proto, matches: \"^telnet$\"}", "{any: []}", "t.yaml:31:77: that is no list of comparisons; expected at least one" },
	{ "days: [sun, mon]", "days: [sun, mun]", "t.yaml:6:24: a day is misspelt; expected sun, mon, tue, wed, thu, fri or sat" },
	{ "from: \"22:00\"", "from: \"22:60\"", "t.yaml:6:42: \"22:60\" is no time of day; expected such as \"01:00\"" },
	/* matrices */
	{ "default: violated", "default: deny", "t.yaml:9:14: \"deny\" is no default; expected satisfied or violated" },
	{ "    default: violated\n", "", "t.yaml:9:5: \"default\" is missing; expected satisfied or violated" },
	{ "default: violated", "default: satisfied", "t.yaml:11:7: entry \"A1\" allows what the default allows; expected default: violated, or no allow" },
	{ "kind: hospital", "kind: hopsital", "t.yaml:11:29: \"hopsital\" is no kind; did you mean \"hospital\"?" },
	{ "{unknown: true}", "{unknown: true, kind: clinic}", "t.yaml:14:32: an unknown party has no partition, kind, id or line; expected \"unknown\" alone" },
	{ "from: {kind: [clinic, dental]}", "from: {kind: [clinic, clinic]}", "t.yaml:12:29: \"clinic\" is listed twice; expected once" },
	{ "from: {kind: [clinic, dental]}", "from: {kind: hospital}, to: {service_kind: dns}", "t.yaml:12:7: entry \"A2\" has no effect, \"A1\" (line 11) allows all it means; expected one of the two" },
	{ "from: {kind: [clinic, dental]}", "from: {kind: [hospital, clinic]}", "t.yaml:11:7: entry \"A1\" has no effect, \"A2\" (line 12) allows all it means; expected one of the two" },
	{ "{id: D1, from: {unknown: true}}", "{id: D1, to: {service_kind: [dns, ntp]}}", "t.yaml:11:7: entry \"A1\" has no effect, \"D1\" (line 14) denies all it means; expected one of the two" },
	{ "{id: D1, from", "{id: A1, from", "t.yaml:14:7: id \"A1\" stands at t.yaml:11 too; expected once" },
	{ "{id: D1, from", "{id: S, from", "t.yaml:18:3: id \"S\" stands at t.yaml:14 too; expected once" },
	{ "{id: D1, from", "{id: D1, if: same_region, from", "t.yaml:14:20: \"same_region\" is no if; expected same_participant or same_partition" },
	/* exceptions */
	{ "owner: o, ", "", "t.yaml:35:3: \"owner\" is missing; expected a text" },
	{ "approved_by: b, ", "", "t.yaml:35:3: \"approved_by\" is missing; expected a text" },
	{ ", ticket: T-1", "", "t.yaml:35:3: \"ticket\" is missing; expected a text" },
	{ "reason: {ja: あ, en: a}, owner", "owner", "t.yaml:35:3: \"reason\" is missing; expected {ja: ..., en: ...}" },
	{ "2026-06-01", "2026-09-01", "t.yaml:37:11: the exception holds for 243 days; expected 1 to 180" },
	{ "2026-06-01T00:00:00+09:00", "2026-06-01", "t.yaml:37:51: \"2026-06-01\" is no time; expected such as \"2026-09-01T00:00:00+09:00\"" },
	{ ",\n   valid: {from: \"2026-01-01T00:00:00+09:00\", to: \"2026-06-01T00:00:00+09:00\"}", "", "t.yaml:35:3: \"valid\" is missing; expected {from: ..., to: ...}" },
	{ "requirement: S, subject: {participant: clinic-a}", "requirement: Q, subject: {participant: clinic-a}", "t.yaml:35:24: \"Q\" is no requirement; expected one that is" },
	{ "participant: clinic-a", "participant: clinic-z", "t.yaml:35:3: \"clinic-z\" is no participant of the inventory; expected one that is" },
	/* tests */
	{ "verdict: violated, by: default", "verdict: violated, by: D1", "t.yaml:51:5: M gives by \"default\"; expected \"D1\"" },
	{ "verdict: violated, disposition: open", "verdict: violated, disposition: accepted", "t.yaml:56:5: F gives disposition \"open\"; expected \"accepted\"" },
	{ "because: not_looked", "because: encrypted", "t.yaml:54:5: S gives reason \"not_looked\"; expected \"encrypted\"" },
	{ "tls.cipher_suite: A}", "tls.cipher_suite: Z}", "t.yaml:55:5: S gives verdict \"violated\"; expected \"satisfied\"" },
	{ "subject: pharmacy-a, verdict: satisfied", "subject: pharmacy-a, verdict: violated", "t.yaml:18:3: requirement \"S\" has no test for \"satisfied\"; expected one" },
	{ "requirement: F, subject: clinic-a, verdict: violated", "requirement: F, subject: clinic-a, verdict: not_applicable", "t.yaml:30:3: requirement \"F\" has no test for \"violated\"; expected one" },
	{ "requirement: M, subject: hospital-a, verdict: unobservable", "requirement: M, subject: hospital-a, verdict: satisfied", "t.yaml:16:3: requirement \"M\" has no test for \"unobservable\"; expected one" },
	{ "subject: pharmacy-a, verdict: satisfied", "subject: pharmacy-q, verdict: satisfied", "t.yaml:55:31: \"pharmacy-q\" is no participant of the inventory; expected one, or unknown" },
	{ "app_proto: http", "app_porto: http", "t.yaml:43:83: \"app_porto\" is no field; expected a path of docs/RECORDS.md, or type, client, server, port" },
	{ "port: 80, app_proto", "port: many, app_proto", "t.yaml:43:79: that does not suit dest_port; expected a whole number from 0" },
	{ "client: 10.11.3.20", "client: 10.11.3", "t.yaml:43:41: that does not suit src_ip; expected an address" },
	{ "{type: tls, poi: poi-east, client: 10.11.2.20", "{poi: poi-east, client: 10.11.2.20", "t.yaml:45:5: that is no record; expected {type: ..., ...}" },
	/* clang-format on */
};

static void
each_damage_is_named_with_its_place(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const struct damage *damage = &damages[i];
		const char *at = strstr(good, damage->find);
		char text[sizeof(good) + 512];
		struct error said;

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good,
			 damage->put, at + strlen(damage->find));
		load(text, &said);
		if (strcmp(said.text, damage->said) != 0) {
			print_error("%s -> %s\n  said     %s\n  expected %s\n",
				    damage->find, damage->put, said.text, damage->said);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void
every_prefix_is_refused_or_whole(void **state)
{
	char text[sizeof(good)];
	struct error said;
	size_t taken = 0;

	(void)state;
	for (size_t size = 0; size < sizeof(good) - 1; size += 7) {
		memcpy(text, good, size);
		text[size] = '\0';
		load(text, &said);
		taken += said.text[0] == '\0';
	}
	assert_int_equal(taken, 0);
}

/* Loads 'good' as two files, the second being 'more'. */
static void
load_two(const char *more, struct error *said)
{
	struct rule_text files[] = { { "t.yaml", good, strlen(good) },
				     { "u.yaml", more, strlen(more) } };
	struct model *model;

	*said = (struct error){ "" };
	model = policy_read_model(files, 2, said);
	policy_free_model(model);
}

static void
files_together_are_one_set(void **state)
{
	struct error said;

	(void)state;
	load_two("format: policy/1\nsets: {port: {x: [1]}}\n", &said);
	assert_string_equal(said.text, "");
	load("format: policy/1\npolicy: {id: t, version: 1, title: {ja: あ, en: a}, "
	     "timezone: UTC}\n",
	     &said);
	assert_string_equal(
		said.text,
		"t.yaml:2:9: no requirement in any file; expected at least one");
	load_two("format: policy/1\npolicy: {}\n", &said);
	assert_string_equal(
		said.text,
		"u.yaml:2:9: \"policy\" stands in t.yaml too; expected once");
	load_two("format: policy/1\nsets: {suite: {x: [A]}}\n", &said);
	assert_string_equal(
		said.text, "u.yaml:2:8: \"suite\" stands in t.yaml too; expected once");
	load_two("format: policy/1\nsources: {DOC: {title: {ja: あ, en: a}}}\n", &said);
	assert_string_equal(said.text,
			    "u.yaml:2:11: \"DOC\" stands in t.yaml too; expected once");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_set_is_taken),
		cmocka_unit_test(each_damage_is_named_with_its_place),
		cmocka_unit_test(every_prefix_is_refused_or_whole),
		cmocka_unit_test(files_together_are_one_set),
	};

	return cmocka_run_group_tests(tests, load_inventory, drop_inventory);
}
