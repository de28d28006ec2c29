/* Plans as tables: every look as CSV, one row a limit; what was found and why as Markdown. */

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/planning.h"
#include "report/text_tools.h"

static struct maybe when_finite(double value)
{
	return isfinite(value) ? maybe_some(value) : maybe_none("not finite");
}

/* --- CSV ----------------------------------------------------------------------------------- */

static void write_row(FILE *out, const struct planning *planning, const struct plan_answer *answer,
		      size_t look, size_t index)
{
	const struct plan_point *point = &answer->points[look];
	const struct limit *limit = &planning->limits[index];
	const struct limit_bounds *bounds = &point->bounds[index];
	bool fresh = look == answer->confirmation;
	const double numbers[] = { limit->quantile < 0 ? NAN : limit->quantile,
				   limit->at_most,
				   bounds->observed,
				   bounds->estimate,
				   bounds->low,
				   bounds->high,
				   bounds->limit,
				   bounds->needed };

	csv_cell(out, answer->each ? answer->each : "");
	fprintf(out, ",%s,%.15g,%s,%" PRIu64 ",%s,%s,", PLANNING_VALUE(planning, point->value),
		scale_value(&planning->between, point->value), judgement_names[point->verdict],
		point->replications, fresh ? "yes" : "no", fresh && answer->found ? "yes" : "no");
	csv_cell(out, limit->metric);
	fputc(',', out);
	csv_cell(out, limit->group ? limit->group : "");
	fprintf(out, ",%s", unit_names[limit->unit]);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		csv_number(out, when_finite(numbers[i]));
	fprintf(out, ",%s\n", judgement_names[limit_judgement(bounds)]);
}

bool planning_write_csv(const void *what, FILE *out, struct error *error)
{
	const struct planning *planning = what;

	fputs("for,text,value,verdict,replications,fresh,recommended,metric,group,unit,quantile,"
	      "at_most,observed,estimate,low,high,allowed,needed,limit_verdict\n",
	      out);
	for (size_t a = 0; a < planning->answer_count; a++) {
		const struct plan_answer *answer = &planning->answers[a];

		for (size_t p = 0; p < answer->point_count; p++)
			for (size_t i = 0; i < planning->limit_count; i++)
				write_row(out, planning, answer, p, i);
	}
	return report_check(out, error);
}

/* --- tables of any writer -------------------------------------------------------------------- */

bool planning_answers(const struct planning *planning, struct answer_table *table,
		      struct error *error)
{
	if (!answer_table_begin(table, planning->each ? planning->each : "What was found", 5,
				planning->answer_count, error))
		return false;
	if (planning->each)
		answer_table_name(table, "for");
	answer_table_column(table, "verdict");
	answer_table_number(table, planning->maximize ? "largest" : "smallest");
	answer_table_column(table, "binds");
	answer_table_column(table, "with all prices at their ends");
	for (size_t a = 0; a < planning->answer_count; a++) {
		const struct plan_answer *answer = &planning->answers[a];
		bool missed = planning_missed_within(planning, answer);

		if (planning->each)
			answer_table_cell(table, answer->each, NULL);
		answer_table_cell(table, planning_verdict(answer), planning_look(answer));
		answer_table_cell(table,
				  answer->found ? PLANNING_VALUE(planning, answer->value) : NULL,
				  NULL);
		answer_table_cell(table, answer->found ? planning_binds(planning, answer) : NULL,
				  NULL);
		answer_table_cell(table,
				  !answer->at_low ? NULL
				  : missed        ? "missed"
						  : "met",
				  !answer->at_low ? NULL
				  : missed        ? "missed"
						  : "met");
	}
	return error->kind == ERROR_NONE;
}

bool planning_looks(const struct planning *planning, const struct plan_answer *answer,
		    struct answer_table *table, struct error *error)
{
	char count[32];

	if (!answer_table_begin(table, answer->each ? answer->each : "What was looked at",
				3 + planning->limit_count, answer->point_count, error))
		return false;
	answer_table_number(table, "value");
	answer_table_column(table, "verdict");
	for (size_t i = 0; i < planning->limit_count; i++)
		answer_table_number(table, planning->limits[i].metric);
	answer_table_number(table, "replications");
	for (const struct plan_point *point = planning_next_look(answer, NULL); point;
	     point = planning_next_look(answer, point)) {
		const char *verdict = judgement_names[point->verdict];

		snprintf(count, sizeof(count), "%" PRIu64, point->replications);
		answer_table_cell(table, PLANNING_VALUE(planning, point->value), NULL);
		answer_table_cell(table, verdict, verdict);
		for (size_t i = 0; i < planning->limit_count; i++) {
			double observed = point->bounds[i].observed;

			answer_table_cell(
				table,
				isfinite(observed)
					? limit_value(CELL, &planning->limits[i], observed)
					: NULL,
				NULL);
		}
		answer_table_cell(table, count, NULL);
	}
	return error->kind == ERROR_NONE;
}

/* --- Markdown -------------------------------------------------------------------------------- */

static bool write_table(struct answer_table *table, bool built, FILE *out)
{
	if (built)
		answer_table_write_markdown(table, out);
	answer_table_fini(table);
	return built;
}

bool planning_write_markdown(const void *what, FILE *out, struct error *error)
{
	const struct planning *planning = what;
	struct answer_table table;
	bool ok;

	fputs("# ", out);
	markdown_cell(out, planning->scenario);
	fprintf(out, "\n\n%s ", planning->maximize ? "Largest" : "Smallest");
	markdown_cell(out, planning->vary);
	fprintf(out, " between %s and %s with\n\n",
		PLANNING_VALUE(planning, planning->between.first),
		PLANNING_VALUE(planning, planning->between.last));
	for (size_t i = 0; i < planning->limit_count; i++) {
		const struct limit *limit = &planning->limits[i];

		fputs("- ", out);
		markdown_cell(out, limit->metric);
		if (limit->group) {
			fputs(" of ", out);
			markdown_cell(out, limit->group);
		}
		limit_print_rest(out, limit);
		fputc('\n', out);
	}
	fputc('\n', out);
	ok = write_table(&table, planning_answers(planning, &table, error), out);
	for (size_t a = 0; ok && a < planning->answer_count; a++) {
		fputc('\n', out);
		ok = write_table(&table,
				 planning_looks(planning, &planning->answers[a], &table, error),
				 out);
	}
	fputs("\nsim ", out);
	markdown_cell(out, planning->version);
	fprintf(out, ", seed %" PRIu64 "; unsafe with at most %g %%, given the prices\n",
		planning->seed, 100 * planning->alpha);
	return ok && report_check(out, error);
}
