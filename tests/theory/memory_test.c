/*
 * Memory that dead guests hold, loss, waves and makespans: the laws that plans are
 * held to. Guests die at random and their memory is destroyed by a thread of their
 * own, or by all of them together on shared cores.
 */

#include "queue.h"

#include "engine/pool.h"

enum { REPLICATIONS = 20 };

static bool agrees(const double values[REPLICATIONS], double truth)
{
	double sum = 0, squares = 0, error;

	for (int r = 0; r < REPLICATIONS; r++)
		sum += values[r];
	for (int r = 0; r < REPLICATIONS; r++)
		squares += (values[r] - sum / REPLICATIONS) * (values[r] - sum / REPLICATIONS);
	error = sqrt(squares / (REPLICATIONS - 1) / REPLICATIONS);
	return error < 0.03 * truth && near(sum / REPLICATIONS, truth, 5 * error);
}

/* The integral of what is left of each job's work, over time: work of mean 1 at rate 1. */
static double mean_backlog(const struct queue *queue, double *mean_square, double *beyond,
			   double level)
{
	/* Work left is piecewise linear; sample it at arrivals (Poisson arrivals see time averages). */
	size_t above = 0, from = 0, first = queue->count / 10;
	double sum = 0, squares = 0, seen = (double)(queue->count - first);

	for (size_t i = first; i < queue->count; i++) {
		const struct customer *now = &queue->customers[i];
		double left = 0;

		while (queue->customers[from].arrival_ns + queue->customers[from].sojourn_ns <
			       now->arrival_ns &&
		       from < i)
			from++;
		for (size_t k = from; k < i; k++) {
			const struct customer *job = &queue->customers[k];
			double end =
				(double)(job->arrival_ns + job->sojourn_ns - now->arrival_ns) / 1e9;

			left += end > 0 ? end : 0;
		}
		sum += left;
		squares += left * left;
		above += left > level;
	}
	*mean_square = squares / seen;
	*beyond = (double)above / seen;
	return sum / seen;
}

/* A thread for each dead guest and cores for all: mean lambda E[S^2] / 2, variance lambda E[S^3] / 3. */
static void test_own_threads(void **state)
{
	double means[REPLICATIONS], variances[REPLICATIONS];

	(void)state;
	for (int r = 0; r < REPLICATIONS; r++) {
		struct queue queue;
		double square, beyond;

		queue_run(&queue, 100000, 2, 1, SERVICE_M, 1000, true, 800 + (uint64_t)r);
		means[r] = mean_backlog(&queue, &square, &beyond, 0);
		variances[r] = square - means[r] * means[r];
		queue_free(&queue);
	}
	assert_true(agrees(means, 2 * 2 / 2.0));
	assert_true(agrees(variances, 2 * 6 / 3.0));
}

/* Total rate 1 for all, in order: unfinished work V of M/M/1, E[V] 4 and P(V > x) = .8 e^{-.2x}. */
static void test_shared_rate(void **state)
{
	double means[REPLICATIONS], tails[REPLICATIONS];

	(void)state;
	for (int r = 0; r < REPLICATIONS; r++) {
		struct queue queue;
		double sum = 0;
		size_t above = 0;

		queue_run(&queue, 200000, 0.8, 1, SERVICE_M, 1, false, 900 + (uint64_t)r);
		/* what an arrival finds unfinished is what it waits for */
		for (size_t i = 0; i < queue.count; i++) {
			double left = (double)queue.customers[i].wait_ns / 1e9;

			sum += left;
			above += left > 10;
		}
		means[r] = sum / (double)queue.count;
		tails[r] = (double)above / (double)queue.count;
		queue_free(&queue);
	}
	assert_true(agrees(means, 0.8 * 2 / (2 * 0.2)));
	assert_true(agrees(tails, 0.8 * exp(-2)));
}

/* --- Erlang B: a host that admits c guests loses those that come too many ---- */

struct host;

struct tenant {
	struct event leaving;
	struct host *host;
	struct tenant *next;
};

struct host {
	struct engine engine;
	struct pool memory;
	struct event arrival;
	struct stream stream;
	struct tenant tenants[8];
	struct tenant *free;
	int64_t offered, lost;
	bool fixed; /* length of stay: constant or exponential */
};

static void leaves(struct engine *engine, struct event *event)
{
	struct tenant *tenant = (struct tenant *)((char *)event - offsetof(struct tenant, leaving));

	(void)engine;
	pool_give(&tenant->host->memory, 1);
	tenant->next = tenant->host->free;
	tenant->host->free = tenant;
}

static void comes(struct engine *engine, struct event *event)
{
	struct host *host = (struct host *)((char *)event - offsetof(struct host, arrival));

	host->offered++;
	if (pool_take(&host->memory, 1)) {
		struct tenant *tenant = host->free;
		double stay = host->fixed ? 1 : stream_exponential(&host->stream, 1);

		host->free = tenant->next;
		event_schedule_in(engine, &tenant->leaving, llround(stay * 1e9));
	} else {
		host->lost++;
	}
	event_schedule_in(engine, event, llround(stream_exponential(&host->stream, 1e9 / 4.5)));
}

