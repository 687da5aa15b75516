/* SPDX-License-Identifier: Apache-2.0 */
/* test_ike: IKEv1 and IKEv2: answered, refused, retried, cut, behind a marker, damaged
 * everywhere. */
#include "tests/unit/dissect_play.h"

#include "sensor/dissect/ike_state.h"

extern const struct dissector dissector_ike;

/* A message under construction. */
struct made {
	uint8_t at[8192];
	size_t size, next; /* 'next': where the type of the next payload goes */
};

static struct ike_lane *lane;
static struct play play;

static int
make_lane(void **state)
{
	(void)state;
	lane = dissector_ike.shared_new();
	return lane ? 0 : -1;
}

static int
free_lane(void **state)
{
	(void)state;
	assert_int_equal(lane->budget.held, 0);
	dissector_ike.shared_free(lane);
	return 0;
}

static void
put(struct made *made, const void *data, size_t size)
{
	assert_true(made->size + size <= sizeof(made->at));
	memcpy(made->at + made->size, data, size);
	made->size += size;
}

static void
put16(struct made *made, unsigned value)
{
	put(made, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

static void
set_length(struct made *made)
{
	made->at[26] = (uint8_t)(made->size >> 8);
	made->at[27] = (uint8_t)made->size;
}

/* Payloads follow; 'spi' fills the responder's with 'b', or leaves it zero. */
static void
head(struct made *made, uint8_t version, uint8_t exchange, uint8_t flags, bool spi)
{
	static const uint8_t zero[16];

	made->size = 0;
	put(made, "aaaaaaaa", 8);
	put(made, spi ? (const void *)"bbbbbbbb" : zero, 8);
	put(made, (uint8_t[]){ 0, version, exchange, flags }, 4);
	put(made, zero, 8);
	made->next = 16;
	set_length(made);
}

static void
payload(struct made *made, uint8_t type, const void *body, size_t size)
{
	made->at[made->next] = type;
	made->next = made->size;
	put16(made, 0);
	put16(made, (unsigned)size + 4);
	put(made, body, size);
	set_length(made);
}

/* clang-format off */
/* RFC 7296 section 3.3: two proposals, the second with AES-GCM and ML-KEM. */
static const uint8_t two_proposals[] = {
	2,  0, 0, 52, 1,  1,  0,  5,    /* proposal 1: five transforms */
	3,  0, 0, 12, 1,  0,  0,  12,   0x80, 14, 1, 0, /* AES-CBC, 256 bit */
	3,  0, 0, 8,  1,  0,  0,  3,    /* 3DES */
	3,  0, 0, 8,  2,  0,  0,  5,    /* SHA2-256 */
	3,  0, 0, 8,  3,  0,  0,  12,
	0,  0, 0, 8,  4,  0,  0,  14,
	0,  0, 0, 52, 2,  1,  0,  5,
	3,  0, 0, 12, 1,  0,  0,  20,   0x80, 14, 0, 128,
	3,  0, 0, 8,  2,  0,  0,  7,
	3,  0, 0, 8,  4,  0,  0,  31,
	3,  0, 0, 8,  6,  0,  0,  36,
	0,  0, 0, 8,  4,  0,  0xfd, 0xe9, /* a private group */
};
static const uint8_t chosen_gcm[] = {
	0, 0, 0, 44, 2, 1, 0, 4,
	3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 0, 128,
	3, 0, 0, 8, 2, 0, 0, 7,
	3, 0, 0, 8, 4, 0, 0, 31,
	0, 0, 0, 8, 6, 0, 0, 36,
};
/* RFC 2409 appendix A: AES-CBC 128, SHA-1, pre-shared key, group 2, an hour; DES, MD5. */
static const uint8_t v1_sa[] = {
	0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 76, 1, 1, 0, 2,
	3, 0, 0, 40, 1, 1, 0, 0, 0x80, 1, 0, 7, 0x80, 2, 0, 2, 0x80, 3, 0, 1, 0x80, 4, 0, 2,
	0x80, 14, 0, 128, 0x80, 11, 0, 1, 0, 12, 0, 4, 0, 0, 0x0e, 0x10,
	0, 0, 0, 28, 2, 1, 0, 0, 0x80, 1, 0, 1, 0x80, 2, 0, 1, 0x80, 3, 0xfd, 0xe9, 0x80, 4, 0, 3,
	0x80, 99, 0, 0,
};
static const uint8_t v1_chosen[] = {
	0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 48, 1, 1, 0, 1,
	0, 0, 0, 40, 1, 1, 0, 0, 0x80, 1, 0, 7, 0x80, 2, 0, 2, 0x80, 3, 0, 1, 0x80, 4, 0, 2,
	0x80, 14, 0, 128, 0x80, 11, 0, 1, 0, 12, 0, 4, 0, 0, 0x0e, 0x10,
};
/* clang-format on */
static const uint8_t nat_id[] = { 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45,
				  0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f };

static void
notify(struct made *made, uint16_t type)
{
	uint8_t body[] = { 0, 0, (uint8_t)(type >> 8), (uint8_t)type, 'x' };

	payload(made, 41, body, sizeof(body));
}

static void
v2_request(struct made *made)
{
	head(made, 0x20, IKE_SA_INIT, IKE_FLAG_INITIATOR, false);
	payload(made, 33, two_proposals, sizeof(two_proposals));
	payload(made, 34, "\0\x0e\0\0key", 7);
	payload(made, 40, "nonce", 5);
	notify(made, IKE_NAT_DETECTION_SOURCE);
	payload(made, 43, nat_id, sizeof(nat_id));
}

static void
v2_answer(struct made *made)
{
	head(made, 0x20, IKE_SA_INIT, IKE_FLAG_RESPONSE, true);
	payload(made, 33, chosen_gcm, sizeof(chosen_gcm));
	payload(made, 40, "nonce", 5);
	notify(made, IKE_NAT_DETECTION_SOURCE);
	payload(made, 43, "MARKER-vendor", 13);
}

static void
v1_request(struct made *made, uint8_t exchange)
{
	head(made, 0x10, exchange, 0, false);
	payload(made, 1, v1_sa, sizeof(v1_sa));
	if (exchange == IKE_V1_AGGRESSIVE)
		payload(made, 5, "\x03\0\0\0MARKER@example.jp", 21);
	payload(made, 13, nat_id, sizeof(nat_id));
}

static void
send(int side, const struct made *made)
{
	play_bytes(&play, side, made->at, made->size);
}

static void
start(void)
{
	play_begin(&play, &dissector_ike, lane);
}

/* Whatever was sent, no identity is told of. */
static void
stop(void)
{
	play_end(&play);
	for (unsigned i = 0; i < play.count; i++)
		assert_does_not_say(play.line[i], "MARKER");
}

static void
it_is_known_by_its_header(void **state)
{
	struct made made, marked = { .size = 0 };
	(void)state;

	v2_request(&made);
	assert_int_equal(dissector_ike.recognise(bytes_over(made.at, made.size), 0),
			 RECOGNISED_YES);
	put(&marked, "\0\0\0\0", 4);
	put(&marked, made.at, made.size);
	assert_int_equal(dissector_ike.recognise(bytes_over(marked.at, marked.size), 0),
			 RECOGNISED_YES);
	/* cut by the snap length */
	assert_int_equal(dissector_ike.recognise(bytes_over(made.at, 40), 0),
			 RECOGNISED_YES);
	assert_int_equal(dissector_ike.recognise(bytes_over(made.at, 27), 0),
			 RECOGNISED_NO);
	/* each octet that must be what it is: first SPI, version, exchange, flags,
	 * length
	 */
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = { { 16, 99 },   { 17, 0x30 }, { 17, 0x21 }, { 18, 1 },
		      { 19, 0x01 }, { 24, 1 },    { 27, 0 } };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct made bad = made;
		bad.at[26] = wrong[i].at == 27 ? 0 : bad.at[26];
		bad.at[wrong[i].at] = wrong[i].value;
		assert_int_equal(
			dissector_ike.recognise(bytes_over(bad.at, bad.size), 0),
			RECOGNISED_NO);
	}
	assert_int_equal(dissector_ike.recognise(bytes_over("", 0), 0), RECOGNISED_NO);
}

static void
what_is_offered_and_chosen_is_told(void **state)
{
	struct made made;
	(void)state;

	start();
	v2_request(&made);
	send(1, &made);
	v2_answer(&made);
	send(0, &made);
	assert_int_equal(play.count, 1);
	assert_int_equal(play.client, 1);
	assert_says(
		play.line[0],
		"\"ike\":{\"version_major\":2,\"version_minor\":0,"
		"\"init_spi\":\"6161616161616161\",\"resp_spi\":\"6262626262626262\","
		"\"exchange_type\":34,\"exchange_type_verbose\":\"IKE_SA_INIT\","
		"\"message_id\":0,\"role\":\"responder\",\"payload\":["
		"\"SecurityAssociation\",\"Nonce\",\"Notify\",\"VendorID\"],"
		"\"chosen\":{\"encr\":\"ENCR_AES_GCM_16_128\","
		"\"prf\":\"PRF_HMAC_SHA2_512\",\"integ\":null,"
		"\"group\":\"CURVE25519\",\"additional_groups\":[\"ML_KEM_768\"]}");
	assert_says(play.line[0],
		    "\"offered\":{\"encr\":[\"ENCR_AES_CBC_256\",\"ENCR_3DES\","
		    "\"ENCR_AES_GCM_16_128\"],\"prf\":[\"PRF_HMAC_SHA2_256\","
		    "\"PRF_HMAC_SHA2_512\"],\"integ\":[\"AUTH_HMAC_SHA2_256_128\"],"
		    "\"group\":[\"MODP_2048\",\"CURVE25519\",\"GROUP_65001\"],"
		    "\"additional_groups\":[\"ML_KEM_768\"],\"auth\":null,"
		    "\"proposals\":2},\"key_length\":128,\"nat_t\":true");
	assert_says(play.line[0], "\"kind\":\"init\",\"outcome\":\"answered\"");
	assert_says(play.line[0],
		    "\"unobservable\":{\"ike.chosen.auth\":\"encrypted\"}");
	assert_says(play.line[0], "\"vendors\":[\"RFC 3947 NAT-T\"]");
	assert_says(play.line[0], "\"is_final\":false");
	head(&made, 0x20, IKE_EXCHANGE_AUTH, IKE_FLAG_INITIATOR, true);
	payload(&made, 46, "secret", 6);
	send(1, &made);
	head(&made, 0x20, IKE_INFORMATIONAL, IKE_FLAG_RESPONSE, true);
	payload(&made, 46, "secret", 6);
	send(0, &made);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[1], "\"messages\":{\"init\":2,\"auth\":1,\"child\":0,"
				  "\"informational\":1,\"other\":0}");
	assert_says(play.line[1], "\"ike.child\":\"encrypted\"");
	assert_says(play.line[1], "\"is_final\":true");
}

