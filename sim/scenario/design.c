#include "scenario/design.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "flow/model_check.h"
#include "scenario/costs.h"
#include "scenario/design_parts.h"

struct raw_design {
	char *name, *about, *extends;
};

struct raw_lock {
	int scope; /* enum lock_scope */
};

#define AT(struct_, member) offsetof(struct struct_, member)

static const struct field design_fields[] = {
	{ "$schema", FIELD_ANY, 0, "null", 0, 0, NULL, NULL,
	  "path of design.schema.json, for editors" },
	{ "name", FIELD_NAME, AT(raw_design, name), NULL, 0, 0, NULL, NULL,
	  "the strategy's name in scenarios" },
	{ "about", FIELD_TEXT, AT(raw_design, about), "null", 0, 0, NULL, NULL,
	  "what it changes, and why" },
	{ "extends", FIELD_NAME, AT(raw_design, extends), NULL, 0, 0, NULL, NULL,
	  "MODEL/STRATEGY whose flows it changes; the strategy may be another design" },
	{ "costs", FIELD_ANY, 0, "null", 0, 0, NULL, NULL,
	  "new prices by their names: mean, unit, range, source" },
	{ "locks", FIELD_ANY, 0, "null", 0, 0, NULL, NULL,
	  "new locks by their names: {\"scope\": \"guest\"} or \"host\"" },
	{ "loops", FIELD_ANY, 0, "null", 0, 0, NULL, NULL, "page loops by their names" },
	{ "flows", FIELD_ANY, 0, "null", 0, 0, NULL, NULL,
	  "flows by their names: lists of steps, or edits" },
	{ .key = NULL },
};
const struct record design_record = { "design", "A strategy as data.", sizeof(struct raw_design),
				      design_fields };

static const char *const scopes[] = { "guest", "host", NULL };
static const struct field lock_fields[] = {
	{ "scope", FIELD_CHOICE, AT(raw_lock, scope), "\"guest\"", 0, 0, scopes, NULL,
	  "one for each guest, or one for the host" },
	{ .key = NULL },
};
static const struct record lock_record = { "lock", "A lock that a design brings with it.",
					   sizeof(struct raw_lock), lock_fields };

/* --- models with designs -------------------------------------------------------- */

const struct model *designs_model(const struct designs *designs, const struct model *shipped)
{
	for (size_t i = 0; i < designs->model_count; i++)
		if (designs->models[i]->shipped == shipped)
			return &designs->models[i]->model;
	return shipped;
}

int designs_origin(const struct designs *designs, const struct model *model, size_t index)
{
	for (size_t i = 0; i < designs->model_count; i++)
		if (&designs->models[i]->model == model)
			return designs->models[i]->origins[index];
	return (int)index;
}

static bool add_strategy(struct designed_model *into, const struct strategy *strategy, int origin,
			 struct error *error)
{
	size_t count = into->model.strategy_count;

	if (!memory_grow(&into->strategies, &into->strategy_capacity, count + 1,
			 sizeof(*into->strategies), "strategies", error) ||
	    !memory_grow(&into->origins, &into->origin_capacity, count + 1, sizeof(*into->origins),
			 "strategies", error))
		return false;
	into->strategies[count] = *strategy;
	into->origins[count] = origin;
	into->model.strategies = into->strategies;
	into->model.strategy_count = count + 1;
	return true;
}

static bool add_term(struct designed_model *into, const struct term *term, struct error *error)
{
	size_t count = into->model.term_count;

	if (!memory_grow(&into->terms, &into->term_capacity, count + 1, sizeof(*into->terms),
			 "terms", error))
		return false;
	into->terms[count] = *term;
	into->model.terms = into->terms;
	into->model.term_count = count + 1;
	return true;
}

static bool add_lock(struct designed_model *into, const struct lock_kind *lock, struct error *error)
{
	size_t count = into->model.lock_count;

	if (!memory_grow(&into->locks, &into->lock_capacity, count + 1,
			 sizeof(const struct lock_kind *), "locks", error))
		return false;
	into->locks[count] = lock;
	into->model.locks = into->locks;
	into->model.lock_count = count + 1;
	return true;
}

