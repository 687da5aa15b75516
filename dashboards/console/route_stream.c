/* SPDX-License-Identifier: Apache-2.0 */
/* route_stream: a stream begins: topics, caps, and where it is taken up again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"
#include "dashboards/console/stream_private.h"

static const char *const topics[TOPIC_COUNT] = { "alerts", "overview", "sensors" };

static bool
read_topics(const char *list, bool wants[TOPIC_COUNT])
{
	if (list == NULL || list[0] == '\0')
		list = "alerts,overview,sensors";
	while (*list != '\0') {
		size_t size = strcspn(list, ",");
		int topic = 0;
		while (topic < TOPIC_COUNT && (strlen(topics[topic]) != size ||
					       memcmp(topics[topic], list, size) != 0))
			topic++;
		if (topic == TOPIC_COUNT)
			return false;
		wants[topic] = true;
		list += size + (list[size] == ',');
	}
	return true;
}

static bool
is_over_cap(const struct console *console, const char *user)
{
	int64_t own = 0;

	for (const struct stream *s = console->streams->first; s != NULL; s = s->next)
		own += strcmp(s->session.user, user) == 0;
	return console->streams->count >= console->config.streams ||
	       own >= console->config.streams_of_user;
}

static void
send_hello(struct console *console, struct stream *stream,
	   const struct console_head *head)
{
	stream_send(stream, "hello",
		    json_pack("{s:I, s:I, s:o}", "as_of_seq", (json_int_t)head->seq,
			      "as_of_change", (json_int_t)head->change, "now",
			      present_time(loop_now(console->loop))),
		    true);
}

/* From the reader's last id, if it is one of ours and not too far behind; else from
 * now. */
static void
take_up(struct console *console, struct stream *stream, const char *last_id,
	const struct console_head *head)
{
	long long seq = 0, change = 0;
	int used = 0;
	struct error err;

	stream->seq = head->seq;
	stream->change = head->change;
	if (last_id == NULL) {
		send_hello(console, stream, head);
		return;
	}
	bool is_ours = sscanf(last_id, "%18lld.%18lld%n", &seq, &change, &used) == 2 &&
		       last_id[used] == '\0' && seq >= 0 && change >= 0 &&
		       seq <= head->seq && change <= head->change;
	if (!is_ours || head->seq - seq > STREAM_REPLAY_MAX ||
	    head->change - change > STREAM_REPLAY_MAX) {
		send_hello(console, stream, head);
		stream_send(stream, "resync", json_object(), true);
		return;
	}
	stream->seq = seq;
	stream->change = change;
	send_hello(console, stream, head);
	if (stream->wants[TOPIC_ALERTS] &&
	    stream_send_news(console->reader, stream, &err) == -1)
		log_warn("console", "%s", err.text);
}

static void
open_stream(struct exchange *exchange, const bool wants[TOPIC_COUNT],
	    const struct console_head *head)
{
	struct console *console = exchange->console;
	struct stream *stream = calloc(1, sizeof(*stream));
	char last_id[64] = "";
	const char *header = http_request_header(exchange->http, "Last-Event-ID");
	const char *parameter = http_request_parameter(exchange->http, "last_event_id");
	const char *last = header != NULL ? header : parameter;

	if (stream == NULL)
		log_fatal("console", "no memory for a stream");
	/* Opening the stream frees the request, and with it the text. */
	if (last != NULL)
		snprintf(last_id, sizeof(last_id), "%s", last);
	memcpy(stream->wants, wants, sizeof(stream->wants));
	stream->session = exchange->session;
	stream->streams = console->streams;
	stream->next = console->streams->first;
	console->streams->first = stream;
	console->streams->count++;
	console->streams->counters.opened++;
	stream->http = http_stream_open(exchange->http, stream_on_closed, stream);
	take_up(console, stream, last != NULL && last_id[0] != '\0' ? last_id : NULL,
		head);
}

void
route_stream(struct exchange *exchange)
{
	struct console *console = exchange->console;
	bool wants[TOPIC_COUNT] = { false };
	struct console_head head;
	struct error err;

	if (!read_topics(http_request_parameter(exchange->http, "topics"), wants)) {
		answer_invalid(exchange, "topics");
	} else if (is_over_cap(console, exchange->session.user)) {
		console->streams->counters.refused++;
		answer_problem(exchange, 503, "too_many_streams", NULL);
	} else if (console->reader == NULL ||
		   console_read_head(console->reader, &exchange->scope, &head, &err) ==
			   -1) {
		answer_failure(exchange, &err);
	} else {
		open_stream(exchange, wants, &head);
	}
}
