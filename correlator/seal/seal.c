/* SPDX-License-Identifier: Apache-2.0 */
/* seal: what was in the ledger on a day, hashed, chained and signed; one small file
 * each. */
#include "correlator/seal/seal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "common/calendar.h"
#include "common/file.h"

enum { PATH_SIZE = 4096, FILE_MAX = 16384 };

static bool
digest_from_hex(const char *text, struct digest *digest)
{
	if (text == NULL || strlen(text) != DIGEST_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		unsigned byte;
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		digest->byte[i] = (uint8_t)byte;
	}
	return true;
}

struct digest
seal_digest(const struct seal *seal)
{
	return digest_of(seal->body, strlen(seal->body));
}

static bool
take_columns(struct seal *seal, struct arena *arena, const json_t *columns)
{
	seal->column_count = json_array_size(columns);
	if (seal->column_count > SEAL_COLUMNS_MAX)
		return false;
	for (size_t i = 0; i < seal->column_count; i++) {
		const char *name = json_string_value(json_array_get(columns, i));
		if (name == NULL)
			return false;
		seal->column[i] = arena_text(arena, name, strlen(name));
	}
	return true;
}

static bool
take_body(struct seal *seal, struct arena *arena, const json_t *body)
{
	const char *kind = json_string_value(json_object_get(body, "kind"));

	if (json_integer_value(json_object_get(body, "sekisho_seal")) != 1 ||
	    kind == NULL)
		return false;
	seal->number = (uint64_t)json_integer_value(json_object_get(body, "number"));
	seal->is_retention = strcmp(kind, "retention") == 0;
	seal->begin = json_integer_value(json_object_get(body, "begin"));
	seal->end = json_integer_value(json_object_get(body, "end"));
	seal->rows = (uint64_t)json_integer_value(json_object_get(body, "rows"));
	return digest_from_hex(json_string_value(json_object_get(body, "sha256")),
			       &seal->digest) &&
	       digest_from_hex(json_string_value(json_object_get(body, "previous")),
			       &seal->previous) &&
	       take_columns(seal, arena, json_object_get(body, "columns"));
}

static int
load_one(struct seals *seals, const char *folder, const char *name, struct error *err)
{
	struct seal *seal = &seals->seal[seals->count];
	char path[PATH_SIZE], *text;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(seal->name, sizeof(seal->name), "%s", name);
	if (file_read(path, FILE_MAX, &text, &size, err) == -1)
		return -1;
	size_t line = strcspn(text, "\n");
	const char *rest = text + line + (line < size);
	seal->body = arena_text(&seals->arena, text, line);
	seal->signature = arena_text(&seals->arena, rest, strcspn(rest, "\n"));
	free(text);
	json_t *body = json_loads(seal->body, JSON_REJECT_DUPLICATES, NULL);
	bool is_good = body != NULL && take_body(seal, &seals->arena, body);
	json_decref(body);
	if (!is_good)
		return error_set(err, "%s: is no seal, or was changed", path);
	seals->count++;
	return 0;
}

static int
is_seal(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return size > 5 && size < SEAL_NAME_SIZE &&
	       strcmp(entry->d_name + size - 5, ".seal") == 0;
}

int
seals_load(struct seals *seals, const char *folder, struct error *err)
{
	struct dirent **list = NULL;
	int found = scandir(folder, &list, is_seal, alphasort), result = 0;

	*seals = (struct seals){ 0 };
	if (found == -1)
		return errno == ENOENT ? 0 : error_errno(err, "cannot read %s", folder);
	/* room for the ones a sealing adds comes from seal_write */
	seals->seal =
		arena_take(&seals->arena, ((size_t)found + 1) * sizeof(*seals->seal));
	for (int i = 0; i < found; i++) {
		if (result == 0)
			result = load_one(seals, folder, list[i]->d_name, err);
		free(list[i]);
	}
	free(list);
	return result;
}

void
seals_release(struct seals *seals)
{
	arena_release(&seals->arena);
	*seals = (struct seals){ 0 };
}

