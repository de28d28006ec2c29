#include "report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/leftovers.h"
#include "base/memory.h"
#include "base/progress.h"

/* The file behind a symbolic link is replaced, not the link. */
static char *real_target(const char *path, struct error *error)
{
	struct stat status;
	char *target;

	if (lstat(path, &status) != 0 || !S_ISLNK(status.st_mode))
		return memory_text(path, error);
	target = realpath(path, NULL);
	if (!target)
		error_set(error, ERROR_OUTPUT, "%s: a symbolic link that leads nowhere: %s", path,
			  strerror(errno));
	return target;
}

/* Devices and pipes (/dev/null, /dev/stdout, a shell's >(command)) are written as they are. */
static bool open_device(struct output *output, const char *path, struct error *error)
{
	output->stream = fopen(path, "we");
	output->path = memory_text(path, error);
	if (output->stream && output->path)
		return true;
	if (!output->stream)
		error_set(error, ERROR_OUTPUT, "%s: cannot write there: %s", path, strerror(errno));
	else
		fclose(output->stream);
	free(output->path);
	*output = (struct output){ 0 };
	return false;
}

static bool open_temporary(struct output *output, const char *path, struct error *error)
{
	size_t size = strlen(output->path) + sizeof(".XXXXXX");
	int file;

	output->temporary = memory_array(size, 1, "path", error);
	if (!output->temporary)
		return false;
	snprintf(output->temporary, size, "%s.XXXXXX", output->path);
	file = mkostemp(output->temporary, O_CLOEXEC);
	if (file < 0)
		return error_set(error, ERROR_OUTPUT, "%s: cannot write there: %s", path,
				 strerror(errno));
	output->stream = leftover_add(output->temporary, error) ? fdopen(file, "w") : NULL;
	if (output->stream)
		return true;
	error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
	leftover_forget(output->temporary);
	close(file);
	unlink(output->temporary);
	return false;
}

bool output_open(struct output *output, const char *path, struct error *error)
{
	struct stat status;

	*output = (struct output){ 0 };
	if (!path || strcmp(path, "-") == 0) {
		output->stream = stdout;
		progress_end();
		return true;
	}
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
		if (S_ISDIR(status.st_mode))
			return error_set(error, ERROR_OUTPUT, "%s: a folder, not a file", path);
		return open_device(output, path, error);
	}
	if (!files_check_output(path, error))
		return false;
	output->path = real_target(path, error);
	if (output->path && open_temporary(output, path, error))
		return true;
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
	/* some file systems cannot sync a folder; the rename is done all the same */
	bool ok = file >= 0 && (fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP);

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

static void close_stream(struct output *output, struct error *error)
{
	bool ok = fflush(output->stream) == 0 && !ferror(output->stream);
	int reason = errno;

	if (output->temporary) {
		usual_mode(fileno(output->stream));
		if (ok && fsync(fileno(output->stream)) != 0) {
			ok = false;
			reason = errno;
		}
	}
	if (fclose(output->stream) != 0 && ok) {
		ok = false;
		reason = errno;
	}
	if (!ok)
		error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", output->path,
			  strerror(reason));
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
	if (output->stream)
		close_stream(output, error);
	if (output->temporary) {
		if (error->kind == ERROR_NONE &&
		    (rename(output->temporary, output->path) != 0 || !sync_folder(output->path)))
			error_set(error, ERROR_OUTPUT, "%s: cannot put the result in place: %s",
				  output->path, strerror(errno));
		if (error->kind != ERROR_NONE)
			unlink(output->temporary);
		leftover_forget(output->temporary);
	}
	free(output->temporary);
	free(output->path);
	*output = (struct output){ 0 };
	return error->kind == ERROR_NONE;
}

bool output_write(const char *path, report_writer *write, const void *what, struct error *error)
{
	struct output output;

	if (!output_open(&output, path, error))
		return false;
	write(what, output.stream, error);
	return output_close(&output, error);
}

bool report_check(FILE *out, struct error *error)
{
	/* Buffered output may still fail; flushing now tells while the reason is known. */
	if (fflush(out) == 0 && !ferror(out))
		return true;
	return error_set(error, ERROR_OUTPUT, "cannot write the report: %s", strerror(errno));
}
