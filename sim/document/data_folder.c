#include "document/data_folder.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
