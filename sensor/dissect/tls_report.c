/* SPDX-License-Identifier: Apache-2.0 */
/* tls_report: the tls record: what was seen, what was not there, and what could not be
 * seen and why. */
#include <stdlib.h>
#include <string.h>

#include "common/digest.h"
#include "sensor/dissect/ja3.h"
#include "sensor/dissect/ja4.h"
#include "sensor/dissect/tls_report.h"

struct tls_report *
tls_report_new(void)
{
	return calloc(1, sizeof(struct tls_report));
}

void
tls_report_free(struct tls_report *report)
{
	free(report);
}

void
tls_report_hide(struct tls_report *report, const char *what, const char *why)
{
	if (report->reason_count + 2 > TLS_REASONS_MAX)
		return;
	report->reasons[report->reason_count++] = text_of(what);
	report->reasons[report->reason_count++] = text_of(why);
}

/* Why something of 'side' (-1 = not known which) was not seen, where it was on the
 * wire. */
const char *
tls_report_reason(const struct tls *tls, int side)
{
	if (tls->is_ssl2)
		return "not_decoded";
	if (side == -1) /* no hello was read: whoever lost something, or spoke */
		side = tls->side[1].is_lost || !tls->side[0].is_seen;
	if (tls->side[side].is_lost)
		return tls->side[side].is_refused ? "truncated" : "loss";
	return tls->side[side].is_seen ? "truncated" : "asymmetric";
}

static int
server_of(const struct tls *tls)
{
	return tls->client == -1 ? -1 : !tls->client;
}

static void
set_hash(struct tls_report *report, struct digester *md5, enum field_id string_field,
	 enum field_id hash_field, struct text string)
{
	uint8_t hash[DIGEST_SIZE];
	char hex[2 * DIGEST_MD5_SIZE + 1];

	if (string.size == 0)
		return;
	record_set_text(&report->record, string_field, string);
	digester_add(md5, string.at, string.size);
	digest_to_hex(hash, digester_take(md5, hash), hex);
	record_set_text(&report->record, hash_field,
			scratch_copy(&report->scratch, text_of(hex)));
}

static void
set_fingerprints(struct tls *tls, struct tls_report *report,
		 const struct tls_client_hello *hello)
{
	char ja4[JA4_SIZE];
	const char *why = hello->is_v2 ? "not_decoded" : "truncated";

	if (!hello->is_v2)
		set_hash(report, tls->lane->md5, FIELD_TLS_JA3_STRING,
			 FIELD_TLS_JA3_HASH, ja3_client(hello, &report->scratch));
	if (!record_has(&report->record, FIELD_TLS_JA3_STRING))
		tls_report_hide(report, "tls.ja3", why);
	if (ja4_client(hello, tls->is_dtls ? JA4_DTLS : JA4_TCP, tls->lane->sha256, ja4))
		record_set_text(&report->record, FIELD_TLS_JA4,
				scratch_copy(&report->scratch, text_of(ja4)));
	else
		tls_report_hide(report, "tls.ja4", why);
}

static void
tell_client_hello(struct tls *tls, struct tls_report *report)
{
	struct tls_client_hello hello;
	struct bytes body = bytes_over(tls->client_hello.at, tls->client_hello.size);

	if (tls->has_client_hello && !tls->is_client_hello_cut &&
	    (tls->is_v2 ? tls_client_hello_read_v2(body, &hello)
			: tls_client_hello_read(body, &hello))) {
		tls_report_offer(report, &hello);
		set_fingerprints(tls, report, &hello);
		return;
	}
	tls_report_hide(report, "tls.client_hello",
			tls->is_client_hello_cut ? "truncated"
						 : tls_report_reason(tls, tls->client));
}

/* TLS <= 1.2: the server echoes the id of a session it takes up (RFC 5246
 * section 7.4.1.3, RFC 5077). */
static bool
is_id_echoed(const struct tls *tls, const struct tls_server_hello *server)
{
	struct tls_client_hello client;
	struct bytes body = bytes_over(tls->client_hello.at, tls->client_hello.size);

	return tls->has_client_hello && !tls->is_client_hello_cut && !tls->is_v2 &&
	       tls_client_hello_read(body, &client) && server->session_id.left > 0 &&
	       server->session_id.left == client.session_id.left &&
	       memcmp(server->session_id.at, client.session_id.at,
		      client.session_id.left) == 0;
}

