/* SPDX-License-Identifier: Apache-2.0 */
/* defrag: puts the fragments of IP datagrams together (RFC 791, RFC 8200 section 4.5).
 */
#include "sensor/defrag.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "sensor/parts.h"
#include "sensor/siphash.h"

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, SIZE_MOST = UINT16_MAX, HEADS = 4096 };

struct key {
	struct address from, to;
	uint16_t vlan[DECODE_VLANS];
	uint8_t protocol; /* 0 for IPv6 */
	uint8_t form; /* IP version, how many VLANs; no padding: compared as bytes */
	uint32_t tunnel, id;
};

_Static_assert(sizeof(struct key) == 48, "a key is compared as bytes: no padding");

struct datagram {
	struct key key;
	uint32_t next; /* slot + 1 of the same head, or of the unused; 0: none */
	uint32_t older, newer; /* slot + 1, 0: none */
	struct parts parts;
	uint32_t size; /* 0 until the last piece came */
	uint32_t frames, wire_size;
	uint8_t protocol; /* by the first piece */
	bool has_first;
	bool is_dropped;    /* RFC 5722 */
	bool is_told;       /* of an overlap */
	struct packet last; /* its frame is gone */
	struct instant began, due;
	struct headers outer; /* of the first that came */
};

struct defrag {
	struct defrag_config config;
	defrag_sink *sink;
	void *ctx;
	struct parts_pool *pool;
	struct datagram *slots;
	uint32_t heads[HEADS];
	uint32_t fresh, unused, used, oldest, newest;
	uint64_t secret[2];
	struct defrag_counters counters;
	uint8_t whole[IPV6_HEADER + SIZE_MOST];
};

struct defrag *
defrag_new(const struct defrag_config *config, defrag_sink *sink, void *ctx)
{
	struct defrag *defrag = calloc(1, sizeof(*defrag));
	const void *random = (const void *)getauxval(AT_RANDOM);

	if (defrag == NULL)
		return NULL;
	defrag->config = *config;
	defrag->sink = sink;
	defrag->ctx = ctx;
	if (defrag->config.datagrams == 0)
		defrag->config.datagrams = 1;
	/* nobody shall make keys collide; nothing that goes out depends on it */
	if (random != NULL)
		memcpy(defrag->secret, random, sizeof(defrag->secret));
	defrag->pool = parts_pool_new(config->bytes);
	defrag->slots = calloc(defrag->config.datagrams, sizeof(*defrag->slots));
	if (defrag->pool == NULL || defrag->slots == NULL) {
		defrag_free(defrag);
		return NULL;
	}
	return defrag;
}

void
defrag_free(struct defrag *defrag)
{
	if (defrag == NULL)
		return;
	parts_pool_free(defrag->pool);
	free(defrag->slots);
	free(defrag);
}

static struct key
key_of(const struct headers *headers)
{
	struct key key = {
		.from = headers->from,
		.to = headers->to,
		.protocol = headers->ip_version == 4 ? headers->fragment.next : 0,
		.form = (uint8_t)(headers->ip_version << 4 | headers->vlan_count),
		.tunnel = headers->tunnel.key,
		.id = headers->fragment.id,
	};

	memcpy(key.vlan, headers->vlan, sizeof(key.vlan));
	return key;
}

static uint32_t *
head_of(struct defrag *defrag, const struct key *key)
{
	uint64_t word[2 + sizeof(*key) / 8] = { defrag->secret[0], defrag->secret[1] };

	memcpy(word + 2, key, sizeof(*key));
	return &defrag->heads[siphash_words(word, 2 + sizeof(*key) / 8) % HEADS];
}

static struct datagram *
find(struct defrag *defrag, const struct key *key)
{
	for (uint32_t at = *head_of(defrag, key); at != 0;) {
		struct datagram *datagram = &defrag->slots[at - 1];
		if (memcmp(&datagram->key, key, sizeof(*key)) == 0)
			return datagram;
		at = datagram->next;
	}
	return NULL;
}

/* The caller has made sure that there is a slot. */
static struct datagram *
begin(struct defrag *defrag, const struct key *key, const struct packet *packet,
      const struct headers *headers, struct instant now)
{
	uint32_t at = defrag->unused;

	if (at != 0)
		defrag->unused = defrag->slots[at - 1].next;
	else
		at = ++defrag->fresh;
	uint32_t *head = head_of(defrag, key);
	struct datagram *datagram = &defrag->slots[at - 1];
	*datagram = (struct datagram){
		.key = *key,
		.next = *head,
		.older = defrag->newest,
		.began = headers->more_frames > 0 ? headers->began : packet->seen,
		.due = instant_after(now, defrag->config.timeout),
		.outer = *headers,
	};
	*head = at;
	if (defrag->newest != 0)
		defrag->slots[defrag->newest - 1].newer = at;
	else
		defrag->oldest = at;
	defrag->newest = at;
	defrag->used++;
	return datagram;
}

