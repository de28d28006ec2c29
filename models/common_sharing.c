/*
 * What prices use besides a core, whatever model charges them.
 *
 * Bytes are those that the code writes, twice where it copies; what caches keep is not known.
 *
 * Freeing pages of 4 KiB: 320 GiB by 1, 2, 4, 8, 16 threads in 8.9, 5.65, 4.84, 4.77, 4.85 s on a
 * Haswell-EX with v4.10 (A. Lu, parallel free series, 2017; as if all of it were freeing): more
 * than four do no more. Two processes at once on two CPUs of a virtual machine (EPYC, Linux 6.18)
 * took 1.45 to 1.5 times as long as one alone, and of transparent huge pages 1.85 times: for these
 * there is no other figure. On other machines two took from 1.0 times as long on, and one lock that
 * is all of the work makes it twice: these are the ends.
 *
 * Clearing has no crowd: two threads took 1.09 to 1.18 times as long there, and the bandwidth of
 * the host says the rest.
 */

#include "flow/term.h"

static const char lu_2017[] =
	"A. Lu, parallel free series, 2017: threads that free 320 GiB, Haswell-EX, v4.10";
static const char epyc[] = "two processes that end at once in a virtual machine, EPYC, Linux 6.18";

#define KIB(n) ((n)*1024.0)
#define MIB(n) ((n)*1048576.0)

#define CLEARS(term_, bytes_)                                                                      \
	{                                                                                          \
		.term = (term_), .sharing = {.uses[CAPACITY_MEMORY] = (bytes_) }                   \
	}
#define FREES_4K(term_, ...)                                                                       \
	{                                                                                          \
		.term = (term_),                                                                   \
		.sharing = { .crowd = CROWD_ZONE,                                                  \
			     .speeds = { 8.9 / 5.65 / 2, 0.6, 8.9 / 4.84 / 4 },                    \
			     .slowest = 0.5,                                                       \
			     .fastest = 1,                                                         \
			     .speeds_status = TERM_DERIVED,                                        \
			     .speeds_source = lu_2017 },                                           \
		__VA_ARGS__                                                                        \
	}
#define FREES_2M(term_, ...)                                                                       \
	{                                                                                          \
		.term = (term_),                                                                   \
		.sharing = { .crowd = CROWD_ZONE,                                                  \
			     .speeds = { 1 / 1.85 },                                               \
			     .slowest = 0.5,                                                       \
			     .fastest = 1,                                                         \
			     .speeds_status = TERM_MEASURED,                                       \
			     .speeds_source = epyc },                                              \
		__VA_ARGS__                                                                        \
	}

const struct term_sharing term_sharing_table[] = {
	/* pages are cleared, copied, or written back */
	CLEARS("mm.zero_4k", KIB(4)),
	CLEARS("mm.zero_2m", MIB(2)),
	CLEARS("mm.zero_1g", MIB(1024)),
	CLEARS("mm.migrate_page", KIB(8)),
	CLEARS("cpu.clflush_4k", KIB(4)),
	CLEARS("dcache.clean_4k", KIB(4)),
	CLEARS("dcache.clean_2m", MIB(2)),
	CLEARS("dcache.clean_1g", MIB(1024)),
	CLEARS("guest.memmap", KIB(16)),
	CLEARS("kvm.page_array", KIB(2)),
	CLEARS("kvm.pin_metadata", KIB(4)),
	CLEARS("mm.zero_page", KIB(4)),
	CLEARS("vmm.copy", MIB(2)),
	/* and by firmware */
	CLEARS("uvc.unpack", KIB(8)),
	CLEARS("tdx.clear_page", KIB(4)),
	CLEARS("uvc.import", KIB(8)),
	CLEARS("uvc.export", KIB(8)),
	CLEARS("uvc.destroy_page", KIB(4)),
	CLEARS("pkvm.reclaim_page", KIB(4)),
	CLEARS("rmi.data_destroy", KIB(4)),
	CLEARS("rmi.data_create", KIB(8)),
	/* go back to the buddy allocator */
	FREES_4K("mm.free_4k"),
	FREES_4K("mm.free_page"),
	FREES_4K("mm.unpin_4k", .model = "sev"), /* it frees them, too */
	FREES_2M("mm.free_2m"),
	FREES_2M("mm.unpin_2m", .model = "sev"),
};
const size_t term_sharing_count = sizeof(term_sharing_table) / sizeof(term_sharing_table[0]);
