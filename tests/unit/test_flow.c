/* SPDX-License-Identifier: Apache-2.0 */
/* test_flow: one key for both directions, TCP's states, and who is the client. */
#include "tests/unit/test.h"

#include "sensor/community_id.h"
#include "sensor/flow.h"

static struct headers
packet(const char *from, uint16_t from_port, const char *to, uint16_t to_port,
       uint8_t protocol)
{
	struct headers h = { .from_port = from_port,
			     .to_port = to_port,
			     .protocol = protocol,
			     .ip_version = strchr(from, ':') ? 6 : 4 };

	assert_true(address_from_text(text_of(from), &h.from));
	assert_true(address_from_text(text_of(to), &h.to));
	return h;
}

static struct headers
answer_to(struct headers h)
{
	struct headers back = h;

	back.from = h.to;
	back.to = h.from;
	back.from_port = h.to_port;
	back.to_port = h.from_port;
	return back;
}

static struct headers
icmp(const char *from, const char *to, uint8_t type, uint8_t code)
{
	struct headers h = packet(from, 0, to, 0,
				  strchr(from, ':') ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP);

	h.icmp_type = type;
	h.icmp_code = code;
	return h;
}

static bool
same_key(struct headers a, struct headers b)
{
	struct flow_key one, other;

	flow_key_from(&one, &a);
	flow_key_from(&other, &b);
	return memcmp(&one, &other, sizeof(one)) == 0;
}

static void
both_directions_have_one_key(void **state)
{
	struct headers h = packet("10.0.0.2", 40000, "10.0.0.1", 443, PROTOCOL_TCP);
	struct flow_key key;
	(void)state;

	assert_true(same_key(h, answer_to(h)));
	assert_int_equal(flow_key_from(&key, &h), 1);
	struct headers back = answer_to(h);
	assert_int_equal(flow_key_from(&key, &back), 0);
	struct headers self = packet("10.0.0.1", 9, "10.0.0.1", 8, PROTOCOL_UDP);
	assert_true(same_key(self, answer_to(self)));
}

static void
what_lies_apart_has_its_own_key(void **state)
{
	struct headers h = packet("10.0.0.2", 40000, "10.0.0.1", 443, PROTOCOL_TCP);
	struct headers other = h;
	(void)state;

	other.protocol = PROTOCOL_UDP;
	assert_false(same_key(h, other));
	other = h;
	other.vlan_count = 1; /* VLAN 0 is a tag, too */
	assert_false(same_key(h, other));
	struct headers in_vlan = other;
	in_vlan.vlan[0] = 5;
	assert_false(same_key(other, in_vlan));
	other = h;
	other.from_port++;
	assert_false(same_key(h, other));
}

static void
an_icmp_answer_belongs_to_its_request(void **state)
{
	(void)state;

	assert_true(same_key(icmp("10.0.0.1", "10.0.0.2", 8, 0),
			     icmp("10.0.0.2", "10.0.0.1", 0, 0)));
	assert_true(same_key(icmp("fe80::1", "fe80::2", 135, 0),
			     icmp("fe80::2", "fe80::1", 136, 0)));
	/* the other's request is another conversation */
	assert_false(same_key(icmp("10.0.0.1", "10.0.0.2", 8, 0),
			      icmp("10.0.0.2", "10.0.0.1", 8, 0)));
	/* an error has no answer: each direction by itself */
	assert_false(same_key(icmp("10.0.0.1", "10.0.0.2", 3, 3),
			      icmp("10.0.0.2", "10.0.0.1", 3, 3)));
}

static struct flow
begin(struct headers *h)
{
	struct flow flow;

	flow.first = (uint8_t)flow_key_from(&flow.key, h);
	flow_begin(&flow, h, (struct instant){ 100 }, (struct instant){ 100 });
	return flow;
}

static void
tcp(struct flow *flow, int side, uint8_t flags)
{
	struct headers h = { .protocol = PROTOCOL_TCP, .tcp_flags = flags };

	flow_count(flow, side, &h, 60, (struct instant){ 200 },
		   (struct instant){ 200 });
}

static void
tcp_goes_through_its_states(void **state)
{
	static const struct {
		int side;
		uint8_t flags;
		enum tcp_state tcp;
		enum flow_state state;
	} steps[] = {
		{ 0, TCP_SYN, TCP_STATE_SYN_SENT, FLOW_NEW },
		{ 0, TCP_SYN, TCP_STATE_SYN_SENT, FLOW_NEW },
		{ 1, TCP_SYN | TCP_ACK, TCP_STATE_SYN_RECV, FLOW_NEW },
		{ 0, TCP_ACK, TCP_STATE_ESTABLISHED, FLOW_ESTABLISHED },
		{ 1, TCP_SYN | TCP_ACK, TCP_STATE_ESTABLISHED, FLOW_ESTABLISHED },
		{ 1, TCP_ACK | TCP_PSH, TCP_STATE_ESTABLISHED, FLOW_ESTABLISHED },
		{ 0, TCP_FIN | TCP_ACK, TCP_STATE_FIN_WAIT1, FLOW_ESTABLISHED },
		{ 1, TCP_ACK, TCP_STATE_FIN_WAIT1, FLOW_ESTABLISHED },
		{ 1, TCP_FIN | TCP_ACK, TCP_STATE_CLOSED, FLOW_CLOSED },
		{ 0, TCP_ACK, TCP_STATE_CLOSED, FLOW_CLOSED },
	};
	struct headers h = packet("10.0.0.2", 40000, "10.0.0.1", 443, PROTOCOL_TCP);
	(void)state;

	h.tcp_flags = TCP_SYN;
	struct flow flow = begin(&h);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(flow_is_reused(&flow, &h), flow.state == FLOW_CLOSED);
		tcp(&flow, steps[i].side, steps[i].flags);
		assert_int_equal(flow.tcp_state, steps[i].tcp);
		assert_int_equal(flow.state, steps[i].state);
	}
	assert_int_equal(flow.packets[0] + flow.packets[1], 10);
	assert_int_equal(flow.bytes[1], 5 * 60);
}

