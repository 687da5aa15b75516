/* SPDX-License-Identifier: Apache-2.0 */
/* record_docs: the field table as a page for people and as a JSON schema. */
#include "common/record_docs.h"

#include "common/record_layout.h"

/* How a type is told to people, and to a JSON schema (without null). */
static const struct {
	const char *name;
	const char *schema;
	bool can_be_null;
} types[] = {
	[TYPE_EVENT] = { "event type", "", false },
	[TYPE_TIME] = { "time",
			"\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}T"
			"[0-9]{2}:[0-9]{2}:[0-9]{2}\\\\.[0-9]{6}[+]0000$\"",
			true },
	[TYPE_ADDRESS] = { "address",
			   "\"type\":\"string\",\"pattern\":\"^([0-9]{1,3}(\\\\.[0-9]{"
			   "1,3}){3}"
			   "|[0-9a-f]{4}(:[0-9a-f]{4}){7})$\"",
			   true },
	[TYPE_NUMBER] = { "number",
			  "\"type\":\"integer\",\"minimum\":0,\"maximum\":"
			  "18446744073709551615",
			  true },
	[TYPE_BOOL] = { "true or false", "\"type\":\"boolean\"", true },
	[TYPE_TEXT] = { "text", "\"type\":\"string\"", true },
	[TYPE_TEXTS] = { "texts", "\"type\":\"array\",\"items\":{\"type\":\"string\"}",
			 true },
	[TYPE_NUMBERS] = { "numbers",
			   "\"type\":\"array\",\"items\":{\"type\":\"integer\","
			   "\"minimum\":0,"
			   "\"maximum\":18446744073709551615}",
			   true },
	[TYPE_REASONS] = { "reasons by name",
			   "\"type\":\"object\",\"additionalProperties\":{\"type\":"
			   "\"string\"}",
			   true },
	/* null is the whole array, never a cell */
	[TYPE_TEXT_COLUMN] = { "text of each in a list", "\"type\":\"string\"", false },
	[TYPE_NUMBER_COLUMN] = { "number of each in a list",
				 "\"type\":\"integer\",\"minimum\":0,\"maximum\":"
				 "18446744073709551614",
				 false },
};

static const char *const privacy_names[] = { [PRIVACY_OPEN] = "open",
					     [PRIVACY_PSEUDONYM] = "pseudonym",
					     [PRIVACY_DROP] = "never written" };

/* clang-format off */
static const char *const event_meanings[] = {
#define EVENT(id, name, kind, meaning) [EVENT_##id] = meaning,
#include "common/events.def"
#undef EVENT
};
/* clang-format on */

static void
page_field(FILE *out, const struct field *field)
{
	const char *in = strcmp(field->producers, "*") == 0 ? "all"
			 : *field->producers != '\0'        ? field->producers
							    : "none yet";

	fprintf(out, "| `%s` | %s | %s | %s | %s%s%s | %s", field->path,
		types[field->type].name, privacy_names[field->privacy], in,
		field->hidden_as ? "`" : "", field->hidden_as ? field->hidden_as : "",
		field->hidden_as ? "`" : "", field->meaning);
	for (size_t i = 0; field->order != NULL && field->order[i] != NULL; i++)
		fprintf(out, "%s%s", i ? " < " : "; in order: ", field->order[i]);
	fputs(" |\n", out);
}

/* The first word of a field's path, where it is an object; else 0 characters. */
static size_t
root_length(const char *path)
{
	const char *dot = strchr(path, '.');

	return dot ? (size_t)(dot - path) : 0;
}

static void
page_objects(FILE *out)
{
	const char *root = NULL;
	size_t length = 0;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const char *path = record_fields[i].path;
		size_t this_length = root_length(path);

		if (root == NULL || this_length != length ||
		    strncmp(path, root, length) != 0) {
			root = path;
			length = this_length;
			if (length == 0)
				fputs("\n## The record itself\n\n", out);
			else
				fprintf(out, "\n## %.*s\n\n", (int)length, root);
			fputs("| field | type | privacy | in records of | hidden as | "
			      "meaning "
			      "|\n|---|---|---|---|---|---|\n",
			      out);
		}
		page_field(out, &record_fields[i]);
	}
}

static void
page_event(FILE *out, enum event event)
{
	const char *name = record_event_name(event), *between = "";

	fprintf(out, "\n### %s\n\n%s.\n\nCarries, beside what all carry: ", name,
		event_meanings[event]);
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const struct field *field = &record_fields[i];

		if (strcmp(field->producers, "*") == 0 ||
		    !record_event_carries(event, field))
			continue;
		fprintf(out, "%s`%s`", between, field->path);
		between = ", ";
	}
	fputs(*between ? ".\n" : "nothing.\n", out);
}

