#include "engine/stream.h"

#ifdef __x86_64__
#include <immintrin.h>
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

#ifdef __x86_64__

/* Numbers below 2^32 in lanes of 64 bits, one for each of four blocks; bits above do not count. */
enum { LANES = 4 };
typedef uint64_t lanes __attribute__((vector_size(8 * LANES)));

#define AVX2 __attribute__((target("avx2")))

/* LANES * `vectors` blocks; several vectors overlap in the CPU. */
static inline __attribute__((always_inline)) AVX2 void philox_vectors(const uint32_t counter[4],
								      const uint32_t key[2],
								      uint32_t vectors,
								      uint64_t *words)
{
	enum { MOST = STREAM_BATCH / LANES };
	const lanes none = { 0 }, index = { 0, 1, 2, 3 };
	lanes a[MOST], b[MOST], c[MOST], d[MOST], key0 = none + key[0], key1 = none + key[1];

	for (uint32_t i = 0; i < vectors; i++) {
		a[i] = index + counter[0] + LANES * i;
		b[i] = none + counter[1];
		c[i] = none + counter[2];
		d[i] = none + counter[3];
	}
	for (int round = 0; round < ROUNDS; round++) {
#pragma GCC unroll 2
		for (uint32_t i = 0; i < vectors; i++) {
			lanes left = (lanes)_mm256_mul_epu32((__m256i)a[i],
							     (__m256i)(none + 0xd2511f53));
			lanes right = (lanes)_mm256_mul_epu32((__m256i)c[i],
							      (__m256i)(none + 0xcd9e8d57));

			a[i] = right >> 32 ^ b[i] ^ key0;
			b[i] = right;
			c[i] = left >> 32 ^ d[i] ^ key1;
			d[i] = left;
		}
		key0 += 0x9e3779b9;
		key1 += 0xbb67ae85;
	}
	for (uint32_t i = 0; i < vectors; i++) {
		lanes first = a[i] << 32 | (b[i] & UINT32_MAX);
		lanes second = c[i] << 32 | (d[i] & UINT32_MAX);

		for (uint32_t lane = 0; lane < LANES; lane++) {
			words[2 * (LANES * i + lane)] = first[lane];
			words[2 * (LANES * i + lane) + 1] = second[lane];
		}
	}
}

/* LANES or STREAM_BATCH blocks. (Not inlined: a stream's first block would pay for its frame.) */
static __attribute__((noinline)) AVX2 void batch(struct stream *stream, uint32_t blocks)
{
	if (blocks == LANES)
		philox_vectors(stream->counter, stream->key, 1, stream->words);
	else
		philox_vectors(stream->counter, stream->key, STREAM_BATCH / LANES, stream->words);
}

/* Blocks to compute now. Most streams are drawn from once or twice: one first, then many. */
static uint32_t next_blocks(const struct stream *stream)
{
	if (!stream->end || !__builtin_cpu_supports("avx2"))
		return 1;
	return stream->end < LANES ? LANES : STREAM_BATCH;
}

#else /* one block after the other */

static uint32_t next_blocks(const struct stream *stream)
{
	(void)stream;
	return 1;
}

static void batch(struct stream *stream, uint32_t blocks)
{
	(void)stream;
	(void)blocks;
}

#endif

void stream_refill(struct stream *stream)
{
	uint32_t blocks = next_blocks(stream);

	if (blocks > 1)
		batch(stream, blocks);
	else
		philox(stream->counter, stream->key, stream->words);
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
