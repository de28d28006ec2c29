/*
 * Arm CCA: realms, whose memory the Realm Management Monitor (RMM) must give back granule by
 * granule.
 *
 * The flows follow S. Price and others, "[PATCH v12 00/46] arm64: Support for Arm CCA in KVM",
 * kvm, December 2025 (arch/arm64/kvm/rmi.c, mmu.c; virt/kvm/guest_memfd.c), the last revision
 * with one call per granule: RMM specification 1.0 (Arm DEN0137), TF-RMM and TF-A. Strategy
 * ranges is the series for RMM 2.0 (v13 on, 2026: realm_unmap_private_range). Strategy
 * background is no posted series: it asks what one like it would bring.
 */

#include <string.h>

#include "models/cca_parts.h"

/* --- locks, memory, states ------------------------------------------------- */

static const struct lock_kind *const locks[] = {
	&slots_lock, &mmap_lock, &mmu_lock, &kvm_srcu, &cca_config_lock, &cca_teardown_queue
};
static const char *const page_states[] = { "fresh", "realm", "dead", "undelegated" };

/* --- conditions ------------------------------------------------------------ */

STATIC_CONDITION(has_process, "the process has a VM", cca_of(guest)->process);
STATIC_CONDITION(in_background, "a worker takes dead realms apart",
		 guest->config->strategy == BACKGROUND);

/* --- flows ----------------------------------------------------------------- */

static inline struct devices_state *devices_state_of(const struct guest *guest)
{
	return &cca_of(guest)->devices;
}

/* What a realm shares is no part of its guest_memfd. */
#define DEVICES_DMA_BYTES devices_bounce_bytes(guest->config)
#include "models/devices_flows.h"

static const struct flow workload = WORKLOAD(cca_workload_faults, "private_memslot_fault");

static const struct step start_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE(guest_memory, resident_bytes, "out", "kvm_gmem_get_folio"),
	DO(cca_start_process, "kvm_create_vm"),
	SPEND(KVM_CREATE_VM, NULL, "kvm_create_vm"),
	SPEND(KVM_VCPU_INIT, &per_vcpu, "kvm_arch_vcpu_ioctl_vcpu_init"),
	CALL_OR(devices_attach, "out", "qemu: qemu_create_cli_devices"),
	CALL_OR(cca_make_realm, "out", "qemu: rme_vm_state_change"),
	CALL(devices_boot, "guest: start_kernel"),
	USER(GUEST_BOOT, NULL, "guest: start_kernel"),
	PAGES(cca_boot_faults, "out", "private_memslot_fault"),
	MARK(MILESTONE_DONE),
	SPAWN(workload, "guest"),
	LABEL("out"),
};
static const struct flow start = FLOW("start", "a new process boots a realm", start_steps);

/* Whatever there is: a process may die at any point of its start. */
static const struct step end_process_steps[] = {
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	CALL(devices_detach, "do_exit: exit_files"),
	UNLESS(has_process, "out"),
	TRY(cca_end_generation, 0, "out", "exit_files"),
	FREE(guest_memory, cca_untouched, "exit_files"),
	FREE(cca_table_granules, cca_spare_tables, "exit_files"),
	DO(cca_untouched_gone, "exit_files"),
	UNLESS(in_background, "here"),
	SPAWN(cca_teardown_work, "queue_work"),
	GOTO("out"),
	LABEL("here"),
	CALL(cca_destroy_realm, "exit_files"),
	LABEL("out"),
};
static const struct flow end_process =
	FLOW("exit_files", "the last reference on the VM goes", end_process_steps);

static const struct flow process_exit = PROCESS_EXIT(workload, end_process);

static const struct flow shutdown =
	SHUTDOWN(STOP(workload, "guest: services stop"), POWER_OFF(process_exit));

