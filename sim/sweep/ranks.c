/*
 * Ranks of a sweep. Only point-to-point messages of MPI-3.1, so that Open MPI and MPICH
 * both do. Everybody polls with a short sleep: a blocking receive burns a core.
 */

#include "sweep/ranks.h"

#ifdef SIM_MPI

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

enum { TAG_ASK = 1, TAG_ANSWER, TAG_FAILED };

/* Answers beside the number of a point. */
static const uint64_t nothing_left = UINT64_MAX, ask_again = UINT64_MAX - 1;

/* Rank 0 answers at once, but for a slow disk's sake. */
static const double silence_s = 300;

static int own_rank, rank_count = 1, dismissed;
static bool joined;

static void nap(void)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };

	nanosleep(&millisecond, NULL);
}

bool ranks_begin(int *rank, int *count, struct error *error)
{
	int provided;

	*rank = 0;
	*count = 1;
	/* not under mpirun: a plain process, without the cost of MPI */
	if (!getenv("OMPI_COMM_WORLD_SIZE") && !getenv("PMI_SIZE") && !getenv("PMIX_RANK"))
		return true;
	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
		return error_set(error, ERROR_INTERNAL, "MPI does not start");
	joined = true;
	MPI_Comm_rank(MPI_COMM_WORLD, &own_rank);
	MPI_Comm_size(MPI_COMM_WORLD, &rank_count);
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
		MPI_Abort(MPI_COMM_WORLD, status);
	} else if (joined) {
		MPI_Finalize();
	}
	joined = false;
}

/* --- a rank that computes --- */

static void send_payload(uint64_t point, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	char *message = malloc(sizeof(point) + length + 1);

	if (!message) {
		MPI_Abort(MPI_COMM_WORLD, 1);
		return;
	}
	memcpy(message, &point, sizeof(point));
	if (text)
		memcpy(message + sizeof(point), text, length + 1);
	MPI_Send(message, (int)(sizeof(point) + length), MPI_BYTE, 0, TAG_ASK, MPI_COMM_WORLD);
	free(message);
}

static uint64_t await_answer(void)
{
	double asked_s = clock_now_s();
	uint64_t answer;
	int there = 0;

	while (!there) {
		MPI_Iprobe(0, TAG_ANSWER, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
		if (!there)
			nap();
		if (!there && clock_now_s() - asked_s > silence_s) {
			fprintf(stderr, "sim sweep: rank 0 has not answered rank %d for %.0f s\n",
				own_rank, silence_s);
			MPI_Abort(MPI_COMM_WORLD, 1);
		}
	}
	MPI_Recv(&answer, 1, MPI_UINT64_T, 0, TAG_ANSWER, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	return answer;
}

bool ranks_work(const struct sweep *sweep, const volatile bool *stop, struct error *error)
{
	struct bench *bench = bench_new(error);
	uint64_t point = nothing_left;
	char *text = NULL;

	while (bench) {
		send_payload(point, text);
		free(text);
		text = NULL;
		point = await_answer();
		if (point == nothing_left)
			break;
		if (point == ask_again) {
			point = nothing_left; /* no payload goes with the next question */
			nap();
			continue;
		}
		text = sweep_compute(sweep, bench, (size_t)point, stop, error);
		if (!text) {
			MPI_Send(error->message, (int)strlen(error->message), MPI_BYTE, 0,
				 TAG_FAILED, MPI_COMM_WORLD);
			break;
		}
	}
	bench_free(bench);
	return error->kind == ERROR_NONE;
}

/* --- rank 0 --- */

static void answer(int rank, uint64_t value)
{
	MPI_Send(&value, 1, MPI_UINT64_T, rank, TAG_ANSWER, MPI_COMM_WORLD);
	dismissed += value == nothing_left;
}

/* One message, if there is one. */
static bool receive(const struct rank_service *service, bool *came, struct error *error)
{
	struct rank_answer next = { .over = true };
	MPI_Status status;
	uint64_t point;
	char *message;
	int there, length;

	*came = false;
	MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
	if (!there)
		return true;
	*came = true;
	MPI_Get_count(&status, MPI_BYTE, &length);
	message = memory_array((size_t)length + 1, 1, "message", error);
	if (!message)
		return false;
	MPI_Recv(message, length, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
		 MPI_STATUS_IGNORE);
	if (status.MPI_TAG == TAG_FAILED) {
		dismissed++;
		error_set(error, ERROR_INTERNAL, "rank %d: %s", status.MPI_SOURCE, message);
		free(message);
		return false;
	}
	memcpy(&point, message, sizeof(point));
	if (point == nothing_left || !service) {
		free(message);
		message = NULL;
	} else {
		memmove(message, message + sizeof(point), (size_t)length - sizeof(point) + 1);
	}
	if (service && !service->serve(service->queue, (size_t)point, message, &next, error))
		return false;
	answer(status.MPI_SOURCE, next.over ? nothing_left : next.found ? next.point : ask_again);
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

#else

bool ranks_begin(int *rank, int *count, struct error *error)
{
	(void)error;
	*rank = 0;
	*count = 1;
	return true;
}

void ranks_end(int status)
{
	(void)status;
}

bool ranks_work(const struct sweep *sweep, const volatile bool *stop, struct error *error)
{
	(void)sweep;
	(void)stop;
	return error_set(error, ERROR_INTERNAL, "this sim was built without MPI");
}

bool ranks_serve(const struct rank_service *service, bool *idle, struct error *error)
{
	(void)service;
	(void)error;
	*idle = true;
	return true;
}

void ranks_dismiss(double patience_s)
{
	(void)patience_s;
}

#endif
