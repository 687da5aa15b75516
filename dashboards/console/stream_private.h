/* SPDX-License-Identifier: Apache-2.0 */
/* stream_private: what the stream's files share. */
#ifndef DASHBOARDS_CONSOLE_STREAM_PRIVATE_H
#define DASHBOARDS_CONSOLE_STREAM_PRIVATE_H

#include <jansson.h>

#include "dashboards/console/session.h"
#include "dashboards/console/stream.h"

enum topic { TOPIC_ALERTS, TOPIC_OVERVIEW, TOPIC_SENSORS, TOPIC_COUNT };

struct stream {
	struct streams *streams;
	struct http_stream *http;
	struct session session;
	bool wants[TOPIC_COUNT];
	int64_t seq, change;   /* sent up to */
	bool is_slow;          /* cut at the next poll */
	bool is_ended;         /* the client has yet to take the rest */
	struct stream *leader; /* whose reading it shares in this poll, or NULL */
	struct stream *next;
};

struct streams {
	struct stream *first;
	int count;
	struct console_version seen, shown; /* by poll, by state */
	int rounds;                         /* of state since it was sent */
	struct stream_counters counters;
};

/* Takes over 'data'. 'has_id': the reader may take up from here. */
void stream_send(struct stream *stream, const char *event, json_t *data, bool has_id);
/* What is new to this stream: 1 if there may be more, 0 if that was all, -1 with a
 * reason. */
int stream_send_news(struct console_reader *reader, struct stream *stream,
		     struct error *err);
/* True if two scopes see the same rows. */
bool stream_see_same(const struct scope *a, const struct scope *b);
/* http_stream_closed: takes the stream out and frees it. */
void stream_on_closed(void *stream);
/* Overview and sensors to all who want them, made once per scope. */
void stream_send_states(struct console *console);

#endif
