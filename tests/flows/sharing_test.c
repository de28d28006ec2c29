/* What guests of a host take from each other: bandwidth, and those who free pages at once. */

#include <math.h>

#include "fixture.h"

#include "flow/observer.h"

enum { PAGES = 512 }; /* of 2 MiB, in a guest of 1 GiB */
static const double fault_ns = 600, zero_ns = 171.3e3, page_bytes = 2 << 20;

/* Guests that fill 1 GiB each at once, and nothing else. */
static void load_storm(struct scenario *scenario, int guests, int cores, const char *bandwidth,
		       bool exact)
{
	load(scenario,
	     "{\"host\": {\"cores\": %d, \"memory\": \"1TiB\", \"memory_bandwidth\": \"%s\"},"
	     " \"costs\": [{\"guest.boot\": {\"mean\": \"0ns\"}, \"guest.firmware\": {\"mean\": "
	     "\"0ns\"}, \"qemu.start\": {\"mean\": \"0ns\"}, \"kvm.create_vm\": {\"mean\": "
	     "\"0ns\"}}],"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", \"strategy\": \"exit\", "
	     "\"count\": %d,"
	     " \"memory\": \"1GiB\", \"resident\": 1, \"page_size\": \"2MiB\", \"boot_touch\": "
	     "\"1GiB\","
	     " \"boot_creates\": 0, \"boot_deletes\": 0}],"
	     " \"events\": [{\"at\": \"0s\", \"do\": \"start\", \"guests\": \"g\"}],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false, \"exact_pages\": %s}}",
	     cores, bandwidth, guests, exact ? "true" : "false");
}

static void assert_near(double seen, double truth, double share)
{
	if (fabs(seen - truth) > share * fabs(truth) + 1e-9)
		fail_msg("seen %.17g, truth %.17g", seen, truth);
}

/* n guests end as at min(n b, B): bytes of all by bandwidth, or their own time. */
static void test_bandwidth(void **state)
{
	static const int guests[] = { 1, 2, 3, 5, 8, 20 };
	const double alone_ns = PAGES * (fault_ns + zero_ns), bytes_per_ns = 30;

	(void)state;
	for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
		double n = guests[i], bus_ns = n * PAGES * page_bytes / bytes_per_ns;
		double truth_ns = bus_ns > alone_ns ? bus_ns : alone_ns;
		struct scenario scenario;
		struct simulation *simulation;

		load_storm(&scenario, guests[i], 64, "30GB/s", false);
		simulation = simulate(&scenario, 0);
		for (size_t g = 0; g < (size_t)guests[i]; g++)
			assert_near((double)observation(simulation, "start.latency", g), truth_ns,
				    1e-8);
		assert_near((double)observation(simulation, "memory.moved", 0),
			    n * PAGES * page_bytes, 0);
		assert_near((double)observation(simulation, "memory.slowed", 0),
			    n * (truth_ns - alone_ns), 1e-6);
		assert_near((double)observation(simulation, "cores.busy", 0), n * truth_ns, 1e-8);
		assert_int_equal(observation(simulation, "cores.wait", 0), 0);
		simulation_free(simulation);
		scenario_fini(&scenario);
	}
}

/* Who waits for memory keeps its core: on two cores four guests are no slower for the bus. */
static void test_cores_first(void **state)
{
	const double alone_ns = PAGES * (fault_ns + zero_ns);
	struct scenario scenario;
	struct simulation *simulation;

	(void)state;
	load_storm(&scenario, 4, 2, "25GB/s", false); /* enough for two */
	simulation = simulate(&scenario, 0);
	assert_near((double)observation(simulation, "start.latency", 3), 2 * alone_ns, 1e-6);
	assert_near((double)observation(simulation, "cores.wait", 0), 4 * alone_ns, 1e-6);
	assert_int_equal(observation(simulation, "memory.slowed", 0), 0);
	simulation_free(simulation);
	scenario_fini(&scenario);
}

/* Page by page it is the same. */
static void test_exact(void **state)
{
	(void)state;
	for (int guests = 1; guests <= 9; guests += 4) {
		int64_t latency_ns[2];

		for (int exact = 0; exact < 2; exact++) {
			struct scenario scenario;
			struct simulation *simulation;

			load_storm(&scenario, guests, 8, "30GB/s", exact);
			simulation = simulate(&scenario, 0);
			latency_ns[exact] = observation(simulation, "start.latency", 0);
			simulation_free(simulation);
			scenario_fini(&scenario);
		}
		assert_near((double)latency_ns[1], (double)latency_ns[0], 1e-4);
	}
}

/* A bus that could be too narrow, and is not, changes nothing: not a ns. */
static void test_wide_enough(void **state)
{
	static const char *const bandwidths[] = { "1000000GB/s", "60GB/s" };
	int64_t latency_ns[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct scenario scenario;
		struct simulation *simulation;

		load_storm(&scenario, 4, 8, bandwidths[i], false);
		simulation = simulate(&scenario, 0);
		latency_ns[i] = observation(simulation, "start.latency", 2);
		simulation_free(simulation);
		scenario_fini(&scenario);
	}
	assert_int_equal(latency_ns[0], latency_ns[1]);
}