/* The line that is signed; members stand in this order. */
static char *
make_body(const struct seal *seal, const char *day, const struct signing_key *key)
{
	char digest[DIGEST_TEXT_SIZE], previous[DIGEST_TEXT_SIZE],
		public[PUBLIC_KEY_TEXT_SIZE];
	json_t *columns = json_array();

	digest_to_text(&seal->digest, digest);
	digest_to_text(&seal->previous, previous);
	public_key_to_text(&key->public, public);
	for (size_t i = 0; i < seal->column_count; i++)
		json_array_append_new(columns, json_string(seal->column[i]));
	json_t *body =
		json_pack("{s:i,s:I,s:s,s:s,s:I,s:I,s:I,s:s,s:s,s:s,s:o}",
			  "sekisho_seal", 1, "number", (json_int_t)seal->number, "kind",
			  seal->is_retention ? "retention" : "day", "day", day, "begin",
			  (json_int_t)seal->begin, "end", (json_int_t)seal->end, "rows",
			  (json_int_t)seal->rows, "sha256", digest, "previous",
			  previous, "key", public, "columns", columns);
	char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	return text;
}

/* Beside it and then renamed, and both flushed: a half seal would look like a forged
 * one. */
static int
write_file(const char *folder, const struct seal *seal, struct error *err)
{
	char path[PATH_SIZE], beside[PATH_SIZE + 8];

	snprintf(path, sizeof(path), "%s/%s", folder, seal->name);
	snprintf(beside, sizeof(beside), "%s.new", path);
	FILE *out = fopen(beside, "w");
	if (out == NULL)
		return error_errno(err, "cannot write %s", beside);
	fprintf(out, "%s\n%s\n", seal->body, seal->signature);
	bool is_bad = fflush(out) != 0 || fsync(fileno(out)) == -1 ||
		      fchmod(fileno(out), 0444) == -1;
	if (fclose(out) != 0 || is_bad || rename(beside, path) == -1) {
		error_errno(err, "cannot write %s", path);
		unlink(beside);
		return -1;
	}
	int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory != -1) {
		fsync(directory);
		close(directory);
	}
	return 0;
}

static void
keep(struct seals *seals, const struct seal *seal)
{
	struct seal *larger =
		arena_take(&seals->arena, (seals->count + 2) * sizeof(*larger));

	if (seals->count > 0)
		memcpy(larger, seals->seal, seals->count * sizeof(*larger));
	seals->seal = larger;
	seals->seal[seals->count++] = *seal;
}

int
seal_write(struct seals *seals, struct seal *seal, const char *folder, int zone,
	   const struct signing_key *key, struct error *err)
{
	char day[CALENDAR_TEXT_SIZE], signature[SIGNATURE_TEXT_SIZE];

	date_to_text(
		calendar_date((struct instant){ seal->begin }, (struct zone){ zone }),
		day);
	seal->number = seals->count + 1;
	if (seals->count > 0)
		seal->previous = seal_digest(&seals->seal[seals->count - 1]);
	char *body = make_body(seal, day, key);
	if (body == NULL)
		return error_set(err, "no memory for a seal");
	signature_make(key, body, strlen(body), signature);
	seal->body = arena_text(&seals->arena, body, strlen(body));
	seal->signature = arena_text(&seals->arena, signature, strlen(signature));
	free(body);
	snprintf(seal->name, sizeof(seal->name), "%08" PRIu64 "-%s-%s.seal",
		 seal->number, seal->is_retention ? "retention" : "day", day);
	if (mkdir(folder, 0750) == -1 && errno != EEXIST)
		return error_errno(err, "cannot make %s", folder);
	if (write_file(folder, seal, err) == -1)
		return -1;
	keep(seals, seal);
	return 0;
}

int
seals_deliver(const struct seals *seals, const char *to, size_t *copied,
	      struct error *err)
{
	char path[PATH_SIZE];

	*copied = 0;
	for (size_t i = 0; i < seals->count; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", to,
				     seals->seal[i].name) >= sizeof(path))
			return error_set(err, "%s: the path is too long", to);
		if (access(path, F_OK) == 0)
			continue;
		if (write_file(to, &seals->seal[i], err) == -1)
			return -1;
		(*copied)++;
	}
	return 0;
}
