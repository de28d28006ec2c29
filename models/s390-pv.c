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
#include <math.h>
#include <string.h>

#include "flow/model.h"

/* --- parameters ----------------------------------------------------------- */

struct parameters {
	int64_t image_bytes;
	double image_bandwidth;
	int64_t vmm_resident_bytes;
	int64_t loader_touch_bytes;
	int64_t boot_touch_bytes;
	double boot_touch_ratio;
	double workload_rate;
	int64_t perform_delay_ns;
	int64_t donated_base_bytes, donated_per_mib_bytes;
	bool async_destroy;
};

#define OFFSET(member) offsetof(struct parameters, member)

static const struct field parameter_fields[] = {
	{ "image", FIELD_BYTES, OFFSET(image_bytes), "\"100MiB\"", 4096, 0x1p50, NULL, NULL,
	  "boot image that UNPACK decrypts, one Ultravisor call for each 4 KiB" },
	{ "image_bandwidth", FIELD_BANDWIDTH, OFFSET(image_bandwidth), "\"500MB/s\"", 1, 1e15, NULL,
	  NULL, "speed at which the boot loader reads the image from its disk" },
	{ "vmm_resident", FIELD_BYTES, OFFSET(vmm_resident_bytes), "\"64MiB\"", 0, 0x1p50, NULL,
	  NULL,
	  "QEMU's own present memory: never secure, but a walk of the address space meets it" },
	{ "loader_touch", FIELD_BYTES, OFFSET(loader_touch_bytes), "\"1MiB\"", 0, 0x1p60, NULL,
	  NULL,
	  "memory at the guest's top that non-secure code (BIOS, boot loader, QEMU) touches before "
	  "the new guest is protected; pages of the old guest among it are exported" },
	{ "boot_touch", FIELD_BYTES, OFFSET(boot_touch_bytes), "\"256MiB\"", 0, 0x1p60, NULL, NULL,
	  "memory that the new kernel touches while it boots, from the guest's top downwards, as "
	  "Linux' memblock allocates" },
	{ "boot_touch_ratio", FIELD_RATIO, OFFSET(boot_touch_ratio), "0.015625", 0, 1, NULL, NULL,
	  "the same as a share of the guest's memory; 1/64: one struct page of 64 bytes per page" },
	{ "workload_rate", FIELD_BANDWIDTH, OFFSET(workload_rate), "\"500MB/s\"", 1, 1e15, NULL,
	  NULL, "speed at which the booted guest goes on to touch its resident memory, top down" },
	{ "perform_delay", FIELD_DURATION, OFFSET(perform_delay_ns), "\"0s\"", 0, 1e18, NULL, NULL,
	  "how long QEMU's cleanup thread waits before it issues PERFORM" },
	{ "donated_base", FIELD_BYTES, OFFSET(donated_base_bytes), "\"1MiB\"", 0, 0x1p40, NULL,
	  NULL,
	  "memory donated to the Ultravisor for each configuration (assumed; the machine reports "
	  "it)" },
	{ "donated_per_mib", FIELD_BYTES, OFFSET(donated_per_mib_bytes), "\"4KiB\"", 0, 0x1p20,
	  NULL, NULL,
	  "memory donated for each MiB of guest memory (assumed; the machine reports it)" },
	{ "async_destroy", FIELD_FLAG, OFFSET(async_destroy), "true", 0, 0, NULL, NULL,
	  "the kvm module parameter; off: PREPARE fails with EINVAL and QEMU falls back to "
	  "DISABLE" },
	{ .key = NULL },
};

static const struct record parameter_record = {
	.name = "s390-pv guest",
	.help = "Parameters of a protected s390 guest.",
	.size = sizeof(struct parameters),
	.fields = parameter_fields,
};

static const struct parameters *parameters_of(const struct guest *guest)
{
	return guest->config->parameters;
}

/* --- cost terms ----------------------------------------------------------- */

#define NO_FIGURE "no public figure exists for the time of an Ultravisor call; "
#define OWN_GUESS "order of magnitude; no public figure"

enum {
	GUEST_STOP,
	GUEST_BIOS,
	GUEST_DIAG308,
	GUEST_BOOT,
	QEMU_START,
	QEMU_PAUSE,
	QEMU_SUBSYSTEM_RESET,
	QEMU_CRYPTO_RESET,
	QEMU_DEVICE_RESET,
	QEMU_CPU_RESET,
	QEMU_THREAD_START,
	KVM_DISABLE_COW,
	KVM_ALLOC_STORAGE,
	KVM_REPLACE_ASCE,
	KVM_GATHER,
	MM_FAULT,
	MM_ZERO,
	MM_FREE,
	KERNEL_EXIT,
	UVC_CREATE_CONF,
	UVC_CREATE_CPU,
	UVC_SET_SEC_PARMS,
	UVC_UNPACK,
	UVC_VERIFY,
	UVC_CPU_SET_STATE,
	UVC_IMPORT,
	UVC_EXPORT,
	UVC_DESTROY_PAGE,
	UVC_NOOP,
	UVC_DESTROY_CPU,
	UVC_DESTROY_CONF,
	TERM_COUNT
};

