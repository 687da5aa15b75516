/* SPDX-License-Identifier: Apache-2.0 */
/* flow_sums: one-packet unanswered flows above the emission budget, as exact sums by
 * source and port. */
#include "sensor/flow_sums.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/siphash.h"

enum {
	/* each protocol may have a sum of all its ports, for IPv4 and IPv6 */
	SUMS_MAX = FLOW_SUMS_SOURCES + FLOW_SUMS_PORTS + 2 * 256,
	SLOTS = 16384
};

/* Zeroed where it does not tell apart; no padding: compared as bytes. */
struct flow_sums_key {
	struct address source;
	uint16_t vlan[DECODE_VLANS];
	uint16_t port;
	uint8_t protocol, vlan_count, is_ipv6, has_source, has_port, unused[3];
};

struct sum {
	struct flow_sums_key key;
	struct address least, greatest;
	uint64_t flows, bytes;
	struct instant first, last;
};

struct flow_sums {
	int64_t budget, interval;
	int64_t left; /* of the budget, in millionths of a record */
	struct instant filled, until;
	uint64_t folded;
	size_t count;
	uint16_t slot[SLOTS]; /* index in 'sum' + 1; 0: free */
	struct sum sum[SUMS_MAX];
};

struct flow_sums *
flow_sums_new(uint32_t budget, int64_t interval)
{
	struct flow_sums *sums = calloc(1, sizeof(*sums));

	if (sums == NULL)
		return NULL;
	sums->budget = budget;
	sums->interval = interval;
	sums->left = budget * INSTANT_SECOND;
	return sums;
}

void
flow_sums_free(struct flow_sums *sums)
{
	free(sums);
}

size_t
flow_sums_memory(const struct flow_sums *sums)
{
	return sums != NULL ? sizeof(*sums) : 0;
}

uint64_t
flow_sums_count(const struct flow_sums *sums)
{
	return sums->folded;
}

/* False if nothing of the budget is left. */
static bool
spend(struct flow_sums *sums, struct instant now)
{
	int64_t passed = instant_between(sums->filled, now);
	int64_t most = sums->budget * INSTANT_SECOND;

	if (passed > INSTANT_SECOND)
		passed = INSTANT_SECOND;
	if (passed > 0) {
		sums->left += passed * sums->budget;
		sums->filled = now;
	}
	if (sums->left > most)
		sums->left = most;
	if (sums->left < INSTANT_SECOND)
		return false;
	sums->left -= INSTANT_SECOND;
	return true;
}

/* What is in a tunnel has an outer packet too, which no sum tells. */
static bool
can_be_folded(const struct flow *flow)
{
	return flow->packets[0] + flow->packets[1] == 1 && flow->key.tunnel == 0 &&
	       flow->tunnel == 0;
}

static struct flow_sums_key
key_of(const struct flow *flow)
{
	const struct flow_key *from = &flow->key;
	struct flow_sums_key key;

	memset(&key, 0, sizeof(key));
	key.source = from->end[flow->first];
	key.has_source = true;
	memcpy(key.vlan, from->vlan, sizeof(key.vlan));
	key.vlan_count = from->form & FLOW_FORM_VLANS;
	key.is_ipv6 = (from->form & FLOW_FORM_IPV6) != 0;
	key.protocol = from->protocol;
	key.has_port = from->protocol == PROTOCOL_TCP || from->protocol == PROTOCOL_UDP;
	key.port = key.has_port ? from->port[!flow->first] : 0;
	return key;
}

static size_t
slot_of(const struct flow_sums *sums, const struct flow_sums_key *key)
{
	uint64_t word[(sizeof(*key) + 7) / 8] = { 0 };

	memcpy(word, key, sizeof(*key));
	size_t slot = siphash_words(word, sizeof(word) / sizeof(word[0])) % SLOTS;
	while (sums->slot[slot] != 0 &&
	       memcmp(&sums->sum[sums->slot[slot] - 1].key, key, sizeof(*key)) != 0)
		slot = (slot + 1) % SLOTS;
	return slot;
}

/* The sum of this key; NULL if it is new and 'most' are there. */
static struct sum *
find(struct flow_sums *sums, const struct flow_sums_key *key, size_t most)
{
	size_t slot = slot_of(sums, key);

	if (sums->slot[slot] != 0)
		return &sums->sum[sums->slot[slot] - 1];
	if (sums->count >= most)
		return NULL;
	struct sum *sum = &sums->sum[sums->count++];
	*sum = (struct sum){ .key = *key };
	sums->slot[slot] = (uint16_t)sums->count;
	return sum;
}