static void
ikev1_is_told_in_the_same_words(void **state)
{
	static const uint8_t modes[] = { IKE_V1_MAIN, IKE_V1_AGGRESSIVE };
	struct made made;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		start();
		v1_request(&made, modes[i]);
		send(0, &made);
		head(&made, 0x10, modes[i], 0, true);
		payload(&made, 1, v1_chosen, sizeof(v1_chosen));
		payload(&made, 13, nat_id, sizeof(nat_id));
		send(1, &made);
		head(&made, 0x10, IKE_V1_QUICK, IKE_FLAG_V1_ENCRYPTED, true);
		made.at[16] = 8;
		put(&made, "scrambled", 9);
		set_length(&made);
		send(0, &made);
		stop();
		assert_int_equal(play.count, 2);
		assert_says(play.line[0],
			    "\"chosen\":{\"encr\":\"ENCR_AES_CBC_128\","
			    "\"prf\":\"PRF_HMAC_SHA1\",\"integ\":null,"
			    "\"group\":\"MODP_1024\",\"additional_groups\":[],"
			    "\"auth\":\"PRE_SHARED_KEY\"}");
		assert_says(play.line[0],
			    "\"encr\":[\"ENCR_AES_CBC_128\",\"ENCR_DES\"],"
			    "\"prf\":[\"PRF_HMAC_SHA1\",\"PRF_HMAC_MD5\"]");
		assert_says(play.line[0], "\"group\":[\"MODP_1024\",\"GROUP_V1_3\"]");
		assert_says(play.line[0], "\"auth\":[\"PRE_SHARED_KEY\","
					  "\"XAUTH_INIT_PRE_SHARED_KEY\"]");
		assert_says(play.line[0], "\"lifetime\":3600");
		assert_says(play.line[0],
			    i ? "\"aggressive\":true" : "\"aggressive\":false");
		assert_says(play.line[0], "\"nat_t\":true");
		assert_says(play.line[0], "\"ikev1\":{\"doi\":1,");
		assert_says(play.line[1], "\"child\":1");
	}
}

