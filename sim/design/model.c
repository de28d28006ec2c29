/* Shipped models with the strategies, prices and locks of designs behind their own. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "design/parts.h"

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

bool design_add_strategy(struct designed_model *into, const struct strategy *strategy, int origin,
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
		ok = design_add_strategy(into, &shipped->strategies[i], (int)i, error);
	for (size_t i = 0; ok && i < shipped->term_count; i++)
		ok = add_term(into, &shipped->terms[i], error);
	for (size_t i = 0; ok && i < shipped->lock_count; i++)
		ok = add_lock(into, shipped->locks[i], error);
	return ok;
}

struct designed_model *designs_model_for(struct designs *designs, const struct model *shipped,
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
	free(designs->numbers);
	memory_keeper_fini(&designs->keeper);
	*designs = (struct designs){ 0 };
}

struct raw_term {
	struct term term;
	double range_ns[2];
	int unit, status; /* enum term_unit, term_status */
	char *source;
};

#define AT(member) offsetof(struct raw_term, member)

static const struct field new_term_fields[] = {
	{ "mean", FIELD_PRICE, AT(term.mean_ns), NULL, .help = "of one unit" },
	{ "unit", FIELD_CHOICE, AT(unit), NULL, .choices = term_unit_names,
	  .help = "what one unit is" },
	{ "cv", FIELD_NUMBER, AT(term.cv), "0.1", 0, 100,
	  .help = "standard deviation of one unit, divided by its mean" },
	{ "range", FIELD_RANGE, AT(range_ns), NULL,
	  .help = "plausible low and high end of the mean" },
	{ "status", FIELD_CHOICE, AT(status), "\"assumed\"", .choices = term_status_names,
	  .help = "the evidence" },
	{ "source", FIELD_TEXT, AT(source), NULL,
	  .help = "author, title, year; of an assumption the reasoning" },
	{ .key = NULL },
};
const struct record new_term_record = { "new cost term", "A price that a design brings with it.",
					sizeof(struct raw_term), new_term_fields };

struct raw_lock {
	int scope; /* enum lock_scope */
};

static const char *const scopes[] = { "guest", "host", NULL };
static const struct field lock_fields[] = {
	{ "scope", FIELD_CHOICE, offsetof(struct raw_lock, scope), "\"guest\"", .choices = scopes,
	  .help = "one for each guest, or one for the host" },
	{ .key = NULL },
};
const struct record lock_record = { "lock", "A lock that a design brings with it.",
				    sizeof(struct raw_lock), lock_fields };

/* --- new terms and locks ------------------------------------------------------------ */

static bool same_term(const struct term *a, const struct term *b)
{
	return a->unit == b->unit && a->mean_ns == b->mean_ns && a->cv == b->cv &&
	       a->low_ns == b->low_ns && a->high_ns == b->high_ns && a->status == b->status;
}

bool design_read_price(struct design_reader *reader, const char *pointer, const char *name,
		       json_t *value)
{
	const struct model *model = &reader->into->model;
	struct raw_term raw = { 0 };
	struct term term;
	bool ok;

	ok = record_read_whole(reader->document, &new_term_record, value, pointer, &raw,
			       reader->error);
	term = raw.term;
	term.name = name;
	term.unit = (enum term_unit)raw.unit;
	term.low_ns = raw.range_ns[0];
	term.high_ns = raw.range_ns[1];
	term.status = (enum term_status)raw.status;
	term.source = json_string_value(json_object_get(value, "source"));
	record_fini(&new_term_record, &raw); /* name and source are borrowed from the document */
	if (!ok)
		return false;
	if (term.mean_ns < term.low_ns || term.mean_ns > term.high_ns)
		return design_error(reader, pointer, "the mean lies outside its range");
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
	if (model->term_count - FIRST_TERM == TERMS_MAX)
		return design_error(reader, pointer, "%s would have more than %d cost terms",
				    model->name, TERMS_MAX);
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

bool design_read_lock(struct design_reader *reader, const char *pointer, const char *name,
		      json_t *value)
{
	const struct model *model = &reader->into->model;
	struct raw_lock raw = { 0 };
	struct lock_kind *lock;

	if (!json_is_object(value))
		return design_error(reader, pointer,
				    "a lock is {\"scope\": \"guest\"} or \"host\"");
	if (!record_read_whole(reader->document, &lock_record, value, pointer, &raw, reader->error))
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
