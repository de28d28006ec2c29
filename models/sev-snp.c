/*
 * AMD SEV-SNP: guests whose memory lies in a guest_memfd, each page of which has one owner in the
 * reverse map table (RMP).
 *
 * The flows follow arch/x86/kvm/svm/sev.c of Linux 6.18 (snp_launch_start, snp_launch_update,
 * sev_gmem_prepare, sev_gmem_invalidate, snp_begin_psc), arch/x86/virt/svm/sev.c
 * (rmp_make_private, rmp_make_shared, psmash), the guest's arch/x86/coco/sev/core.c
 * (snp_accept_memory, pvalidate_pages); QEMU target/i386/sev.c. Pages of 2 MiB: M. Roth's branch
 * with THP in guest_memfd (AMDSEV issue 225, 2024), which is not upstream.
 */

#include <errno.h>
#include <string.h>

#include "models/sev-snp_parts.h"

/* --- state, counts, conditions --------------------------------------------- */

static struct snp_state *snp_of(const struct guest *guest)
{
	return guest->state;
}

static struct psp_host *host_of(const struct guest *guest)
{
	return guest->shared;
}

STATIC_COUNT(per_launch_page, "measured pages",
	     pages_4k(parameters_of(guest)->firmware_bytes) +
		     pages_4k(parameters_of(guest)->metadata_bytes));
STATIC_COUNT(per_range, "contiguous ranges", parameters_of(guest)->ranges);
STATIC_CONDITION(by_fault, "each page comes by a fault of its own",
		 guest->config->strategy == FAULT);
STATIC_CONDITION(flush_all_cpus, "every CPU flushes its caches (before 6.17)",
		 !parameters_of(guest)->flush_used_cpus);

PSP_FLOWS(snp, &snp_of(guest)->psp, host_of(guest), parameters_of(guest)->asids);

/* --- prices of a page ------------------------------------------------------ */

#define ZERO      PRICE_WHEN(MM_ZERO_4K, backed_4k), PRICE_WHEN(MM_ZERO_2M, backed_2m)
#define FREE_PAGE PRICE_WHEN(MM_FREE_4K, backed_4k), PRICE_WHEN(MM_FREE_2M, backed_2m)

/* The page state change, kvm_gmem_get_folio, rmp_make_private, and the guest's PVALIDATE. */
#define GMEM_ACCEPT                                                                                \
	GMEM_CONVERT, PRICE_WHEN(SNP_FAULT, by_fault), PRICE(MM_FAULT), ZERO, FILL_SHARED,         \
		PRICE(RMP_UPDATE), PRICE(SNP_PVALIDATE)
#define GMEM_BRING_UP
/* rmp_make_shared: every piece; one of 2 MiB that is not taken as a whole is smashed before. */
#define MAKE_SHARED                                                                                \
	PRICE(KVM_ZAP), PRICE_WHEN(RMP_PSMASH, backed_2m), PRICE_TIMES(RMP_UPDATE, gmem_pieces),   \
		PRICE_TIMES(CPU_CLFLUSH, gmem_pieces), FREE_PAGE
#define GMEM_SHARE PRICE(SNP_PVALIDATE), GMEM_CONVERT, MAKE_SHARED
#define GMEM_TOUCH PRICE(SNP_FAULT), PRICE(MM_FAULT), ZERO
#define GMEM_DROP  FREE_PAGE

static inline struct devices_state *devices_state_of(const struct guest *guest)
{
	return &snp_of(guest)->devices;
}

/* Only what the guest shares is a target of DMA. */
#define DEVICES_DMA_BYTES devices_bounce_bytes(guest->config)
#include "models/devices_flows.h"

GMEM_FLOWS("sev_gmem_prepare: rmp_make_private", "kvm_gmem_punch_hole: sev_gmem_invalidate");

static const struct page_acts release_acts = { {
	GMEM_PASS_LIVING,
	[GMEM_DEAD] = { { PRICE(KVM_ZAP), PRICE(RMP_UPDATE), PRICE_TIMES(CPU_CLFLUSH, gmem_pieces),
			  FREE_PAGE },
			PAGE_GONE,
			true },
	PASS(GMEM_DEAD_SHARED),
} };
static const struct page_acts free_acts = { {
	GMEM_PASS_LIVING,
	PASS(GMEM_DEAD),
	[GMEM_DEAD_SHARED] = { { FREE_PAGE }, PAGE_GONE, true },
} };
GMEM_END(release_acts, "rmp_make_shared", free_acts);

/* --- flows: the end --------------------------------------------------------- */

