/* SPDX-License-Identifier: Apache-2.0 */
/* http: HTTP/1 and HTTP/2 in the clear, by their first bytes; and what a connection
 * turns to. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/http2.h"
#include "sensor/dissect/http_state.h"
#include "sensor/dissect/tls_upgrade.h"

extern const struct dissector dissector_http, dissector_http_proxy;

static enum recognition
recognise(struct bytes first, int side)
{
	enum recognition one = http1_recognise(first);

	(void)side;
	return one != RECOGNISED_NO ? one : http2_recognise(first);
}

static enum recognition
recognise_connect(struct bytes first, int side)
{
	static const char method[] = "CONNECT ";
	size_t size = sizeof(method) - 1;

	(void)side;
	if (first.left > 0 &&
	    memcmp(first.at, method, first.left < size ? first.left : size) != 0)
		return RECOGNISED_NO;
	return first.left < size ? RECOGNISED_MAYBE : RECOGNISED_YES;
}

static void *
begin(void *shared)
{
	struct http_lane *lane = shared;
	struct http *http = NULL;

	if (lane->lane.budget.held + sizeof(*http) <= lane->lane.budget.most)
		http = calloc(1, sizeof(*http));
	if (http == NULL)
		return NULL;
	lane->lane.budget.held += sizeof(*http);
	http->lane = lane;
	http->client = -1;
	return http;
}

void
http_open_tunnel(struct http_call *call, struct http_exchange *exchange,
		 const char *name)
{
	struct http *http = call->http;

	http->tunnel = dissector_http_connect.begin(http->lane->tunnel);
	http->is_done = http->tunnel == NULL;
	exchange->upgrade = name;
	if (!exchange->request.is_over)
		http_message_end(call, exchange, false);
	if (exchange->response.has_head)
		http_message_end(call, exchange, true);
	else
		http_exchange_end(call, exchange);
}

void
http_turn_to_two(struct http_call *call, struct http_exchange *exchange)
{
	struct http *http = call->http;

	http->two = http2_new(http, http->client, exchange == NULL);
	http->is_done = http->two == NULL;
	if (exchange != NULL && http->two != NULL)
		http2_take_first(call, exchange);
	else if (exchange != NULL)
		http_message_end(call, exchange, true);
}

static enum dissect_result
result_of(struct http *http)
{
	if (http->violation != NULL)
		return DISSECT_VIOLATION;
	return http->is_done ? DISSECT_DONE : DISSECT_MORE;
}

/* HTTP/2 of which the server's first frame came first. */
static void
begin_with_server(struct http_call *call)
{
	struct http *http = call->http;

	http->client = !call->side;
	call->out->client_is(call->out->ctx, http->client);
	http->two = http2_new(http, http->client, false);
	http->is_done = http->two == NULL;
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct http *http = state;
	struct http_call call = { http, side, at, out };

	if (http->client == -1 && data.left > 0 && data.at[0] == '\0')
		begin_with_server(&call);
	if (http->two == NULL && http->tunnel == NULL && !http->is_done)
		http1_feed(&call, &data);
	if (http->two != NULL && http->violation == NULL)
		http2_feed(&call, &data);
	if (http->tunnel != NULL && data.left > 0 && http->violation == NULL)
		return dissector_http_connect.feed(http->tunnel, side, data, at, out);
	return result_of(http);
}

static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct http *http = state;
	struct http_call call = { http, side, at, out };

	if (http->tunnel != NULL)
		return dissector_http_connect.gap(http->tunnel, side, missing, at, out);
	if (http->two != NULL)
		http2_gap(&call, missing);
	else
		http1_gap(&call, missing);
	return result_of(http);
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct http *http = state;
	struct http_call call = { http, 0, at, out };

	for (int side = 0; side < SIDES && http->two == NULL; side++) {
		call.side = side;
		http1_finish(&call);
	}
	http_exchanges_end(&call, NULL);
	if (http->tunnel != NULL)
		dissector_http_connect.finish(http->tunnel, at, out);
}

static void
end(void *state)
{
	struct http *http = state;

	http_exchanges_free(http);
	for (int side = 0; side < SIDES; side++)
		pieces_release(&http->side[side].line, http_budget(http));
	if (http->two != NULL)
		http2_free(http, http->two);
	if (http->tunnel != NULL)
		dissector_http_connect.end(http->tunnel);
	http_budget(http)->held -= sizeof(*http);
	free(http);
}

static const char *
violation(const void *state)
{
	const struct http *http = state;

	if (http->tunnel != NULL && http->violation == NULL)
		return dissector_http_connect.violation(http->tunnel);
	return http->violation;
}

static void
lane_free(void *shared)
{
	struct http_lane *lane = shared;

	if (lane == NULL)
		return;
	if (lane->tunnel != NULL)
		dissector_http_connect.shared_free(lane->tunnel);
	free(lane);
}

static void *
lane_new(void)
{
	struct http_lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->lane.budget.most = HTTP_HELD_MAX;
	lane->tunnel = dissector_http_connect.shared_new();
	if (lane->tunnel == NULL) {
		lane_free(lane);
		return NULL;
	}
	return lane;
}

/* Two rows: nDPI has a name of its own for what begins with a CONNECT, and policies
 * tell the two apart. */
#define ROW(id, called, first)                     \
	const struct dissector id = {              \
		.name = called,                    \
		.recognise = first,                \
		.begin = begin,                    \
		.feed = feed,                      \
		.gap = gap,                        \
		.finish = finish,                  \
		.end = end,                        \
		.violation = violation,            \
		.shared_new = lane_new,            \
		.shared_free = lane_free,          \
		.counters = dissect_lane_counters, \
	}

ROW(dissector_http, "http", recognise);
ROW(dissector_http_proxy, "http_connect", recognise_connect);
