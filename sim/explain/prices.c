/*
 * Prices that may be something else, those of what the threads of a host share among them: its
 * memory bus, and what those who do the same take from each other. These, too, were measured on
 * some machine.
 */

#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "explain/prices.h"
#include "flow/model.h"
#include "flow/sharing.h"

static const char *const names[HOST_PRICES] = {
	[HOST_MEMORY_BUS] = "host.memory_bus",
	[CROWD_ZONE] = "host.zone_crowd",
	[CROWD_MEMORY] = "host.memory_crowd",
	[CROWD_SHOOTDOWN] = "host.shootdown_crowd",
};
static const double mebibyte = 1 << 20;
static const double millisecond_ns = 1e6;

/* --- any price --------------------------------------------------------------------- */

bool price_has_range(const struct cost *cost)
{
	return cost->high_ns > cost->low_ns;
}

uint64_t price_units(const struct replications *replications, const struct guest_config *guest,
		     size_t term)
{
	size_t count;
	const struct counter *counters = simulation_counters(replications->names, &count);

	for (size_t c = 0; c < count; c++)
		if (strcmp(counters[c].name, guest->model->terms[term].name) == 0 &&
		    strcmp(counters[c].group, guest->name) == 0)
			return replications->counters[c];
	return 0;
}

/* At `part` of the way from one to the other, on a logarithmic scale. */
static double between(double from, double to, double part)
{
	return from * elementary_exp(part * elementary_log(to / from));
}

double price_at(const struct price *price, double u)
{
	double low = price->cost->low_ns, high = price->cost->high_ns;
	double value = price->cost->law.mean_ns;

	if (u < 0.5)
		return low > 0 ? between(low, value, 2 * u) : value * 2 * u;
	return value > 0 ? between(value, high, 2 * u - 1) : high * (2 * u - 1);
}

/* --- of the host -------------------------------------------------------------------- */

static const struct observations *observed(const struct replications *replications,
					   enum metric_id kind)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	for (size_t m = 0; m < count; m++)
		if (metrics[m].kind == &metric_kinds[kind])
			return &replications->metrics[m];
	return NULL;
}

/* --- the memory bus ------------------------------------------------------------- */

/* It may be smaller, and all cores together need more then. */
static bool bus_matters(const struct simulation_config *config)
{
	struct simulation_config narrow = *config;

	narrow.host.memory_bandwidth = config->host.bandwidth.low;
	return config->host.bandwidth.low < config->host.bandwidth.high &&
	       sharing_can_bind(&narrow, CAPACITY_MEMORY);
}

static double bus_price_ns(double bytes_per_s)
{
	return mebibyte / (bytes_per_s * 1e-9);
}

static struct cost bus_cost(const struct host_config *host)
{
	return (struct cost){ .law.mean_ns = bus_price_ns(host->memory_bandwidth),
			      .low_ns = bus_price_ns(host->bandwidth.high),
			      .high_ns = bus_price_ns(host->bandwidth.low),
			      .status = host->bandwidth.status,
			      .source = host->bandwidth.source };
}

/* --- crowds ----------------------------------------------------------------------- */

/* What a second one adds, as a share of the work. */
static double added_by(double speed)
{
	return 1 / speed - 1;
}

static bool is_in(const struct sharing *sharing, enum crowd crowd)
{
	return sharing->crowd == crowd && sharing->speeds[0] > 0;
}

/* That of the price in it that most was paid for: all the others move as it does. */
static const struct cost *dearest_in(const struct simulation_config *config,
				     const struct replications *replications, enum crowd crowd)
{
	const struct cost *dearest = NULL;
	double most_ns = 0;

	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++) {
			const struct cost *cost = &config->guests[g].costs[t];
			double paid_ns;

			if (!is_in(&cost->sharing, crowd))
				continue;
			paid_ns = cost->law.mean_ns *
				  (double)price_units(replications, &config->guests[g], t);
			if (paid_ns > most_ns) {
				dearest = cost;
				most_ns = paid_ns;
			}
		}
	return dearest;
}

static struct cost crowd_cost(const struct cost *dearest)
{
	const struct sharing *sharing = &dearest->sharing;

	return (struct cost){ .law.mean_ns = added_by(sharing->speeds[0]) * millisecond_ns,
			      .low_ns = added_by(sharing->fastest) * millisecond_ns,
			      .high_ns = added_by(sharing->slowest) * millisecond_ns,
			      .status = sharing->speeds_status,
			      .source = sharing->speeds_source };
}

