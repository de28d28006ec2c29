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

/* Whether this is the first allocation of its place. What backtrace() itself allocates has none. */
static bool is_first_of_place(void)
{
	static _Thread_local bool looking;
	bool first;

	if (looking)
		return false;
	looking = true;
	first = is_new_place();
	looking = false;
	return first;
}

static bool fails(void)
{
	static long at = -1;
	static bool by_place;

	if (at < 0) {
		const char *number = getenv("FAIL_AT"), *mode = getenv("FAIL_PLACES");

		by_place = mode && *mode;
		at = number ? strtol(number, NULL, 10) : 0;
	}
	if ((by_place && !is_first_of_place()) || ++made != at)
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