static void
a_cookie_and_another_group_are_no_answer_yet(void **state)
{
	static const uint16_t asks[] = { IKE_COOKIE, IKE_INVALID_KE_PAYLOAD };
	struct made made;
	(void)state;

	start();
	for (int i = 0; i < 2; i++) {
		v2_request(&made);
		send(0, &made);
		head(&made, 0x20, IKE_SA_INIT, IKE_FLAG_RESPONSE, false);
		notify(&made, asks[i]);
		send(1, &made);
	}
	v2_request(&made);
	send(0, &made);
	assert_int_equal(play.count, 0);
	v2_answer(&made);
	send(1, &made);
	send(1, &made); /* sent again: told once */
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"outcome\":\"answered\"");
	assert_says(play.line[0], "\"cookies\":1,\"invalid_ke\":1,\"repeats\":2");
	assert_says(play.line[1], "\"repeats\":3");
	assert_says(play.line[1], "\"errors\":[\"INVALID_KE_PAYLOAD\"]");
}

static void
what_is_refused_has_nothing_chosen(void **state)
{
	struct made made;
	(void)state;

	start();
	v2_request(&made);
	send(0, &made);
	head(&made, 0x20, IKE_SA_INIT, IKE_FLAG_RESPONSE, false);
	notify(&made, 14);
	send(1, &made);
	stop();
	assert_says(play.line[0], "\"outcome\":\"refused\"");
	assert_says(play.line[0], "\"encr\":null,\"prf\":null");
	assert_says(play.line[0], "\"errors\":1,\"notify\":[\"NO_PROPOSAL_CHOSEN\"]");

	start();
	v1_request(&made, IKE_V1_MAIN);
	send(0, &made);
	head(&made, 0x10, IKE_V1_INFORMATIONAL, 0, true);
	payload(&made, 11, "\0\0\0\x01\x01\0\0\x0e", 8);
	send(1, &made);
	stop();
	assert_says(play.line[0], "\"outcome\":\"refused\"");
	assert_says(play.line[1], "\"errors\":[\"NO-PROPOSAL-CHOSEN\"]");
}

