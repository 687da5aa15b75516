/* SPDX-License-Identifier: Apache-2.0 */
/* window: named times of the week, such as when remote maintenance is allowed. */
#ifndef CORRELATOR_POLICY_WINDOW_H
#define CORRELATOR_POLICY_WINDOW_H

#include "common/arena.h"
#include "common/instant.h"
#include "common/yaml.h"
#include "correlator/policy/comparison.h"

/* {days: [sun, ...], from: "HH:MM", to: "HH:MM"}; every day if days is missing. */
int window_read(struct arena *arena, const struct yaml_node *node,
		struct window *window, struct error *err);
/* 'zone': seconds east of UTC.  'from' is inside, 'to' is not. */
bool window_has(const struct window *window, struct instant at, int zone);

#endif
