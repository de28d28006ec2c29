#include "draw/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/leftovers.h"
#include "base/memory.h"
#include "base/visible.h"

enum { PATH_SIZE = 4096, PATIENCE_S = 60 };

/* Its exit status; -1: it could not be started, -2: it did not end. */
static int run_program(char *const *arguments, const char *messages)
{
	static char *const environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin",
					     "HOME=/nonexistent", "LC_ALL=C.UTF-8", NULL };
	const struct timespec tick = { .tv_nsec = 5000000 };
	posix_spawn_file_actions_t actions;
	int status = 0, result;
	pid_t child;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
	posix_spawn_file_actions_addopen(&actions, 2, messages, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	result = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (result != 0)
		return -1;
	for (long waited = 0; waited < PATIENCE_S * 200L; waited++) {
		pid_t ended = waitpid(child, &status, WNOHANG);

		if (ended == child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -2;
		if (ended < 0 && errno != EINTR)
			return -2;
		nanosleep(&tick, NULL);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return -2;
}

/* The last line of a file into a text for a message. */
static void read_message(const char *path, char *text, size_t size)
{
	char raw[4096];
	const char *last;
	FILE *file = fopen(path, "re");
	size_t length = 0;

	if (file) {
		length = fread(raw, 1, sizeof(raw) - 1, file);
		fclose(file);
	}
	while (length && raw[length - 1] == '\n')
		length--;
	raw[length] = '\0';
	last = strrchr(raw, '\n'); /* before it, the command and a caret */
	visible_text(text, size, last ? last + 1 : raw);
}

static bool write_table(const struct picture *picture, const char *path, struct error *error)
{
	FILE *file = fopen(path, "we");
	bool ok = file && fwrite(picture->text, 1, picture->size, file) == picture->size;

	if (file && fclose(file) != 0)
		ok = false;
	return ok || error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
}

/* All of a file, and a byte 0 behind it; the caller frees it. NULL: it is empty or not there. */
static char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	char *bytes = NULL, block[65536];
	size_t length;
	FILE *out = file ? memory_stream(&bytes, size) : NULL;
	bool ok = out != NULL;

	while (ok && (length = fread(block, 1, sizeof(block), file)) > 0)
		ok = fwrite(block, 1, length, out) == length;
	if (file) {
		ok = ok && !ferror(file);
		fclose(file);
	}
	if (out && fclose(out) != 0)
		ok = false;
	if (ok && *size)
		return bytes;
	free(bytes);
	return NULL;
}

static char *draw_in(const struct picture *picture, const char *folder, const char *scripts,
		     const char *ending, size_t *size, struct error *error)
{
	char data[PATH_SIZE], drawn[PATH_SIZE], messages[PATH_SIZE], script[PATH_SIZE], count[16];
	char why[512];
	char *gnuplot[] = { "gnuplot",
			    "-c",
			    script,
			    (char *)ending,
			    drawn,
			    data,
			    (char *)picture->title,
			    (char *)picture->x_label,
			    (char *)picture->y_label,
			    (char *)picture->caption,
			    (char *)picture->options,
			    count,
			    NULL };
	char *dot[] = { "dot", "-Tsvg", "-o", drawn, data, NULL };
	char **arguments = picture->script ? gnuplot : dot;
	char *bytes = NULL;
	int status;

	snprintf(data, sizeof(data), "%.4000s/table", folder);
	snprintf(drawn, sizeof(drawn), "%.4000s/picture", folder);
	snprintf(messages, sizeof(messages), "%.4000s/messages", folder);
	if (picture->script)
		snprintf(script, sizeof(script), "%.4000s/%.60s", scripts, picture->script);
	snprintf(count, sizeof(count), "%d", picture->series);
	if (!leftover_add(data, error) || !leftover_add(drawn, error) ||
	    !leftover_add(messages, error) || !write_table(picture, data, error))
		goto out;
	status = run_program(arguments, messages);
	if (status == 0) {
		bytes = read_file(drawn, size);
		if (!bytes)
			error_set(error, ERROR_OUTPUT, "%s has drawn nothing", arguments[0]);
	} else if (status == -1 || status == 127) {
		error_set(error, ERROR_OUTPUT, "%s cannot be started: install it (apt install %s)",
			  arguments[0], picture->script ? "gnuplot-nox" : "graphviz");
	} else {
		read_message(messages, why, sizeof(why));
		error_set(error, ERROR_OUTPUT, "%s %s: %s", arguments[0],
			  status == -2 ? "does not end" : "fails", why);
	}
out:
	unlink(data);
	unlink(drawn);
	unlink(messages);
	leftover_forget(data);
	leftover_forget(drawn);
	leftover_forget(messages);
	return bytes;
}

char *gnuplot_draw(const struct picture *picture, const char *scripts, const char *terminal,
		   size_t *size, struct error *error)
{
	const char *base = getenv("TMPDIR");
	char folder[PATH_SIZE];
	char *bytes;

	if (!base || *base != '/')
		base = "/tmp";
	snprintf(folder, sizeof(folder), "%s/sim-picture-XXXXXX", base);
	if (!mkdtemp(folder)) {
		error_set(error, ERROR_OUTPUT,
			  "%s: no temporary folder there: %s; set TMPDIR to one that may be "
			  "written",
			  base, strerror(errno));
		return NULL;
	}
	bytes = leftover_add(folder, error)
			? draw_in(picture, folder, scripts, terminal, size, error)
			: NULL;
	rmdir(folder);
	leftover_forget(folder);
	return bytes;
}

char *graphviz_draw(const char *graph, size_t *size, struct error *error)
{
	const struct picture picture = { .text = (char *)graph, .size = strlen(graph) };

	return gnuplot_draw(&picture, NULL, NULL, size, error);
}