/* A copy of the shipped model, with nothing added yet. */
static bool fill_model(struct designed_model *into, const struct model *shipped,
		       struct error *error)
{
	bool ok = true;

	into->shipped = shipped;
	into->model = *shipped;
	into->model.strategy_count = into->model.term_count = into->model.lock_count = 0;
	for (size_t i = 0; ok && i < shipped->strategy_count; i++)
		ok = add_strategy(into, &shipped->strategies[i], (int)i, error);
	for (size_t i = 0; ok && i < shipped->term_count; i++)
		ok = add_term(into, &shipped->terms[i], error);
	for (size_t i = 0; ok && i < shipped->lock_count; i++)
		ok = add_lock(into, shipped->locks[i], error);
	return ok;
}

static struct designed_model *model_for(struct designs *designs, const struct model *shipped,
					struct error *error)
{
	struct designed_model *into;

	for (size_t i = 0; i < designs->model_count; i++)
		if (designs->models[i]->shipped == shipped)
			return designs->models[i];
	if (!memory_grow(&designs->models, &designs->model_capacity, designs->model_count + 1,
			 sizeof(struct designed_model *), "models", error))
		return NULL;
	into = memory_array(1, sizeof(*into), "model", error);
	if (!into)
		return NULL;
	designs->models[designs->model_count++] = into;
	return fill_model(into, shipped, error) ? into : NULL;
}

void designs_fini(struct designs *designs)
{
	for (size_t i = 0; i < designs->model_count; i++) {
		free(designs->models[i]->strategies);
		free(designs->models[i]->origins);
		free(designs->models[i]->terms);
		free(designs->models[i]->locks);
		free(designs->models[i]);
	}
	for (size_t i = 0; i < designs->fork_count; i++) {
		fork_fini(designs->forks[i]);
		free(designs->forks[i]);
	}
	free(designs->models);
	free(designs->forks);
	memory_keeper_fini(&designs->keeper);
	*designs = (struct designs){ 0 };
}

/* --- what a design extends -------------------------------------------------------- */

static bool unknown_model(const struct design_reader *reader, const char *pointer,
			  const char *extends)
{
	const char *names[DESIGNS_MAX];
	char hint[HINT_MAX], list[256] = "";
	size_t count = 0;

	for (; count < model_table_count && count < DESIGNS_MAX - 1; count++) {
		names[count] = model_table[count]->name;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 count ? ", " : "", names[count]);
	}
	names[count] = NULL;
	return design_error(reader, pointer,
			    "\"%.60s\" is no MODEL/STRATEGY; there are the models %s%s", extends,
			    list, did_you_mean(hint, extends, names));
}

static bool find_extended(struct design_reader *reader, const char *extends)
{
	const char *slash = strchr(extends, '/');
	const struct model *shipped = NULL;
	char pointer[POINTER_MAX], hint[HINT_MAX], list[256] = "";
	const char *names[DESIGNS_MAX + 16];
	size_t count = 0;

	design_place(pointer, reader->base, "extends");
	for (size_t i = 0; slash && i < model_table_count; i++)
		if (strlen(model_table[i]->name) == (size_t)(slash - extends) &&
		    strncmp(model_table[i]->name, extends, (size_t)(slash - extends)) == 0)
			shipped = model_table[i];
	if (!shipped)
		return unknown_model(reader, pointer, extends);
	if (!model_is_sound(shipped, reader->error))
		return false;
	reader->into = model_for(reader->designs, shipped, reader->error);
	if (!reader->into)
		return false;
	reader->extended = strategy_find(&reader->into->model, slash + 1);
	if (reader->extended >= 0)
		return true;
	for (; count < reader->into->model.strategy_count && count < DESIGNS_MAX + 15; count++) {
		names[count] = reader->into->strategies[count].name;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 count ? ", " : "", names[count]);
	}
	names[count] = NULL;
	return design_error(reader, pointer, "%s has no strategy \"%.60s\"; it has %s%s",
			    shipped->name, slash + 1, list, did_you_mean(hint, slash + 1, names));
}

