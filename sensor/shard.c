/* SPDX-License-Identifier: Apache-2.0 */
/* shard: which worker a packet belongs to: always the same one for a flow, both
 * directions. */
#include "sensor/shard.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/flow.h"
#include "sensor/siphash.h"

/* Datagrams in pieces that are remembered; a newer one takes the place of another. */
enum { SLOTS = 4096, KEY_WORDS = sizeof(struct flow_key) / 8 };

struct slot {
	uint64_t name; /* of the datagram: hash of addresses and identification */
	uint32_t worker;
	bool is_taken, is_astray;
};

struct shard {
	uint32_t workers;
	uint64_t astray;
	struct slot slot[SLOTS];
};

struct shard *
shard_new(uint32_t workers)
{
	struct shard *shard = calloc(1, sizeof(*shard));

	if (shard != NULL)
		shard->workers = workers;
	return shard;
}

void
shard_free(struct shard *shard)
{
	free(shard);
}

uint64_t
shard_astray(const struct shard *shard)
{
	return shard->astray;
}

/* The upper half decides: a remainder would favour the first workers. */
static uint32_t
worker_of_hash(const struct shard *shard, uint64_t hash)
{
	return (uint32_t)((hash >> 32) * shard->workers >> 32);
}

static uint32_t
worker_of_flow(const struct shard *shard, const struct headers *headers)
{
	struct flow_key key;
	uint64_t word[KEY_WORDS];

	flow_key_from(&key, headers);
	memcpy(word, &key, sizeof(word));
	return worker_of_hash(shard, siphash_words(word, KEY_WORDS));
}

/* Without ports: what all pieces of a datagram, and its answers, have. */
static uint32_t
worker_of_addresses(const struct shard *shard, const struct headers *headers)
{
	struct headers bare = *headers;

	bare.from_port = bare.to_port = 0;
	bare.protocol = PROTOCOL_IPIP; /* whose key is its addresses */
	return worker_of_flow(shard, &bare);
}

static uint64_t
name_of(const struct headers *headers)
{
	uint64_t word[6] = { 0 };

	memcpy(word, &headers->from, 16);
	memcpy(word + 2, &headers->to, 16);
	word[4] = headers->fragment.id;
	word[5] = (uint64_t)headers->tunnel.key << 8 | headers->ip_version;
	return siphash_words(word, 6);
}

static uint32_t
worker_of_piece(struct shard *shard, const struct headers *headers, bool has_ports)
{
	uint64_t name = name_of(headers);
	struct slot *slot = &shard->slot[name % SLOTS];

	if (!slot->is_taken || slot->name != name)
		*slot = (struct slot){
			.name = name,
			.worker = has_ports ? worker_of_flow(shard, headers)
					    : worker_of_addresses(shard, headers),
			.is_taken = true,
			.is_astray = !has_ports,
		};
	else if (has_ports && !slot->is_astray) /* the same number once more */
		slot->worker = worker_of_flow(shard, headers);
	shard->astray += slot->is_astray;
	return slot->worker;
}

uint32_t
shard_of(struct shard *shard, const struct packet *packet)
{
	struct headers headers;
	enum decode_result result = decode_packet(packet, &headers);

	if (shard->workers == 1)
		return 0;
	if (headers.fragment.size > 0)
		return worker_of_piece(shard, &headers, result == DECODE_OK);
	return result == DECODE_OK ? worker_of_flow(shard, &headers) : 0;
}
