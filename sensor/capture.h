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

/*
 * Captures of one interface that share its packets, each flow to one of them
 * (PACKET_FANOUT).  By hash: IPv4 fragments are put together by the kernel
 * first; what stands within a tunnel goes by the tunnel's ends.  By CPU: to
 * the capture of the CPU whose queue it came from, for cards that keep both
 * directions of a flow in one queue.  When a member leaves, flows move: a group
 * is opened and closed as a whole.
 */
struct capture_group {
	bool is_by_cpu;
	bool is_made; /* zero for the first member, which names the group */
	uint16_t id;
};

struct capture_config {
	const char *interface; /* or NULL */
	const char *file;      /* pcap or pcapng, "-" = standard input; or NULL */
	const char *filter;    /* BPF, or NULL */
	uint32_t snap_length;  /* default 262144 */
	uint32_t buffer_bytes; /* kernel ring, default 64 MiB */
	struct capture_group *group; /* of an interface, or NULL: all packets are its own */
};

struct capture *capture_open(const struct capture_config *config, struct error *err);
void capture_close(struct capture *capture);
/* Whether a BPF expression is one; -1 with '*err'. */
int capture_check_filter(const char *filter, struct error *err);
/* Time of a file's first packet; 0 if it has none or cannot be read. */
struct instant capture_first_time(const char *file);

/*
 * Hands at most 'most' packets to the sink.  Returns how many; 0 = none now
 * (live) or the end (file, see capture_is_over); -1 with '*err'.
 */
int capture_read(struct capture *capture, int most, packet_sink *sink, void *ctx, struct error *err);
/*
 * The same one by one, at the cost of a copy: capture_peek holds the next packet
 * (1; 0: none now; -1 with '*err') until capture_pass lets it go.
 */
int capture_peek(struct capture *capture, struct error *err);
/* NULL if none is held. */
const struct packet *capture_held(const struct capture *capture);
void capture_pass(struct capture *capture);
bool capture_is_over(const struct capture *capture);
/* A descriptor to poll for a live capture, or -1. */
int capture_descriptor(const struct capture *capture);

struct capture_losses {
	uint64_t offered, kernel, interface; /* since it was opened */
};
/* Nothing more will be read: what the kernel still holds counts as lost by it. */
void capture_stop(struct capture *capture);
/* False for files. */
bool capture_losses(struct capture *capture, struct capture_losses *losses);
/* Bytes of the file read so far and its size, for progress; false for interfaces and pipes. */
bool capture_progress(const struct capture *capture, uint64_t *done, uint64_t *total);

#endif
