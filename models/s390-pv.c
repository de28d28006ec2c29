/*
 * s390 Protected Virtualization: KVM guests whose memory the Ultravisor guards.
 *
 * Every page of a protected guest must be destroyed (or exported) by one
 * Ultravisor call (UVC) before the host may use it again. The flows follow
 *   C. Imbrenda, "[PATCH v15 0/6] KVM: s390: pv: implement lazy destroy for
 *   reboot", linux-kernel, 2022-10-10 (asynchronous PREPARE and PERFORM), and
 *   arch/s390/kvm/pv.c, arch/s390/kernel/uv.c, QEMU target/s390x/kvm/pv.c of
 *   that time.
 */

#include <errno.h>
#include <string.h>

#include "models/s390-pv_parts.h"

/* --- locks ---------------------------------------------------------------- */

static const struct lock_kind *const locks[] = { &kvm_lock, &vcpu_mutex, &mmap_lock, &kvm_srcu,
						 &mmu_lock };

/* --- state ---------------------------------------------------------------- */

static const struct memory_kind *const memory[] = { &pv_donation };
static const char *const page_states[] = { "plain", "stale", "owned", "node" };

/* --- flows ---------------------------------------------------------------- */

static const struct step stop_guest_steps[] = {
	STOP(pv_workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	USER(GUEST_DIAG308, NULL, "handle_diag_308: re-IPL"),
	PAUSE_VCPUS("pause_all_vcpus"),
	USER(QEMU_SUBSYSTEM_RESET, NULL, "subsystem_reset"),
	USER(QEMU_CRYPTO_RESET, NULL, "s390_crypto_reset"),
	DO(pv_no_longer_fresh, "s390_machine_reset"),
};
static const struct flow stop_guest =
	FLOW("stop_guest", "from the request to QEMU's reset", stop_guest_steps);

/* s390_machine_unprotect of a QEMU that knows DISABLE alone. */
static const struct flow unprotect_sync =
	FLOW_OF("s390_machine_unprotect", "destroy here and now", UNPROTECT(pv_disable));

#define START(unprotect_)                                                                          \
	FLOW_OF("start", "a new process boots a protected guest",                                  \
		USER(QEMU_START, NULL, "qemu: main"),                                              \
		ALLOCATE(guest_memory, pv_resident, "booted", "mmap"),                             \
		DO(pv_start_process, "kvm_create_vm"),                                             \
		CALL(pv_prealloc, "qemu: host_memory_backend_memory_complete"), BOOT(unprotect_))
static const struct flow start_sync = START(unprotect_sync);
static const struct flow start_async = START(pv_unprotect_async);

#define REBOOT(name_, summary_, unprotect_)                                                        \
	FLOW_OF(name_, summary_, CALL(stop_guest, "reboot"),                                       \
		CALL(unprotect_, "s390_machine_reset"), BOOT(unprotect_))
static const struct flow reboot_sync =
	REBOOT("reboot_sync", "destroy, then boot again", unprotect_sync);
static const struct flow reboot_async =
	REBOOT("reboot_async", "set aside, boot again, destroy meanwhile", pv_unprotect_async);
static const struct flow reboot_lazy = REBOOT(
	"reboot_lazy", "a kernel thread destroys while the guest boots again", pv_unprotect_lazy);

static const struct flow shutdown =
	SHUTDOWN(STOP(pv_workload, "guest: services stop"), POWER_OFF(pv_process_exit));

static const struct flow shutdown_lazy =
	FLOW_OF("shutdown_lazy", "power off; a kernel thread cleans up",
		STOP(pv_workload, "guest: services stop"), POWER_OFF(pv_process_exit_lazy));

/* --- the model ------------------------------------------------------------ */

static void begin(struct guest *guest, bool running)
{
	struct pv_state *pv = pv_of(guest);
	struct page_range own = { 0, guest_resident_pages(guest) };

	if (!running) {
		page_map_fill(&guest->pages, 0, PLAIN);
		return;
	}
	pv->handle = pv->cow_disabled = true;
	pv->protected_vcpus = per_vcpu.of(guest);
	pv->protected_count = 1;
	page_map_fill(&guest->pages, process_pages(guest), PLAIN);
	page_map_set(&guest->pages, own, OWNED); /* there is room for three runs */
}

static bool check(const struct guest_config *config, const struct host_config *host,
		  const char **key, struct error *error)
{
	(void)host;
	if (config->vcpus > 248) {
		*key = "vcpus";
		return error_set(
			error, ERROR_INPUT,
			"a protected s390 guest has at most 248 vCPUs (QEMU, S390_MAX_CPUS)");
	}
	if (config->page_bytes != PAGE_BYTES) {
		*key = "page_size";
		return error_set(error, ERROR_INPUT,
				 "protected s390 guests are backed by 4 KiB pages: \"4KiB\"");
	}
	return true;
}

static const char *ignored(const struct guest_config *config, const struct host_config *host,
			   const char *key)
{
	enum { all_async = 1 << ASYNC | 1 << ASYNC_FAST | 1 << ASYNC_7_0 };
	static const struct {
		const char *key;
		unsigned strategies; /* that it matters to */
	} keys[] = {
		{ "perform_delay", all_async },
		{ "async_destroy", 1 << LAZY | all_async },
		{ "crypto_queues_bound", 1 << ASYNC_FAST },
		{ "exit_notifier", 1 << SYNC | all_async },
		{ "guest_table", 1 << SYNC | 1 << ASYNC | 1 << ASYNC_FAST },
		{ "atomic_failure", 1 << LAZY },
		{ "oom_notifier", 1 << LAZY },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i].key) == 0 && !(keys[i].strategies >> config->strategy & 1))
			return "this strategy has no such step";
	if (strcmp(key, "vmm_memory") == 0)
		return "what QEMU needs is in vmm_resident";
	return fill_ignored(config, host, key);
}

