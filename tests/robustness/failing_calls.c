/*
 * Loaded before the C library (LD_PRELOAD): the allocation number $FAIL_AT fails, of the whole program
 * from its first one on; how many there were goes to the file $FAIL_COUNT. For tests/cli/allocations_test.sh.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long made;

static bool fails(void)
{
	static long at = -1;

	if (at < 0) {
		const char *text = getenv("FAIL_AT");

		at = text ? strtol(text, NULL, 10) : 0;
	}
	if (++made != at)
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
