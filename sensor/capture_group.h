/* SPDX-License-Identifier: Apache-2.0 */
/* capture_group: packet sockets of one interface share its packets; for capture alone.
 */
#ifndef SENSOR_CAPTURE_GROUP_H
#define SENSOR_CAPTURE_GROUP_H

#include "sensor/capture.h"

/* The bound socket joins; the first one makes the group. */
int capture_group_join(struct capture_group *group, int socket, const char *interface,
		       struct error *err);

#endif
