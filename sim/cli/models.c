#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "flow/lock_check.h"
#include "flow/model.h"
#include "flow/program.h"
#include "scenario/record.h"

static error_t parse(int key, char *text, struct argp_state *state)
{
	const struct model **model = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	*model = model_find(text);
	if (!*model)
		argp_error(state, "there is no such model; `sim models` lists them");
	return 0;
}

static const struct argp argp = {
	NULL,
	parse,
	"[MODEL]",
	"List the models, or say of one what it models and what not, its parameters, units and "
	"sources.\v"
	"Example:\n  sim models s390-pv\n",
	NULL,
	NULL,
	NULL,
};

/* Paragraphs, folded at about 90 columns. */
static void print_folded(const char *text)
{
	int column = 0;

	while (*text) {
		size_t word = strcspn(text, " \n");

		if (column && column + (int)word > 88) {
			putchar('\n');
			column = 0;
		}
		column += printf("%s%.*s", column ? " " : "  ", (int)word, text);
		text += word;
		if (*text == '\n') {
			putchar('\n');
			column = 0;
		}
		text += *text != '\0';
	}
	putchar('\n');
}

static void print_faults(const struct model *model, struct error *error)
{
	const char *seen[256];
	size_t count = 0;

	for (size_t s = 0; s < model->strategy_count; s++) {
		for (int i = 0; i < OPERATION_COUNT; i++) {
			struct program program;

			if (!model->strategies[s].flows[i])
				continue;
			if (!program_build(&program, model, model->strategies[s].flows[i], error))
				return;
			for (size_t k = 0; k < program.step_count; k++) {
				const struct step *step = program.steps[k].step;
				const char *name = program_fault_name(model, step);
				bool known = !name || count == 256;

				for (size_t j = 0; j < count && !known; j++)
					known = strcmp(seen[j], name) == 0;
				if (known)
					continue;
				seen[count++] = name;
				printf("  %-24s %-8s %s\n", name,
				       step->error ? strerrorname_np(step->error) : "ignored",
				       step->where ? step->where : "");
			}
			program_fini(&program);
		}
	}
}

static void print_locks(const struct model *model, struct error *error)
{
	static struct lock_report report;

	if (!lock_check_model(model, &report, error))
		return;
	for (size_t i = 0; i < model->lock_count; i++)
		printf("  %-16s one per %s\n", model->locks[i]->name,
		       model->locks[i]->scope == SCOPE_HOST ? "host" : "guest");
	for (size_t i = 0; i < report.edge_count; i++)
		printf("  %s before %s\n", report.edges[i].from->name, report.edges[i].to->name);
	printf("  at most %zu held at once (%s)\n", report.deepest,
	       report.deepest_flow ? report.deepest_flow : "-");
	if (report.deepest_beside_vcpus)
		printf("  with the mutexes of all vCPUs: %zu and one for each vCPU; lockdep, which "
		       "follows\n  %d, switches itself off from %zu vCPUs on (the guest works "
		       "on)\n",
		       report.deepest_beside_vcpus, LOCKDEP_DEPTH_MAX,
		       LOCKDEP_DEPTH_MAX - report.deepest_beside_vcpus);
	for (size_t i = 0; i < report.finding_count; i++)
		printf("  DEFECT: %s\n", report.findings[i]);
}

static void print_model(const struct model *model, struct error *error)
{
	printf("%s: %s\n\nStrategies\n", model->name, model->summary);
	for (size_t s = 0; s < model->strategy_count; s++) {
		printf("  %-12s %s\n               operations:", model->strategies[s].name,
		       model->strategies[s].summary);
		for (int i = 0; i < OPERATION_COUNT; i++)
			if (model->strategies[s].flows[i])
				printf(" %s", operation_names[i]);
		putchar('\n');
	}
	printf("\nModelled\n");
	print_folded(model->modelled);
	printf("\nNot modelled\n");
	print_folded(model->not_modelled);
	printf("\nParameters of its guests (beside those of every guest)\n\n");
	record_print_reference(model->parameters, stdout, error);
	printf("Steps that can be made to fail (guests[].faults)\n");
	print_faults(model, error);
	printf("\nLocks\n");
	print_locks(model, error);
	printf("\nSources\n");
	print_folded(model->sources);
	printf("\nCost terms: sim costs %s. Flows: sim flows %s.\n", model->name, model->name);
}

static int models(int argc, char **argv, struct error *error)
{
	const struct model *model = NULL;

	command_parse(&argp, argc, argv, &model);
	if (model) {
		print_model(model, error);
		return 0;
	}
	for (size_t i = 0; i < model_table_count; i++) {
		printf("%-12s %s\n%13sstrategies:", model_table[i]->name, model_table[i]->summary,
		       "");
		for (size_t s = 0; s < model_table[i]->strategy_count; s++)
			printf(" %s", model_table[i]->strategies[s].name);
		putchar('\n');
	}
	return 0;
}

const struct command command_models = { "models", "list models, or explain one", models, &argp };