static void
silence_is_told_as_it_is(void **state)
{
	struct made made;
	(void)state;

	v2_request(&made);
	for (int i = 0; i < 2; i++) {
		start();
		play.is_unseen[1] = i == 1;
		send(0, &made);
		stop();
		assert_int_equal(play.count, 1);
		assert_says(play.line[0], "\"outcome\":\"unanswered\"");
		assert_says(play.line[0], "\"role\":\"initiator\"");
		assert_says(play.line[0], i ? "\"ike.answer\":\"asymmetric\""
					    : "\"chosen\":{\"encr\":null");
		assert_says(play.line[0], "\"is_final\":true");
	}
	start();
	play.is_unseen[0] = true;
	v2_answer(&made);
	send(1, &made);
	stop();
	assert_says(play.line[0], "\"ike.request\":\"asymmetric\"");
	assert_says(play.line[0], "\"encr\":\"ENCR_AES_GCM_16_128\"");
	assert_does_not_say(play.line[0], "offered");
}

static void
what_began_before_is_told_without_its_beginning(void **state)
{
	struct made made;
	(void)state;

	start();
	head(&made, 0x20, IKE_INFORMATIONAL, IKE_FLAG_INITIATOR, true);
	payload(&made, 46, "secret", 6);
	send(0, &made);
	made.at[0] = 'z'; /* an SA made inside the other: its beginning was encrypted */
	send(0, &made);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"ike.request\":\"truncated\"");
	assert_says(play.line[1], "\"ike.request\":\"encrypted\"");
}

