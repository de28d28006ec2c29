#include "base/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL_WIDTH = 80, LEAST_WIDTH = 40, MOST_WIDTH = 1000 };

static long number_in(const char *variable)
{
	const char *text = getenv(variable);

	return text ? strtol(text, NULL, 10) : 0;
}

/* All zero where `out` is no terminal. */
static struct winsize window_of(FILE *out)
{
	struct winsize size = { 0 };

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) != 0)
		return (struct winsize){ 0 };
	return size;
}

int terminal_height(FILE *out)
{
	long height = number_in("LINES");

	if (height <= 0)
		height = window_of(out).ws_row;
	return (int)(height > MOST_WIDTH ? MOST_WIDTH : height);
}

int terminal_width(FILE *out)
{
	long width = number_in("COLUMNS");

	if (width <= 0)
		width = window_of(out).ws_col;
	if (width <= 0)
		width = USUAL_WIDTH;
	return (int)(width < LEAST_WIDTH ? LEAST_WIDTH : width > MOST_WIDTH ? MOST_WIDTH : width);
}
