/*
 * Plain KVM guests: nothing is encrypted and nothing pinned. What a calibrated
 * host does, and QEMU's helper that takes a dead guest's memory apart behind it.
 *
 * The flows follow exit_mmap of Linux and QEMU util/async-teardown.c
 * (C. Imbrenda, "[PATCH v1 1/1] util/async-teardown: appear the same way", qemu-devel,
 * August 2022; -run-with async-teardown=on since 7.2).
 */

#include <errno.h>
#include <string.h>

#include "models/kvm_parts.h"

/* --- locks ---------------------------------------------------------------- */

static const struct lock_kind *const locks[] = { &mmap_lock, &kvm_srcu };

/* --- state ---------------------------------------------------------------- */

/* The pages of dead processes lie in front of those of the living one. */
enum page_state {
	FRESH = PAGE_FIRST, /* of the living process, not yet touched */
	PRESENT,            /* touched */
	DEAD,               /* of a dead process, not yet freed */
};
static const char *const page_states[] = { "fresh", "present", "dead" };

struct kvm_state {
	struct fill_state fill;
	struct balloon_state balloon;
	struct devices_state devices;
	uint64_t holes; /* pages behind those of dead processes that a balloon took of these */
};
FILL_EMBEDDED(struct kvm_state);

static inline struct kvm_state *state_of(const struct guest *guest)
{
	return guest->state;
}

static inline struct balloon_state *balloon_of(const struct guest *guest)
{
	return &state_of(guest)->balloon;
}

static inline struct devices_state *devices_state_of(const struct guest *guest)
{
	return &state_of(guest)->devices;
}

enum design { EXIT, ASYNC_TEARDOWN };

/* --- counts and conditions ------------------------------------------------ */

SLOT_UPDATE_COUNTS;
VMM_SLOT_COUNTS;

STATIC_COUNT(boot_touch, "pages touched by the boot",
	     boot_touch_pages(guest, &parameters_of(guest)->boot_touch));
STATIC_CONDITION(has_firmware, "it boots by firmware", !parameters_of(guest)->direct_boot);
STATIC_CONDITION(helper_lives, "a helper shares the address space",
		 guest->config->strategy == ASYNC_TEARDOWN && !parameters_of(guest)->helper_killed);

STATIC_CONDITION(last_user_of_the_file, "nobody else maps its file",
		 !parameters_of(guest)->file_kept);
STATIC_CHANCE(helper_in_time, "QEMU is gone already",
	      guest->config->vcpus > 1 ? 0 : parameters_of(guest)->helper_in_time);

/* --- hooks ---------------------------------------------------------------- */

/* The first page of the living process, and how many in front of it are gone. */
static uint64_t first_living(const struct page_map *pages, uint64_t *gone)
{
	uint64_t page = 0;
	int state;

	*gone = 0;
	while (page < page_map_pages(pages)) {
		struct page_range run = page_map_run(pages, page, &state);

		if (state == FRESH || state == PRESENT)
			break;
		*gone += state == PAGE_GONE ? run.end - page : 0;
		page = run.end;
	}
	return page;
}

/* Pages of dead processes stay where they are, in front; those of the new one come behind. */
STATIC_HOOK(start_process, "a new address space")
{
	uint64_t pages = guest_resident_pages(guest);

	balloon_begin(guest, &parameters_of(guest)->balloon, balloon_of(guest));
	if (guest->pages.in_state[DEAD])
		return page_map_append(&guest->pages, pages, FRESH) ? 0 : ENOMEM;
	state_of(guest)->holes = 0;
	page_map_fill(&guest->pages, pages, FRESH);
	return 0;
}

STATIC_EFFECT(present, "memory is present", page_map_turn(&guest->pages, FRESH, PRESENT));

STATIC_HOOK(end_generation, "the process is dead")
{
	uint64_t gone;

	first_living(&guest->pages, &gone);
	state_of(guest)->holes += guest->pages.in_state[PAGE_GONE] - gone;
	*generation = guest_generation_dies(guest, 0);
	page_map_turn(&guest->pages, FRESH, DEAD);
	page_map_turn(&guest->pages, PRESENT, DEAD);
	return *generation ? 0 : ENOMEM;
}

