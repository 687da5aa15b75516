/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hl7_state: what the parts of the HL7 dissector share; only they and its tests include
 * it.
 *
 * hl7.c cuts a side's bytes into blocks (MLLP), segments and messages,
 * hl7_fields.c a segment into fields, hl7_waiting.c matches answers to
 * messages, hl7_report.c makes the records.
 *
 * Of all segments only MSH, MSA, FHS, BHS, BTS and FTS are kept and read.
 * The bytes of PID and of every other segment are passed over where they lie.
 */
#ifndef SENSOR_DISSECT_HL7_STATE_H
#define SENSOR_DISSECT_HL7_STATE_H

#include "sensor/dissect/dissector.h"
#include "sensor/dissect/telling.h"

enum {
	HL7_SEGMENT_MAX = 2048, /* bytes kept of a segment that is read; the rest is cut
				   and said */
	HL7_WAITING_MAX = 32,   /* messages of a side that wait for their answers; then
				   the oldest is told */
	HL7_ID_MAX = 64, /* bytes of a control id that are compared; HL7 2.5 has at most
			    20 */
	HL7_FIELDS = 19, /* MSH-18 is the last that is read */
};

enum hl7_segment { HL7_OTHER, HL7_MSH, HL7_MSA, HL7_FHS, HL7_BHS, HL7_BTS, HL7_FTS };

/* MSH-1 and the first of MSH-2; the other three part nothing that is read. */
struct hl7_delimiters {
	uint8_t field, component, repetition;
};

/* What is kept of a message to know its answer by. */
struct hl7_waiting {
	uint8_t id[HL7_ID_MAX];
	uint8_t id_size;
	char message[24]; /* "ADT^A01", bytes as sent */
	uint8_t message_size;
	bool is_optional; /* an answer only comes if something goes wrong, or has come
			     already */
	uint32_t gaps;    /* of the other side when it was sent */
	struct instant sent; /* its last byte */
};

struct hl7_side {
	enum { HL7_BETWEEN, HL7_IN_BLOCK, HL7_LOST } phase;
	bool is_resync;  /* the block was found again after a gap */
	bool is_first;   /* no segment of the block is known yet */
	uint8_t name[3]; /* of the segment under way */
	uint8_t name_size;
	enum hl7_segment segment; /* the one under way, once its name is whole */
	bool is_cut;              /* it was longer than what is kept */
	struct kept head,
		answer; /* MSH (or a batch's segment) and MSA, behind their names */
	bool has_head, is_head_cut, has_answer, is_answer_cut;
	struct hl7_delimiters delimiters;
	uint64_t size;     /* bytes of the message so far */
	uint64_t messages; /* whole ones seen, and of the batch, and batches of the file
			    */
	uint64_t batch_messages, file_batches;
	uint32_t gaps;
	uint64_t dropped;            /* taken from 'waiting' because it was full */
	struct hl7_waiting *waiting; /* owned, oldest first, HL7_WAITING_MAX of them;
					NULL until needed */
	uint32_t waiting_count;
};

struct hl7 {
	struct dissect_lane *lane;
	struct hl7_side side[SIDES];
	bool is_client_known;
	const char *violation; /* literal, or NULL */
};

/* The call under way: where records go. */
struct hl7_call {
	struct hl7 *hl7;
	int side;
	struct instant at;
	const struct dissect_out *out;
};

/* hl7_fields.c */

/* Reads MSH-1 and MSH-2; false if they cannot part anything. */
bool hl7_delimiters_read(struct bytes *segment, struct hl7_delimiters *delimiters);
/*
 * Cuts the next field (component, repetition) off.  Inside an ISO 2022 set of
 * more than one byte, or of kana, no byte is a delimiter (HL7 2.5 section
 * 2.15.9.18): a 0x7c there is half of a kanji.
 */
struct bytes hl7_field(struct bytes *rest, uint8_t delimiter);
/* Fields 3 to 18 of MSH, FHS or BHS; those above 'last' are not there. */
struct hl7_head {
	struct bytes field[HL7_FIELDS];
	uint32_t last;
};
/* 'segment': the bytes behind its name. */
void hl7_head_read(struct bytes segment, struct hl7_head *head);

/* hl7_waiting.c */

/* The side's message waits for its answer; true if one may come. */
bool hl7_wait(struct hl7_call *call, const struct hl7_head *head);
/* The message that 'id' answers; false if none waits. */
bool hl7_answered(struct hl7_call *call, struct bytes code, struct bytes id,
		  struct hl7_waiting *message);
/* Tells all that still wait. */
void hl7_give_up(struct hl7_call *call);
void hl7_waiting_release(struct hl7 *hl7, int side);

/* hl7_report.c */

/*
 * The message of the side is over; 'why' it is not whole, or NULL.  With
 * 'is_over' the flow is over too, so that no answer is waited for.
 */
void hl7_report_message(struct hl7_call *call, const char *why, bool is_over);
/* A header or trailer of a batch or file is whole. */
void hl7_report_batch(struct hl7_call *call);
/* No answer was seen; 'why' it cannot be known whether there was one, or NULL. */
void hl7_report_waiting(struct hl7_call *call, const struct hl7_waiting *waiting,
			const char *why);

#endif
