#include "document/companions.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "document/json.h"

static bool readable(char *path, size_t size, const char *folder, size_t folder_length,
		     const char *name)
{
	int written = snprintf(path, size, "%.*s%s%s", (int)folder_length, folder,
			       folder_length ? "/" : "", name);

	return written > 0 && (size_t)written < size && access(path, R_OK) == 0;
}

bool data_folder_find(const char *beside, const char *name, char *path, size_t size)
{
	const char *slash = beside ? strrchr(beside, '/') : NULL, *folders = getenv("SIM_PATH");
	char program[PATH_MAX];
	ssize_t length;

	if (name[0] == '/')
		return readable(path, size, "", 0, name);
	if (beside && readable(path, size, beside, slash ? (size_t)(slash - beside) : 0, name))
		return true;
	while (folders && *folders) {
		size_t span = strcspn(folders, ":");

		if (span && readable(path, size, folders, span, name))
			return true;
		folders += span + (folders[span] == ':');
	}
	length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (length <= 0)
		return false;
	program[length] = '\0';
	slash = strrchr(program, '/');
	if (!slash)
		return false;
	snprintf(program + (slash - program), sizeof(program) - (size_t)(slash - program),
		 "/../share/sim");
	return readable(path, size, program, strlen(program), name);
}

bool document_find_file(const struct document *document, const char *pointer, const char *name,
			const char *what, char *path, size_t size, struct error *error)
{
	bool set = document_is_set(document, pointer);

	return (set && data_folder_find("", name, path, size)) ||
	       data_folder_find(document->path, name, path, size) ||
	       document_error(document, pointer, error,
			      "no such %s %sbeside the scenario, in $SIM_PATH or in the program's "
			      "data folder",
			      what, set ? "here, " : "");
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

static const struct document *read_found(struct companions *companions,
					 const struct document *scenario, const char *pointer,
					 const char *name, const char *what, struct error *error)
{
	const json_t *content = json_object_get(companions->embedded, name);
	char path[PATH_MAX];

	if (content)
		return read_embedded(companions, content, name, error);
	return document_find_file(scenario, pointer, name, what, path, sizeof(path), error)
		       ? library_read(companions->library ? companions->library : &companions->own,
				      path, error)
		       : NULL;
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

const struct document *companions_read(struct companions *companions,
				       const struct document *scenario, const char *pointer,
				       const char *name, const char *what, struct error *error)
{
	const struct document *document = companions_find(companions, name);

	if (document)
		return document;
	return keep(companions, name, read_found(companions, scenario, pointer, name, what, error),
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
