#include "engine/stream.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { ROUNDS = 10 };

/* One block: two words for each counter value. */
static inline void philox(const uint32_t counter[4], const uint32_t key[2], uint64_t words[2])
{
	uint32_t a = counter[0], b = counter[1], c = counter[2], d = counter[3];
	uint32_t key0 = key[0], key1 = key[1];

#pragma GCC unroll 10
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t left = UINT64_C(0xd2511f53) * a, right = UINT64_C(0xcd9e8d57) * c;

		a = (uint32_t)(right >> 32) ^ b ^ key0;
		b = (uint32_t)right;
		c = (uint32_t)(left >> 32) ^ d ^ key1;
		d = (uint32_t)left;
		key0 += 0x9e3779b9;
		key1 += 0xbb67ae85;
	}
	words[0] = (uint64_t)a << 32 | b;
	words[1] = (uint64_t)c << 32 | d;
}

/* Numbers below 2^32 in lanes of 64 bits, one for each of two blocks; what is above does not count. */
typedef uint64_t lanes __attribute__((vector_size(16)));

static inline lanes both(uint32_t number)
{
	return (lanes){ number, number };
}

/* Whole products of the low halves: one instruction, which compilers do not always find. */
static inline lanes multiply(lanes a, lanes b)
{
#ifdef __SSE2__
	return (lanes)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
	return (a & both(UINT32_MAX)) * (b & both(UINT32_MAX));
#endif
}

/* 2 * `pairs` blocks, two in each vector; several vectors overlap in the CPU. */
static inline __attribute__((always_inline)) void philox_pairs(const uint32_t counter[4],
							       const uint32_t key[2],
							       uint32_t pairs, uint64_t *words)
{
	enum { MOST = STREAM_BATCH / 2 };
	lanes a[MOST], b[MOST], c[MOST], d[MOST];
	lanes keys = { key[0], key[1] }, key0 = __builtin_shufflevector(keys, keys, 0, 0),
	      key1 = __builtin_shufflevector(keys, keys, 1, 1), low = both(UINT32_MAX);

	for (uint32_t i = 0; i < pairs; i++) {
		a[i] = (lanes){ counter[0] + 2 * i, counter[0] + 2 * i + 1 };
		b[i] = both(counter[1]);
		c[i] = both(counter[2]);
		d[i] = both(counter[3]);
	}
	for (int round = 0; round < ROUNDS; round++) {
#pragma GCC unroll 4
		for (uint32_t i = 0; i < pairs; i++) {
			lanes left = multiply(a[i], both(0xd2511f53));
			lanes right = multiply(c[i], both(0xcd9e8d57));

			a[i] = right >> 32 ^ b[i] ^ key0;
			b[i] = right;
			c[i] = left >> 32 ^ d[i] ^ key1;
			d[i] = left;
		}
		key0 += both(0x9e3779b9);
		key1 += both(0xbb67ae85);
	}
	for (uint32_t i = 0; i < pairs; i++) {
		lanes first = a[i] << 32 | (b[i] & low), second = c[i] << 32 | (d[i] & low);

		for (uint32_t lane = 0; lane < 2; lane++) {
			words[4 * i + 2 * lane] = first[lane];
			words[4 * i + 2 * lane + 1] = second[lane];
		}
	}
}

/* 2, 4 or STREAM_BATCH blocks. (Not inlined: the first block of a stream would pay for its frame.) */
static __attribute__((noinline)) void batch(struct stream *stream, uint32_t blocks)
{
	if (blocks == 2)
		philox_pairs(stream->counter, stream->key, 1, stream->words);
	else if (blocks == 4)
		philox_pairs(stream->counter, stream->key, 2, stream->words);
	else
		philox_pairs(stream->counter, stream->key, STREAM_BATCH / 2, stream->words);
}

/* Most streams are drawn from once or twice: one block first, then twice as many each time. */
void stream_refill(struct stream *stream)
{
	uint32_t blocks = stream->end < STREAM_BATCH ? stream->end : STREAM_BATCH;

	if (blocks) {
		batch(stream, blocks);
	} else {
		blocks = 1;
		philox(stream->counter, stream->key, stream->words);
	}
	stream->counter[0] += blocks;
	stream->next = 0;
	stream->end = 2 * blocks;
}

void stream_strata(struct stream *stream, double *u, size_t count)
{
	for (size_t i = 0; i < count; i++)
		u[i] = ((double)i + stream_uniform(stream)) / (double)count;
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)(stream_uniform(stream) * (double)i);
		double kept = u[i - 1];

		u[i - 1] = u[other];
		u[other] = kept;
	}
}
