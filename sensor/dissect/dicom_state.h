/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dicom_state: what the parts of the DICOM dissector share; only they and its tests
 * include it.
 *
 * dicom.c cuts a side's bytes into PDUs and PDVs (PS3.8 section 9.3),
 * dicom_recognise.c knows them by their first, dicom_associate.c reads a request for an
 * association or its answer, dicom_command.c a command set (PS3.7), dicom_report.c
 * makes the records.
 *
 * Fragments of data sets are passed over where they lie; of a command set no
 * instance UID, of a user identity no value is read.
 */
#ifndef SENSOR_DISSECT_DICOM_STATE_H
#define SENSOR_DISSECT_DICOM_STATE_H

#include "sensor/dissect/dissector.h"
#include "sensor/dissect/telling.h"

enum {
	DICOM_ASSOCIATE_MAX = 128 << 10, /* bytes kept of a request or its answer; the
					    rest is cut and said */
	DICOM_COMMAND_MAX = 4 << 10,     /* bytes kept of a command set; a longer one is
					    passed over, and said */
	DICOM_HELD_MAX =
		32 << 20, /* bytes all flows of a lane may hold; then both are cut */
	DICOM_CONTEXTS_MAX = 128, /* presentation contexts: their ids are odd bytes */
	DICOM_WAITING_MAX = 64,   /* requests of a side that wait for their last answer;
				     then the oldest goes */
	DICOM_SOPS_MAX =
		16, /* SOP classes told of a flow; the rest is left out, and said */
	DICOM_DESTINATIONS_MAX = 8,
	DICOM_FAILURES_MAX = 16,
	DICOM_UID_SIZE = 64,
	DICOM_AE_SIZE = 16
};

enum dicom_pdu {
	DICOM_REQUEST = 1,
	DICOM_ACCEPT,
	DICOM_REJECT,
	DICOM_DATA,
	DICOM_RELEASE,
	DICOM_RELEASED,
	DICOM_ABORT
};

enum {
	DICOM_HEADER = 6, /* bytes; of a PDU, and of a PDV with its length */
	DICOM_FIXED =
		4, /* bytes of all PDUs that are neither data nor about contexts */
	DICOM_ASSOCIATE = 68, /* bytes of a request or its answer before the items */
	DICOM_IS_COMMAND = 1, /* of a PDV, PS3.8 annex E.2 */
	DICOM_IS_LAST = 2
};

struct dicom_side {
	uint8_t header[6];
	uint8_t header_size;
	uint8_t type;     /* of the PDU under way; 0 = none is */
	uint32_t left;    /* bytes of it to come */
	struct kept body; /* of all but data */
	bool is_body_cut;
	uint8_t pdv[6]; /* header of the PDV under way */
	uint8_t pdv_size;
	uint32_t pdv_left;
	struct kept command; /* fragments so far */
	bool is_command_cut;
	bool is_lost;        /* bytes are missing: nothing more is read of it */
	uint64_t data_bytes; /* of data sets */
	uint16_t waiting[DICOM_WAITING_MAX]; /* message ids, oldest first */
	uint32_t waiting_count;
};

/* Counts of requests and answers; see dicom_command.c. */
enum dicom_service {
	DICOM_STORE,
	DICOM_FIND,
	DICOM_GET,
	DICOM_MOVE,
	DICOM_ECHO,
	DICOM_CANCEL,
	DICOM_N, /* any of the DIMSE-N services */
	DICOM_SERVICES
};
enum dicom_class {
	DICOM_SUCCESS,
	DICOM_PENDING,
	DICOM_WARNING,
	DICOM_CANCELLED,
	DICOM_FAILURE,
	DICOM_CLASSES
};

struct dicom_text {
	uint8_t size;
	char at[DICOM_UID_SIZE];
};

