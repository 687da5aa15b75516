/* SPDX-License-Identifier: Apache-2.0 */
/* bench_floor_read: what reading a capture costs anybody: libpcap's loop and nothing
 * else.  usage: FILE */
#include <stdio.h>

#include <pcap/pcap.h>

static void
on_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	unsigned long *sum = (unsigned long *)(void *)user;

	*sum += header->len + (header->caplen > 0 ? data[0] : 0);
}

int
main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE] = "usage: bench_floor_read FILE";
	unsigned long sum = 0;
	pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], why) : NULL;

	if (pcap == NULL || pcap_loop(pcap, -1, on_packet, (u_char *)&sum) == -1) {
		fprintf(stderr, "%s\n", why);
		return 4;
	}
	pcap_close(pcap);
	printf("%lu\n", sum);
	return 0;
}
