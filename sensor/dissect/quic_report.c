/* SPDX-License-Identifier: Apache-2.0 */
/* quic_report: the quic record: how a connection began. */
#include "common/digest.h"
#include "sensor/dissect/ja3.h"
#include "sensor/dissect/ja4.h"
#include "sensor/dissect/quic_state.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2 };

/* The record being made. */
struct report {
	struct quic *quic;
	struct telling *telling;
	bool has_client, has_server;
	bool is_hello_retried;
};

static void
set_hash(struct report *report, enum field_id string_field, enum field_id hash_field,
	 struct text string)
{
	struct telling *telling = report->telling;
	uint8_t hash[DIGEST_SIZE];
	char hex[2 * DIGEST_MD5_SIZE + 1];

	if (string.size == 0)
		return;
	record_set_text(&telling->record, string_field, string);
	digester_add(report->quic->lane->md5, string.at, string.size);
	digest_to_hex(hash, digester_take(report->quic->lane->md5, hash), hex);
	record_set_text(&telling->record, hash_field,
			scratch_copy(&telling->scratch, text_of(hex)));
}

/* Code points by name, GREASE left out; null if they were not sent. */
static void
set_names(struct report *report, enum field_id field, struct bytes codes,
	  const char *name_of(uint16_t code))
{
	struct telling *telling = report->telling;
	struct text *names = telling_items(telling, QUIC_LIST_MAX);
	char room[TLS_CODE_TEXT_SIZE];
	uint32_t count = 0;

	if (!bytes_ok(&codes)) {
		record_set_null(&telling->record, field);
		return;
	}
	while (codes.left >= 2) {
		uint16_t code = bytes_u16(&codes);
		if (tls_is_grease(code))
			continue;
		if (names == NULL || count == QUIC_LIST_MAX) {
			telling->scratch.is_cut = true;
			break;
		}
		names[count++] = scratch_copy(&telling->scratch,
					      tls_code_text(name_of(code), code, room));
	}
	record_set_texts(&telling->record, field, names, count);
}

static void
set_alpns(struct report *report, struct bytes alpn)
{
	struct telling *telling = report->telling;
	struct text *names = telling_items(telling, QUIC_LIST_MAX);
	uint32_t count = 0;

	if (!bytes_ok(&alpn)) {
		record_set_null(&telling->record, FIELD_SQUIC_ALPNS);
		return;
	}
	while (alpn.left > 0) {
		struct bytes name = bytes_window(&alpn, bytes_u8(&alpn));
		if (!bytes_ok(&alpn) || tls_is_grease_name(name))
			continue;
		if (names == NULL || count == QUIC_LIST_MAX) {
			telling->scratch.is_cut = true;
			break;
		}
		names[count++] = scratch_text(&telling->scratch, name.at, name.left,
					      QUIC_NAME_SIZE);
	}
	record_set_texts(&telling->record, FIELD_SQUIC_ALPNS, names, count);
}

/* Of the transport parameters (RFC 9000 section 18) the one that names a program. */
static void
set_agent(struct report *report, struct bytes extensions)
{
	enum { PARAMETERS = 0x39, PARAMETERS_DRAFT = 0xffa5, AGENT = 0x3129 };
	struct bytes body;
	uint16_t type;

	record_set_null(&report->telling->record, FIELD_QUIC_UA);
	while (tls_extension_take(&extensions, &type, &body))
		while ((type == PARAMETERS || type == PARAMETERS_DRAFT) &&
		       body.left > 0) {
			uint64_t id = quic_number(&body), size = quic_number(&body);
			struct bytes value = bytes_window(
				&body, size < body.left ? (size_t)size : body.left);
			if (id == AGENT && value.left > 0)
				telling_text(report->telling, FIELD_QUIC_UA, value,
					     QUIC_NAME_SIZE);
		}
}

static void
tell_client_hello(struct report *report, const struct tls_client_hello *hello)
{
	struct telling *telling = report->telling;
	char ja4[JA4_SIZE];

	telling_text(telling, FIELD_QUIC_SNI, hello->name, QUIC_NAME_SIZE);
	set_agent(report, hello->extensions);
	set_hash(report, FIELD_QUIC_JA3_STRING, FIELD_QUIC_JA3_HASH,
		 ja3_client(hello, &telling->scratch));
	if (ja4_client(hello, JA4_QUIC, report->quic->lane->sha256, ja4))
		record_set_text(&telling->record, FIELD_QUIC_JA4,
				scratch_copy(&telling->scratch, text_of(ja4)));
	set_alpns(report, hello->alpn);
	set_names(report, FIELD_SQUIC_SUITES, hello->suites, tls_suite_name);
	set_names(report, FIELD_SQUIC_GROUPS, hello->groups, tls_group_name);
	record_set_flag(&telling->record, FIELD_SQUIC_ECH, hello->has_encrypted_hello);
}

