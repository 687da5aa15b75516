/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_infra: the protocols of infrastructure over datagrams: each message of the
 * corpus, what is told of it, and what must never be.
 */
#include "tests/unit/dissect_trial.h"

extern const struct dissector dissector_ntp, dissector_snmp, dissector_radius,
	dissector_dhcp, dissector_dhcp6, dissector_stun, dissector_wireguard,
	dissector_l2tp, dissector_openvpn_udp, dissector_openvpn_tcp;

enum { MESSAGES = 5, SAYS = 12 };

/* Messages of one flow, by their files, and what the records say: each string is in the
 * one that 'record' counts. */
/* clang-format off */
static const struct exchange {
	const struct dissector *dissector;
	const char *folder;
	const char *file[MESSAGES];
	unsigned records;
	struct { unsigned record; const char *says; } wanted[SAYS];
} exchanges[] = {
	{ &dissector_ntp, "ntp", { "client", "server" }, 2, {
		{ 0, "\"ntp\":{\"version\":4,\"mode\":3,\"stratum\":0," }, { 0, "\"leap\":3" },
		{ 1, "\"mode\":4,\"stratum\":2,\"reference_id\":\"c0:00:02:01\"" }, { 1, "\"skew_usec\":1000" }, { 1, "\"latency_usec\":7" } } },
	{ &dissector_ntp, "ntp", { "kiss" }, 1, { { 0, "\"kiss_code\":\"RATE\"" } } },
	{ &dissector_ntp, "ntp", { "monlist", "control" }, 2, {
		{ 0, "\"mode\":7" }, { 0, "\"kind\":\"private\",\"code\":42,\"is_monlist\":true,\"is_response\":false" },
		{ 1, "\"kind\":\"control\",\"code\":2,\"is_monlist\":false,\"is_response\":true" } } },
	{ &dissector_snmp, "snmp", { "get", "response" }, 2, {
		{ 0, "\"version\":2,\"pdu_type\":\"get_request\"" }, { 0, "\"community_kind\":\"public\",\"variables\":2" },
		{ 1, "\"pdu_type\":\"response\"" }, { 1, "\"error_status\":2,\"latency_usec\":7" } } },
	{ &dissector_snmp, "snmp", { "set", "trap1" }, 2, {
		{ 0, "\"version\":1,\"pdu_type\":\"set_request\"" }, { 0, "\"community_kind\":\"other\"" },
		{ 1, "\"pdu_type\":\"trap_v1\"" }, { 1, "\"community_kind\":\"private\"" } } },
	{ &dissector_snmp, "snmp", { "v3", "v3-private" }, 2, {
		{ 0, "\"version\":3,\"pdu_type\":\"get_next_request\"" }, { 0, "\"security_level\":\"noAuthNoPriv\",\"security_model\":3,\"engine_id\":\"80001f8880a9\"" },
		{ 1, "\"security_level\":\"authPriv\"" }, { 1, "\"unobservable\":{\"snmp.pdu\":\"encrypted\"}" } } },
	{ &dissector_dhcp, "dhcp", { "request", "ack" }, 2, {
		{ 0, "\"type\":\"request\",\"id\":305419896,\"client_mac\":\"02:00:00:00:00:01\",\"dhcp_type\":\"request\",\"requested_ip\":\"10.0.0.50\",\"vendor_class_identifier\":\"MSFT 5.0\"" },
		{ 0, "\"version\":4,\"is_relayed\":false" },
		{ 1, "\"assigned_ip\":\"10.0.0.50\",\"relay_ip\":\"10.0.0.254\"" }, { 1, "\"dhcp_type\":\"ack\",\"lease_time\":3600,\"subnet_mask\":\"255.255.255.0\"" },
		{ 1, "\"routers\":[\"10.0.0.1\"],\"dns_servers\":[\"10.0.0.1\",\"10.0.0.2\"]" }, { 1, "\"server_id\":\"10.0.0.1\",\"is_relayed\":true" } } },
	{ &dissector_dhcp6, "dhcp", { "solicit6", "reply6", "relayed6" }, 3, {
		{ 0, "\"id\":11259375,\"client_mac\":\"02:00:00:00:00:01\",\"dhcp_type\":\"solicit\"" }, { 0, "\"version\":6,\"client_duid\":\"00030001020000000001\",\"is_relayed\":false" },
		{ 1, "\"type\":\"reply\"" }, { 1, "\"assigned_ip\":\"2001:0db8:0000:0000:0000:0000:0000:0050\"" }, { 1, "\"lease_time\":200" }, { 1, "\"dns_servers\":[\"2001:0db8" }, { 1, "\"status\":0" },
		{ 2, "\"dhcp_type\":\"solicit\"" }, { 2, "\"is_relayed\":true" } } },
	{ &dissector_radius, "radius", { "request", "accept" }, 2, {
		{ 0, "\"code\":\"access_request\",\"id\":5,\"nas_ip\":\"10.0.0.7\",\"nas_identifier\":\"nas-1\",\"nas_port_type\":19,\"service_type\":2,\"method\":\"pap\",\"is_signed\":true" },
		{ 1, "\"code\":\"access_accept\",\"id\":5,\"service_type\":2,\"framed_ip\":\"10.1.0.9\",\"is_signed\":false,\"latency_usec\":7" } } },
	{ &dissector_radius, "radius", { "eap", "mschap", "accounting" }, 3, {
		{ 0, "\"method\":\"eap\"" }, { 1, "\"method\":\"mschap\"" }, { 2, "\"code\":\"accounting_request\"" }, { 2, "\"status_type\":1" } } },
	{ &dissector_stun, "stun", { "request", "success", "error", "allocate" }, 4, {
		{ 0, "\"class\":\"request\",\"method\":\"binding\",\"software\":\"client 1\"" },
		{ 1, "\"class\":\"success\",\"method\":\"binding\",\"mapped_ip\":\"192.0.2.5\",\"latency_usec\":7" },
		{ 2, "\"class\":\"error\",\"method\":\"allocate\",\"realm\":\"example.org\",\"error_code\":401" },
		{ 3, "\"class\":\"success\",\"method\":\"allocate\",\"relayed_ip\":\"2001:0db8:0000:0000:0000:0000:0000:0050\",\"peer_ip\":\"192.0.2.5\"" } } },
	{ &dissector_wireguard, "wireguard", { "initiation", "response", "cookie", "data", "keepalive" }, 2, {
		{ 0, "\"kind\":\"handshake\",\"initiations\":1,\"responses\":1,\"cookie_replies\":0,\"data\":0" }, { 0, "\"is_final\":false" },
		{ 1, "\"kind\":\"end\",\"initiations\":1,\"responses\":1,\"cookie_replies\":1,\"data\":2,\"keepalives\":1" }, { 1, "\"is_final\":true" } } },
	{ &dissector_l2tp, "l2tp", { "sccrq", "sccrp", "icrq", "hello", "stop" }, 4, {
		{ 0, "\"version\":2,\"message\":\"SCCRQ\",\"tunnel_id\":0,\"session_id\":0,\"assigned_tunnel\":4660,\"hostname\":\"gw-a\",\"vendor\":\"xelerance.com\",\"has_challenge\":true" },
		{ 1, "\"message\":\"SCCRP\",\"tunnel_id\":4660" }, { 1, "\"has_challenge\":false" },
		{ 2, "\"message\":\"ICRQ\"" }, { 2, "\"assigned_session\":7" },
		{ 3, "\"message\":\"StopCCN\"" }, { 3, "\"result_code\":1" }, { 3, "\"unobservable\":{\"l2tp\":\"encrypted\"}" } } },
	{ &dissector_openvpn_udp, "openvpn", { "plain", "plain-server", "data" }, 2, {
		{ 0, "\"kind\":\"start\",\"protection\":\"none\",\"key_method\":2,\"is_answered\":true,\"resets\":1,\"control\":2,\"data\":0" },
		{ 1, "\"kind\":\"end\"" }, { 1, "\"data\":1" } } },
	{ &dissector_openvpn_udp, "openvpn", { "tls-auth" }, 1, { { 0, "\"protection\":\"tls-auth\",\"digest_size\":20,\"key_method\":2,\"is_answered\":false" } } },
	{ &dissector_openvpn_udp, "openvpn", { "tls-auth-256" }, 1, { { 0, "\"protection\":\"tls-auth\",\"digest_size\":32" } } },
	{ &dissector_openvpn_udp, "openvpn", { "tls-crypt" }, 1, { { 0, "\"protection\":\"tls-crypt\",\"key_method\":2" } } },
	{ &dissector_openvpn_udp, "openvpn", { "tls-crypt-v2" }, 1, { { 0, "\"protection\":\"tls-crypt-v2\",\"key_method\":3" } } },
};
/* clang-format on */

