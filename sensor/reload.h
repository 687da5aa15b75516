/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload: the settings are read again; what can change without a restart does.
 *
 * That is the filter and all of the groups Limits and Times.  What else
 * differs is named, and stays until the program is started anew.  If anything
 * is wrong, all stays.
 */
#ifndef SENSOR_RELOAD_H
#define SENSOR_RELOAD_H

#include "sensor/config.h"

struct reload {
	const struct settings_program *program;
	int argc;
	char **argv;
	struct config *config;
	struct settings settings; /* of the last reload: config may borrow from it */
};

/* True if something changed: what runs with the old settings is to be started anew. */
bool reload_settings(struct reload *reload);

#endif
