/* Memslots: grace periods to the nanosecond, the window, and the RFC's defects. */

#include <math.h>

#include "fixture.h"

#include "flow/memory.h"

static const char guest_format[] =
	"{\"host\": {\"cores\": 8, \"memory\": \"64GiB\"},"
	" \"costs\": [{\"srcu.grace_period\": {\"mean\": \"1ms\", \"cv\": 0,"
	"   \"range\": [\"1ms\", \"1ms\"], \"status\": \"assumed\", \"source\": \"round\"}}],"
	" \"guests\": [{\"name\": \"g\", \"model\": \"memslots\", \"memory\": \"8GiB\","
	"   \"resident\": 0.5, \"slot\": \"8MiB\", %s%s %s}],"
	" \"events\": [{\"at\": \"1s\", \"every\": \"10s\", \"times\": 2, \"do\": \"update\","
	"   \"guests\": \"g\"}%s],"
	" \"experiment\": {\"until\": \"1min\", \"spread\": false, \"seed\": %d}}";

static struct scenario scenario;

/* `events`: further ones, each with a comma in front. */
static struct simulation *run_with(const char *keys, const char *events, int seed)
{
	load(&scenario, guest_format,
	     strstr(keys, "strategy") ? "" : "\"strategy\": \"sequential\",",
	     strstr(keys, "vcpus") ? "" : "\"vcpus\": 4,", keys, events, seed);
	return simulate(&scenario, 0);
}

static struct simulation *run(const char *keys, int seed)
{
	return run_with(keys, "", seed);
}

/* When nothing is at work the guest holds its pages and what was leaked. */
static void done(struct simulation *simulation)
{
	const struct instance *instance = &simulation->instances[0];

	if (!instance->threads)
		assert_int_equal(memory_held(instance),
				 (int64_t)page_map_present(&instance->guest.pages) * PAGE_BYTES +
					 instance->guest.leaked_bytes);
	simulation_free(simulation);
	scenario_fini(&scenario);
}

static int64_t update_ns(const char *keys)
{
	struct simulation *simulation = run(keys, 1);
	int64_t latency = observation(simulation, "update.latency", 0);

	done(simulation);
	return latency;
}

enum {
	MS = 1000000,
	SET = 26000,
	PAGES = 1024,
	ZAP = 84,
	REFAULT = 1000,
	KICK = 2000,
	KICK_WAIT = 20000,
	LOCK_NS = 50,
	OBJECT = 192,
	ENTRY = 64
};

/* n removals, m additions: 2 n + m swaps one by one; n + 1 in the batch; 2 with one swap. */
static void test_swaps(void **state)
{
	static const int slots[] = { 2, 20, 200 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int64_t n = slots[i], work = n * (SET + PAGES * ZAP) + n * SET;
		char keys[200];

		snprintf(keys, sizeof(keys), "\"creates\": %d, \"deletes\": %d", slots[i],
			 slots[i]);
		assert_int_equal(update_ns(keys), 3 * n * MS + work);
		snprintf(keys, sizeof(keys),
			 "\"strategy\": \"batch\", \"creates\": %d, \"deletes\": %d", slots[i],
			 slots[i]);
		assert_int_equal(update_ns(keys), (n + 1) * MS + work);
		snprintf(keys, sizeof(keys),
			 "\"strategy\": \"one-swap-batch\", \"creates\": %d, \"deletes\": %d",
			 slots[i], slots[i]);
		assert_int_equal(update_ns(keys), 2 * MS + work);
		snprintf(keys, sizeof(keys),
			 "\"strategy\": \"inhibit\", \"creates\": %d, \"deletes\": %d", slots[i],
			 slots[i]);
		assert_int_equal(update_ns(keys),
				 3 * n * MS + work + 4 * KICK + KICK_WAIT + 12 * LOCK_NS);
	}
	/* nothing to make invalid: no swap for it */
	assert_int_equal(update_ns("\"strategy\": \"one-swap-batch\", \"deletes\": 0"),
			 MS + 2 * SET);
	assert_int_equal(update_ns("\"strategy\": \"batch\", \"address_spaces\": 2"),
			 3 * MS + 3 * SET + PAGES * ZAP);
}

