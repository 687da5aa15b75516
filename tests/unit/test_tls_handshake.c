/* SPDX-License-Identifier: Apache-2.0 */
/* test_tls_handshake: real handshakes of every kind, cut at every place, damaged at
 * every byte. */
#include "tests/unit/tls_peers.h"
#include "tests/unit/tls_play.h"

static struct identity rsa, ec, member; /* two servers, one client */
static void *lane;

struct scenario {
	const char *name;
	int version;
	const char *suites;        /* of TLS <= 1.2, NULL = as OpenSSL has it */
	const char *server_groups; /* NULL = as OpenSSL has it */
	const char *dh_group;      /* of TLS <= 1.2, NULL = one of OpenSSL's choice */
	bool is_rsa;               /* the server's key, else EC */
	bool asks, answers;        /* for the client's certificate, with one */
	bool has_alpn;
	bool resumes;        /* the second connection is looked at */
	bool has_no_tickets; /* so it resumes by session id */
	const char *says[12];
	const char *does_not_say;
};

/* clang-format off */
static const struct scenario scenarios[] = {
	{ .name = "TLS 1.3", .version = TLS1_3_VERSION, .has_alpn = true,
	  .says = { "\"version\":\"TLS 1.3\"", "\"cipher_suite\":\"TLS_AES_256_GCM_SHA384\"",
		    "\"group\":\"x25519\"", "\"session_resumed\":false", "\"sni\":\"gw.example.jp\"",
		    "\"tls.certificate\":\"encrypted\"", "\"tls.client\":\"encrypted\"",
		    "\"tls.alpn\":\"encrypted\"", "\"handshake\":\"complete\"",
		    "\"hello_retry\":false", "\"client_alpns\":[\"h2\",\"http/1.1\"]" },
	  .does_not_say = "server_alpns" },
	{ .name = "TLS 1.3 with a client certificate", .version = TLS1_3_VERSION, .asks = true, .answers = true,
	  .says = { "\"tls.client\":\"encrypted\"", "\"server_alpns\":null", "\"client_alpns\":null" },
	  .does_not_say = "certificate_requested" },
	{ .name = "TLS 1.3 after HelloRetryRequest", .version = TLS1_3_VERSION, .server_groups = "P-384",
	  .says = { "\"group\":\"secp384r1\"", "\"hello_retry\":true", "\"handshake\":\"complete\"" } },
	{ .name = "TLS 1.3 in a group of RFC 7919", .version = TLS1_3_VERSION, .server_groups = "ffdhe3072",
	  .says = { "\"group\":\"ffdhe3072\"", "\"dh_size\":3072", "\"handshake\":\"complete\"" } },
	{ .name = "TLS 1.3 resumed", .version = TLS1_3_VERSION, .resumes = true,
	  .says = { "\"session_resumed\":true", "\"tls.certificate\":\"resumed\"",
		    "\"tls.client\":\"resumed\"", "\"group\":\"x25519\"" } },
	{ .name = "TLS 1.2, ECDHE, EC", .version = TLS1_2_VERSION, .suites = "ECDHE-ECDSA-AES128-GCM-SHA256",
	  .server_groups = "P-256", .has_alpn = true,
	  .says = { "\"version\":\"TLS 1.2\"", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
		    "\"group\":\"secp256r1\"", "\"subject\":\"CN=gw.example.jp,O=地域医療連携,C=JP\"",
		    "\"subjectaltname\":[\"gw.example.jp\",\"192.0.2.1\"]", "\"serial\":\"00:C7:0A\"",
		    "\"notbefore\":\"2026-01-01T00:00:00\"", "\"server_alpns\":[\"h2\"]",
		    "\"client\":{\"subject\":null,\"issuerdn\":null", "\"certificate_requested\":false",
		    "\"key_type\":\"EC\",\"key_size\":256", "\"in_validity\":true" },
	  .does_not_say = "unobservable" },
	{ .name = "TLS 1.2, ECDHE, RSA, both certificates", .version = TLS1_2_VERSION, .is_rsa = true,
	  .suites = "ECDHE-RSA-AES256-GCM-SHA384", .asks = true, .answers = true,
	  .says = { "\"certificate_requested\":true", "\"client\":{\"subject\":\"CN=client 01,O=地域医療連携,C=JP\"",
		    "\"key_type\":\"RSA\",\"key_size\":2048", "\"handshake\":\"complete\"",
		    "\"signature\":\"sha256WithRSAEncryption\"", "\"seconds_left\":3261600",
		    "\"client\":{\"key_type\":\"EC\",\"key_size\":256,\"signature\":\"ecdsa-with-SHA256\",\"in_validity\":true" },
	  .does_not_say = "unobservable" },
	{ .name = "TLS 1.2, asked in vain", .version = TLS1_2_VERSION, .asks = true,
	  .says = { "\"certificate_requested\":true", "\"client\":{\"subject\":null" },
	  .does_not_say = "unobservable" },
	{ .name = "TLS 1.2, RSA key exchange", .version = TLS1_2_VERSION, .is_rsa = true, .suites = "AES128-SHA",
	  .says = { "\"group\":null", "\"dh_size\":null", "TLS_RSA_WITH_AES_128_CBC_SHA" },
	  .does_not_say = "unobservable" },
	{ .name = "TLS 1.2, DHE", .version = TLS1_2_VERSION, .is_rsa = true, .suites = "DHE-RSA-AES128-GCM-SHA256",
	  .says = { "\"group\":\"ffdhe-custom\"", "\"dh_size\":2048" } },
	{ .name = "TLS 1.2, DHE in a group of RFC 7919", .version = TLS1_2_VERSION, .is_rsa = true,
	  .suites = "DHE-RSA-AES128-GCM-SHA256", .dh_group = "ffdhe4096",
	  .says = { "\"group\":\"ffdhe4096\"", "\"dh_size\":4096" } },
	{ .name = "TLS 1.2, nobody shows a certificate", .version = TLS1_2_VERSION, .suites = "ADH-AES128-SHA",
	  .says = { "TLS_DH_anon_WITH_AES_128_CBC_SHA", "\"subject\":null", "\"dh_size\":1024" },
	  .does_not_say = "unobservable" },
	{ .name = "TLS 1.2 resumed by ticket", .version = TLS1_2_VERSION, .resumes = true,
	  .says = { "\"session_resumed\":true", "\"tls.certificate\":\"resumed\"",
		    "\"tls.client\":\"resumed\"", "\"tls.key_exchange\":\"resumed\"",
		    "\"handshake\":\"complete\"" } },
	{ .name = "TLS 1.2 resumed by id", .version = TLS1_2_VERSION, .resumes = true, .has_no_tickets = true,
	  .says = { "\"session_resumed\":true", "\"handshake\":\"complete\"" } },
	{ .name = "TLS 1.1", .version = TLS1_1_VERSION, .is_rsa = true,
	  .says = { "\"version\":\"TLS 1.1\"", "\"versions_offered\":[\"TLS 1.1\"]",
		    "\"certificate_requested\":false", "\"handshake\":\"complete\"" } },
	{ .name = "TLS 1.0", .version = TLS1_VERSION, .is_rsa = true, .asks = true, .answers = true,
	  .says = { "\"version\":\"TLSv1\"", "\"client\":{\"subject\":\"CN=client 01", "\"handshake\":\"complete\"" } },
};
/* clang-format on */

