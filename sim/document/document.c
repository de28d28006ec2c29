#include "document/document.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/visible.h"
#include "document/data_folder.h"
#include "document/page_data.h"

enum { SIZE_LIMIT = 8 << 20, PIECE = 1 << 16 };

/* --- reading -------------------------------------------------------------- */

static bool read_all(int file, const char *path, char **text, size_t *length, struct error *error)
{
	size_t capacity = 0;

	*text = NULL;
	*length = 0;
	for (;;) {
		ssize_t got;

		if (!memory_grow(text, &capacity, *length + PIECE + 1, 1, "file", error))
			return false;
		got = read(file, *text + *length, PIECE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return file_error(path, error, "cannot read: %s", strerror(errno));
		if (got == 0)
			break;
		*length += (size_t)got;
		if (*length > SIZE_LIMIT)
			return file_error(path, error, "larger than 8 MiB");
	}
	(*text)[*length] = '\0';
	return true;
}

/* --- parsing -------------------------------------------------------------- */

bool document_depth_fits(const char *text, const char **bad)
{
	bool string = false;
	size_t depth = 0;

	for (const char *at = text; *at; at++) {
		if (string) {
			if (*at == '\\' && at[1])
				at++;
			else if (*at == '"')
				string = false;
		} else if (*at == '"') {
			string = true;
		} else if (*at == '{' || *at == '[') {
			*bad = at;
			if (++depth > DEPTH_LIMIT)
				return false;
		} else if ((*at == '}' || *at == ']') && depth) {
			depth--;
		}
	}
	return true;
}

/* An error at a byte of the text, before there are values that have pointers. */
static bool text_error(const struct document *document, const char *at, struct error *error,
		       const char *message)
{
	size_t line = 1, column = 1;

	for (const char *c = document->text; c < at; c++) {
		if (*c == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)*c & 0xc0) != 0x80) {
			column++;
		}
	}
	return document_place_error(document, line, column, error, message, "");
}

/* A word that is none of JSON's, where the parser has stopped behind it. */
static bool is_bare_name(const struct document *document, const char *at)
{
	while (at > document->text && (isalnum((unsigned char)*at) || *at == '_'))
		at--;
	while (at > document->text && strchr(" \t\r\n", *at))
		at--;
	return *at == '{' || *at == ',' || *at == ':';
}

/* A first line of words with commas between. */
static bool is_table(const char *begin)
{
	size_t length = strcspn(begin, "\r\n");

	return memchr(begin, ',', length) && strcspn(begin, "{}[]:\"'") >= length;
}

/* What JSON's most common mistakes need; the parser's own words come first. */
static const char *hint_for(const struct document *document, const json_error_t *failure)
{
	const char *end = document->text + failure->position, *begin;

	switch (json_error_code(failure)) {
	case json_error_end_of_input_expected:
		return "a file holds one scenario";
	case json_error_premature_end_of_input:
		return "a bracket, a brace or a quotation mark is not closed";
	case json_error_numeric_overflow:
		return "whole numbers end at 2^63 - 1, others at about 1.8e308";
	case json_error_invalid_utf8:
		return "save the file as UTF-8";
	case json_error_invalid_syntax:
		break;
	default:
		return "";
	}
	if ((size_t)failure->position > document->length || failure->position < 1)
		return "";
	begin = document->text + strspn(document->text, " \t\r\n");
	if (is_table(begin))
		return "this looks like a table; a fleet's trace is named by a scenario "
		       "(/fleet/trace), measurements are of sim explain --observations or sim fit";
	if (isalpha((unsigned char)*begin) || strncmp(begin, "---", 3) == 0 ||
	    strncmp(begin, "- ", 2) == 0)
		return "this looks like YAML; scenarios are JSON: { \"name\": \"...\", ... }";
	if (*begin == '<')
		return "this looks like XML; scenarios are JSON (`sim import` reads libvirt "
		       "domains)";
	/* The parser has just read the bracket: is there a comma before it? */
	end--;
	if (*end == '\'')
		return "JSON has its names and strings in double quotation marks: \"name\"";
	if (*end == '/' || *end == '#')
		return "JSON has no comments; keys that begin with \"//\" are remarks";
	if (*begin == '{' && is_bare_name(document, end))
		return "JSON has its names and strings in double quotation marks: \"name\"";
	if (*end != '}' && *end != ']')
		return "";
	while (end > document->text && strchr(" \t\r\n", end[-1]))
		end--;
	return end > document->text && end[-1] == ',' ? "no comma before a closing bracket" : "";
}

/* A byte order mark of UTF-16, or every other byte of the first two characters is zero. */
static bool is_utf16(const struct document *document)
{
	const char *text = document->text;

	return strncmp(text, "\xff\xfe", 2) == 0 || strncmp(text, "\xfe\xff", 2) == 0 ||
	       (document->length >= 4 && (!text[0] != !text[1]) && !text[0] == !text[2] &&
		!text[1] == !text[3]);
}

