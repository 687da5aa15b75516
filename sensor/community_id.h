/* SPDX-License-Identifier: Apache-2.0 */
/* community_id: a flow's name that other tools compute alike (Community ID version 1,
 * seed 0). */
#ifndef SENSOR_COMMUNITY_ID_H
#define SENSOR_COMMUNITY_ID_H

#include "common/text.h"
#include "sensor/flow.h"

/* "1:" and base64 of SHA-1, without NUL */
enum { COMMUNITY_ID_SIZE = 30 };

/* Writes into 'room' and returns the text that borrows it. */
struct text community_id(const struct flow_key *key, char room[COMMUNITY_ID_SIZE]);

#endif
