/* SPDX-License-Identifier: Apache-2.0 */
/* siphash: SipHash-2-4 with a fixed key, for names that must be the same on every
 * machine. */
#ifndef SENSOR_SIPHASH_H
#define SENSOR_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* 'count' words, each hashed as its value, so that byte order does not matter. */
uint64_t siphash_words(const uint64_t *word, size_t count);

#endif