/* Whatever there is of the VM: its guest_memfd, what QEMU shares, vCPUs, the ASID. */
static const struct step destroy_steps[] = {
	UNLESS(gmem_has_process, "out"),
	CALL_OR(gmem_leave, "out", "exit_mm"),
	LOCK(slots_lock, "kvm_gmem_release"),
	PAGES(gmem_release, NULL, "kvm_gmem_free_folio: sev_gmem_invalidate"),
	UNLOCK(slots_lock, "kvm_gmem_release"),
	SPEND(KVM_DESTROY, &per_vcpu, "kvm_destroy_vcpus"),
	UNLESS(snp_has_asid, "unbound"),
	SPEND(RMP_UPDATE, &per_vcpu, "sev_free_vcpu: rmp_make_shared"),
	UNLESS(flush_all_cpus, "flushed"),
	ALL_CORES(CPU_WBINVD, NULL, "sev_vm_destroy: wbinvd_on_all_cpus"),
	LABEL("flushed"),
	CALL(snp_unbind_asid, "sev_vm_destroy"),
	LABEL("unbound"),
	DO(gmem_no_process, "kvm_destroy_vm"),
	MARK(MILESTONE_RECLAIMED),
	LABEL("out"),
};
static const struct flow destroy =
	FLOW("kvm_destroy_vm", "pages become the host's, the ASID goes back", destroy_steps);

static const struct step end_process_steps[] = {
	STOP(gmem_workload, "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	CALL(devices_detach, "do_exit: exit_files"),
	CALL(destroy, "exit_files"),
};
static const struct flow end_process =
	FLOW("exit_files", "the last reference on the VM goes", end_process_steps);

static const struct flow process_exit = PROCESS_EXIT(gmem_workload, end_process);

static const struct flow shutdown =
	SHUTDOWN(STOP(gmem_workload, "guest: services stop"), POWER_OFF(process_exit));

/* --- flows: start and reboot ------------------------------------------------ */

/* Each range is an ioctl; for each of its pages the RMP is updated and the PSP asked. */
static const struct step launch_steps[] = {
	LOCK(kvm_lock, "sev_mem_enc_ioctl"),
	SERVE_OR(sev_psp, PSP_LAUNCH_START, NULL, EIO, "out", "snp_launch_start"),
	SERVE(sev_psp, PSP_ACTIVATE, NULL, "snp_bind_asid"),
	DO(snp_note_launched, "snp_launch_start"),
	LOCK(slots_lock, "snp_launch_update"),
	SERVE(sev_psp, PSP_LAUNCH_RANGE, &per_range, "snp_launch_update: kvm_gmem_populate"),
	SPEND(RMP_UPDATE, &per_launch_page, "sev_gmem_post_populate: rmp_make_private"),
	SERVE_OR(sev_psp, PSP_LAUNCH_UPDATE, &per_launch_page, EIO, "unlock",
		 "sev_gmem_post_populate: SNP_LAUNCH_UPDATE"),
	SPEND(RMP_UPDATE, &per_vcpu, "snp_launch_update_vmsa: rmp_make_private"),
	SERVE(sev_psp, PSP_LAUNCH_UPDATE, &per_vcpu, "snp_launch_update_vmsa"),
	SERVE(sev_psp, PSP_FINISH, NULL, "snp_launch_finish"),
	LABEL("unlock"),
	UNLOCK(slots_lock, "snp_launch_update"),
	LABEL("out"),
	UNLOCK(kvm_lock, "sev_mem_enc_ioctl"),
};
static const struct flow launch =
	FLOW("SNP launch", "the PSP measures and encrypts the firmware", launch_steps);

/* What a VM that fails has taken goes with its process. */
static const struct step run_steps[] = {
	ALLOCATE(guest_memory, resident_bytes, "out", "kvm_gmem_get_folio"),
	DO(gmem_start_process, "kvm_create_vm"),
	ALLOCATE(gmem_shared_pages, gmem_twice, "out", "shmem_fault"),
	SPEND(KVM_CREATE_VM, NULL, "kvm_create_vm"),
	CALL_OR(snp_asid_new, "out", "__sev_guest_init"),
	SPEND_YIELDING(KVM_ATTRIBUTES, &gmem_per_4k, "kvm_vm_set_mem_attributes"),
	CALL_OR(devices_attach, "out", "qemu: qemu_create_cli_devices"),
	CALL_OR(launch, "out", "qemu: sev_snp_launch_finish"),
	CALL(devices_boot, "guest: firmware and kernel"),
	CALL_OR(gmem_boot, "out", "kvm_vcpu_ioctl: KVM_RUN"),
	MARK(MILESTONE_DONE),
	SPAWN(gmem_workload, "guest"),
	LABEL("out"),
};
static const struct flow run = FLOW("run", "a new VM is launched and boots", run_steps);

static const struct step start_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	CALL(run, "qemu: main"),
};
static const struct flow start = FLOW("start", "a new process boots a guest", start_steps);

static const struct step reset_vmfd_steps[] = {
	CALL(destroy, "close"),
	USER(QEMU_RESET, NULL, "qemu: qemu_system_reset"),
	CALL(run, "qemu: kvm_rebind_vcpus"),
};
static const struct flow reset_vmfd =
	FLOW("kvm_reset_vmfd", "a new VM with a new guest_memfd", reset_vmfd_steps);

static const struct flow reboot = GMEM_REBOOT(reset_vmfd, end_process, start);

/* --- the model --------------------------------------------------------------- */