static const struct term terms[TERM_COUNT] = {
	[GUEST_STOP] = { "guest.stop", TERM_PER_CALL, 1e9, 0.1, 0.1e9, 30e9, TERM_ASSUMED,
			 "services stop until DIAGNOSE 0x308; depends on the guest" },
	[GUEST_BIOS] = { "guest.bios", TERM_PER_CALL, 300e6, 0.05, 100e6, 1e9, TERM_ASSUMED,
			 "s390-ccw finds the boot device; " OWN_GUESS },
	[GUEST_DIAG308] = { "guest.diag308", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3, TERM_ASSUMED,
			    "one exit to QEMU and back; " OWN_GUESS },
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 3e9, 0.05, 1e9, 20e9, TERM_ASSUMED,
			 "kernel and services until the guest serves; depends on the guest" },
	[QEMU_START] = { "qemu.start", TERM_PER_CALL, 94e6, 0.05, 50e6, 500e6, TERM_ASSUMED,
			 "94 ms were published for QEMU on another machine (TUM CVM_eval, README); "
			 "assumed alike here" },
	[QEMU_PAUSE] = { "qemu.pause_vcpu", TERM_PER_CALL, 10e3, 0.1, 2e3, 50e3, TERM_ASSUMED,
			 "kick and wait for one vCPU; " OWN_GUESS },
	[QEMU_SUBSYSTEM_RESET] = { "qemu.subsystem_reset", TERM_PER_CALL, 1e6, 0.1, 100e3, 10e6,
				   TERM_ASSUMED, "reset of the channel subsystem; " OWN_GUESS },
	[QEMU_CRYPTO_RESET] = { "qemu.crypto_reset", TERM_PER_CALL, 100e3, 0.1, 10e3, 10e6,
				TERM_ASSUMED,
				"reset of the crypto queues, which must precede "
				"unprotect; " OWN_GUESS },
	[QEMU_DEVICE_RESET] = { "qemu.device_reset", TERM_PER_CALL, 20e6, 0.1, 1e6, 200e6,
				TERM_ASSUMED, OWN_GUESS },
	[QEMU_CPU_RESET] = { "qemu.cpu_reset", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3, TERM_ASSUMED,
			     "reset of one vCPU; " OWN_GUESS },
	[QEMU_THREAD_START] = { "qemu.thread_start", TERM_PER_CALL, 50e3, 0.2, 20e3, 500e3,
				TERM_ASSUMED,
				"a detached thread until its first instruction; " OWN_GUESS },
	[KVM_DISABLE_COW] = { "kvm.disable_cow_sharing", TERM_PER_CALL, 200e3, 0.1, 20e3, 100e6,
			      TERM_ASSUMED,
			      "KSM pages are broken up; none are assumed; " OWN_GUESS },
	[KVM_ALLOC_STORAGE] = { "kvm.alloc_storage", TERM_PER_MIB, 300, 0.1, 100, 1e3, TERM_ASSUMED,
				"allocate and zero the donated memory of one MiB of guest" },
	[KVM_REPLACE_ASCE] = { "kvm.replace_asce", TERM_PER_CALL, 5e3, 0.1, 1e3, 50e3, TERM_ASSUMED,
			       "copy one 16 KiB top table; " OWN_GUESS },
	[KVM_GATHER] = { "kvm.gather_page", TERM_PER_PAGE, 60, 0, 20, 200, TERM_ASSUMED,
			 "62 ns were published for taking a reference on a 4 KiB page on x86 (Li "
			 "Zhe, "
			 "mm/gup longterm series, 2025); assumed alike here" },
	[MM_FAULT] = { "mm.fault", TERM_PER_PAGE, 1e3, 0.2, 500, 3e3, TERM_ASSUMED,
		       "trap, host page table and guest page table; " OWN_GUESS },
	[MM_ZERO] = { "mm.zero_page", TERM_PER_PAGE, 400, 0.1, 200, 600, TERM_ASSUMED,
		      "clear 4 KiB at about 10 GB/s; x86 figures: A. Arora, clear_huge_page "
		      "series, 2023" },
	[MM_FREE] = { "mm.free_page", TERM_PER_PAGE, 129, 0.05, 50, 300, TERM_ASSUMED,
		      "129 ns per 4 KiB page were published for munmap on x86 (A. Lu, parallel "
		      "free "
		      "series, 2017); assumed alike here" },
	[KERNEL_EXIT] = { "kernel.exit", TERM_PER_CALL, 1e6, 0.1, 100e3, 10e6, TERM_ASSUMED,
			  "do_exit without the address space; " OWN_GUESS },
	[UVC_CREATE_CONF] = { "uvc.create_conf", TERM_PER_CALL, 1e6, 0.1, 100e3, 1e9, TERM_ASSUMED,
			      NO_FIGURE "may be long on big hosts: the kernel reschedules between "
					"its parts" },
	[UVC_CREATE_CPU] = { "uvc.create_cpu", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3, TERM_ASSUMED,
			     NO_FIGURE OWN_GUESS },
	[UVC_SET_SEC_PARMS] = { "uvc.set_sec_parms", TERM_PER_CALL, 100e3, 0.1, 20e3, 1e6,
				TERM_ASSUMED, NO_FIGURE "one call for the image's header" },
	[UVC_UNPACK] = { "uvc.unpack", TERM_PER_PAGE, 5e3, 0.1, 2e3, 15e3, TERM_ASSUMED,
			 NO_FIGURE "at least an import, and decryption" },
	[UVC_VERIFY] = { "uvc.verify", TERM_PER_CALL, 100e3, 0.1, 20e3, 1e6, TERM_ASSUMED,
			 NO_FIGURE OWN_GUESS },
	[UVC_CPU_SET_STATE] = { "uvc.cpu_set_state", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3,
				TERM_ASSUMED, NO_FIGURE OWN_GUESS },
	[UVC_IMPORT] = { "uvc.import", TERM_PER_PAGE, 4e3, 0.1, 2e3, 10e3, TERM_ASSUMED,
			 NO_FIGURE "taken as long as an export" },
	[UVC_EXPORT] = { "uvc.export", TERM_PER_PAGE, 4e3, 0.1, 2e3, 10e3, TERM_ASSUMED,
			 NO_FIGURE
			 "destroy is about twice as fast as export (J. Frank, \"s390/uv: add "
			 "destroy page call\", 2020)" },
	[UVC_DESTROY_PAGE] = { "uvc.destroy_page", TERM_PER_PAGE, 2e3, 0.1, 1e3, 5e3, TERM_ASSUMED,
			       NO_FIGURE
			       "20 minutes were said of a huge guest of unknown size (D. "
			       "Hildenbrand, 2021-08-06): 4.5 us per page if it was 1 TiB" },
	[UVC_NOOP] = { "uvc.noop", TERM_PER_PAGE, 500, 0.1, 100, 1e3, TERM_ASSUMED,
		       NO_FIGURE "a call for a page that is not (or no longer) the old guest's" },
	[UVC_DESTROY_CPU] = { "uvc.destroy_cpu", TERM_PER_CALL, 20e3, 0.1, 5e3, 100e3, TERM_ASSUMED,
			      NO_FIGURE OWN_GUESS },
	[UVC_DESTROY_CONF] = { "uvc.destroy_conf", TERM_PER_CALL, 200e3, 0.1, 20e3, 10e6,
			       TERM_ASSUMED, NO_FIGURE OWN_GUESS },
};

