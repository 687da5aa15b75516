/* SPDX-License-Identifier: Apache-2.0 */
/* icmp: which ICMP types ask and answer one another, as the community id has them. */
#ifndef SENSOR_ICMP_H
#define SENSOR_ICMP_H

#include <stdbool.h>
#include <stdint.h>

/* The type that answers or asks for 'type', or -1 if it stands alone. */
int icmp_counterpart(bool is_v6, uint8_t type);
/* True if a message of 'type' comes from the one who asks. */
bool icmp_is_request(bool is_v6, uint8_t type);

#endif
