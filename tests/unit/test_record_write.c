/* SPDX-License-Identifier: Apache-2.0 */
/* test_record_write: what common/record_write promises. */
#include "common/record_write.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/pseudonym.h"
#include "tests/unit/test.h"

static struct record record;
static char line[RECORD_SIZE_MAX + 1];

/* On a heap block of just the room that is promised. */
static const char *
write_record(const struct pseudonym_key *key)
{
	char *exact = malloc(RECORD_SIZE_MAX);
	size_t size = record_write(&record, key, exact);

	assert_true(size > 0 && size <= RECORD_SIZE_MAX);
	memcpy(line, exact, size);
	line[size] = '\0';
	free(exact);
	return line;
}

static void
begin(enum event event)
{
	record_begin(&record, event);
	record_set_time(&record, FIELD_TIMESTAMP, (struct instant){ 1464332171304062 });
}

#define HEAD "{\"timestamp\":\"2016-05-27T06:56:11.304062+0000\","

static void
fields_stand_in_table_order_whatever_order_they_were_set_in(void **state)
{
	const uint8_t server[4] = { 192, 0, 2, 1 };
	const uint64_t vlans[] = { 10, 20 };
	const struct text names[] = { text_of("a.example"), text_of("b\"x") };
	const struct text why[] = { text_of("tls.certificate"), text_of("encrypted") };
	struct address address = address_from_ipv4(server);

	(void)state;
	begin(EVENT_TLS);
	record_set_texts(&record, FIELD_SEKISHO_UNOBSERVABLE, why, 2);
	record_set_number(&record, FIELD_STLS_CLIENT_KEY_SIZE, UINT64_MAX);
	record_set_number(&record, FIELD_SEKISHO_V, 1);
	record_set_null(&record, FIELD_TLS_CLIENT_SUBJECT);
	record_set_texts(&record, FIELD_TLS_SUBJECTALTNAME, names, 2);
	record_set_texts(&record, FIELD_TLS_CLIENT_ALPNS, NULL, 0);
	record_set_text(&record, FIELD_TLS_JA3S_HASH, text_of("s"));
	record_set_text(&record, FIELD_TLS_JA3_HASH, text_of("c"));
	record_set_flag(&record, FIELD_TLS_SESSION_RESUMED, false);
	record_set_address(&record, FIELD_SRC_IP, &address);
	record_set_numbers(&record, FIELD_VLAN, vlans, 2);
	record_set_numbers(&record, FIELD_TLS_CH_EXTS, NULL, 0);
	record_set_flag(&record, FIELD_SEKISHO_IS_FINAL, true);
	assert_string_equal(
		write_record(NULL), HEAD
		"\"event_type\":\"tls\",\"vlan\":[10,20],\"src_ip\":\"192.0.2.1\","
		"\"tls\":{\"subjectaltname\":[\"a.example\",\"b\\\"x\"],"
		"\"session_resumed\":false,\"ja3\":{\"hash\":\"c\"},"
		"\"ja3s\":{\"hash\":\"s\"},\"client_alpns\":[],"
		"\"client_handshake\":{\"exts\":[]},\"client\":{\"subject\":null}},"
		"\"sekisho\":{\"v\":1,\"is_final\":true,"
		"\"unobservable\":{\"tls.certificate\":\"encrypted\"},"
		"\"tls\":{\"client\":{\"key_size\":18446744073709551615}}}}");
}

static void
columns_are_written_as_an_array_of_objects(void **state)
{
	const struct text names[] = {
		text_of("a\"b"), { NULL, 0 }, text_of(""), { NULL, 0 }
	};
	const struct text types[] = {
		text_of("A"), text_of("NS"), { NULL, 0 }, { NULL, 0 }
	};
	const struct text none[4] = { 0 };
	const uint64_t ttls[] = { COLUMN_NONE, 0, UINT64_MAX - 1, COLUMN_NONE };

	(void)state;
	begin(EVENT_DNS);
	record_set_number(&record, FIELD_DNS_ID, 7);
	record_set_texts(&record, FIELD_DNS_Q_RRNAME, names, 0);
	record_set_texts(&record, FIELD_DNS_AN_RRNAME, names, 4);
	record_set_texts(&record, FIELD_DNS_AN_RRTYPE, types, 4);
	record_set_numbers(&record, FIELD_DNS_AN_TTL, ttls, 4);
	record_set_texts(&record, FIELD_DNS_AN_RDATA, none, 4);
	record_set_null(&record, FIELD_DNS_NS_TTL);
	record_set_texts(&record, FIELD_DNS_AR_RDATA, none, 4);
	record_set_number(&record, FIELD_SEKISHO_V, 1);
	assert_string_equal(write_record(NULL), HEAD
			    "\"event_type\":\"dns\",\"dns\":{\"id\":7,\"queries\":null,"
			    "\"answers\":[{\"rrname\":\"a\\\"b\",\"rrtype\":\"A\"},"
			    "{\"rrtype\":\"NS\",\"ttl\":0},"
			    "{\"rrname\":\"\",\"ttl\":18446744073709551614},{}],"
			    "\"authorities\":null,\"additionals\":null},"
			    "\"sekisho\":{\"v\":1}}");
}

