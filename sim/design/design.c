#include "design/design.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/visible.h"
#include "design/parts.h"
#include "flow/model_check.h"

struct raw_design {
	char *name, *about, *extends;
};

#define AT(struct_, member) offsetof(struct struct_, member)

static const struct field design_fields[] = {
	{ "$schema", FIELD_ANY, 0, "null", .help = "path of design.schema.json, for editors" },
	{ "name", FIELD_NAME, AT(raw_design, name), NULL,
	  .help = "the strategy's name in scenarios" },
	{ "about", FIELD_TEXT, AT(raw_design, about), "null", .help = "what it changes, and why" },
	{ "extends", FIELD_NAME, AT(raw_design, extends), NULL,
	  .help = "MODEL/STRATEGY whose flows it changes; the strategy may be another design" },
	{ "costs", FIELD_ANY, 0, "null",
	  .help = "new prices by their names: mean, unit, range, source" },
	{ "locks", FIELD_ANY, 0, "null",
	  .help = "new locks by their names: {\"scope\": \"guest\"} or \"host\"" },
	{ "loops", FIELD_ANY, 0, "null", .help = "page loops by their names" },
	{ "flows", FIELD_ANY, 0, "null", .help = "flows by their names: lists of steps, or edits" },
	{ .key = NULL },
};
const struct record design_record = { "design", "A strategy as data.", sizeof(struct raw_design),
				      design_fields };

/* --- what a design extends -------------------------------------------------------- */

bool strategy_unknown(const struct document *document, const char *pointer, const char *key,
		      const struct model *model, const char *name, struct error *error)
{
	struct candidates known = { 0 };
	char hint[HINT_MAX], list[512] = "";

	for (size_t i = 0; i < model->strategy_count; i++) {
		candidates_add(&known, model->strategies[i].name);
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 model->strategies[i].name);
	}
	return document_error_at(document, pointer, key, error,
				 "%s has no strategy \"%.60s\"; it has %s%s", model->name, name,
				 list, did_you_mean(hint, name, known.names));
}

/* The model of "MODEL/STRATEGY"; NULL and an error: there is none. */
static struct designed_model *find_extended(struct design_reader *reader, const char *extends)
{
	const char *slash = strchr(extends, '/');
	const struct model *shipped = NULL;
	struct designed_model *into;
	char hint[HINT_MAX];

	for (size_t i = 0; slash && i < model_table_count; i++)
		if (strlen(model_table[i]->name) == (size_t)(slash - extends) &&
		    strncmp(model_table[i]->name, extends, (size_t)(slash - extends)) == 0)
			shipped = model_table[i];
	if (!shipped) {
		design_error_at(reader, reader->base, "extends",
				"\"%.60s\" is no MODEL/STRATEGY (`sim flows` lists them)%s",
				extends, did_you_mean(hint, extends, model_names));
		return NULL;
	}
	if (!model_is_sound(shipped, reader->error))
		return NULL;
	into = designs_model_for(reader->designs, shipped, reader->error);
	if (!into)
		return NULL;
	reader->extended = strategy_find(&into->model, slash + 1);
	if (reader->extended >= 0)
		return into;
	strategy_unknown(reader->document, reader->base, "extends", &into->model, slash + 1,
			 reader->error);
	return NULL;
}

/* --- the whole ------------------------------------------------------------------------ */

/* Where the design wrote the step that a finding is at; NULL: it inherits it, or it is no step. */
static const char *source_of(const struct design_reader *reader, const struct finding_place *at,
			     const struct forked_flow **flow)
{
	*flow = at->flow ? fork_owner(reader->fork, at->flow) : NULL;
	return *flow && at->step < (*flow)->flow.step_count ? (*flow)->sources[at->step] : NULL;
}

/* Where in the design a finding belongs: a step that it wrote, a flow that it changed, flows. */
static void place_of(const struct design_reader *reader, json_t *design,
		     const struct finding_place *at, char place[POINTER_MAX])
{
	const struct forked_flow *flow;
	const char *source = source_of(reader, at, &flow);
	json_t *flows = json_object_get(design, "flows");
	json_t *loops = json_object_get(design, "loops");

	pointer_to_key(place, reader->base, flows ? "flows" : "extends");
	if (!flow)
		return;
	if (at->step < flow->flow.step_count && flow->steps[at->step].loop &&
	    json_object_get(loops, flow->steps[at->step].loop->name)) {
		pointer_to_key(place, reader->base, "loops");
		pointer_to_key(place, place, flow->steps[at->step].loop->name);
	} else if (source) {
		snprintf(place, POINTER_MAX, "%s", source);
	} else if (json_object_get(flows, flow->flow.name)) {
		pointer_to_key(place, place, flow->flow.name);
	}
}

