/*
 * AMD Secure Encrypted Virtualization: guests whose memory must not move.
 *
 * The physical address is part of the encryption, so every page of a guest is
 * pinned: all of them when the VMM registers its memory (upstream), or each when
 * the guest first touches it (two proposals). The flows follow
 *   N. A. Dadhania, "[RFC PATCH 0/6] KVM: SVM: Defer page pinning for SEV guests",
 *   kvm, 2022-01-18, and "[RFC PATCH v1 0/9]", kvm, 2022-03-08;
 *   D. Hildenbrand's objections in the thread of patch 3/6, January 2022;
 *   arch/x86/kvm/svm/sev.c of Linux 5.17 and 6.15; QEMU target/i386/sev.c.
 */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "models/memslots.h"

/* --- parameters ----------------------------------------------------------- */

struct parameters {
	int64_t prealloc_threads;
	int64_t firmware_bytes;
	bool es, snp;
	int64_t asids;
	bool cap_ipc_lock;
	int64_t memlock_limit_bytes;
	bool longterm;
	double movable, extra_reference;
	bool slot_limit;
	bool flush_used_cpus;
	int64_t boot_touch_bytes;
	double boot_touch_ratio;
	double workload_rate;
	struct slot_updates updates;
};

#define OFFSET(member) offsetof(struct parameters, member)

static const struct field parameter_fields[] = {
	{ "prealloc_threads", FIELD_COUNT, OFFSET(prealloc_threads), "0", 0, 1024, NULL, NULL,
	  "QEMU threads that touch all memory before it is registered (0: none)" },
	{ "firmware", FIELD_BYTES, OFFSET(firmware_bytes), "\"1MiB\"", 4096, 0x1p32, NULL, NULL,
	  "what LAUNCH_UPDATE measures and encrypts, one command of the PSP for each 4 KiB" },
	{ "es", FIELD_FLAG, OFFSET(es), "false", 0, 0, NULL, NULL,
	  "SEV-ES: the state of each vCPU is encrypted too (LAUNCH_UPDATE_VMSA)" },
	{ "snp", FIELD_FLAG, OFFSET(snp), "false", 0, 0, NULL, NULL,
	  "prices of SEV-SNP's launch commands; its page table of owners is not modelled" },
	{ "asids", FIELD_COUNT, OFFSET(asids), "254", 1, 1e6, NULL, NULL,
	  "address space identifiers of the host; the same for all its guests" },
	{ "cap_ipc_lock", FIELD_FLAG, OFFSET(cap_ipc_lock), "true", 0, 0, NULL, NULL,
	  "the VMM has CAP_IPC_LOCK: RLIMIT_MEMLOCK does not hold for it" },
	{ "memlock_limit", FIELD_BYTES, OFFSET(memlock_limit_bytes), "\"8MiB\"", 0, 0x1p60, NULL,
	  NULL, "RLIMIT_MEMLOCK of the VMM, without cap_ipc_lock" },
	{ "longterm", FIELD_FLAG, OFFSET(longterm), "false", 0, 0, NULL, NULL,
	  "strategy upfront pins with FOLL_LONGTERM (Linux since 2025): pages in CMA and "
	  "ZONE_MOVABLE are migrated first" },
	{ "movable", FIELD_RATIO, OFFSET(movable), "0", 0, 1, NULL, NULL,
	  "share of the guest's pages that lie in CMA or ZONE_MOVABLE when they are pinned" },
	{ "extra_reference", FIELD_RATIO, OFFSET(extra_reference), "0", 0, 1, NULL, NULL,
	  "probability that the migration of these pages meets another reference (O_DIRECT, "
	  "vhost, "
	  "or the one that the fault took before the pin) and fails" },
	{ "slot_limit", FIELD_FLAG, OFFSET(slot_limit), "false", 0, 0, NULL, NULL,
	  "kvmalloc refuses more than INT_MAX bytes: with the metadata of the proposals a memslot "
	  "of 1 TiB or more fails with ENOMEM" },
	{ "flush_used_cpus", FIELD_FLAG, OFFSET(flush_used_cpus), "false", 0, 0, NULL, NULL,
	  "Linux 6.17: no superfluous cache flush at destroy, and only on CPUs that ran the "
	  "guest" },
	{ "boot_touch", FIELD_BYTES, OFFSET(boot_touch_bytes), "\"256MiB\"", 0, 0x1p60, NULL, NULL,
	  "memory that firmware and kernel touch while they boot" },
	{ "boot_touch_ratio", FIELD_RATIO, OFFSET(boot_touch_ratio), "0.015625", 0, 1, NULL, NULL,
	  "the same as a share of the guest's memory; 1/64: one struct page of 64 bytes per page" },
	{ "workload_rate", FIELD_BANDWIDTH, OFFSET(workload_rate), "\"500MB/s\"", 1, 1e15, NULL,
	  NULL, "speed at which the booted guest goes on to touch its resident memory" },
	SLOT_UPDATE_FIELDS(OFFSET(updates), "43", "43"),
	{ .key = NULL },
};

static const struct record parameter_record = {
	.name = "sev guest",
	.help = "Parameters of a SEV guest.",
	.size = sizeof(struct parameters),
	.fields = parameter_fields,
};

static const struct parameters *parameters_of(const struct guest *guest)
{
	return guest->config->parameters;
}

/* --- cost terms ----------------------------------------------------------- */

#define OWN_GUESS   "order of magnitude; no public figure"
#define ARORA       "A. Arora, clear_huge_page series, 2023: demand faults on EPYC Milan"
#define GUP_TEST    "Li Zhe, mm/gup longterm series, 2025 (gup_test, v6.15)"
#define START_TABLE "N. A. Dadhania, RFC v1 0/9, 2022-03-08, table of guest boot times"

enum {
	GUEST_STOP,
	GUEST_BOOT,
	GUEST_MEMMAP,
	QEMU_START,
	QEMU_PAUSE,
	QEMU_THREAD_START,
	MM_FAULT,
	MM_ZERO_4K,
	MM_ZERO_2M,
	MM_ZERO_1G,
	MM_PIN_4K,
	MM_PIN_2M,
	MM_PIN_1G,
	MM_GET_PAGE,
	MM_MIGRATE,
	MM_UNPIN_4K,
	MM_UNPIN_2M,
	MM_UNPIN_1G,
	MM_UNMAP_4K,
	MM_UNMAP_HUGE,
	KVM_SET_REGION,
	SRCU_GRACE,
	KVM_PAGE_ARRAY,
	KVM_METADATA,
	KVM_PIN_MUTEX,
	KVM_SCAN_BITMAP,
	KVM_ZAP,
	KVM_DESTROY,
	CPU_CLFLUSH,
	CPU_WBINVD,
	KERNEL_EXIT,
	PSP_LAUNCH_START,
	PSP_ACTIVATE,
	PSP_UPDATE_SEV,
	PSP_UPDATE_SNP,
	PSP_UPDATE_VMSA,
	PSP_MEASURE,
	PSP_FINISH,
	PSP_DF_FLUSH,
	PSP_DEACTIVATE,
	PSP_DECOMMISSION,
	TERM_COUNT
};

