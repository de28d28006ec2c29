#ifndef TESTS_ROBUSTNESS_FAILING_ALLOCATOR_H
#define TESTS_ROBUSTNESS_FAILING_ALLOCATOR_H

/* A job is done again and again, and each time another of its allocations fails (linked with --wrap). */

#include "../flows/fixture.h"

#include <gsl/gsl_errno.h>
#include <jansson.h>

#include "report/output.h"

#include "places.h"

static size_t countdown; /* the allocation that fails; 0: none */
static size_t failures;

/* Instead of the number of an allocation: from which calls it came. Each of these places fails once. */
static bool by_place;

static bool fails_now(void)
{
	if (by_place ? failures || !is_new_place() : !countdown || --countdown)
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

/* What is written, the first time; later it is the same or there is an error. */
static inline void write_with(report_writer *const *writers, const void *what, char **reference,
			      struct error *error)
{
	char *written;
	FILE *out = sink(&written);

	for (; *writers; writers++)
		(*writers)(what, out, error);
	fclose(out);
	if (error->kind == ERROR_NONE && *reference) {
		size_t at = 0;

		while (written[at] && written[at] == (*reference)[at])
			at++;
		if (written[at] || (*reference)[at])
			fail_msg("another answer, %.80s instead of %.80s", written + at,
				 *reference + at);
	}
	if (error->kind == ERROR_NONE && !*reference)
		*reference = written;
	else
		free(written);
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

/*
 * Each place that asks for memory fails once; there are more than `least`. Not jansson's: the program
 * gives it an allocator that never fails (sim/cli/main.c).
 */
static inline void sweep_places(bool (*job)(struct error *error), size_t least)
{
	struct error none = { 0 };
	size_t swept = 0;
	bool ok;

	json_set_alloc_funcs(malloc, free);
	gsl_set_error_handler_off();
	if (!job(&none))
		fail_msg("without a failure: %s", none.message);
	memset(places, 0, sizeof(places));
	do {
		struct error error = { 0 };

		failures = 0;
		by_place = true;
		ok = job(&error);
		by_place = false;
		swept += failures;
		if (!failures && !ok)
			fail_msg("without a failure, again: %s", error.message);
		if (!ok && error.kind != ERROR_MEMORY && error.kind != ERROR_INPUT)
			fail_msg("place %zu: %s", swept, error.message);
	} while (failures);
	assert_true(swept > least);
}

#endif