/* --- locks ---------------------------------------------------------------- */

static const struct lock_kind kvm_lock = { "kvm->lock", "kvm_lock", .scope = SCOPE_GUEST };
/* The mutexes of all vCPUs, which these flows take one after another. */
static const struct lock_kind vcpu_mutex = { "vcpu->mutex", "vcpu_mutex", .scope = SCOPE_GUEST,
					     .per_vcpu = true };
static const struct lock_kind mmap_lock = { "mmap_lock", "mmap_lock", .scope = SCOPE_GUEST };
static const struct lock_kind kvm_srcu = { "kvm->srcu", "kvm_srcu", .scope = SCOPE_GUEST };
static const struct lock_kind *const locks[] = { &kvm_lock, &vcpu_mutex, &mmap_lock, &kvm_srcu };

/* --- state ---------------------------------------------------------------- */

enum page_state { PLAIN, STALE, OWNED };
static const char *const page_states[] = { "plain", "stale", "owned" };

struct pv_state {
	bool handle; /* a protected configuration belongs to the KVM VM */
	bool dead;   /* ... and its generation has been counted as dead */
	int64_t protected_vcpus;
	uint32_t set_aside;      /* generation, 0: none */
	uint32_t leftovers;      /* configurations in need_cleanup */
	int64_t protected_count; /* configurations in the address space: context.protected_count */
	bool mm_gone;
	bool fresh; /* first boot of the process: its pages are still to be zeroed */
};

static struct pv_state *pv_of(const struct guest *guest)
{
	return guest->state;
}

static uint64_t pages_of(int64_t bytes)
{
	return (uint64_t)((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
}

static uint64_t guest_pages(const struct guest *guest)
{
	uint64_t vmm = pages_of(parameters_of(guest)->vmm_resident_bytes);
	uint64_t all = page_map_pages(&guest->pages);

	return all > vmm ? all - vmm : 0;
}

enum { LOW_BYTES_GIB = 2 };

static int64_t low_bytes(void)
{
	return (int64_t)LOW_BYTES_GIB << 30;
}

/* --- counts --------------------------------------------------------------- */

static uint64_t vcpus(const struct guest *guest)
{
	return (uint64_t)guest->config->vcpus;
}
static const struct count per_vcpu = { "vCPUs", vcpus };

static uint64_t protected_vcpus(const struct guest *guest)
{
	return (uint64_t)pv_of(guest)->protected_vcpus;
}
static const struct count per_protected_vcpu = { "protected vCPUs", protected_vcpus };

static uint64_t mebibytes(const struct guest *guest)
{
	return (uint64_t)(guest->config->memory_bytes + (1 << 20) - 1) >> 20;
}
static const struct count per_mebibyte = { "MiB of guest memory", mebibytes };

static uint64_t image_pages(const struct guest *guest)
{
	return pages_of(parameters_of(guest)->image_bytes);
}
static const struct count per_image_page = { "pages of the image", image_pages };

static uint64_t image_read_ns(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);

	return (uint64_t)llround((double)parameters->image_bytes / parameters->image_bandwidth *
				 1e9);
}
static const struct count image_read = { "ns to read the image", image_read_ns };

static uint64_t perform_delay_ns(const struct guest *guest)
{
	return (uint64_t)parameters_of(guest)->perform_delay_ns;
}
static const struct count perform_delay = { "ns of perform_delay", perform_delay_ns };

static uint64_t donated_bytes(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);

	return (uint64_t)parameters->donated_base_bytes +
	       mebibytes(guest) * (uint64_t)parameters->donated_per_mib_bytes;
}
static const struct count donated = { "bytes donated", donated_bytes };

static uint64_t leftover_count(const struct guest *guest)
{
	return pv_of(guest)->leftovers;
}
static const struct count per_leftover = { "leftovers", leftover_count };

static uint64_t leftover_donated_bytes(const struct guest *guest)
{
	return leftover_count(guest) * donated_bytes(guest);
}
static const struct count leftover_donated = { "bytes donated by leftovers",
					       leftover_donated_bytes };

static uint64_t resident_bytes(const struct guest *guest)
{
	return (guest_resident_pages(guest) + pages_of(parameters_of(guest)->vmm_resident_bytes)) *
	       PAGE_BYTES;
}
static const struct count resident = { "bytes resident", resident_bytes };

static uint64_t loader_pages(const struct guest *guest)
{
	return pages_of(parameters_of(guest)->loader_touch_bytes);
}
static const struct count loader_touch = { "pages of loader_touch", loader_pages };

static uint64_t boot_pages(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);
	double bytes = (double)parameters->boot_touch_bytes +
		       parameters->boot_touch_ratio * (double)guest->config->memory_bytes;

	return (uint64_t)ceil(bytes / PAGE_BYTES);
}
static const struct count boot_touch = { "pages touched by the boot", boot_pages };

static uint64_t pace_ns(const struct guest *guest)
{
	return (uint64_t)llround(PAGE_BYTES / parameters_of(guest)->workload_rate * 1e9);
}
static const struct count workload_pace = { "ns between first touches", pace_ns };

/* --- conditions ----------------------------------------------------------- */

static bool is_above_2g(const struct guest *guest)
{
	return guest->config->memory_bytes > low_bytes();
}
static const struct condition above_2g = { "the guest has more than 2 GiB", is_above_2g };

