/*
 * Loaded before the C library (LD_PRELOAD): the allocation number $FAIL_AT fails, of the whole program
 * from its first one on; how many there were goes to the file $FAIL_COUNT. With a $FAIL_PLACES only the first
 * allocation of each place that allocates is counted. For tests/cli/allocations_test.sh.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "places.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long made;

/* Whether this one is counted: all are, or the first of its place. What backtrace() allocates is not. */
static bool counts(void)
{
	static bool by_place, asked;
	static _Thread_local bool looking;
	bool first;

	if (!asked) {
		const char *text = getenv("FAIL_PLACES");

		by_place = text && *text;
		asked = true;
	}
	if (!by_place || looking)
		return !looking;
	looking = true;
	first = is_new_place();
	looking = false;
	return first;
}

static bool fails(void)
{
	static long at = -1;

	if (at < 0) {
		const char *text = getenv("FAIL_AT");

		at = text ? strtol(text, NULL, 10) : 0;
	}
	if (!counts() || ++made != at)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t nmemb, size_t size)
{
	return fails() ? NULL : __libc_calloc(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
	return fails() ? NULL : __libc_realloc(ptr, size);
}

void *reallocarray(void *ptr, size_t nmemb, size_t size)
{
	size_t bytes;

	if (!__builtin_mul_overflow(nmemb, size, &bytes))
		return realloc(ptr, bytes);
	errno = ENOMEM;
	return NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memptr, size_t alignment, size_t size)
{
	*memptr = aligned_alloc(alignment, size);
	return *memptr ? 0 : ENOMEM;
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("FAIL_COUNT");
	long count = made;
	FILE *file = path ? fopen(path, "we") : NULL;

	if (file) {
		fprintf(file, "%ld\n", count);
		fclose(file);
	}
}
