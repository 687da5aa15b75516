/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_record: records written and read each second, beside Jansson in the same run.
 *
 * Prints "name value unit ratio-vs".  CPU time of this process, the median of
 * five runs each; a flow and a tls record of the size sensors make, by turns.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/record_read.h"
#include "common/record_write.h"

enum { RUNS = 5, VARIANTS = 64, LINE_ROOM = 2048 };

static struct record records[VARIANTS];
static char lines[VARIANTS][LINE_ROOM];
static size_t sizes[VARIANTS];
static uint64_t offered[] = { 4866,  4867,  4865,  49196, 49200, 159,
			      52393, 52392, 52394, 49195, 49199, 158,
			      49188, 49192, 107,   49187, 49191, 103 };
static uint64_t extensions[] = { 65281, 0, 11, 10, 35, 22, 23, 13, 43, 45, 51 };

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
make_head(struct record *record, unsigned i)
{
	uint8_t client[4] = { 10, 1, (uint8_t)i, 20 },
		server[4] = { 10, 9, 3, (uint8_t)i };
	struct address from = address_from_ipv4(client), to = address_from_ipv4(server);
	struct instant at = { 1795500000000000 + i * INT64_C(137731) };

	record_set_time(record, FIELD_TIMESTAMP, at);
	record_set_number(record, FIELD_FLOW_ID, UINT64_C(1234567890123456) + i * 7919);
	record_set_text(record, FIELD_HOST, text_of("sensor-east-1"));
	record_set_text(record, FIELD_IN_IFACE, text_of("eth1"));
	record_set_address(record, FIELD_SRC_IP, &from);
	record_set_number(record, FIELD_SRC_PORT, 40000 + i);
	record_set_address(record, FIELD_DEST_IP, &to);
	record_set_number(record, FIELD_DEST_PORT, 443);
	record_set_text(record, FIELD_PROTO, text_of("TCP"));
	record_set_number(record, FIELD_IP_V, 4);
	record_set_text(record, FIELD_APP_PROTO, text_of("tls"));
	record_set_text(record, FIELD_COMMUNITY_ID,
			text_of("1:LQU9qZlK+B5F3KDmev6m5PMibrg="));
	record_set_number(record, FIELD_SEKISHO_V, 1);
	record_set_text(record, FIELD_SEKISHO_POI, text_of("east-base"));
	record_set_text(record, FIELD_SEKISHO_SENSOR, text_of("sensor-east-1"));
	record_set_text(record, FIELD_SEKISHO_EPOCH, text_of("0011223344556677"));
	record_set_number(record, FIELD_SEKISHO_LANE, 0);
	record_set_number(record, FIELD_SEKISHO_SEQ, 1000000 + i);
	record_set_address(record, FIELD_SEKISHO_CLIENT_IP, &from);
	record_set_number(record, FIELD_SEKISHO_CLIENT_PORT, 40000 + i);
	record_set_address(record, FIELD_SEKISHO_SERVER_IP, &to);
	record_set_number(record, FIELD_SEKISHO_SERVER_PORT, 443);
	record_set_text(record, FIELD_SEKISHO_DIRECTION_CONFIDENCE, text_of("syn"));
	record_set_flag(record, FIELD_SEKISHO_IS_FINAL, true);
}

static void
make_flow(struct record *record, unsigned i)
{
	record_begin(record, EVENT_FLOW);
	make_head(record, i);
	record_set_number(record, FIELD_FLOW_PKTS_TOSERVER, 12 + i);
	record_set_number(record, FIELD_FLOW_PKTS_TOCLIENT, 15 + i);
	record_set_number(record, FIELD_FLOW_BYTES_TOSERVER, 2310 + i * 51);
	record_set_number(record, FIELD_FLOW_BYTES_TOCLIENT, 18023 + i * 77);
	record_set_time(record, FIELD_FLOW_START,
			(struct instant){ 1795499990000001 + i });
	record_set_time(record, FIELD_FLOW_END,
			(struct instant){ 1795500000000000 + i });
	record_set_number(record, FIELD_FLOW_AGE, 10);
	record_set_text(record, FIELD_FLOW_STATE, text_of("closed"));
	record_set_text(record, FIELD_FLOW_REASON, text_of("timeout"));
	record_set_text(record, FIELD_TCP_FLAGS, text_of("1b"));
	record_set_flag(record, FIELD_TCP_SYN, true);
	record_set_flag(record, FIELD_TCP_FIN, true);
	record_set_text(record, FIELD_TCP_STATE, text_of("closed"));
	record_set_text(record, FIELD_NDPI_PROTO, text_of("TLS"));
	record_set_text(record, FIELD_NDPI_CATEGORY, text_of("Web"));
}

