/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fhir: FHIR REST interactions (HL7 FHIR R4 section 3.1.0) by their URL, media types
 * and what the outermost members of their contents say.
 */
#ifndef SENSOR_DISSECT_FHIR_H
#define SENSOR_DISSECT_FHIR_H

#include "sensor/dissect/http_state.h"
#include "sensor/dissect/xml.h"

enum { FHIR_NAME_MAX = 48, FHIR_ISSUES_MAX = 16 };

/* What a content says, read as it comes; lenient: what is no JSON says nothing. */
struct fhir_content {
	struct kept_budget *budget;  /* borrowed */
	struct xml *xml;             /* owned until it is over; NULL: JSON */
	bool is_none;                /* it is no object */
	bool has_total, is_provided; /* a bundle of MHD (ITI-65) */
	const char *lost;            /* why it is not whole, or NULL */
	uint32_t entries;
	uint64_t total;
	struct http_list issues;
	uint8_t type_size, bundle_type_size;
	char type[FHIR_NAME_MAX], bundle_type[FHIR_NAME_MAX];
	/* where the reading of JSON stands */
	uint32_t depth;
	uint64_t arrays; /* bit d: what is open at depth d is one */
	uint8_t key[4];  /* by depth: which member */
	bool is_begun, is_key_next, is_in_string, is_escaped;
	uint8_t text_size;
	char text[128];
};

/* fhir_content.c; false for want of memory */
bool fhir_content_begin(struct fhir_content *content, struct kept_budget *budget,
			bool is_xml);
void fhir_content_feed(struct fhir_content *content, struct bytes data);
void fhir_content_end(struct fhir_content *content, const char *why);
void fhir_content_release(struct fhir_content *content);

/* fhir_url.c */

/* What a path says behind the base, whose length nobody can know. */
struct fhir_path {
	struct bytes resource, id, version, operation, within; /* within: type of the
								  compartment */
	bool is_history, is_search, is_metadata, is_found;
};
void fhir_path_read(struct bytes path, struct fhir_path *out);
bool fhir_is_resource(struct bytes name);
/* NULL if it is none we know. */
const char *fhir_operation(struct bytes name);
/* The name of a search parameter we know, without what is behind its ':'; or NULL. */
const char *fhir_parameter(struct bytes name);
/* Replaces %XX and '+'; into 'room', at most 'most' bytes. */
struct bytes fhir_decode(struct bytes value, uint8_t *room, size_t most);
/* "application/fhir+json" and its older forms; "json", "xml", or NULL. */
const char *fhir_format(struct bytes type);

/* fhir_report.c: the fhir record, if it is one; either content may be NULL. */
void fhir_report(struct http_call *call, const struct http_exchange *exchange,
		 const struct fhir_content *request,
		 const struct fhir_content *response);

#endif
