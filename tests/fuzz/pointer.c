/* Settings of the command line: a JSON pointer and a value. */

#include <stdlib.h>
#include <string.h>

#include "document/document.h"
#include "scenario/tables.h"
#include "target.h"

/* --set of the small scenario: what is set is there, and where it stands has the same name. */
static void run_pointer(const uint8_t *data, size_t size)
{
	static struct document original;
	struct document document;
	struct error error = { 0 };
	char *text = fuzz_text(data, size), numbers[POINTER_MAX], token[POINTER_MAX];
	char joined[POINTER_MAX] = "";
	const char *at = text;
	size_t line, column;

	if (!original.root && !document_parse(&original, "<small>", fuzz_small_scenario,
					      strlen(fuzz_small_scenario), &error))
		abort();
	document_position(&original, text, CARET_VALUE, &line, &column);
	document_numbers(&original, text, numbers);
	document_numbers(&original, numbers, joined);
	fuzz_expect(strcmp(numbers, joined) == 0, "numbers have other numbers", &error);
	joined[0] = '\0';
	while (pointer_next(&at, token))
		pointer_to_key(joined, joined, token);
	if (!document_copy(&document, &original, &error))
		abort();
	if (fuzz_check(document_set(&document, &scenario_record, text, NULL, &error), &error)) {
		fuzz_expect(document.set_count == 1, "a setting is forgotten", &error);
		fuzz_expect(document_is_set(&document, document.set[0].pointer), "it is not set",
			    &error);
	}
	document_fini(&document);
	free(text);
}

const struct fuzz_target fuzz_pointer = { .name = "pointer", .run = run_pointer };
