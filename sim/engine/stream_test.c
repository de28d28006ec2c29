/* Philox: known answers, batches, and names of streams. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <Random123/philox.h>
#include <cmocka.h>

#include "engine/stream.h"

/* Known answers of the Random123 distribution (kat_vectors, philox 4x32 10). */
static void test_known_answers(void **state)
{
	static const struct {
		uint32_t counter[4], key[2], output[4];
	} answers[] = {
		{ { 0 }, { 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
		{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
		  { 0xffffffff, 0xffffffff },
		  { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
		{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
		  { 0xa4093822, 0x299f31d0 },
		  { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct stream stream = { 0 };

		memcpy(stream.counter, answers[i].counter, sizeof(stream.counter));
		memcpy(stream.key, answers[i].key, sizeof(stream.key));
		for (int word = 0; word < 4; word += 2)
			assert_true(stream_word(&stream) ==
				    ((uint64_t)answers[i].output[word] << 32 |
				     answers[i].output[word + 1]));
	}
}

/* However many blocks are computed at once, the words are those of one block after the other. */
static void test_batches(void **state)
{
	static const uint32_t firsts[] = { 0, 1, 0xfffffff0 };

	(void)state;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		struct stream stream = { .counter = { firsts[i], 2, 3, 4 }, .key = { 5, 6 } };
		struct stream same = stream;

		for (uint32_t block = 0; block < 1000; block++) {
			philox4x32_ctr_t counter = { { firsts[i] + block, 2, 3, 4 } };
			philox4x32_key_t key = { { 5, 6 } };

			counter = philox4x32(counter, key);
			for (int half = 0; half < 4; half += 2) {
				uint32_t high = counter.v[half], low = counter.v[half + 1];

				assert_true(stream_word(&stream) == ((uint64_t)high << 32 | low));
				assert_true(stream_uniform(&same) ==
					    ((high >> 5) * 0x1p26 + (low >> 6)) * 0x1p-53);
			}
		}
	}
}

static void test_names(void **state)
{
	struct stream_name name = {
		.seed = 5, .replication = 1, .entity = 2, .occurrence = 3, .use = 4, .purpose = 6
	};
	struct stream_name others[6];
	struct stream stream = { 0 }, same = { 0 };
	double first;

	(void)state;
	assert_true(stream_begin(&stream, &name) && stream_begin(&same, &name));
	first = stream_uniform(&stream);
	assert_true(first == stream_uniform(&same));
	for (int i = 0; i < 6; i++)
		others[i] = name;
	others[0].seed++;
	others[1].replication++;
	others[2].entity++;
	others[3].occurrence++;
	others[4].use++;
	others[5].purpose++;
	for (int i = 0; i < 6; i++) {
		assert_true(stream_begin(&stream, &others[i]));
		assert_true(stream_uniform(&stream) != first);
	}
	name.use = STREAM_USES_MAX;
	assert_false(stream_begin(&stream, &name));
	name.use = 0;
	name.purpose = STREAM_PURPOSES_MAX;
	assert_false(stream_begin(&stream, &name));
	name.purpose = 0;
	name.replication = STREAM_REPLICATIONS_MAX;
	assert_false(stream_begin(&stream, &name));
	name.replication = 0;
	name.occurrence = STREAM_OCCURRENCES_MAX;
	assert_false(stream_begin(&stream, &name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
