/*
 * Classical queues against their formulas (L. Kleinrock, "Queueing Systems",
 * volume 1, 1975). Seeds are fixed; tolerances are five standard errors, from
 * independent replications of the same length or from known asymptotic variances.
 */

#include "queue.h"

enum { REPLICATIONS = 20, CUSTOMERS = 100000 };

/* What one run gives, averaged over replications, with its standard error. */
struct estimate {
	double mean, error;
};

static struct estimate estimate_of(const double values[REPLICATIONS])
{
	double sum = 0, squares = 0;

	for (int r = 0; r < REPLICATIONS; r++)
		sum += values[r];
	for (int r = 0; r < REPLICATIONS; r++)
		squares += (values[r] - sum / REPLICATIONS) * (values[r] - sum / REPLICATIONS);
	return (struct estimate){ sum / REPLICATIONS,
				  sqrt(squares / (REPLICATIONS - 1) / REPLICATIONS) };
}

static bool agrees(const double values[REPLICATIONS], double truth)
{
	struct estimate estimate = estimate_of(values);

	/* an absurdly wide error would let anything pass */
	return estimate.error < 0.03 * truth && near(estimate.mean, truth, 5 * estimate.error);
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static double sojourn_quantile(const struct queue *queue, double p)
{
	int64_t *sorted = calloc(queue->count, sizeof(*sorted));
	double value;

	assert_non_null(sorted);
	for (size_t i = 0; i < queue->count; i++)
		sorted[i] = queue->customers[i].sojourn_ns;
	qsort(sorted, queue->count, sizeof(*sorted), compare);
	value = (double)sorted[(size_t)(p * (double)queue->count)] / 1e9;
	free(sorted);
	return value;
}

/* M/M/1, rho 0.8: W 5, Wq 4, T exponential, so p99 of T is 5 ln 100 = 23.02585. */
static void test_mm1(void **state)
{
	double waits[REPLICATIONS], sojourns[REPLICATIONS], tails[REPLICATIONS];

	(void)state;
	for (int r = 0; r < REPLICATIONS; r++) {
		struct queue queue;

		queue_run(&queue, CUSTOMERS, 0.8, 1, SERVICE_M, 1, false, 100 + (uint64_t)r);
		waits[r] = mean_wait(&queue, 1);
		sojourns[r] = mean_sojourn(&queue);
		tails[r] = sojourn_quantile(&queue, 0.99);
		queue_free(&queue);
	}
	assert_true(agrees(waits, 4));
	assert_true(agrees(sojourns, 5));
	assert_true(agrees(tails, 5 * log(100)));
	/* the known asymptotic variance of the delay at 0.8 is 1976 (mu = 1) */
	assert_true(estimate_of(waits).error < 1.6 * sqrt(1976.0 / CUSTOMERS / REPLICATIONS));
}

/* Pollaczek and Khinchine: Wq = lambda E[S^2] / (2 (1 - rho)); second moment for D and M. */
static void test_mg1(void **state)
{
	static const double truths[] = {
		[SERVICE_D] = 2, [SERVICE_ERLANG4] = 2.5, [SERVICE_M] = 4, [SERVICE_H2] = 10
	};
	/* E[Wq^2] = 2 Wq^2 + lambda E[S^3] / (3 (1 - rho)) */
	static const double second_d = 2 * 4 + 0.8 / 0.6, second_m = 2 * 16 + 0.8 * 6 / 0.6;

	(void)state;
	for (int service = SERVICE_D; service <= SERVICE_H2; service++) {
		double waits[REPLICATIONS], squares[REPLICATIONS];

		for (int r = 0; r < REPLICATIONS; r++) {
			struct queue queue;

			queue_run(&queue, 2 * CUSTOMERS, 0.8, 1, (enum service)service, 1, false,
				  200 + (uint64_t)r);
			waits[r] = mean_wait(&queue, 1);
			squares[r] = mean_wait(&queue, 2);
			queue_free(&queue);
		}
		assert_true(agrees(waits, truths[service]));
		if (service == SERVICE_D)
			assert_true(agrees(squares, second_d));
		if (service == SERVICE_M)
			assert_true(near(estimate_of(squares).mean, second_m,
					 5 * estimate_of(squares).error));
	}
}

/* Erlang C: Wq = C / (c mu - lambda). */
static void test_mmc(void **state)
{
	static const struct {
		uint32_t servers;
		double load, delayed;
	} cases[] = { { 2, 1.6, 0.7111111111 },
		      { 4, 3.6, 0.7877532643 },
		      { 8, 7.2, 0.7015329901 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double waits[REPLICATIONS], delayed[REPLICATIONS], present[REPLICATIONS];
		double truth = cases[i].delayed / (cases[i].servers - cases[i].load);

		for (int r = 0; r < REPLICATIONS; r++) {
			struct queue queue;
			size_t waiting = 0;

			queue_run(&queue, CUSTOMERS, cases[i].load, 1, SERVICE_M, cases[i].servers,
				  false, 300 + (uint64_t)r);
			for (size_t k = 0; k < queue.count; k++)
				waiting += queue.customers[k].wait_ns > 0;
			delayed[r] = (double)waiting / (double)queue.count;
			waits[r] = mean_wait(&queue, 1);
			queue_free(&queue);
			/* shared cores: the same number present, so the same mean time in system */
			queue_run(&queue, CUSTOMERS, cases[i].load, 1, SERVICE_M, cases[i].servers,
				  true, 300 + (uint64_t)r);
			present[r] = mean_sojourn(&queue);
			queue_free(&queue);
		}
		assert_true(agrees(delayed, cases[i].delayed));
		assert_true(agrees(waits, truth));
		assert_true(agrees(present, truth + 1));
	}
}

/* M/G/1 with processor sharing: E[T] = E[S] / (1 - rho), whatever the law of service. */
static void test_insensitivity(void **state)
{
	(void)state;
	for (int service = SERVICE_D; service <= SERVICE_H2; service++) {
		double sojourns[REPLICATIONS];

		for (int r = 0; r < REPLICATIONS; r++) {
			struct queue queue;

			queue_run(&queue, CUSTOMERS, 0.8, 1, (enum service)service, 1, true,
				  400 + (uint64_t)r);
			sojourns[r] = mean_sojourn(&queue);
			queue_free(&queue);
		}
		assert_true(agrees(sojourns, 5));
	}
}

/* A model that is wrong by 2 % must be found out: the same test with a faster server fails. */
static void test_power(void **state)
{
	double waits[REPLICATIONS];
	struct estimate estimate;

	(void)state;
	for (int r = 0; r < REPLICATIONS; r++) {
		struct queue queue;

		queue_run(&queue, 4 * CUSTOMERS, 0.8, 1.02, SERVICE_D, 1, false, 500 + (uint64_t)r);
		waits[r] = mean_wait(&queue, 1);
		queue_free(&queue);
	}
	estimate = estimate_of(waits);
	assert_true(fabs(estimate.mean - 2) > 5 * estimate.error);
}

/* --- machine repairman: N guests think, then ask c servers ------------------- */

struct repairman;

struct machine {
	struct event thinking;
	struct server_request request;
	struct repairman *repairman;
	int64_t asked_ns;
};

struct repairman {
	struct engine engine;
	struct server server;
	struct stream stream;
	struct machine machines[64];
	double think_s, response_s;
	int64_t served;
};

static void thinks_on(struct machine *machine)
{
	struct repairman *repairman = machine->repairman;

	event_schedule_in(
		&repairman->engine, &machine->thinking,
		llround(stream_exponential(&repairman->stream, repairman->think_s * 1e9)));
}

static void asks(struct engine *engine, struct event *event)
{
	struct machine *machine =
		(struct machine *)((char *)event - offsetof(struct machine, thinking));

	machine->asked_ns = engine->now_ns;
	server_submit(&machine->repairman->server, &machine->request,
		      llround(stream_exponential(&machine->repairman->stream, 1e9)));
}

static void repaired(struct server *server, struct server_request *request)
{
	struct machine *machine =
		(struct machine *)((char *)request - offsetof(struct machine, request));

	machine->repairman->response_s +=
		(double)(server->engine->now_ns - machine->asked_ns) / 1e9;
	machine->repairman->served++;
	thinks_on(machine);
}

static double response_of(int machines, uint32_t servers, double think_s, uint64_t seed)
{
	static struct repairman repairman;
	struct stream_name name = { .seed = seed };
	struct error error = { 0 };

	repairman = (struct repairman){ .think_s = think_s };
	assert_true(stream_begin(&repairman.stream, &name));
	assert_true(engine_init(&repairman.engine, &error));
	server_init(&repairman.server, &repairman.engine, servers);
	for (int i = 0; i < machines; i++) {
		struct machine *machine = &repairman.machines[i];

		machine->repairman = &repairman;
		assert_true(event_init(&repairman.engine, &machine->thinking, asks, &error));
		assert_true(server_request_init(&repairman.server, &machine->request, repaired,
						&error));
		thinks_on(machine);
	}
	assert_true(engine_run(&repairman.engine, 40000 * INT64_C(1000000000)));
	engine_fini(&repairman.engine);
	return repairman.response_s / (double)repairman.served;
}

static void test_machine_repairman(void **state)
{
	double small[REPLICATIONS], large[REPLICATIONS];

	(void)state;
	for (int r = 0; r < REPLICATIONS; r++) {
		small[r] = response_of(20, 2, 10, 600 + (uint64_t)r);
		large[r] = response_of(64, 4, 10, 700 + (uint64_t)r);
	}
	assert_true(agrees(small, 2.0861215278));
	assert_true(agrees(large, 6.0044974972));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mm1),   cmocka_unit_test(test_mg1),
		cmocka_unit_test(test_mmc),   cmocka_unit_test(test_insensitivity),
		cmocka_unit_test(test_power), cmocka_unit_test(test_machine_repairman),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