static void
tell_server_hello(struct report *report, const struct tls_server_hello *hello)
{
	struct telling *telling = report->telling;
	struct record *record = &telling->record;
	char room[TLS_CODE_TEXT_SIZE];

	set_hash(report, FIELD_QUIC_JA3S_STRING, FIELD_QUIC_JA3S_HASH,
		 ja3_server(hello, &telling->scratch));
	record_set_text(record, FIELD_SQUIC_SUITE,
			scratch_copy(&telling->scratch,
				     tls_code_text(tls_suite_name(hello->suite),
						   hello->suite, room)));
	record_set_text(record, FIELD_SQUIC_TLS,
			scratch_copy(&telling->scratch,
				     tls_version_text(hello->version, room)));
	if (hello->group != 0)
		record_set_text(record, FIELD_SQUIC_GROUP,
				scratch_copy(&telling->scratch,
					     tls_code_text(tls_group_name(hello->group),
							   hello->group, room)));
	else
		record_set_null(record, FIELD_SQUIC_GROUP);
	record_set_flag(record, FIELD_SQUIC_RESUMED, hello->has_psk);
	record_set_flag(record, FIELD_SQUIC_HELLO_RETRY, report->is_hello_retried);
}

/* Why a side's hello is not there. */
static const char *
reason(const struct quic *quic, int side)
{
	const struct quic_side *from = &quic->side[side];

	if (!from->is_seen)
		return "asymmetric";
	if (from->is_cut)
		return "truncated";
	if (from->is_sealed && from->crypto.count == 0)
		return "encrypted"; /* the packet that told the key was not seen */
	return "loss";
}

static void
tell_client(struct report *report)
{
	struct quic *quic = report->quic;
	int client = quic->client == -1 ? 0 : quic->client;
	struct bytes handshake = ranged_prefix(&quic->side[client].crypto), body;
	struct tls_client_hello hello;

	if (quic_message_take(&handshake, CLIENT_HELLO, &body) &&
	    tls_client_hello_read(body, &hello)) {
		report->has_client = true;
		tell_client_hello(report, &hello);
		return;
	}
	telling_hide(report->telling, "quic.client_hello", reason(quic, client));
}

static void
tell_server(struct report *report)
{
	struct quic *quic = report->quic;
	int server = quic->client == -1 ? 1 : !quic->client;
	struct bytes handshake = ranged_prefix(&quic->side[server].crypto), body;
	struct tls_server_hello hello;

	while (quic_message_take(&handshake, SERVER_HELLO, &body)) {
		if (!tls_server_hello_read(body, &hello))
			break;
		if (!hello.is_retry) {
			report->has_server = true;
			tell_server_hello(report, &hello);
			return;
		}
		report->is_hello_retried = true;
	}
	telling_hide(report->telling, "quic.server_hello", reason(quic, server));
}

static void
tell_versions(struct report *report)
{
	struct quic *quic = report->quic;
	struct telling *telling = report->telling;
	struct text *names = telling_items(telling, QUIC_VERSIONS_MAX);

	if (!quic->has_negotiation) {
		record_set_null(&telling->record, FIELD_SQUIC_VERSIONS);
		return;
	}
	for (uint32_t i = 0; i < quic->negotiated_count; i++)
		names[i] = quic_version_text(quic->negotiated[i], &telling->scratch);
	record_set_texts(&telling->record, FIELD_SQUIC_VERSIONS, names,
			 quic->negotiated_count);
}

static const char *
outcome(const struct report *report)
{
	if (report->has_client && report->has_server)
		return "complete";
	if (report->has_client)
		return "client_only";
	if (report->has_server)
		return "server_only";
	return report->quic->has_negotiation ? "refused" : "partial";
}

void
quic_report(struct quic *quic, struct instant at, const struct dissect_out *out)
{
	struct report report = { .quic = quic, .telling = &quic->lane->lane.telling };

	if (quic->is_told)
		return;
	quic->is_told = true;
	telling_begin(report.telling, EVENT_QUIC);
	if (quic->version != 0)
		record_set_text(
			&report.telling->record, FIELD_QUIC_VERSION,
			quic_version_text(quic->version, &report.telling->scratch));
	tell_client(&report);
	tell_server(&report);
	tell_versions(&report);
	record_set_flag(&report.telling->record, FIELD_SQUIC_RETRY, quic->is_retried);
	telling_name(report.telling, FIELD_SQUIC_HANDSHAKE, outcome(&report));
	telling_emit(report.telling, out, at, true);
}
