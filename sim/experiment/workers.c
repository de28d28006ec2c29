#include "experiment/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sha256.h>

#include "base/memory.h"

enum { BATCH = 64, THREADS_MOST = 256 };

static const double batch_s = 1, lease_means = 20;

enum point_state { OPEN, HANDED_OUT, DELIVERED };

struct payload {
	size_t point;
	char *text;
	struct payload *next;
};

struct farm {
	const struct sweep *sweep;
	const struct farm_options *options;
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

double farm_now_s(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* A point for somebody to compute: an open one, or one whose lease has run out. */
static bool take(struct farm *farm, size_t *point)
{
	double lease_s = farm->options->lease_s, at_s = farm_now_s();

	while (farm->next < farm->sweep->point_count && farm->states[farm->next] != OPEN)
		farm->next++;
	if (farm->next < farm->sweep->point_count) {
		*point = farm->next++;
	} else {
		if (farm->delivered &&
		    lease_means * farm->spent_s / (double)farm->delivered > lease_s)
			lease_s = lease_means * farm->spent_s / (double)farm->delivered;
		for (*point = 0; *point < farm->sweep->point_count; ++*point)
			if (farm->states[*point] == HANDED_OUT &&
			    at_s - farm->handed_s[*point] > lease_s)
				break;
		if (*point == farm->sweep->point_count)
			return false;
	}
	farm->states[*point] = HANDED_OUT;
	farm->handed_s[*point] = at_s;
	return true;
}

static uint64_t digest_of(const char *text)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	uint64_t start;
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const unsigned char *)text, strlen(text));
	SHA256Final(digest, &context);
	memcpy(&start, digest, sizeof(start));
	return start;
}

/* With the mutex held. A late duplicate, of a lease that had run out, must be the same. */
static bool deliver(struct farm *farm, size_t point, char *text, struct error *error)
{
	uint64_t digest = digest_of(text);
	struct payload *payload;

	if (point >= farm->sweep->point_count || farm->states[point] != HANDED_OUT) {
		free(text);
		if (point < farm->sweep->point_count && farm->digests[point] == digest)
			return true;
		return error_set(error, ERROR_INTERNAL,
				 "point %zu was computed twice, with different results", point);
	}
	payload = memory_array(1, sizeof(*payload), "payload", error);
	if (!payload) {
		free(text);
		return false;
	}
	*payload = (struct payload){ point, text, NULL };
	if (farm->last)
		farm->last->next = payload;
	else
		farm->first = payload;
	farm->last = payload;
	farm->states[point] = DELIVERED;
	farm->digests[point] = digest;
	farm->left--;
	farm->delivered++;
	farm->spent_s += farm_now_s() - farm->handed_s[point];
	pthread_cond_signal(&farm->came);
	return true;
}

static void *work(void *argument)
{
	struct farm *farm = argument;
	struct error error = { 0 };
	size_t point;

	pthread_mutex_lock(&farm->mutex);
	while (!farm->over && error.kind == ERROR_NONE && take(farm, &point)) {
		char *text;

		pthread_mutex_unlock(&farm->mutex);
		text = sweep_compute(farm->sweep, point, farm->options->stop, &error);
		pthread_mutex_lock(&farm->mutex);
		if (text)
			deliver(farm, point, text, &error);
	}
	if (error.kind != ERROR_NONE) {
		error_set(&farm->error, error.kind, "%s", error.message);
		farm->over = true;
	}
	pthread_cond_signal(&farm->came);
	pthread_mutex_unlock(&farm->mutex);
	return NULL;
}

/* --- what rank 0 does for the others --- */

static bool serve_take(void *argument, size_t *point)
{
	struct farm *farm = argument;
	bool found;

	pthread_mutex_lock(&farm->mutex);
	found = !farm->over && take(farm, point);
	pthread_mutex_unlock(&farm->mutex);
	return found;
}

static bool serve_deliver(void *argument, size_t point, char *payload, struct error *error)
{
	struct farm *farm = argument;
	bool ok;

	pthread_mutex_lock(&farm->mutex);
	ok = deliver(farm, point, payload, error);
	pthread_mutex_unlock(&farm->mutex);
	return ok;
}

