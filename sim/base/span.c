#include "base/span.h"

#include <stdbool.h>
#include <string.h>

int span_columns(struct span span)
{
	int columns = 0;

	for (size_t i = 0; i < span.length; i++)
		columns += ((unsigned char)span.at[i] & 0xc0) != 0x80;
	return columns;
}

size_t span_blanks(struct span span)
{
	size_t count = 0;

	while (count < span.length && span.at[count] == ' ')
		count++;
	return count;
}

struct span span_rest(struct span span, size_t from)
{
	return (struct span){ span.at + from, span.length - from };
}

struct span span_trimmed(struct span span)
{
	while (span.length && span.at[span.length - 1] == ' ')
		span.length--;
	return span;
}

struct span span_word(struct span span, size_t from)
{
	struct span word = { span.at + from, 0 };

	while (from + word.length < span.length && word.at[word.length] != ' ')
		word.length++;
	return word;
}

static bool is_dots(struct span word)
{
	return word.length == 2 && memcmp(word.at, "..", 2) == 0;
}

static bool is_numeric(struct span word)
{
	static const char digits[] = "(+-.0123456789";

	for (size_t i = 0; i < word.length; i++)
		if (!strchr(digits, word.at[i]))
			return false;
	return word.length > 0;
}

/* Two words of a quantity: "7.865 s", "95 %", "2 min 13 s"; behind a unit may stand marks: "s)". */
static bool is_quantity(struct span word, struct span next)
{
	static const char *const units[] = { "ns", "us", "ms",  "s",   "min", "h",
					     "d",  "%",  "x",   "B",   "kB",  "MB",
					     "GB", "TB", "KiB", "MiB", "GiB", "TiB" };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t length = strlen(units[i]);

		if (is_numeric(word) && next.length >= length && next.length <= length + 2 &&
		    memcmp(next.at, units[i], length) == 0)
			return true;
	}
	return is_numeric(next) && ((word.length == 3 && memcmp(word.at, "min", 3) == 0) ||
				    (word.length == 1 && strchr("hd", *word.at)));
}

size_t span_piece_end(struct span span, size_t from)
{
	size_t at = from + span_blanks(span_rest(span, from));
	struct span word = span_word(span, at);

	at += word.length;
	while (at < span.length) {
		size_t next = at + span_blanks(span_rest(span, at));
		struct span behind = span_word(span, next);

		if (!is_dots(word) && !is_dots(behind) && !is_quantity(word, behind))
			break;
		word = behind;
		at = next + behind.length;
	}
	return at;
}

struct span span_fitting(struct span span, int width)
{
	struct span fit = { span.at, 0 };

	while (fit.length < span.length) {
		struct span more = { span.at, span_piece_end(span, fit.length) };

		if (fit.length && span_columns(span_trimmed(more)) > width)
			break;
		fit = more;
	}
	return span_trimmed(fit);
}

struct span span_line(const char **text)
{
	size_t length = strcspn(*text, "\n");
	struct span line = { *text, length };

	*text += length + ((*text)[length] == '\n');
	return line;
}
