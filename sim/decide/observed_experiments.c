/* Other measurements that the scenario could give. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "decide/observed_parts.h"
#include "flow/model.h"

void observed_pointer(const struct observed *observed, const char *key, char pointer[POINTER_MAX])
{
	snprintf(pointer, POINTER_MAX, "/guests/%zu", observed->guest);
	pointer_to_key(pointer, pointer, key);
}

static bool add(struct observed *observed, struct experiment_choice *choices, size_t *count,
		const struct measured *of, const char *pointer, const char *key, const char *value,
		struct error *error)
{
	struct memory_keeper *keeper = &observed->out->keeper;
	struct experiment_choice *choice = &choices[*count];
	char what[256];

	if (*count == EXPERIMENTS_MOST)
		return true;
	*choice = (struct experiment_choice){ .of = *of };
	snprintf(what, sizeof(what), "%.80s%s%s%s%.80s", of->metric, key ? ", " : "",
		 key ? key : "", key ? " " : "", key ? value : "");
	choice->what = memory_keep_text(keeper, what, error);
	if (!choice->what)
		return false;
	if (key) {
		choice->setting.text = memory_keep_text(keeper, pointer, error);
		choice->setting.value = memory_keep_text(keeper, value, error);
		if (!choice->setting.text || !choice->setting.value)
			return false;
		choice->strategy = strcmp(key, "strategy") == 0;
	}
	++*count;
	return true;
}

static bool is_measured(const struct observed *observed, const char *metric)
{
	for (size_t m = 0; m < observed->measurements.count; m++) {
		const struct measured *of = &observed->measurements.items[m].of;

		if (of->metric && of->quantile < 0 && strcmp(of->metric, metric) == 0)
			return true;
	}
	return false;
}

/* Of several guests that have it, it is the observed one's. */
static bool is_chosen(const struct experiment_choice *choices, size_t count, const char *metric)
{
	for (size_t c = 0; c < count; c++)
		if (!choices[c].setting.text && strcmp(choices[c].of.metric, metric) == 0)
			return true;
	return false;
}

/* Metrics of the scenario as it is at the first measurement. */
static bool add_metrics(struct observed *observed, struct experiment_choice *choices, size_t *count,
			struct error *error)
{
	const struct replications *base = &observed->own.setups[0].base.replications;
	size_t metric_count;
	const struct metric *metrics = simulation_metrics(base->names, &metric_count);
	const char *group = observed->options->group;

	for (size_t m = 0; m < metric_count; m++) {
		const struct metric_kind *kind = metrics[m].kind;
		struct measured of = { (char *)(uintptr_t)metrics[m].name, -1 };

		if ((kind->observed != EACH_REQUEST && !kind->title) || !base->metrics[m].count ||
		    is_measured(observed, metrics[m].name) ||
		    is_chosen(choices, *count, metrics[m].name) ||
		    (group && kind->of == OF_GUEST && strcmp(group, metrics[m].group) != 0))
			continue;
		of.metric = memory_keep_text(&observed->out->keeper, of.metric, error);
		if (!of.metric || !add(observed, choices, count, &of, NULL, NULL, NULL, error))
			return false;
	}
	return true;
}

bool observed_experiments(struct observed *observed, struct experiment_choice *choices,
			  size_t *count, struct error *error)
{
	const struct guest_config *guest =
		&observed->own.setups[0].base.scenario.simulation.guests[observed->guest];
	const struct measurement *first = &observed->measurements.items[0];
	char pointer[POINTER_MAX], value[32];

	*count = 0;
	if (!add_metrics(observed, choices, count, error))
		return false;
	observed_pointer(observed, "memory", pointer);
	for (int larger = 0; larger < 2; larger++) {
		int64_t bytes = larger ? guest->memory_bytes * 4 : guest->memory_bytes / 4;

		if (bytes < guest->page_bytes || bytes % guest->page_bytes)
			continue;
		quantity_format_exact(value, QUANTITY_BYTES, bytes);
		if (!add(observed, choices, count, &first->of, pointer, "memory", value, error))
			return false;
	}
	observed_pointer(observed, "strategy", pointer);
	for (size_t s = 0; s < observed->model->strategy_count; s++) {
		const char *name = observed->model->strategies[s].name;

		if (strcmp(name, guest->design->name) != 0 &&
		    !add(observed, choices, count, &first->of, pointer, "strategy", name, error))
			return false;
	}
	return true;
}

static bool same_setting(const struct experiment_choice *a, const struct experiment_choice *b)
{
	return (!a->setting.text && !b->setting.text) ||
	       (a->setting.text && b->setting.text &&
		strcmp(a->setting.text, b->setting.text) == 0 &&
		strcmp(a->setting.value, b->setting.value) == 0);
}

/* Neighbours with the same setting come from one run. */
static bool run_setting(struct observed *observed, const struct experiment_choice *choices,
			size_t count, const char *strategy, const struct moved_price *prices,
			size_t price_count, struct prediction *out, struct error *error)
{
	const struct measurement_point *point =
		&observed->measurements.points[observed->measurements.items[0].point];
	size_t setting_count = point->setting_count;
	struct setting *settings =
		memory_array(setting_count + 2, sizeof(*settings), "settings", error);
	struct replications replications = { 0 };
	struct setup setup = { 0 };
	char pointer[POINTER_MAX];
	bool ok;

	if (!settings)
		return false;
	for (size_t i = 0; i < setting_count; i++)
		settings[i] = point->settings[i];
	observed_pointer(observed, "strategy", pointer);
	if (strategy && !choices->strategy)
		settings[setting_count++] = (struct setting){ pointer, strategy, NULL };
	if (choices->setting.text)
		settings[setting_count++] = choices->setting;
	ok = setup_init(&setup, &observed->source, settings, setting_count, error);
	if (ok && !setup.problem[0])
		ok = setup_run(&setup, prices, price_count, &replications, error);
	for (size_t c = 0; ok && c < count; c++) {
		size_t metric = !replications.count ? SIZE_MAX
						    : setup_metric(&setup, &choices[c].of,
								   observed->options->group);

		out[c].value = NAN;
		if (metric != SIZE_MAX)
			ok = predict(&setup, &replications, metric, choices[c].of.quantile, 1,
				     &out[c], error);
	}
	replications_fini(&replications);
	setup_fini(&setup);
	free(settings);
	return ok;
}

bool observed_experiments_run(struct observed *observed, const struct experiment_choice *choices,
			      size_t count, const char *strategy, const struct moved_price *prices,
			      size_t price_count, struct prediction *out, struct error *error)
{
	for (size_t first = 0, next; first < count; first = next) {
		for (next = first + 1; next < count; next++)
			if (!same_setting(&choices[first], &choices[next]))
				break;
		if (!run_setting(observed, choices + first, next - first, strategy, prices,
				 price_count, out + first, error))
			return false;
	}
	return true;
}
