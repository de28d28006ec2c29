#include "report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* The file behind a symbolic link is replaced, not the link. */
static char *real_target(const char *path, struct error *error)
{
	struct stat status;
	char *target = NULL;

	if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
		target = realpath(path, NULL);
	return target ? target : memory_text(path, error);
}

bool output_open(struct output *output, const char *path, struct error *error)
{
	struct stat status;
	size_t size;
	int file;

	*output = (struct output){ 0 };
	if (strcmp(path, "-") == 0) {
		output->stream = stdout;
		return true;
	}
	output->path = real_target(path, error);
	if (!output->path)
		return false;
	if (stat(output->path, &status) == 0 && !S_ISREG(status.st_mode)) {
		error_set(error, ERROR_OUTPUT, "%s: not a regular file; nothing was written", path);
		goto fail;
	}
	size = strlen(output->path) + sizeof(".XXXXXX");
	output->temporary = memory_array(size, 1, "path", error);
	if (!output->temporary)
		goto fail;
	snprintf(output->temporary, size, "%s.XXXXXX", output->path);
	file = mkostemp(output->temporary, O_CLOEXEC);
	if (file < 0) {
		error_set(error, ERROR_OUTPUT, "%s: cannot write there: %s", path, strerror(errno));
		free(output->temporary);
		output->temporary = NULL;
		goto fail;
	}
	output->stream = fdopen(file, "w");
	if (output->stream)
		return true;
	error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
	close(file);
fail:
	if (output->temporary)
		unlink(output->temporary);
	free(output->temporary);
	free(output->path);
	*output = (struct output){ 0 };
	return false;
}

static bool sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int file = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool ok = file >= 0 && fsync(file) == 0;

	if (file >= 0)
		close(file);
	free(folder);
	return ok;
}

/* mkostemp makes files private; a result has the mode that any new file would have. */
static void usual_mode(int file)
{
	mode_t mask = umask(0);

	umask(mask);
	if (fchmod(file, 0666 & ~mask) != 0)
		errno = 0; /* a private result is still a result */
}

bool output_close(struct output *output, struct error *error)
{
	if (!output->path) {
		if (output->stream && (fflush(output->stream) != 0 || ferror(output->stream)))
			error_set(error, ERROR_OUTPUT, "cannot write to standard output: %s",
				  strerror(errno));
		*output = (struct output){ 0 };
		return error->kind == ERROR_NONE;
	}
	if (output->stream) {
		usual_mode(fileno(output->stream));
		if (fflush(output->stream) != 0 || ferror(output->stream) ||
		    fsync(fileno(output->stream)) != 0)
			error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", output->path,
				  strerror(errno));
		if (fclose(output->stream) != 0)
			error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", output->path,
				  strerror(errno));
	}
	if (error->kind == ERROR_NONE &&
	    (rename(output->temporary, output->path) != 0 || !sync_folder(output->path)))
		error_set(error, ERROR_OUTPUT, "%s: cannot put the result in place: %s",
			  output->path, strerror(errno));
	if (error->kind != ERROR_NONE)
		unlink(output->temporary);
	free(output->temporary);
	free(output->path);
	*output = (struct output){ 0 };
	return error->kind == ERROR_NONE;
}
