/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp: what the dissectors of DHCP for IPv4 and IPv6 tell alike. */
#ifndef SENSOR_DISSECT_DHCP_H
#define SENSOR_DISSECT_DHCP_H

#include "sensor/dissect/talk.h"

void dhcp_tell_mac(struct telling *telling, struct bytes mac);
/* Hexadecimal digits, with 'between' after each byte but the last. */
void dhcp_tell_hex(struct telling *telling, enum field_id field, struct bytes data,
		   const char *between);
/* Of 4 or 16 bytes; 0.0.0.0 is none. */
void dhcp_tell_address(struct telling *telling, enum field_id field,
		       struct bytes value);
/* A list of addresses of 'each' bytes, 16 at most. */
void dhcp_tell_addresses(struct telling *telling, enum field_id field,
			 struct bytes value, size_t each);

#endif
