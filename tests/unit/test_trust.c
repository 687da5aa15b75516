/* SPDX-License-Identifier: Apache-2.0 */
/* test_trust: whose a certificate is, down to each byte of its names; files that do not
 * fit; days that are left. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/x509v3.h>

#include "common/endpoint.h"
#include "common/trust.h"
#include "tool/place.h"
#include "tool/sensor_pki.h"

static X509 *
with_names(const char *names)
{
	X509 *made = X509_new();
	X509_EXTENSION *extension =
		names != NULL
			? X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names)
			: NULL;

	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(made), 1800000000));
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), UINT64_C(0x0abcdef));
	if (names != NULL) {
		assert_non_null(extension);
		assert_int_equal(X509_add_ext(made, extension, -1), 1);
	}
	X509_EXTENSION_free(extension);
	return made;
}

static int
read_names(const char *names, struct trust_identity *identity)
{
	X509 *made = with_names(names);
	struct error err = { "" };
	int result = trust_identity_read(made, identity, &err);

	assert_true((result == -1) == (err.text[0] != '\0'));
	X509_free(made);
	return result;
}

static void
a_certificate_is_one_sensors_at_its_pois(void **state)
{
	struct trust_identity who;

	(void)state;
	assert_int_equal(
		read_names("DNS:elsewhere.example,URI:https://x/,URI:sekisho:poi/p%2F1,"
			   "URI:sekisho:sensor/%E6%9D%B1-1,URI:sekisho:poi/p2,"
			   "URI:sekisho:later/x",
			   &who),
		0);
	assert_int_equal(who.role, TRUST_SENSOR);
	assert_string_equal(who.sensor, "東-1");
	assert_int_equal(who.poi_count, 2);
	assert_true(trust_identity_has_poi(&who, "p/1", 3));
	assert_true(trust_identity_has_poi(&who, "p2", 2));
	assert_false(trust_identity_has_poi(&who, "p", 1));
	assert_false(trust_identity_has_poi(&who, "p21", 3));
	assert_false(trust_identity_has_poi(&who, "", 0));
	assert_string_equal(who.serial, "abcdef");
	assert_true(who.end.usec == 1800000000 * INSTANT_SECOND);
	assert_int_equal(read_names("URI:sekisho:correlator", &who), 0);
	assert_int_equal(who.role, TRUST_CORRELATOR);
}

static void
what_names_nobody_or_two_is_nobody(void **state)
{
	static const char *const bad[] = {
		NULL,
		"DNS:sensor-a",
		"DNS:sekisho:sensor/a,DNS:sekisho:poi/p",
		"URI:sekisho:sensor/a",
		"URI:sekisho:poi/p",
		"URI:sekisho:sensor/,URI:sekisho:poi/p",
		"URI:sekisho:sensor/a,URI:sekisho:poi/",
		"URI:sekisho:sensor/a,URI:sekisho:sensor/b,URI:sekisho:poi/p",
		"URI:sekisho:sensor/a,URI:sekisho:sensor/a,URI:sekisho:poi/p",
		"URI:sekisho:correlator,URI:sekisho:sensor/a,URI:sekisho:poi/p",
		"URI:sekisho:correlator/,URI:sekisho:poi/p",
		"URI:sekisho:correlators",
		"URI:SEKISHO:sensor/a,URI:sekisho:poi/p",
		"URI:sekisho:sensor/a%,URI:sekisho:poi/p",
		"URI:sekisho:sensor/a%4,URI:sekisho:poi/p",
		"URI:sekisho:sensor/a%G0,URI:sekisho:poi/p",
		"URI:sekisho:sensor/a%00b,URI:sekisho:poi/p",
		"URI:sekisho:sensor/%FF,URI:sekisho:poi/p",
		"URI:sekisho:sensor/a/b,URI:sekisho:poi/p",
		"URI:sekisho:sensor/a b,URI:sekisho:poi/p",
		"URI:sekisho:sensor/a234567890123456789012345678901234567890123456789"
		"012345678901234X,URI:sekisho:poi/p",
	};
	struct trust_identity who;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read_names(bad[i], &who) != -1)
			fail_msg("taken for somebody: %s", bad[i]);
}

static void
a_certificate_names_sixteen_pois_and_no_more(void **state)
{
	struct trust_identity who;
	char names[1024] = "URI:sekisho:sensor/a";

	(void)state;
	for (int i = 0; i < TRUST_POIS_MAX; i++)
		sprintf(names + strlen(names), ",URI:sekisho:poi/p%d", i);
	assert_int_equal(read_names(names, &who), 0);
	assert_int_equal(who.poi_count, TRUST_POIS_MAX);
	strcat(names, ",URI:sekisho:poi/p16");
	assert_int_equal(read_names(names, &who), -1);
}

/* Written by one, read by the other: any bytes a name may have. */
static void
every_name_survives_its_uri(void **state)
{
	struct trust_identity who;
	char name[TRUST_NAME_SIZE], uri[TRUST_URI_SIZE], names[2 * TRUST_URI_SIZE];

	(void)state;
	srandom(7);
	for (int round = 0; round < 300; round++) {
		size_t size = 1 + (size_t)random() % (TRUST_NAME_SIZE - 1);
		for (size_t i = 0; i < size; i++)
			name[i] = (char)(1 + random() % 127);
		name[size] = '\0';
		trust_uri("sensor", name, uri);
		sprintf(names, "URI:%s,URI:sekisho:poi/p", uri);
		assert_int_equal(read_names(names, &who), 0);
		assert_string_equal(who.sensor, name);
	}
}

