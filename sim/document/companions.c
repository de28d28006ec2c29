#include "document/companions.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "document/json.h"

/* The folder of the program's data, ../share/sim from its executable. */
static bool program_folder(char folder[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	char *slash;

	if (length <= 0)
		return false;
	folder[length] = '\0';
	slash = strrchr(folder, '/');
	if (slash)
		snprintf(slash, PATH_MAX - (size_t)(slash - folder), "/../share/sim");
	return slash != NULL;
}

/* The place number n where `name` may be; false: it has no so many. "": too long a path. */
static bool place_of(const char *beside, const char *name, size_t n, char *path, size_t size)
{
	const char *slash = beside ? strrchr(beside, '/') : NULL, *folders = getenv("SIM_PATH");
	char program[PATH_MAX];
	const char *folder = program;
	size_t length;
	int written;

	if (name[0] == '/') {
		folder = "";
		length = 0;
		if (n > 0)
			return false;
	} else if (beside && n == 0) {
		folder = beside;
		length = slash ? (size_t)(slash - beside) : 0;
	} else {
		n -= beside != NULL;
		for (length = 0; folders && *folders;
		     folders += length + (folders[length] == ':')) {
			length = strcspn(folders, ":");
			if (length > 0 && n-- == 0)
				break;
		}
		if (folders && *folders)
			folder = folders;
		else if (n > 0 || !program_folder(program))
			return false;
		else
			length = strlen(program);
	}
	written = snprintf(path, size, "%.*s%s%s", (int)length, folder, length ? "/" : "", name);
	if (written < 0 || (size_t)written >= size)
		*path = '\0';
	return true;
}

bool data_folder_find(const char *beside, const char *name, char *path, size_t size)
{
	for (size_t n = 0; place_of(beside, name, n, path, size); n++)
		if (*path && access(path, R_OK) == 0)
			return true;
	return false;
}

/* Add the places where a name was looked for to a list: "a.json, scenarios/a.json". */
static void list_places(const char *beside, const char *name, size_t most, char *list, size_t size)
{
	char path[PATH_MAX];

	for (size_t n = 0; n < most && place_of(beside, name, n, path, sizeof(path)); n++) {
		size_t length = strlen(list);

		snprintf(list + length, size - length, "%s%.300s", length ? ", " : "", path);
	}
}

bool document_find_file(const struct document *document, const char *pointer, const char *name,
			const char *what, char *path, size_t size, struct error *error)
{
	const struct set_value *set = document_set_value(document, pointer);
	const char *first = set ? (set->file ? set->file : "") : document->path;
	bool both = set && strcmp(first, document->path) != 0 && name[0] != '/';
	char list[1024] = "";

	if ((both && place_of(first, name, 0, path, size) && *path && access(path, R_OK) == 0) ||
	    data_folder_find(document->path, name, path, size))
		return true;
	if (both)
		list_places(first, name, 1, list, sizeof(list));
	list_places(document->path, name, SIZE_MAX, list, sizeof(list));
	return document_error(document, pointer, error, "no such %s; looked for %s", what, list);
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

static struct companion *companion_of(struct companions *companions, const char *name)
{
	for (size_t i = 0; i < companions->count; i++)
		if (strcmp(companions->items[i].name, name) == 0)
			return &companions->items[i];
	return NULL;
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
	struct companion *companion = companion_of(companions, name);
	char path[PATH_MAX] = "";

	if (companion && content)
		return companion->document;
	if (!content &&
	    !document_find_file(scenario, pointer, name, what, path, sizeof(path), error))
		return NULL;
	if (companion && same_file(companion->document->path, path))
		return companion->document;
	if (companion) {
		document_error(scenario, pointer, error,
			       "two files are called so here, %s and %s: say which one is meant by "
			       "another path (./%s)",
			       companion->document->path, path, name);
		return NULL;
	}
	if (!memory_grow(&companions->items, &companions->capacity, companions->count + 1,
			 sizeof(*companions->items), "files", error))
		return NULL;
	companion = &companions->items[companions->count];
	companion->document =
		content ? read_embedded(companions, content, name, error)
			: library_read(companions->library ? companions->library : &companions->own,
				       path, error);
	companion->name = companion->document ? memory_text(name, error) : NULL;
	if (!companion->name)
		return NULL;
	companions->count++;
	return companion->document;
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
