/* SPDX-License-Identifier: Apache-2.0 */
/* bucket: token buckets by rule and participant; what overflows is summed, never lost.
 */
#include "correlator/notify/bucket.h"

#include <stdio.h>
#include <string.h>

static void
fill(struct bucket *bucket, const struct notify_settings *settings, int64_t now)
{
	int64_t most = settings->burst * settings->refill;

	if (now > bucket->at)
		bucket->tokens += now - bucket->at;
	if (bucket->tokens > most)
		bucket->tokens = most;
	bucket->at = now;
}

static bool
is_of(const struct bucket *bucket, const struct notice *notice)
{
	return strncmp(bucket->rule, notice->row.rule, sizeof(bucket->rule) - 1) == 0 &&
	       strncmp(bucket->participant, notice->row.client.id,
		       sizeof(bucket->participant) - 1) == 0;
}

/* A place of its own, or the place of the one that was used longest ago and holds
 * nothing. */
static struct bucket *
place(struct buckets *buckets)
{
	struct bucket *oldest = NULL;

	if (buckets->count < BUCKETS_MAX)
		return &buckets->bucket[buckets->count++];
	for (size_t i = 0; i < buckets->count; i++)
		if (buckets->bucket[i].held == 0 &&
		    (oldest == NULL || buckets->bucket[i].at < oldest->at))
			oldest = &buckets->bucket[i];
	return oldest;
}

static struct bucket *
take(struct buckets *buckets, const struct notify_settings *settings,
     const struct notice *notice, int64_t now)
{
	for (size_t i = 0; i < buckets->count; i++)
		if (is_of(&buckets->bucket[i], notice))
			return &buckets->bucket[i];
	struct bucket *bucket = place(buckets);
	if (bucket == NULL)
		return NULL;
	*bucket = (struct bucket){ .tokens = settings->burst * settings->refill,
				   .at = now };
	snprintf(bucket->rule, sizeof(bucket->rule), "%s", notice->row.rule);
	snprintf(bucket->participant, sizeof(bucket->participant), "%s",
		 notice->row.client.id);
	return bucket;
}

enum bucket_answer
buckets_ask(struct buckets *buckets, const struct notify_settings *settings,
	    const struct notice *notice, int64_t now)
{
	struct bucket *bucket = take(buckets, settings, notice, now);

	if (bucket == NULL)
		return BUCKET_FULL;
	fill(bucket, settings, now);
	/* behind one that is held, all are: the summary comes first */
	if (bucket->held == 0 && bucket->tokens >= settings->refill) {
		bucket->tokens -= settings->refill;
		return BUCKET_SEND;
	}
	bucket->held++;
	bucket->seq = notice->row.seq;
	return BUCKET_HELD;
}

struct bucket *
buckets_due(struct buckets *buckets, const struct notify_settings *settings,
	    int64_t now)
{
	struct bucket *oldest = NULL;
	bool is_full = buckets->count == BUCKETS_MAX;

	for (size_t i = 0; i < buckets->count; i++) {
		struct bucket *bucket = &buckets->bucket[i];
		is_full = is_full && bucket->held > 0;
		if (bucket->held == 0)
			continue;
		fill(bucket, settings, now);
		if (bucket->tokens >= settings->refill)
			return bucket;
		if (oldest == NULL || bucket->seq < oldest->seq)
			oldest = bucket;
	}
	return is_full ? oldest : NULL;
}

void
bucket_told(struct bucket *bucket, const struct notify_settings *settings)
{
	bucket->held = 0;
	bucket->tokens = bucket->tokens > settings->refill
				 ? bucket->tokens - settings->refill
				 : 0;
}
