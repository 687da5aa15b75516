/* SPDX-License-Identifier: Apache-2.0 */
/* test_log_lines: lines of other devices' logs as records, by the shipped mappings. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/record_write.h"
#include "correlator/logs/line.h"

static struct log_mappings *mappings;
static struct log_reader *reader;

static int
load(void **state)
{
	struct error err;

	(void)state;
	mappings = log_mappings_load("rules/evidence", &err);
	if (mappings == NULL)
		print_error("%s\n", err.text);
	reader = log_reader_new();
	return mappings == NULL ? -1 : 0;
}

static int
drop(void **state)
{
	(void)state;
	log_mappings_free(mappings);
	log_reader_free(reader);
	return 0;
}

/* What each mapping makes of a line of its log; "" if the line is none of its. */
static const struct {
	const char *id, *line, *made;
} lines[] = {
	{ "nginx",
	  "{\"msec\":\"1795500000.250\",\"connection_time\":\"0.250\",\"remote_addr\":"
	  "\"10.11.1.20\","
	  "\"remote_port\":\"50001\",\"server_addr\":\"10.10.0.13\",\"server_port\":"
	  "\"443\","
	  "\"ssl_protocol\":\"TLSv1.3\",\"ssl_client_verify\":\"SUCCESS\","
	  "\"ssl_client_s_dn\":\"CN=gw,O=Aoba\",\"ssl_client_i_dn\":\"CN=CA\",\"ssl_"
	  "client_serial\":\"0A\"}",
	  "{\"timestamp\":\"2026-11-24T06:00:00.000000+0000\",\"event_type\":\"tls\","
	  "\"tls\":{\"version\":\"TLS 1.3\","
	  "\"client\":{\"subject\":\"CN=gw,O=Aoba\",\"issuerdn\":\"CN=CA\",\"serial\":"
	  "\"0A\"}},\"sekisho\":{\"v\":1,"
	  "\"client\":{\"ip\":\"10.11.1.20\",\"port\":50001},\"server\":{\"ip\":\"10."
	  "10.0.13\",\"port\":443},"
	  "\"evidence\":{\"class\":\"attested\",\"by\":\"nginx\",\"until\":\"2026-11-"
	  "24T06:00:00.250000+0000\"},"
	  "\"tls\":{\"client\":{\"in_validity\":true}}}}" },
	{ "nginx",
	  "{\"msec\":\"1795500000.000\",\"remote_addr\":\"10.11.1.20\",\"remote_port\":"
	  "\"1\",\"server_addr\":"
	  "\"10.10.0.13\",\"server_port\":\"80\",\"ssl_protocol\":\"\"}",
	  "" }, /* no TLS */
	{ "haproxy",
	  "{\"accept\":\"1795500000.5\",\"remote_addr\":\"10.11.1.20\",\"remote_port\":"
	  "50001,\"server_addr\":"
	  "\"10.10.0.13\",\"server_port\":443,\"ssl_version\":\"TLSv1.3\",\"verify\":"
	  "\"10\",\"s_dn\":\"/CN=gw\"}",
	  "{\"timestamp\":\"2026-11-24T06:00:00.500000+0000\",\"event_type\":\"tls\","
	  "\"tls\":{\"version\":\"TLS 1.3\","
	  "\"client\":{\"subject\":\"/"
	  "CN=gw\"}},\"sekisho\":{\"v\":1,\"client\":{\"ip\":\"10.11.1.20\",\"port\":"
	  "50001},"
	  "\"server\":{\"ip\":\"10.10.0.13\",\"port\":443},\"evidence\":{\"class\":"
	  "\"attested\",\"by\":\"haproxy\","
	  "\"until\":\"2026-11-24T06:00:00.500000+0000\"},\"tls\":{\"client\":{\"in_"
	  "validity\":false}}}}" },
	{ "strongswan",
	  "2026-11-24T15:00:00+0900 05[IKE] IKE_SA gw[1] established between "
	  "10.10.0.20[CN=vpn.base.example]...10.11.0.2[CN=gw.region-a.example]",
	  "{\"timestamp\":\"2026-11-24T06:00:00.000000+0000\",\"event_type\":\"ike\","
	  "\"sekisho\":{\"v\":1,\"client\":"
	  "{\"ip\":\"10.11.0.2\"},\"server\":{\"ip\":\"10.10.0.20\"},\"evidence\":{"
	  "\"class\":\"attested\",\"by\":"
	  "\"strongswan\",\"until\":\"2026-11-24T06:00:00.000000+0000\",\"peer\":\"CN="
	  "gw.region-a.example\"}}}" },
	{ "strongswan", "2026-11-24T15:00:00+0900 05[IKE] received NO_PROPOSAL_CHOSEN",
	  "" },
	{ "keycloak",
	  "{\"time\":1795500000123,\"type\":\"LOGIN\",\"ipAddress\":\"10.11.1.20\","
	  "\"serverAddress\":\"10.10.0.11\","
	  "\"userId\":\"f:secret\",\"details\":{\"credential_type\":\"otp\"}}",
	  "{\"timestamp\":\"2026-11-24T06:00:00.123000+0000\",\"event_type\":\"tls\","
	  "\"sekisho\":{\"v\":1,\"client\":"
	  "{\"ip\":\"10.11.1.20\"},\"server\":{\"ip\":\"10.10.0.11\"},\"evidence\":{"
	  "\"class\":\"attested\",\"by\":"
	  "\"keycloak\",\"until\":\"2026-11-24T06:00:00.123000+0000\",\"auth\":\"otp\","
	  "\"factors\":2}}}" },
	{ "suricata",
	  "{\"timestamp\":\"2026-11-24T15:00:00.000001+0900\",\"flow_id\":77,\"event_"
	  "type\":\"tls\",\"src_ip\":"
	  "\"10.11.1.20\",\"src_port\":50001,\"dest_ip\":\"10.10.0.13\",\"dest_port\":"
	  "443,\"proto\":\"TCP\","
	  "\"tls\":{\"sni\":\"portal\",\"version\":\"TLS "
	  "1.2\",\"unknown\":{\"a\":[1]}}}",
	  "{\"timestamp\":\"2026-11-24T06:00:00.000001+0000\",\"flow_id\":77,\"event_"
	  "type\":\"tls\",\"src_ip\":"
	  "\"10.11.1.20\",\"src_port\":50001,\"dest_ip\":\"10.10.0.13\",\"dest_port\":"
	  "443,\"proto\":\"TCP\","
	  "\"tls\":{\"sni\":\"portal\",\"version\":\"TLS "
	  "1.2\"},\"sekisho\":{\"v\":1,\"poi\":\"poi-east\",\"client\":"
	  "{\"ip\":\"10.11.1.20\",\"port\":50001},\"server\":{\"ip\":\"10.10.0.13\","
	  "\"port\":443},"
	  "\"direction_confidence\":\"content\",\"is_final\":true}}" },
	{ "suricata",
	  "{\"timestamp\":\"2026-11-24T15:00:00+09:00\",\"event_type\":\"netflow2\","
	  "\"src_ip\":\"1.2.3.4\",\"dest_ip\":\"1.2.3.5\"}",
	  "" },
	{ "zeek-conn",
	  "{\"ts\":1795500000.123456,\"uid\":\"C1\",\"id.orig_h\":\"10.11.1.20\",\"id."
	  "orig_p\":50001,\"id.resp_h\":"
	  "\"10.10.0.13\",\"id.resp_p\":443,\"proto\":\"tcp\",\"service\":\"ssl\","
	  "\"orig_bytes\":10,\"resp_bytes\":20,"
	  "\"conn_state\":\"SF\"}",
	  "{\"timestamp\":\"2026-11-24T06:00:00.123456+0000\",\"event_type\":\"flow\","
	  "\"src_ip\":\"10.11.1.20\","
	  "\"src_port\":50001,\"dest_ip\":\"10.10.0.13\",\"dest_port\":443,\"proto\":"
	  "\"TCP\",\"app_proto\":\"tls\","
	  "\"flow\":{\"bytes_toserver\":10,\"bytes_toclient\":20,\"state\":\"closed\"},"
	  "\"sekisho\":{\"v\":1,\"poi\":"
	  "\"poi-east\",\"client\":{\"ip\":\"10.11.1.20\",\"port\":50001},\"server\":{"
	  "\"ip\":\"10.10.0.13\",\"port\":443},"
	  "\"direction_confidence\":\"content\",\"is_final\":true}}" },
	{ "zeek-ssl",
	  "{\"ts\":1795500000.0,\"id.orig_h\":\"10.11.1.20\",\"id.orig_p\":50001,\"id."
	  "resp_h\":\"10.10.0.13\","
	  "\"id.resp_p\":443,\"version\":\"TLSv12\",\"cipher\":\"TLS_ECDHE_RSA_WITH_"
	  "AES_256_GCM_SHA384\",\"curve\":"
	  "\"x25519\",\"established\":true}",
	  "{\"timestamp\":\"2026-11-24T06:00:00.000000+0000\",\"event_type\":\"tls\","
	  "\"src_ip\":\"10.11.1.20\","
	  "\"src_port\":50001,\"dest_ip\":\"10.10.0.13\",\"dest_port\":443,\"proto\":"
	  "\"TCP\",\"tls\":{\"version\":"
	  "\"TLS "
	  "1.2\",\"cipher_suite\":\"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\",\"group\":"
	  "\"x25519\"},\"sekisho\":"
	  "{\"v\":1,\"poi\":\"poi-east\",\"client\":{\"ip\":\"10.11.1.20\",\"port\":"
	  "50001},\"server\":{\"ip\":"
	  "\"10.10.0.13\",\"port\":443},\"direction_confidence\":\"content\",\"tls\":{"
	  "\"handshake\":\"complete\"}}}" },
};

