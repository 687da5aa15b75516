/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow: one conversation: its two-sided key, what each side sent, its state.
 *
 * Side 0 sent the first packet that was seen, side 1 is the other.  The key
 * is the same for both directions; which end of it is side 0 stands beside
 * it.  Its tunnel is part of the key, so that networks with the same addresses
 * stay apart (decode.h says which ids count).  An ESP flow is one SPI: its ports
 * are the two halves of it.  An ICMP request and its answer are one flow; the key's
 * ports are then the community id's (type and expected answer).  Three cache lines, so
 * that a million flows stay below 200 MB.
 */
#ifndef SENSOR_FLOW_H
#define SENSOR_FLOW_H

#include <stddef.h>

#include "common/instant.h"
#include "sensor/decode.h"
#include "sensor/unseen.h"

struct flow_key {
	struct address end[2]; /* the lesser endpoint first */
	uint16_t port[2];
	uint16_t vlan[DECODE_VLANS];
	uint8_t protocol;
	uint8_t form;    /* how many VLANs; FLOW_ONE_WAY; no padding anywhere: hashed as
			    bytes */
	uint32_t tunnel; /* struct tunnel's key */
};

enum {
	FLOW_FORM_VLANS = 0x03,
	FLOW_FORM_ONE_WAY = 0x10, /* ICMP that has no answer: only this direction */
	FLOW_FORM_IPV6 = 0x20
};

enum flow_state { FLOW_NEW, FLOW_ESTABLISHED, FLOW_CLOSED };

enum tcp_state {
	TCP_STATE_NONE,
	TCP_STATE_SYN_SENT,
	TCP_STATE_SYN_RECV,
	TCP_STATE_ESTABLISHED,
	TCP_STATE_FIN_WAIT1,
	TCP_STATE_CLOSED
};

/* How client and server were told apart; the greater wins. */
enum flow_confidence {
	FLOW_CONFIDENCE_NONE,
	FLOW_CONFIDENCE_PORT,
	FLOW_CONFIDENCE_CONTENT,
	FLOW_CONFIDENCE_SYN
};

enum flow_mark {
	FLOW_MARK_GAP_0 = 1, /* bytes of side 0 were missing from the stream */
	FLOW_MARK_GAP_1 = 2,
	FLOW_MARK_FIN_0 = 4,
	FLOW_MARK_FIN_1 = 8,
	FLOW_MARK_VIOLATION = 16,
	FLOW_MARK_OVERLAP = 32 /* a segment had other bytes than came first */
};

/* What nDPI said; zeros until then. */
struct classification {
	uint16_t master, app;
	uint8_t category, confidence;
	bool is_known;  /* nDPI named it */
	bool is_closed; /* nothing more is asked of nDPI */
};

struct flow {
	/* the first line is all that a look-up touches */
	struct flow_key key;
	uint32_t hash;
	uint32_t next, previous; /* flow_table's, in the expiry wheel */
	uint16_t bucket;         /* flow_table's */
	uint8_t first;           /* the end of key that is side 0 */
	uint8_t state;           /* enum flow_state */
	uint8_t tcp_state, client, confidence, marks;
	uint32_t tunnel; /* tunnel_table's, 0: none, or it was full */

	struct instant start, last; /* of its packets, never backwards */
	struct instant touched; /* lane time of the last packet: what expiry goes by */
	uint64_t packets[2], bytes[2];
	uint32_t undecided; /* classifier's slot + 1, or 0 */
	uint32_t dialogue;  /* slot + 1 of dissection (TCP) or datagrams (UDP), or 0 */

	struct instant interim; /* when the next record of a living flow is due */
	const char *app_proto;  /* our dissector's name, static, or NULL */
	struct classification class;
	uint32_t sequence[2]; /* number of the first byte, where tcp_flags has a SYN */
	uint8_t tcp_flags[2];
	uint8_t icmp_type, icmp_code; /* of the first message */
	uint8_t payload_packets;      /* counted up to what nDPI may see */
	uint8_t datagrams_shown;      /* to dissectors, while none has recognised it */
	bool was_dissected;           /* dissection has been tried and is over */
	struct unseen unseen;         /* TCP */
} __attribute__((aligned(64)));

/* Fills '*key' and returns which end of it sent the packet, 0 or 1. */
int flow_key_from(struct flow_key *key, const struct headers *headers);

/* A new flow of this packet; the caller has set key, hash and first. */
void flow_begin(struct flow *flow, const struct headers *headers, struct instant seen,
		struct instant now);

/* Counts a packet of 'side' and moves the state on. */
void flow_count(struct flow *flow, int side, const struct headers *headers,
		uint32_t wire_size, struct instant seen, struct instant now);

/* The bytes themselves show that 'side' is the client. */
void flow_client_is(struct flow *flow, int side, enum flow_confidence confidence);

/* True if the packet is a SYN that begins another conversation between the same ports.
 */
bool flow_is_reused(const struct flow *flow, const struct headers *headers);

/*
 * The side that must have spoken (the other acknowledged it) and of which
 * nothing was seen, or -1: the other direction takes another way.
 */
int flow_unseen_side(const struct flow *flow);

/* End of the key that 'side' is. */
static inline int
flow_end(const struct flow *flow, int side)
{
	return flow->first ^ side;
}

const char *flow_state_name(enum flow_state state);
const char *tcp_state_name(enum tcp_state state);
const char *flow_confidence_name(enum flow_confidence confidence);

#endif
