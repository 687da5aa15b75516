/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate_cache: each certificate of a lane parsed once, by its SHA-256.
 *
 * Holds CERTIFICATE_CACHE_SIZE of them.  A full set lets go of the one unused
 * for longest; seen again it is parsed again, and told again on the same day.
 * Whoever took one keeps it alive until it is dropped.
 */
#ifndef SENSOR_DISSECT_CERTIFICATE_CACHE_H
#define SENSOR_DISSECT_CERTIFICATE_CACHE_H

#include "sensor/dissect/certificate.h"

enum { CERTIFICATE_CACHE_WAYS = 4, CERTIFICATE_CACHE_SIZE = 4096 };

struct certificate_cache;

/* NULL without memory. */
struct certificate_cache *certificate_cache_new(void);
void certificate_cache_free(struct certificate_cache *cache);

/* The certificate of these bytes, held for the caller; NULL without memory. */
struct certificate *certificate_cache_take(struct certificate_cache *cache,
					   struct bytes der);
void certificate_hold(struct certificate *certificate);
/* NULL is fine. */
void certificate_drop(struct certificate *certificate);

/* True the first time it is asked in each UTC day: then it is to be told. */
bool certificate_is_due(struct certificate *certificate, struct instant at);

struct certificate_cache_counters {
	uint64_t known, parsed, evicted;
};
struct certificate_cache_counters
certificate_cache_counters(const struct certificate_cache *cache);

#endif
