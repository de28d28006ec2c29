#ifndef MODELS_COMMON_H
#define MODELS_COMMON_H

/*
 * What a VM under QEMU and KVM has whatever guards its memory, so that a model holds only what is
 * its own. In the order of a model's sections; boot-time memslot updates are in memslots.h. A
 * macro that charges a term takes the one that the model calls so (GUEST_STOP, MM_FREE_4K).
 */

#include <stddef.h>

#include "flow/model.h"

/* --- definitions ---------------------------------------------------------- */

/* COUNT(per_vcpu, "vCPUs", expression of `guest`); those that one file uses are STATIC_. */
#define COUNT(symbol_, name_, value_) GUEST_VALUE(, count, uint64_t, of, symbol_, name_, value_)
#define STATIC_COUNT(symbol_, name_, value_)                                                       \
	GUEST_VALUE(static, count, uint64_t, of, symbol_, name_, value_)
#define CONDITION(symbol_, name_, value_) GUEST_CONDITION(, symbol_, name_, value_, false)
#define STATIC_CONDITION(symbol_, name_, value_)                                                   \
	GUEST_CONDITION(static, symbol_, name_, value_, false)
#define CONFIG_CONDITION(symbol_, name_, value_) GUEST_CONDITION(, symbol_, name_, value_, true)
#define GUEST_CONDITION(storage_, symbol_, name_, value_, of_config_)                              \
	static bool symbol_##_holds(const struct guest *guest)                                     \
	{                                                                                          \
		(void)guest;                                                                       \
		return (bool)(value_);                                                             \
	}                                                                                          \
	storage_ const struct condition symbol_ = { name_, symbol_##_holds, of_config_ }
#define GUEST_VALUE(storage_, kind_, type_, member_, symbol_, name_, value_)                       \
	static type_ symbol_##_##member_(const struct guest *guest)                                \
	{                                                                                          \
		(void)guest;                                                                       \
		return (type_)(value_);                                                            \
	}                                                                                          \
	storage_ const struct kind_ symbol_ = { name_, symbol_##_##member_ }

/* Of a ratio and of a chance likewise: a double. A share is a ratio of at most 1. */
#define RATIO(symbol_, name_, value_)        GUEST_RATIO(, symbol_, name_, value_, 0)
#define STATIC_RATIO(symbol_, name_, value_) GUEST_RATIO(static, symbol_, name_, value_, 0)
#define SHARE(symbol_, name_, value_)        GUEST_RATIO(, symbol_, name_, value_, 1)
#define GUEST_RATIO(storage_, symbol_, name_, value_, at_most_)                                    \
	static double symbol_##_of(const struct guest *guest)                                      \
	{                                                                                          \
		(void)guest;                                                                       \
		return (double)(value_);                                                           \
	}                                                                                          \
	storage_ const struct ratio symbol_ = { name_, symbol_##_of, at_most_ }
#define STATIC_CHANCE(symbol_, name_, value_)                                                      \
	GUEST_VALUE(static, chance, double, probability, symbol_, name_, value_)

/* HOOK(symbol, "what has happened") { ... return 0; } with `guest` and `generation`. */
#define HOOK(symbol_, name_)        GUEST_HOOK(, symbol_, name_)
#define STATIC_HOOK(symbol_, name_) GUEST_HOOK(static, symbol_, name_)
#define GUEST_HOOK(storage_, symbol_, name_)                                                       \
	static int symbol_##_run(struct guest *guest, uint32_t *generation);                       \
	storage_ const struct hook symbol_ = { name_, symbol_##_run };                             \
	static int symbol_##_run(__attribute__((unused)) struct guest *guest,                      \
				 __attribute__((unused)) uint32_t *generation)

/* A hook that is one statement and cannot fail; one that is an expression, an errno or 0. */
#define EFFECT(symbol_, name_, ...)          GUEST_DO(, symbol_, name_, __VA_ARGS__; return 0)
#define STATIC_EFFECT(symbol_, name_, ...)   GUEST_DO(static, symbol_, name_, __VA_ARGS__; return 0)
#define ERRNO(symbol_, name_, errno_)        GUEST_DO(, symbol_, name_, return (errno_))
#define STATIC_ERRNO(symbol_, name_, errno_) GUEST_DO(static, symbol_, name_, return (errno_))
#define GUEST_DO(storage_, symbol_, name_, ...)                                                    \
	static int symbol_##_run(__attribute__((unused)) struct guest *guest,                      \
				 __attribute__((unused)) uint32_t *generation)                     \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
	}                                                                                          \
	storage_ const struct hook symbol_ = { name_, symbol_##_run }

/* What a hook works on; a design may run it where there is none. */
#define NEEDS(what_)                                                                               \
	do {                                                                                       \
		if (!(what_))                                                                      \
			return HOOK_MISPLACED;                                                     \
	} while (0)

/* Of a hook that fails only when a fault is switched on. */
int succeeds(struct guest *guest, uint32_t *generation);

/* The dead generation of that number, if there is one, has nothing left but its pages. */
void only_pages_held(struct guest *guest, uint32_t number);

/* --- parameters ----------------------------------------------------------- */

/* Each model has its own struct of this name, and parameter_fields[] of its members. */
struct parameters;

#define PARAMETER_RECORD(name_, help_)                                                             \
	{                                                                                          \
		.name = (name_), .help = (help_), .size = sizeof(struct parameters),               \
		.fields = parameter_fields                                                         \
	}

static inline const struct parameters *parameters_of(const struct guest *guest)
{
	return guest->config->parameters;
}

/* Memory that a boot touches. To be embedded in a model's parameters. */
struct boot_touch {
	int64_t bytes;
	double ratio; /* ... and so much of the guest's memory */
};

/* Its two fields; `who_` reads as "memory that WHO". */
#define BOOT_TOUCH_FIELD(offset, who_)                                                             \
	{                                                                                          \
		"boot_touch", FIELD_BYTES, offset, "\"256MiB\"", 0, 0x1p60, NULL, NULL,            \
			"memory that " who_                                                        \
	}
#define BOOT_TOUCH_RATIO_FIELD(offset)                                                             \
	{                                                                                          \
		"boot_touch_ratio", FIELD_RATIO, offset, "0.015625", 0, 1, NULL, NULL,             \
			"the same as a share of the guest's memory; 1/64: one struct page of 64 "  \
			"bytes per page"                                                           \
	}

uint64_t boot_touch_pages(const struct guest *guest, const struct boot_touch *touch);

/* Of the booted guest, which goes on to touch what it has not; `order_`: in which order. */
#define WORKLOAD_RATE_FIELD(offset, order_)                                                        \
	{                                                                                          \
		"workload_rate", FIELD_BANDWIDTH, offset, "\"500MB/s\"", 1, 1e15, NULL, NULL,      \
			"speed at which the booted guest goes on to touch its resident "           \
			"memory" order_                                                            \
	}

uint64_t first_touch_pace_ns(const struct guest *guest, double workload_rate);

/* Pages of 4 KiB. */
static inline uint64_t pages_4k(int64_t bytes)
{
	return (uint64_t)((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
}

/* --- cost terms ----------------------------------------------------------- */

#define OWN_GUESS "order of magnitude; no public figure"
#define ARORA     "A. Arora, clear_huge_page series, 2023"
#define LU        "A. Lu, parallel free series, 2017"

/* Rows of a model's table. */
#define GUEST_STOP_TERM(until_)                                                                    \
	{                                                                                          \
		"guest.stop", TERM_PER_CALL, 1e9, 0.1, 10e6, 30e9, TERM_ASSUMED,                   \
			"services stop" until_ "; depends on the guest: low: a micro-VM without "  \
			"services; 0.4 s of one (tinylabscom/mvm issue 2299, 2026); 5 s of "       \
			"Windows (virtio-win issue 1148, 2024); high: a service that hangs; "      \
			"systemd gives up on one after 90 s (DefaultTimeoutStopSec)"               \
	}
#define KICK_SEEN                                                                                  \
	"a signal to the thread of one vCPU (all are kicked, then waited for once: QEMU "          \
	"system/cpus.c, pause_all_vcpus); " OWN_GUESS
#define QEMU_PAUSE_TERM                                                                            \
	{                                                                                          \
		"qemu.pause_vcpu", TERM_PER_CALL, 2e3, 0.1, 500, 20e3, TERM_ASSUMED, KICK_SEEN     \
	}
#define QEMU_PAUSE_WAIT_TERM                                                                       \
	{                                                                                          \
		"qemu.pause_wait", TERM_PER_CALL, 20e3, 0.2, 2e3, 5e6, TERM_ASSUMED,               \
			"until the last of the vCPUs that were kicked has left the guest; a "      \
			"virtual IPI took 5200 cycles on x86, 11600 on arm64 (C. Dall and "        \
			"others, ISCA 2016); high: one that is in a long exit; " OWN_GUESS         \
	}
#define QEMU_START_FIGURES(mean_) TERM_PER_CALL, mean_, 0.05, 3e6, 1e9
#define QEMU_START_SEEN                                                                            \
	"; 30 to 52 ms until QEMU's devices are there (S. Garzarella, QEMU 4.0 and PVH, 2019; L. " \
	"Merwick, qemu-devel, December 2018), 34 to 55 ms cloud-hypervisor (issue 1728, 2020); "   \
	"low: small VMMs (Unikraft, EuroSys 2021: 3 to 40 ms with the guest's boot); high: 0.86 "  \
	"s with VFIO on Xeon 8167M (D. Jordan, vfio/type1, 2022-01-05)"
#define GUEST_BOOT_SEEN                                                                            \
	"; depends on the guest: 24 to 29 ms of FreeBSD (Firecracker pull request 3944, 2023), "   \
	"77 "                                                                                      \
	"to 87 ms of a small Linux (S. Garzarella, 2019; cloud-hypervisor issue 1728, 2020), 249 " \
	"to 314 ms (L. Merwick, 2018), seconds of a distribution; low: 1 ms of a unikernel "       \
	"(Unikraft, EuroSys 2021)"
#define DIRECT_BOOT_FIELD(offset)                                                                  \
	{                                                                                          \
		"direct_boot", FIELD_FLAG, offset, "false", 0, 0, NULL, NULL,                      \
			"the VMM loads the kernel and jumps into it (PVH; Firecracker, "           \
			"cloud-hypervisor): there is no firmware, guest.firmware is not charged"   \
	}
#define QEMU_DEVICE_RESET_TERM(of_)                                                                \
	{                                                                                          \
		"qemu.device_reset", TERM_PER_CALL, 20e6, 0.1, 1e6, 200e6, TERM_ASSUMED,           \
			of_ OWN_GUESS                                                              \
	}
#define KERNEL_EXIT_TERM                                                                           \
	{                                                                                          \
		"kernel.exit", TERM_PER_CALL, 1e6, 0.1, 100e3, 10e6, TERM_ASSUMED,                 \
			"do_exit without the address space; " OWN_GUESS "; 0.4 to 0.7 ms "         \
			"(measured, THP and a helper that shares the memory)"                      \
	}
#define MM_FAULT_SEEN                                                                              \
	OWN_GUESS "; without a trap 210 ns (D. Hildenbrand, MADV_POPULATE, July 2021) to 530 ns "  \
		  "(measured), an exit of the guest 1.23 to 1.64 us besides (TUM CVM_eval, "       \
		  "vmexit); high: both and a cold cache; not of hosts whose traps are shadowed"
#define MM_FAULT_TERM(of_)                                                                         \
	{                                                                                          \
		"mm.fault", TERM_PER_PAGE, 600, 0.2, 200, 5e3, TERM_ASSUMED, of_ MM_FAULT_SEEN     \
	}
#define MM_FREE_1G_TERM                                                                            \
	{                                                                                          \
		"mm.free_1g", TERM_PER_PAGE, 1e3, 0.1, 500, 100e3, TERM_ASSUMED,                   \
			"one page of hugetlbfs goes back to its pool, as one of 2 MiB does in "    \
			"1.28 us (measured)"                                                       \
	}

/*
 * The figures of a row whose pedigree differs: a published one is an assumption elsewhere. And
 * what was seen elsewhere, which their ranges hold.
 */
#define MM_ZERO_4K_FIGURES TERM_PER_PAGE, 335, 0.1, 110, 3e3
#define MM_ZERO_2M_FIGURES TERM_PER_PAGE, 171.3e3, 0.05, 56e3, 1.6e6
#define MM_ZERO_1G_FIGURES TERM_PER_PAGE, 59.7e6, 0.05, 28.8e6, 320e6
#define MM_FREE_4K_FIGURES TERM_PER_PAGE, 129, 0.05, 50, 300
#define MM_FREE_2M_FIGURES TERM_PER_PAGE, 2.7e3, 0.1, 330, 20e3

#define ZERO_4K_SEEN                                                                               \
	"; elsewhere: 184 ns memset, EPYC of family 26 (measured); 473 ns Icelakex (" ARORA        \
	"); 773 ns Xeon 8167M (D. Jordan, vfio/type1, 2022-01-05); 823 ns Broadwell (D. Jordan, "  \
	"vfio batch pinning, 2021); low and high: as fast and as slow as huge pages were"
#define ZERO_2M_SEEN                                                                               \
	"; elsewhere: 120 us with " ARORA "; 141 us EPYC 7J13 and 396 us Xeon 8167M (D. Jordan, "  \
	"vfio/type1, 2022-01-05); 226 us Xeon 6776P (cloud-hypervisor 8785, 2026); 239 us "        \
	"Icelakex; low: 37 GB/s, of 1 GiB pages; high: 1 to 1.55 ms, 256 GiB to 4 TiB by one "     \
	"thread (J. Kolhe, QEMU 2.9, 2017)"
#define ZERO_1G_SEEN                                                                               \
	"; elsewhere: 28.8 ms with that series; 88 to 119 ms Icelakex; 200 to 250 ms Skylake, "    \
	"v6.19-rc2 (Li Zhe, huge-page pre-zeroing, v2, January 2026)"
#define FREE_4K_SEEN                                                                               \
	"; 123 ns in a VM on Xeon, Linux 6.18 (results/machine); low: 74 ns to unmap, unpin and "  \
	"free in VFIO (Li Zhe, vfio/type1, 2025); high: 301 ns at the exit of a process in a VM "  \
	"whose page tables are shadowed (measured)"
#define FREE_2M_SOURCE                                                                             \
	"2.73 us at the exit of a process, 3.3 us munmap, hugetlb 1.28 us (measured in a VM on "   \
	"EPYC of family 26, Linux 6.18); high: 4.2 to 19.8 us on another day; low: a 200th of "    \
	"512 pages of 4 KiB; no published figure"

/* Clearing on the machine where it was measured: three rows. */
#define ARORA_MILAN ARORA ": demand faults on EPYC Milan"
#define MM_ZERO_TERMS_MILAN                                                                        \
	[MM_ZERO_4K] = { "mm.zero_4k", MM_ZERO_4K_FIGURES, TERM_DERIVED,                           \
			 "4 KiB at 12.24 GB/s; " ARORA_MILAN ZERO_4K_SEEN },                       \
	[MM_ZERO_2M] = { "mm.zero_2m", MM_ZERO_2M_FIGURES, TERM_PUBLISHED,                         \
			 "2 MiB at 12.24 GB/s; " ARORA_MILAN ZERO_2M_SEEN },                       \
	[MM_ZERO_1G] = { "mm.zero_1g", MM_ZERO_1G_FIGURES, TERM_PUBLISHED,                         \
			 "1 GiB at 17.98 GB/s; " ARORA_MILAN ZERO_1G_SEEN }

/* --- locks ---------------------------------------------------------------- */

/* vcpu_mutex: those of all vCPUs, taken one after another. */
extern const struct lock_kind kvm_lock, vcpu_mutex, slots_lock, slots_arch_lock, kvm_srcu, mmu_lock;
extern const struct lock_kind mmap_lock;

/* --- metadata ------------------------------------------------------------- */

/*
 * What a VM needs of the host besides its memory, by names of Linux. A table of pages is 8 bytes a
 * page; its upper levels are at most 1/512 of that more, and left out.
 *
 *   QEMU                 the VM's process itself: key vmm_memory (s390-pv has it among its pages)
 *   page tables          of the process: 8 bytes for each page that is mapped, at the size of
 *                        the backing pages; on s390, where KVM's gmap shares these tables, each
 *                        entry has a status entry of 8 bytes beside it (pgste: arch/s390/
 *                        include/asm/pgtable.h)
 *   second-stage tables  8 bytes for each page that KVM maps for the guest (vmstat
 *                        nr_sec_page_table_pages), freed with the VM
 *   memory attributes    of guests with a guest_memfd: KVM's mem_attr_array, an xarray whose nodes
 *                        of 576 bytes hold 64 entries, one for each 4 KiB of memory
 *   lpage_info           x86: 4 bytes for each 2 MiB and each 1 GiB of memslots
 *                        (arch/x86/kvm/x86.c: kvm_alloc_memslot_metadata)
 *
 * Not there: rmap[] and gfn_write_track[], which x86 has only once it shadows page tables
 * (kvm_memslots_have_rmaps), and the guest_memfd of a realm or a TD, which is not mapped by the
 * process. A realm's tables are RTTs, of a kind of their own. Of TDX the tables of the secure EPT
 * and the control pages are given to the module (models/tdx_end.c); its own map of all memory
 * (PAMT, 0.4 % of the host's) is there before any guest: K. Shutemov, Dynamic PAMT, 2025-05-02.
 */
extern const struct metadata_kind metadata_x86[], metadata_arm64[], metadata_s390[];
extern const struct metadata_kind metadata_gmem[], metadata_tdx[], metadata_cca[];

/* --- counts and conditions ------------------------------------------------ */

extern const struct count per_vcpu, per_mebibyte, resident_bytes;
extern const struct condition backed_4k, backed_2m, backed_1g, backed_huge;

/* Three conditions for PRICE_BY_SIZE: DEFINE_ is CONDITION or its static kin. */
#define CONDITIONS_BY_SIZE(DEFINE_, symbol_, before_, behind_, value_)                             \
	DEFINE_(symbol_##_4k, before_ "4 KiB pages" behind_, backed_4k.holds(guest) && (value_));  \
	DEFINE_(symbol_##_2m, before_ "2 MiB pages" behind_, backed_2m.holds(guest) && (value_));  \
	DEFINE_(symbol_##_1g, before_ "1 GiB pages" behind_, backed_1g.holds(guest) && (value_))

/* --- page loops ----------------------------------------------------------- */

struct page_range all_pages(const struct guest *guest);

/* Of three prices the one for the size of the backing pages, by conditions called alike. */
#define PRICE_BY_SIZE(term_, when_)                                                                \
	PRICE_WHEN(term_##_4K, when_##_4k), PRICE_WHEN(term_##_2M, when_##_2m),                    \
		PRICE_WHEN(term_##_1G, when_##_1g)
#define PRICE_BY_BACKING(term_) PRICE_BY_SIZE(term_, backed)
#define PRICE_BY_SIZE_TIMES(term_, when_, calls_)                                                  \
	PRICE_WHEN_TIMES(term_##_4K, when_##_4k, calls_),                                          \
		PRICE_WHEN_TIMES(term_##_2M, when_##_2m, calls_),                                  \
		PRICE_WHEN_TIMES(term_##_1G, when_##_1g, calls_)

/* --- flows ---------------------------------------------------------------- */

/* A flow whose steps are not worth a table of their own. */
#define FLOW_OF(name_, summary_, ...) FLOW(name_, summary_, ((const struct step[]){ __VA_ARGS__ }))

/* Every vCPU is kicked, then QEMU waits for the last to leave the guest. */
#define PAUSE_VCPUS(where_)                                                                        \
	USER(QEMU_PAUSE, &per_vcpu, where_), USER(QEMU_PAUSE_WAIT, NULL, where_ ": wait")

/* The guest powers itself off, and its process ends as in the flow `exit_`. */
#define POWER_OFF(exit_)                                                                           \
	SLEEP(GUEST_STOP, NULL, "guest: kernel_power_off"), CALL(exit_, "qemu: exit")
#define SHUTDOWN(...) FLOW_OF("shutdown", "power off and leave", __VA_ARGS__)

/* The end of a process whose guest may still be at work. */
#define PROCESS_EXIT(workload_, end_)                                                              \
	FLOW_OF("process_exit", "the process ends", STOP(workload_, "do_exit"),                    \
		CALL(end_, "do_exit"), MARK(MILESTONE_DONE))

/* What the booted guest does until something stops it. */
#define WORKLOAD(touches_, where_)                                                                 \
	FLOW_OF("workload", "first touches after the boot", PAGES(touches_, "stopped", where_),    \
		LABEL("stopped"), FORGET("guest"))

/* --- the model ------------------------------------------------------------ */

/* Flows of a strategy: of a whole life, with those of one operation more, or of its end alone. */
#define FLOWS(start_, reboot_, shutdown_, kill_)                                                   \
	{                                                                                          \
		[OPERATION_START] = &(start_), [OPERATION_REBOOT] = &(reboot_),                    \
		[OPERATION_SHUTDOWN] = &(shutdown_), [OPERATION_KILL] = &(kill_)                   \
	}
#define FLOWS_AND(start_, reboot_, shutdown_, kill_, operation_, flow_)                            \
	{                                                                                          \
		[OPERATION_START] = &(start_), [OPERATION_REBOOT] = &(reboot_),                    \
		[OPERATION_SHUTDOWN] = &(shutdown_), [OPERATION_KILL] = &(kill_),                  \
		[operation_] = &(flow_)                                                            \
	}
#define END_FLOWS(shutdown_, kill_)                                                                \
	{                                                                                          \
		[OPERATION_SHUTDOWN] = &(shutdown_), [OPERATION_KILL] = &(kill_)                   \
	}

/* An array and its length: two members of struct model that follow each other. */
#define TABLE(array_) array_, sizeof(array_) / sizeof((array_)[0])

#endif