static void
tell_resumption(struct tls *tls, struct tls_report *report,
		const struct tls_server_hello *hello)
{
	bool hides = tls_version_hides(tls->version);

	if (!hides && !tls->has_server_done && !tls->is_abbreviated) {
		/* The messages that would decide were not seen; an echoed id is proof
		 * enough. */
		tls->is_abbreviated = is_id_echoed(tls, hello);
		if (!tls->is_abbreviated) {
			tls_report_hide(report, "tls.session_resumed",
					tls_report_reason(tls, server_of(tls)));
			return;
		}
	}
	record_set_flag(&report->record, FIELD_TLS_SESSION_RESUMED,
			hides ? tls->has_psk : tls->is_abbreviated);
}

static void
tell_server_hello(struct tls *tls, struct tls_report *report)
{
	struct tls_server_hello hello;
	struct record *record = &report->record;
	struct bytes body = bytes_over(tls->server_hello.at, tls->server_hello.size);

	if (tls->is_ssl2)
		record_set_text(record, FIELD_TLS_VERSION, text_of("SSLv2"));
	if (!tls->has_server_hello || tls->is_server_hello_cut ||
	    !tls_server_hello_read(body, &hello)) {
		const char *why = tls->is_server_hello_cut
					  ? "truncated"
					  : tls_report_reason(tls, server_of(tls));
		tls_report_hide(report, "tls.server_hello", why);
		tls_report_hide(report, "tls.alpn", why);
		return;
	}
	tls_report_choice(report, &hello);
	set_hash(report, tls->lane->md5, FIELD_TLS_JA3S_STRING, FIELD_TLS_JA3S_HASH,
		 ja3_server(&hello, &report->scratch));
	if (!tls_version_hides(tls->version))
		tls_report_alpn(report, FIELD_TLS_SERVER_ALPNS, hello.alpn);
	else if (record_is_null(record, FIELD_TLS_CLIENT_ALPNS))
		record_set_null(record,
				FIELD_TLS_SERVER_ALPNS); /* nothing to choose from */
	else
		tls_report_hide(report, "tls.alpn", "encrypted");
	tell_resumption(tls, report, &hello);
}

static void
set_group(struct tls_report *report, uint16_t group, uint32_t dh_size)
{
	enum { FFDHE_FIRST = 256, FFDHE_LAST = 260 };
	static const uint16_t sizes[] = { 2048, 3072, 4096, 6144, 8192 };
	struct record *record = &report->record;
	char room[TLS_CODE_TEXT_SIZE];

	if (group >= FFDHE_FIRST && group <= FFDHE_LAST)
		dh_size = sizes[group - FFDHE_FIRST];
	if (group != 0)
		record_set_text(record, FIELD_TLS_GROUP,
				scratch_copy(&report->scratch,
					     tls_code_text(tls_group_name(group), group,
							   room)));
	else if (dh_size > 0)
		record_set_text(record, FIELD_TLS_GROUP, text_of("ffdhe-custom"));
	else
		record_set_null(record, FIELD_TLS_GROUP);
	if (dh_size > 0)
		record_set_number(record, FIELD_STLS_DH_SIZE, dh_size);
	else
		record_set_null(record, FIELD_STLS_DH_SIZE);
}

static void
tell_key_exchange(struct tls *tls, struct tls_report *report)
{
	const char *why = NULL;

	if (!tls->has_server_hello || tls->is_server_hello_cut)
		why = tls_report_reason(tls, server_of(tls));
	else if (tls_version_hides(tls->version) ||
		 tls->kind.exchange == TLS_EXCHANGE_NONE)
		why = NULL;
	else if (tls->is_abbreviated)
		why = "resumed";
	else if (tls->is_key_exchange_odd || tls->kind.exchange == TLS_EXCHANGE_OTHER)
		why = "not_decoded";
	else if (!tls->has_key_exchange)
		why = tls_report_reason(tls, server_of(tls));
	if (why)
		tls_report_hide(report, "tls.key_exchange", why);
	else
		set_group(report, tls->group, tls->dh_size);
}

/* Why no certificate of either side can be there to be seen, or NULL. */
static const char *
certificates_hidden(const struct tls *tls)
{
	bool hides = tls_version_hides(tls->version);

	if (tls->has_server_hello && (tls->is_abbreviated || (hides && tls->has_psk)))
		return "resumed";
	return tls->has_server_hello && hides ? "encrypted" : NULL;
}

