/*
 * Two stations in a row: by Burke's theorem the departures of M/M/1 are Poisson,
 * so the time through both is the sum of 1 / (mu - lambda) (J. R. Jackson, 1957).
 */

#include "queue.h"

enum { REPLICATIONS = 20, CUSTOMERS = 100000 };

struct passenger {
	struct event coming;
	struct server_request first, second;
	int64_t arrival_ns, works_ns[2];
	double *through_s;
	struct server *next;
};

static void out_of_first(struct server *server, struct server_request *request)
{
	struct passenger *passenger =
		(struct passenger *)((char *)request - offsetof(struct passenger, first));

	(void)server;
	server_submit(passenger->next, &passenger->second, passenger->works_ns[1]);
}

static void out_of_second(struct server *server, struct server_request *request)
{
	struct passenger *passenger =
		(struct passenger *)((char *)request - offsetof(struct passenger, second));

	*passenger->through_s += (double)(server->engine->now_ns - passenger->arrival_ns) / 1e9;
}

static void comes(struct engine *engine, struct event *event)
{
	struct passenger *passenger =
		(struct passenger *)((char *)event - offsetof(struct passenger, coming));

	(void)engine;
	server_submit(passenger->first.server, &passenger->first, passenger->works_ns[0]);
}

static double time_through(double first_speed, double second_speed, uint64_t seed)
{
	struct passenger *passengers = calloc(CUSTOMERS, sizeof(*passengers));
	struct stream_name name = { .seed = seed };
	struct error error = { 0 };
	struct server first, second;
	struct engine engine;
	struct stream stream;
	int64_t at_ns = 0;
	double sum = 0;

	assert_non_null(passengers);
	assert_true(stream_begin(&stream, &name) && engine_init(&engine, &error));
	server_init(&first, &engine, 1);
	server_init(&second, &engine, 1);
	for (int i = 0; i < CUSTOMERS; i++) {
		struct passenger *passenger = &passengers[i];

		at_ns += llround(stream_exponential(&stream, 1e9 / 0.7));
		passenger->arrival_ns = at_ns;
		passenger->works_ns[0] = llround(stream_exponential(&stream, 1e9 / first_speed));
		passenger->works_ns[1] = llround(stream_exponential(&stream, 1e9 / second_speed));
		passenger->next = &second;
		passenger->through_s = &sum;
		assert_true(event_init(&engine, &passenger->coming, comes, &error));
		assert_true(server_request_init(&first, &passenger->first, out_of_first, &error));
		assert_true(
			server_request_init(&second, &passenger->second, out_of_second, &error));
		event_schedule(&engine, &passenger->coming, at_ns);
	}
	assert_true(engine_run(&engine, INT64_MAX));
	engine_fini(&engine);
	free(passengers);
	return sum / CUSTOMERS;
}

static void test_tandem(void **state)
{
	double sum = 0, squares = 0, mean, error;

	(void)state;
	for (int r = 0; r < REPLICATIONS; r++) {
		double time = time_through(1, 0.9, 1200 + (uint64_t)r);

		sum += time;
		squares += time * time;
	}
	mean = sum / REPLICATIONS;
	error = sqrt((squares / REPLICATIONS - mean * mean) / (REPLICATIONS - 1));
	assert_true(error < 0.03 * mean);
	assert_true(near(mean, 1 / 0.3 + 1 / 0.2, 5 * error));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_tandem) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
