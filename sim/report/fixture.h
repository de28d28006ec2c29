#ifndef SIM_REPORT_FIXTURE_H
#define SIM_REPORT_FIXTURE_H

/* For tests: a result made by hand, with names that nobody should have to trust. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/result.h"

/* What a result carries of a scenario that was never loaded. */
#define FIXTURE_CARRIED                                                                            \
	"{\"name\": \"x\", \"file\": \"-\", \"sha256\": \"12\", \"document\": {}, \"resolved\": "  \
	"{}, \"files\": {}, "                                                                      \
	"\"traces\": {}, \"costs\": {\"memory_bandwidth\": null, \"models\": {}}}"
#define TEXT(literal) ((char *)(uintptr_t)(literal))

/* Quotes, a comma, a newline, an escape sequence, a bidi mark, bytes that are no UTF-8. */
#define HOSTILE "=1+\"2\",\n\033[31m|<b>\xe2\x80\xae\xff"

enum {
	FIXTURE_REBOOT,
	FIXTURE_TEARDOWN,
	FIXTURE_START,
	FIXTURE_WAIT,
	FIXTURE_HOLD,
	FIXTURE_METRICS
};

struct fixture {
	struct result result;
	struct result_metric metrics[FIXTURE_METRICS];
	struct result_part parts[3];
	struct result_counter counters[2];
	struct result_assumption assumptions[2];
	struct result_objective objectives[2];
	int64_t values[4];
};

/* Every value is `value` ns; none of the rare quantiles exists. */
static inline struct result_metric fixture_metric(const char *name, const char *group, double value)
{
	struct maybe some = maybe_some(value);
	struct maybe none = maybe_none("too few observations or replications for an interval");

	return (struct result_metric){
		.name = TEXT(name),
		.group = TEXT(group),
		.unit = UNIT_NANOSECONDS,
		.n = 40,
		.mean = some,
		.ci_low = maybe_some(value - 1),
		.ci_high = maybe_some(value + 1),
		.min = some,
		.p50 = some,
		.p90 = some,
		.p99 = maybe_none("n too small for p99 (at least 368)"),
		.p999 = maybe_none("n too small for p999 (at least 3688)"),
		.max = some,
		.p50_low = some,
		.p50_high = some,
		.p99_low = none,
		.p99_high = none,
	};
}

static inline void fixture_metrics(struct fixture *fixture, const char *group)
{
	struct result_metric *start = &fixture->metrics[FIXTURE_START];

	fixture->metrics[FIXTURE_REBOOT] = fixture_metric("reboot.latency", group, 3e9);
	fixture->metrics[FIXTURE_REBOOT].mean = maybe_some(3000000000.25);
	fixture->metrics[FIXTURE_TEARDOWN] = fixture_metric("teardown.latency", group, 2e10);
	fixture->metrics[FIXTURE_WAIT] = fixture_metric("lock.mmap_lock.wait", "host", 5e4);
	fixture->metrics[FIXTURE_HOLD] = fixture_metric("lock.mmap_lock.hold", "host", 7e6);
	*start = (struct result_metric){ .name = TEXT("start.latency"), .group = TEXT(group) };
	start->mean = start->ci_low = start->ci_high = start->min = start->max =
		maybe_none("no observation");
	start->p50 = start->p90 = start->p99 = start->p999 = maybe_none("no observation");
	start->p50_low = start->p50_high = start->p99_low = start->p99_high =
		maybe_none("no observation");
}

