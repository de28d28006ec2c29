#ifndef SIM_FOREIGN_WORDS_H
#define SIM_FOREIGN_WORDS_H

/* Words of a line of text. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

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
