/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_state: what the parts of the DNS dissectors share; only they and their tests
 * include it.
 *
 * dns.c tells messages apart and matches responses to requests, dns_message.c
 * reads one message (RFC 1035, 6891), dns_rdata.c writes the data of a record
 * as text, dns_names.c names code points, dns_report.c makes the record.
 */
#ifndef SENSOR_DISSECT_DNS_STATE_H
#define SENSOR_DISSECT_DNS_STATE_H

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/telling.h"

enum {
	DNS_HEADER = 12,
	DNS_NAME_WIRE = 255,     /* octets of a name, RFC 1035 section 3.1 */
	DNS_NAME_TEXT = 4 * 255, /* as text, each octet at most \NNN */
	DNS_QUERIES_MAX = 32,    /* told of one message; the rest is left out */
	DNS_RECORDS_MAX = 48,    /* told of one section */
	DNS_OPTIONS_MAX = 32,    /* of EDNS */
	DNS_RDATA_TEXT = 1200,   /* bytes told of one record's data */
	DNS_PENDING_MAX = 16, /* requests of a flow that wait; then the oldest goes */
	DNS_MESSAGE_MAX = 65535
};

enum {
	DNS_SECTION_ANSWER,
	DNS_SECTION_AUTHORITY,
	DNS_SECTION_ADDITIONAL,
	DNS_SECTIONS
};

enum {
	DNS_QR = 0x8000,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080,
	DNS_Z = 0x0040
};

struct dns_header {
	uint16_t id, flags;
	uint16_t questions;
	uint16_t records[DNS_SECTIONS];
};

struct dns_question {
	struct text name; /* of the caller's room */
	uint16_t type, class;
};

struct dns_record {
	struct text name;
	uint16_t type, class;
	uint32_t ttl;
	struct bytes data;
};

/* What became of reading: all there; the message ends too early; broken for good. */
enum dns_outcome { DNS_GOOD, DNS_SHORT, DNS_BROKEN };

/* Of one message being read. */
struct dns_reader {
	struct bytes whole; /* the message, for compression pointers */
	struct bytes left;
	const char *violation; /* after DNS_BROKEN */
};

/* dns_message.c */

/* False if it is short. */
bool dns_header_read(struct dns_reader *reader, struct dns_header *header);
/*
 * A name at reader->left, with pointers, which may only go back (so their number is
 * bounded).  Labels are joined by dots; octets that are no printable ASCII, dots and
 * backslashes in labels are \NNN; the root is ".".
 */
enum dns_outcome dns_name_read(struct dns_reader *reader, char room[DNS_NAME_TEXT],
			       struct text *name);
enum dns_outcome dns_question_read(struct dns_reader *reader, char room[DNS_NAME_TEXT],
				   struct dns_question *question);
enum dns_outcome dns_record_read(struct dns_reader *reader, char room[DNS_NAME_TEXT],
				 struct dns_record *record);

/* A message by its look: what dns.c recognises. */
enum recognition dns_look(struct bytes message, bool is_whole);
/* Of those that look right: sent by multicast (RFC 6762 section 18). */
bool dns_is_multicast(struct bytes message);

/* dns_rdata.c: the data as in a zone file, in the scratch. */
struct text dns_rdata(const struct dns_reader *reader, const struct dns_record *record,
		      struct scratch *scratch);

/* dns_names.c: NULL if IANA has none */
const char *dns_type_name(uint16_t type);
const char *dns_rcode_name(unsigned rcode);
const char *dns_algorithm_name(uint8_t algorithm);
const char *dns_service_key_name(uint16_t key);
/* "TYPE65280" for what has no name. */
struct text dns_type_text(uint16_t type, struct scratch *scratch);

/* A request that waits for its response. */
struct dns_pending {
	struct instant at;
	uint64_t number;
	uint16_t id;
};

struct dns_lane {
	struct dissect_lane lane; /* first: telling, budget, counters */
	uint32_t version;         /* of EVE's form: 3, or 2 */
};

struct dns {
	struct dns_lane *lane;
	struct pieces pieces[SIDES];                 /* over TCP */
	struct dns_pending pending[DNS_PENDING_MAX]; /* oldest first */
	uint32_t pending_count;
	uint64_t transactions;
	bool is_multicast, is_client_known;
	bool is_snapped; /* the next datagram */
	const char *violation;
};

/* dns_report.c: tells one message.  False if it is broken: dns->violation says how. */
struct dns_call {
	struct dns *dns;
	int side;
	struct instant at;
	const struct dissect_out *out;
};
bool dns_report(struct dns_call *call, struct bytes message, uint64_t size,
		bool is_cut);

/* dns.c, for dns_report.c: whether 'header' is that of a response; its request. */
struct dns_match {
	uint64_t number; /* of the transaction */
	bool is_matched;
	int64_t latency; /* microseconds */
};
struct dns_match dns_match(struct dns_call *call, const struct dns_header *header);

#endif