static void
esp_beside_it_is_counted_behind_a_marker(void **state)
{
	struct made made, marked = { .size = 0 };
	(void)state;

	v2_request(&made);
	put(&marked, "\0\0\0\0", 4);
	put(&marked, made.at, made.size);
	start();
	send(0, &marked);
	play_bytes(&play, 0, "\xff", 1);
	play_bytes(&play, 1, "\x01\x02\x03\x04 esp", 8);
	play_bytes(&play, 1, "\x01", 1);
	marked.size = 4;
	v2_answer(&made);
	put(&marked, made.at, made.size);
	send(1, &marked);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_says(play.line[0], "\"encapsulated\":true");
	assert_says(play.line[1], "\"esp_datagrams\":2");
}

static void
a_cut_request_or_answer_is_said(void **state)
{
	struct made made;
	(void)state;

	start();
	v2_request(&made);
	play_gap(&play, 0, made.size - 60);
	play_bytes(&play, 0, made.at, 60);
	v2_answer(&made);
	play_gap(&play, 1, made.size - 40);
	play_bytes(&play, 1, made.at, 40);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_says(play.line[0], "\"ike.request\":\"truncated\",\"ike.answer\":"
				  "\"truncated\"");
	assert_says(play.line[0], "\"truncated\":true");
	assert_does_not_say(play.line[0], "\"chosen\"");
}

static void
each_cap_is_told_and_counted(void **state)
{
	static uint8_t long_id[5000];
	struct made made;
	uint8_t proposal[8 + 8 * (IKE_OFFERS_MAX + 1)] = {
		0, 0, 0, sizeof(proposal) & 0xff, 1, 1, 0, 33
	};
	uint64_t dropped = lane->counters.dropped, cut = lane->counters.cut;
	(void)state;

	proposal[2] = sizeof(proposal) >> 8;
	for (unsigned i = 0; i <= IKE_OFFERS_MAX; i++)
		memcpy(proposal + 8 + i * 8,
		       (uint8_t[]){ 3, 0, 0, 8, 1, 0, 1, (uint8_t)i }, 8);
	start(); /* more transforms, vendors, notifications than are told */
	head(&made, 0x20, IKE_SA_INIT, IKE_FLAG_INITIATOR, false);
	payload(&made, 33, proposal, sizeof(proposal));
	for (int i = 0; i <= IKE_NOTIFIES_MAX; i++)
		notify(&made, 40000);
	for (uint8_t i = 0; i <= IKE_VENDORS_MAX; i++)
		payload(&made, 43, &i, 1);
	send(0, &made);
	stop();
	assert_says(play.line[0], "\"ENCR_287\"],");
	assert_says(play.line[0], "\"truncated\":true");

	start(); /* more payloads than are read */
	head(&made, 0x20, IKE_SA_INIT, IKE_FLAG_INITIATOR, false);
	for (int i = 0; i <= IKE_PAYLOADS_MAX; i++)
		payload(&made, 40, "n", 1);
	send(0, &made);
	stop();
	assert_says(play.line[0], "\"truncated\":true");

	start(); /* longer than what is kept */
	v2_request(&made);
	payload(&made, 43, long_id, sizeof(long_id));
	send(0, &made);
	stop();
	assert_says(play.line[0], "\"ike.request\":\"truncated\"");
	assert_says(play.line[0], "ENCR_AES_CBC_256");
	assert_int_equal(lane->counters.cut, cut + 1);

	start(); /* more SAs than are followed */
	v2_request(&made);
	for (int i = 0; i <= IKE_SAS_MAX; i++) {
		made.at[0] = (uint8_t)('A' + i);
		send(0, &made);
	}
	assert_int_equal(play.count, 1);
	assert_says(play.line[0], "\"init_spi\":\"41");
	stop();
	assert_int_equal(play.count, IKE_SAS_MAX + 1);
	assert_int_equal(lane->counters.dropped, dropped + 1);
}

