/* SPDX-License-Identifier: Apache-2.0 */
/* report_oscal: a report as OSCAL 1.2.2 assessment results: an observation a pair, a
 * finding where it is decided. */
#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "common/digest.h"
#include "correlator/report/report.h"
#include "correlator/report/words.h"

#define SPACE "https://sekisho.invalid/ns/oscal"

enum { UUID_SIZE = 37, TIME_SIZE = 40 };

/* The same for the same name, so that a later report speaks of the same things. RFC
 * 9562 version 5 marks a SHA-1 of namespace and name. */
static void
uuid_of(const struct report *report, const char *kind, const char *first,
	const char *second, char text[UUID_SIZE])
{
	char name[1024];
	uint8_t hash[DIGEST_SIZE];

	int size =
		snprintf(name, sizeof(name), "%s|%s|%s|%s|%s", SPACE,
			 strcmp(kind, "component") == 0 ? "" : report->request.period,
			 kind, first, second);
	digest_as(DIGEST_SHA1, name,
		  (size_t)size < sizeof(name) ? (size_t)size : sizeof(name) - 1, hash);
	hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x50);
	hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
	snprintf(text, UUID_SIZE,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],
		 hash[8], hash[9], hash[10], hash[11], hash[12], hash[13], hash[14],
		 hash[15]);
}

static void
time_text(int64_t time, char text[TIME_SIZE])
{
	instant_to_text((struct instant){ time }, text);
	snprintf(text + strlen("2026-11-03T00:00:00"), 2, "Z"); /* RFC 3339's offset */
}

static json_t *
prop(const char *name, const char *value)
{
	return json_pack("{s:s,s:s,s:s}", "name", name, "ns", SPACE, "value",
			 value[0] != '\0' ? value : "none");
}

static json_t *
prop_number(const char *name, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return prop(name, text);
}

static json_t *
make_props(const struct report *report, size_t p, const struct report_cell *cell)
{
	json_t *props = json_array();

	json_array_append_new(props,
			      prop("verdict", verdict_name(report_cell_verdict(cell))));
	for (int verdict = 0; verdict < VERDICT_KINDS; verdict++) {
		char name[64];
		snprintf(name, sizeof(name), "days-%s",
			 verdict_name((enum verdict)verdict));
		json_array_append_new(props, prop_number(name, cell->days[verdict]));
	}
	json_array_append_new(
		props, prop_number("samples", cell->good + cell->bad + cell->unknown));
	json_array_append_new(props, prop_number("samples-unknown", cell->unknown));
	json_array_append_new(props, prop_number("coverage-millionths",
						 report->participant[p].coverage));
	json_array_append_new(props, prop("policy-sha256", report->ruleset));
	return props;
}

static json_t *
make_observation(const struct report *report, size_t r, size_t p, const char *collected)
{
	const struct report_cell *cell = report_cell_of(report, r, p);
	const struct report_requirement *requirement = &report->requirement[r];
	const struct report_participant *participant = &report->participant[p];
	char uuid[UUID_SIZE], subject[UUID_SIZE], tool[UUID_SIZE], href[600];

	uuid_of(report, "observation", requirement->id, participant->id, uuid);
	uuid_of(report, "component", "participant", participant->id, subject);
	uuid_of(report, "component", "tool", "sekisho", tool);
	snprintf(href, sizeof(href), "sekisho:figure/day/%s/%s", requirement->id,
		 participant->id);
	return json_pack(
		"{s:s,s:s,s:s,s:[s],s:[s],s:o,s:[{s:[{s:s,s:s}]}],s:[{s:s,s:s}],s:s,"
		"s:[{s:s,s:s}]}",
		"uuid", uuid, "title", report_title(report, &requirement->title),
		"description", report_title(report, &requirement->title), "methods",
		"TEST", "types", "control-objective", "props",
		make_props(report, p, cell), "origins", "actors", "type", "tool",
		"actor-uuid", tool, "subjects", "subject-uuid", subject, "type",
		"component", "collected", collected, "relevant-evidence", "href", href,
		"description",
		"'sekisho report explain' follows this to the record ids");
}

