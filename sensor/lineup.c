/* SPDX-License-Identifier: Apache-2.0 */
/* lineup: the dissectors of one transport, what the flows of a lane share in each, and
 * who may know some bytes. */
#include "sensor/lineup.h"

#include <assert.h>

static bool
may_begin(const struct dissector *dissector, uint8_t first)
{
	struct bytes one = bytes_over(&first, 1);

	return dissector->recognise(one, 0) != RECOGNISED_NO ||
	       dissector->recognise(one, 1) != RECOGNISED_NO;
}

/* So that a flow's first bytes are shown only to those who could know them. */
static void
sort_by_first_byte(struct lineup *lineup)
{
	for (unsigned byte = 0; byte < 256; byte++)
		for (uint32_t i = 0; i < lineup->count; i++)
			if (may_begin(lineup->at[i], (uint8_t)byte))
				lineup->by_first_byte[byte] |= UINT64_C(1) << i;
}

int
lineup_start(struct lineup *lineup, const struct dissector *const *rows,
	     enum dissect_transport transport, struct error *err)
{
	for (; *rows != NULL; rows++) {
		const struct dissector *row = *rows;
		if (row->transport != transport)
			continue;
		assert(lineup->count < LINEUP_MOST);
		lineup->at[lineup->count] = row;
		if (row->shared_new != NULL &&
		    (lineup->shared[lineup->count] = row->shared_new()) == NULL)
			return error_set(err, "no memory for the dissector of %s",
					 row->name);
		lineup->count++;
	}
	if (transport == DISSECT_STREAM)
		sort_by_first_byte(lineup);
	return 0;
}

void
lineup_stop(struct lineup *lineup)
{
	for (uint32_t i = 0; i < lineup->count; i++)
		if (lineup->at[i]->shared_free != NULL)
			lineup->at[i]->shared_free(lineup->shared[i]);
	lineup->count = 0;
}

void
lineup_configure(const struct lineup *lineup, const struct dissect_options *options)
{
	for (uint32_t i = 0; i < lineup->count; i++)
		if (lineup->at[i]->configure != NULL)
			lineup->at[i]->configure(lineup->shared[i], options);
}

uint64_t
lineup_all(const struct lineup *lineup)
{
	return lineup->count == LINEUP_MOST ? UINT64_MAX
					    : (UINT64_C(1) << lineup->count) - 1;
}

int
lineup_ask(const struct lineup *lineup, uint64_t *candidates, struct bytes first,
	   int side)
{
	if (first.left > 0)
		*candidates &= lineup->by_first_byte[first.at[0]];
	for (uint64_t asked = *candidates; asked != 0; asked &= asked - 1) {
		int i = __builtin_ctzll(asked);
		switch (lineup->at[i]->recognise(first, side)) {
		case RECOGNISED_YES:
			return i;
		case RECOGNISED_NO:
			*candidates &= ~(UINT64_C(1) << i);
			break;
		case RECOGNISED_MAYBE:
			break;
		}
	}
	return -1;
}

struct dissect_counters
lineup_counters(const struct lineup *lineup)
{
	struct dissect_counters sum = { 0 };

	for (uint32_t i = 0; i < lineup->count; i++)
		dissect_counters_add(&sum, lineup->at[i], lineup->shared[i]);
	return sum;
}
