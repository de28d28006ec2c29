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

/* --- Markdown -------------------------------------------------------------------------------- */

static void write_answers(FILE *out, const struct planning *planning)
{
	fprintf(out,
		"| %s | verdict | %s | binds | with all prices at their ends "
		"|\n|---|---|---:|---|---|\n",
		planning->each ? "for" : "", planning->maximize ? "largest" : "smallest");
	for (size_t a = 0; a < planning->answer_count; a++) {
		const struct plan_answer *answer = &planning->answers[a];

		fputs("| ", out);
		markdown_cell(out, answer->each ? answer->each : "");
		fprintf(out, " | %s | %s | ", planning_verdict(answer),
			answer->found ? PLANNING_VALUE(planning, answer->value) : "–");
		if (answer->found)
			markdown_cell(out,
				      planning->limits[answer->points[answer->confirmation].binding]
					      .metric);
		fprintf(out, " | %s |\n",
			!answer->at_low                            ? "–"
			: planning_missed_within(planning, answer) ? "**missed**"
								   : "met");
	}
}

static void write_looks(FILE *out, const struct planning *planning,
			const struct plan_answer *answer)
{
	fputs("\n| ", out);
	markdown_cell(out, answer->each ? answer->each : "value");
	fputs(" | verdict | replications |", out);
	for (size_t i = 0; i < planning->limit_count; i++) {
		fputc(' ', out);
		markdown_cell(out, planning->limits[i].metric);
		fputs(" |", out);
	}
	fputs("\n|---:|---|---:|", out);
	for (size_t i = 0; i < planning->limit_count; i++)
		fputs("---:|", out);
	fputc('\n', out);
	for (const struct plan_point *point = planning_next_look(answer, NULL); point;
	     point = planning_next_look(answer, point)) {
		fprintf(out, "| %s | %s | %" PRIu64 " |", PLANNING_VALUE(planning, point->value),
			judgement_names[point->verdict], point->replications);
		for (size_t i = 0; i < planning->limit_count; i++)
			markdown_value(out, planning->limits[i].unit,
				       when_finite(point->bounds[i].observed));
		fputc('\n', out);
	}
}

bool planning_write_markdown(const void *what, FILE *out, struct error *error)
{
	const struct planning *planning = what;

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
	write_answers(out, planning);
	for (size_t a = 0; a < planning->answer_count; a++)
		write_looks(out, planning, &planning->answers[a]);
	fputs("\nsim ", out);
	markdown_cell(out, planning->version);
	fprintf(out, ", seed %" PRIu64 "; unsafe with at most %g %%, given the prices\n",
		planning->seed, 100 * planning->alpha);
	return report_check(out, error);
}