static const struct term terms[TERM_COUNT] = {
	[GUEST_STOP] = { "guest.stop", TERM_PER_CALL, 1e9, 0.1, 0.1e9, 30e9, TERM_ASSUMED,
			 "services stop until the reset; depends on the guest" },
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 5490e6, 0.02, 1e9, 20e9, TERM_DERIVED,
			 START_TABLE ": the part that does not depend on memory, through demand "
				     "16 and 192 GiB, less the steps modelled apart" },
	[GUEST_MEMMAP] = { "guest.memmap", TERM_PER_MIB, 3200, 0.05, 0, 6e3, TERM_DERIVED,
			   START_TABLE ": growth of demand from 16 to 192 GiB (5.06 ms per GiB) "
				       "less faults and metadata modelled apart" },
	[QEMU_START] = { "qemu.start", TERM_PER_CALL, 94e6, 0.05, 50e6, 500e6, TERM_PUBLISHED,
			 "94 ms: TUM CVM_eval, README, QEMU with SNP" },
	[QEMU_PAUSE] = { "qemu.pause_vcpu", TERM_PER_CALL, 10e3, 0.1, 2e3, 50e3, TERM_ASSUMED,
			 "kick and wait for one vCPU; " OWN_GUESS },
	[QEMU_THREAD_START] = { "qemu.thread_start", TERM_PER_CALL, 50e3, 0.2, 20e3, 500e3,
				TERM_ASSUMED, "one preallocation thread; " OWN_GUESS },
	[MM_FAULT] = { "mm.fault", TERM_PER_PAGE, 600, 0.2, 300, 3e3, TERM_ASSUMED,
		       "trap, allocation and mapping without zeroing, any size; " OWN_GUESS },
	[MM_ZERO_4K] = { "mm.zero_4k", TERM_PER_PAGE, 335, 0.1, 233, 470, TERM_DERIVED,
			 "4 KiB at 12.24 GB/s; " ARORA },
	[MM_ZERO_2M] = { "mm.zero_2m", TERM_PER_PAGE, 171.3e3, 0.05, 120e3, 239e3, TERM_PUBLISHED,
			 "2 MiB at 12.24 GB/s; " ARORA },
	[MM_ZERO_1G] = { "mm.zero_1g", TERM_PER_PAGE, 59.7e6, 0.05, 28.8e6, 119e6, TERM_PUBLISHED,
			 "1 GiB at 17.98 GB/s; " ARORA },
	[MM_PIN_4K] = { "mm.pin_4k", TERM_PER_PAGE, 62, 0.1, 55, 70, TERM_PUBLISHED,
			"130538 us for 8 GiB, less faults; " GUP_TEST },
	[MM_PIN_2M] = { "mm.pin_2m", TERM_PER_PAGE, 5740, 0.1, 2e3, 7e3, TERM_DERIVED,
			"47 ms for 16 GiB of resident THP (Li Zhe, vfio/type1, v6.16-rc4), with "
			"the "
			"page pointers; gup_test on hugetlb gives 3.5 us" },
	[MM_PIN_1G] = { "mm.pin_1g", TERM_PER_PAGE, 1.8e6, 0.1, 0.6e6, 3e6, TERM_ASSUMED,
			"as 512 pages of 2 MiB of hugetlb; " GUP_TEST },
	[MM_GET_PAGE] = { "mm.get_page", TERM_PER_PAGE, 5, 0.2, 2, 20, TERM_ASSUMED,
			  "one atomic increment for each 4 KiB; " OWN_GUESS },
	[MM_MIGRATE] = { "mm.migrate_page", TERM_PER_PAGE, 2e3, 0.2, 1e3, 10e3, TERM_ASSUMED,
			 "copy and remap of 4 KiB out of CMA or ZONE_MOVABLE; " OWN_GUESS },
	[MM_UNPIN_4K] = { "mm.unpin_4k", TERM_PER_PAGE, 144, 0.1, 65, 225, TERM_DERIVED,
			  "15 ns to unpin (" GUP_TEST ") and 129 ns to free (A. Lu, parallel free "
			  "series, 2017)" },
	[MM_UNPIN_2M] = { "mm.unpin_2m", TERM_PER_PAGE, 3.4e3, 0.1, 2.7e3, 17e3, TERM_DERIVED,
			  "10858 us for 8 GiB (" GUP_TEST ") and the release of one huge page" },
	[MM_UNPIN_1G] = { "mm.unpin_1g", TERM_PER_PAGE, 1.4e6, 0.1, 1e6, 8e6, TERM_ASSUMED,
			  "as 512 pages of 2 MiB; " GUP_TEST },
	[MM_UNMAP_4K] = { "mm.unmap_4k", TERM_PER_PAGE, 30, 0.1, 10, 80, TERM_ASSUMED,
			  "clear one entry and drop the mapping's reference; " OWN_GUESS },
	[MM_UNMAP_HUGE] = { "mm.unmap_huge", TERM_PER_PAGE, 500, 0.1, 100, 2e3, TERM_ASSUMED,
			    "the same for a huge page; " OWN_GUESS },
	[KVM_SET_REGION] = SLOT_UPDATE_TERM,
	[SRCU_GRACE] = SLOT_GRACE_TERM,
	[KVM_PAGE_ARRAY] = { "kvm.page_array", TERM_PER_MIB, 170, 0.1, 80, 300, TERM_DERIVED,
			     "8 bytes for each 4 KiB from vmalloc, zeroed at 12.24 GB/s; " ARORA },
	[KVM_METADATA] = { "kvm.pin_metadata", TERM_PER_MIB, 350, 0.1, 170, 1e3, TERM_DERIVED,
			   "16 bytes for each 4 KiB (pfns[] and a bitmap sized in bytes: RFC "
			   "patches 2/6 and 4/9), zeroed at 12.24 GB/s" },
	[KVM_PIN_MUTEX] = { "kvm.slots_arch_lock", TERM_PER_PAGE, 1e3, 0.2, 300, 3e3, TERM_ASSUMED,
			    "slots_arch_lock held to pin and record one mapping; " OWN_GUESS },
	[KVM_SCAN_BITMAP] = { "kvm.scan_pinned", TERM_PER_MIB, 100, 0.1, 50, 500, TERM_ASSUMED,
			      "test 256 bits of the pinned bitmap; " OWN_GUESS },
	[KVM_ZAP] = { "kvm.zap_spte", TERM_PER_PAGE, 20, 0.1, 5, 100, TERM_ASSUMED,
		      "one leaf of the nested page table; " OWN_GUESS },
	[KVM_DESTROY] = { "kvm.destroy_vcpu", TERM_PER_CALL, 100e3, 0.1, 20e3, 1e6, TERM_ASSUMED,
			  OWN_GUESS },
	[CPU_CLFLUSH] = { "cpu.clflush_4k", TERM_PER_PAGE, 230, 0.1, 100, 1e3, TERM_DERIVED,
			  "more than 52 ms for 229685 pages of a 256 GiB guest (P. Gonda, March "
			  "2022, <20220330164306.2376085-1-pgonda@google.com>): a lower bound" },
	[CPU_WBINVD] = { "cpu.wbinvd_all", TERM_PER_CALL, 2e6, 0.3, 0.5e6, 10e6, TERM_ASSUMED,
			 "dirty bytes of the caches at their write bandwidth, and the IPIs; no "
			 "public figure for servers" },
	[KERNEL_EXIT] = { "kernel.exit", TERM_PER_CALL, 1e6, 0.1, 100e3, 10e6, TERM_ASSUMED,
			  "do_exit without the address space; " OWN_GUESS },
	[PSP_LAUNCH_START] = { "psp.launch_start", TERM_PER_CALL, 4e6, 0.05, 1e6, 10e6,
			       TERM_PUBLISHED, "ioctl trace in enarx pull request 246, 2020" },
	[PSP_ACTIVATE] = { "psp.activate", TERM_PER_CALL, 500e3, 0.1, 100e3, 10e6, TERM_ASSUMED,
			   "as the other short commands in enarx pull request 246, 2020" },
	[PSP_UPDATE_SEV] = { "psp.launch_update_data", TERM_PER_PAGE, 480e3, 0.02, 200e3, 1e6,
			     TERM_DERIVED, "4.694 s for 39.8 MB: enarx pull request 246, 2020" },
	[PSP_UPDATE_SNP] = { "psp.snp_launch_update", TERM_PER_PAGE, 1.0e6, 0.02, 0.9e6, 1.1e6,
			     TERM_PUBLISHED, "SEVeriFast, ASPLOS 2024, artifact: 4 KiB to 32 MiB" },
	[PSP_UPDATE_VMSA] = { "psp.launch_update_vmsa", TERM_PER_CALL, 500e3, 0.1, 100e3, 2e6,
			      TERM_ASSUMED, "as one page of LAUNCH_UPDATE_DATA" },
	[PSP_MEASURE] = { "psp.launch_measure", TERM_PER_CALL, 460e3, 0.05, 100e3, 2e6,
			  TERM_PUBLISHED, "ioctl trace in enarx pull request 246, 2020" },
	[PSP_FINISH] = { "psp.launch_finish", TERM_PER_CALL, 500e3, 0.1, 100e3, 10e6, TERM_ASSUMED,
			 "as the other short commands in enarx pull request 246, 2020" },
	[PSP_DF_FLUSH] = { "psp.df_flush", TERM_PER_CALL, 500e3, 0.1, 100e3, 10e6, TERM_ASSUMED,
			   "as the other short commands" },
	[PSP_DEACTIVATE] = { "psp.deactivate", TERM_PER_CALL, 500e3, 0.1, 100e3, 10e6, TERM_ASSUMED,
			     "as the other short commands" },
	[PSP_DECOMMISSION] = { "psp.decommission", TERM_PER_CALL, 500e3, 0.1, 100e3, 10e6,
			       TERM_ASSUMED, "as the other short commands" },
};

