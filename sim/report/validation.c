#include "report/validation.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

const char *validation_verdict_name(enum verdict verdict)
{
	return verdict == VERDICT_OK ? "ok" : verdict == VERDICT_MISSED ? "MISSED" : "-";
}

const char *validation_holding_name(enum holding holding)
{
	return holding == HOLDING_INSIDE ? "inside" : holding == HOLDING_OUTSIDE ? "outside" : "-";
}

/* An upper bound is no measured value: there is nothing to hold. */
static void judge_band(struct validation_band *band, const struct validation_row *row)
{
	if (!band->low.exists || !band->high.exists) {
		band->width.reason = band->low.exists ? band->high.reason : band->low.reason;
		return;
	}
	band->width = band->low.value > 0 ? maybe_some(band->high.value / band->low.value)
					  : maybe_none("nothing is a multiple of 0");
	if (!row->bound)
		band->holding =
			band->low.value <= row->published && row->published <= band->high.value
				? HOLDING_INSIDE
				: HOLDING_OUTSIDE;
}

static void judge_row(struct validation_row *row)
{
	double distance = fabs(row->predicted.value - row->published);

	row->error = maybe_none(row->predicted.reason);
	if (row->predicted.exists && row->published != 0)
		row->error =
			maybe_some((row->predicted.value - row->published) / fabs(row->published));
	else if (row->predicted.exists)
		row->error.reason = "nothing is relative to 0";
	if (!row->judged)
		row->verdict = VERDICT_NONE;
	else if (row->bound)
		row->verdict = row->predicted.exists && row->predicted.value <= row->published
				       ? VERDICT_OK
				       : VERDICT_MISSED;
	else if (row->predicted.exists && (distance <= row->tolerance * fabs(row->published) ||
					   distance <= row->tolerance_absolute))
		row->verdict = VERDICT_OK;
	else
		row->verdict = VERDICT_MISSED;
	judge_band(&row->band, row);
	judge_band(&row->elsewhere, row);
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static void cover(struct validation_coverage *coverage, const struct validation_row *row,
		  const struct validation_band *band)
{
	bool inside = band->holding == HOLDING_INSIDE;

	if (band->holding == HOLDING_NONE)
		return;
	coverage->rows++;
	coverage->inside += inside;
	coverage->blind += row->judged;
	coverage->blind_inside += row->judged && inside;
	if (band->width.exists && !(coverage->widest.value >= band->width.value))
		coverage->widest = band->width;
}

/* Count a table's rows into a summary; add their errors to the `count` that are there. */
static size_t collect(const struct validation_table *table, struct validation_summary *summary,
		      double *errors, size_t count)
{
	for (size_t i = 0; i < table->row_count; i++) {
		const struct validation_row *row = &table->rows[i];

		summary->judged += row->verdict != VERDICT_NONE;
		summary->missed += row->verdict == VERDICT_MISSED;
		cover(&summary->stated, row, &row->band);
		cover(&summary->elsewhere, row, &row->elsewhere);
		if (row->profile[0])
			cover(&summary->own, row, &row->band);
		if (row->judged && !row->bound && row->error.exists)
			errors[count++] = fabs(row->error.value);
	}
	return count;
}

static void summarise(struct validation_summary *summary, double *errors, size_t count)
{
	if (!count) {
		summary->worst.reason = summary->median.reason = "no judged row has an error";
		return;
	}
	qsort(errors, count, sizeof(*errors), compare);
	summary->worst = maybe_some(errors[count - 1]);
	summary->median = maybe_some((errors[(count - 1) / 2] + errors[count / 2]) / 2);
}

bool validation_judge(struct validation *validation, struct error *error)
{
	size_t rows = 0, count = 0;
	double *errors;

	for (size_t t = 0; t < validation->table_count; t++)
		rows += validation->tables[t].row_count;
	errors = memory_array(rows, sizeof(*errors), "errors", error);
	if (!errors)
		return false;
	for (size_t t = 0; t < validation->table_count; t++) {
		struct validation_table *table = &validation->tables[t];

		for (size_t i = 0; i < table->row_count; i++)
			judge_row(&table->rows[i]);
		table->summary = (struct validation_summary){ 0 };
		summarise(&table->summary, errors, collect(table, &table->summary, errors, 0));
	}
	validation->summary = (struct validation_summary){ 0 };
	for (size_t t = 0; t < validation->table_count; t++)
		count = collect(&validation->tables[t], &validation->summary, errors, count);
	summarise(&validation->summary, errors, count);
	free(errors);
	return true;
}
