#include "sweep/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sha256.h>

#include "base/clock.h"
#include "base/memory.h"
#include "document/digest.h"
#include "sweep/ranks.h"

enum { BATCH = 64, THREADS_MOST = 256 };

static const double batch_s = 1, lease_means = 20;

enum point_state { OPEN, HANDED_OUT, DELIVERED };

struct payload {
	size_t point;
	json_t *json;
	struct payload *next;
};

struct work_queue {
	const struct sweep *sweep;
	const struct worker_options *options;
	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t came;   /* a payload, or an error */
	unsigned char *states; /* enum point_state */
	double *handed_s;      /* when; the lease counts from it */
	uint64_t *digests;     /* of what was delivered */
	size_t next;           /* points before it are not open */
	size_t left;           /* not delivered */
	double spent_s;        /* on delivered points, and */
	size_t delivered;      /* how many */
	struct payload *first, *last;
	bool over;
	struct error error;
};

/* A point for somebody to compute: an open one, or one whose lease has run out. */
static bool take(struct work_queue *queue, size_t *point)
{
	double lease_s = queue->options->lease_s, at_s = clock_now_s();

	while (queue->next < queue->sweep->point_count && queue->states[queue->next] != OPEN)
		queue->next++;
	if (queue->next < queue->sweep->point_count) {
		*point = queue->next++;
	} else {
		if (queue->delivered &&
		    lease_means * queue->spent_s / (double)queue->delivered > lease_s)
			lease_s = lease_means * queue->spent_s / (double)queue->delivered;
		for (*point = 0; *point < queue->sweep->point_count; ++*point)
			if (queue->states[*point] == HANDED_OUT &&
			    at_s - queue->handed_s[*point] > lease_s)
				break;
		if (*point == queue->sweep->point_count)
			return false;
	}
	queue->states[*point] = HANDED_OUT;
	queue->handed_s[*point] = at_s;
	return true;
}

static bool digest_of(json_t *payload, uint64_t *start, struct error *error)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX context;

	SHA256Init(&context);
	if (!json_digest(&context, payload, error))
		return false;
	SHA256Final(digest, &context);
	memcpy(start, digest, sizeof(*start));
	return true;
}

/* With the mutex held. A late duplicate, of a lease that had run out, must be the same. */
static bool accept(struct work_queue *queue, size_t point, json_t *json, uint64_t digest,
		   struct error *error)
{
	struct payload *payload;

	if (point >= queue->sweep->point_count || queue->states[point] != HANDED_OUT) {
		if (point < queue->sweep->point_count && queue->digests[point] == digest)
			return true;
		return error_set(error, ERROR_INTERNAL,
				 "point %zu was computed twice, with different results", point);
	}
	payload = memory_array(1, sizeof(*payload), "payload", error);
	if (!payload)
		return false;
	*payload = (struct payload){ point, json_incref(json), NULL };
	if (queue->last)
		queue->last->next = payload;
	else
		queue->first = payload;
	queue->last = payload;
	queue->states[point] = DELIVERED;
	queue->digests[point] = digest;
	queue->left--;
	queue->delivered++;
	queue->spent_s += clock_now_s() - queue->handed_s[point];
	pthread_cond_signal(&queue->came);
	return true;
}

/* Take a payload over, and the mutex: it is held afterwards. */
static bool deliver(struct work_queue *queue, size_t point, json_t *json, struct error *error)
{
	uint64_t digest;
	bool ok = digest_of(json, &digest, error);

	pthread_mutex_lock(&queue->mutex);
	ok = ok && accept(queue, point, json, digest, error);
	json_decref(json);
	return ok;
}

static void *work(void *argument)
{
	struct work_queue *queue = argument;
	struct error error = { 0 };
	struct bench *bench = bench_new(&error);
	size_t point;

	pthread_mutex_lock(&queue->mutex);
	while (!queue->over && error.kind == ERROR_NONE && take(queue, &point)) {
		json_t *payload;

		pthread_mutex_unlock(&queue->mutex);
		payload = sweep_compute(queue->sweep, bench, point, queue->options->stop, &error);
		if (payload)
			deliver(queue, point, payload, &error);
		else
			pthread_mutex_lock(&queue->mutex);
	}
	if (error.kind != ERROR_NONE) {
		error_set(&queue->error, error.kind, "%s", error.message);
		queue->over = true;
	}
	pthread_cond_signal(&queue->came);
	pthread_mutex_unlock(&queue->mutex);
	bench_free(bench);
	return NULL;
}

