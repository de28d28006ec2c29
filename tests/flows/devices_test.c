/* Devices of a guest: address spaces, what pins and unpins cost, resets, views, locked memory, kills. */

#include "scenario_run.h"

#include "flow/model.h"
#include "flow/runtime.h"

#define AT(at, what) "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"
#define START        AT("0s", "start")
#define ONE          "\"devices\": [{\"reset\": \"none\"}]"

/* Default prices, ns. */
enum { SETUP = 1000000, REALIZE = 1000000, FUNCTION = 46000000, FLR = 100000000 };
enum { POPULATE = 210, ZERO_4K = 335, ZERO_2M = 171300, COUNT_4K_TENTHS = 45 };
enum { PAGES_16G = 16 << 18, PAGES_16G_2M = 16 << 9 };
#define PIN_4K       (62 + 4.8)
#define PIN_2M       (1200 + 2240.0)
#define PIN_1G       (614e3 + 5e3)
#define UNMAP_4K     (49 + 21.5 + 2000.0 / 512)
#define UNMAP_2M     (5450 + 50 + 2000.0 / 512)
#define FLAT_VIEW    1070.0
#define VHOST_REGION 500000

static bool has_key(const struct model *model, const char *key)
{
	for (const struct field *field = model->parameters->fields; field->key; field++)
		if (strcmp(field->key, key) == 0)
			return true;
	return false;
}

static struct simulation *run(const char *keys, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 16, \"memory\": \"64GiB\", \"features\": [\"sme_coherent\"]},"
	     " \"guests\": [{\"name\": \"g\", \"vcpus\": 4, \"memory\": \"16GiB\","
	     "   \"model\": \"kvm\", \"strategy\": \"exit\", \"direct_boot\": true,"
	     "   \"boot_creates\": 0, \"boot_deletes\": 0, \"resident\": 1%s%s}],"
	     " \"events\": [%s], \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     *keys ? ", " : "", keys, events);
	return simulate(&scenario, 0);
}

static int64_t first(const char *keys, const char *events, const char *metric)
{
	struct simulation *simulation = run(keys, events);
	int64_t latency = observation(simulation, metric, 0);

	done(simulation);
	return latency;
}

#define NO_TOUCH "\"boot_touch\": \"0B\", \"boot_touch_ratio\": 0"

/* What devices add to a start that touches nothing otherwise. */
static double start_ns(const char *size, const char *keys)
{
	char all[512], none[256];

	snprintf(none, sizeof(none), "\"page_size\": \"%s\", " NO_TOUCH, size);
	snprintf(all, sizeof(all), "\"page_size\": \"%s\", %s", size, keys);
	return (double)(first(all, START, "start.latency") - first(none, START, "start.latency"));
}

static double end_ns(const char *size, const char *keys)
{
	char all[512], none[256];

	snprintf(none, sizeof(none), "\"page_size\": \"%s\"", size);
	snprintf(all, sizeof(all), "\"page_size\": \"%s\", %s", size, keys);
	return (double)(first(all, AT("1s", "kill"), "shutdown.latency") -
			first(none, AT("1s", "kill"), "shutdown.latency"));
}

static void near(double is, double should)
{
	if (is < should - 20 || is > should + 20)
		fail_msg("%.0f ns instead of %.0f ns", is, should);
}

/* All memory is faulted in, pinned and mapped, by the size of its pages. */
static void test_backing(void **state)
{
	const double fixed = REALIZE + SETUP + FUNCTION + 10.0 * 4 * FLAT_VIEW;

	(void)state;
	near(start_ns("4KiB", ONE), fixed + PAGES_16G * (POPULATE + ZERO_4K + PIN_4K));
	near(start_ns("2MiB", ONE), fixed + PAGES_16G_2M * (POPULATE + ZERO_2M + PIN_2M));
	near(start_ns("1GiB", ONE), fixed + 16 * (POPULATE + 59.7e6 + PIN_1G));
	near(start_ns("2MiB", "\"pin_folios\": false, " ONE) - start_ns("2MiB", ONE),
	     PAGES_16G * COUNT_4K_TENTHS / 10.0);
	near(start_ns("4KiB", "\"pin_batched\": false, " ONE) - start_ns("4KiB", ONE),
	     PAGES_16G * 90.0);
	near(end_ns("4KiB", ONE), SETUP + PAGES_16G * UNMAP_4K);
	near(end_ns("2MiB", ONE), SETUP + PAGES_16G_2M * UNMAP_2M);
	near(end_ns("2MiB", "\"pin_folios\": false, " ONE),
	     SETUP + PAGES_16G_2M * (UNMAP_2M - 50) + PAGES_16G * 21.5);
}

