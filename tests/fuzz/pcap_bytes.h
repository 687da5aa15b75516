/* SPDX-License-Identifier: Apache-2.0 */
/* pcap_bytes: a capture that lies in memory, packet by packet through a pipeline; for
 * fuzzing and damage tests. */
#ifndef TESTS_FUZZ_PCAP_BYTES_H
#define TESTS_FUZZ_PCAP_BYTES_H

#include <stdio.h>
#include <stdlib.h>

#include <pcap/pcap.h>

#include "sensor/pipeline.h"

/* Returns the packets read, whatever ended them. */
static inline uint64_t
pcap_bytes_replay(struct pipeline *pipeline, const void *data, size_t size)
{
	char why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *frame;
	uint64_t number = 0;
	FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "rb") : NULL;

	if (file == NULL)
		return 0;
	pcap_t *pcap = pcap_fopen_offline(file, why);
	if (pcap == NULL) {
		fclose(file);
		return 0;
	}
	while (pcap_next_ex(pcap, &header, &frame) == 1) {
		/* of its own size, so that a read past its end is seen */
		uint8_t *copy = malloc(header->caplen + 1);
		if (copy == NULL)
			break;
		memcpy(copy, frame, header->caplen);
		struct packet packet = {
			.seen = packet_time(header->ts.tv_sec, header->ts.tv_usec),
			.frame = bytes_over(copy, header->caplen),
			.wire_size = header->len > header->caplen ? header->len
								  : header->caplen,
			.link_type = pcap_datalink(pcap),
			.number = ++number,
		};
		pipeline_packet(pipeline, &packet);
		free(copy);
	}
	pcap_close(pcap);
	return number;
}

#endif
