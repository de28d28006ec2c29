#include "draw/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_LEAST = 40, COLUMNS_MOST = 400, LINES_LEAST = 16, LINES_MOST = 60, WORDS = 6 };

/* A whole number of the environment; 0: there is none. */
static int number_in(const char *variable)
{
	const char *text = getenv(variable);
	char *end;
	long number = text ? strtol(text, &end, 10) : 0;

	return text && end != text && !*end && number > 0 && number < 100000 ? (int)number : 0;
}

static int within(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

struct terminal_size terminal_size(void)
{
	struct winsize window = { 0 };
	struct terminal_size size = { number_in("COLUMNS"), number_in("LINES") };
	int fitting;

	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0) {
		size.columns = size.columns ? size.columns : window.ws_col;
		size.lines = size.lines ? size.lines : window.ws_row;
	}
	size.columns = within(size.columns ? size.columns : 80, COLUMNS_LEAST, COLUMNS_MOST);
	fitting = size.columns * 3 / 10;
	if (size.lines && size.lines - WORDS < fitting)
		fitting = size.lines - WORDS;
	size.lines = within(fitting, LINES_LEAST, LINES_MOST);
	return size;
}

/* A text in lines of at most that many columns, broken between words where they allow it. */
static void write_wrapped(const char *text, size_t columns, FILE *out)
{
	while (*text) {
		size_t length = 0, last_break = 0, width = 0;

		while (text[length] && text[length] != '\n' && width < columns) {
			if (text[length] == ' ')
				last_break = length;
			length++;
			while (((unsigned char)text[length] & 0xc0) == 0x80) /* of the same one */
				length++;
			width++;
		}
		if (text[length] && text[length] != '\n' && text[length] != ' ' && last_break)
			length = last_break;
		fwrite(text, 1, length, out);
		fputc('\n', out);
		text += length;
		text += *text == '\n' || *text == ' ';
	}
}

void terminal_write(const struct picture *picture, struct terminal_size size, const char *drawn,
		    FILE *out)
{
	size_t columns = (size_t)size.columns;

	write_wrapped(picture->title, columns, out);
	fputc('\n', out);
	write_wrapped(picture->y_label, columns, out);
	while (*drawn == '\n' || *drawn == '\f')
		drawn++;
	/* gnuplot pads its lines and ends with a form feed */
	while (*drawn) {
		size_t length = strcspn(drawn, "\n\f"), used = length;

		while (used && drawn[used - 1] == ' ')
			used--;
		fwrite(drawn, 1, used, out);
		drawn += length;
		if (*drawn) {
			drawn++;
			fputc('\n', out);
		}
	}
	write_wrapped(picture->caption, columns, out);
}
