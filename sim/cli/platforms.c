#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/layout.h"
#include "cli/command.h"
#include "document/json.h"
#include "report/text_tools.h"
#include "scenario/costs.h"
#include "scenario/platform.h"

struct arguments {
	char *name; /* NULL: all */
	int format; /* enum text_or_json */
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION_TEXT_OR_JSON(AT(format), 0),
	{ .field.key = NULL },
};

/* A platform as read; the profile borrows from the document. */
struct read_platform {
	const char *name;
	struct document document;
	struct profile profile;
};

static bool read(struct read_platform *read, const char *name, struct error *error)
{
	*read = (struct read_platform){ .name = name };
	return platform_read(name, &read->document, error) &&
	       profile_read(&read->document, &read->profile, error);
}

static void read_fini(struct read_platform *read)
{
	profile_fini(&read->profile);
	document_fini(&read->document);
}

/* Whether some guest of the model can run there. */
static bool runs(const struct model *model, const struct read_platform *read)
{
	return model->architectures >> read->profile.platform.architecture & 1;
}

static const struct term *find_term(const struct model *model, const char *name)
{
	int term = model_term(model, name);

	return term == NO_TERM ? NULL : &model->terms[term];
}

/* Whether the model runs there, and one of its prices is that of the platform (if it has any). */
static bool is_priced(const struct model *model, const struct read_platform *read)
{
	bool any = !json_object_size(read->profile.costs);
	const char *name;
	json_t *value;

	json_object_foreach(read->profile.costs, name, value)
	{
		any = any || find_term(model, name);
	}
	return any && runs(model, read);
}

/* --- text --------------------------------------------------------------------------- */

static void print_member(const char *before, const char *text, FILE *out)
{
	if (text)
		print_visible(out, "%s%s", before, text);
}

static void print_head(const struct read_platform *read, FILE *out)
{
	const struct platform *is = &read->profile.platform;
	size_t prices = json_object_size(read->profile.costs);

	print_visible(out, "%s", read->name);
	print_member("  ", read->profile.name, out);
	fprintf(out, "\n  %s", architecture_names[is->architecture]);
	print_member(", ", is->machine, out);
	print_member(", ", is->cpu, out);
	print_member(", Linux ", is->kernel, out);
	print_member(", QEMU ", is->qemu, out);
	print_member(", ", is->date, out);
	if (prices)
		fprintf(out, "; %zu price%s", prices, prices == 1 ? "" : "s");
	else
		fputs("; prices as of any such host", out);
	if (read->profile.bandwidth)
		fputs(" and memory bandwidth", out);
	fputs(", for", out);
	for (size_t m = 0; m < model_table_count; m++)
		if (is_priced(model_table[m], read))
			fprintf(out, " %s", model_table[m]->name);
	fputc('\n', out);
}

/* --- prices -------------------------------------------------------------------------- */

/* A price of the platform in one model, beside what it is elsewhere. */
struct price_here {
	const struct model *model;
	const struct term *term;
	struct cost here;
};

static bool price_of(const struct read_platform *read, const char *name, json_t *value,
		     const struct model *model, struct price_here *price, struct error *error)
{
	const struct host_config host = { 0 };
	char pointer[POINTER_MAX];

	*price = (struct price_here){ .model = model, .term = find_term(model, name) };
	if (!price->term)
		return true;
	pointer_to_key(pointer, "/costs", name);
	price->here = cost_default(model, price->term);
	return cost_read(&read->document, pointer, value, &host, &price->here, error);
}

static void print_price(const struct price_here *price, FILE *out)
{
	const struct cost *here = &price->here;

	fprintf(out, "  %s\t%s\t%s\t%s\n        \v", price->term->name,
		VALUE(UNIT_NANOSECONDS, here->law.mean_ns),
		RANGE(UNIT_NANOSECONDS, here->low_ns, here->high_ns),
		term_status_names[here->status]);
	print_visible(out, "%s\n", here->source);
}

static void print_elsewhere(const struct price_here *price, FILE *out)
{
	const struct term *term = price->term;

	fprintf(out, "    elsewhere (%s)\t%s\t%s\n", price->model->name,
		VALUE(UNIT_NANOSECONDS, term->mean_ns),
		RANGE(UNIT_NANOSECONDS, term->low_ns, term->high_ns));
}

static json_t *price_json(const struct price_here *price)
{
	const struct cost *here = &price->here;
	const struct term *term = price->term;

	return json_pack("{s:s, s:s, s:s, s:s, s:f, s:[f, f], s:s, s:s, s:{s:f, s:[f, f]}}", "term",
			 term->name, "model", price->model->name, "unit", "ns", "per",
			 term_unit_names[term->unit], "mean", here->law.mean_ns, "range",
			 here->low_ns, here->high_ns, "status", term_status_names[here->status],
			 "source", here->source, "elsewhere", "mean", term->mean_ns, "range",
			 term->low_ns, term->high_ns);
}

/* Each price in the models that have it: printed, or added to a list. */
static bool visit_prices(const struct read_platform *read, json_t **list, FILE *out,
			 struct error *error)
{
	const char *name;
	json_t *value;

