#include "document/data_folder.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The file of the shared library that this is a part of; false: it is a part of the executable. */
static bool library_file(char file[PATH_MAX])
{
	static const char here;
	Dl_info found;

	return dladdr(&here, &found) && found.dli_fname && strstr(found.dli_fname, ".so") &&
	       realpath(found.dli_fname, file);
}

/* The folder of the program's data, ../share/sim from its executable or library. */
static bool program_folder(char folder[PATH_MAX])
{
	ssize_t length;
	char *slash;

	if (!library_file(folder)) {
		length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
		if (length <= 0)
			return false;
		folder[length] = '\0';
	}
	slash = strrchr(folder, '/');
	if (slash)
		snprintf(slash, PATH_MAX - (size_t)(slash - folder), "/../share/sim");
	return slash != NULL;
}

bool data_folder_place(const char *beside, const char *name, size_t n, char *path, size_t size)
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
	for (size_t n = 0; data_folder_place(beside, name, n, path, size); n++)
		if (*path && access(path, R_OK) == 0)
			return true;
	return false;
}

void data_folder_list(const char *beside, const char *name, size_t most, char *list, size_t size)
{
	char path[PATH_MAX];

	for (size_t n = 0; n < most && data_folder_place(beside, name, n, path, sizeof(path));
	     n++) {
		size_t length = strlen(list);

		snprintf(list + length, size - length, "%s%.300s", length ? ", " : "", path);
	}
}
