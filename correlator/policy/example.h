/* SPDX-License-Identifier: Apache-2.0 */
/*
 * example: the tests rule files carry: given these records, expect these verdicts.
 *
 * A record is written with the fields' paths, nested or not, and in short:
 * type (event_type), client, server, client_port, port, poi, unobservable.
 * What is left out: timestamp is the test's "at", proto TCP, direction syn.
 */
#ifndef CORRELATOR_POLICY_EXAMPLE_H
#define CORRELATOR_POLICY_EXAMPLE_H

#include "correlator/policy/set.h"

/* Runs all.  Returns how many failed, or -1 if one is no test. */
int example_run(const struct policy *policy, policy_test_sink *sink, void *ctx,
		struct error *err);
/* -1 if a requirement lacks a test for a verdict it can have. */
int example_check_cover(const struct model *model, struct error *err);

#endif
