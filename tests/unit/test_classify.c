/* SPDX-License-Identifier: Apache-2.0 */
/* test_classify: nDPI is asked from the first payload until it knows or has seen
 * enough, and never more. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "sensor/classify.h"

/* An IPv4 packet of 'protocol' from 10.0.0.1:41000 to 10.0.0.2:'port' with 'data'. */
struct frame {
	uint8_t bytes[256];
	struct packet packet;
	struct headers headers;
};

static void
make(struct frame *frame, uint8_t protocol, uint16_t port, const char *data)
{
	size_t header = protocol == PROTOCOL_TCP ? 20 : 8;
	size_t size = strlen(data), total = 20 + header + size;
	const uint8_t ip[20] = { 0x45,
				 0,
				 (uint8_t)(total >> 8),
				 (uint8_t)total,
				 0,
				 1,
				 0,
				 0,
				 64,
				 protocol,
				 0,
				 0,
				 10,
				 0,
				 0,
				 1,
				 10,
				 0,
				 0,
				 2 };
	const uint8_t ports[8] = { 0xa0,
				   0x28,
				   (uint8_t)(port >> 8),
				   (uint8_t)port,
				   0,
				   (uint8_t)(protocol == PROTOCOL_UDP ? 8 + size : 0),
				   0,
				   1 };

	memset(frame, 0, sizeof(*frame));
	memcpy(frame->bytes, ip, 20);
	memcpy(frame->bytes + 20, ports, 8);
	if (protocol == PROTOCOL_TCP) {
		frame->bytes[32] = 0x50;
		frame->bytes[33] = TCP_ACK | TCP_PSH;
	}
	memcpy(frame->bytes + 20 + header, data, size);
	frame->packet = (struct packet){ .frame = bytes_over(frame->bytes, total),
					 .wire_size = (uint32_t)total,
					 .link_type = LINK_RAW };
	assert_int_equal(decode_packet(&frame->packet, &frame->headers), DECODE_OK);
}

static struct classifier *
start(uint32_t most)
{
	struct error err;
	struct classifier *classifier = classifier_new(most, &err);

	assert_non_null(classifier);
	assert_int_equal(classifier_undecided(classifier), 0);
	return classifier;
}

static void
no_payload_costs_nothing(void **state)
{
	struct classifier *classifier = start(4);
	struct frame frame;
	struct flow flow = { 0 };
	(void)state;

	make(&frame, PROTOCOL_TCP, 443, "");
	for (int i = 0; i < 100; i++)
		classify_packet(classifier, &flow, &frame.headers,
				(struct instant){ 0 });
	assert_int_equal(classifier_undecided(classifier), 0);
	assert_int_equal(flow.undecided, 0);
	classify_finish(classifier, &flow);
	assert_false(flow.class.is_closed);
	classifier_free(classifier);
}

static void
what_is_known_is_named_and_freed(void **state)
{
	struct classifier *classifier = start(4);
	char room[CLASSIFY_NAME_SIZE];
	struct frame frame;
	struct flow flow = { 0 };
	(void)state;

	make(&frame, PROTOCOL_TCP, 8000,
	     "GET /x HTTP/1.1\r\nHost: example.org\r\n\r\n");
	classify_packet(classifier, &flow, &frame.headers, (struct instant){ 0 });
	assert_true(flow.class.is_closed && flow.class.is_known);
	assert_int_equal(classifier_undecided(classifier), 0);
	struct classification_names names =
		classify_names(classifier, &flow.class, room);
	assert_true(text_is(names.app_proto, "http"));
	assert_true(text_is(names.proto, "HTTP"));
	assert_true(text_is(names.category, "Web"));
	assert_true(text_is(names.confidence, "dpi"));
	classifier_free(classifier);
}

static void
what_stays_unknown_is_given_up_after_so_many_packets(void **state)
{
	static const struct {
		uint8_t protocol;
		int packets;
	} rows[] = { { PROTOCOL_TCP, CLASSIFY_TCP_PACKETS },
		     { PROTOCOL_UDP, CLASSIFY_UDP_PACKETS } };
	struct classifier *classifier = start(4);
	char room[CLASSIFY_NAME_SIZE];
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct flow flow = { 0 };
		for (int n = 1; n <= rows[i].packets; n++) {
			struct frame frame;
			char data[32];
			snprintf(data, sizeof(data), "\x01\xf7 nothing known %d \xff",
				 n);
			assert_false(flow.class.is_closed);
			make(&frame, rows[i].protocol, 40001, data);
			classify_packet(classifier, &flow, &frame.headers,
					(struct instant){ 0 });
		}
		assert_true(flow.class.is_closed);
		assert_false(flow.class.is_known);
		struct classification_names names =
			classify_names(classifier, &flow.class, room);
		assert_true(text_is(names.app_proto, "unknown"));
		assert_true(text_is(names.confidence, "unknown"));
		assert_int_equal(classifier_undecided(classifier), 0);
		assert_int_equal(classifier_gave_up(classifier), 0);
	}
	classifier_free(classifier);
}

static void
the_oldest_undecided_goes_first(void **state)
{
	struct classifier *classifier = start(3);
	struct frame frame;
	struct flow flow[5] = { 0 };
	(void)state;

	make(&frame, PROTOCOL_UDP, 40001, "\x01\xf7 nothing that is known");
	for (int i = 0; i < 5; i++)
		classify_packet(classifier, &flow[i], &frame.headers,
				(struct instant){ 0 });
	assert_int_equal(classifier_undecided(classifier), 3);
	assert_int_equal(classifier_gave_up(classifier), 2);
	for (int i = 0; i < 5; i++)
		assert_int_equal(flow[i].class.is_closed, i < 2);
	classify_finish(classifier, &flow[3]); /* out of the middle */
	assert_int_equal(classifier_undecided(classifier), 2);
	classifier_free(classifier); /* with two left */
}

static void
other_transports_are_not_asked_about(void **state)
{
	struct classifier *classifier = start(3);
	struct frame frame;
	struct flow flow = { 0 };
	(void)state;

	make(&frame, PROTOCOL_UDP, 53, "payload");
	frame.headers.protocol = 50;
	classify_packet(classifier, &flow, &frame.headers, (struct instant){ 0 });
	assert_int_equal(flow.undecided, 0);
	assert_false(flow.class.is_closed);
	classifier_free(classifier);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_payload_costs_nothing),
		cmocka_unit_test(what_is_known_is_named_and_freed),
		cmocka_unit_test(what_stays_unknown_is_given_up_after_so_many_packets),
		cmocka_unit_test(the_oldest_undecided_goes_first),
		cmocka_unit_test(other_transports_are_not_asked_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
