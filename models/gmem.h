#ifndef MODELS_GMEM_H
#define MODELS_GMEM_H

/*
 * guest_memfd, as a part of other models: memory that belongs to the guest alone, which accepts
 * each page before it uses it, and which it may share with the host and take back.
 *
 * The flows follow virt/kvm/guest_memfd.c (kvm_gmem_get_folio, kvm_gmem_punch_hole,
 * kvm_gmem_release) and kvm_main.c (kvm_vm_set_mem_attributes) of Linux 6.18; QEMU
 * kvm_convert_memory and, for a reset in process, kvm_reset_vmfd and ram_block_rebind (11.0),
 * which closes the guest_memfd and makes a new one; mm/page_alloc.c (cond_accept_memory) and
 * arch/x86/mm/mem_encrypt.c (mem_encrypt_setup_arch) of the guest; edk2, lazy accept.
 *
 * A model embeds struct gmem as the first member of its parameters and struct gmem_state as the
 * first of its state (GMEM_EMBEDDED), lists fields, page states, memory and the terms that
 * GMEM_TERMS has (in its enum), defines the prices that GMEM_FLOWS asks for, and calls its flows.
 */

#include "models/devices.h"
#include "models/fill.h"
#include "models/memslots.h"

/* --- parameters and state ------------------------------------------------- */

enum acceptance { ACCEPT_LAZY, ACCEPT_AT_ONCE };

struct gmem {
	struct fill fill; /* of it only the vCPUs that touch at once */
	int acceptance;
	int64_t firmware_bytes; /* lazy: what the firmware accepts */
	int64_t per_vcpu_bytes; /* lazy: what comes with each vCPU */
	struct boot_touch boot_touch;
	double workload_rate;
	double bounce_ratio;
	int64_t converted_bytes;
	double twice;
	bool reset_in_process;
	struct slot_updates updates;
};

struct gmem_state {
	struct fill_state fill;
	bool process; /* there is an address space with a guest_memfd */
};

#define GMEM_EMBEDDED(state_)                                                                      \
	_Static_assert(offsetof(struct parameters, gmem) == 0, "gmem.c finds it there");           \
	_Static_assert(offsetof(state_, gmem) == 0, "gmem.c finds it there")

static inline const struct gmem *gmem_of(const struct guest_config *config)
{
	return config->parameters;
}

extern const char *const gmem_acceptances[];

#define GMEM_OFFSET(member_) offsetof(struct parameters, gmem.member_)

