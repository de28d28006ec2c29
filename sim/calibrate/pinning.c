/* Pinned memory: mlock, and io_uring's registered buffers, which are pinned with FOLL_LONGTERM. */

#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "calibrate/memory.h"
#include "calibrate/works.h"

enum { BUFFERS_MOST = 64 };
static const size_t buffer_bytes_most = (size_t)1 << 30;

static bool with_ring(struct job *job)
{
	struct io_uring_params parameters;

	memset(&parameters, 0, sizeof(parameters));
	job->file = (int)syscall(SYS_io_uring_setup, 1, &parameters);
	return job->file >= 0 ? memory_present(job) : job_fails(job, "io_uring_setup");
}

static bool pin(struct job *job)
{
	struct iovec buffers[BUFFERS_MOST];
	size_t count = 0;

	for (size_t at = 0; at < job->trial->size && count < BUFFERS_MOST; count++) {
		size_t left = job->trial->size - at;
		size_t bytes = left < buffer_bytes_most ? left : buffer_bytes_most;

		buffers[count] = (struct iovec){ job->memory + at, bytes };
		at += bytes;
	}
	return syscall(SYS_io_uring_register, job->file, IORING_REGISTER_BUFFERS, buffers, count) ==
		       0 ||
	       job_fails(job, "io_uring_register");
}

static bool unpin(struct job *job)
{
	return syscall(SYS_io_uring_register, job->file, IORING_UNREGISTER_BUFFERS, NULL, 0) == 0 ||
	       job_fails(job, "io_uring_register");
}

static bool pinned(struct job *job)
{
	return with_ring(job) && pin(job);
}

static bool unmap(struct job *job)
{
	return munmap(job->memory, job->trial->size) == 0 || job_fails(job, "munmap");
}

static bool pinned_and_unmapped(struct job *job)
{
	return pinned(job) && unmap(job);
}

static bool lock(struct job *job)
{
	return mlock(job->memory, job->trial->size) == 0 || job_fails(job, "mlock");
}

const struct work work_mlock = { memory_present, lock, false };
const struct work work_pin = { with_ring, pin, false };
const struct work work_unpin = { pinned, unpin, false };
const struct work work_unmap_pinned = { pinned, unmap, false };
const struct work work_unpin_free = { pinned_and_unmapped, unpin, false };