static void
make_tls(struct record *record, unsigned i)
{
	static const struct text why[] = { { "tls.certificate", 15 },
					   { "encrypted", 9 },
					   { "tls.client", 10 },
					   { "encrypted", 9 } };
	static const struct text alpns[] = { { "h2", 2 }, { "http/1.1", 8 } };

	record_begin(record, EVENT_TLS);
	make_head(record, i);
	record_set_text(record, FIELD_TLS_SNI, text_of("mpi.east.example.jp"));
	record_set_text(record, FIELD_TLS_VERSION, text_of("TLS 1.3"));
	record_set_text(record, FIELD_TLS_CIPHER_SUITE,
			text_of("TLS_AES_256_GCM_SHA384"));
	record_set_text(record, FIELD_TLS_GROUP, text_of("x25519"));
	record_set_text(record, FIELD_TLS_JA4,
			text_of("t13d1812h2_85036bcba153_d41ae481755e"));
	record_set_texts(record, FIELD_TLS_CLIENT_ALPNS, alpns, 2);
	record_set_numbers(record, FIELD_TLS_CH_CIPHERS, offered,
			   sizeof(offered) / sizeof(offered[0]));
	record_set_numbers(record, FIELD_TLS_CH_EXTS, extensions,
			   sizeof(extensions) / sizeof(extensions[0]));
	record_set_texts(record, FIELD_SEKISHO_UNOBSERVABLE, why, 4);
	record_set_text(record, FIELD_STLS_COMPLETE, text_of("complete"));
}

static double
run_writer(unsigned count)
{
	static char line[RECORD_SIZE_MAX];
	double begin = cpu_seconds();
	size_t total = 0;

	for (unsigned i = 0; i < count; i++)
		total += record_write(&records[i % VARIANTS], NULL, line);
	if (total == 0)
		abort();
	return count / (cpu_seconds() - begin);
}

static double
run_reader(unsigned count)
{
	static struct record record;
	struct record_reader *reader = record_reader_new();
	double begin = cpu_seconds();
	struct error err;

	for (unsigned i = 0; i < count; i++)
		if (!record_read(reader, lines[i % VARIANTS], sizes[i % VARIANTS],
				 &record, &err))
			abort();
	double speed = count / (cpu_seconds() - begin);
	if (record_reader_counters(reader).foreign != 0)
		abort(); /* then it would not be the fast way that was measured */
	record_reader_free(reader);
	return speed;
}

static double
run_jansson(unsigned count)
{
	double begin = cpu_seconds();

	for (unsigned i = 0; i < count; i++) {
		json_t *json =
			json_loadb(lines[i % VARIANTS], sizes[i % VARIANTS], 0, NULL);

		if (json == NULL)
			abort();
		json_decref(json);
	}
	return count / (cpu_seconds() - begin);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double (*run)(unsigned count), unsigned count)
{
	double speeds[RUNS];

	for (size_t i = 0; i < RUNS; i++)
		speeds[i] = run(count);
	qsort(speeds, RUNS, sizeof(speeds[0]), compare);
	return speeds[RUNS / 2];
}

int
main(void)
{
	static char line[RECORD_SIZE_MAX];
	size_t total = 0;

	for (unsigned i = 0; i < VARIANTS; i++) {
		(i % 2 ? make_tls : make_flow)(&records[i], i);
		sizes[i] = record_write(&records[i], NULL, line);
		if (sizes[i] > LINE_ROOM)
			abort();
		memcpy(lines[i], line, sizes[i]);
		total += sizes[i];
	}
	double writer = median(run_writer, 400000), reader = median(run_reader, 400000),
	       jansson = median(run_jansson, 40000);
	printf("record_size %zu bytes -\n", total / VARIANTS);
	printf("record_write %.0f records/s %.2f-vs-aim-of-2M\n", writer, writer / 2e6);
	printf("record_read %.0f records/s %.1f-vs-jansson\n", reader,
	       reader / jansson);
	printf("jansson_loadb %.0f records/s 1-vs-itself\n", jansson);
	return EXIT_SUCCESS;
}
