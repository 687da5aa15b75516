/* SPDX-License-Identifier: Apache-2.0 */
/* test_dissection: a dissector gets what is its own, in order, and is finished and
 * freed once. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "sensor/dissection.h"

/* A protocol of ours: begins with "MAGIC"; "!" breaks it, "." ends it, "C" says who is
 * the client. */
struct toy {
	bool is_finished;
};

static char log_text[4096];
static int living, finished;

static void
note(const char *what, int side, const char *data, size_t size)
{
	size_t used = strlen(log_text);

	snprintf(log_text + used, sizeof(log_text) - used, "%s%d%s%.*s ", what, side,
		 size > 0 ? ":" : "", (int)size, data);
}

static enum recognition
toy_recognise(struct bytes first, int side)
{
	size_t size = first.left < 5 ? first.left : 5;
	(void)side;

	if (memcmp(first.at, "MAGIC", size) != 0)
		return RECOGNISED_NO;
	return size == 5 ? RECOGNISED_YES : RECOGNISED_MAYBE;
}

static enum recognition
never_recognise(struct bytes first, int side)
{
	(void)first, (void)side;
	return RECOGNISED_NO;
}

static void *
toy_begin(void *shared)
{
	assert_ptr_equal(shared, &living);
	struct toy *toy = test_calloc(1, sizeof(*toy));
	living++;
	return toy;
}

