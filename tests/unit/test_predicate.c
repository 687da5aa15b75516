/* SPDX-License-Identifier: Apache-2.0 */
/* test_predicate: every operator with a value seen, null and missing; the three-valued
 * tables. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "correlator/policy/example_record.h"
#include "correlator/policy/model.h"
#include "correlator/policy/outcome.h"
#include "correlator/policy/predicate.h"

#define G OUTCOME_GOOD
#define B OUTCOME_BAD
#define U OUTCOME_UNKNOWN
#define E OUTCOME_ERROR

static void
all_any_and_not_follow_kleene_with_error_on_top(void **state)
{
	static const enum outcome values[] = { G, B, U, E };
	static const enum outcome all[4][4] = {
		{ G, B, U, E }, { B, B, B, E }, { U, B, U, E }, { E, E, E, E }
	};
	static const enum outcome any[4][4] = {
		{ G, G, G, E }, { G, B, U, E }, { G, U, U, E }, { E, E, E, E }
	};
	static const enum outcome not [4] = { B, G, U, E };

	(void)state;
	for (size_t a = 0; a < 4; a++) {
		assert_int_equal(outcome_not(values[a]), not [a]);
		for (size_t b = 0; b < 4; b++) {
			assert_int_equal(outcome_all(values[a], values[b]), all[a][b]);
			assert_int_equal(outcome_any(values[a], values[b]), any[a][b]);
		}
	}
}

static const struct row_of_table {
	const char *predicate, *members; /* of the record, besides its type */
	enum outcome outcome;
	const char *reason;
} table[] = {
	/* clang-format off */
	{ "{field: tls.sni, eq: a}", "tls.sni: a", G, "" },
	{ "{field: tls.sni, eq: a}", "tls.sni: A", B, "" },
	{ "{field: tls.sni, eq: a}", "tls.sni: null", B, "" },
	{ "{field: tls.sni, eq: a}", "proto: TCP", U, "not_looked" },
	{ "{field: tls.sni, eq: a}", "unobservable: {tls.sni: encrypted}", U, "encrypted" },
	{ "{field: tls.sni, eq: a}", "unobservable: {tls.client_hello: loss}", U, "loss" },
	{ "{field: src_port, eq: 80}", "src_port: 80", G, "" },
	{ "{field: src_port, eq: 80}", "src_port: 81", B, "" },
	{ "{field: sekisho.is_final, eq: false}", "sekisho.is_final: false", G, "" },
	{ "{field: sekisho.is_final, eq: false}", "sekisho.is_final: true", B, "" },
	{ "{field: sekisho.is_final, eq: false}", "sekisho.is_final: null", B, "" },
	{ "{field: src_ip, eq: 10.0.0.1}", "src_ip: 10.0.0.1", G, "" },
	{ "{field: src_ip, eq: \"2001:db8::1\"}", "src_ip: \"2001:0db8:0000::0001\"", G, "" },
	{ "{field: src_ip, eq: 10.0.0.1}", "src_ip: 10.0.0.2", B, "" },
	{ "{field: tls.sni, in: [a, b, c]}", "tls.sni: b", G, "" },
	{ "{field: tls.sni, in: [a, b, c]}", "tls.sni: d", B, "" },
	{ "{field: tls.sni, in: [a, b, c]}", "tls.sni: null", B, "" },
	{ "{field: tls.sni, in: [a, b, c]}", "proto: TCP", U, "not_looked" },
	{ "{field: src_port, in: [3, 1, 2]}", "src_port: 1", G, "" },
	{ "{field: src_port, in: [3, 1, 2]}", "src_port: 4", B, "" },
	{ "{field: src_ip, in: [10.0.0.0/8, 192.0.2.1]}", "src_ip: 192.0.2.1", G, "" },
	{ "{field: src_ip, in: [10.0.0.0/8, 192.0.2.1]}", "src_ip: 192.0.2.2", B, "" },
	{ "{field: sekisho.tls.suites_offered, in: [a, b]}", "sekisho.tls.suites_offered: [x, b]", G, "" },
	{ "{field: sekisho.tls.suites_offered, in: [a, b]}", "sekisho.tls.suites_offered: [x]", B, "" },
	{ "{field: sekisho.tls.suites_offered, in: [a, b]}", "sekisho.tls.suites_offered: []", B, "" },
	{ "{field: tls.client_handshake.ciphers, in: [49199]}", "tls.client_handshake.ciphers: [1, 49199]", G, "" },
	{ "{field: tls.sni, not_in: [a, b]}", "tls.sni: c", G, "" },
	{ "{field: tls.sni, not_in: [a, b]}", "tls.sni: b", B, "" },
	{ "{field: tls.sni, not_in: [a, b]}", "tls.sni: null", G, "" },
	{ "{field: tls.sni, not_in: [a, b]}", "proto: TCP", U, "not_looked" },
	{ "{field: sekisho.tls.suites_offered, not_in: [a, b]}", "sekisho.tls.suites_offered: [x, b]", B, "" },
	{ "{field: tls.client_handshake.ciphers, not_in: [5]}", "tls.client_handshake.ciphers: [4, 6]", G, "" },
	{ "{field: sekisho.tls.suites_offered, subset_of: [a, b]}", "sekisho.tls.suites_offered: [b, a, b]", G, "" },
	{ "{field: sekisho.tls.suites_offered, subset_of: [a, b]}", "sekisho.tls.suites_offered: [b, x]", B, "" },
	{ "{field: sekisho.tls.suites_offered, subset_of: [a, b]}", "sekisho.tls.suites_offered: []", G, "" },
	{ "{field: sekisho.tls.suites_offered, subset_of: [a, b]}", "sekisho.tls.suites_offered: null", G, "" },
	{ "{field: sekisho.tls.suites_offered, subset_of: [a, b]}", "proto: TCP", U, "not_looked" },
	{ "{field: tls.client_handshake.exts, subset_of: [0, 10]}", "tls.client_handshake.exts: [10]", G, "" },
	{ "{field: tls.client_handshake.exts, subset_of: [0, 10]}", "tls.client_handshake.exts: [10, 11]", B, "" },
	{ "{field: sekisho.tls.key_size, min: 2048}", "sekisho.tls.key_size: 2048", G, "" },
	{ "{field: sekisho.tls.key_size, min: 2048}", "sekisho.tls.key_size: 2047", B, "" },
	{ "{field: sekisho.tls.key_size, min: 2048}", "sekisho.tls.key_size: null", B, "" },
	{ "{field: sekisho.tls.key_size, min: 2048}", "unobservable: {tls.certificate: encrypted}", U, "encrypted" },
	{ "{field: sekisho.tls.key_size, min: 0}", "sekisho.tls.key_size: 0", G, "" },
	{ "{field: src_port, max: 1023}", "src_port: 1023", G, "" },
	{ "{field: src_port, max: 1023}", "src_port: 1024", B, "" },
	{ "{field: src_port, max: 1023}", "src_port: null", B, "" },
	{ "{field: src_port, max: 1023}", "proto: TCP", U, "not_looked" },
	{ "{field: src_port, between: [10, 20]}", "src_port: 10", G, "" },
	{ "{field: src_port, between: [10, 20]}", "src_port: 20", G, "" },
	{ "{field: src_port, between: [10, 20]}", "src_port: 21", B, "" },
	{ "{field: src_port, between: [10, 20]}", "src_port: null", B, "" },
	{ "{field: src_port, between: [10, 20]}", "proto: TCP", U, "not_looked" },
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: TLS 1.2", G, "" },
	{ "{field: dns.answers.rdata, in: [a, b]}", "dns.answers.rdata: [x, b]", G, "" },
	{ "{field: dns.answers.rdata, in: [a, b]}", "dns.answers.rdata: [x]", B, "" },
	{ "{field: dns.answers.rdata, in: [a, b]}", "dns.answers.rdata: null", B, "" },
	{ "{field: dns.answers.rdata, not_in: [a, b]}", "dns.answers.rdata: [x, y]", G, "" },
	{ "{field: dns.answers.ttl, in: [0]}", "dns.answers.ttl: [5, 0]", G, "" },
	{ "{field: dns.answers.ttl, subset_of: [0, 5]}", "dns.answers.ttl: [5, 6]", B, "" },
	{ "{field: dns.queries.rrtype, subset_of: [A, AAAA]}", "dns.queries.rrtype: [A]", G, "" },
	{ "{field: dns.queries.rrname, matches: \"^dnscat[.]\"}", "dns.queries.rrname: [a, dnscat.b]", G, "" },
	{ "{field: dns.queries.rrname, matches: \"^dnscat[.]\"}", "dns.queries.rrname: [a.dnscat]", B, "" },
	{ "{field: dns.queries.rrname, present: true}", "dns.queries.rrname: [a]", G, "" },
	{ "{field: dns.queries.rrname, absent: true}", "dns.queries.rrname: null", G, "" },
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: DTLS 1.2", G, "" },
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: DTLS 1.0", B, "" },
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: TLS 1.3", G, "" },
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: TLS 1.1", B, "" },
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: TLSv1", B, "" },
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: SSLv3", B, "" },
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: null", B, "" },
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: \"0x7f1c\"", U, "not_decoded" },
	{ "{field: tls.version, min_version: TLS 1.2}", "unobservable: {tls.server_hello: asymmetric}", U, "asymmetric" },
	{ "{field: src_ip, cidr: 10.0.0.0/8}", "src_ip: 10.255.0.1", G, "" },
	{ "{field: src_ip, cidr: 10.0.0.0/8}", "src_ip: 11.0.0.1", B, "" },
	{ "{field: src_ip, cidr: 0.0.0.0/0}", "src_ip: \"2001:db8::1\"", B, "" },
	{ "{field: src_ip, cidr: [\"2001:db8::/32\"]}", "src_ip: \"2001:db8::1\"", G, "" },
	{ "{field: src_ip, cidr: 10.0.0.0/8}", "src_ip: null", B, "" },
	{ "{field: src_ip, cidr: 10.0.0.0/8}", "proto: TCP", U, "not_looked" },
	{ "{field: tls.sni, present: true}", "tls.sni: \"\"", G, "" },
	{ "{field: tls.sni, present: true}", "tls.sni: null", B, "" },
	{ "{field: tls.sni, present: true}", "proto: TCP", U, "not_looked" },
	{ "{field: tls.sni, absent: true}", "tls.sni: a", B, "" },
	{ "{field: tls.sni, absent: true}", "tls.sni: null", G, "" },
	{ "{field: tls.sni, absent: true}", "proto: TCP", U, "not_looked" },
	{ "{field: flow.start, within: {days: [sun], from: \"01:00\", to: \"05:00\"}}", "flow.start: \"2026-11-22T01:00:00+09:00\"", G, "" },
	{ "{field: flow.start, within: {days: [sun], from: \"01:00\", to: \"05:00\"}}", "flow.start: \"2026-11-22T04:59:59.999999+09:00\"", G, "" },
	{ "{field: flow.start, within: {days: [sun], from: \"01:00\", to: \"05:00\"}}", "flow.start: \"2026-11-22T05:00:00+09:00\"", B, "" },
	{ "{field: flow.start, within: {days: [sun], from: \"01:00\", to: \"05:00\"}}", "flow.start: \"2026-11-23T01:00:00+09:00\"", B, "" },
	{ "{field: flow.start, within: {days: [sun], from: \"01:00\", to: \"05:00\"}}", "flow.start: \"2026-11-21T16:30:00Z\"", G, "" },
	{ "{field: flow.start, within: {days: [fri], from: \"22:00\", to: \"02:00\"}}", "flow.start: \"2026-11-20T23:00:00+09:00\"", G, "" },
	{ "{field: flow.start, within: {days: [fri], from: \"22:00\", to: \"02:00\"}}", "flow.start: \"2026-11-21T01:59:59+09:00\"", G, "" },
	{ "{field: flow.start, within: {days: [fri], from: \"22:00\", to: \"02:00\"}}", "flow.start: \"2026-11-20T01:00:00+09:00\"", B, "" },
	{ "{field: flow.start, within: {days: [sat], from: \"22:00\", to: \"02:00\"}}", "flow.start: \"2026-11-22T01:00:00+09:00\"", G, "" },
	{ "{field: flow.start, within: {from: \"00:00\", to: \"24:00\"}}", "flow.start: \"1969-12-31T23:59:59+09:00\"", G, "" },
	{ "{field: flow.start, within: [{from: \"01:00\", to: \"02:00\"}, {from: \"03:00\", to: \"04:00\"}]}", "flow.start: \"2026-11-20T03:30:00+09:00\"", G, "" },
	{ "{field: flow.start, within: {from: \"00:00\", to: \"24:00\"}}", "flow.start: null", B, "" },
	{ "{field: flow.start, within: {from: \"00:00\", to: \"24:00\"}}", "proto: TCP", U, "not_looked" },
	{ "{field: tls.sni, matches: \"^a+$\"}", "tls.sni: aaa", G, "" },
	{ "{field: tls.sni, matches: \"^a+$\"}", "tls.sni: ab", B, "" },
	{ "{field: tls.sni, matches: \"^$\"}", "tls.sni: \"\"", G, "" },
	{ "{field: tls.sni, matches: あ}", "tls.sni: いあう", G, "" },
	{ "{field: tls.sni, matches: \"^a+$\"}", "tls.sni: null", B, "" },
	{ "{field: tls.sni, matches: \"^a+$\"}", "proto: TCP", U, "not_looked" },
	{ "{field: tls.sni, matches: \"^(a+)+$\"}", "tls.sni: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", E, "" },
	{ "{field: sekisho.tls.suites_offered, matches: RC4}", "sekisho.tls.suites_offered: [A, X_RC4_Y]", G, "" },
	{ "{field: sekisho.tls.suites_offered, matches: RC4}", "sekisho.tls.suites_offered: [A, B]", B, "" },
	/* trees */
	{ "{all: [{field: tls.sni, eq: a}, {field: src_port, eq: 1}]}", "src_port: 1", U, "not_looked" },
	{ "{all: [{field: tls.sni, eq: a}, {field: src_port, eq: 1}]}", "src_port: 2", B, "" },
	{ "{any: [{field: tls.sni, eq: a}, {field: src_port, eq: 1}]}", "src_port: 1", G, "" },
	{ "{any: [{field: tls.sni, eq: a}, {field: src_port, eq: 1}]}", "src_port: 2", U, "not_looked" },
	{ "{not: {field: tls.sni, eq: a}}", "unobservable: {tls.sni: encrypted}", U, "encrypted" },
	{ "{not: {any: [{field: tls.sni, eq: a}, {field: tls.sni, eq: b}]}}", "tls.sni: c", G, "" },
	{ "{all: [{field: src_port, eq: 1}, {field: tls.sni, matches: \"^(a+)+$\"}]}", "src_port: 2, tls.sni: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", E, "" },
	{ "{all: [{field: tls.sni, eq: a}, {field: tls.version, present: true}]}", "unobservable: {tls.sni: loss, tls.version: encrypted}", U, "loss" },
	/* clang-format on */
};