/* A damaged certificate gives an error or somebody, but reads nothing that is not there
 * (sanitizers watch). */
static void
every_damage_to_a_certificate_is_survived(void **state)
{
	X509 *made = with_names("URI:sekisho:sensor/%E6%9D%B1,URI:sekisho:poi/p");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	unsigned char *der = NULL;
	struct trust_identity who;
	struct error err;
	int read = 0;

	(void)state;
	ASN1_TIME_set(X509_getm_notBefore(made), 1700000000);
	assert_int_equal(X509_set_pubkey(made, key), 1);
	assert_true(X509_sign(made, key, EVP_sha256()) > 0);
	int size = i2d_X509(made, &der);
	for (int at = 0; at < size; at++)
		for (int bit = 0; bit < 8; bit++) {
			der[at] ^= (unsigned char)(1 << bit);
			const unsigned char *from = der;
			X509 *damaged = d2i_X509(NULL, &from, size);
			read += damaged != NULL;
			if (damaged != NULL &&
			    trust_identity_read(damaged, &who, &err) == 0)
				assert_true(
					who.role == TRUST_CORRELATOR ||
					(who.sensor[0] != '\0' && who.poi_count > 0));
			X509_free(damaged);
			der[at] ^= (unsigned char)(1 << bit);
		}
	assert_true(read > 0);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	X509_free(made);
}

static void
days_are_told_in_steps(void **state)
{
	const struct instant end = { 1000 * INSTANT_DAY };
	static const struct {
		int64_t before;
		int step;
	} cases[] = {
		{ 31 * INSTANT_DAY, TRUST_FAR },
		{ 30 * INSTANT_DAY + 1, TRUST_FAR },
		{ 30 * INSTANT_DAY, 30 },
		{ 14 * INSTANT_DAY + 1, 30 },
		{ 14 * INSTANT_DAY, 14 },
		{ 7 * INSTANT_DAY, 7 },
		{ 1, 7 },
		{ 0, 0 },
		{ -INSTANT_DAY, 0 },
	};
	char words[80];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			trust_days_step(end, instant_after(end, -cases[i].before)),
			cases[i].step);
	trust_days_words(end, instant_after(end, -13 * INSTANT_DAY), words,
			 sizeof(words));
	assert_string_equal(words, "expires on 1972-09-27, in 13 days");
	trust_days_words(end, end, words, sizeof(words));
	assert_string_equal(words, "expired on 1972-09-27");
}

struct keys {
	char directory[PLACE_SIZE], certificate[PLACE_SIZE + 32], key[PLACE_SIZE + 32],
		ca[PLACE_SIZE + 32], revoked[PLACE_SIZE + 32];
};

/* A CA with a correlator's certificate by it. */
static void
make_keys(struct keys *keys)
{
	char ca_key[PLACE_SIZE + 32], serial[TRUST_SERIAL_SIZE];
	struct error err;

	assert_int_equal(place_make_temporary(keys->directory, &err), 0);
	sprintf(keys->certificate, "%s/leaf.pem", keys->directory);
	sprintf(keys->key, "%s/leaf.key", keys->directory);
	sprintf(keys->ca, "%s/ca.pem", keys->directory);
	sprintf(keys->revoked, "%s/revoked", keys->directory);
	sprintf(ca_key, "%s/ca.key", keys->directory);
	struct evp_pkey_st *ca = pki_key(ca_key, NULL, &err);
	struct evp_pkey_st *leaf = pki_key(keys->key, NULL, &err);
	assert_non_null(ca);
	assert_non_null(leaf);
	assert_int_equal(pki_make_ca(ca, 1700000000, keys->ca, &err), 0);
	struct pki_signing signing = { .ca = keys->ca,
				       .ca_key = ca_key,
				       .key = leaf,
				       .subject = { .role = TRUST_CORRELATOR,
						    .sensor = "" },
				       .days = 10,
				       .out = keys->certificate };
	assert_int_equal(pki_sign(&signing, 1700000000, serial, NULL, &err), 0);
	pki_key_free(ca);
	pki_key_free(leaf);
}

