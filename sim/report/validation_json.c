/* The validation as one JSON document; a value that does not exist is null. */

#include <math.h>
#include <stdlib.h>

#include <jansson.h>

#include "report/output.h"
#include "report/text_tools.h"
#include "report/validation.h"

/* Every function here returns NULL when memory runs out, which json_pack and the
 * appending functions take for an error of their own. */

/* A path may be no UTF-8, which JSON cannot hold: then its bytes are shown as \xNN. */
static json_t *text(const char *value)
{
	json_t *string = json_string(value);
	char *copy;

	if (string)
		return string;
	copy = printable_text(value);
	string = copy ? json_string(copy) : NULL;
	free(copy);
	return string;
}

static json_t *maybe(struct maybe value)
{
	return value.exists && isfinite(value.value) ? json_real(value.value) : json_null();
}

static json_t *maybe_text(const char *value)
{
	return value ? text(value) : json_null();
}

/* What a slope is of; null for any other row. */
static json_t *slope(const struct validation_row *row)
{
	return row->from ? json_pack("{s:o, s:o, s:f}", "from", text(row->from), "to",
				     text(row->to), "per", row->per)
			 : json_null();
}

static json_t *row_to_json(const struct validation_row *row)
{
	return json_pack("{s:o, s:s, s:o, s:s, s:f, s:f, s:f, s:b, s:o, s:o, s:s, s:o, s:o, s:o}",
			 "label", text(row->label), "use", row->use, "metric", text(row->metric),
			 "statistic", row->statistic, "tolerance", row->tolerance,
			 "tolerance_absolute", row->tolerance_absolute, "published", row->published,
			 "bound", row->bound, "predicted", maybe(row->predicted), "error",
			 maybe(row->error), "verdict", validation_verdict_name(row->verdict),
			 "reason", maybe_text(row->predicted.exists ? NULL : row->predicted.reason),
			 "note", maybe_text(row->note), "slope", slope(row));
}

static json_t *summary_to_json(const struct validation_summary *summary)
{
	return json_pack("{s:I, s:I, s:o, s:o}", "judged", (json_int_t)summary->judged, "missed",
			 (json_int_t)summary->missed, "worst_error", maybe(summary->worst),
			 "median_error", maybe(summary->median));
}

static json_t *rows_to_json(const struct validation_table *table)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < table->row_count; i++) {
		if (json_array_append_new(list, row_to_json(&table->rows[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *table_to_json(const struct validation_table *table)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "name", text(table->name),
			 "file", text(table->file), "source", text(table->source), "platform",
			 text(table->platform), "scenario", text(table->scenario), "metric",
			 text(table->metric), "unit", table->unit, "rows", rows_to_json(table),
			 "summary", summary_to_json(&table->summary));
}

static json_t *tables_to_json(const struct validation *validation)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < validation->table_count; i++) {
		if (json_array_append_new(list, table_to_json(&validation->tables[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

bool validation_write_json(const struct validation *validation, FILE *out, struct error *error)
{
	json_t *root =
		json_pack("{s:s, s:i, s:s, s:o, s:o}", "format", "sim-validation", "version", 1,
			  "sim", validation->version, "tables", tables_to_json(validation),
			  "summary", summary_to_json(&validation->summary));
	bool ok;

	if (!root)
		return error_memory(error, "JSON validation");
	/* ASCII only: no mark in a name can turn the direction of a terminal's text */
	ok = json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15) | JSON_ENSURE_ASCII) ==
		     0 &&
	     fputc('\n', out) != EOF;
	json_decref(root);
	return report_check(out, error) && (ok || error_memory(error, "JSON validation"));
}
