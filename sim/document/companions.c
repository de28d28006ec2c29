#include "document/companions.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "document/data_folder.h"
#include "document/json.h"

bool document_find_file(const struct document *document, const char *pointer, const char *name,
			const char *what, char *path, size_t size, struct error *error)
{
	const struct set_value *set = document_set_value(document, pointer);
	const char *first = set ? (set->file ? set->file : "") : document->path;
	bool both = set && strcmp(first, document->path) != 0 && name[0] != '/';
	char list[1024] = "";

	if ((both && data_folder_place(first, name, 0, path, size) && *path &&
	     access(path, R_OK) == 0) ||
	    data_folder_find(document->path, name, path, size))
		return true;
	if (both)
		data_folder_list(first, name, 1, list, sizeof(list));
	data_folder_list(document->path, name, SIZE_MAX, list, sizeof(list));
	return document_error(document, pointer, error, "no such %s; looked for %s", what, list);
}

/* Parsed into the library that reads files, unless it has it. */
static const struct document *read_text(struct companions *companions, const char *name,
					const char *text, size_t length, struct error *error)
{
	struct library *library = companions->library ? companions->library : &companions->own;
	const struct document *known = library_find(library, name);
	struct document document;

	if (known)
		return known;
	return document_parse(&document, name, text, length, error)
		       ? library_put(library, name, &document, error)
		       : NULL;
}

static const struct document *read_embedded(struct companions *companions, const json_t *content,
					    const char *name, struct error *error)
{
	char *text = json_dumps(content, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
	struct document document;
	bool ok = text ? document_parse(&document, name, text, strlen(text), error)
		       : error_memory(error, "file");

	free(text);
	return ok ? library_put(&companions->own, name, &document, error) : NULL;
}

const struct document *companions_find(const struct companions *companions, const char *name)
{
	for (size_t i = 0; name && i < companions->count; i++)
		if (strcmp(companions->items[i].name, name) == 0)
			return companions->items[i].document;
	return NULL;
}

/* One more that has been read; `document` NULL: an error, already set. */
static const struct document *keep(struct companions *companions, const char *name,
				   const struct document *document, struct error *error)
{
	struct companion *companion;

	if (!document ||
	    !memory_grow(&companions->items, &companions->capacity, companions->count + 1,
			 sizeof(*companions->items), "files", error))
		return NULL;
	companion = &companions->items[companions->count];
	companion->document = document;
	companion->name = memory_text(name, error);
	if (!companion->name)
		return NULL;
	companions->count++;
	return document;
}

static bool same_file(const char *a, const char *b)
{
	struct stat one, two;

	return strcmp(a, b) == 0 || (stat(a, &one) == 0 && stat(b, &two) == 0 &&
				     one.st_dev == two.st_dev && one.st_ino == two.st_ino);
}

const struct document *companions_read(struct companions *companions,
				       const struct document *scenario, const char *pointer,
				       const char *name, const char *what, struct error *error)
{
	const json_t *content = json_object_get(companions->embedded, name);
	const struct document *known = companions_find(companions, name);
	char path[PATH_MAX] = "";

	if (content)
		return known ? known
			     : keep(companions, name,
				    read_embedded(companions, content, name, error), error);
	if (!document_find_file(scenario, pointer, name, what, path, sizeof(path), error))
		return NULL;
	if (known && same_file(known->path, path))
		return known;
	if (known) {
		document_error(scenario, pointer, error,
			       "two files are called so here, %s and %s: say which one is meant by "
			       "another path (./%s)",
			       known->path, path, name);
		return NULL;
	}
	return keep(companions, name,
		    library_read(companions->library ? companions->library : &companions->own, path,
				 error),
		    error);
}

const struct document *companions_read_text(struct companions *companions, const char *name,
					    const char *text, size_t length, struct error *error)
{
	const json_t *content = json_object_get(companions->embedded, name);
	const struct document *document = companions_find(companions, name);

	if (document)
		return document;
	return keep(companions, name,
		    content ? read_embedded(companions, content, name, error)
			    : read_text(companions, name, text, length, error),
		    error);
}

bool companions_carry(const struct companions *companions, const char *name)
{
	return json_object_get(companions->embedded, name) != NULL;
}

json_t *companions_to_json(const struct companions *companions)
{
	json_t *files = json_object();

	for (size_t i = 0; i < companions->count; i++)
		files = object_with(files, companions->items[i].name,
				    json_incref(companions->items[i].document->root));
	return files;
}

void companions_fini(struct companions *companions)
{
	for (size_t i = 0; i < companions->count; i++)
		free(companions->items[i].name);
	free(companions->items);
	library_fini(&companions->own);
	json_decref(companions->embedded);
	*companions = (struct companions){ 0 };
}
