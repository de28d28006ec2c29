/* Lines of the data cache are written back and invalidated, as hosts do for encrypted guests. */

#include <string.h>

#include "calibrate/memory.h"
#include "calibrate/works.h"

#if defined(__x86_64__)
#include <cpuid.h>

enum { LINE_BYTES = 64 };

bool cache_clean_supported(const char **why)
{
	unsigned int a, b = 0, c, d;

	*why = "the CPU has no clflushopt";
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 23);
}

static inline void clean_line(char *line)
{
	__asm__ volatile("clflushopt %0" : "+m"(*line));
}

static inline void wait_for_lines(void)
{
	__asm__ volatile("mfence" : : : "memory");
}

static size_t line_bytes(void)
{
	return LINE_BYTES;
}

#elif defined(__aarch64__)

bool cache_clean_supported(const char **why)
{
	*why = "";
	return true; /* Linux lets user space clean (SCTLR_EL1.UCI) */
}

static inline void clean_line(char *line)
{
	__asm__ volatile("dc civac, %0" : : "r"(line) : "memory");
}

static inline void wait_for_lines(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

static size_t line_bytes(void)
{
	unsigned long type;

	__asm__("mrs %0, ctr_el0" : "=r"(type));
	return (size_t)4 << (type >> 16 & 15);
}

#else

bool cache_clean_supported(const char **why)
{
	*why = "there is no experiment for this architecture";
	return false;
}

static inline void clean_line(char *line)
{
	(void)line;
}

static inline void wait_for_lines(void)
{
}

static size_t line_bytes(void)
{
	return 256;
}

#endif

static bool dirty(struct job *job)
{
	if (!memory_present(job))
		return false;
	memset(job->memory, 3, job->trial->size);
	return true;
}

/* Page by page, as the kernel cleans them. */
static bool clean(struct job *job)
{
	size_t line = line_bytes();

	for (size_t page = 0; page < job->trial->size; page += 4096) {
		for (size_t at = 0; at < 4096; at += line)
			clean_line(job->memory + page + at);
		wait_for_lines();
	}
	return true;
}

const struct work work_cache_clean = { dirty, clean, false };