enum { EXCHANGES = sizeof(exchanges) / sizeof(exchanges[0]) };

static struct play play;

/* The one datagram of a file, behind the byte that says its side and size. */
static void
say_file(const struct exchange *exchange, const char *name)
{
	char path[128];
	char *data = NULL;
	size_t size = 0;
	struct error err;

	snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s", exchange->folder, name);
	assert_int_equal(file_read(path, TRIAL_BYTES, &data, &size, &err), 0);
	play.at.usec += 7;
	play_bytes(&play, (uint8_t)data[0] >> 7, data + 1, size - 1);
	free(data);
}

static void
each_message_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXCHANGES; i++) {
		const struct exchange *exchange = &exchanges[i];
		void *lane = exchange->dissector->shared_new();
		play_begin(&play, exchange->dissector, lane);
		play.at = (struct instant){ INT64_C(1000) * 1000000 - 14 + 1000 };
		for (int j = 0; j < MESSAGES && exchange->file[j]; j++)
			say_file(exchange, exchange->file[j]);
		play_end(&play);
		if (play.count != exchange->records)
			fail_msg("%s/%s: %u records", exchange->folder,
				 exchange->file[0], play.count);
		for (int j = 0; j < SAYS && exchange->wanted[j].says; j++)
			assert_says(play.line[exchange->wanted[j].record],
				    exchange->wanted[j].says);
		for (unsigned j = 0; j < play.count; j++)
			assert_does_not_say(play.line[j], "MARKER");
		exchange->dissector->shared_free(lane);
	}
}

