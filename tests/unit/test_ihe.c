/* SPDX-License-Identifier: Apache-2.0 */
/* test_ihe: SOAP envelopes: actions, XUA, ids, counts, MTOM, hostile XML, loss. */
#include "tests/unit/http_play.h"
#include "tests/unit/soap_text.h"

#include "sensor/dissect/ihe.h"
#include "sensor/dissect/soap_multipart.h"

enum { MESSAGE = 32 << 10 };

static char request[MESSAGE], response[MESSAGE];

static void
post(char *to, const char *fields, const char *body)
{
	snprintf(to, MESSAGE,
		 "POST /xca/MARKER HTTP/1.1\r\nHost: xca.jp\r\n%s"
		 "Content-Length: %zu\r\n\r\n%s",
		 fields, strlen(body), body);
}

static void
answer(char *to, const char *fields, const char *body)
{
	snprintf(to, MESSAGE, "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n%s",
		 fields, strlen(body), body);
}

#define SOAP12 "Content-Type: application/soap+xml; charset=UTF-8\r\n"

static void
exchange(const char *fields, const char *asked, const char *answered)
{
	post(request, fields, asked);
	answer(response, SOAP12, answered);
	talk(request, response);
}

static void
a_cross_gateway_query_is_told(void **state)
{
	const char *told;

	(void)state;
	exchange(SOAP12, CROSS_QUERY, CROSS_QUERY_ANSWER);
	assert_int_equal(play.count, 2);
	told = record_of("ihe", 0);
	assert_says(
		told,
		"\"ihe\":{\"transaction\":\"ITI-38\","
		"\"name\":\"Cross Gateway Query\",\"kind\":\"exchange\","
		"\"action\":\"urn:ihe:iti:2007:CrossGatewayQuery\","
		"\"action_from\":\"body\","
		"\"response_action\":\"urn:ihe:iti:2007:CrossGatewayQueryResponse\","
		"\"message\":\"AdhocQueryRequest\","
		"\"response_message\":\"AdhocQueryResponse\","
		"\"soap_version\":\"1.2\",\"is_mtom\":false,"
		"\"message_id\":\"urn:uuid:m-1\",\"relates_to\":\"urn:uuid:m-1\","
		"\"response_id\":\"urn:uuid:m-2\",\"is_async\":false,"
		"\"home_communities\":[\"urn:oid:1.2.4\",\"urn:oid:1.2.5\"],"
		"\"patient_authorities\":[\"1.2.3.9\"],"
		"\"query_id\":\"urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d\","
		"\"query\":\"FindDocuments\",\"return_type\":\"LeafClass\","
		"\"objects_returned\":2,\"status\":\"PartialSuccess\","
		"\"errors\":[\"XDSUnknownCommunity\"],");
	assert_says(told,
		    "\"xua\":{\"is_seen\":true,\"assertion_id\":\"_as-1\","
		    "\"issuer\":\"https://idp.region-a.jp\","
		    "\"confirmation\":\"bearer\","
		    "\"not_before\":\"2026-11-20T00:00:00Z\","
		    "\"not_on_or_after\":\"2026-11-20T01:00:00Z\","
		    "\"role\":\"112247003\",\"role_system\":\"2.16.840.1.113883.6.96\","
		    "\"purpose\":\"TREATMENT\","
		    "\"purpose_system\":\"2.16.840.1.113883.3.18.7.1\","
		    "\"organization\":\"Hospital A\","
		    "\"organization_id\":\"urn:oid:1.2.392.200119.1\","
		    "\"home_community\":\"urn:oid:1.2.3\","
		    "\"consent_policy\":\"urn:oid:1.2.5\"}");
	assert_says(told, "\"hostname\":\"xca.jp\"");
	assert_says(told, "\"soap\":\"1.2\"");
	assert_says(record_of("http", 0), "\"soap\":\"1.2\"");
}

