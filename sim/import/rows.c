#include "import/cells.h"
#include "import/import.h"

double import_memory_unit(const struct import *import)
{
	static const double bytes[] = { [MEMORY_AS_FORMAT] = 0x1p30,
					[MEMORY_GIB] = 0x1p30,
					[MEMORY_MIB] = 0x1p20,
					[MEMORY_BYTES] = 1 };

	return bytes[import->options->memory_unit];
}

static bool read_line(struct import *import, struct table *table, struct lines *lines,
		      row_reader *read, void *context)
{
	bool is_row = true;

	if (lines->number == 1) {
		if (!table_begin(table, lines, &is_row))
			return false;
	} else if (!*lines->text) {
		return true;
	} else if (!table_cut(table, lines->text)) {
		import->rows++;
		import_leave_out(import, lines, "the row has another number of columns");
		return true;
	}
	if (!is_row)
		return true;
	import->rows++;
	return read(import, table, lines, context);
}

bool import_rows(struct import *import, struct table *table, const char *path, row_reader *read,
		 void *context)
{
	struct lines lines;

	if (!lines_open(&lines, path, import->error))
		return false;
	while (lines_next(&lines) && read_line(import, table, &lines, read, context))
		;
	if (import->error->kind == ERROR_NONE && lines.number == 1)
		lines_error(&lines, "the file is empty");
	lines_close(&lines);
	return import->error->kind == ERROR_NONE;
}