static void
leave(struct defrag *defrag, struct datagram *datagram)
{
	uint32_t at = (uint32_t)(datagram - defrag->slots) + 1;
	uint32_t *link = head_of(defrag, &datagram->key);

	while (*link != at)
		link = &defrag->slots[*link - 1].next;
	*link = datagram->next;
	if (datagram->older != 0)
		defrag->slots[datagram->older - 1].newer = datagram->newer;
	else
		defrag->oldest = datagram->newer;
	if (datagram->newer != 0)
		defrag->slots[datagram->newer - 1].older = datagram->older;
	else
		defrag->newest = datagram->older;
	parts_release(defrag->pool, &datagram->parts);
	datagram->next = defrag->unused;
	defrag->unused = at;
	defrag->used--;
}

static void
put_u16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The IP packet that was cut, or as much of its begin as there is, without what stood
 * before its fragment header. */
static struct bytes
build(struct defrag *defrag, const struct datagram *datagram)
{
	const struct headers *outer = &datagram->outer;
	bool is_4 = outer->ip_version == 4;
	uint32_t header = is_4 ? IPV4_HEADER : IPV6_HEADER;
	uint8_t *out = defrag->whole;
	uint32_t size =
		parts_copy(defrag->pool, &datagram->parts, out + header, SIZE_MOST);

	memset(out, 0, header);
	if (is_4) {
		out[0] = 0x45;
		put_u16(out + 2, header + size);
		out[8] = 64;
		out[9] = datagram->protocol;
		memcpy(out + 12, outer->from.byte + 12, 4);
		memcpy(out + 16, outer->to.byte + 12, 4);
	} else {
		out[0] = 0x60;
		put_u16(out + 4, size);
		out[6] = datagram->protocol;
		out[7] = 64;
		memcpy(out + 8, outer->from.byte, 16);
		memcpy(out + 24, outer->to.byte, 16);
	}
	return bytes_over(out, header + size);
}

/* The datagram is over: it leaves, and goes out as it is. */
static void
conclude(struct defrag *defrag, struct datagram *datagram, bool is_whole)
{
	struct headers headers = datagram->outer;
	struct packet packet = datagram->last;
	struct bytes bytes = build(defrag, datagram);
	bool has_first = datagram->has_first, is_dropped = datagram->is_dropped;

	packet.wire_size = datagram->wire_size;
	headers.more_frames = (uint16_t)(datagram->frames - 1);
	headers.began = datagram->began;
	if (!has_first)
		defrag->counters.untold += datagram->frames;
	leave(defrag, datagram);
	if (!has_first)
		return;
	enum decode_result result = decode_datagram(bytes, !is_whole, &headers);
	if (is_dropped) {
		headers.payload.left = 0;
		headers.payload_size = 0;
	}
	defrag->sink(defrag->ctx, &packet, &headers, result);
}

static struct defrag_family *
family_of(struct defrag *defrag, const struct headers *headers)
{
	return headers->ip_version == 4 ? &defrag->counters.ipv4
					: &defrag->counters.ipv6;
}

static void
evict(struct defrag *defrag)
{
	defrag->counters.evicted++;
	conclude(defrag, &defrag->slots[defrag->oldest - 1], false);
}

static void
give_up(struct defrag *defrag, struct datagram *datagram)
{
	defrag->counters.full++;
	conclude(defrag, datagram, false);
}

/* A result of the piece itself. */
static void
tell(struct defrag *defrag, const struct packet *packet, const struct headers *headers,
     enum decode_result ipv4, enum decode_result ipv6)
{
	struct headers piece = *headers;

	piece.fragment.size = 0;
	defrag->sink(defrag->ctx, packet, &piece, piece.ip_version == 4 ? ipv4 : ipv6);
}

/* What no datagram can hold.  An odd size before the end: IPv4 leaves what is past the
 * last eight, as receivers do; RFC 8200 discards it. */
static bool
is_possible(struct defrag *defrag, const struct packet *packet,
	    const struct headers *headers, struct bytes *data)
{
	const struct fragment *fragment = &headers->fragment;
	bool is_4 = headers->ip_version == 4;
	size_t most = is_4 ? SIZE_MOST - IPV4_HEADER : SIZE_MOST;

	if (fragment->has_more && is_4)
		data->left -= data->left % 8;
	if (fragment->has_more && data->left % 8 != 0) {
		tell(defrag, packet, headers, DECODE_IPV6_PIECE, DECODE_IPV6_PIECE);
		return false;
	}
	if (fragment->offset + data->left > most) {
		tell(defrag, packet, headers, DECODE_IPV4_LARGE, DECODE_IPV6_LARGE);
		return false;
	}
	return true;
}

