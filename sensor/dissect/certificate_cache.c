/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_cache: each certificate of a lane parsed once, by its SHA-256. */
#include "sensor/dissect/certificate_cache.h"

#include <stdlib.h>
#include <string.h>

#include "common/digest.h"

enum { SETS = CERTIFICATE_CACHE_SIZE / CERTIFICATE_CACHE_WAYS };

/* A certificate and, in one allocation behind it, its names and all its texts. */
struct entry {
	struct certificate certificate; /* first: the two are cast into each other */
	uint32_t holders;
	int64_t day_told; /* days since 1970, or NEVER */
	uint64_t used;    /* by the cache's count of takes */
	struct text names[];
};

#define NEVER INT64_MIN

struct certificate_cache {
	struct entry *set[SETS][CERTIFICATE_CACHE_WAYS];
	struct digester *sha256, *sha1;
	struct certificate_cache_counters counters;
	uint64_t takes;
	struct certificate_room room;
};

struct certificate_cache *
certificate_cache_new(void)
{
	struct certificate_cache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		return NULL;
	cache->sha256 = digester_of(DIGEST_SHA256);
	cache->sha1 = digester_of(DIGEST_SHA1);
	return cache;
}

void
certificate_cache_free(struct certificate_cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < SETS; i++)
		for (size_t way = 0; way < CERTIFICATE_CACHE_WAYS; way++)
			if (cache->set[i][way])
				certificate_drop(&cache->set[i][way]->certificate);
	digester_free(cache->sha256);
	digester_free(cache->sha1);
	free(cache);
}

static struct entry *
entry_of(struct certificate *certificate)
{
	return (struct entry *)(void *)certificate;
}

void
certificate_hold(struct certificate *certificate)
{
	entry_of(certificate)->holders++;
}

void
certificate_drop(struct certificate *certificate)
{
	if (certificate && --entry_of(certificate)->holders == 0)
		free(entry_of(certificate));
}

bool
certificate_is_due(struct certificate *certificate, struct instant at)
{
	struct entry *entry = entry_of(certificate);
	int64_t day = at.usec / INSTANT_DAY - (at.usec % INSTANT_DAY < 0);

	if (entry->day_told == day)
		return false;
	entry->day_told = day;
	return true;
}

/* The digests as text, into the room behind the certificate's own texts. */
static void
add_digests(struct certificate_cache *cache, struct certificate *certificate,
	    struct bytes der)
{
	uint8_t sha1[DIGEST_SIZE];
	char hex[DIGEST_TEXT_SIZE], colons[3 * DIGEST_SHA1_SIZE];
	struct scratch *scratch = &cache->room.scratch;

	digest_to_hex(certificate->digest, DIGEST_SIZE, hex);
	certificate->sha256 = scratch_copy(scratch, text_of(hex));

	digester_add(cache->sha1, der.at, der.left);
	digest_to_hex(sha1, digester_take(cache->sha1, sha1), hex);
	for (size_t i = 0; i < sizeof(colons); i++)
		colons[i] = i % 3 == 2 ? ':' : hex[i / 3 * 2 + i % 3];
	certificate->sha1 =
		scratch_copy(scratch, (struct text){ colons, sizeof(colons) - 1 });
}

/* Texts that lie in 'from' are made to lie at the same place in 'to'. */
static void
move_text(struct text *text, const struct scratch *from, const char *to)
{
	if (text->at >= from->at && text->at < from->at + from->room)
		text->at = to + (text->at - from->at);
}

static struct entry *
keep(const struct certificate_cache *cache, const struct certificate *parsed)
{
	const struct scratch *from = &cache->room.scratch;
	size_t names_size = parsed->name_count * sizeof(struct text);
	struct entry *entry = malloc(sizeof(*entry) + names_size + from->used);

	if (entry == NULL)
		return NULL;
	entry->certificate = *parsed;
	entry->holders = 1;
	entry->day_told = NEVER;
	if (names_size > 0)
		memcpy(entry->names, parsed->names, names_size);
	char *texts = (char *)entry->names + names_size;
	memcpy(texts, from->at, from->used);

	struct certificate *kept = &entry->certificate;
	struct text *all[] = { &kept->subject,    &kept->issuer,    &kept->serial,
			       &kept->not_before, &kept->not_after, &kept->key_type,
			       &kept->signature,  &kept->sha1,      &kept->sha256 };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		move_text(all[i], from, texts);
	for (uint32_t i = 0; i < kept->name_count; i++)
		move_text(&entry->names[i], from, texts);
	kept->names = entry->names;
	return entry;
}

static struct entry *
parse(struct certificate_cache *cache, struct bytes der,
      const uint8_t digest[DIGEST_SIZE])
{
	struct certificate parsed;

	certificate_parse(der, &cache->room, &parsed);
	cache->counters.parsed++;
	memcpy(parsed.digest, digest, DIGEST_SIZE);
	/* The digests always have room: they are what names a certificate. */
	cache->room.scratch.room = sizeof(cache->room.text);
	add_digests(cache, &parsed, der);
	return keep(cache, &parsed);
}

/* The entry of 'digest' in its set, or the place the next one takes: empty, or longest
 * unused. */
static struct entry **
find_place(struct entry *set[CERTIFICATE_CACHE_WAYS], const uint8_t digest[DIGEST_SIZE])
{
	struct entry **place = &set[0];

	for (size_t way = 0; way < CERTIFICATE_CACHE_WAYS; way++) {
		struct entry *entry = set[way];
		if (entry &&
		    memcmp(entry->certificate.digest, digest, DIGEST_SIZE) == 0)
			return &set[way];
		if (*place && (entry == NULL || entry->used < (*place)->used))
			place = &set[way];
	}
	return place;
}

struct certificate *
certificate_cache_take(struct certificate_cache *cache, struct bytes der)
{
	uint8_t digest[DIGEST_SIZE];

	digester_add(cache->sha256, der.at, der.left);
	digester_take(cache->sha256, digest);
	size_t set = ((size_t)digest[0] << 8 | digest[1]) % SETS;
	struct entry **place = find_place(cache->set[set], digest);

	if (*place && memcmp((*place)->certificate.digest, digest, DIGEST_SIZE) == 0) {
		cache->counters.known++;
	} else {
		struct entry *entry = parse(cache, der, digest);
		if (entry == NULL)
			return NULL;
		if (*place) {
			cache->counters.evicted++;
			certificate_drop(&(*place)->certificate);
		}
		*place = entry;
	}
	(*place)->used = ++cache->takes;
	certificate_hold(&(*place)->certificate);
	return &(*place)->certificate;
}

struct certificate_cache_counters
certificate_cache_counters(const struct certificate_cache *cache)
{
	return cache->counters;
}
