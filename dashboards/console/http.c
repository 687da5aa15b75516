/* SPDX-License-Identifier: Apache-2.0 */
/* http: requests in, answers out; the only file that sees evhttp. */
#include "dashboards/console/http.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

#include "common/log.h"
#include "common/text.h"
#include "dashboards/console/head.h"

enum { TIMEOUT_SEC = 50 };

struct http {
	struct evhttp *evhttp;
	struct guards *guards;
	http_handler *handler;
	void *ctx;
	uint16_t port;
};

struct http_request {
	struct evhttp_request *request; /* NULL: the client has gone */
	char *path;                     /* owned; escapes undone */
	struct evkeyvalq parameters;
	const char *body; /* NULL until asked for */
	bool has_odd_query;
};

struct http_stream {
	struct evhttp_request *request;
	http_stream_closed *closed;
	void *ctx;
	bool is_ended; /* the request is evhttp's again */
};

static const struct {
	const char *name, *value;
} security_headers[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
	  "data:; "
	  "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
	  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types "
	  "'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy",
	  "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
};

static void
request_free(struct http_request *request)
{
	evhttp_clear_headers(&request->parameters);
	free(request->path);
	free(request);
}

/* A request whose client went before it was answered is left to us: it has no
 * connection then. */
static void
free_abandoned(struct evhttp_request *request)
{
	if (evhttp_request_get_connection(request) == NULL)
		evhttp_request_free(request);
}

static void
on_gone(struct evhttp_connection *connection, void *ctx)
{
	struct http_request *request = ctx;

	(void)connection;
	free_abandoned(request->request);
	request->request = NULL;
}

static bool
are_texts(const struct evkeyvalq *parameters)
{
	const struct evkeyval *pair;

	TAILQ_FOREACH(pair, parameters, next)
	if (!text_is_valid(pair->value, strlen(pair->value)))
		return false;
	return true;
}

/* Undoes the escapes and splits the query.  The guard has seen to it that they are
 * sound. */
static struct http_request *
request_new(struct evhttp_request *evhttp_request)
{
	struct http_request *request = calloc(1, sizeof(*request));
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(evhttp_request);
	const char *path = evhttp_uri_get_path(uri), *query = evhttp_uri_get_query(uri);

	if (request == NULL)
		log_fatal("console", "no memory for a request");
	request->request = evhttp_request;
	TAILQ_INIT(&request->parameters);
	request->path = evhttp_uridecode(path != NULL ? path : "/", 0, NULL);
	if (request->path == NULL)
		log_fatal("console", "no memory for a request");
	if (query != NULL && query[0] != '\0')
		request->has_odd_query =
			evhttp_parse_query_str(query, &request->parameters) == -1 ||
			!are_texts(&request->parameters);
	evhttp_connection_set_closecb(evhttp_request_get_connection(evhttp_request),
				      on_gone, request);
	return request;
}

static void
on_request(struct evhttp_request *evhttp_request, void *ctx)
{
	struct http *http = ctx;

	http->handler(http->ctx, request_new(evhttp_request));
}

static int
split_listen(const char *listen, char address[64], uint16_t *port)
{
	const char *colon = strrchr(listen, ':');
	size_t size = colon == NULL ? 0 : (size_t)(colon - listen);
	const char *begin = listen;
	char *end;

	if (size >= 2 && listen[0] == '[' && listen[size - 1] == ']') {
		begin++;
		size -= 2;
	}
	if (size == 0 || size > 63)
		return -1;
	snprintf(address, 64, "%.*s", (int)size, begin);
	unsigned long number = strtoul(colon + 1, &end, 10);
	if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || number > 65535)
		return -1;
	*port = (uint16_t)number;
	return 0;
}

