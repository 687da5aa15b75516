/* SPDX-License-Identifier: Apache-2.0 */
/* test_fhir: FHIR REST: interactions by URL and method, media types, bundles, outcomes.
 */
#include "tests/unit/http_play.h"

#include "sensor/dissect/fhir.h"

enum { MESSAGE = 16 << 10 };

static char request[MESSAGE], response[MESSAGE];

static void
exchange(const char *line, const char *fields, const char *sent, const char *type,
	 const char *got)
{
	snprintf(request, MESSAGE,
		 "%s HTTP/1.1\r\nHost: fhir.jp\r\n%sContent-Length: %zu\r\n\r\n%s",
		 line, fields, strlen(sent), sent);
	snprintf(response, MESSAGE,
		 "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
		 type, strlen(got), got);
	talk(request, response);
}

#define JSON    "application/fhir+json"
#define PATIENT "{\"resourceType\":\"Patient\",\"id\":\"MARKER\"}"
#define ACCEPT  "Accept: text/html, application/fhir+json; fhirVersion=4.0\r\n"
#define SENDS   "Content-Type: application/fhir+json; fhirVersion=4.3\r\n"

/* clang-format off */
static const struct { const char *line, *fields, *sent, *want; } interactions[] = {
	{ "GET /r4/Patient/MARKER", ACCEPT, "", "\"interaction\":\"read\",\"resource\":\"Patient\",\"transaction\":\"ITI-78\",\"format\":\"json\",\"version\":\"4.0\",\"status\":200,\"answer\":\"Patient\"" },
	{ "GET /Patient/MARKER/_history/2", ACCEPT, "", "\"interaction\":\"vread\",\"resource\":\"Patient\"" },
	{ "GET /Patient/MARKER/_history", ACCEPT, "", "\"interaction\":\"history\",\"resource\":\"Patient\"" },
	{ "GET /Patient?family=MARKER&birthdate=MARKER&MARKER=1", ACCEPT, "", "\"interaction\":\"search\",\"resource\":\"Patient\",\"transaction\":\"ITI-78\",\"parameters\":[\"family\",\"birthdate\",\"other\"]" },
	{ "POST /Patient/_search", ACCEPT, "family=MARKER", "\"interaction\":\"search\"" },
	{ "GET /DocumentReference?patient.identifier=urn:oid:1.2.3%7CMARKER&status=current", ACCEPT, "", "\"transaction\":\"ITI-67\",\"parameters\":[\"patient.identifier\",\"status\"]" },
	{ "GET /List?patient=Patient/MARKER&code=submissionset", ACCEPT, "", "\"transaction\":\"ITI-66\"" },
	{ "GET /Binary/MARKER", ACCEPT, "", "\"interaction\":\"read\",\"resource\":\"Binary\",\"transaction\":\"ITI-68\"" },
	{ "GET /Patient/$ihe-pix?sourceIdentifier=urn:oid:1.2.3%7CMARKER", ACCEPT, "", "\"interaction\":\"operation\",\"resource\":\"Patient\",\"operation\":\"$ihe-pix\",\"transaction\":\"ITI-83\"" },
	{ "POST /Patient/$match", SENDS, "{\"resourceType\":\"Parameters\"}", "\"operation\":\"$match\",\"transaction\":\"ITI-119\",\"format\":\"json\",\"version\":\"4.3\",\"status\":200,\"answer\":\"Patient\",\"sent\":\"Parameters\"" },
	{ "POST /Patient/$MARKER", SENDS, PATIENT, "\"operation\":\"other\",\"format\"" },
	{ "PUT /Patient?identifier=urn:oid:1.2.3%7CMARKER", SENDS, PATIENT, "\"interaction\":\"update\",\"resource\":\"Patient\",\"transaction\":\"ITI-104\"" },
	{ "PUT /Patient/MARKER", SENDS, PATIENT, "\"interaction\":\"update\",\"resource\":\"Patient\",\"format\"" },
	{ "POST /Observation", SENDS, "{\"resourceType\":\"Observation\"}", "\"interaction\":\"create\",\"resource\":\"Observation\"" },
	{ "DELETE /Observation/MARKER", ACCEPT, "", "\"interaction\":\"delete\"" },
	{ "PATCH /Observation/MARKER", SENDS, "", "\"interaction\":\"patch\"" },
	{ "GET /Patient/MARKER/Observation?code=1", ACCEPT, "", "\"interaction\":\"search\",\"resource\":\"Observation\"" },
	{ "GET /r4/metadata", ACCEPT, "", "\"interaction\":\"capabilities\",\"resource\":null" },
	{ "POST /r4", SENDS, "{\"type\":\"transaction\",\"entry\":[{\"resource\":{\"entry\":[{}]}},{}],\"resourceType\":\"Bundle\","
	  "\"meta\":{\"profile\":[\"https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.Minimal.ProvideBundle\"]}}",
	  "\"interaction\":\"transaction\",\"resource\":null,\"transaction\":\"ITI-65\",\"format\":\"json\",\"version\":\"4.3\",\"status\":200,\"answer\":\"Patient\",\"sent\":\"Bundle\",\"sent_entries\":2" },
	{ "POST /r4", SENDS, "{\"type\":\"batch\",\"resourceType\":\"Bundle\"}", "\"interaction\":\"batch\"" },
	{ "GET /nothing/of/ours", ACCEPT, "", "\"interaction\":null" },
};
/* clang-format on */

