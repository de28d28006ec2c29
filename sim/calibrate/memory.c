/* Memory: faults, clearing, unmapping, the end of a process. */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calibrate/memory.h"
#include "calibrate/threads.h"
#include "calibrate/works.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

enum { THREADS_MOST = 64, HELPER_STACK = 64 << 10 };

/* --- mappings --------------------------------------------------------------- */

/* Fresh memory at a multiple of the page size; where that is 4 KiB, with no huge pages in it. */
static bool map(struct job *job)
{
	enum backing backing = job->trial->backing;
	size_t page = backing_bytes(backing), bytes = job->trial->size;
	int pool = backing == BACKING_POOL_2M   ? MAP_HUGETLB | 21 << MAP_HUGE_SHIFT
		   : backing == BACKING_POOL_1G ? MAP_HUGETLB | 30 << MAP_HUGE_SHIFT
						: 0;
	char *memory = mmap(NULL, pool ? bytes : bytes + page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | pool, -1, 0);
	size_t before;

	if (memory == MAP_FAILED)
		return job_fails(job, "mmap");
	job->memory = memory;
	if (pool)
		return true;
	before = (page - (uintptr_t)memory % page) % page;
	job->memory += before;
	if ((before && munmap(memory, before) != 0) ||
	    (before < page && munmap(job->memory + bytes, page - before) != 0))
		return job_fails(job, "munmap");
	if (madvise(job->memory, bytes, backing == BACKING_THP ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) !=
		    0 &&
	    (backing == BACKING_THP || errno != EINVAL))
		return job_fails(job, "madvise");
	return true;
}

static bool unmap(struct job *job)
{
	return munmap(job->memory, job->trial->size) == 0 || job_fails(job, "munmap");
}

/* Write to each page of a part. */
static void touch(char *memory, size_t bytes, size_t page)
{
	for (size_t at = 0; at < bytes; at += page)
		*(volatile char *)(memory + at) = 1;
}

static bool populate_part(struct job *job, char *memory, size_t bytes)
{
	if (madvise(memory, bytes, MADV_POPULATE_WRITE) == 0)
		return true;
	if (errno != EINVAL)
		return job_fails(job, "madvise(MADV_POPULATE_WRITE)");
	touch(memory, bytes, backing_bytes(job->trial->backing));
	return true;
}

/* Each page is present with the probability `resident`: which ones is the same every time. */
static bool populate_some(struct job *job)
{
	size_t page = backing_bytes(job->trial->backing), begin = 0;
	uint64_t random = 88172645463325252u;

	for (size_t at = 0; at <= job->trial->size; at += page) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		if (at < job->trial->size &&
		    (double)(random >> 11) * 0x1p-53 < job->trial->resident)
			continue;
		if (at > begin && !populate_part(job, job->memory + begin, at - begin))
			return false;
		begin = at + page;
	}
	return true;
}

/* Of a huge page that the kernel did not find small ones are in its place. */
static bool is_huge(struct job *job)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	unsigned long long huge = 0;
	char line[128];

	if (!file)
		return true; /* not known */
	while (huge == 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, "AnonHugePages:", 14) == 0)
			huge = strtoull(line + 14, NULL, 10);
	fclose(file);
	if ((double)huge * 1024 >= 0.9 * (double)job->trial->size)
		return true;
	snprintf(job->failed, sizeof(job->failed), "only %llu MiB of %llu MiB were huge pages",
		 huge / 1024, (unsigned long long)(job->trial->size >> 20));
	return false;
}

bool memory_present(struct job *job)
{
	double resident = job->trial->resident;

	if (!map(job))
		return false;
	if (resident > 0 && resident < 1)
		return populate_some(job);
	return populate_part(job, job->memory, job->trial->size) &&
	       (job->trial->backing != BACKING_THP || is_huge(job));
}

/*
 * Memory that nobody has used for a while is dearer: a hypervisor has taken it back. So the pages
 * that are going to be used are used once before.
 */
static bool memory_warm(struct job *job)
{
	return memory_present(job) && unmap(job) && map(job);
}

/* --- works ------------------------------------------------------------------ */

static bool populate(struct job *job)
{
	return madvise(job->memory, job->trial->size, MADV_POPULATE_WRITE) == 0 ||
	       job_fails(job, "madvise(MADV_POPULATE_WRITE)");
}

struct share {
	char *memory;
	size_t bytes, page;
};

static void *touch_share(void *data)
{
	const struct share *share = data;

	touch(share->memory, share->bytes, share->page);
	return NULL;
}

