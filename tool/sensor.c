/* SPDX-License-Identifier: Apache-2.0 */
/* sensor: 'sekisho sensor ca, enroll, sign, show': certificates for sensors that stand
 * elsewhere. */
#include "tool/sensor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/exit_code.h"
#include "common/settings.h"
#include "common/text.h"
#include "tool/sensor_pki.h"

enum { PATH_SIZE = 1024 };

struct config {
	const char *keys, *sensor, *out;
	struct words poi;
	int64_t days;
};

#define INTO(member) offsetof(struct config, member)
/* clang-format off */
static const struct setting table[] = {
	{ "Keys", "keys", 'd', SETTING_PATH, INTO(keys), .initial = "/var/lib/sekisho/keys", .placeholder = "DIR",
	  .meaning = "directory of keys and certificates" },
	{ "Keys", "sensor", 0, SETTING_TEXT, INTO(sensor), .placeholder = "NAME",
	  .meaning = "name of the sensor, as its configuration has it" },
	{ "Keys", "poi", 0, SETTING_WORDS, INTO(poi), .placeholder = "POI,...",
	  .meaning = "interconnection points whose records it may deliver, at most 16" },
	{ "Keys", "days", 0, SETTING_NUMBER, INTO(days), .initial = "365", .least = 1, .most = 3650,
	  .meaning = "how long the new certificate holds" },
	{ "Keys", "out", 'o', SETTING_PATH, INTO(out), .placeholder = "FILE",
	  .meaning = "where 'sign' writes the certificate (default: standard output)" },
	{ 0 },
};
/* clang-format on */

static const struct settings_program program = {
	.name = "sekisho sensor",
	.purpose = "Makes the certificates by which sensors elsewhere and the "
		   "correlator know each other.",
	.arguments = "ca | enroll | sign REQUEST | show CERTIFICATE",
	.arguments_least = 1,
	.arguments_most = 2,
	.table = table,
	.has_no_file = true,
};

typedef int action(const struct config *config, const char *file);
static action make_ca, enroll, sign, show;

static const struct {
	const char *name;
	action *run;
	bool takes_file, takes_subject;
} actions[] = {
	{ "ca", make_ca, false, false },
	{ "enroll", enroll, false, true },
	{ "sign", sign, true, true },
	{ "show", show, true, false },
};

static int
fail(int status, const char *text)
{
	fprintf(stderr, "sekisho sensor: %s\n", text);
	return status;
}

static struct pki_subject
subject_of(const struct config *config)
{
	return (struct pki_subject){ .role = TRUST_SENSOR,
				     .sensor = config->sensor,
				     .poi = config->poi.word,
				     .poi_count = config->poi.count };
}

