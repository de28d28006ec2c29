#ifndef SIM_DRAW_PICTURE_H
#define SIM_DRAW_PICTURE_H

/*
 * A picture: numbers and names in a table, drawn by gnuplot with one of the fixed scripts
 * in scripts/gnuplot. gnuplot is started without a shell, with an empty environment and no
 * start-up file; texts reach it as arguments and cells of the table, cleaned by
 * picture_text, and are drawn as they are. Files that it writes have names of our own.
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

enum { PICTURE_TEXT = 256 };

struct picture {
	const char *script;           /* of scripts/gnuplot: "lines.gp", "bars.gp" ... */
	char title[2 * PICTURE_TEXT]; /* one line or two */
	char x_label[PICTURE_TEXT], y_label[PICTURE_TEXT];
	char caption[PICTURE_TEXT];
	char options[2 * PICTURE_TEXT]; /* words that the script knows; never a user's text */
	int name_columns;               /* of the longest name in the table */
	int series;                     /* lines, parts of a bar, or rows: as the script says */
	FILE *table;                    /* while it is filled */
	char *text;                     /* the table; owned */
	size_t size;
};

bool picture_begin(struct picture *picture, struct error *error);
void picture_fini(struct picture *picture);

/* Text for labels and cells: valid UTF-8, no control characters, no double quotes. */
void picture_text(char *out, size_t size, const char *text);

/* The same, printed into the table, with a second backslash before each. */
void picture_cell(struct picture *picture, const char *text);

/* A number, or "?" for what does not exist. */
void picture_number(struct picture *picture, double value);

/* Add a word, or "word=value", to the options. */
void picture_option(struct picture *picture, const char *word);
void picture_option_value(struct picture *picture, const char *word, double value);

/*
 * Draw into `path` ("-": standard output), by its ending svg, png, pdf or txt; `format`
 * (NULL: none) overrides the ending. A picture of characters is as wide as COLUMNS or the terminal
 * say; an SVG has colours for light and for dark ground. The table, and above it what its columns
 * are, is kept in `data_path` unless that is NULL. When gnuplot is missing or fails, it is left at
 * `data_path`, or at path.tsv, and the error (ERROR_OUTPUT) says so. `scripts` is the folder of the
 * scripts.
 */
bool picture_draw(struct picture *picture, const char *scripts, const char *path,
		  const char *format, const char *data_path, struct error *error);

/*
 * Draw as SVG to stand inside of an HTML page: without a prologue, with `label` as its
 * accessible name, and with identifiers of its own (they begin with `name`, letters). The page
 * has the rules for dark ground (draw/svg.h). The caller frees it; NULL: an error is set.
 */
char *picture_svg(struct picture *picture, const char *scripts, const char *name, const char *label,
		  struct error *error);

#endif