static enum dissect_result
toy_feed(void *state, int side, struct bytes data, struct instant at,
	 const struct dissect_out *out)
{
	struct record record;
	(void)state;

	note("", side, (const char *)data.at, data.left);
	if (memchr(data.at, 'C', data.left) && data.at[0] != 'M')
		out->client_is(out->ctx, side);
	if (memchr(data.at, 'R', data.left)) {
		record_begin(&record, EVENT_TLS);
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
	note("gap", side, size, strlen(size));
	return DISSECT_MORE;
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
	struct toy *toy = state;

	assert_true(toy->is_finished);
	living--;
	test_free(toy);
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
	fail_msg("a stream is shown to a dissector for datagrams");
	return RECOGNISED_NO;
}

static void *
stray_shared(void)
{
	fail_msg("a dissector for datagrams is started for streams");
	return NULL;
}

static const struct dissector never = { .name = "never", .recognise = never_recognise };
static const struct dissector stray = { .name = "stray",
					.transport = DISSECT_DATAGRAM,
					.recognise = stray_recognise,
					.shared_new = stray_shared };
static const struct dissector toy = {
	.name = "toy",
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
static const struct dissector *const table[] = { &never, &stray, &toy, NULL };

struct fixture {
	struct dissection *dissection;
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
	struct dissection_config config = { table, most, 1 << 16, 1 << 14 };
	struct dissection_sink sink = { f, on_emit, on_violation, NULL };
	struct error err;

	*f = (struct fixture){ 0 };
	log_text[0] = '\0';
	living = finished = 0;
	f->dissection = dissection_new(&config, &sink, &err);
	assert_non_null(f->dissection);
}

static void
end(struct fixture *f)
{
	dissection_free(f->dissection);
	assert_int_equal(living, 0);
}

static void
put(struct fixture *f, struct flow *flow, int side, uint32_t sequence, const char *data)
{
	struct headers headers = {
		.protocol = PROTOCOL_TCP,
		.tcp_sequence = sequence,
		.payload_size = (uint32_t)strlen(data),
		.payload = bytes_over(data, strlen(data)),
	};

	dissection_packet(f->dissection, flow, side, &headers, (struct instant){ 1 });
}

static void
first_bytes_in_pieces_are_recognised_and_handed_over(void **state)
{
	struct fixture f;
	struct flow flow = { 0 };
	(void)state;

	start(&f, 4);
	put(&f, &flow, 0, 1, "MAG");
	assert_int_equal(living, 0);
	put(&f, &flow, 1, 1, "MA"); /* the other side may still be ours, too */
	put(&f, &flow, 0, 4, "ICx");
	put(&f, &flow, 1, 3, "GIC");
	assert_string_equal(log_text, "0:MAG 1:MA 0:ICx 1:GIC ");
	assert_string_equal(flow.app_proto, "toy");
	dissection_finish(f.dissection, &flow, (struct instant){ 2 });
	assert_int_equal(finished, 1);
	end(&f);
}

static void
a_flow_nobody_knows_is_let_go(void **state)
{
	struct fixture f;
	struct flow flow = { 0 };
	(void)state;

	start(&f, 4);
	put(&f, &flow, 0, 1, "HELLO");
	assert_true(flow.was_dissected);
	assert_int_equal(flow.dialogue, 0);
	assert_null(flow.app_proto);
	put(&f, &flow, 0, 6, "MAGIC");
	assert_string_equal(log_text, "");
	end(&f);
}

static void
done_and_broken_end_it_at_once(void **state)
{
	struct fixture f;
	struct flow flow[2] = { 0 };
	(void)state;

	start(&f, 4);
	put(&f, &flow[0], 0, 1, "MAGIC.");
	put(&f, &flow[0], 0, 7, "more");
	put(&f, &flow[1], 0, 1, "MAGIC!R");
	put(&f, &flow[1], 1, 1, "more");
	assert_string_equal(log_text, "0:MAGIC. 0:MAGIC!R ");
	assert_int_equal(finished, 2);
	assert_int_equal(f.violations, 1);
	assert_int_equal(f.records, 1);
	assert_ptr_equal(f.last, &flow[1]);
	assert_true(flow[1].marks & FLOW_MARK_VIOLATION);
	assert_int_equal(dissection_counters(f.dissection).violations, 1);
	dissection_finish(f.dissection, &flow[1], (struct instant){ 2 });
	assert_int_equal(finished, 2);
	end(&f);
}

static void
gaps_are_told_and_marked(void **state)
{
	struct fixture f;
	struct flow flow = { 0 };
	(void)state;

	start(&f, 4);
	put(&f, &flow, 0, 1, "MAGIC");
	put(&f, &flow, 0, 10, "late");
	dissection_finish(f.dissection, &flow, (struct instant){ 2 });
	assert_string_equal(log_text, "0:MAGIC gap0:4 0:late ");
	assert_int_equal(flow.marks, FLOW_MARK_GAP_0);
	assert_int_equal(dissection_counters(f.dissection).gaps, 1);
	assert_int_equal(dissection_counters(f.dissection).held, 0);
	end(&f);
}

static void
a_beginning_that_was_lost_leaves_the_other_side(void **state)
{
	struct fixture f;
	struct flow flow = { .tcp_flags = { TCP_SYN, TCP_SYN }, .sequence = { 1, 1 } };
	struct headers acknowledgement = { .tcp_sequence = 1,
					   .tcp_acknowledged = 20,
					   .tcp_flags = TCP_ACK };
	(void)state;

	start(&f, 4);
	put(&f, &flow, 0, 11,
	    "MAGIC"); /* ten bytes before it are missing: no beginning */
	dissection_packet(f.dissection, &flow, 1, &acknowledgement,
			  (struct instant){ 1 });
	assert_int_equal(living, 0);
	put(&f, &flow, 1, 1, "MAGIC");
	assert_string_equal(log_text, "gap0:15 1:MAGIC ");
	put(&f, &flow, 1, 6, "C");
	assert_int_equal(flow.client, 1);
	assert_int_equal(flow.confidence, FLOW_CONFIDENCE_CONTENT);
	dissection_finish(f.dissection, &flow, (struct instant){ 2 });
	end(&f);
}

static void
too_many_at_once_finish_the_oldest(void **state)
{
	struct fixture f;
	struct flow flow[4] = { 0 };
	(void)state;

	start(&f, 2);
	for (int i = 0; i < 4; i++)
		put(&f, &flow[i], 0, 1, "MAGIC");
	assert_int_equal(finished, 2);
	assert_int_equal(living, 2);
	assert_int_equal(dissection_counters(f.dissection).gave_up, 2);
	assert_true(flow[0].was_dissected && flow[1].was_dissected);
	assert_false(flow[2].was_dissected || flow[3].was_dissected);
	for (int i = 0; i < 4; i++)
		dissection_finish(f.dissection, &flow[i], (struct instant){ 2 });
	assert_int_equal(finished, 4);
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_bytes_in_pieces_are_recognised_and_handed_over),
		cmocka_unit_test(a_flow_nobody_knows_is_let_go),
		cmocka_unit_test(done_and_broken_end_it_at_once),
		cmocka_unit_test(gaps_are_told_and_marked),
		cmocka_unit_test(a_beginning_that_was_lost_leaves_the_other_side),
		cmocka_unit_test(too_many_at_once_finish_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
