/* Asynchronous teardown (v15): PREPARE sets the guest aside, PERFORM tears it down. */

#include <errno.h>

#include "models/s390-pv_parts.h"

STATIC_COUNT(perform_delay, "ns of perform_delay", parameters_of(guest)->perform_delay_ns);
STATIC_CONDITION(above_2g, "the guest has more than 2 GiB",
		 guest->config->memory_bytes > LOW_BYTES);
/* KVM asks for async_destroy; QEMU asks for the capability and tries nothing else. */
STATIC_CONDITION(async_capable, "KVM_CAP_S390_PROTECTED_ASYNC_DISABLE",
		 parameters_of(guest)->async_destroy);

STATIC_ERRNO(none_set_aside, "kvm_s390_pv_set_aside", pv_of(guest)->set_aside ? EINVAL : 0);

const struct hook pv_kzalloc = { "kzalloc", succeeds };

STATIC_HOOK(set_aside, "kvm->arch.pv.set_aside = priv")
{
	struct pv_state *pv = pv_of(guest);

	pv->set_aside = guest->generation - 1; /* the one that has just ended */
	pv->handle = pv->dead = false;
	return 0;
}

STATIC_HOOK(take_aside, "take set_aside")
{
	struct pv_state *pv = pv_of(guest);

	*generation = pv->set_aside;
	pv->set_aside = 0;
	return *generation ? 0 : EINVAL;
}

STATIC_HOOK(need_cleanup, "list_add(need_cleanup)")
{
	NEEDS(*generation && pv_of(guest)->leftovers < DEAD_GENERATIONS_MAX);
	pv_add_leftover(pv_of(guest), *generation);
	*generation = 0;
	return 0;
}

static const struct step prepare_steps[] = {
	LOCK(kvm_lock, "kvm_s390_handle_pv"),
	CALL_OR(pv_cpus_from_pv, "out", "kvm_s390_handle_pv"),
	TRY(none_set_aside, EINVAL, "out", "kvm_s390_pv_set_aside"),
	TRY(pv_kzalloc, ENOMEM, "out", "kvm_s390_pv_set_aside"),
	UNLESS(pv_destroys_fast, "set aside"),
	TRY(pv_end_generation, 0, "out", "kvm_s390_pv_deinit_vm_fast"),
	CALL_OR(pv_deinit_fast, "out", "kvm_s390_pv_deinit_vm_fast"),
	GOTO("lower"),
	LABEL("set aside"),
	SPEND_OR(KVM_REPLACE_ASCE, NULL, ENOMEM, "out", "s390_replace_asce"),
	TRY(pv_end_generation, 0, "out", "kvm_s390_pv_set_aside"),
	LABEL("lower"),
	UNLESS(pv_walks_guest_table, "process"),
	READ_LOCK(mmu_lock, "gmap_pv_destroy_range"),
	PAGES(pv_table_lower_2g, NULL, "gmap_pv_destroy_range"),
	UNLOCK(mmu_lock, "gmap_pv_destroy_range"),
	GOTO("lower is gone"),
	LABEL("process"),
	READ_LOCK(kvm_srcu, "kvm_s390_destroy_lower_2g"),
	PAGES(pv_destroy_lower_2g, NULL, "kvm_s390_destroy_lower_2g"),
	UNLOCK(kvm_srcu, "kvm_s390_destroy_lower_2g"),
	LABEL("lower is gone"),
	DO(set_aside, "kvm_s390_pv_set_aside"),
	LABEL("out"),
	UNLOCK(kvm_lock, "kvm_s390_handle_pv"),
};
static const struct flow prepare =
	FLOW("KVM_PV_ASYNC_CLEANUP_PREPARE", "set the protected guest aside", prepare_steps);

static const struct step perform_steps[] = {
	USER(QEMU_THREAD_START, NULL, "qemu_thread_create"),
	PAUSE("perform delay", perform_delay, "s390_pv_do_unprot_async_fn"),
	LOCK(kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	TRY(take_aside, EINVAL, "nothing", "kvm_s390_pv_deinit_aside_vm"),
	UNLOCK(kvm_lock, "kvm_s390_pv_deinit_aside_vm"),
	UNLESS(pv_walks_guest_table, "process"),
	READ_LOCK(mmu_lock, "gmap_pv_destroy_range"),
	PAGES(pv_table_interruptible, "signal", "gmap_pv_destroy_range"),
	UNLOCK(mmu_lock, "gmap_pv_destroy_range"),
	GOTO("walked"),
	LABEL("process"),
	PAGES(pv_destroy_range_interruptible, "interrupted", "s390_uv_destroy_range_interruptible"),
	LABEL("walked"),
	UNLESS(pv_handle_kept, "disposed"),
	SPEND_OR(UVC_DESTROY_CONF, NULL, EIO, "leak", "kvm_s390_pv_dispose_one_leftover"),
	FREE_DONATION("kvm_s390_pv_dispose_one_leftover"),
	LABEL("disposed"),
	DO(pv_disposed, "kvm_s390_pv_dispose_one_leftover"),
	MARK(MILESTONE_RECLAIMED),
	GOTO("done"),
	LABEL("leak"),
	DO(pv_leak_taken, "kvm_s390_pv_dispose_one_leftover"),
	DIE("__s390_pv_cmd_exit"),
	GOTO("done"),
	LABEL("signal"),
	UNLOCK(mmu_lock, "gmap_pv_destroy_range"),
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
};
const struct flow pv_perform = FLOW("KVM_PV_ASYNC_CLEANUP_PERFORM",
				    "tear down the guest that was set aside", perform_steps);

static const struct step unprotect_async_steps[] = {
	UNLESS(pv_is_protected, "done"),
	UNLESS(above_2g, "disable"),
	UNLESS(async_capable, "disable"),
	CALL_OR(prepare, "fall back", "s390_pv_vm_try_disable_async"),
	SPAWN(pv_perform, "s390_pv_vm_try_disable_async"),
	GOTO("done"),
	LABEL("fall back"),
	RECOVER("s390_machine_unprotect"),
	LABEL("disable"),
	CALL(pv_disable, "s390_pv_vm_disable"),
	LABEL("done"),
};
const struct flow pv_unprotect_async =
	FLOW("s390_machine_unprotect", "asynchronous if it can be", unprotect_async_steps);
