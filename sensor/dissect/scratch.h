/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scratch: room for the texts of one record, emptied for the next.
 *
 * What does not fit is cut or left out, and is_cut says so: the record then
 * carries sekisho.truncated.
 */
#ifndef SENSOR_DISSECT_SCRATCH_H
#define SENSOR_DISSECT_SCRATCH_H

#include "common/text.h"

struct scratch {
	char *at; /* borrowed */
	uint32_t room, used;
	bool is_cut;
};

/* 'size' bytes, or NULL (and is_cut) if they are not there. */
static inline char *
scratch_take(struct scratch *scratch, size_t size)
{
	if (size > scratch->room - scratch->used) {
		scratch->is_cut = true;
		return NULL;
	}
	char *taken = scratch->at + scratch->used;
	scratch->used += (uint32_t)size;
	return taken;
}

/* Outside bytes as text of at most 'most' bytes. */
static inline struct text
scratch_text(struct scratch *scratch, const void *data, size_t size, uint32_t most)
{
	bool is_cut = false;
	uint32_t left = scratch->room - scratch->used;
	struct text text = text_from_bytes(data, size, scratch->at + scratch->used,
					   left < most ? left : most, &is_cut);

	scratch->used += text.size;
	scratch->is_cut |= is_cut;
	return text;
}

/* Text of our own; empty (and is_cut) if there is no room. */
static inline struct text
scratch_copy(struct scratch *scratch, struct text text)
{
	char *at = scratch_take(scratch, text.size);

	if (at == NULL)
		return (struct text){ 0 };
	if (text.size > 0)
		memcpy(at, text.at, text.size);
	return (struct text){ at, text.size };
}

#endif
