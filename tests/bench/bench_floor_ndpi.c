/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_floor_ndpi: the least that anybody pays who classifies flows with nDPI.
 *
 * libpcap's loop, IPv4 headers, a hash table by 5-tuple, nDPI until the flow
 * is named or has shown 32 packets; nothing expires, nothing is written.
 * usage: FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ndpi_api.h>
#include <pcap/pcap.h>

enum { CELLS = 1 << 21, PACKETS_MOST = 32 };

struct entry {
	unsigned char key[13];
	unsigned char is_named, packets;
	struct ndpi_flow_struct *state;
};

struct floor {
	struct ndpi_detection_module_struct *module;
	struct entry *table;
	unsigned long flows, named;
};

/* The lesser endpoint first, so that both directions meet.  False if it is no IPv4 with
 * ports. */
static int
key_of(const unsigned char *ip, unsigned size, unsigned char key[13])
{
	unsigned header = (ip[0] & 15) * 4u;

	if (size < 20 || ip[0] >> 4 != 4 || size < header + 4 ||
	    (ip[9] != 6 && ip[9] != 17))
		return 0;
	int order = memcmp(ip + 12, ip + 16, 4);
	if (order == 0)
		order = memcmp(ip + header, ip + header + 2, 2);
	memcpy(key, order < 0 ? ip + 12 : ip + 16, 4);
	memcpy(key + 4, order < 0 ? ip + 16 : ip + 12, 4);
	memcpy(key + 8, order < 0 ? ip + header : ip + header + 2, 2);
	memcpy(key + 10, order < 0 ? ip + header + 2 : ip + header, 2);
	key[12] = ip[9];
	return 1;
}

static struct entry *
entry_of(struct floor *floor, const unsigned char key[13])
{
	unsigned long long hash = 0xcbf29ce484222325u;

	for (int i = 0; i < 13; i++)
		hash = (hash ^ key[i]) * 0x100000001b3u;
	for (unsigned at = (unsigned)(hash >> 20) & (CELLS - 1);;
	     at = (at + 1) & (CELLS - 1)) {
		struct entry *entry = &floor->table[at];
		if (entry->packets == 0) {
			memcpy(entry->key, key, 13);
			entry->state = calloc(1, sizeof(*entry->state));
			floor->flows++;
			return entry;
		}
		if (memcmp(entry->key, key, 13) == 0)
			return entry;
	}
}

static void
on_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	struct floor *floor = (struct floor *)(void *)user;
	unsigned at = 14;
	unsigned char key[13];

	while (header->caplen > at + 4 && data[at - 2] == 0x81 && data[at - 1] == 0)
		at += 4;
	if (header->caplen < at + 20 || !key_of(data + at, header->caplen - at, key))
		return;
	struct entry *entry = entry_of(floor, key);
	if (entry->packets < 255)
		entry->packets++;
	if (entry->is_named || entry->packets > PACKETS_MOST || entry->state == NULL)
		return;
	ndpi_protocol found = ndpi_detection_process_packet(
		floor->module, entry->state, data + at,
		(unsigned short)(header->caplen - at),
		(u_int64_t)header->ts.tv_sec * 1000 +
			(u_int64_t)header->ts.tv_usec / 1000);
	if (found.master_protocol == 0 && found.app_protocol == 0)
		return;
	entry->is_named = 1;
	floor->named++;
}

int
main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE] = "usage: bench_floor_ndpi FILE";
	struct floor floor = { .module = ndpi_init_detection_module(ndpi_no_prefs),
			       .table = calloc(CELLS, sizeof(struct entry)) };
	NDPI_PROTOCOL_BITMASK all;
	pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], why) : NULL;

	if (pcap == NULL || floor.module == NULL || floor.table == NULL) {
		fprintf(stderr, "%s\n", why);
		return 4;
	}
	NDPI_BITMASK_SET_ALL(all);
	ndpi_set_protocol_detection_bitmask2(floor.module, &all);
	ndpi_finalize_initialization(floor.module);
	pcap_loop(pcap, -1, on_packet, (u_char *)&floor);
	printf("flows %lu named %lu\n", floor.flows, floor.named);
	pcap_close(pcap);
	return 0;
}
