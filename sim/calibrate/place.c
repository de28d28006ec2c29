#include "calibrate/place.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <linux/io_uring.h>
#include <linux/membarrier.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "calibrate/trial.h"
#include "calibrate/works.h"
#include "report/text_tools.h"

const struct need_row need_table[NEEDS] = {
	{ "two-cpus", "two CPUs that it may run on" },
	{ "four-cpus", "four CPUs that it may run on" },
	{ "populate", "MADV_POPULATE_WRITE (Linux 5.14)" },
	{ "thp", "transparent huge pages" },
	{ "pool-2m", "free pages in the pool of 2 MiB (vm.nr_hugepages)" },
	{ "pool-1g", "free pages in the pool of 1 GiB" },
	{ "memlock", "CAP_IPC_LOCK, or RLIMIT_MEMLOCK of the largest size" },
	{ "io-uring", "io_uring" },
	{ "cache-clean", "an instruction of user space that cleans lines" },
	{ "membarrier", "membarrier" },
	{ "kvm", "/dev/kvm" },
	{ "guest", "a guest of this architecture" },
	{ "x86", "an x86 CPU" },
	{ "arm64", "an arm64 CPU" },
};

/* --- small files ---------------------------------------------------------------- */

/* The first line of a file, its control characters blanks; "" when there is none. */
static void first_line(char *line, int size, const char *path)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return;
	if (!fgets(line, size, file))
		line[0] = '\0';
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	for (char *at = line; *at; at++)
		if (!isprint((unsigned char)*at))
			*at = ' ';
}

/* What stands behind "KEY :" in a file like /proc/cpuinfo. */
static bool line_of(char *value, size_t size, const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	char line[512];
	bool found = false;

	value[0] = '\0';
	while (file && !found && fgets(line, sizeof(line), file)) {
		char *colon = strchr(line, ':');

		if (!colon || strncmp(line, key, strlen(key)) != 0)
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		colon[strcspn(colon, "\n")] = '\0';
		for (char *at = colon; *at; at++)
			if (!isprint((unsigned char)*at))
				*at = ' ';
		snprintf(value, size, "%s", colon);
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

uint64_t place_available_bytes(void)
{
	char value[64];

	return line_of(value, sizeof(value), "/proc/meminfo", "MemAvailable")
		       ? strtoull(value, NULL, 10) * 1024
		       : 0;
}

/* --- what it stands on ------------------------------------------------------------ */

/* The hypervisor's name, where the CPU says that there is one; "": it says that there is none. */
static bool hypervisor(char name[16])
{
#if defined(__x86_64__)
	unsigned int a, b, c, d;

	name[0] = '\0';
	if (!__get_cpuid(1, &a, &b, &c, &d))
		return false;
	if (!(c & 1u << 31))
		return true;
	__cpuid(0x40000000, a, b, c, d);
	memcpy(name, &b, 4);
	memcpy(name + 4, &c, 4);
	memcpy(name + 8, &d, 4);
	name[12] = '\0';
	for (char *at = name; *at; at++)
		if (!isprint((unsigned char)*at))
			*at = ' ';
	if (!name[0])
		memcpy(name, "unnamed", sizeof("unnamed"));
	return true;
#else
	first_line(name, 16, "/sys/hypervisor/type");
	return name[0] != '\0';
#endif
}

static void look_at_ground(struct place *place)
{
	char name[16], product[96], vendor[96], command[2048];
	bool known = hypervisor(name);

	first_line(product, sizeof(product), "/sys/class/dmi/id/product_name");
	first_line(vendor, sizeof(vendor), "/sys/class/dmi/id/sys_vendor");
	if (vendor[0] || product[0])
		snprintf(place->machine, sizeof(place->machine), "%.40s%s%.50s", vendor,
			 vendor[0] && product[0] ? " " : "", product);
	first_line(command, sizeof(command), "/proc/cmdline");
	if (!known)
		snprintf(place->ground, sizeof(place->ground),
			 "not known: the CPU does not say whether there is a hypervisor");
	else if (!name[0])
		snprintf(place->ground, sizeof(place->ground),
			 "bare metal: the CPU says that there is no hypervisor");
	else
		snprintf(place->ground, sizeof(place->ground), "a guest of a hypervisor (%s)%s",
			 name,
			 strstr(command, "nested_pvm")
				 ? ", whose own VMs have no help from hardware (PVM)"
			 : access("/dev/kvm", F_OK) == 0 ? "; VMs on it are nested"
							 : "");
}

/* --- what there is -------------------------------------------------------------------- */

static void lacks(struct place *place, enum need need, const char *why)
{
	for (size_t i = 0; i < NEEDS; i++)
		if ((unsigned int)need == 1u << i)
			snprintf(place->missing[i], sizeof(place->missing[i]), "%s", why);
}

static void look_at_pool(struct place *place, enum need need, const char *folder, int pages)
{
	char path[128], value[32];

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/%s/free_hugepages", folder);
	first_line(value, sizeof(value), path);
	if (strtol(value, NULL, 10) < pages)
		lacks(place, need, "the pool has too few free pages");
}

static void look_at_memory(struct place *place)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rlimit limit;
	char text[64];

	if (page == MAP_FAILED || madvise(page, 4096, 23) != 0)
		lacks(place, NEED_POPULATE, "this kernel has no MADV_POPULATE_WRITE");
	if (page != MAP_FAILED)
		munmap(page, 4096);
	first_line(text, sizeof(text), "/sys/kernel/mm/transparent_hugepage/enabled");
	if (!text[0] || strstr(text, "[never]"))
		lacks(place, NEED_THP, "transparent huge pages are off");
	look_at_pool(place, NEED_POOL_2M, "hugepages-2048kB", 128);
	look_at_pool(place, NEED_POOL_1G, "hugepages-1048576kB", 2);
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < (rlim_t)1 << 30 &&
	    geteuid() != 0)
		lacks(place, NEED_MEMLOCK,
		      "RLIMIT_MEMLOCK is too small and this is not root (ulimit -l)");
}