/* Of a page its result stays, and what stands beside it has a text of its own. */
static bool check_page(struct document *document, struct error *error)
{
	const char *text = document->text;

	document->beside = memory_text(text, error);
	if (!document->beside)
		return false;
	if (!page_data_keep(document->beside, page_data_comparison)) {
		free(document->beside);
		document->beside = NULL;
	}
	return page_data_keep(document->text, page_data_result) ||
	       text_error(document, text + strspn(text, " \t\r\n"), error,
			  "this is HTML, and no page of sim report that holds its result; "
			  "a JSON file is needed");
}

static bool check_text(struct document *document, struct error *error)
{
	const char *text = document->text, *bad;

	if (page_data_is_page(text) && !check_page(document, error))
		return false;
	if (document->length >= 2 && is_utf16(document))
		return text_error(document, text, error, "this is UTF-16; save the file as UTF-8");
	if (strspn(text, " \t\r\n") == document->length)
		return text_error(document, text, error,
				  "the file is empty, a scenario is needed (an object with host, "
				  "guests and events)");
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		return text_error(
			document, text, error,
			"the file begins with a byte order mark; save it as UTF-8 without one");
	if (strncmp(text, "SQLite format 3", 15) == 0)
		return text_error(document, text, error,
				  "this is an SQLite database, of sim sweep perhaps: sim plot and "
				  "sim replay --point N read it, and with --extract FILE write a "
				  "point as a scenario");
	bad = memchr(text, '\0', document->length);
	if (bad)
		return text_error(document, bad, error, "a zero byte: this is no text");
	/* jansson recurses: the depth is checked before it sees the text. */
	if (!document_depth_fits(text, &bad))
		return text_error(document, bad, error, "nested more than 32 levels deep");
	return true;
}

static bool parse_text(struct document *document, struct error *error)
{
	json_error_t failure = { 0 };

	json_object_seed(1); /* nothing may depend on the order of a hash table */
	document->root =
		json_loadb(document->text, document->length, JSON_REJECT_DUPLICATES, &failure);
	if (document->root)
		return true;
	/* It says nothing when memory is short. */
	if (!failure.text[0] || json_error_code(&failure) == json_error_out_of_memory)
		return error_memory(error, "JSON");
	return document_place_error(document, failure.line > 0 ? (size_t)failure.line : 1,
				    failure.column > 0 ? (size_t)failure.column : 1, error,
				    failure.text, hint_for(document, &failure));
}

/* A document that has no values yet. */
static bool take_text(struct document *document, const char *path, const char *text, size_t length,
		      struct error *error)
{
	*document = (struct document){ 0 };
	document->path = memory_text(path, error);
	document->text = memory_array(length + 1, 1, "file", error);
	if (!document->path || !document->text)
		return false;
	if (length)
		memcpy(document->text, text, length);
	document->length = length;
	return true;
}

bool document_parse(struct document *document, const char *path, const char *text, size_t length,
		    struct error *error)
{
	if (take_text(document, path, text, length, error) && check_text(document, error) &&
	    parse_text(document, error))
		return true;
	document_fini(document);
	return false;
}

bool document_copy(struct document *document, const struct document *original, struct error *error)
{
	if (take_text(document, original->path, original->text, original->length, error)) {
		document->root = json_deep_copy(original->root);
		if (document->root || error_memory(error, "JSON"))
			return true;
	}
	document_fini(document);
	return false;
}

/* A file that is not here: it may be one of those that come with the program. */
static bool is_elsewhere(const char *path)
{
	return strcmp(path, "-") != 0 && path[0] != '/' && access(path, F_OK) != 0 &&
	       errno == ENOENT;
}

/* Nor is it there: the message says where that is. */
static bool is_nowhere(const char *path, struct error *error)
{
	char name[VISIBLE_PATH], list[1024], places[4 * sizeof(list)];

	snprintf(list, sizeof(list), "%.300s", path);
	data_folder_list(NULL, path, SIZE_MAX, list, sizeof(list));
	visible_path(name, path);
	visible_text(places, sizeof(places), list);
	return error_set(
		error, ERROR_INPUT,
		"%s: error: cannot open: No such file or directory; looked for %s ($SIM_PATH "
		"names more folders)",
		name, places);
}

bool document_read(struct document *document, const char *path, struct error *error)
{
	char shipped[PATH_MAX];
	bool elsewhere = is_elsewhere(path);
	const char *place = elsewhere && data_folder_find(NULL, path, shipped, sizeof(shipped))
				    ? shipped
				    : path;
	const char *name = strcmp(path, "-") == 0 ? "<standard input>" : place;
	char *text = NULL;
	size_t length;
	bool ok = false;
	int file;

	*document = (struct document){ 0 };
	if (elsewhere && place == path)
		return is_nowhere(path, error);
	file = files_open_input(place, error);
	if (file < 0)
		return false;
	ok = read_all(file, name, &text, &length, error) &&
	     document_parse(document, name, text, length, error);
	close(file);
	free(text);
	return ok;
}

void document_fini(struct document *document)
{
	for (size_t i = 0; i < document->set_count; i++) {
		free(document->set[i].pointer);
		free(document->set[i].file);
	}
	free(document->set);
	free(document->path);
	free(document->text);
	free(document->beside);
	json_decref(document->root);
	*document = (struct document){ 0 };
}
