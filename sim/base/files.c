#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/visible.h"

struct input {
	char *path; /* as it was named first */
	dev_t device;
	ino_t number;
};

struct output {
	char *path;
	bool update;
};

static struct {
	pthread_mutex_t lock;
	struct input *inputs;
	size_t input_count, input_capacity;
	struct output *outputs;
	size_t output_count, output_capacity;
} files = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool is_standard(const char *path)
{
	return !path || strcmp(path, "-") == 0;
}

static bool same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* --- inputs -------------------------------------------------------------------- */

static struct input *find_input(const struct stat *status)
{
	for (size_t i = 0; i < files.input_count; i++)
		if (files.inputs[i].device == status->st_dev &&
		    files.inputs[i].number == status->st_ino)
			return &files.inputs[i];
	return NULL;
}

/* The output that is this file; "standard output" when that is added to it; NULL: none. */
static const char *find_output(const struct stat *status)
{
	struct stat other;

	for (size_t i = 0; i < files.output_count; i++)
		if (!files.outputs[i].update && stat(files.outputs[i].path, &other) == 0 &&
		    same(status, &other))
			return files.outputs[i].path;
	return fstat(STDOUT_FILENO, &other) == 0 && same(status, &other) ? "standard output" : NULL;
}

static bool add_input(const char *path, const struct stat *status, struct error *error)
{
	const char *output = find_output(status);
	struct input *input;

	if (output)
		return error_set(error, ERROR_INPUT,
				 "%s: error: this would be read and written (%s): give another "
				 "file for what is written",
				 path, output);
	if (find_input(status))
		return true;
	if (!memory_grow(&files.inputs, &files.input_capacity, files.input_count + 1,
			 sizeof(*files.inputs), "files", error))
		return false;
	input = &files.inputs[files.input_count];
	*input = (struct input){ memory_text(path, error), status->st_dev, status->st_ino };
	files.input_count += input->path != NULL;
	return input->path != NULL;
}

static bool remember(const char *path, const struct stat *status, struct error *error)
{
	bool ok;

	if (!S_ISREG(status->st_mode))
		return true;
	pthread_mutex_lock(&files.lock);
	ok = add_input(path, status, error);
	pthread_mutex_unlock(&files.lock);
	return ok;
}

bool files_add_input(const char *path, struct error *error)
{
	struct stat status;

	return stat(path, &status) != 0 || remember(path, &status, error);
}

int files_open_input(const char *path, struct error *error)
{
	bool standard = is_standard(path);
	int file =
		standard ? dup(STDIN_FILENO)
			 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO must not wait */
	char shown[VISIBLE_PATH];
	struct stat status;

	visible_path(shown, path);
	if (file < 0 || fstat(file, &status) != 0)
		error_set(error, ERROR_INPUT, "%s: error: cannot open: %s", shown, strerror(errno));
	else if (!standard && !S_ISREG(status.st_mode))
		error_set(error, ERROR_INPUT,
			  "%s: error: %s; a regular file (or - for standard input) is needed",
			  shown,
			  S_ISDIR(status.st_mode) ? "this is a directory"
						  : "this is a pipe or a device");
	else if (remember(path, &status, error))
		return file;
	if (file >= 0)
		close(file);
	return -1;
}

/* --- outputs ------------------------------------------------------------------- */

/* The folder of a file that is not there yet. */
static bool stat_folder(const char *path, struct stat *status)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	bool ok = folder && stat(folder, status) == 0;

	free(folder);
	return ok;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool same_place(const char *one, const char *other)
{
	struct stat a, b;
	bool there = stat(one, &a) == 0, other_there = stat(other, &b) == 0;

	if (there || other_there)
		return there && other_there && S_ISREG(a.st_mode) && same(&a, &b);
	return strcmp(name_of(one), name_of(other)) == 0 && stat_folder(one, &a) &&
	       stat_folder(other, &b) && same(&a, &b);
}

static bool add_output(const char *path, bool update, struct error *error)
{
	struct output *output;

	for (size_t i = 0; i < files.output_count; i++)
		if (same_place(files.outputs[i].path, path))
			return error_set(error, ERROR_INPUT,
					 "%s: two outputs cannot be the same file", path);
	if (!memory_grow(&files.outputs, &files.output_capacity, files.output_count + 1,
			 sizeof(*files.outputs), "files", error))
		return false;
	output = &files.outputs[files.output_count];
	*output = (struct output){ memory_text(path, error), update };
	files.output_count += output->path != NULL;
	return output->path != NULL;
}

static bool announce(const char *path, bool update, struct error *error)
{
	bool ok;

	if (is_standard(path))
		return true;
	pthread_mutex_lock(&files.lock);
	ok = add_output(path, update, error);
	pthread_mutex_unlock(&files.lock);
	return ok;
}

bool files_add_output(const char *path, struct error *error)
{
	return announce(path, false, error);
}

bool files_add_update(const char *path, struct error *error)
{
	return announce(path, true, error);
}

static bool is_update(const struct stat *status)
{
	struct stat other;

	for (size_t i = 0; i < files.output_count; i++)
		if (files.outputs[i].update && stat(files.outputs[i].path, &other) == 0 &&
		    same(status, &other))
			return true;
	return false;
}

bool files_check_output(const char *path, struct error *error)
{
	const struct input *input;
	struct stat status;
	bool ok;

	if (is_standard(path) || stat(path, &status) != 0)
		return true;
	pthread_mutex_lock(&files.lock);
	input = find_input(&status);
	ok = !input || is_update(&status) ||
	     error_set(error, ERROR_INPUT,
		       "%s: this was read (as %s): an output never takes the place of an input; "
		       "give another file",
		       path, input->path);
	pthread_mutex_unlock(&files.lock);
	return ok;
}