static void
tell_server_certificate(struct tls *tls, struct tls_report *report)
{
	const struct tls_chain *chain = &tls->chain[TLS_SERVER];
	const char *why = certificates_hidden(tls);

	if (why == NULL && chain->count > 0) {
		tls_report_chain(report, chain, TLS_SERVER);
		return;
	}
	bool is_none = chain->is_seen && !chain->is_cut;
	if (why == NULL &&
	    (is_none || (tls->has_server_done && !tls->kind.has_certificate)))
		tls_report_no_certificate(report, TLS_SERVER);
	else
		tls_report_hide(report, "tls.certificate",
				why ? why : tls_report_reason(tls, server_of(tls)));
}

static void
tell_client_certificate(struct tls *tls, struct tls_report *report)
{
	const struct tls_chain *chain = &tls->chain[TLS_CLIENT];
	const char *why = certificates_hidden(tls);

	if (why) {
		tls_report_hide(report, "tls.client", why);
		return;
	}
	if (tls->has_request || tls->has_server_done)
		record_set_flag(&report->record, FIELD_STLS_CERT_REQUESTED,
				tls->has_request);
	if (chain->count > 0) {
		tls_report_chain(report, chain, TLS_CLIENT);
		return;
	}
	/* Not asked for; or answered by an empty list, or by going on without one. */
	bool is_none = chain->is_seen
			       ? !chain->is_cut
			       : tls->client != -1 && tls->side[tls->client].is_changed;
	if (tls->has_request ? is_none : tls->has_server_done)
		tls_report_no_certificate(report, TLS_CLIENT);
	else
		tls_report_hide(report, "tls.client",
				tls_report_reason(tls, tls->has_request
							       ? tls->client
							       : server_of(tls)));
}

static const char *
outcome(const struct tls *tls)
{
	if (tls->has_alert)
		return "failed";
	if (tls->has_client_hello && tls->has_server_hello)
		return tls->side[0].has_data && tls->side[1].has_data ? "complete"
								      : "partial";
	if (tls->has_client_hello)
		return tls->is_retried ? "partial" : "client_only";
	return tls->has_server_hello ? "server_only" : "partial";
}

static void
tell_outcome(const struct tls *tls, struct tls_report *report)
{
	struct record *record = &report->record;
	char room[TLS_CODE_TEXT_SIZE];

	record_set_text(record, FIELD_STLS_COMPLETE, text_of(outcome(tls)));
	if (tls->has_alert)
		record_set_text(record, FIELD_STLS_ALERT,
				scratch_copy(&report->scratch,
					     tls_code_text(tls_alert_name(tls->alert),
							   tls->alert, room)));
	if (tls->has_server_hello || tls->is_retried)
		record_set_flag(record, FIELD_STLS_HRR, tls->is_retried);
	if (tls->upgrade)
		record_set_text(record, FIELD_TLS_FROM_PROTO,
				text_of(tls_upgrade_name(tls->upgrade)));
	record_set_flag(record, FIELD_SEKISHO_IS_FINAL, true);
}

void
tls_report_begin(struct tls_report *report, enum event event)
{
	record_begin(&report->record, event);
	report->reason_count = 0;
	report->scratch =
		(struct scratch){ .at = report->text, .room = sizeof(report->text) };
}

void
tls_report(struct tls *tls, struct instant at, const struct dissect_out *out)
{
	struct tls_report *report = tls->lane->report;
	bool is_known =
		tls->has_client_hello || tls->has_server_hello || tls->is_retried;

	if (tls->is_told || ((tls->violation || tls->upgrade) && !is_known))
		return;
	tls->is_told = true;
	tls_report_begin(report, EVENT_TLS);
	report->at = at;
	tell_client_hello(tls, report);
	tell_server_hello(tls, report);
	tell_key_exchange(tls, report);
	tell_server_certificate(tls, report);
	tell_client_certificate(tls, report);
	tell_outcome(tls, report);
	if (report->scratch.is_cut)
		record_set_flag(&report->record, FIELD_SEKISHO_TRUNCATED, true);
	if (report->reason_count > 0)
		record_set_texts(&report->record, FIELD_SEKISHO_UNOBSERVABLE,
				 report->reasons, report->reason_count);
	out->emit(out->ctx, at, &report->record);
}
