/* SPDX-License-Identifier: Apache-2.0 */
/* dns_report: the dns and mdns records: a message as EVE has it, version 3 or 2. */
#include <stdio.h>

#include "common/digest.h"
#include "sensor/dissect/dns_state.h"

/* Where a section's columns go. */
static const struct places {
	enum field_id name, type, ttl, data;
} places[DNS_SECTIONS] = {
	{ FIELD_DNS_AN_RRNAME, FIELD_DNS_AN_RRTYPE, FIELD_DNS_AN_TTL,
	  FIELD_DNS_AN_RDATA },
	{ FIELD_DNS_NS_RRNAME, FIELD_DNS_NS_RRTYPE, FIELD_DNS_NS_TTL,
	  FIELD_DNS_NS_RDATA },
	{ FIELD_DNS_AR_RRNAME, FIELD_DNS_AR_RRTYPE, FIELD_DNS_AR_TTL,
	  FIELD_DNS_AR_RDATA },
};

/* A message being told. */
struct report {
	struct telling *telling;
	struct dns_reader reader;
	struct dns_header header;
	uint32_t version;
	unsigned rcode;
	bool is_short; /* it ended too early */
	char room[DNS_NAME_TEXT];
};

static struct text
keep(struct report *report, struct text text)
{
	return scratch_copy(&report->telling->scratch, text);
}

static void
set_query_columns(struct report *report, const struct text *names,
		  const struct text *types, uint32_t count)
{
	struct record *record = &report->telling->record;

	if (report->version == 2) {
		if (count > 0) {
			record_set_text(record, FIELD_DNS_RRNAME, names[0]);
			record_set_text(record, FIELD_DNS_RRTYPE, types[0]);
		}
		return;
	}
	if (count == 0) {
		record_set_null(record, FIELD_DNS_Q_RRNAME);
		record_set_null(record, FIELD_DNS_Q_RRTYPE);
		return;
	}
	record_set_texts(record, FIELD_DNS_Q_RRNAME, names, count);
	record_set_texts(record, FIELD_DNS_Q_RRTYPE, types, count);
}

static enum dns_outcome
tell_queries(struct report *report)
{
	struct telling *telling = report->telling;
	struct dns_question question;
	uint32_t most = report->header.questions, count = 0;
	enum dns_outcome outcome = DNS_GOOD;

	if (most > DNS_QUERIES_MAX)
		most = DNS_QUERIES_MAX;
	telling->scratch.is_cut |= most < report->header.questions;
	struct text *names = telling_items(telling, most);
	struct text *types = telling_items(telling, most);
	for (uint32_t i = 0; i < report->header.questions && outcome == DNS_GOOD; i++) {
		outcome = dns_question_read(&report->reader, report->room, &question);
		if (outcome != DNS_GOOD || i >= most)
			continue;
		names[count] = keep(report, question.name);
		types[count++] = dns_type_text(question.type, &telling->scratch);
	}
	set_query_columns(report, names, types, count);
	return outcome;
}

/* EDNS (RFC 6891 section 6.1): its record's members mean something else. */
static void
tell_edns(struct report *report, const struct dns_record *opt)
{
	enum { WANTS_DNSSEC = 0x8000 };
	struct record *record = &report->telling->record;
	uint64_t *options = telling_numbers(report->telling, DNS_OPTIONS_MAX);
	struct bytes data = opt->data;
	uint32_t count = 0;

	report->rcode |= opt->ttl >> 24 << 4;
	record_set_number(record, FIELD_SDNS_EDNS_VERSION, opt->ttl >> 16 & 0xff);
	record_set_number(record, FIELD_SDNS_EDNS_SIZE, opt->class);
	record_set_flag(record, FIELD_SDNS_EDNS_DO, opt->ttl & WANTS_DNSSEC);
	while (options && data.left > 0) {
		uint16_t code = bytes_u16(&data);
		bytes_take(&data, bytes_u16(&data));
		if (!bytes_ok(&data) || count == DNS_OPTIONS_MAX) {
			report->telling->scratch.is_cut = true;
			break;
		}
		options[count++] = code;
	}
	record_set_numbers(record, FIELD_SDNS_EDNS_OPTIONS, options, count);
}

/* The columns of a section under way; NULL lists if there was no room. */
struct columns {
	struct text *names, *types, *data;
	uint64_t *ttls;
	uint32_t most, count;
};

static void
add_record(struct report *report, struct columns *columns,
	   const struct dns_record *record)
{
	struct scratch *scratch = &report->telling->scratch;
	uint32_t i = columns->count;

	if (i == columns->most) {
		scratch->is_cut = true;
		return;
	}
	columns->names[i] = keep(report, record->name);
	columns->types[i] = dns_type_text(record->type, scratch);
	columns->ttls[i] = record->ttl;
	columns->data[i] = dns_rdata(&report->reader, record, scratch);
	columns->count++;
}

static void
set_columns(struct report *report, int section, const struct columns *columns)
{
	struct record *record = &report->telling->record;
	const struct places *to = &places[section];

	if (columns->count == 0) {
		record_set_null(record, to->name);
		record_set_null(record, to->type);
		record_set_null(record, to->ttl);
		record_set_null(record, to->data);
		return;
	}
	record_set_texts(record, to->name, columns->names, columns->count);
	record_set_texts(record, to->type, columns->types, columns->count);
	record_set_numbers(record, to->ttl, columns->ttls, columns->count);
	record_set_texts(record, to->data, columns->data, columns->count);
}

