/*
 * The result of a page, and its comparison, as blocks of data in it, which no browser runs or shows: what sim replay
 * and every command that takes a scenario read from the page (sim/document/page_data.h). No byte
 * of it can end the block or begin an element.
 */

#include "document/page_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "page/page.h"

bool page_write_data(const char *begin, const char *name, report_writer *write, const void *what,
		     FILE *out, struct error *error)
{
	char *text = NULL;
	size_t size;
	FILE *file = memory_stream(&text, &size);
	bool ok = file && write(what, file, error);

	ok = file && memory_stream_close(file, &text, name, error) && ok;
	if (ok) {
		fputs(begin, out);
		for (const char *c = text; *c; c++)
			if (strchr("<>&'", *c))
				fprintf(out, "\\u%04x", (unsigned int)*c);
			else
				fputc(*c, out);
		fputs(page_data_end, out);
	}
	free(text);
	return (ok || error_memory(error, "page")) && report_check(out, error);
}
