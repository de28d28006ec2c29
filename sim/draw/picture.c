#include "draw/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/visible.h"
#include "draw/svg.h"
#include "draw/terminal.h"
#include "report/output.h"

enum { PATH_SIZE = 4096, PATIENCE_S = 60 };

bool picture_begin(struct picture *picture, struct error *error)
{
	*picture = (struct picture){ 0 };
	picture->table = open_memstream(&picture->text, &picture->size);
	return picture->table || error_memory(error, "picture");
}

void picture_fini(struct picture *picture)
{
	if (picture->table)
		fclose(picture->table);
	free(picture->text);
	*picture = (struct picture){ 0 };
}

void picture_text(char *out, size_t size, const char *text)
{
	visible_text(out, size, text);
	for (; *out; out++)
		if (*out == '"')
			*out = '\'';
}

void picture_cell(struct picture *picture, const char *text)
{
	char clean[PICTURE_TEXT];

	picture_text(clean, sizeof(clean), text);
	fputs(*clean ? clean : "-", picture->table);
}

void picture_number(struct picture *picture, double value)
{
	if (isfinite(value))
		fprintf(picture->table, "%.12g", value);
	else
		fputc('?', picture->table);
}

void picture_option(struct picture *picture, const char *word)
{
	size_t used = strlen(picture->options);

	snprintf(picture->options + used, sizeof(picture->options) - used, "%s%s", used ? " " : "",
		 word);
}

void picture_option_value(struct picture *picture, const char *word, double value)
{
	char text[64];

	snprintf(text, sizeof(text), "%s=%.9g", word, value);
	picture_option(picture, text);
}

/* --- gnuplot ------------------------------------------------------------------------ */

/* Its exit status; -1: it could not be started, -2: it did not end. */
static int run_gnuplot(char *const *arguments, const char *messages)
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

static bool keep(const char *bytes, size_t size, const char *path, struct error *error)
{
	struct output output = { 0 };

	if (!output_open(&output, path, error))
		return false;
	if (fwrite(bytes, 1, size, output.stream) != size)
		error_set(error, ERROR_OUTPUT, "%s: cannot write", path);
	return output_close(&output, error);
}

static bool write_table(const struct picture *picture, const char *path, struct error *error)
{
	FILE *file = fopen(path, "we");
	bool ok = file && fwrite(picture->text, 1, picture->size, file) == picture->size;

	if (file && fclose(file) != 0)
		ok = false;
	return ok || error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
}

static const char *ending_of(const char *path, const char *format)
{
	static const char *const formats[] = { "svg", "png", "pdf", "txt", NULL };
	const char *dot = strrchr(path, '.'), *ending = format;

	if (!format && strcmp(path, "-") == 0)
		ending = "txt";
	else if (!format)
		ending = dot ? dot + 1 : "";
	for (int i = 0; formats[i]; i++)
		if (strcmp(ending, formats[i]) == 0)
			return formats[i];
	return NULL;
}

/* All of a file, and a byte 0 behind it; the caller frees it. NULL: it is empty or not there. */
static char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	char *bytes = NULL, block[65536];
	size_t length;
	FILE *out = file ? open_memstream(&bytes, size) : NULL;
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

static char *draw_in(struct picture *picture, const char *folder, const char *scripts,
		     const char *ending, size_t *size, struct error *error)
{
	char data[PATH_SIZE], drawn[PATH_SIZE], messages[PATH_SIZE], script[PATH_SIZE], count[16];
	char why[512];
	char *arguments[] = { "gnuplot",
			      "-c",
			      script,
			      (char *)ending,
			      drawn,
			      data,
			      picture->title,
			      picture->x_label,
			      picture->y_label,
			      picture->caption,
			      picture->options,
			      count,
			      NULL };
	char *bytes = NULL;
	int status;

	snprintf(data, sizeof(data), "%.4000s/table", folder);
	snprintf(drawn, sizeof(drawn), "%.4000s/picture", folder);
	snprintf(messages, sizeof(messages), "%.4000s/messages", folder);
	snprintf(script, sizeof(script), "%.4000s/%.60s", scripts, picture->script);
	snprintf(count, sizeof(count), "%d", picture->series);
	if (!write_table(picture, data, error))
		goto out;
	status = run_gnuplot(arguments, messages);
	if (status == 0) {
		bytes = read_file(drawn, size);
		if (!bytes)
			error_set(error, ERROR_OUTPUT, "gnuplot has drawn nothing");
	} else if (status == -1 || status == 127) {
		error_set(error, ERROR_OUTPUT,
			  "gnuplot cannot be started: install it (apt install gnuplot-nox)");
	} else {
		read_message(messages, why, sizeof(why));
		error_set(error, ERROR_OUTPUT, "gnuplot %s: %s",
			  status == -2 ? "does not end" : "fails", why);
	}
out:
	unlink(data);
	unlink(drawn);
	unlink(messages);
	return bytes;
}

