#include "base/memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/leftovers.h"

_Noreturn void memory_exhausted(const char *what)
{
	const char *const parts[] = { "sim: out of memory (", what, ")\n" };

	leftovers_remove();
	for (int i = 0; i < 3; i++) /* stdio may need memory */
		if (write(STDERR_FILENO, parts[i], strlen(parts[i])) < 0)
			break;
	_exit(1);
}

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

bool memory_double(void *array, size_t *capacity, size_t needed, size_t size, bool zeroed,
		   const char *what, struct error *error)
{
	void **block = array;
	size_t wanted = *capacity ? *capacity : 8;
	void *grown;

	while (wanted < needed) {
		if (wanted > SIZE_MAX / 2)
			return error_memory(error, what);
		wanted *= 2;
	}
	grown = reallocarray(*block, wanted, size);
	if (!grown)
		return error_memory(error, what);
	if (zeroed)
		memset((char *)grown + *capacity * size, 0, (wanted - *capacity) * size);
	*block = grown;
	*capacity = wanted;
	return true;
}

/* Takes the block over, also when it cannot keep it. */
static void *keep(struct memory_keeper *keeper, void *block, struct error *error)
{
	if (block && !memory_grow(&keeper->blocks, &keeper->capacity, keeper->count + 1,
				  sizeof(*keeper->blocks), "blocks", error)) {
		free(block);
		return NULL;
	}
	if (block)
		keeper->blocks[keeper->count++] = block;
	return block;
}

void *memory_keep_array(struct memory_keeper *keeper, size_t count, size_t size, const char *what,
			struct error *error)
{
	return keep(keeper, memory_array(count, size, what, error), error);
}

char *memory_keep_text(struct memory_keeper *keeper, const char *text, struct error *error)
{
	return keep(keeper, memory_text(text, error), error);
}

void memory_keeper_fini(struct memory_keeper *keeper)
{
	for (size_t i = 0; i < keeper->count; i++)
		free(keeper->blocks[i]);
	free(keeper->blocks);
	*keeper = (struct memory_keeper){ 0 };
}

struct memory_file {
	char **text;
	size_t *size;
	size_t capacity;
	bool failed;
};

static ssize_t write_memory(void *cookie, const char *bytes, size_t length)
{
	struct memory_file *file = cookie;
	struct error error = { 0 };

	/* the stream takes 0, not -1, for a write that failed */
	if (file->failed || length > SIZE_MAX - 1 - *file->size ||
	    !memory_reserve(file->text, &file->capacity, *file->size + length + 1, 1, "text",
			    &error)) {
		file->failed = true;
		errno = ENOMEM;
		return 0;
	}
	memcpy(*file->text + *file->size, bytes, length);
	*file->size += length;
	(*file->text)[*file->size] = 0;
	return (ssize_t)length;
}

static int close_memory(void *cookie)
{
	struct memory_file *file = cookie;
	bool failed = file->failed;

	free(file);
	if (failed)
		errno = ENOMEM;
	return failed ? -1 : 0;
}

FILE *memory_stream(char **text, size_t *size)
{
	const cookie_io_functions_t functions = { .write = write_memory, .close = close_memory };
	struct memory_file *file = calloc(1, sizeof(*file));
	FILE *stream = NULL;

	*size = 0;
	*text = calloc(1, 1);
	if (file && *text) {
		*file = (struct memory_file){ .text = text, .size = size, .capacity = 1 };
		stream = fopencookie(file, "w", functions);
	}
	if (!stream) {
		free(file);
		free(*text);
		*text = NULL;
	}
	return stream;
}

bool memory_stream_close(FILE *stream, char **text, const char *what, struct error *error)
{
	bool ok = !ferror(stream);

	if (fclose(stream) == 0 && ok && *text)
		return true;
	free(*text);
	*text = NULL;
	return error_memory(error, what);
}
