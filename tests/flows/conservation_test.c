/*
 * Models that lose or double something end in an error that names guest, flow and step; what
 * another design may do ends in none. Each test plants one defect in a shipped strategy.
 */

#include "fork.h"

#include <errno.h>

static struct fork forked;
static struct scenario scenario;

#define KVM(memory_)                                                                               \
	"{\"host\": {\"cores\": 8, \"memory\": \"" memory_ "\"}, \"guests\": [{\"name\": \"g\", "  \
	"\"model\": \"kvm\", \"strategy\": \"async-teardown\", \"vcpus\": 4, \"memory\": "         \
	"\"64GiB\", "                                                                              \
	"\"resident\": 1}], \"events\": [{\"at\": \"10s\", \"do\": \"kill\", \"guests\": \"g\"}, " \
	"{\"at\": \"11s\", \"do\": \"start\", \"guests\": \"g\"}, "                                \
	"{\"at\": \"30s\", \"do\": \"kill\", \"guests\": \"g\"}], "                                \
	"\"experiment\": {\"until\": \"1min\", \"spread\": false}}"

/* Run with the fork; its error must contain `words` (NULL: there must be none). */
static void run_fork(const char *words)
{
	struct error error = { 0 };
	struct simulation *simulation;
	bool ok;

	fork_use(&forked, &scenario);
	simulation = simulation_new(&scenario.simulation, &error);
	ok = simulation && simulation_run(simulation, 0, &error);
	simulation_free(simulation);
	scenario_fini(&scenario);
	if (!words && !ok)
		fail_msg("%s", error.message);
	if (words && ok)
		fail_msg("no error; \"%s\" was expected", words);
	if (words && !strstr(error.message, words))
		fail_msg("\"%s\" was expected: %s", words, error.message);
}

static void plant(const char *flow, enum step_kind kind, int n, size_t old, const struct step *by,
		  size_t count)
{
	struct flow *in = forked_flow(&forked, flow);

	fork_replace(in, forked_step(in, kind, n), old, by, count);
}

static int begin(void **state)
{
	(void)state;
	fork_strategy(&forked, "kvm", "async-teardown");
	load(&scenario, "%s", KVM("200GiB"));
	return 0;
}

static void test_nothing_planted(void **state)
{
	(void)state;
	run_fork(NULL);
}

static uint64_t one_page(const struct guest *guest)
{
	return (uint64_t)guest->config->page_bytes;
}
static const struct count page = { "a page", one_page };

static void test_memory_freed_twice(void **state)
{
	const struct step twice[] = { FREE(guest_memory, page, "mmput") };

	(void)state;
	plant("exit_mmap", STEP_MARK, 0, 0, twice, 1);
	run_fork("guest g, flow exit_mmap, step \"free guest memory\": 4096 bytes of guest memory "
		 "are given back, but only 0 are held");
}

static void test_memory_forgotten(void **state)
{
	const struct step more[] = { ALLOCATE(guest_memory, page, NULL, "kvcalloc") };

	(void)state;
	plant("start", STEP_MARK, 0, 0, more, 1);
	run_fork("guest g (model kvm): bytes held for pages, against those present: 4096 instead "
		 "of 0");
}

static int fill_again(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	page_map_fill(&guest->pages, 10, PAGE_FIRST);
	return 0;
}
static const struct hook fill = { "a new address space, carelessly", fill_again };

/* The obvious hook of a newcomer: it forgets the dead pages that the helper works on. */
static void test_pages_filled_over_lingering_ones(void **state)
{
	const struct step careless[] = { DO(fill, "kvm_create_vm") };

	(void)state;
	plant("start", STEP_DO, 0, 1, careless, 1);
	run_fork("step \"a new address space, carelessly\": the hook");
}

/* Without pages that linger, but under a loop at work. */
static void test_pages_filled_under_a_loop(void **state)
{
	const struct step careless[] = { DO(fill, "kvm_vm_ioctl") };
	static const struct step other_steps[] = { PAUSE("a while", page, "ioctl"),
						   DO(fill, "kvm_vm_ioctl") };
	static const struct flow other = FLOW("other", "", other_steps);
	const struct step spawn[] = { SPAWN(other, "ioctl") };

	(void)careless;
	(void)state;
	scenario.simulation.happening_count = 2; /* no second kill: nothing is dead at the end */
	plant("boot", STEP_PAGES, 0, 0, spawn, 1);
	run_fork("the hook replaces the pages that \"first touches of the boot\" is at work on");
}

