/* SPDX-License-Identifier: Apache-2.0 */
/* test_sigma: a case for each rule of the language: values, modifiers, conditions, what is refused and where. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "correlator/policy/example_record.h"
#include "correlator/sigma/sigma.h"

static const char head[] = "title: t\nid: 11111111-2222-4333-8444-555555555555\nlevel: low\n"
			   "logsource: {product: sekisho, category: network, service: tls}\n";

static const char mapping[] =
	"format: sigma-mapping/1\nlogsources:\n"
	"- {when: {product: zeek, service: ssl}, events: [tls], where: {proto: TCP},\n"
	"   fields: {server_name: tls.sni, version: {path: tls.version, values: {TLSv10: TLSv1}}, up: {constant: 'yes'}}}\n"
	"- {when: {category: dns}, events: [], why: no DNS here}\n";

static struct sigma *
parse(const char *text, struct error *err)
{
	struct rule_text file = { "r.yml", text, strlen(text) }, map = { "m.yaml", mapping, sizeof(mapping) - 1 };

	return sigma_parse(&file, 1, &map, 1, err);
}

static struct sigma *
parse_detection(const char *detection, struct error *err)
{
	char text[4096];

	snprintf(text, sizeof(text), "%sdetection: %s\n", head, detection);
	return parse(text, err);
}

static void
count(void *ctx, const struct finding *finding)
{
	struct finding *last = ctx;

	*last = *finding;
}

/* Members of a TLS record in YAML; true if the set's rule matches it, which '*finding' then tells. */
static bool
matches_in(const struct sigma *sigma, const char *members, const struct parties *parties, struct finding *finding)
{
	char text[2048];
	struct arena arena = { 0 };
	struct record record;
	struct error err;

	snprintf(text, sizeof(text), "{type: tls, %s}", members);
	struct yaml *yaml = yaml_parse("record", text, strlen(text), &err);
	assert_non_null(yaml);
	assert_int_equal(example_record_read(&arena, yaml_root(yaml, 0), (struct instant){ 1 }, "", &record, &err), 0);
	finding->requirement = NULL;
	sigma_judge(sigma, &record, parties, count, finding);
	arena_release(&arena);
	yaml_free(yaml);
	return finding->requirement != NULL;
}

