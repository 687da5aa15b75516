/* SPDX-License-Identifier: Apache-2.0 */
/* sentence: what happened, in Japanese and English, and the comparisons behind it as
 * JSON. */
#ifndef CORRELATOR_ALERT_SENTENCE_H
#define CORRELATOR_ALERT_SENTENCE_H

#include "common/arena.h"
#include "correlator/alert/alert.h"

/* 'alert' has its parties and addresses already.  Both live in the arena. */
struct title sentence_of(struct arena *arena, const struct alert *alert,
			 const struct finding *finding, const struct parties *parties);
/* JSON list of {what, required, observed, outcome, record, unobservable}. */
const char *sentence_conditions(struct arena *arena, const struct finding *finding,
				const char *record_id);

#endif
