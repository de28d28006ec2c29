#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/progress.h"
#include "cli/command.h"
#include "cli/scenario_options.h"
#include "decide/plan.h"
#include "document/data_folder.h"
#include "page/plan_page.h"
#include "report/text_tools.h"

/* A page takes more than the plan: its place is the last. */
static report_writer *const writers[] = { planning_write_text, planning_write_json,
					  planning_write_csv, planning_write_markdown, NULL };
static const char *const formats[] = { "text", "json", "csv", "md", "html", NULL };

struct arguments {
	const char *file, *keep;
	int format; /* in writers */
	struct scenario_options scenario;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("vary", FIELD_ANY, AT(scenario.settings), "/POINTER", "What varies", .group = 1,
	       .setting = "/plan/vary"),
	OPTION("between", FIELD_ANY, AT(scenario.settings), "LOW..HIGH",
	       "From where to where, both included: 1..400, or 64GiB..4TiB", .group = 1,
	       .setting = "/plan/between"),
	OPTION("goal", FIELD_ANY, AT(scenario.settings), "GOAL",
	       "max: the largest value (the default); min: the smallest", .group = 1,
	       .setting = "/plan/goal"),
	OPTION("keep", FIELD_TEXT, AT(keep), "FILE",
	       "Keep what was looked at; the same plan goes on from there when it was interrupted",
	       .group = 2, .file = FILE_OUTPUT),
	OPTION_FORMAT(AT(format), formats, 3),
	{ .field.key = NULL },
};

/* --- progress ------------------------------------------------------------------------------- */

/* The values between which the verdict turns, as far as it is known; whether both are. */
static bool bracket(const struct planning *planning, const struct plan_answer *answer, int64_t *met,
		    int64_t *other)
{
	int64_t direction = planning->maximize ? 1 : -1;
	bool any_met = false, any_other = false;

	for (size_t i = 0; i + 1 < answer->point_count; i++) {
		const struct plan_point *point = &answer->points[i];
		bool meets = point->verdict == LIMIT_MET, *any = meets ? &any_met : &any_other;
		int64_t *end = meets ? met : other;

		/* the hardest that meets, the easiest that does not */
		if (!*any || (point->value - *end) * direction * (meets ? 1 : -1) > 0)
			*end = point->value;
		*any = true;
	}
	return any_met && any_other;
}

/* Looks that are left: halvings of the bracket and a confirmation, and as much for other searches. */
static double looks_left(const struct plan_progress *now, int64_t met, int64_t other)
{
	const struct planning *planning = now->planning;
	double span = fabs((double)(met - other)), whole;

	whole = log2((double)(planning->between.last - planning->between.first) + 2) + 1;
	return (now->fresh ? 1 : log2(fmax(span, 1)) + 1) +
	       whole * (double)(planning->search_count - now->search - 1);
}

static void show(const struct plan_progress *now, void *data)
{
	const struct planning *planning = now->planning;
	const struct plan_answer *answer = &planning->answers[now->search];
	int64_t met = planning->maximize ? planning->between.first : planning->between.last;
	int64_t other = planning->maximize ? planning->between.last : planning->between.first;
	bool both = bracket(planning, answer, &met, &other);
	double done = 0;

	(void)data;
	for (size_t a = 0; a < planning->answer_count; a++)
		done += (double)planning->answers[a].point_count;
	progress_show(done / (done + looks_left(now, met, other)),
		      "%s%s%s%s, %llu of at most %llu replications; %s %s %s %s",
		      answer->each ? answer->each : "", answer->each ? ": " : "",
		      now->fresh ? "confirming " : "", PLANNING_VALUE(planning, now->value),
		      (unsigned long long)now->replications, (unsigned long long)planning->most,
		      both ? "between" : "within", PLANNING_VALUE(planning, met),
		      both ? "and" : "..", PLANNING_VALUE(planning, other));
}

/* --- the command ------------------------------------------------------------------------------ */

static void write_plan(const struct arguments *arguments, const struct planning *planning,
		       struct error *error)
{
	struct plan_page page = { planning, NULL };
	report_writer *writer = writers[arguments->format];
	char scripts[4096];

	if (data_folder_find(NULL, "gnuplot", scripts, sizeof(scripts)))
		page.scripts = scripts;
	scenario_options_write(&arguments->scenario, writer ? writer : plan_page_write,
			       writer ? (const void *)planning : &page, error);
}

static int plan(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct experiment_options experiment;
	struct plan_options how;
	struct planning planning;
	int status = 1;

	command_parse(&command_plan, argc, argv, &arguments);
	experiment = scenario_options_experiment(&arguments.scenario);
	how = (struct plan_options){ .replicate = experiment.replicate,
				     .version = experiment.version,
				     .commit = experiment.commit,
				     .keep = arguments.keep,
				     .progress = progress_is_shown() ? show : NULL };
	if (arguments.keep)
		command_keeps("the looks so far are in %s: the same command goes on",
			      arguments.keep);
	else
		command_keeps("nothing is kept; with --keep FILE the same command would go on");
	if (plan_run(arguments.file, arguments.scenario.settings.items,
		     arguments.scenario.settings.count, &how, &planning, error)) {
		write_plan(&arguments, &planning, error);
		status = planning_status(&planning);
		planning_fini(&planning);
	}
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_plan = {
	.name = "plan",
	.summary = "find how many guests, how large, or how wide a wave",
	.arguments = "FILE",
	.about = "Find the largest (or smallest) value for which all limits of the scenario's "
		 "\"plan\" hold: guests on a host, memory of a guest, width of a wave, hosts of a "
		 "fleet, a rate, a price. Every decision is made on a confidence bound; the result "
		 "is confirmed on fresh random numbers. Exit status 3: infeasible, 4: unresolved "
		 "with the replications allowed.\v"
		 "Example:\n  sim plan scenarios/s390-pv/plan-wave.json\n",
	.options = { { options, 0 },
		     { scenario_options, AT(scenario) },
		     { scenario_output, AT(scenario) } },
	.words = { "scenario", FIELD_TEXT, AT(file),
		   .help = "a scenario file with a \"plan\" is needed" },
	.run = plan,
};
