/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics: what the sensor counts, as Prometheus text on a Unix socket, for HTTP GET of any path.
 *
 * Served by the parent between its looks, from what the others leave in shared
 * memory: it asks nobody and waits for nobody.  A client that does not take
 * its answer at once gets no more of it.
 */
#ifndef SENSOR_METRICS_H
#define SENSOR_METRICS_H

#include "sensor/share.h"

struct metrics_source {
	const struct link *links;
	uint32_t lanes;
	const char *sensor, *poi;
};

/* Listens; a socket that was left there is removed.  The descriptor, or -1. */
int metrics_listen(const char *path, struct error *err);
/* Answers those who came. */
void metrics_serve(int listener, const struct metrics_source *source);
/* The text; returns its size, at most 'room'. */
size_t metrics_text(const struct metrics_source *source, char *out, size_t room);

#endif
