/* SPDX-License-Identifier: Apache-2.0 */
/* test_chains: chains that OpenSSL's own command made, judged at their time. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/file.h"
#include "correlator/trust/chains.h"
#include "tool/place.h"

static char folder[PLACE_SIZE];
static struct chains *chains;
static struct instant now;

/* In order: an authority, its list, a server's and a doctor's certificate, one that was
 * revoked, one that nobody knows the issuer of. */
static const char script[] =
	"set -e; cd %s; mkdir anchors db; : >db/index; echo 01 >db/serial; echo 01 "
	">db/crl\n"
	"cat >ca.cnf <<E\n"
	"[ca]\ndefault_ca=d\n[d]\ndatabase=db/index\nserial=db/serial\ncrlnumber=db/"
	"crl\n"
	"default_md=sha256\ndefault_crl_days=3650\n"
	"E\n"
	"printf 'subjectAltName=DNS:portal.base.example,IP:10.10.0.13\\n' >server.ext\n"
	/* {hcRole, {{ [0]{ SET{ [0]{1.2.392.100495.1.6.1.1}, [2]{UTF8 "Medical Doctor"}
	   } } } } */
	"printf "
	"'subjectDirectoryAttributes=ASN1:SEQUENCE:attrs\\n[attrs]\\na=SEQUENCE:"
	"attr\\n[attr]\\n"
	"t=OID:1.0.17090.0.1\\nv=SET:actors\\n[actors]\\ns=SET:actor\\n[actor]\\nq="
	"SEQUENCE:data\\n[data]\\n"
	"c=EXPLICIT:0,SET:coded\\n[coded]\\nr=EXPLICIT:0,OID:1.2.392.100495.1.6.1.1\\n"
	"f=EXPLICIT:2,UTF8:Medical Doctor\\n' >doctor.ext\n"
	": >plain.ext\n"
	"mk() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; }\n"
	"mk ca; mk other; mk k\n"
	"for a in ca other; do openssl req -x509 -key $a.key -subj /CN=$a -days 3650 "
	"-out $a.crt; done\n"
	"one() { openssl req -new -key k.key -subj /CN=$1 -out r.csr; "
	"openssl x509 -req -in r.csr -CA $2.crt -CAkey $2.key -set_serial $3 -days 30 "
	"-extfile $4.ext -outform DER -out $1.der; }\n"
	"one server ca 5 server; one doctor ca 6 doctor; one gone ca 7 plain; one "
	"stranger other 8 plain\n"
	"openssl x509 -inform DER -in gone.der -out gone.crt\n"
	"openssl ca -config ca.cnf -cert ca.crt -keyfile ca.key -revoke gone.crt\n"
	"openssl ca -config ca.cnf -cert ca.crt -keyfile ca.key -gencrl -out "
	"anchors/list.pem\n"
	"cp ca.crt anchors/ca.pem";

static int
make_all(void **state)
{
	char command[sizeof(script) + PLACE_SIZE + 64], path[PLACE_SIZE + 16],
		text[PLACE_SIZE * 2];
	struct error err;

	(void)state;
	assert_int_equal(place_make_temporary(folder, &err), 0);
	snprintf(text, sizeof(text), "%s", folder);
	int used = snprintf(command, sizeof(command), "( ");
	used += snprintf(command + used, sizeof(command) - (size_t)used, script,
			 folder);
	snprintf(command + used, sizeof(command) - (size_t)used, " ) >%s/log 2>&1",
		 folder);
	if (system(command) != 0)
		fail_msg("openssl: see %s/log", folder);
	snprintf(path, sizeof(path), "%s/anchors", folder);
	chains = chains_load(path, &err);
	if (chains == NULL)
		fail_msg("%s", err.text);
	now.usec =
		(int64_t)time(NULL) * INSTANT_SECOND; /* the certificates begin now */
	return 0;
}

