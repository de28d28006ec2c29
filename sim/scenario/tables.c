#include "scenario/tables.h"

#include <stddef.h>

#include "flow/version.h"

#define AT(struct_, member) offsetof(struct struct_, member)

static const struct field capacity_fields[] = {
	{ "name", FIELD_NAME, AT(capacity_config, name), NULL, .help = "what prices call it" },
	{ "per_second", FIELD_NUMBER, AT(capacity_config, per_s), NULL, 1e-9, 1e18,
	  .help = "units that all threads of the host together can have in a second" },
	{ "unit", FIELD_NAME, AT(capacity_config, unit), "\"units\"",
	  .help = "what they are, for reports" },
	{ .key = NULL },
};
const struct record capacity_record = { "capacity",
					"Something else that work uses and threads share.",
					sizeof(struct capacity_config), capacity_fields };

static const struct field host_fields[] = {
	{ "numa_nodes", FIELD_COUNT, AT(raw_host, config.numa_nodes), "1", 1, 64,
	  .help = "NUMA nodes that cores, memory, pools and bandwidth are divided among evenly" },
	{ "cores", FIELD_COUNT, AT(raw_host, config.cores), "8", 1, 65536,
	  .help = "processor cores, shared equally by runnable threads" },
	{ "memory", FIELD_BYTES, AT(raw_host, config.memory_bytes), "\"512GiB\"", 4096, 0x1p60,
	  .help = "memory for all guests and what they leave behind, pools included" },
	{ "hugepages_2m", FIELD_COUNT, AT(raw_host, config.hugepages[PAGE_2M]), "0", 0, 1e12,
	  .help = "pages of 2 MiB that are kept in a pool for guests with `hugetlb`" },
	{ "hugepages_1g", FIELD_COUNT, AT(raw_host, config.hugepages[PAGE_1G]), "0", 0, 1e9,
	  .help = "pages of 1 GiB that are kept in a pool for guests with `hugetlb`" },
	{ "memory_bandwidth", FIELD_BANDWIDTH, AT(raw_host, config.memory_bandwidth),
	  "\"204.8GB/s\"", 1e6, 1e15,
	  .help = "bytes per second that all cores together can clear. The default is an "
		  "assumption "
		  "(a quarter to four times as much): half of what 16 channels of DDR4-3200 carry, "
		  "as in two EPYC 7003, for a line that is cleared is read and written" },
	{ "capacities", FIELD_RECORDS, AT(raw_host, capacities), "[]", .record = &capacity_record,
	  .help = "at most 6 more things that prices use (`uses` of a cost) and threads share: "
		  "invalidations of an IOMMU, bytes of a disk, ns under a lock that spins" },
	{ "features", FIELD_CHOICES, AT(raw_host, config.features), "[]",
	  .choices = host_feature_names, .help = "what processor and firmware can do" },
	{ "overcommit", FIELD_FLAG, AT(raw_host, config.overcommit), "true",
	  .help = "when there is no memory left the OOM killer takes the process that holds most, "
		  "as with vm.overcommit_memory=0; false: whoever asks for it gets ENOMEM. Pools "
		  "of hugepages give ENOMEM in any case" },
	{ "metadata", FIELD_FLAG, AT(raw_host, config.metadata), "false",
	  .help = "memory that a VM needs besides its own counts, too: QEMU (`vmm_memory`), page "
		  "tables, and what KVM keeps for each page" },
	{ "kernel", FIELD_VERSION, AT(raw_host, config.kernel), "null",
	  .help = "version of the host's Linux: flows, switches and prices are those of that "
		  "version "
		  "(docs/versions.md); none: the defaults" },
	{ .key = NULL },
};
const struct record host_record = { "host", "The machine.", sizeof(struct raw_host), host_fields };