/* What rank 0 does for the others. */
static bool serve(void *argument, size_t done, json_t *payload, struct rank_answer *answer,
		  struct error *error)
{
	struct work_queue *queue = argument;
	bool ok = true;

	if (payload)
		ok = deliver(queue, done, payload, error);
	else
		pthread_mutex_lock(&queue->mutex);
	answer->over = queue->over || !queue->left;
	answer->found = !answer->over && take(queue, &answer->point);
	pthread_mutex_unlock(&queue->mutex);
	return ok;
}

/* --- the writer ---------------------------------------------------------------------- */

/* Wait at most a millisecond (ranks may ask meanwhile) for payloads and take them all. */
static struct payload *collect(struct work_queue *queue, bool *over)
{
	struct timespec until;
	struct payload *list;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&queue->mutex);
	if (!queue->first && !queue->over && queue->left)
		pthread_cond_timedwait(&queue->came, &queue->mutex, &until);
	list = queue->first;
	queue->first = queue->last = NULL;
	*over = queue->over || !queue->left;
	pthread_mutex_unlock(&queue->mutex);
	return list;
}

static bool keep(struct store *store, struct payload *list, size_t *kept, struct error *error)
{
	while (list) {
		struct payload *next = list->next;

		if (error->kind == ERROR_NONE && store_put(store, list->point, list->json, error))
			++*kept;
		json_decref(list->json);
		free(list);
		list = next;
	}
	return error->kind == ERROR_NONE;
}

static bool write_all(struct work_queue *queue, struct store *store, struct error *error)
{
	const struct rank_service service = { queue, serve };
	size_t points = queue->sweep->point_count, before = points - queue->left, kept = 0,
	       batch = 0;
	double began_s = clock_now_s(), committed_s = began_s, told_s = began_s;
	bool over = false;

	while (!over && error->kind == ERROR_NONE) {
		struct payload *list = collect(queue, &over);
		bool idle;
		double at_s = clock_now_s();

		if (!keep(store, list, &kept, error) || !ranks_serve(&service, &idle, error))
			break;
		if (kept - batch >= BATCH || at_s - committed_s >= batch_s) {
			if (!store_commit(store, error))
				break;
			batch = kept;
			committed_s = at_s;
		}
		if (queue->options->progress && at_s - told_s >= 1) {
			queue->options->progress(before + kept, points, at_s - began_s);
			told_s = at_s;
		}
	}
	return error->kind == ERROR_NONE;
}

static bool init(struct work_queue *queue, const bool *done, struct error *error)
{
	size_t points = queue->sweep->point_count;

	queue->states = memory_array(points, sizeof(*queue->states), "points", error);
	queue->handed_s = memory_array(points, sizeof(*queue->handed_s), "points", error);
	queue->digests = memory_array(points, sizeof(*queue->digests), "points", error);
	if (!queue->states || !queue->handed_s || !queue->digests)
		return false;
	for (size_t p = 0; p < points; p++) {
		queue->states[p] = done[p] ? DELIVERED : OPEN;
		queue->left += !done[p];
	}
	return (pthread_mutex_init(&queue->mutex, NULL) == 0 &&
		pthread_cond_init(&queue->came, NULL) == 0) ||
	       error_memory(error, "threads");
}

bool workers_run(const struct sweep *sweep, struct store *store, bool *done,
		 const struct worker_options *options, struct error *error)
{
	struct work_queue queue = { .sweep = sweep, .options = options };
	pthread_t threads[THREADS_MOST];
	unsigned int started = 0;
	bool over;

	if (!init(&queue, done, error))
		goto out;
	while (started < options->threads && started < THREADS_MOST && started < queue.left &&
	       pthread_create(&threads[started], NULL, work, &queue) == 0)
		started++;
	if (queue.left && !started)
		error_set(error, ERROR_INTERNAL, "no thread could be started");
	write_all(&queue, store, error);
	pthread_mutex_lock(&queue.mutex);
	queue.over = true;
	pthread_mutex_unlock(&queue.mutex);
	while (started)
		pthread_join(threads[--started], NULL);
	ranks_dismiss(options->lease_s);
	if (error->kind == ERROR_NONE) { /* what was delivered at the last moment */
		size_t kept = 0;

		keep(store, collect(&queue, &over), &kept, error);
		store_commit(store, error);
		if (queue.error.kind != ERROR_NONE)
			error_set(error, queue.error.kind, "%s", queue.error.message);
	}
out:
	free(queue.states);
	free(queue.handed_s);
	free(queue.digests);
	return error->kind == ERROR_NONE;
}
