/* SPDX-License-Identifier: Apache-2.0 */
/* fhir_report: the fhir record of an exchange. */
#include "sensor/dissect/fhir.h"

#include <stdio.h>
#include <string.h>

#include "sensor/dissect/http_report.h"

enum { PARAMETERS_MAX = 32, PATIENTS_MAX = 8, VALUE_MAX = 256 };

struct fhir {
	struct telling *telling;
	const struct http_exchange *exchange;
	const struct fhir_content *request, *response; /* either may be NULL */
	struct bytes method, query;
	struct fhir_path path;
	struct text *patients;
	uint32_t patient_count;
};

static struct bytes
text_in(const struct http_message *message, enum http_text text)
{
	return http_texts_get(&message->texts, text);
}

static bool
is_resource_read(const struct fhir_content *content)
{
	return content != NULL && content->type_size > 0;
}

/* The first of an Accept's types that is FHIR's. */
static struct bytes
accepted(struct bytes accept)
{
	while (accept.left > 0) {
		struct bytes one = http_until(&accept, ',');
		if (fhir_format(one) != NULL)
			return one;
	}
	return bytes_over(NULL, 0);
}

/* A media type of FHIR's is proof; else a resource's name in both URL and content. */
static bool
is_fhir(const struct fhir *fhir)
{
	const struct http_exchange *exchange = fhir->exchange;

	return fhir_format(text_in(&exchange->request, HTTP_TEXT_TYPE)) != NULL ||
	       fhir_format(text_in(&exchange->response, HTTP_TEXT_TYPE)) != NULL ||
	       accepted(text_in(&exchange->request, HTTP_TEXT_ACCEPT)).left > 0 ||
	       (fhir->path.is_found &&
		(is_resource_read(fhir->request) || is_resource_read(fhir->response)));
}

static const char *
of_bundle(const struct fhir *fhir)
{
	const struct fhir_content *sent = fhir->request;
	struct bytes type = sent ? bytes_over(sent->bundle_type, sent->bundle_type_size)
				 : bytes_over(NULL, 0);

	if (http_is(type, "batch"))
		return "batch";
	if (http_is(type, "message"))
		return "message";
	if (http_is(type, "document"))
		return "document";
	return http_is(type, "transaction") ? "transaction" : NULL;
}

/* FHIR R4 section 3.1.0.1 */
static const char *
interaction_of(const struct fhir *fhir)
{
	const struct fhir_path *path = &fhir->path;
	bool is_get = http_is(fhir->method, "GET") || http_is(fhir->method, "HEAD");
	bool is_post = http_is(fhir->method, "POST");

	if (path->operation.left > 0)
		return "operation";
	if (path->is_metadata && is_get)
		return "capabilities";
	if (path->is_search)
		return "search";
	if (path->is_history && is_get)
		return path->version.left > 0 ? "vread" : "history";
	if (path->resource.left == 0 && is_post)
		return of_bundle(fhir);
	if (path->resource.left == 0)
		return is_get && fhir->query.left > 0 ? "search" : NULL;
	if (is_get)
		return path->id.left > 0 && path->within.left == 0 ? "read" : "search";
	if (is_post)
		return path->id.left == 0 ? "create" : NULL;
	if (http_is(fhir->method, "PUT"))
		return "update";
	if (http_is(fhir->method, "PATCH"))
		return "patch";
	return http_is(fhir->method, "DELETE") ? "delete" : NULL;
}

/* clang-format off */
static const struct {
	const char *resource, *interaction, *operation, *transaction;
} transactions[] = {
	{ "List", "search", NULL, "ITI-66" },
	{ "DocumentManifest", "search", NULL, "ITI-66" },
	{ "DocumentReference", "search", NULL, "ITI-67" },
	{ "Binary", "read", NULL, "ITI-68" },
	{ "Patient", "search", NULL, "ITI-78" },
	{ "Patient", "read", NULL, "ITI-78" },
	{ "AuditEvent", "search", NULL, "ITI-81" },
	{ "Patient", "operation", "$ihe-pix", "ITI-83" },
	{ NULL, "operation", "$process-message", "ITI-93" },
	{ "Patient", "update", NULL, "ITI-104" },
	{ "DocumentReference", "create", NULL, "ITI-105" },
	{ "Patient", "operation", "$match", "ITI-119" },
};
/* clang-format on */

static const char *
transaction_of(const struct fhir *fhir, const char *interaction, const char *operation)
{
	if (interaction == NULL)
		return NULL;
	if (strcmp(interaction, "transaction") == 0 && fhir->request->is_provided)
		return "ITI-65";
	/* a feed (PIXm) is an update by identifier, not by the server's own id */
	if (strcmp(interaction, "update") == 0 && fhir->path.id.left > 0)
		return NULL;
	for (size_t i = 0; i < sizeof(transactions) / sizeof(transactions[0]); i++)
		if (strcmp(interaction, transactions[i].interaction) == 0 &&
		    (transactions[i].resource == NULL ||
		     http_is(fhir->path.resource, transactions[i].resource)) &&
		    (transactions[i].operation == NULL ||
		     (operation != NULL &&
		      strcmp(operation, transactions[i].operation) == 0)))
			return transactions[i].transaction;
	return NULL;
}

