/* SPDX-License-Identifier: Apache-2.0 */
/* limit: how often somebody may try something, in a table of fixed size. */
#include "dashboards/console/limit.h"

#include <string.h>

#include <sodium.h>

static const int64_t quiet = INT64_C(600) * 1000000;

static uint64_t
hash_of(const struct limiter *limiter, const char *key)
{
	uint8_t bytes[crypto_shorthash_BYTES];
	uint64_t hash;

	crypto_shorthash(bytes, (const uint8_t *)key, strlen(key), limiter->key);
	memcpy(&hash, bytes, sizeof(hash));
	return hash != 0 ? hash : 1;
}

/* The key's entry, or the one that tried longest ago. */
static int
find(const struct limiter *limiter, uint64_t hash)
{
	int oldest = 0;

	for (int i = 0; i < LIMIT_KEYS_MAX; i++) {
		if (limiter->entry[i].hash == hash)
			return i;
		if (limiter->entry[i].last < limiter->entry[oldest].last)
			oldest = i;
	}
	return oldest;
}

static int64_t
wait_after(const struct limiter *limiter, int tried)
{
	int64_t wait = limiter->wait_first;

	for (int i = limiter->tries; i < tried && wait < limiter->wait_most; i++)
		wait *= 2;
	return wait < limiter->wait_most ? wait : limiter->wait_most;
}

bool
limit_try(struct limiter *limiter, const char *key, int64_t now, int64_t *wait)
{
	uint64_t hash = hash_of(limiter, key);
	int at = find(limiter, hash);

	if (limiter->entry[at].hash != hash || now - limiter->entry[at].last > quiet) {
		limiter->entry[at].hash = hash;
		limiter->entry[at].tried = 0;
	}
	if (limiter->entry[at].tried >= limiter->tries) {
		int64_t until = limiter->entry[at].last +
				wait_after(limiter, limiter->entry[at].tried);
		if (now < until) {
			*wait = until - now;
			return false;
		}
	}
	limiter->entry[at].tried++;
	limiter->entry[at].last = now;
	return true;
}

void
limit_forget(struct limiter *limiter, const char *key)
{
	uint64_t hash = hash_of(limiter, key);
	int at = find(limiter, hash);

	if (limiter->entry[at].hash == hash) {
		limiter->entry[at].hash = 0;
		limiter->entry[at].last = 0;
	}
}
