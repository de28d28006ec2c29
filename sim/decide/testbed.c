#include "decide/testbed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/model.h"

/* The settings of the point, and behind them those of the testbed. */
static bool init_setup(struct testbed *bed, size_t point, const struct setup_source *source,
		       const struct setting *more, size_t more_count, struct error *error)
{
	const struct measurement_point *own = &bed->measurements->points[point];
	size_t count = own->setting_count + more_count;
	struct setting *all = memory_array(count, sizeof(*all), "settings", error);
	bool ok;

	if (!all)
		return false;
	for (size_t i = 0; i < count; i++)
		all[i] = i < own->setting_count ? own->settings[i] : more[i - own->setting_count];
	ok = setup_init(&bed->setups[bed->setup_count++], source, all, count, error);
	free(all);
	return ok;
}

static bool find_metrics(struct testbed *bed, const char *group)
{
	for (size_t m = 0; m < bed->measurements->count; m++) {
		const struct measurement *measurement = &bed->measurements->items[m];
		struct setup *setup = &bed->setups[measurement->point];

		bed->metrics[m] =
			setup->problem[0] ? SIZE_MAX : setup_metric(setup, &measurement->of, group);
		if (bed->metrics[m] == SIZE_MAX) {
			bed->problem = setup->problem;
			bed->where = measurement->where;
			return false;
		}
	}
	return true;
}

const struct bed_price *testbed_price(const struct testbed *bed, const char *name)
{
	for (size_t p = 0; p < bed->price_count; p++)
		if (strcmp(bed->prices[p].name, name) == 0)
			return &bed->prices[p];
	return NULL;
}

static bool list_prices(struct testbed *bed, struct error *error)
{
	size_t most = 0;

	for (size_t s = 0; s < bed->setup_count; s++)
		most += bed->setups[s].variant.price_count;
	bed->prices = memory_array(most, sizeof(*bed->prices), "prices", error);
	for (size_t s = 0; bed->prices && s < bed->setup_count; s++) {
		const struct variant *variant = &bed->setups[s].variant;

		for (size_t p = 0; p < variant->price_count; p++)
			if (!testbed_price(bed, variant->prices[p].name))
				bed->prices[bed->price_count++] =
					(struct bed_price){ .name = variant->prices[p].name,
							    .cost = variant->prices[p].cost };
	}
	return bed->prices != NULL;
}

static bool predict_all(struct testbed *bed, size_t point, const struct replications *replications,
			struct prediction *out, struct error *error)
{
	for (size_t m = 0; m < bed->measurements->count; m++) {
		const struct measurement *measurement = &bed->measurements->items[m];

		if (measurement->point == point &&
		    !predict(&bed->setups[point], replications, bed->metrics[m],
			     measurement->of.quantile, measurement->n, &out[m], error))
			return false;
	}
	return true;
}

bool testbed_init(struct testbed *bed, const struct measurements *measurements, const char *group,
		  double error_of_measuring, const struct setup_source *source,
		  const struct setting *more, size_t more_count, struct error *error)
{
	*bed = (struct testbed){ .measurements = measurements, .error = error_of_measuring };
	bed->setups =
		memory_array(measurements->point_count, sizeof(*bed->setups), "points", error);
	bed->metrics = memory_array(measurements->count, sizeof(*bed->metrics), "metrics", error);
	bed->base = memory_array(measurements->count, sizeof(*bed->base), "predictions", error);
	if (!bed->setups || !bed->metrics || !bed->base)
		return false;
	for (size_t p = 0; p < measurements->point_count; p++)
		if (!init_setup(bed, p, source, more, more_count, error))
			return false;
	if (!find_metrics(bed, group))
		return true;
	for (size_t p = 0; p < bed->setup_count; p++)
		if (!predict_all(bed, p, &bed->setups[p].base.replications, bed->base, error))
			return false;
	return list_prices(bed, error);
}

void testbed_fini(struct testbed *bed)
{
	for (size_t s = 0; s < bed->setup_count; s++)
		setup_fini(&bed->setups[s]);
	for (size_t p = 0; p < bed->price_count; p++)
		free(bed->prices[p].ends);
	free(bed->prices);
	free(bed->setups);
	free(bed->metrics);
	free(bed->base);
	*bed = (struct testbed){ 0 };
}

bool testbed_predict(struct testbed *bed, const struct moved_price *prices, size_t count,
		     struct prediction *out, struct error *error)
{
	for (size_t point = 0; point < bed->setup_count; point++) {
		struct replications replications = { 0 };
		bool ok = setup_run(&bed->setups[point], prices, count, &replications, error) &&
			  predict_all(bed, point, &replications, out, error);

		replications_fini(&replications);
		if (!ok)
			return false;
	}
	return true;
}

bool testbed_move_each(struct testbed *bed, struct error *error)
{
	size_t count = bed->measurements->count;

	for (size_t p = 0; p < bed->price_count; p++) {
		struct bed_price *price = &bed->prices[p];
		struct moved_price low = { price->name, price->cost->low_ns };
		struct moved_price high = { price->name, price->cost->high_ns };

		if (price->ends)
			continue;
		price->ends = memory_array(2 * count, sizeof(*price->ends), "ends", error);
		if (!price->ends || !testbed_predict(bed, &low, 1, price->ends, error) ||
		    !testbed_predict(bed, &high, 1, price->ends + count, error))
			return false;
	}
	return true;
}

const char *testbed_unit(const struct testbed *bed, const char *name)
{
	for (size_t s = 0; s < bed->setup_count; s++) {
		const struct price *price = setup_price(&bed->setups[s], name);
		const struct simulation_config *config = bed->setups[s].variant.original;

		if (price && price->guest != (size_t)PRICE_OF_HOST)
			return term_unit_names
				[config->guests[price->guest].model->terms[price->term].unit];
	}
	return term_unit_names[TERM_PER_MIB];
}

double testbed_noise(const struct testbed *bed, size_t measurement,
		     const struct prediction *prediction)
{
	double own = bed->measurements->items[measurement].error;

	return hypot(prediction->sampling, (own < 0 ? bed->error : own) * prediction->value);
}

double testbed_misfit(const struct testbed *bed, const struct prediction *predictions)
{
	double sum = 0;

	for (size_t m = 0; m < bed->measurements->count; m++) {
		double off = (bed->measurements->items[m].value - predictions[m].value) /
			     testbed_noise(bed, m, &predictions[m]);

		sum += off * off;
	}
	return sum;
}