STATIC_EFFECT(take_over, "the last user of the address space", *generation = guest->generation - 1);

/* --- page loops ----------------------------------------------------------- */

static struct page_range living(const struct guest *guest)
{
	uint64_t gone;

	return (struct page_range){ first_living(&guest->pages, &gone),
				    page_map_pages(&guest->pages) };
}

static struct page_range lingering(const struct guest *guest)
{
	uint64_t gone, end = first_living(&guest->pages, &gone);
	uint64_t holes = state_of(guest)->holes;

	return (struct page_range){ gone > holes ? gone - holes : 0, end };
}

static const struct page_acts touch_acts = { {
	[FRESH] = { { PRICE(MM_FAULT), FILL_ZERO, FILL_SHARED }, PRESENT, false },
	PASS(PRESENT),
	PASS(DEAD),
} };

static const struct page_loop boot_faults = {
	.name = "first touches of the boot",
	.range = living,
	.count = &boot_touch,
	.touch = true,
	.interruptible = true,
	.yields = true,
	.acts = &touch_acts,
};

FILL_TOUCHER(static, boot_toucher, "first touches of the boot by one vCPU", living, boot_touch,
	     false, "kvm_tdp_page_fault", .acts = &touch_acts);

FILL_FLOWS(static, prealloc, present, FILL_ZERO, FILL_SHARED);

MEMMAP_FLOW(static, memmap_init);

RESTORE_FLOWS(living, FRESH, PRESENT, PASS(PRESENT), PASS(DEAD));

BALLOON_FLOWS(living, FRESH, PRESENT, PASS(DEAD));

#define DEVICES_DMA_BYTES guest->config->memory_bytes
#define DEVICES_RANGE     living
#define DEVICES_FAULT     [FRESH] = { { PRICE(MM_POPULATE), FILL_ZERO }, PRESENT, false }
#define DEVICES_OTHERS    PASS(PRESENT), PASS(DEAD)
#include "models/devices_flows.h"

static const struct page_acts free_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	[DEAD] = { { PRICE_BY_BACKING(MM_FREE) }, PAGE_GONE, true },
} };

static const struct page_loop free_pages = {
	.name = "unmap and free",
	.range = lingering,
	.yields = true,
	.frees = true,
	.acts = &free_acts,
};

/* --- flows ---------------------------------------------------------------- */

static const struct step boot_steps[] = {
	UNLESS(has_firmware, "kernel"),
	USER(GUEST_FIRMWARE, NULL, "guest: OVMF"),
	LABEL("kernel"),
	CALL(devices_boot, "kvm_vcpu_ioctl: KVM_RUN"),
	SLOT_UPDATES,
	USER(GUEST_BOOT, NULL, "guest: start_kernel"),
	CALL(memmap_init, "guest: page_alloc_init_late"),
	FILL_TOUCH("", boot_faults, boot_toucher, "kvm_tdp_page_fault"),
};
static const struct flow boot =
	FLOW("boot", "firmware, kernel and their first touches", boot_steps);

static const struct step start_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE(guest_memory, resident_bytes, "out", "mmap"),
	DO(start_process, "kvm_create_vm"),
	SPEND(KVM_CREATE_VM, NULL, "kvm_create_vm"),
	UNLESS(restores, "boot"),
	CALL(resume, "VMM: load_snapshot"),
	GOTO("up"),
	LABEL("boot"),
	VMM_SLOTS,
	CALL(prealloc, "qemu: host_memory_backend_memory_complete"),
	CALL_OR(devices_attach, "out", "qemu: qemu_create_cli_devices"),
	CALL(boot, "kvm_vcpu_ioctl: KVM_RUN"),
	LABEL("up"),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow start = FLOW("start", "a new process boots a guest", start_steps);

