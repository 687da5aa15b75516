/* SPDX-License-Identifier: Apache-2.0 */
/* touched: stretches of time whose windows must be judged again before the commit. */
#include "correlator/touched.h"

static void
widen(struct touched *touched, size_t at, int64_t from, int64_t to)
{
	if (from < touched->stretch[at].from)
		touched->stretch[at].from = from;
	if (to > touched->stretch[at].to)
		touched->stretch[at].to = to;
}

void
touched_add(struct touched *touched, int64_t from, int64_t to)
{
	if (to <= from)
		return;
	for (size_t i = 0; i < touched->count; i++) {
		if (from <= touched->stretch[i].to && to >= touched->stretch[i].from) {
			widen(touched, i, from, to);
			return;
		}
	}
	if (touched->count == TOUCHED_MAX) {
		widen(touched, 0, from, to);
		return;
	}
	touched->stretch[touched->count].from = from;
	touched->stretch[touched->count++].to = to;
}

void
touched_join(struct touched *touched, const struct touched *more)
{
	for (size_t i = 0; i < more->count; i++)
		touched_add(touched, more->stretch[i].from, more->stretch[i].to);
}

void
touched_between(struct touched *touched, int64_t a, int64_t b)
{
	touched_add(touched, a < b ? a : b, a < b ? b : a);
}
