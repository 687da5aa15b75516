/* SPDX-License-Identifier: Apache-2.0 */
/* stream: server-sent events to whoever watches, each by its own scope. */
#include "dashboards/console/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "dashboards/console/present.h"
#include "dashboards/console/exchange.h"
#include "dashboards/console/stream_private.h"

/* Rounds of streams_on_state after which it is sent though nothing changed. */
enum { STATE_EVERY = 6 };

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

void
stream_on_closed(void *ctx)
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
	if (stream->is_slow || stream->is_ended)
		return;
	http_stream_send(stream->http, text, strlen(text));
	stream->is_slow = http_stream_waiting(stream->http) > STREAM_WAITING_MAX;
}

/* The event as it goes over the wire; takes over 'data'.  The caller frees it. */
static char *
event_text(const struct stream *stream, const char *event, json_t *data, bool has_id)
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
	free(json);
	json_decref(data);
	return text;
}

void
stream_send(struct stream *stream, const char *event, json_t *data, bool has_id)
{
	char *text = event_text(stream, event, data, has_id);

	send_text(stream, text);
	free(text);
}

/* To the leader and all who follow it, who therefore stand at the same id. */
static void
send_to_group(struct stream *leader, const char *event, json_t *data)
{
	char *text = event_text(leader, event, data, true);

	for (struct stream *s = leader->streams->first; s != NULL; s = s->next) {
		if (s->leader != leader)
			continue;
		s->seq = leader->seq;
		s->change = leader->change;
		send_text(s, text);
	}
	free(text);
}

static bool
send_alert(void *ctx, const struct alert_item *item)
{
	struct stream *leader = ctx;

	leader->seq = item->seq;
	send_to_group(leader, "alert", present_alert(item));
	return true;
}

static bool
send_change(void *ctx, const struct history_row *row)
{
	struct stream *leader = ctx;

	leader->change = row->id;
	send_to_group(leader, "workflow",
		      json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:s}", "id", row->alert,
				"state", row->state, "reason", row->reason, "assignee",
				row->assignee, "version", row->version, "changed",
				present_time(row->time), "user", row->user));
	return true;
}

/* What is left up to the head is not for this scope. */
static void
catch_up(struct stream *leader, const struct console_head *head)
{
	for (struct stream *s = leader->streams->first; s != NULL; s = s->next) {
		if (s->leader != leader)
			continue;
		s->seq = head->seq > leader->seq ? head->seq : leader->seq;
		s->change =
			head->change > leader->change ? head->change : leader->change;
	}
}

static int
send_news(struct console_reader *reader, struct stream *leader, struct error *err)
{
	struct scope scope = session_scope(&leader->session);
	struct console_head head;
	struct alert_filter *filter = calloc(1, sizeof(*filter));

	if (filter == NULL)
		log_fatal("console", "no memory for a filter");
	filter->tab = ALERT_TAB_ALL;
	filter->after_seq = leader->seq > 0 ? leader->seq : -1;
	int alerts = -1, changes = -1,
	    done = console_read_head(reader, &scope, &head, err);
	if (done != -1)
		alerts = console_each_new_alert(reader, &scope, filter,
						STREAM_REPLAY_MAX, send_alert, leader,
						err);
	if (alerts != -1)
		changes = console_each_history(reader, &scope, NULL, leader->change,
					       STREAM_REPLAY_MAX, send_change, leader,
					       err);
	free(filter);
	if (changes == -1)
		return -1;
	if (alerts == STREAM_REPLAY_MAX || changes == STREAM_REPLAY_MAX)
		return 1;
	catch_up(leader, &head);
	return 0;
}

int
stream_send_news(struct console_reader *reader, struct stream *stream,
		 struct error *err)
{
	stream->leader = stream;
	int more = send_news(reader, stream, err);
	stream->leader = NULL;
	return more;
}

/* All after 'leader' that see the same and stand where it stands: one reading serves
 * them. */
static void
gather(struct stream *leader)
{
	struct scope scope = session_scope(&leader->session);

	leader->leader = leader;
	for (struct stream *s = leader->next; s != NULL; s = s->next) {
		struct scope other = session_scope(&s->session);
		if (s->leader == NULL && s->wants[TOPIC_ALERTS] &&
		    s->seq == leader->seq && s->change == leader->change &&
		    stream_see_same(&scope, &other))
			s->leader = leader;
	}
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
	     stream = stream->next)
		stream->leader = NULL;
	for (struct stream *stream = streams->first; stream != NULL;
	     stream = stream->next) {
		if (stream->leader != NULL || !stream->wants[TOPIC_ALERTS])
			continue;
		gather(stream);
		int more = send_news(console->reader, stream, &err);
		if (more == -1)
			log_warn("console", "%s", err.text);
		if (more == 1)
			streams->seen.correlator = -1; /* look again at the next poll */
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
		if (stream->is_ended) { /* a round ago, and not taken since */
			stream->is_slow = true;
			continue;
		}
		if (session_find_token(console, stream->session.token_sha256, now,
				       &session, &err) == 1)
			continue;
		stream_send(stream, "bye", json_pack("{s:s}", "code", "login_required"),
			    false);
		stream->is_ended = !stream->is_slow;
		if (stream->is_ended)
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
	stream_send_states(console);
}

void
streams_on_beat(void *ctx)
{
	struct console *console = ctx;

	for (struct stream *stream = console->streams->first; stream != NULL;
	     stream = stream->next)
		send_text(stream, ": ping\n\n");
}