/* Devices share an address space, unless a virtual IOMMU gives each its own; memory is faulted in once. */
static void test_address_spaces(void **state)
{
	const double space = PAGES_16G_2M * PIN_2M;
	const double each = REALIZE + SETUP + FUNCTION;
	const double views = 10.0 * 4 * FLAT_VIEW;
	double one = start_ns("2MiB", ONE);

	(void)state;
	near(start_ns("2MiB", "\"devices\": [{\"count\": 3, \"reset\": \"none\"}]") - one,
	     2 * each + 8 * views);
	near(start_ns("2MiB", "\"devices\": [{\"count\": 3, \"reset\": \"none\", "
			      "\"viommu\": true}]") -
		     one,
	     2 * each + 8 * views + 2 * space);
	/* an IOAS beside the container, whose pages are counted one by one */
	near(start_ns("2MiB", "\"devices\": [{\"reset\": \"none\"}, {\"kind\": \"iommufd\", "
			      "\"reset\": \"none\"}]") -
		     one,
	     each + 3 * views + space + PAGES_16G * COUNT_4K_TENTHS / 10.0);
}

/* A reboot resets the devices and pins nothing again; a start resets twice, an end once. */
static void test_resets(void **state)
{
	static const char flr[] = "\"devices\": [{\"functions\": 2}]";
	static const char none[] = "\"devices\": [{\"functions\": 2, \"reset\": \"none\"}]";
	static const char bus[] = "\"devices\": [{\"functions\": 2, \"reset\": \"bus\"}]";
	struct simulation *simulation;

	(void)state;
	near(start_ns("2MiB", flr) - start_ns("2MiB", none), 4.0 * FLR);
	near(start_ns("2MiB", bus) - start_ns("2MiB", none), 2e9);
	near(end_ns("2MiB", flr) - end_ns("2MiB", none), 2.0 * FLR);
	near((double)(first(flr, AT("1s", "reboot"), "reboot.latency") -
		      first(none, AT("1s", "reboot"), "reboot.latency")),
	     2.0 * FLR);
	simulation = run(flr, START ", " AT("1min", "reboot"));
	assert_int_equal(times_done(simulation, "reboot.latency"), 1);
	assert_int_equal(counter_of(simulation, "vfio.pin_4k"), PAGES_16G);
	assert_int_equal(counter_of(simulation, "pci.flr"), 6);
	done(simulation);
}

/* The price of n functions grows with their square while they share views, else with the cube. */
static void test_views(void **state)
{
	static const char few[] = "\"devices\": [{\"kind\": \"emulated\", \"count\": 10}]";
	static const char many[] = "\"devices\": [{\"kind\": \"emulated\", \"count\": 100}]";
	static const char apart[] = "\"flatview_sharing\": false, "
				    "\"devices\": [{\"kind\": \"emulated\", \"count\": 100}]";

	(void)state;
	near(start_ns("4KiB", "\"devices\": [{\"kind\": \"emulated\", \"count\": 10}], " NO_TOUCH),
	     10.0 * (REALIZE + FUNCTION) + 10 * 10.0 * 4 * 10 * FLAT_VIEW);
	near((double)(first(many, START, "start.latency") - first(few, START, "start.latency")),
	     90.0 * (REALIZE + FUNCTION) + 10 * 4 * (100.0 * 100 - 10 * 10) * FLAT_VIEW);
	near((double)(first(apart, START, "start.latency") - first(many, START, "start.latency")),
	     10 * 100.0 * 100 * 100 * FLAT_VIEW);
}

