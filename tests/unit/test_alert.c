/* SPDX-License-Identifier: Apache-2.0 */
/* test_alert: ids, group keys, episodes, sentences and the EVE record of an alert. */
#include "tests/unit/test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/text.h"
#include "correlator/alert/alert.h"

static const struct participant hospital = {
	.id = "hospital-a",
	.kind = "hospital",
	.partition = "region-a",
	.title = { "あおば中央病院", "Aoba Central Hospital" },
};
static const struct participant base = { .id = "base",
					 .kind = "base",
					 .partition = "base",
					 .title = { "連携基盤", "Shared Base" } };
static const struct service portal = {
	.id = "portal",
	.kind = "patient_portal",
	.participant = &base,
	.title = { "患者ポータル", "Patient portal" },
};
static const struct requirement tls_version = { .id = "CR-TLS-01",
						.severity = "high",
						.title = { "TLS 1.2以上",
							   "TLS 1.2 or later" } };

/* A hospital that spoke TLS 1.0 to the portal. */
static struct finding
a_finding(void)
{
	return (struct finding){
		.requirement = &tls_version,
		.subject = &hospital,
		.outcome = OUTCOME_BAD,
		.condition_count = 2,
		.condition = { { "tls.version", ">= TLS 1.2", "TLSv1", OUTCOME_BAD,
				 "" },
			       { "tls.sni", "one of \"a\"", "", OUTCOME_UNKNOWN,
				 "encrypted" } },
	};
}

static struct parties
known_parties(void)
{
	return (struct parties){
		.client = { &hospital, NULL, NULL },
		.server = { &base, NULL, &portal },
		.is_known = true,
	};
}

static const uint64_t tags[] = { 100, 200 };

static void
a_record(struct record *record, uint64_t seq)
{
	struct address client = address_from_ipv4((const uint8_t[]){ 10, 11, 1, 20 });
	struct address server = address_from_ipv4((const uint8_t[]){ 10, 10, 0, 13 });

	record_begin(record, EVENT_TLS);
	record_set_time(record, FIELD_TIMESTAMP, (struct instant){ 1000 });
	record_set_number(record, FIELD_FLOW_ID, 77);
	record_set_numbers(record, FIELD_VLAN, tags, 2);
	record_set_address(record, FIELD_SRC_IP, &client);
	record_set_address(record, FIELD_SEKISHO_CLIENT_IP, &client);
	record_set_address(record, FIELD_SEKISHO_SERVER_IP, &server);
	record_set_number(record, FIELD_SEKISHO_SERVER_PORT, 443);
	record_set_text(record, FIELD_TLS_SNI, text_of("secret.example"));
	record_set_text(record, FIELD_SEKISHO_POI, text_of("poi-east"));
	record_set_text(record, FIELD_SEKISHO_SENSOR, text_of("sensor-east"));
	record_set_text(record, FIELD_SEKISHO_EPOCH, text_of("0123456789abcdef"));
	record_set_number(record, FIELD_SEKISHO_LANE, 0);
	record_set_number(record, FIELD_SEKISHO_SEQ, seq);
}

static void
record_ids_say_sensor_epoch_lane_and_number(void **state)
{
	struct record record;
	char id[ALERT_RECORD_SIZE];

	(void)state;
	a_record(&record, 5);
	alert_record_id(&record, id);
	assert_string_equal(id, "sensor-east/0123456789abcdef/0/5");
	record_begin(&record, EVENT_TLS);
	alert_record_id(&record, id);
	assert_string_equal(id, "-/-/-/-");
}

static void
groups_are_requirement_parties_service_and_exception(void **state)
{
	struct finding finding = a_finding();
	struct parties parties = known_parties();
	struct record record;
	char key[ALERT_KEY_SIZE], other[ALERT_KEY_SIZE];

	(void)state;
	a_record(&record, 5);
	alert_group_key(&finding, &parties, &record, key);
	assert_string_equal(key, "CR-TLS-01|hospital-a|base|portal|");
	finding.exception = "X-1";
	alert_group_key(&finding, &parties, &record, other);
	assert_string_equal(other, "CR-TLS-01|hospital-a|base|portal|X-1");
	parties = (struct parties){ .is_known = true };
	alert_group_key(&finding, &parties, &record, other);
	assert_string_equal(other, "CR-TLS-01|10.11.1.20|10.10.0.13||X-1");
}

