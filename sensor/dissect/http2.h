/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http2: HTTP/2 in the clear (RFC 9113), by prior knowledge or after "Upgrade: h2c".
 *
 * Frames become the same messages as those of HTTP/1.  Fields are unpacked by
 * hpack.h; DATA goes to whoever reads the content.  A gap anywhere but in DATA
 * ends it: the tables of HPACK cannot be had again.
 */
#ifndef SENSOR_DISSECT_HTTP2_H
#define SENSOR_DISSECT_HTTP2_H

#include "sensor/dissect/http_state.h"

/* The client's preface, or the SETTINGS a server begins with. */
enum recognition http2_recognise(struct bytes first);
/*
 * NULL for want of memory (counted).  'is_line_seen': the first line of the client's
 * preface has been read already.
 */
struct http2 *http2_new(struct http *http, int client, bool is_line_seen);
void http2_free(struct http *http, struct http2 *two);
/* The request of an upgrade is stream 1 (RFC 7540 section 3.2). */
void http2_take_first(struct http_call *call, struct http_exchange *exchange);
void http2_feed(struct http_call *call, struct bytes *data);
void http2_gap(struct http_call *call, uint64_t missing);

#endif
