/*
 * The VM table of 2017 as reduced by the authors of trace_generation_rnn: for each interval of 5
 * minutes the flavours that arrived, in a second file their lifetimes as bins; maps name both.
 * U12: ended, after a time in bin 12; C12: still ran at the trace's end, for so long.
 */

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "import/import.h"

enum { INTERVAL_S = 300, BINS_MOST = 1024 };

struct flavour {
	double vcpus, memory_gib; /* vcpus 0: there is none of this letter */
};

struct maps {
	struct flavour flavours[UCHAR_MAX + 1];
	int64_t begin_s[BINS_MOST + 1]; /* of each bin; a bin ends where the next begins */
	size_t bins;
};

/* `at` moves behind blanks, behind a number; false: there is none, or it is too large. */
static const char *skip_blanks(const char **at)
{
	return *at += strspn(*at, " \t");
}

static bool take_whole(const char **at, long long *value)
{
	char *end;

	errno = 0;
	*value = strtoll(*at, &end, 10);
	if (end == *at || errno)
		return false;
	*at = end;
	return true;
}

static bool take_number(const char **at, double *value)
{
	char *end;

	errno = 0;
	*value = strtod(*at, &end);
	if (end == *at || errno)
		return false;
	*at = end;
	return true;
}

/* Lines "CORES,GIB LETTER". */
static bool read_flavours(struct maps *maps, const char *path, struct error *error)
{
	struct lines lines;

	if (!lines_open(&lines, path, error))
		return false;
	while (lines_next(&lines)) {
		struct flavour flavour = { 0 };
		const char *at = lines.text;
		char letter = '\0';
		bool sized;

		if (!*lines.text)
			continue;
		sized = take_number(&at, &flavour.vcpus) && *at++ == ',' &&
			take_number(&at, &flavour.memory_gib) && flavour.vcpus > 0;
		if (sized)
			letter = *skip_blanks(&at);
		if (!isalpha((unsigned char)letter) || (at++, *skip_blanks(&at)))
			lines_error(&lines,
				    "a line \"VCPUS,GIB LETTER\" is needed (flav_map.txt is "
				    "the third file)");
		else
			maps->flavours[(unsigned char)letter] = flavour;
	}
	lines_close(&lines);
	return error->kind == ERROR_NONE;
}

/* Lines "SECONDS BIN", by seconds: a lifetime of so many seconds belongs to that bin. */
static bool read_bins(struct maps *maps, const char *path, struct error *error)
{
	long long begin, bin, last = 0;
	struct lines lines;

	if (!lines_open(&lines, path, error))
		return false;
	while (lines_next(&lines)) {
		const char *at = lines.text;

		if (!*lines.text)
			continue;
		if (!take_whole(&at, &begin) || !take_whole(&at, &bin) || *skip_blanks(&at) ||
		    begin < last || begin > 1000000000 || bin < 0 || bin > (long long)maps->bins ||
		    bin + 1 < (long long)maps->bins || bin >= BINS_MOST)
			lines_error(&lines, "a line \"SECONDS BIN\" is needed, both rising "
					    "(v1.interval_map.txt is the fourth file)");
		else if (bin == (long long)maps->bins)
			maps->begin_s[maps->bins++] = begin;
		last = begin + INTERVAL_S;
	}
	if (error->kind == ERROR_NONE && !maps->bins)
		lines_error(&lines, "the file is empty");
	maps->begin_s[maps->bins] = last;
	lines_close(&lines);
	return error->kind == ERROR_NONE;
}

/* The next word of "b,|,b,..." without separators of batches; false: none is left. */
static bool next_word(char **text, char **word)
{
	do {
		*word = strsep(text, ",");
	} while (*word && (!**word || strcmp(*word, "|") == 0));
	return *word != NULL;
}

