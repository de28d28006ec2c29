/* The experiments of a check, and the scenarios that stand for them. */

#include <math.h>

#include "calibrate/check.h"
#include "calibrate/works.h"
#include "document/json.h"

#define MIB(n)      ((uint64_t)(n) << 20)
#define BY(...)     .trial = { __VA_ARGS__ }
#define TERMS(...)  .terms = { __VA_ARGS__ }
#define THP         .backing = BACKING_THP
#define LARGEST     .backing = BACKING_LARGEST
#define ON_ONE_CORE .processes = 2, .cores = 1
#define ON_TWO      .processes = 2
#define TWO         .needs = NEED_TWO_CPUS
#define FREES_4K    TERMS("mm.free_4k", "kernel.exit")
#define FREES_2M    TERMS("mm.free_2m", "kernel.exit")
#define TOUCHES_4K  TERMS("mm.fault", "mm.zero_4k", "mm.fault_shared_4k")
#define TOUCHES_2M  TERMS("mm.fault", "mm.zero_2m", "mm.fault_shared_huge")

/*
 * Sizes differ from those of the measurements. The first row is one of these, at the begin and at
 * the end: it says whether the host is the one that it was, and whether it stands still.
 */
const struct check_row check_rows[] = {
	{ "populate 192 MiB, as calibrated", FOR_POPULATE, TERMS("mm.populate", "mm.zero_4k"),
	  .needs = NEED_POPULATE, .size = MIB(192), BY(&work_populate), .reference = true },
	{ "populate 320 MiB", FOR_POPULATE, TERMS("mm.populate", "mm.zero_4k"),
	  .needs = NEED_POPULATE, .size = MIB(320), BY(&work_populate) },
	{ "touch 128 MiB, one thread", FOR_TOUCH, TOUCHES_4K, .size = MIB(128),
	  BY(&work_touch, .threads = 1) },
	{ "touch 128 MiB, two threads", FOR_TOUCH, TOUCHES_4K, TWO, .size = MIB(128),
	  BY(&work_touch, .threads = 2) },
	{ "touch 384 MiB of huge pages, one thread", FOR_TOUCH, TOUCHES_2M, .needs = NEED_THP,
	  .size = MIB(384), BY(&work_touch, THP, .threads = 1) },
	{ "touch 384 MiB of huge pages, two threads", FOR_TOUCH, TOUCHES_2M,
	  .needs = NEED_THP | NEED_TWO_CPUS, .size = MIB(384), BY(&work_touch, THP, .threads = 2) },
	{ "clear 384 MiB", FOR_CLEAR, TERMS("mm.zero_4k"), .size = MIB(384),
	  BY(&work_clear, LARGEST) },
	{ "clear 384 MiB, two at once on one core", FOR_CLEAR, TERMS("mm.zero_4k"),
	  .size = MIB(384), BY(&work_clear, LARGEST, ON_ONE_CORE) },
	{ "clear 384 MiB, two at once on two cores", FOR_CLEAR, TERMS("mm.zero_4k"), TWO,
	  .size = MIB(384), BY(&work_clear, LARGEST, ON_TWO) },
	{ "clear 384 MiB beside a copying neighbour", FOR_CLEAR, TERMS("mm.zero_4k"), TWO,
	  .size = MIB(384), BY(&work_clear, LARGEST, .neighbour = NEIGHBOUR_COPIES) },
	{ "end of a process of 640 MiB", FOR_END, FREES_4K, .size = MIB(640), BY(&work_end) },
	{ "end of a process of 960 MiB, 70 % present", FOR_END, FREES_4K, .size = MIB(960),
	  BY(&work_end, .resident = 0.7) },
	{ "end of 768 MiB, two at once on one core", FOR_END, FREES_4K, .size = MIB(768),
	  BY(&work_end, ON_ONE_CORE) },
	{ "end of 768 MiB, two at once on two cores", FOR_END, FREES_4K, TWO, .size = MIB(768),
	  BY(&work_end, ON_TWO) },
	{ "end of 768 MiB beside a spinning neighbour", FOR_END, FREES_4K, TWO, .size = MIB(768),
	  BY(&work_end, .neighbour = NEIGHBOUR_SPINS) },
	{ "end of 768 MiB, on one core with that neighbour", FOR_END, FREES_4K, .size = MIB(768),
	  BY(&work_end, .neighbour = NEIGHBOUR_SPINS, .neighbour_on_same_core = true) },
	{ "end of 768 MiB beside a copying neighbour", FOR_END, FREES_4K, TWO, .size = MIB(768),
	  BY(&work_end, .neighbour = NEIGHBOUR_COPIES) },
	{ "end of 768 MiB of huge pages", FOR_END, FREES_2M, .needs = NEED_THP, .size = MIB(768),
	  BY(&work_end, THP) },
	{ "the same, two at once on two cores", FOR_END, FREES_2M,
	  .needs = NEED_THP | NEED_TWO_CPUS, .size = MIB(768), BY(&work_end, THP, ON_TWO) },
	{ "end beside a CLONE_VM helper that keeps 384 MiB", FOR_END, TERMS("kernel.exit"),
	  .size = MIB(384), BY(&work_end_helper), .helper = true },
};
const size_t check_row_count = sizeof(check_rows) / sizeof(check_rows[0]);

/* --- prices ------------------------------------------------------------------ */

static json_t *nothing(void)
{
	return json_pack("{s:s, s:[s, s], s:i}", "mean", "0ns", "range", "0ns", "0ns", "cv", 0);
}

