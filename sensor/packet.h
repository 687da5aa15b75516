/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet: one captured frame, as capture hands it on.
 *
 * Borrowed: the bytes belong to libpcap and are gone when the callback returns.
 */
#ifndef SENSOR_PACKET_H
#define SENSOR_PACKET_H

#include "common/bytes.h"
#include "common/instant.h"

struct packet {
	struct instant seen;
	struct bytes frame; /* what was captured, from the link header on */
	uint32_t wire_size; /* what was on the wire; frame may hold less */
	int link_type;      /* DLT_ value of libpcap, one of sensor/decode.h's */
	uint64_t number;    /* from 1, counted by the capture */
};

typedef void packet_sink(void *ctx, const struct packet *packet);

#endif
