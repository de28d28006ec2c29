#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *memory_array(size_t count, size_t size, const char *what, struct error *error)
{
	void *array = calloc(count ? count : 1, size ? size : 1);

	if (!array)
		error_memory(error, what);
	return array;
}

char *memory_text(const char *text, struct error *error)
{
	char *copy = strdup(text);

	if (!copy)
		error_memory(error, "text");
	return copy;
}

bool memory_grow(void *array, size_t *capacity, size_t needed, size_t size, const char *what,
		 struct error *error)
{
	void **block = array;
	size_t wanted = *capacity ? *capacity : 8;
	void *grown;

	if (needed <= *capacity)
		return true;
	while (wanted < needed) {
		if (wanted > SIZE_MAX / 2)
			return error_memory(error, what);
		wanted *= 2;
	}
	grown = reallocarray(*block, wanted, size);
	if (!grown)
		return error_memory(error, what);
	memset((char *)grown + *capacity * size, 0, (wanted - *capacity) * size);
	*block = grown;
	*capacity = wanted;
	return true;
}