/* What the guests of a scenario do besides what is timed takes no time. */
static json_t *free_of_charge(const struct check_row *row)
{
	static const char *const terms[] = { "guest.firmware",    "guest.boot",
					     "guest.stop",        "qemu.start",
					     "kvm.create_vm",     "kvm.destroy_vm",
					     "qemu.device_reset", NULL };
	json_t *costs = json_object();

	for (size_t i = 0; terms[i]; i++)
		costs = object_with(costs, terms[i], nothing());
	if (row->stands_for == FOR_CLEAR)
		costs = object_with(costs, "mm.fault", nothing());
	if (!row->trial.threads) /* the process does it itself */
		costs = object_with(costs, "qemu.thread_start", nothing());
	return costs;
}

/* The profile's prices; the variation of single calls is left out. */
static json_t *costs_of(const json_t *profile)
{
	json_t *costs = json_deep_copy(json_object_get(profile, "costs"));
	const char *name;
	json_t *cost;

	json_object_foreach(costs, name,
			    cost) if (json_is_object(cost) &&
				      json_object_set_new(cost, "cv", json_integer(0)) !=
					      0) return NULL;
	return costs;
}

/* --- the scenario ---------------------------------------------------------------- */

/* The neighbour is a guest whose QEMU is busy: by a price that no other guest pays. */
static json_t *neighbour_guest(void)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", "neighbour", "model", "memslots",
			 "strategy", "sequential", "memory", "256MiB", "vmm_memory", "0B");
}

static json_t *neighbour_cost(const struct check_row *row, double copies_per_s)
{
	/* What is copied is read and written. */
	double moves = row->trial.neighbour == NEIGHBOUR_COPIES ? 2 * copies_per_s * 10 : 0;
	json_t *cost =
		json_pack("{s:s, s:[s, s], s:i}", "mean", "10s", "range", "10s", "10s", "cv", 0);

	return object_with(cost, "moves", json_sprintf("%.0fB", fmin(moves, 0x1p40 * 0.999)));
}

static json_t *guests_of(const struct check_row *row, uint64_t size, size_t processes)
{
	static const char *const fills[] = { [FOR_POPULATE] = "populate", [FOR_TOUCH] = "touch" };
	bool filled = row->stands_for == FOR_POPULATE || row->stands_for == FOR_TOUCH;
	bool clears = row->stands_for == FOR_CLEAR;
	json_t *memory = json_sprintf("%lluB", (unsigned long long)size);
	json_t *guest = json_pack(
		"{s:s, s:s, s:s, s:i, s:O, s:f, s:s, s:O, s:i, s:i, s:i}", "name", "g", "model",
		"kvm", "strategy", row->helper ? "async-teardown" : "exit", "count", (int)processes,
		"memory", memory, "resident", row->trial.resident > 0 ? row->trial.resident : 1.0,
		"page_size", row->trial.backing == BACKING_THP ? "2MiB" : "4KiB", "boot_touch",
		memory, "boot_touch_ratio", 0, "boot_creates", 0, "boot_deletes", 0);

	json_decref(memory);
	if (!clears)
		guest = object_with(guest, "boot_touch", json_string("0B"));
	if (filled) {
		guest = object_with(guest, "preallocate", json_string(fills[row->stands_for]));
		guest = object_with(guest, "prealloc_threads",
				    json_integer(row->trial.threads ? row->trial.threads : 1));
	}
	guest = list_with(json_array(), guest);
	return row->trial.neighbour ? list_with(guest, neighbour_guest()) : guest;
}

static json_t *events_of(const struct check_row *row)
{
	bool ends = row->stands_for == FOR_END;
	json_t *events = json_array();

	if (row->trial.neighbour)
		events = list_with(events, json_pack("{s:s, s:s, s:s}", "at", "0s", "do", "reboot",
						     "guests", "neighbour"));
	return list_with(events, json_pack("{s:s, s:s, s:s}", "at", "1s", "do",
					   ends ? "kill" : "start", "guests", "g"));
}

static json_t *host_of(const struct check_row *row, const json_t *profile, size_t processes,
		       enum price_end end)
{
	const struct trial *trial = &row->trial;
	const json_t *bandwidth = json_object_get(profile, "memory_bandwidth");
	size_t cores = trial->cores ? trial->cores : processes;
	json_t *value = json_object_get(bandwidth, "mean"), *host;

	if (trial->neighbour && !trial->neighbour_on_same_core)
		cores++;
	if (trial->threads > cores)
		cores = trial->threads;
	/* A bus that is slow is dear. */
	if (end != AT_MEAN && json_object_get(bandwidth, "range"))
		value = json_array_get(json_object_get(bandwidth, "range"), end == AT_LOW);
	host = json_pack("{s:i, s:s}", "cores", (int)cores, "memory", "1TiB");
	return value ? object_with(host, "memory_bandwidth", json_incref(value)) : host;
}

json_t *check_scenario(const struct check_row *row, uint64_t size, const json_t *profile,
		       const struct place *place, double copies_per_s, enum price_end end)
{
	size_t processes = trial_processes(&row->trial, place);
	json_t *costs = list_with(json_array(), costs_of(profile));
	json_t *scenario = json_object();

	costs = list_with(costs, free_of_charge(row));
	if (row->trial.neighbour)
		costs = list_with(costs, object_with(json_object(), "qemu.kick_vcpu",
						     neighbour_cost(row, copies_per_s)));
	scenario = object_with(scenario, "name", json_string("check"));
	scenario = object_with(scenario, "host", host_of(row, profile, processes, end));
	scenario = object_with(scenario, "costs", costs);
	scenario = object_with(scenario, "guests", guests_of(row, size, processes));
	scenario = object_with(scenario, "events", events_of(row));
	return object_with(scenario, "experiment",
			   json_pack("{s:s, s:i}", "until", "10min", "replications", 1));
}
