/* The validation as one JSON document; a value that does not exist is null. */

#include "report/json_tools.h"
#include "report/shapes.h"
#include "report/validation.h"

/* What a slope is of; null for any other row. */
static json_t *slope(const struct validation_row *row)
{
	return row->from ? json_pack("{s:o, s:o, s:f}", "from", json_text(row->from), "to",
				     json_text(row->to), "per", row->per)
			 : json_null();
}

static json_t *band_to_json(const struct validation_band *band)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:o}", "low", json_maybe(band->low), "high",
			 json_maybe(band->high), "width", json_maybe(band->width), "measured",
			 validation_holding_name(band->holding), "reason",
			 json_text(band->width.exists ? NULL : band->width.reason));
}

static json_t *row_to_json(const struct validation_row *row)
{
	return json_pack(
		"{s:o, s:s, s:o, s:s, s:f, s:f, s:f, s:b, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, "
		"s:o}",
		"label", json_text(row->label), "use", row->use, "metric", json_text(row->metric),
		"statistic", row->statistic, "tolerance", row->tolerance, "tolerance_absolute",
		row->tolerance_absolute, "published", row->published, "bound", row->bound,
		"predicted", json_maybe(row->predicted), "error", json_maybe(row->error), "verdict",
		validation_verdict_name(row->verdict), "reason",
		json_text(row->predicted.exists ? NULL : row->predicted.reason), "note",
		json_text(row->note), "slope", slope(row), "profile",
		json_text(row->profile[0] ? row->profile : NULL), "band", band_to_json(&row->band),
		"elsewhere", band_to_json(&row->elsewhere));
}

static json_t *coverage_to_json(const struct validation_coverage *coverage)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "rows", (json_int_t)coverage->rows, "inside",
			 (json_int_t)coverage->inside, "blind", (json_int_t)coverage->blind,
			 "blind_inside", (json_int_t)coverage->blind_inside, "widest",
			 json_maybe(coverage->widest));
}

static json_t *summary_to_json(const struct validation_summary *summary)
{
	return json_pack("{s:I, s:I, s:o, s:o, s:{s:o, s:o, s:o}}", "judged",
			 (json_int_t)summary->judged, "missed", (json_int_t)summary->missed,
			 "worst_error", json_maybe(summary->worst), "median_error",
			 json_maybe(summary->median), "bands", "stated",
			 coverage_to_json(&summary->stated), "own", coverage_to_json(&summary->own),
			 "elsewhere", coverage_to_json(&summary->elsewhere));
}

static json_t *table_to_json(const struct validation_table *table)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < table->row_count; i++)
		json_add(&rows, row_to_json(&table->rows[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "name",
			 json_text(table->name), "file", json_text(table->file), "source",
			 json_text(table->source), "platform", json_text(table->platform),
			 "scenario", json_text(table->scenario), "metric", json_text(table->metric),
			 "unit", table->unit, "rows", rows, "summary",
			 summary_to_json(&table->summary));
}

bool validation_write_json(const void *what, FILE *out, struct error *error)
{
	const struct validation *validation = what;
	json_t *tables = json_array();

	for (size_t i = 0; i < validation->table_count; i++)
		json_add(&tables, table_to_json(&validation->tables[i]));
	return json_write(json_pack("{s:s, s:i, s:s, s:o, s:o}", "format", "sim-validation",
				    "version", 1, "sim", validation->version, "tables", tables,
				    "summary", summary_to_json(&validation->summary)),
			  &validation_shape, out, error);
}