static void
revoked_serials_are_found_as_any_hand_writes_them(void **state)
{
	struct keys keys;
	struct error err;

	(void)state;
	make_keys(&keys);
	struct trust_files files = { keys.certificate, keys.key, keys.ca,
				     keys.revoked };
	FILE *out = fopen(keys.revoked, "w");
	fputs("# stolen\n\n00ABC # leading zeros, capitals\r\n  "
	      "def\t\nfffffffffffffffffffffffffffffffffffffff1",
	      out);
	fclose(out);
	struct trust *trust = trust_new(TRUST_CORRELATOR, &files, &err);
	assert_non_null(trust);
	assert_true(trust_is_revoked(trust, "abc"));
	assert_true(trust_is_revoked(trust, "def"));
	assert_true(
		trust_is_revoked(trust, "fffffffffffffffffffffffffffffffffffffff1"));
	assert_false(trust_is_revoked(trust, "ab"));
	assert_false(trust_is_revoked(trust, ""));
	trust_free(trust);

	static const char *const bad[] = {
		"abc\nxyz\n", "abc\n12 34\n",
		"abc\n12345678901234567890123456789012345678901\n"
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		out = fopen(keys.revoked, "w");
		fputs(bad[i], out);
		fclose(out);
		assert_null(trust_new(TRUST_CORRELATOR, &files, &err));
		assert_non_null(strstr(err.text, "/revoked:2:1: "));
	}
	place_remove_temporary(keys.directory);
}

static void
files_that_do_not_fit_are_refused_with_their_name(void **state)
{
	struct keys keys, other;
	struct error err;

	(void)state;
	make_keys(&keys);
	make_keys(&other);
	struct trust_files files = { keys.certificate, keys.key, keys.ca, NULL };
	struct trust *trust = trust_new(TRUST_CORRELATOR, &files, &err);
	assert_non_null(trust);
	assert_int_equal(trust_self(trust)->role, TRUST_CORRELATOR);
	trust_free(trust);
	assert_null(trust_new(TRUST_SENSOR, &files, &err));
	assert_non_null(strstr(err.text, keys.certificate));

	struct trust_files wrong[] = { files, files, files, files, files };
	wrong[0].key = other.key;
	wrong[1].certificate = keys.key;
	wrong[2].ca = "/dev/null";
	wrong[3].certificate = "/nowhere";
	wrong[4].revoked = "/nowhere";
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_null(trust_new(TRUST_CORRELATOR, &wrong[i], &err));
	assert_int_equal(chmod(keys.key, 0644), 0);
	assert_null(trust_new(TRUST_CORRELATOR, &files, &err));
	assert_non_null(strstr(err.text, "everybody"));
	place_remove_temporary(keys.directory);
	place_remove_temporary(other.directory);
}

static void
an_endpoint_is_an_address_and_a_port(void **state)
{
	static const char *const good[] = { "192.0.2.1:8641", "[::1]:1", "[::]:65535",
					    "0.0.0.0:08641" };
	static const char *const bad[] = {
		"",
		":8641",
		"192.0.2.1",
		"192.0.2.1:",
		"192.0.2.1:0",
		"192.0.2.1:65536",
		"192.0.2.1:1x",
		"192.0.2.1:+1",
		"192.0.2:1",
		"::1:8641",
		"[::1]",
		"[::1:8641",
		"[]:1",
		"name:8641",
		"[192.0.2.1]:1",
		"[2001:0db8:0000:0000:0000:0000:0000:0001:0000:0000:0000:0000]:1"
	};
	struct endpoint endpoint;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(endpoint_parse(good[i], &endpoint, &err), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (endpoint_parse(bad[i], &endpoint, &err) == 0)
			fail_msg("taken: %s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_one_sensors_at_its_pois),
		cmocka_unit_test(what_names_nobody_or_two_is_nobody),
		cmocka_unit_test(a_certificate_names_sixteen_pois_and_no_more),
		cmocka_unit_test(every_name_survives_its_uri),
		cmocka_unit_test(every_damage_to_a_certificate_is_survived),
		cmocka_unit_test(days_are_told_in_steps),
		cmocka_unit_test(revoked_serials_are_found_as_any_hand_writes_them),
		cmocka_unit_test(files_that_do_not_fit_are_refused_with_their_name),
		cmocka_unit_test(an_endpoint_is_an_address_and_a_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