/* --- locks and the PSP ---------------------------------------------------- */

static const struct lock_kind kvm_lock = { "kvm->lock", "kvm_lock", .scope = SCOPE_GUEST };
static const struct lock_kind slots_arch_lock = { "kvm->slots_arch_lock", "slots_arch_lock",
						  .scope = SCOPE_GUEST };
static const struct lock_kind kvm_srcu = { "kvm->srcu", "kvm_srcu", .scope = SCOPE_GUEST };
static const struct lock_kind mmap_lock = { "mmap_lock", "mmap_lock", .scope = SCOPE_GUEST };
static const struct lock_kind sev_bitmap_lock = { "sev_bitmap_lock", "sev_bitmap_lock",
						  .scope = SCOPE_HOST };
static const struct lock_kind sev_deactivate_lock = { "sev_deactivate_lock", "sev_deactivate_lock",
						      .scope = SCOPE_HOST };
static const struct lock_kind *const locks[] = {
	&kvm_lock, &slots_arch_lock, &kvm_srcu, &mmap_lock, &sev_bitmap_lock, &sev_deactivate_lock
};

/* Every command waits for sev_cmd_mutex and then for the one small processor behind it. */
static const struct server_kind psp = { "PSP" };
static const struct server_kind *const servers[] = { &psp };

/* --- state ---------------------------------------------------------------- */

enum page_state { FRESH, PRESENT, PINNED, DEAD };
static const char *const page_states[] = { "fresh", "present", "pinned", "dead" };

enum design { UPFRONT, DEMAND, DEMAND_LONGTERM };

struct sev_state {
	bool asid; /* holds one */
	bool pinned_once;
	int64_t threads_to_start;
};

/* Of the host: sev_asid_bitmap and sev_reclaim_asid_bitmap as numbers. */
struct sev_host {
	int64_t used, reclaimable;
};

static struct sev_state *sev_of(const struct guest *guest)
{
	return guest->state;
}

static struct sev_host *host_of(const struct guest *guest)
{
	return guest->shared;
}

static enum design design_of(const struct guest *guest)
{
	return (enum design)guest->config->strategy;
}

/* --- counts --------------------------------------------------------------- */

static uint64_t vcpus(const struct guest *guest)
{
	return (uint64_t)guest->config->vcpus;
}
static const struct count per_vcpu = { "vCPUs", vcpus };

SLOT_UPDATE_COUNTS;

static uint64_t mebibytes(const struct guest *guest)
{
	return (uint64_t)(guest->config->memory_bytes + (1 << 20) - 1) >> 20;
}
static const struct count per_mebibyte = { "MiB of guest memory", mebibytes };

static uint64_t whole_pages(const struct guest *guest)
{
	int64_t page = guest->config->page_bytes;

	return (uint64_t)((guest->config->memory_bytes + page - 1) / page);
}

/* Up front all of the RAM blocks is there; on demand what the guest ever touches. */
static uint64_t held_pages(const struct guest *guest)
{
	bool all = design_of(guest) == UPFRONT || parameters_of(guest)->prealloc_threads;

	return all ? whole_pages(guest) : guest_resident_pages(guest);
}