static const struct lock_kind *const locks[] = {
	&kvm_lock, &slots_lock, &kvm_srcu, &mmap_lock, &sev_bitmap_lock, &sev_deactivate_lock
};
static const struct server_kind *const servers[] = { &sev_psp };
static const struct memory_kind *const memory[] = { &gmem_shared_pages, &devices_iommu_tables };
static const char *const page_states[] = { GMEM_PAGE_STATES };

static void begin(struct guest *guest, bool running)
{
	gmem_begin(guest, running);
	snp_of(guest)->psp = (struct psp_guest){ running, running };
	*devices_state_of(guest) =
		running ? devices_running(devices_of(guest)) : (struct devices_state){ 0 };
	if (running)
		host_of(guest)->used++;
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	const struct parameters *parameters = config->parameters;

	(void)host;
	if (config->page_bytes == 1 << 30) {
		*key = "page_size";
		return error_set(error, ERROR_INPUT,
				 "the RMP has entries of 4 KiB and 2 MiB: \"4KiB\" (upstream) or "
				 "\"2MiB\"");
	}
	if (config->memory_bytes % config->page_bytes == 0)
		return devices_check(&parameters->devices, key, error);
	*key = "memory";
	return error_set(error, ERROR_INPUT,
			 "the memory is not a multiple of page_size; use a multiple of %lld bytes",
			 (long long)config->page_bytes);
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	const struct parameters *parameters = config->parameters;
	const char *why = devices_ignored(&parameters->devices, key);

	return why ? why : gmem_ignored(config, host, key);
}

#define LIFE FLOWS_AND(start, reboot, shutdown, process_exit, OPERATION_UPDATE, gmem_update)

static const struct strategy strategies[] = {
	[FAULT] = { "fault", "each page that the guest accepts comes by a fault of its own", LIFE },
	[PREFAULT] = { "prefault",
		       "QEMU faults a range ahead when the guest makes it private "
		       "(KVM_PRE_FAULT_MEMORY)",
		       LIFE },
};

const struct model model_sev_snp = {
	.name = "sev-snp",
	.architectures = ON_X86_64,
	.summary = "AMD SEV-SNP: launch by the PSP, acceptance, conversions, the reverse map table",
	.modelled =
		"Start of a new process: an ASID, memory attributes of every 4 KiB, launch updates "
		"of the firmware and of each vCPU by the PSP (one serial server of the host, "
		"shared evenly by concurrent launches), OVMF and kernel, which accept memory: "
		"all before the kernel starts or as it is needed, by one vCPU or several. A page "
		"that is accepted costs its page state change, a page of guest_memfd, RMPUPDATE "
		"and PVALIDATE; with strategy prefault no fault of its own. Bounce buffers become "
		"shared, and an update converts memory and converts it back: a hole in the file, "
		"RMPUPDATE, the flush of its lines, and PSMASH of pages of 2 MiB. A reboot is a "
		"new process, or with reset_in_process a new VM in the same. At the end every "
		"page is made shared in the RMP, flushed and freed; one that the RMP does not "
		"give back is lost (fault point rmp_make_shared). ASIDs are recycled by a flush "
		"of all caches and DF_FLUSH. shared_twice: pages shared with the host that stay "
		"beside those of guest_memfd. What devices reach is the swiotlb that a guest "
		"shares, "
		"and that is pinned." DEVICES_MODELLED,
	.not_modelled =
		"Guests of model sev on the same host (each model has its own ASIDs and PSP), "
		"SVSM, huge pages of guest_memfd as they may come upstream, conversions in place, "
		"shared pages that QEMU keeps over a reset in process, migration. Memory that the "
		"guest touches later is taken from the host when it starts. A guest that runs "
		"when the simulation begins has private pages only." DEVICES_NOT_MODELLED,
	.sources =
		"Linux arch/x86/kvm/svm/sev.c, virt/kvm/guest_memfd.c; QEMU target/i386/sev.c; B. "
		"Holmes and others, SEVeriFast, ASPLOS 2024; TUM CVM_eval (M. Misono and others, "
		"2024); AMDSEV issues 225 and 250, 2024; amd/sev-utils issue 17, 2024; Dstack "
		"pull request 1220, 2026; A. Kalra, linux-coco, 2025-02-20; A. Arora, "
		"clear_huge_page, 2023.",
	.caveat =
		"No public figure exists for RMPUPDATE and PSMASH alone (rmp.*); what is public is "
		"all of an acceptance, 6.2 us a page.",
	.caveat_terms = "rmp.",
	.strategies = TABLE(strategies),
	.terms = TABLE(snp_terms),
	.parameters = &snp_parameter_record,
	.locks = TABLE(locks),
	.memory = TABLE(memory),
	.servers = TABLE(servers),
	.metadata = metadata_gmem,
	.page_states = TABLE(page_states),
	.limbo_states = GMEM_LIMBO,
	.state_size = sizeof(struct snp_state),
	.shared_size = sizeof(struct psp_host),
	.check = check,
	.ignored = ignored,
	.resident = gmem_resident,
	.begin = begin,
};