/* Faults of two updates on what comes back: the vCPUs' time, on the cores that there are. */
static void judge_stall(const char *keys, int64_t pages, int64_t stall_ns)
{
	struct simulation *simulation = run(keys, 1);

	assert_int_equal(counter_of(simulation, "kvm.refault_page"), 2 * pages);
	assert_int_equal(observation(simulation, "guest.stall", 0), 2 * stall_ns);
	done(simulation);
}

static void test_stall(void **state)
{
	struct simulation *simulation;

	(void)state;
	judge_stall("\"creates\": 2, \"deletes\": 1", PAGES, PAGES * REFAULT);
	judge_stall("\"creates\": 2, \"deletes\": 3", 2 * PAGES, 2 * PAGES * REFAULT);
	judge_stall("\"creates\": 0, \"deletes\": 3", 0, 0);
	judge_stall("\"creates\": 0, \"deletes\": 0, \"moves\": 1, \"flags\": 2", PAGES,
		    PAGES * REFAULT);
	judge_stall("\"touched\": 0.25, \"strategy\": \"batch\"", PAGES / 4, PAGES / 4 * REFAULT);
	assert_int_equal(update_ns("\"touched\": 0"), update_ns("\"touched\": 1"));
	judge_stall("\"strategy\": \"inhibit\", \"vcpus\": 3", PAGES, PAGES * REFAULT);
	/* two vCPUs on each core take turns: both lose twice the work */
	judge_stall("\"vcpus\": 16", PAGES, 2 * PAGES * REFAULT);
	/* 976 take one page: 8 of 1000 run at a time; then 24 their second */
	judge_stall("\"vcpus\": 1000", PAGES, 976 * 125 * REFAULT + 24 * 128 * REFAULT);
	/* a shutdown ends it too: one vCPU has 1.1264 s to do when the guest stops for 1 s */
	simulation = run_with("\"creates\": 1100, \"deletes\": 1100, \"vcpus\": 1",
			      ", {\"at\": \"2s\", \"do\": \"shutdown\", \"guests\": \"g\"}", 1);
	assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
	assert_int_equal(observation(simulation, "guest.stall", 0), 0);
	done(simulation);
	/* killed behind half of its 256 us: nothing waits for the rest */
	simulation =
		run_with("\"creates\": 1, \"deletes\": 1",
			 ", {\"at\": \"1003266016ns\", \"do\": \"kill\", \"guests\": \"g\"}", 1);
	assert_int_equal(observation(simulation, "update.latency", 0),
			 3 * MS + 2 * SET + PAGES * ZAP);
	assert_int_equal(observation(simulation, "shutdown.latency", 0), MS);
	done(simulation);
}

/* A reader that is there when the first grace period begins lengthens only that one. */
static void test_reader(void **state)
{
	int64_t plain = update_ns("\"creates\": 1, \"deletes\": 1");
	int64_t read = update_ns("\"creates\": 1, \"deletes\": 1, \"reader_hold\": \"130ms\"");
	int64_t brief = update_ns("\"creates\": 1, \"deletes\": 1, \"reader_hold\": \"0.5ms\"");

	(void)state;
	assert_int_equal(brief, plain);
	assert_int_equal(read - plain, 130 * MS - MS - SET);
}

static int64_t notifier_ns(const char *keys)
{
	char held[200];

	snprintf(held, sizeof(held), "%s, \"notifier_hold\": \"5ms\"", keys);
	return update_ns(held) - update_ns(keys);
}

/* It delays each swap. */
static void test_notifier(void **state)
{
	static const char reboot[] = ", {\"at\": \"30s\", \"do\": \"reboot\", \"guests\": \"g\"}";
	struct simulation *simulation;
	int64_t plain;

	(void)state;
	assert_int_equal(notifier_ns("\"creates\": 1, \"deletes\": 0"), 5 * MS);
	assert_int_equal(notifier_ns("\"creates\": 3, \"deletes\": 3"), 9 * 5 * MS);
	assert_int_equal(notifier_ns("\"strategy\": \"batch\", \"creates\": 3, \"deletes\": 3"),
			 4 * 5 * MS);
	assert_int_equal(
		notifier_ns("\"strategy\": \"one-swap-batch\", \"creates\": 3, \"deletes\": 3"),
		2 * 5 * MS);
	assert_int_equal(notifier_ns("\"strategy\": \"batch\", \"address_spaces\": 2"), 3 * 5 * MS);
	simulation = run_with("\"creates\": 1", reboot, 1);
	plain = observation(simulation, "reboot.latency", 0);
	done(simulation);
	simulation = run_with("\"notifier_hold\": \"5ms\"", reboot, 1);
	assert_int_equal(observation(simulation, "reboot.latency", 0) - plain,
			 (43 + 2 * 43) * 5 * MS);
	done(simulation);
}