static int
drop_all(void **state)
{
	char command[PLACE_SIZE + 16];

	(void)state;
	chains_free(chains);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static struct der
load(const char *name)
{
	static char *text[8];
	static size_t count;
	char path[PLACE_SIZE + 32];
	size_t size;
	struct error err;

	snprintf(path, sizeof(path), "%s/%s.der", folder, name);
	assert_int_equal(
		file_read(path, CERTIFICATE_MAX, &text[count % 8], &size, &err), 0);
	return (struct der){ (const uint8_t *)text[count++ % 8], size };
}

static const char *
judge(const char *name, int64_t days)
{
	struct der der = load(name);
	const char *status = chains_judge(
		chains, &der, 1, (struct instant){ now.usec + days * INSTANT_DAY });

	free((void *)(uintptr_t)der.at);
	return status;
}

static void
a_chain_is_judged_at_its_time(void **state)
{
	(void)state;
	assert_string_equal(judge("server", 1), "trusted");
	assert_string_equal(judge("server", 31), "expired");
	assert_string_equal(judge("server", -1), "not_yet_valid");
	assert_string_equal(judge("gone", 1), "revoked");
	assert_string_equal(judge("stranger", 1), "unknown_issuer");
}

static void
names_and_addresses_are_compared(void **state)
{
	struct der der = load("server");

	(void)state;
	assert_int_equal(certificate_is_for(der, text_of("portal.base.example")), 1);
	assert_int_equal(certificate_is_for(der, text_of("10.10.0.13")), 1);
	assert_int_equal(certificate_is_for(der, text_of("other.base.example")), 0);
	assert_int_equal(certificate_is_for((struct der){ der.at, 10 }, text_of("a")),
			 -1);
	free((void *)(uintptr_t)der.at);
}

static void
the_role_of_hpki_is_read(void **state)
{
	char role[HPKI_ROLE_SIZE] = "";
	struct der doctor = load("doctor"), server = load("server");

	(void)state;
	assert_true(certificate_hpki_role(doctor, role));
	assert_string_equal(role, "Medical Doctor");
	assert_false(certificate_hpki_role(server, role));
	free((void *)(uintptr_t)doctor.at);
	free((void *)(uintptr_t)server.at);
}

/* Whatever is cut or changed, it is one of the words and nothing breaks. */
static void
any_prefix_and_any_damage_is_survived(void **state)
{
	static uint8_t copy[4096];
	char role[HPKI_ROLE_SIZE];
	struct der doctor = load("doctor");

	(void)state;
	for (size_t at = 0; at < 2 * doctor.size; at++) {
		size_t place = at % doctor.size;
		memcpy(copy, doctor.at, doctor.size);
		copy[place] ^= at < doctor.size ? 0 : 0xff;
		struct der der = { copy, at < doctor.size ? place : doctor.size };
		const char *status = chains_judge(chains, &der, 1, now);
		assert_true(status[0] != '\0');
		if (at < doctor.size)
			assert_string_equal(status, "bad");
		certificate_hpki_role(der, role);
	}
	free((void *)(uintptr_t)doctor.at);
}

static void
what_is_no_folder_of_anchors_is_refused(void **state)
{
	struct error err;
	char path[PLACE_SIZE + 16];
	uint8_t out[CERTIFICATE_MAX];

	(void)state;
	snprintf(path, sizeof(path), "%s/db", folder);
	assert_null(chains_load(path, &err));
	assert_non_null(strstr(err.text, "holds no anchor"));
	assert_null(chains_load("/nowhere", &err));
	assert_int_equal(certificate_from_base64(text_of("AAEC"), out), 3);
	assert_int_equal(certificate_from_base64(text_of("AAE="), out), 2);
	assert_int_equal(certificate_from_base64(text_of("AAE"), out), 0);
	assert_int_equal(certificate_from_base64(text_of("!!!!"), out), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_is_judged_at_its_time),
		cmocka_unit_test(names_and_addresses_are_compared),
		cmocka_unit_test(the_role_of_hpki_is_read),
		cmocka_unit_test(any_prefix_and_any_damage_is_survived),
		cmocka_unit_test(what_is_no_folder_of_anchors_is_refused),
	};

	return cmocka_run_group_tests_name("chains", tests, make_all, drop_all);
}
