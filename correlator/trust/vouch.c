/* SPDX-License-Identifier: Apache-2.0 */
/* vouch: adds to a session what its certificates are worth (sekisho.trust.*). */
#include "correlator/trust/vouch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "store/evidence.h"

enum { REMEMBERED = 1024 }; /* judgements of a chain within a minute */

static const struct scope everybody = { .is_all = true };

struct judgement {
	uint64_t chain; /* hash of its fingerprints; 0: none */
	int64_t minute;
	const char *status;
};

struct vouch {
	const struct chains *chains;
	struct store *store;
	size_t count; /* of 'der' */
	struct der der[CHAIN_MAX];
	char role[HPKI_ROLE_SIZE];
	struct judgement remembered[REMEMBERED];
	uint8_t bytes[CHAIN_MAX][CERTIFICATE_MAX];
};

struct vouch *
vouch_new(const struct chains *chains, struct store *store)
{
	struct vouch *vouch = calloc(1, sizeof(*vouch));

	if (vouch == NULL)
		log_fatal("trust", "no memory for certificates");
	vouch->chains = chains;
	vouch->store = store;
	return vouch;
}

void
vouch_free(struct vouch *vouch)
{
	free(vouch);
}

static void
take_der(void *ctx, const char *der, size_t size)
{
	struct vouch *vouch = ctx;
	struct der *one = &vouch->der[vouch->count];

	one->at = vouch->bytes[vouch->count];
	one->size = certificate_from_base64((struct text){ der, (uint32_t)size },
					    vouch->bytes[vouch->count]);
}

/* 1 with all certificates of the chain, 0 if one is not known, -1. */
static int
find_chain(struct vouch *vouch, const struct texts *fingerprints, struct error *err)
{
	char name[72];

	vouch->count = 0;
	if (fingerprints->count == 0 || fingerprints->count > CHAIN_MAX)
		return 0;
	for (uint32_t i = 0; i < fingerprints->count; i++) {
		struct text text = fingerprints->at[i];
		if (text.size >= sizeof(name))
			return 0;
		memcpy(name, text.at, text.size);
		name[text.size] = '\0';
		int found = store_find_certificate(vouch->store, &everybody, name,
						   take_der, vouch, err);
		if (found != 1 || vouch->der[vouch->count].size == 0)
			return found == -1 ? -1 : 0;
		vouch->count++;
	}
	return 1;
}

static uint64_t
hash_of(const struct texts *fingerprints)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a over SHA-256s */

	for (uint32_t i = 0; i < fingerprints->count; i++)
		for (uint32_t c = 0; c < fingerprints->at[i].size; c++)
			hash = (hash ^ (uint8_t)fingerprints->at[i].at[c]) *
			       UINT64_C(0x100000001B3);
	return hash | 1;
}

/* Chains are judged anew each minute of record time, so that an end is not missed. */
static const char *
status_of(struct vouch *vouch, const struct texts *fingerprints, struct instant at)
{
	uint64_t hash = hash_of(fingerprints);
	struct judgement *known = &vouch->remembered[hash % REMEMBERED];
	int64_t minute = at.usec / INSTANT_MINUTE;

	if (known->chain != hash || known->minute != minute)
		*known = (struct judgement){ hash, minute,
					     chains_judge(vouch->chains, vouch->der,
							  vouch->count, at) };
	return known->status;
}

static int
add_server(struct vouch *vouch, struct record *record, struct error *err)
{
	const struct texts *chain = &record->value[FIELD_STLS_CHAIN].texts;

	if (!record_has(record, FIELD_STLS_CHAIN))
		return 0;
	int found = find_chain(vouch, chain, err);
	if (found != 1)
		return found;
	record_set_text(
		record, FIELD_TRUST_SERVER,
		text_of(status_of(vouch, chain, record->value[FIELD_TIMESTAMP].time)));
	if (!record_has(record, FIELD_TLS_SNI)) {
		record_set_null(record, FIELD_TRUST_SERVER_NAME);
		return 0;
	}
	int is_for =
		certificate_is_for(vouch->der[0], record->value[FIELD_TLS_SNI].text);
	if (is_for != -1)
		record_set_flag(record, FIELD_TRUST_SERVER_NAME, is_for == 1);
	return 0;
}

static int
add_client(struct vouch *vouch, struct record *record, struct error *err)
{
	const struct texts *chain = &record->value[FIELD_STLS_CLIENT_CHAIN].texts;

	if (record_is_null(record, FIELD_TLS_CLIENT_SUBJECT)) {
		record_set_null(record, FIELD_TRUST_CLIENT);
		record_set_null(record, FIELD_TRUST_HPKI_ROLE);
	}
	if (!record_has(record, FIELD_STLS_CLIENT_CHAIN))
		return 0;
	int found = find_chain(vouch, chain, err);
	if (found != 1)
		return found;
	record_set_text(
		record, FIELD_TRUST_CLIENT,
		text_of(status_of(vouch, chain, record->value[FIELD_TIMESTAMP].time)));
	if (certificate_hpki_role(vouch->der[0], vouch->role))
		record_set_text(record, FIELD_TRUST_HPKI_ROLE, text_of(vouch->role));
	else
		record_set_null(record, FIELD_TRUST_HPKI_ROLE);
	return 0;
}

static int
learn(struct vouch *vouch, const struct record *record, struct error *err)
{
	struct text name = record->value[FIELD_CERT_FINGERPRINT].text;
	struct text der = record->value[FIELD_CERT_DER].text;
	char text[72];

	if (!record_has(record, FIELD_CERT_FINGERPRINT) ||
	    !record_has(record, FIELD_CERT_DER) || name.size >= sizeof(text))
		return 0;
	memcpy(text, name.at, name.size);
	text[name.size] = '\0';
	return store_add_certificate(vouch->store, text, der.at, der.size, err);
}

int
vouch_add(struct vouch *vouch, struct record *record, struct error *err)
{
	if (record_event(record) == EVENT_CERTIFICATE)
		return learn(vouch, record, err);
	if (record_event(record) != EVENT_TLS)
		return 0;
	return add_server(vouch, record, err) == -1 ? -1
						    : add_client(vouch, record, err);
}
