/* SPDX-License-Identifier: Apache-2.0 */
/*
 * absence: who was silent in a window in which something of him had to be seen.
 *
 * What came is judged as it comes; what did not come only a sweep over the
 * inventory finds.  A window is due when the watermark is VERDICT_LATENESS past
 * its end, and again whenever its coverage changes after that.  Sweeps go on
 * from frame to frame, ABSENCE_STEP participants each, so that where commits
 * fall does not show; their place is written with the position.  A violation of a silence alerts once per window.
 */
#ifndef CORRELATOR_ABSENCE_H
#define CORRELATOR_ABSENCE_H

#include "correlator/episodes.h"
#include "correlator/verdicts.h"

enum {
	ABSENCE_STEP = 1024,
	ABSENCE_WINDOWS_MAX = 400 /* of one requirement that come due at once; the
				     newest are looked at */
};

/* Notes the windows that came due between two watermarks, or whose coverage changed.  1
 * if there are such, 0 if none, -1 if the store fails. */
int absence_note(const struct judging *judging, const struct touched *touched,
		 int64_t before, struct error *err);
/* Looks at no more than 'step' participants.  1 if more are left, 0 if none, -1 if the
 * store fails. */
int absence_sweep(const struct judging *judging, struct episodes *episodes, size_t step,
		  struct error *err);

#endif
