#ifndef TESTS_FLOWS_ARM64_FIXTURE_H
#define TESTS_FLOWS_ARM64_FIXTURE_H

/* One arm64 guest of 4 vCPUs, all of its memory present unless a test says otherwise. */

#include "scenario_run.h"

#define AT(at, what) "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"
#define START        AT("0s", "start")
#define FWB          "\"fwb\", \"dic\""

enum { PAGES_4G = 4 << 18, CLEAN_NS = 496, LOCK_NS = 50 + 219 + 400, UNPIN_NS = 100 };

/* `host`: memory of the host; `features`: of the host; `keys`: more of the guest's. */
static inline void load_guest(const char *host, const char *size, double resident,
			      const char *strategy, const char *features, const char *keys,
			      const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 32, \"memory\": \"%s\", \"features\": [%s]},"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"arm64\", \"strategy\": \"%s\","
	     "   \"vcpus\": 4, \"memory\": \"%s\", \"resident\": %g %s}], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     host, features, strategy, size, resident, keys, events);
}

static inline struct simulation *run_sized(const char *size, const char *strategy,
					   const char *features, const char *keys,
					   const char *events)
{
	load_guest("4TiB", size, 1, strategy, features, keys, events);
	return simulate(&scenario, 0);
}

static inline struct simulation *run(const char *strategy, const char *features, const char *keys,
				     const char *events)
{
	return run_sized("4GiB", strategy, features, keys, events);
}

static inline int64_t latency(const char *strategy, const char *features, const char *keys,
			      const char *what)
{
	char event[128], metric[64];
	struct simulation *simulation;
	int64_t value;

	snprintf(event, sizeof(event), AT("1s", "%s"), what);
	snprintf(metric, sizeof(metric), "%s.latency", what);
	simulation = run(strategy, features, keys, event);
	value = observation(simulation, metric, 0);
	done(simulation);
	return value;
}

#endif