static void test_lock_left_locked(void **state)
{
	(void)state;
	plant("exit_mmap", STEP_UNLOCK, 0, 1, NULL, 0);
	run_fork("ended with a lock held");
}

static int forget_dead(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	page_map_turn(&guest->pages, PAGE_FIRST + 2, PAGE_FIRST);
	return 0;
}
static const struct hook alive_again = { "dead pages live again", forget_dead };

static void test_dead_pages_forgotten(void **state)
{
	const struct step forget[] = { DO(alive_again, "oops") };

	(void)state;
	plant("start", STEP_DO, 0, 0, forget, 1);
	run_fork("step \"dead pages live again\": the hook forgets 16777216 pages of dead");
}

/* --- a design of one's own that is right ------------------------------------------ */

static int64_t latency(const char *what, bool exact, bool background)
{
	struct simulation *simulation;
	int64_t value;

	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"features\": [\"misc_uv\"]}, \"guests\": [{\"name\": "
	     "\"g\", "
	     "\"strategy\": \"async\", \"vcpus\": 4, \"memory\": \"%s\", \"resident\": 0.8}], "
	     "\"events\": [{\"at\": \"10s\", \"do\": \"reboot\", \"guests\": \"g\"}], "
	     "\"experiment\": {\"exact_pages\": %s, \"spread\": false}}",
	     what, exact ? "true" : "false");
	if (background)
		fork_use(&forked, &scenario);
	simulation = simulate(&scenario, 0);
	value = observation(simulation, "reboot.latency", 0);
	if (background) { /* every page of the dead guest is destroyed once */
		uint64_t pages = guest_resident_pages(
			&(struct guest){ .config = &scenario.simulation.guests[0] });

		assert_int_equal(counter_of(simulation, "uvc.destroy_page") +
					 (uint64_t)total_of(simulation, "pages.touched"),
				 pages);
	}
	simulation_free(simulation);
	scenario_fini(&scenario);
	return value;
}

/* Two loops of different ends meet: the lower 2 GiB in the background, and PERFORM. */
static void test_lower_in_background(void **state)
{
	static struct step lower_steps[3];
	static const struct flow lower =
		FLOW("destroy_lower_2g_fn", "below 2 GiB, in the background", lower_steps);
	const struct step spawn[] = { SPAWN(lower, "kvm_s390_destroy_lower_2g: queue_work") };
	struct flow *prepare;
	size_t at;
	int64_t before, after;

	(void)state;
	scenario_fini(&scenario);
	fork_strategy(&forked, "s390-pv", "async");
	prepare = forked_flow(&forked, "KVM_PV_ASYNC_CLEANUP_PREPARE");
	at = forked_step(prepare, STEP_PAGES, 0) - 1; /* under kvm->srcu */
	memcpy(lower_steps, prepare->steps + at, sizeof(lower_steps));
	fork_replace(prepare, at, 3, spawn, 1);
	before = latency("64GiB", false, false);
	after = latency("64GiB", false, true);
	/* 419,430 pages of 2 us and 60 ns leave the foreground */
	assert_int_equal(before - after, 864025800);
	assert_in_range(llabs(latency("4GiB", false, true) - latency("4GiB", true, true)), 0, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing_planted, begin),
		cmocka_unit_test_setup(test_memory_freed_twice, begin),
		cmocka_unit_test_setup(test_memory_forgotten, begin),
		cmocka_unit_test_setup(test_pages_filled_over_lingering_ones, begin),
		cmocka_unit_test_setup(test_pages_filled_under_a_loop, begin),
		cmocka_unit_test_setup(test_lock_left_locked, begin),
		cmocka_unit_test_setup(test_dead_pages_forgotten, begin),
		cmocka_unit_test_setup(test_lower_in_background, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
