#ifndef TESTS_THEORY_EXPLAINED_H
#define TESTS_THEORY_EXPLAINED_H

/*
 * Simulated truth: prices are drawn from their ranges, operations are measured in a simulation
 * with these, with an error of measuring of 2 %, and `explain` is asked for the prices.
 */

#include "../flows/fixture.h"

#include <math.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "decide/observed.h"
#include "flow/model.h"

#define SCENARIOS SOURCE_DIR "/scenarios/"

enum { TERMS_OF_TRUTH = 4, ROWS_OF_TRUTH = 12, KEYS_OF_TRUTH = 3 };

struct truth {
	const char *name, *file;
	const char *keys[KEYS_OF_TRUTH];                /* JSON pointers that differ; to a NULL */
	const char *rows[ROWS_OF_TRUTH][KEYS_OF_TRUTH]; /* their values; to a NULL */
	const char *metrics[2];                         /* measured in each row; to a NULL */
	const char *terms[TERMS_OF_TRUTH];              /* to estimate; to a NULL */
	unsigned int seed;                              /* of draws and simulations */
	bool others; /* the other prices lie anywhere in their ranges, too */
};

static inline size_t count_texts(const char *const *texts, size_t most)
{
	size_t count = 0;

	while (count < most && texts[count])
		count++;
	return count;
}

static inline bool is_estimated(const struct truth *truth, const char *term)
{
	for (size_t i = 0; i < count_texts(truth->terms, TERMS_OF_TRUTH); i++)
		if (strcmp(truth->terms[i], term) == 0)
			return true;
	return false;
}

/* Even on a logarithmic scale: of what is estimated over its range, of others on either side. */
static inline double draw_price(const struct cost *cost, bool estimated, gsl_rng *random)
{
	double low = cost->low_ns, high = cost->high_ns, value = cost->law.mean_ns;

	if (estimated)
		return low * pow(high / low, gsl_rng_uniform(random));
	if (gsl_rng_uniform(random) < 0.5)
		return low > 0 ? low * pow(value / low, gsl_rng_uniform(random))
			       : value * gsl_rng_uniform(random);
	return value * pow(high / value, gsl_rng_uniform(random));
}

/* Prices by their names, drawn when they are first asked for. */
struct drawn {
	const char *names[TERMS_MAX];
	double mean_ns[TERMS_MAX];
	size_t count;
};

static inline double drawn_price(struct drawn *drawn, const char *name, const struct cost *cost,
				 bool estimated, gsl_rng *random)
{
	for (size_t i = 0; i < drawn->count; i++)
		if (strcmp(drawn->names[i], name) == 0)
			return drawn->mean_ns[i];
	drawn->names[drawn->count] = name;
	drawn->mean_ns[drawn->count] = draw_price(cost, estimated, random);
	return drawn->mean_ns[drawn->count++];
}

/* One operation of each metric, measured in this row. */
static inline void measure(const struct truth *truth, size_t row, struct drawn *drawn,
			   uint32_t trial, gsl_rng *random, FILE *csv)
{
	struct setting settings[KEYS_OF_TRUTH];
	size_t keys = count_texts(truth->keys, KEYS_OF_TRUTH);
	struct scenario scenario;
	struct simulation *simulation;
	struct error error = { 0 };

	for (size_t k = 0; k < keys; k++) {
		settings[k] = (struct setting){ truth->keys[k], truth->rows[row][k], NULL };
		fprintf(csv, "%s,", truth->rows[row][k]);
	}
	if (!scenario_load(&scenario, truth->file, settings, keys, NULL, &error))
		fail_msg("%s", error.message);
	for (size_t g = 0; g < scenario.simulation.guest_count; g++) {
		const struct guest_config *guest = &scenario.simulation.guests[g];

		for (size_t t = FIRST_TERM; t < guest->model->term_count; t++) {
			const char *name = guest->model->terms[t].name;
			bool estimated = is_estimated(truth, name);

			if (estimated || truth->others)
				guest->costs[t].law.mean_ns = drawn_price(
					drawn, name, &guest->costs[t], estimated, random);
		}
	}
	scenario.simulation.seed = 1000003 + truth->seed;
	simulation = simulate(&scenario, trial * ROWS_OF_TRUTH + (uint32_t)row);
	for (size_t m = 0; m < count_texts(truth->metrics, 2); m++)
		fprintf(csv, "%s%.3fns", m ? "," : "",
			(double)observation(simulation, truth->metrics[m], 0) *
				(1 + gsl_ran_gaussian(random, 0.02)));
	fputc('\n', csv);
	simulation_free(simulation);
	scenario_fini(&scenario);
}

/* Measure and explain; `drawn` has the truth. The caller frees the explanation. */
static inline void explain_truth(const struct truth *truth, uint32_t trial, struct drawn *drawn,
				 struct explanation *out)
{
	char path[] = "/tmp/explained-XXXXXX", seed[32];
	struct experiment_options experiment = { .replicate = { .threads = 1 }, .version = "test" };
	struct setting setting = { "/experiment/seed", seed, NULL };
	struct attachment file = { .name = path }; /* without its text it is read from there */
	struct observed_options options = {
		.file = truth->file,
		.settings = &setting,
		.setting_count = 1,
		.csv = &file,
		.error = 0.02,
		.terms = truth->terms,
		.term_count = count_texts(truth->terms, TERMS_OF_TRUTH),
		.others_fixed = !truth->others,
		.estimate_only = true,
		.experiment = &experiment,
	};
	gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
	FILE *csv = fdopen(mkstemp(path), "w");
	struct error error = { 0 };

