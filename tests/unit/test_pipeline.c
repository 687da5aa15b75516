/* SPDX-License-Identifier: Apache-2.0 */
/* test_pipeline: frames in, records out: ends of flows, caps, time, coverage. */
#include "tests/unit/test.h"

#include "sensor/anomalies.h"
#include "sensor/classify.h"
#include "sensor/decode.h"
#include "sensor/pipeline.h"

enum { KEPT = 512 };

struct kept {
	enum event event;
	struct instant at;
	char reason[16], confidence[16], anomaly[40], client[ADDRESS_TEXT_SIZE],
		hidden[40];
	uint64_t to_server, to_client, packets, lost_flow, lost_kernel, observed,
		gave_up, evicted, suppressed;
	bool is_final, has_to_client, has_ndpi;
};

struct fixture {
	struct pipeline *pipeline;
	struct kept kept[KEPT];
	int count;
	uint64_t number;
};

static void
keep_text(const struct record *record, enum field_id field, char *out, size_t room)
{
	struct text text = record_has(record, field) ? record->value[field].text
						     : (struct text){ "", 0 };

	assert_true(text.size < room);
	memcpy(out, text.at, text.size);
	out[text.size] = '\0';
}

static uint64_t
number_of(const struct record *record, enum field_id field)
{
	return record_has(record, field) ? record->value[field].number : 0;
}

static void
on_record(void *ctx, const struct record *record)
{
	struct fixture *f = ctx;
	struct kept *kept = &f->kept[f->count++];

	assert_true(f->count < KEPT);
	*kept = (struct kept){
		.event = record_event(record),
		.at = record->value[FIELD_TIMESTAMP].time,
		.to_server = number_of(record, FIELD_FLOW_PKTS_TOSERVER),
		.to_client = number_of(record, FIELD_FLOW_PKTS_TOCLIENT),
		.packets = number_of(record, FIELD_COVERAGE_PACKETS),
		.lost_flow = number_of(record, FIELD_COVERAGE_LOST_FLOW),
		.lost_kernel = number_of(record, FIELD_COVERAGE_LOST_KERNEL),
		.observed = number_of(record, FIELD_COVERAGE_OBSERVED),
		.gave_up = number_of(record, FIELD_STATS_NDPI_GAVE_UP),
		.suppressed = number_of(record, FIELD_STATS_SUPPRESSED),
		.evicted = number_of(record, FIELD_STATS_FLOW_EVICTED),
		.is_final = record_has(record, FIELD_SEKISHO_IS_FINAL) &&
			    record->value[FIELD_SEKISHO_IS_FINAL].flag,
		.has_to_client = record_has(record, FIELD_FLOW_PKTS_TOCLIENT),
		.has_ndpi = record_has(record, FIELD_NDPI_PROTO),
	};
	keep_text(record, FIELD_FLOW_REASON, kept->reason, sizeof(kept->reason));
	keep_text(record, FIELD_SEKISHO_DIRECTION_CONFIDENCE, kept->confidence,
		  sizeof(kept->confidence));
	keep_text(record, FIELD_ANOMALY_EVENT, kept->anomaly, sizeof(kept->anomaly));
	if (record_has(record, FIELD_SEKISHO_CLIENT_IP))
		address_to_text(&record->value[FIELD_SEKISHO_CLIENT_IP].address,
				kept->client);
	struct text hidden = record_unobservable(record, FIELD_FLOW_PKTS_TOCLIENT);
	if (hidden.size > 0)
		memcpy(kept->hidden, hidden.at, hidden.size);
	if (f->count > 1)
		assert_true(instant_between(kept[-1].at, kept->at) >= 0);
}

static void
start(struct fixture *f, const struct pipeline_config *config)
{
	struct error err;

	*f = (struct fixture){ 0 };
	f->pipeline = pipeline_new(config, on_record, f, &err);
	assert_non_null(f->pipeline);
}

static void
end(struct fixture *f)
{
	pipeline_finish(f->pipeline);
	pipeline_free(f->pipeline);
}

static struct pipeline_config
small(void)
{
	struct pipeline_config config = pipeline_defaults;

	config.flows_max = 64;
	config.undecided_max = 16;
	return config;
}

static void
give(struct fixture *f, double second, const void *frame, size_t size)
{
	struct packet packet = {
		.seen = { (int64_t)(second * 1e6) },
		.frame = bytes_over(frame, size),
		.wire_size = (uint32_t)size,
		.link_type = LINK_RAW,
		.number = ++f->number,
	};

	pipeline_packet(f->pipeline, &packet);
}