static const struct yaml_node *
parse(struct yaml **yaml, const char *text)
{
	struct error err = { "" };

	*yaml = yaml_parse("t", text, strlen(text), &err);
	if (*yaml == NULL)
		print_error("%s: %s\n", text, err.text);
	assert_non_null(*yaml);
	return yaml_root(*yaml, 0);
}

/* A predicate and a record from their texts, and what they come to. */
struct trial {
	struct model model;
	struct yaml *yaml[2];
	const struct predicate *predicate;
	struct record record;
};

static void
begin(struct trial *trial, const char *predicate, const char *members)
{
	struct error err = { "" };
	char text[512];
	size_t count = 0;

	memset(&trial->model, 0, sizeof(trial->model));
	trial->predicate = predicate_read(
		&trial->model, parse(&trial->yaml[0], predicate), 0, &count, &err);
	if (trial->predicate == NULL)
		print_error("%s: %s\n", predicate, err.text);
	assert_non_null(trial->predicate);
	snprintf(text, sizeof(text), "{type: tls, %s}", members);
	assert_int_equal(
		example_record_read(&trial->model.arena, parse(&trial->yaml[1], text),
				    (struct instant){ 0 }, "", &trial->record, &err),
		0);
}

static void
end(struct trial *trial)
{
	yaml_free(trial->yaml[0]);
	yaml_free(trial->yaml[1]);
	model_release(&trial->model);
}