static const struct {
	const char *detection, *members;
	bool matches;
} table[] = {
	/* clang-format off */
	/* values */
	{ "{a: {tls.sni: ABC}, condition: a}", "tls.sni: abC", true },
	{ "{a: {tls.sni: ΣÉK}, condition: a}", "tls.sni: ςék", true },
	{ "{a: {tls.sni: 'a*c'}, condition: a}", "tls.sni: abbc", true },
	{ "{a: {tls.sni: 'a*c'}, condition: a}", "tls.sni: abbcd", false },
	{ "{a: {tls.sni: 'a?c'}, condition: a}", "tls.sni: a漢c", true },
	{ "{a: {tls.sni: 'a?c'}, condition: a}", "tls.sni: ac", false },
	{ "{a: {tls.sni: 'a\\*c'}, condition: a}", "tls.sni: a*c", true },
	{ "{a: {tls.sni: 'a\\*c'}, condition: a}", "tls.sni: abc", false },
	{ "{a: {tls.sni: 'a\\\\*c'}, condition: a}", "tls.sni: 'a\\bc'", true },
	{ "{a: {tls.sni: 'a\\\\\\*c'}, condition: a}", "tls.sni: 'a\\*c'", true },
	{ "{a: {tls.sni: 'a\\\\\\*c'}, condition: a}", "tls.sni: 'a\\bc'", false },
	{ "{a: {tls.sni: 'a\\b'}, condition: a}", "tls.sni: 'a\\b'", true },
	{ "{a: {tls.sni: 'a\\'}, condition: a}", "tls.sni: 'a\\'", true },
	{ "{a: {dest_port: 443}, condition: a}", "dest_port: 443", true },
	{ "{a: {dest_port: '443'}, condition: a}", "dest_port: 443", true },
	{ "{a: {dest_port: 443.0}, condition: a}", "dest_port: 443", true },
	{ "{a: {dest_port|startswith: 44}, condition: a}", "dest_port: 443", true },
	{ "{a: {tls.sni: 443}, condition: a}", "tls.sni: '443'", true },
	{ "{a: {tls.sni: 443}, condition: a}", "tls.sni: '0443'", false },
	{ "{a: {tls.session_resumed: true}, condition: a}", "tls.session_resumed: true", true },
	{ "{a: {tls.session_resumed: 'TRUE'}, condition: a}", "tls.session_resumed: true", true },
	{ "{a: {tls.session_resumed: false}, condition: a}", "tls.session_resumed: true", false },
	{ "{a: {tls.sni: true}, condition: a}", "tls.sni: 'true'", true },
	{ "{a: {tls.sni: ''}, condition: a}", "tls.sni: ''", true },
	{ "{a: {tls.sni: ''}, condition: a}", "tls.sni: null", false },
	{ "{a: {tls.sni: ''}, condition: a}", "proto: TCP", false },
	{ "{a: {tls.sni: null}, condition: a}", "tls.sni: null", true },
	{ "{a: {tls.sni: null}, condition: a}", "proto: TCP", true },
	{ "{a: {tls.sni: null}, condition: a}", "tls.sni: ''", false },
	{ "{a: {tls.sni: [null, b]}, condition: a}", "tls.sni: b", true },
	{ "{a: {src_ip: '2001:db8::1'}, condition: a}", "src_ip: '2001:db8:0::1'", true },
	{ "{a: {tls.sni: a, tls.version: b}, condition: a}", "tls.sni: a, tls.version: c", false },
	{ "{a: [{tls.sni: a}, {tls.version: b}], condition: a}", "tls.sni: x, tls.version: b", true },
	{ "{a: [xyz, needle], condition: a}", "tls.subject: a NEEDLE b", true },
	{ "{a: [tls.subject], condition: a}", "tls.subject: b", false },
	{ "{a: {'|all': [ab, cd]}, condition: a}", "tls.sni: abc, tls.subject: xcd", true },
	{ "{a: {'|all': [ab, cd]}, condition: a}", "tls.sni: abc", false },
	/* arrays */
	{ "{a: {tls.subjectaltname: b}, condition: a}", "tls.subjectaltname: [a, b]", true },
	{ "{a: {tls.subjectaltname|contains|all: [a, b]}, condition: a}", "tls.subjectaltname: [xa, bx]", true },
	{ "{a: {tls.subjectaltname|neq: b}, condition: a}", "tls.subjectaltname: [a, b]", false },
	{ "{a: {tls.subjectaltname|neq: b}, condition: a}", "tls.subjectaltname: [a]", true },
	{ "{a: {tls.subjectaltname|contains: ''}, condition: a}", "tls.subjectaltname: []", false },
	/* absent: a comparison is false, its not is true */
	{ "{a: {tls.sni: a}, condition: not a}", "proto: TCP", true },
	{ "{a: {tls.sni|neq: a}, condition: a}", "proto: TCP", true },
	{ "{a: {dest_port|lt: 5}, condition: a}", "proto: TCP", false },
	/* modifiers */
	{ "{a: {tls.sni|contains: b}, condition: a}", "tls.sni: abc", true },
	{ "{a: {tls.sni|startswith: b}, condition: a}", "tls.sni: abc", false },
	{ "{a: {tls.sni|endswith: 'b?'}, condition: a}", "tls.sni: abc", true },
	{ "{a: {tls.sni|cased: ABC}, condition: a}", "tls.sni: abc", false },
	{ "{a: {tls.sni|re: '^a.c$'}, condition: a}", "tls.sni: abc", true },
	{ "{a: {tls.sni|re: B}, condition: a}", "tls.sni: abc", false },
	{ "{a: {tls.sni|re|i: B}, condition: a}", "tls.sni: abc", true },
	{ "{a: {tls.sni|re|m: '^b$'}, condition: a}", "tls.sni: \"a\\nb\"", true },
	{ "{a: {tls.sni|re: 'a.b'}, condition: a}", "tls.sni: \"a\\nb\"", false },
	{ "{a: {tls.sni|re|dotall: 'a.b'}, condition: a}", "tls.sni: \"a\\nb\"", true },
	{ "{a: {tls.sni|re|contains: 'b'}, condition: a}", "tls.sni: abc", true },
	{ "{a: {src_ip|cidr: 10.0.0.0/8}, condition: a}", "src_ip: 10.1.2.3", true },
	{ "{a: {src_ip|cidr: [10.0.0.0/8, '2001:db8::/32']}, condition: a}", "src_ip: '2001:db8::5'", true },
	{ "{a: {src_ip|cidr|neq: 10.0.0.0/8}, condition: a}", "src_ip: 192.0.2.1", true },
	{ "{a: {tls.sni|exists: true}, condition: a}", "tls.sni: null", true },
	{ "{a: {tls.sni|exists: false}, condition: a}", "proto: TCP", true },
	{ "{a: {dest_port|gte: 443, src_port|lte: 5}, condition: a}", "dest_port: 443, src_port: 5", true },
	{ "{a: {dest_port|gt: 443}, condition: a}", "dest_port: 443", false },
	{ "{a: {tls.sni|lt: 5}, condition: a}", "tls.sni: '4'", false },
	{ "{a: {tls.sni|base64: foo}, condition: a}", "tls.sni: Zm9v", true },
	{ "{a: {tls.sni|base64offset|contains: secret}, condition: a}", "tls.sni: eHNlY3JldHg=", true },
	{ "{a: {tls.sni|base64offset|contains: secret}, condition: a}", "tls.sni: eHhzZWNyZXQ=", true },
	{ "{a: {tls.sni|wide|base64|contains: ab}, condition: a}", "tls.sni: YQBiAA==", true },
	{ "{a: {tls.sni|utf16be|base64: a}, condition: a}", "tls.sni: AGE=", true },
	{ "{a: {tls.sni|utf16|base64: a}, condition: a}", "tls.sni: //5hAA==", true },
	{ "{a: {tls.sni|windash|contains: ' -f'}, condition: a}", "tls.sni: 'x /f'", true },
	{ "{a: {tls.sni|windash|contains: ' -f'}, condition: a}", "tls.sni: 'x —f'", true },
	{ "{a: {tls.sni|windash|contains: 'a-f'}, condition: a}", "tls.sni: a/f", false },
	{ "{a: {tls.sni|fieldref: tls.subject}, condition: a}", "tls.sni: A, tls.subject: a", true },
	{ "{a: {tls.sni|fieldref|endswith: tls.subject}, condition: a}", "tls.sni: xa, tls.subject: A", true },
	{ "{a: {tls.sni|fieldref: tls.subject}, condition: a}", "tls.sni: a", false },
	{ "{a: {tls.sni|expand: '100%'}, condition: a}", "tls.sni: '100%'", true },
	/* conditions; a holds, b does not */
	{ "{a: {proto: TCP}, b: {proto: x}, condition: a and not b}", "proto: TCP", true },
	{ "{a: {proto: TCP}, b: {proto: x}, condition: not a or a and b}", "proto: TCP", false },
	{ "{a: {proto: TCP}, b: {proto: x}, condition: a or a and b}", "proto: TCP", true },
	{ "{a: {proto: TCP}, b: {proto: x}, condition: (a or a) and b}", "proto: TCP", false },
	{ "{a: {proto: TCP}, b: {proto: x}, condition: not not a}", "proto: TCP", true },
	{ "{a: {proto: TCP}, b: {proto: x}, condition: 1 of them}", "proto: TCP", true },
	{ "{a: {proto: TCP}, b: {proto: x}, condition: any of them}", "proto: TCP", true },
	{ "{a: {proto: TCP}, b: {proto: x}, condition: all of them}", "proto: TCP", false },
	{ "{a: {proto: TCP}, _b: {proto: x}, condition: all of them}", "proto: TCP", true },
	{ "{sel_a: {proto: TCP}, sel_b: {proto: x}, c: {proto: y}, condition: 1 of sel_*}", "proto: TCP", true },
	{ "{a: {proto: TCP}, _b: {proto: x}, condition: 1 of _*}", "proto: TCP", false },
	{ "{a: {proto: TCP}, b: {proto: x}, condition: [b, a]}", "proto: TCP", true },
	/* clang-format on */
};

