/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_scalar: what a plain word of YAML means, and whether a map's keys are
 * sound; for yaml.c, which reads the rest.
 */
#ifndef COMMON_YAML_SCALAR_H
#define COMMON_YAML_SCALAR_H

#include "common/yaml.h"

/* Sets kind and value of a node from its text, by the YAML 1.2 core schema
 * (section 10.3.2). */
void yaml_scalar_resolve(struct yaml_node *node);
/* -1 if a key is no scalar or stands twice; names both places. */
int yaml_keys_check(const struct yaml_node *map, struct error *err);

#endif
