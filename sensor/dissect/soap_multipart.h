/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soap_multipart: the root part of a multipart/related content (RFC 2387, MTOM, SOAP
 * with Attachments), as it comes; the other parts are passed over.
 */
#ifndef SENSOR_DISSECT_SOAP_MULTIPART_H
#define SENSOR_DISSECT_SOAP_MULTIPART_H

#include <stdbool.h>

#include "common/bytes.h"

enum {
	MULTIPART_BOUNDARY_MAX = 70, /* RFC 2046 section 5.1.1 */
	MULTIPART_ID_MAX = 128       /* bytes compared of a Content-ID */
};

struct soap_multipart {
	enum {
		MULTIPART_PREAMBLE,
		MULTIPART_MARK, /* behind a boundary, on its line */
		MULTIPART_HEAD,
		MULTIPART_ROOT,
		MULTIPART_OTHER,
		MULTIPART_OVER
	} phase;
	char mark[4 + MULTIPART_BOUNDARY_MAX]; /* CR LF - - boundary */
	uint8_t mark_size, matched;
	char start[MULTIPART_ID_MAX]; /* Content-ID of the root, if the type names one
				       */
	uint8_t start_size;
	char line[32 + MULTIPART_ID_MAX]; /* of a part's head */
	uint8_t line_size;
	bool is_other;  /* the part has a Content-ID, and not the root's */
	bool is_end;    /* two hyphens behind the boundary */
	uint8_t behind; /* bytes seen behind the boundary */
};

/* 'type': the Content-Type with its parameters.  False if it names no boundary. */
bool soap_multipart_begin(struct soap_multipart *multipart, struct bytes type);
/* Hands what belongs to the root part to 'take'. */
void soap_multipart_feed(struct soap_multipart *multipart, struct bytes data,
			 void (*take)(void *ctx, struct bytes part), void *ctx);

#endif
