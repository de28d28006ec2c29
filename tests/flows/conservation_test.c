/*
 * Models that lose or double something end in an error that names guest, flow and step; what
 * another design may do ends in none. Each test plants one defect in a shipped strategy.
 */

#include "fork.h"

#include <errno.h>

static struct forked_model forked;
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

	forked_use(&forked, &scenario);
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
	struct forked_flow *in = forked_flow(&forked, flow);

	forked_replace(in, forked_step(in, kind, n), old, by, count);
}

static int begin(void **state)
{
	(void)state;
	forked_strategy(&forked, "kvm", "async-teardown");
	load(&scenario, "%s", KVM("200GiB"));
	return 0;
}

/* One page is enough: the step that says that all is back is named. */
static void test_a_page_too_early(void **state)
{
	static const struct step mark[] = { MARK(MILESTONE_RECLAIMED) };

	(void)state;
	scenario_fini(&scenario);
	load(&scenario, "%s",
	     "{\"host\": {\"cores\": 8, \"memory\": \"1GiB\"}, \"guests\": [{\"name\": \"g\", "
	     "\"model\": \"kvm\", \"strategy\": \"async-teardown\", \"memory\": \"4KiB\", "
	     "\"resident\": "
	     "1}], \"events\": [{\"at\": \"1s\", \"do\": \"kill\", \"guests\": \"g\"}]}");
	plant("exit_mmap", STEP_PAGES, 0, 0, mark, 1);
	run_fork("marked as reclaimed, but 1 pages of the dead linger");
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
	run_fork("guest g, flow exit_mmap, step \"unmap and free\": 68719476736 bytes of guest "
		 "memory are given back, but only 68719472640 are held");
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
	scenario.simulation.event_count = 2; /* no second kill: nothing is dead at the end */
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

static int64_t observed(const char *what, const char *metric, bool exact, bool forks)
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
	if (forks)
		forked_use(&forked, &scenario);
	simulation = simulate(&scenario, 0);
	value = observation(simulation, metric, 0);
	if (forks) { /* every page of the dead guest is destroyed once */
		uint64_t pages = guest_resident_pages(
			&(struct guest){ .config = &scenario.simulation.guests[0] });

		assert_int_equal(total_of(simulation, "pages.foreground") +
					 total_of(simulation, "pages.background") +
					 total_of(simulation, "pages.touched"),
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
	struct forked_flow *prepare;
	size_t at;
	int64_t before, after;

	(void)state;
	scenario_fini(&scenario);
	forked_strategy(&forked, "s390-pv", "async");
	prepare = forked_flow(&forked, "KVM_PV_ASYNC_CLEANUP_PREPARE");
	at = forked_step(prepare, STEP_PAGES, 1) - 1; /* under kvm->srcu, along the process */
	memcpy(lower_steps, prepare->steps + at, sizeof(lower_steps));
	forked_replace(prepare, at, 3, spawn, 1);
	before = observed("64GiB", "reboot.latency", false, false);
	after = observed("64GiB", "reboot.latency", false, true);
	/* 419,430 pages of 2 us and 60 ns leave the foreground */
	assert_int_equal(before - after, 864025800);
	assert_in_range(llabs(observed("4GiB", "reboot.latency", false, true) -
			      observed("4GiB", "reboot.latency", true, true)),
			0, 2000);
}

/* PERFORM by two threads; the loops of both walk the same way and share the pages. */
static void perform_twice(void)
{
	static struct step second_steps[] = { LABEL("pages"), LABEL("interrupted") };
	static const struct flow second = FLOW("second", "a second thread", second_steps);
	const struct step spawn[] = { SPAWN(second, "KVM_PV_ASYNC_CLEANUP_PERFORM") };
	const struct step join[] = { JOIN(second, "KVM_PV_ASYNC_CLEANUP_PERFORM") };
	struct forked_flow *perform;
	size_t at;

	forked_strategy(&forked, "s390-pv", "async");
	perform = forked_flow(&forked, "KVM_PV_ASYNC_CLEANUP_PERFORM");
	at = forked_step(perform, STEP_PAGES, 1); /* along the process */
	second_steps[0] = perform->steps[at];
	forked_replace(perform, at + 1, 0, join, 1);
	forked_replace(perform, at, 0, spawn, 1);
}

static void test_two_perform_threads(void **state)
{
	int64_t fluid, exact, one;

	(void)state;
	scenario_fini(&scenario);
	one = observed("8GiB", "teardown.latency", false, false);
	perform_twice();
	fluid = observed("8GiB", "teardown.latency", false, true);
	exact = observed("8GiB", "teardown.latency", true, true);
	assert_true(fluid < one * 3 / 4);
	assert_in_range(llabs(fluid - exact), 0, 2000);
}

static uint64_t half_a_millisecond_ns(const struct guest *guest)
{
	(void)guest;
	return 500000;
}
static const struct count half_a_millisecond = { "half a millisecond", half_a_millisecond_ns };

/*
 * Prices of a page's release that are paid when a loop beside the one that frees only looks,
 * at `times` the price; `first`: it begins half a millisecond earlier.
 */
static int64_t pages_paid(bool exact, bool descending, int times, bool first)
{
	static struct page_acts look_acts;
	static struct page_loop look;
	static struct step look_steps[1];
	static const struct flow look_flow = FLOW("look", "prices without a change", look_steps);
	const struct step spawn[] = { SPAWN(look_flow, "exit_mmap"),
				      PAUSE("a while", half_a_millisecond, "exit_mmap") };
	struct simulation *simulation;
	struct forked_flow *exit_mmap;
	int64_t units;

	forked_strategy(&forked, "kvm", "async-teardown");
	load(&scenario, "%s", KVM("200GiB"));
	exit_mmap = forked_flow(&forked, "exit_mmap");
	look_steps[0] = exit_mmap->steps[forked_step(exit_mmap, STEP_PAGES, 0)];
	look = *look_steps[0].loop;
	look_acts = *look.acts;
	for (int state = PAGE_FIRST; state < PAGE_STATES_MAX; state++) {
		if (look_acts.of[state].becomes)
			look_acts.of[state].becomes = state;
		look_acts.of[state].handled = false;
		for (int i = 1; i < times && look_acts.of[state].prices[0].term; i++)
			look_acts.of[state].prices[i] = look_acts.of[state].prices[0];
	}
	look.name = "look";
	look.descending = descending;
	look.frees = false;
	look.acts = &look_acts;
	look_steps[0].loop = &look;
	forked_replace(exit_mmap, forked_step(exit_mmap, STEP_PAGES, 0), 0, spawn, first ? 2 : 1);
	scenario.simulation.event_count = 1;
	scenario.simulation.guests[0].memory_bytes = 1 << 26;
	scenario.simulation.exact_pages = exact;
	forked_use(&forked, &scenario);
	simulation = simulate(&scenario, 0);
	units = (int64_t)counter_of(simulation, "mm.free_4k");
	simulation_free(simulation);
	scenario_fini(&scenario);
	return units;
}

/* A loop that changes nothing claims nothing, and sees at once what another has changed. */
static void test_looking_at_pages_that_change(void **state)
{
	(void)state;
	scenario_fini(&scenario);
	for (int descending = 0; descending <= 1; descending++)
		for (int times = 1; times <= 4; times++)
			for (int first = 0; first <= 1; first++) {
				int64_t fluid = pages_paid(false, descending, times, first),
					exact = pages_paid(true, descending, times, first);

				/* the same way: at most a window, 1/64, is seen as it was */
				assert_in_range(llabs(fluid - exact), 0,
						descending ? 2 : times * 16384 / 64);
			}
	/* both from their ends, at one speed: half of the pages are looked at */
	assert_int_equal(pages_paid(true, true, 1, false), 16384 + 8192);
}

/*
 * The guest's own touches walk slowly over mapped pages, a memslot's update that begins later
 * unmaps them from the first on and comes by: what lies behind that place is faulted again.
 */
static uint64_t faults_behind_an_update(bool exact)
{
	struct simulation *simulation;
	uint64_t faults;

	load(&scenario,
	     "{\"host\": {\"cores\": 3, \"features\": [\"fwb\"]}, \"guests\": [{\"name\": \"g\", "
	     "\"model\": \"arm64\", \"strategy\": \"unlocked\", \"vcpus\": 8, \"memory\": "
	     "\"64MiB\", \"resident\": 0.3, \"boot_touch_ratio\": 0.336}], \"events\": "
	     "[{\"at\": \"1s\", \"do\": \"reboot\", \"guests\": \"g\"}, "
	     "{\"at\": \"1s\", \"do\": \"update\", \"guests\": \"g\"}], "
	     "\"experiment\": {\"until\": \"1min\", \"spread\": false, \"exact_pages\": %s}}",
	     exact ? "true" : "false");
	simulation = simulate(&scenario, 0);
	faults = counter_of(simulation, "stage2.fault_4k");
	simulation_free(simulation);
	scenario_fini(&scenario);
	return faults;
}

static void test_touches_overtaken_by_an_update(void **state)
{
	uint64_t faults;

	(void)state;
	scenario_fini(&scenario);
	faults = faults_behind_an_update(true);
	assert_in_range(faults, 1000, 4914); /* of 4915 mapped pages: it came by on the way */
	assert_int_equal(faults_behind_an_update(false), faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing_planted, begin),
		cmocka_unit_test_setup(test_a_page_too_early, begin),
		cmocka_unit_test_setup(test_memory_freed_twice, begin),
		cmocka_unit_test_setup(test_memory_forgotten, begin),
		cmocka_unit_test_setup(test_pages_filled_over_lingering_ones, begin),
		cmocka_unit_test_setup(test_pages_filled_under_a_loop, begin),
		cmocka_unit_test_setup(test_lock_left_locked, begin),
		cmocka_unit_test_setup(test_dead_pages_forgotten, begin),
		cmocka_unit_test_setup(test_lower_in_background, begin),
		cmocka_unit_test_setup(test_two_perform_threads, begin),
		cmocka_unit_test_setup(test_looking_at_pages_that_change, begin),
		cmocka_unit_test_setup(test_touches_overtaken_by_an_update, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