/* clang-format off */
static const struct { const char *fields, *body, *transaction, *from; } actions[] = {
	{ "Content-Type: text/xml\r\nSOAPAction: \"urn:ihe:iti:2007:RegistryStoredQuery\"\r\n", QUERY_BODY, "\"ITI-18\"", "soapaction" },
	{ "Content-Type: application/soap+xml; action=\"urn:ihe:iti:2007:CrossGatewayRetrieve\"\r\n", "", "\"ITI-39\"", "content_type" },
	{ "Content-Type: text/xml\r\nSOAPAction: urn:hl7-org:v3:PRPA_IN201305UV02:CrossGatewayPatientDiscovery\r\n", "", "\"ITI-55\"", "soapaction" },
	{ "Content-Type: text/xml\r\nSOAPAction: \"urn:hl7-org:v3:PRPA_IN201305UV02\"\r\n", "", "\"ITI-47\"", "soapaction" },
	{ "Content-Type: text/xml\r\nSOAPAction: \"urn:hl7-org:v3:PRPA_IN201302UV02\"\r\n", "", "null", "soapaction" },
	{ "Content-Type: text/xml\r\n", "<PRPA_IN201309UV02 xmlns=\"urn:hl7-org:v3\"/>", "\"ITI-45\"", "message" },
	{ "Content-Type: text/xml\r\nSOAPAction: \"\"\r\n", "<PRPA_IN201301UV02 xmlns=\"urn:hl7-org:v3\"/>", "\"ITI-44\"", "message" },
};
/* clang-format on */

static void
the_action_may_stand_in_four_places(void **state)
{
	char body[MESSAGE / 2], want[64];

	(void)state;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		snprintf(body, sizeof(body),
			 "<s:Envelope " S11 "><s:Body>%s</s:Body></s:Envelope>",
			 actions[i].body);
		exchange(actions[i].fields, body, FAULT);
		const char *told = record_of("ihe", 0);
		snprintf(want, sizeof(want), "\"transaction\":%s",
			 actions[i].transaction);
		assert_says(told, want);
		snprintf(want, sizeof(want), "\"action_from\":\"%s\"", actions[i].from);
		assert_says(told, want);
		assert_says(told, "\"status\":\"Fault\"");
		assert_says(told, "\"fault\":\"Client\"");
		assert_says(told, "\"is_seen\":false");
		assert_says(told, "\"purpose\":null");
	}
}

static void
documents_and_patients_are_counted(void **state)
{
	(void)state;
	exchange("Content-Type: application/soap+xml; "
		 "action=\"urn:ihe:iti:2007:RetrieveDocumentSet\"\r\n",
		 RETRIEVE, RETRIEVE_ANSWER);
	assert_says(record_of("ihe", 0), "\"transaction\":\"ITI-43\"");
	assert_says(record_of("ihe", 0),
		    "\"home_communities\":[\"urn:oid:1.2.4\"],\"repositories\":"
		    "[\"1.9\"],\"documents_asked\":2,\"documents_returned\":1,"
		    "\"status\":\"Success\"");
	exchange(SOAP12, DISCOVERY, DISCOVERY_ANSWER);
	assert_says(record_of("ihe", 0),
		    "\"sender\":\"1.2.3.7\",\"receiver\":\"1.2.4.7\","
		    "\"patient_authorities\":[\"1.2.3.9\",\"1.2.4.9\"],"
		    "\"patients_found\":1,\"status\":\"Success\","
		    "\"acknowledgement\":\"AA\",\"query_response\":\"OK\"");
}

