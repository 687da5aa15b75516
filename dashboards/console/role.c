/* SPDX-License-Identifier: Apache-2.0 */
/* role: who may what: one table, default deny. */
#include "dashboards/console/role.h"

#include <stddef.h>
#include <string.h>

static const char *const permission_names[PERMISSION_COUNT] = {
	[PERMISSION_PUBLIC] = "public",
	[PERMISSION_SELF] = "self",
	[PERMISSION_OVERVIEW_READ] = "overview.read",
	[PERMISSION_ALERTS_READ] = "alerts.read",
	[PERMISSION_ALERTS_NOTE] = "alerts.note",
	[PERMISSION_ALERTS_WORK] = "alerts.work",
	[PERMISSION_COMPLIANCE_READ] = "compliance.read",
	[PERMISSION_SENSORS_READ] = "sensors.read",
	[PERMISSION_STREAM_READ] = "stream.read",
	[PERMISSION_USERS_READ] = "users.read",
	[PERMISSION_AUDIT_OWN] = "audit.own",
	[PERMISSION_AUDIT_READ] = "audit.read",
};

#define MAY(permission) (UINT32_C(1) << PERMISSION_##permission)
#define EVERYBODY       (MAY(PUBLIC) | MAY(SELF) | MAY(AUDIT_OWN))
#define READER                                                                      \
	(EVERYBODY | MAY(OVERVIEW_READ) | MAY(ALERTS_READ) | MAY(COMPLIANCE_READ) | \
	 MAY(SENSORS_READ) | MAY(STREAM_READ))

/* clang-format off */
static const struct role roles[] = {
	{ "analyst",       false, READER | MAY(ALERTS_NOTE) | MAY(ALERTS_WORK), "works on alerts" },
	{ "operator",      false, READER,                                       "reads; keeps the rules, on the server" },
	{ "region_viewer", true,  READER | MAY(ALERTS_NOTE),                    "reads what its own region takes part in" },
	{ "admin",         false, EVERYBODY | MAY(USERS_READ) | MAY(AUDIT_READ), "sees users and audit, nothing of the networks" },
	{ "auditor",       false, READER | MAY(USERS_READ) | MAY(AUDIT_READ),   "reads everything, changes nothing" },
};
/* clang-format on */

const struct role *
role_at(int n)
{
	return n >= 0 && (size_t)n < sizeof(roles) / sizeof(roles[0]) ? &roles[n]
								      : NULL;
}

const struct role *
role_find(const char *name)
{
	for (int n = 0; role_at(n) != NULL; n++)
		if (strcmp(roles[n].name, name) == 0)
			return &roles[n];
	return NULL;
}

bool
role_may(const struct role *role, enum permission permission)
{
	return role != NULL && (role->may >> permission & 1) != 0;
}

const char *
permission_name(enum permission permission)
{
	return permission_names[permission];
}
