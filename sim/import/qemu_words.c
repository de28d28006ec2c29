/*
 * Words of a QEMU command line, as there are: /proc/PID/cmdline (zero bytes between them),
 * what `ps -o args` prints (blanks between them, JSON bare), a shell's (quotes and backslashes,
 * as libvirt logs them and scripts have them).
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "import/guest.h"

struct words {
	char **items; /* in the text */
	size_t *lines;
	size_t count;
};

/* A bare JSON object: to its closing brace; a shell would not take it so, ps prints it so. */
static size_t json_length(const char *text)
{
	int depth = 0;
	bool quoted = false;
	size_t i = 0;

	for (; text[i]; i++) {
		if (quoted && text[i] == '\\' && text[i + 1])
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '}'))
			depth += text[i] == '{' ? 1 : -1;
		if (depth == 0)
			return i + 1;
	}
	return 0;
}

/* Take the next word off, which begins on *begin; *text is behind it. It is unquoted in place. */
static char *next_word(struct imported_guest *guest, char **text, size_t *line, size_t *begin)
{
	char *from = *text, *to, *word;
	char quote = '\0';
	size_t json;

	for (; isspace((unsigned char)*from) || (*from == '\\' && from[1] == '\n'); from++)
		*line += *from == '\n';
	if (!*from)
		return NULL;
	word = to = from;
	*begin = *line;
	json = *from == '{' ? json_length(from) : 0;
	if (json) {
		*text = from + json;
		if (**text)
			*(*text)++ = '\0';
		return word;
	}
	for (; *from && (quote || !isspace((unsigned char)*from)); from++) {
		if (quote ? *from == quote : *from == '\'' || *from == '"')
			quote = quote ? '\0' : *from;
		else if (*from == '\\' && quote != '\'' && from[1]) {
			*line += *++from == '\n';
			if (*from != '\n')
				*to++ = *from;
		} else {
			*line += *from == '\n';
			*to++ = *from;
		}
	}
	if (quote) {
		guest_error(guest, *begin, "a quote (%c) is not closed", quote);
		return NULL;
	}
	*line += *from == '\n';
	*text = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

static bool cut(struct imported_guest *guest, char *text, size_t length, struct words *words)
{
	bool zeros = memchr(text, '\0', length) != NULL;
	size_t line = 1, capacity = 0, line_capacity = 0;
	char *end = text + length, *word;

	while (text < end) {
		size_t at = words->count + 1;

		word = zeros ? text : next_word(guest, &text, &line, &at);
		if (!word)
			break;
		if (zeros)
			text += strlen(text) + 1; /* a zero byte stands behind the whole, too */
		if (!memory_grow(&words->items, &capacity, words->count + 1, sizeof(word), "words",
				 guest->error) ||
		    !memory_grow(&words->lines, &line_capacity, words->count + 1,
				 sizeof(*words->lines), "words", guest->error))
			return false;
		words->items[words->count] = word;
		words->lines[words->count++] = at;
	}
	return guest->error->kind == ERROR_NONE;
}

/* qemu-system-x86_64, qemu-kvm, kvm; with a path before it. */
static bool is_program(const char *word)
{
	const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;

	return strncmp(name, "qemu-system-", 12) == 0 || strcmp(name, "qemu-kvm") == 0 ||
	       strcmp(name, "kvm") == 0;
}

bool qemu_read(struct imported_guest *guest, char *text, size_t length)
{
	struct words words = { 0 };
	size_t program = 0;
	bool ok = cut(guest, text, length, &words);

	while (ok && program < words.count && !is_program(words.items[program]))
		program++;
	if (ok && program == words.count)
		ok = guest_error(
			guest, 1,
			"neither a libvirt domain (it begins with <domain>) nor the command "
			"line of QEMU: there is no qemu-system-...");
	if (ok)
		ok = qemu_options_read(guest, words.items + program + 1, words.lines + program + 1,
				       words.count - program - 1);
	free(words.items);
	free(words.lines);
	return ok;
}