/* `twice_`: the default of shared_twice, with what speaks for it. */
#define GMEM_FIELDS(twice_, twice_source_)                                                         \
	BOOT_TOUCHERS_FIELD(GMEM_OFFSET(fill)), MEMMAP_THREADS_FIELD(GMEM_OFFSET(fill), "0"),      \
		{ "acceptance",                                                                    \
		  FIELD_CHOICE,                                                                    \
		  GMEM_OFFSET(acceptance),                                                         \
		  "\"lazy\"",                                                                      \
		  0,                                                                               \
		  0,                                                                               \
		  gmem_acceptances,                                                                \
		  NULL,                                                                            \
		  "at-once: the firmware accepts all memory before the kernel starts; lazy: some " \
		  "of it, and the kernel the rest as it is needed (UEFI 2.9)" },                   \
		{ "firmware_accepts",                                                              \
		  FIELD_BYTES,                                                                     \
		  GMEM_OFFSET(firmware_bytes),                                                     \
		  "\"2GiB\"",                                                                      \
		  0,                                                                               \
		  0x1p60,                                                                          \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "lazy: memory that the firmware accepts; OVMF all below 4 GiB, where QEMU's "    \
		  "q35 "                                                                           \
		  "puts 2 GiB; 512 MiB of IntelTdxX64 (PcdLazyAcceptPartialMemorySize)" },         \
		{ "accept_per_vcpu",                                                               \
		  FIELD_BYTES,                                                                     \
		  GMEM_OFFSET(per_vcpu_bytes),                                                     \
		  "\"54MiB\"",                                                                     \
		  0,                                                                               \
		  0x1p60,                                                                          \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "lazy: memory that the kernel accepts while it brings up one vCPU: until there " \
		  "are watermarks each allocation accepts 4 MiB; 13 GiB with 248 vCPUs (Dstack "   \
		  "pull request 1220, 2026)" },                                                    \
		BOOT_TOUCH_FIELD(GMEM_OFFSET(boot_touch.bytes), "the kernel touches while it "     \
								"boots"),                          \
		BOOT_TOUCH_RATIO_FIELD(GMEM_OFFSET(boot_touch.ratio)),                             \
		WORKLOAD_RATE_FIELD(GMEM_OFFSET(workload_rate), ", from the bottom"),              \
		{ "bounce_buffers",                                                                \
		  FIELD_RATIO,                                                                     \
		  GMEM_OFFSET(bounce_ratio),                                                       \
		  "0.06",                                                                          \
		  0,                                                                               \
		  1,                                                                               \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "share of the memory that the kernel makes shared for its bounce buffers "       \
		  "(SWIOTLB), at least 64 MiB and at most 1 GiB; 0: none" },                       \
		{ "converted",                                                                     \
		  FIELD_BYTES,                                                                     \
		  GMEM_OFFSET(converted_bytes),                                                    \
		  "\"64MiB\"",                                                                     \
		  0,                                                                               \
		  0x1p60,                                                                          \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "memory that an update makes shared with the host, and private again" },         \
		{ "shared_twice",                                                                  \
		  FIELD_RATIO,                                                                     \
		  GMEM_OFFSET(twice),                                                              \
		  twice_,                                                                          \
		  0,                                                                               \
		  1,                                                                               \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "share of the memory for which pages shared with the host stay in use beside "   \
		  "those of guest_memfd" twice_source_ },                                          \
		{ "reset_in_process",                                                              \
		  FIELD_FLAG,                                                                      \
		  GMEM_OFFSET(reset_in_process),                                                   \
		  "false",                                                                         \
		  0,                                                                               \
		  0,                                                                               \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "at a reboot QEMU closes the VM and makes a new one with a new guest_memfd "     \
		  "(QEMU 11.0); false: a new process" },                                           \
		SLOT_UPDATE_FIELDS(GMEM_OFFSET(updates), "43", "43")

/* --- cost terms ------------------------------------------------------------ */

/* Rows that mean the same in each model; `lazily_` of the fault: what it does not hold. */
#define GMEM_TERMS(exit_status_, exit_of_)                                                         \
	[GUEST_EXIT] = { "guest.exit",                                                             \
			 TERM_PER_CALL,                                                            \
			 3.7e3,                                                                    \
			 0.1,                                                                      \
			 1.2e3,                                                                    \
			 10e3,                                                                     \
			 exit_status_,                                                             \
			 exit_of_ "the guest asks KVM for a conversion and comes back: 3.55 to "   \
				  "3.89 us of SEV-SNP (TUM CVM_eval, vmexit); low: a guest "       \
				  "without encryption, 1.23 to 1.64 us" },                         \
	[QEMU_CONVERT] = { "qemu.convert_memory",                                                  \
			   TERM_PER_CALL,                                                          \
			   16.3e3,                                                                 \
			   0.2,                                                                    \
			   5e3,                                                                    \
			   200e3,                                                                  \
			   TERM_ASSUMED,                                                           \
			   "2 MiB: from KVM to QEMU and back, KVM_SET_MEMORY_ATTRIBUTES and a "    \
			   "hole in the file, without the guest's exit (guest.exit) and what "     \
			   "each page costs; " OWN_GUESS },                                        \
	[KVM_ATTRIBUTES] = { "kvm.set_attributes_4k",                                              \
			     TERM_PER_PAGE,                                                        \
			     60,                                                                   \
			     0.2,                                                                  \
			     20,                                                                   \
			     300,                                                                  \
			     TERM_ASSUMED,                                                         \
			     "one entry of mem_attr_array (an xarray), reserved and stored "       \
			     "(kvm_vm_set_mem_attributes); QEMU makes all memory private before "  \
			     "the guest starts: long for a large guest (M. Roth, AMDSEV issue "    \
			     "225, 2024, without a figure)" },                                     \
	[MM_FAULT] = MM_FAULT_TERM("a page of guest_memfd, without zeroing; ")

