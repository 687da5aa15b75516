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
read_overview(struct console *console, struct state *state)
{
	struct error err;

	state->overview = overview_json(console->reader, &state->scope, console->zone,
					OVERVIEW_HOURS, loop_now(console->loop), &err);
	if (state->overview == NULL)
		log_warn("console", "%s", err.text);
}

static void
read_sensors(struct console *console, struct state *state)
{
	struct sensor_states sensors;
	struct error err;

	if (sensor_states_read(console->reader, &state->scope, loop_now(console->loop),
			       &sensors, &err) == -1)
		log_warn("console", "%s", err.text);
	else
		state->sensors = sensors_json(&sensors, state->scope.is_all);
	sensor_states_release(&sensors);
}

static bool
sees(const struct stream *stream, const struct scope *scope)
{
	struct scope own = session_scope(&stream->session);

	return stream_see_same(&own, scope);
}

/* Whether anybody from 'first' on who sees the scope's rows wants the topic. */
static bool
is_wanted(const struct stream *first, const struct scope *scope, enum topic topic)
{
	for (; first != NULL; first = first->next)
		if (first->wants[topic] && sees(first, scope))
			return true;
	return false;
}

static void
send_state(struct stream *stream, const struct state *state)
{
	if (stream->wants[TOPIC_OVERVIEW] && state->overview != NULL)
		stream_send(stream, "overview", json_incref(state->overview), false);
	if (stream->wants[TOPIC_SENSORS] && state->sensors != NULL)
		stream_send(stream, "sensors", json_incref(state->sensors), false);
}

/* To all who see what 'first' sees, who is the first of them. */
static void
send_to_scope(struct console *console, struct stream *first)
{
	struct state state = { .scope = session_scope(&first->session) };

	if (is_wanted(first, &state.scope, TOPIC_OVERVIEW))
		read_overview(console, &state);
	if (is_wanted(first, &state.scope, TOPIC_SENSORS))
		read_sensors(console, &state);
	for (struct stream *stream = first; stream != NULL; stream = stream->next)
		if (sees(stream, &state.scope))
			send_state(stream, &state);
	json_decref(state.overview);
	json_decref(state.sensors);
}

void
stream_send_states(struct console *console)
{
	struct stream *first = console->streams->first;

	for (struct stream *stream = first; stream != NULL; stream = stream->next) {
		struct scope scope = session_scope(&stream->session);
		struct stream *before = first;
		while (before != stream && !sees(before, &scope))
			before = before->next;
		if (before == stream)
			send_to_scope(console, stream);
	}
}
