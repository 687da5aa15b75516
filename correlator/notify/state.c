/* SPDX-License-Identifier: Apache-2.0 */
/* state: how far one output has come, in the file STORE/notify/NAME.json. */
#include "correlator/notify/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

static void
path_of(char path[1200], const char *directory, const char *name, const char *end)
{
	snprintf(path, 1200, "%.1000s/notify/%.64s.json%s", directory, name, end);
}

static void
take_bucket(struct buckets *buckets, json_t *json)
{
	const char *rule, *participant;
	json_int_t tokens, at, held, seq;

	if (buckets->count == BUCKETS_MAX ||
	    json_unpack(json, "{s:s, s:s, s:I, s:I, s:I, s:I}", "rule", &rule,
			"participant", &participant, "tokens", &tokens, "at", &at,
			"held", &held, "seq", &seq) == -1)
		return;
	struct bucket *bucket = &buckets->bucket[buckets->count++];
	*bucket = (struct bucket){
		.tokens = tokens, .at = at, .held = (uint64_t)held, .seq = (uint64_t)seq
	};
	snprintf(bucket->rule, sizeof(bucket->rule), "%s", rule);
	snprintf(bucket->participant, sizeof(bucket->participant), "%s", participant);
}

static int
take_state(struct notify_state *state, json_t *json)
{
	json_int_t position, delivered, refused, summarised, failures, told;
	const char *error;
	json_t *list, *one;
	size_t at;

	if (json_unpack(json, "{s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:o}", "position",
			&position, "delivered", &delivered, "refused", &refused,
			"summarised", &summarised, "failures", &failures, "told", &told,
			"error", &error, "buckets", &list) == -1)
		return -1;
	*state = (struct notify_state){ .position = (uint64_t)position,
					.delivered = (uint64_t)delivered,
					.refused = (uint64_t)refused,
					.summarised = (uint64_t)summarised,
					.failures = (uint64_t)failures,
					.told = told };
	snprintf(state->error, sizeof(state->error), "%s", error);
	json_array_foreach(list, at, one) take_bucket(&state->buckets, one);
	return 0;
}

int
notify_state_read(struct notify_state *state, const char *directory, const char *name,
		  struct error *err)
{
	char path[1200];
	json_error_t why;

	path_of(path, directory, name, "");
	if (access(path, F_OK) == -1)
		return errno == ENOENT ? 0 : error_errno(err, "cannot read %s", path);
	json_t *json = json_load_file(path, 0, &why);
	int result = json != NULL ? take_state(state, json) : -1;
	json_decref(json);
	return result == 0 ? 1 : error_set(err, "%s: not an output's state", path);
}

static json_t *
to_json(const struct notify_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < state->buckets.count; i++) {
		const struct bucket *bucket = &state->buckets.bucket[i];
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}",
						"rule", bucket->rule, "participant",
						bucket->participant, "tokens",
						(json_int_t)bucket->tokens, "at",
						(json_int_t)bucket->at, "held",
						(json_int_t)bucket->held, "seq",
						(json_int_t)bucket->seq));
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:o}", "position",
			 (json_int_t)state->position, "delivered",
			 (json_int_t)state->delivered, "refused",
			 (json_int_t)state->refused, "summarised",
			 (json_int_t)state->summarised, "failures",
			 (json_int_t)state->failures, "told", (json_int_t)state->told,
			 "error", state->error, "buckets", list);
}

static int
write_whole(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		return -1;
	bool is_good = fputs(text, file) >= 0 && fputc('\n', file) != EOF &&
		       fflush(file) == 0 && fsync(fileno(file)) == 0;
	return fclose(file) == 0 && is_good ? 0 : -1;
}

int
notify_state_write(const struct notify_state *state, const char *directory,
		   const char *name, struct error *err)
{
	char path[1200], fresh[1200], folder[1200];
	json_t *json = to_json(state);
	char *text = json_dumps(json, JSON_COMPACT);

	snprintf(folder, sizeof(folder), "%.1000s/notify", directory);
	path_of(path, directory, name, "");
	path_of(fresh, directory, name, ".new");
	int result = text != NULL && (mkdir(folder, 0750) == 0 || errno == EEXIST) &&
				     write_whole(fresh, text) == 0 &&
				     rename(fresh, path) == 0
			     ? 0
			     : error_errno(err, "cannot write %s", path);
	free(text);
	json_decref(json);
	return result;
}