/* The window kills by chance 1 - exp(-rate * share * vCPUs * exposed time). */
static void judge_window(const char *keys, double exposed_ns)
{
	char text[300];
	int died = 0, runs = 1600;
	double rate = log(2) * 1e9 / exposed_ns / 4 / 0.1, deviation;

	/* with that rate one half of the guests dies */
	snprintf(text, sizeof(text), "\"access_rate\": \"%.6f/s\", \"fetch_share\": 0.1, %s", rate,
		 keys);
	for (int seed = 1; seed <= runs; seed++) {
		struct simulation *simulation = run(text, seed);
		size_t survived = times_done(simulation, "update.latency");

		died += survived == 0;
		assert_int_equal(observation(simulation, "failures.EFAULT", 0), survived < 2);
		done(simulation);
	}
	deviation = sqrt(0.25 / runs);
	if (fabs((double)died / runs - 0.5) > 4 * deviation)
		fail_msg("%s: %d of %d died", keys, died, runs);
}

static void test_window(void **state)
{
	const double z = PAGES * ZAP;

	(void)state;
	judge_window("\"architecture\": \"arm64\", \"creates\": 1, \"deletes\": 1",
		     z + MS + MS + SET);
	/* x86 retries on an invalid slot: from the second swap to the creation's */
	judge_window("\"creates\": 1, \"deletes\": 1", MS + SET);
	/* slot i of 3 is absent during 3 - i removals and i - 1 additions, and 3 are invalid */
	judge_window("\"creates\": 3, \"deletes\": 3",
		     3 * (MS + SET) + 3 * (SET + 2 * MS + z) + 3 * (SET + MS));
	judge_window("\"architecture\": \"arm64\", \"creates\": 3, \"deletes\": 3",
		     3 * (MS + z) + 3 * (MS + SET) + 3 * (SET + 2 * MS + z) + 3 * (SET + MS));
	/* the second pass lies in the window */
	judge_window("\"architecture\": \"arm64\", \"creates\": 20, \"deletes\": 1,"
		     " \"strategy\": \"one-swap-batch\"",
		     MS + z + 20 * SET);
	judge_window("\"architecture\": \"arm64\", \"creates\": 3, \"deletes\": 3,"
		     " \"strategy\": \"batch\"",
		     3 * (MS + z + 3 * SET) + 3 * (SET + MS + z));
	/* and an ioctl that slips in between the passes */
	judge_window("\"architecture\": \"arm64\", \"creates\": 1, \"deletes\": 1,"
		     " \"strategy\": \"batch\", \"concurrent_updates\": 1",
		     MS + z + SET + SET + MS);
	judge_window("\"architecture\": \"arm64\", \"creates\": 0, \"deletes\": 0, \"moves\": 1",
		     MS + z);
	for (int seed = 1; seed <= 20; seed++) {
		struct simulation *simulation =
			run("\"access_rate\": \"1000000/s\", \"fetch_share\": 1,"
			    " \"strategy\": \"batch\"",
			    seed);

		assert_int_equal(times_done(simulation, "update.latency"), 2);
		done(simulation);
	}
}

/* The chance of a vCPU to meet the window in an update of the list. */
static const struct chance *chance_of(const struct flow *flow, const char *name)
{
	const struct chance *found = NULL;

	for (size_t i = 0; i < flow->step_count && !found; i++) {
		const struct step *step = &flow->steps[i];

		if (step->kind == STEP_CHANCE && strcmp(step->chance->name, name) == 0)
			return step->chance;
		if (step->kind == STEP_CALL)
			found = chance_of(step->flow, name);
	}
	return found;
}