static inline void fixture_init(struct fixture *fixture, const char *group)
{
	struct result *result = &fixture->result;

	*fixture = (struct fixture){ 0 };
	fixture_metrics(fixture, group);
	for (int i = 0; i < 3; i++) {
		static const int64_t totals[] = { 100000000000, 19760000000, 240000010 };

		fixture->parts[i] = (struct result_part){
			.metric = TEXT("reboot.latency"),
			.group = TEXT(group),
			.flow = TEXT("reboot"),
			.step = TEXT(i ? "guest.boot" : group),
			.where = TEXT(i ? "start_kernel" : group),
			.total = totals[i],
			.mean = (double)totals[i] / 40,
			.share = (double)totals[i] / 120000000010.0,
		};
	}
	fixture->counters[0] = (struct result_counter){ TEXT("uvc.noop"), TEXT(group), 80, 2 };
	fixture->counters[1] = (struct result_counter){ TEXT("uvc.unused"), TEXT(group), 0, 0 };
	fixture->assumptions[0] = (struct result_assumption){ TEXT("guest.boot"),
							      TEXT(group),
							      TEXT("a guess, \"so\""),
							      "assumed",
							      2e9,
							      1e9,
							      2e10,
							      1.9e10,
							      true,
							      2e9,
							      NAN,
							      true };
	fixture->assumptions[1] = (struct result_assumption){ TEXT("uvc.noop"),
							      TEXT(group),
							      TEXT("reasoning"),
							      "published",
							      100,
							      50,
							      200,
							      3e6,
							      true,
							      3e9,
							      3e9,
							      false };
	fixture->objectives[0] =
		(struct result_objective){ { TEXT("reboot.latency"), TEXT(group), UNIT_NANOSECONDS,
					     -1, 4e9 },
					   maybe_some(3000000000.25),
					   { 2e9, 3000000000.25, 3.5e9, 4e9, 3000000000.25, 0 },
					   LIMIT_MET };
	fixture->objectives[1] =
		(struct result_objective){ { TEXT("reboot.latency"), TEXT(group), UNIT_NANOSECONDS,
					     0.99, 4e9 },
					   maybe_none("n too small for this quantile"),
					   { 0, 0, 0.125, 0.01, NAN, 550 },
					   LIMIT_UNDECIDED };
	memcpy(fixture->values, (int64_t[]){ 1, 2, 2, 8 }, sizeof(fixture->values));
	fixture->metrics[FIXTURE_REBOOT].values =
		(struct distribution){ .values = fixture->values, .item_count = 4, .count = 4 };
	*result = (struct result){
		.scenario = TEXT(group),
		.file = TEXT("dir/" HOSTILE),
		.version = TEXT("0.0.1"),
		.seed = INT64_MAX,
		.scenario_sha256 = TEXT("12"),
		.carried = TEXT(FIXTURE_CARRIED),
		.costs_sha256 = TEXT("34"),
		.replications = 40,
		.stopping = TEXT("as many replications as asked for"),
		.events = 1234,
		.answer = FIXTURE_REBOOT,
		.metrics = fixture->metrics,
		.metric_count = FIXTURE_METRICS,
		.parts = fixture->parts,
		.part_count = 3,
		.counters = fixture->counters,
		.counter_count = 2,
		.capacities = { { TEXT("cores"), TEXT("cores"), 8, 0.25, 0,
				  maybe_none("nobody waited") },
				{ TEXT("memory bandwidth"), TEXT("bytes/s"), 204.8e9, 0.5, 1.5e9,
				  maybe_some(2e9) },
				{ TEXT("crowds"), NULL, 0, 0, 0.5e9, maybe_none("too large") } },
		.capacity_count = 3,
		.assumptions = fixture->assumptions,
		.assumption_count = 2,
		.uncertainty = { BAND_OF_DRAWS, 100, 2, maybe_some(2e9), maybe_some(3.5e9),
				 maybe_some(2.1e10) },
		.answer_low = maybe_some(1e9),
		.answer_high = maybe_none("the operation did not end in time with these costs"),
		.objectives = fixture->objectives,
		.objective_count = 2,
	};
}

/* The result in a format; the caller frees it. */
static inline char *fixture_written(const struct result *result, const char *format)
{
	struct error error = { 0 };
	char *bytes = NULL;
	size_t size = 0, i = 0;
	FILE *out = open_memstream(&bytes, &size);

	while (strcmp(result_format_names[i], format) != 0)
		i++;
	if (!out || !result_writers[i](result, out, &error) || fclose(out) != 0) {
		fprintf(stderr, "%s\n", error.message);
		abort();
	}
	return bytes;
}

#endif