static void
every_prefix_is_cut_or_broken_and_never_read_past(void **state)
{
	struct made made[3];
	(void)state;

	v2_request(&made[0]);
	v2_answer(&made[1]);
	v1_request(&made[2], IKE_V1_AGGRESSIVE);
	for (int i = 0; i < 3; i++)
		for (size_t size = 1; size < made[i].size; size++) {
			start(); /* as whole: its length is wrong */
			play_bytes(&play, i & 1, made[i].at, size);
			if (size >= IKE_HEADER_SIZE)
				assert_string_equal(play.violation, "ike.length");
			stop();
			start(); /* as cut */
			play_gap(&play, i & 1, made[i].size - size);
			play_bytes(&play, i & 1, made[i].at, size);
			if (size >= IKE_HEADER_SIZE)
				assert_int_equal(play.result, DISSECT_MORE);
			stop();
		}
}

static void
every_damage_leaves_it_standing(void **state)
{
	struct made made[3];
	(void)state;

	v2_request(&made[0]);
	v2_answer(&made[1]);
	v1_request(&made[2], IKE_V1_MAIN);
	for (int i = 0; i < 3; i++)
		for (size_t at = 0; at < made[i].size; at++)
			for (unsigned flip = 1; flip < 256; flip += flip < 4 ? 1 : 41) {
				struct made bad = made[i];
				bad.at[at] = (uint8_t)(bad.at[at] ^ flip);
				start();
				if (i == 1)
					send(0, &made[0]);
				send(i & 1, &bad);
				stop();
			}
}

static void
each_violation_has_its_name(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *name;
	} table[] = {
		{ 17, 0x30, "ike.header" },      { 27, 0, "ike.length" },
		{ 31, 3, "ike.payload_length" }, { 35, 200, "ike.proposal" },
		{ 38, 255, "ike.proposal" },     { 43, 200, "ike.transform" },
		{ 43, 2, "ike.transform" },      { 43, 9, "ike.attribute" },
		{ 43, 5, "ike.transform" },
	};
	struct made made;
	(void)state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		v2_request(&made);
		start();
		send(0, &made);
		made.at[table[i].at] = table[i].value;
		send(0, &made);
		if (strcmp(play.violation, table[i].name) != 0)
			fail_msg("row %zu: %s, expected %s", i, play.violation,
				 table[i].name);
		stop();
		assert_int_equal(play.count, 1);
		assert_says(play.line[0], "\"ike.answer\":\"not_decoded\"");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_known_by_its_header),
		cmocka_unit_test(what_is_offered_and_chosen_is_told),
		cmocka_unit_test(ikev1_is_told_in_the_same_words),
		cmocka_unit_test(a_cookie_and_another_group_are_no_answer_yet),
		cmocka_unit_test(what_is_refused_has_nothing_chosen),
		cmocka_unit_test(silence_is_told_as_it_is),
		cmocka_unit_test(what_began_before_is_told_without_its_beginning),
		cmocka_unit_test(esp_beside_it_is_counted_behind_a_marker),
		cmocka_unit_test(a_cut_request_or_answer_is_said),
		cmocka_unit_test(each_cap_is_told_and_counted),
		cmocka_unit_test(every_prefix_is_cut_or_broken_and_never_read_past),
		cmocka_unit_test(every_damage_leaves_it_standing),
		cmocka_unit_test(each_violation_has_its_name),
	};

	return cmocka_run_group_tests(tests, make_lane, free_lane);
}