static bool is_protected(const struct guest *guest)
{
	return pv_of(guest)->handle;
}
static const struct condition has_handle = { "the guest is protected", is_protected };

static bool is_mm_alive(const struct guest *guest)
{
	return !pv_of(guest)->mm_gone;
}
static const struct condition mm_alive = { "the address space is alive", is_mm_alive };

static bool must_export_first(const struct guest *guest)
{
	return pv_of(guest)->protected_count > 1 && !guest_host_has(guest, FEATURE_MISC_UV);
}
static const struct condition export_first = { "several configurations live in the address space "
					       "and the Ultravisor lacks the misc feature",
					       must_export_first };

static bool is_fresh(const struct guest *guest)
{
	return pv_of(guest)->fresh;
}
static const struct condition fresh = { "the process has just started", is_fresh };

/* --- hooks ---------------------------------------------------------------- */

static int check_async_destroy(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return parameters_of(guest)->async_destroy ? 0 : EINVAL;
}
static const struct hook async_allowed = { "kvm.async_destroy", check_async_destroy };

static int check_set_aside(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	return pv_of(guest)->set_aside ? EINVAL : 0;
}
static const struct hook none_set_aside = { "kvm_s390_pv_set_aside", check_set_aside };

static int allocate_private(struct guest *guest, uint32_t *generation)
{
	(void)guest;
	(void)generation;
	return 0; /* fails only when a fault is switched on */
}
static const struct hook kzalloc_private = { "kzalloc", allocate_private };

static int generation_ends(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	if (!pv->handle || pv->dead)
		return 0;
	if (!guest_generation_dies(guest, (int64_t)donated_bytes(guest)))
		return ENOMEM;
	pv->dead = true;
	page_map_turn(&guest->pages, OWNED, STALE);
	return 0;
}
static const struct hook end_generation = { "the generation ends", generation_ends };

static int cpus_destroyed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	pv_of(guest)->protected_vcpus = 0;
	return 0;
}
static const struct hook no_cpus_left = { "vCPUs are unprotected", cpus_destroyed };

static int cpu_not_destroyed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	pv_of(guest)->protected_vcpus = 1;
	return 0;
}
static const struct hook one_cpu_left = { "one vCPU stays protected", cpu_not_destroyed };

static int store_set_aside(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	pv->set_aside = guest->generation - 1; /* the one that has just ended */
	pv->handle = pv->dead = false;
	return 0;
}
static const struct hook set_aside = { "kvm->arch.pv.set_aside = priv", store_set_aside };

static int take_set_aside(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	*generation = pv->set_aside;
	pv->set_aside = 0;
	return *generation ? 0 : EINVAL;
}
static const struct hook take_aside = { "take set_aside", take_set_aside };

static int one_disposed(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	pv_of(guest)->protected_count--;
	return 0;
}
static const struct hook disposed = { "protected_count--", one_disposed };

/* A failed UVC: what was donated can never be used again. */
static void leak(struct guest *guest, uint32_t number)
{
	struct dead_generation *dead = guest_dead_generation(guest, number);

	guest->leaked_bytes += (int64_t)donated_bytes(guest);
	if (dead)
		dead->number = 0;
}

static int leak_own(struct guest *guest, uint32_t *generation)
{
	leak(guest, *generation);
	return 0;
}
static const struct hook leak_taken = { "leak the donated memory", leak_own };

static int leak_live(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	leak(guest, guest->generation - 1);
	pv->handle = pv->dead = false;
	return 0;
}
static const struct hook leak_current = { "leak the live donated memory", leak_live };

static int leak_oldest(struct guest *guest, uint32_t *generation)
{
	uint32_t oldest = 0;

	(void)generation;
	for (int i = 0; i < DEAD_GENERATIONS_MAX; i++) {
		uint32_t number = guest->dead[i].number;

		if (number && (!oldest || number < oldest))
			oldest = number;
	}
	leak(guest, oldest);
	pv_of(guest)->leftovers--;
	return 0;
}
static const struct hook leak_one_leftover = { "leak one leftover's donated memory", leak_oldest };

static int keep_leftover(struct guest *guest, uint32_t *generation)
{
	*generation = 0;
	pv_of(guest)->leftovers++;
	return 0;
}
static const struct hook need_cleanup = { "list_add(need_cleanup)", keep_leftover };

static int guard_count(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	pv->protected_count++; /* stays above zero until the walk is over */
	if (pv->set_aside) {
		pv->set_aside = 0;
		pv->leftovers++;
	}
	return 0;
}
static const struct hook begin_cleanup = { "protected_count++", guard_count };

static int live_destroyed(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	pv->handle = pv->dead = false;
	pv->protected_count--;
	return 0;
}
static const struct hook live_gone = { "the configuration is gone", live_destroyed };

static int cleanup_done(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	pv->protected_count -= 1 + (int64_t)pv->leftovers;
	pv->leftovers = 0;
	return 0;
}
static const struct hook end_cleanup = { "protected_count settled", cleanup_done };

static int now_protected(struct guest *guest, uint32_t *generation)
{
	struct pv_state *pv = pv_of(guest);

	(void)generation;
	pv->handle = true;
	pv->dead = false;
	pv->protected_vcpus = guest->config->vcpus;
	pv->protected_count++;
	return 0;
}
static const struct hook protected_now = { "the guest is protected", now_protected };

static int process_started(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	memset(guest->state, 0, sizeof(struct pv_state));
	pv_of(guest)->fresh = true;
	page_map_fill(&guest->pages, resident_bytes(guest) / PAGE_BYTES, PLAIN);
	return 0;
}
static const struct hook start_process = { "a new address space", process_started };

static int rebooted(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	pv_of(guest)->fresh = false;
	return 0;
}
static const struct hook no_longer_fresh = { "its pages are present", rebooted };