/* Each thread on a core of its own, as far as there are some. */
static int start_thread(struct job *job, pthread_t *thread, struct share *share, unsigned int n)
{
	const struct place *place = job->place;
	pthread_attr_t attributes;
	cpu_set_t cpu;
	int status = pthread_attr_init(&attributes);

	CPU_ZERO(&cpu);
	CPU_SET(place->cpus[n % place->cpu_count], &cpu);
	if (!status)
		status = pthread_attr_setaffinity_np(&attributes, sizeof(cpu), &cpu);
	if (!status)
		status = pthread_create(thread, &attributes, touch_share, share);
	pthread_attr_destroy(&attributes);
	return status;
}

static bool touch_all(struct job *job)
{
	size_t page = backing_bytes(job->trial->backing), pages = job->trial->size / page;
	unsigned int count = job->trial->threads, started = 0;
	struct share shares[THREADS_MOST];
	pthread_t threads[THREADS_MOST] = { 0 };

	if (count == 0)
		touch(job->memory, job->trial->size, page);
	for (; started < count && started < THREADS_MOST; started++) {
		size_t begin = pages * started / count, end = pages * (started + 1) / count;

		shares[started] =
			(struct share){ job->memory + begin * page, (end - begin) * page, page };
		errno = start_thread(job, &threads[started], &shares[started], started);
		if (errno) {
			job_fails(job, "pthread_create");
			break;
		}
	}
	for (unsigned int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	return !job->failed[0];
}

static bool clear(struct job *job)
{
	memset(job->memory, 2, job->trial->size);
	__asm__ volatile("" : : "r"(job->memory) : "memory"); /* it is not left out */
	return true;
}

static bool copy(struct job *job)
{
	return copy_memory(job->place, job->trial->size) || job_fails(job, "mmap");
}

/* The pages that a CPU gets are those that it has freed: all threads touch once before. */
static bool touched_before(struct job *job)
{
	return map(job) && touch_all(job) && unmap(job) && map(job);
}

const struct work work_populate = { memory_warm, populate, false };
const struct work work_touch = { touched_before, touch_all, false };
const struct work work_clear = { memory_present, clear, false };
const struct work work_copy = { NULL, copy, false };
const struct work work_unmap = { memory_present, unmap, false };
const struct work work_end = { memory_present, NULL, false };

/* --- a helper that shares the memory ------------------------------------------ */

/* `go` has nothing to read while the trial lasts, and ends with it, or with the program. */
static int help(void *data)
{
	const struct job *job = data;
	char byte;

	while (syscall(SYS_read, job->go, &byte, 1) < 0 && errno == EINTR)
		;
	return 0;
}

/* Nobody waits for it: its signal number is 0. */
static bool present_with_helper(struct job *job)
{
	char *stack = mmap(NULL, HELPER_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	if (stack == MAP_FAILED)
		return job_fails(job, "mmap");
	if (!memory_present(job))
		return false;
	return clone(help, stack + HELPER_STACK, CLONE_VM, job) > 0 || job_fails(job, "clone");
}

const struct work work_end_helper = { present_with_helper, NULL, false };

/* --- a file that stays --------------------------------------------------------- */

static bool map_file(struct job *job)
{
	bool huge = job->trial->backing == BACKING_POOL_2M;
	int file = memfd_create("sim-calibrate", huge ? MFD_HUGETLB | 21u << MAP_HUGE_SHIFT : 0);

	if (file < 0)
		return job_fails(job, "memfd_create");
	if (ftruncate(file, (off_t)job->trial->size) != 0)
		return job_fails(job, "ftruncate");
	job->memory = mmap(NULL, job->trial->size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (job->memory == MAP_FAILED)
		return job_fails(job, "mmap");
	return populate_part(job, job->memory, job->trial->size);
}

const struct work work_unmap_file = { map_file, unmap, false };

/* --- in slices ------------------------------------------------------------------- */

static bool discard(struct job *job)
{
	uint64_t slice = job->trial->slice;

	for (uint64_t at = 0; at < job->trial->size; at += slice)
		if (madvise(job->memory + at, slice, MADV_DONTNEED) != 0)
			return job_fails(job, "madvise(MADV_DONTNEED)");
	return true;
}

/* With `threads` a second one is on another CPU, whose TLB has to be flushed, too. */
static bool present_beside_thread(struct job *job)
{
	return memory_present(job) && (job->trial->threads < 2 || thread_elsewhere(job));
}

const struct work work_discard = { present_beside_thread, discard, false };

/* --- a process that has had memory ------------------------------------------------ */

static bool had_memory(struct job *job)
{
	return memory_present(job) && unmap(job);
}

const struct work work_end_empty = { had_memory, NULL, false };
