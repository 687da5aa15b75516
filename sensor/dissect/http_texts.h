/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_texts: named texts and short lists that outlive their packet, bounded.
 *
 * What does not fit, or finds no memory, is left out or cut, and is_cut says so.
 */
#ifndef SENSOR_DISSECT_HTTP_TEXTS_H
#define SENSOR_DISSECT_HTTP_TEXTS_H

#include "sensor/dissect/kept.h"

enum {
	HTTP_TEXTS_NAMES = 48,     /* texts one holds at most */
	HTTP_TEXTS_ROOM = 8 << 10, /* bytes of all of them */
	HTTP_LIST_ROOM = 8 << 10   /* bytes of a list */
};

struct http_texts {
	struct kept kept;
	uint64_t has; /* bit i: text i was there, if only empty */
	bool is_cut;
	struct {
		uint16_t at, size;
	} value[HTTP_TEXTS_NAMES];
};

/* Keeps the first 'most' bytes of 'value'; a text that is there already stays. */
void http_texts_set(struct http_texts *texts, struct kept_budget *budget,
		    unsigned which, struct bytes value, size_t most);
/* Empty if it is not there. */
struct bytes http_texts_get(const struct http_texts *texts, unsigned which);
static inline bool
http_texts_has(const struct http_texts *texts, unsigned which)
{
	return texts->has >> which & 1;
}
void http_texts_release(struct http_texts *texts, struct kept_budget *budget);

/* Different texts in the order in which they came. */
struct http_list {
	struct kept kept;
	uint16_t count;
	bool is_cut;
};

/* Adds 'value' (at most 255 bytes of it) unless it is there, or 'most' are. */
void http_list_add(struct http_list *list, struct kept_budget *budget,
		   struct bytes value, unsigned most);
/* The one behind '*at', which begins as 0; false at the end. */
bool http_list_next(const struct http_list *list, size_t *at, struct bytes *value);
void http_list_release(struct http_list *list, struct kept_budget *budget);

/* Blanks (SP, HT, CR, LF) at both ends are cut. */
struct bytes http_trim(struct bytes value);
/* Up to 'end', which is passed over, or all. */
struct bytes http_until(struct bytes *rest, uint8_t end);
/* Letters of ASCII are the same in both cases. */
bool http_is(struct bytes value, const char *word);
bool http_begins(struct bytes value, const char *word);
bool http_ends(struct bytes value, const char *word);
/* A parameter's value (RFC 9110 section 5.6.6), without its quotes; empty if there is
 * none. */
struct bytes http_parameter(struct bytes value, const char *name);

#endif
