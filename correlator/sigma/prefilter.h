/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prefilter: which detections a record can match at all, at a price that hardly grows
 * with their number.
 *
 * First by event type; then each detection that cannot match without one of a
 * set of literals in certain fields waits for one of them: whole values are
 * looked up by hash, parts by the hash of their first three bytes.
 */
#ifndef CORRELATOR_SIGMA_PREFILTER_H
#define CORRELATOR_SIGMA_PREFILTER_H

#include "correlator/sigma/view.h"

struct prefilter;

struct prefilter *prefilter_new(const struct sigma *sigma);
void prefilter_free(struct prefilter *prefilter);
/* A bit per detection, in words of 64, valid until the next call. */
const uint64_t *prefilter_choose(struct prefilter *prefilter, struct view *view);
size_t prefilter_words(const struct prefilter *prefilter);

#endif