/* A column that makes the record too long goes as a list does; the others stay. */
static void
a_long_column_is_cut_out_of_its_objects(void **state)
{
	static struct text names[COLUMN_ROWS_MAX], types[COLUMN_ROWS_MAX];
	static char name[200];

	(void)state;
	memset(name, 'n', sizeof(name));
	for (size_t i = 0; i < COLUMN_ROWS_MAX; i++) {
		names[i] = (struct text){ name, sizeof(name) };
		types[i] = text_of("A");
	}
	begin(EVENT_DNS);
	record_set_texts(&record, FIELD_DNS_AN_RRNAME, names, COLUMN_ROWS_MAX);
	record_set_texts(&record, FIELD_DNS_AN_RRTYPE, types, COLUMN_ROWS_MAX);
	const char *written = write_record(NULL);
	assert_non_null(strstr(written, "\"answers\":[{\"rrtype\":\"A\"},"));
	assert_non_null(strstr(written, "\"truncated\":true"));
	assert_non_null(strstr(written, "\"dns.answers.rrname\":\"truncated\""));
	assert_null(strstr(written, "nnnn"));
}

static void
numbers_of_every_length_are_written(void **state)
{
	uint64_t number = 0;
	char expected[256];

	(void)state;
	for (int digits = 1; digits <= 20; digits++) {
		snprintf(expected, sizeof(expected),
			 HEAD "\"flow_id\":%llu,\"event_type\":\"tick\"}",
			 (unsigned long long)number);
		begin(EVENT_TICK);
		record_set_number(&record, FIELD_FLOW_ID, number);
		assert_string_equal(write_record(NULL), expected);
		number = number * 10 + (uint64_t)(digits % 10);
	}
}

static void
dropped_fields_never_leave(void **state)
{
	uint8_t secret[PSEUDONYM_KEY_SIZE] = { 1 };
	struct pseudonym_key *key = pseudonym_key_new(secret);

	(void)state;
	begin(EVENT_FLOW);
	record_set_text(&record, FIELD_HTTP_URL, text_of("/patient/4711"));
	assert_string_equal(write_record(NULL), HEAD "\"event_type\":\"flow\"}");
	assert_string_equal(write_record(key), HEAD "\"event_type\":\"flow\"}");
	record_set_null(&record, FIELD_HTTP_URL);
	assert_string_equal(write_record(key), HEAD "\"event_type\":\"flow\"}");
	pseudonym_key_free(key);
}

static void
a_list_of_people_leaves_as_a_list_of_pseudonyms(void **state)
{
	static const struct text ids[] = { { "1^^^&2.3&ISO", 12 }, { "4", 1 } };
	uint8_t secret[PSEUDONYM_KEY_SIZE] = { 1 };
	struct pseudonym_key *key = pseudonym_key_new(secret);
	char first[PSEUDONYM_LENGTH + 1], second[PSEUDONYM_LENGTH + 1], expected[512];

	(void)state;
	pseudonym_of(key, ids[0], first);
	pseudonym_of(key, ids[1], second);
	begin(EVENT_IHE);
	record_set_texts(&record, FIELD_IHE_PATIENTS, ids, 2);
	assert_string_equal(write_record(NULL), HEAD "\"event_type\":\"ihe\"}");
	snprintf(expected, sizeof(expected),
		 HEAD "\"event_type\":\"ihe\",\"ihe\":{\"patients\":[\"%s\",\"%s\"]},"
		      "\"sekisho\":{\"pseudonym_key\":\"%s\"}}",
		 first, second, pseudonym_key_id(key));
	assert_string_equal(write_record(key), expected);
	record_set_texts(&record, FIELD_IHE_PATIENTS, ids, 0);
	assert_non_null(strstr(write_record(key), "\"patients\":[]"));
	pseudonym_key_free(key);
}

static void
people_leave_as_pseudonyms_or_not_at_all(void **state)
{
	uint8_t secret[PSEUDONYM_KEY_SIZE] = { 1 };
	struct pseudonym_key *key = pseudonym_key_new(secret);
	char pseudonym[PSEUDONYM_LENGTH + 1], expected[512];

	(void)state;
	pseudonym_of(key, text_of("yamada"), pseudonym);
	begin(EVENT_FLOW);
	record_set_number(&record, FIELD_SEKISHO_V, 1);
	record_set_text(&record, FIELD_SEKISHO_USER, text_of(" Yamada"));
	assert_string_equal(write_record(NULL),
			    HEAD "\"event_type\":\"flow\",\"sekisho\":{\"v\":1}}");
	snprintf(expected, sizeof(expected),
		 HEAD "\"event_type\":\"flow\",\"sekisho\":{\"v\":1,\"user\":\"%s\","
		      "\"pseudonym_key\":\"%s\"}}",
		 pseudonym, pseudonym_key_id(key));
	assert_string_equal(write_record(key), expected);
	record_set_null(&record, FIELD_SEKISHO_USER);
	assert_string_equal(
		write_record(key),
		HEAD "\"event_type\":\"flow\",\"sekisho\":{\"v\":1,\"user\":null}}");
	record_remove(&record, FIELD_SEKISHO_USER);
	assert_string_equal(write_record(key),
			    HEAD "\"event_type\":\"flow\",\"sekisho\":{\"v\":1}}");
	pseudonym_key_free(key);
}

