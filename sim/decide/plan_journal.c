#include "decide/plan_journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"

static const char format[] = "sim-plan-looks 1 ";

struct plan_journal {
	FILE *file;
	char *path;
	char **lines; /* looks, as they were there when it was opened */
	size_t line_count, line_capacity;
};

static bool fail(const struct plan_journal *journal, const char *what, struct error *error)
{
	return error_set(error, ERROR_OUTPUT, "%s: %s: %s", journal->path, what, strerror(errno));
}

/* A line, flushed to the disk. */
static bool finish_line(struct plan_journal *journal, struct error *error)
{
	if (fputc('\n', journal->file) == EOF || fflush(journal->file) != 0 ||
	    ferror(journal->file) ||
	    (fsync(fileno(journal->file)) != 0 && errno != EINVAL && errno != EROFS))
		return fail(journal, "cannot be written", error);
	return true;
}

/* The first line, or (not whole) what an interrupted write left of it: anything else is not ours to cut. */
static bool check_first(const struct plan_journal *journal, const char *line, size_t length,
			bool whole, const char *identity, struct error *error)
{
	size_t head = strlen(format), kept = length < head ? length : head;

	if (memcmp(line, format, kept) != 0 || (whole && length < head))
		return error_set(error, ERROR_INPUT,
				 "%s: this keeps no looks of a plan; it is left as it is",
				 journal->path);
	line += kept;
	length -= kept;
	if (strncmp(line, identity, length) != 0 || (whole && strlen(identity) != length))
		return error_set(error, ERROR_INPUT,
				 "%s: these looks are of another plan, scenario or "
				 "version of sim; name another file",
				 journal->path);
	return true;
}

/* All whole lines; what is behind them is cut off. */
static bool read_lines(struct plan_journal *journal, const char *identity, struct error *error)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	long end = 0;
	bool ok = true, whole;

	for (size_t number = 0; ok; number++) {
		length = getline(&line, &size, journal->file);
		if (length <= 0) {
			/* nothing is cut off a file that was not read to its end */
			ok = feof(journal->file) ||
			     error_set(error, ERROR_INPUT, "%s: cannot be read: %s", journal->path,
				       strerror(errno));
			break;
		}
		whole = line[length - 1] == '\n';
		if (number == 0)
			ok = check_first(journal, line, (size_t)(length - whole), whole, identity,
					 error);
		if (!ok || !whole)
			break;
		line[length - 1] = '\0';
		end += length;
		if (number == 0)
			continue;
		ok = memory_grow(&journal->lines, &journal->line_capacity, journal->line_count + 1,
				 sizeof(*journal->lines), "looks", error);
		if (!ok)
			break;
		journal->lines[journal->line_count] = memory_text(line, error);
		ok = journal->lines[journal->line_count] != NULL;
		journal->line_count += ok;
	}
	free(line);
	if (!ok)
		return false;
	if (ftruncate(fileno(journal->file), end) != 0 || fseek(journal->file, end, SEEK_SET) != 0)
		return fail(journal, "cannot be written", error);
	if (end)
		return true;
	return (fprintf(journal->file, "%s%s", format, identity) > 0 ||
		fail(journal, "cannot be written", error)) &&
	       finish_line(journal, error);
}

struct plan_journal *plan_journal_open(const char *path, const char *identity, struct error *error)
{
	struct plan_journal *journal = memory_array(1, sizeof(*journal), "looks", error);
	struct stat status;

	if (!journal)
		return NULL;
	journal->path = memory_text(path, error);
	if (!journal->path)
		goto failed;
	if (!files_check_output(path, error))
		goto failed;
	journal->file = fopen(path, "a+e");
	if (!journal->file) {
		fail(journal, "cannot be opened", error);
		goto failed;
	}
	if (fstat(fileno(journal->file), &status) != 0 || !S_ISREG(status.st_mode)) {
		error_set(error, ERROR_INPUT, "%s: looks are kept in a regular file", path);
		goto failed;
	}
	if (flock(fileno(journal->file), LOCK_EX | LOCK_NB) != 0) {
		error_set(error, ERROR_INPUT, "%s: another plan writes it", path);
		goto failed;
	}
	rewind(journal->file);
	if (read_lines(journal, identity, error))
		return journal;
failed:
	plan_journal_close(journal);
	return NULL;
}

void plan_journal_close(struct plan_journal *journal)
{
	if (!journal)
		return;
	for (size_t i = 0; i < journal->line_count; i++)
		free(journal->lines[i]);
	free(journal->lines);
	if (journal->file)
		fclose(journal->file); /* each line was flushed */
	free(journal->path);
	free(journal);
}

/* --- a look as a line ------------------------------------------------------------------------ */

static void key_text(char text[128], const struct plan_journal_key *key)
{
	snprintf(text, 128, "%zu %lld %a %d ", key->search, (long long)key->value, key->alpha,
		 key->fresh);
}

/* The next number; false: there is none. */
static bool next(const char **at, double *value)
{
	char *end;

	*value = strtod(*at, &end);
	if (end == *at)
		return false;
	*at = end;
	return true;
}

bool plan_journal_find(const struct plan_journal *journal, const struct plan_journal_key *key,
		       size_t limits, struct plan_point *point)
{
	char wanted[128];
	const char *at = NULL;
	double replications, verdict, binding;
	bool whole;

	key_text(wanted, key);
	for (size_t i = 0; i < journal->line_count && !at; i++)
		if (strncmp(journal->lines[i], wanted, strlen(wanted)) == 0)
			at = journal->lines[i] + strlen(wanted);
	whole = at && next(&at, &replications) && next(&at, &verdict) && next(&at, &binding);
	for (size_t i = 0; whole && i < limits; i++) {
		struct limit_bounds *bounds = &point->bounds[i];

		whole = next(&at, &bounds->low) && next(&at, &bounds->estimate) &&
			next(&at, &bounds->high) && next(&at, &bounds->limit) &&
			next(&at, &bounds->observed) && next(&at, &bounds->needed);
	}
	if (!whole || !(replications >= 1 && replications < 1e15) ||
	    !(verdict >= LIMIT_MET && verdict <= LIMIT_UNDECIDED) ||
	    !(binding >= 0 && binding < (double)limits))
		return false;
	point->replications = (uint64_t)replications;
	point->verdict = (enum judgement)(int)verdict;
	point->binding = (size_t)binding;
	return true;
}

bool plan_journal_add(struct plan_journal *journal, const struct plan_journal_key *key,
		      size_t limits, const struct plan_point *point, struct error *error)
{
	char text[128];

	key_text(text, key);
	fprintf(journal->file, "%s%llu %d %zu", text, (unsigned long long)point->replications,
		(int)point->verdict, point->binding);
	for (size_t i = 0; i < limits; i++) {
		const struct limit_bounds *bounds = &point->bounds[i];

		fprintf(journal->file, " %a %a %a %a %a %a", bounds->low, bounds->estimate,
			bounds->high, bounds->limit, bounds->observed, bounds->needed);
	}
	return finish_line(journal, error);
}
