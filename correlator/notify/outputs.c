/* SPDX-License-Identifier: Apache-2.0 */
/* outputs: the ways to tell of alerts, a row each. */
#include "correlator/notify/output.h"

#include <string.h>

#define ASKED_BY(member) offsetof(struct notify_settings, member)

const struct output notify_outputs[] = {
	{ "eve", ASKED_BY(eve), eve_send, false, false },
	{ "stix", ASKED_BY(stix), stix_send, false, false },
	{ "syslog", ASKED_BY(syslog), syslog_send, true, false },
	{ "cef", ASKED_BY(cef), cef_send, true, false },
	{ "webhook", ASKED_BY(webhook), webhook_send, true, false },
	{ "mail", ASKED_BY(mail), mail_send, false, true },
	{ 0 },
};

const char *
output_target(const struct output *output, const struct notify_settings *settings)
{
	const char *target;

	memcpy(&target, (const char *)settings + output->setting, sizeof(target));
	return target != NULL && target[0] != '\0' ? target : NULL;
}