static void
each_rule_of_the_language_holds(void **state)
{
	static struct finding finding;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct error err = { "" };
		struct sigma *sigma = parse_detection(table[i].detection, &err);
		if (sigma == NULL || sigma_row(sigma, 0)->state != DETECTION_LOADED ||
		    matches_in(sigma, table[i].members, NULL, &finding) != table[i].matches)
			fail_msg("%s on {%s}: %s%s", table[i].detection, table[i].members, err.text,
				 sigma != NULL ? sigma_row(sigma, 0)->reason : "");
		sigma_free(sigma);
	}
}

static const struct {
	const char *detection, *place, *expected;
} refused[] = {
	{ "{a: {tls.sni: a}, condition: a | count() > 5}", "r.yml:5:", "aggregation" },
	{ "{a: {tls.sni: a}, condition: a, timeframe: 5m}", "r.yml:5:", "timeframe" },
	{ "{a: {tls.sni: a}, condition: b}", "r.yml:5:", "no such search" },
	{ "{a: {tls.sni: a}, condition: 1 of b*}", "r.yml:5:", "fits no search" },
	{ "{a: {tls.sni: a}, condition: (a}", "r.yml:5:", "stays open" },
	{ "{a: {tls.sni: a}, condition: a a}", "r.yml:5:", "behind the end" },
	{ "{a: {tls.sni: a}, condition: a and}", "r.yml:5:", "no search" },
	{ "{a: {tls.sni: a}, condition: []}", "r.yml:5:", "no condition" },
	{ "{a: {tls.sni: a}}", "r.yml:5:", "condition" },
	{ "{a: {}, condition: a}", "r.yml:5:", "empty search" },
	{ "{a: {tls.sni: []}, condition: a}", "r.yml:5:", "0 values" },
	{ "{a: [b, {tls.sni: a}], condition: a}", "r.yml:5:", "one list" },
	{ "{a: {tls.sni: {b: c}}, condition: a}", "r.yml:5:", "map as a value" },
	{ "{a: {tls.sni|contain: a}, condition: a}", "r.yml:5:17", "contains" },
	{ "{a: {tls.sni|contains|re: a}, condition: a}", "r.yml:5:", "not the first" },
	{ "{a: {tls.sni|i: a}, condition: a}", "r.yml:5:", "behind \"re\"" },
	{ "{a: {tls.sni|re: '(a'}, condition: a}", "r.yml:5:", "pattern" },
	{ "{a: {tls.sni|contains|all: a}, condition: a}", "r.yml:5:", "one value" },
	{ "{a: {src_ip|cidr: 10.0.0.1/8}, condition: a}", "r.yml:5:", "network" },
	{ "{a: {src_ip|cidr|contains: 10.0.0.0/8}, condition: a}", "r.yml:5:", "alone" },
	{ "{a: {src_ip|exists: 'yes'}, condition: a}", "r.yml:5:", "true or false" },
	{ "{a: {src_ip|exists|neq: true}, condition: a}", "r.yml:5:", "alone" },
	{ "{a: {dest_port|lt: '5'}, condition: a}", "r.yml:5:", "a number" },
	{ "{a: {tls.sni|base64: 'a*'}, condition: a}", "r.yml:5:", "without wildcards" },
	{ "{a: {tls.sni|contains: null}, condition: a}", "r.yml:5:", "null" },
	{ "{a: {tls.sni|windash: '-a -a -a -a -a'}, condition: a}", "r.yml:5:", "four dashes" },
	{ "{a: {'tls.sni[any]': a}, condition: a}", "r.yml:5:", "brackets" },
	{ "{a: {'|startswith': a}, condition: a}", "r.yml:5:", "not for keywords" },
};

