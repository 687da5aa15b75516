/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog_message: the header of one syslog message, in either form.
 *
 * RFC 5424: <PRI>1 TIME HOST APP PROCID MSGID STRUCTURED-DATA MSG.
 * RFC 3164: <PRI>TIME HOST TAG: MSG, of which all behind PRI may be missing.
 */
#ifndef SENSOR_DISSECT_SYSLOG_MESSAGE_H
#define SENSOR_DISSECT_SYSLOG_MESSAGE_H

#include "sensor/dissect/dissector.h"

/* Windows into the message; an empty one was not told (or is "-"). */
struct syslog_message {
	uint8_t facility, severity;
	bool is_5424;
	struct bytes time, host, app, msgid;
	struct bytes text; /* what follows the header */
};

/* Does a message begin with 'first'? */
enum recognition syslog_message_recognise(struct bytes first);
/* False if it does not even begin with a priority. */
bool syslog_message_read(struct bytes data, struct syslog_message *message);

#endif