struct dicom {
	struct dicom_lane *lane;
	struct dicom_side side[SIDES];
	int client;                  /* its side, -1 = not known yet */
	struct kept request, answer; /* bodies, until the association is told */
	bool has_request, is_request_cut, has_answer, is_answer_cut;
	bool is_accepted, is_told; /* the association record is out */
	bool is_over;              /* and so is the last one */
	bool is_release_asked;
	int release_side;
	char calling[DICOM_AE_SIZE], called[DICOM_AE_SIZE];
	bool has_titles;
	uint8_t reject[3]; /* result, source, reason */
	uint8_t abort[2];  /* source, reason */
	uint64_t requests[DICOM_SERVICES], responses[DICOM_CLASSES];
	struct dicom_text sops[DICOM_SOPS_MAX];
	struct dicom_text destinations[DICOM_DESTINATIONS_MAX];
	uint16_t failures[DICOM_FAILURES_MAX];
	uint32_t sop_count, destination_count, failure_count;
	bool is_list_cut; /* one of the three held more */
	bool is_waiting_cut, is_command_lost;
	const char *violation; /* literal, or NULL */
};

struct dicom_report;

struct dicom_lane {
	struct kept_budget budget;
	struct dissect_counters counters;
	struct dicom_report *report;
};

/* The call under way: where records go. */
struct dicom_call {
	struct dicom *dicom;
	int side;
	struct instant at;
	const struct dissect_out *out;
};

/* By the first bytes of either side; see dissector.h. */
enum recognition dicom_recognise(struct bytes first, int side);

/* dicom_life.c */

/* Notes who asked for the association; false if that is at odds with what is known. */
bool dicom_client_is(struct dicom_call *call, int side);
/* Data flow without a word of how the association came about: it was accepted, unseen.
 */
void dicom_tell_accepted(struct dicom_call *call);
/* A PDU that is no data is whole; false if it does not belong here, or is broken. */
bool dicom_pdu(struct dicom_call *call, struct bytes body);
/* The flow is over and the association was not: tells how it ended, as far as can be
 * known. */
void dicom_give_up(struct dicom_call *call);

/* dicom_associate.c */

struct dicom_context {
	uint8_t id, result; /* result: 0 = accepted, of an answer only */
	struct bytes abstract;
	struct bytes items; /* from which transfer syntaxes are taken */
};

/* What is not there has no bytes. */
struct dicom_associate {
	const uint8_t *called, *calling; /* DICOM_AE_SIZE bytes each */
	struct bytes application, uid, version;
	uint32_t max_length;
	bool has_max_length;
	uint8_t identity; /* type of user identity, 0 = none */
	struct dicom_context context[DICOM_CONTEXTS_MAX];
	uint32_t count;
	bool is_cut; /* more contexts than can be */
};

/*
 * Reads the body of a request or an answer.  NULL, or how it breaks PS3.8; of
 * a body that is cut only what is there is read.
 */
const char *dicom_associate_read(struct bytes body, bool is_cut,
				 struct dicom_associate *associate);
/* The next transfer syntax of a context; false if there is none. */
bool dicom_transfer_syntax(struct bytes *items, struct bytes *uid);

/* dicom_command.c */

/* Counts a whole command set; NULL, or how it breaks PS3.7. */
const char *dicom_command(struct dicom_call *call, struct bytes set);

/* dicom_names.c */

/* Name of a SOP class, or NULL. */
const char *dicom_sop_name(struct bytes uid);
const char *dicom_identity_name(uint8_t type);
const char *dicom_reject_source(uint8_t source);
const char *dicom_reject_reason(uint8_t source, uint8_t reason);
const char *dicom_abort_reason(uint8_t reason);

/* dicom_report.c */

struct dicom_report *dicom_report_new(void);
void dicom_report_free(struct dicom_report *report);
/* 'outcome' a literal; NULL: it cannot be known. */
void dicom_report_association(struct dicom_call *call, const char *outcome);
void dicom_report_end(struct dicom_call *call, const char *outcome);

#endif
