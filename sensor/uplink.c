/* SPDX-License-Identifier: Apache-2.0 */
/* uplink: where the records go and by which keys, as configured; says when the
 * certificate is about to end. */
#include "sensor/uplink.h"

#include <string.h>

#include "common/log.h"

/* The correlator would refuse it for ever, and only its operator would know why. */
static int
check_self(const struct trust_identity *self, const struct config *config,
	   struct error *err)
{
	if (strcmp(self->sensor, config->sensor) != 0)
		return error_set(err,
				 "%s: it is the certificate of sensor %s; expected %s",
				 config->certificate, self->sensor, config->sensor);
	if (!trust_identity_has_poi(self, config->poi, strlen(config->poi)))
		return error_set(err, "%s: it does not name the POI %s",
				 config->certificate, config->poi);
	return 0;
}

int
uplink_open(struct uplink *uplink, const struct config *config, struct error *err)
{
	const struct trust_files files = { .certificate = config->certificate,
					   .key = config->key,
					   .ca = config->ca };

	*uplink = (struct uplink){ .to = { .name = config->correlator != NULL
							   ? config->correlator
							   : config->socket,
					   .target = { .path = config->socket },
					   .sensor = config->sensor,
					   .poi = config->poi },
				   .days_said = TRUST_FAR };
	if (config->correlator == NULL)
		return 0;
	if (endpoint_parse(config->correlator, &uplink->to.target.endpoint, err) == -1)
		return -1;
	uplink->trust = uplink->to.target.trust = trust_new(TRUST_SENSOR, &files, err);
	if (uplink->trust == NULL ||
	    check_self(trust_self(uplink->trust), config, err) == -1) {
		uplink_close(uplink);
		return -1;
	}
	return 0;
}

void
uplink_close(struct uplink *uplink)
{
	trust_free(uplink->trust);
	uplink->trust = NULL;
}

void
uplink_warn(struct uplink *uplink, struct instant now)
{
	char words[80];

	if (uplink->trust == NULL)
		return;
	struct instant end = trust_self(uplink->trust)->end;
	int step = trust_days_step(end, now);
	if (step < uplink->days_said) {
		trust_days_words(end, now, words, sizeof(words));
		log_warn("uplink",
			 "this sensor's certificate %s; have a new one signed, then "
			 "send SIGHUP",
			 words);
	}
	uplink->days_said = step;
}
