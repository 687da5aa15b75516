/* SPDX-License-Identifier: Apache-2.0 */
/* tls_report_chain: certificates as fields of a tls record, and as records of their
 * own. */
#include "sensor/dissect/tls_report.h"

/* Where the parts of a certificate go, by owner; FIELD_COUNT = nowhere. */
/* clang-format off */
static const struct places {
	enum field_id subject, issuer, names, serial, sha1, not_before, not_after;
	enum field_id key_type, key_size, signature, in_validity, seconds_left, chain;
} places[2] = {
	[TLS_SERVER] = {
		FIELD_TLS_SUBJECT, FIELD_TLS_ISSUERDN, FIELD_TLS_SUBJECTALTNAME,
		FIELD_TLS_SERIAL, FIELD_TLS_FINGERPRINT, FIELD_TLS_NOTBEFORE,
		FIELD_TLS_NOTAFTER, FIELD_STLS_KEY_TYPE, FIELD_STLS_KEY_SIZE,
		FIELD_STLS_SIGNATURE, FIELD_STLS_CERT_VALID, FIELD_STLS_SECONDS_LEFT,
		FIELD_STLS_CHAIN },
	[TLS_CLIENT] = {
		FIELD_TLS_CLIENT_SUBJECT, FIELD_TLS_CLIENT_ISSUERDN,
		FIELD_TLS_CLIENT_SUBJECTALTNAME, FIELD_TLS_CLIENT_SERIAL,
		FIELD_TLS_CLIENT_FINGERPRINT, FIELD_TLS_CLIENT_NOTBEFORE,
		FIELD_TLS_CLIENT_NOTAFTER, FIELD_STLS_CLIENT_KEY_TYPE,
		FIELD_STLS_CLIENT_KEY_SIZE, FIELD_STLS_CLIENT_SIGNATURE,
		FIELD_STLS_CLIENT_VALID, FIELD_COUNT, FIELD_STLS_CLIENT_CHAIN },
};
/* clang-format on */

void
tls_report_no_certificate(struct tls_report *report, int owner)
{
	const struct places *to = &places[owner];
	const enum field_id all[] = { to->subject,   to->issuer,      to->names,
				      to->serial,    to->sha1,        to->not_before,
				      to->not_after, to->key_type,    to->key_size,
				      to->signature, to->in_validity, to->seconds_left,
				      to->chain };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] != FIELD_COUNT)
			record_set_null(&report->record, all[i]);
}

static void
set_key(struct record *record, enum field_id type, enum field_id size,
	const struct certificate *leaf)
{
	record_set_text(record, type, leaf->key_type);
	if (leaf->key_size > 0)
		record_set_number(record, size, leaf->key_size);
}

static void
set_validity(struct tls_report *report, const struct places *to,
	     const struct certificate *leaf)
{
	struct record *record = &report->record;
	int64_t left = instant_between(report->at, leaf->ends);

	record_set_text(record, to->not_before, leaf->not_before);
	record_set_text(record, to->not_after, leaf->not_after);
	record_set_flag(record, to->in_validity,
			left >= 0 && !instant_is_before(report->at, leaf->starts));
	if (to->seconds_left != FIELD_COUNT)
		record_set_number(record, to->seconds_left,
				  left > 0 ? (uint64_t)(left / INSTANT_SECOND) : 0);
}

static void
set_leaf(struct tls_report *report, const struct places *to,
	 const struct certificate *leaf)
{
	struct record *record = &report->record;

	record_set_text(record, to->subject, leaf->subject);
	record_set_text(record, to->issuer, leaf->issuer);
	record_set_text(record, to->serial, leaf->serial);
	record_set_texts(record, to->names, leaf->names, leaf->name_count);
	record_set_text(record, to->signature, leaf->signature);
	set_key(record, to->key_type, to->key_size, leaf);
	set_validity(report, to, leaf);
}

void
tls_report_chain(struct tls_report *report, const struct tls_chain *chain, int owner)
{
	const struct places *to = &places[owner];
	const struct certificate *leaf = chain->certificate[0];

	if (leaf->is_decoded)
		set_leaf(report, to, leaf);
	else
		tls_report_hide(report,
				owner == TLS_SERVER ? "tls.certificate" : "tls.client",
				"not_decoded");
	record_set_text(&report->record, to->sha1, leaf->sha1);
	for (uint32_t i = 0; i < chain->count; i++)
		report->chain[owner][i] = chain->certificate[i]->sha256;
	record_set_texts(&report->record, to->chain, report->chain[owner],
			 chain->count);
	report->scratch.is_cut |= chain->is_cut || leaf->is_cut;
}

/* RFC 4648 section 4. */
static struct text
base64(struct bytes data, struct scratch *scratch)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t size = (data.left + 2) / 3 * 4;
	char *out = scratch_take(scratch, size), *at = out;

	if (out == NULL)
		return (struct text){ 0 };
	while (data.left > 0) {
		size_t count = data.left < 3 ? data.left : 3;
		const uint8_t *in = bytes_take(&data, count);
		uint32_t group = (uint32_t)in[0] << 16;
		group |= count > 1 ? (uint32_t)in[1] << 8 : 0;
		group |= count > 2 ? in[2] : 0;
		for (size_t i = 0; i < 4; i++)
			*at++ = i > count ? '=' : digits[group >> (18 - 6 * i) & 63];
	}
	return (struct text){ out, (uint32_t)size };
}

static void
set_certificate(struct record *record, const struct certificate *certificate)
{
	record_set_text(record, FIELD_CERT_SUBJECT, certificate->subject);
	record_set_text(record, FIELD_CERT_ISSUERDN, certificate->issuer);
	record_set_texts(record, FIELD_CERT_SAN, certificate->names,
			 certificate->name_count);
	record_set_text(record, FIELD_CERT_SERIAL, certificate->serial);
	record_set_text(record, FIELD_CERT_NOTBEFORE, certificate->not_before);
	record_set_text(record, FIELD_CERT_NOTAFTER, certificate->not_after);
	record_set_text(record, FIELD_CERT_SIGNATURE, certificate->signature);
	set_key(record, FIELD_CERT_KEY_TYPE, FIELD_CERT_KEY_SIZE, certificate);
}

void
tls_report_certificate(struct tls *tls, struct certificate *certificate,
		       struct bytes der, int owner, struct instant at,
		       const struct dissect_out *out)
{
	struct tls_report *report = tls->lane->report;

	if (!certificate_is_due(certificate, at))
		return;
	tls_report_begin(report, EVENT_CERTIFICATE);
	record_set_text(&report->record, FIELD_CERT_FINGERPRINT, certificate->sha256);
	record_set_text(&report->record, FIELD_CERT_SIDE,
			text_of(owner == TLS_CLIENT ? "client" : "server"));
	if (certificate->is_decoded)
		set_certificate(&report->record, certificate);
	if (der.left <= TLS_DER_MAX)
		record_set_text(&report->record, FIELD_CERT_DER,
				base64(der, &report->scratch));
	if (der.left > TLS_DER_MAX || certificate->is_cut)
		record_set_flag(&report->record, FIELD_SEKISHO_TRUNCATED, true);
	out->emit(out->ctx, at, &report->record);
}