static void
what_is_wrong_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct error err = { "" };
		struct sigma *sigma = parse_detection(refused[i].detection, &err);
		if (sigma != NULL || strncmp(err.text, refused[i].place, strlen(refused[i].place)) != 0 ||
		    strstr(err.text, refused[i].expected) == NULL)
			fail_msg("%s: \"%s\"; expected %s", refused[i].detection, err.text, refused[i].expected);
		sigma_free(sigma);
	}
}

static void
heads_are_checked(void **state)
{
	static const char *const texts[] = {
		"id: 11111111-2222-4333-8444-555555555555\nlogsource: {product: sekisho, category: network}\ndetection: {a: [b], condition: a}\n",
		"title: t\nlogsource: {product: sekisho, category: network}\ndetection: {a: [b], condition: a}\n",
		"title: t\nid: x\nlogsource: {product: sekisho, category: network}\ndetection: {a: [b], condition: a}\n",
		"title: t\nid: 11111111-2222-4333-8444-555555555555\ndetection: {a: [b], condition: a}\n",
		"title: t\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {product: sekisho, category: network}\n",
		"title: t\nid: 11111111-2222-4333-8444-555555555555\nlevel: loud\nlogsource: {product: sekisho, category: network}\ndetection: {a: [b], condition: a}\n",
		"title: t\nid: 11111111-2222-4333-8444-555555555555\ntags: [x]\nlogsource: {product: sekisho, category: network}\ndetection: {a: [b], condition: a}\n",
		"title: t\nid: 11111111-2222-4333-8444-555555555555\nsekisho.unknwon: skip\nlogsource: {product: sekisho, category: network}\ndetection: {a: [b], condition: a}\n",
		"title: t\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {product: sekisho, category: network}\ndetection: {a: &x [b], condition: *x}\n",
		"title: f\nlogsource: {product: sekisho, category: network}\nfilter: {rules: any, a: {b: c}, condition: a}\n",
		"- a\n",
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		err.text[0] = '\0';
		assert_null(parse(texts[i], &err));
		assert_int_equal(strncmp(err.text, "r.yml:", 6), 0);
	}
}

