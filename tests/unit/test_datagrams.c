/* SPDX-License-Identifier: Apache-2.0 */
/* test_datagrams: a datagram comes to its dissector as it is; who is not known is let
 * go; the cap finishes the oldest. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "sensor/datagrams.h"

/* A protocol of ours: begins with 'M'; "!" breaks it, "." ends it, "C" says who is the
 * client, "R" writes a record. */
struct toy {
	bool is_finished;
};

static char log_text[4096];
static int living, finished, asked;

static void
note(const char *what, int side, const char *data, size_t size)
{
	size_t used = strlen(log_text);

	snprintf(log_text + used, sizeof(log_text) - used, "%s%d:%.*s ", what, side,
		 (int)size, data);
}

static enum recognition
toy_recognise(struct bytes first, int side)
{
	(void)side;
	asked++;
	return first.at[0] == 'M' ? RECOGNISED_YES : RECOGNISED_MAYBE;
}

static void *
toy_begin(void *shared)
{
	assert_ptr_equal(shared, &living);
	living++;
	return test_calloc(1, sizeof(struct toy));
}

static enum dissect_result
toy_feed(void *state, int side, struct bytes data, struct instant at,
	 const struct dissect_out *out)
{
	struct record record;
	(void)state;

	note("", side, (const char *)data.at, data.left);
	if (memchr(data.at, 'C', data.left))
		out->client_is(out->ctx, side);
	if (memchr(data.at, 'R', data.left)) {
		record_begin(&record, EVENT_TLS);
		assert_true(out->is_seen(out->ctx, side));
		assert_false(out->is_seen(out->ctx, !side));
		out->emit(out->ctx, at, &record);
	}
	if (memchr(data.at, '!', data.left))
		return DISSECT_VIOLATION;
	return memchr(data.at, '.', data.left) ? DISSECT_DONE : DISSECT_MORE;
}

static enum dissect_result
toy_gap(void *state, int side, uint64_t missing, struct instant at,
	const struct dissect_out *out)
{
	char size[24];
	(void)state, (void)at, (void)out;

	snprintf(size, sizeof(size), "%u", (unsigned)missing);
	note("cut", side, size, strlen(size));
	return missing < 100 ? DISSECT_MORE : DISSECT_DONE;
}

static void
toy_finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct toy *toy = state;
	(void)at, (void)out;

	assert_false(toy->is_finished);
	toy->is_finished = true;
	finished++;
}

static void
toy_end(void *state)
{
	living--;
	test_free(state);
}

static const char *
toy_violation(const void *state)
{
	assert_non_null(state);
	return "toy.broken";
}

static void *
toy_shared(void)
{
	return &living;
}

static void
toy_unshared(void *shared)
{
	assert_ptr_equal(shared, &living);
}

static enum recognition
stray_recognise(struct bytes first, int side)
{
	(void)first, (void)side;
	fail_msg("a datagram is shown to a dissector for streams");
	return RECOGNISED_NO;
}

static const struct dissector stray = { .name = "stray", .recognise = stray_recognise };
static const struct dissector toy = {
	.name = "toy",
	.transport = DISSECT_DATAGRAM,
	.recognise = toy_recognise,
	.begin = toy_begin,
	.feed = toy_feed,
	.gap = toy_gap,
	.finish = toy_finish,
	.end = toy_end,
	.violation = toy_violation,
	.shared_new = toy_shared,
	.shared_free = toy_unshared,
};
static const struct dissector *const table[] = { &stray, &toy, NULL };

struct fixture {
	struct datagrams *datagrams;
	int records, violations;
	struct flow *last;
};

static void
on_emit(void *ctx, struct flow *flow, struct instant at, struct record *record)
{
	struct fixture *f = ctx;
	(void)at, (void)record;

	f->records++;
	f->last = flow;
}

static void
on_violation(void *ctx, struct flow *flow, struct instant at,
	     const struct dissector *dissector, const char *event)
{
	struct fixture *f = ctx;
	(void)at;

	assert_string_equal(dissector->name, "toy");
	assert_string_equal(event, "toy.broken");
	f->violations++;
	f->last = flow;
}

static void
start(struct fixture *f, uint32_t most)
{
	struct dissection_sink sink = { f, on_emit, on_violation, NULL };
	struct error err;

	*f = (struct fixture){ 0 };
	log_text[0] = '\0';
	living = finished = asked = 0;
	f->datagrams = datagrams_new(table, most, &sink, &err);
	assert_non_null(f->datagrams);
}

static void
end(struct fixture *f)
{
	datagrams_free(f->datagrams);
	assert_int_equal(living, 0);
}

static void
put_of(struct fixture *f, struct flow *flow, int side, const char *data, size_t size)
{
	struct headers headers = {
		.protocol = PROTOCOL_UDP,
		.payload_size = (uint32_t)size,
		.payload = bytes_over(data, strlen(data)),
	};

	flow->packets[side]++;
	datagrams_packet(f->datagrams, flow, side, &headers, (struct instant){ 1 });
}

