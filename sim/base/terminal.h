#ifndef SIM_BASE_TERMINAL_H
#define SIM_BASE_TERMINAL_H

#include <stdio.h>

/* The columns of what goes to `out`: $COLUMNS, else its terminal's, else 80; from 40 to 1000. */
int terminal_width(FILE *out);

/* Its lines: $LINES, else its terminal's; 0: nothing says how many. */
int terminal_height(FILE *out);

#endif
