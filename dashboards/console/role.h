/* SPDX-License-Identifier: Apache-2.0 */
/*
 * role: who may what: one table, default deny.
 *
 * A role says what, the scope of a session says whose.  The admin deliberately
 * reads nothing of the networks.
 */
#ifndef DASHBOARDS_CONSOLE_ROLE_H
#define DASHBOARDS_CONSOLE_ROLE_H

#include <stdbool.h>
#include <stdint.h>

enum permission {
	PERMISSION_PUBLIC, /* before a session */
	PERMISSION_SELF,   /* any session, about itself */
	PERMISSION_OVERVIEW_READ,
	PERMISSION_ALERTS_READ,
	PERMISSION_ALERTS_NOTE,
	PERMISSION_ALERTS_WORK,
	PERMISSION_COMPLIANCE_READ,
	PERMISSION_SENSORS_READ,
	PERMISSION_STREAM_READ,
	PERMISSION_USERS_READ,
	PERMISSION_AUDIT_OWN,
	PERMISSION_AUDIT_READ,
	PERMISSION_COUNT
};

struct role {
	const char *name;
	bool is_regional; /* has exactly one partition; the others see all or nothing */
	uint32_t may;     /* bit n: permission n */
	const char *meaning;
};

/* NULL if there is none of that name. */
const struct role *role_find(const char *name);
/* The n-th, or NULL behind the last. */
const struct role *role_at(int n);
bool role_may(const struct role *role, enum permission permission);
/* "alerts.read" */
const char *permission_name(enum permission permission);

#endif
