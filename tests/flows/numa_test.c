/* NUMA nodes: what a guest finds on one, and on all. */

#include <math.h>

#include "fixture.h"
#include "flow/runtime.h"

static const int64_t gib = INT64_C(1) << 30;
static const double page_ns = 171.9e3, page_bytes = 2 << 20, pages_of_gib = 512;

static struct scenario scenario;
static struct simulation *simulation;
static const char *overcommit = "false";

/* Guests of 2 MiB pages that are filled at once, on two nodes of 4 cores, 8 GiB and 20 GB/s. */
static void run(const char *guests, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"numa_nodes\": 2, \"cores\": 8, \"memory\": \"16GiB\","
	     " \"memory_bandwidth\": \"40GB/s\", \"overcommit\": %s},"
	     " \"costs\": [{\"guest.boot\": {\"mean\": \"0ns\"}, \"guest.firmware\": {\"mean\": "
	     "\"0ns\"}, \"qemu.start\": {\"mean\": \"0ns\"}, \"kvm.create_vm\": {\"mean\": "
	     "\"0ns\"}}],"
	     " \"guests\": [%s], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     overcommit, guests, events);
	simulation = simulate(&scenario, 0);
}

static int tidy(void **state)
{
	(void)state;
	simulation_free(simulation);
	scenario_fini(&scenario);
	return 0;
}

#define GUEST(name_, memory_, keys_)                                                               \
	"{\"name\": \"" name_                                                                      \
	"\", \"model\": \"kvm\", \"strategy\": \"exit\", \"memory\": \"" memory_                   \
	"\", \"resident\": 1, \"page_size\": \"2MiB\", \"boot_touch\": \"" memory_                 \
	"\", \"boot_creates\": 0, \"boot_deletes\": 0, " keys_ "}"
#define START(name_) "{\"do\": \"start\", \"guests\": \"" name_ "\"}"

static void assert_start(size_t n, double ns)
{
	double seen = (double)observation(simulation, "start.latency", n);

	if (fabs(seen - ns) > 1e-6 * ns)
		fail_msg("start %zu takes %.0f ns, not %.0f", n, seen, ns);
}

/* Two that are bound to one node have half of the host's bandwidth; in turns each has enough. */
static void test_bus(void **state)
{
	(void)state;
	run(GUEST("g", "1GiB", "\"count\": 2, \"numa\": \"bound\", \"numa_node\": 1"), START("g"));
	for (size_t i = 0; i < 2; i++)
		assert_start(i, 2 * pages_of_gib * page_bytes / 20);
	assert_int_equal(observation(simulation, "memory.node.peak", 0), 2 * gib);
	tidy(state);
	run(GUEST("g", "1GiB", "\"count\": 2, \"numa\": \"bound\""), START("g"));
	for (size_t i = 0; i < 2; i++)
		assert_start(i, pages_of_gib * page_ns);
	assert_int_equal(observation(simulation, "memory.node.peak", 0), gib);
}

/* A node has its part of the cores; who is not bound goes where some are free. */
static void test_cores(void **state)
{
	(void)state;
	run(GUEST("g", "1GiB", "\"count\": 8, \"numa\": \"bound\", \"numa_node\": 0"), START("g"));
	assert_start(7, 8 * pages_of_gib * page_bytes / 20); /* the bus is the narrower one */
	assert_true(observation(simulation, "cores.wait", 0) > 0);
	tidy(state);
	run(GUEST("g", "1GiB", "\"count\": 8, \"numa\": \"spread\""), START("g"));
	assert_start(7, 4 * pages_of_gib * page_bytes / 20);
	assert_int_equal(observation(simulation, "cores.wait", 0), 0);
}

/* 6 GiB are left on the host, but only 2 on the node. */
static void test_no_room(void **state)
{
	const struct failure *failures;
	size_t count;

	(void)state;
	run(GUEST("a", "6GiB", "\"numa\": \"bound\", \"numa_node\": 0") "," GUEST(
		    "b", "4GiB", "\"numa\": \"bound\", \"numa_node\": 0"),
	    START("a") "," START("b"));
	failures = simulation_failures(simulation, &count);
	assert_int_equal(count, 1);
	assert_string_equal(failures[0].shortage.of, "memory of its NUMA node");
	assert_int_equal(failures[0].shortage.wanted, 4 * gib);
	assert_int_equal(failures[0].shortage.there, 2 * gib);
}

