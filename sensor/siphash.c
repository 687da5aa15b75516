/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siphash: SipHash-2-4 with a fixed key, for names that must be the same on every
 * machine.
 *
 * Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
#include "sensor/siphash.h"

struct sip {
	uint64_t a, b, c, d;
};

static uint64_t
rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static void
mix(struct sip *s)
{
	s->a += s->b;
	s->b = rotate(s->b, 13) ^ s->a;
	s->a = rotate(s->a, 32);
	s->c += s->d;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

static void
absorb(struct sip *s, uint64_t word)
{
	s->d ^= word;
	mix(s);
	mix(s);
	s->a ^= word;
}

uint64_t
siphash_words(const uint64_t *word, size_t count)
{
	/* the reference key, bytes 0 to 15 */
	const uint64_t low = UINT64_C(0x0706050403020100),
		       high = UINT64_C(0x0f0e0d0c0b0a0908);
	struct sip s = { low ^ UINT64_C(0x736f6d6570736575),
			 high ^ UINT64_C(0x646f72616e646f6d),
			 low ^ UINT64_C(0x6c7967656e657261),
			 high ^ UINT64_C(0x7465646279746573) };

	for (size_t i = 0; i < count; i++)
		absorb(&s, word[i]);
	absorb(&s, (uint64_t)(count * 8) << 56);
	s.c ^= 0xff;
	for (int i = 0; i < 4; i++)
		mix(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}
