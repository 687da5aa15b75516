/* SPDX-License-Identifier: Apache-2.0 */
/* tls_report_hello: what the hellos offer and choose, as fields. */
#include "sensor/dissect/tls_report.h"

typedef const char *namer(uint16_t code);

static struct text
keep(struct tls_report *report, struct text text)
{
	return scratch_copy(&report->scratch, text);
}

static const char *
no_name(uint16_t code)
{
	(void)code;
	return NULL;
}

/* A list of code points by name, GREASE left out; null if it was not sent. */
static void
set_names(struct tls_report *report, enum field_id field, struct bytes codes,
	  namer *name_of, struct text names[TLS_LIST_MAX])
{
	char room[TLS_CODE_TEXT_SIZE];
	uint32_t count = 0;

	if (!bytes_ok(&codes)) {
		record_set_null(&report->record, field);
		return;
	}
	while (codes.left >= 2) {
		uint16_t code = bytes_u16(&codes);
		if (tls_is_grease(code))
			continue;
		if (count == TLS_LIST_MAX) {
			report->scratch.is_cut = true;
			break;
		}
		const char *name = name_of(code);
		names[count++] =
			name ? text_of(name)
			     : keep(report, name_of == no_name
						    ? tls_version_text(code, room)
						    : tls_code_text(NULL, code, room));
	}
	record_set_texts(&report->record, field, names, count);
}

static void
set_codes(struct tls_report *report, enum field_id field, struct bytes codes,
	  uint64_t numbers[TLS_LIST_MAX])
{
	uint32_t count = 0;

	if (!bytes_ok(&codes)) {
		record_set_null(&report->record, field);
		return;
	}
	for (; codes.left >= 2 && count < TLS_LIST_MAX; count++)
		numbers[count] = bytes_u16(&codes);
	report->scratch.is_cut |= codes.left >= 2;
	record_set_numbers(&report->record, field, numbers, count);
}

static void
set_suites(struct tls_report *report, struct tls_client_hello hello)
{
	char room[TLS_CODE_TEXT_SIZE];
	uint32_t all = 0, named = 0;
	uint16_t suite;

	while (tls_suite_take(&hello, &suite)) {
		if (all == TLS_LIST_MAX) {
			report->scratch.is_cut = true;
			break;
		}
		report->suite_codes[all++] = suite;
		const char *name = tls_suite_name(suite);
		if (!tls_is_grease(suite) && !tls_suite_is_signal(suite))
			report->suites[named++] =
				name ? text_of(name)
				     : keep(report, tls_code_text(NULL, suite, room));
	}
	record_set_numbers(&report->record, FIELD_TLS_CH_CIPHERS, report->suite_codes,
			   all);
	record_set_texts(&report->record, FIELD_STLS_SUITES, report->suites, named);
}

static void
set_extensions(struct tls_report *report, enum field_id field, struct bytes extensions,
	       uint64_t numbers[TLS_LIST_MAX])
{
	uint16_t type;
	struct bytes body;
	uint32_t count = 0;

	while (tls_extension_take(&extensions, &type, &body)) {
		if (count == TLS_LIST_MAX) {
			report->scratch.is_cut = true;
			break;
		}
		numbers[count++] = type;
	}
	record_set_numbers(&report->record, field, numbers, count);
}

void
tls_report_alpn(struct tls_report *report, enum field_id field, struct bytes alpn)
{
	struct text *names = field == FIELD_TLS_CLIENT_ALPNS ? report->client_alpns
							     : report->server_alpns;
	uint32_t count = 0;

	if (!bytes_ok(&alpn)) {
		record_set_null(&report->record, field);
		return;
	}
	while (alpn.left > 0) {
		struct bytes name = bytes_window(&alpn, bytes_u8(&alpn));
		if (!bytes_ok(&alpn) || tls_is_grease_name(name))
			continue;
		if (count == TLS_LIST_MAX) {
			report->scratch.is_cut = true;
			break;
		}
		names[count++] = scratch_text(&report->scratch, name.at, name.left,
					      TLS_NAME_SIZE);
	}
	record_set_texts(&report->record, field, names, count);
}

/* Before supported_versions a client offered all up to its legacy version; that is what
 * is known. */
static void
set_versions(struct tls_report *report, const struct tls_client_hello *hello)
{
	uint8_t legacy[2] = { (uint8_t)(hello->legacy_version >> 8),
			      (uint8_t)hello->legacy_version };
	struct bytes only = bytes_over(legacy, sizeof(legacy));

	set_names(report, FIELD_STLS_VERSIONS,
		  bytes_ok(&hello->versions) ? hello->versions : only, no_name,
		  report->versions);
}

void
tls_report_offer(struct tls_report *report, const struct tls_client_hello *hello)
{
	struct record *record = &report->record;
	char room[TLS_CODE_TEXT_SIZE];

	record_set_text(record, FIELD_TLS_CH_VERSION,
			keep(report, tls_version_text(hello->legacy_version, room)));
	if (bytes_ok(&hello->name))
		record_set_text(record, FIELD_TLS_SNI,
				scratch_text(&report->scratch, hello->name.at,
					     hello->name.left, TLS_NAME_SIZE));
	else
		record_set_null(record, FIELD_TLS_SNI);
	if (hello->has_encrypted_hello) /* the name in the clear may be another's */
		tls_report_hide(report, "tls.sni", "encrypted");
	set_suites(report, *hello);
	set_versions(report, hello);
	set_extensions(report, FIELD_TLS_CH_EXTS, hello->extensions,
		       report->client_extensions);
	set_names(report, FIELD_STLS_GROUPS, hello->groups, tls_group_name,
		  report->groups);
	set_names(report, FIELD_STLS_SIGS, hello->signatures, tls_signature_name,
		  report->signatures);
	set_codes(report, FIELD_TLS_CH_SIG_ALGS, hello->signatures,
		  report->signature_codes);
	tls_report_alpn(report, FIELD_TLS_CLIENT_ALPNS, hello->alpn);
}

void
tls_report_choice(struct tls_report *report, const struct tls_server_hello *hello)
{
	struct record *record = &report->record;
	char room[TLS_CODE_TEXT_SIZE];

	record_set_text(record, FIELD_TLS_VERSION,
			keep(report, tls_version_text(hello->version, room)));
	record_set_text(record, FIELD_TLS_SH_VERSION,
			keep(report, tls_version_text(hello->legacy_version, room)));
	record_set_text(record, FIELD_TLS_CIPHER_SUITE,
			keep(report, tls_code_text(tls_suite_name(hello->suite),
						   hello->suite, room)));
	record_set_number(record, FIELD_TLS_SH_CIPHER, hello->suite);
	set_extensions(report, FIELD_TLS_SH_EXTS, hello->extensions,
		       report->server_extensions);
}
