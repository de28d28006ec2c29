#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

/*
 * What is fuzzed: a target is one reader of something that comes from outside. Whatever the bytes
 * are, they are read, or there is one clean message of ERROR_INPUT; never a crash, a leak, a control
 * byte, or a promise of the reader that does not hold. A target says on standard error which, and aborts.
 *
 * Seeds stand in corpus/NAME, with every input that was a finding once. replay.c runs all of them under
 * every target in the ordinary tests; fuzzer.c is the same for clang's libFuzzer and AFL++ (tests/fuzz/run).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

struct fuzz_target {
	const char *name;
	void (*run)(const uint8_t *data, size_t size);
	/* The schema whose keys and choices are the words of its inputs; NULL: none. */
	bool (*schema)(FILE *out, struct error *error);
	/*
	 * Change an input that is whole in its structure, by words and random numbers of the seed.
	 * Returns its new size, at most `most`; 0: it cannot. NULL: plain bytes are as good.
	 */
	size_t (*mutate)(uint8_t *data, size_t size, size_t most, unsigned int seed);
};

extern const struct fuzz_target fuzz_scenario, fuzz_design, fuzz_profile, fuzz_published,
	fuzz_trace, fuzz_quantity, fuzz_pointer, fuzz_foreign, fuzz_observations, fuzz_result,
	fuzz_sweep, fuzz_looks; /* replay.c lists them */

/* Once, before the first: files that inputs name are those of the sources. */
void fuzz_begin(void);

/* --- for targets ---------------------------------------------------------------------------------- */

/* Say why, and abort. */
_Noreturn void fuzz_fail(const char *what, const struct error *error);

static inline void fuzz_expect(bool holds, const char *what, const struct error *error)
{
	if (!holds)
		fuzz_fail(what, error);
}

/* A function that can fail has returned `ok`: either that, or one clean message. Returns ok. */
bool fuzz_check(bool ok, const struct error *error);

/* No byte of a text may be obeyed by a terminal; lines end. */
void fuzz_check_text(const char *text, const struct error *error);

/* The bytes as a string of their own, which the caller frees. */
char *fuzz_text(const uint8_t *data, size_t size);

/* The bytes as a file, which the next call replaces: in memory, or (named) in a folder of its own. */
const char *fuzz_file(const uint8_t *data, size_t size);
const char *fuzz_named_file(const uint8_t *data, size_t size);

/* A scenario that all targets can lean on. */
extern const char fuzz_small_scenario[];

/* --- for mutators --------------------------------------------------------------------------------- */

/* A random number below a limit. */
unsigned int fuzz_random(unsigned int *state, unsigned int below);

/* Keys and choices of a schema, read once; they end with NULL. */
const char *const *fuzz_words(const struct fuzz_target *target);

/* JSON: values moved, copied, left out, renamed, made extreme. */
size_t fuzz_mutate_json(const struct fuzz_target *target, uint8_t *data, size_t size, size_t most,
			unsigned int seed);

#endif