/* The picture as gnuplot draws it; the caller frees it. NULL: an error is set. */
static char *render(struct picture *picture, const char *scripts, const char *ending, size_t *size,
		    struct error *error)
{
	const char *base = getenv("TMPDIR");
	char folder[PATH_SIZE];
	char *bytes;

	snprintf(folder, sizeof(folder), "%s/sim-picture-XXXXXX",
		 base && *base == '/' ? base : "/tmp");
	if (!mkdtemp(folder)) {
		error_set(error, ERROR_OUTPUT, "%s: no temporary folder: %s", folder,
			  strerror(errno));
		return NULL;
	}
	bytes = draw_in(picture, folder, scripts, ending, size, error);
	rmdir(folder);
	return bytes;
}

/* The table is filled. */
static bool finish_table(struct picture *picture, struct error *error)
{
	bool ok = !ferror(picture->table);

	if (fclose(picture->table) != 0)
		ok = false;
	picture->table = NULL;
	return ok || error_memory(error, "picture");
}

char *picture_svg(struct picture *picture, const char *scripts, const char *name, const char *label,
		  struct error *error)
{
	char *svg = NULL, *text = NULL;
	size_t size;
	FILE *out;

	if (finish_table(picture, error))
		svg = render(picture, scripts, "svg", &size, error);
	out = svg && strstr(svg, "<svg") ? open_memstream(&text, &size) : NULL;
	if (out) {
		svg_write_in_page(svg, name, label, out);
		if (fclose(out) != 0) {
			free(text);
			text = NULL;
		}
	}
	if (!text)
		error_set(error, ERROR_OUTPUT, "gnuplot has drawn no SVG");
	free(svg);
	return text;
}

/* As it is kept: gnuplot's words of an SVG or a terminal's picture are not the last. */
static char *finish(const struct picture *picture, const char *ending,
		    struct terminal_size terminal, char *drawn, size_t *size, struct error *error)
{
	bool is_svg = strcmp(ending, "svg") == 0;
	char *text = NULL;
	FILE *out;

	if (!drawn || (!is_svg && strcmp(ending, "txt") != 0))
		return drawn;
	out = open_memstream(&text, size);
	if (out) {
		if (is_svg)
			svg_write_alone(drawn, picture->title, out);
		else
			terminal_write(picture, terminal, drawn, out);
		if (fclose(out) != 0) {
			free(text);
			text = NULL;
		}
	}
	free(drawn);
	if (!text)
		error_memory(error, "picture");
	return text;
}

bool picture_draw(struct picture *picture, const char *scripts, const char *path,
		  const char *format, const char *data_path, struct error *error)
{
	const char *ending = ending_of(path, format);
	struct terminal_size terminal = terminal_size();
	char beside[PATH_SIZE];
	struct error why = { 0 };
	size_t size;
	char *bytes;

	if (!ending)
		return error_set(error, ERROR_INPUT,
				 "%s: the picture's name must end with .svg, .png, .pdf or .txt",
				 path);
	if (!finish_table(picture, error) ||
	    (data_path && !keep(picture->text, picture->size, data_path, error)))
		return false;
	picture_option_value(picture, "columns", terminal.columns);
	picture_option_value(picture, "lines", terminal.lines);
	bytes = render(picture, scripts, ending, &size, &why);
	bytes = finish(picture, ending, terminal, bytes, &size, &why);
	if (bytes) {
		keep(bytes, size, path, error);
		free(bytes);
	} else {
		struct error ignored = { 0 };

		snprintf(beside, sizeof(beside), "%s.tsv", path);
		if (!data_path && strcmp(path, "-") != 0 &&
		    keep(picture->text, picture->size, beside, &ignored))
			error_set(error, why.kind, "%s; the numbers are in %s", why.message,
				  beside);
		else
			error_set(error, why.kind, "%s", why.message);
	}
	return error->kind == ERROR_NONE;
}
