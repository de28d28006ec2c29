/* What metrics and pointers are called on axes. */

#include <stdlib.h>
#include <string.h>

#include "draw/plot_axes.h"
#include "flow/metric_kind.h"

/* "start.latency" -> "start latency"; "in_use" -> "in use". */
static void add_words(char *out, size_t size, const char *text, size_t length)
{
	size_t used = strlen(out);

	for (size_t i = 0; i < length && used + 1 < size; i++)
		out[used++] = strchr("._", text[i]) ? ' ' : text[i];
	out[used] = '\0';
}

void plot_metric_words(char *out, size_t size, const char *metric)
{
	const struct metric_kind *kind = metric_kind_of(metric);
	char words[PICTURE_TEXT] = "";

	if (kind && kind->label && !metric_is_family(kind))
		add_words(words, sizeof(words), kind->label, strlen(kind->label));
	else
		add_words(words, sizeof(words), metric, strlen(metric));
	picture_text(out, size, words);
}

/* "guests", "0" -> " of the guest"; "guests", "db" -> " of guest db". */
static void add_whose(char *out, size_t size, const char *list, size_t length, const char *which,
		      size_t which_length)
{
	char *end, text[PICTURE_TEXT / 4];
	size_t used = strlen(out);
	int singular = (int)length - (length > 1 && list[length - 1] == 's');

	snprintf(text, sizeof(text), "%.*s", (int)which_length, which);
	if (strtol(text, &end, 10) == 0 && end != text && !*end)
		snprintf(out + used, size - used, " of the %.*s", singular, list);
	else if (end != text && !*end)
		snprintf(out + used, size - used, " of %.*s number %ld", singular, list,
			 strtol(text, NULL, 10) + 1);
	else
		snprintf(out + used, size - used, " of %.*s %s", singular, list, text);
}

void plot_pointer_words(char *out, size_t size, const char *pointer)
{
	const char *key = strrchr(pointer, '/'), *list = pointer + 1, *which;
	char words[PICTURE_TEXT] = "";
	size_t used;

	if (*pointer != '/' || !key) { /* it is none: a word of ours, perhaps */
		picture_text(out, size, pointer);
		return;
	}
	add_words(words, sizeof(words), key + 1, strlen(key + 1));
	which = strchr(list, '/');
	used = strlen(words);
	if (key > pointer && which == key) /* "/host/cores" */
		snprintf(words + used, sizeof(words) - used, " of the %.*s", (int)(key - list),
			 list);
	else if (key > pointer) /* "/guests/0/memory" */
		add_whose(words, sizeof(words), list, (size_t)(which - list), which + 1,
			  strcspn(which + 1, "/"));
	picture_text(out, size, words);
}