/* From 10.0.0.'from' to 10.0.0.'to'. */
static void
put_ip(uint8_t *out, uint8_t protocol, int from, int to, size_t size)
{
	const uint8_t header[20] = { 0x45, 0,        0, (uint8_t)(20 + size),
				     0,    1,        0, 0,
				     64,   protocol, 0, 0,
				     10,   0,        0, (uint8_t)from,
				     10,   0,        0, (uint8_t)to };

	memcpy(out, header, sizeof(header));
}

static void
udp(struct fixture *f, double second, int from, int to, int from_port, int to_port,
    const char *data)
{
	uint8_t frame[128] = { 0 };
	size_t size = strlen(data) + 8;
	const uint8_t header[8] = { (uint8_t)(from_port >> 8),
				    (uint8_t)from_port,
				    (uint8_t)(to_port >> 8),
				    (uint8_t)to_port,
				    0,
				    (uint8_t)size };

	put_ip(frame, PROTOCOL_UDP, from, to, size);
	memcpy(frame + 20, header, 8);
	memcpy(frame + 28, data, strlen(data));
	give(f, second, frame, 20 + size);
}

static void
tcp(struct fixture *f, double second, int from, int to, uint8_t flags)
{
	uint8_t frame[40] = { 0 };
	bool is_client = from < to;
	const uint8_t header[20] = { is_client ? 0x9c : 0x01,
				     is_client ? 0x40 : 0xbb,
				     is_client ? 0x01 : 0x9c,
				     is_client ? 0xbb : 0x40,
				     0,
				     0,
				     0,
				     1,
				     0,
				     0,
				     0,
				     1,
				     0x50,
				     flags,
				     1,
				     0 };

	put_ip(frame, PROTOCOL_TCP, from, to, 20);
	memcpy(frame + 20, header, 20);
	give(f, second, frame, sizeof(frame));
}

/* The n-th kept record of the event, from 0. */
static const struct kept *
nth(const struct fixture *f, enum event event, int n)
{
	for (int i = 0; i < f->count; i++)
		if (f->kept[i].event == event && n-- == 0)
			return &f->kept[i];
	fail_msg("no such record");
	return NULL;
}

static int
count_of(const struct fixture *f, enum event event)
{
	int count = 0;

	for (int i = 0; i < f->count; i++)
		count += f->kept[i].event == event;
	return count;
}

static void
handshake(struct fixture *f, double second)
{
	tcp(f, second, 1, 2, TCP_SYN);
	tcp(f, second + 0.01, 2, 1, TCP_SYN | TCP_ACK);
	tcp(f, second + 0.02, 1, 2, TCP_ACK);
}

static void
a_connection_is_one_flow(void **state)
{
	struct pipeline_config config = small();
	struct fixture f;
	(void)state;

	start(&f, &config);
	handshake(&f, 100);
	end(&f);
	assert_int_equal(count_of(&f, EVENT_FLOW), 1);
	const struct kept *flow = nth(&f, EVENT_FLOW, 0);
	assert_string_equal(flow->reason, "shutdown");
	assert_string_equal(flow->confidence, "syn");
	assert_string_equal(flow->client, "10.0.0.1");
	assert_int_equal(flow->to_server, 2);
	assert_int_equal(flow->to_client, 1);
	assert_true(flow->is_final);
	assert_false(flow->has_ndpi); /* no payload: nobody looked */
}

/* When a flow of each kind ends if nothing more comes. */
static void
each_kind_of_flow_has_its_time(void **state)
{
	static const struct {
		enum { SYN_ALONE, OPEN, CLOSED, DATAGRAM } kind;
		double ends;
	} rows[] = {
		{ SYN_ALONE, 60 }, { OPEN, 300.02 }, { CLOSED, 10.03 }, { DATAGRAM, 30 }
	};
	struct pipeline_config config = small();
	(void)state;

	config.interim = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f;
		start(&f, &config);
		if (rows[i].kind == SYN_ALONE)
			tcp(&f, 1000, 1, 2, TCP_SYN);
		else if (rows[i].kind == DATAGRAM)
			udp(&f, 1000, 1, 2, 5000, 5001, "");
		else
			handshake(&f, 1000);
		if (rows[i].kind == CLOSED)
			tcp(&f, 1000.03, 2, 1, TCP_RST);
		udp(&f, 1000 + rows[i].ends - 0.3, 9, 9, 1, 2, "");
		assert_int_equal(count_of(&f, EVENT_FLOW), 0);
		udp(&f, 1000 + rows[i].ends + 0.6, 9, 9, 1, 2, "");
		assert_int_equal(count_of(&f, EVENT_FLOW), 1);
		const struct kept *flow = nth(&f, EVENT_FLOW, 0);
		assert_string_equal(flow->reason, "timeout");
		/* the record stands at the time the flow was over, not at the next
		 * packet's */
		assert_true(flow->at.usec >=
			    (int64_t)((1000 + rows[i].ends) * 1e6) - 1);
		assert_true(flow->at.usec <=
			    (int64_t)((1000 + rows[i].ends + 0.3) * 1e6));
		end(&f);
	}
}

