/*
 * What must hold at the end of a replication is checked: of a run that is over one number is changed
 * at a time, and the error says which does not add up.
 */

#include "flow/conservation.h"
#include "flow/instance.h"
#include "flow/nodes.h"

#include "one_run.h"

static int begin(void **state)
{
	(void)state;
	load(&scenario, "%s",
	     "{\"host\": {\"cores\": 8, \"memory\": \"64GiB\", \"metadata\": true}, \"guests\": "
	     "[{\"name\": "
	     "\"g\", \"model\": \"s390-pv\", \"strategy\": \"async\", \"memory\": \"8GiB\"}], "
	     "\"events\": "
	     "[{\"at\": \"1s\", \"do\": \"reboot\", \"guests\": \"g\"}], \"experiment\": "
	     "{\"until\": "
	     "\"1h\", \"spread\": false}}");
	simulation = simulate(&scenario, 0);
	return 0;
}

static struct instance *guest(void)
{
	return simulation_instance(simulation, 0);
}

static void broken(const char *words)
{
	assert_false(conservation_holds(simulation));
	assert_int_equal(simulation->engine.error.kind, ERROR_INTERNAL);
	if (!strstr(simulation->engine.error.message, words))
		fail_msg("\"%s\" was expected: %s", words, simulation->engine.error.message);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_true(conservation_holds(simulation));
}

static void test_negative_account(void **state)
{
	(void)state;
	guest()->held_bytes[ACCOUNT_LOST] = -1;
	broken("bytes held in one account");
}

static void test_pages(void **state)
{
	(void)state;
	guest()->held_bytes[ACCOUNT_PAGES] += 4096;
	broken("bytes held for pages, against those present");
}

static void test_metadata(void **state)
{
	(void)state;
	guest()->held_bytes[ACCOUNT_METADATA]++;
	guest()->charged_bytes++;
	broken("page tables with pgstes");
}

static void test_charged(void **state)
{
	(void)state;
	guest()->charged_bytes++;
	broken("bytes charged to the control group");
}

static void test_leaked(void **state)
{
	(void)state;
	guest()->guest.leaked_bytes = INT64_C(1) << 40;
	broken("bytes held, against those lost or of the dead");
}

static void test_dead_pages(void **state)
{
	(void)state;
	guest()->dead_pages++;
	broken("pages of dead generations handled or lingering");
}

static void test_requests(void **state)
{
	(void)state;
	guest()->open_requests++;
	broken("requests under way, against those without end");
}

static void test_counts(void **state)
{
	(void)state;
	simulation->groups[0].counts[COUNTER_REQUESTED]++;
	broken("2 requests were made, but 1 are accounted for");
}

static void test_lock_of_guest(void **state)
{
	(void)state;
	guest()->locks[0].readers++;
	broken(guest()->group->config->model->locks[0]->name);
}

static void test_lock_of_host(void **state)
{
	(void)state;
	guest()->resources->locks[0].readers++;
	broken("is held 1 times, but by 0 threads");
}

static void test_host(void **state)
{
	(void)state;
	guest()->host->in_use_bytes++;
	broken("bytes of memory are in use, but guests hold");
}

static void test_taken_twice(void **state)
{
	struct pool *pool = &guest()->node->pools[PAGE_4K];

	(void)state;
	pool->used_bytes = pool->capacity_bytes;
	nodes_take(guest(), PAGE_4K, 4096);
	assert_int_equal(simulation->engine.error.kind, ERROR_INTERNAL);
	assert_non_null(strstr(simulation->engine.error.message, "takes memory that is not there"));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, tidy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_nothing),       EACH(test_negative_account), EACH(test_pages),
		EACH(test_metadata),      EACH(test_charged),          EACH(test_leaked),
		EACH(test_dead_pages),    EACH(test_requests),         EACH(test_counts),
		EACH(test_lock_of_guest), EACH(test_lock_of_host),     EACH(test_host),
		EACH(test_taken_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
