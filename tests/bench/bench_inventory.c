/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_inventory: seconds to load an inventory and nanoseconds to resolve with it,
 * with 1,000 and with 240,000 institutions (about what Japan has), each with a line of
 * IPv4 and IPv6 prefixes.
 *
 * Prints "name value unit ratio-vs".  CPU time; the median of five runs of resolving.
 * Addresses are asked for in an order that no cache can foresee.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "correlator/inventory/inventory.h"

enum { RUNS = 5, POIS = 50, REGIONS = 300, LOOKUPS = 1000000, MOST = 240000 };

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Private IPv4 addresses of different POIs overlap, as they do. */
static unsigned
place_at_poi(unsigned i)
{
	return i / POIS;
}

static char *
make_inventory(unsigned count, size_t *size)
{
	char *text;
	FILE *out = open_memstream(&text, size);

	fputs("format: inventory/1\nregions:\n", out);
	for (unsigned i = 0; i < REGIONS; i++)
		fprintf(out, "- {id: region-%u, title: {ja: 地域%u, en: Region %u}}\n",
			i, i, i);
	fputs("pois:\n", out);
	for (unsigned i = 0; i < POIS; i++)
		fprintf(out, "- {id: poi-%u, title: {ja: 接続点%u, en: POI %u}}\n", i,
			i, i);
	fputs("participants:\n", out);
	for (unsigned i = 0; i < count; i++)
		fprintf(out,
			"- {id: inst-%u, kind: clinic, partition: region-%u, title: "
			"{ja: 第%u医院, en: "
			"Clinic %u}, code: \"%010u\"}\n",
			i, i % REGIONS, i, i, i);
	fputs("lines:\n", out);
	for (unsigned i = 0; i < count; i++) {
		unsigned n = place_at_poi(i);
		fprintf(out,
			"- {id: line-%u, kind: ip_vpn, participant: inst-%u, poi: "
			"poi-%u, prefixes: "
			"[10.%u.%u.0/24, \"2001:db8:%x:%x::/64\"]}\n",
			i, i, i % POIS, n >> 8, n & 255, i >> 16, i & 0xffff);
	}
	fclose(out);
	return text;
}

static struct inventory *
load(unsigned count, double *seconds, double *mebibytes)
{
	struct error err;
	size_t size;
	char *text = make_inventory(count, &size);
	double begin = cpu_seconds();

	struct inventory *inventory = inventory_parse("bench", text, size, &err);
	*seconds = cpu_seconds() - begin;
	*mebibytes = (double)size / (1 << 20);
	free(text);
	if (inventory == NULL) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	return inventory;
}

static struct address
address_of(unsigned i, bool is_ipv6)
{
	unsigned n = place_at_poi(i);
	uint8_t four[4] = { 10, (uint8_t)(n >> 8), (uint8_t)n, 20 };
	uint8_t six[16] = { 0x20,
			    0x01,
			    0x0d,
			    0xb8,
			    0,
			    (uint8_t)(i >> 16),
			    (uint8_t)(i >> 8),
			    (uint8_t)i,
			    [15] = 1 };

	return is_ipv6 ? address_from_ipv6(six) : address_from_ipv4(four);
}

/* Nanoseconds a question, half of them IPv6. */
static double
resolve(const struct inventory *inventory, unsigned count)
{
	char poi[POIS][8];
	uint32_t dice = 12345;
	double begin;

	for (unsigned i = 0; i < POIS; i++)
		snprintf(poi[i], sizeof(poi[i]), "poi-%u", i);
	begin = cpu_seconds();
	for (unsigned n = 0; n < LOOKUPS; n++) {
		dice = dice * 1664525u + 1013904223u;
		unsigned i = (unsigned)(((uint64_t)dice * count) >> 32);
		struct address address = address_of(i, n % 2 == 1);
		struct party party =
			inventory_resolve(inventory, poi[i % POIS], NULL, 0, &address,
					  6, 443, (struct instant){ 0 });
		if (party.participant != inventory_participant(inventory, i))
			abort(); /* a wrong answer has no speed */
	}
	return (cpu_seconds() - begin) * 1e9 / LOOKUPS;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
measure(unsigned count, double *seconds, double *mebibytes)
{
	struct inventory *inventory = load(count, seconds, mebibytes);
	double nanoseconds[RUNS];

	for (size_t i = 0; i < RUNS; i++)
		nanoseconds[i] = resolve(inventory, count);
	qsort(nanoseconds, RUNS, sizeof(nanoseconds[0]), compare);
	inventory_free(inventory);
	return nanoseconds[RUNS / 2];
}

int
main(void)
{
	double few_seconds, many_seconds, few_size, many_size;
	struct rusage usage;

	double few = measure(1000, &few_seconds, &few_size);
	double many = measure(MOST, &many_seconds, &many_size);
	getrusage(RUSAGE_SELF, &usage);
	printf("inventory-load-1000 %.4f s -\n", few_seconds);
	printf("inventory-load-240000 %.2f s %.0fx-of-1000\n", many_seconds,
	       many_seconds / few_seconds);
	printf("inventory-file-240000 %.0f MiB -\n", many_size);
	printf("inventory-resolve-1000 %.0f ns -\n", few);
	printf("inventory-resolve-240000 %.0f ns %.1fx-of-1000\n", many, many / few);
	printf("inventory-peak-memory %.0f MiB -\n", (double)usage.ru_maxrss / 1024);
	return 0;
}
