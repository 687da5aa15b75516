/* SPDX-License-Identifier: Apache-2.0 */
/* pattern: regular expressions of rules; the door to PCRE2. */
#include "correlator/policy/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <assert.h>
#include <stdlib.h>

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data; /* scratch of one match */
	pcre2_match_context *limits;
};

static pcre2_code *
compile(const char *text, struct error *err)
{
	int mistake;
	PCRE2_SIZE place;
	char words[128];
	uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
					 options, &mistake, &place, NULL);

	if (code == NULL) {
		pcre2_get_error_message(mistake, (PCRE2_UCHAR *)words, sizeof(words));
		error_set(err, "no regular expression, at its byte %zu: %s", place,
			  words);
	}
	return code;
}

static struct pattern *
make(const char *text, size_t most, struct error *err)
{
	if (strlen(text) > most) {
		error_set(err, "longer than %zu bytes", most);
		return NULL;
	}
	pcre2_code *code = compile(text, err);
	if (code == NULL)
		return NULL;

	struct pattern *pattern = calloc(1, sizeof(*pattern));
	assert(pattern != NULL);
	pattern->code = code;
	pattern->data = pcre2_match_data_create_from_pattern(code, NULL);
	pattern->limits = pcre2_match_context_create(NULL);
	assert(pattern->data != NULL && pattern->limits != NULL);
	pcre2_set_match_limit(pattern->limits, PATTERN_STEPS_MAX);
	pcre2_set_depth_limit(pattern->limits, 1000);
	pcre2_set_heap_limit(pattern->limits, 1024); /* KiB */
	return pattern;
}

struct pattern *
pattern_new(const char *text, struct error *err)
{
	return make(text, PATTERN_SIZE_MAX, err);
}

struct pattern *
pattern_new_long(const char *text, struct error *err)
{
	return make(text, PATTERN_LONG_MAX, err);
}

void
pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_match_context_free(pattern->limits);
	pcre2_match_data_free(pattern->data);
	pcre2_code_free(pattern->code);
	free(pattern);
}

enum outcome
pattern_match(const struct pattern *pattern, struct text text)
{
	/* PCRE2 wants a pointer even for nothing. */
	const char *subject = text.at != NULL ? text.at : "";
	int found = pcre2_match(pattern->code, (PCRE2_SPTR)subject, text.size, 0, 0,
				pattern->data, pattern->limits);

	if (found == PCRE2_ERROR_NOMATCH)
		return OUTCOME_BAD;
	return found >= 0 ? OUTCOME_GOOD : OUTCOME_ERROR;
}

bool
pattern_group(const struct pattern *pattern, const char *name, struct text text,
	      struct text *value)
{
	int number = pcre2_substring_number_from_name(pattern->code, (PCRE2_SPTR)name);
	const PCRE2_SIZE *place = pcre2_get_ovector_pointer(pattern->data);

	if (number < 0 || (uint32_t)number >= pcre2_get_ovector_count(pattern->data) ||
	    place[2 * number] == PCRE2_UNSET || place[2 * number + 1] > text.size)
		return false;
	*value = (struct text){ text.at + place[2 * number],
				(uint32_t)(place[2 * number + 1] - place[2 * number]) };
	return true;
}