/* Fills 1 GiB by one thread; clearing takes no time, or hardly any. */
static int64_t fill_ns(const char *zero, const char *experiment, const char *metric)
{
	struct scenario scenario;
	struct simulation *simulation;
	int64_t ns;

	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"1TiB\", \"memory_bandwidth\": \"1GB/s\"},"
	     " \"costs\": [{\"guest.boot\": {\"mean\": \"0ns\"}, \"guest.firmware\": {\"mean\": "
	     "\"0ns\"}, \"qemu.start\": {\"mean\": \"0ns\"}, \"kvm.create_vm\": {\"mean\": "
	     "\"0ns\"}, \"mm.zero_4k\": {\"mean\": \"0ns\"}, \"mm.zero_1g\": {\"mean\": \"0ns\"},"
	     " \"mm.zero_2m\": {\"mean\": \"%s\"}}],"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", \"strategy\": \"exit\", "
	     "\"memory\": \"1GiB\", \"resident\": 1, \"page_size\": \"2MiB\", \"boot_touch\": "
	     "\"1GiB\", \"boot_creates\": 0, \"boot_deletes\": 0}],"
	     " \"events\": [{\"at\": \"0s\", \"do\": \"start\", \"guests\": \"g\"}],"
	     " \"experiment\": {%s \"spread\": false}}",
	     zero, experiment);
	simulation = simulate(&scenario, 0);
	ns = observation(simulation, metric, 0);
	simulation_free(simulation);
	scenario_fini(&scenario);
	return ns;
}

/* What costs no time moves its bytes all the same: in no less time than the bus takes. */
static void test_free_of_charge(void **state)
{
	const double bus_ns = PAGES * page_bytes;

	(void)state;
	assert_near((double)fill_ns("0ns", "\"until\": \"1h\",", "start.latency"), bus_ns, 1e-8);
	assert_near((double)fill_ns("1ns", "\"until\": \"1h\",", "start.latency"), bus_ns, 1e-8);
}

/* Of a loop that is in progress then, what it moves later; but for a page. */
static void test_warm_up(void **state)
{
	(void)state;
	assert_near((double)fill_ns("171.3us", "\"warm_up\": \"1s\", \"until\": \"1050ms\",",
				    "memory.moved"),
		    50e6, 0.05);
}

static void add_moved(void *data, const struct span *span)
{
	*(double *)data += span->moved_bytes;
}

/* Who watches is told of every byte that crosses the bus, and of no other. */
static void test_moved(void **state)
{
	double told = 0;
	const struct observer observer = { .data = &told, .step = add_moved };
	struct scenario scenario;
	struct simulation *simulation;
	struct error error = { 0 };

	(void)state;
	load_storm(&scenario, 4, 8, "100GB/s", false);
	simulation = simulation_new(&scenario.simulation, &error);
	assert_non_null(simulation);
	simulation_observe(simulation, &observer);
	assert_true(simulation_run(simulation, 0, &error));
	assert_near(told, 4 * 0x1p30, 0);
	assert_int_equal(observation(simulation, "memory.moved", 0), INT64_C(4) << 30);
	simulation_free(simulation);
	scenario_fini(&scenario);
}

/* --- those who free pages at once ----------------------------------------- */