/* --- new terms and locks ------------------------------------------------------------ */

static bool same_term(const struct term *a, const struct term *b)
{
	return a->unit == b->unit && a->mean_ns == b->mean_ns && a->cv == b->cv &&
	       a->low_ns == b->low_ns && a->high_ns == b->high_ns && a->status == b->status;
}

static bool read_term(struct design_reader *reader, const char *pointer, const char *name,
		      json_t *value)
{
	const struct model *model = &reader->into->model;
	struct term term;

	if (!*name || strlen(name) > 60)
		return design_error(reader, pointer, "a cost term's name has 1 to 60 bytes");
	if (!costs_read_new_term(reader->document, pointer, name, value, &term, reader->error))
		return false;
	for (size_t t = FIRST_TERM; t < model->term_count; t++) {
		if (strcmp(model->terms[t].name, name) != 0)
			continue;
		if (t >= reader->into->shipped->term_count && same_term(&model->terms[t], &term))
			return true; /* another design brings the same */
		return design_error(reader, pointer,
				    "%s is a price already; give this one another name, or change "
				    "that one in the scenario's \"costs\"",
				    name);
	}
	return add_term(reader->into, &term, reader->error);
}

/* "kvm->destroy_lock" is kvm_destroy_lock in the names of metrics. */
static const char *metric_name(struct design_reader *reader, const char *name)
{
	char *metric = memory_keep_text(&reader->designs->keeper, name, reader->error);
	char *out = metric;

	for (const char *at = metric; metric && *at; at++) {
		if (isalnum((unsigned char)*at))
			*out++ = *at;
		else if (out > metric && out[-1] != '_')
			*out++ = '_';
	}
	if (metric)
		*out = '\0';
	return metric;
}

static bool read_lock(struct design_reader *reader, const char *pointer, const char *name,
		      json_t *value)
{
	static const struct record *const records[] = { &lock_record, NULL };
	const struct model *model = &reader->into->model;
	struct raw_lock raw = { 0 };
	struct lock_kind *lock;

	if (!json_is_object(value) || !*name || strlen(name) > 60)
		return design_error(reader, pointer,
				    "a lock is {\"scope\": \"guest\"} or \"host\"");
	if (!record_check_keys(reader->document, value, pointer, records, reader->error) ||
	    !record_read(reader->document, &lock_record, value, pointer, &raw, reader->error))
		return false;
	for (size_t i = 0; i < model->lock_count; i++) {
		if (strcmp(model->locks[i]->name, name) != 0)
			continue;
		if (i >= reader->into->shipped->lock_count &&
		    model->locks[i]->scope == (enum lock_scope)raw.scope)
			return true;
		return design_error(reader, pointer, "%s has this lock already", model->name);
	}
	lock = memory_keep_array(&reader->designs->keeper, 1, sizeof(*lock), "lock", reader->error);
	if (!lock)
		return false;
	lock->name = name;
	lock->metric = metric_name(reader, name);
	lock->scope = (enum lock_scope)raw.scope;
	return lock->metric && add_lock(reader->into, lock, reader->error);
}

static bool read_each(struct design_reader *reader, json_t *design, const char *key,
		      bool (*read)(struct design_reader *reader, const char *pointer,
				   const char *name, json_t *value))
{
	json_t *object = json_object_get(design, key), *value;
	char pointer[POINTER_MAX], place[POINTER_MAX];
	const char *name;

	design_place(pointer, reader->base, key);
	if (object && !json_is_object(object))
		return design_error(reader, pointer, "an object is needed");
	json_object_foreach(object, name, value)
	{
		design_place(place, pointer, name);
		if (strncmp(name, "//", 2) != 0 && !read(reader, place, name, value))
			return false;
	}
	return true;
}

/* --- the whole ------------------------------------------------------------------------ */

