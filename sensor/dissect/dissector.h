/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dissector: what every protocol offers the pipeline; one file, one row each.
 *
 * Over a stream the pipeline hands a flow's bytes over in order, per side,
 * and a dissector is tried on the first bytes of either side until it says
 * yes or no.  Over datagrams each is one feed(), as it came: nothing is put
 * in order or together, and recognise() says yes or no (maybe is no).  A
 * dissector stops for good at its first violation and says so by its result.
 * It never sees an address or the clock: packet time comes with each piece.
 */
#ifndef SENSOR_DISSECT_DISSECTOR_H
#define SENSOR_DISSECT_DISSECTOR_H

#include <stdbool.h>

#include "common/bytes.h"
#include "common/instant.h"
#include "common/record.h"

/* Side 0 sent the first packet that was seen of the flow, side 1 is the other. */
enum { SIDES = 2 };

enum recognition {
	RECOGNISED_NO,
	RECOGNISED_MAYBE /* more bytes, please */,
	RECOGNISED_YES
};

/* What a row is for; a protocol over both has two rows. */
enum dissect_transport { DISSECT_STREAM /* TCP */, DISSECT_DATAGRAM /* UDP */ };

enum dissect_result {
	DISSECT_MORE,     /* goes on */
	DISSECT_DONE,     /* nothing more to learn; the pipeline stops feeding */
	DISSECT_VIOLATION /* the protocol was broken; the pipeline stops feeding, counts
			     it and writes an anomaly */
};

/*
 * The way out of a dissector, given to it by the pipeline.  emit() completes
 * the record with time, addresses, flow id, roles and sekisho fields and
 * hands it on; the record is borrowed for the call only.
 */
struct dissect_out {
	void *ctx;
	void (*emit)(void *ctx, struct instant at, struct record *record);
	/* The bytes themselves show that 'side' is the client. */
	void (*client_is)(void *ctx, int side);
	/* False if not one packet of 'side' was seen: then its silence says nothing. */
	bool (*is_seen)(void *ctx, int side);
	/* In finish: the flow may go on, it is only followed no more.  What has not
	 * come is not absent. */
	bool is_cut;
};

/* What a cap or want of memory cost, in all flows of a lane. */
struct dissect_counters {
	uint64_t cut;       /* messages told with less than they held */
	uint64_t dropped;   /* things that waited (requests, names) and were let go */
	uint64_t no_memory; /* pieces that were passed over for want of memory */
};

/* What the sensor's settings say of how protocols are told. */
struct dissect_options {
	uint32_t dns_version; /* of EVE's dns object: 3 or 2 */
};

struct dissector {
	const char *name; /* app_proto */
	enum dissect_transport transport;
	enum recognition (*recognise)(struct bytes first, int side);
	/* State of one flow, capped in size by the dissector; NULL if there is no
	 * memory (counted). */
	void *(*begin)(void *shared);
	enum dissect_result (*feed)(void *state, int side, struct bytes data,
				    struct instant at, const struct dissect_out *out);
	/*
	 * 'missing' bytes of 'side' were not seen.  DISSECT_DONE if it cannot go on.
	 * Of datagrams: the one that is fed next lacks so many at its end (snap
	 * length, or the first of several fragments).
	 */
	enum dissect_result (*gap)(void *state, int side, uint64_t missing,
				   struct instant at, const struct dissect_out *out);
	/* The flow is over or stays silent: say what is known.  Called once, before
	 * end, also after DONE or VIOLATION. */
	void (*finish)(void *state, struct instant at, const struct dissect_out *out);
	void (*end)(void *state);
	/* Name of the violation for anomaly.event after DISSECT_VIOLATION, e.g.
	 * "tls.record_too_long"; else NULL. */
	const char *(*violation)(const void *state);
	/* What all flows of a lane share (caches, scratch), or NULL functions if
	 * nothing. */
	void *(*shared_new)(void);
	void (*shared_free)(void *shared);
	/* Once, after shared_new; NULL if no option is its own.  Without it the defaults
	 * hold. */
	void (*configure)(void *shared, const struct dissect_options *options);
	/* Of all flows that share it; NULL if there is no cap in it. */
	struct dissect_counters (*counters)(const void *shared);
};

static inline struct dissect_counters
dissect_counters_sum(struct dissect_counters one, struct dissect_counters other)
{
	return (struct dissect_counters){ .cut = one.cut + other.cut,
					  .dropped = one.dropped + other.dropped,
					  .no_memory =
						  one.no_memory + other.no_memory };
}

static inline void
dissect_counters_add(struct dissect_counters *sum, const struct dissector *dissector,
		     const void *shared)
{
	if (dissector->counters == NULL)
		return;
	*sum = dissect_counters_sum(*sum, dissector->counters(shared));
}

/* sensor/dissect/dissectors.c: the table, NULL at the end. */
extern const struct dissector *const dissectors[];

#endif