static bool serve_finished(void *argument)
{
	struct farm *farm = argument;
	bool finished;

	pthread_mutex_lock(&farm->mutex);
	finished = farm->over || !farm->left;
	pthread_mutex_unlock(&farm->mutex);
	return finished;
}

/* --- the writer ---------------------------------------------------------------------- */

/* Wait at most a millisecond (ranks may ask meanwhile) for payloads and take them all. */
static struct payload *collect(struct farm *farm, bool *over)
{
	struct timespec until;
	struct payload *list;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&farm->mutex);
	if (!farm->first && !farm->over && farm->left)
		pthread_cond_timedwait(&farm->came, &farm->mutex, &until);
	list = farm->first;
	farm->first = farm->last = NULL;
	*over = farm->over || !farm->left;
	pthread_mutex_unlock(&farm->mutex);
	return list;
}

static bool keep(struct store *store, struct payload *list, size_t *kept, struct error *error)
{
	while (list) {
		struct payload *next = list->next;

		if (error->kind == ERROR_NONE && store_put(store, list->point, list->text, error))
			++*kept;
		free(list->text);
		free(list);
		list = next;
	}
	return error->kind == ERROR_NONE;
}

static bool write_all(struct farm *farm, struct store *store, struct error *error)
{
	const struct rank_service service = { farm, serve_take, serve_deliver, serve_finished };
	size_t points = farm->sweep->point_count, before = points - farm->left, kept = 0, batch = 0;
	double began_s = farm_now_s(), committed_s = began_s, told_s = began_s;
	bool over = false;

	while (!over && error->kind == ERROR_NONE) {
		struct payload *list = collect(farm, &over);
		bool idle;
		double at_s = farm_now_s();

		if (!keep(store, list, &kept, error) || !ranks_serve(&service, &idle, error))
			break;
		if (kept - batch >= BATCH || at_s - committed_s >= batch_s) {
			if (!store_commit(store, error))
				break;
			batch = kept;
			committed_s = at_s;
		}
		if (farm->options->progress && at_s - told_s >= 1) {
			farm->options->progress(before + kept, points, at_s - began_s);
			told_s = at_s;
		}
	}
	return error->kind == ERROR_NONE;
}

static bool init(struct farm *farm, const bool *done, struct error *error)
{
	size_t points = farm->sweep->point_count;

	farm->states = memory_array(points, sizeof(*farm->states), "points", error);
	farm->handed_s = memory_array(points, sizeof(*farm->handed_s), "points", error);
	farm->digests = memory_array(points, sizeof(*farm->digests), "points", error);
	if (!farm->states || !farm->handed_s || !farm->digests)
		return false;
	for (size_t p = 0; p < points; p++) {
		farm->states[p] = done[p] ? DELIVERED : OPEN;
		farm->left += !done[p];
	}
	return (pthread_mutex_init(&farm->mutex, NULL) == 0 &&
		pthread_cond_init(&farm->came, NULL) == 0) ||
	       error_memory(error, "threads");
}

bool farm_run(const struct sweep *sweep, struct store *store, bool *done,
	      const struct farm_options *options, struct error *error)
{
	struct farm farm = { .sweep = sweep, .options = options };
	pthread_t threads[THREADS_MOST];
	unsigned int started = 0;
	bool over;

	if (!init(&farm, done, error))
		goto out;
	while (started < options->threads && started < THREADS_MOST && started < farm.left &&
	       pthread_create(&threads[started], NULL, work, &farm) == 0)
		started++;
	if (farm.left && !started)
		error_set(error, ERROR_INTERNAL, "no thread could be started");
	write_all(&farm, store, error);
	pthread_mutex_lock(&farm.mutex);
	farm.over = true;
	pthread_mutex_unlock(&farm.mutex);
	while (started)
		pthread_join(threads[--started], NULL);
	ranks_dismiss(options->lease_s);
	if (error->kind == ERROR_NONE) { /* what was delivered at the last moment */
		size_t kept = 0;

		keep(store, collect(&farm, &over), &kept, error);
		store_commit(store, error);
		if (farm.error.kind != ERROR_NONE)
			error_set(error, farm.error.kind, "%s", farm.error.message);
	}
out:
	free(farm.states);
	free(farm.handed_s);
	free(farm.digests);
	return error->kind == ERROR_NONE;
}