/* Several vCPUs that accept at once: one file, one lock of its pages. */
#define KIRILL "K. Shutemov, linux-coco, 2024-10-25"
#define GMEM_SHARED_TERM(status_, of_)                                                             \
	{                                                                                          \
		"mm.fault_shared_4k", TERM_PER_PAGE, 1420, 0.1, 50, 2.5e3, status_,                \
			of_ "for each other vCPU that faults in the same file meanwhile: 90 GiB "  \
			    "are accepted in a minute by one vCPU, in 40 s by four (" KIRILL       \
			    "); low: as in an address space of Linux 6.18"                         \
	}

/* --- pages ----------------------------------------------------------------- */

enum {
	GMEM_FRESH = PAGE_FIRST, /* of the living process, not yet touched */
	GMEM_PRIVATE,            /* in guest_memfd, accepted by the guest */
	GMEM_SHARED,             /* converted: in QEMU's memory */
	GMEM_DEAD,               /* private, of a dead guest */
	GMEM_DEAD_SHARED,
};
#define GMEM_PAGE_STATES "fresh", "private", "shared", "dead", "dead shared"
#define GMEM_LIMBO       (1u << GMEM_DEAD | 1u << GMEM_DEAD_SHARED)

extern const struct memory_kind gmem_shared_pages;
extern const struct count gmem_twice, gmem_untouched, gmem_per_4k;
extern const struct count gmem_firmware_pages, gmem_bringup_pages, gmem_boot_touch,
	gmem_bounce_pages, gmem_workload_pace, gmem_boot_updates, gmem_boot_graces;
extern const struct ratio gmem_pieces, gmem_runs, gmem_vcpus;
extern const struct condition gmem_has_process, gmem_accepts_lazily, gmem_resets_in_process;
extern const struct hook gmem_start_process, gmem_end_generation, gmem_no_process;

/* The pages that come with vCPUs; those that no touch has reached; those that an update converts. */
struct page_range gmem_bringup_range(const struct guest *guest);
struct page_range gmem_untouched_range(const struct guest *guest);
struct page_range gmem_converted_range(const struct guest *guest);

/* Members of struct model: what is resident, and what a key cannot change. */
double gmem_resident(const struct guest_config *config);
const char *gmem_ignored(const struct guest_config *config, const struct host_config *host,
			 const char *key);

void gmem_begin(struct guest *guest, bool running);

/* --- flows ----------------------------------------------------------------- */

/* For each 2 MiB the guest exits, KVM leaves it to QEMU, and QEMU sets attributes. */
#define GMEM_CONVERT                                                                               \
	PRICE_TIMES(GUEST_EXIT, gmem_runs), PRICE_TIMES(QEMU_CONVERT, gmem_runs),                  \
		PRICE_TIMES(KVM_ATTRIBUTES, gmem_pieces)

#define GMEM_PASS_DEAD PASS(GMEM_DEAD), PASS(GMEM_DEAD_SHARED)

/*
 * Prices, which a model defines before:
 *   GMEM_ACCEPT     a page comes into guest_memfd and the guest accepts it
 *   GMEM_BRING_UP   what that costs more while vCPUs come up (empty: nothing)
 *   GMEM_SHARE      a private page is taken out of guest_memfd
 *   GMEM_TOUCH      the host's page in its place is touched
 *   GMEM_DROP       the host's page is given back, when its page becomes private again
 * of which GMEM_CONVERT is what each conversion costs whatever is converted, and functions for `accept_` (where a page is accepted) and `convert_`.
 */