static uint64_t held_bytes(const struct guest *guest)
{
	return held_pages(guest) * (uint64_t)guest->config->page_bytes;
}
static const struct count memory_held = { "bytes of guest memory", held_bytes };

static uint64_t bytes_per_4k(const struct guest *guest, uint64_t bytes)
{
	return (uint64_t)guest->config->memory_bytes / PAGE_BYTES * bytes;
}

static uint64_t array_bytes(const struct guest *guest)
{
	return bytes_per_4k(guest, 8);
}
static const struct count page_array = { "bytes of page pointers", array_bytes };

static uint64_t metadata_bytes(const struct guest *guest)
{
	return bytes_per_4k(guest, 16);
}
static const struct count metadata = { "bytes of pfns[] and pinned_bitmap", metadata_bytes };

static uint64_t firmware_pages(const struct guest *guest)
{
	return (uint64_t)((parameters_of(guest)->firmware_bytes + PAGE_BYTES - 1) / PAGE_BYTES);
}
static const struct count per_firmware_page = { "pages of firmware", firmware_pages };

static uint64_t movable_pages(const struct guest *guest)
{
	return (uint64_t)llround(parameters_of(guest)->movable *
				 (double)guest->config->memory_bytes / PAGE_BYTES);
}
static const struct count per_movable_page = { "movable pages of 4 KiB", movable_pages };

static uint64_t boot_pages(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);
	double bytes = (double)parameters->boot_touch_bytes +
		       parameters->boot_touch_ratio * (double)guest->config->memory_bytes;

	return (uint64_t)ceil(bytes / (double)guest->config->page_bytes);
}
static const struct count boot_touch = { "pages touched by the boot", boot_pages };

static uint64_t pace_ns(const struct guest *guest)
{
	return (uint64_t)llround((double)guest->config->page_bytes /
				 parameters_of(guest)->workload_rate * 1e9);
}
static const struct count workload_pace = { "ns between first touches", pace_ns };

static uint64_t thread_pages(const struct guest *guest)
{
	uint64_t threads = (uint64_t)parameters_of(guest)->prealloc_threads;

	return threads ? (whole_pages(guest) + threads - 1) / threads : 0;
}
static const struct count per_thread = { "pages of one thread's share", thread_pages };

/* --- conditions ----------------------------------------------------------- */

static bool is_4k(const struct guest *guest)
{
	return guest->config->page_bytes == 4096;
}
static const struct condition backed_4k = { "backed by 4 KiB pages", is_4k };

static bool is_2m(const struct guest *guest)
{
	return guest->config->page_bytes == 2 << 20;
}
static const struct condition backed_2m = { "backed by 2 MiB pages", is_2m };

static bool is_1g(const struct guest *guest)
{
	return guest->config->page_bytes == 1 << 30;
}
static const struct condition backed_1g = { "backed by 1 GiB pages", is_1g };

static bool is_huge(const struct guest *guest)
{
	return !is_4k(guest);
}
static const struct condition backed_huge = { "backed by huge pages", is_huge };

static bool must_clflush(const struct guest *guest)
{
	return !guest_host_has(guest, FEATURE_SME_COHERENT);
}
static const struct condition not_coherent = { "the CPU is not SME_COHERENT", must_clflush };

static bool is_es(const struct guest *guest)
{
	return parameters_of(guest)->es;
}
static const struct condition has_es = { "SEV-ES", is_es };

static bool is_snp(const struct guest *guest)
{
	return parameters_of(guest)->snp;
}
static const struct condition has_snp = { "SEV-SNP", is_snp };

static bool is_upfront(const struct guest *guest)
{
	return design_of(guest) == UPFRONT;
}
static const struct condition pins_upfront = { "memory is pinned up front", is_upfront };

static bool is_longterm(const struct guest *guest)
{
	return design_of(guest) == DEMAND_LONGTERM;
}
static const struct condition pins_longterm = { "pins are FOLL_LONGTERM", is_longterm };

static bool migrates(const struct guest *guest)
{
	bool longterm = design_of(guest) == DEMAND_LONGTERM ||
			(design_of(guest) == UPFRONT && parameters_of(guest)->longterm);

	return longterm && movable_pages(guest) > 0;
}
static const struct condition must_migrate = { "FOLL_LONGTERM meets pages in CMA or ZONE_MOVABLE",
					       migrates };

static bool flushes_all(const struct guest *guest)
{
	return !parameters_of(guest)->flush_used_cpus;
}
static const struct condition flush_all_cpus = { "every CPU flushes its caches (before 6.17)",
						 flushes_all };

static bool has_more_threads(const struct guest *guest)
{
	return sev_of(guest)->threads_to_start > 0;
}
static const struct condition more_threads = { "more threads are to start", has_more_threads };

static bool has_free_asid(const struct guest *guest)
{
	const struct sev_host *host = host_of(guest);

	return host->used + host->reclaimable < parameters_of(guest)->asids;
}

static bool lacks_free_asid(const struct guest *guest)
{
	return !has_free_asid(guest);
}
static const struct condition no_free_asid = { "no ASID is free", lacks_free_asid };

static bool holds_asid(const struct guest *guest)
{
	return sev_of(guest)->asid;
}
static const struct condition has_asid = { "the guest has an ASID", holds_asid };

/* --- chances -------------------------------------------------------------- */

static double extra_reference(const struct guest *guest)
{
	return parameters_of(guest)->extra_reference;
}
static const struct chance migration_fails = { "migrate_longterm_unpinnable_folios",
					       extra_reference };

/* --- hooks ---------------------------------------------------------------- */

static int process_started(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	memset(guest->state, 0, sizeof(struct sev_state));
	sev_of(guest)->threads_to_start = parameters_of(guest)->prealloc_threads;
	page_map_fill(&guest->pages, held_pages(guest), FRESH);
	return 0;
}
static const struct hook start_process = { "a new address space", process_started };

static int process_failed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	page_map_fill(&guest->pages, 0, FRESH);
	return 0;
}
static const struct hook no_pages = { "the address space is gone", process_failed };

static int thread_started(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	sev_of(guest)->threads_to_start--;
	return 0;
}
static const struct hook one_started = { "one thread is on its way", thread_started };

static int all_present(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	if (parameters_of(guest)->prealloc_threads)
		page_map_turn(&guest->pages, FRESH, PRESENT);
	return 0;
}
static const struct hook preallocated = { "memory is present", all_present };

static int asid_recycled(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	if (!host_of(guest)->reclaimable)
		return EBUSY;
	host_of(guest)->reclaimable = 0;
	return 0;
}
static const struct hook recycle_asids = { "__sev_recycle_asids", asid_recycled };

