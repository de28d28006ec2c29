#include "calibrate/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calibrate/works.h"

#define MIB(n)      ((uint64_t)(n) << 20)
#define PAGES_4K    "page of 4 KiB", 4096
#define PAGES_2M    "page of 2 MiB", 2 << 20
#define PAGES_1G    "page of 1 GiB", 1 << 30
#define CALLS       "call", 1
#define SMALL_SIZES { MIB(64), MIB(128), MIB(256) }
#define HUGE_SIZES  { MIB(256), MIB(512), MIB(1024) }
#define ON_4K(work_, ...) .trial = { .work = &(work_), __VA_ARGS__ }
#define ON_THP(work_, ...)                                                                         \
	.needs = NEED_THP, .trial = { .work = &(work_), .backing = BACKING_THP, __VA_ARGS__ }
#define IN_KVM(needs_, work_, ...)                                                                 \
	.needs = NEED_KVM | (needs_), .trial = { .work = &(work_), __VA_ARGS__ }, .waits = true
#define PINNING NEED_IO_URING | NEED_MEMLOCK

const struct measurement measurements[MEASUREMENTS] = {
	/* --- memory in pages of 4 KiB --- */
	[POPULATE_4K] = { "populate-4k", "madvise(MADV_POPULATE_WRITE) of fresh memory", PAGES_4K,
			  SMALL_SIZES, NEED_POPULATE, ON_4K(work_populate) },
	[CLEAR_4K] = { "clear-4k", "memset of present memory", PAGES_4K, SMALL_SIZES,
		       ON_4K(work_clear) },
	[TOUCH_4K] = { "touch-4k", "a write to each page of fresh memory", PAGES_4K, SMALL_SIZES,
		       ON_4K(work_touch) },
	[TOUCH_4K_TWO] = { "touch-4k-two", "the same by two threads of one process", PAGES_4K,
			   SMALL_SIZES, NEED_TWO_CPUS, ON_4K(work_touch, .threads = 2),
			   .waits = true },
	[UNMAP_4K] = { "unmap-4k", "munmap of present memory", PAGES_4K, SMALL_SIZES,
		       ON_4K(work_unmap) },
	[UNMAP_4K_TWO] = { "unmap-4k-two", "the same by two processes at once", PAGES_4K,
			   SMALL_SIZES, NEED_TWO_CPUS, ON_4K(work_unmap, .processes = 2) },
	[CLEAR_TWO] = { "clear-two", "memset of present memory by two processes at once", PAGES_4K,
			SMALL_SIZES, NEED_TWO_CPUS, ON_4K(work_clear, .processes = 2) },
	[END_4K] = { "end-4k", "SIGKILL of a process with present memory, until it is reaped",
		     PAGES_4K, SMALL_SIZES, ON_4K(work_end) },
	[END_SMALL] = { "end-small", "the same of a process that has 64 KiB", CALLS,
			{ 65536 }, ON_4K(work_end), .variable = true },
	/* --- transparent huge pages --- */
	[POPULATE_2M] = { "populate-2m", "MADV_POPULATE_WRITE, huge pages", PAGES_2M, HUGE_SIZES,
			  ON_THP(work_populate) },
	[TOUCH_2M] = { "touch-2m", "a write to each page of fresh memory, huge pages", PAGES_2M,
		       HUGE_SIZES, ON_THP(work_touch) },
	[TOUCH_2M_TWO] = { "touch-2m-two", "the same by two threads of one process", PAGES_2M,
			   HUGE_SIZES, ON_THP(work_touch, .threads = 2), .waits = true },
	[END_2M] = { "end-2m", "SIGKILL of a process with huge pages, until it is reaped",
		     PAGES_2M, HUGE_SIZES, ON_THP(work_end) },
	[UNMAP_2M] = { "unmap-2m", "munmap of huge pages", PAGES_2M, HUGE_SIZES,
		       ON_THP(work_unmap) },
	[UNMAP_2M_TWO] = { "unmap-2m-two", "the same by two processes at once", PAGES_2M,
			   HUGE_SIZES, ON_THP(work_unmap, .processes = 2) },
};
