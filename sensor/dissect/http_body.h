/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_body: who reads a message's content: SOAP (also as the root part of
 * multipart/related), FHIR, or nobody.
 */
#ifndef SENSOR_DISSECT_HTTP_BODY_H
#define SENSOR_DISSECT_HTTP_BODY_H

#include "sensor/dissect/http_state.h"

/*
 * Sets message->body; NULL if nobody reads it, if it is compressed, or for want
 * of memory (counted): what could not be read is noted in the message.
 */
void http_body_begin(struct http_call *call, const struct http_exchange *exchange,
		     struct http_message *message);
void http_body_feed(struct http_lane *lane, struct http_body *body, struct bytes data);
/* Nothing more comes; 'why' it is not whole, or NULL.  What was read stays; only the
 * first call counts. */
void http_body_end(struct http_lane *lane, struct http_body *body, const char *why);
void http_body_free(struct http_lane *lane, struct http_body *body);

/* "1.1" or "1.2" if a message of the exchange is SOAP, else NULL. */
const char *http_body_soap(const struct http_exchange *exchange);
/* The ihe or fhir record of the exchange, if it is either. */
void http_body_report(struct http_call *call, const struct http_exchange *exchange);

#endif