/* The same without dice: beside notifiers, and beside more that swap than the list lets in. */
static void test_window_of_a_list(void **state)
{
	enum { HOLD = 2 * MS, SWAP = SET + HOLD + MS };
	static const struct {
		const char *keys;
		double exposed_ns;
	} rows[] = {
		{ "\"concurrent_updates\": 1", MS + PAGES * ZAP + SET + SWAP + HOLD },
		/* between the passes and behind each of two entries */
		{ "\"concurrent_updates\": 5", MS + PAGES * ZAP + SET + 3 * SWAP + HOLD },
	};
	const double per_ns = 1e-9 * 4; /* vCPUs */

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct chance *chance;
		struct simulation *simulation;
		char keys[300];
		double hit;

		snprintf(keys, sizeof(keys),
			 "\"architecture\": \"arm64\", \"creates\": 1, \"deletes\": 1, "
			 "\"strategy\": "
			 "\"batch\", \"notifier_hold\": \"2ms\", \"access_rate\": \"1/s\", "
			 "\"fetch_share\": 1, %s",
			 rows[i].keys);
		simulation = run(keys, 1);
		chance = chance_of(scenario.simulation.guests[0].design->flows[OPERATION_UPDATE],
				   "a vCPU meets the missing slot");
		assert_non_null(chance);
		hit = chance->probability(&simulation->instances[0].guest);
		assert_true(fabs(-log1p(-hit) / per_ns / rows[i].exposed_ns - 1) < 1e-9);
		done(simulation);
	}
}

struct fate {
	const char *failure;
	size_t updates; /* of two that were done */
	int64_t unfinished, leaked;
	bool dead;
};

static void judge_fault(const char *step, int call, const char *keys, struct fate fate)
{
	char text[400];
	struct simulation *simulation;

	snprintf(text, sizeof(text),
		 "\"strategy\": \"batch\", \"faults\": [{\"step\": \"%s\", \"call\": %d}]%s", step,
		 call, keys);
	simulation = run(text, 1);
	if (fate.failure)
		assert_int_equal(observation(simulation, fate.failure, 0), 1);
	assert_int_equal(times_done(simulation, "update.latency"), fate.updates);
	assert_int_equal(counter_of(simulation, "operations.unfinished"), fate.unfinished);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), fate.leaked);
	assert_int_equal(times_done(simulation, "shutdown.latency"), fate.dead);
	done(simulation);
}

/* What review found on the error paths of patch 9/9: 1 removal, 2 additions. */
static void test_defects(void **state)
{
	(void)state;
	judge_fault("vmemdup_user", 1, "",
		    (struct fate){ .failure = "failures.ENOMEM", .updates = 1 });
	judge_fault("kcalloc", 1, "", (struct fate){ "failures.ENOMEM", 0, 0, 3 * ENTRY, true });
	judge_fault("m_iter->slot", 1, "",
		    (struct fate){ .failure = "failures.EINVAL", .unfinished = 1 });
	judge_fault("m_iter->slot", 2, "", /* behind the removal */
		    (struct fate){ "failures.EINVAL", 0, 1, OBJECT, false });
	judge_fault("m_iter->slot", 1, ", \"deletes\": 0",
		    (struct fate){ .failure = "failures.EINVAL", .unfinished = 1 });
	judge_fault("b_iter->change", 1, "", (struct fate){ .unfinished = 2 });
	judge_fault("m_iter->slot >> 16", 2, "",
		    (struct fate){ "failures.EINVAL", 1, 0, OBJECT, false });
	judge_fault("kvm_prepare_memory_region", 1, "",
		    (struct fate){ "failures.ENOMEM", 1, 0, OBJECT, false });
	judge_fault("invalid slot", 2, ", \"deletes\": 3",
		    (struct fate){ "failures.ENOMEM", 1, 0, OBJECT, false });
}

/* Nothing limits the list, and kcalloc gives no more than 4 MiB: 131072 entries of 32 bytes. */
static void test_long_list(void **state)
{
	struct simulation *simulation =
		run("\"strategy\": \"batch\", \"deletes\": 1, \"creates\": 131072", 1);

	(void)state;
	assert_int_equal(observation(simulation, "failures.ENOMEM", 0), 1);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 131073 * ENTRY);
	assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
	done(simulation);
	assert_int_equal(update_ns("\"strategy\": \"batch\", \"deletes\": 0, \"creates\": 131072"),
			 131072LL * SET + MS);
}

