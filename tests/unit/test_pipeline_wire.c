/* SPDX-License-Identifier: Apache-2.0 */
/* test_pipeline_wire: what the wire does to packets before a lane sees them: fragments,
 * offload, overlaps, loss, clocks that go back. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "sensor/decode.h"
#include "sensor/pipeline.h"

enum { CLIENT = 1, SERVER = 2, FRAME_MOST = 100000 };

struct fixture {
	struct pipeline *pipeline;
	struct instant last;
	uint64_t number, to_server, bytes_to_server, to_client, flows, differences,
		checksums, unseen, unseen_bytes, stats_unseen, reassembled, invalid;
	int64_t flow_start, flow_end;
	char anomaly[64], type[16];
	int anomalies;
	bool has_gap;
};

static uint64_t
number_of(const struct record *record, enum field_id field)
{
	return record_has(record, field) ? record->value[field].number : 0;
}

static void
keep_text(const struct record *record, enum field_id field, char *out, size_t room)
{
	struct text text = record->value[field].text;

	assert_true(record_has(record, field) && text.size < room);
	memcpy(out, text.at, text.size);
	out[text.size] = '\0';
}

static void
on_flow(struct fixture *f, const struct record *record)
{
	f->flows++;
	f->to_server = number_of(record, FIELD_FLOW_PKTS_TOSERVER);
	f->bytes_to_server = number_of(record, FIELD_FLOW_BYTES_TOSERVER);
	f->to_client = number_of(record, FIELD_FLOW_PKTS_TOCLIENT);
	f->flow_start = record->value[FIELD_FLOW_START].time.usec;
	f->flow_end = record->value[FIELD_FLOW_END].time.usec;
	f->has_gap = record_has(record, FIELD_TCP_TS_GAP);
}

static void
on_record(void *ctx, const struct record *record)
{
	struct fixture *f = ctx;
	struct instant at = record->value[FIELD_TIMESTAMP].time;

	assert_false(instant_is_before(at, f->last));
	f->last = at;
	switch (record_event(record)) {
	case EVENT_FLOW:
		on_flow(f, record);
		break;
	case EVENT_ANOMALY:
		f->anomalies++;
		keep_text(record, FIELD_ANOMALY_EVENT, f->anomaly, sizeof(f->anomaly));
		keep_text(record, FIELD_ANOMALY_TYPE, f->type, sizeof(f->type));
		break;
	case EVENT_COVERAGE:
		f->unseen += number_of(record, FIELD_COVERAGE_UNSEEN);
		f->unseen_bytes += number_of(record, FIELD_COVERAGE_UNSEEN_BYTES);
		break;
	case EVENT_STATS:
		f->differences = number_of(record, FIELD_STATS_TCP_DIFFERENCES);
		f->checksums = number_of(record, FIELD_STATS_TCP_CHECKSUMS);
		f->stats_unseen = number_of(record, FIELD_STATS_TCP_UNSEEN);
		f->invalid = number_of(record, FIELD_STATS_INVALID);
		f->reassembled = number_of(record, FIELD_STATS_DEFRAG_IPV4_REASSEMBLED);
		break;
	default:
		break;
	}
}

static void
start(struct fixture *f, bool checks_sums)
{
	struct pipeline_config config = pipeline_defaults;
	struct error err;

	config.flows_max = 64;
	config.undecided_max = 16;
	config.checks_sums = checks_sums;
	*f = (struct fixture){ 0 };
	f->pipeline = pipeline_new(&config, on_record, f, &err);
	assert_non_null(f->pipeline);
}

static void
end(struct fixture *f)
{
	pipeline_finish(f->pipeline);
	pipeline_free(f->pipeline);
}

/* An IP packet of 'body'; 'total' 0: as a card's offload leaves it. */
static void
give(struct fixture *f, double second, int from, uint8_t protocol, uint16_t place,
     const void *body, size_t size, bool is_offload)
{
	static uint8_t frame[FRAME_MOST];
	size_t total = is_offload ? 0 : size + 20;
	const uint8_t header[20] = { 0x45,
				     0,
				     (uint8_t)(total >> 8),
				     (uint8_t)total,
				     0,
				     7,
				     (uint8_t)(place >> 8),
				     (uint8_t)place,
				     64,
				     protocol,
				     0,
				     0,
				     10,
				     0,
				     0,
				     (uint8_t)from,
				     10,
				     0,
				     0,
				     (uint8_t)(3 - from) };

	assert_true(size + 20 <= sizeof(frame));
	memcpy(frame, header, sizeof(header));
	memcpy(frame + 20, body, size);
	struct packet packet = {
		.seen = { (int64_t)(second * 1e6) },
		.frame = bytes_over(frame, size + 20),
		.wire_size = (uint32_t)size + 20,
		.link_type = LINK_RAW,
		.number = ++f->number,
	};
	pipeline_packet(f->pipeline, &packet);
}