static void
set_interaction(struct fhir *fhir)
{
	const char *interaction = interaction_of(fhir);
	const char *operation = fhir_operation(fhir->path.operation);
	const char *transaction = transaction_of(fhir, interaction, operation);
	struct record *record = &fhir->telling->record;

	if (interaction != NULL)
		telling_name(fhir->telling, FIELD_FHIR_INTERACTION, interaction);
	else
		record_set_null(record, FIELD_FHIR_INTERACTION);
	telling_text(fhir->telling, FIELD_FHIR_RESOURCE, fhir->path.resource,
		     FHIR_NAME_MAX);
	if (fhir->path.operation.left > 0)
		telling_name(fhir->telling, FIELD_FHIR_OPERATION,
			     operation ? operation : "other");
	if (transaction != NULL)
		telling_name(fhir->telling, FIELD_FHIR_TRANSACTION, transaction);
}

static void
add_patient(struct fhir *fhir, const char *text, size_t size)
{
	if (fhir->patient_count == PATIENTS_MAX) {
		fhir->telling->scratch.is_cut = true;
		return;
	}
	fhir->patients[fhir->patient_count++] =
		scratch_text(&fhir->telling->scratch, text, size, VALUE_MAX);
}

/* "system|value" as ihe.patients has it, "Patient/id" as it is, "id" as one of these.
 */
static void
add_patient_value(struct fhir *fhir, struct bytes value)
{
	uint8_t room[VALUE_MAX];
	char text[VALUE_MAX * 2];
	struct bytes id = fhir_decode(value, room, sizeof(room));
	bool has_system = id.left > 0 && memchr(id.at, '|', id.left) != NULL;
	struct bytes system = has_system ? http_until(&id, '|') : bytes_over(NULL, 0);
	const char *kind = "URI", *form = "%.*s^^^&%.*s&%s";

	if (id.left == 0)
		return;
	if (http_begins(system, "urn:oid:")) {
		bytes_take(&system, 8);
		kind = "ISO";
	}
	if (!has_system) {
		const uint8_t *slash = memrchr(id.at, '/', id.left);
		if (slash != NULL)
			bytes_take(&id, (size_t)(slash - id.at) + 1);
		form = "Patient/%.*s";
	}
	int size = snprintf(text, sizeof(text), form, (int)id.left, (const char *)id.at,
			    (int)system.left,
			    system.left ? (const char *)system.at : "", kind);
	add_patient(fhir, text, (size_t)size);
}

static bool
is_patient_parameter(const struct fhir *fhir, const char *name)
{
	static const char *const names[] = { "patient",
					     "subject",
					     "patient.identifier",
					     "subject.identifier",
					     "sourceIdentifier",
					     "sourceId" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return http_is(fhir->path.resource, "Patient") &&
	       (strcmp(name, "identifier") == 0 || strcmp(name, "_id") == 0);
}

static void
set_parameters(struct fhir *fhir)
{
	struct text *names = telling_items(fhir->telling, PARAMETERS_MAX);
	struct bytes query = fhir->query;
	uint32_t count = 0;

	while (query.left > 0 && names != NULL) {
		uint8_t room[64];
		struct bytes value = http_until(&query, '&');
		struct bytes key = http_until(&value, '=');
		const char *name = fhir_parameter(fhir_decode(key, room, sizeof(room)));
		if (name == NULL)
			name = "other";
		else if (is_patient_parameter(fhir, name))
			add_patient_value(fhir, value);
		if (count == PARAMETERS_MAX)
			fhir->telling->scratch.is_cut = true;
		else
			names[count++] = text_of(name);
	}
	if (count > 0)
		record_set_texts(&fhir->telling->record, FIELD_FHIR_PARAMETERS, names,
				 count);
	if (fhir->path.is_search && http_is(fhir->method, "POST"))
		telling_hide(fhir->telling, "fhir.parameters", "not_decoded");
}

static void
set_ids(struct fhir *fhir)
{
	const struct fhir_path *path = &fhir->path;
	struct bytes type = path->within.left > 0 ? path->within : path->resource;
	char text[VALUE_MAX];

	fhir->patients = telling_items(fhir->telling, PATIENTS_MAX);
	if (fhir->patients == NULL)
		return;
	if (path->id.left > 0) {
		int size = snprintf(text, sizeof(text), "%.*s/%.*s", (int)type.left,
				    (const char *)type.at,
				    (int)(path->id.left < 128 ? path->id.left : 128),
				    (const char *)path->id.at);
		telling_text(fhir->telling, FIELD_FHIR_ID,
			     bytes_over(text, (size_t)size), VALUE_MAX);
		if (http_is(type, "Patient"))
			add_patient(fhir, text, (size_t)size);
	}
	set_parameters(fhir);
	if (fhir->patient_count > 0)
		record_set_texts(&fhir->telling->record, FIELD_FHIR_PATIENTS,
				 fhir->patients, fhir->patient_count);
}

/* Digits and dots alone. */
static bool
is_version(struct bytes value)
{
	for (size_t i = 0; i < value.left; i++)
		if (value.at[i] != '.' && (value.at[i] < '0' || value.at[i] > '9'))
			return false;
	return value.left > 0 && value.left < 16;
}

static void
set_media(struct fhir *fhir)
{
	const struct bytes types[] = {
		text_in(&fhir->exchange->request, HTTP_TEXT_TYPE),
		text_in(&fhir->exchange->response, HTTP_TEXT_TYPE),
		accepted(text_in(&fhir->exchange->request, HTTP_TEXT_ACCEPT)),
	};
	const char *format = NULL;
	struct bytes version = { 0 };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct bytes one = http_parameter(types[i], "fhirVersion");
		if (format == NULL)
			format = fhir_format(types[i]);
		if (version.left == 0 && is_version(one))
			version = one;
	}
	if (format != NULL)
		telling_name(fhir->telling, FIELD_FHIR_FORMAT, format);
	telling_text(fhir->telling, FIELD_FHIR_VERSION, version, 16);
}