/* What the writer makes pseudonyms of. */
static void
ids_are_normalised(void **state)
{
	static struct soap soap;
	struct kept_budget budget = { .most = 1 << 20 };
	struct bytes value;
	size_t at = 0;

	(void)state;
	assert_true(soap_begin(&soap, &budget));
	soap_feed(&soap, bytes_over(CROSS_QUERY, strlen(CROSS_QUERY)));
	soap_end(&soap, NULL);
	assert_null(soap.lost);
	assert_int_equal(soap.list[SOAP_PATIENTS].count, 1);
	assert_true(http_list_next(&soap.list[SOAP_PATIENTS], &at, &value));
	assert_true(http_is(value, "MARKER-1^^^&1.2.3.9&ISO"));
	assert_true(http_is(http_texts_get(&soap.texts, SAML_PATIENT),
			    "MARKER-1^^^&1.2.3.9&ISO"));
	assert_true(http_is(http_texts_get(&soap.texts, SAML_NAME), "MARKER-user"));
	assert_true(http_is(http_texts_get(&soap.texts, SAML_SUBJECT), "Dr MARKER"));
	assert_true(
		http_is(http_texts_get(&soap.texts, SAML_CONSENT), "MARKER-consent"));
	soap_release(&soap);
	assert_true(soap_begin(&soap, &budget));
	soap_feed(&soap, bytes_over(DISCOVERY_ANSWER, strlen(DISCOVERY_ANSWER)));
	at = 0;
	assert_true(http_list_next(&soap.list[SOAP_PATIENTS], &at, &value));
	assert_true(http_is(value, "MARKER-7^^^&1.2.4.9&ISO"));
	soap_take_patients(&soap, bytes_over("('a^^^&1&ISO', 'b^^^&2&ISO')", 28), 0);
	assert_int_equal(soap.list[SOAP_PATIENTS].count, 3);
	soap_release(&soap);
	assert_int_equal(budget.held, 0);
}

