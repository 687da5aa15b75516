/* SPDX-License-Identifier: Apache-2.0 */
/* evidence: the 16 least records by (time, id) of a verdict's deciding class. */
#include "correlator/evidence.h"

#include <stdio.h>
#include <string.h>

static int
compare(const struct cited *cited, int64_t time, const char *id)
{
	if (cited->time != time)
		return cited->time < time ? -1 : 1;
	return strcmp(cited->id, id);
}

void
evidence_add(struct evidence *evidence, int64_t time, const char *id)
{
	size_t at = evidence->count;

	while (at > 0 && compare(&evidence->cited[at - 1], time, id) > 0)
		at--;
	if (at == EVIDENCE_MAX ||
	    (at > 0 && compare(&evidence->cited[at - 1], time, id) == 0))
		return;
	size_t moved =
		(evidence->count < EVIDENCE_MAX ? evidence->count : EVIDENCE_MAX - 1) -
		at;
	memmove(&evidence->cited[at + 1], &evidence->cited[at],
		moved * sizeof(evidence->cited[0]));
	if (evidence->count < EVIDENCE_MAX)
		evidence->count++;
	evidence->cited[at].time = time;
	snprintf(evidence->cited[at].id, EVIDENCE_ID_SIZE, "%s", id);
}

bool
evidence_has(const struct evidence *evidence, const char *id)
{
	for (size_t i = 0; i < evidence->count; i++)
		if (strcmp(evidence->cited[i].id, id) == 0)
			return true;
	return false;
}

void
evidence_to_text(const struct evidence *evidence, char text[EVIDENCE_TEXT_SIZE])
{
	size_t size = 0;

	text[size++] = '[';
	for (size_t i = 0; i < evidence->count; i++)
		size += (size_t)snprintf(text + size, EVIDENCE_TEXT_SIZE - size,
					 "%s\"%s\"", i > 0 ? "," : "",
					 evidence->cited[i].id);
	memcpy(text + size, "]", 2);
}

void
evidence_from_text(struct evidence *evidence, const char *text)
{
	evidence->count = 0;
	for (const char *open = strchr(text, '"'), *close; open != NULL;
	     open = strchr(close + 1, '"')) {
		close = strchr(open + 1, '"');
		if (close == NULL || evidence->count == EVIDENCE_MAX ||
		    close - open > EVIDENCE_ID_SIZE)
			return;
		struct cited *cited = &evidence->cited[evidence->count++];
		cited->time = 0;
		snprintf(cited->id, EVIDENCE_ID_SIZE, "%.*s", (int)(close - open - 1),
			 open + 1);
	}
}