static int asid_taken(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	host_of(guest)->used++;
	sev_of(guest)->asid = true;
	return 0;
}
static const struct hook take_asid = { "sev_asid_new", asid_taken };

static int asid_freed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	host_of(guest)->used--;
	host_of(guest)->reclaimable++;
	sev_of(guest)->asid = false;
	return 0;
}
static const struct hook free_asid = { "reclaimable until the next DF_FLUSH", asid_freed };

static int asid_leaked(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	sev_of(guest)->asid = false;
	return 0;
}
static const struct hook leak_asid = { "the ASID is lost", asid_leaked };

static int check_rlimit(struct guest *guest, uint32_t *generation)
{
	const struct parameters *parameters = parameters_of(guest);

	(void)generation;
	return parameters->cap_ipc_lock ||
			       guest->config->memory_bytes <= parameters->memlock_limit_bytes
		       ? 0
		       : ENOMEM;
}
static const struct hook rlimit_memlock = { "RLIMIT_MEMLOCK", check_rlimit };

static int check_slot(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return parameters_of(guest)->slot_limit && bytes_per_4k(guest, 8) > INT32_MAX ? ENOMEM : 0;
}
static const struct hook kvcalloc_metadata = { "kvcalloc", check_slot };

static int generation_ends(struct guest *guest, uint32_t *generation)
{
	int64_t extra = (int64_t)(is_upfront(guest) ? array_bytes(guest) : metadata_bytes(guest));

	(void)generation;
	if (!guest_generation_dies(guest, extra))
		return ENOMEM;
	for (int state = FRESH; state < DEAD; state++)
		page_map_turn(&guest->pages, state, DEAD);
	return 0;
}
static const struct hook end_generation = { "the generation ends", generation_ends };

/* --- page loops ----------------------------------------------------------- */

#define NO_PRICE                                                                                   \
	{                                                                                          \
		NO_TERM, NULL                                                                      \
	}
#define ZERO                                                                                       \
	{ MM_FAULT, NULL }, { MM_ZERO_4K, &backed_4k }, { MM_ZERO_2M, &backed_2m },                \
	{                                                                                          \
		MM_ZERO_1G, &backed_1g                                                             \
	}
#define PIN                                                                                        \
	{ MM_PIN_4K, &backed_4k }, { MM_PIN_2M, &backed_2m },                                      \
	{                                                                                          \
		MM_PIN_1G, &backed_1g                                                              \
	}
#define UNPIN                                                                                      \
	{ MM_UNPIN_4K, &backed_4k }, { MM_UNPIN_2M, &backed_2m },                                  \
	{                                                                                          \
		MM_UNPIN_1G, &backed_1g                                                            \
	}

static struct page_range whole_space(const struct guest *guest)
{
	return (struct page_range){ 0, page_map_pages(&guest->pages) };
}

/* What no touch has reached yet: touches come from the bottom up. */
static struct page_range untouched(const struct guest *guest)
{
	struct page_range range = whole_space(guest);
	int state;

	if (range.end) {
		struct page_range first = page_map_run(&guest->pages, 0, &state);

		if (state == PINNED)
			range.first = first.end;
	}
	return range;
}

static const struct page_act touch_acts[] = { { { ZERO, NO_PRICE }, FRESH, false } };

static const struct page_loop prealloc_share = {
	.name = "touch one share",
	.count = &per_thread,
	.yields = true,
	.gather = NO_TERM,
	.acts = touch_acts,
};

static const struct page_act pin_acts[] = {
	[FRESH] = { { ZERO, PIN, NO_PRICE }, PINNED, false },
	[PRESENT] = { { PIN, NO_PRICE }, PINNED, false },
	[PINNED] = { { NO_PRICE }, PINNED, false },
	[DEAD] = { { NO_PRICE }, DEAD, false },
};

static const struct page_loop pin_region = {
	.name = "pin the region",
	.range = whole_space,
	.yields = true,
	.gather = NO_TERM,
	.acts = pin_acts,
};

static const struct page_act unpin_early_acts[] = {
	[FRESH] = { { NO_PRICE }, FRESH, false },
	[PRESENT] = { { NO_PRICE }, PRESENT, false },
	[PINNED] = { { UNPIN, NO_PRICE }, PRESENT, false },
	[DEAD] = { { NO_PRICE }, DEAD, false },
};

static const struct page_loop unpin_again = {
	.name = "unpin all again",
	.range = whole_space,
	.gather = NO_TERM,
	.acts = unpin_early_acts,
};

/* The first touch of a page under demand pinning: host fault, nested fault, pin. */
static const struct page_act fault_acts[] = {
	[FRESH] = { { ZERO, PIN, NO_PRICE }, PINNED, false },
	[PRESENT] = { { { MM_FAULT, NULL }, PIN, NO_PRICE }, PINNED, false },
	[PINNED] = { { NO_PRICE }, PINNED, false },
	[DEAD] = { { NO_PRICE }, DEAD, false },
};

#define TOUCHES(name_, range_)                                                                     \
	.name = (name_), .range = (range_), .touch = true, .yields = true, .acts = fault_acts

static const struct page_loop boot_faults = {
	TOUCHES("first touches of the boot", whole_space),
	.count = &boot_touch,
	.gather = NO_TERM,
};

static const struct page_loop workload_faults = {
	TOUCHES("workload touches", untouched),
	.interruptible = true,
	.gather = NO_TERM,
	.pace_ns = &workload_pace,
};

/* sev_pin_pfn: one mutex for the faults of all vCPUs. */
static const struct page_loop boot_faults_longterm = {
	TOUCHES("first touches of the boot", whole_space),
	.count = &boot_touch,
	.gather = KVM_PIN_MUTEX,
	.lock = &slots_arch_lock,
	.batch = 1,
};

static uint64_t clflush_pages(const struct guest *guest)
{
	return whole_pages(guest) * (uint64_t)guest->config->page_bytes / PAGE_BYTES;
}
static const struct count per_4k = { "pages of 4 KiB", clflush_pages };

static uint64_t touched_4k(const struct guest *guest)
{
	uint64_t pages = boot_pages(guest), held = page_map_pages(&guest->pages);

	return (pages < held ? pages : held) * (uint64_t)guest->config->page_bytes / PAGE_BYTES;
}
static const struct count per_touched_4k = { "touched pages of 4 KiB", touched_4k };

static const struct page_act zap_acts[] = {
	[FRESH] = { { NO_PRICE }, FRESH, false },
	[PRESENT] = { { { KVM_ZAP, NULL }, NO_PRICE }, PRESENT, false },
	[PINNED] = { { { KVM_ZAP, NULL }, NO_PRICE }, PINNED, false },
	[DEAD] = { { { KVM_ZAP, NULL }, NO_PRICE }, DEAD, false },
};

