/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode_tunnel: what carries packets within packets, for decode; nobody else includes
 * it.
 *
 * A carrier by port (VXLAN, GENEVE, Teredo) is believed only if its header
 * is one to the last reserved bit.  DECODE_NOT_TUNNEL never leaves decode: it
 * means that the packet is one of the outer conversation, whose headers stand.
 */
#ifndef SENSOR_DECODE_TUNNEL_H
#define SENSOR_DECODE_TUNNEL_H

#include "sensor/decode_step.h"

#define DECODE_NOT_TUNNEL DECODE_RESULT_COUNT

enum { DECODE_VXLAN_PORT = 4789, DECODE_GENEVE_PORT = 6081, DECODE_TEREDO_PORT = 3544 };

decode_step decode_ppp, decode_ppp_hdlc, decode_pppoe, decode_mpls, decode_gre,
	decode_ip_in_ip, decode_udp_tunnel;

/* Authentication header; headers->protocol becomes what follows it. */
decode_step decode_ah;

static inline bool
is_udp_tunnel_port(uint16_t from, uint16_t to)
{
	return to == DECODE_VXLAN_PORT || to == DECODE_GENEVE_PORT ||
	       to == DECODE_TEREDO_PORT || from == DECODE_TEREDO_PORT;
}

#endif