static enum dns_outcome
tell_section(struct report *report, int section)
{
	enum { OPT = 41 };
	struct telling *telling = report->telling;
	uint16_t all = report->header.records[section];
	uint32_t most = all < DNS_RECORDS_MAX ? all : DNS_RECORDS_MAX;
	struct columns columns = { telling_items(telling, most),
				   telling_items(telling, most),
				   telling_items(telling, most),
				   telling_numbers(telling, most),
				   most,
				   0 };
	struct dns_record record;
	enum dns_outcome outcome = DNS_GOOD;

	for (uint16_t i = 0; i < all && outcome == DNS_GOOD; i++) {
		outcome = dns_record_read(&report->reader, report->room, &record);
		if (outcome != DNS_GOOD)
			continue;
		if (section == DNS_SECTION_ADDITIONAL && record.type == OPT)
			tell_edns(report, &record);
		else
			add_record(report, &columns, &record);
	}
	set_columns(report, section, &columns);
	return outcome;
}

static void
tell_flags(struct report *report)
{
	struct record *record = &report->telling->record;
	uint16_t flags = report->header.flags;
	uint8_t octets[2] = { (uint8_t)(flags >> 8), (uint8_t)flags };
	char hex[5];

	digest_to_hex(octets, 2, hex);
	record_set_text(record, FIELD_DNS_FLAGS, keep(report, text_of(hex)));
	record_set_flag(record, FIELD_DNS_QR, flags & DNS_QR);
	record_set_flag(record, FIELD_DNS_AA, flags & DNS_AA);
	record_set_flag(record, FIELD_DNS_TC, flags & DNS_TC);
	record_set_flag(record, FIELD_DNS_RD, flags & DNS_RD);
	record_set_flag(record, FIELD_DNS_RA, flags & DNS_RA);
	record_set_flag(record, FIELD_DNS_Z, flags & DNS_Z);
	record_set_number(record, FIELD_DNS_OPCODE, flags >> 11 & 15);
}

static void
tell_rcode(struct report *report)
{
	const char *name = dns_rcode_name(report->rcode);
	char text[16];

	if (!(report->header.flags & DNS_QR))
		return;
	snprintf(text, sizeof(text), "RCODE%u", report->rcode);
	record_set_text(&report->telling->record, FIELD_DNS_RCODE,
			name ? text_of(name) : keep(report, text_of(text)));
}

static void
tell_transaction(struct dns_call *call, struct report *report)
{
	struct record *record = &report->telling->record;
	bool is_response = report->header.flags & DNS_QR;

	if (call->dns->is_multicast)
		return; /* answers go to all, and to no one question */
	struct dns_match match = dns_match(call, &report->header);
	record_set_number(record, FIELD_DNS_TX_ID, match.number);
	if (is_response && match.is_matched)
		record_set_number(record, FIELD_SDNS_LATENCY,
				  match.latency > 0 ? (uint64_t)match.latency : 0);
	else if (is_response)
		record_set_null(record, FIELD_SDNS_LATENCY);
}

static void
tell_head(struct dns_call *call, struct report *report, uint64_t size)
{
	struct telling *telling = report->telling;
	bool is_response = report->header.flags & DNS_QR;
	bool is_old = report->version == 2;

	telling_begin(telling, call->dns->is_multicast ? EVENT_MDNS : EVENT_DNS);
	record_set_number(&telling->record, FIELD_DNS_VERSION, report->version);
	telling_name(telling, FIELD_DNS_TYPE,
		     is_response ? (is_old ? "answer" : "response")
				 : (is_old ? "query" : "request"));
	record_set_number(&telling->record, FIELD_DNS_ID, report->header.id);
	record_set_number(&telling->record, FIELD_SDNS_SIZE, size);
	tell_flags(report);
	tell_transaction(call, report);
	record_set_null(&telling->record, FIELD_SDNS_EDNS_VERSION);
	report->rcode = report->header.flags & 15;
}

bool
dns_report(struct dns_call *call, struct bytes message, uint64_t size, bool is_cut)
{
	struct report report = { .telling = &call->dns->lane->lane.telling,
				 .reader = { message, message, NULL },
				 .version = call->dns->lane->version };

	if (!dns_header_read(&report.reader, &report.header)) {
		call->dns->violation = is_cut ? NULL : "dns.malformed_data";
		return is_cut;
	}
	tell_head(call, &report, size);
	enum dns_outcome outcome = tell_queries(&report);
	for (int i = 0; i < DNS_SECTIONS && outcome == DNS_GOOD; i++)
		outcome = tell_section(&report, i);
	tell_rcode(&report);
	if (outcome == DNS_BROKEN || (outcome == DNS_SHORT && !is_cut)) {
		call->dns->violation = outcome == DNS_BROKEN ? report.reader.violation
							     : "dns.malformed_data";
		telling_hide(report.telling, "dns.sections", "not_decoded");
	} else if (outcome == DNS_SHORT || is_cut) {
		telling_hide(report.telling, "dns.sections", "truncated");
		record_set_flag(&report.telling->record, FIELD_SEKISHO_TRUNCATED, true);
	}
	telling_emit(report.telling, call->out, call->at, true);
	return call->dns->violation == NULL;
}