static void
an_answer_may_come_in_a_connection_of_its_own(void **state)
{
	(void)state;
	post(request, SOAP12,
	     "<s:Envelope " S12 WSA "><s:Header><a:Action>"
	     "urn:ihe:iti:2007:CrossGatewayRetrieve</a:Action><a:ReplyTo><a:Address>"
	     "http://gw/MARKER</a:Address></a:ReplyTo></s:Header><s:Body/>"
	     "</s:Envelope>");
	talk(request, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
	assert_says(record_of("ihe", 0), "\"kind\":\"request\"");
	assert_says(record_of("ihe", 0), "\"is_async\":true");
	assert_does_not_say(record_of("ihe", 0), "\"status\":\"");
	post(request, SOAP12, CROSS_QUERY_ANSWER);
	talk(request, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
	assert_says(record_of("ihe", 0), "\"transaction\":\"ITI-38\"");
	assert_says(record_of("ihe", 0), "\"kind\":\"response\"");
	assert_says(record_of("ihe", 0), "\"is_async\":true");
	assert_says(record_of("ihe", 0), "\"relates_to\":\"urn:uuid:m-1\"");
	assert_says(record_of("ihe", 0), "\"objects_returned\":2");
	assert_says(record_of("ihe", 0), "\"status\":\"PartialSuccess\"");
}

#define MTOM                                                  \
	"Content-Type: multipart/related; boundary=\"b-1\"; " \
	"type=\"application/xop+xml\"; start=\"<root@a>\"; "  \
	"start-info=\"application/soap+xml\"\r\n"
#define PARTS                                                        \
	"preamble\r\n--b-1\r\nContent-ID: <other@a>\r\n\r\n<no>\r\n" \
	"--b-1\r\nContent-Type: application/xop+xml\r\nContent-ID: " \
	"<root@a>\r\n\r\n" RETRIEVE                                  \
	"\r\n--b-1\r\nContent-ID: <doc@a>\r\n\r\nMARKER\r\n--b-1--\r\n"

static void
only_the_root_part_is_read(void **state)
{
	(void)state;
	post(request, MTOM, PARTS);
	for (size_t cut = 0; cut < strlen(request); cut += 3) {
		start();
		play_bytes(&play, 0, request, cut);
		play_text(&play, 0, request + cut);
		play_text(&play, 1, "HTTP/1.1 202 A\r\nContent-Length: 0\r\n\r\n");
		stop();
		assert_says(record_of("ihe", 0), "\"documents_asked\":2");
		assert_says(record_of("ihe", 0), "\"is_mtom\":true");
		assert_does_not_say(record_of("ihe", 0), "unobservable");
	}
}

static void
other_services_are_told_as_soap_alone(void **state)
{
	(void)state;
	exchange("Content-Type: text/xml\r\nSOAPAction: \"http://MARKER/Get\"\r\n",
		 "<s:Envelope " S11 "><s:Body><Get xmlns=\"http://MARKER\"/></s:Body>"
		 "</s:Envelope>",
		 FAULT);
	assert_int_equal(count_of("ihe"), 0);
	assert_says(record_of("http", 0), "\"soap\":\"1.1\"");
	exchange("Content-Type: text/xml\r\n", "<feed><MARKER/></feed>", "<a/>");
	assert_int_equal(play.count, 1);
	assert_does_not_say(play.line[0], "\"soap\":");
}

static void
hostile_documents_are_given_up(void **state)
{
	static char deep[MESSAGE / 2];

	(void)state;
	exchange(SOAP12,
		 "<!DOCTYPE s [<!ENTITY a \"MARKER\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
		 "<s:Envelope " S12 "><s:Body>&b;</s:Body></s:Envelope>",
		 RETRIEVE_ANSWER);
	assert_says(record_of("ihe", 0), "\"kind\":\"response\"");
	strcpy(deep, "<s:Envelope " S12 "><s:Body>"
		     "<PRPA_IN201309UV02 xmlns=\"urn:hl7-org:v3\">");
	for (int i = 0; i < 500; i++)
		strcat(deep, "<a>");
	exchange(SOAP12, deep, DISCOVERY_ANSWER);
	assert_says(record_of("ihe", 0), "\"transaction\":\"ITI-45\"");
	assert_says(record_of("ihe", 0), "\"ihe.xua\":\"truncated\"");
	assert_does_not_say(record_of("ihe", 0), "is_seen");
	exchange(SOAP12, "<s:Envelope " S12 "><s:Body></s:Header>", RETRIEVE_ANSWER);
	assert_says(record_of("ihe", 0), "\"ihe.xua\":\"not_decoded\"");
}

static void
an_encrypted_assertion_says_so(void **state)
{
	(void)state;
	exchange(SOAP12,
		 "<s:Envelope " S12 "><s:Header><w:Security xmlns:w=\"w\">"
		 "<EncryptedAssertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">"
		 "MARKER</EncryptedAssertion></w:Security></s:Header><s:Body>"
		 "<PRPA_IN201309UV02 xmlns=\"urn:hl7-org:v3\"/></s:Body></s:Envelope>",
		 DISCOVERY_ANSWER);
	assert_says(record_of("ihe", 0), "\"is_seen\":true");
	assert_says(record_of("ihe", 0), "\"ihe.xua\":\"encrypted\"");
}

static void
what_was_lost_is_said(void **state)
{
	size_t cut;

	(void)state;
	post(request, SOAP12, CROSS_QUERY);
	answer(response, SOAP12, CROSS_QUERY_ANSWER);
	cut = strlen(response) - 400;
	start();
	play_text(&play, 0, request);
	play_bytes(&play, 1, response, cut);
	play_gap(&play, 1, 400);
	stop();
	assert_says(record_of("ihe", 0), "\"status\":\"PartialSuccess\"");
	assert_says(record_of("ihe", 0), "\"ihe.objects_returned\":\"loss\"");
	assert_does_not_say(record_of("ihe", 0), "\"objects_returned\":");
	assert_says(record_of("http", 0), "\"http.length\":\"loss\"");
	cut = strlen(request) - strlen(CROSS_QUERY) + 30;
	start();
	play_bytes(&play, 0, request, cut);
	play_gap(&play, 0, strlen(request) - cut);
	play_text(&play, 1, response);
	stop();
	assert_says(record_of("ihe", 0), "\"transaction\":\"ITI-38\"");
	assert_says(record_of("ihe", 0), "\"kind\":\"response\"");
}

static void
every_prefix_and_every_damage_is_borne(void **state)
{
	static char damaged[MESSAGE];

	(void)state;
	post(request, SOAP12, CROSS_QUERY);
	for (size_t size = 0; size < strlen(request); size += 7) {
		start();
		play_bytes(&play, 0, request, size);
		stop();
	}
	strcpy(damaged, request);
	for (size_t at = 0; at < strlen(request); at += 3) {
		damaged[at] = (char)(request[at] ^ 0x15);
		start();
		play_text(&play, 0, damaged);
		play_text(&play, 1, CROSS_QUERY_ANSWER);
		play_end(&play); /* a damaged name may be anything but a patient's */
		damaged[at] = request[at];
	}
}

static void
so_many_documents_are_read_at_once(void **state)
{
	(void)state;
	lane->documents = HTTP_XML_MAX;
	uint64_t before = lane->lane.counters.no_memory;
	exchange(SOAP12, CROSS_QUERY, CROSS_QUERY_ANSWER);
	lane->documents = 0;
	assert_int_equal(count_of("ihe"), 0);
	assert_says(record_of("http", 0), "\"unobservable\":{\"ihe\":\"truncated\"}");
	assert_int_equal(lane->lane.counters.no_memory, before + 2);
}

static void
a_compressed_content_is_not_looked_into_and_said(void **state)
{
	(void)state;
	post(request, SOAP12, CROSS_QUERY);
	answer(response, SOAP12 "Content-Encoding: gzip\r\n", "\x1f\x8bMARKER");
	talk(request, response);
	assert_says(record_of("http", 0), "\"ihe\":\"not_decoded\"");
	assert_says(record_of("http", 0), "\"encoding\":\"gzip\"");
	assert_says(record_of("ihe", 0), "\"kind\":\"request\"");
}

static void
a_document_that_is_too_long_is_read_in_part(void **state)
{
	static char piece[4096];

	(void)state;
	start();
	play_text(&play, 0,
		  "POST / HTTP/1.1\r\nHost: a\r\n" SOAP12
		  "Transfer-Encoding: chunked\r\n\r\n");
	snprintf(request, MESSAGE, "%zx\r\n%s\r\n", strlen(RETRIEVE) - 60, RETRIEVE);
	play_bytes(&play, 0, request,
		   strcspn(request, "\n") + 1 + strlen(RETRIEVE) - 60);
	play_text(&play, 0, "\r\n");
	memset(piece, ' ', sizeof(piece));
	for (int i = 0; i <= XML_READ_MAX / 4096; i++) {
		play_text(&play, 0, "1000\r\n");
		play_bytes(&play, 0, piece, sizeof(piece));
		play_text(&play, 0, "\r\n");
	}
	play_text(&play, 0, "0\r\n\r\n");
	play_text(&play, 1, "HTTP/1.1 202 A\r\nContent-Length: 0\r\n\r\n");
	stop();
	assert_says(record_of("ihe", 0), "\"documents_asked\":2");
	assert_says(record_of("ihe", 0), "\"ihe.xua\":\"truncated\"");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cross_gateway_query_is_told),
		cmocka_unit_test(the_action_may_stand_in_four_places),
		cmocka_unit_test(documents_and_patients_are_counted),
		cmocka_unit_test(ids_are_normalised),
		cmocka_unit_test(an_answer_may_come_in_a_connection_of_its_own),
		cmocka_unit_test(only_the_root_part_is_read),
		cmocka_unit_test(other_services_are_told_as_soap_alone),
		cmocka_unit_test(hostile_documents_are_given_up),
		cmocka_unit_test(an_encrypted_assertion_says_so),
		cmocka_unit_test(what_was_lost_is_said),
		cmocka_unit_test(every_prefix_and_every_damage_is_borne),
		cmocka_unit_test(so_many_documents_are_read_at_once),
		cmocka_unit_test(a_compressed_content_is_not_looked_into_and_said),
		cmocka_unit_test(a_document_that_is_too_long_is_read_in_part),
	};

	return cmocka_run_group_tests_name("ihe", tests, make_lane, free_lane);
}
