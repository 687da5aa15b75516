/* SPDX-License-Identifier: Apache-2.0 */
/* flow: one conversation: its two-sided key, what each side sent, its state. */
#include "sensor/flow.h"

#include <assert.h>
#include <string.h>

#include "sensor/icmp.h"

_Static_assert(sizeof(struct flow_key) == 48, "a key is hashed as bytes: no padding");
_Static_assert(sizeof(struct flow) == 192, "three cache lines");
_Static_assert(offsetof(struct flow, tcp_state) <= 64,
	       "a look-up touches the first line only");

/* Ports of servers above 1023 that are worth knowing here; sorted. */
static const uint16_t known_ports[] = {
	1194, 1433, 1521, 2049, 2575, 2762, 3128,  3268,  3306, 3389,
	4500, 5060, 5061, 5432, 5900, 5985, 5986,  6379,  6514, 6661,
	8000, 8080, 8443, 8641, 9100, 9200, 11112, 27017,
};

static void
icmp_ports(const struct headers *headers, uint16_t port[2], uint8_t *form)
{
	bool is_v6 = headers->protocol == PROTOCOL_ICMPV6;
	int other = icmp_counterpart(is_v6, headers->icmp_type);

	port[0] = headers->icmp_type;
	port[1] = other < 0 ? headers->icmp_code : (uint16_t)other;
	if (other < 0)
		*form |= FLOW_FORM_ONE_WAY;
}

static bool
is_icmp(const struct headers *headers)
{
	return headers->protocol == PROTOCOL_ICMP ||
	       headers->protocol == PROTOCOL_ICMPV6;
}

int
flow_key_from(struct flow_key *key, const struct headers *headers)
{
	uint16_t port[2] = { headers->from_port, headers->to_port };
	uint8_t form = headers->vlan_count;

	if (headers->ip_version == 6)
		form |= FLOW_FORM_IPV6;
	if (is_icmp(headers))
		icmp_ports(headers, port, &form);
	int order = address_compare(&headers->from, &headers->to);
	if (order == 0)
		order = (port[0] > port[1]) - (port[0] < port[1]);
	if (form & FLOW_FORM_ONE_WAY) /* the sender is always the first end */
		order = 0;
	int sender = order > 0;

	key->end[sender] = headers->from;
	key->end[!sender] = headers->to;
	key->port[sender] = port[0];
	key->port[!sender] = port[1];
	if (headers->protocol == PROTOCOL_ESP || headers->protocol == PROTOCOL_AH) {
		key->port[0] = (uint16_t)(headers->spi >> 16);
		key->port[1] = (uint16_t)headers->spi;
	}
	memcpy(key->vlan, headers->vlan, sizeof(key->vlan));
	key->protocol = headers->protocol;
	key->form = form;
	key->tunnel = headers->tunnel.key;
	return sender;
}