static void
the_longest_go_until_a_record_fits(void **state)
{
	static char big[RECORD_SIZE_MAX], middle[RECORD_SIZE_MAX / 2];
	static uint64_t numbers[RECORD_SIZE_MAX / 2];
	const struct text why[] = { text_of("tls.sni"), text_of("encrypted") };

	(void)state;
	memset(big, 'b', sizeof(big));
	memset(middle, 'm', sizeof(middle));
	begin(EVENT_CERTIFICATE);
	record_set_texts(&record, FIELD_SEKISHO_UNOBSERVABLE, why, 2);
	record_set_text(&record, FIELD_CERT_DER, (struct text){ big, sizeof(big) });
	record_set_text(&record, FIELD_CERT_SUBJECT,
			(struct text){ middle, sizeof(middle) });
	record_set_numbers(&record, FIELD_VLAN, numbers,
			   sizeof(numbers) / sizeof(numbers[0]));
	const char *written = write_record(NULL);
	assert_null(strstr(written, "bbbb"));
	assert_null(strstr(written, "\"vlan\":["));
	assert_non_null(strstr(written, "mmmm"));
	assert_non_null(strstr(written, "\"truncated\":true"));
	assert_non_null(strstr(written, "\"unobservable\":{\"tls.sni\":\"encrypted\","
					"\"vlan\":\"truncated\","
					"\"certificate.der\":\"truncated\"}"));
	/* the record itself is as it was */
	assert_true(record_has(&record, FIELD_CERT_DER));
	assert_false(record_has(&record, FIELD_SEKISHO_TRUNCATED));
}

/* Whatever is too long, and by however little: never beyond the room, never half a
 * record. */
static void
every_length_around_the_limit_is_written(void **state)
{
	static char big[RECORD_SIZE_MAX + 64];

	(void)state;
	for (size_t size = RECORD_SIZE_MAX - 512; size < RECORD_SIZE_MAX + 64; size++) {
		memset(big, size % 2 ? 'x' : '"', sizeof(big));
		begin(EVENT_CERTIFICATE);
		size_t count = size % 2 ? size : size / 2;
		record_set_text(&record, FIELD_CERT_DER,
				(struct text){ big, (uint32_t)count });
		const char *written = write_record(NULL);
		size_t length = strlen(written);
		bool is_cut = strstr(written, "truncated") != NULL;

		assert_string_equal(written + length - 2, "}}");
		assert_int_equal(is_cut, length < RECORD_SIZE_MAX / 2);
	}
}

static void
a_long_list_of_texts_or_reasons_goes_too(void **state)
{
	static struct text texts[RECORD_SIZE_MAX];

	(void)state;
	for (size_t i = 0; i < RECORD_SIZE_MAX; i++)
		texts[i] = text_of(i % 2 ? "encrypted" : "tls.client");
	begin(EVENT_TLS);
	record_set_texts(&record, FIELD_TLS_SUBJECTALTNAME, texts, RECORD_SIZE_MAX);
	const char *written = write_record(NULL);
	assert_string_equal(
		written,
		HEAD "\"event_type\":\"tls\",\"sekisho\":{\"truncated\":true,"
		     "\"unobservable\":{\"tls.subjectaltname\":\"truncated\"}}}");
	begin(EVENT_TLS);
	record_set_texts(&record, FIELD_SEKISHO_UNOBSERVABLE, texts, RECORD_SIZE_MAX);
	written = write_record(NULL);
	assert_string_equal(
		written,
		HEAD "\"event_type\":\"tls\",\"sekisho\":{\"truncated\":true,"
		     "\"unobservable\":{\"sekisho.unobservable\":\"truncated\"}}}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			fields_stand_in_table_order_whatever_order_they_were_set_in),
		cmocka_unit_test(columns_are_written_as_an_array_of_objects),
		cmocka_unit_test(a_long_column_is_cut_out_of_its_objects),
		cmocka_unit_test(numbers_of_every_length_are_written),
		cmocka_unit_test(dropped_fields_never_leave),
		cmocka_unit_test(people_leave_as_pseudonyms_or_not_at_all),
		cmocka_unit_test(a_list_of_people_leaves_as_a_list_of_pseudonyms),
		cmocka_unit_test(the_longest_go_until_a_record_fits),
		cmocka_unit_test(every_length_around_the_limit_is_written),
		cmocka_unit_test(a_long_list_of_texts_or_reasons_goes_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
