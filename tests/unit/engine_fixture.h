/* SPDX-License-Identifier: Apache-2.0 */
/* engine_fixture: an engine over a temporary store with the shipped rules, and lines to
 * feed it. */
#ifndef TESTS_UNIT_ENGINE_FIXTURE_H
#define TESTS_UNIT_ENGINE_FIXTURE_H

#include "tests/unit/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "correlator/engine.h"
#include "correlator/inventory/inventory.h"
#include "correlator/policy/policy.h"
#include "store/reads.h"
#include "store/store.h"
#include "tool/place.h"

/* 2026-11-24T00:00:00 in Tokyo */
#define MIDNIGHT INT64_C(1795446000000000)
enum { LINE_SIZE = 1024 };

struct fixture {
	char directory[PLACE_SIZE];
	struct inventory *inventory;
	struct policy *policy;
	struct store *store;
	struct engine *engine;
	struct error err;
};

static inline struct fixture *
open_fixture(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(place_make_temporary(f->directory, &f->err), 0);
	f->inventory = inventory_load("rules/inventory-example", &f->err);
	if (f->inventory == NULL)
		fail_msg("%s", f->err.text);
	f->policy = policy_load("rules", f->inventory, &f->err);
	if (f->policy == NULL)
		fail_msg("%s", f->err.text);
	f->store = store_open(f->directory, STORE_TEMPORARY, &f->err);
	assert_non_null(f->store);
	f->engine = engine_new(f->inventory, f->policy, f->store, ENGINE_LIVE, &f->err);
	assert_non_null(f->engine);
	return f;
}

static inline void
close_fixture(struct fixture *f)
{
	engine_free(f->engine);
	store_close(f->store);
	policy_free(f->policy);
	inventory_free(f->inventory);
	place_remove_temporary(f->directory);
	free(f);
}

static inline void
restart(struct fixture *f)
{
	engine_free(f->engine);
	store_close(f->store);
	f->store = store_open(f->directory, STORE_TEMPORARY, &f->err);
	assert_non_null(f->store);
	f->engine = engine_new(f->inventory, f->policy, f->store, ENGINE_LIVE, &f->err);
	assert_non_null(f->engine);
}

static inline int
place_of_record(char *line, const char *event, int64_t time, uint64_t flow_id)
{
	char text[INSTANT_TEXT_SIZE];

	instant_to_text((struct instant){ time }, text);
	return snprintf(line, LINE_SIZE,
			"{\"timestamp\":\"%s\",\"flow_id\":%" PRIu64
			",\"event_type\":\"%s\","
			"\"src_ip\":\"10.11.1.20\",\"src_port\":50000,\"dest_ip\":\"10."
			"10.0.13\","
			"\"dest_port\":443,\"proto\":\"TCP\",\"app_proto\":\"tls\",",
			text, flow_id, event);
}

static const char roles[] = "\"sekisho\":{\"v\":1,\"poi\":\"poi-east\",\"client\":{"
			    "\"ip\":\"10.11.1.20\",\"port\":50000},"
			    "\"server\":{\"ip\":\"10.10.0.13\",\"port\":443},"
			    "\"direction_confidence\":\"syn\"";

static inline size_t
tls_line(char *line, int64_t time, uint64_t flow_id, const char *version)
{
	int size = place_of_record(line, "tls", time, flow_id);

	return (size_t)size +
	       (size_t)snprintf(
		       line + size, (size_t)(LINE_SIZE - size),
		       "\"tls\":{\"sni\":\"portal.base.example\",\"version\":\"%s\","
		       "\"cipher_suite\":\"TLS_AES_256_GCM_SHA384\"},%s,"
		       "\"tls\":{\"handshake\":\"complete\"}}}\n",
		       version, roles);
}

static inline size_t
flow_line(char *line, int64_t time, int64_t start, uint64_t flow_id, bool is_final)
{
	char begin[INSTANT_TEXT_SIZE];
	int size = place_of_record(line, "flow", time, flow_id);

	instant_to_text((struct instant){ start }, begin);
	return (size_t)size +
	       (size_t)snprintf(
		       line + size, (size_t)(LINE_SIZE - size),
		       "\"flow\":{\"bytes_toserver\":100,\"bytes_toclient\":200,"
		       "\"start\":\"%s\"},%s,\"is_final\":%s}}\n",
		       begin, roles, is_final ? "true" : "false");
}

static inline size_t
coverage_line(char *line, int64_t start, int64_t end, int64_t observed, int lost)
{
	char from[INSTANT_TEXT_SIZE], to[INSTANT_TEXT_SIZE];

	instant_to_text((struct instant){ start }, from);
	instant_to_text((struct instant){ end }, to);
	return (size_t)snprintf(
		line, LINE_SIZE,
		"{\"timestamp\":\"%s\",\"event_type\":\"coverage\",\"coverage\":{"
		"\"start\":\"%s\",\"end\":\"%s\",\"observed_usec\":%" PRId64 ","
		"\"packets\":%d,\"lost\":{\"kernel\":%d},\"reason\":\"interval\"},"
		"\"sekisho\":{\"v\":1,\"poi\":\"poi-east\"}}\n",
		to, from, to, observed, 1000 - lost, lost);
}

static inline void
apply(struct fixture *f, uint64_t seq, const char *line, size_t size)
{
	assert_int_equal(engine_apply(f->engine, "sensor-east", "aa", 0, seq, 1, line,
				      size, &f->err),
			 0);
}

static inline void
commit(struct fixture *f)
{
	if (engine_commit(f->engine, &f->err) == -1)
		fail_msg("%s", f->err.text);
}

#endif
