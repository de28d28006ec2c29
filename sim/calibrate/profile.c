#include "calibrate/profile.h"

#include <math.h>
#include <string.h>

#include "document/json.h"
#include "flow/config.h"
#include "report/json_tools.h"
#include "report/text_tools.h"

/* "1.23us" and the like: three digits and a unit, read back exactly. */
static json_t *duration(double ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = ns;
	int unit = 0;

	while (value >= 1000 && unit < 3) {
		value /= 1000;
		unit++;
	}
	return json_sprintf("%.10g%s", value, units[unit]);
}

static json_t *bytes_per_s(double value)
{
	return json_sprintf("%.10gMB/s", value * 1e-6);
}

static json_t *range(json_t *low, json_t *high)
{
	return list_with(list_with(json_array(), low), high);
}

static json_t *speeds_of(const struct price_estimate *price)
{
	json_t *list = json_array();

	for (size_t i = 0; i < price->speed_count; i++)
		list = list_with(list, json_real(price->speeds[i]));
	return list;
}

/* "touch-4k less clear, 5 rounds: EPYC 7J13, Linux 6.18, 2026-11-30". */
static json_t *source(const struct calibration *calibration, const char *from)
{
	const struct place *place = &calibration->place;

	return json_sprintf("sim calibrate: %s, %u rounds on %s, Linux %s, %s", from,
			    calibration->rounds, place->cpu, place->kernel, place->date);
}

static json_t *cost(const struct calibration *calibration, size_t p)
{
	const struct price_estimate *price = &calibration->prices[p];
	char from[200];
	json_t *object = json_object();

	price_rule_text(&price_rules[p], from, sizeof(from));
	object = object_with(object, "mean", duration(price->value));
	if (price->cv > 0)
		object = object_with(object, "cv", json_real(rounded(price->cv, 2, nearbyint)));
	object = object_with(object, "range", range(duration(price->low), duration(price->high)));
	if (price->speed_count) {
		object = object_with(object, "crowd", json_string("zone"));
		object = object_with(object, "speeds", speeds_of(price));
		object = object_with(object, "speeds_range",
				     range(json_real(price->slowest), json_real(price->fastest)));
	}
	object = object_with(object, "status", json_string("measured"));
	return object_with(object, "source", source(calibration, from));
}

static json_t *platform(const struct place *place)
{
	json_t *object = json_object();

	object = object_with(object, "architecture", json_string(place->architecture));
	if (place->machine[0])
		object = object_with(object, "machine", json_text(place->machine));
	if (place->cpu[0])
		object = object_with(object, "cpu", json_text(place->cpu));
	object = object_with(object, "kernel", json_text(place->kernel));
	return object_with(object, "date", json_string(place->date));
}

static bool is_architecture(const char *name)
{
	for (size_t i = 0; architecture_names[i]; i++)
		if (strcmp(architecture_names[i], name) == 0)
			return true;
	return false;
}

static json_t *bandwidth(const struct calibration *calibration)
{
	const struct bandwidth_estimate *found = &calibration->bandwidth;
	json_t *object = object_with(json_object(), "mean", bytes_per_s(found->value));

	object = object_with(object, "range",
			     range(bytes_per_s(found->low), bytes_per_s(found->high)));
	object = object_with(object, "status", json_string("measured"));
	return object_with(object, "source", source(calibration, measurements[CLEAR_ALL].name));
}

json_t *calibration_profile(const struct calibration *calibration)
{
	const struct place *place = &calibration->place;
	json_t *costs = json_object(), *profile = json_object();

	for (size_t p = 0; p < price_rule_count; p++)
		if (calibration->prices[p].exists)
			costs = object_with(costs, price_rules[p].term, cost(calibration, p));
	profile = object_with(profile, "name",
			      json_sprintf("%s, Linux %s", place->cpu, place->kernel));
	profile = object_with(
		profile, "about",
		json_sprintf(
			"sim calibrate on %s; the first measurement differed by %.2g %% at the "
			"end, all ranges are that much wider; other work took %.2g %% of the "
			"CPUs",
			place->ground, 100 * calibration->drift, 100 * calibration->others));
	if (is_architecture(place->architecture))
		profile = object_with(profile, "platform", platform(place));
	if (calibration->bandwidth.bound)
		profile = object_with(profile, "memory_bandwidth", bandwidth(calibration));
	return object_with(profile, "costs", costs);
}