static void
each_operator_knows_seen_null_and_missing(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct trial trial;
		struct text reason = { "", 0 };

		begin(&trial, table[i].predicate, table[i].members);
		enum outcome outcome = predicate_eval(trial.predicate, &trial.record,
						      9 * 3600, &reason);
		if (outcome != table[i].outcome || !text_is(reason, table[i].reason)) {
			print_error("%s on %s: %d, %.*s\n", table[i].predicate,
				    table[i].members, outcome, (int)reason.size,
				    reason.at);
			wrong++;
		}
		end(&trial);
	}
	assert_int_equal(wrong, 0);
}

/* What an alert's table says of a record. */
static const struct {
	const char *predicate, *members, *required, *observed;
} sayings[] = {
	/* clang-format off */
	{ "{field: tls.version, min_version: TLS 1.2}", "tls.version: TLSv1", ">= TLS 1.2", "TLSv1" },
	{ "{field: tls.sni, in: [a, b]}", "tls.sni: c", "one of a, b", "c" },
	{ "{field: tls.sni, in: [a, b]}", "tls.sni: null", "one of a, b", "(none)" },
	{ "{field: tls.sni, in: [a, b]}", "proto: TCP", "one of a, b", "" },
	{ "{field: src_port, between: [1, 2]}", "src_port: 3", "1, 2", "3" },
	{ "{field: sekisho.is_final, eq: true}", "sekisho.is_final: false", "true", "false" },
	{ "{field: src_ip, cidr: 10.0.0.0/8}", "src_ip: 192.0.2.1", "in 10.0.0.0/8", "192.0.2.1" },
	{ "{field: flow.start, within: {days: [sun], from: \"01:00\", to: \"05:00\"}}", "flow.start: \"2026-11-20T00:00:12Z\"", "within days sun, from 01:00, to 05:00", "2026-11-20T09:00:12+09:00" },
	{ "{field: sekisho.tls.suites_offered, not_in: [a, b]}", "sekisho.tls.suites_offered: [x, b, y]", "none of a, b", "b" },
	{ "{field: sekisho.tls.suites_offered, subset_of: [a, b]}", "sekisho.tls.suites_offered: [x, b, y]", "only a, b", "x, y" },
	{ "{field: sekisho.tls.suites_offered, in: [a, b]}", "sekisho.tls.suites_offered: [x, y]", "one of a, b", "x, y" },
	{ "{field: tls.client_handshake.ciphers, not_in: [5]}", "tls.client_handshake.ciphers: [4, 5]", "none of 5", "5" },
	{ "{not: {field: sekisho.tls.suites_offered, matches: RC4}}", "sekisho.tls.suites_offered: [A, X_RC4]", "not matches RC4", "X_RC4" },
	{ "{field: tls.sni, present: true}", "tls.sni: null", "present", "(none)" },
	/* clang-format on */
};