static void
count_frames(struct datagram *datagram, const struct packet *packet,
	     const struct headers *headers)
{
	datagram->frames += 1 + headers->more_frames;
	datagram->wire_size += packet->wire_size;
	datagram->last = *packet;
	datagram->last.frame = bytes_over(NULL, 0);
}

/* Where the datagram ends, and that nothing lies behind it. */
static bool
agrees_on_end(struct datagram *datagram, const struct fragment *fragment, uint32_t end)
{
	if (fragment->has_more)
		return datagram->size == 0 || end <= datagram->size;
	if (datagram->size == 0 && end >= datagram->parts.end)
		datagram->size = end;
	return datagram->size == end;
}

/* False if the piece must not be held. */
static bool
passes_overlap(struct defrag *defrag, struct datagram *datagram,
	       const struct packet *packet, const struct headers *headers,
	       struct bytes data)
{
	struct parts_clash clash = parts_compare(defrag->pool, &datagram->parts,
						 headers->fragment.offset, data);
	bool is_6 = headers->ip_version == 6;
	bool is_again = clash.covered == data.left && !clash.differs;

	if (clash.covered == 0 || (is_6 && is_again))
		return true;
	datagram->is_dropped |= is_6;
	if ((clash.differs || is_6) && !datagram->is_told) {
		datagram->is_told = true;
		family_of(defrag, headers)->overlaps++;
		tell(defrag, packet, headers, DECODE_IPV4_OVERLAP, DECODE_IPV6_OVERLAP);
	}
	return !datagram->is_dropped;
}

/* Others go before it does. */
static bool
hold(struct defrag *defrag, struct datagram *datagram, uint32_t start,
     struct bytes data)
{
	while (!parts_add(defrag->pool, &datagram->parts, start, data)) {
		if (&defrag->slots[defrag->oldest - 1] == datagram)
			return false;
		evict(defrag);
	}
	return datagram->parts.chunks <= DEFRAG_CHUNKS;
}

static void
add(struct defrag *defrag, struct datagram *datagram, const struct packet *packet,
    const struct headers *headers, struct bytes data)
{
	const struct fragment *fragment = &headers->fragment;
	uint32_t end = fragment->offset + (uint32_t)data.left;

	count_frames(datagram, packet, headers);
	if (datagram->frames > DEFRAG_FRAMES) {
		tell(defrag, packet, headers, DECODE_IPV4_IGNORED, DECODE_IPV6_IGNORED);
		give_up(defrag, datagram);
		return;
	}
	if (datagram->is_dropped)
		return;
	if (!agrees_on_end(datagram, fragment, end)) {
		tell(defrag, packet, headers, DECODE_IPV4_IGNORED, DECODE_IPV6_IGNORED);
		return;
	}
	if (!passes_overlap(defrag, datagram, packet, headers, data))
		return;
	if (fragment->offset == 0 && !datagram->has_first) {
		datagram->has_first = true;
		datagram->protocol = fragment->next;
	}
	if (!hold(defrag, datagram, fragment->offset, data)) {
		give_up(defrag, datagram);
	} else if (datagram->parts.held == datagram->size) {
		family_of(defrag, headers)->reassembled++;
		conclude(defrag, datagram, true);
	}
}

bool
defrag_take(struct defrag *defrag, const struct packet *packet,
	    const struct headers *headers, struct instant now)
{
	struct bytes data = headers->fragment.data;
	struct key key = key_of(headers);

	family_of(defrag, headers)->fragments++;
	if (data.left < headers->fragment.size) {
		defrag->counters.cut++;
		return false;
	}
	if (!is_possible(defrag, packet, headers, &data))
		return true;
	if (data.left == 0)
		return false;
	struct datagram *datagram = find(defrag, &key);
	if (datagram == NULL) {
		if (defrag->used == defrag->config.datagrams)
			evict(defrag);
		datagram = begin(defrag, &key, packet, headers, now);
	}
	add(defrag, datagram, packet, headers, data);
	return true;
}

void
defrag_expire(struct defrag *defrag, struct instant now)
{
	while (defrag->oldest != 0) {
		struct datagram *oldest = &defrag->slots[defrag->oldest - 1];
		if (instant_is_before(now, oldest->due))
			return;
		family_of(defrag, &oldest->outer)->timeouts++;
		conclude(defrag, oldest, false);
	}
}

void
defrag_finish(struct defrag *defrag)
{
	while (defrag->oldest != 0)
		conclude(defrag, &defrag->slots[defrag->oldest - 1], false);
}

struct defrag_counters
defrag_counters(const struct defrag *defrag)
{
	struct defrag_counters counters = defrag->counters;

	counters.memory =
		parts_pool_held(defrag->pool) + defrag->used * sizeof(struct datagram);
	return counters;
}

size_t
defrag_memory(const struct defrag *defrag)
{
	return sizeof(*defrag) + parts_pool_memory(defrag->pool) +
	       defrag->config.datagrams * sizeof(struct datagram);
}
