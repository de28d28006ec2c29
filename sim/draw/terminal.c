#include "draw/terminal.h"

#include <string.h>

#include "base/terminal.h"

enum { COLUMNS_MOST = 400, LINES_LEAST = 16, LINES_MOST = 60, WORDS = 6 };

static int within(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

struct terminal_size terminal_size(void)
{
	struct terminal_size size = { within(terminal_width(stdout), 0, COLUMNS_MOST),
				      terminal_height(stdout) };
	int fitting = size.columns * 3 / 10;

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
	char axis[PICTURE_TEXT];

	write_wrapped(picture->title, columns, out);
	fputc('\n', out);
	snprintf(axis, sizeof(axis), "%.*s", (int)strcspn(picture->y_label, "\t"),
		 picture->y_label); /* of several panels there is room for the first */
	write_wrapped(axis, columns, out);
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
