#include <stdio.h>
#include <string.h>

#include "base/layout.h"
#include "cli/command.h"
#include "cli/models_versions.h"
#include "document/record.h"
#include "flow/fault_points.h"
#include "flow/lock_check.h"
#include "flow/model.h"
#include "flow/model_check.h"

struct arguments {
	int model; /* in model_table; -1: all */
	bool check, versions;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("check", FIELD_FLAG, AT(check), NULL,
	       "look for defects of the models themselves instead: rows, acts and operands that "
	       "are "
	       "missing, prices in the wrong unit, names used twice, locks and waits"),
	OPTION("versions", FIELD_FLAG, AT(versions), NULL,
	       "print what holds in which versions of Linux and QEMU and for which VMM, as "
	       "Markdown "
	       "(docs/versions.md)"),
	{ .field.key = NULL },
};

static bool check(const struct model *model, FILE *out, struct error *error)
{
	static struct findings findings;

	if (!model_check(model, &findings, error))
		return false;
	fprintf(out, "%s\t%s\n", model->name, findings.count ? "DEFECTS" : "sound");
	for (size_t i = 0; i < findings.count; i++)
		fprintf(out, "  %s\n", findings.texts[i]);
	return !findings.count || error_set(error, ERROR_INTERNAL, "model %s has %zu defects",
					    model->name, findings.count);
}

/* Paragraphs; the layout breaks their lines. */
static void print_paragraphs(const char *text, FILE *out)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		fprintf(out, "  \v%.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void print_faults(const struct model *model, FILE *out, struct error *error)
{
	struct fault_points points = { 0 };

	for (size_t s = 0; s < model->strategy_count; s++)
		if (!fault_points_add(&points, model, &model->strategies[s], error))
			break;
	for (size_t i = 0; i < points.count; i++)
		fprintf(out, "  %s\t%s\t%s\n", points.points[i].name,
			points.points[i].error ? strerrorname_np(points.points[i].error)
					       : "ignored",
			points.points[i].where ? points.points[i].where : "");
	fault_points_fini(&points);
}

static void print_locks(const struct model *model, FILE *out, struct error *error)
{
	static struct lock_report report;

	if (!lock_check_model(model, &report, error))
		return;
	for (size_t i = 0; i < model->lock_count; i++)
		fprintf(out, "  %s\tone per %s\n", model->locks[i]->name,
			model->locks[i]->scope == SCOPE_HOST ? "host" : "guest");
	for (size_t i = 0; i < report.edge_count; i++)
		fprintf(out, "  %s before %s\n", report.edges[i].from->name,
			report.edges[i].to->name);
	fprintf(out, "  at most %zu held at once (%s)\n", report.deepest,
		report.deepest_place.flow ? report.deepest_place.flow->name : "-");
	if (report.deepest_beside_vcpus)
		fprintf(out,
			"  with the mutexes of all vCPUs: %zu and one for each vCPU; lockdep, "
			"which "
			"follows %d, switches itself off from %zu vCPUs on (the guest works "
			"on)\n",
			report.deepest_beside_vcpus, LOCKDEP_DEPTH_MAX,
			LOCKDEP_DEPTH_MAX - report.deepest_beside_vcpus);
	for (size_t i = 0; i < report.findings.count; i++)
		fprintf(out, "  DEFECT: %s\n", report.findings.texts[i]);
}

static void print_model(const struct model *model, FILE *out, struct error *error)
{
	fprintf(out, "%s: %s\n\nRuns on", model->name, model->summary);
	for (int i = 0; i < ARCHITECTURES; i++)
		if (model->architectures >> i & 1)
			fprintf(out, " %s", architecture_names[i]);
	fprintf(out, "\n\nStrategies\n");
	for (size_t s = 0; s < model->strategy_count; s++) {
		fprintf(out,
			"  %-12s  \v%s\n                \voperations:", model->strategies[s].name,
			model->strategies[s].summary);
		for (int i = 0; i < OPERATION_COUNT; i++)
			if (model->strategies[s].flows[i])
				fprintf(out, " %s", operation_names[i]);
		fputc('\n', out);
	}
	fprintf(out, "\nModelled\n");
	print_paragraphs(model->modelled, out);
	fprintf(out, "\nNot modelled\n");
	print_paragraphs(model->not_modelled, out);
	fprintf(out, "\nParameters of its guests (beside those of every guest)\n\n");
	record_print_text(model->parameters, out);
	fprintf(out, "Steps that can be made to fail (guests[].faults)\n");
	print_faults(model, out, error);
	fprintf(out, "\nVersions (host.kernel, guests[].qemu, guests[].vmm)\n");
	versions_print(model, out);
	fprintf(out, "\nLocks\n");
	print_locks(model, out, error);
	fprintf(out, "\nSources\n");
	print_paragraphs(model->sources, out);
	fprintf(out, "\nCost terms: sim costs %s. Flows: sim flows %s.\n", model->name,
		model->name);
}

static void print_list(FILE *out)
{
	for (size_t i = 0; i < model_table_count; i++) {
		fprintf(out, "%-12s  \v%s\n              \vstrategies:", model_table[i]->name,
			model_table[i]->summary);
		for (size_t s = 0; s < model_table[i]->strategy_count; s++)
			fprintf(out, " %s", model_table[i]->strategies[s].name);
		fputc('\n', out);
	}
}

static int models(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .model = -1 };
	struct layout layout;

	command_parse(&command_models, argc, argv, &arguments);
	if (arguments.versions) {
		versions_print_page();
		return 0;
	}
	if (!layout_open(&layout, stdout, error))
		return 1;
	for (int i = 0; arguments.check && i < (int)model_table_count; i++)
		if (arguments.model < 0 || arguments.model == i)
			check(model_table[i], layout.stream, error);
	if (!arguments.check && arguments.model >= 0)
		print_model(model_table[arguments.model], layout.stream, error);
	else if (!arguments.check)
		print_list(layout.stream);
	layout_close(&layout, error);
	return 0;
}

const struct command command_models = {
	.name = "models",
	.summary = "list models, or explain one",
	.arguments = "[MODEL]",
	.about =
		"List the models, or say of one what it models and what not, its parameters, units "
		"and sources.\v"
		"Examples:\n  sim models s390-pv\n  sim models --check\n  sim models --versions\n",
	.options = { { options, 0 } },
	.words = { "model", FIELD_CHOICE, AT(model), .choices = model_names },
	.run = models,
};