static const struct log_mapping *
find(const char *id)
{
	struct error err;
	const struct log_mapping *mapping = log_mappings_find(mappings, id, &err);

	if (mapping == NULL)
		fail_msg("%s", err.text);
	return mapping;
}

static void
each_line_becomes_its_record(void **state)
{
	static char out[RECORD_SIZE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct log_mapping *mapping = find(lines[i].id);
		struct record record;
		enum log_result result = log_read(
			reader, mapping, mapping->is_evidence ? "" : "poi-east",
			lines[i].line, strlen(lines[i].line), &record);
		assert_int_equal(result,
				 lines[i].made[0] != '\0' ? LOG_RECORD : LOG_OTHER);
		if (result != LOG_RECORD)
			continue;
		out[record_write(&record, NULL, out)] = '\0';
		assert_string_equal(out, lines[i].made);
	}
}

/* Whatever is cut or changed in a line, nothing breaks, and no record lacks its time.
 */
static void
any_prefix_and_any_damage_is_a_record_or_is_not(void **state)
{
	static char copy[4096], out[RECORD_SIZE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct log_mapping *mapping = find(lines[i].id);
		size_t size = strlen(lines[i].line);
		for (size_t at = 0; at < 3 * size; at++) {
			struct record record;
			size_t place = at % size;
			memcpy(copy, lines[i].line, size);
			if (at >= size)
				copy[place] =
					(char)(at >= 2 * size ? 0x80 : copy[place] ^ 1);
			if (log_read(reader, mapping, "", copy,
				     at < size ? place : size, &record) != LOG_RECORD)
				continue;
			assert_true(record_has(&record, FIELD_TIMESTAMP));
			assert_true(record_write(&record, NULL, out) > 0);
		}
	}
}

