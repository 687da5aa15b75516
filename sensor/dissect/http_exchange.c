/* SPDX-License-Identifier: Apache-2.0 */
/* http_exchange: pairs a request with its response; at most so many are under way. */
#include <stdlib.h>

#include "sensor/dissect/http_body.h"
#include "sensor/dissect/http_state.h"

static bool
has_room(struct http *http)
{
	struct kept_budget *budget = http_budget(http);

	return budget->held + sizeof(struct http_exchange) <= budget->most;
}

/* In HTTP/1 only the order pairs responses: those of what is told now have none. */
static void
make_room(struct http_call *call)
{
	struct http *http = call->http;
	struct dissect_counters *counters = &http->lane->lane.counters;

	if (http->two != NULL) {
		counters->dropped++;
		if (http->oldest->response.lost == NULL)
			http->oldest->response.lost = "truncated";
		http_exchange_end(call, http->oldest);
		return;
	}
	counters->dropped += http->count;
	for (const struct http_exchange *at = http->oldest; at != NULL; at = at->next)
		http->skipped += !at->response.is_begun;
	http_exchanges_end(call, "truncated");
}

struct http_exchange *
http_exchange_new(struct http_call *call)
{
	struct http *http = call->http;
	struct http_exchange *exchange = NULL;

	if (http->count == HTTP_EXCHANGES_MAX)
		make_room(call);
	if (has_room(http))
		exchange = calloc(1, sizeof(*exchange));
	if (exchange == NULL) {
		http->lane->lane.counters.no_memory++;
		return NULL;
	}
	http_budget(http)->held += sizeof(*exchange);
	exchange->number = ++http->number;
	if (http->newest != NULL)
		http->newest->next = exchange;
	else
		http->oldest = exchange;
	http->newest = exchange;
	http->count++;
	return exchange;
}

struct http_exchange *
http_exchange_unanswered(const struct http *http)
{
	struct http_exchange *exchange = http->oldest;

	while (exchange != NULL && exchange->response.is_begun)
		exchange = exchange->next;
	return exchange;
}

void
http_message_begin(struct http_call *call, struct http_message *message)
{
	message->is_begun = true;
	message->first = message->last = call->at;
}

void
http_message_head(struct http_call *call, struct http_exchange *exchange,
		  bool is_response)
{
	struct http_message *message =
		is_response ? &exchange->response : &exchange->request;

	message->has_head = true;
	message->last = call->at;
	if (message->framing != HTTP_NO_CONTENT)
		http_body_begin(call, exchange, message);
}

void
http_message_content(struct http_call *call, struct http_message *message,
		     struct bytes data)
{
	message->size += data.left;
	message->last = call->at;
	if (message->body != NULL)
		http_body_feed(call->http->lane, message->body, data);
}

void
http_message_gap(struct http_call *call, struct http_message *message, uint64_t missing)
{
	message->size += missing;
	message->last = call->at;
	message->lost = "loss";
	if (message->body != NULL)
		http_body_end(call->http->lane, message->body, "loss");
}

void
http_message_end(struct http_call *call, struct http_exchange *exchange,
		 bool is_response)
{
	struct http_message *message =
		is_response ? &exchange->response : &exchange->request;

	message->is_over = true;
	if (message->body != NULL)
		http_body_end(call->http->lane, message->body, message->lost);
	if (exchange->response.is_over &&
	    (exchange->request.is_over || !exchange->request.is_begun))
		http_exchange_end(call, exchange);
}

void
http_message_release(struct http *http, struct http_message *message)
{
	http_texts_release(&message->texts, http_budget(http));
	if (message->body != NULL)
		http_body_free(http->lane, message->body);
	*message = (struct http_message){ 0 };
}

static void
release(struct http *http, struct http_exchange *exchange)
{
	for (int side = 0; side < SIDES; side++)
		if (http->side[side].exchange == exchange)
			http->side[side].exchange = NULL;
	http_message_release(http, &exchange->request);
	http_message_release(http, &exchange->response);
	http_budget(http)->held -= sizeof(*exchange);
	free(exchange);
}

void
http_exchange_end(struct http_call *call, struct http_exchange *exchange)
{
	struct http *http = call->http;
	struct http_exchange **at = &http->oldest, *before = NULL;

	if (exchange->request.body != NULL)
		http_body_end(http->lane, exchange->request.body, "truncated");
	if (exchange->response.body != NULL)
		http_body_end(http->lane, exchange->response.body, "truncated");
	http_report(call, exchange);
	for (; *at != exchange; at = &before->next)
		before = *at;
	*at = exchange->next;
	if (http->newest == exchange)
		http->newest = before;
	http->count--;
	release(http, exchange);
}

void
http_exchanges_end(struct http_call *call, const char *why)
{
	while (call->http->oldest != NULL) {
		struct http_exchange *exchange = call->http->oldest;
		if (why != NULL && exchange->response.lost == NULL &&
		    !exchange->response.is_over)
			exchange->response.lost = why;
		if (why != NULL && exchange->request.lost == NULL &&
		    exchange->request.is_begun && !exchange->request.is_over)
			exchange->request.lost = why;
		http_exchange_end(call, exchange);
	}
}

void
http_exchanges_free(struct http *http)
{
	while (http->oldest != NULL) {
		struct http_exchange *exchange = http->oldest;
		http->oldest = exchange->next;
		release(http, exchange);
	}
	http->newest = NULL;
	http->count = 0;
}