static void
keys_too_long_stay_apart(void **state)
{
	struct finding finding = a_finding();
	struct parties parties = known_parties();
	struct record record;
	char key[ALERT_KEY_SIZE], other[ALERT_KEY_SIZE], name[600], exception[601];

	(void)state;
	a_record(&record, 5);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	memcpy(exception, name, sizeof(name));
	finding.exception = exception;
	alert_group_key(&finding, &parties, &record, key);
	exception[sizeof(name) - 2] = 'y';
	alert_group_key(&finding, &parties, &record, other);
	assert_int_equal(strlen(key), ALERT_KEY_SIZE - 1);
	for (size_t shift = 0; shift < 3; shift++) { /* wherever the cut falls */
		memset(exception, 'x', shift);
		exception[shift] = '\0';
		while (strlen(exception) < sizeof(exception) - 4)
			strcat(exception, "あ");
		alert_group_key(&finding, &parties, &record, key);
		assert_true(text_is_valid(key, strlen(key)));
		assert_true(strlen(key) < ALERT_KEY_SIZE);
	}
	assert_string_not_equal(key, other);
}

static void
an_id_follows_rule_group_and_opening_record_only(void **state)
{
	struct episode one, same, other;
	struct instant early = { 5 }, late = { 9 };

	(void)state;
	episode_open(&one, "R", "R|a|b", "s/e/0/1", early);
	episode_open(&same, "R", "R|a|b", "s/e/0/1", late);
	assert_string_equal(one.alert, same.alert);
	assert_int_equal(strlen(one.alert), 64);
	episode_open(&other, "R", "R|a|b", "s/e/0/2", early);
	assert_string_not_equal(one.alert, other.alert);
	episode_open(&other, "R", "R|a|c", "s/e/0/1", early);
	assert_string_not_equal(one.alert, other.alert);
	episode_open(&other, "Q", "R|a|b", "s/e/0/1", early);
	assert_string_not_equal(one.alert, other.alert);
}

static void
an_hour_of_quiet_ends_an_episode(void **state)
{
	struct episode episode;
	struct instant at = { INSTANT_DAY };

	(void)state;
	episode_open(&episode, "R", "k", "s/e/0/1", at);
	assert_true(episode_takes(&episode, instant_after(at, ALERT_QUIET)));
	assert_false(episode_takes(&episode, instant_after(at, ALERT_QUIET + 1)));
	episode_add(&episode, "s/e/0/2", instant_after(at, ALERT_QUIET));
	assert_true(episode_takes(&episode, instant_after(at, 2 * ALERT_QUIET)));
	assert_int_equal(episode.count, 2);
	assert_int_equal(episode.first.usec, at.usec);
	assert_int_equal(episode.last.usec, at.usec + ALERT_QUIET);
	assert_false(episode.is_late);
}

static void
what_comes_late_belongs_to_the_episode_and_says_so(void **state)
{
	struct episode episode;
	struct instant at = { INSTANT_DAY };

	(void)state;
	episode_open(&episode, "R", "k", "s/e/0/9", at);
	episode_add(&episode, "s/e/0/8", instant_after(at, -1));
	assert_false(episode.is_late);
	assert_true(episode_takes(&episode, (struct instant){ 0 }));
	episode_add(&episode, "s/e/0/1", (struct instant){ 0 });
	assert_true(episode.is_late);
	assert_int_equal(episode.first.usec, 0);
	assert_int_equal(episode.last.usec, at.usec);
}

static void
evidence_stops_at_sixteen_and_counts_on(void **state)
{
	struct episode episode;
	static char json[ALERT_EVIDENCE_MAX * ALERT_RECORD_SIZE * 6];
	char id[ALERT_RECORD_SIZE];

	(void)state;
	episode_open(&episode, "R", "k", "s/e/0/0", (struct instant){ 0 });
	episode_add(&episode, "s/e/0/0",
		    (struct instant){ 0 }); /* the same record twice */
	assert_int_equal(episode.evidence_count, 1);
	for (int i = 1; i < 40; i++) {
		snprintf(id, sizeof(id), "s/e/0/%d", i);
		episode_add(&episode, id, (struct instant){ i });
	}
	assert_int_equal(episode.count, 41);
	assert_int_equal(episode.evidence_count, ALERT_EVIDENCE_MAX);
	size_t size = episode_evidence(&episode, json, sizeof(json));
	json_t *list = json_loadb(json, size, 0, NULL);
	assert_int_equal(json_array_size(list), ALERT_EVIDENCE_MAX);
	assert_string_equal(json_string_value(json_array_get(list, 0)), "s/e/0/0");
	assert_string_equal(json_string_value(json_array_get(list, 15)), "s/e/0/15");
	json_decref(list);
	for (size_t room = 0; room < size + 1; room++)
		assert_int_equal(episode_evidence(&episode, json, room), 0);
}