static void
a_reset_closes(void **state)
{
	struct headers h = packet("10.0.0.2", 40000, "10.0.0.1", 443, PROTOCOL_TCP);
	struct flow flow = begin(&h);
	(void)state;

	tcp(&flow, 0, TCP_SYN);
	tcp(&flow, 1, TCP_RST | TCP_ACK);
	assert_int_equal(flow.state, FLOW_CLOSED);
	tcp(&flow, 0, TCP_ACK);
	assert_int_equal(flow.state, FLOW_CLOSED);
}

static void
client_and_server_are_told_apart(void **state)
{
	static const struct {
		uint16_t from, to;
		uint8_t flags;
		int client;
		enum flow_confidence confidence;
	} rows[] = {
		{ 443, 40000, TCP_SYN, 0, FLOW_CONFIDENCE_SYN },
		{ 443, 40000, TCP_SYN | TCP_ACK, 1, FLOW_CONFIDENCE_SYN },
		{ 40000, 443, TCP_ACK, 0, FLOW_CONFIDENCE_PORT },
		{ 443, 40000, TCP_ACK, 1, FLOW_CONFIDENCE_PORT },
		{ 11112, 40000, TCP_ACK, 1, FLOW_CONFIDENCE_PORT },
		{ 40000, 2575, TCP_ACK, 0, FLOW_CONFIDENCE_PORT },
		{ 25, 443, TCP_ACK, 1, FLOW_CONFIDENCE_PORT },
		{ 40000, 50000, TCP_ACK, 0, FLOW_CONFIDENCE_NONE },
		{ 500, 500, TCP_ACK, 0, FLOW_CONFIDENCE_NONE },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct headers h = packet("10.0.0.2", rows[i].from, "10.0.0.1",
					  rows[i].to, PROTOCOL_TCP);
		h.tcp_flags = rows[i].flags;
		struct flow flow = begin(&h);
		assert_int_equal(flow.client, rows[i].client);
		assert_int_equal(flow.confidence, rows[i].confidence);
	}
	struct headers h = packet("10.0.0.2", 443, "10.0.0.1", 40000, PROTOCOL_TCP);
	struct flow flow = begin(&h);
	flow_client_is(&flow, 0,
		       FLOW_CONFIDENCE_CONTENT); /* content is surer than the port */
	assert_int_equal(flow.client, 0);
	tcp(&flow, 1, TCP_SYN); /* a SYN is surer than content */
	assert_int_equal(flow.client, 1);
	flow_client_is(&flow, 0, FLOW_CONFIDENCE_CONTENT);
	assert_int_equal(flow.client, 1);
}

static void
one_sided_answers_show_the_other_way(void **state)
{
	struct headers h = packet("10.0.0.2", 40000, "10.0.0.1", 443, PROTOCOL_TCP);
	(void)state;

	struct flow flow = begin(&h);
	tcp(&flow, 0, TCP_SYN); /* nobody may have answered */
	assert_int_equal(flow_unseen_side(&flow), -1);
	tcp(&flow, 0, TCP_ACK); /* somebody has */
	assert_int_equal(flow_unseen_side(&flow), 1);
	tcp(&flow, 1, TCP_ACK);
	assert_int_equal(flow_unseen_side(&flow), -1);
}

static void
time_never_goes_backwards_in_a_flow(void **state)
{
	struct headers h = packet("10.0.0.2", 40000, "10.0.0.1", 53, PROTOCOL_UDP);
	struct flow flow = begin(&h);
	(void)state;

	flow_count(&flow, 0, &h, 60, (struct instant){ 500 }, (struct instant){ 500 });
	flow_count(&flow, 1, &h, 60, (struct instant){ 50 }, (struct instant){ 500 });
	assert_int_equal(flow.start.usec, 100);
	assert_int_equal(flow.last.usec, 500);
	assert_int_equal(flow.state, FLOW_ESTABLISHED);
}

/* Vectors of the specification's own baseline (corelight/community-id-spec). */
static void
community_ids_are_those_of_the_specification(void **state)
{
	struct {
		struct headers headers;
		const char *id;
	} rows[] = {
		{ packet("128.232.110.120", 34855, "66.35.250.204", 80, PROTOCOL_TCP),
		  "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ packet("192.168.1.52", 54585, "8.8.8.8", 53, PROTOCOL_UDP),
		  "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
		{ icmp("192.168.0.89", "192.168.0.1", 8, 0),
		  "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
		{ icmp("fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 0),
		  "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flow_key key;
		char room[COMMUNITY_ID_SIZE + 1] = "";
		flow_key_from(&key, &rows[i].headers);
		community_id(&key, room);
		assert_string_equal(room, rows[i].id);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_have_one_key),
		cmocka_unit_test(what_lies_apart_has_its_own_key),
		cmocka_unit_test(an_icmp_answer_belongs_to_its_request),
		cmocka_unit_test(tcp_goes_through_its_states),
		cmocka_unit_test(a_reset_closes),
		cmocka_unit_test(client_and_server_are_told_apart),
		cmocka_unit_test(one_sided_answers_show_the_other_way),
		cmocka_unit_test(time_never_goes_backwards_in_a_flow),
		cmocka_unit_test(community_ids_are_those_of_the_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