static void
each_interaction_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(interactions) / sizeof(interactions[0]); i++) {
		exchange(interactions[i].line, interactions[i].fields,
			 interactions[i].sent, JSON, PATIENT);
		assert_int_equal(count_of("http"), 1);
		assert_says(record_of("fhir", 0), interactions[i].want);
	}
}

static void
bundles_and_outcomes_are_counted(void **state)
{
	(void)state;
	exchange("GET /Patient?family=MARKER", ACCEPT, "",
		 "application/fhir+json;charset=UTF-8",
		 "\xef\xbb\xbf{ \"resourceType\" : \"Bundle\", \"type\":\"searchset\","
		 "\"total\" : 17, \"entry\":[ {\"resource\":{\"resourceType\":"
		 "\"Patient\",\"name\":\"MARKER \\\" }\"}}, {\"x\":[{}]} ] }");
	assert_says(record_of("fhir", 0),
		    "\"answer\":\"Bundle\",\"bundle\":{\"type\":\"searchset\","
		    "\"total\":17,\"entries\":2}");
	exchange("GET /Patient?family=MARKER", ACCEPT, "", "application/fhir+xml",
		 "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"searchset\"/>"
		 "<total value=\"3\"/><entry><resource><Patient><name "
		 "value=\"MARKER\"/></Patient></resource></entry></Bundle>");
	assert_says(record_of("fhir", 0),
		    "\"bundle\":{\"type\":\"searchset\",\"total\":3,\"entries\":1}");
	exchange("GET /Patient/1", ACCEPT, "", JSON,
		 "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":"
		 "\"error\",\"code\":\"not-found\",\"diagnostics\":\"MARKER\"},"
		 "{\"code\":\"MARKER not a code\"}]}");
	assert_says(record_of("fhir", 0), "\"answer\":\"OperationOutcome\"");
	assert_says(record_of("fhir", 0), "\"issues\":[\"not-found\"]");
}

static void
what_is_not_fhir_is_not_told_as_such(void **state)
{
	(void)state;
	exchange("GET /Patient/MARKER", "", "", "text/html", "<p>MARKER</p>");
	assert_int_equal(count_of("fhir"), 0);
	exchange("GET /api/MARKER", "", "", "application/json", PATIENT);
	assert_int_equal(count_of("fhir"), 0);
	exchange("GET /api/Patient/MARKER", "", "", "application/json", PATIENT);
	assert_int_equal(count_of("fhir"), 1);
	assert_says(record_of("fhir", 0), "\"version\":null");
	exchange("GET /api/Patient/MARKER", "", "", "application/json", "[1,2,3]");
	assert_int_equal(count_of("fhir"), 0);
}

static void
the_tables_are_in_order(void **state)
{
	static const char *const names[] = {
#include "sensor/dissect/fhir_resources.def"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
		assert_true(fhir_is_resource(bytes_over(names[i], strlen(names[i]))));
	}
	assert_false(fhir_is_resource(bytes_over("Patien", 6)));
	assert_false(fhir_is_resource(bytes_over("Patients", 8)));
	assert_false(fhir_is_resource(bytes_over("patient", 7)));
}

static void
damaged_and_cut_contents_are_borne(void **state)
{
	static const char bundle[] =
		"{\"resourceType\":\"Bundle\",\"total\":99999999999999999999,"
		"\"entry\":[{\"a\":[[[{}]]]}]}";
	char damaged[sizeof(bundle)];
	static char deep[2000];

	(void)state;
	for (size_t at = 0; at < sizeof(bundle) - 1; at++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(damaged, bundle, sizeof(bundle));
			damaged[at] = (char)(damaged[at] ^ 1 << bit);
			exchange("GET /Patient", ACCEPT, "", JSON, damaged);
			assert_int_equal(count_of("fhir"), 1);
		}
	strcpy(deep, "{\"resourceType\":\"Bundle\",\"x\":");
	memset(deep + strlen(deep), '[', 1000);
	exchange("GET /Patient", ACCEPT, "", JSON, deep);
	assert_says(record_of("fhir", 0), "\"fhir.bundle.entries\":\"truncated\"");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_interaction_is_told),
		cmocka_unit_test(bundles_and_outcomes_are_counted),
		cmocka_unit_test(what_is_not_fhir_is_not_told_as_such),
		cmocka_unit_test(the_tables_are_in_order),
		cmocka_unit_test(damaged_and_cut_contents_are_borne),
	};

	return cmocka_run_group_tests_name("fhir", tests, make_lane, free_lane);
}