static void
path_in(const struct config *config, const char *name, char out[PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%s/%s", config->keys, name);
}

static int
make_directory(const struct config *config, struct error *err)
{
	if (mkdir(config->keys, 0755) == 0 || errno == EEXIST)
		return 0;
	return error_errno(err, "cannot make directory %s", config->keys);
}

/* The CA's key and certificate, unless they are there. */
static int
found_ca(const char *ca, const char *ca_key, time_t now, struct error *err)
{
	struct stat about;

	if (stat(ca, &about) == 0)
		return 0;
	struct evp_pkey_st *key = pki_key(ca_key, NULL, err);
	int result = key != NULL ? pki_make_ca(key, now, ca, err) : -1;
	pki_key_free(key);
	return result;
}

static int
make_ca(const struct config *config, const char *file)
{
	char ca[PATH_SIZE], ca_key[PATH_SIZE], certificate[PATH_SIZE],
		key_path[PATH_SIZE];
	char serial[TRUST_SERIAL_SIZE];
	time_t now = time(NULL);
	struct error err;

	(void)file;
	path_in(config, "ca.pem", ca);
	path_in(config, "ca.key", ca_key);
	path_in(config, "correlator.pem", certificate);
	path_in(config, "correlator.key", key_path);
	if (make_directory(config, &err) == -1 || found_ca(ca, ca_key, now, &err) == -1)
		return fail(EXIT_CODE_ENVIRONMENT, err.text);
	struct evp_pkey_st *key = pki_key(key_path, "sekisho", &err);
	struct pki_signing signing = { .ca = ca,
				       .ca_key = ca_key,
				       .key = key,
				       .days = config->days,
				       .out = certificate,
				       .subject = { .role = TRUST_CORRELATOR,
						    .sensor = "" } };
	int result = key != NULL ? pki_sign(&signing, now, serial, NULL, &err) : -1;
	pki_key_free(key);
	if (result == -1)
		return fail(EXIT_CODE_ENVIRONMENT, err.text);
	printf("%s: the CA; give this file to each sensor, keep %s to yourself\n"
	       "%s: the correlator's certificate, serial %s, %lld days\n",
	       ca, ca_key, certificate, serial, (long long)config->days);
	return EXIT_CODE_OK;
}

static int
enroll(const struct config *config, const char *file)
{
	char key_path[PATH_SIZE], request[PATH_SIZE], text[DIGEST_TEXT_SIZE];
	const struct pki_subject subject = subject_of(config);
	struct digest fingerprint;
	struct error err;

	(void)file;
	path_in(config, "sensor.key", key_path);
	path_in(config, "sensor.csr", request);
	if (make_directory(config, &err) == -1)
		return fail(EXIT_CODE_ENVIRONMENT, err.text);
	struct evp_pkey_st *key = pki_key(key_path, "sekisho-sensor", &err);
	int result = key != NULL
			     ? pki_request(key, &subject, request, &fingerprint, &err)
			     : -1;
	pki_key_free(key);
	if (result == -1)
		return fail(EXIT_CODE_ENVIRONMENT, err.text);
	digest_to_text(&fingerprint, text);
	printf("%s: take it to the centre, where 'sekisho sensor sign' must say the "
	       "same fingerprint:\n%s\n",
	       request, text);
	return EXIT_CODE_OK;
}

static int
sign(const struct config *config, const char *file)
{
	char ca[PATH_SIZE], ca_key[PATH_SIZE], serial[TRUST_SERIAL_SIZE],
		text[DIGEST_TEXT_SIZE];
	struct digest fingerprint;
	struct error err;

	path_in(config, "ca.pem", ca);
	path_in(config, "ca.key", ca_key);
	struct pki_signing signing = { .ca = ca,
				       .ca_key = ca_key,
				       .request = file,
				       .subject = subject_of(config),
				       .days = config->days,
				       .out = config->out };
	if (pki_sign(&signing, time(NULL), serial, &fingerprint, &err) == -1)
		return fail(EXIT_CODE_INPUT, err.text);
	digest_to_text(&fingerprint, text);
	fprintf(stderr,
		"sekisho sensor: signed %s for %lld days, serial %s, request %s\n",
		config->sensor, (long long)config->days, serial, text);
	return EXIT_CODE_OK;
}

static int
show(const struct config *config, const char *file)
{
	struct timespec at;
	struct trust_identity identity;
	struct error err;
	char words[80];

	(void)config;
	if (pki_show(file, &identity, &err) == -1)
		return fail(EXIT_CODE_INPUT, err.text);
	clock_gettime(CLOCK_REALTIME, &at);
	struct instant now = { at.tv_sec * INSTANT_SECOND };
	trust_days_words(identity.end, now, words, sizeof(words));
	printf("%s%s, serial %s, %s\n",
	       identity.role == TRUST_SENSOR ? "sensor " : "correlator",
	       identity.sensor, identity.serial, words);
	for (unsigned i = 0; i < identity.poi_count; i++)
		printf("poi %s\n", identity.poi[i]);
	return trust_days_step(identity.end, now) == 0 ? EXIT_CODE_NO : EXIT_CODE_OK;
}

static bool
is_name(const char *name)
{
	size_t size = strlen(name);

	return size > 0 && size < TRUST_NAME_SIZE && text_is_valid(name, size);
}

static const char *
wrong_subject(const struct config *config)
{
	if (config->sensor == NULL || !is_name(config->sensor))
		return "--sensor is missing or none; expected 1 to 64 bytes of UTF-8";
	if (config->poi.count == 0 || config->poi.count > TRUST_POIS_MAX)
		return "--poi is missing, or names over 16";
	for (size_t i = 0; i < config->poi.count; i++)
		if (!is_name(config->poi.word[i]))
			return "--poi is none; expected 1 to 64 bytes of UTF-8";
	return NULL;
}

static int
run(const struct config *config, const struct settings *settings)
{
	const char *file = settings->argument_count > 1 ? settings->argument[1] : NULL;
	size_t i = 0;

	while (i < sizeof(actions) / sizeof(actions[0]) &&
	       strcmp(actions[i].name, settings->argument[0]) != 0)
		i++;
	if (i == sizeof(actions) / sizeof(actions[0]) ||
	    actions[i].takes_file != (file != NULL))
		return fail(EXIT_CODE_USAGE,
			    "expected ca, enroll, sign REQUEST or show CERTIFICATE");
	const char *wrong = actions[i].takes_subject ? wrong_subject(config) : NULL;
	return wrong != NULL ? fail(EXIT_CODE_USAGE, wrong)
			     : actions[i].run(config, file);
}

int
command_sensor(int argc, char **argv)
{
	struct config config = { 0 };
	struct settings settings;
	int status = settings_read(&program, argc, argv, &config, &settings);

	if (status == -1)
		status = run(&config, &settings);
	settings_release(&settings);
	return status;
}
