#include "draw/svg.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/text_tools.h"

/* What pictures are drawn with, and what takes its place on dark ground. */
static const struct {
	unsigned light, dark;
} colours[] = {
	{ 0xffffff, 0x161616 },                                                 /* ground */
	{ 0x000000, 0xf2f2f2 }, { 0x222222, 0xe6e6e6 }, { 0x444444, 0xb4b4b4 }, /* text, axes */
	{ 0x555555, 0xb8b8b8 }, { 0xd8d8d8, 0x3a3a3a }, { 0xe8e8e8, 0x333333 }, /* grid, bands */
	{ 0x0072b2, 0x4aa8e0 }, { 0xd55e00, 0xf08a4b }, { 0x009e73, 0x37c59a }, /* lines, bars */
	{ 0xcc79a7, 0xe5a3c6 }, { 0xe69f00, 0xf2b632 }, { 0x56b4e9, 0x9ad6fa },
	{ 0x999999, 0xa8a8a8 },
};
enum { COLOURS = sizeof(colours) / sizeof(colours[0]) };

static const char *const painted[] = { "fill", "stroke", "color" };
enum { PAINTED = sizeof(painted) / sizeof(painted[0]) };

void svg_write_dark_rules(FILE *out)
{
	fputs("@media screen and (prefers-color-scheme:dark){", out);
	for (size_t i = 0; i < COLOURS; i++)
		for (size_t k = 0; k < PAINTED; k++)
			fprintf(out, "[%s=\"#%06x\"]{%s:#%06x}", painted[k], colours[i].light,
				painted[k], colours[i].dark);
	fputs("}", out);
}

/* The length of a word that a text begins with; 0: it does not. */
static size_t begins_with(const char *text, const char *word)
{
	size_t length = 0;

	while (word[length] && text[length] == word[length])
		length++;
	return word[length] ? 0 : length;
}

/* "213,  94,   0)" */
static bool read_parts(const char *text, unsigned *colour)
{
	*colour = 0;
	for (int i = 0; i < 3; i++) {
		char *end;
		unsigned long part = strtoul(text, &end, 10);

		if (end == text || part > 255 || *end != (i < 2 ? ',' : ')'))
			return false;
		*colour = *colour << 8 | (unsigned)part;
		text = end + 1;
	}
	return true;
}

/* The colour that a value of an attribute names: "rgb(0, 114, 178)", "#0072b2", "black". */
static bool read_colour(const char *value, unsigned *colour)
{
	if (begins_with(value, "rgb("))
		return read_parts(value + strlen("rgb("), colour);
	if (*value == '#' && strspn(value + 1, "0123456789abcdefABCDEF") == 6) {
		*colour = (unsigned)strtoul(value + 1, NULL, 16);
		return true;
	}
	*colour = begins_with(value, "white") ? 0xffffff : 0;
	return *colour || begins_with(value, "black");
}

/*
 * At an attribute that names a colour: write it as the rules know it, and return its length; 0:
 * there is none. gnuplot writes blanks around "=" and within, by version.
 */
static size_t write_colour(const char *at, FILE *out)
{
	for (size_t k = 0; k < PAINTED; k++) {
		size_t length = begins_with(at, painted[k]);
		const char *end;
		unsigned colour;

		if (!length)
			continue;
		length += strspn(at + length, " ");
		if (at[length] != '=')
			return 0;
		length += 1 + strspn(at + length + 1, " ");
		if (at[length] != '"' && at[length] != '\'')
			return 0;
		end = strchr(at + length + 1, at[length]);
		if (!end || !read_colour(at + length + 1, &colour))
			return 0;
		fprintf(out, "%s=\"#%06x\"", painted[k], colour);
		return (size_t)(end + 1 - at);
	}
	return 0;
}

/* At an element that says nothing of the picture: its length, else 0. */
static size_t skip_element(const char *at)
{
	static const char *const names[] = { "title", "desc" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char begin[16], end[16];
		const char *behind;

		snprintf(begin, sizeof(begin), "<%s>", names[i]);
		snprintf(end, sizeof(end), "</%s>", names[i]);
		behind = begins_with(at, begin) ? strstr(at, end) : NULL;
		if (behind)
			return (size_t)(behind - at) + strlen(end);
	}
	return 0;
}

static size_t write_identifier(const char *at, const char *name, FILE *out)
{
	static const char *const identifiers[] = { "gnuplot_", "gpPt", "gpDot", "textbox",
						   "greybox" };

	if (!strchr("'\"#", at[-1]))
		return 0;
	for (size_t i = 0; i < sizeof(identifiers) / sizeof(identifiers[0]); i++) {
		size_t length = begins_with(at, identifiers[i]);

		if (!length)
			continue;
		fprintf(out, "%s%s", name, identifiers[i]);
		return length;
	}
	return 0;
}

/* All behind "<svg", which has been written. */
static void write_rest(const char *at, const char *name, FILE *out)
{
	bool in_tag = true;

	while (*at) {
		size_t length = 0;

		if (*at == '<' || *at == '>')
			in_tag = *at == '<';
		if (*at == '<')
			length = skip_element(at);
		else if (in_tag && strchr(" \t\n", at[-1]))
			length = write_colour(at, out);
		if (!length && in_tag)
			length = write_identifier(at, name, out);
		if (!length) {
			fputc(*at, out);
			length = 1;
		}
		at += length;
		if (at[-1] == '>')
			in_tag = false;
	}
}

/* A title of several lines is read as one. */
static void write_named(const char *svg, const char *label, FILE *out)
{
	char line[1024];

	fwrite(svg, 1, strlen("<svg"), out);
	fputs(" role=\"img\" aria-label=\"", out);
	for (size_t length; *label; label += length + (label[length] == '\n')) {
		length = strcspn(label, "\n");
		snprintf(line, sizeof(line), "%.*s%s", (int)length, label,
			 label[length] ? ": " : "");
		print_html(out, line);
	}
	fputs("\"", out);
}

void svg_write_alone(const char *svg, const char *label, FILE *out)
{
	const char *start = strstr(svg, "<svg"), *inside = start ? strchr(start, '>') : NULL;

	if (!inside) { /* not as gnuplot writes it: as it is */
		fputs(svg, out);
		return;
	}
	fwrite(svg, 1, (size_t)(start - svg), out);
	write_named(start, label, out);
	fwrite(start + strlen("<svg"), 1, (size_t)(inside + 1 - start) - strlen("<svg"), out);
	fputs("\n<style>", out);
	svg_write_dark_rules(out);
	fputs("</style>", out);
	write_rest(inside + 1, "", out);
}

void svg_write_in_page(const char *svg, const char *name, const char *label, FILE *out)
{
	const char *start = strstr(svg, "<svg");

	if (!start)
		return;
	write_named(start, label, out);
	write_rest(start + strlen("<svg"), name, out);
}