/* BARs in each boot, by 4 KiB or 1 GiB; each container of type 1 maps those of all. */
static void test_bars(void **state)
{
	static const char *const keys[] = {
		"\"huge_pfnmap\": false, \"devices\": [{\"bars\": \"3GiB\"}]",
		"\"devices\": [{\"bars\": \"3GiB\"}]",
		("\"bar_maps\": 5, \"devices\": [{\"bars\": \"3GiB\", \"count\": 2, "
		 "\"viommu\": true}]"),
		"\"devices\": [{\"bars\": \"3GiB\", \"kind\": \"iommufd\"}]",
	};
	static const uint64_t pages[] = { 2 * 3 << 18, 0, 0, 0 }, steps[] = { 0, 6, 60, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct simulation *simulation = run(keys[i], START);

		assert_int_equal(counter_of(simulation, "vfio.pfnmap_4k"), pages[i]);
		assert_int_equal(counter_of(simulation, "vfio.pfnmap_huge"), steps[i]);
		done(simulation);
	}
}

/* Two regions of memory above 3 GiB; the first backend finds it absent, all map it. */
static void test_backends(void **state)
{
	double one = start_ns("2MiB", "\"devices\": [{\"kind\": \"vhost-user\"}], " NO_TOUCH);
	double two = start_ns("2MiB",
			      "\"devices\": [{\"kind\": \"vhost-user\", \"count\": 2}], " NO_TOUCH);

	(void)state;
	near(one, REALIZE + FUNCTION + 10.0 * 4 * FLAT_VIEW + 2 * VHOST_REGION +
			  PAGES_16G_2M * (POPULATE + ZERO_2M + 500.0));
	near(two - one,
	     REALIZE + FUNCTION + 30.0 * 4 * FLAT_VIEW + 2 * VHOST_REGION + PAGES_16G_2M * 500.0);
}

/* RLIMIT_MEMLOCK counts each address space; the second that is pinned in part is undone. */
static void test_memlock(void **state)
{
#define TWO "\"devices\": [{\"count\": 2, \"viommu\": true}], \"cap_ipc_lock\": false, "
	struct simulation *simulation =
		run(TWO "\"memlock_limit\": \"17GiB\"", START ", " AT("1min", "start"));

	(void)state;
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 2);
	assert_int_equal(counter_of(simulation, "vfio.pin_4k"), 2 * (PAGES_16G + (1 << 18)));
	assert_int_equal(counter_of(simulation, "iommu.unmap_4k"), 2 * (PAGES_16G + (1 << 18)));
	assert_int_equal(simulation->hosts[0].nodes[0].pools[PAGE_4K].used_bytes, 0);
	done(simulation);
	simulation = run(TWO "\"memlock_rule\": \"libvirt-once\"", START);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	done(simulation);
	simulation = run(TWO "\"memlock_rule\": \"libvirt\"", START);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
}

/* A signal ends a pin between two pages; what is pinned by then is unpinned, in each phase of a start. */
static void test_kills(void **state)
{
	static const char keys[] = "\"devices\": [{\"count\": 2, \"viommu\": true}, "
				   "{\"kind\": \"iommufd\"}, {\"kind\": \"vhost-user\"}]";
	bool in_part = false;

	(void)state;
	for (int ms = 100; ms < 6000; ms += 137) {
		char events[256];
		struct simulation *simulation;

		snprintf(events, sizeof(events),
			 START ", {\"at\": \"%dms\", \"do\": \"kill\", \"guests\": \"g\"}", ms);
		simulation = run(keys, events);
		assert_int_equal(counter_of(simulation, "vfio.pin_4k"),
				 counter_of(simulation, "iommu.unmap_4k"));
		in_part |= counter_of(simulation, "vfio.pin_4k") % PAGES_16G != 0;
		assert_int_equal(simulation->hosts[0].nodes[0].pools[PAGE_4K].used_bytes, 0);
		done(simulation);
	}
	assert_true(in_part);
}

