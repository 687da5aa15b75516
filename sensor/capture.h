/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture: packets from an interface or a file; the only door to libpcap.
 *
 * Opening needs rights (CAP_NET_RAW for an interface) and is done by the
 * parent; reading needs none.  A live capture is TPACKET_V3, immediate off,
 * promiscuous, non-blocking for the caller's loop.
 */
#ifndef SENSOR_CAPTURE_H
#define SENSOR_CAPTURE_H

#include "common/error.h"
#include "sensor/packet.h"

struct capture;

struct capture_config {
	const char *interface; /* or NULL */
	const char *file;      /* pcap or pcapng, "-" = standard input; or NULL */
	const char *filter;    /* BPF, or NULL */
	uint32_t snap_length;  /* default 262144 */
	uint32_t buffer_bytes; /* kernel ring, default 64 MiB */
};

struct capture *capture_open(const struct capture_config *config, struct error *err);
void capture_close(struct capture *capture);

/*
 * Hands at most 'most' packets to the sink.  Returns how many; 0 = none now
 * (live) or the end (file, see capture_is_over); -1 with '*err'.
 */
int capture_read(struct capture *capture, int most, packet_sink *sink, void *ctx, struct error *err);
bool capture_is_over(const struct capture *capture);
/* A descriptor to poll for a live capture, or -1. */
int capture_descriptor(const struct capture *capture);

struct capture_losses {
	uint64_t offered, kernel, interface; /* since it was opened */
};
/* False for files. */
bool capture_losses(struct capture *capture, struct capture_losses *losses);
/* Bytes of the file read so far and its size, for progress; false for interfaces and pipes. */
bool capture_progress(const struct capture *capture, uint64_t *done, uint64_t *total);

#endif
