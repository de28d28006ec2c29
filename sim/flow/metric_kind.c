#include "flow/metric_kind.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

const char *const unit_names[UNITS + 1] = { "ns", "bytes", "pages", "count", "ppm", NULL };

_Static_assert((int)METRIC_RELOCK - (int)METRIC_START == (int)OPERATION_RELOCK,
	       "latencies are in the order of operations");

const struct metric_kind metric_kinds[METRIC_KINDS] = {
	[METRIC_START] = { "start.latency", UNIT_NANOSECONDS, OF_GUEST, EACH_REQUEST,
			   NEEDS_OPERATION,
			   .help = "from its request until the guest runs; of a fleet's VM from "
				   "its "
				   "arrival, so the wait for room is in it" },
	[METRIC_REBOOT] = { "reboot.latency", UNIT_NANOSECONDS, OF_GUEST, EACH_REQUEST,
			    NEEDS_OPERATION,
			    .help = "from its request until the guest runs again" },
	[METRIC_SHUTDOWN] = { "shutdown.latency", UNIT_NANOSECONDS, OF_GUEST, EACH_REQUEST,
			      NEEDS_OPERATION,
			      .help = "from its request, or that of a kill, until the guest is "
				      "gone for "
				      "its user" },
	[METRIC_UPDATE] = { "update.latency", UNIT_NANOSECONDS, OF_GUEST, EACH_REQUEST,
			    NEEDS_OPERATION, .help = "from its request until it is done" },
	[METRIC_RELOCK] = { "relock.latency", UNIT_NANOSECONDS, OF_GUEST, EACH_REQUEST,
			    NEEDS_OPERATION, .help = "from its request until it is done" },
	[METRIC_TEARDOWN] = { "teardown.latency", UNIT_NANOSECONDS, OF_GUEST, EACH_TIME,
			      NEEDS_NOTHING,
			      .help = "from the death of a generation until everything of it is "
				      "reclaimed",
			      LINES_MEMORY + 1, "time to reclaim all", .title = "reclaim all" },
	[METRIC_BACKGROUND_CPU] = { "cpu.background", UNIT_NANOSECONDS, OF_GUEST, SUM,
				    NEEDS_NOTHING, .help = "CPU time that no operation waits for",
				    LINES_WORK + 1, "background CPU", .title = "background" },
	[METRIC_FOREGROUND_PAGES] = { "pages.foreground", UNIT_PAGES, OF_GUEST, SUM, NEEDS_NOTHING,
				      .help = "pages that operations handle while somebody waits",
				      LINES_WORK + 3, "pages in foreground" },
	[METRIC_BACKGROUND_PAGES] = { "pages.background", UNIT_PAGES, OF_GUEST, SUM, NEEDS_NOTHING,
				      .help = "pages that are handled while nobody waits",
				      LINES_WORK + 4, "pages in background" },
	[METRIC_TOUCHED_PAGES] = { "pages.touched", UNIT_PAGES, OF_GUEST, SUM, NEEDS_NOTHING,
				   .help = "pages that are handled when the guest first touches "
					   "them",
				   LINES_WORK + 5, "pages at first touch" },
	[METRIC_FALLBACKS] = { "fallbacks", UNIT_COUNT, OF_GUEST, SUM, NEEDS_NOTHING,
			       .help = "failures from which an operation recovered another way",
			       LINES_FAILURES + 1, "fallbacks", .title = "fallbacks" },
	[METRIC_STALL] = { "guest.stall", UNIT_NANOSECONDS, OF_GUEST, SUM, NEEDS_STALLS,
			   .help = "time that vCPUs lose to exits which no operation waits for",
			   LINES_WORK + 2, "stall of the guest", "time that its vCPUs lose" },
	[METRIC_FAILURES] = { "failures.ERRNO", UNIT_COUNT, OF_GUEST, SUM, NEEDS_NOTHING,
			      .help = "failures and refusals with that errno; running guests that "
				      "the OOM "
				      "killer takes are failures with ENOMEM",
			      LINES_FAILURES + 2 },
	[METRIC_LOSSY] = { "teardown.lossy", UNIT_SHARE, OF_GUEST, EACH_TIME, NEEDS_FAULTS,
			   .help = "share of dead generations of which pages were lost until all "
				   "else was reclaimed",
			   LINES_FAILURES + 3, "teardowns that lost pages" },
	[METRIC_WAVE] = { "wave.duration", UNIT_NANOSECONDS, OF_GUEST, EACH_REQUEST, NEEDS_WAVES,
			  .help = "from the begin of a rolling event (`concurrency`) until the "
				  "last of its requests has ended" },
	[METRIC_LIMBO_PEAK] = { "limbo.peak", UNIT_BYTES, OF_HOST, HIGHEST, NEEDS_NOTHING,
				.help = "memory of dead generations, also where a guest that "
					"reboots in place takes it over",
				LINES_MEMORY + 2, "limbo memory, peak", .title = "limbo peak" },
	[METRIC_LIMBO_MEAN] = { "limbo.mean", UNIT_BYTES, OF_HOST, MEAN_OVER_TIME, NEEDS_NOTHING,
				.help = "memory of dead generations", LINES_MEMORY + 3,
				"limbo memory, mean", "over the whole run" },
	[METRIC_LIMBO_HELD] = { "limbo.held.peak", UNIT_BYTES, OF_HOST, HIGHEST, NEEDS_NOTHING,
				.help = "memory of dead generations beside that of the living: "
					"what "
					"a guest that reboots in place takes over is not in it; "
					"the "
					"host needs room for it",
				LINES_MEMORY + 4, "beside the living, peak",
				"not taken over by a reboot in place" },
	[METRIC_MEMORY_PEAK] = { "memory.in_use.peak", UNIT_BYTES, OF_HOST, HIGHEST, NEEDS_NOTHING,
				 .help = "memory in use, that of dead generations included, on "
					 "the fullest host",
				 LINES_MEMORY + 5, "memory in use, peak", .title = "in use peak" },
	[METRIC_MEMORY_MEAN] = { "memory.in_use.mean", UNIT_BYTES, OF_HOST, MEAN_OVER_TIME,
				 NEEDS_NOTHING,
				 .help = "memory in use, that of dead generations included, of "
					 "all hosts",
				 LINES_MEMORY + 6, "memory in use, mean", "over the whole run" },
	[METRIC_NODE_MEMORY] = { "memory.node.peak", UNIT_BYTES, OF_HOST, HIGHEST, NEEDS_NODES,
				 .help = "memory in use on the fullest NUMA node", LINES_MEMORY + 9,
				 "fullest NUMA node" },
	[METRIC_LONGEST_SLICE] = { "slice.max", UNIT_NANOSECONDS, OF_HOST, HIGHEST, NEEDS_NOTHING,
				   .help = "stretch of work without a reschedule point",
				   LINES_MEMORY + 7, "longest slice", "without a reschedule point",
				   "longest slice" },
	[METRIC_OBSERVED_TIME] = { "time.observed", UNIT_NANOSECONDS, OF_HOST, SUM, NEEDS_NOTHING,
				   .help = "from the end of the warm-up until nothing more "
					   "happened: what means over time are over" },
	[METRIC_CORES_BUSY] = { "cores.busy", UNIT_NANOSECONDS, OF_HOST, SUM, NEEDS_NOTHING,
				.help = "time that threads had on cores, of all hosts" },
	[METRIC_CORES_WAIT] = { "cores.wait", UNIT_NANOSECONDS, OF_HOST, SUM, NEEDS_NOTHING,
				.help = "time that runnable threads had no core" },
	[METRIC_MEMORY_MOVED] = { "memory.moved", UNIT_BYTES, OF_HOST, SUM, NEEDS_NOTHING,
				  .help = "what prices move over the memory bus: pages cleared, "
					  "copied, written back" },
	[METRIC_MEMORY_SLOWED] = { "memory.slowed", UNIT_NANOSECONDS, OF_HOST, SUM, NEEDS_NOTHING,
				   .help = "time that threads lost on their cores since others "
					   "used the bandwidth of the memory" },
	[METRIC_CROWD_SLOWED] = { "crowd.slowed", UNIT_NANOSECONDS, OF_HOST, SUM, NEEDS_NOTHING,
				  .help = "time that threads lost on their cores since others did "
					  "the same, such as giving pages back under zone->lock" },
	[METRIC_NEIGHBOUR] = { "neighbour.slowdown", UNIT_NANOSECONDS, OF_HOST, MEAN_OVER_TIME,
			       NEEDS_NOTHING,
			       .help = "time per second of the run that a thread which wants a "
				       "core "
				       "all the time would have lost, on the host where it is "
				       "most: 1 "
				       "less min(1, cores / runnable threads), and all of it while "
				       "something takes all cores",
			       LINES_MEMORY + 8, "slowdown of a neighbour",
			       "lost per second of a busy vCPU" },
	[METRIC_CAPACITY_USED] = { "capacity.NAME.used", UNIT_COUNT, OF_HOST, SUM, NEEDS_NOTHING,
				   .help = "units of a capacity that the scenario names, used by "
					   "what was charged" },
	[METRIC_CAPACITY_SLOWED] = { "capacity.NAME.slowed", UNIT_NANOSECONDS, OF_HOST, SUM,
				     NEEDS_NOTHING,
				     .help = "time that threads lost on their cores since others "
					     "used that capacity" },
	[METRIC_LOCK_WAIT] = { "lock.NAME.wait", UNIT_NANOSECONDS, OF_HOST, SUM, NEEDS_NOTHING,
			       .help = "waits for that lock, of all guests" },
	[METRIC_LOCK_HOLD] = { "lock.NAME.hold", UNIT_NANOSECONDS, OF_HOST, SUM, NEEDS_NOTHING,
			       .help = "holds of that lock, of all guests" },
	[METRIC_START_DELAY] = { "start.delay", UNIT_NANOSECONDS, OF_GUEST, EACH_TIME, NEEDS_FLEET,
				 .help = "from the arrival of a VM until a host has room for it",
				 LINES_FLEET + 1, "delay of starts", "until a host had room" },
	[METRIC_VMS_REJECTED] = { "vms.rejected", UNIT_COUNT, OF_GUEST, SUM, NEEDS_FLEET,
				  .help = "VMs that found no room within their patience" },
	[METRIC_VMS_WAITED] = { "vms.waited", UNIT_COUNT, OF_GUEST, SUM, NEEDS_FLEET,
				.help = "VMs that found no room at once" },
	[METRIC_HOST_LIMBO] = { "host.limbo.peak", UNIT_BYTES, OF_HOST, HIGHEST, NEEDS_FLEET,
				.help = "memory that dead VMs hold, on the host that holds most",
				LINES_FLEET + 3, "limbo of one host", "at most" },
	[METRIC_HOST_MEMORY] = { "host.memory.peak", UNIT_BYTES, OF_HOST, HIGHEST, NEEDS_FLEET,
				 .help = "memory that VMs need and dead ones hold, on the fullest "
					 "host",
				 LINES_FLEET + 2, "fullest host",
				 "needed by VMs and held by dead ones" },
	[METRIC_HOST_CORES_USED] = { "host.cores.used", UNIT_SHARE, OF_HOST, EACH_TIME, NEEDS_FLEET,
				     .help = "share of a host's cores that threads were busy on, "
					     "of each host and hour",
				     .label = "cores" },
	[METRIC_HOST_VCPUS_USED] = { "host.vcpus.used", UNIT_SHARE, OF_HOST, EACH_TIME, NEEDS_FLEET,
				     .help = "vCPUs of the VMs on a host, as a share of its cores, "
					     "of each host and hour",
				     .label = "vCPUs of VMs per core" },
	[METRIC_HOST_MEMORY_USED] = { "host.memory.used", UNIT_SHARE, OF_HOST, EACH_TIME,
				      NEEDS_FLEET,
				      .help = "share of a host's memory that VMs need and dead "
					      "ones "
					      "hold, of each host and hour",
				      .label = "memory" },
	[METRIC_HOST_BANDWIDTH_USED] = { "host.bandwidth.used", UNIT_SHARE, OF_HOST, EACH_TIME,
					 NEEDS_FLEET,
					 .help = "share of a host's memory bandwidth that prices "
						 "moved, of each host and hour",
					 .label = "memory bandwidth" },
	[METRIC_MOVE] = { "move.latency", UNIT_NANOSECONDS, OF_GUEST, EACH_REQUEST,
			  NEEDS_EVACUATIONS,
			  .help = "from the order to leave a host until the VM runs on another",
			  LINES_FLEET + 4, "move of a VM", "told to go .. running elsewhere" },
	[METRIC_EVACUATION] = { "evacuation.latency", UNIT_NANOSECONDS, OF_HOST, EACH_REQUEST,
				NEEDS_EVACUATIONS,
				.help = "from its begin until all memory of the host is free",
				LINES_FLEET + 5, "evacuation", "until the host is empty" },
};

