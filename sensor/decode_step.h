/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode_step: what the layers of decode share; nobody else includes it.
 *
 * A step takes its header off the layer and fills its part of the headers.
 */
#ifndef SENSOR_DECODE_STEP_H
#define SENSOR_DECODE_STEP_H

#include "sensor/decode.h"

struct layer {
	struct bytes bytes;
	size_t hidden; /* bytes of this layer past the captured ones, cut by the snap
			  length */
};

typedef enum decode_result decode_step(struct layer *layer, struct headers *headers);

decode_step decode_ethernet, decode_ipv4, decode_ipv6, decode_transport;
/* From what follows the type of a link's frame. */
enum decode_result decode_ethertype(struct layer *layer, uint16_t ethertype,
				    struct headers *headers);

/* What a header that is not there in full means. */
static inline enum decode_result
layer_short(const struct layer *layer, enum decode_result otherwise)
{
	return layer->hidden > 0 ? DECODE_SNAPPED : otherwise;
}

static inline size_t
layer_size(const struct layer *layer)
{
	return layer->bytes.left + layer->hidden;
}

/* Ends the layer after 'size' bytes, of which fewer may have been captured.  False if
 * it is shorter. */
static inline bool
layer_cut(struct layer *layer, size_t size)
{
	if (size > layer_size(layer))
		return false;
	if (size <= layer->bytes.left) {
		layer->bytes.left = size;
		layer->hidden = 0;
	} else {
		layer->hidden = size - layer->bytes.left;
	}
	return true;
}

#endif
