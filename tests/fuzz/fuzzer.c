/*
 * One target (FUZZ_TARGET, chosen when it is compiled) as libFuzzer and AFL++ call it. Inputs are changed
 * in their structure half of the time, where the target knows how; AFL++ takes its words from a
 * dictionary (`fuzz_replay --words TARGET`).
 */

#include "target.h"

#ifndef FUZZ_TARGET /* for who reads this file by itself */
#define FUZZ_TARGET fuzz_scenario
#endif

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_begin();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FUZZ_TARGET.run(data, size);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	size_t changed = 0;
	unsigned int random = seed;

	if (FUZZ_TARGET.mutate && fuzz_random(&random, 2))
		changed = FUZZ_TARGET.mutate(data, size, most, seed);
	return changed || !LLVMFuzzerMutate ? changed : LLVMFuzzerMutate(data, size, most);
}