static void
ids_are_used_once(void **state)
{
	char text[2048];
	struct error err;

	(void)state;
	snprintf(text, sizeof(text), "%sdetection: {a: [b], condition: a}\n---\n%sdetection: {a: [b], condition: a}\n",
		 head, head);
	assert_null(parse(text, &err));
	assert_non_null(strstr(err.text, "r.yml:1"));
}

static enum detection_state
state_of(const char *logsource, const char *more, const char *detection)
{
	char text[2048];
	struct error err = { "" };

	snprintf(text, sizeof(text),
		 "title: t\nid: 11111111-2222-4333-8444-555555555555\nlogsource: %s\ndetection: {a: %s, condition: a}\n%s\n",
		 logsource, detection, more);
	struct sigma *sigma = parse(text, &err);
	if (sigma == NULL)
		fail_msg("%s", err.text);
	enum detection_state state = sigma_row(sigma, 0)->state;
	assert_int_equal(sigma_row(sigma, 0)->reason[0] == '\0', state == DETECTION_LOADED);
	sigma_free(sigma);
	return state;
}

static void
what_cannot_work_here_is_told_and_not_silent(void **state)
{
	static const char own[] = "{product: sekisho, category: network, service: tls}";
	static const char zeek[] = "{product: zeek, service: ssl}";

	(void)state;
	assert_int_equal(state_of(own, "level: low", "{tls.sni: a}"), DETECTION_LOADED);
	assert_int_equal(state_of(own, "level: informational", "{tls.sni: a}"), DETECTION_SILENT);
	assert_int_equal(state_of(own, "", "{tls.sni: a}"), DETECTION_SILENT);
	assert_int_equal(state_of(own, "level: low\nstatus: deprecated", "{tls.sni: a}"), DETECTION_NOT_APPLICABLE);
	assert_int_equal(state_of(own, "level: low", "{tls.snj: a}"), DETECTION_NO_FIELD);
	assert_int_equal(state_of(own, "level: low", "{flow.age: 1}"), DETECTION_NO_FIELD);
	assert_int_equal(state_of(own, "level: low", "{http.url: a}"), DETECTION_NO_FIELD);
	assert_int_equal(state_of(own, "level: low", "{tls.sni|fieldref: nowhere}"), DETECTION_NO_FIELD);
	assert_int_equal(state_of(own, "level: low", "{tls.sni|expand: '%admins%'}"), DETECTION_NO_MODIFIER);
	assert_int_equal(state_of(own, "level: low", "{tls.sni|hour: 5}"), DETECTION_NO_MODIFIER);
	assert_int_equal(state_of(own, "level: low", "{tls.sni|wide: a}"), DETECTION_NO_MODIFIER);
	assert_int_equal(state_of(zeek, "level: low", "{server_name: a}"), DETECTION_LOADED);
	assert_int_equal(state_of(zeek, "level: low", "{cookie: a}"), DETECTION_NO_FIELD);
	assert_int_equal(state_of(zeek, "level: low", "{version: TLSv99}"), DETECTION_NO_FIELD);
	assert_int_equal(state_of("{category: dns}", "level: low", "{query: a}"), DETECTION_NOT_APPLICABLE);
	assert_int_equal(state_of("{product: windows}", "level: low", "{Image: a}"), DETECTION_NOT_APPLICABLE);
}