static int address_space_gone(struct guest *guest, uint32_t *generation)
{
	(void)generation;
	pv_of(guest)->mm_gone = true;
	page_map_fill(&guest->pages, 0, PLAIN);
	return 0;
}
static const struct hook mm_gone = { "mm_users is 0", address_space_gone };

/* --- page loops ----------------------------------------------------------- */

#define NO_PRICE                                                                                   \
	{                                                                                          \
		NO_TERM, NULL                                                                      \
	}

/* Every present page is offered to the Ultravisor; only the dead guest's are worth its while. */
static const struct page_act destroy_acts[] = {
	[PLAIN] = { { { UVC_NOOP, NULL }, NO_PRICE }, PLAIN, false },
	[STALE] = { { { UVC_DESTROY_PAGE, NULL }, NO_PRICE }, PLAIN, true },
	[OWNED] = { { { UVC_NOOP, NULL }, NO_PRICE }, OWNED, false },
};

static struct page_range whole_space(const struct guest *guest)
{
	return (struct page_range){ 0, page_map_pages(&guest->pages) };
}

static struct page_range lower_2g(const struct guest *guest)
{
	uint64_t pages = guest_resident_pages_below(guest, low_bytes());
	uint64_t all = guest_pages(guest);

	return (struct page_range){ 0, pages < all ? pages : all };
}

static struct page_range guest_memory(const struct guest *guest)
{
	return (struct page_range){ 0, guest_pages(guest) };
}

/* What the boot has not touched: everything below the owned pages at the top. */
static struct page_range untouched(const struct guest *guest)
{
	struct page_range range = guest_memory(guest);
	int state;

	if (range.end) {
		struct page_range top = page_map_run(&guest->pages, range.end - 1, &state);

		if (state == OWNED)
			range.end = top.first;
	}
	return range;
}

enum { GATHER_GET_PAGES = 32 };

/* s390_uv_destroy_range and its kin: one call for each present page, 32 gathered at a time. */
#define DESTROY_PAGES(name_, range_)                                                               \
	.name = (name_), .range = (range_), .yields = true, .fault = "uvc.destroy_page",           \
	.gather = KVM_GATHER, .lock = &mmap_lock, .batch = GATHER_GET_PAGES, .acts = destroy_acts

static const struct page_loop destroy_range = {
	DESTROY_PAGES("destroy all pages", whole_space),
};

static const struct page_loop destroy_range_interruptible = {
	DESTROY_PAGES("destroy all pages", whole_space),
	.interruptible = true,
};

static const struct page_loop destroy_lower_2g = {
	DESTROY_PAGES("destroy pages below 2 GiB", lower_2g),
};

static const struct page_act unpack_acts[] = {
	{ { { UVC_UNPACK, NULL }, { UVC_EXPORT, &export_first }, NO_PRICE }, 0, false },
};

static const struct page_loop unpack_image = {
	.name = "unpack the image",
	.count = &per_image_page,
	.yields = true,
	.gather = NO_TERM,
	.acts = unpack_acts,
};

/* Non-secure code meets a page of the dead guest: do_secure_storage_access exports it. */
static const struct page_act loader_acts[] = {
	[PLAIN] = { { { MM_FAULT, NULL }, { MM_ZERO, &fresh }, NO_PRICE }, PLAIN, false },
	[STALE] = { { { MM_FAULT, NULL }, { UVC_EXPORT, NULL }, NO_PRICE }, PLAIN, true },
	[OWNED] = { { { MM_FAULT, NULL }, NO_PRICE }, OWNED, false },
};

static const struct page_loop loader_touches = {
	.name = "non-secure first touches",
	.range = guest_memory,
	.count = &loader_touch,
	.descending = true,
	.touch = true,
	.yields = true,
	.gather = NO_TERM,
	.acts = loader_acts,
};

/*
 * The new protected guest: a plain page is imported (gmap_convert_to_secure); a page
 * of the dead guest is destroyed first (do_secure_storage_violation).
 */
static const struct page_act secure_acts[] = {
	[PLAIN] = { { { MM_FAULT, NULL },
		      { UVC_IMPORT, NULL },
		      { MM_ZERO, &fresh },
		      { UVC_EXPORT, &export_first },
		      NO_PRICE },
		    OWNED,
		    false },
	[STALE] = { { { MM_FAULT, NULL },
		      { UVC_DESTROY_PAGE, NULL },
		      { UVC_IMPORT, NULL },
		      { UVC_EXPORT, &export_first },
		      NO_PRICE },
		    OWNED,
		    true },
	[OWNED] = { { NO_PRICE }, OWNED, false },
};

static const struct page_loop boot_touches = {
	.name = "secure first touches",
	.range = guest_memory,
	.count = &boot_touch,
	.descending = true,
	.touch = true,
	.yields = true,
	.gather = NO_TERM,
	.acts = secure_acts,
};

static const struct page_loop workload_touches = {
	.name = "workload touches",
	.range = untouched,
	.descending = true,
	.touch = true,
	.interruptible = true,
	.yields = true,
	.gather = NO_TERM,
	.pace_ns = &workload_pace,
	.acts = secure_acts,
};

/* exit_mmap: pages of a protected guest are destroyed as they are unmapped. */
static const struct page_act exit_acts[] = {
	[PLAIN] = { { { MM_FREE, NULL }, NO_PRICE }, PLAIN, true },
	[STALE] = { { { MM_FREE, NULL }, { UVC_DESTROY_PAGE, NULL }, NO_PRICE }, PLAIN, true },
	[OWNED] = { { { MM_FREE, NULL }, NO_PRICE }, PLAIN, true },
};

static const struct page_loop unmap_all = {
	.name = "unmap all pages",
	.range = whole_space,
	.yields = true,
	.frees = true,
	.fault = "uvc.destroy_page",
	.gather = NO_TERM,
	.acts = exit_acts,
};

/* --- flows ---------------------------------------------------------------- */