static void
a_living_flow_is_told_of_in_between(void **state)
{
	struct pipeline_config config = small();
	struct fixture f;
	(void)state;

	config.interim = 60 * INSTANT_SECOND;
	start(&f, &config);
	for (int i = 0; i < 31; i++)
		udp(&f, 1000 + i * 10, 1, 2, 5000, 5001, "");
	end(&f);
	assert_int_equal(count_of(&f, EVENT_FLOW), 5);
	for (int i = 0; i < 4; i++) {
		assert_string_equal(nth(&f, EVENT_FLOW, i)->reason, "interim");
		assert_false(nth(&f, EVENT_FLOW, i)->is_final);
	}
	assert_string_equal(nth(&f, EVENT_FLOW, 4)->reason, "shutdown");
	assert_int_equal(nth(&f, EVENT_FLOW, 4)->to_server, 31);
}

static void
a_full_table_lets_the_oldest_go(void **state)
{
	struct pipeline_config config = small();
	struct fixture f;
	(void)state;

	config.flows_max = 4;
	start(&f, &config);
	for (int i = 1; i <= 4; i++)
		udp(&f, 100 + i, i, 9, 5000, 5001, "");
	udp(&f, 106, 1, 9, 5000, 5001, ""); /* the first is no longer the oldest */
	assert_int_equal(count_of(&f, EVENT_FLOW), 0);
	udp(&f, 107, 5, 9, 5000, 5001, "");
	assert_int_equal(count_of(&f, EVENT_FLOW), 1);
	assert_string_equal(nth(&f, EVENT_FLOW, 0)->reason, "forced");
	assert_string_equal(nth(&f, EVENT_FLOW, 0)->client, "10.0.0.2");
	assert_int_equal(pipeline_counters(f.pipeline).evicted, 1);
	end(&f);
	assert_int_equal(nth(&f, EVENT_COVERAGE, 0)->lost_flow, 1);
	assert_int_equal(nth(&f, EVENT_STATS, 0)->evicted, 1);
}

static void
a_syn_after_the_end_begins_anew(void **state)
{
	struct pipeline_config config = small();
	struct fixture f;
	(void)state;

	start(&f, &config);
	handshake(&f, 100);
	tcp(&f, 101, 1, 2, TCP_FIN | TCP_ACK);
	tcp(&f, 101, 2, 1, TCP_FIN | TCP_ACK);
	tcp(&f, 101, 1, 2, TCP_ACK);
	tcp(&f, 102, 1, 2, TCP_SYN);
	end(&f);
	assert_int_equal(count_of(&f, EVENT_FLOW), 2);
	assert_string_equal(nth(&f, EVENT_FLOW, 0)->reason, "tcp_reuse");
	assert_int_equal(nth(&f, EVENT_FLOW, 0)->to_server, 4);
	assert_int_equal(nth(&f, EVENT_FLOW, 1)->to_server, 1);
}

static void
what_goes_another_way_is_not_zero_but_unknown(void **state)
{
	struct pipeline_config config = small();
	struct fixture f;
	(void)state;

	start(&f, &config);
	tcp(&f, 100, 1, 2, TCP_SYN);
	tcp(&f, 101, 1, 2, TCP_ACK);
	end(&f);
	const struct kept *flow = nth(&f, EVENT_FLOW, 0);
	assert_false(flow->has_to_client);
	assert_string_equal(flow->hidden, "asymmetric");
	assert_int_equal(flow->to_server, 2);
}

static void
too_many_undecided_flows_give_the_oldest_up(void **state)
{
	struct pipeline_config config = small();
	struct fixture f;
	(void)state;

	config.undecided_max = 3;
	start(&f, &config);
	for (int i = 0; i < 10; i++)
		udp(&f, 100, 1, 2, 41000 + i, 40001,
		    "\x01\xf7 nothing that is known \xff");
	end(&f);
	assert_int_equal(nth(&f, EVENT_STATS, 0)->gave_up, 7);
	assert_int_equal(count_of(&f, EVENT_FLOW), 10);
	for (int i = 0; i < 10; i++)
		assert_true(nth(&f, EVENT_FLOW, i)->has_ndpi);
}

