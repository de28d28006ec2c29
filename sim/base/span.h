#ifndef SIM_BASE_SPAN_H
#define SIM_BASE_SPAN_H

/* Parts of a text, and where its lines may be broken. Private to the layout. */

#include <stddef.h>

/* Some bytes of a text that is visible (base/visible.h): a character is a column. */
struct span {
	const char *at;
	size_t length;
};

int span_columns(struct span span);

/* How many blanks it begins with. */
size_t span_blanks(struct span span);

/* Without what goes before byte `from`; without the blanks at its end. */
struct span span_rest(struct span span, size_t from);
struct span span_trimmed(struct span span);

/* The word that begins at byte `from`. */
struct span span_word(struct span span, size_t from);

/*
 * The end of what stays together from byte `from` on, blanks before it included: a word; a quantity ("2 min 13 s"); a
 * range of two of them.
 */
size_t span_piece_end(struct span span, size_t from);

/* What fits in `width` columns of the beginning, at least one piece, without the blanks behind. */
struct span span_fitting(struct span span, int width);

/* The next line of a text, without its newline; *text is behind it then. */
struct span span_line(const char **text);

#endif