static const struct strategy strategies[] = {
	[SYNC] = { "sync", "KVM_PV_DISABLE: every page is destroyed before the guest boots again",
		   FLOWS(start_sync, reboot_sync, shutdown, pv_process_exit) },
	[LAZY] = { "lazy",
		   "the first series (2021): a kernel thread destroys after a reboot, and pages on "
		   "lists after a shutdown",
		   FLOWS(pv_start_lazy, reboot_lazy, shutdown_lazy, pv_process_exit_lazy) },
	[ASYNC] = { "async",
		    "PREPARE and PERFORM (v15): pages above 2 GiB are destroyed while the guest "
		    "runs again",
		    FLOWS(start_async, reboot_async, shutdown, pv_process_exit) },
	[ASYNC_FAST] = { "async-fast",
			 "async on an Ultravisor with destroy-fast: configuration and donated "
			 "memory go at PREPARE",
			 FLOWS(start_async, reboot_async, shutdown, pv_process_exit) },
	[ASYNC_7_0] = { "async-7.0",
			"async of Linux 7.0: pages are destroyed along the guest's own table",
			FLOWS(start_async, reboot_async, shutdown, pv_process_exit) },
};

const struct model model_s390_pv = {
	.name = "s390-pv",
	.architectures = ON_S390X,
	.summary = "s390 Protected Virtualization: reboot and teardown through Ultravisor calls",
	.modelled =
		"The reboot from the request to the running guest: services stop, vCPUs pause, the "
		"old guest is unprotected, devices reset, BIOS and loader run unprotected, ENABLE, "
		"SET_SEC_PARMS, UNPACK of every 4 KiB of the image, VERIFY, kernel boot and its "
		"first touches, by one vCPU or several. Start, with preallocation by threads that "
		"slow each other, and shutdown (process exit with destruction of each page at "
		"unmap).\n"
		"sync destroys every present page under kvm->lock. async destroys what lies below "
		"2 GiB in the foreground and the rest in a thread of its own: at most one guest "
		"set aside, fallback to sync when PREPARE fails, several PERFORM threads at once, "
		"a fatal signal leaves a leftover that DISABLE or the release of the VM disposes "
		"of, with one walk for all. Pages that the new guest touches first are exported "
		"(non-secure code) or destroyed and imported, and are no longer the background's. "
		"Imports export first while several configurations live in the address space and "
		"the Ultravisor lacks misc_uv. mmap_lock is held while 32 pages are gathered. "
		"Donated memory is held by every dead configuration. A live configuration whose "
		"UVC fails is tried again when the VM is released; a leftover is disposed of once, "
		"and what it was given is leaked when that fails. A vCPU that cannot be destroyed "
		"is never tried again: its configuration cannot be destroyed, its pages only "
		"exported. ENABLE undoes itself; a boot that fails behind it is unprotected, and "
		"its loader gets an error code. Only the first ENABLE of a process unshares zero "
		"pages (Linux 6.10).\n"
		"async-fast destroys the configuration at PREPARE and returns its memory, unless "
		"crypto queues are still bound. lazy: kernel threads after a reboot, lists of "
		"pages (one node for 509) after a shutdown, pages cleaned in line when a node "
		"cannot be allocated, starts that wait while lists exist. async-7.0, and "
		"guest_table with the others: pages are destroyed along KVM's own table of the "
		"guest, without QEMU's pages and without references, under mmu_lock; what cannot "
		"be destroyed is exported, pages of the next guest among it; imports of several "
		"vCPUs take turns; large folios are split at their first import.",
	.not_modelled =
		"mmap_lock held for the whole walk, as before 2022; busy and partial UVC return "
		"codes and their loops; -EAGAIN of import when another holds a page reference; "
		"shared (bounce buffer) pages; KSM; swapping of old pages; folios between one page "
		"and 1 MiB; on 7.0 writers of mmu_lock, and what the end of a process does "
		"otherwise; memory bandwidth shared by teardown and "
		"guests. First touches come from the top of memory downwards; scattered touches "
		"are not modelled. Two PERFORM threads that meet share the remaining pages evenly. "
		"Host page faults of the loader below 2 GiB. A page that cannot be destroyed "
		"counts as lost; in truth an exiting process exports it, and a walk leaves it "
		"secure and mapped. Memory that each vCPU is given, and what of it leaks; a failed "
		"CREATE_SEC_CONF that needs a destroy (UVC_RC_NEED_DESTROY). What is donated is "
		"zeroed at a price per MiB of guest memory, whatever donated_per_mib, and freed "
		"for nothing.",
	.sources = "C. Imbrenda, KVM: s390: pv: implement lazy destroy for reboot, v15, "
		   "linux-kernel, October 2022; arch/s390/kvm/pv.c and arch/s390/kernel/uv.c "
		   "(Linux 6.2); __s390_disable_cow_sharing in arch/s390/mm/gmap.c (6.10); QEMU "
		   "target/s390x/kvm/pv.c and hw/s390x/s390-virtio-ccw.c (8.0); J. Frank, s390/uv: "
		   "add destroy page call, 2020; kvm-s390-next-7.0-1: arch/s390/kvm/gmap.c, pv.c "
		   "(Linux 7.0).",
	.caveat = "No public figure exists for the time of an Ultravisor call: all uvc.* are "
		  "assumptions.",
	.caveat_terms = "uvc.",
	.strategies = TABLE(strategies),
	.terms = TABLE(pv_terms),
	.parameters = &pv_parameter_record,
	.locks = TABLE(locks),
	.memory = TABLE(memory),
	.metadata = metadata_s390,
	.page_states = TABLE(page_states),
	.limbo_states = 1u << STALE | 1u << NODE,
	.state_size = sizeof(struct pv_state),
	.shared_size = sizeof(struct pv_host),
	.check = check,
	.ignored = ignored,
	.resident = fill_resident,
	.begin = begin,
};