static void
mapped_names_values_and_constants_match(void **state)
{
	static struct finding finding;
	static const char text[] = "title: t\nid: 11111111-2222-4333-8444-555555555555\nlevel: low\n"
				   "logsource: {product: zeek, service: ssl}\n"
				   "detection: {a: {server_name|endswith: .example, version: TLSv10, up: 'yes'}, condition: a}\n";
	struct error err;
	struct sigma *sigma = parse(text, &err);

	(void)state;
	assert_non_null(sigma);
	assert_true(matches_in(sigma, "tls.sni: a.example, tls.version: TLSv1", NULL, &finding));
	assert_false(matches_in(sigma, "tls.sni: a.example, tls.version: TLS 1.2", NULL, &finding));
	assert_false(matches_in(sigma, "tls.sni: a.example, tls.version: TLSv1, proto: UDP", NULL, &finding));
	sigma_free(sigma);
}

static void
an_alert_has_what_matched_and_what_was_hidden(void **state)
{
	static struct finding finding;
	struct error err;
	struct sigma *sigma = parse_detection(
		"{a: {tls.sni|contains: [x, evil]}, b: {tls.client.subject: c}, condition: a and not b}", &err);

	(void)state;
	assert_non_null(sigma);
	assert_true(matches_in(sigma, "tls.sni: an.Evil.name, unobservable: {tls.client: encrypted}", NULL, &finding));
	assert_int_equal(finding.condition_count, 2);
	assert_string_equal(finding.condition[0].what, "tls.sni");
	assert_string_equal(finding.condition[0].required, "contains evil, ...");
	assert_string_equal(finding.condition[0].observed, "an.Evil.name");
	assert_string_equal(finding.condition[1].what, "tls.client.subject");
	assert_string_equal(finding.condition[1].required, "not c");
	assert_int_equal(finding.condition[1].outcome, OUTCOME_UNKNOWN);
	assert_string_equal(finding.condition[1].reason, "encrypted");
	sigma_free(sigma);
}