bool
http_is_loopback(const char *listen)
{
	char address[64];
	uint16_t port;
	struct in_addr ipv4;

	if (split_listen(listen, address, &port) == -1)
		return false;
	if (strcmp(address, "::1") == 0)
		return true;
	return inet_pton(AF_INET, address, &ipv4) == 1 &&
	       (ntohl(ipv4.s_addr) >> 24) == 127;
}

static uint16_t
bound_port(struct evhttp_bound_socket *bound)
{
	struct sockaddr_storage about = { 0 };
	socklen_t size = sizeof(about);

	getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&about,
		    &size);
	return ntohs(about.ss_family == AF_INET6
			     ? ((struct sockaddr_in6 *)&about)->sin6_port
			     : ((struct sockaddr_in *)&about)->sin_port);
}

struct http *
http_listen(struct loop *loop, const char *listen, int connections_most,
	    http_handler *handler, void *ctx, struct error *err)
{
	struct http *http = calloc(1, sizeof(*http));
	struct evhttp_bound_socket *bound;
	char address[64];
	uint16_t port = 0;

	if (http == NULL || (http->evhttp = evhttp_new(loop_base(loop))) == NULL)
		log_fatal("console", "no memory for the server");
	http->guards = guards_new(loop_base(loop), connections_most);
	http->handler = handler;
	http->ctx = ctx;
	evhttp_set_bevcb(http->evhttp, guards_add, http->guards);
	evhttp_set_gencb(http->evhttp, on_request, http);
	evhttp_set_allowed_methods(http->evhttp,
				   EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
	evhttp_set_max_headers_size(http->evhttp, HEAD_SIZE_MAX + 1024);
	evhttp_set_max_body_size(http->evhttp, BODY_SIZE_MAX + 1024);
	evhttp_set_timeout(http->evhttp, TIMEOUT_SEC);
	if (split_listen(listen, address, &port) == -1) {
		error_set(
			err,
			"%s is no address with a port; expected such as 127.0.0.1:8640",
			listen);
		goto out;
	}
	bound = evhttp_bind_socket_with_handle(http->evhttp, address, port);
	if (bound == NULL) {
		error_errno(err, "cannot listen on %s", listen);
		goto out;
	}
	http->port = bound_port(bound);
	return http;
out:
	http_free(http);
	return NULL;
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	evhttp_free(http->evhttp);
	guards_free(http->guards);
	free(http);
}

uint16_t
http_port(const struct http *http)
{
	return http->port;
}

struct guard_counters
http_counters(const struct http *http)
{
	return guards_counters(http->guards);
}

enum http_method
http_request_method(const struct http_request *request)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(request->request);

	return method == EVHTTP_REQ_POST   ? HTTP_POST
	       : method == EVHTTP_REQ_HEAD ? HTTP_HEAD
					   : HTTP_GET;
}

const char *
http_request_path(const struct http_request *request)
{
	return request->path;
}

const char *
http_request_refused(const struct http_request *request)
{
	size_t size = strlen(GUARD_REFUSED);

	if (request->has_odd_query)
		return "query";
	return strncmp(request->path, GUARD_REFUSED, size) == 0 ? request->path + size
								: NULL;
}

const char *
http_request_header(const struct http_request *request, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(request->request),
				  name);
}

const char *
http_request_parameter(const struct http_request *request, const char *name)
{
	const struct evkeyval *pair;

	/* evhttp_find_header ignores case, which parameters do not. */
	TAILQ_FOREACH(pair, &request->parameters, next)
	if (strcmp(pair->key, name) == 0)
		return pair->value;
	return NULL;
}

const char *
http_request_body(struct http_request *request, size_t *size)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request->request);

	*size = evbuffer_get_length(input);
	if (request->body == NULL) {
		evbuffer_add(input, "", 1);
		request->body = (const char *)evbuffer_pullup(input, -1);
	} else {
		(*size)--;
	}
	return request->body;
}

const char *
http_request_peer(const struct http_request *request)
{
	struct evhttp_connection *connection =
		evhttp_request_get_connection(request->request);
	char *address = NULL;
	ev_uint16_t port = 0;

	evhttp_connection_get_peer(connection, &address, &port);
	return address != NULL ? address : "";
}

