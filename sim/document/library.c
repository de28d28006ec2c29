#include "document/library.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct library_file {
	char *path; /* as it is asked for */
	struct document document;
};

static void file_free(struct library_file *file)
{
	if (!file)
		return;
	document_fini(&file->document);
	free(file->path);
	free(file);
}

const struct document *library_put(struct library *library, const char *path,
				   struct document *document, struct error *error)
{
	struct library_file *file = memory_array(1, sizeof(*file), "file", error);

	if (!file) {
		document_fini(document);
		return NULL;
	}
	file->document = *document;
	*document = (struct document){ 0 };
	file->path = memory_text(path, error);
	if (!file->path || !memory_grow(&library->files, &library->capacity, library->count + 1,
					sizeof(struct library_file *), "files", error)) {
		file_free(file);
		return NULL;
	}
	library->files[library->count++] = file;
	return &file->document;
}

const struct document *library_find(const struct library *library, const char *path)
{
	for (size_t i = 0; i < library->count; i++)
		if (strcmp(library->files[i]->path, path) == 0)
			return &library->files[i]->document;
	return NULL;
}

const struct document *library_read(struct library *library, const char *path, struct error *error)
{
	const struct document *known = library_find(library, path);
	struct document document;

	if (known)
		return known;
	return document_read(&document, path, error) ? library_put(library, path, &document, error)
						     : NULL;
}

void library_fini(struct library *library)
{
	for (size_t i = 0; i < library->count; i++)
		file_free(library->files[i]);
	free(library->files);
	*library = (struct library){ 0 };
}
