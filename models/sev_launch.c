/*
 * What a new VM of model sev needs before its guest can run: an ASID, registered memory, and
 * the launch commands of the PSP. And the ASID's way back.
 */

#include <errno.h>

#include "models/sev_parts.h"

static const struct step asid_new_steps[] = {
	LOCK(sev_bitmap_lock, "sev_asid_new"),
	UNLESS(sev_no_free_asid, "take"),
	LOCK(sev_deactivate_lock, "sev_flush_asids"),
	TRY(sev_recycle_asids, EBUSY, "busy", "__sev_recycle_asids"),
	ALL_CORES(CPU_WBINVD, NULL, "sev_flush_asids: wbinvd_on_all_cpus"),
	SERVE(sev_psp, PSP_DF_FLUSH, NULL, "sev_guest_df_flush"),
	UNLOCK(sev_deactivate_lock, "sev_flush_asids"),
	LABEL("take"),
	DO(sev_take_asid, "sev_asid_new"),
	UNLOCK(sev_bitmap_lock, "sev_asid_new"),
	GOTO("out"),
	LABEL("busy"),
	UNLOCK(sev_deactivate_lock, "sev_flush_asids"),
	UNLOCK(sev_bitmap_lock, "sev_asid_new"),
	LABEL("out"),
};
const struct flow sev_asid_new =
	FLOW("sev_asid_new", "take an ASID, recycling if none is free", asid_new_steps);

static const struct step unbind_asid_steps[] = {
	UNLESS(sev_is_launched, "free"),
	READ_LOCK(sev_deactivate_lock, "sev_unbind_asid"),
	SERVE(sev_psp, PSP_DEACTIVATE, NULL, "sev_guest_deactivate"),
	UNLOCK(sev_deactivate_lock, "sev_unbind_asid"),
	SERVE_OR(sev_psp, PSP_DECOMMISSION, NULL, EIO, "leak", "sev_decommission"),
	LABEL("free"),
	LOCK(sev_bitmap_lock, "sev_asid_free"),
	DO(sev_free_asid, "sev_asid_free"),
	UNLOCK(sev_bitmap_lock, "sev_asid_free"),
	GOTO("out"),
	LABEL("leak"),
	DO(sev_leak_asid, "sev_decommission"),
	RECOVER("sev_unbind_asid"),
	LABEL("out"),
};
const struct flow sev_unbind_asid =
	FLOW("sev_unbind_asid", "give the ASID back", unbind_asid_steps);

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
	UNLESS(sev_has_snp, "sev"),
	SERVE_OR(sev_psp, PSP_UPDATE_SNP, &sev_per_firmware_page, EIO, "out", "snp_launch_update"),
	GOTO("updated"),
	LABEL("sev"),
	SERVE_OR(sev_psp, PSP_UPDATE_SEV, &sev_per_firmware_page, EIO, "out",
		 "sev_launch_update_data"),
	LABEL("updated"),
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