/* The strategy is the last of the model: what is wrong with it is an error of the design. */
static bool check(const struct design_reader *reader, json_t *design)
{
	const struct model *model = &reader->into->model;
	struct findings *findings = memory_array(1, sizeof(*findings), "findings", reader->error);
	const struct forked_flow *flow;
	char place[POINTER_MAX];
	size_t first = 0;
	bool ok = findings && strategy_check(model, &model->strategies[model->strategy_count - 1],
					     findings, reader->error);

	if (ok && findings->count) {
		/* A step that the design wrote says more than one that it inherits. */
		for (size_t i = findings->count; i-- > 0;)
			if (source_of(reader, &findings->places[i], &flow))
				first = i;
		place_of(reader, design, &findings->places[first], place);
		ok = design_error(reader, place, "%s", findings->texts[first]);
	}
	free(findings);
	return ok;
}

static bool new_fork(struct design_reader *reader)
{
	struct designs *designs = reader->designs;

	if (!memory_grow(&designs->forks, &designs->fork_capacity, designs->fork_count + 1,
			 sizeof(struct fork *), "designs", reader->error))
		return false;
	reader->fork = memory_array(1, sizeof(*reader->fork), "design", reader->error);
	if (!reader->fork)
		return false;
	designs->forks[designs->fork_count++] = reader->fork;
	return true;
}

/* What a reader wrote is shown wherever summaries of strategies are: safe to show. */
static const char *shown_text(struct design_reader *reader, const char *text)
{
	size_t size = 4 * strlen(text) + 1; /* \xNN */
	char *shown = memory_keep_array(&reader->designs->keeper, size, 1, "design", reader->error);

	if (shown)
		visible_text(shown, size, text);
	return shown;
}

/* The design as a strategy of its model. */
static bool build(struct design_reader *reader, const struct raw_design *raw, json_t *design)
{
	struct strategy strategy = reader->into->strategies[reader->extended];
	int origin = reader->into->origins[reader->extended];

	if (strategy_find(&reader->into->model, raw->name) >= 0)
		return design_error_at(reader, reader->base, "name",
				       "%s has a strategy \"%.60s\" already",
				       reader->into->model.name, raw->name);
	if (strchr(raw->name, '/'))
		return design_error_at(reader, reader->base, "name",
				       "a strategy's name has no \"/\"");
	strategy.name = memory_keep_text(&reader->designs->keeper, raw->name, reader->error);
	strategy.summary = raw->about ? shown_text(reader, raw->about) : "a design";
	return strategy.name && strategy.summary && new_fork(reader) &&
	       design_read_each(reader, design, "costs", design_read_price) &&
	       design_read_each(reader, design, "locks", design_read_lock) &&
	       names_collect(&reader->names, &reader->into->model, reader->error) &&
	       fork_strategy(reader->fork, &strategy, reader->error) &&
	       design_read_each(reader, design, "loops", design_read_loop) &&
	       /* All names first: flows call one another. */
	       design_read_each(reader, design, "flows", design_declare_flow) &&
	       design_read_each(reader, design, "flows", design_read_flow) &&
	       design_add_strategy(reader->into, &strategy, origin, reader->error) &&
	       check(reader, design);
}

bool design_read(struct designs *designs, const struct document *document, const char *pointer,
		 json_t *object, struct error *error)
{
	struct design_reader reader = { .known = { design_read_named },
					.designs = designs,
					.document = document,
					.base = pointer,
					.error = error };
	struct raw_design raw = { 0 };
	bool ok = false;

	if (record_read_whole(document, &design_record, object, pointer, &raw, error))
		reader.into = find_extended(&reader, raw.extends);
	if (reader.into)
		ok = build(&reader, &raw, object);
	record_fini(&design_record, &raw);
	names_fini(&reader.names);
	free(reader.loops);
	return ok;
}

bool designs_load(struct designs *designs, const struct document *scenario, json_t *list,
		  struct companions *companions, struct error *error)
{
	size_t index;
	json_t *item;

	if (list && !json_is_array(list))
		return document_error(scenario, "/designs", error,
				      "a list of designs is needed, [\"designs/lower.json\"]");
	if (json_array_size(list) > DESIGNS_MAX)
		return document_error(scenario, "/designs", error, "more than %d designs",
				      DESIGNS_MAX);
	json_array_foreach(list, index, item)
	{
		const struct document *document = scenario;
		char pointer[POINTER_MAX];
		const char *path = json_string_value(item);

		pointer_to_index(pointer, "/designs", index);
		if (path)
			document = companions_read(companions, scenario, pointer, path, "design",
						   error);
		if (!document || !design_read(designs, document, path ? "" : pointer,
					      path ? document->root : item, error))
			return false;
	}
	return true;
}

bool document_is_design(const struct document *document)
{
	return json_object_get(document->root, "extends") != NULL;
}

bool design_file_take(struct design_file *file, struct document *document, struct error *error)
{
	*file = (struct design_file){ .document = *document };
	*document = (struct document){ 0 };
	if (!design_read(&file->designs, &file->document, "", file->document.root, error))
		return false;
	file->model = &file->designs.models[0]->model;
	file->strategy = &file->model->strategies[file->model->strategy_count - 1];
	return true;
}

bool design_file_load(struct design_file *file, const char *path, struct error *error)
{
	struct document document;

	*file = (struct design_file){ 0 };
	return document_read(&document, path, error) && design_file_take(file, &document, error);
}

void design_file_fini(struct design_file *file)
{
	designs_fini(&file->designs);
	document_fini(&file->document);
}