#define GMEM_FLOWS(accept_, convert_)                                                              \
	static const struct page_acts gmem_accept_acts = { {                                       \
		[GMEM_FRESH] = { { GMEM_ACCEPT }, GMEM_PRIVATE, false },                           \
		PASS(GMEM_PRIVATE),                                                                \
		PASS(GMEM_SHARED),                                                                 \
		GMEM_PASS_DEAD,                                                                    \
	} };                                                                                       \
	static const struct page_acts gmem_bringup_acts = { {                                      \
		[GMEM_FRESH] = { { GMEM_ACCEPT, GMEM_BRING_UP }, GMEM_PRIVATE, false },            \
		PASS(GMEM_PRIVATE),                                                                \
		PASS(GMEM_SHARED),                                                                 \
		GMEM_PASS_DEAD,                                                                    \
	} };                                                                                       \
	static const struct page_acts gmem_share_acts = { {                                        \
		[GMEM_FRESH] = { { GMEM_TOUCH }, GMEM_SHARED, false },                             \
		[GMEM_PRIVATE] = { { GMEM_SHARE, GMEM_TOUCH }, GMEM_SHARED, false },               \
		PASS(GMEM_SHARED),                                                                 \
		GMEM_PASS_DEAD,                                                                    \
	} };                                                                                       \
	static const struct page_acts gmem_unshare_acts = { {                                      \
		PASS(GMEM_FRESH),                                                                  \
		PASS(GMEM_PRIVATE),                                                                \
		[GMEM_SHARED] = { { GMEM_DROP, GMEM_ACCEPT }, GMEM_PRIVATE, false },               \
		GMEM_PASS_DEAD,                                                                    \
	} };                                                                                       \
	static const struct page_loop gmem_firmware = {                                            \
		GMEM_LOOP("what the firmware accepts", all_pages, gmem_accept_acts),               \
		.touch = true,                                                                     \
		.count = &gmem_firmware_pages,                                                     \
	};                                                                                         \
	FILL_TOUCHER(static, gmem_firmware_toucher, "what one vCPU of the firmware accepts",       \
		     all_pages, gmem_firmware_pages, false, accept_, .acts = &gmem_accept_acts);   \
	static const struct page_loop gmem_bringup = {                                             \
		GMEM_LOOP("what comes with vCPUs", gmem_bringup_range, gmem_bringup_acts),         \
		.touch = true,                                                                     \
	};                                                                                         \
	static const struct page_loop gmem_boot_faults = {                                         \
		GMEM_LOOP("first touches of the boot", all_pages, gmem_accept_acts),               \
		.touch = true,                                                                     \
		.count = &gmem_boot_touch,                                                         \
	};                                                                                         \
	FILL_TOUCHER(static, gmem_boot_toucher, "first touches of the boot by one vCPU",           \
		     all_pages, gmem_boot_touch, false, accept_, .acts = &gmem_accept_acts);       \
	static const struct page_loop gmem_bounce = {                                              \
		GMEM_LOOP("bounce buffers become shared", all_pages, gmem_share_acts),             \
		.count = &gmem_bounce_pages,                                                       \
	};                                                                                         \
	static const struct page_loop gmem_workload_faults = {                                     \
		GMEM_LOOP("workload touches", gmem_untouched_range, gmem_accept_acts),             \
		.touch = true,                                                                     \
		.pace_ns = &gmem_workload_pace,                                                    \
	};                                                                                         \
	static const struct page_loop gmem_share = {                                               \
		GMEM_LOOP("pages become shared", gmem_converted_range, gmem_share_acts),           \
	};                                                                                         \
	static const struct page_loop gmem_unshare = {                                             \
		GMEM_LOOP("pages become private again", gmem_converted_range, gmem_unshare_acts),  \
	};                                                                                         \
	MEMMAP_FLOW(static, gmem_memmap);                                                          \
	static const struct flow gmem_workload = WORKLOAD(gmem_workload_faults, accept_);          \
	static const struct step gmem_boot_steps[] = {                                             \
		FILL_TOUCH(" of the firmware", gmem_firmware, gmem_firmware_toucher,               \
			   "firmware: " accept_),                                                  \
		USER(GUEST_FIRMWARE, NULL, "guest: OVMF"),                                         \
		SPEND_YIELDING(KVM_SET_REGION, &gmem_boot_updates,                                 \
			       "kvm_vm_ioctl_set_memory_region"),                                  \
		GRACE(kvm_srcu, SRCU_GRACE, &gmem_boot_graces, "synchronize_srcu_expedited"),      \
		UNLESS(gmem_accepts_lazily, "kernel"),                                             \
		PAGES(gmem_bringup, NULL, "guest: cond_accept_memory: " accept_),                  \
		LABEL("kernel"),                                                                   \
		USER(GUEST_BOOT, NULL, "guest: start_kernel"),                                     \
		CALL(gmem_memmap, "guest: page_alloc_init_late"),                                  \
		FILL_TOUCH("", gmem_boot_faults, gmem_boot_toucher, accept_),                      \
		PAGES(gmem_bounce, NULL, "guest: mem_encrypt_init: " convert_),                    \
	};                                                                                         \
	static const struct flow gmem_boot =                                                       \
		FLOW("boot", "firmware and kernel, which accept memory", gmem_boot_steps);         \
	static const struct step gmem_update_steps[] = {                                           \
		PAGES(gmem_share, "out", "guest: set_memory_decrypted: " convert_),                \
		PAGES(gmem_unshare, "out", "guest: set_memory_encrypted: " accept_),               \
		MARK(MILESTONE_DONE),                                                              \
		LABEL("out"),                                                                      \
	};                                                                                         \
	static const struct flow gmem_update =                                                     \
		FLOW("update", "memory becomes shared, and private again", gmem_update_steps)