/* Tables of the IOMMU are memory of the host while an address space is mapped. */
static void test_tables(void **state)
{
	struct simulation *simulation = run("\"devices\": [{\"count\": 2, \"viommu\": true}]",
					    START ", " AT("1min", "shutdown"));

	(void)state;
	assert_int_equal(observation(simulation, "memory.in_use.peak", 0),
			 (INT64_C(16) << 30) + 2 * (PAGES_16G / 512) * 4096);
	assert_int_equal(simulation->hosts[0].nodes[0].pools[PAGE_4K].used_bytes, 0);
	done(simulation);
}

/* What cannot be is refused by its key. */
static void test_refused(void **state)
{
	static const char *const guests[][2] = {
		{ "\"model\": \"kvm\", \"balloon\": \"1GiB\", \"resident\": 0.1, \"devices\": [{}]",
		  "/devices: VFIO pins all memory" },
		{ "\"model\": \"kvm\", \"restore\": \"file\", \"devices\": [{}]",
		  "/devices: a guest with devices that are passed through has no snapshot" },
		{ "\"model\": \"kvm\", \"devices\": [{\"kind\": \"emulated\", \"viommu\": true}]",
		  "/devices: number 0: only devices that are passed through" },
		{ "\"model\": \"kvm\", \"devices\": [{}, {\"kind\": \"vhost-user\", \"bars\": "
		  "\"1GiB\"}]",
		  "/devices: number 1: only devices that are passed through" },
		{ "\"model\": \"kvm\", \"devices\": [{\"count\": 4096, \"functions\": 2}]",
		  "/devices: 8192 PCI functions; 4096 are possible" },
		{ "\"model\": \"arm64\", \"strategy\": \"pkvm\", \"devices\": [{}]",
		  "/devices: no device is passed through to a guest of pKVM" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
		char text[1024];
		struct error error = { 0 };

		snprintf(text, sizeof(text),
			 "{\"guests\": [{\"name\": \"g\", \"memory\": \"4GiB\", %s%s}],"
			 " \"events\": [" START "]}",
			 guests[i][0],
			 strstr(guests[i][0], "strategy") ? "" : ", \"strategy\": \"exit\"");
		assert_false(scenario_load_text(&scenario, "<memory>", text, strlen(text), &error));
		if (!strstr(error.message, guests[i][1]))
			fail_msg("\"%s\" instead of \"%s\"", error.message, guests[i][1]);
		scenario_fini(&scenario);
	}
}

/* Whatever the technology, each boot of a guest with a device finds it: a start, and a reboot again. */
static void test_found_in_each_boot(void **state)
{
	size_t strategies = 0;

	(void)state;
	for (size_t m = 0; m < model_table_count; m++) {
		const struct model *model = model_table[m];

		for (size_t s = 0; s < model->strategy_count; s++) {
			struct simulation *simulation;

			if (!has_key(model, "devices") ||
			    !model->strategies[s].flows[OPERATION_START])
				continue;
			load(&scenario,
			     "{\"host\": {\"memory\": \"64GiB\"}, \"guests\": [{\"name\": \"g\", "
			     "\"memory\": \"2GiB\", \"model\": \"%s\", \"strategy\": \"%s\", "
			     "\"devices\": [{\"kind\": \"emulated\"}]}], \"events\": [" START
			     ", " AT("5min", "reboot") "]}",
			     model->name, model->strategies[s].name);
			simulation = simulate(&scenario, 0);
			if (counter_of(simulation, "guest.pci_function") != 2)
				fail_msg("%s/%s: %d instead of 2", model->name,
					 model->strategies[s].name,
					 (int)counter_of(simulation, "guest.pci_function"));
			done(simulation);
			strategies++;
		}
	}
	assert_true(strategies > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backing),
		cmocka_unit_test(test_address_spaces),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_views),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_backends),
		cmocka_unit_test(test_memlock),
		cmocka_unit_test(test_kills),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_found_in_each_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
