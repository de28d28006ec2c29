/* Who waits for whom when a replication ends. */

#include "one_run.h"

enum { MOST = 8 };
static char texts[MOST][BLOCKED_TEXT];

static size_t blocked(const char *until)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"1TiB\"}, \"guests\": [{\"name\": \"g\", "
	     "\"model\": "
	     "\"s390-pv\", \"strategy\": \"async\", \"memory\": \"64GiB\", \"perform_delay\": "
	     "\"600ms\"}], \"events\": [{\"at\": \"1s\", \"do\": \"reboot\", \"guests\": \"g\"}], "
	     "\"experiment\": {\"until\": \"%s\", \"spread\": false}}",
	     until);
	simulation = simulate(&scenario, 0);
	return simulation_blocked(simulation, texts, MOST);
}

/* PERFORM begins while the image is unpacked, under kvm->lock. */
static void test_lock(void **state)
{
	(void)state;
	assert_int_equal(blocked("3500ms"), 1);
	assert_string_equal(texts[0], "guest g: flow KVM_PV_ASYNC_CLEANUP_PERFORM waits for "
				      "kvm->lock, which flow reboot_async of guest g holds");
}

/* Somebody works, nobody waits; and a list that is full takes no more. */
static void test_nobody(void **state)
{
	(void)state;
	assert_int_equal(blocked("2s"), 0);
}

static void test_no_room(void **state)
{
	(void)state;
	assert_int_equal(blocked("3500ms"), 1);
	assert_int_equal(simulation_blocked(simulation, texts, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(test_lock, tidy),
					    cmocka_unit_test_teardown(test_nobody, tidy),
					    cmocka_unit_test_teardown(test_no_room, tidy) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