static void
skip_does_not_fire_on_what_could_not_be_seen(void **state)
{
	static struct finding finding;
	char text[1024];
	struct error err;

	(void)state;
	snprintf(text, sizeof(text),
		 "%sdetection: {a: {proto: TCP}, b: {tls.client.subject: c}, condition: a and not b}\nsekisho.unknown: skip\n",
		 head);
	struct sigma *sigma = parse(text, &err);
	assert_non_null(sigma);
	assert_false(matches_in(sigma, "unobservable: {tls.client: encrypted}", NULL, &finding));
	assert_true(matches_in(sigma, "tls.client.subject: null", NULL, &finding));
	assert_true(matches_in(sigma, "tls.client.subject: d", NULL, &finding));
	sigma_free(sigma);
}

static void
parties_are_fields_only_where_roles_are_known(void **state)
{
	static struct finding finding;
	static const struct participant here = { .id = "h", .kind = "hospital", .partition = "region-a" },
					there = { .id = "s", .kind = "supplier", .partition = "external" };
	struct parties both = { { &here, NULL, NULL }, { &there, NULL, NULL }, true };
	struct parties one = { { NULL, NULL, NULL }, { &there, NULL, NULL }, true };
	struct parties unsure = { { &here, NULL, NULL }, { &there, NULL, NULL }, false };
	struct error err;
	struct sigma *apart = parse_detection("{a: {sekisho.same_partition: false, sekisho.client.kind: hospital}, condition: a}", &err);
	struct sigma *stranger = parse_detection("{a: {sekisho.client.is_registered: false}, condition: a}", &err);

	(void)state;
	assert_non_null(apart);
	assert_non_null(stranger);
	assert_true(matches_in(apart, "proto: TCP", &both, &finding));
	assert_false(matches_in(apart, "proto: TCP", &unsure, &finding));
	assert_false(matches_in(apart, "proto: TCP", NULL, &finding));
	assert_true(matches_in(stranger, "proto: TCP", &one, &finding));
	assert_false(matches_in(stranger, "proto: TCP", &both, &finding));
	assert_false(matches_in(stranger, "proto: TCP", NULL, &finding));
	sigma_free(apart);
	sigma_free(stranger);
}

static void
a_pattern_out_of_steps_is_counted_and_false(void **state)
{
	static struct finding finding;
	struct error err;
	struct sigma *sigma = parse_detection("{a: {tls.sni|re: '^(?:a+)+$'}, condition: a}", &err);

	(void)state;
	assert_non_null(sigma);
	assert_false(matches_in(sigma, "tls.sni: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", NULL, &finding));
	assert_int_equal(sigma_gave_up(sigma), 1);
	sigma_free(sigma);
}

static void
every_prefix_of_a_file_is_read_or_refused(void **state)
{
	static const char detection[] = "detection:\n  a:\n    tls.sni|contains|all: ['x*', \"y\"]\n  b:\n  - k\n"
					"  condition: a and not 1 of b*\nsekisho.tests: [{match: {type: tls}}]\n";
	char text[2048];
	struct error err;

	(void)state;
	snprintf(text, sizeof(text), "%s%s", head, detection);
	for (size_t size = 0; size < strlen(text); size++) {
		struct rule_text file = { "r.yml", text, size };
		err.text[0] = '\0';
		struct sigma *sigma = sigma_parse(&file, 1, NULL, 0, &err);
		assert_int_equal(sigma == NULL, err.text[0] != '\0');
		sigma_free(sigma);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_of_the_language_holds),
		cmocka_unit_test(what_is_wrong_is_refused_with_its_place),
		cmocka_unit_test(heads_are_checked),
		cmocka_unit_test(ids_are_used_once),
		cmocka_unit_test(what_cannot_work_here_is_told_and_not_silent),
		cmocka_unit_test(mapped_names_values_and_constants_match),
		cmocka_unit_test(an_alert_has_what_matched_and_what_was_hidden),
		cmocka_unit_test(skip_does_not_fire_on_what_could_not_be_seen),
		cmocka_unit_test(parties_are_fields_only_where_roles_are_known),
		cmocka_unit_test(a_pattern_out_of_steps_is_counted_and_false),
		cmocka_unit_test(every_prefix_of_a_file_is_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
