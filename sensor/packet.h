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

/*
 * A capture file may hold any time.  What lies outside the years 1970 to 9999
 * becomes the nearest that lies inside, so that sums of times never overflow.
 */
static inline struct instant
packet_time(int64_t seconds, int64_t usec)
{
	const int64_t most = INT64_C(253402300799);

	seconds = seconds < 0 ? 0 : seconds > most ? most : seconds;
	usec = usec < 0 ? 0 : usec >= INSTANT_SECOND ? INSTANT_SECOND - 1 : usec;
	return (struct instant){ seconds * INSTANT_SECOND + usec };
}

typedef void packet_sink(void *ctx, const struct packet *packet);

#endif
