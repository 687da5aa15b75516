/* SPDX-License-Identifier: Apache-2.0 */
/* uplink: where the records go and by which keys, as configured; says when the
 * certificate is about to end. */
#ifndef SENSOR_UPLINK_H
#define SENSOR_UPLINK_H

#include "common/instant.h"
#include "sensor/config.h"
#include "sensor/sender.h"

struct uplink {
	struct sender_config to;
	struct trust *trust; /* NULL: the Unix socket */
	int days_said;       /* step of trust_days_step that was said last */
};

/* -1 if the files are bad, or the certificate is of another sensor or POI than
 * configured.  uplink_close in the other case. */
int uplink_open(struct uplink *uplink, const struct config *config, struct error *err);
/* May be zeroed. */
void uplink_close(struct uplink *uplink);
/* One line at 30, 14 and 7 days before the certificate's end, and at its end. */
void uplink_warn(struct uplink *uplink, struct instant now);

#endif