static const struct page_loop zap_all = {
	.name = "zap the nested page table",
	.range = whole_space,
	.yields = true,
	.gather = NO_TERM,
	.acts = zap_acts,
};

#define UNMAP                                                                                      \
	{ MM_UNMAP_4K, &backed_4k },                                                               \
	{                                                                                          \
		MM_UNMAP_HUGE, &backed_huge                                                        \
	}

/* The pins keep the pages: nothing is freed here. */
static const struct page_act unmap_acts[] = {
	[FRESH] = { { UNMAP, NO_PRICE }, FRESH, false },
	[PRESENT] = { { UNMAP, NO_PRICE }, PRESENT, false },
	[PINNED] = { { UNMAP, NO_PRICE }, PINNED, false },
	[DEAD] = { { UNMAP, NO_PRICE }, DEAD, false },
};

static const struct page_loop unmap_all = {
	.name = "unmap all pages",
	.range = whole_space,
	.yields = true,
	.gather = NO_TERM,
	.acts = unmap_acts,
};

static const struct page_act release_acts[] = {
	[FRESH] = { { UNPIN, NO_PRICE }, FRESH, true },
	[PRESENT] = { { UNPIN, NO_PRICE }, FRESH, true },
	[PINNED] = { { UNPIN, NO_PRICE }, FRESH, true },
	[DEAD] = { { UNPIN, NO_PRICE }, FRESH, true },
};

/* cond_resched stands between regions only, and nowhere in the proposals: one long slice. */
static const struct page_loop unpin_region = {
	.name = "unpin and free the region",
	.range = whole_space,
	.frees = true,
	.fault = "unpin_user_pages",
	.gather = NO_TERM,
	.acts = release_acts,
};

/* --- flows: start --------------------------------------------------------- */

static const struct step prealloc_thread_steps[] = {
	USER(QEMU_THREAD_START, NULL, "qemu: do_touch_pages"),
	PAGES(prealloc_share, NULL, "do_anonymous_page"),
	END,
};
static const struct flow prealloc_thread = { "touch_pages", "one preallocation thread",
					     prealloc_thread_steps };

static const struct step prealloc_steps[] = {
	LABEL("next"),
	UNLESS(more_threads, "started"),
	SPAWN(prealloc_thread, "qemu: qemu_prealloc_mem"),
	DO(one_started, "qemu: qemu_prealloc_mem"),
	GOTO("next"),
	LABEL("started"),
	JOIN(prealloc_thread, "qemu: wait_and_free_mem_prealloc_context"),
	DO(preallocated, "qemu: qemu_prealloc_mem"),
	END,
};
static const struct flow prealloc = { "qemu_prealloc_mem", "threads touch all memory",
				      prealloc_steps };

static const struct step asid_new_steps[] = {
	LOCK(sev_bitmap_lock, "sev_asid_new"),
	UNLESS(no_free_asid, "take"),
	LOCK(sev_deactivate_lock, "sev_flush_asids"),
	TRY(recycle_asids, EBUSY, "busy", "__sev_recycle_asids"),
	SPEND(CPU_WBINVD, NULL, "sev_flush_asids: wbinvd_on_all_cpus"),
	SERVE(psp, PSP_DF_FLUSH, NULL, "sev_guest_df_flush"),
	UNLOCK(sev_deactivate_lock, "sev_flush_asids"),
	LABEL("take"),
	DO(take_asid, "sev_asid_new"),
	UNLOCK(sev_bitmap_lock, "sev_asid_new"),
	GOTO("out"),
	LABEL("busy"),
	UNLOCK(sev_deactivate_lock, "sev_flush_asids"),
	UNLOCK(sev_bitmap_lock, "sev_asid_new"),
	LABEL("out"),
	END,
};
static const struct flow asid_new = { "sev_asid_new", "take an ASID, recycling if none is free",
				      asid_new_steps };

static const struct step unbind_asid_steps[] = {
	READ_LOCK(sev_deactivate_lock, "sev_unbind_asid"),
	SERVE(psp, PSP_DEACTIVATE, NULL, "sev_guest_deactivate"),
	UNLOCK(sev_deactivate_lock, "sev_unbind_asid"),
	SERVE_OR(psp, PSP_DECOMMISSION, NULL, EIO, "leak", "sev_decommission"),
	LOCK(sev_bitmap_lock, "sev_asid_free"),
	DO(free_asid, "sev_asid_free"),
	UNLOCK(sev_bitmap_lock, "sev_asid_free"),
	GOTO("out"),
	LABEL("leak"),
	DO(leak_asid, "sev_decommission"),
	RECOVER("sev_unbind_asid"),
	LABEL("out"),
	END,
};
static const struct flow unbind_asid = { "sev_unbind_asid", "give the ASID back",
					 unbind_asid_steps };

/* KVM_MEMORY_ENCRYPT_REG_REGION as it is upstream. */
static const struct step register_region_steps[] = {
	LOCK(kvm_lock, "sev_mem_enc_register_region"),
	TRY(rlimit_memlock, ENOMEM, "out", "sev_pin_memory"),
	ALLOCATE("page pointers", page_array, "out", "sev_pin_memory"),
	SPEND(KVM_PAGE_ARRAY, &per_mebibyte, "sev_pin_memory: __vmalloc"),
	PAGES(pin_region, NULL, "pin_user_pages_fast"),
	UNLESS(must_migrate, "pinned"),
	CHANCE(migration_fails, ENOMEM, "unpin", "check_and_migrate_movable_pages"),
	SPEND_YIELDING(MM_MIGRATE, &per_movable_page, "migrate_longterm_unpinnable_folios"),
	GOTO("pinned"),
	LABEL("unpin"), /* all or nothing */
	PAGES(unpin_again, NULL, "sev_pin_memory: unpin_user_pages"),
	FREE("page pointers", page_array, "sev_pin_memory"),
	GOTO("out"),
	LABEL("pinned"),
	UNLOCK(kvm_lock, "sev_mem_enc_register_region"),
	UNLESS(not_coherent, "flushed"),
	SPEND_YIELDING(CPU_CLFLUSH, &per_4k, "sev_clflush_pages"),
	LABEL("flushed"),
	GOTO("done"),
	LABEL("out"),
	UNLOCK(kvm_lock, "sev_mem_enc_register_region"),
	LABEL("done"),
	END,
};
static const struct flow register_region = { "sev_mem_enc_register_region",
					     "pin all memory of the guest", register_region_steps };