/* Coarser step by step; the last step always has room: a sum a protocol and IP version.
 */
static struct sum *
find_room(struct flow_sums *sums, struct flow_sums_key key)
{
	struct sum *sum = find(sums, &key, FLOW_SUMS_SOURCES);

	if (sum != NULL)
		return sum;
	memset(&key.source, 0, sizeof(key.source));
	key.has_source = false;
	if ((sum = find(sums, &key, FLOW_SUMS_SOURCES + FLOW_SUMS_PORTS)) != NULL)
		return sum;
	memset(key.vlan, 0, sizeof(key.vlan));
	key.vlan_count = 0;
	key.port = 0;
	key.has_port = false;
	return find(sums, &key, SUMS_MAX);
}

static void
add(struct sum *sum, const struct flow *flow)
{
	const struct address *to = &flow->key.end[!flow->first];

	if (sum->flows == 0) {
		sum->least = sum->greatest = *to;
		sum->first = flow->start;
		sum->last = flow->last;
	}
	if (memcmp(to->byte, sum->least.byte, sizeof(to->byte)) < 0)
		sum->least = *to;
	if (memcmp(to->byte, sum->greatest.byte, sizeof(to->byte)) > 0)
		sum->greatest = *to;
	if (instant_is_before(flow->start, sum->first))
		sum->first = flow->start;
	if (instant_is_before(sum->last, flow->last))
		sum->last = flow->last;
	sum->flows++;
	sum->bytes += flow->bytes[0] + flow->bytes[1];
}

bool
flow_sums_take(struct flow_sums *sums, const struct flow *flow, struct instant now,
	       bool is_final)
{
	if (spend(sums, now) || !is_final || !can_be_folded(flow))
		return false;
	if (sums->count == 0)
		sums->until =
			instant_after(now, sums->interval - now.usec % sums->interval);
	add(find_room(sums, key_of(flow)), flow);
	sums->folded++;
	return true;
}

bool
flow_sums_is_due(const struct flow_sums *sums, struct instant now)
{
	return sums->count > 0 && !instant_is_before(now, sums->until);
}

static void
describe(struct lane *lane, const struct sum *sum)
{
	struct describer *describer = &lane->describer;
	const struct flow_sums_key *key = &sum->key;
	struct record *record = &lane->record;

	record_begin(record, EVENT_FLOW_SUMMARY);
	describe_origin(describer, record, lane_stamp(lane, lane->now));
	if (describer->interface.size > 0)
		record_set_text(record, FIELD_IN_IFACE, describer->interface);
	for (uint8_t i = 0; i < key->vlan_count; i++)
		describer->vlans[i] = key->vlan[i];
	if (key->vlan_count > 0)
		record_set_numbers(record, FIELD_VLAN, describer->vlans,
				   key->vlan_count);
	if (key->has_source)
		record_set_address(record, FIELD_SRC_IP, &key->source);
	if (key->has_port)
		record_set_number(record, FIELD_DEST_PORT, key->port);
	record_set_text(record, FIELD_PROTO,
			describe_protocol(describer->protocol, key->protocol));
	record_set_number(record, FIELD_IP_V, key->is_ipv6 ? 6 : 4);
	record_set_number(record, FIELD_FLOW_SUMMARY_FLOWS, sum->flows);
	record_set_number(record, FIELD_FLOW_SUMMARY_PKTS, sum->flows); /* one each */
	record_set_number(record, FIELD_FLOW_SUMMARY_BYTES, sum->bytes);
	record_set_time(record, FIELD_FLOW_SUMMARY_START, sum->first);
	record_set_time(record, FIELD_FLOW_SUMMARY_END, sum->last);
	record_set_address(record, FIELD_FLOW_SUMMARY_DEST_LEAST, &sum->least);
	record_set_address(record, FIELD_FLOW_SUMMARY_DEST_GREATEST, &sum->greatest);
}

void
flow_sums_tell(struct flow_sums *sums, struct lane *lane)
{
	for (size_t i = 0; i < sums->count; i++) {
		describe(lane, &sums->sum[i]);
		lane_emit(lane, &lane->record);
	}
	memset(sums->slot, 0, sizeof(sums->slot));
	sums->count = 0;
}