	assert_non_null(csv);
	assert_non_null(random);
	gsl_rng_set(random, truth->seed + trial + 1);
	snprintf(seed, sizeof(seed), "%u", truth->seed + trial + 1);
	*drawn = (struct drawn){ 0 };
	for (size_t k = 0; k < count_texts(truth->keys, KEYS_OF_TRUTH); k++)
		fprintf(csv, "%s,", truth->keys[k]);
	for (size_t m = 0; m < count_texts(truth->metrics, 2); m++)
		fprintf(csv, "%s%s", m ? "," : "", truth->metrics[m]);
	fputc('\n', csv);
	for (size_t row = 0; row < ROWS_OF_TRUTH && truth->rows[row][0]; row++)
		measure(truth, row, drawn, trial, random, csv);
	assert_int_equal(fclose(csv), 0);
	if (!observed_explain(&options, out, &error))
		fail_msg("%s", error.message);
	gsl_rng_free(random);
	unlink(path);
}

static inline double drawn_of(const struct drawn *drawn, const char *name)
{
	for (size_t i = 0; i < drawn->count; i++)
		if (strcmp(drawn->names[i], name) == 0)
			return drawn->mean_ns[i];
	fail_msg("%s was not drawn", name);
	return 0;
}

/*
 * In how many trials the interval of each term holds what was drawn. The errors in units of the
 * stated standard deviation are printed: their mean should be 0, that of their squares 1.
 */
static inline void count_held(const struct truth *truth, unsigned int trials,
			      int held[TERMS_OF_TRUTH])
{
	size_t terms = count_texts(truth->terms, TERMS_OF_TRUTH);
	double sums[TERMS_OF_TRUTH] = { 0 }, squares[TERMS_OF_TRUTH] = { 0 };

	for (uint32_t trial = 0; trial < trials; trial++) {
		struct explanation explanation;
		struct drawn drawn;

		explain_truth(truth, trial, &drawn, &explanation);
		assert_int_equal(explanation.estimate_count, terms);
		for (size_t i = 0; i < terms; i++) {
			const struct explanation_estimate *row = &explanation.estimates[i];
			double wanted = drawn_of(&drawn, row->term);

			double z = (row->estimate - wanted) / (row->ci_high - row->estimate) * 1.96;

			held[i] += row->ci_low <= wanted && wanted <= row->ci_high;
			sums[i] += z / trials;
			squares[i] += z * z / trials;
		}
		explanation_fini(&explanation);
	}
	for (size_t i = 0; i < terms; i++)
		print_message("%s: %s is held by %d of %u intervals (%.2f, %.2f)\n", truth->name,
			      truth->terms[i], held[i], trials, sums[i], squares[i]);
}

static const struct truth s390_two = {
	.name = "s390, three sizes and two strategies",
	.seed = 10000,
	.file = SCENARIOS "s390-pv/reboot-64g.json",
	.keys = { "/guests/0/memory", "/guests/0/strategy" },
	.rows = { { "16GiB", "sync" },
		  { "64GiB", "sync" },
		  { "256GiB", "sync" },
		  { "16GiB", "async" },
		  { "64GiB", "async" },
		  { "256GiB", "async" } },
	.metrics = { "reboot.latency" },
	.terms = { "uvc.destroy_page", "guest.boot" },
};

static const struct truth s390_three = {
	.name = "s390, reboot and reclaim",
	.seed = 20000,
	.file = SCENARIOS "s390-pv/reboot-64g.json",
	.keys = { "/guests/0/memory" },
	.rows = { { "4GiB" }, { "16GiB" }, { "64GiB" }, { "256GiB" } },
	.metrics = { "reboot.latency", "teardown.latency" },
	.terms = { "uvc.destroy_page", "uvc.import", "guest.stop" },
};

static const struct truth kvm_two = {
	.name = "kvm, reboot and shutdown",
	.seed = 30000,
	.file = SCENARIOS "kvm/life.json",
	.keys = { "/guests/0/memory" },
	.rows = { { "20GiB" }, { "80GiB" }, { "320GiB" } },
	.metrics = { "reboot.latency", "shutdown.latency" },
	.terms = { "mm.free_4k", "guest.stop" },
};

static const struct truth s390_others = {
	.name = "s390, three sizes, all other prices anywhere",
	.seed = 40000,
	.file = SCENARIOS "s390-pv/reboot-64g.json",
	.keys = { "/guests/0/memory", "/guests/0/strategy" },
	.rows = { { "16GiB", "sync" }, { "64GiB", "sync" }, { "256GiB", "sync" } },
	.metrics = { "reboot.latency" },
	.terms = { "uvc.destroy_page" },
	.others = true,
};

#endif
