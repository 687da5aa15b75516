/* SPDX-License-Identifier: Apache-2.0 */
/* signed: a report's detached signature, FILE.sig, and what it says of the report. */
#include "correlator/report/signed.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "common/digest.h"
#include "common/file.h"

enum { PATH_SIZE = 4096, SIGNATURE_FILE_MAX = 16384, PIECE = 65536 };

static int
hash_file(const char *path, char text[DIGEST_TEXT_SIZE], struct error *err)
{
	char piece[PIECE];
	size_t size;
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return error_errno(err, "cannot open %s", path);
	struct digester *digester = digester_new();
	while ((size = fread(piece, 1, sizeof(piece), file)) > 0)
		digester_add(digester, piece, size);
	struct digest digest = digester_end(digester);
	bool is_bad = ferror(file) != 0;
	fclose(file);
	digest_to_text(&digest, text);
	return is_bad ? error_errno(err, "cannot read %s", path) : 0;
}

static char *
make_body(const struct report *report, const char *sha256,
	  const struct signing_key *key)
{
	const struct report_request *request = &report->request;
	char public[PUBLIC_KEY_TEXT_SIZE];

	public_key_to_text(&key->public, public);
	json_t *body = json_pack(
		"{s:i,s:s,s:s,s:s,s:I,s:I,s:i,s:I,s:s,s:s}", "sekisho_report_signature",
		1, "sha256", sha256, "region", request->region, "period",
		request->period, "from", (json_int_t)request->from, "to",
		(json_int_t)request->to, "zone", request->zone, "as_of",
		(json_int_t)report->as_of, "ruleset", report->ruleset, "key", public);
	char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	return text;
}

int
signed_write(const char *path, const struct report *report,
	     const struct signing_key *key, struct error *err)
{
	char sha256[DIGEST_TEXT_SIZE], signature[SIGNATURE_TEXT_SIZE],
		beside[PATH_SIZE];

	if (hash_file(path, sha256, err) == -1)
		return -1;
	if ((size_t)snprintf(beside, sizeof(beside), "%s.sig", path) >= sizeof(beside))
		return error_set(err, "%s: the path is too long", path);
	char *body = make_body(report, sha256, key);
	if (body == NULL)
		return error_set(err, "no memory for a signature");
	signature_make(key, body, strlen(body), signature);
	FILE *out = fopen(beside, "w");
	int result = out == NULL ? error_errno(err, "cannot write %s", beside) : 0;
	if (out != NULL) {
		fprintf(out, "%s\n%s\n", body, signature);
		bool is_bad = fflush(out) != 0 || fsync(fileno(out)) == -1;
		if (fclose(out) != 0 || is_bad)
			result = error_errno(err, "cannot write %s", beside);
	}
	free(body);
	return result;
}

static bool
take(struct signed_report *is, const json_t *body)
{
	const char *region = json_string_value(json_object_get(body, "region"));
	const char *period = json_string_value(json_object_get(body, "period"));
	const char *sha256 = json_string_value(json_object_get(body, "sha256"));
	const json_t *to = json_object_get(body, "to");

	if (region == NULL || period == NULL || !json_is_integer(to))
		return false;
	*is = (struct signed_report){
		.from = json_integer_value(json_object_get(body, "from")),
		.to = json_integer_value(to),
		.zone = (int)json_integer_value(json_object_get(body, "zone")),
	};
	snprintf(is->region, sizeof(is->region), "%s", region);
	snprintf(is->period, sizeof(is->period), "%s", period);
	snprintf(is->sha256, sizeof(is->sha256), "%s", sha256 != NULL ? sha256 : "");
	return true;
}

/* The signature's two lines in '*text', which the caller frees. */
static int
load(const char *path, char **text, char **signature, struct signed_report *is,
     struct error *err)
{
	char beside[PATH_SIZE];
	size_t size;

	snprintf(beside, sizeof(beside), "%s.sig", path);
	if (file_read(beside, SIGNATURE_FILE_MAX, text, &size, err) == -1)
		return -1;
	size_t line = strcspn(*text, "\n");
	*signature = *text + line + (line < size);
	(*text)[line] = '\0';
	(*signature)[strcspn(*signature, "\n")] = '\0';
	json_t *body = json_loads(*text, JSON_REJECT_DUPLICATES, NULL);
	bool is_good = body != NULL && take(is, body);
	json_decref(body);
	if (is_good)
		return 0;
	free(*text);
	return error_set(err, "%s is no signature of a report", beside);
}

int
signed_verify(const char *path, const struct public_key *key, struct signed_report *is,
	      struct error *err)
{
	char sha256[DIGEST_TEXT_SIZE], *text, *signature;

	if (hash_file(path, sha256, err) == -1 ||
	    load(path, &text, &signature, is, err) == -1)
		return -1;
	int result = 0;
	if (!signature_holds(key, text, strlen(text), signature))
		result = error_set(err, "the signature is not by this key");
	else if (strcmp(sha256, is->sha256) != 0)
		result = error_set(err, "was changed since it was signed");
	free(text);
	return result;
}

int
signed_read(const char *path, struct signed_report *is, struct error *err)
{
	char *text, *signature;

	if (load(path, &text, &signature, is, err) == 0) {
		free(text);
		return 0;
	}
	json_t *body = json_load_file(path, 0, NULL);
	bool is_good = body != NULL && take(is, body);
	json_decref(body);
	return is_good ? 0
		       : error_set(err,
				   "%s: neither it nor a signature beside it says "
				   "what it is of; expected a report in JSON, or one "
				   "that was signed",
				   path);
}