/* Where in its interval and bin a VM is, is drawn: the files do not tell. */
static bool add_vm(struct import *import, const struct maps *maps, const struct lines *lines,
		   int64_t interval_ns, const char *letter, const char *lifetime)
{
	const struct flavour *flavour = &maps->flavours[(unsigned char)*letter];
	struct vm vm = { .end_ns = OUTLIVES };
	double u[2] = { 0 };
	const char kind = *lifetime, *at = lifetime + (kind != '\0');
	long long bin;

	if (letter[1] || flavour->vcpus <= 0)
		return lines_error(lines, "there is no flavour \"%.8s\" in the third file", letter);
	if (!take_whole(&at, &bin) || *at || (kind != 'U' && kind != 'C') || bin < 0 ||
	    bin >= (long long)maps->bins)
		return lines_error(lines,
				   "\"%.16s\" is no lifetime of a bin (U or C and its number)",
				   lifetime);
	if (import->options->spread_ns > 0)
		import_draw(import, u);
	vm.arrival_ns = interval_ns + (int64_t)(u[0] * INTERVAL_S * IMPORT_NS);
	if (kind == 'U')
		vm.end_ns = vm.arrival_ns + maps->begin_s[bin] * IMPORT_NS +
			    (int64_t)(u[1] * (double)(maps->begin_s[bin + 1] - maps->begin_s[bin]) *
				      IMPORT_NS);
	return !import_sizes(import, lines, flavour->vcpus, flavour->memory_gib * 0x1p30, &vm) ||
	       import_add(import, lines, vm);
}

/* One line of each file: "TIME WORD,WORD,|,WORD". */
static bool read_interval(struct import *import, const struct maps *maps, struct lines *flavours,
			  struct lines *lifetimes, int64_t *begin_s)
{
	char *letters = strchr(flavours->text, ' '), *bins = strchr(lifetimes->text, ' ');
	const char *at = flavours->text, *at_too = lifetimes->text;
	char *letter, *bin;
	long long time, time_too;
	bool more;

	if (!letters || !bins || !take_whole(&at, &time) || at != letters ||
	    !take_whole(&at_too, &time_too) || at_too != bins || time != time_too || time < 0 ||
	    time > 1000000000)
		return lines_error(lifetimes, "the two files do not belong together: a time and "
					      "then words are needed, the same time in both");
	if (*begin_s < 0)
		*begin_s = time;
	letters++, bins++;
	while ((more = next_word(&letters, &letter)) == next_word(&bins, &bin)) {
		char name[48];

		if (!more)
			return true;
		import->rows++;
		snprintf(name, sizeof(name), "%zu", import->rows);
		if (import_in_share(import, import_hash(0, name)) &&
		    !add_vm(import, maps, flavours, (time - *begin_s) * IMPORT_NS, letter, bin))
			return false;
	}
	return lines_error(lifetimes, "there are not as many lifetimes here as flavours in %s",
			   flavours->path);
}

static bool read_both(struct import *import, const struct maps *maps, const char *const *paths)
{
	struct lines flavours, lifetimes;
	int64_t begin_s = -1;
	bool ok, more;

	if (!lines_open(&flavours, paths[0], import->error))
		return false;
	ok = lines_open(&lifetimes, paths[1], import->error);
	while (ok) {
		more = lines_next(&flavours);
		ok = lines_next(&lifetimes) == more && import->error->kind == ERROR_NONE;
		if (!ok)
			lines_error(&lifetimes, "the two files have not the same number of lines");
		if (!more)
			break;
		ok = ok && read_interval(import, maps, &flavours, &lifetimes, &begin_s);
	}
	lines_close(&lifetimes);
	lines_close(&flavours);
	return ok && import->error->kind == ERROR_NONE;
}

bool azure_bins_read(struct import *import, const char *const *paths, size_t count)
{
	struct maps maps = { 0 };

	(void)count;
	import_remark(import, "lifetimes are drawn within their bins, arrivals within 5 min");
	return read_flavours(&maps, paths[2], import->error) &&
	       read_bins(&maps, paths[3], import->error) && read_both(import, &maps, paths);
}