/* Larger than a node: what is unbound goes on elsewhere, what is spread is on both alike. */
static void test_both(void **state)
{
	(void)state;
	run(GUEST("g", "10GiB", "\"numa\": \"unbound\""), START("g"));
	assert_int_equal(observation(simulation, "memory.node.peak", 0), 8 * gib);
	tidy(state);
	run(GUEST("g", "10GiB", "\"numa\": \"spread\""),
	    START("g") ", {\"at\": \"10s\", \"do\": \"kill\", \"guests\": \"g\"}");
	assert_int_equal(observation(simulation, "memory.node.peak", 0), 5 * gib);
	for (size_t k = 0; k < 2; k++) /* and has come back from both */
		assert_int_equal(simulation->hosts[0].nodes[k].pools[PAGE_4K].used_bytes, 0);
	tidy(state);
	run(GUEST("a", "7GiB", "\"numa\": \"bound\", \"numa_node\": 0") "," GUEST(
		    "b", "6GiB", "\"numa\": \"spread\""),
	    START("a") ", {\"at\": \"10s\", \"do\": \"start\", \"guests\": \"b\"}");
	assert_int_equal(simulation->hosts[0].nodes[0].pools[PAGE_4K].used_bytes, 8 * gib);
	assert_int_equal(simulation->hosts[0].nodes[1].pools[PAGE_4K].used_bytes, 5 * gib);
}

/* The next process goes to the node with most room. */
static void test_next_process(void **state)
{
	(void)state;
	run(GUEST("a", "2GiB", "\"numa\": \"bound\", \"numa_node\": 0") "," GUEST("b", "1GiB",
										  "\"vcpus\": 1"),
	    START("a") ", {\"at\": \"10s\", \"do\": \"start\", \"guests\": \"b\"}");
	assert_int_equal(simulation->hosts[0].nodes[1].pools[PAGE_4K].used_bytes, gib);
	assert_int_equal(observation(simulation, "memory.in_use.peak", 0), 3 * gib);
}

/* The page tables' locks are in the way of those who have a core of the node, and no others. */
static void test_fill(void **state)
{
	const double others = 3, shared_ns = 4e3; /* four of eight threads have a core there */

	(void)state;
	run(GUEST("g", "1GiB",
		  "\"numa\": \"bound\", \"prealloc_threads\": 8, "
		  "\"vcpus\": 8"),
	    START("g"));
	assert_int_equal(
		llround((double)(observation(simulation, "cores.busy", 0) -
				 observation(simulation, "memory.slowed", 0)) *
			1e-3),
		llround((pages_of_gib * (page_ns + others * shared_ns) + 8 * 50e3) * 1e-3));
}

/* Who is bound to a full node gains nothing from those who are bound to another. */
static void test_oom(void **state)
{
	(void)state;
	overcommit = "true";
	run(GUEST("x", "7GiB", "\"numa\": \"bound\", \"numa_node\": 1") "," GUEST(
		    "a", "5GiB",
		    "\"numa\": \"bound\", \"numa_node\": 0") "," GUEST("b", "4GiB",
								       "\"numa\": \"bound\", "
								       "\"numa_node\": 0"),
	    START("x") "," START("a") ", {\"at\": \"10s\", \"do\": \"start\", \"guests\": \"b\"}");
	assert_int_equal(simulation->hosts[0].nodes[1].pools[PAGE_4K].used_bytes, 7 * gib);
	assert_int_equal(simulation->hosts[0].nodes[0].pools[PAGE_4K].used_bytes, 4 * gib);
	overcommit = "false";
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_bus, tidy),
		cmocka_unit_test_teardown(test_cores, tidy),
		cmocka_unit_test_teardown(test_no_room, tidy),
		cmocka_unit_test_teardown(test_both, tidy),
		cmocka_unit_test_teardown(test_next_process, tidy),
		cmocka_unit_test_teardown(test_fill, tidy),
		cmocka_unit_test_teardown(test_oom, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