static void look_at_devices(struct place *place)
{
	struct io_uring_params parameters;
	const char *why;
	char text[120];
	int file;

	memset(&parameters, 0, sizeof(parameters));
	file = (int)syscall(SYS_io_uring_setup, 1, &parameters);
	if (file >= 0)
		close(file);
	else
		lacks(place, NEED_IO_URING, "the kernel refuses io_uring_setup");
	if (!cache_clean_supported(&why))
		lacks(place, NEED_CACHE_CLEAN, why);
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0) < 0)
		lacks(place, NEED_MEMBARRIER, "the kernel has no membarrier");
	file = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (file >= 0) {
		close(file);
	} else {
		snprintf(text, sizeof(text), "/dev/kvm: %s", strerror(errno));
		lacks(place, NEED_KVM, text);
	}
#if !defined(__x86_64__)
	lacks(place, NEED_GUEST, "there is no guest for this architecture");
	lacks(place, NEED_X86, "this is no x86 CPU");
#endif
#if !defined(__aarch64__)
	lacks(place, NEED_ARM64, "this is no arm64 CPU");
#endif
}

static bool look_at_cpus(struct place *place, struct error *error)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return error_set(error, ERROR_INPUT, "sched_getaffinity: %s", strerror(errno));
	for (size_t cpu = 0; cpu < CPU_SETSIZE && place->cpu_count < CPUS_MOST; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			place->cpus[place->cpu_count++] = cpu;
	if (place->cpu_count < 2)
		lacks(place, NEED_TWO_CPUS, "only one CPU may be used");
	if (place->cpu_count < 4)
		lacks(place, NEED_FOUR_CPUS, "fewer than four CPUs may be used");
	return true;
}

const struct need_row *place_lacks(const struct place *place, unsigned int needs, const char **why)
{
	for (size_t i = 0; i < NEEDS; i++) {
		if ((needs & 1u << i) && place->missing[i][0]) {
			*why = place->missing[i];
			return &need_table[i];
		}
	}
	return NULL;
}

/* --- what it costs to stand there -------------------------------------------------------- */

static bool price(struct place *place, const struct work *work, uint64_t size, uint64_t units,
		  double *ns, struct error *error)
{
	const struct trial trial = { .work = work, .size = size };
	struct taken taken;

	if (!trial_run(&trial, place, &taken, error)) {
		if (error->kind == ERROR_INTERRUPTED)
			return false;
		*error = (struct error){ 0 }; /* it stays unknown */
		return true;
	}
	*ns = taken.wall_ns / (double)units;
	return true;
}