/* Where in the design a finding belongs: a step that it wrote, a flow that it changed, flows. */
static void place_of(const struct design_reader *reader, json_t *design,
		     const struct finding_place *at, char place[POINTER_MAX])
{
	const struct forked_flow *flow = at->flow ? fork_owner(reader->fork, at->flow) : NULL;
	json_t *flows = json_object_get(design, "flows");
	json_t *loops = json_object_get(design, "loops");

	design_place(place, reader->base, flows ? "flows" : "extends");
	if (!flow)
		return;
	if (at->step < flow->flow.step_count && flow->steps[at->step].loop &&
	    json_object_get(loops, flow->steps[at->step].loop->name)) {
		design_place(place, reader->base, "loops");
		design_place(place, place, flow->steps[at->step].loop->name);
	} else if (at->step < flow->flow.step_count && flow->sources[at->step]) {
		snprintf(place, POINTER_MAX, "%s", flow->sources[at->step]);
	} else if (json_object_get(flows, flow->flow.name)) {
		design_place(place, place, flow->flow.name);
	}
}

/* The strategy is the last of the model: what is wrong with it is an error of the design. */
static bool check(const struct design_reader *reader, json_t *design)
{
	const struct model *model = &reader->into->model;
	struct findings *findings = memory_array(1, sizeof(*findings), "findings", reader->error);
	char place[POINTER_MAX];
	size_t first = 0;
	bool ok = findings && strategy_check(model, &model->strategies[model->strategy_count - 1],
					     findings, reader->error);

	if (ok && findings->count) {
		/* A step that the design wrote says more than one that it inherits. */
		for (size_t i = findings->count; i-- > 0;) {
			const struct finding_place *at = &findings->places[i];
			const struct forked_flow *flow =
				at->flow ? fork_owner(reader->fork, at->flow) : NULL;

			if (flow && at->step < flow->flow.step_count && flow->sources[at->step])
				first = i;
		}
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

/* The design as a strategy of its model. */
static bool build(struct design_reader *reader, const struct raw_design *raw, json_t *design)
{
	struct strategy strategy = reader->into->strategies[reader->extended];
	int origin = reader->into->origins[reader->extended];
	char pointer[POINTER_MAX];

	design_place(pointer, reader->base, "name");
	if (strategy_find(&reader->into->model, raw->name) >= 0)
		return design_error(reader, pointer, "%s has a strategy \"%.60s\" already",
				    reader->into->model.name, raw->name);
	if (strchr(raw->name, '/'))
		return design_error(reader, pointer, "a strategy's name has no \"/\"");
	strategy.name = memory_keep_text(&reader->designs->keeper, raw->name, reader->error);
	strategy.summary =
		raw->about ? memory_keep_text(&reader->designs->keeper, raw->about, reader->error)
			   : "a design";
	return strategy.name && strategy.summary && new_fork(reader) &&
	       read_each(reader, design, "costs", read_term) &&
	       read_each(reader, design, "locks", read_lock) &&
	       names_collect(&reader->names, &reader->into->model, reader->error) &&
	       fork_strategy(reader->fork, &strategy, reader->error) &&
	       design_read_loops(reader, json_object_get(design, "loops")) &&
	       design_read_flows(reader, json_object_get(design, "flows")) &&
	       add_strategy(reader->into, &strategy, origin, reader->error) &&
	       check(reader, design);
}

bool design_read(struct designs *designs, const struct document *document, const char *pointer,
		 json_t *object, struct error *error)
{
	static const struct record *const records[] = { &design_record, NULL };
	struct design_reader reader = {
		.designs = designs, .document = document, .base = pointer, .error = error
	};
	struct raw_design raw = { 0 };
	bool ok = false;

	if (!json_is_object(object))
		return document_error(document, pointer, error,
				      "a design is an object with name, extends and flows");
	if (record_check_keys(document, object, pointer, records, error) &&
	    record_read(document, &design_record, object, pointer, &raw, error) &&
	    find_extended(&reader, raw.extends))
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
		char pointer[POINTER_MAX] = "/designs";
		const char *path = json_string_value(item);

		pointer_add_index(pointer, index);
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
