#include <string.h>

#include "flow/model_check.h"

/* Keys, pointers and files are made of it. */
static bool is_name(const char *name)
{
	return name && *name &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

bool model_add(const struct model *model, struct error *error)
{
	struct findings findings;

	if (!is_name(model->name))
		return error_set(
			error, ERROR_INPUT,
			"a model is called \"%.60s\"; lower-case letters, digits and \"-\" "
			"make a name",
			model->name ? model->name : "");
	if (model_find(model->name))
		return error_set(error, ERROR_INPUT, "there is a model %s already", model->name);
	if (model_table_count == MODELS_MOST)
		return error_set(error, ERROR_INPUT, "model %s: there are %d models already",
				 model->name, MODELS_MOST);
	if (!model->summary || !model->modelled || !model->not_modelled || !model->sources ||
	    !model->terms || !model->strategies || !model->parameters || !model->begin)
		return error_set(error, ERROR_INPUT,
				 "model %s lacks one of: summary, modelled, not_modelled, sources, "
				 "terms, strategies, parameters, begin",
				 model->name);
	if (!model_check(model, &findings, error))
		return false;
	if (findings.count)
		return error_set(error, ERROR_INPUT, "model %s is wrong (%zu findings): %s",
				 model->name, findings.count, findings.texts[0]);
	model_names[model_table_count] = model->name;
	model_table[model_table_count++] = model;
	return true;
}
