/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings_file: the YAML file of a program's settings, and the rows all programs
 * share; for settings.c and settings_help.c.
 */
#ifndef COMMON_SETTINGS_FILE_H
#define COMMON_SETTINGS_FILE_H

#include "common/settings.h"

/* -1 with "file:line:col: limits.flows: ..." in '*err'.  An empty file sets nothing. */
int settings_file_read(const struct settings_program *program, const char *path,
		       void *into, struct settings *settings, struct error *err);

/* --config, --help and their like; ends with { 0 }.  A row without group is not listed.
 */
const struct setting *settings_common(const struct settings_program *program);

#endif