static const struct step reboot_steps[] = {
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	PAUSE_VCPUS("qemu: pause_all_vcpus"),
	USER(QEMU_DEVICE_RESET, NULL, "qemu: qemu_devices_reset"),
	CALL(devices_reset, "qemu: vfio_pci_reset"),
	CALL(boot, "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
};
static const struct flow reboot = FLOW("reboot", "reset in place: the pages stay", reboot_steps);

static const struct step exit_mmap_steps[] = {
	LOCK(mmap_lock, "exit_mmap"),
	UNLESS(last_user_of_the_file, "kept"),
	PAGES(free_pages, NULL, "unmap_vmas: zap_pte_range"),
	UNLOCK(mmap_lock, "exit_mmap"),
	MARK(MILESTONE_RECLAIMED),
	GOTO("unmapped"),
	LABEL("kept"),
	UNLOCK(mmap_lock, "exit_mmap"),
	LABEL("unmapped"),
};
static const struct flow exit_mmap =
	FLOW("exit_mmap", "every page is unmapped and freed", exit_mmap_steps);

/* Signals to the guest do not reach the helper: it has left the guest's process group. */
#define POLL                                                                                       \
	{                                                                                          \
		.kind = STEP_SLEEP, .term = HELPER_POLL, .where = "qemu: hup_handler: sleep"       \
	}

static const struct step helper_steps[] = {
	DO(take_over, "qemu: async_teardown_fn"),
	CHANCE(helper_in_time, ESRCH, "gone", "qemu: hup_handler: getppid"),
	POLL,
	LABEL("gone"),
	FORGET("qemu: hup_handler"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	CALL(exit_mmap, "mmput"),
};
static const struct flow helper =
	FLOW("cleanup/PID", "the helper is the last user of the memory", helper_steps);

static const struct step process_exit_steps[] = {
	CALL(devices_detach, "do_exit: exit_files"),
	TRY(end_generation, 0, "out", "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	UNLESS(helper_lives, "foreground"),
	SPEND(KVM_DESTROY, NULL, "kvm_destroy_vm"),
	SPAWN(helper, "qemu: async_teardown_fn"),
	GOTO("gone"),
	LABEL("foreground"),
	CALL(exit_mmap, "mmput"),
	SPEND(KVM_DESTROY, NULL, "kvm_destroy_vm"),
	LABEL("gone"),
	MARK(MILESTONE_DONE),
	LABEL("out"),
};
static const struct flow process_exit =
	FLOW("process_exit", "the process ends", process_exit_steps);

static const struct flow shutdown =
	SHUTDOWN(SLEEP(GUEST_STOP, NULL, "guest: kernel_power_off"),
		 CALL(balloon_return, "guest: kernel_power_off"), CALL(process_exit, "qemu: exit"));

/* --- the model ------------------------------------------------------------ */

static const struct memory_kind *const memory[] = { &devices_iommu_tables };

static void begin(struct guest *guest, bool running)
{
	page_map_fill(&guest->pages, running ? guest_resident_pages(guest) : 0, PRESENT);
	*state_of(guest) = (struct kvm_state){ 0 };
	if (!running)
		return;
	balloon_begin(guest, &parameters_of(guest)->balloon, balloon_of(guest));
	*devices_state_of(guest) = devices_running(devices_of(guest));
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (!restore_check(config, &parameters->restore, key, error) ||
	    !balloon_check(config, &parameters->balloon, key, error) ||
	    !devices_check(&parameters->devices, key, error))
		return false;
	if (is_restored(&parameters->restore))
		return devices_check_no_passthrough(
			&parameters->devices,
			"a guest with devices that are passed through has no snapshot to resume",
			key, error);
	return (!parameters->balloon.bytes && !parameters->balloon.target_bytes) ||
	       devices_check_no_passthrough(
		       &parameters->devices,
		       "VFIO pins all memory: QEMU inhibits the balloon (\"balloon\", "
		       "\"balloon_target\")",
		       key, error);
}

static double resident(const struct guest_config *config)
{
	const struct parameters *parameters = config->parameters;

	if (is_restored(&parameters->restore))
		return config->resident;
	return devices_pass(&parameters->devices) ? 1 : fill_resident(config);
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	const struct parameters *parameters = config->parameters;
	bool passes = devices_pass(&parameters->devices);
	bool filled = fill_preallocated(config) && !is_restored(&parameters->restore);

	if (strncmp(key, "helper_", strlen("helper_")) == 0 && config->strategy == EXIT)
		return "strategy exit has no helper";
	if (filled && strncmp(key, "boot_touch", strlen("boot_touch")) == 0)
		return "preallocation makes all memory present";
	if (passes && (strncmp(key, "boot_touch", strlen("boot_touch")) == 0 ||
		       (strcmp(key, "resident") == 0 && config->resident < 1)))
		return "devices that are passed through have all memory present";
	if (!filled && strcmp(key, "resident") == 0)
		return NULL;
	if (devices_ignored(&parameters->devices, key))
		return devices_ignored(&parameters->devices, key);
	if (balloon_ignored(&parameters->balloon, key))
		return balloon_ignored(&parameters->balloon, key);
	return restore_ignored(&parameters->restore, key)
		       ? restore_ignored(&parameters->restore, key)
		       : fill_ignored(config, host, key);
}

#define LIFE FLOWS_AND(start, reboot, shutdown, process_exit, OPERATION_UPDATE, balloon_update)

static const struct strategy strategies[] = {
	[EXIT] = { "exit", "the exiting process frees all memory itself", LIFE },
	[ASYNC_TEARDOWN] = { "async-teardown",
			     "QEMU's helper shares the memory and frees it after QEMU is gone",
			     LIFE },
};

const struct model model_kvm = {
	.name = "kvm",
	.architectures = ON_X86_64 | ON_ARM64 | ON_S390X,
	.summary = "plain KVM guests: start, reset in place, process exit, QEMU's async-teardown",
	.modelled =
		"Start of a new process (the OOM killer, or ENOMEM, when the memory of the host "
		"or of the control group is not enough), "
		"firmware, memslot updates, kernel, first touches by backing (4 KiB, 2 MiB, 1 "
		"GiB), by one vCPU or several. Preallocation by QEMU's threads, which slow each "
		"other, "
		"by touch or MADV_POPULATE_WRITE; pages of a pool that are zeroed already. A start "
		"from a snapshot: pages through userfaultfd or from a file, as they are touched or "
		"in bulk before. A reboot resets in place and keeps its pages. exit frees page by "
		"page "
		"under mmap_lock before the process is gone. async-teardown: the process is "
		"gone at once, its memory lingers until the helper has noticed (at once, or a "
		"second later) and has freed it; a restart meanwhile needs the old memory and the "
		"new. helper_killed: a SIGKILL to the control group defeats the helper. file_kept: "
		"the dead guest's memory stays in use by whoever else maps its file. balloon: what "
		"it holds is not in use; an update brings it to its target: it takes what was "
		"never "
		"touched, then discards pages in slices, each a madvise call, single TLB entries "
		"and "
		"an IPI to each running vCPU, and splits huge pages; or pages come back by faults, "
		"ENOMEM when the host has no room. A shutdown whose driver returns the balloon "
		"does "
		"that for all of it first." DEVICES_MODELLED,
	.not_modelled =
		"Memory that the guest touches later (it is taken at the start), swap, "
		"one process freed by several threads; "
		"one userfaultfd handler for several vCPUs, reads of a snapshot from disk; "
		"a Linux guest that does not touch what its balloon gives back; a reset that "
		"empties the balloon; the guest's own shortage when it grows." DEVICES_NOT_MODELLED,
	.sources =
		"A. Lu, mm: parallel free, 2017; A. Arora, clear_huge_page, 2023; TUM CVM_eval; "
		"QEMU util/async-teardown.c; enarx pull request 246, 2020; D. Jordan, vfio/type1, "
		"2022; D. Hildenbrand, MADV_POPULATE, 2021; mitos issue 167, 2026; virtio-win "
		"kvm-guest-drivers-windows issue 1148, 2024; W. Wang, VIRTIO_BALLOON_F_SG, 2017.",
	.strategies = TABLE(strategies),
	.terms = kvm_terms,
	.term_count = TERM_COUNT,
	.parameters = &kvm_parameter_record,
	.locks = TABLE(locks),
	.memory = TABLE(memory),
	.metadata = metadata_x86,
	.page_states = TABLE(page_states),
	.limbo_states = 1u << DEAD,
	.state_size = sizeof(struct kvm_state),
	.check = check,
	.ignored = ignored,
	.resident = resident,
	.begin = begin,
};