/* On demand: metadata with the memslot; REG_REGION is a stub (January) or a check (March). */
static const struct step register_nothing_steps[] = {
	TRY(kvcalloc_metadata, ENOMEM, "out", "kvm_alloc_memslot_metadata"),
	ALLOCATE("pin metadata", metadata, "out", "kvm_alloc_memslot_metadata"),
	SPEND(KVM_METADATA, &per_mebibyte, "kvm_alloc_memslot_metadata: kvcalloc"),
	UNLESS(pins_longterm, "out"),
	TRY(rlimit_memlock, ENOMEM, "limit", "sev_mem_enc_register_region"),
	GOTO("out"),
	LABEL("limit"),
	FREE("pin metadata", metadata, "kvm_free_memslot"),
	LABEL("out"),
	END,
};
static const struct flow register_nothing = { "kvm_alloc_memslot_metadata",
					      "room to remember what will be pinned",
					      register_nothing_steps };

static const struct step launch_steps[] = {
	LOCK(kvm_lock, "sev_mem_enc_ioctl"),
	SERVE_OR(psp, PSP_LAUNCH_START, NULL, EIO, "out", "sev_launch_start"),
	SERVE(psp, PSP_ACTIVATE, NULL, "sev_bind_asid"),
	UNLESS(has_snp, "sev"),
	SERVE_OR(psp, PSP_UPDATE_SNP, &per_firmware_page, EIO, "out", "snp_launch_update"),
	GOTO("updated"),
	LABEL("sev"),
	SERVE_OR(psp, PSP_UPDATE_SEV, &per_firmware_page, EIO, "out", "sev_launch_update_data"),
	LABEL("updated"),
	UNLESS(has_es, "measure"),
	SERVE(psp, PSP_UPDATE_VMSA, &per_vcpu, "sev_launch_update_vmsa"),
	LABEL("measure"),
	SERVE(psp, PSP_MEASURE, NULL, "sev_launch_measure"),
	SERVE(psp, PSP_FINISH, NULL, "sev_launch_finish"),
	LABEL("out"),
	UNLOCK(kvm_lock, "sev_mem_enc_ioctl"),
	END,
};
static const struct flow launch = { "SEV launch", "the PSP measures and encrypts the firmware",
				    launch_steps };

static const struct step workload_steps[] = {
	PAGES(workload_faults, "stopped", "kvm_tdp_page_fault"),
	LABEL("stopped"),
	FORGET("guest"),
	END,
};
static const struct flow workload = { "workload", "first touches after the boot", workload_steps };

static const struct step boot_steps[] = {
	USER(GUEST_BOOT, NULL, "guest: firmware and kernel"),
	SLOT_UPDATES(kvm_srcu, KVM_SET_REGION, SRCU_GRACE),
	USER(GUEST_MEMMAP, &per_mebibyte, "guest: memmap_init"),
	UNLESS(pins_longterm, "touch"),
	UNLESS(must_migrate, "longterm"),
	CHANCE(migration_fails, EFAULT, "out", "sev_pin_pfn: KVM_BUG_ON"),
	SPEND_YIELDING(MM_MIGRATE, &per_movable_page, "migrate_longterm_unpinnable_folios"),
	LABEL("longterm"),
	PAGES(boot_faults_longterm, NULL, "sev_pin_pfn"),
	UNLESS(not_coherent, "touched"),
	SPEND_YIELDING(CPU_CLFLUSH, &per_touched_4k, "sev_pin_pfn: clflush_cache_range"),
	GOTO("touched"),
	LABEL("touch"),
	PAGES(boot_faults, NULL, "direct_page_fault"),
	UNLESS(pins_upfront, "get page"),
	GOTO("touched"),
	LABEL("get page"), /* one reference for each 4 KiB, and always a flush */
	SPEND_YIELDING(MM_GET_PAGE, &per_touched_4k, "sev_pin_spte: get_page"),
	SPEND_YIELDING(CPU_CLFLUSH, &per_touched_4k, "sev_pin_spte: clflush_cache_range"),
	LABEL("touched"),
	LABEL("out"),
	END,
};
static const struct flow boot = { "boot", "firmware, kernel and their first touches", boot_steps };

/* --- flows: teardown ------------------------------------------------------ */

static const struct step vm_destroy_steps[] = {
	UNLESS(flush_all_cpus, "flushed"),
	SPEND(CPU_WBINVD, NULL, "sev_vm_destroy: wbinvd_on_all_cpus"),
	LABEL("flushed"),
	UNLESS(pins_upfront, "unbind first"),
	PAGES(unpin_region, NULL, "__unregister_enc_region_locked"),
	FREE("page pointers", page_array, "sev_unpin_memory: kvfree"),
	LABEL("unbind first"),
	UNLESS(has_asid, "unbound"),
	CALL(unbind_asid, "sev_vm_destroy"),
	LABEL("unbound"),
	UNLESS(pins_upfront, "unpin slots"),
	GOTO("out"),
	LABEL("unpin slots"),
	UNLESS(pins_longterm, "scan"),
	SPEND(CPU_WBINVD, NULL, "sev_free_memslot: wbinvd_on_all_cpus"),
	LABEL("scan"),
	SPEND(KVM_SCAN_BITMAP, &per_mebibyte, "kvm_free_memslot: for_each_set_bit"),
	PAGES(unpin_region, NULL, "kvm_free_memslot: put_page"),
	FREE("pin metadata", metadata, "kvm_free_memslot: kvfree"),
	LABEL("out"),
	END,
};
static const struct flow vm_destroy = { "sev_vm_destroy", "unpin everything, give the ASID back",
					vm_destroy_steps };