/* B(5, 4.5) by the recursion B(k) = a B(k-1) / (k + a B(k-1)); insensitive to the law of stay. */
static void test_erlang_b(void **state)
{
	double truth = 1;

	(void)state;
	for (int k = 1; k <= 5; k++)
		truth = 4.5 * truth / (k + 4.5 * truth);
	for (int fixed = 0; fixed < 2; fixed++) {
		double losses[REPLICATIONS];

		for (int r = 0; r < REPLICATIONS; r++) {
			static struct host host;
			struct stream_name name = { .seed = 1000 + (uint64_t)r };
			struct error error = { 0 };

			host = (struct host){ .fixed = fixed };
			assert_true(stream_begin(&host.stream, &name) &&
				    engine_init(&host.engine, &error));
			pool_init(&host.memory, &host.engine, 5);
			assert_true(event_init(&host.engine, &host.arrival, comes, &error));
			for (int i = 0; i < 8; i++) {
				host.tenants[i].host = &host;
				host.tenants[i].next = host.free;
				host.free = &host.tenants[i];
				assert_true(event_init(&host.engine, &host.tenants[i].leaving,
						       leaves, &error));
			}
			event_schedule(&host.engine, &host.arrival, 0);
			assert_true(engine_run(&host.engine, 20000 * INT64_C(1000000000)));
			losses[r] = (double)host.lost / (double)host.offered;
			engine_fini(&host.engine);
		}
		assert_true(agrees(losses, truth));
	}
}

/* --- everybody at once ------------------------------------------------------ */

/* N jobs of D on c FIFO servers: the k-th ends at ceil(k / c) D; N = 100, c = 4: mean 13, last 25. */
static void test_batch_on_servers(void **state)
{
	struct queue queue = { .count = 100 };
	struct error error = { 0 };
	int64_t sum = 0, last = 0;

	(void)state;
	queue.customers = calloc(queue.count, sizeof(*queue.customers));
	assert_non_null(queue.customers);
	assert_true(engine_init(&queue.engine, &error));
	server_init(&queue.server, &queue.engine, 4);
	for (size_t i = 0; i < queue.count; i++) {
		queue.customers[i].queue = &queue;
		assert_true(server_request_init(&queue.server, &queue.customers[i].request, served,
						&error));
		server_submit(&queue.server, &queue.customers[i].request, 1000);
	}
	assert_true(engine_run(&queue.engine, INT64_MAX));
	for (size_t i = 0; i < queue.count; i++) {
		assert_int_equal(queue.customers[i].sojourn_ns, (int64_t)(i / 4 + 1) * 1000);
		sum += queue.customers[i].sojourn_ns;
		last = queue.customers[i].sojourn_ns > last ? queue.customers[i].sojourn_ns : last;
	}
	assert_int_equal(sum, 13 * 1000 * 100);
	assert_int_equal(last, 25 * 1000);
	free(queue.customers);
	engine_fini(&queue.engine);
}

/* Makespan of 100 exponential jobs on 4 servers: 96 / 4 + H_4 = 26.08333; on 100: H_100 = 5.18738. */
static void test_makespan(void **state)
{
	static const struct {
		uint32_t servers;
		double truth;
	} cases[] = { { 4, 26.0833333 }, { 100, 5.1873775 } };

	(void)state;
	for (size_t c = 0; c < 2; c++) {
		double spans[REPLICATIONS];

		for (unsigned int r = 0; r < REPLICATIONS; r++) {
			double sum = 0;

			for (unsigned int k = 0; k < 100; k++) {
				struct queue queue;

				/* arrivals within a nanosecond of each other */
				queue_run(&queue, 100, 1e9, 1, SERVICE_M, cases[c].servers, false,
					  10000 + r * 100 + k);
				sum += (double)queue.engine.now_ns / 1e9;
				queue_free(&queue);
			}
			spans[r] = sum / 100;
		}
		assert_true(agrees(spans, cases[c].truth));
	}
}

/* Guests of S bytes die every g: on one core at rate R the peak is S + (B - 1) max(0, S - g R). */
static void test_wave(void **state)
{
	enum { GUESTS = 10 };
	static const int64_t gaps_us[] = { 0, 300, 900, 1000, 2000 };

	(void)state;
	for (size_t g = 0; g < sizeof(gaps_us) / sizeof(gaps_us[0]); g++) {
		struct queue queue = { .count = GUESTS };
		struct error error = { 0 };
		int64_t peak = 0, work_ns = 1000 * 1000, gap_ns = gaps_us[g] * 1000;

		queue.customers = calloc(GUESTS, sizeof(*queue.customers));
		assert_non_null(queue.customers);
		assert_true(engine_init(&queue.engine, &error));
		assert_true(cpu_init(&queue.cpu, &queue.engine, 1, &error));
		for (int i = 0; i < GUESTS; i++) {
			int64_t left = 0;

			queue.customers[i].queue = &queue;
			assert_true(cpu_job_init(&queue.cpu, &queue.customers[i].job, computed,
						 &error));
			assert_true(engine_run(&queue.engine, i * gap_ns));
			queue.engine.now_ns = i * gap_ns;
			cpu_start(&queue.cpu, &queue.customers[i].job, work_ns);
			for (int k = 0; k <= i; k++)
				if (queue.customers[k].job.active)
					left += work_ns -
						cpu_work_done(&queue.cpu, &queue.customers[k].job);
			peak = left > peak ? left : peak;
		}
		/* shares are rounded to whole ns, one for each guest */
		assert_in_range(peak,
				work_ns + (GUESTS - 1) * (work_ns > gap_ns ? work_ns - gap_ns : 0),
				work_ns + (GUESTS - 1) * (work_ns > gap_ns ? work_ns - gap_ns : 0) +
					GUESTS);
		free(queue.customers);
		cpu_fini(&queue.cpu);
		engine_fini(&queue.engine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_threads), cmocka_unit_test(test_shared_rate),
		cmocka_unit_test(test_erlang_b),    cmocka_unit_test(test_batch_on_servers),
		cmocka_unit_test(test_makespan),    cmocka_unit_test(test_wave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
