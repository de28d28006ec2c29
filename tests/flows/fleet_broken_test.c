/*
 * What must add up of a fleet at the end of a replication is checked, too: of a run that is over one
 * number is changed at a time, and the error says which does not.
 */

#include "fleet/fleet_parts.h"

#include "fleet_run.h"

/* Two VMs fill host 0, the third runs on host 1; the fourth has ended. */
static struct simulation *simulation;

static struct fleet *fleet(void)
{
	return simulation->population;
}

static int begin(void **state)
{
	(void)state;
	simulation = run("0,1,4,\n1,1,4,\n2,1,4,\n3,1,1,9\n", ONE_HOST, "\"hosts\": 2");
	return 0;
}

static int end(void **state)
{
	(void)state;
	done(simulation);
	return 0;
}

static void broken(const char *words)
{
	struct error *error = &simulation->engine.error;

	fleet_adds_up(fleet());
	assert_int_equal(error->kind, ERROR_INTERNAL);
	if (!strstr(error->message, words))
		fail_msg("\"%s\" was expected: %s", words, error->message);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_accounted(simulation);
	fleet_adds_up(fleet());
	assert_int_equal(simulation->engine.error.kind, ERROR_NONE);
}

static void test_arrived(void **state)
{
	(void)state;
	++*fleet_count(fleet(), COUNTER_VMS_REJECTED);
	broken("the fleet accounts for 5 VMs of 4 that arrived, and for 4 of 4 that started");
}

static void test_started(void **state)
{
	(void)state;
	--*fleet_count(fleet(), COUNTER_VMS_TORN_DOWN);
	broken("the fleet accounts for 4 VMs of 4 that arrived, and for 3 of 4 that started");
}

/* The host's message, of bytes that are counted and bytes that its VMs have. */
static void broken_host(size_t host, int64_t needed, int64_t beyond, int64_t need, int64_t hold)
{
	char words[256];

	snprintf(words, sizeof(words),
		 "host %zu: %lld bytes are counted as needed and %lld as held beyond that, but its "
		 "VMs need %lld and hold %lld",
		 host, (long long)needed, (long long)beyond, (long long)need, (long long)hold);
	broken(words);
}

static void test_needed(void **state)
{
	int64_t *needed = &fleet()->hosts[1].committed_bytes, before = *needed;

	(void)state;
	assert_true(before >= INT64_C(4) << 30);
	*needed += 4096;
	broken_host(1, before + 4096, 0, before, 0);
}

/* Less than its VMs hold beyond their need. */
static void test_beyond(void **state)
{
	const struct fleet_host *host = &fleet()->hosts[0];

	(void)state;
	fleet()->hosts[0].lingering_bytes--;
	broken_host(0, host->committed_bytes, -1, host->committed_bytes, 0);
}

/* A VM that is on its way needs room where it goes as well. */
static void test_moving(void **state)
{
	int64_t before = fleet()->hosts[1].committed_bytes;
	struct slot *slot = fleet()->vms[0].slot;

	(void)state;
	slot->moving = true;
	slot->target = 1;
	broken_host(1, before, 0, before + fleet()->need_bytes[slot->vm->request->flavour], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing, begin, end),
		cmocka_unit_test_setup_teardown(test_arrived, begin, end),
		cmocka_unit_test_setup_teardown(test_started, begin, end),
		cmocka_unit_test_setup_teardown(test_needed, begin, end),
		cmocka_unit_test_setup_teardown(test_beyond, begin, end),
		cmocka_unit_test_setup_teardown(test_moving, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