const struct counter_kind counter_kinds[COUNTER_KINDS] = {
	[COUNTER_LOST_PAGES] = { "pages.lost", UNIT_PAGES,
				 .help = "pages that a failed call left unusable",
				 .is_loss = true },
	[COUNTER_LEAKED_BYTES] = { "memory.leaked_bytes", UNIT_BYTES,
				   .help = "memory that is never given back after a failed call",
				   .is_loss = true },
	[COUNTER_UNFINISHED] = { "operations.unfinished", UNIT_COUNT,
				 .help = "requests that had no end when the replication ended",
				 .is_loss = true },
	[COUNTER_REQUESTED] = { "operations.requested", UNIT_COUNT,
				.help = "requests of operations" },
	[COUNTER_DONE] = { "operations.done", UNIT_COUNT, .help = "requests that were served" },
	[COUNTER_FAILED] = { "operations.failed", UNIT_COUNT,
			     .help = "requests that ended with an errno of `failures`" },
	[COUNTER_REFUSED] = { "operations.refused", UNIT_COUNT,
			      .help = "requests that ended at once: ESRCH, EEXIST",
			      .is_loss = true },
	[COUNTER_COALESCED] = { "operations.coalesced", UNIT_COUNT,
				.help = "requests that another one served, too", .is_loss = true },
	[COUNTER_OOM_HELPERS] = { "oom.helpers", UNIT_COUNT,
				  .help = "processes that only held a dead guest's memory, taken "
					  "by "
					  "the OOM killer",
				  .is_loss = true },
	[COUNTER_OOM_NEWCOMERS] = { "oom.newcomers", UNIT_COUNT,
				    .help = "processes that it took as they asked for memory; each "
					    "fails with ENOMEM",
				    .is_loss = true },
	[COUNTER_OOM_NEIGHBOURS] = { "oom.neighbours", UNIT_COUNT,
				     .help = "guests that it took as another process asked for "
					     "memory; each counts in failures.ENOMEM",
				     .is_loss = true },
	[COUNTER_VMS_ARRIVED] = { "vms.arrived", UNIT_COUNT, .help = "VMs of a fleet so far" },
	[COUNTER_VMS_STARTED] = { "vms.started", UNIT_COUNT, .help = "VMs that ran", "started" },
	[COUNTER_VMS_WAITED] = { "vms.waited", UNIT_COUNT, .help = "VMs that waited for room" },
	[COUNTER_VMS_REJECTED] = { "vms.rejected", UNIT_COUNT, .help = "VMs that got no room",
				   "rejected" },
	[COUNTER_VMS_FAILED] = { "vms.failed", UNIT_COUNT, .help = "VMs that did not start",
				 "failed" },
	[COUNTER_VMS_LOST] = { "vms.lost", UNIT_COUNT,
			       .help = "VMs that ran and died of something else than their end, an "
				       "event or a move: the OOM killer, a reboot or a move that "
				       "failed",
			       "lost" },
	[COUNTER_VMS_TORN_DOWN] = { "vms.torn_down", UNIT_COUNT, .help = "VMs that are gone",
				    "torn down" },
	[COUNTER_VMS_MOVED] = { "vms.moved", UNIT_COUNT, .help = "moves to another host" },
	[COUNTER_VMS_RUNNING] = { "vms.running", UNIT_COUNT, .help = "VMs that run at the end",
				  "running" },
	[COUNTER_VMS_STARTING] = { "vms.starting", UNIT_COUNT,
				   .help = "VMs that start for the first time at the end",
				   "starting" },
	[COUNTER_VMS_STOPPING] = { "vms.stopping", UNIT_COUNT,
				   .help = "VMs that shut down at the end", "stopping" },
	[COUNTER_VMS_MOVING] = { "vms.moving", UNIT_COUNT,
				 .help = "VMs on their way to another host at the end", "moving" },
	[COUNTER_VMS_WAITING] = { "vms.waiting", UNIT_COUNT,
				  .help = "VMs that wait for room at the end", "waiting" },
	[COUNTER_VMS_LEFT_OUT] = { "vms.left_out", UNIT_COUNT,
				   .help = "VMs of the trace that arrive after experiment.until" },
	[COUNTER_HOST_LIMBO] = { "limbo.peak_bytes", UNIT_BYTES,
				 .help = "of each host: memory that dead VMs held at most" },
	[COUNTER_HOST_BACKGROUND] = { "cpu.background_ns", UNIT_NANOSECONDS,
				      .help = "of each host: CPU time that no operation waited "
					      "for" },
	[COUNTER_HOST_STARTED] = { "vms.started", UNIT_COUNT,
				   .help = "of each host: VMs that ran there" },
	[COUNTER_HOST_CORES] = { "cores.busy_ns", UNIT_NANOSECONDS,
				 .help = "of each host: time that threads had on its cores" },
	[COUNTER_HOST_MOVED] = { "memory.moved_bytes", UNIT_BYTES,
				 .help = "of each host: what prices moved over its memory bus" },
	[COUNTER_HOST_PLACED] = { "vcpus.placed_ns", UNIT_NANOSECONDS,
				  .help = "of each host: time that vCPUs were there, of all VMs" },
	[COUNTER_HOST_MEMORY] = { "memory.mean_bytes", UNIT_BYTES,
				  .help = "of each host: memory that VMs needed and dead ones "
					  "held, on average over time" },
};