static EVP_PKEY *
rsa_key(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
}

static int
accept_all(int is_fine, X509_STORE_CTX *context)
{
	(void)is_fine, (void)context;
	return 1;
}

static int
choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *size,
	    const unsigned char *in, unsigned in_size, void *arg)
{
	(void)ssl, (void)in_size, (void)arg;
	*out = in + 1;
	*size = in[0];
	return SSL_TLSEXT_ERR_OK;
}

static EVP_PKEY *
dh_parameters(const char *group)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *parameters = NULL;

	EVP_PKEY_paramgen_init(context);
	EVP_PKEY_CTX_set_group_name(context, group);
	EVP_PKEY_paramgen(context, &parameters);
	EVP_PKEY_CTX_free(context);
	assert_non_null(parameters);
	return parameters;
}

static SSL_CTX *
context_new(const struct scenario *scenario, bool is_client)
{
	SSL_CTX *context =
		SSL_CTX_new(is_client ? TLS_client_method() : TLS_server_method());
	const struct identity *shown = is_client ? (scenario->answers ? &member : NULL)
						 : (scenario->is_rsa ? &rsa : &ec);

	SSL_CTX_set_min_proto_version(context, scenario->version);
	SSL_CTX_set_max_proto_version(context, scenario->version);
	SSL_CTX_set_security_level(context, 0);
	assert_int_equal(SSL_CTX_set_cipher_list(context, scenario->suites
								  ? scenario->suites
								  : "ALL:@SECLEVEL=0"),
			 1);
	if (shown) {
		SSL_CTX_use_certificate(context, shown->certificate);
		SSL_CTX_use_PrivateKey(context, shown->key);
	}
	if (scenario->dh_group == NULL)
		SSL_CTX_set_dh_auto(context, 1);
	else if (!is_client)
		SSL_CTX_set0_tmp_dh_pkey(context, dh_parameters(scenario->dh_group));
	if (scenario->has_no_tickets)
		SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
	if (is_client && scenario->has_alpn)
		SSL_CTX_set_alpn_protos(context, (const uint8_t *)"\2h2\10http/1.1",
					12);
	if (is_client)
		return context;
	SSL_CTX_set_session_id_context(context, (const uint8_t *)"test", 4);
	if (scenario->server_groups)
		assert_int_equal(
			SSL_CTX_set1_groups_list(context, scenario->server_groups), 1);
	if (scenario->asks)
		SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_all);
	if (scenario->has_alpn)
		SSL_CTX_set_alpn_select_cb(context, choose_alpn, NULL);
	return context;
}