static const struct field fault_fields[] = {
	{ "step", FIELD_TEXT, AT(fault_config, step), NULL,
	  .help = "a step that can fail, as `sim models NAME` lists them" },
	{ "probability", FIELD_RATIO, AT(fault_config, probability), "null", 0, 1,
	  .help = "of each call to fail" },
	{ "call", FIELD_COUNT, AT(fault_config, call), "null", 1, 0x1p62,
	  .help = "the n-th call in a replication fails, from 1" },
	{ .key = NULL },
};
const struct record fault_record = { "fault", "A failure that is switched on.",
				     sizeof(struct fault_config), fault_fields };

static const char *const page_sizes[] = { "4KiB", "2MiB", "1GiB", NULL };

static const struct field guest_fields[] = {
	{ "name", FIELD_NAME, AT(raw_guest, config.name), NULL,
	  .help = "what events and reports call it" },
	{ "count", FIELD_COUNT, AT(raw_guest, config.count), "1", 1, 1e6,
	  .help = "so many guests of this kind" },
	{ "model", FIELD_TEXT, AT(raw_guest, model), "\"s390-pv\"",
	  .help = "technology, or MODEL/STRATEGY; `sim models` lists them" },
	{ "strategy", FIELD_TEXT, AT(raw_guest, strategy), "null",
	  .help = "design within the model, which `sim models NAME` lists; else that of `model`, "
		  "or "
		  "the model's first" },
	{ "vcpus", FIELD_COUNT, AT(raw_guest, config.vcpus), "1", 1, 4096,
	  .help = "virtual processors" },
	{ "memory", FIELD_BYTES, AT(raw_guest, config.memory_bytes), NULL, 4096, 0x1p50,
	  .help = "memory of the guest, a multiple of 4 KiB" },
	{ "resident", FIELD_RATIO, AT(raw_guest, config.resident), "0.8", 0, 1,
	  .help = "share of the memory that is present: costs follow present pages" },
	{ "page_size", FIELD_CHOICE, AT(raw_guest, config.page_size), "\"4KiB\"",
	  .choices = page_sizes, .help = "size of the host pages behind it" },
	{ "numa", FIELD_CHOICE, AT(raw_guest, config.numa), "\"unbound\"",
	  .choices = numa_policy_names,
	  .help = "where the guest is when the host has nodes: unbound, as Linux does by itself "
		  "(near "
		  "the node that had most memory free when it started, elsewhere when that is "
		  "full); "
		  "bound to one node; or its memory spread over all" },
	{ "numa_node", FIELD_COUNT, AT(raw_guest, config.numa_node), "null", 0, 63,
	  .help = "with \"bound\": the node, from 0; none: the guests of this kind take turns" },
	{ "hugetlb", FIELD_FLAG, AT(raw_guest, config.hugetlb), "false",
	  .help = "they come from the host's pool of pages of that size, or the guest does not "
		  "start; otherwise from its other memory" },
	{ "memory_limit", FIELD_BYTES, AT(raw_guest, config.limit_bytes), "\"0B\"", 0, 0x1p60,
	  .help = "memory.max of the control group that the VM's processes are in, those of dead "
		  "ones included: beyond it the OOM killer takes the largest of them. Pages of "
		  "pools (`hugetlb`) do not count; 0: no limit" },
	{ "vmm_memory", FIELD_BYTES, AT(raw_guest, config.vmm_bytes), "\"30MiB\"", 0, 0x1p50,
	  .help = "with the host's `metadata`: memory that the VM's process needs for itself; the "
		  "default is what KubeVirt reckons for QEMU (GetMemoryOverhead: its RSS less the "
		  "guest's memory and the page tables)" },
	{ "vmm", FIELD_CHOICE, AT(raw_guest, config.vmm), "\"qemu\"", .choices = vmm_names,
	  .help = "who runs the guest: a micro-VM (all but qemu) boots its kernel directly, and "
		  "has the "
		  "prices and the defaults of such a boot (docs/versions.md)" },
	{ "qemu", FIELD_VERSION, AT(raw_guest, config.qemu), "null",
	  .help = "version of QEMU: as the host's `kernel`" },
	{ "faults", FIELD_RECORDS, AT(raw_guest, faults), "[]", .record = &fault_record,
	  .help = "failures that are switched on" },
	{ .key = NULL },
};
const struct record guest_record = { "guest",
				     "A kind of guest; the keys of its model stand beside these.",
				     sizeof(struct raw_guest), guest_fields };

