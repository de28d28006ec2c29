#ifndef TESTS_THEORY_QUEUE_H
#define TESTS_THEORY_QUEUE_H

/*
 * Open queues on the engine's public interface: customers arrive one by one and
 * ask c FIFO servers, or c shared cores, for their service. The variates are
 * drawn in advance, so that a recursion can be run on the same ones.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/cpu.h"
#include "engine/engine.h"
#include "engine/server.h"
#include "engine/variate.h"

/* A law of service times with mean 1 s. */
enum service { SERVICE_D, SERVICE_ERLANG4, SERVICE_M, SERVICE_H2 };

static inline double draw_service(enum service service, struct stream *stream)
{
	/* H2 with squared coefficient of variation 4 and balanced means. */
	static const double p = 0.887298334620742;
	double sum = 0;

	switch (service) {
	case SERVICE_D:
		return 1;
	case SERVICE_ERLANG4:
		for (int i = 0; i < 4; i++)
			sum += stream_exponential(stream, 0.25);
		return sum;
	case SERVICE_M:
		return stream_exponential(stream, 1);
	case SERVICE_H2:
		if (stream_uniform(stream) < p)
			return stream_exponential(stream, 1 / (2 * p));
		return stream_exponential(stream, 1 / (2 * (1 - p)));
	}
	return 0;
}

struct customer {
	int64_t arrival_ns, service_ns; /* given */
	int64_t wait_ns, sojourn_ns;    /* found */
	struct server_request request;
	struct cpu_job job;
	struct queue *queue;
};

struct queue {
	struct engine engine;
	struct server server;
	struct cpu cpu;
	bool shared; /* cores instead of servers */
	struct event arrivals;
	struct customer *customers;
	size_t count, next;
};

static inline void served(struct server *server, struct server_request *request)
{
	struct customer *customer =
		(struct customer *)((char *)request - offsetof(struct customer, request));

	(void)server;
	customer->wait_ns = request->begun_ns - customer->arrival_ns;
	customer->sojourn_ns = customer->queue->engine.now_ns - customer->arrival_ns;
}

static inline void computed(struct cpu *cpu, struct cpu_job *job)
{
	struct customer *customer =
		(struct customer *)((char *)job - offsetof(struct customer, job));

	(void)cpu;
	customer->sojourn_ns = customer->queue->engine.now_ns - customer->arrival_ns;
}

static inline void next_arrival(struct engine *engine, struct event *event)
{
	struct queue *queue = (struct queue *)((char *)event - offsetof(struct queue, arrivals));
	struct customer *customer = &queue->customers[queue->next++];

	if (queue->shared)
		cpu_start(&queue->cpu, &customer->job, customer->service_ns);
	else
		server_submit(&queue->server, &customer->request, customer->service_ns);
	if (queue->next < queue->count)
		event_schedule(engine, event, queue->customers[queue->next].arrival_ns);
}

/* `count` customers, Poisson arrivals of `rate` per second, service times of mean 1 / `speed`. */
static inline void queue_run(struct queue *queue, size_t count, double rate, double speed,
			     enum service service, uint32_t servers, bool shared, uint64_t seed)
{
	struct stream_name gaps = { .seed = seed, .purpose = 1 },
			   works = { .seed = seed, .purpose = 2 };
	struct stream gap = { 0 }, work = { 0 };
	struct error error = { 0 };
	int64_t at_ns = 0;

	*queue = (struct queue){ .shared = shared, .count = count };
	queue->customers = calloc(count, sizeof(*queue->customers));
	assert_non_null(queue->customers);
	assert_true(stream_begin(&gap, &gaps) && stream_begin(&work, &works));
	assert_true(engine_init(&queue->engine, &error));
	server_init(&queue->server, &queue->engine, servers);
	assert_true(cpu_init(&queue->cpu, &queue->engine, servers, &error));
	assert_true(event_init(&queue->engine, &queue->arrivals, next_arrival, &error));
	for (size_t i = 0; i < count; i++) {
		struct customer *customer = &queue->customers[i];

		at_ns += llround(stream_exponential(&gap, 1e9 / rate));
		customer->arrival_ns = at_ns;
		customer->service_ns = llround(draw_service(service, &work) * 1e9 / speed);
		customer->queue = queue;
		if (shared)
			assert_true(cpu_job_init(&queue->cpu, &customer->job, computed, &error));
		else
			assert_true(server_request_init(&queue->server, &customer->request, served,
							&error));
	}
	event_schedule(&queue->engine, &queue->arrivals, queue->customers[0].arrival_ns);
	assert_true(engine_run(&queue->engine, INT64_MAX));
	server_settle(&queue->server);
	cpu_settle(&queue->cpu);
}

static inline void queue_free(struct queue *queue)
{
	free(queue->customers);
	cpu_fini(&queue->cpu);
	engine_fini(&queue->engine);
}

static inline double mean_wait(const struct queue *queue, int power)
{
	double sum = 0;

	for (size_t i = 0; i < queue->count; i++)
		sum += pow((double)queue->customers[i].wait_ns / 1e9, power);
	return sum / (double)queue->count;
}

static inline double mean_sojourn(const struct queue *queue)
{
	double sum = 0;

	for (size_t i = 0; i < queue->count; i++)
		sum += (double)queue->customers[i].sojourn_ns / 1e9;
	return sum / (double)queue->count;
}

static inline bool near(double seen, double truth, double tolerance)
{
	if (fabs(seen - truth) <= tolerance)
		return true;
	print_message("seen %.6g, truth %.6g, tolerance %.3g\n", seen, truth, tolerance);
	return false;
}

#endif