static SSL_SESSION *
connect_once(SSL_CTX *client_context, SSL_CTX *server_context, SSL_SESSION *earlier,
	     struct transcript *said)
{
	SSL *client = peer_new(client_context, true),
	    *server = peer_new(server_context, false);

	SSL_set_tlsext_host_name(client, "gw.example.jp");
	if (earlier)
		SSL_set_session(client, earlier);
	bool is_done = converse(client, server, said);
	if (!is_done)
		fail_msg("the peers could not agree");
	SSL_SESSION *session = SSL_get1_session(client);
	SSL_free(client);
	SSL_free(server);
	return session;
}

static struct transcript
hold(const struct scenario *scenario)
{
	struct transcript said = { .count = 0 };
	SSL_CTX *client = context_new(scenario, true),
		*server = context_new(scenario, false);

	SSL_SESSION *first = connect_once(client, server, NULL, &said);
	if (scenario->resumes) {
		transcript_free(&said);
		SSL_SESSION_free(connect_once(client, server, first, &said));
	}
	SSL_SESSION_free(first);
	SSL_CTX_free(client);
	SSL_CTX_free(server);
	return said;
}

/* Plays all, cutting what is sent into pieces of 'piece' bytes and at byte 'cut' of the
 * whole. */
static void
play_all(struct play *play, const struct transcript *said, size_t piece, size_t cut)
{
	size_t seen = 0;

	for (size_t i = 0; i < said->count; i++) {
		const struct flight *flight = &said->flight[i];
		for (size_t at = 0; at < flight->size;) {
			size_t size =
				flight->size - at < piece ? flight->size - at : piece;
			if (cut > seen && cut < seen + size)
				size = cut - seen;
			play_bytes(play, flight->side, flight->data + at, size);
			at += size;
			seen += size;
		}
	}
}

static void
each_kind_of_handshake_is_told(void **state)
{
	static struct play play;

	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		struct transcript said = hold(&scenarios[i]);
		print_message("# %s\n", scenarios[i].name);
		play_begin(&play, lane);
		play_all(&play, &said, SIZE_MAX, 0);
		assert_int_equal(play.result, DISSECT_DONE);
		assert_int_equal(play.client, PEERS_CLIENT);
		assert_int_equal(play.tls_count, 1);
		for (size_t j = 0; j < 12 && scenarios[i].says[j]; j++)
			assert_says(play.tls, scenarios[i].says[j]);
		if (scenarios[i].does_not_say)
			assert_does_not_say(play.tls, scenarios[i].does_not_say);
		play_end(&play);
		play_free(&play);
		transcript_free(&said);
	}
}

static void
cut_anywhere_it_is_told_the_same(void **state)
{
	static struct play whole, cut;

	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		struct transcript said = hold(&scenarios[i]);
		size_t size = transcript_size(&said);

		play_begin(&whole, lane);
		play_all(&whole, &said, SIZE_MAX, 0);
		play_end(&whole);
		for (size_t at = 0; at <= size; at++) { /* 0: one byte at a time */
			play_begin(&cut, lane);
			play_all(&cut, &said, at == 0 ? 1 : SIZE_MAX, at);
			play_end(&cut);
			assert_string_equal(cut.tls, whole.tls);
			play_free(&cut);
		}
		play_free(&whole);
		transcript_free(&said);
	}
}

