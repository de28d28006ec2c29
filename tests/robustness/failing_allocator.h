#ifndef TESTS_ROBUSTNESS_FAILING_ALLOCATOR_H
#define TESTS_ROBUSTNESS_FAILING_ALLOCATOR_H

/* A job is done again and again, and each time another of its allocations fails (linked with --wrap). */

#include "../flows/fixture.h"

#include <gsl/gsl_errno.h>
#include <jansson.h>

static size_t countdown; /* the allocation that fails; 0: none */
static size_t failures;

static bool fails_now(void)
{
	if (!countdown || --countdown)
		return false;
	failures++;
	return true;
}

void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *block, size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *block, size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *block, size_t count, size_t size)
{
	return fails_now() ? NULL : __real_reallocarray(block, count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails_now() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
	return fails_now() ? NULL : __real_strdup(text);
}

static void *json_allocate(size_t size)
{
	return fails_now() ? NULL : malloc(size);
}

/* Text that is looked at by nobody. The caller closes it and frees *written. */
static inline FILE *sink(char **written)
{
	static size_t size;
	FILE *out = open_memstream(written, &size);

	assert_non_null(out);
	return out;
}

/*
 * Each of the first `dense` allocations fails once, then some: the job ends in a clean error or, where
 * it can do without, in none. More than `least` must have failed.
 */
static inline void sweep(bool (*job)(struct error *error), size_t dense, size_t least)
{
	size_t swept = 0;

	json_set_alloc_funcs(json_allocate, free);
	gsl_set_error_handler_off();
	for (size_t k = 1;; k++) {
		struct error error = { 0 };
		bool ok;

		/* every one of the first, then here and there among the many replications */
		if (k > dense)
			k += k / 8;
		countdown = k;
		failures = 0;
		ok = job(&error);
		countdown = 0;
		if (!failures) {
			if (!ok)
				fail_msg("without a failure: %s", error.message);
			break;
		}
		swept++;
		if (!ok && error.kind != ERROR_MEMORY && error.kind != ERROR_INPUT)
			fail_msg("allocation %zu: %s", k, error.message);
	}
	assert_true(swept > least);
}

#endif
