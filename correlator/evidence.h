/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence: the 16 least records by (time, id) of a verdict's deciding class.
 *
 * A set with a rule and not a list of arrivals: the order of arrival does not show.
 */
#ifndef CORRELATOR_EVIDENCE_H
#define CORRELATOR_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	EVIDENCE_MAX = 16,
	EVIDENCE_ID_SIZE = 192,
	EVIDENCE_TEXT_SIZE = EVIDENCE_MAX * (EVIDENCE_ID_SIZE + 3) + 3
};

struct cited {
	int64_t time;
	char id[EVIDENCE_ID_SIZE];
};

struct evidence {
	size_t count;
	struct cited cited[EVIDENCE_MAX]; /* rising */
};

/* Adds it if it is among the least and not there. */
void evidence_add(struct evidence *evidence, int64_t time, const char *id);
bool evidence_has(const struct evidence *evidence, const char *id);

/* A JSON list of the ids, which hold nothing that JSON escapes (lanes_take). */
void evidence_to_text(const struct evidence *evidence, char text[EVIDENCE_TEXT_SIZE]);
/* The ids of what evidence_to_text wrote, with time 0; what does not fit is left out.
 */
void evidence_from_text(struct evidence *evidence, const char *text);

#endif