/* Broken off at any byte there is one record, which says what it does not know. */
static void
each_prefix_is_told_once(void **state)
{
	static struct play play;
	struct transcript said = hold(&scenarios[6]);
	size_t size = transcript_size(&said);

	(void)state;
	for (size_t end = 1; end < size; end++) {
		size_t seen = 0;
		play_begin(&play, lane);
		for (size_t i = 0; i < said.count && seen < end; i++) {
			size_t left = end - seen;
			size_t part =
				said.flight[i].size < left ? said.flight[i].size : left;
			play_bytes(&play, said.flight[i].side, said.flight[i].data,
				   part);
			seen += part;
		}
		bool was_done = play.result == DISSECT_DONE;
		assert_true(was_done || play.result == DISSECT_MORE);
		play_end(&play);
		assert_int_equal(play.tls_count, 1);
		if (!was_done)
			assert_does_not_say(play.tls, "\"handshake\":\"complete\"");
		play_free(&play);
	}
	transcript_free(&said);
}

static void
no_damage_of_one_byte_breaks_the_reader(void **state)
{
	static const uint8_t damages[] = { 0x01, 0x80, 0xff };
	static struct play play;
	static const size_t chosen[] = { 0, 2, 6 };
	unsigned violations = 0;

	(void)state;
	for (size_t s = 0; s < sizeof(chosen) / sizeof(chosen[0]); s++) {
		struct transcript said = hold(&scenarios[chosen[s]]);
		for (size_t i = 0; i < said.count; i++)
			for (size_t at = 0; at < said.flight[i].size * sizeof(damages);
			     at++) {
				uint8_t *byte =
					&said.flight[i].data[at / sizeof(damages)];
				uint8_t damage = damages[at % sizeof(damages)];
				*byte ^= damage;
				play_begin(&play, lane);
				play_all(&play, &said, SIZE_MAX, 0);
				violations += play.result == DISSECT_VIOLATION;
				play_end(&play);
				play_free(&play);
				*byte ^= damage;
			}
		transcript_free(&said);
	}
	assert_true(violations > 0);
}

/* How two that cannot agree part: what was said until then, and why. */
static void
part(const struct scenario *of_client, const struct scenario *of_server, bool distrusts)
{
	static struct play play;
	struct transcript said = { .count = 0 };
	SSL_CTX *client_context = context_new(of_client, true);
	SSL_CTX *server_context = context_new(of_server, false);

	if (distrusts)
		SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, NULL);
	SSL *client = peer_new(client_context, true),
	    *server = peer_new(server_context, false);
	assert_false(converse(client, server, &said));
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(client_context);
	SSL_CTX_free(server_context);

	play_begin(&play, lane);
	play_all(&play, &said, SIZE_MAX, 0);
	assert_int_equal(play.result, DISSECT_DONE);
	assert_says(play.tls, "\"handshake\":\"failed\"");
	for (size_t i = 0; i < 12 && of_server->says[i]; i++)
		assert_says(play.tls, of_server->says[i]);
	play_end(&play);
	play_free(&play);
	transcript_free(&said);
}

static void
how_a_handshake_failed_is_told(void **state)
{
	static const struct scenario newer = { .version = TLS1_3_VERSION };
	static const struct scenario older = {
		.version = TLS1_2_VERSION,
		.says = { "\"alert\":\"protocol_version\"",
			  "\"tls.server_hello\":\"truncated\"" }
	};
	static const struct scenario aes = { .version = TLS1_2_VERSION,
					     .suites = "AES128-SHA" };
	static const struct scenario ecdsa = {
		.version = TLS1_2_VERSION,
		.suites = "ECDHE-ECDSA-AES128-SHA",
		.says = { "\"alert\":\"handshake_failure\"" }
	};
	static const struct scenario own = {
		.version = TLS1_2_VERSION,
		.says = { "\"alert\":\"unknown_ca\"",
			  "\"subject\":\"CN=gw.example.jp" }
	};

	(void)state;
	part(&newer, &older, false);
	part(&aes, &ecdsa, false);
	part(&own, &own, true);
}

static int
make_identities(void **state)
{
	(void)state;
	rsa = identity_new(rsa_key(), "gw.example.jp");
	ec = identity_new(EVP_EC_gen("P-256"), "gw.example.jp");
	member = identity_new(EVP_EC_gen("P-256"), "client 01");
	lane = dissector_tls.shared_new();
	return lane == NULL;
}

static int
drop_identities(void **state)
{
	(void)state;
	identity_free(&rsa);
	identity_free(&ec);
	identity_free(&member);
	dissector_tls.shared_free(lane);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_handshake_is_told),
		cmocka_unit_test(cut_anywhere_it_is_told_the_same),
		cmocka_unit_test(each_prefix_is_told_once),
		cmocka_unit_test(how_a_handshake_failed_is_told),
		cmocka_unit_test(no_damage_of_one_byte_breaks_the_reader),
	};

	return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
