#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "calibrate/table.h"
#include "calibrate/works.h"

static volatile bool stop;

/* One CPU is enough: what several processes do is the same there. */
static const struct place *place(void)
{
	static struct place here;
	struct error error = { 0 };

	if (!here.cpu_count && !place_look(&here, &stop, (uint64_t)64 << 20, &error))
		fail_msg("%s", error.message);
	return &here;
}

static void assert_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* Each measurement that this host allows, as small as it gets. */
static void every_measurement_can_be_made(void **state)
{
	size_t made = 0;

	(void)state;
	for (size_t m = 0; m < MEASUREMENTS; m++) {
		const struct measurement *measurement = &measurements[m];
		struct trial trial = measurement->trial;
		struct taken taken;
		struct error error = { 0 };
		const char *why;

		if (place_lacks(place(), measurement->needs, &why)) {
			print_message("%s left out: %s\n", measurement->name, why);
			continue;
		}
		trial.size = measurement->unit_size > 1 && measurement->unit_size <= 2 << 20
				     ? 4 * measurement->unit_size
				     : 1;
		if (measurement->unit_size > 2 << 20)
			trial.size = (uint64_t)16 << 20;
		if (!trial_run(&trial, place(), &taken, &error))
			print_message("%s: %s\n", measurement->name, error.message);
		else
			made += taken.wall_ns > 0 && taken.cpu_ns >= 0;
		assert_no_child();
	}
	assert_true(made >= 5);
}

static bool fails(struct job *job)
{
	errno = ENOMEM;
	return job_fails(job, "mmap");
}

static bool dies(struct job *job)
{
	(void)job;
	return raise(SIGKILL) == 0;
}

static bool sleeps(struct job *job)
{
	(void)job;
	sleep(100);
	return true;
}

static void assert_fails(bool (*prepare)(struct job *job), bool (*act)(struct job *job),
			 const char *message)
{
	const struct work work = { prepare, act, false };
	const struct trial trial = { .work = &work, .size = 1, .processes = 2 };
	struct error error = { 0 };
	struct taken taken;

	assert_false(trial_run(&trial, place(), &taken, &error));
	assert_int_equal(error.kind, ERROR_INPUT);
	if (!strstr(error.message, message))
		fail_msg("%s", error.message);
	assert_no_child();
}

static void a_work_that_fails_says_why(void **state)
{
	(void)state;
	assert_fails(fails, sleeps, "mmap: Cannot allocate memory");
	assert_fails(NULL, fails, "mmap: Cannot allocate memory");
	assert_fails(dies, sleeps, "signal 9");
	assert_fails(NULL, dies, "signal 9");
}

static void interrupt(int number)
{
	(void)number;
	stop = true;
}

static void an_interrupt_ends_all_of_it(void **state)
{
	const struct work work = { NULL, sleeps, false };
	const struct trial trial = {
		.work = &work, .size = 1, .processes = 2, .neighbour = NEIGHBOUR_SPINS
	};
	const struct sigaction action = { .sa_handler = interrupt };
	struct error error = { 0 };
	struct taken taken;

	(void)state;
	place();
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	alarm(1);
	assert_false(trial_run(&trial, place(), &taken, &error));
	stop = false;
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	assert_no_child();
}

static void a_helper_is_gone_with_the_trial(void **state)
{
	const struct trial trial = { .work = &work_end_helper, .size = (uint64_t)1 << 20 };
	struct error error = { 0 };
	struct taken taken;

	(void)state;
	if (!trial_run(&trial, place(), &taken, &error))
		fail_msg("%s", error.message);
	assert_no_child();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_measurement_can_be_made),
		cmocka_unit_test(a_work_that_fails_says_why),
		cmocka_unit_test(an_interrupt_ends_all_of_it),
		cmocka_unit_test(a_helper_is_gone_with_the_trial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
