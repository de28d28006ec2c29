#ifndef SIM_DRAW_TERMINAL_H
#define SIM_DRAW_TERMINAL_H

/* Pictures of characters: how large, and the words around them. */

#include "draw/picture.h"

struct terminal_size {
	int columns, lines;
};

/* As base/terminal.h says of standard output, with lines of a picture that looks right in them, and fits. */
struct terminal_size terminal_size(void);

/* The title above and the caption below what was drawn, broken into lines of that width. */
void terminal_write(const struct picture *picture, struct terminal_size size, const char *drawn,
		    FILE *out);

#endif