static void
what_is_no_line_of_ours_is_refused(void **state)
{
	static char long_line[LOG_LINE_MAX + 8];
	struct record record;

	(void)state;
	memset(long_line, ' ', sizeof(long_line));
	assert_int_equal(log_read(reader, find("nginx"), "", long_line,
				  sizeof(long_line), &record),
			 LOG_REFUSED);
	static const char *const bad[] = {
		"[]",
		"{",
		"{\"msec\":1,\"msec\":2}",
		"\xff",
		"{\"msec\":\"x\",\"remote_addr\":\"1.2.3.4\",\"remote_port\":1,"
		"\"server_addr\":\"1.2.3.5\","
		"\"server_port\":1,\"ssl_protocol\":\"TLSv1.3\"}",
		"{\"msec\":1,\"remote_addr\":\"1.2.3\",\"remote_port\":1,\"server_"
		"addr\":\"1.2.3.5\","
		"\"server_port\":1,\"ssl_protocol\":\"TLSv1.3\"}",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(log_read(reader, find("nginx"), "", bad[i],
					  strlen(bad[i]), &record),
				 LOG_REFUSED);
}

#define HEAD "format: evidence/1\nmappings:\n- id: m\n  title: {ja: あ, en: a}\n"

static void
a_wrong_mapping_is_named_with_its_place(void **state)
{
	static const struct {
		const char *text, *said;
	} wrong[] = {
		{ "format: evidence/2\nmappings: []\n",
		  "m.yaml:1:9: \"evidence/2\" is no format of this version; expected "
		  "\"evidence/1\"" },
		{ HEAD, "m.yaml:3:3: \"input\" is missing; expected json or text" },
		{ HEAD "  input: json\n  gives: evidence\n  event: tsl\n",
		  "m.yaml:7:10: \"tsl\" is no event type; did you mean \"tls\"?" },
		{ HEAD "  input: json\n  gives: evidence\n  event: tls\n  time: {from: "
		       "t, form: secs}\n",
		  "m.yaml:8:25: \"secs\" is no form; expected rfc3339, seconds or "
		  "milliseconds" },
		{ HEAD "  input: json\n  gives: evidence\n  event: tls\n  time: {from: "
		       "t, form: seconds}\n",
		  "m.yaml:3:3: \"fields\" is missing; expected {PATH: {from: NAME}}" },
		{ HEAD "  input: json\n  gives: evidence\n  event: tls\n  time: {from: "
		       "t, form: seconds}\n"
		       "  fields: {tls.versoin: {from: v}}\n",
		  "m.yaml:9:12: \"tls.versoin\" is no field; did you mean "
		  "\"tls.version\"?" },
		{ HEAD "  input: text\n  gives: evidence\n  event: tls\n  time: {from: "
		       "t, form: seconds}\n"
		       "  fields: {tls.version: {from: v}}\n  pattern: '('\n",
		  "m.yaml:10:12: no regular expression, at its byte 1: missing closing "
		  "parenthesis; expected a "
		  "regular expression of PCRE2" },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_null(log_mappings_parse("m.yaml", wrong[i].text,
					       strlen(wrong[i].text), &err));
		assert_string_equal(err.text, wrong[i].said);
	}
	assert_null(log_mappings_find(mappings, "ngnix", &err));
	assert_string_equal(err.text,
			    "\"ngnix\" is no mapping of evidence/; did you mean nginx");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_becomes_its_record),
		cmocka_unit_test(any_prefix_and_any_damage_is_a_record_or_is_not),
		cmocka_unit_test(what_is_no_line_of_ours_is_refused),
		cmocka_unit_test(a_wrong_mapping_is_named_with_its_place),
	};

	return cmocka_run_group_tests_name("log_lines", tests, load, drop);
}
