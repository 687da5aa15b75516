/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ike_state: what the parts of the IKE dissector share; only they and its tests include
 * it.
 *
 * ike.c tells messages apart and follows each IKE SA, ike_message.c reads one
 * message (RFC 7296, RFC 2408, RFC 2409), ike_names.c names what it holds,
 * ike_report.c makes the records.
 *
 * Names and certificates of the peers are never read: IKEv1's aggressive mode
 * sends them in the clear, everything else under encryption.
 */
#ifndef SENSOR_DISSECT_IKE_STATE_H
#define SENSOR_DISSECT_IKE_STATE_H

#include "sensor/dissect/dissector.h"
#include "sensor/dissect/telling.h"

enum {
	IKE_SAS_MAX = 8, /* IKE SAs followed in one flow; then the oldest is told */
	IKE_REQUEST_MAX = 4096, /* bytes kept of a request until its answer; the rest is
				   not read, and said */
	IKE_HELD_MAX = 16 << 20, /* bytes all flows of a lane may hold of requests */
	IKE_PAYLOADS_MAX = 48,   /* of one message; the rest is not read, and said */
	IKE_OFFERS_MAX = 32,     /* different transforms told of a kind */
	IKE_VENDORS_MAX = 24,
	IKE_NOTIFIES_MAX = 16,
	IKE_ERRORS_MAX = 8, /* different errors told of an SA */
	IKE_HEADER_SIZE = 28
};

enum ike_transform {
	IKE_ENCR,
	IKE_PRF,
	IKE_INTEG,
	IKE_GROUP,
	IKE_ADDITIONAL, /* RFC 9370, all seven kinds */
	IKE_AUTH,       /* IKEv1 only: IKEv2 authenticates under encryption */
	IKE_TRANSFORMS
};

/* What IKEv1 numbers, and IKEv2's registry has not. */
#define IKE_ONLY_V1 UINT32_C(0x10000)

struct ike_choice {
	uint32_t id;         /* in IKEv2's registry, or IKE_ONLY_V1 and IKEv1's */
	uint16_t key_length; /* bits, or 0 if it is not said */
};

struct ike_offer {
	struct ike_choice at[IKE_OFFERS_MAX]; /* each once, in the order offered */
	uint32_t count;
};

enum ike_flag {
	IKE_FLAG_V1_ENCRYPTED = 0x01,
	IKE_FLAG_INITIATOR = 0x08,
	IKE_FLAG_RESPONSE = 0x20
};

enum ike_exchange {
	IKE_V1_BASE = 1,
	IKE_V1_MAIN = 2,
	IKE_V1_AGGRESSIVE = 4,
	IKE_V1_INFORMATIONAL = 5,
	IKE_V1_QUICK = 32,
	IKE_SA_INIT = 34,
	IKE_EXCHANGE_AUTH = 35,
	IKE_CREATE_CHILD_SA = 36,
	IKE_INFORMATIONAL = 37
};

enum ike_notify {
	IKE_INVALID_KE_PAYLOAD = 17,
	IKE_FIRST_STATUS = 16384, /* what is less is an error */
	IKE_NAT_DETECTION_SOURCE = 16388,
	IKE_COOKIE = 16390
};

struct ike_message {
	uint64_t init_spi, resp_spi;
	uint8_t first, major, minor, exchange, flags;
	uint32_t id, length;
	bool is_encrypted; /* what follows the last of payloads[] cannot be read */
	bool is_snapped;   /* the datagram is not whole */
	bool is_cut;       /* not all of it is told: snapped, or one of the caps */
	uint8_t payloads[IKE_PAYLOADS_MAX];
	uint32_t payload_count;
	bool has_sa;
	uint32_t doi, proposals; /* 'doi': IKEv1 */
	struct ike_offer offer[IKE_TRANSFORMS];
	uint64_t life;                         /* seconds, IKEv1, or 0 */
	struct bytes vendors[IKE_VENDORS_MAX]; /* borrowed from the datagram */
	uint32_t vendor_count;
	uint16_t notifies[IKE_NOTIFIES_MAX];
	uint32_t notify_count, errors;
	bool knows_nat; /* it can cross address translation */
};

/* What kinds of message an SA had, for its last record. */
enum ike_kind {
	IKE_KIND_INIT,
	IKE_KIND_AUTH,
	IKE_KIND_CHILD,
	IKE_KIND_INFORMATIONAL,
	IKE_KIND_OTHER,
	IKE_KINDS
};

struct ike_sa {
	uint64_t init_spi, resp_spi;
	uint8_t major, minor;
	uint8_t initiator; /* side */
	bool has_request;  /* it was seen, and 'request' holds it */
	bool is_request_cut;
	bool is_told;  /* the record of its beginning has been written */
	bool is_rekey; /* began without a request, next to others: made under encryption
			*/
	struct kept request;
	uint64_t messages[IKE_KINDS];
	uint32_t cookies, invalid_ke, repeats;
	uint16_t errors[IKE_ERRORS_MAX];
	uint8_t error_count;
};

struct ike_report;

struct ike_lane {
	struct kept_budget budget;
	struct dissect_counters counters;
	struct ike_report *report;
	struct ike_message message; /* the one under way */
};

struct ike {
	struct ike_lane *lane;
	struct ike_sa sa[IKE_SAS_MAX]; /* oldest first */
	uint32_t sa_count;
	bool is_begun, is_marked; /* non-ESP marker (RFC 3948 section 2.2) */
	bool is_client_known;
	bool is_snapped; /* the next datagram */
	uint64_t esp;    /* datagrams of ESP beside IKE */
	const char *violation;
};

/* The call under way: where records go. */
struct ike_call {
	struct ike *ike;
	int side;
	struct instant at;
	const struct dissect_out *out;
};

/* ike_message.c */

/* True if the bytes begin with an IKE header that fits them (or, cut, may have). */
bool ike_is_message(struct bytes data);
/*
 * Reads one message without its marker.  Returns the violation, or NULL.
 * '*message' holds what was read until then.
 */
const char *ike_message_read(struct bytes data, bool is_snapped,
			     struct ike_message *message);

/* ike_names.c: texts are literals, or NULL if we know no name. */

const char *ike_payload_name(uint8_t major, uint8_t type);
const char *ike_exchange_name(uint8_t major, uint8_t exchange);
const char *ike_notify_name(uint8_t major, uint16_t type);
const char *ike_vendor_name(struct bytes id);
const char *ike_transform_name(enum ike_transform kind, uint32_t id);
/* "ENCR_", "PRF_", ...: what stands before a number that has no name. */
const char *ike_transform_prefix(enum ike_transform kind);
/* IKEv1's number as IKEv2's registry has it. */
uint32_t ike_transform_from_v1(enum ike_transform kind, uint16_t id);
/* The vendor id says that its owner can cross address translation. */
bool ike_vendor_is_nat(struct bytes id);

/* ike_report.c */

struct ike_report *ike_report_new(void);
void ike_report_free(struct ike_report *report);
/* How an SA began; 'answer' NULL if none was seen. */
void ike_report_init(struct ike_call *call, const struct ike_sa *sa,
		     const struct ike_message *answer, bool is_final);
/* All that was seen of an SA. */
void ike_report_end(struct ike_call *call, const struct ike_sa *sa);

#endif