/* The booted guest goes on to use its memory. */
static const struct step workload_steps[] = {
	PAGES(workload_touches, "stopped", "do_secure_storage_violation"),
	LABEL("stopped"),
	FORGET("guest"),
	END,
};
static const struct flow workload = { "workload", "first touches after the boot", workload_steps };

static const struct step stop_guest_steps[] = {
	STOP(workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_restart"),
	USER(GUEST_DIAG308, NULL, "handle_diag_308: re-IPL"),
	USER(QEMU_PAUSE, &per_vcpu, "pause_all_vcpus"),
	USER(QEMU_SUBSYSTEM_RESET, NULL, "subsystem_reset"),
	USER(QEMU_CRYPTO_RESET, NULL, "s390_crypto_reset"),
	DO(no_longer_fresh, "s390_machine_reset"),
	END,
};
static const struct flow stop_guest = { "stop_guest", "from the request to QEMU's reset",
					stop_guest_steps };

static const struct step cpus_from_pv_steps[] = {
	LOCK(vcpu_mutex, "kvm_s390_cpus_from_pv"),
	SPEND_OR(UVC_DESTROY_CPU, &per_protected_vcpu, EIO, "failed", "kvm_s390_pv_destroy_cpu"),
	DO(no_cpus_left, "kvm_s390_cpus_from_pv"),
	GOTO("out"),
	LABEL("failed"),
	DO(one_cpu_left, "kvm_s390_cpus_from_pv"),
	LABEL("out"),
	UNLOCK(vcpu_mutex, "kvm_s390_cpus_from_pv"),
	END,
};
static const struct flow cpus_from_pv = { "kvm_s390_cpus_from_pv", "destroy every protected vCPU",
					  cpus_from_pv_steps };

/* The configuration first, then one walk for it and all leftovers, if there is still a mm. */
static const struct step cleanup_all_steps[] = {
	DO(begin_cleanup, "kvm_s390_pv_deinit_cleanup_all"),
	UNLESS(has_handle, "leftovers"),
	TRY(end_generation, 0, "out", "kvm_s390_pv_deinit_vm"),
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "leak", "kvm_s390_pv_deinit_vm"),
	FREE("donated memory", donated, "kvm_s390_pv_dealloc_vm"),
	DO(live_gone, "kvm_s390_pv_deinit_vm"),
	GOTO("leftovers"),
	LABEL("leak"),
	DO(leak_current, "kvm_s390_pv_deinit_vm"),
	LABEL("leftovers"),
	SPEND_OR(UVC_DESTROY_CONF, &per_leftover, EIO, "leak leftover",
		 "kvm_s390_pv_dispose_one_leftover"),
	GOTO("free"),
	LABEL("leak leftover"),
	DO(leak_one_leftover, "kvm_s390_pv_dispose_one_leftover"),
	LABEL("free"),
	FREE("donated memory of leftovers", leftover_donated, "kvm_s390_pv_dispose_one_leftover"),
	UNLESS(mm_alive, "settle"),
	PAGES(destroy_range, NULL, "s390_uv_destroy_range"),
	LABEL("settle"),
	DO(end_cleanup, "kvm_s390_pv_deinit_cleanup_all"),
	MARK(MILESTONE_ALL_RECLAIMED),
	LABEL("out"),
	END,
};
static const struct flow cleanup_all = { "kvm_s390_pv_deinit_cleanup_all",
					 "destroy the live configuration and all leftovers",
					 cleanup_all_steps };

