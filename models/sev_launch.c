/*
 * What a new VM of model sev needs before its guest can run: an ASID, registered memory, and
 * the launch commands of the PSP. And the ASID's way back.
 */

#include <errno.h>

#include "models/sev_parts.h"

PSP_FLOWS(sev, &sev_of(guest)->psp, host_of(guest), parameters_of(guest)->asids);

/* KVM_MEMORY_ENCRYPT_REG_REGION as it is upstream. */
static const struct step register_region_steps[] = {
	LOCK(kvm_lock, "sev_mem_enc_register_region"),
	TRY(sev_rlimit_memlock, ENOMEM, "out", "sev_pin_memory"),
	ALLOCATE(sev_page_pointers, sev_page_array, "out", "sev_pin_memory"),
	SPEND(KVM_PAGE_ARRAY, &per_mebibyte, "sev_pin_memory: __vmalloc"),
	DO(sev_find_movable, "collect_longterm_unpinnable_folios"),
	PAGES(sev_pin_region, "unpin", "pin_user_pages_fast"),
	UNLESS(sev_meets_movable, "pinned"),
	CHANCE(sev_migration_fails, ENOMEM, "unpin", "check_and_migrate_movable_pages"),
	SPEND_YIELDING(MM_MIGRATE, &sev_per_movable_page, "migrate_longterm_unpinnable_folios"),
	GOTO("pinned"),
	LABEL("unpin"), /* all or nothing */
	PAGES(sev_unpin_region, NULL, "sev_pin_memory: unpin_user_pages"),
	FREE_ALL(sev_page_pointers, "sev_pin_memory"),
	GOTO("out"),
	LABEL("pinned"),
	DO(sev_note_registered, "sev_mem_enc_register_region: list_add_tail"),
	UNLOCK(kvm_lock, "sev_mem_enc_register_region"),
	UNLESS(sev_not_coherent, "done"),
	SPEND_YIELDING(CPU_CLFLUSH, &sev_per_4k, "sev_clflush_pages"),
	GOTO("done"),
	LABEL("out"),
	UNLOCK(kvm_lock, "sev_mem_enc_register_region"),
	LABEL("done"),
};
const struct flow sev_register_region =
	FLOW("sev_mem_enc_register_region", "pin all memory of the guest", register_region_steps);

/* On demand: metadata with the memslot; REG_REGION is a stub (January) or a check (March). */
static const struct step register_nothing_steps[] = {
	TRY(sev_kvcalloc_metadata, ENOMEM, "out", "kvm_alloc_memslot_metadata"),
	ALLOCATE(sev_pin_metadata, sev_metadata, "out", "kvm_alloc_memslot_metadata"),
	SPEND(KVM_METADATA, &per_mebibyte, "kvm_alloc_memslot_metadata: kvcalloc"),
	DO(sev_note_registered, "kvm_set_memslot"),
	UNLESS(sev_fault_pins_longterm, "out"),
	TRY(sev_rlimit_memlock, ENOMEM, "out", "sev_mem_enc_register_region"),
	LABEL("out"),
};
const struct flow sev_register_nothing =
	FLOW("kvm_alloc_memslot_metadata", "room to remember what will be pinned",
	     register_nothing_steps);

static const struct step launch_steps[] = {
	LOCK(kvm_lock, "sev_mem_enc_ioctl"),
	SERVE_OR(sev_psp, PSP_LAUNCH_START, NULL, EIO, "out", "sev_launch_start"),
	SERVE(sev_psp, PSP_ACTIVATE, NULL, "sev_bind_asid"),
	DO(sev_note_launched, "sev_launch_start"),
	SERVE_OR(sev_psp, PSP_UPDATE_SEV, &sev_per_firmware_page, EIO, "out",
		 "sev_launch_update_data"),
	UNLESS(sev_encrypts_vcpus, "measure"),
	SERVE(sev_psp, PSP_UPDATE_VMSA, &per_vcpu, "sev_launch_update_vmsa"),
	LABEL("measure"),
	SERVE(sev_psp, PSP_MEASURE, NULL, "sev_launch_measure"),
	SERVE(sev_psp, PSP_FINISH, NULL, "sev_launch_finish"),
	LABEL("out"),
	UNLOCK(kvm_lock, "sev_mem_enc_ioctl"),
};
const struct flow sev_launch =
	FLOW("SEV launch", "the PSP measures and encrypts the firmware", launch_steps);
