/* SPDX-License-Identifier: Apache-2.0 */
/* stream: server-sent events to whoever watches, each by its own scope. */
#include "dashboards/console/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "dashboards/console/overview.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"
#include "dashboards/console/sensors.h"

enum topic { TOPIC_ALERTS, TOPIC_OVERVIEW, TOPIC_SENSORS, TOPIC_COUNT };

static const char *const topics[TOPIC_COUNT] = { "alerts", "overview", "sensors" };

enum {
	STATE_EVERY = 6
}; /* rounds of streams_on_state after which it is sent though nothing changed */

struct stream {
	struct streams *streams;
	struct http_stream *http;
	struct session session;
	bool wants[TOPIC_COUNT];
	int64_t seq, change; /* sent up to */
	bool is_slow;        /* cut at the next poll */
	struct stream *next;
};

struct streams {
	struct stream *first;
	int count;
	struct console_version seen, shown; /* by poll, by state */
	int rounds;                         /* of state since it was sent */
	struct stream_counters counters;
};

struct streams *
streams_new(void)
{
	struct streams *streams = calloc(1, sizeof(*streams));

	if (streams == NULL)
		log_fatal("console", "no memory for streams");
	return streams;
}

void
streams_free(struct streams *streams)
{
	if (streams == NULL)
		return;
	while (streams->first != NULL)
		http_stream_cut(streams->first->http);
	free(streams);
}

struct stream_counters
streams_counters(const struct streams *streams)
{
	return streams->counters;
}

static void
on_closed(void *ctx)
{
	struct stream *stream = ctx;
	struct stream **at = &stream->streams->first;

	while (*at != stream)
		at = &(*at)->next;
	*at = stream->next;
	stream->streams->count--;
	free(stream);
}

static void
send_text(struct stream *stream, const char *text)
{
	if (stream->is_slow)
		return;
	http_stream_send(stream->http, text, strlen(text));
	stream->is_slow = http_stream_waiting(stream->http) > STREAM_WAITING_MAX;
}

/* Takes over 'data'. 'has_id': the reader may take up from here. */
static void
send_event(struct stream *stream, const char *event, json_t *data, bool has_id)
{
	char head[96] = "";
	char *json = json_dumps(data, EXCHANGE_JSON);

	if (has_id)
		snprintf(head, sizeof(head), "id: %lld.%lld\n", (long long)stream->seq,
			 (long long)stream->change);
	size_t size =
		strlen(head) + strlen(event) + (json != NULL ? strlen(json) : 0) + 32;
	char *text = malloc(size);
	if (json == NULL || text == NULL)
		log_fatal("console", "no memory for an event");
	snprintf(text, size, "%sevent: %s\ndata: %s\n\n", head, event, json);
	send_text(stream, text);
	free(text);
	free(json);
	json_decref(data);
}

static bool
send_alert(void *ctx, const struct alert_item *item)
{
	struct stream *stream = ctx;

	stream->seq = item->seq;
	send_event(stream, "alert", present_alert(item), true);
	return !stream->is_slow;
}

static bool
send_change(void *ctx, const struct history_row *row)
{
	struct stream *stream = ctx;

	stream->change = row->id;
	send_event(stream, "workflow",
		   json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:s}", "id", row->alert,
			     "state", row->state, "reason", row->reason, "assignee",
			     row->assignee, "version", row->version, "changed",
			     present_time(row->time), "user", row->user),
		   true);
	return !stream->is_slow;
}

/* Sends what is new to this stream: 1 if there may be more, 0 if that was all, -1 with
 * a reason. */
static int
send_news(struct console_reader *reader, struct stream *stream, struct error *err)
{
	struct scope scope = session_scope(&stream->session);
	struct console_head head;
	struct alert_filter *filter = calloc(1, sizeof(*filter));

	if (filter == NULL)
		log_fatal("console", "no memory for a filter");
	filter->tab = ALERT_TAB_ALL;
	filter->after_seq = stream->seq > 0 ? stream->seq : -1;
	int alerts = -1, changes = -1,
	    done = console_read_head(reader, &scope, &head, err);
	if (done != -1)
		alerts = console_each_new_alert(reader, &scope, filter,
						STREAM_REPLAY_MAX, send_alert, stream,
						err);
	if (alerts != -1)
		changes = console_each_history(reader, &scope, NULL, stream->change,
					       STREAM_REPLAY_MAX, send_change, stream,
					       err);
	free(filter);
	if (changes == -1)
		return -1;
	if (alerts == STREAM_REPLAY_MAX || changes == STREAM_REPLAY_MAX)
		return 1;
	/* What is left up to the head is not for this scope. */
	stream->seq = head.seq > stream->seq ? head.seq : stream->seq;
	stream->change = head.change > stream->change ? head.change : stream->change;
	return 0;
}

