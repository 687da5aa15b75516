/* SPDX-License-Identifier: Apache-2.0 */
/* query: what an analyst types above the queue, as terms of a filter. */
#include "dashboards/console/query.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"

static const char *const severities[] = { "critical", "high", "medium",
					  "low",      "info", NULL };
static const char *const states[] = { "new",       "acknowledged", "investigating",
				      "escalated", "closed",       NULL };
static const char *const episodes[] = { "open", "quiet", "closed", NULL };
static const char *const categories[] = { "requirement", "detection", NULL };
static const char *const dispositions[] = { "open", "accepted", NULL };
static const char *const flags[] = { "mine", "late", "noted", "unassigned", NULL };

/* clang-format off */
static const struct key {
	const char *name;
	enum alert_key key;
	const char *const *words; /* allowed values; NULL: any */
	const char *expected;
} keys[] = {
	{ "rule",     ALERT_KEY_RULE,        NULL,         "a rule id, or its beginning and *" },
	{ "sev",      ALERT_KEY_SEVERITY,    severities,   "critical, high, medium, low or info, after >=, >, <=, < or nothing" },
	{ "state",    ALERT_KEY_STATE,       states,       "new, acknowledged, investigating, escalated or closed" },
	{ "episode",  ALERT_KEY_EPISODE,     episodes,     "open, quiet or closed" },
	{ "category", ALERT_KEY_CATEGORY,    categories,   "requirement or detection" },
	{ "verdict",  ALERT_KEY_DISPOSITION, dispositions, "open or accepted" },
	{ "from",     ALERT_KEY_CLIENT,      NULL,         "a participant, region, address or prefix" },
	{ "to",       ALERT_KEY_SERVER,      NULL,         "a participant, region, address or prefix" },
	{ "with",     ALERT_KEY_EITHER,      NULL,         "a participant, region, address or prefix" },
	{ "service",  ALERT_KEY_SERVICE,     NULL,         "a service or its kind" },
	{ "poi",      ALERT_KEY_POI,         NULL,         "an interconnection point" },
	{ "port",     ALERT_KEY_PORT,        NULL,         "a number from 0 to 65535" },
	{ "assignee", ALERT_KEY_ASSIGNEE,    NULL,         "a user" },
	{ "reason",   ALERT_KEY_REASON,      NULL,         "a reason of closing" },
	{ "id",       ALERT_KEY_ID,          NULL,         "the beginning of an alert's id" },
	{ "is",       ALERT_KEY_LATE,        flags,        "mine, late, noted or unassigned" },
};
/* clang-format on */

static const struct key text_key = { "", ALERT_KEY_TEXT, NULL, "text" };

struct word {
	const char *at; /* rest of the word */
	size_t size;
};

static bool
fail(struct query_fault *fault, const char *query, const char *at, const char *expected)
{
	size_t size = strcspn(at, " \t");

	fault->at = 0;
	for (const char *c = query; c < at; c++)
		fault->at += ((unsigned char)*c & 0xc0) != 0x80;
	struct text token =
		text_from_bytes(at, size, fault->token, sizeof(fault->token) - 1, NULL);
	fault->token[token.size] = '\0';
	fault->expected = expected;
	return false;
}

static bool
is_one_of(const char *const *words, const char *value)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, value) == 0)
			return true;
	return false;
}

static bool
is_port(const char *value)
{
	size_t size = strspn(value, "0123456789");
	int port = 0;

	return size > 0 && size <= 5 && value[size] == '\0' &&
	       sscanf(value, "%d", &port) == 1 && port <= 65535;
}

static bool
is_value_of(const struct key *key, const char *value)
{
	if (value[0] == '\0')
		return false;
	if (key->words != NULL)
		return is_one_of(key->words, value);
	return key->key != ALERT_KEY_PORT || is_port(value);
}

/* "key:" at the beginning of a word that is not quoted; text if there is none. */
static const struct key *
take_key(struct word *word)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t size = strlen(keys[i].name);
		if (word->size > size && word->at[size] == ':' &&
		    memcmp(word->at, keys[i].name, size) == 0) {
			word->at += size + 1;
			word->size -= size + 1;
			return &keys[i];
		}
	}
	return &text_key;
}