/* Operations in their order, and what is none. */
static const char *const event_actions[] = { "start",  "reboot", "shutdown", "update",
					     "relock", "kill",   "evacuate", NULL };
_Static_assert(sizeof(event_actions) / sizeof(event_actions[0]) == EVENT_ACTIONS + 1,
	       "a word for each operation, and for an evacuation");

static const struct field event_fields[] = {
	{ "at", FIELD_DURATION, AT(raw_event, config.at_ns), "\"0s\"", 0, 0x1p62,
	  .help = "time of the first occurrence" },
	{ "do", FIELD_CHOICE, AT(raw_event, action), NULL, .choices = event_actions,
	  .help = "what happens; kill is a fatal signal to the VM's process; evacuate empties a "
		  "host of a fleet: it takes no VM any more, and each that runs is given room "
		  "elsewhere, shuts down, and starts there" },
	{ "guests", FIELD_NAME, AT(raw_event, guest), NULL,
	  .help = "name of the guest; all of its instances at once. Of a fleet: all VMs that run, "
		  "or move, and are not about to end" },
	{ "share", FIELD_RATIO, AT(raw_event, config.share), "1", 1e-9, 1,
	  .help = "each of them is met with this probability, drawn anew for each occurrence; with "
		  "`rate` once for each, which has arrivals or has none" },
	{ "host", FIELD_COUNT, AT(raw_event, config.host), "null", 0, 100000,
	  .help = "of a fleet: those on this host, by number from 0; none: on all. What evacuate "
		  "empties" },
	{ "older_than", FIELD_DURATION, AT(raw_event, config.older_than_ns), "\"0s\"", 0, 0x1p62,
	  .help = "those that were started so long ago, or longer; reboots do not count" },
	{ "every", FIELD_DURATION, AT(raw_event, config.every_ns), "null", 1, 0x1p62,
	  .help = "repeat with this period" },
	{ "rate", FIELD_RATE, AT(raw_event, config.rate_per_s), "null", 1e-12, 1e9,
	  .help = "Poisson arrivals instead, for each instance by itself, from `at` on" },
	{ "times", FIELD_COUNT, AT(raw_event, config.times), "0", 0, 0x1p62,
	  .help = "at most so many occurrences; 0: until the end" },
	{ "concurrency", FIELD_COUNT, AT(raw_event, config.concurrency), "0", 0, 1e6,
	  .help = "a rolling wave: at most so many of the guests at once, the next when one has "
		  "ended; 0: all at once" },
	{ "back_after", FIELD_DURATION, AT(raw_event, back_after_ns), "null", 1, 0x1p62,
	  .help = "with evacuate: so long after the host is empty it takes VMs again; none: "
		  "never" },
	{ "coalesce", FIELD_FLAG, AT(raw_event, config.coalesce), "false",
	  .help = "a request that comes while the same one waits behind an operation joins that "
		  "one, as QEMU keeps one reset request; otherwise each is done in turn" },
	{ .key = NULL },
};
const struct record event_record = { "event", "Something that happens to guests.",
				     sizeof(struct raw_event), event_fields };