/* Where the placeholder of a family begins; the end of the name when there is none. */
static size_t placeholder(const char *name)
{
	return strcspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

static size_t placeholder_end(const char *name, size_t begin)
{
	return begin + strspn(name + begin, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

bool metric_is_family(const struct metric_kind *kind)
{
	return kind->name[placeholder(kind->name)] != '\0';
}

static bool fits(const struct metric_kind *kind, const char *name)
{
	size_t begin = placeholder(kind->name), length = strlen(name);
	const char *rest = kind->name + placeholder_end(kind->name, begin);

	if (!metric_is_family(kind))
		return strcmp(kind->name, name) == 0;
	return strncmp(kind->name, name, begin) == 0 && length > begin + strlen(rest) &&
	       strcmp(name + length - strlen(rest), rest) == 0;
}

const struct metric_kind *metric_kind_of(const char *name)
{
	for (size_t i = 0; i < METRIC_KINDS; i++)
		if (fits(&metric_kinds[i], name))
			return &metric_kinds[i];
	return NULL;
}

const struct counter_kind *counter_kind_of(const char *name)
{
	for (size_t i = 0; i < COUNTER_KINDS; i++)
		if (strcmp(counter_kinds[i].name, name) == 0)
			return &counter_kinds[i];
	return NULL;
}

void metric_family_name(char *name, size_t size, const struct metric_kind *kind, const char *member)
{
	size_t begin = placeholder(kind->name);

	snprintf(name, size, "%.*s%s%s", (int)begin, kind->name, member,
		 kind->name + placeholder_end(kind->name, begin));
}

void metric_member(char *member, size_t size, const struct metric_kind *family, const char *name)
{
	size_t begin = placeholder(family->name);
	size_t rest = strlen(family->name + placeholder_end(family->name, begin));

	snprintf(member, size, "%.*s", (int)(strlen(name) - begin - rest), name + begin);
}

const char *metric_did_you_mean(char *hint, const char *name)
{
	const char *names[METRIC_KINDS + 1] = { NULL };

	for (size_t i = 0; i < METRIC_KINDS; i++)
		names[i] = metric_kinds[i].name;
	return did_you_mean(hint, name, names);
}

bool metric_is(const char *name, const char *group, const char *wanted, const char *wanted_group)
{
	return strcmp(name, wanted) == 0 && (!wanted_group || strcmp(group, wanted_group) == 0);
}