void
record_docs_page(FILE *out)
{
	fputs("# Records\n\n"
	      "Made by `make docs` from common/fields.def and common/events.def; edit "
	      "those.\n\n"
	      "A record is one JSON object on a line, UTF-8, at most 64 KiB, a "
	      "superset of\n"
	      "Suricata's EVE JSON. Field names are the names rules and queries "
	      "use.\n\n"
	      "A value (`false` and `0` too) means: seen. `null` means: looked, and "
	      "not there.\n"
	      "Missing means: nobody looked, so unknown; `sekisho.unobservable` then "
	      "says why,\n"
	      "under the field's own path, a path above it, or the name in *hidden "
	      "as*.\n\n"
	      "*Of each in a list* means: the path above it is an array of objects, "
	      "and the field\n"
	      "is this member of every one of them that has it; to a rule it is a "
	      "list.\n\n"
	      "Privacy: *open* leaves as it is; *pseudonym* leaves as HMAC-SHA-256 cut "
	      "to 128\n"
	      "bits, hexadecimal, under the key named by `sekisho.pseudonym_key`, and "
	      "not at\n"
	      "all without a key; *never written* does not leave the sensor's "
	      "worker.\n",
	      out);
	page_objects(out);
	fputs("\n## Event types\n", out);
	for (int event = 0; event < EVENT_COUNT; event++)
		page_event(out, (enum event)event);
}

static void
schema_text(FILE *out, struct text text)
{
	char json[1024];
	size_t size = text_to_json(text, json, sizeof(json));

	assert(size > 0); /* of our own table; the unit test writes them all */
	fwrite(json, 1, size, out);
}

static void
indent(FILE *out, unsigned depth)
{
	for (unsigned i = 0; i < 2 + 2 * depth; i++)
		fputs("  ", out);
}

static void
schema_events(FILE *out)
{
	fputs("\"enum\":[", out);
	for (int event = 0; event < EVENT_COUNT; event++) {
		fputs(event ? "," : "", out);
		schema_text(out, text_of(record_event_name((enum event)event)));
	}
	fputc(']', out);
}

static void
schema_field(FILE *out, enum field_id id)
{
	const struct field *field = &record_fields[id];
	bool can_be_null = types[field->type].can_be_null && id != FIELD_TIMESTAMP;

	fputs(can_be_null ? "{\"anyOf\":[{\"type\":\"null\"},{" : "{", out);
	if (field->type == TYPE_EVENT)
		schema_events(out);
	else if (field->privacy == PRIVACY_PSEUDONYM && field->type == TYPE_TEXTS)
		fputs("\"type\":\"array\",\"items\":{\"type\":\"string\","
		      "\"pattern\":\"^[0-9a-f]{32}$\"}",
		      out);
	else if (field->privacy == PRIVACY_PSEUDONYM)
		fputs("\"type\":\"string\",\"pattern\":\"^[0-9a-f]{32}$\"", out);
	else
		fputs(types[field->type].schema, out);
	fputs(can_be_null ? "}],\"description\":" : ",\"description\":", out);
	schema_text(out, text_of(field->meaning));
	fputc('}', out);
}

static void schema_object(FILE *out, uint8_t object);

/* A member's name on a line of its own; 'is_first' has no comma before it. */
static void
schema_name(FILE *out, unsigned depth, struct text name, bool *is_first)
{
	fputs(*is_first ? "\n" : ",\n", out);
	*is_first = false;
	indent(out, depth);
	schema_text(out, name);
	fputc(':', out);
}

static void
schema_members(FILE *out, uint8_t object)
{
	const struct record_layout *layout = record_layout();
	unsigned depth = layout->object[object].depth;
	bool is_first = true;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (layout->field[i].object != object ||
		    record_fields[i].privacy == PRIVACY_DROP)
			continue;
		schema_name(out, depth, layout->field[i].name, &is_first);
		schema_field(out, (enum field_id)i);
	}
	for (uint8_t i = 1; i < layout->object_count; i++) {
		if (layout->object[i].parent != object)
			continue;
		schema_name(out, depth, layout->object[i].name, &is_first);
		schema_object(out, i);
	}
}

static void
schema_object(FILE *out, uint8_t object)
{
	bool is_array = record_layout()->object[object].columns > 0;

	if (is_array)
		fputs("{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"array\",\"items\":",
		      out);
	fputs("{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{",
	      out);
	schema_members(out, object); /* as deep as the field table goes */
	fputs(is_array ? "}}}]}" : "}}", out);
}

void
record_docs_schema(FILE *out)
{
	fputs("{\n"
	      "  \"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n"
	      "  \"title\":\"A record of Sekisho, as its writer writes it\",\n"
	      "  \"description\":\"Made by 'make docs' from common/fields.def; edit "
	      "that.\",\n"
	      "  \"type\":\"object\",\n"
	      "  \"required\":[\"timestamp\",\"event_type\"],\n"
	      "  \"additionalProperties\":false,\n"
	      "  \"properties\":{",
	      out);
	schema_members(out, 0);
	fputs("\n  }\n}\n", out);
}
