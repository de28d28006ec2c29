#include "base/visible.h"

#include <stdio.h>
#include <string.h>

size_t visible_decode(const char *bytes, unsigned int *code)
{
	const unsigned char *text = (const unsigned char *)bytes;
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = *text < 0x80 ? 1 : *text >= 0xf0 ? 4 : *text >= 0xe0 ? 3 : 2;

	if (*text >= 0x80 && (*text < 0xc2 || *text > 0xf4))
		return 0;
	*code = length == 1 ? *text : *text & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80) /* the end of the text, too */
			return 0;
		*code = *code << 6 | (text[i] & 0x3f);
	}
	if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return length;
}

static bool is_harmful(unsigned int code)
{
	bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
	bool line = code == 0x2028 || code == 0x2029;
	bool direction = code == 0x061c || code == 0x200e || code == 0x200f ||
			 (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);

	return control || line || direction;
}

size_t visible_length(const char *text)
{
	unsigned int code = 0;
	size_t length;

	if (*text >= ' ' && *text <= '~') /* nearly all of it */
		return 1;
	length = visible_decode(text, &code);
	return is_harmful(code) ? 0 : length;
}

bool visible_is_clean(const char *text)
{
	while (*text) {
		size_t length = visible_length(text);

		if (!length)
			return false;
		text += length;
	}
	return true;
}

static void show(char *out, size_t size, const char *text, bool lines)
{
	size_t used = 0;

	while (*text) {
		size_t length = lines && *text == '\n' ? 1 : visible_length(text);
		size_t columns = length;
		const char *piece = text;
		char shown[5];

		if (!length) {
			/* The rest of a harmful sequence is not UTF-8 by itself: \xNN as well. */
			columns = (size_t)snprintf(shown, sizeof(shown), "\\x%02x",
						   (unsigned char)*text);
			piece = shown;
			length = 1;
		}
		if (used + columns >= size)
			break;
		memcpy(out + used, piece, columns);
		used += columns;
		text += length;
	}
	out[used] = '\0';
}

void visible_text(char *out, size_t size, const char *text)
{
	show(out, size, text, false);
}

void visible_lines(char *out, size_t size, const char *text)
{
	show(out, size, text, true);
}

void visible_path(char out[VISIBLE_PATH], const char *path)
{
	size_t length = strlen(path);
	bool cut = length > VISIBLE_PATH_BYTES;

	snprintf(out, 4, "%s", cut ? "..." : "");
	visible_text(out + strlen(out), VISIBLE_PATH - 3,
		     cut ? path + length - VISIBLE_PATH_BYTES : path);
}