/* An alert of 'finding', made and dropped around 'see'. */
static void
with_alert(const struct finding *finding, const struct parties *parties,
	   void see(const struct alert *, const struct record *))
{
	struct record record;
	struct episode episode;
	char key[ALERT_KEY_SIZE], id[ALERT_RECORD_SIZE];

	a_record(&record, 5);
	alert_record_id(&record, id);
	alert_group_key(finding, parties, &record, key);
	episode_open(&episode, finding->requirement->id, key, id,
		     (struct instant){ 1000 });
	struct alert *alert = alert_new(finding, parties, &record, &episode);
	see(alert, &record);
	alert_free(alert);
}

static void
see_sentences(const struct alert *alert, const struct record *record)
{
	(void)record;
	assert_string_equal(alert->sentence.ja,
			    "あおば中央病院(10.11.1.20)から連携基盤の患者ポータル(10."
			    "10.0.13 ポート443)への通信が要件"
			    "「TLS "
			    "1.2以上」を満たしていません:TLS"
			    "のバージョンはTLSv1、求められるのはTLS 1.2以上。");
	assert_string_equal(
		alert->sentence.en,
		"Aoba Central Hospital (10.11.1.20) to Shared Base, Patient portal "
		"(10.10.0.13 port 443) breaks the requirement \"TLS 1.2 or later\": "
		"the TLS version is TLSv1, required is at least TLS 1.2.");
	assert_string_equal(alert->vlan, "[100,200]");
	assert_string_equal(alert->poi, "poi-east");
	assert_string_equal(alert->service, "portal");
	assert_string_equal(alert->client_partition, "region-a");
	assert_string_equal(alert->disposition, "open");
	assert_string_equal(alert->exception, "");
}

static void
sentences_say_who_whom_what_and_why(void **state)
{
	struct finding finding = a_finding();
	struct parties parties = known_parties();

	(void)state;
	with_alert(&finding, &parties, see_sentences);
}

/* What the Japanese sentence says of a requirement in these words. */
static const struct {
	const char *required, *observed, *ja;
} japanese[] = {
	{ "one of A, B", "C",
	  ":TLSのバージョンはC、求められるのは次のいずれか A, B。" },
	{ "not matches RC4", "X_RC4",
	  ":TLSのバージョンはX_RC4、求められるのは次の形 RC4 でないこと。" },
	{ "one of $suite.strong: A, B", "C",
	  ":TLSのバージョンはC、求められるのは次のいずれか A, B。" },
	{ "true", "false", ":TLSのバージョンは「いいえ」、求められるのは「はい」。" },
	{ "present", "(none)", ":TLSのバージョンはなし、求められるのはあること。" },
	{ ">= 2048", "1024", ":TLSのバージョンは1024、求められるのは2048以上。" },
};
static size_t japanese_row;

static void
see_japanese(const struct alert *alert, const struct record *record)
{
	(void)record;
	assert_non_null(strstr(alert->sentence.ja, japanese[japanese_row].ja));
}

static void
what_is_required_is_said_in_japanese(void **state)
{
	struct finding finding = a_finding();
	struct parties parties = known_parties();
	size_t count = sizeof(japanese) / sizeof(japanese[0]);

	(void)state;
	for (japanese_row = 0; japanese_row < count; japanese_row++) {
		strcpy(finding.condition[0].required, japanese[japanese_row].required);
		strcpy(finding.condition[0].observed, japanese[japanese_row].observed);
		with_alert(&finding, &parties, see_japanese);
	}
}

static void
see_unknown(const struct alert *alert, const struct record *record)
{
	(void)record;
	assert_string_equal(alert->client, "unknown");
	assert_string_equal(alert->client_partition, "unknown");
	assert_non_null(strstr(alert->sentence.ja, "未登録の相手(10.11.1.20)"));
	assert_non_null(
		strstr(alert->sentence.en, "an unregistered party (10.11.1.20)"));
	assert_string_equal(alert->disposition, "accepted");
	assert_string_equal(alert->exception, "X-1");
}

static void
a_party_nobody_registered_is_called_so(void **state)
{
	struct finding finding = a_finding();
	struct parties parties = { .is_known = true };

	(void)state;
	finding.exception = "X-1";
	with_alert(&finding, &parties, see_unknown);
}

