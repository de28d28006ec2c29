#include "flow/metric_kind.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

const char *const unit_names[] = { "ns", "bytes", "pages", "count" };

_Static_assert((int)METRIC_RELOCK - (int)METRIC_START == (int)OPERATION_RELOCK,
	       "latencies are in the order of operations");

#define LATENCY(name_, operation_, help_)                                                          \
	{                                                                                          \
		.name = name_, .observed = EACH_REQUEST, .needs = NEEDS_OPERATION,                 \
		.operation = OPERATION_##operation_, .help = help_                                 \
	}

const struct metric_kind metric_kinds[METRIC_KINDS] = {
	[METRIC_START] = LATENCY("start.latency", START, "from its request until the guest runs"),
	[METRIC_REBOOT] =
		LATENCY("reboot.latency", REBOOT, "from its request until the guest runs again"),
	[METRIC_SHUTDOWN] = LATENCY("shutdown.latency", SHUTDOWN,
				    "from its request, or that of a kill, until the guest is gone "
				    "for its user"),
	[METRIC_UPDATE] = LATENCY("update.latency", UPDATE, "from its request until it is done"),
	[METRIC_RELOCK] = LATENCY("relock.latency", RELOCK, "from its request until it is done"),
	[METRIC_TEARDOWN] = { .name = "teardown.latency",
			      .observed = EACH_TIME,
			      .help = "from the death of a generation until everything of it is "
				      "reclaimed",
			      .line = LINES_MEMORY + 1,
			      .label = "time to reclaim all",
			      .title = "reclaim all" },
	[METRIC_BACKGROUND_CPU] = { .name = "cpu.background",
				    .observed = SUM,
				    .help = "CPU time that no operation waits for",
				    .line = LINES_WORK + 1,
				    .label = "background CPU",
				    .title = "background" },
	[METRIC_FOREGROUND_PAGES] = { .name = "pages.foreground",
				      .unit = UNIT_PAGES,
				      .observed = SUM,
				      .help = "pages that operations handle while somebody waits",
				      .line = LINES_WORK + 3,
				      .label = "pages in foreground" },
	[METRIC_BACKGROUND_PAGES] = { .name = "pages.background",
				      .unit = UNIT_PAGES,
				      .observed = SUM,
				      .help = "pages that are handled while nobody waits",
				      .line = LINES_WORK + 4,
				      .label = "pages in background" },
	[METRIC_TOUCHED_PAGES] = { .name = "pages.touched",
				   .unit = UNIT_PAGES,
				   .observed = SUM,
				   .help = "pages that are handled when the guest first touches "
					   "them",
				   .line = LINES_WORK + 5,
				   .label = "pages at first touch" },
	[METRIC_FALLBACKS] = { .name = "fallbacks",
			       .unit = UNIT_COUNT,
			       .observed = SUM,
			       .help = "failures from which an operation recovered another way",
			       .line = LINES_FAILURES + 1,
			       .label = "fallbacks",
			       .title = "fallbacks" },
	[METRIC_STALL] = { .name = "guest.stall",
			   .observed = SUM,
			   .needs = NEEDS_STALLS,
			   .help = "time that vCPUs lose to exits which no operation waits for",
			   .line = LINES_WORK + 2,
			   .label = "stall of the guest",
			   .why = "time that its vCPUs lose" },
	[METRIC_FAILURES] = { .name = "failures.ERRNO",
			      .unit = UNIT_COUNT,
			      .observed = SUM,
			      .help = "failures and refusals with that errno",
			      .line = LINES_FAILURES + 2 },
	[METRIC_LIMBO_PEAK] = { .name = "limbo.peak",
				.unit = UNIT_BYTES,
				.of = OF_HOST,
				.observed = HIGHEST,
				.help = "memory of dead generations",
				.line = LINES_MEMORY + 2,
				.label = "limbo memory, peak",
				.title = "limbo peak" },
	[METRIC_LIMBO_MEAN] = { .name = "limbo.mean",
				.unit = UNIT_BYTES,
				.of = OF_HOST,
				.observed = MEAN_OVER_TIME,
				.help = "memory of dead generations",
				.line = LINES_MEMORY + 3,
				.label = "limbo memory, mean",
				.why = "over the whole run" },
	[METRIC_LONGEST_SLICE] = { .name = "slice.max",
				   .of = OF_HOST,
				   .observed = HIGHEST,
				   .help = "stretch of work without a reschedule point",
				   .line = LINES_MEMORY + 4,
				   .label = "longest slice",
				   .why = "without a reschedule point",
				   .title = "longest slice" },
	[METRIC_LOCK_WAIT] = { .name = "lock.NAME.wait",
			       .of = OF_HOST,
			       .observed = SUM,
			       .help = "waits for that lock, of all guests" },
	[METRIC_LOCK_HOLD] = { .name = "lock.NAME.hold",
			       .of = OF_HOST,
			       .observed = SUM,
			       .help = "holds of that lock, of all guests" },
	[METRIC_START_DELAY] = { .name = "start.delay",
				 .observed = EACH_TIME,
				 .needs = NEEDS_FLEET,
				 .help = "from the arrival of a VM until a host has room for it",
				 .line = LINES_FLEET + 1,
				 .label = "delay of starts",
				 .why = "until a host had room" },
	[METRIC_VMS_REJECTED] = { .name = "vms.rejected",
				  .unit = UNIT_COUNT,
				  .observed = SUM,
				  .needs = NEEDS_FLEET,
				  .help = "VMs that found no room within their patience" },
	[METRIC_VMS_WAITED] = { .name = "vms.waited",
				.unit = UNIT_COUNT,
				.observed = SUM,
				.needs = NEEDS_FLEET,
				.help = "VMs that found no room at once" },
	[METRIC_HOST_LIMBO] = { .name = "host.limbo.peak",
				.unit = UNIT_BYTES,
				.of = OF_HOST,
				.observed = HIGHEST,
				.needs = NEEDS_FLEET,
				.help = "memory that dead VMs hold, on the host that holds most",
				.line = LINES_FLEET + 3,
				.label = "limbo of one host",
				.why = "at most" },
	[METRIC_HOST_MEMORY] = { .name = "host.memory.peak",
				 .unit = UNIT_BYTES,
				 .of = OF_HOST,
				 .observed = HIGHEST,
				 .needs = NEEDS_FLEET,
				 .help = "memory that VMs need and dead ones hold, on the fullest "
					 "host",
				 .line = LINES_FLEET + 2,
				 .label = "fullest host",
				 .why = "needed by VMs and held by dead ones" },
	[METRIC_MOVE] = { .name = "move.latency",
			  .observed = EACH_REQUEST,
			  .needs = NEEDS_EVACUATIONS,
			  .help = "from the order to leave a host until the VM runs on another",
			  .line = LINES_FLEET + 4,
			  .label = "move of a VM",
			  .why = "told to go .. running elsewhere" },
	[METRIC_EVACUATION] = { .name = "evacuation.latency",
				.of = OF_HOST,
				.observed = EACH_REQUEST,
				.needs = NEEDS_EVACUATIONS,
				.help = "from its begin until all memory of the host is free",
				.line = LINES_FLEET + 5,
				.label = "evacuation",
				.why = "until the host is empty" },
};