static void
cut_slow(struct streams *streams)
{
	struct stream *next;

	for (struct stream *stream = streams->first; stream != NULL; stream = next) {
		next = stream->next;
		if (!stream->is_slow)
			continue;
		streams->counters.cut++;
		http_stream_cut(stream->http);
	}
}

static bool
is_same(const struct console_version *a, const struct console_version *b)
{
	return a->correlator == b->correlator && a->console == b->console;
}

void
streams_on_poll(void *ctx)
{
	struct console *console = ctx;
	struct streams *streams = console->streams;
	struct console_version version;
	struct error err;

	cut_slow(streams);
	if (console->reader == NULL || streams->first == NULL)
		return;
	if (console_read_version(console->reader, &version, &err) == -1) {
		log_warn("console", "%s", err.text);
		return;
	}
	if (is_same(&version, &streams->seen))
		return;
	streams->seen = version;
	for (struct stream *stream = streams->first; stream != NULL;
	     stream = stream->next) {
		int more = stream->wants[TOPIC_ALERTS]
				   ? send_news(console->reader, stream, &err)
				   : 0;
		if (more == -1)
			log_warn("console", "%s", err.text);
		if (more == 1)
			streams->seen.correlator = -1; /* look again at the next poll */
	}
}

/* What one scope sees now, made once for all streams that see the same. */
struct state {
	struct scope scope;
	json_t *overview, *sensors;
};

static bool
see_same(const struct scope *a, const struct scope *b)
{
	return a->is_all ? b->is_all
			 : !b->is_all && strcmp(a->partition, b->partition) == 0;
}

static void
read_state(struct console *console, struct state *state)
{
	int64_t now = loop_now(console->loop);
	struct sensor_states sensors;
	struct error err;

	state->overview = overview_json(console->reader, &state->scope, console->zone,
					OVERVIEW_HOURS, now, &err);
	if (state->overview == NULL)
		log_warn("console", "%s", err.text);
	if (sensor_states_read(console->reader, &state->scope, now, &sensors, &err) ==
	    -1)
		log_warn("console", "%s", err.text);
	else
		state->sensors = sensors_json(&sensors, state->scope.is_all);
	sensor_states_release(&sensors);
}

static void
send_state(struct stream *stream, const struct state *state)
{
	if (stream->wants[TOPIC_OVERVIEW] && state->overview != NULL)
		send_event(stream, "overview", json_incref(state->overview), false);
	if (stream->wants[TOPIC_SENSORS] && state->sensors != NULL)
		send_event(stream, "sensors", json_incref(state->sensors), false);
}

static void
send_states(struct console *console)
{
	struct streams *streams = console->streams;

	for (struct stream *stream = streams->first; stream != NULL;
	     stream = stream->next) {
		struct state state = { .scope = session_scope(&stream->session) };
		struct stream *other = streams->first;
		/* Somebody before it saw the same: it was sent with his. */
		for (; other != stream; other = other->next) {
			struct scope scope = session_scope(&other->session);
			if (see_same(&scope, &state.scope))
				break;
		}
		if (other != stream)
			continue;
		read_state(console, &state);
		for (; other != NULL; other = other->next) {
			struct scope scope = session_scope(&other->session);
			if (see_same(&scope, &state.scope))
				send_state(other, &state);
		}
		json_decref(state.overview);
		json_decref(state.sensors);
	}
}

/* A session that is over takes its streams with it. */
static void
end_expired(struct console *console)
{
	struct stream *next;
	struct session session;
	struct error err;
	int64_t now = loop_now(console->loop);

	for (struct stream *stream = console->streams->first; stream != NULL;
	     stream = next) {
		next = stream->next;
		if (session_find_token(console, stream->session.token_sha256, now,
				       &session, &err) == 1)
			continue;
		send_event(stream, "bye", json_pack("{s:s}", "code", "login_required"),
			   false);
		if (!stream->is_slow)
			http_stream_end(stream->http);
	}
}

void
streams_on_state(void *ctx)
{
	struct console *console = ctx;
	struct streams *streams = console->streams;

	end_expired(console);
	if (console->reader == NULL || streams->first == NULL)
		return;
	if (is_same(&streams->seen, &streams->shown) && ++streams->rounds < STATE_EVERY)
		return;
	streams->rounds = 0;
	streams->shown = streams->seen;
	send_states(console);
}

void
streams_on_beat(void *ctx)
{
	struct console *console = ctx;

	for (struct stream *stream = console->streams->first; stream != NULL;
	     stream = stream->next)
		send_text(stream, ": ping\n\n");
}

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
	send_event(stream, "hello",
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
		send_event(stream, "resync", json_object(), true);
		return;
	}
	stream->seq = seq;
	stream->change = change;
	send_hello(console, stream, head);
	if (stream->wants[TOPIC_ALERTS] &&
	    send_news(console->reader, stream, &err) == -1)
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
	stream->http = http_stream_open(exchange->http, on_closed, stream);
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
