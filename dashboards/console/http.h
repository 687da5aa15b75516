/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http: requests in, answers out; the only file that sees evhttp, so that another
 * library could take its place.
 *
 * Every answer carries the headers of security (a policy without inline code,
 * no sniffing, no framing).  A request is borrowed by the handler until it has
 * been answered exactly once, in the handler or later.
 */
#ifndef DASHBOARDS_CONSOLE_HTTP_H
#define DASHBOARDS_CONSOLE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "dashboards/console/guard.h"
#include "dashboards/console/loop.h"

struct http;
struct http_request;
struct http_stream;

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST };

typedef void http_handler(void *ctx, struct http_request *request);
typedef void http_stream_closed(void *ctx);

/* Listens on "127.0.0.1:8640" or "[::1]:8640"; NULL on failure. */
struct http *http_listen(struct loop *loop, const char *listen, int connections_most,
			 http_handler *handler, void *ctx, struct error *err);
void http_free(struct http *http);
/* The port it listens on. */
uint16_t http_port(const struct http *http);
struct guard_counters http_counters(const struct http *http);
/* True if 'listen' names a loopback address. */
bool http_is_loopback(const char *listen);

enum http_method http_request_method(const struct http_request *request);
/* Without query, escapes undone. */
const char *http_request_path(const struct http_request *request);
/* What the guard refused, or NULL. */
const char *http_request_refused(const struct http_request *request);
/* NULL if it is not there. */
const char *http_request_header(const struct http_request *request, const char *name);
const char *http_request_parameter(const struct http_request *request,
				   const char *name);
/* Borrowed until the request is answered; ends with a NUL that '*size' does not count.
 */
const char *http_request_body(struct http_request *request, size_t *size);
/* Address of the other end of the connection. */
const char *http_request_peer(const struct http_request *request);

/* For the answer; may come more than once. */
void http_answer_header(struct http_request *request, const char *name,
			const char *value);
/* Copies 'body'.  The request is gone afterwards. */
void http_answer(struct http_request *request, int status, const char *type,
		 const void *body, size_t size);

/* Begins an answer without end (text/event-stream).  The request is gone; 'closed' is
 * called once the client or we have closed, and the stream is gone then. */
struct http_stream *http_stream_open(struct http_request *request,
				     http_stream_closed *closed, void *ctx);
void http_stream_send(struct http_stream *stream, const void *data, size_t size);
/* Bytes the client has not taken yet. */
size_t http_stream_waiting(const struct http_stream *stream);
/* Ends it after what was sent; then nothing but http_stream_cut may follow. */
void http_stream_end(struct http_stream *stream);
/* Cuts it off now. */
void http_stream_cut(struct http_stream *stream);

#endif