	json_object_foreach(read->profile.costs, name, value)
	{
		struct price_here price;
		bool first = true;

		for (size_t m = 0; m < model_table_count; m++) {
			if (!runs(model_table[m], read))
				continue;
			if (!price_of(read, name, value, model_table[m], &price, error))
				return false;
			if (!price.term)
				continue;
			if (list) {
				*list = list_with(*list, price_json(&price));
				continue;
			}
			if (first)
				print_price(&price, out);
			print_elsewhere(&price, out);
			first = false;
		}
	}
	return true;
}

static bool print_bandwidth(const struct read_platform *read, FILE *out, struct error *error)
{
	struct host_config host = { .memory_bandwidth = 1 };

	if (!read->profile.bandwidth)
		return true;
	bandwidth_default(&host);
	if (!profile_bandwidth(&read->document, &read->profile, &host, error))
		return false;
	fprintf(out, "  %s\t%.4g GB/s\t%.4g .. %.4g GB/s\t%s\n        \v", "host.memory_bandwidth",
		host.memory_bandwidth / 1e9, host.bandwidth.low / 1e9, host.bandwidth.high / 1e9,
		term_status_names[host.bandwidth.status]);
	print_visible(out, "%s\n", host.bandwidth.source);
	return true;
}

/* --- the command ----------------------------------------------------------------------- */

static json_t *to_json(const struct read_platform *read, bool whole, struct error *error)
{
	const json_t *root = read->document.root;
	json_t *models = json_array(), *object, *prices = whole ? json_array() : NULL;

	for (size_t m = 0; m < model_table_count; m++)
		if (is_priced(model_table[m], read))
			models = list_with(models, json_string(model_table[m]->name));
	if (whole && !visit_prices(read, &prices, NULL, error)) {
		json_decref(models);
		json_decref(prices);
		return NULL;
	}
	object = json_pack(
		"{s:s, s:O*, s:O*, s:O*, s:O*, s:I, s:o, s:o*}", "name", read->name, "title",
		json_object_get(root, "name"), "about", json_object_get(root, "about"), "platform",
		json_object_get(root, "platform"), "memory_bandwidth", read->profile.bandwidth,
		"price_count", (json_int_t)json_object_size(read->profile.costs), "models", models,
		"prices", prices);
	if (!object)
		error_memory(error, "platform");
	return object;
}

static bool print_one(const struct read_platform *one, struct error *error)
{
	struct layout layout;
	bool ok;

	if (!layout_open(&layout, stdout, error))
		return false;
	print_head(one, layout.stream);
	fputs("  \v", layout.stream);
	print_member("", one->profile.about, layout.stream);
	fputs("\n\n", layout.stream);
	ok = print_bandwidth(one, layout.stream, error) &&
	     visit_prices(one, NULL, layout.stream, error);
	return layout_close(&layout, error) && ok;
}

static bool show_one(const char *name, int format, struct error *error)
{
	struct read_platform one;
	bool ok = read(&one, name, error);

	if (ok && !one.profile.measured)
		ok = error_set(error, ERROR_INPUT,
			       "%s: error: /: this profile does not say what it was measured on "
			       "(\"platform\")",
			       name);
	if (ok && format == JSON_FORMAT) {
		json_t *object = to_json(&one, true, error);

		ok = object && json_print(object, "platform", 2, stdout, error);
	} else if (ok) {
		ok = print_one(&one, error);
	}
	read_fini(&one);
	return ok;
}

static bool show_all(int format, struct error *error)
{
	json_t *list = json_array();
	struct layout layout;
	bool ok;

	if (!layout_open(&layout, stdout, error))
		return false;
	ok = list || error_memory(error, "platforms");
	for (size_t i = 0; ok && i < shipped_profile_count; i++) {
		struct read_platform one;

		ok = read(&one, shipped_profiles[i].name, error);
		if (ok && one.profile.measured && format == JSON_FORMAT)
			list = list_with(list, to_json(&one, false, error));
		else if (ok && one.profile.measured)
			print_head(&one, layout.stream);
		read_fini(&one);
	}
	ok = layout_close(&layout, error) && ok;
	if (ok && format == JSON_FORMAT)
		return json_print(list, "platforms", 2, stdout, error);
	json_decref(list);
	return ok;
}

static int platforms(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };

	command_parse(&command_platforms, argc, argv, &arguments);
	if (arguments.name)
		show_one(arguments.name, arguments.format, error);
	else
		show_all(arguments.format, error);
	return 0;
}

const struct command command_platforms = {
	.name = "platforms",
	.summary = "list the platforms that prices are known of, or show one",
	.arguments = "[NAME]",
	.about = "List the platforms that a scenario may name (\"platform\", or --platform of the "
		 "commands that run one): one for any host of an architecture, and machines that "
		 "published tables describe. With a NAME, or the path of a profile: its prices "
		 "beside "
		 "what they are elsewhere.\v"
		 "Examples:\n  sim platforms\n  sim platforms epyc-7j13\n"
		 "  sim run scenarios/kvm/exit.json --platform x86_64\n",
	.options = { { options, 0 } },
	.words = { "platform", FIELD_TEXT, AT(name), .fallback = NULL },
	.run = platforms,
};
