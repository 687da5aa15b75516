/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notice: what is told of one transition of an alert, and how it reads.
 *
 * Made of inventory, rule, addresses and counts: never of values a record
 * showed, so that no patient or user can be named (decisions.md 22).
 */
#ifndef CORRELATOR_NOTIFY_NOTICE_H
#define CORRELATOR_NOTIFY_NOTICE_H

#include "common/arena.h"
#include "correlator/notify/notify.h"
#include "store/notices.h"

struct notice {
	struct notice_row row; /* texts are the batch's */
	uint64_t
		more; /* 0, or a summary: so many notices of this kind were held back */
	char key[96]; /* "ALERT-NUMBER": the receiver knows by it what it has */
};

enum { NOTICE_SENTENCE_SIZE = 1536, NOTICE_LINK_SIZE = 512 };

void notice_copy(struct notice *notice, const struct notice_row *row,
		 struct arena *arena);
/* Index into notify_severities. */
int notice_rank(const char *severity);
/* One sentence, valid UTF-8, no control characters. */
void notice_sentence(const struct notice *notice, bool is_ja,
		     char text[NOTICE_SENTENCE_SIZE]);
/* The alert's page, or "". */
void notice_link(const struct notify_settings *settings, const struct notice *notice,
		 char link[NOTICE_LINK_SIZE]);
/* RFC 3339 with milliseconds, UTC. */
void notice_time(int64_t usec, char text[32]);

#endif
