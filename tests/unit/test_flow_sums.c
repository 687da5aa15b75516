/* SPDX-License-Identifier: Apache-2.0 */
/* test_flow_sums: above the budget each one-packet flow is in exactly one sum, whatever
 * the tables hold. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "sensor/flow_sums.h"

enum { BUDGET = 100, PROTOCOLS = 256 };

struct told {
	uint64_t records, flows, pkts, bytes, with_source, with_port;
	uint64_t by_protocol[2];
	struct instant first, last;
};

static void
take(void *ctx, const struct record *record)
{
	struct told *told = ctx;
	uint64_t flows = record->value[FIELD_FLOW_SUMMARY_FLOWS].number;

	assert_int_equal(record_event(record), EVENT_FLOW_SUMMARY);
	assert_true(flows > 0);
	told->records++;
	told->flows += flows;
	told->pkts += record->value[FIELD_FLOW_SUMMARY_PKTS].number;
	told->bytes += record->value[FIELD_FLOW_SUMMARY_BYTES].number;
	told->with_source += record_has(record, FIELD_SRC_IP);
	told->with_port += record_has(record, FIELD_DEST_PORT);
	told->by_protocol[text_is(record->value[FIELD_PROTO].text, "UDP")] += flows;
	assert_true(memcmp(record->value[FIELD_FLOW_SUMMARY_DEST_LEAST].address.byte,
			   record->value[FIELD_FLOW_SUMMARY_DEST_GREATEST].address.byte,
			   16) <= 0);
}

struct play {
	struct flow_sums *sums;
	struct lane lane;
	struct told told;
};

static struct play *
play_new(void)
{
	struct play *play = calloc(1, sizeof(*play));

	play->sums = flow_sums_new(BUDGET, 10 * INSTANT_SECOND);
	assert_non_null(play->sums);
	play->lane.sink = take;
	play->lane.ctx = &play->told;
	play->lane.describer.sensor = play->lane.describer.poi = text_of("s");
	return play;
}

static void
play_free(struct play *play)
{
	flow_sums_free(play->sums);
	free(play);
}

static struct flow
one_packet(uint32_t source, uint16_t port, uint8_t protocol)
{
	struct flow flow = { .packets = { 1, 0 }, .bytes = { 60, 0 } };

	flow.key.protocol = protocol;
	flow.first = source & 1; /* the lesser end is not always the first speaker */
	memcpy(flow.key.end[flow.first].byte, &source, sizeof(source));
	flow.key.port[!flow.first] = port;
	flow.key.port[flow.first] = (uint16_t)source;
	return flow;
}

/* Seconds into the day; the budget is there again after one. */
static struct instant
at(int64_t second)
{
	return (struct instant){ 1790000000 * INSTANT_SECOND +
				 second * INSTANT_SECOND };
}

static void
the_budget_is_spent_first_and_filled_by_lane_time(void **state)
{
	struct play *play = play_new();
	struct flow flow = one_packet(1, 80, PROTOCOL_TCP);
	int kept = 0;

	(void)state;
	for (int i = 0; i < 3 * BUDGET; i++)
		kept += !flow_sums_take(play->sums, &flow, at(0), true);
	assert_int_equal(kept, BUDGET);
	for (int i = 0; i < 3 * BUDGET; i++)
		kept += !flow_sums_take(
			play->sums, &flow,
			(struct instant){ at(0).usec + INSTANT_SECOND / 2 }, true);
	assert_int_equal(kept, BUDGET + BUDGET / 2);
	for (int i = 0; i < 3 * BUDGET;
	     i++) /* an hour saves up no more than a second */
		kept += !flow_sums_take(play->sums, &flow, at(3600), true);
	assert_int_equal(kept, 2 * BUDGET + BUDGET / 2);
	assert_int_equal(flow_sums_count(play->sums), 9 * BUDGET - kept);
	play_free(play);
}

static void
nothing_but_one_unanswered_packet_is_folded(void **state)
{
	struct play *play = play_new();
	struct flow flow = one_packet(1, 80, PROTOCOL_TCP), other;

	(void)state;
	for (int i = 0; i < BUDGET; i++)
		flow_sums_take(play->sums, &flow, at(0), true);
	assert_true(flow_sums_take(play->sums, &flow, at(0), true));
	other = flow;
	other.packets[1] = 1;
	assert_false(flow_sums_take(play->sums, &other, at(0), true));
	other = flow;
	other.packets[0] = 2;
	assert_false(flow_sums_take(play->sums, &other, at(0), true));
	other = flow;
	other.key.tunnel = 7;
	assert_false(flow_sums_take(play->sums, &other, at(0), true));
	assert_false(flow_sums_take(play->sums, &flow, at(0), false));
	flow_sums_tell(play->sums, &play->lane);
	assert_int_equal(play->told.flows, 1);
	play_free(play);
}