#define GMEM_LOOP(name_, range_, acts_)                                                            \
	.name = (name_), .range = (range_), .interruptible = true, .yields = true, .acts = &(acts_)

/*
 * The end: `release_` are the prices of a private page, `fault_` the call of it that may fail, `free_`
 * those of a shared page. gmem_leave ends a generation that has a guest_memfd: what no one touched
 * and what QEMU shares goes; loop gmem_release is left to the model.
 */
#define GMEM_END(release_acts_, fault_, free_acts_)                                                \
	static const struct page_loop gmem_release = {                                             \
		.name = "every private page is given back",                                        \
		.range = all_pages,                                                                \
		.yields = true,                                                                    \
		.frees = true,                                                                     \
		.fault = (fault_),                                                                 \
		.acts = &(release_acts_),                                                          \
	};                                                                                         \
	static const struct page_loop gmem_exit_mmap = {                                           \
		.name = "shared pages are freed",                                                  \
		.range = all_pages,                                                                \
		.yields = true,                                                                    \
		.frees = true,                                                                     \
		.acts = &(free_acts_),                                                             \
	};                                                                                         \
	static const struct step gmem_leave_steps[] = {                                            \
		FREE(guest_memory, gmem_untouched, "kvm_gmem_release"),                            \
		FREE_ALL(gmem_shared_pages, "exit_mmap"),                                          \
		TRY(gmem_end_generation, 0, "out", "exit_mm"),                                     \
		LOCK(mmap_lock, "exit_mmap"),                                                      \
		PAGES(gmem_exit_mmap, NULL, "unmap_vmas"),                                         \
		UNLOCK(mmap_lock, "exit_mmap"),                                                    \
		LABEL("out"),                                                                      \
	};                                                                                         \
	static const struct flow gmem_leave =                                                      \
		FLOW("exit_mmap", "the generation ends, shared pages go", gmem_leave_steps)

#define GMEM_PASS_LIVING PASS(GMEM_FRESH), PASS(GMEM_PRIVATE), PASS(GMEM_SHARED)

/* A reboot: in the process by flow `reset_`, or by `exit_` and `start_` of another one. */
#define GMEM_REBOOT(reset_, exit_, start_)                                                         \
	FLOW_OF("reboot", "over a new VM, or by a new process",                                    \
		STOP(gmem_workload, "guest: services stop"),                                       \
		SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"), PAUSE_VCPUS("pause_all_vcpus"),  \
		UNLESS(gmem_resets_in_process, "new process"),                                     \
		CALL_OR(reset_, "dead", "qemu: qemu_system_reset"), GOTO("out"),                   \
		LABEL("new process"), CALL(exit_, "qemu: exit"),                                   \
		CALL_OR(start_, "dead", "management: a new process"), GOTO("out"), LABEL("dead"),  \
		DIE("qemu: exit(1)"), LABEL("out"))

#endif