static enum alert_compare
take_compare(struct word *word)
{
	static const struct {
		const char *sign;
		enum alert_compare compare;
	} signs[] = { { ">=", ALERT_AT_LEAST },
		      { "<=", ALERT_AT_MOST },
		      { ">", ALERT_ABOVE },
		      { "<", ALERT_BELOW } };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t size = strlen(signs[i].sign);
		if (word->size >= size && memcmp(word->at, signs[i].sign, size) == 0) {
			word->at += size;
			word->size -= size;
			return signs[i].compare;
		}
	}
	return ALERT_EQUAL;
}

/* Splits the value at commas, unless it is text; false if one is none of the key's. */
static bool
set_values(struct alert_term *term, const struct key *key, const struct word *word,
	   bool is_whole)
{
	char *value = term->value;

	if (word->size == 0 || word->size >= sizeof(term->value))
		return false;
	memcpy(term->value, word->at, word->size);
	term->value[word->size] = '\0';
	term->values = 1;
	for (char *c = value; !is_whole && *c != '\0'; c++) {
		if (*c != ',')
			continue;
		*c = '\0';
		term->values++;
	}
	for (int i = 0; i < term->values; i++, value += strlen(value) + 1)
		if (!is_value_of(key, value))
			return false;
	return true;
}

static void
set_flag(struct alert_term *term, const char *me)
{
	char flag = term->value[0];

	term->key = flag == 'm'   ? ALERT_KEY_ASSIGNEE
		    : flag == 'l' ? ALERT_KEY_LATE
		    : flag == 'n' ? ALERT_KEY_NOTED
				  : ALERT_KEY_UNASSIGNED;
	if (flag == 'm')
		snprintf(term->value, sizeof(term->value), "%s", me);
}

static bool
read_term(struct alert_term *term, struct word word, bool is_quoted, const char *me,
	  const char **expected)
{
	const struct key *key = is_quoted ? &text_key : take_key(&word);
	bool is_text = key == &text_key, is_flag = key->words == flags;

	*expected = key->expected;
	term->key = key->key;
	if (key->key == ALERT_KEY_SEVERITY)
		term->compare = take_compare(&word);
	if (key->key == ALERT_KEY_RULE && word.size > 1 &&
	    word.at[word.size - 1] == '*') {
		term->is_prefix = true;
		word.size--;
	}
	if (!set_values(term, key, &word, is_text || is_flag || term->is_prefix))
		return false;
	if (is_flag)
		set_flag(term, me);
	return true;
}

/* The next word's extent; false if a quotation mark is not closed, or stands inside a
 * word. */
static bool
take_word(const char **at, struct word *word, bool *is_quoted)
{
	const char *begin = *at, *end;

	*is_quoted = *begin == '"';
	if (*is_quoted) {
		end = strchr(++begin, '"');
		if (end == NULL)
			return false;
		*at = end + 1;
	} else {
		end = begin + strcspn(begin, " \t\"");
		if (*end == '"')
			return false;
		*at = end;
	}
	*word = (struct word){ begin, (size_t)(end - begin) };
	return true;
}

static bool
has_room(const struct alert_filter *filter, int values)
{
	for (size_t i = 0; i < filter->term_count; i++)
		values += filter->term[i].values;
	return values <= ALERT_VALUES_MAX;
}

bool
query_parse(const char *text, struct alert_filter *filter, struct query_fault *fault)
{
	const char *at = text;

	if (strlen(text) > QUERY_SIZE_MAX || !text_is_valid(text, strlen(text)))
		return fail(fault, text, text, "at most 1,000 characters");
	for (;;) {
		struct alert_term term = { 0 };
		struct word word;
		bool is_quoted;
		const char *expected;

		at += strspn(at, " \t");
		if (*at == '\0')
			return true;
		const char *begin = at;
		if (filter->term_count == ALERT_TERMS_MAX)
			return fail(fault, text, begin, "at most 32 words");
		term.is_negated = *at == '-';
		at += term.is_negated;
		if (*at == '\0' || *at == ' ' || *at == '\t')
			return fail(fault, text, begin, "a word after -");
		if (!take_word(&at, &word, &is_quoted))
			return fail(fault, text, begin,
				    "quotation marks around a whole text");
		if (!read_term(&term, word, is_quoted, filter->me, &expected))
			return fail(fault, text, begin, expected);
		if (!has_room(filter, term.values))
			return fail(fault, text, begin, "at most 64 values");
		filter->term[filter->term_count++] = term;
	}
}