static void
see_conditions(const struct alert *alert, const struct record *record)
{
	json_t *list = json_loads(alert->conditions, 0, NULL);
	const char *words[] = { "what",    "required", "observed",
				"outcome", "record",   "unobservable" };
	const char *first[] = { "tls.version",
				">= TLS 1.2",
				"TLSv1",
				"violated",
				"sensor-east/0123456789abcdef/0/5",
				"" };
	const char *second[] = { "tls.sni",
				 "one of \"a\"",
				 "",
				 "not_observed",
				 "sensor-east/0123456789abcdef/0/5",
				 "encrypted" };

	(void)record;
	assert_int_equal(json_array_size(list), 2);
	for (size_t i = 0; i < 6; i++) {
		json_t *one = json_object_get(json_array_get(list, 0), words[i]);
		json_t *two = json_object_get(json_array_get(list, 1), words[i]);
		assert_string_equal(json_string_value(one), first[i]);
		assert_string_equal(json_string_value(two), second[i]);
	}
	json_decref(list);
}

static void
conditions_are_json_with_what_was_not_seen(void **state)
{
	struct finding finding = a_finding();
	struct parties parties = known_parties();

	(void)state;
	with_alert(&finding, &parties, see_conditions);
}

static void
see_long(const struct alert *alert, const struct record *record)
{
	(void)record;
	assert_true(strlen(alert->sentence.ja) < 1024);
	assert_true(text_is_valid(alert->sentence.ja, strlen(alert->sentence.ja)));
	assert_true(text_is_valid(alert->sentence.en, strlen(alert->sentence.en)));
}

static void
long_titles_are_cut_at_a_character(void **state)
{
	struct finding finding = a_finding();
	struct parties parties = known_parties();
	static char title[4000];
	struct requirement longer = tls_version;

	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		memset(title, 'x', shift);
		title[shift] = '\0';
		for (size_t i = 0; i < 900; i++)
			memcpy(title + shift + 3 * i, "あ", 4);
		longer.title = (struct title){ title, title };
		finding.requirement = &longer;
		with_alert(&finding, &parties, see_long);
	}
}

static void
see_record(const struct alert *alert, const struct record *opening)
{
	char signature[ALERT_SIGNATURE_SIZE];
	struct record record;

	alert_to_record(alert, opening, signature, &record);
	assert_int_equal(record_event(&record), EVENT_ALERT);
	assert_int_equal(record.value[FIELD_ALERT_SEVERITY].number, 1);
	/* low 31 bits of the SHA-256 of "CR-TLS-01", by sha256sum */
	assert_int_equal(record.value[FIELD_ALERT_SIGNATURE_ID].number, 357041700);
	assert_true(text_is(record.value[FIELD_ALERT_SIGNATURE].text,
			    "CR-TLS-01 TLS 1.2 or later"));
	assert_true(text_is(record.value[FIELD_SALERT_FROM].text, "hospital-a"));
	assert_int_equal(record.value[FIELD_FLOW_ID].number, 77);
	assert_false(record_has(&record, FIELD_TLS_SNI)); /* who and where, not what */
}

static void
an_alert_becomes_eves_record(void **state)
{
	struct finding finding = a_finding();
	struct parties parties = known_parties();

	(void)state;
	with_alert(&finding, &parties, see_record);
	assert_int_equal(alert_severity_number("critical"), 1);
	assert_int_equal(alert_severity_number("medium"), 2);
	assert_int_equal(alert_severity_number("low"), 3);
	assert_int_equal(alert_severity_number("info"), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_ids_say_sensor_epoch_lane_and_number),
		cmocka_unit_test(groups_are_requirement_parties_service_and_exception),
		cmocka_unit_test(keys_too_long_stay_apart),
		cmocka_unit_test(an_id_follows_rule_group_and_opening_record_only),
		cmocka_unit_test(an_hour_of_quiet_ends_an_episode),
		cmocka_unit_test(what_comes_late_belongs_to_the_episode_and_says_so),
		cmocka_unit_test(evidence_stops_at_sixteen_and_counts_on),
		cmocka_unit_test(sentences_say_who_whom_what_and_why),
		cmocka_unit_test(what_is_required_is_said_in_japanese),
		cmocka_unit_test(a_party_nobody_registered_is_called_so),
		cmocka_unit_test(conditions_are_json_with_what_was_not_seen),
		cmocka_unit_test(long_titles_are_cut_at_a_character),
		cmocka_unit_test(an_alert_becomes_eves_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