const struct counter_kind counter_kinds[COUNTER_KINDS] = {
	[COUNTER_LOST_PAGES] = { "pages.lost", UNIT_PAGES, "pages that a failed call left unusable",
				 NULL, true },
	[COUNTER_LEAKED_BYTES] = { "memory.leaked_bytes", UNIT_BYTES,
				   "memory that is never given back after a failed call", NULL,
				   true },
	[COUNTER_UNFINISHED] = { "operations.unfinished", UNIT_COUNT,
				 "requests that had no end when the replication ended", NULL,
				 true },
	[COUNTER_REQUESTED] = { "operations.requested", UNIT_COUNT, "requests of operations", NULL,
				false },
	[COUNTER_DONE] = { "operations.done", UNIT_COUNT, "requests that were served", NULL,
			   false },
	[COUNTER_FAILED] = { "operations.failed", UNIT_COUNT,
			     "requests that ended with an errno of `failures`", NULL, false },
	[COUNTER_REFUSED] = { "operations.refused", UNIT_COUNT,
			      "requests that ended at once: ESRCH, EEXIST", NULL, true },
	[COUNTER_COALESCED] = { "operations.coalesced", UNIT_COUNT,
				"requests that another one served, too", NULL, true },
	[COUNTER_VMS_ARRIVED] = { "vms.arrived", UNIT_COUNT, "VMs of a fleet so far", NULL, false },
	[COUNTER_VMS_STARTED] = { "vms.started", UNIT_COUNT, "VMs that ran", NULL, false },
	[COUNTER_VMS_WAITED] = { "vms.waited", UNIT_COUNT, "VMs that waited for room", NULL,
				 false },
	[COUNTER_VMS_REJECTED] = { "vms.rejected", UNIT_COUNT, "VMs that got no room", "rejected",
				   false },
	[COUNTER_VMS_FAILED] = { "vms.failed", UNIT_COUNT, "VMs that did not start", "failed",
				 false },
	[COUNTER_VMS_TORN_DOWN] = { "vms.torn_down", UNIT_COUNT, "VMs that are gone", "torn down",
				    false },
	[COUNTER_VMS_MOVED] = { "vms.moved", UNIT_COUNT, "moves to another host", NULL, false },
	[COUNTER_VMS_RUNNING] = { "vms.running", UNIT_COUNT, "VMs that run at the end", "running",
				  false },
	[COUNTER_VMS_STARTING] = { "vms.starting", UNIT_COUNT, "VMs that start at the end",
				   "starting", false },
	[COUNTER_VMS_STOPPING] = { "vms.stopping", UNIT_COUNT, "VMs that shut down at the end",
				   "stopping", false },
	[COUNTER_VMS_WAITING] = { "vms.waiting", UNIT_COUNT, "VMs that wait for room at the end",
				  "waiting", false },
	[COUNTER_HOST_LIMBO] = { "limbo.peak_bytes", UNIT_BYTES,
				 "of each host: memory that dead VMs held at most", NULL, false },
	[COUNTER_HOST_BACKGROUND] = { "cpu.background_ns", UNIT_NANOSECONDS,
				      "of each host: CPU time that no operation waited for", NULL,
				      false },
	[COUNTER_HOST_STARTED] = { "vms.started", UNIT_COUNT, "of each host: VMs that ran there",
				   NULL, false },
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
