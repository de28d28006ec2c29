/* JSON pointers (RFC 6901), and where in the text a pointer leads: jansson keeps no places. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/document.h"

void pointer_to_key(char inner[POINTER_MAX], const char *pointer, const char *key)
{
	size_t used = strnlen(pointer, POINTER_MAX - 1);

	if (inner != pointer)
		memcpy(inner, pointer, used);
	if (used + 1 < POINTER_MAX)
		inner[used++] = '/';
	for (; *key && used + 2 < POINTER_MAX; key++) {
		if (*key == '~' || *key == '/') {
			inner[used++] = '~';
			inner[used++] = *key == '~' ? '0' : '1';
		} else {
			inner[used++] = *key;
		}
	}
	inner[used] = '\0';
}

void pointer_to_index(char inner[POINTER_MAX], const char *pointer, size_t index)
{
	char key[32];

	snprintf(key, sizeof(key), "%zu", index);
	pointer_to_key(inner, pointer, key);
}

bool pointer_next(const char **pointer, char token[POINTER_MAX])
{
	size_t used = 0;

	if (**pointer != '/')
		return false;
	(*pointer)++;
	while (**pointer && **pointer != '/' && used + 1 < POINTER_MAX) {
		char c = *(*pointer)++;

		if (c == '~' && (**pointer == '0' || **pointer == '1'))
			c = *(*pointer)++ == '0' ? '~' : '/';
		token[used++] = c;
	}
	token[used] = '\0';
	return true;
}

struct scanner {
	const char *at;
	size_t line, column;
};

static void step(struct scanner *scanner)
{
	if (*scanner->at == '\n') {
		scanner->line++;
		scanner->column = 0;
	}
	/* Columns count characters, not the bytes of one. */
	if (((unsigned char)*scanner->at & 0xc0) != 0x80)
		scanner->column++;
	scanner->at++;
}

static void skip_blank(struct scanner *scanner)
{
	while (*scanner->at && strchr(" \t\r\n,:", *scanner->at))
		step(scanner);
}

static void skip_string(struct scanner *scanner)
{
	step(scanner);
	while (*scanner->at && *scanner->at != '"') {
		if (*scanner->at == '\\' && scanner->at[1])
			step(scanner);
		step(scanner);
	}
	if (*scanner->at)
		step(scanner);
}

/* Skip a key; true when it says `token`. Escapes are left to the JSON library. */
static bool skip_key(struct scanner *scanner, const char *token)
{
	const char *start = scanner->at;
	size_t length;
	json_t *key;
	bool same;

	skip_string(scanner);
	length = (size_t)(scanner->at - start);
	if (length < 2)
		return false;
	if (!memchr(start, '\\', length))
		return length - 2 == strlen(token) && memcmp(start + 1, token, length - 2) == 0;
	key = json_loadb(start, length, JSON_DECODE_ANY, NULL);
	same = key && strcmp(json_string_value(key), token) == 0;
	json_decref(key);
	return same;
}

static void skip_value(struct scanner *scanner)
{
	int depth = 0;

	do {
		skip_blank(scanner);
		if (*scanner->at == '"') {
			skip_string(scanner);
		} else if (*scanner->at == '{' || *scanner->at == '[') {
			depth++;
			step(scanner);
		} else if (*scanner->at == '}' || *scanner->at == ']') {
			depth--;
			step(scanner);
		} else {
			while (*scanner->at && !strchr(",]} \t\r\n", *scanner->at))
				step(scanner);
		}
	} while (depth > 0 && *scanner->at);
}

bool document_position(const struct document *document, const char *pointer, enum caret caret,
		       size_t *line, size_t *column)
{
	struct scanner scanner = { document->text, 1, 1 }, key;
	char token[POINTER_MAX];

	skip_blank(&scanner);
	key = scanner;
	while (pointer_next(&pointer, token)) {
		bool object = *scanner.at == '{', found = false;
		size_t index = 0, wanted = strtoul(token, NULL, 10);

		if (!object && *scanner.at != '[')
			return false;
		step(&scanner);
		for (;;) {
			skip_blank(&scanner);
			if (!*scanner.at || *scanner.at == '}' || *scanner.at == ']')
				return false;
			key = scanner;
			found = object ? skip_key(&scanner, token) : index++ == wanted;
			skip_blank(&scanner);
			if (found)
				break;
			skip_value(&scanner);
		}
	}
	*line = caret == CARET_KEY ? key.line : scanner.line;
	*column = caret == CARET_KEY ? key.column : scanner.column;
	return true;
}

const struct set_value *document_set_value(const struct document *document, const char *pointer)
{
	for (size_t i = document->set_count; i-- > 0;) {
		const struct set_value *value = &document->set[i];
		size_t length = strlen(value->pointer);

		if (strncmp(pointer, value->pointer, length) == 0 &&
		    (pointer[length] == '\0' || pointer[length] == '/'))
			return value;
	}
	return NULL;
}