static void
tcp(struct fixture *f, double second, int from, uint8_t flags, uint32_t sequence,
    uint32_t acknowledged, const void *data, size_t size)
{
	static uint8_t segment[FRAME_MOST];
	const uint8_t header[20] = {
		from == CLIENT ? 0x9c : 0x01,
		from == CLIENT ? 0x40 : 0xbb,
		from == CLIENT ? 0x01 : 0x9c,
		from == CLIENT ? 0xbb : 0x40,
		(uint8_t)(sequence >> 24),
		(uint8_t)(sequence >> 16),
		(uint8_t)(sequence >> 8),
		(uint8_t)sequence,
		(uint8_t)(acknowledged >> 24),
		(uint8_t)(acknowledged >> 16),
		(uint8_t)(acknowledged >> 8),
		(uint8_t)acknowledged,
		0x50,
		flags,
		1,
		0,
	};

	memcpy(segment, header, sizeof(header));
	if (size > 0)
		memcpy(segment + 20, data, size);
	give(f, second, from, PROTOCOL_TCP, 0, segment, size + 20, size > 65000);
}

static void
handshake(struct fixture *f)
{
	tcp(f, 1, CLIENT, TCP_SYN, 999, 0, NULL, 0);
	tcp(f, 1.01, SERVER, TCP_SYN | TCP_ACK, 4999, 1000, NULL, 0);
	tcp(f, 1.02, CLIENT, TCP_ACK, 1000, 5000, NULL, 0);
}

static void
every_fragment_counts_in_its_flow(void **state)
{
	uint8_t datagram[1000] = { 0x9c, 0x40, 0, 53, 3, 0xe8 };
	struct fixture f;
	(void)state;

	start(&f, false);
	give(&f, 1, CLIENT, PROTOCOL_UDP, 0x2000, datagram, 400, false);
	give(&f, 1.5, CLIENT, PROTOCOL_UDP, 0x2000 | 50, datagram + 400, 400, false);
	give(&f, 2, CLIENT, PROTOCOL_UDP, 100, datagram + 800, 200, false);
	give(&f, 3, CLIENT, PROTOCOL_UDP, 0x2000, datagram, 400, false); /* no more */
	end(&f);
	assert_int_equal(f.flows, 1);
	assert_int_equal(f.to_server, 4);
	assert_int_equal(f.bytes_to_server, 1000 + 400 + 4 * 20);
	assert_int_equal(f.flow_start, 1000000);
	assert_int_equal(f.flow_end, 3000000);
	assert_int_equal(f.reassembled, 1);
}

/* A card hands 90,000 bytes over as one frame that its IP header cannot tell. */
static void
a_frame_over_64_kib_is_one_piece_of_its_stream(void **state)
{
	uint8_t *data = calloc(1, 90000);
	struct fixture f;
	(void)state;

	memcpy(data, "\x16\x03\x01\xff\xff", 5);
	start(&f, false);
	handshake(&f);
	tcp(&f, 1.1, CLIENT, TCP_ACK, 1000, 5000, data, 90000);
	tcp(&f, 1.2, CLIENT, TCP_ACK, 91000, 5000, "go on", 5);
	tcp(&f, 1.3, SERVER, TCP_ACK, 5000, 91005, NULL, 0);
	end(&f);
	free(data);
	assert_int_equal(f.bytes_to_server, 4 * 40 + 90000 + 5);
	assert_false(f.has_gap);
	assert_int_equal(f.unseen, 0);
	assert_int_equal(f.invalid, 0);
}

