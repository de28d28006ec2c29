#ifndef SIM_BASE_MEMORY_H
#define SIM_BASE_MEMORY_H

/* Zeroed, overflow-checked allocation: the only place that calls the allocator for arrays. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* New zeroed array of `count` items of `size` bytes, or NULL and an error naming `what`.
 * A count of 0 gives a valid pointer. The caller frees it with free(). */
void *memory_array(size_t count, size_t size, const char *what, struct error *error);

/* Copy of a string, or NULL and an error. The caller frees it with free(). */
char *memory_text(const char *text, struct error *error);

/*
 * Make room for at least `needed` items in `*array` (capacity in items at
 * `*capacity`), doubling; new items are zeroed, or not when they are written at once
 * (memory_reserve). On failure the array is unchanged and still owned by the caller.
 */
bool memory_double(void *array, size_t *capacity, size_t needed, size_t size, bool zeroed,
		   const char *what, struct error *error);

static inline bool memory_grow(void *array, size_t *capacity, size_t needed, size_t size,
			       const char *what, struct error *error)
{
	return needed <= *capacity ||
	       memory_double(array, capacity, needed, size, true, what, error);
}

static inline bool memory_reserve(void *array, size_t *capacity, size_t needed, size_t size,
				  const char *what, struct error *error)
{
	return needed <= *capacity ||
	       memory_double(array, capacity, needed, size, false, what, error);
}

/*
 * For what cannot return an error (a library's allocator, a cell of text): "out of memory (what)" on
 * standard error, exit status 1. Temporary files are removed; what was written stays unfinished.
 */
_Noreturn void memory_exhausted(const char *what);

/*
 * What is written becomes *text, with a byte 0 behind it, and its length *size, after each flush and
 * when the stream is closed; the caller frees it. NULL: without memory. (glibc's open_memstream drops
 * what it finds no memory for and tells nobody; here no later write succeeds, nor does fclose.)
 */
FILE *memory_stream(char **text, size_t *size);

/* Close a stream of memory_stream. False: `what` did not fit into memory; *text is freed and NULL then. */
bool memory_stream_close(FILE *stream, char **text, const char *what, struct error *error);

/* Blocks that are freed together; zeroed: none. */
struct memory_keeper {
	void **blocks;
	size_t count, capacity;
};

/* As memory_array and memory_text; the keeper owns what they return. */
void *memory_keep_array(struct memory_keeper *keeper, size_t count, size_t size, const char *what,
			struct error *error);
char *memory_keep_text(struct memory_keeper *keeper, const char *text, struct error *error);
void memory_keeper_fini(struct memory_keeper *keeper);

#endif
