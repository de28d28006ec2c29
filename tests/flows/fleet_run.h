#ifndef TESTS_FLOWS_FLEET_RUN_H
#define TESTS_FLOWS_FLEET_RUN_H

/* What the tests of fleets share: a trace of a few lines, the run of it, and what became of the VMs. */

#include "fixture.h"

#include <math.h>
#include <unistd.h>

/* Its boots touch nothing, and its helper finds the process gone at its first look. */
#define KVM                                                                                        \
	"\"model\": \"kvm\", \"strategy\": \"async-teardown\", \"boot_touch\": \"0B\", "           \
	"\"boot_touch_ratio\": 0, \"helper_in_time\": 0"

static struct scenario scenario;
static char path[64];
static const char *costs = "{}", *guest = KVM;
static const char *events = ""; /* of the next run */

/* A trace of so many lines, and a scenario of it. */
static void prepare(const char *lines, const char *host, const char *fleet)
{
	FILE *file;
	int descriptor;

	snprintf(path, sizeof(path), "/tmp/fleet-XXXXXX");
	descriptor = mkstemp(path);
	assert_true(descriptor >= 0);
	file = fdopen(descriptor, "w");
	assert_non_null(file);
	fputs("arrival_s,vcpus,memory_gib,lifetime_s\n", file);
	fputs(lines, file);
	assert_int_equal(fclose(file), 0);
	load(&scenario,
	     "{\"host\": {%s}, \"costs\": [%s], \"guests\": [{\"name\": \"vm\", \"memory\": "
	     "\"1GiB\", \"resident\": 1, %s}],"
	     " \"fleet\": {\"guests\": \"vm\", \"trace\": \"%s\", %s},"
	     " \"events\": [%s], \"experiment\": {\"until\": \"30d\", \"spread\": false}}",
	     host, costs, guest, path, fleet, events);
	events = "";
}

/* The simulation of it after one replication. */
static inline struct simulation *run(const char *lines, const char *host, const char *fleet)
{
	prepare(lines, host, fleet);
	return simulate(&scenario, 0);
}

static void done(struct simulation *simulation)
{
	simulation_free(simulation);
	scenario_fini(&scenario);
	unlink(path);
}

static void assert_accounted(const struct simulation *simulation)
{
	static const char *const ends[] = { "vms.running",  "vms.torn_down", "vms.starting",
					    "vms.stopping", "vms.waiting",   "vms.rejected",
					    "vms.failed",   "vms.lost",      "vms.moving" };
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sum += counter_of(simulation, ends[i]);
	assert_int_equal(sum, counter_of(simulation, "vms.arrived"));
}

#define ONE_HOST   "\"cores\": 8, \"memory\": \"10GiB\""
#define EVACUATE_0 "{\"do\": \"evacuate\", \"guests\": \"vm\", \"host\": 0, \"at\": \"100s\""

static inline uint64_t started_on(const struct simulation *simulation, const char *host)
{
	size_t count;
	const struct counter *counters = simulation_counters(simulation, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(counters[i].name, "vms.started") == 0 &&
		    strcmp(counters[i].group, host) == 0)
			return counters[i].value;
	fail_msg("no %s", host);
	return 0;
}

#endif