static const struct field experiment_fields[] = {
	{ "until", FIELD_DURATION, AT(raw_experiment, until_ns), "\"1h\"", 1, 0x1p62,
	  .help = "simulated time of one replication; with a fleet the default is an hour after "
		  "the "
		  "end of the trace" },
	{ "replications", FIELD_ANY, 0, "\"auto\"",
	  .help = "independent repetitions: a whole number, or \"auto\": until the precision is "
		  "reached" },
	{ "precision", FIELD_RATIO, AT(raw_experiment, config.precision), "0.01", 1e-6, 0.5,
	  .help = "with \"auto\": wanted half-width of the 95 % interval of the answer's mean, "
		  "relative to it" },
	{ "metrics", FIELD_TEXTS, AT(raw_experiment, metrics), "[]",
	  .help = "with \"auto\": metrics that must all have the precision; none: the answer" },
	{ "warm_up", FIELD_ANY, 0, "\"0s\"",
	  .help = "what is requested before this time is not observed: a duration, or \"auto\" to "
		  "find it for a steady state (MSER-5)" },
	{ "seed", FIELD_COUNT, AT(raw_experiment, seed), "1", 0, 0x1p62,
	  .help = "of all random numbers; same scenario and seed, same bytes" },
	{ "spread", FIELD_FLAG, AT(raw_experiment, config.spread), "true",
	  .help = "false: every cost is its mean" },
	{ "exact_pages", FIELD_FLAG, AT(raw_experiment, exact_pages), "false",
	  .help = "true: every page is an event (slow; the check of the fluid page loops)" },
	{ .key = NULL },
};
const struct record experiment_record = { "experiment", "How the scenario is repeated.",
					  sizeof(struct raw_experiment), experiment_fields };

static const struct field objective_fields[] = {
	{ "metric", FIELD_TEXT, AT(objective, metric), NULL,
	  .help = "name of a metric, for example reboot.latency" },
	{ "group", FIELD_TEXT, AT(objective, group), "null",
	  .help = "name of a guest, or \"host\"; none: every group that has the metric" },
	{ "quantile", FIELD_RATIO, AT(objective, quantile), "null", 1e-6, 1,
	  .help = "0.99 for the 99th percentile; 1: never exceeded; none: the mean" },
	{ "at_most", FIELD_ANY, 0, NULL,
	  .help = "the limit: a duration, a size or a number, as the metric has it; of a metric in "
		  "ppm a share, 0.9 for 90 %" },
	{ .key = NULL },
};
const struct record objective_record = { "objective", "What the result is judged by.",
					 sizeof(struct objective), objective_fields };

static const char *const placements[] = { "first-fit", "best-fit", "least-limbo", NULL };

static const struct field fleet_fields[] = {
	{ "hosts", FIELD_COUNT, AT(raw_fleet, config.population.hosts), NULL, 1, 100000,
	  .help = "so many hosts, each as \"host\" says" },
	{ "guests", FIELD_NAME, AT(raw_fleet, guest), NULL,
	  .help = "name of the guest that every VM is one of; the trace says how many there are, "
		  "and memory and vCPUs of each" },
	{ "trace", FIELD_TEXT, AT(raw_fleet, trace), NULL,
	  .help = "file of VMs, CSV, gzip or plain, with columns arrival_s, vcpus, memory_gib, "
		  "lifetime_s (empty: it outlives the trace); sought beside the scenario" },
	{ "placement", FIELD_CHOICE, AT(raw_fleet, placement), "\"first-fit\"",
	  .choices = placements,
	  .help = "among hosts with room: the first, the fullest, or the one with the least memory "
		  "of dead VMs" },
	{ "patience", FIELD_DURATION, AT(raw_fleet, config.patience_ns), "\"10min\"", 0, 0x1p62,
	  .help = "how long an arrival without room waits before it is rejected" },
	{ "vcpus_per_core", FIELD_NUMBER, AT(raw_fleet, config.vcpus_per_core), "0", 0, 1e6,
	  .help = "at most so many vCPUs on a host for each of its cores; 0: any number" },
	{ .key = NULL },
};
const struct record fleet_record = { "fleet", "Many hosts, and VMs that come and go.",
				     sizeof(struct raw_fleet), fleet_fields };

static const char *const goals[] = { "max", "min", NULL };