static bool
is_known_port(uint16_t port)
{
	size_t low = 0, high = sizeof(known_ports) / sizeof(known_ports[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (known_ports[middle] == port)
			return true;
		if (known_ports[middle] < port)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* 0: a port of a registered service, 1: known here, 2: anything */
static int
port_rank(uint16_t port)
{
	return port < 1024 ? 0 : is_known_port(port) ? 1 : 2;
}

static void
guess_by_port(struct flow *flow)
{
	uint16_t mine = flow->key.port[flow_end(flow, 0)];
	uint16_t other = flow->key.port[flow_end(flow, 1)];
	int a = port_rank(mine), b = port_rank(other);

	if (a != b)
		flow_client_is(flow, a < b ? 1 : 0, FLOW_CONFIDENCE_PORT);
	else if (a == 0 && mine != other)
		flow_client_is(flow, mine < other ? 1 : 0, FLOW_CONFIDENCE_PORT);
}

static void
guess_by_syn(struct flow *flow, uint8_t flags)
{
	if ((flags & (TCP_SYN | TCP_RST | TCP_FIN)) == TCP_SYN)
		flow_client_is(flow, flags & TCP_ACK ? 1 : 0, FLOW_CONFIDENCE_SYN);
}

void
flow_begin(struct flow *flow, const struct headers *headers, struct instant seen,
	   struct instant now)
{
	memset(&flow->state, 0, sizeof(*flow) - offsetof(struct flow, state));
	flow->start = flow->last = seen;
	if (headers->more_frames > 0)
		flow->start = headers->began;
	flow->touched = now;
	if (is_icmp(headers)) {
		bool is_v6 = headers->protocol == PROTOCOL_ICMPV6;
		flow->icmp_type = headers->icmp_type;
		flow->icmp_code = headers->icmp_code;
		if (icmp_counterpart(is_v6, flow->icmp_type) >= 0)
			flow_client_is(flow,
				       icmp_is_request(is_v6, flow->icmp_type) ? 0 : 1,
				       FLOW_CONFIDENCE_CONTENT);
		return;
	}
	if (headers->protocol == PROTOCOL_TCP)
		guess_by_syn(flow, headers->tcp_flags);
	if (flow->confidence == FLOW_CONFIDENCE_NONE &&
	    headers->protocol != PROTOCOL_ESP && headers->protocol != PROTOCOL_AH)
		guess_by_port(flow);
}

void
flow_client_is(struct flow *flow, int side, enum flow_confidence confidence)
{
	if (confidence <= flow->confidence)
		return;
	flow->client = (uint8_t)side;
	flow->confidence = (uint8_t)confidence;
}

/* RFC 9293, section 3.3.2, as far as one who only listens can tell. */
static enum tcp_state
next_tcp_state(struct flow *flow, int side, uint8_t flags)
{
	if (flags & TCP_RST)
		return TCP_STATE_CLOSED;
	if (flags & TCP_FIN)
		flow->marks |= side == 0 ? FLOW_MARK_FIN_0 : FLOW_MARK_FIN_1;
	uint8_t both = FLOW_MARK_FIN_0 | FLOW_MARK_FIN_1;
	if ((flow->marks & both) == both)
		return TCP_STATE_CLOSED;
	if (flow->marks & both)
		return flow->tcp_state == TCP_STATE_CLOSED ? TCP_STATE_CLOSED
							   : TCP_STATE_FIN_WAIT1;
	if (flags & TCP_SYN) {
		enum tcp_state step =
			flags & TCP_ACK ? TCP_STATE_SYN_RECV : TCP_STATE_SYN_SENT;
		return flow->tcp_state > step ? flow->tcp_state : step;
	}
	switch (flow->tcp_state) {
	case TCP_STATE_NONE: /* picked up in the middle */
	case TCP_STATE_SYN_RECV:
		return TCP_STATE_ESTABLISHED;
	case TCP_STATE_SYN_SENT: /* the answer went another way, or side 1 goes on
				    without one */
		return flags & TCP_ACK ? TCP_STATE_ESTABLISHED : TCP_STATE_SYN_SENT;
	default:
		return flow->tcp_state;
	}
}

static void
count_tcp(struct flow *flow, int side, const struct headers *headers)
{
	uint8_t flags = headers->tcp_flags;

	if (flags & TCP_SYN)
		flow->sequence[side] = headers->tcp_sequence + 1;
	flow->tcp_flags[side] |= flags;
	if (flags & TCP_SYN && flow->confidence < FLOW_CONFIDENCE_SYN &&
	    !(flags & TCP_RST))
		flow_client_is(flow, flags & TCP_ACK ? !side : side,
			       FLOW_CONFIDENCE_SYN);
	flow->tcp_state = (uint8_t)next_tcp_state(flow, side, flags);
	if (flow->tcp_state == TCP_STATE_CLOSED)
		flow->state = FLOW_CLOSED;
	else if (flow->tcp_state >= TCP_STATE_ESTABLISHED)
		flow->state = FLOW_ESTABLISHED;
}

void
flow_count(struct flow *flow, int side, const struct headers *headers,
	   uint32_t wire_size, struct instant seen, struct instant now)
{
	flow->packets[side] += 1 + headers->more_frames;
	flow->bytes[side] += wire_size;
	if (instant_is_before(flow->last, seen))
		flow->last = seen;
	flow->touched = now;
	if (headers->protocol == PROTOCOL_TCP)
		count_tcp(flow, side, headers);
	else if (flow->packets[!side] > 0)
		flow->state = FLOW_ESTABLISHED;
}

bool
flow_is_reused(const struct flow *flow, const struct headers *headers)
{
	return flow->state == FLOW_CLOSED && headers->protocol == PROTOCOL_TCP &&
	       (headers->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

int
flow_unseen_side(const struct flow *flow)
{
	if (flow->key.protocol != PROTOCOL_TCP)
		return -1;
	for (int side = 0; side < 2; side++)
		if (flow->packets[side] == 0 && flow->tcp_flags[!side] & TCP_ACK)
			return side;
	return -1;
}

const char *
flow_state_name(enum flow_state state)
{
	static const char *const names[] = { "new", "established", "closed" };

	return names[state];
}

const char *
tcp_state_name(enum tcp_state state)
{
	static const char *const names[] = { "none",        "syn_sent",  "syn_recv",
					     "established", "fin_wait1", "closed" };

	return names[state];
}

const char *
flow_confidence_name(enum flow_confidence confidence)
{
	static const char *const names[] = { "none", "port", "content", "syn" };

	return names[confidence];
}