static void
sums_are_told_at_the_end_of_their_interval(void **state)
{
	struct play *play = play_new();
	struct flow flow = one_packet(1, 80, PROTOCOL_TCP);

	(void)state;
	assert_false(flow_sums_is_due(play->sums, at(0)));
	for (int i = 0; i <= BUDGET; i++)
		flow_sums_take(play->sums, &flow, at(3), true);
	assert_false(flow_sums_is_due(play->sums, at(9)));
	assert_true(flow_sums_is_due(play->sums, at(10)));
	flow_sums_tell(play->sums, &play->lane);
	assert_false(flow_sums_is_due(play->sums, at(30)));
	assert_int_equal(play->told.records, 1);
	play_free(play);
}

/* Many sources, ports and protocols: sources go together, then ports; flows, packets
 * and bytes stay exact. */
static void
full_tables_go_coarser_and_leave_nothing_out(void **state)
{
	struct play *play = play_new();
	uint64_t folded = 0, bytes = 0, udp = 0;

	(void)state;
	srandom(11);
	for (int i = 0; i < 60000; i++) {
		uint8_t protocol = random() % 3 ? PROTOCOL_UDP : PROTOCOL_TCP;
		struct flow flow =
			one_packet((uint32_t)random(), (uint16_t)random(), protocol);
		flow.bytes[0] = 60 + (uint64_t)random() % 1000;
		if (!flow_sums_take(play->sums, &flow, at(0), true))
			continue;
		folded++;
		bytes += flow.bytes[0];
		udp += protocol == PROTOCOL_UDP;
	}
	flow_sums_tell(play->sums, &play->lane);
	assert_int_equal(folded, 60000 - BUDGET);
	assert_int_equal(play->told.flows, folded);
	assert_int_equal(play->told.pkts, folded);
	assert_int_equal(play->told.bytes, bytes);
	assert_int_equal(play->told.by_protocol[1], udp);
	assert_int_equal(play->told.with_source, FLOW_SUMS_SOURCES);
	assert_int_equal(play->told.with_port, FLOW_SUMS_SOURCES + FLOW_SUMS_PORTS);
	assert_int_equal(play->told.records, FLOW_SUMS_SOURCES + FLOW_SUMS_PORTS + 2);

	/* and begins anew */
	struct flow flow = one_packet(5, 80, PROTOCOL_TCP);
	assert_true(flow_sums_take(play->sums, &flow, at(0), true));
	play->told = (struct told){ 0 };
	flow_sums_tell(play->sums, &play->lane);
	assert_int_equal(play->told.with_source, 1);
	play_free(play);
}

static void
every_protocol_finds_room_in_a_full_table(void **state)
{
	struct play *play = play_new();

	(void)state;
	for (uint32_t i = 0; i < BUDGET + FLOW_SUMS_SOURCES + FLOW_SUMS_PORTS; i++) {
		struct flow flow = one_packet(i, (uint16_t)i, PROTOCOL_UDP);
		flow_sums_take(play->sums, &flow, at(0), true);
	}
	for (uint32_t i = 0; i < 2 * PROTOCOLS; i++) {
		struct flow flow = one_packet(70000 + i, 9, (uint8_t)(i / 2));
		flow.key.form = i % 2 ? FLOW_FORM_IPV6 : 0;
		assert_true(flow_sums_take(play->sums, &flow, at(0), true));
	}
	flow_sums_tell(play->sums, &play->lane);
	assert_int_equal(play->told.flows,
			 FLOW_SUMS_SOURCES + FLOW_SUMS_PORTS + 2 * PROTOCOLS);
	play_free(play);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_budget_is_spent_first_and_filled_by_lane_time),
		cmocka_unit_test(nothing_but_one_unanswered_packet_is_folded),
		cmocka_unit_test(sums_are_told_at_the_end_of_their_interval),
		cmocka_unit_test(full_tables_go_coarser_and_leave_nothing_out),
		cmocka_unit_test(every_protocol_finds_room_in_a_full_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