void
http_answer_header(struct http_request *request, const char *name, const char *value)
{
	if (request->request != NULL)
		evhttp_add_header(evhttp_request_get_output_headers(request->request),
				  name, value);
}

static void
add_security_headers(struct http_request *request)
{
	for (size_t i = 0; i < sizeof(security_headers) / sizeof(security_headers[0]);
	     i++)
		http_answer_header(request, security_headers[i].name,
				   security_headers[i].value);
}

static const char *
reason_of(int status)
{
	return status < 300 ? "OK" : status < 500 ? "Refused" : "Failed";
}

void
http_answer(struct http_request *request, int status, const char *type,
	    const void *body, size_t size)
{
	struct evhttp_request *evhttp_request = request->request;
	struct evbuffer *buffer = evbuffer_new();
	char length[24];

	if (buffer == NULL)
		log_fatal("console", "no memory for an answer");
	if (evhttp_request != NULL) {
		add_security_headers(request);
		if (type != NULL)
			http_answer_header(request, "Content-Type", type);
		snprintf(length, sizeof(length), "%zu", size);
		if (status != 204 && status != 304)
			http_answer_header(request, "Content-Length", length);
		if (http_request_method(request) != HTTP_HEAD && size > 0)
			evbuffer_add(buffer, body, size);
		if (http_request_refused(request) != NULL)
			http_answer_header(request, "Connection", "close");
		evhttp_connection_set_closecb(
			evhttp_request_get_connection(evhttp_request), NULL, NULL);
		evhttp_send_reply(evhttp_request, status, reason_of(status), buffer);
	}
	evbuffer_free(buffer);
	request_free(request);
}

static void
on_stream_closed(struct evhttp_connection *connection, void *ctx)
{
	struct http_stream *stream = ctx;

	(void)connection;
	/* evhttp frees an ended request, when all of it is sent, before it calls us */
	if (!stream->is_ended)
		free_abandoned(stream->request);
	stream->closed(stream->ctx);
	free(stream);
}

struct http_stream *
http_stream_open(struct http_request *request, http_stream_closed *closed, void *ctx)
{
	struct http_stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		log_fatal("console", "no memory for a stream");
	*stream = (struct http_stream){ .request = request->request,
					.closed = closed,
					.ctx = ctx };
	add_security_headers(request);
	http_answer_header(request, "Content-Type", "text/event-stream; charset=utf-8");
	http_answer_header(request, "Cache-Control", "no-store");
	http_answer_header(request, "X-Accel-Buffering", "no");
	/* So that evhttp frees the connection, and us, when the stream ends. */
	http_answer_header(request, "Connection", "close");
	evhttp_connection_set_closecb(evhttp_request_get_connection(stream->request),
				      on_stream_closed, stream);
	evhttp_send_reply_start(stream->request, 200, "OK");
	request_free(request);
	return stream;
}

void
http_stream_send(struct http_stream *stream, const void *data, size_t size)
{
	struct evbuffer *buffer = evbuffer_new();

	if (buffer == NULL || evbuffer_add(buffer, data, size) == -1)
		log_fatal("console", "no memory for a stream");
	evhttp_send_reply_chunk(stream->request, buffer);
	evbuffer_free(buffer);
}

size_t
http_stream_waiting(const struct http_stream *stream)
{
	struct bufferevent *bufferevent = evhttp_connection_get_bufferevent(
		evhttp_request_get_connection(stream->request));

	return evbuffer_get_length(bufferevent_get_output(bufferevent));
}

void
http_stream_end(struct http_stream *stream)
{
	stream->is_ended = true;
	evhttp_send_reply_end(stream->request);
}

void
http_stream_cut(struct http_stream *stream)
{
	evhttp_connection_free(evhttp_request_get_connection(stream->request));
}