static void
each_survives_whatever_comes(void **state)
{
	char path[128];

	(void)state;
	for (size_t i = 0; i < EXCHANGES; i++)
		for (int j = 0; j < MESSAGES && exchanges[i].file[j]; j++) {
			if (strcmp(exchanges[i].file[j], "data") == 0)
				continue; /* OpenVPN's is known behind its beginning
					     only */
			snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s",
				 exchanges[i].folder, exchanges[i].file[j]);
			trial_all(exchanges[i].dissector, path, exchanges[i].folder);
		}
}

static void
openvpn_is_told_over_a_stream(void **state)
{
	(void)state;
	trial_all(&dissector_openvpn_tcp, "tests/fuzz/corpus/openvpn/stream",
		  "openvpn");
	void *lane = dissector_openvpn_tcp.shared_new();
	play_begin(&play, &dissector_openvpn_tcp, lane);
	play_bytes(&play, 0, "\0\x0e\x38SESSION1\0\0\0\0\0", 16);
	play_bytes(&play, 1, "\0\x1a\x40SESSION2\1\0\0\0\0SESSION1\0\0\0\0", 28);
	play_bytes(&play, 0, "\0\5\x48\0\0\1x", 7);
	play_gap(&play, 0, 100);
	play_bytes(&play, 0, "anything", 8);
	play_end(&play);
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"protection\":\"none\"");
	assert_says(play.line[1], "\"data\":1");
	assert_int_equal(play.client, 0);
	play_begin(&play, &dissector_openvpn_tcp, lane);
	play_bytes(&play, 0, "\0\0", 2);
	play_end(&play);
	assert_string_equal(play.violation, "openvpn.bad_length");
	dissector_openvpn_tcp.shared_free(lane);
}

/* Requests that are never answered leave room for others, and are counted. */
static void
waiting_requests_have_a_limit(void **state)
{
	uint8_t request[48] = { 0xe3 };
	void *lane = dissector_ntp.shared_new();

	(void)state;
	play_begin(&play, &dissector_ntp, lane);
	for (uint8_t i = 0; i < 20; i++) {
		request[47] = i;
		play_bytes(&play, 0, request, sizeof(request));
	}
	play_end(&play);
	assert_int_equal(play.count, 20);
	assert_int_equal(dissector_ntp.counters(lane).dropped, 4);
	dissector_ntp.shared_free(lane);
}

static void
stun_is_told_so_far_and_no_further(void **state)
{
	void *lane = dissector_stun.shared_new();

	(void)state;
	play_begin(&play, &dissector_stun, lane);
	for (int i = 0; i < 100; i++)
		say_file(&(struct exchange){ .folder = "stun" }, "request");
	play_end(&play);
	assert_int_equal(play.result, DISSECT_DONE);
	assert_int_equal(play.count, 64);
	assert_int_equal(dissector_stun.counters(lane).dropped, 1);
	dissector_stun.shared_free(lane);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_is_told),
		cmocka_unit_test(each_survives_whatever_comes),
		cmocka_unit_test(openvpn_is_told_over_a_stream),
		cmocka_unit_test(waiting_requests_have_a_limit),
		cmocka_unit_test(stun_is_told_so_far_and_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