/* Satisfied and violated only: what was not observed is no finding. */
static json_t *
make_finding(const struct report *report, size_t r, size_t p)
{
	const struct report_cell *cell = report_cell_of(report, r, p);
	const struct report_requirement *requirement = &report->requirement[r];
	bool is_good = report_cell_verdict(cell) == VERDICT_SATISFIED;
	const char *participant = report->participant[p].id;
	char uuid[UUID_SIZE], observation[UUID_SIZE], target[300];

	uuid_of(report, "finding", requirement->id, participant, uuid);
	uuid_of(report, "observation", requirement->id, participant, observation);
	snprintf(target, sizeof(target), "%s_obj", requirement->id);
	return json_pack("{s:s,s:s,s:s,s:{s:s,s:s,s:{s:s,s:s}},s:[{s:s}]}", "uuid",
			 uuid, "title", report_title(report, &requirement->title),
			 "description",
			 is_good ? report_title(report, &requirement->title)
				 : report_title(report, &requirement->remedy),
			 "target", "type", "objective-id", "target-id", target,
			 "status", "state", is_good ? "satisfied" : "not-satisfied",
			 "reason", is_good ? "pass" : "fail", "related-observations",
			 "observation-uuid", observation);
}

static json_t *
make_components(const struct report *report)
{
	json_t *list = json_array();
	char uuid[UUID_SIZE];

	for (size_t p = 0; p < report->participant_count; p++) {
		const struct report_participant *one = &report->participant[p];
		uuid_of(report, "component", "participant", one->id, uuid);
		json_array_append_new(list,
				      json_pack("{s:s,s:s,s:s,s:s,s:{s:s}}", "uuid",
						uuid, "type", "this-system", "title",
						report_title(report, &one->title),
						"description", one->id, "status",
						"state", "operational"));
	}
	return list;
}

static json_t *
make_result(const struct report *report)
{
	json_t *observations = json_array(), *findings = json_array(),
	       *controls = json_array();
	char uuid[UUID_SIZE], start[TIME_SIZE], end[TIME_SIZE], tool[UUID_SIZE];

	time_text(report->request.from, start);
	time_text(report->request.to, end);
	uuid_of(report, "result", report->request.region, "", uuid);
	uuid_of(report, "component", "tool", "sekisho", tool);
	for (size_t r = 0; r < report->requirement_count; r++) {
		json_array_append_new(controls, json_pack("{s:s}", "control-id",
							  report->requirement[r].id));
		for (size_t p = 0; p < report->participant_count; p++) {
			enum verdict verdict =
				report_cell_verdict(report_cell_of(report, r, p));
			json_array_append_new(observations,
					      make_observation(report, r, p, end));
			if (verdict == VERDICT_SATISFIED || verdict == VERDICT_VIOLATED)
				json_array_append_new(findings,
						      make_finding(report, r, p));
		}
	}
	json_t *result = json_pack(
		"{s:s,s:s,s:s,s:s,s:s,s:{s:o,s:{s:[{s:s,s:s,s:s,s:s,s:{s:s}}]}},s:{s:[{"
		"s:o}]}}",
		"uuid", uuid, "title", report_title(report, &report->region),
		"description", report_word(report, REPORT_TITLE), "start", start, "end",
		end, "local-definitions", "components", make_components(report),
		"assessment-assets", "components", "uuid", tool, "type", "software",
		"title", "Sekisho", "description", "Sekisho " SEKISHO_VERSION, "status",
		"state", "operational", "reviewed-controls", "control-selections",
		"include-controls", controls);
	/* lists of none are not allowed */
	if (json_array_size(observations) > 0)
		json_object_set(result, "observations", observations);
	if (json_array_size(findings) > 0)
		json_object_set(result, "findings", findings);
	json_decref(observations);
	json_decref(findings);
	return result;
}

void
report_write_oscal(const struct report *report, FILE *out)
{
	char uuid[UUID_SIZE], plan[UUID_SIZE], href[UUID_SIZE + 1], as_of[TIME_SIZE];

	uuid_of(report, "results", report->request.region, "", uuid);
	uuid_of(report, "plan", report->request.region, "", plan);
	snprintf(href, sizeof(href), "#%s", plan);
	time_text(report->as_of != 0 ? report->as_of : report->request.from, as_of);
	json_t *document = json_pack(
		"{s:{s:s,s:{s:s,s:s,s:s,s:s},s:{s:s},s:[o],s:{s:[{s:s,s:s,s:s}]}}}",
		"assessment-results", "uuid", uuid, "metadata", "title",
		report_word(report, REPORT_TITLE), "last-modified", as_of, "version",
		report->request.period, "oscal-version", "1.2.2", "import-ap", "href",
		href, "results", make_result(report), "back-matter", "resources",
		"uuid", plan, "title", "Assessment plan", "description",
		"Every connection requirement of the rule set, each day, from the "
		"wire.");
	if (document != NULL)
		json_dumpf(document, out, JSON_INDENT(1));
	fputc('\n', out);
	json_decref(document);
}