/* A CPU does the four instructions of a turn in a few ns; some KVMs emulate each. */
static bool look_at_guest(struct place *place, struct error *error)
{
	enum { TURNS = 1000, NATIVE_NS_MOST = 200 };
	const char *why;
	char text[120];
	double turn_ns = 0;

	if (place_lacks(place, NEED_KVM | NEED_GUEST, &why))
		return true;
	if (!price(place, &work_guest_loop, TURNS * 4096, TURNS, &turn_ns, error))
		return false;
	if (turn_ns == 0)
		lacks(place, NEED_GUEST, "KVM does not run it");
	snprintf(text, sizeof(text),
		 "KVM emulates its instructions (%.0f ns for four of them): it maps nothing for it",
		 turn_ns);
	if (turn_ns > NATIVE_NS_MOST)
		lacks(place, NEED_GUEST, text);
	return true;
}

bool place_look(struct place *place, const volatile bool *stop, uint64_t most_bytes,
		struct error *error)
{
	struct utsname name;
	time_t now = time(NULL);
	struct tm day;

	*place = (struct place){ .stop = stop };
	if (uname(&name) != 0)
		return error_set(error, ERROR_INPUT, "uname: %s", strerror(errno));
	snprintf(place->architecture, sizeof(place->architecture), "%.31s",
		 strcmp(name.machine, "aarch64") == 0 ? "arm64" : name.machine);
	snprintf(place->kernel, sizeof(place->kernel), "%.90s", name.release);
	if (!line_of(place->cpu, sizeof(place->cpu), "/proc/cpuinfo", "model name"))
		line_of(place->cpu, sizeof(place->cpu), "/proc/cpuinfo", "vendor_id");
	if (gmtime_r(&now, &day))
		strftime(place->date, sizeof(place->date), "%Y-%m-%d", &day);
	if (!look_at_cpus(place, error))
		return false;
	place->available_bytes = place_available_bytes();
	place->bound_bytes = place->available_bytes / 2;
	if (most_bytes && most_bytes < place->bound_bytes)
		place->bound_bytes = most_bytes;
	look_at_ground(place);
	look_at_memory(place);
	look_at_devices(place);
	return look_at_guest(place, error) &&
	       price(place, &work_syscall, 100000, 100000, &place->syscall_ns, error) &&
	       price(place, &work_touch, 16 << 20, 4096, &place->fault_ns, error) &&
	       (place->cpu_count < 2 || price(place, &work_ipi, 1000, 1000, &place->ipi_ns, error));
}

static double rusage_ns(int who)
{
	struct rusage usage;

	if (getrusage(who, &usage) != 0)
		return 0;
	return ((double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec) * 1e9 +
	       ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) * 1e3;
}

double place_others(const struct cpu_times *since, struct cpu_times *now)
{
	unsigned long long ticks = 0;
	char line[256] = "", *at = line + 4; /* behind "cpu " */
	long hertz = sysconf(_SC_CLK_TCK), cpus = sysconf(_SC_NPROCESSORS_ONLN);
	FILE *file = fopen("/proc/stat", "re");
	double others;

	if (file && fgets(line, sizeof(line), file))
		for (int i = 0; i < 3; i++) /* user, nice, system */
			ticks += strtoull(at, &at, 10);
	if (file)
		fclose(file);
	*now = (struct cpu_times){
		clock_ns(CLOCK_MONOTONIC),
		(double)ticks / (double)hertz * 1e9,
		rusage_ns(RUSAGE_SELF) + rusage_ns(RUSAGE_CHILDREN),
	};
	if (!since || now->elapsed_ns <= since->elapsed_ns)
		return 0;
	others = (now->busy_ns - since->busy_ns) - (now->own_ns - since->own_ns);
	return others > 0 ? others / (now->elapsed_ns - since->elapsed_ns) / (double)cpus : 0;
}

void place_print(const struct place *place, FILE *out)
{
	fprintf(out, "%s%s%s, Linux %s, %s, %zu CPU%s, %s of memory available\n",
		place->cpu[0] ? place->cpu : "a CPU without a name", place->machine[0] ? ", " : "",
		place->machine, place->kernel, place->architecture, place->cpu_count,
		place->cpu_count == 1 ? "" : "s",
		VALUE(UNIT_BYTES, (double)place->available_bytes));
	fprintf(out, "stands on: %s\n", place->ground);
	fprintf(out, "a system call %s, a fault of 4 KiB %s, an interrupt to another CPU %s\n",
		VALUE(UNIT_NANOSECONDS, place->syscall_ns),
		VALUE(UNIT_NANOSECONDS, place->fault_ns),
		place->ipi_ns > 0 ? VALUE(UNIT_NANOSECONDS, place->ipi_ns) : "not known");
}
