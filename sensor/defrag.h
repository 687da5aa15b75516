/* SPDX-License-Identifier: Apache-2.0 */
/*
 * defrag: puts the fragments of IP datagrams together (RFC 791, RFC 8200 section 4.5).
 *
 * Pieces go in, datagrams come out: decoded anew as a whole, so that flows,
 * streams and dissectors see one packet; its frames and bytes are the sum of
 * all that it came in.  Pieces belong together by VLANs, tunnel, both addresses
 * and identification, for IPv4 by protocol too; time is the lane's.
 *
 * Overlaps.  IPv4: what came first stays, as in stream.h, so that both layers
 * read the same bytes; another value in its place is told of once for each
 * datagram (decoder.ipv4.frag_overlap).  Receivers differ here, so neither
 * reading is sure: the record says so.  IPv6: RFC 5722 lets no receiver
 * accept it, so the datagram is told of (decoder.ipv6.frag_overlap), counted
 * and never shown to anybody; only the same piece once more, as a tap on two
 * ports sees it, is passed over (RFC 8200).
 *
 * Bounded: datagrams, bytes of all and of each, frames of each, time.  What
 * does not become whole goes on as its first bytes with is_fragment, if it has
 * any: the flow keeps count and nobody takes it for a whole datagram.
 */
#ifndef SENSOR_DEFRAG_H
#define SENSOR_DEFRAG_H

#include "sensor/decode.h"

enum {
	DEFRAG_CHUNKS = 128, /* of 2 KiB, that one datagram may hold */
	DEFRAG_FRAMES = 1024 /* that one datagram may come in */
};

struct defrag_config {
	uint32_t datagrams; /* at once, at least 1 */
	uint64_t bytes;     /* of all pieces that are held */
	int64_t timeout;    /* microseconds from a datagram's first piece */
};

/*
 * One datagram, whole or as far as it came, or a broken piece with the result
 * that says why.  If the headers are a fragment again (in a tunnel), the
 * receiver gives them to defrag_take.  Nothing is kept of the arguments.
 */
typedef void defrag_sink(void *ctx, const struct packet *packet,
			 struct headers *headers, enum decode_result result);

struct defrag;

/* NULL if there is no memory. */
struct defrag *defrag_new(const struct defrag_config *config, defrag_sink *sink,
			  void *ctx);
void defrag_free(struct defrag *defrag);

/*
 * Takes the piece that 'headers' is (fragment.size is not 0).  False if it
 * cannot become part of anything, as the snap length has cut it: then it is a
 * packet as it stands.
 */
bool defrag_take(struct defrag *defrag, const struct packet *packet,
		 const struct headers *headers, struct instant now);
/* Gives up what has waited too long at 'now', which never goes back. */
void defrag_expire(struct defrag *defrag, struct instant now);
/* Gives up everything. */
void defrag_finish(struct defrag *defrag);

struct defrag_counters {
	struct defrag_family {
		uint64_t fragments, reassembled, timeouts;
		uint64_t overlaps; /* datagrams with another value in a byte's place,
				      and those dropped for any overlap */
	} ipv4, ipv6;
	uint64_t cut;     /* pieces refused as the snap length has cut them */
	uint64_t evicted; /* datagrams given up as there were too many */
	uint64_t full;    /* datagrams given up as too many bytes or frames were held */
	uint64_t untold;  /* frames that belong to no flow: no first piece came */
	uint64_t memory;  /* bytes in use */
};
struct defrag_counters defrag_counters(const struct defrag *defrag);
/* Bytes taken at start. */
size_t defrag_memory(const struct defrag *defrag);

#endif