static void
set_issues(struct fhir *fhir)
{
	struct text *items = telling_items(fhir->telling, FHIR_ISSUES_MAX);
	struct bytes value;
	uint32_t count = 0;

	for (size_t at = 0; items != NULL && count < FHIR_ISSUES_MAX &&
			    http_list_next(&fhir->response->issues, &at, &value);)
		items[count++] = scratch_text(&fhir->telling->scratch, value.at,
					      value.left, FHIR_NAME_MAX);
	if (count > 0)
		record_set_texts(&fhir->telling->record, FIELD_FHIR_ISSUES, items,
				 count);
}

static void
set_answer(struct fhir *fhir)
{
	const struct fhir_content *got = fhir->response;
	struct record *record = &fhir->telling->record;

	telling_text(fhir->telling, FIELD_FHIR_ANSWER,
		     bytes_over(got->type, got->type_size), FHIR_NAME_MAX);
	if (http_is(bytes_over(got->type, got->type_size), "Bundle")) {
		telling_text(fhir->telling, FIELD_FHIR_BUNDLE_TYPE,
			     bytes_over(got->bundle_type, got->bundle_type_size),
			     FHIR_NAME_MAX);
		if (got->has_total)
			record_set_number(record, FIELD_FHIR_BUNDLE_TOTAL, got->total);
		if (got->lost == NULL)
			record_set_number(record, FIELD_FHIR_ENTRIES, got->entries);
		else
			telling_hide(fhir->telling, "fhir.bundle.entries", got->lost);
	}
	set_issues(fhir);
}

static void
set_contents(struct fhir *fhir, const char *why)
{
	const struct fhir_content *sent = fhir->request;
	struct record *record = &fhir->telling->record;

	if (is_resource_read(sent)) {
		telling_text(fhir->telling, FIELD_FHIR_SENT,
			     bytes_over(sent->type, sent->type_size), FHIR_NAME_MAX);
		if (http_is(bytes_over(sent->type, sent->type_size), "Bundle"))
			record_set_number(record, FIELD_FHIR_SENT_ENTRIES,
					  sent->entries);
	}
	if (fhir->exchange->response.is_begun)
		record_set_number(record, FIELD_FHIR_STATUS,
				  fhir->exchange->response.status);
	else if (why == NULL)
		record_set_null(record, FIELD_FHIR_STATUS);
	else
		telling_hide(fhir->telling, "fhir.status", why);
	if (is_resource_read(fhir->response))
		set_answer(fhir);
}

void
fhir_report(struct http_call *call, const struct http_exchange *exchange,
	    const struct fhir_content *request, const struct fhir_content *response)
{
	struct fhir fhir = {
		.telling = &call->http->lane->lane.telling,
		.exchange = exchange,
		.request = request,
		.response = response,
		.method = text_in(&exchange->request, HTTP_TEXT_METHOD),
	};
	struct bytes path = http_report_path(exchange, &fhir.query);

	fhir_path_read(path, &fhir.path);
	if (!exchange->request.is_begun || !is_fhir(&fhir))
		return;
	telling_begin(fhir.telling, EVENT_FHIR);
	http_report_common(call, exchange, fhir.telling);
	set_interaction(&fhir);
	set_ids(&fhir);
	set_media(&fhir);
	set_contents(&fhir, http_silence(call, exchange));
	telling_emit(fhir.telling, call->out, call->at, true);
}