/* A realm cannot be reset, its vCPUs are not resettable: QEMU leaves, and another one starts. */
static const struct step reboot_steps[] = {
	STOP(workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	CALL(end_process, "qemu: exit"),
	CALL_OR(start, "failed", "management: a new process"),
	GOTO("out"),
	LABEL("failed"),
	DIE("qemu: exit(1)"),
	LABEL("out"),
};
static const struct flow reboot = FLOW("reboot", "a new realm takes its place", reboot_steps);

/* --- the model ------------------------------------------------------------- */

static const struct memory_kind *const memory[] = { &cca_realm_granules, &cca_table_granules,
						    &devices_iommu_tables };

static void begin(struct guest *guest, bool running)
{
	uint64_t pages = running ? guest_resident_pages(guest) : 0;

	page_map_fill(&guest->pages, pages, REALM);
	memset(guest->state, 0, sizeof(struct cca_state));
	if (!running)
		return;
	cca_of(guest)->process = true;
	cca_of(guest)->devices = devices_running(devices_of(guest));
	cca_of(guest)->live = (struct realm){
		.pages = { 0, pages },
		.granules = true,
		.tables_taken = true,
		.created = true,
		.ripas = true,
		.recs = per_vcpu.of(guest),
	};
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (config->page_bytes == PAGE_BYTES)
		return devices_check(&parameters->devices, key, error);
	*key = "page_size";
	return error_set(error, ERROR_INPUT,
			 "guest_memfd of realms has pages of 4 KiB upstream: \"4KiB\"");
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (strcmp(key, "contiguous_run") == 0 && config->strategy != RANGES)
		return "only strategy ranges gives runs back";
	return devices_ignored(&parameters->devices, key);
}

static const struct strategy strategies[] = {
	[EXIT] = { "exit", "the exiting process takes the realm apart, granule by granule (v12)",
		   FLOWS(start, reboot, shutdown, process_exit) },
	[BACKGROUND] = { "background",
			 "a worker does it behind the process, or while the next realm starts",
			 FLOWS(start, reboot, shutdown, process_exit) },
	[RANGES] = { "ranges",
		     "as exit, with two calls for each contiguous run (RMM 2.0; series from v13 "
		     "on)",
		     FLOWS(start, reboot, shutdown, process_exit) },
};

const struct model model_cca = {
	.name = "cca",
	.architectures = ON_ARM64,
	.summary = "Arm CCA realms: granules delegated at the start, destroyed and undelegated one "
		   "by one",
	.modelled =
		"Start of a new process (ENOMEM when the host's memory is not enough): a realm "
		"descriptor, the image copied and measured page by page (RMI_GRANULE_DELEGATE, "
		"RMI_DATA_CREATE), RECs with their auxiliary granules, RMI_RTT_INIT_RIPAS, "
		"activation, and first touches of the boot and after it (an exit, a page of "
		"guest_memfd, RMI_GRANULE_DELEGATE, RMI_DATA_CREATE_UNKNOWN, a table for each 2 "
		"MiB). The end of a process: RMI_DATA_DESTROY and RMI_GRANULE_UNDELEGATE of each 4 "
		"KiB under mmu_lock; then the memory is freed; then RECs, tables, the realm. A "
		"reboot is an end and a start, for a realm cannot be reset. exit does all that in "
		"the exiting process. background leaves it to an ordered workqueue: the process is "
		"gone at once, its memory lingers, delegated, until the worker has come to it, and "
		"a restart meanwhile needs the old memory and the new. ranges gives back each run "
		"of neighbours by RMI_RTT_DATA_UNMAP and RMI_GRANULE_RANGE_UNDELEGATE (RMM 2.0).\n"
		"Each RMI call may fail. A start then ends, and its exit takes apart what there "
		"is. "
		"At the end nothing is tried again: a granule that cannot be undelegated is lost; "
		"a REC or a table that cannot be destroyed is leaked and keeps its realm alive, so "
		"that RMI_REALM_DESTROY is refused and the descriptor is leaked, too.\n"
		"What devices reach is the swiotlb that a realm shares, and that is "
		"pinned." DEVICES_MODELLED,
	.not_modelled =
		"Unprotected memory but for devices, its conversion, assignment of devices to the "
		"realm itself (RME-DA), host pages other than 4 KiB, mappings by blocks of 2 MiB, "
		"ranges of RMM 2.0 at the start (guest_memfd gives one page for each fault), "
		"memslot "
		"updates, VMIDs, contention inside the RMM and at EL3, of "
		"mmu_lock between faults, memory bandwidth, preallocation (QEMU fills no "
		"guest_memfd). Memory that the guest touches later "
		"and its tables are taken from the host at the start. A kill that comes while a "
		"worker still takes apart the realm from before a reboot waits for it, for both "
		"belong to one process of the simulation; after a shutdown and a start it does "
		"not." DEVICES_NOT_MODELLED,
	.sources =
		"S. Price and others, arm64: Support for Arm CCA in KVM, v12, December 2025; Arm "
		"DEN0137, Realm Management Monitor specification 1.0; TF-RMM runtime/rmi; TF-A "
		"lib/gpt_rme; Y. Wang, KVM: arm64, 2021; A. Arora, clear_huge_page, 2023; A. Lu, "
		"mm: "
		"parallel free, 2017. Not used: A. Bertschi, S. Shinde, OpenCCA, 2025, whose board "
		"has no RME.",
	.caveat = "No public figure exists for the time of an RMI call on a machine with RME: all "
		  "rmi.* are assumptions.",
	.caveat_terms = "rmi.",
	.strategies = TABLE(strategies),
	.terms = TABLE(cca_terms),
	.parameters = &cca_parameter_record,
	.locks = TABLE(locks),
	.memory = TABLE(memory),
	.metadata = metadata_cca,
	.page_states = TABLE(page_states),
	.limbo_states = 1u << DEAD | 1u << UNDELEGATED,
	.state_size = sizeof(struct cca_state),
	.check = check,
	.ignored = ignored,
	.begin = begin,
};
