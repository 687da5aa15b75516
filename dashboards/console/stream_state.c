/* SPDX-License-Identifier: Apache-2.0 */
/* stream_state: overview and sensors for all streams, made once per scope. */
#include <string.h>

#include "common/log.h"
#include "dashboards/console/overview.h"
#include "dashboards/console/sensors.h"
#include "dashboards/console/stream_private.h"

/* What one scope sees now, made once for all streams that see the same. */
struct state {
	struct scope scope;
	json_t *overview, *sensors;
};

bool
stream_see_same(const struct scope *a, const struct scope *b)
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
		stream_send(stream, "overview", json_incref(state->overview), false);
	if (stream->wants[TOPIC_SENSORS] && state->sensors != NULL)
		stream_send(stream, "sensors", json_incref(state->sensors), false);
}

void
stream_send_states(struct console *console)
{
	struct streams *streams = console->streams;

	for (struct stream *stream = streams->first; stream != NULL;
	     stream = stream->next) {
		struct state state = { .scope = session_scope(&stream->session) };
		struct stream *other = streams->first;
		/* Somebody before it saw the same: it was sent with his. */
		for (; other != stream; other = other->next) {
			struct scope scope = session_scope(&other->session);
			if (stream_see_same(&scope, &state.scope))
				break;
		}
		if (other != stream)
			continue;
		read_state(console, &state);
		for (; other != NULL; other = other->next) {
			struct scope scope = session_scope(&other->session);
			if (stream_see_same(&scope, &state.scope))
				send_state(other, &state);
		}
		json_decref(state.overview);
		json_decref(state.sensors);
	}
}