static void
broken_frames_are_told_of_up_to_a_limit_and_counted(void **state)
{
	struct pipeline_config config = small();
	struct fixture f;
	uint8_t frame[20] = { 0x45, 0, 0, 19 }; /* total length below its header */
	(void)state;

	start(&f, &config);
	for (int i = 0; i < 100; i++)
		give(&f, 100, frame, sizeof(frame));
	assert_int_equal(count_of(&f, EVENT_ANOMALY), ANOMALIES_PER_KIND);
	assert_string_equal(nth(&f, EVENT_ANOMALY, 0)->anomaly,
			    "decoder.ipv4.iplen_smaller_than_hlen");
	assert_int_equal(pipeline_counters(f.pipeline).invalid, 100);
	assert_int_equal(pipeline_frames(f.pipeline, DECODE_IPV4_LENGTH), 100);
	give(&f, 111, frame, sizeof(frame)); /* another interval */
	assert_int_equal(count_of(&f, EVENT_ANOMALY), ANOMALIES_PER_KIND + 1);
	frame[0] = 0x75; /* another kind */
	give(&f, 111, frame, sizeof(frame));
	assert_int_equal(count_of(&f, EVENT_ANOMALY), ANOMALIES_PER_KIND + 2);
	end(&f);
	assert_int_equal(nth(&f, EVENT_STATS, 0)->suppressed, 100 - ANOMALIES_PER_KIND);
}

static void
ticks_come_with_packets_and_not_in_between(void **state)
{
	struct pipeline_config config = small();
	struct fixture f;
	(void)state;

	start(&f, &config);
	for (int i = 0; i < 1000; i++)
		udp(&f, 100 + i / 1000.0, 1, 2, 5000, 5001, "");
	udp(&f, 150, 1, 2, 5000, 5001, "");
	end(&f);
	assert_int_equal(count_of(&f, EVENT_TICK), 5 + 1 + 1);
}

static void
a_live_lane_goes_by_its_ticks(void **state)
{
	struct pipeline_config config = small();
	struct pipeline_losses losses = { .kernel = 7, .kernel_packets = 100 };
	struct fixture f;
	(void)state;

	config.is_live = true;
	start(&f, &config);
	pipeline_tick(f.pipeline, (struct instant){ 100 * INSTANT_SECOND });
	udp(&f, 100.1, 1, 2, 5000, 5001, "");
	udp(&f, 99999, 1, 2, 5000, 5001, ""); /* a card's clock gone wrong */
	assert_int_equal(count_of(&f, EVENT_TICK), 1);
	for (int i = 1; i <= 200; i++)
		pipeline_tick(f.pipeline, (struct instant){ 100 * INSTANT_SECOND +
							    i * INSTANT_SECOND / 5 });
	assert_int_equal(count_of(&f, EVENT_TICK), 201);
	assert_int_equal(count_of(&f, EVENT_FLOW), 1); /* over without any packet */
	assert_int_equal(count_of(&f, EVENT_COVERAGE), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(nth(&f, EVENT_COVERAGE, i)->observed, 10000000);
	assert_int_equal(nth(&f, EVENT_COVERAGE, 0)->packets, 2);
	pipeline_lost(f.pipeline, &losses);
	end(&f);
	assert_int_equal(nth(&f, EVENT_COVERAGE, 4)->lost_kernel, 7);
}

static void
stats_come_each_minute_and_at_the_end(void **state)
{
	struct pipeline_config config = small();
	struct fixture f;
	(void)state;

	start(&f, &config);
	for (int i = 0; i <= 130; i++)
		udp(&f, 100 + i, 1, 2, 5000, 5001, "");
	assert_int_equal(count_of(&f, EVENT_STATS), 2);
	end(&f);
	assert_int_equal(count_of(&f, EVENT_STATS), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_one_flow),
		cmocka_unit_test(each_kind_of_flow_has_its_time),
		cmocka_unit_test(a_living_flow_is_told_of_in_between),
		cmocka_unit_test(a_full_table_lets_the_oldest_go),
		cmocka_unit_test(a_syn_after_the_end_begins_anew),
		cmocka_unit_test(what_goes_another_way_is_not_zero_but_unknown),
		cmocka_unit_test(too_many_undecided_flows_give_the_oldest_up),
		cmocka_unit_test(broken_frames_are_told_of_up_to_a_limit_and_counted),
		cmocka_unit_test(ticks_come_with_packets_and_not_in_between),
		cmocka_unit_test(a_live_lane_goes_by_its_ticks),
		cmocka_unit_test(stats_come_each_minute_and_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