static const struct step teardown_steps[] = {
	STOP(workload, "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	TRY(end_generation, 0, "out", "exit_mm"),
	PAGES(zap_all, NULL, "kvm_mmu_notifier_release"),
	SPEND(CPU_WBINVD, NULL, "sev_guest_memory_reclaimed"),
	LOCK(mmap_lock, "exit_mmap"),
	PAGES(unmap_all, NULL, "unmap_vmas"),
	UNLOCK(mmap_lock, "exit_mmap"),
	SPEND(KVM_DESTROY, &per_vcpu, "kvm_destroy_vcpus"),
	CALL(vm_destroy, "kvm_destroy_vm"),
	DO(no_pages, "mmdrop"),
	MARK(MILESTONE_ALL_RECLAIMED),
	LABEL("out"),
	END,
};
static const struct flow teardown = { "teardown", "the kernel takes the process apart",
				      teardown_steps };

static const struct step kill_steps[] = {
	CALL(teardown, "do_exit"),
	MARK(MILESTONE_DONE),
	END,
};
static const struct flow process_exit = { "process_exit", "the process is killed", kill_steps };

static const struct step shutdown_steps[] = {
	STOP(workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_power_off"),
	CALL(teardown, "qemu: exit"),
	MARK(MILESTONE_DONE),
	END,
};
static const struct flow shutdown = { "shutdown", "power off and leave", shutdown_steps };

/* A new process: failures after the memory is there end it with exit(1). */
static const struct step create_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE("guest memory", memory_held, "out", "mmap"),
	DO(start_process, "kvm_create_vm"),
	CALL_OR(asid_new, "memory", "sev_guest_init"),
	CALL(prealloc, "qemu: host_memory_backend_memory_complete"),
	UNLESS(pins_upfront, "demand"),
	CALL_OR(register_region, "asid", "qemu: sev_ram_block_added"),
	GOTO("launch"),
	LABEL("demand"),
	CALL_OR(register_nothing, "asid", "kvm_set_memory_region"),
	LABEL("launch"),
	CALL_OR(launch, "unregister", "qemu: sev_kvm_init"),
	CALL_OR(boot, "unregister", "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
	UNLESS(pins_upfront, "use"),
	GOTO("out"),
	LABEL("use"),
	SPAWN(workload, "guest"),
	GOTO("out"),
	LABEL("unregister"),
	UNLESS(pins_upfront, "slots"),
	FREE("page pointers", page_array, "sev_unpin_memory: kvfree"),
	GOTO("asid"),
	LABEL("slots"),
	FREE("pin metadata", metadata, "kvm_free_memslot"),
	LABEL("asid"), /* the errno that led here is still set */
	CALL_OR(unbind_asid, "memory", "sev_vm_destroy"),
	LABEL("memory"),
	PAGES(unpin_region, NULL, "exit_mmap"),
	DO(no_pages, "mmdrop"),
	LABEL("out"),
	END,
};
static const struct flow create = { "start", "a new process boots a SEV guest", create_steps };

static const struct step reboot_steps[] = {
	STOP(workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	USER(QEMU_PAUSE, &per_vcpu, "pause_all_vcpus"),
	CALL(teardown, "qemu: the guest cannot be reset in place"),
	CALL(create, "management: a new process"),
	END,
};
static const struct flow reboot = { "reboot", "shutdown and start: memory cannot be reset in place",
				    reboot_steps };

/* --- the model ------------------------------------------------------------ */

static int64_t begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? held_pages(guest) : 0, PINNED);
	if (!running)
		return 0;
	sev_of(guest)->asid = true;
	host_of(guest)->used++;
	return (int64_t)(is_upfront(guest) ? array_bytes(guest) : metadata_bytes(guest));
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	(void)host;
	if (config->memory_bytes % config->page_bytes == 0)
		return true;
	*key = "memory";
	return error_set(error, ERROR_INPUT,
			 "the memory is not a multiple of page_size; use a multiple of %lld bytes",
			 (long long)config->page_bytes);
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	bool upfront = config->strategy == UPFRONT;

	(void)host;
	if (strcmp(key, "longterm") == 0 && !upfront)
		return "it is about strategy upfront; demand-longterm always pins so, demand never";
	if (strcmp(key, "slot_limit") == 0 && upfront)
		return "strategy upfront keeps no metadata in memslots";
	if (strcmp(key, "workload_rate") == 0 && upfront)
		return "strategy upfront has touched all memory before the guest runs";
	return NULL;
}

#define FLOWS                                                                                      \
	{                                                                                          \
		[OPERATION_START] = &create, [OPERATION_REBOOT] = &reboot,                         \
		[OPERATION_SHUTDOWN] = &shutdown, [OPERATION_KILL] = &process_exit                 \
	}

static const struct strategy strategies[] = {
	[UPFRONT] = { "upfront", "all memory is pinned when the VMM registers it (upstream)",
		      FLOWS },
	[DEMAND] = { "demand", "get_page when the nested fault maps a page (RFC, January 2022)",
		     FLOWS },
	[DEMAND_LONGTERM] = { "demand-longterm",
			      "a FOLL_LONGTERM pin at the fault, under slots_arch_lock (RFC, "
			      "March 2022)",
			      FLOWS },
};

const struct model model_sev = {
	.name = "sev",
	.summary = "AMD SEV: pinning of encrypted memory, the PSP's queue, ASIDs, teardown",
	.modelled =
		"Start of a new process: an ASID (recycled with a flush of all caches and "
		"DF_FLUSH when none is free, EBUSY when none can be), preallocation by N threads, "
		"registration of memory, the launch commands of the PSP (one serial server of the "
		"host, shared evenly by concurrent launches), firmware, kernel and their first "
		"touches. upfront pins and zeroes everything under kvm->lock; demand takes "
		"references at the nested fault; demand-longterm pins there under "
		"slots_arch_lock. RLIMIT_MEMLOCK, FOLL_LONGTERM migration out of CMA and "
		"ZONE_MOVABLE which fails on an extra reference, clflush without SME_COHERENT, 16 "
		"bytes of metadata per 4 KiB. Teardown: zap, cache flushes on all CPUs, unmap, "
		"unpin without a reschedule point inside a region, DEACTIVATE, DECOMMISSION (a "
		"failure loses the ASID); upfront holds its ASID until all is unpinned, demand "
		"gives it back before. A reboot is a shutdown and a start.",
	.not_modelled =
		"The reverse map table of SNP and its page state changes, guest_memfd, mirror "
		"guests, live migration, cache flushes by MMU notifiers while the guest runs, the "
		"work of other tenants that a cache flush stalls, unpinning by hot-unplug. Memory "
		"that a demand-pinned guest will touch is taken from the host when it starts, so "
		"running out of memory later, at a fault, is not shown. A command of the PSP is "
		"taken as short against a launch: concurrent launches take equal shares.",
	.sources =
		"N. A. Dadhania, KVM: SVM: Defer page pinning for SEV guests, RFC 0/6 and RFC v1 "
		"0/9, 2022; D. Hildenbrand, replies to 3/6; Linux arch/x86/kvm/svm/sev.c; Li Zhe, "
		"gup and vfio series, 2025; A. Arora, clear_huge_page, 2023; B. Holmes and "
		"others, SEVeriFast, ASPLOS 2024; enarx pull request 246, 2020.",
	.strategies = strategies,
	.strategy_count = sizeof(strategies) / sizeof(strategies[0]),
	.terms = terms,
	.term_count = TERM_COUNT,
	.parameters = &parameter_record,
	.locks = locks,
	.lock_count = sizeof(locks) / sizeof(locks[0]),
	.servers = servers,
	.server_count = sizeof(servers) / sizeof(servers[0]),
	.page_states = page_states,
	.page_state_count = sizeof(page_states) / sizeof(page_states[0]),
	.limbo_state = DEAD,
	.state_size = sizeof(struct sev_state),
	.shared_size = sizeof(struct sev_host),
	.check = check,
	.ignored = ignored,
	.begin = begin,
};
