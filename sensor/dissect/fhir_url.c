/* SPDX-License-Identifier: Apache-2.0 */
/* fhir_url: what a URL says of a FHIR interaction; only names from our tables are ever
 * told. */
#include "sensor/dissect/fhir.h"

#include <stdlib.h>
#include <string.h>

static const char *const resources[] = {
#include "sensor/dissect/fhir_resources.def"
};

/* clang-format off */
static const char *const operations[] = { "$apply", "$closure", "$conforms", "$convert", "$data-requirements", "$document",
	"$evaluate-measure", "$everything", "$expand", "$export", "$find", "$find-matches", "$generate", "$graph", "$graphql",
	"$ihe-pix", "$implements", "$import", "$lastn", "$lookup", "$match", "$merge", "$meta", "$meta-add", "$meta-delete",
	"$populate", "$process-message", "$reindex", "$stats", "$submit", "$subset", "$subsumes", "$summary", "$transform",
	"$translate", "$validate", "$validate-code", "$versions", NULL };

static const char *const parameters[] = { "_id", "_lastUpdated", "_tag", "_profile", "_security", "_source", "_text", "_content",
	"_list", "_has", "_type", "_sort", "_count", "_include", "_revinclude", "_summary", "_total", "_elements", "_contained",
	"_format", "_pretty", "_since", "_at", "active", "address", "address-city", "address-country", "address-postalcode",
	"address-state", "author", "author.family", "author.given", "based-on", "birthdate", "category", "class", "code",
	"context", "created", "creation", "date", "death-date", "deceased", "description", "designationType", "email", "encounter",
	"event", "facility", "family", "format", "gender", "general-practitioner", "given", "identifier", "intent", "issued",
	"language", "link", "location", "mothersMaidenName", "name", "onlyCertainMatches", "organization", "patient",
	"patient.identifier", "performer", "period", "phone", "phonetic", "practitioner", "recipient", "recorded", "related",
	"requester", "security-label", "setting", "source", "sourceId", "sourceIdentifier", "specialty", "status", "subject",
	"subject.identifier", "targetSystem", "telecom", "title", "type", "url", "value-quantity", "version", NULL };
/* clang-format on */

static int
compare(const void *key, const void *item)
{
	const struct bytes *name = key;
	const char *other = *(const char *const *)item;
	size_t size = strlen(other);
	int order = memcmp(name->at, other, name->left < size ? name->left : size);

	return order != 0 ? order : (name->left > size) - (name->left < size);
}

bool
fhir_is_resource(struct bytes name)
{
	return name.left > 0 &&
	       bsearch(&name, resources, sizeof(resources) / sizeof(resources[0]),
		       sizeof(resources[0]), compare) != NULL;
}

static const char *
find(const char *const *names, struct bytes name)
{
	for (; *names != NULL; names++)
		if (name.left == strlen(*names) &&
		    memcmp(name.at, *names, name.left) == 0)
			return *names;
	return NULL;
}

const char *
fhir_operation(struct bytes name)
{
	return find(operations, name);
}

const char *
fhir_parameter(struct bytes name)
{
	return find(parameters, http_until(&name, ':'));
}

static int
hex(uint8_t digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

struct bytes
fhir_decode(struct bytes value, uint8_t *room, size_t most)
{
	size_t size = 0;

	while (value.left > 0 && size < most) {
		uint8_t byte = bytes_u8(&value);
		if (byte == '+') {
			byte = ' ';
		} else if (byte == '%' && value.left >= 2 && hex(value.at[0]) >= 0 &&
			   hex(value.at[1]) >= 0) {
			byte = (uint8_t)(hex(value.at[0]) << 4 | hex(value.at[1]));
			bytes_take(&value, 2);
		}
		room[size++] = byte;
	}
	return bytes_over(room, size);
}

const char *
fhir_format(struct bytes type)
{
	type = http_trim(http_until(&type, ';'));
	if (http_is(type, "application/fhir+json") ||
	    http_is(type, "application/json+fhir"))
		return "json";
	if (http_is(type, "application/fhir+xml") ||
	    http_is(type, "application/xml+fhir"))
		return "xml";
	return NULL;
}

/* "_history", "_search", "$operation", "metadata"; true if the segment is one. */
static bool
take_special(struct fhir_path *out, struct bytes segment)
{
	if (segment.left > 0 && segment.at[0] == '$')
		out->operation = segment;
	else if (http_is(segment, "_history"))
		out->is_history = true;
	else if (http_is(segment, "_search"))
		out->is_search = true;
	else if (http_is(segment, "metadata") && out->resource.left == 0)
		out->is_metadata = true;
	else
		return false;
	out->is_found = true;
	return true;
}

void
fhir_path_read(struct bytes path, struct fhir_path *out)
{
	*out = (struct fhir_path){ 0 };
	while (path.left > 0) {
		struct bytes segment = http_until(&path, '/');
		if (segment.left == 0 || take_special(out, segment))
			continue;
		if (out->is_history && out->version.left == 0) {
			out->version = segment;
		} else if (fhir_is_resource(segment)) {
			out->is_found = true;
			if (out->id.left > 0)
				out->within = out->resource;
			out->resource = segment;
		} else if (out->resource.left > 0 && out->id.left == 0) {
			out->id = segment;
		}
	}
}