static const struct field plan_fields[] = {
	{ "vary", FIELD_TEXT, AT(raw_plan, config.vary), NULL,
	  .help = "JSON pointer of a number or quantity, /guests/0/count or /guests/0/memory for "
		  "example" },
	{ "between", FIELD_ANY, 0, NULL,
	  .help = "[LOW, HIGH] or \"LOW..HIGH\", both included: [1, 400], [\"64GiB\", "
		  "\"4TiB\"], \"1/h..60/h\" for example" },
	{ "step", FIELD_ANY, 0, "null",
	  .help = "values are so far apart; none: 1 of whole numbers, else a round step, at most "
		  "4096 of them" },
	{ "goal", FIELD_CHOICE, AT(raw_plan, goal), "\"max\"", .choices = goals,
	  .help = "max: the largest value that meets all limits (small ones are easy); min: the "
		  "smallest" },
	{ "subject_to", FIELD_RECORDS, AT(raw_plan, subject_to), "[]", .record = &objective_record,
	  .help = "limits; quantile 1: in no replication, shown for 99 % of them; none: the "
		  "objectives" },
	{ "for_each", FIELD_ANY, 0, "null",
	  .help = "{\"/json/pointer\": [V1, V2, ...]}: a plan for each of these values, the "
		  "frontier" },
	{ "alpha", FIELD_RATIO, AT(raw_plan, config.alpha), "0.05", 1e-6, 0.5,
	  .help = "probability of an unsafe recommendation that is accepted" },
	{ "tolerance", FIELD_RATIO, AT(raw_plan, config.tolerance), "0.2", 0, 1,
	  .help = "a value whose bounds are this near a limit, relative to it, counts as "
		  "unresolved" },
	{ "first", FIELD_COUNT, AT(raw_plan, config.first), "null", 2, 1e6,
	  .help = "replications of the first look at a value; none: 32, or 3 of a trace with "
		  "limits of means, which is one history" },
	{ "most", FIELD_COUNT, AT(raw_plan, config.most), "null", 2, 1e6,
	  .help = "replications at one value at most; none: 4096, or 6 of such a trace" },
	{ .key = NULL },
};
const struct record plan_record = { "plan", "A quantity to seek.", sizeof(struct raw_plan),
				    plan_fields };

static const struct field scenario_fields[] = {
	{ "$schema", FIELD_ANY, 0, "null", .help = "path of scenario.schema.json, for editors" },
	{ "name", FIELD_NAME, AT(raw_scenario, name), "\"unnamed\"", .help = "title of reports" },
	{ "about", FIELD_TEXT, AT(raw_scenario, about), "null", .help = "what the scenario shows" },
	{ "host", FIELD_RECORD, AT(raw_scenario, host), "{}", .record = &host_record,
	  .help = "the machine" },
	{ "platform", FIELD_NAME, AT(raw_scenario, platform), "null",
	  .help = "what it runs on: a shipped platform (`sim platforms`) or the path of a profile; "
		  "none: any, unless a profile of `costs` says what it was measured on" },
	{ "costs", FIELD_ANY, 0, "[]",
	  .help = "cost profiles: paths, names of shipped ones (\"srcu-5.18\"), or objects of "
		  "cost terms; later ones override earlier ones" },
	{ "designs", FIELD_ANY, 0, "[]",
	  .help = "strategies of your own: paths of designs, or designs; see docs/designs.md" },
	{ "guests", FIELD_ANY, 0, NULL, .record = &guest_record, .help = "list of guests" },
	{ "events", FIELD_RECORDS, AT(raw_scenario, events), "[]", .record = &event_record,
	  .help = "what happens to them; at least one, unless there is a fleet" },
	{ "experiment", FIELD_RECORD, AT(raw_scenario, experiment), "{}",
	  .record = &experiment_record, .help = "how it is repeated" },
	{ "fleet", FIELD_ANY, 0, "null", .record = &fleet_record,
	  .help = "many hosts and the VMs of a trace" },
	{ "objectives", FIELD_RECORDS, AT(raw_scenario, objectives), "[]",
	  .record = &objective_record,
	  .help = "limits that the report judges: met, missed (exit status 3) or undecided (4)" },
	{ "sweep", FIELD_ANY, 0, "null",
	  .help = "{\"/json/pointer\": [V1, V2, ...], ...}: what `sim sweep` varies" },
	{ "plan", FIELD_ANY, 0, "null", .record = &plan_record,
	  .help = "a quantity to seek; not read by `sim run`" },
	{ .key = NULL },
};
const struct record scenario_record = { "scenario", "A scenario of sim.",
					sizeof(struct raw_scenario), scenario_fields };
