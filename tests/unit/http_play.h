/* SPDX-License-Identifier: Apache-2.0 */
/* http_play: what the tests of HTTP, SOAP and FHIR share: a lane, talks, and what may
 * never be told. */
#ifndef TESTS_UNIT_HTTP_PLAY_H
#define TESTS_UNIT_HTTP_PLAY_H

#include "tests/unit/dissect_play.h"

#include "sensor/dissect/http_state.h"

extern const struct dissector dissector_http, dissector_http_proxy;

static struct http_lane *lane;
static struct play play;

static int
make_lane(void **state)
{
	(void)state;
	lane = dissector_http.shared_new();
	return lane ? 0 : -1;
}

/* Whatever came, nothing is held. */
static int
free_lane(void **state)
{
	(void)state;
	assert_int_equal(lane->lane.budget.held, 0);
	assert_int_equal(lane->documents, 0);
	dissector_http.shared_free(lane);
	return 0;
}

static inline void
start(void)
{
	play_begin(&play, &dissector_http, lane);
}

/* Whatever was sent, no patient, user or secret is told of. */
static inline void
stop(void)
{
	play_end(&play);
	for (unsigned i = 0; i < play.count; i++)
		assert_does_not_say(play.line[i], "MARKER");
}

/* The n-th record of an event, or NULL. */
static inline const char *
record_of(const char *event, unsigned n)
{
	char part[64];

	snprintf(part, sizeof(part), "\"event_type\":\"%s\"", event);
	for (unsigned i = 0; i < play.count; i++)
		if (strstr(play.line[i], part) != NULL && n-- == 0)
			return play.line[i];
	return NULL;
}

static inline unsigned
count_of(const char *event)
{
	unsigned count = 0;

	while (record_of(event, count) != NULL)
		count++;
	return count;
}

/* One exchange, both ways whole. */
static inline void
talk(const char *request, const char *response)
{
	start();
	play_text(&play, 0, request);
	play_text(&play, 1, response);
	stop();
}

#endif
