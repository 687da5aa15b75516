/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checksum: whether a packet's checksums hold (RFC 1071), for those who ask.
 *
 * On a machine's own interface the card fills checksums in after the tap, so
 * they are not looked at unless 'checksums: check' says that the tap sees the
 * wire.  Of packets within packets the innermost counts.  What cannot be
 * computed holds: a fragment, a packet the snap length or a card's offload has
 * changed, UDP over IPv4 without one.
 */
#ifndef SENSOR_CHECKSUM_H
#define SENSOR_CHECKSUM_H

#include "sensor/decode.h"

/* DECODE_OK, or the result that says which does not hold; of a decoded packet. */
enum decode_result checksum_verify(const struct headers *headers);

#endif
