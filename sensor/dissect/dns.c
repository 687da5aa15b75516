/* SPDX-License-Identifier: Apache-2.0 */
/* dns: the dissectors of DNS over UDP and TCP, and of multicast DNS: messages, and
 * which response is of which request. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/dns_state.h"

enum { LENGTH = 2, FIRST_MESSAGE_MAX = 0x2000 };

static enum recognition
recognise_datagram(struct bytes first, int side)
{
	(void)side;
	return dns_is_multicast(first) ? RECOGNISED_NO : dns_look(first, true);
}

static enum recognition
recognise_multicast(struct bytes first, int side)
{
	(void)side;
	return dns_is_multicast(first) ? dns_look(first, true) : RECOGNISED_NO;
}

/* Behind its length (RFC 1035 section 4.2.2); one that is very long begins no
 * conversation. */
static enum recognition
recognise_stream(struct bytes first, int side)
{
	(void)side;
	if (first.left > 0 && first.at[0] >= FIRST_MESSAGE_MAX >> 8)
		return RECOGNISED_NO;
	size_t size = bytes_u16(&first);
	if (!bytes_ok(&first))
		return RECOGNISED_MAYBE;
	if (size < DNS_HEADER + 5)
		return RECOGNISED_NO;
	return dns_look(first, false);
}

static void *
begin(void *shared)
{
	struct dns *dns = calloc(1, sizeof(*dns));

	if (dns)
		dns->lane = shared;
	return dns;
}

static void *
begin_multicast(void *shared)
{
	struct dns *dns = begin(shared);

	if (dns)
		dns->is_multicast = true;
	return dns;
}

static void
end(void *state)
{
	struct dns *dns = state;

	for (int side = 0; side < SIDES; side++)
		pieces_release(&dns->pieces[side], &dns->lane->lane.budget);
	free(dns);
}

static void
drop_pending(struct dns *dns, uint32_t i)
{
	dns->pending_count--;
	memmove(&dns->pending[i], &dns->pending[i + 1],
		(dns->pending_count - i) * sizeof(dns->pending[0]));
}

static struct dns_match
match_request(struct dns_call *call, const struct dns_header *header)
{
	struct dns *dns = call->dns;
	struct dns_match match = { .number = dns->transactions++ };

	if (dns->pending_count == DNS_PENDING_MAX) {
		dns->lane->lane.counters.dropped++;
		drop_pending(dns, 0);
	}
	dns->pending[dns->pending_count++] =
		(struct dns_pending){ call->at, match.number, header->id };
	return match;
}

struct dns_match
dns_match(struct dns_call *call, const struct dns_header *header)
{
	struct dns *dns = call->dns;

	if (!(header->flags & DNS_QR))
		return match_request(call, header);
	for (uint32_t i = 0; i < dns->pending_count; i++)
		if (dns->pending[i].id == header->id) {
			struct dns_match match = {
				.number = dns->pending[i].number,
				.is_matched = true,
				.latency = instant_between(dns->pending[i].at, call->at)
			};
			drop_pending(dns, i);
			return match;
		}
	return (struct dns_match){ .number = dns->transactions++ };
}

static void
tell_client(struct dns_call *call, struct bytes message)
{
	struct dns_reader reader = { message, message, NULL };
	struct dns_header header;

	if (call->dns->is_client_known || !dns_header_read(&reader, &header))
		return;
	call->dns->is_client_known = true;
	call->out->client_is(call->out->ctx,
			     header.flags & DNS_QR ? !call->side : call->side);
}

static bool
take_message(struct dns_call *call, struct bytes message, uint64_t size, bool is_cut)
{
	tell_client(call, message);
	call->dns->lane->lane.counters.cut += is_cut;
	return dns_report(call, message, size, is_cut);
}

static enum dissect_result
feed_datagram(void *state, int side, struct bytes data, struct instant at,
	      const struct dissect_out *out)
{
	struct dns *dns = state;
	struct dns_call call = { dns, side, at, out };
	bool is_snapped = dns->is_snapped;

	dns->is_snapped = false;
	return take_message(&call, data, data.left, is_snapped) ? DISSECT_MORE
								: DISSECT_VIOLATION;
}

static enum dissect_result
gap_datagram(void *state, int side, uint64_t missing, struct instant at,
	     const struct dissect_out *out)
{
	(void)side, (void)missing, (void)at, (void)out;
	((struct dns *)state)->is_snapped = true;
	return DISSECT_MORE;
}

static uint64_t
message_size(struct bytes first)
{
	uint64_t size = bytes_u16(&first);

	if (!bytes_ok(&first))
		return PIECE_UNKNOWN;
	return size < DNS_HEADER ? PIECE_BROKEN : size + LENGTH;
}

static enum dissect_result
feed_stream(void *state, int side, struct bytes data, struct instant at,
	    const struct dissect_out *out)
{
	struct dns *dns = state;
	struct dns_call call = { dns, side, at, out };
	struct piece piece;

	for (;;) {
		enum pieces_result result = pieces_message(
			&dns->pieces[side], &dns->lane->lane.budget, message_size,
			LENGTH, DNS_MESSAGE_MAX + LENGTH, &data, &piece);
		if (result == PIECES_NONE)
			return DISSECT_MORE;
		if (result == PIECES_BROKEN) {
			dns->violation = "dns.malformed_data";
			return DISSECT_VIOLATION;
		}
		bytes_take(&piece.data, LENGTH);
		if (!take_message(&call, piece.data, piece.size - LENGTH, piece.is_cut))
			return DISSECT_VIOLATION;
	}
}

/* Where the next message begins is lost. */
static enum dissect_result
gap_stream(void *state, int side, uint64_t missing, struct instant at,
	   const struct dissect_out *out)
{
	(void)state, (void)side, (void)missing, (void)at, (void)out;
	return DISSECT_DONE;
}

/* All was told as it came. */
static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	(void)state, (void)at, (void)out;
}

static const char *
violation(const void *state)
{
	return ((const struct dns *)state)->violation;
}

static void *
shared_new(void)
{
	enum { HELD_MAX = 16 << 20 };
	struct dns_lane *lane = calloc(1, sizeof(*lane));

	if (lane) {
		lane->lane.budget.most = HELD_MAX;
		lane->version = 3;
	}
	return lane;
}

static void
configure(void *shared, const struct dissect_options *options)
{
	((struct dns_lane *)shared)->version = options->dns_version;
}

const struct dissector dissector_dns_udp = {
	.name = "dns",
	.transport = DISSECT_DATAGRAM,
	.recognise = recognise_datagram,
	.begin = begin,
	.feed = feed_datagram,
	.gap = gap_datagram,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = shared_new,
	.shared_free = dissect_lane_free,
	.counters = dissect_lane_counters,
	.configure = configure,
};

const struct dissector dissector_mdns = {
	.name = "mdns",
	.transport = DISSECT_DATAGRAM,
	.recognise = recognise_multicast,
	.begin = begin_multicast,
	.feed = feed_datagram,
	.gap = gap_datagram,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = shared_new,
	.shared_free = dissect_lane_free,
	.counters = dissect_lane_counters,
	.configure = configure,
};

const struct dissector dissector_dns_tcp = {
	.name = "dns",
	.transport = DISSECT_STREAM,
	.recognise = recognise_stream,
	.begin = begin,
	.feed = feed_stream,
	.gap = gap_stream,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = shared_new,
	.shared_free = dissect_lane_free,
	.counters = dissect_lane_counters,
	.configure = configure,
};