/* Where speeds of a crowd are when what a second one adds is `value` of `cost`. */
static double along(const struct cost *cost, double value, double low, double mean, double high)
{
	double usual = cost->law.mean_ns;

	if (value < usual)
		return mean + (low - mean) * (usual - value) / (usual - cost->low_ns);
	if (value > usual)
		return mean + (high - mean) * (value - usual) / (cost->high_ns - usual);
	return mean;
}

/* More than two are slowed in proportion; by each alike where two are not slowed at all. */
static void move_speeds(struct sharing *sharing, double added)
{
	double before = added_by(sharing->speeds[0]);

	for (int i = 0; i < CROWD_SPEEDS_MAX && sharing->speeds[i] > 0; i++) {
		double of_all = before > 0 ? added_by(sharing->speeds[i]) / before * added
					   : added_by(sharing->speeds[i]) + added * (i + 1);

		sharing->speeds[i] = 1 / (1 + of_all);
	}
}

static void move_guest(struct guest_config *guest, const struct cost *usual,
		       const struct cost *cost, enum crowd crowd, double mean_ns)
{
	for (size_t t = FIRST_TERM; t < guest->model->term_count; t++) {
		struct sharing sharing = usual[t].sharing;

		if (!is_in(&sharing, crowd))
			continue;
		move_speeds(&sharing,
			    along(cost, mean_ns, added_by(sharing.fastest),
				  added_by(sharing.speeds[0]), added_by(sharing.slowest)));
		guest->costs[t].sharing = sharing;
	}
}

/* --- all ---------------------------------------------------------------------------- */

/* How much of it there was: MiB that were moved, ms that were lost. */
static double charged(const struct simulation_config *config,
		      const struct replications *replications, enum host_price which,
		      const struct cost *cost)
{
	const struct observations *use = observed(
		replications, which == HOST_MEMORY_BUS ? METRIC_MEMORY_MOVED : METRIC_CROWD_SLOWED);

	if (!use)
		return 0;
	if (which == HOST_MEMORY_BUS)
		return bus_matters(config) ? (double)use->sum / mebibyte : 0;
	/* Nobody is slowed by those who slow nobody: how much they might is not known. */
	return cost->law.mean_ns > 0 ? (double)use->sum / cost->law.mean_ns : 1;
}

bool host_price_is_crowd(const char *name)
{
	for (int crowd = CROWD_NONE + 1; crowd < CROWDS; crowd++)
		if (strcmp(names[crowd], name) == 0)
			return true;
	return false;
}

size_t host_prices(const struct simulation_config *config, const struct replications *replications,
		   bool (*wanted)(const struct cost *cost), struct cost costs[HOST_PRICES],
		   struct price *prices)
{
	size_t count = 0;

	for (int which = 0; which < HOST_PRICES; which++) {
		const struct cost *dearest = dearest_in(config, replications, (enum crowd)which);
		double units;

		if (which != HOST_MEMORY_BUS && !dearest)
			continue;
		costs[which] =
			which == HOST_MEMORY_BUS ? bus_cost(&config->host) : crowd_cost(dearest);
		units = charged(config, replications, (enum host_price)which, &costs[which]);
		if (!(units > 0) || !wanted(&costs[which]))
			continue;
		prices[count++] = (struct price){ .guest = (size_t)PRICE_OF_HOST,
						  .term = (size_t)which,
						  .cost = &costs[which],
						  .name = names[which],
						  .group = "host",
						  .units = (uint64_t)ceil(units) };
	}
	return count;
}

void host_price_move(struct simulation_config *config, const struct simulation_config *original,
		     const struct cost *cost, enum host_price which, double mean_ns)
{
	if (which == HOST_MEMORY_BUS) {
		config->host.memory_bandwidth = mebibyte / mean_ns * 1e9;
		return;
	}
	for (size_t g = 0; g < config->guest_count; g++)
		move_guest(&config->guests[g], original->guests[g].costs, cost, (enum crowd)which,
			   mean_ns);
}

static void host_prices_move_all(struct simulation_config *config, bool high)
{
	/* little bandwidth is a high price */
	config->host.memory_bandwidth =
		high ? config->host.bandwidth.low : config->host.bandwidth.high;
	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++) {
			struct sharing *sharing = &config->guests[g].costs[t].sharing;

			if (sharing->crowd && sharing->speeds[0] > 0)
				move_speeds(sharing,
					    added_by(high ? sharing->slowest : sharing->fastest));
		}
}

void prices_move_all(struct simulation_config *config, bool high)
{
	for (size_t g = 0; g < config->guest_count; g++) {
		struct guest_config *guest = &config->guests[g];

		for (size_t t = FIRST_TERM; t < guest->model->term_count; t++)
			guest->costs[t].law.mean_ns =
				high ? guest->costs[t].high_ns : guest->costs[t].low_ns;
	}
	host_prices_move_all(config, high);
}
