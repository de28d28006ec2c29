#ifndef SIM_FOREIGN_LINES_H
#define SIM_FOREIGN_LINES_H

/* Lines of a text file in bounded memory, and words of a line. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

enum { LINE_LONGEST = 1 << 16 };

struct lines {
	FILE *file;
	const char *path;
	char *buffer; /* of LINE_LONGEST + 1 bytes */
	size_t begin, end;
	size_t number; /* of the line that was given last */
	bool at_end;
};

/* `path` is borrowed; "-" is standard input. Errors name it. lines_fini() is for both outcomes. */
bool lines_open(struct lines *lines, const char *path, struct error *error);

/*
 * The next line without its end (LF or CR LF); it may be changed and lives until the next call.
 * False at the end, and with an error of a line that is no text: zero bytes, or too long.
 */
bool lines_next(struct lines *lines, char **line, struct error *error);
void lines_fini(struct lines *lines);

/* "path:line: error: message". Returns false. */
bool line_error(const char *path, size_t number, struct error *error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Behind blanks and tabs. */
char *skip_blanks(const char *at);

/* `at` moves behind `text` when it begins so. */
bool take_text(char **at, const char *text);

/* `at` moves behind a number without a sign (decimal, no exponent), which is finite. */
bool take_number(char **at, double *value);

/* `at` moves behind the word (up to a blank), which ends with a zero now. "": the line ends. */
char *take_word(char **at);

/* Cut blanks and tabs off the end. */
void trim_end(char *text);

#endif
