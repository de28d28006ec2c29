#ifndef SIM_DRAW_TERMINAL_H
#define SIM_DRAW_TERMINAL_H

/* Pictures of characters: how large, and the words around them. */

#include "draw/picture.h"

struct terminal_size {
	int columns, lines;
};

/*
 * COLUMNS and LINES of the environment, else those of the terminal that standard output is, else
 * 80 columns. Lines are those of a picture that looks right in the columns, and fits.
 */
struct terminal_size terminal_size(void);

/* The title above and the caption below what was drawn, broken into lines of that width. */
void terminal_write(const struct picture *picture, struct terminal_size size, const char *drawn,
		    FILE *out);

#endif
