/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incidents: gathers alerts over participants and POIs: one event is one incident, not
 * eight.
 *
 * A function of the set of alerts: they are gone through by the time they
 * opened, and each joins the incident of the earliest it belongs to
 * (store_find_incident).  When an alert opens, or is found to have opened
 * earlier, all from there on are gathered anew, so neither the order of
 * arrival nor commits show.  An incident's id is made of its first alert's.
 */
#ifndef CORRELATOR_INCIDENTS_H
#define CORRELATOR_INCIDENTS_H

#include <stdint.h>

#include "common/error.h"

struct store;

/* Alerts that open at 'from' or later have changed; INT64_MAX: none. */
int incidents_gather(struct store *store, int64_t from, struct error *err);

#endif