static void
another_value_for_a_byte_is_told_once_of_a_flow(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, false);
	handshake(&f);
	tcp(&f, 1.1, CLIENT, TCP_ACK, 1000, 5000, "\x16\3\1\0\x50\1\0\0\x4c\3\3abc",
	    14);
	tcp(&f, 1.2, CLIENT, TCP_ACK, 1000, 5000, "\x16\3\1\0\x50\1\0\0\x4c\3\3abc",
	    14);
	assert_int_equal(f.anomalies, 0);
	tcp(&f, 1.3, CLIENT, TCP_ACK, 1000, 5000, "\x16\3\1\0\x50\1\0\0\x4c\3\3xyz",
	    14);
	tcp(&f, 1.4, CLIENT, TCP_ACK, 1000, 5000, "\x16\3\1\0\x50\1\0\0\x4c\3\3uvw",
	    14);
	end(&f);
	assert_int_equal(f.anomalies, 1);
	assert_string_equal(f.anomaly, "stream.reassembly_overlap_different_data");
	assert_string_equal(f.type, "stream");
	assert_int_equal(f.differences, 2);
}

static void
what_was_acknowledged_and_never_seen_is_told(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, false);
	handshake(&f);
	tcp(&f, 1.1, SERVER, TCP_ACK, 5000, 1000 + 3000, NULL, 0);
	tcp(&f, 1.2, CLIENT, TCP_ACK, 1000 + 3000, 5000, "x", 1);
	tcp(&f, 1.3, SERVER, TCP_ACK, 5000, 1000 + 3001, NULL, 0);
	end(&f);
	assert_int_equal(f.unseen, 3);
	assert_int_equal(f.unseen_bytes, 3000);
	assert_int_equal(f.stats_unseen, 3);
}

/* Records keep their order, a flow its begin; on_record looks at each. */
static void
clocks_that_go_back_do_no_harm(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, false);
	handshake(&f);
	tcp(&f, 0.2, CLIENT, TCP_ACK, 1000, 5000, "a", 1);
	tcp(&f, 9, SERVER, TCP_ACK, 5000, 1001, NULL, 0);
	tcp(&f, 4, CLIENT, TCP_ACK | TCP_FIN, 1001, 5000, NULL, 0);
	end(&f);
	assert_int_equal(f.flows, 1);
	assert_int_equal(f.flow_start, 1000000);
	assert_int_equal(f.flow_end, 9000000);
	assert_int_equal(f.to_server + f.to_client, 6);
}

static void
bad_checksums_are_left_out_where_they_are_looked_at(void **state)
{
	struct fixture f;
	(void)state;

	for (int checks = 0; checks < 2; checks++) {
		start(&f, checks);
		handshake(&f); /* IPv4's own is 0 and wrong */
		end(&f);
		assert_int_equal(f.flows, checks ? 0 : 1);
		assert_int_equal(f.invalid, checks ? 3 : 0);
		assert_int_equal(f.anomalies, checks ? 3 : 0);
		if (checks)
			assert_string_equal(f.anomaly, "sekisho.ipv4.invalid_checksum");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fragment_counts_in_its_flow),
		cmocka_unit_test(a_frame_over_64_kib_is_one_piece_of_its_stream),
		cmocka_unit_test(another_value_for_a_byte_is_told_once_of_a_flow),
		cmocka_unit_test(what_was_acknowledged_and_never_seen_is_told),
		cmocka_unit_test(clocks_that_go_back_do_no_harm),
		cmocka_unit_test(bad_checksums_are_left_out_where_they_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