/* slots_lock that nobody will unlock: who wants it sleeps, and a process with a sleeper stays. */
static void test_left_locked(void **state)
{
	static const char keys[] =
		"\"strategy\": \"batch\", \"deletes\": 0, \"faults\": [{\"step\":"
		" \"m_iter->slot\", \"call\": 1}]";
	struct simulation *simulation;

	(void)state;
	simulation = run_with(keys, ", {\"at\": \"2s\", \"do\": \"reboot\", \"guests\": \"g\"}", 1);
	assert_int_equal(times_done(simulation, "reboot.latency"), 0);
	assert_int_equal(counter_of(simulation, "operations.unfinished"), 2);
	done(simulation);
	simulation = run_with(keys,
			      ", {\"at\": \"2s\", \"do\": \"kill\", \"guests\": \"g\"},"
			      " {\"at\": \"3s\", \"do\": \"start\", \"guests\": \"g\"}",
			      1);
	assert_int_equal(observation(simulation, "shutdown.latency", 0), MS);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	assert_int_equal(times_done(simulation, "update.latency"), 1);
	done(simulation);
	simulation = run_with(keys, ", {\"at\": \"12s\", \"do\": \"kill\", \"guests\": \"g\"}", 1);
	assert_int_equal(times_done(simulation, "shutdown.latency"), 0);
	done(simulation);
}

static void judge_half(const char *keys, const char *events, int64_t published, int64_t failed,
		       int64_t met)
{
	struct simulation *simulation = run_with(keys, events, 1);

	assert_int_equal(observation(simulation, "failures.EEXIST", 0), published);
	assert_int_equal(observation(simulation, "failures.ENOMEM", 0), failed);
	assert_int_equal(observation(simulation, "failures.EFAULT", 0), met);
	assert_int_equal(times_done(simulation, "shutdown.latency"), met);
	done(simulation);
}

/* A list that fails in its second pass leaves the inactive set half edited, for the next swap. */
static void test_half_list(void **state)
{
#define FAILED                                                                                     \
	"\"strategy\": \"batch\", \"faults\": [{\"step\": \"kvm_prepare_memory_region\","          \
	" \"call\": 1}]"
#define USED ", \"access_rate\": \"1/s\", \"fetch_share\": 1"
	static const char reboot[] = ", {\"at\": \"2s\", \"do\": \"reboot\", \"guests\": \"g\"}";
	struct simulation *simulation;

	(void)state;
	judge_half(FAILED, "", 1, 1, 0);                    /* the first swap of the next update */
	judge_half(FAILED, reboot, 1, 1, 0);                /* of the boot */
	judge_half(FAILED ", \"deletes\": 0", "", 0, 1, 0); /* nothing was edited yet */
	judge_half(FAILED USED, "", 1, 1, 1);               /* x86: absent from then on */
	judge_half(FAILED USED ", \"architecture\": \"arm64\"", "", 0, 1, 1); /* invalid */

	/* Others get slots_lock where the list drops it: the first between the passes, ... */
	simulation = run("\"strategy\": \"batch\", \"concurrent_updates\": 1", 1);
	assert_int_equal(observation(simulation, "update.latency", 0),
			 3 * MS + 4 * SET + PAGES * ZAP);
	assert_int_equal(observation(simulation, "failures.EEXIST", 0), 0);
	done(simulation);
	/* ... the second behind the first entry, whose edit it publishes */
	judge_half("\"strategy\": \"batch\", \"concurrent_updates\": 2", "", 2, 0, 0);
}

/* A plain ioctl whose preparation fails swaps back: two grace periods, no memory lost. */
static void test_revert(void **state)
{
	struct simulation *simulation =
		run("\"faults\": [{\"step\": \"kvm_prepare_memory_region\", \"call\": 1}]", 1);

	(void)state;
	assert_int_equal(observation(simulation, "failures.ENOMEM", 0), 1);
	assert_int_equal(times_done(simulation, "update.latency"), 1);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
	assert_int_equal(counter_of(simulation, "srcu.grace_period"), 2 + 4);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_swaps),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_reader),
		cmocka_unit_test(test_notifier),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_defects),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_left_locked),
		cmocka_unit_test(test_half_list),
		cmocka_unit_test(test_revert),
		cmocka_unit_test(test_window_of_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