static void
each_comparison_says_what_was_required_and_observed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		struct trial trial;
		struct finding finding = { .condition_count = 0 };

		begin(&trial, sayings[i].predicate, sayings[i].members);
		predicate_list(trial.predicate, &trial.record, 9 * 3600, true,
			       &finding);
		assert_int_equal(finding.condition_count, 1);
		assert_string_equal(finding.condition[0].required, sayings[i].required);
		assert_string_equal(finding.condition[0].observed, sayings[i].observed);
		end(&trial);
	}
}

static void
what_is_too_long_is_cut_at_a_character(void **state)
{
	struct trial trial;
	struct finding finding = { .condition_count = 0 };
	char members[400] = "tls.sni: ";

	(void)state;
	for (size_t i = 0; i < 100; i++)
		strcat(members, "あ");
	begin(&trial, "{field: tls.sni, eq: a}", members);
	predicate_list(trial.predicate, &trial.record, 0, true, &finding);
	const char *observed = finding.condition[0].observed;
	assert_true(text_is_valid(observed, strlen(observed)));
	assert_true(strlen(observed) < sizeof(finding.condition[0].observed));
	assert_string_equal(observed + strlen(observed) - 3, "...");
	end(&trial);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_any_and_not_follow_kleene_with_error_on_top),
		cmocka_unit_test(each_operator_knows_seen_null_and_missing),
		cmocka_unit_test(each_comparison_says_what_was_required_and_observed),
		cmocka_unit_test(what_is_too_long_is_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
