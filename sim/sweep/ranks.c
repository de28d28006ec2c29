/*
 * Ranks of a sweep. Everybody polls with a short sleep: a blocking receive burns a core.
 */

#include "sweep/ranks.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "sweep/transport.h"

enum { TAG_ASK = 1, TAG_ANSWER, TAG_FAILED };

/* Answers beside the number of a point. */
static const uint64_t nothing_left = UINT64_MAX, ask_again = UINT64_MAX - 1;

/* Rank 0 answers at once, but for a slow disk's sake. */
static const double silence_s = 300;

static int own_rank, rank_count = 1, dismissed;
static const struct transport *joined; /* NULL: there are no other ranks */

static void nap(void)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };

	nanosleep(&millisecond, NULL);
}

/* Whether a launcher has started this process, and as one of several. */
static bool is_launched(bool *several)
{
	const char *count = getenv("OMPI_COMM_WORLD_SIZE"), *rank = getenv("PMIX_RANK");

	if (!count)
		count = getenv("PMI_SIZE");
	*several = count ? strcmp(count, "1") != 0 : rank && strcmp(rank, "0") != 0;
	return count || rank;
}

/* It stays loaded: MPI does not end well before the process does. */
static const struct transport *load(char reason[], size_t size)
{
	char path[PATH_MAX + 32];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	const struct transport *transport;
	void *module;
	char *slash;

	path[length > 0 ? length : 0] = '\0';
	slash = strrchr(path, '/');
	snprintf(slash ? slash : path, 32, "/../lib/sim/ranks.so");
	module = dlopen(path,
			RTLD_NOW | RTLD_GLOBAL); /* MPI loads parts that look for its symbols */
	transport = module ? dlsym(module, TRANSPORT_SYMBOL) : NULL;
	if (!transport)
		snprintf(reason, size, "%s", dlerror());
	return transport;
}

bool ranks_begin(int *rank, int *count, struct error *error)
{
	const struct transport *transport;
	char reason[512];
	bool several;

	*rank = 0;
	*count = 1;
	if (!is_launched(&several))
		return true;
	transport = load(reason, sizeof(reason));
	if (!transport && !several)
		return true;
	if (!transport)
		return error_set(
			error, ERROR_INTERNAL,
			"this is one of several ranks, but MPI is not installed, or sim was "
			"built without MPI (%s): install openmpi-bin, or libopenmpi-dev and "
			"build again",
			reason);
	if (!transport->begin(&own_rank, &rank_count))
		return error_set(error, ERROR_INTERNAL, "MPI does not start");
	if (several && rank_count == 1) { /* else each would compute all, into the same file */
		transport->end();
		return error_set(
			error, ERROR_INTERNAL,
			"this is one of several ranks, but MPI finds no others: mpirun is not of "
			"the MPI that sim was built with; use its own, or build again");
	}
	joined = transport;
	*rank = own_rank;
	*count = rank_count;
	return true;
}

void ranks_end(int status)
{
	/* a lost rank would be waited for without end */
	if (joined && own_rank == 0 && dismissed < rank_count - 1) {
		fprintf(stderr, "sim sweep: %d of %d ranks were lost; ending all\n",
			rank_count - 1 - dismissed, rank_count);
		joined->end_all(status);
	} else if (joined) {
		joined->end();
	}
	joined = NULL;
}

/* --- a rank that computes --- */

static void send_payload(uint64_t point, const json_t *payload)
{
	char *text = payload ? json_dumps(payload, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
	size_t length = text ? strlen(text) : 0;
	char *message = malloc(sizeof(point) + length + 1);

	if (!message || (payload && !text)) {
		free(message);
		joined->end_all(1);
		return;
	}
	memcpy(message, &point, sizeof(point));
	if (text)
		memcpy(message + sizeof(point), text, length + 1);
	joined->send(message, sizeof(point) + length, 0, TAG_ASK);
	free(message);
	free(text);
}

static uint64_t await_answer(void)
{
	double asked_s = clock_now_s();
	struct envelope envelope;
	uint64_t answer;

	while (!joined->probe(&envelope)) {
		nap();
		if (clock_now_s() - asked_s > silence_s) {
			fprintf(stderr, "sim sweep: rank 0 has not answered rank %d for %.0f s\n",
				own_rank, silence_s);
			joined->end_all(1);
		}
	}
	joined->receive(&envelope, &answer); /* rank 0 sends nothing else */
	return answer;
}

bool ranks_work(const struct sweep *sweep, const volatile bool *stop, struct error *error)
{
	struct bench *bench = bench_new(error);
	uint64_t point = nothing_left;
	json_t *payload = NULL;

	while (bench) {
		send_payload(point, payload);
		json_decref(payload);
		payload = NULL;
		point = await_answer();
		if (point == nothing_left)
			break;
		if (point == ask_again) {
			point = nothing_left; /* no payload goes with the next question */
			nap();
			continue;
		}
		payload = sweep_compute(sweep, bench, (size_t)point, stop, error);
		if (!payload) {
			joined->send(error->message, strlen(error->message), 0, TAG_FAILED);
			break;
		}
	}
	bench_free(bench);
	return error->kind == ERROR_NONE;
}

/* --- rank 0 --- */

static void answer(int rank, uint64_t value)
{
	joined->send(&value, sizeof(value), rank, TAG_ANSWER);
	dismissed += value == nothing_left;
}

/* One message, if there is one. */
static bool receive(const struct rank_service *service, bool *came, struct error *error)
{
	struct rank_answer next = { .over = true };
	struct envelope envelope;
	json_t *payload = NULL;
	uint64_t point;
	char *message;

	*came = joined->probe(&envelope);
	if (!*came)
		return true;
	message = memory_array(envelope.length + 1, 1, "message", error);
	if (!message)
		return false;
	joined->receive(&envelope, message);
	if (envelope.tag == TAG_FAILED) {
		dismissed++;
		error_set(error, ERROR_INTERNAL, "rank %d: %s", envelope.from, message);
		free(message);
		return false;
	}
	memcpy(&point, message, sizeof(point));
	if (point != nothing_left && service)
		payload = json_loads(message + sizeof(point), 0, NULL);
	free(message);
	if (point != nothing_left && service && !payload)
		return error_set(error, ERROR_INTERNAL, "what rank %d sends is no JSON",
				 envelope.from);
	if (service && !service->serve(service->queue, (size_t)point, payload, &next, error))
		return false;
	answer(envelope.from, next.over ? nothing_left : next.found ? next.point : ask_again);
	return true;
}

bool ranks_serve(const struct rank_service *service, bool *idle, struct error *error)
{
	bool came = joined && rank_count > 1;

	*idle = true;
	while (came) {
		if (!receive(service, &came, error))
			return false;
		*idle = *idle && !came;
	}
	return true;
}

void ranks_dismiss(double patience_s)
{
	struct error ignored = { 0 };
	double heard_s = clock_now_s();
	bool came;

	while (joined && dismissed < rank_count - 1 && clock_now_s() - heard_s < patience_s) {
		receive(NULL, &came, &ignored);
		if (came)
			heard_s = clock_now_s();
		else
			nap();
	}
}