static void
put(struct fixture *f, struct flow *flow, int side, const char *data)
{
	put_of(f, flow, side, data, strlen(data));
}

static void
each_datagram_is_one_feed_as_it_came(void **state)
{
	struct fixture f;
	struct flow flow = { 0 };
	(void)state;

	start(&f, 4);
	put(&f, &flow, 0, ""); /* says nothing */
	assert_int_equal(asked, 0);
	put(&f, &flow, 0, "Mone");
	put(&f, &flow, 1, "two");
	put(&f, &flow, 0, "MC");
	assert_string_equal(log_text, "0:Mone 1:two 0:MC ");
	assert_int_equal(asked, 1);
	assert_string_equal(flow.app_proto, "toy");
	assert_int_equal(flow.confidence, FLOW_CONFIDENCE_CONTENT);
	assert_int_equal(datagrams_counters(f.datagrams).used, 1);
	datagrams_finish(f.datagrams, &flow, (struct instant){ 2 });
	datagrams_finish(f.datagrams, &flow, (struct instant){ 2 });
	assert_int_equal(finished, 1);
	assert_int_equal(datagrams_counters(f.datagrams).used, 0);
	put(&f, &flow, 0, "Mlate");
	assert_int_equal(living, 0);
	end(&f);
}

static void
a_flow_nobody_knows_is_asked_about_no_more(void **state)
{
	struct fixture f;
	struct flow flow = { 0 };
	(void)state;

	start(&f, 4);
	for (int i = 0; i < DATAGRAMS_SHOWN + 3; i++)
		put(&f, &flow, i & 1, "hello");
	assert_int_equal(asked, DATAGRAMS_SHOWN);
	assert_true(flow.was_dissected);
	put(&f, &flow, 0, "M");
	assert_string_equal(log_text, "");
	assert_null(flow.app_proto);
	end(&f);
}

static void
a_later_datagram_may_be_known(void **state)
{
	struct fixture f;
	struct flow flow = { 0 };
	(void)state;

	start(&f, 4);
	for (int i = 1; i < DATAGRAMS_SHOWN; i++)
		put(&f, &flow, 0, "hello");
	put(&f, &flow, 0, "MR");
	assert_string_equal(log_text, "0:MR ");
	end(&f);
}

static void
what_is_cut_is_said_before_it_is_fed(void **state)
{
	struct fixture f;
	struct flow flow = { 0 };
	(void)state;

	start(&f, 4);
	put_of(&f, &flow, 0, "Mone", 9);
	put_of(&f, &flow, 1, "two", 103);
	assert_string_equal(log_text, "cut0:5 0:Mone cut1:100 ");
	assert_int_equal(finished, 1);
	assert_int_equal(datagrams_counters(f.datagrams).cut, 2);
	end(&f);
}

static void
done_and_broken_end_it_at_once(void **state)
{
	struct fixture f;
	struct flow flow[2] = { 0 };
	(void)state;

	start(&f, 4);
	put(&f, &flow[0], 0, "M.");
	put(&f, &flow[0], 0, "Mmore");
	put(&f, &flow[1], 0, "MR!");
	put(&f, &flow[1], 1, "Mmore");
	assert_string_equal(log_text, "0:M. 0:MR! ");
	assert_int_equal(finished, 2);
	assert_int_equal(f.violations, 1);
	assert_int_equal(f.records, 1);
	assert_ptr_equal(f.last, &flow[1]);
	assert_true(flow[1].marks & FLOW_MARK_VIOLATION);
	assert_int_equal(datagrams_counters(f.datagrams).violations, 1);
	end(&f);
}

static void
too_many_at_once_finish_the_oldest(void **state)
{
	struct fixture f;
	struct flow flow[6] = { 0 };
	(void)state;

	start(&f, 3);
	for (int i = 0; i < 3; i++)
		put(&f, &flow[i], 0, "M");
	datagrams_finish(f.datagrams, &flow[1], (struct instant){ 2 });
	for (int i = 3; i < 6; i++)
		put(&f, &flow[i], 0, "M");
	assert_int_equal(living, 3);
	assert_int_equal(datagrams_counters(f.datagrams).gave_up, 2);
	assert_true(flow[0].was_dissected && flow[2].was_dissected);
	for (int i = 3; i < 6; i++) {
		assert_false(flow[i].was_dissected);
		datagrams_finish(f.datagrams, &flow[i], (struct instant){ 2 });
	}
	assert_int_equal(finished, 6);
	assert_int_equal(datagrams_counters(f.datagrams).used, 0);
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_datagram_is_one_feed_as_it_came),
		cmocka_unit_test(a_flow_nobody_knows_is_asked_about_no_more),
		cmocka_unit_test(a_later_datagram_may_be_known),
		cmocka_unit_test(what_is_cut_is_said_before_it_is_fed),
		cmocka_unit_test(done_and_broken_end_it_at_once),
		cmocka_unit_test(too_many_at_once_finish_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