static int64_t teardown_ns(int guests, int cores, const char *cost, const char *metric)
{
	struct scenario scenario;
	struct simulation *simulation;
	int64_t ns;

	load(&scenario,
	     "{\"host\": {\"cores\": %d, \"memory\": \"1TiB\"},"
	     " \"costs\": [{\"kvm.destroy_vm\": {\"mean\": \"0ns\"}, \"kernel.exit\": {\"mean\": "
	     "\"0ns\"}, \"mm.free_4k\": {\"mean\": \"100ns\"%s}}],"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", \"strategy\": \"exit\", "
	     "\"count\": %d,"
	     " \"memory\": \"1GiB\", \"resident\": 1}],"
	     " \"events\": [{\"at\": \"1s\", \"do\": \"kill\", \"guests\": \"g\"}],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     cores, cost, guests);
	simulation = simulate(&scenario, 0);
	ns = observation(simulation, metric, 0);
	simulation_free(simulation);
	scenario_fini(&scenario);
	return ns;
}

/* By the published speeds, of a profile's own, on fewer cores, and without a crowd. */
static void test_zone(void **state)
{
	const double alone_ns = 262144 * 100.;

	(void)state;
	assert_near((double)teardown_ns(1, 8, "", "teardown.latency"), alone_ns, 1e-6);
	assert_near((double)teardown_ns(2, 8, "", "teardown.latency"), alone_ns * 2 * 5.65 / 8.9,
		    1e-6);
	assert_near((double)teardown_ns(8, 8, "", "teardown.latency"), alone_ns * 8 * 4.84 / 8.9,
		    1e-6);
	assert_near((double)teardown_ns(8, 8, "", "crowd.slowed"),
		    8 * alone_ns * (8 * 4.84 / 8.9 - 1), 1e-6);
	assert_near((double)teardown_ns(2, 1, "", "teardown.latency"), alone_ns * 2, 1e-6);
	assert_near((double)teardown_ns(2, 8, ", \"speeds\": [0.5]", "teardown.latency"),
		    alone_ns * 2, 1e-6);
	assert_near((double)teardown_ns(2, 8, ", \"crowd\": \"none\"", "teardown.latency"),
		    alone_ns, 1e-6);
}

/* A capacity that the scenario names: eight teardowns that want 100 of 20 calls per us. */
static void test_own_capacity(void **state)
{
	const double calls = 8 * 262144, per_ns = 0.02;
	struct scenario scenario;
	struct simulation *simulation;

	(void)state;
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"1TiB\", \"capacities\": [{\"name\": \"disk\","
	     " \"per_second\": 1e12}, {\"name\": \"iommu\", \"per_second\": 2e7}]},"
	     " \"costs\": [{\"kvm.destroy_vm\": {\"mean\": \"0ns\"}, \"kernel.exit\": {\"mean\": "
	     "\"0ns\"}, \"mm.free_4k\": {\"mean\": \"80ns\", \"crowd\": \"none\","
	     " \"uses\": {\"iommu\": 1, \"disk\": 2}}}],"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", \"strategy\": \"exit\","
	     " \"count\": 8, \"memory\": \"1GiB\", \"resident\": 1}],"
	     " \"events\": [{\"at\": \"1s\", \"do\": \"kill\", \"guests\": \"g\"}],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}");
	simulation = simulate(&scenario, 0);
	assert_near((double)observation(simulation, "teardown.latency", 7), calls / per_ns, 1e-6);
	assert_near((double)observation(simulation, "capacity.iommu.used", 0), calls, 0);
	assert_near((double)observation(simulation, "capacity.disk.used", 0), 2 * calls, 0);
	assert_near((double)observation(simulation, "capacity.iommu.slowed", 0),
		    8 * calls / per_ns - calls * 80, 1e-6);
	assert_int_equal(observation(simulation, "capacity.disk.slowed", 0), 0);
	simulation_free(simulation);
	scenario_fini(&scenario);
}

/* So long a host was busy whose cores are all held when it is looked at. */
static int64_t busy_ns(const char *until)
{
	struct scenario scenario;
	struct simulation *simulation;
	int64_t ns;

	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"64GiB\"},"
	     " \"costs\": [{\"cpu.wbinvd_all\": {\"mean\": \"1000s\", \"range\": [\"1s\", "
	     "\"2000s\"]}}],"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"sev\", \"memory\": \"1GiB\"}],"
	     " \"events\": [{\"at\": \"1s\", \"do\": \"kill\", \"guests\": \"g\"}],"
	     " \"experiment\": {\"until\": \"%s\", \"spread\": false}}",
	     until);
	simulation = simulate(&scenario, 0);
	ns = observation(simulation, "cores.busy", 0);
	simulation_free(simulation);
	scenario_fini(&scenario);
	return ns;
}

static void test_all_cores(void **state)
{
	(void)state;
	assert_int_equal(busy_ns("300s") - busy_ns("200s"), 8 * INT64_C(100000000000));
}

/* Work that would take longer than the clock goes is unfinished, and no error. */
static void test_never(void **state)
{
	struct scenario scenario;
	struct simulation *simulation;

	(void)state;
	load(&scenario,
	     "{\"host\": {\"cores\": 4, \"memory\": \"1TiB\"},"
	     " \"costs\": [{\"mm.free_4k\": {\"mean\": \"100ns\", \"crowd\": \"zone\", "
	     "\"speeds\": [1e-300]}}],"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", \"strategy\": \"exit\", "
	     "\"count\": 2, \"memory\": \"1GiB\", \"resident\": 1}],"
	     " \"events\": [{\"at\": \"1s\", \"do\": \"kill\", \"guests\": \"g\"}],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}");
	simulation = simulate(&scenario, 0);
	assert_int_equal(times_done(simulation, "teardown.latency"), 0);
	simulation_free(simulation);
	scenario_fini(&scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bandwidth),      cmocka_unit_test(test_cores_first),
		cmocka_unit_test(test_exact),          cmocka_unit_test(test_wide_enough),
		cmocka_unit_test(test_zone),           cmocka_unit_test(test_own_capacity),
		cmocka_unit_test(test_free_of_charge), cmocka_unit_test(test_warm_up),
		cmocka_unit_test(test_all_cores),      cmocka_unit_test(test_moved),
		cmocka_unit_test(test_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
