/* Truths without statistics: recursions on the same draws, and closed schedules, bit for bit. */

#include "queue.h"

/* W(n+1) = max(0, W(n) + S(n) - A(n)): D. V. Lindley, 1952. */
static void test_lindley(void **state)
{
	(void)state;
	for (int service = SERVICE_D; service <= SERVICE_H2; service++) {
		struct queue queue;
		int64_t wait_ns = 0;

		queue_run(&queue, 100000, 0.9, 1, (enum service)service, 1, false, 7);
		for (size_t i = 0; i < queue.count; i++) {
			if (i) {
				wait_ns += queue.customers[i - 1].service_ns -
					   (queue.customers[i].arrival_ns -
					    queue.customers[i - 1].arrival_ns);
				wait_ns = wait_ns > 0 ? wait_ns : 0;
			}
			assert_int_equal(queue.customers[i].wait_ns, wait_ns);
		}
		queue_free(&queue);
	}
}

/* The sorted workload vector of J. Kiefer and J. Wolfowitz, 1955. */
static void test_kiefer_wolfowitz(void **state)
{
	enum { SERVERS = 4 };
	struct queue queue;
	int64_t load_ns[SERVERS] = { 0 };

	(void)state;
	queue_run(&queue, 100000, 3.6, 1, SERVICE_H2, SERVERS, false, 8);
	for (size_t i = 0; i < queue.count; i++) {
		int64_t gap_ns =
			i ? queue.customers[i].arrival_ns - queue.customers[i - 1].arrival_ns : 0;

		for (int s = 0; s < SERVERS; s++)
			load_ns[s] = load_ns[s] > gap_ns ? load_ns[s] - gap_ns : 0;
		assert_int_equal(queue.customers[i].wait_ns, load_ns[0]);
		load_ns[0] += queue.customers[i].service_ns;
		for (int s = 0; s + 1 < SERVERS && load_ns[s] > load_ns[s + 1]; s++) {
			int64_t swap = load_ns[s];

			load_ns[s] = load_ns[s + 1];
			load_ns[s + 1] = swap;
		}
	}
	queue_free(&queue);
}

/* Empty to empty, the integral of the number present is the sum of the sojourns. */
static void test_little(void **state)
{
	(void)state;
	for (int shared = 0; shared < 2; shared++) {
		struct queue queue;
		unsigned __int128 sum = 0, integral;

		queue_run(&queue, 50000, 1.7, 1, SERVICE_M, 2, shared, 9);
		for (size_t i = 0; i < queue.count; i++)
			sum += (uint64_t)queue.customers[i].sojourn_ns;
		integral = shared ? queue.cpu.runnable_ns : queue.server.statistics.present_ns;
		assert_true(sum == integral);
		queue_free(&queue);
	}
}

/* N jobs at once on c cores: the k-th ends at sum (N - j + 1)(x(j) - x(j-1)) for c = 1. */
static void test_processor_sharing_schedule(void **state)
{
	enum { JOBS = 10 };
	struct error error = { 0 };
	struct engine engine;
	struct cpu cpu;
	struct queue queue = { .shared = true };
	struct customer customers[JOBS] = { 0 };
	int64_t end_ns = 0;

	(void)state;
	assert_true(engine_init(&engine, &error));
	assert_true(cpu_init(&cpu, &engine, 1, &error));
	for (int i = 0; i < JOBS; i++) {
		customers[i].queue = &queue;
		assert_true(cpu_job_init(&cpu, &customers[i].job, computed, &error));
	}
	for (int i = 0; i < JOBS; i++) /* works 1, 2, ... 10 us, started in another order */
		cpu_start(&cpu, &customers[(i * 7) % JOBS].job, 1000 * (1 + (i * 7) % JOBS));
	queue.engine = engine;
	assert_true(engine_run(&engine, 0));
	for (int k = 0; k < JOBS; k++) {
		end_ns += (JOBS - k) * 1000;
		assert_true(engine_run(&engine, end_ns - 1));
		assert_true(customers[k].job.active);
		assert_true(engine_run(&engine, end_ns));
		assert_false(customers[k].job.active);
	}
	cpu_fini(&cpu);
	engine_fini(&engine);
}

/* With no more jobs than cores each takes its work, to the nanosecond; work is conserved. */
static void test_cores_are_not_shared_without_need(void **state)
{
	struct queue queue;
	unsigned __int128 work = 0, busy_ns;

	(void)state;
	queue_run(&queue, 20000, 3.9, 1, SERVICE_ERLANG4, 4, true, 10);
	for (size_t i = 0; i < queue.count; i++) {
		work += (uint64_t)queue.customers[i].service_ns;
		assert_true(queue.customers[i].sojourn_ns >= queue.customers[i].service_ns);
	}
	/* completions are rounded up to whole ns: at most one ns of core time per job */
	busy_ns = queue.cpu.busy_core >> CPU_FRACTION_BITS;
	assert_true(busy_ns >= work);
	assert_true(busy_ns <= work + 4 * queue.count);
	queue_free(&queue);
	queue_run(&queue, 200, 0.001, 1, SERVICE_M, 4, true, 11);
	for (size_t i = 0; i < queue.count; i++)
		assert_int_equal(queue.customers[i].sojourn_ns, queue.customers[i].service_ns);
	queue_free(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lindley),
		cmocka_unit_test(test_kiefer_wolfowitz),
		cmocka_unit_test(test_little),
		cmocka_unit_test(test_processor_sharing_schedule),
		cmocka_unit_test(test_cores_are_not_shared_without_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