static const struct step disable_steps[] = {
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	CALL_OR(cpus_from_pv, "failed", "kvm_s390_handle_pv"),
	CALL_OR(cleanup_all, "failed", "kvm_s390_handle_pv"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	GOTO("done"),
	LABEL("failed"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	DIE("__s390_pv_cmd_exit"),
	LABEL("done"),
	END,
};
static const struct flow disable = { "KVM_PV_DISABLE", "destroy the guest here and now",
				     disable_steps };

static const struct step prepare_steps[] = {
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	TRY(async_allowed, EINVAL, "out", "kvm_s390_handle_pv"),
	CALL_OR(cpus_from_pv, "out", "kvm_s390_handle_pv"),
	TRY(none_set_aside, EINVAL, "out", "kvm_s390_pv_set_aside"),
	TRY(kzalloc_private, ENOMEM, "out", "kvm_s390_pv_set_aside"),
	SPEND_OR(KVM_REPLACE_ASCE, NULL, ENOMEM, "out", "s390_replace_asce"),
	TRY(end_generation, 0, "out", "kvm_s390_pv_set_aside"),
	READ_LOCK(kvm_srcu, "kvm_s390_destroy_lower_2g"),
	PAGES(destroy_lower_2g, NULL, "kvm_s390_destroy_lower_2g"),
	UNLOCK(kvm_srcu, "kvm_s390_destroy_lower_2g"),
	DO(set_aside, "kvm_s390_pv_set_aside"),
	LABEL("out"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	END,
};
static const struct flow prepare = { "KVM_PV_ASYNC_CLEANUP_PREPARE",
				     "set the protected guest aside", prepare_steps };

static const struct step perform_steps[] = {
	USER(QEMU_THREAD_START, NULL, "qemu_thread_create"),
	PAUSE("perform delay", perform_delay, "s390_pv_do_unprot_async_fn"),
	LOCK(kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	TRY(take_aside, EINVAL, "nothing", "kvm_s390_pv_deinit_aside_vm"),
	UNLOCK(kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	PAGES(destroy_range_interruptible, "interrupted", "s390_uv_destroy_range_interruptible"),
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "leak", "kvm_s390_pv_dispose_one_leftover"),
	FREE("donated memory", donated, "kvm_s390_pv_dispose_one_leftover"),
	DO(disposed, "kvm_s390_pv_dispose_one_leftover"),
	MARK(MILESTONE_RECLAIMED),
	GOTO("done"),
	LABEL("leak"),
	DO(leak_taken, "kvm_s390_pv_dispose_one_leftover"),
	DIE("__s390_pv_cmd_exit"),
	GOTO("done"),
	LABEL("interrupted"), /* did not finish, but pretends that things went well */
	LOCK(kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	DO(need_cleanup, "kvm_s390_pv_deinit_aside_vm"),
	UNLOCK(kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	FORGET("kvm_s390_pv_deinit_aside_vm"),
	GOTO("done"),
	LABEL("nothing"),
	UNLOCK(kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	DIE("__s390_pv_cmd_exit"),
	LABEL("done"),
	END,
};
static const struct flow perform = { "KVM_PV_ASYNC_CLEANUP_PERFORM",
				     "tear down the guest that was set aside", perform_steps };

static const struct step unprotect_async_steps[] = {
	UNLESS(has_handle, "done"), /* a boot that failed has left an ordinary guest */
	UNLESS(above_2g, "disable"),
	CALL_OR(prepare, "fall back", "s390_pv_vm_try_disable_async"),
	SPAWN(perform, "s390_pv_vm_try_disable_async"),
	GOTO("done"),
	LABEL("fall back"),
	RECOVER("s390_machine_unprotect"),
	LABEL("disable"),
	CALL(disable, "s390_pv_vm_disable"),
	LABEL("done"),
	END,
};
static const struct flow unprotect_async = { "s390_machine_unprotect", "asynchronous if it can be",
					     unprotect_async_steps };

static const struct step enable_steps[] = {
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	LOCK(mmap_lock, "s390_disable_cow_sharing"),
	SPEND(KVM_DISABLE_COW, NULL, "s390_disable_cow_sharing"),
	UNLOCK(mmap_lock, "s390_disable_cow_sharing"),
	ALLOCATE("donated memory", donated, "out", "kvm_s390_pv_alloc_vm"),
	SPEND(KVM_ALLOC_STORAGE, &per_mebibyte, "kvm_s390_pv_alloc_vm"),
	SPEND_OR(UVC_CREATE_CONF, NULL, EIO, "free", "kvm_s390_pv_init_vm"),
	LOCK(vcpu_mutex, "kvm_s390_cpus_to_pv"),
	SPEND_OR(UVC_CREATE_CPU, &per_vcpu, EIO, "free cpus", "kvm_s390_pv_create_cpu"),
	UNLOCK(vcpu_mutex, "kvm_s390_cpus_to_pv"),
	DO(protected_now, "kvm_s390_handle_pv"),
	GOTO("out"),
	LABEL("free cpus"),
	UNLOCK(vcpu_mutex, "kvm_s390_cpus_to_pv"),
	LABEL("free"),
	FREE("donated memory", donated, "kvm_s390_pv_dealloc_vm"),
	LABEL("out"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	END,
};
static const struct flow enable = { "KVM_PV_ENABLE", "create configuration and vCPUs",
				    enable_steps };

static const struct step load_image_steps[] = {
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	SPEND_OR(UVC_SET_SEC_PARMS, NULL, EINVAL, "out", "kvm_s390_pv_set_sec_parms"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	PAGES(unpack_image, "out", "kvm_s390_pv_unpack"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	SPEND_OR(UVC_VERIFY, NULL, EINVAL, "out", "kvm_s390_handle_pv"),
	LABEL("out"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
	END,
};
static const struct flow load_image = { "KVM_PV_SET_SEC_PARMS, UNPACK, VERIFY",
					"the encrypted image becomes the guest", load_image_steps };

static const struct step boot_protected_steps[] = {
	USER(QEMU_DEVICE_RESET, NULL, "qemu_devices_reset"),
	USER(GUEST_BIOS, NULL, "s390-ccw"),
	PAUSE("read the image", image_read, "s390-ccw: virtio_load_direct"),
	PAGES(loader_touches, NULL, "do_secure_storage_access"),
	USER(GUEST_DIAG308, NULL, "handle_diag_308: subcode 8"),
	USER(GUEST_DIAG308, NULL, "handle_diag_308: subcode 10"),
	USER(QEMU_CPU_RESET, &per_vcpu, "s390_do_cpu_full_reset"),
	CALL_OR(enable, "failed", "s390_machine_protect"),
	CALL_OR(load_image, "failed", "s390_machine_protect"),
	USER(QEMU_CPU_RESET, NULL, "s390_cpu: load_normal"),
	SPEND(UVC_CPU_SET_STATE, NULL, "kvm_s390_pv_set_cpu_state"),
	USER(GUEST_BOOT, NULL, "guest: start_kernel"),
	PAGES(boot_touches, NULL, "do_secure_storage_violation"),
	MARK(MILESTONE_DONE),
	SPAWN(workload, "guest"),
	LABEL("failed"),
	END,
};
static const struct flow boot_protected = { "boot_protected", "from reset to the running guest",
					    boot_protected_steps };

static const struct step start_steps[] = {
	USER(QEMU_START, NULL, "qemu: main"),
	ALLOCATE("guest memory", resident, "out", "mmap"),
	DO(start_process, "kvm_create_vm"),
	CALL(boot_protected, "s390_ipl"),
	LABEL("out"),
	END,
};
static const struct flow start = { "start", "a new process boots a protected guest", start_steps };

static const struct step reboot_sync_steps[] = {
	CALL(stop_guest, "reboot"),
	UNLESS(has_handle, "boot"),
	CALL(disable, "s390_machine_unprotect"),
	LABEL("boot"),
	CALL(boot_protected, "s390_machine_reset"),
	END,
};
static const struct flow reboot_sync = { "reboot_sync", "destroy, then boot again",
					 reboot_sync_steps };

static const struct step reboot_async_steps[] = {
	CALL(stop_guest, "reboot"),
	CALL(unprotect_async, "s390_machine_reset"),
	CALL(boot_protected, "s390_machine_reset"),
	END,
};
static const struct flow reboot_async = { "reboot_async",
					  "set aside, boot again, destroy meanwhile",
					  reboot_async_steps };

/* The mm goes first; vCPU run areas are mapped, so the VM itself is released behind it. */
static const struct step process_exit_steps[] = {
	STOP(workload, "do_exit"),
	STOP(perform, "do_exit"),
	SPEND(KERNEL_EXIT, NULL, "do_exit"),
	TRY(end_generation, 0, "notified", "kvm_s390_pv_mmu_notifier_release"),
	CALL_OR(cpus_from_pv, "notified", "kvm_s390_pv_mmu_notifier_release"),
	LABEL("notified"),
	FORGET("kvm_s390_pv_mmu_notifier_release"),
	LOCK(mmap_lock, "exit_mmap"),
	PAGES(unmap_all, NULL, "zap_pte_range"),
	UNLOCK(mmap_lock, "exit_mmap"),
	DO(mm_gone, "mmdrop"),
	CALL_OR(cleanup_all, "leaked", "kvm_arch_destroy_vm"),
	LABEL("leaked"),
	FORGET("kvm_arch_destroy_vm"),
	MARK(MILESTONE_DONE),
	END,
};
static const struct flow process_exit = { "process_exit", "the kernel takes the process apart",
					  process_exit_steps };

static const struct step shutdown_steps[] = {
	STOP(workload, "guest: services stop"),
	SLEEP(GUEST_STOP, NULL, "guest: kernel_power_off"),
	CALL(process_exit, "qemu: exit"),
	END,
};
static const struct flow shutdown = { "shutdown", "power off and leave", shutdown_steps };

/* --- the model ------------------------------------------------------------ */

static int64_t begin(struct guest *guest, bool running)
{
	struct pv_state *pv = pv_of(guest);
	uint64_t vmm = pages_of(parameters_of(guest)->vmm_resident_bytes);
	uint64_t own = guest_resident_pages(guest);
	struct error ignored = { 0 };

	if (!running) {
		page_map_fill(&guest->pages, 0, PLAIN);
		return 0;
	}
	pv->handle = true;
	pv->protected_vcpus = guest->config->vcpus;
	pv->protected_count = 1;
	page_map_fill(&guest->pages, own + vmm, PLAIN);
	page_map_set(&guest->pages, (struct page_range){ 0, own }, OWNED, &ignored);
	return (int64_t)donated_bytes(guest);
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
	bool sync = strcmp(config->model->strategies[config->strategy].name, "sync") == 0;

	(void)host;
	if (strcmp(key, "perform_delay") == 0 && sync)
		return "strategy sync has no PERFORM";
	if (strcmp(key, "async_destroy") == 0 && sync)
		return "strategy sync never asks for asynchronous destruction";
	return NULL;
}

static const struct strategy strategies[] = {
	{ "sync",
	  "KVM_PV_DISABLE: every page is destroyed before the guest boots again",
	  { [OPERATION_START] = &start,
	    [OPERATION_REBOOT] = &reboot_sync,
	    [OPERATION_SHUTDOWN] = &shutdown,
	    [OPERATION_KILL] = &process_exit } },
	{ "async",
	  "PREPARE and PERFORM (v15): pages above 2 GiB are destroyed while the guest runs again",
	  { [OPERATION_START] = &start,
	    [OPERATION_REBOOT] = &reboot_async,
	    [OPERATION_SHUTDOWN] = &shutdown,
	    [OPERATION_KILL] = &process_exit } },
};

const struct model model_s390_pv = {
	.name = "s390-pv",
	.summary = "s390 Protected Virtualization: reboot and teardown through Ultravisor calls",
	.modelled =
		"The reboot from the request to the running guest: services stop, vCPUs pause, the "
		"old guest is unprotected, devices reset, BIOS and loader run unprotected, ENABLE, "
		"SET_SEC_PARMS, UNPACK of every 4 KiB of the image, VERIFY, kernel boot and its "
		"first "
		"touches. Start and shutdown (process exit with destruction of each page at "
		"unmap).\n"
		"sync destroys every present page under kvm->lock. async destroys what lies below "
		"2 GiB in the foreground and the rest in a thread of its own: at most one guest "
		"set "
		"aside, fallback to sync when PREPARE fails, several PERFORM threads at once, a "
		"fatal "
		"signal leaves a leftover that DISABLE or the release of the VM disposes of, with "
		"one "
		"walk for all. Pages that the new guest touches first are exported (non-secure "
		"code) or "
		"destroyed and imported, and are no longer the background's. Imports export first "
		"while "
		"several configurations live in the address space and the Ultravisor lacks "
		"misc_uv. "
		"mmap_lock is held while 32 pages are gathered. Donated memory is held by every "
		"dead "
		"configuration and leaked when its UVC fails.",
	.not_modelled =
		"Busy and partial UVC return codes and their loops; -EAGAIN of import when another "
		"holds a page reference; shared (bounce buffer) pages; KSM; swapping of old pages; "
		"large folios; the guest page table walk of the 2026 rewrite; memory bandwidth "
		"shared "
		"by teardown and guests. First touches come from the top of memory downwards; "
		"scattered "
		"touches are not modelled. Two PERFORM threads that meet share the remaining pages "
		"evenly. Host page faults of the loader below 2 GiB.",
	.sources =
		"C. Imbrenda, KVM: s390: pv: implement lazy destroy for reboot, v15, linux-kernel, "
		"October 2022; arch/s390/kvm/pv.c and arch/s390/kernel/uv.c (Linux 6.2); QEMU "
		"target/s390x/kvm/pv.c (8.0); J. Frank, s390/uv: add destroy page call, 2020.",
	.strategies = strategies,
	.strategy_count = sizeof(strategies) / sizeof(strategies[0]),
	.terms = terms,
	.term_count = TERM_COUNT,
	.parameters = &parameter_record,
	.locks = locks,
	.lock_count = sizeof(locks) / sizeof(locks[0]),
	.page_states = page_states,
	.page_state_count = sizeof(page_states) / sizeof(page_states[0]),
	.limbo_state = STALE,
	.state_size = sizeof(struct pv_state),
	.check = check,
	.ignored = ignored,
	.begin = begin,
};
