#ifndef MODELS_PSP_H
#define MODELS_PSP_H

/*
 * What all guests of AMD SEV have whatever their memory is: an address space identifier (ASID),
 * which the host recycles, and a context in the PSP, which DECOMMISSION ends.
 *
 * The flows follow arch/x86/kvm/svm/sev.c (sev_asid_new, sev_flush_asids, sev_unbind_asid). A
 * model embeds struct psp_guest in its state and struct psp_host in what its guests share, lists
 * the terms CPU_WBINVD and PSP_* in its enum, and has PSP_FLOWS.
 */

#include <errno.h>

#include "models/common.h"

/* How far the PSP knows the guest. */
struct psp_guest {
	bool asid;     /* holds one */
	bool launched; /* the PSP has a context, bound to the ASID */
};

/* What all guests of the host share: two bitmaps of the kernel as numbers. */
struct psp_host {
	int64_t used;        /* ASIDs of guests, lost ones included: sev_asid_bitmap */
	int64_t reclaimable; /* free after the next DF_FLUSH: sev_reclaim_asid_bitmap */
};

extern const struct lock_kind sev_bitmap_lock, sev_deactivate_lock;

/* Every command waits for sev_cmd_mutex and then for the one small processor behind it. */
extern const struct server_kind sev_psp;

#define ASIDS_FIELD(offset)                                                                        \
	{                                                                                          \
		"asids", FIELD_COUNT, offset, "254", 1, 1e6, NULL, NULL,                           \
			"address space identifiers of the host; the same for all its guests"       \
	}

/* --- cost terms ------------------------------------------------------------ */

#define ENARX     "ioctl trace in enarx pull request 246, 2020"
#define PSP_SHORT "as the other short commands in enarx pull request 246, 2020"

#define WBINVD_TERM                                                                                \
	{                                                                                          \
		"cpu.wbinvd_all", TERM_PER_CALL, 2e6, 0.3, 0.5e6, 10e6, TERM_ASSUMED,              \
			"dirty bytes of the caches at their write bandwidth, and the IPIs; no "    \
			"public figure for servers"                                                \
	}
#define CLFLUSH_TERM                                                                               \
	{                                                                                          \
		"cpu.clflush_4k", TERM_PER_PAGE, 230, 0.1, 90, 1e3, TERM_DERIVED,                  \
			"more than 52 ms for 229685 pages of a 256 GiB guest (P. Gonda, March "    \
			"2022, <20220330164306.2376085-1-pgonda@google.com>): a lower bound "      \
			"there; 96 "                                                               \
			"ns clean, 97 to 152 ns dirty on EPYC of family 26 (measured)"             \
	}
#define PSP_LAUNCH_START_TERM                                                                      \
	{                                                                                          \
		"psp.launch_start", TERM_PER_CALL, 4e6, 0.05, 1e6, 10e6, TERM_PUBLISHED, ENARX     \
	}
#define PSP_SHORT_TERM(name_, source_)                                                             \
	{                                                                                          \
		name_, TERM_PER_CALL, 500e3, 0.1, 100e3, 10e6, TERM_ASSUMED, source_               \
	}
#define PSP_ACTIVATE_TERM     PSP_SHORT_TERM("psp.activate", PSP_SHORT)
#define PSP_FINISH_TERM       PSP_SHORT_TERM("psp.launch_finish", PSP_SHORT)
#define PSP_DF_FLUSH_TERM     PSP_SHORT_TERM("psp.df_flush", "as the other short commands")
#define PSP_DEACTIVATE_TERM   PSP_SHORT_TERM("psp.deactivate", "as the other short commands")
#define PSP_DECOMMISSION_TERM PSP_SHORT_TERM("psp.decommission", "as the other short commands")

/* --- conditions, hooks, flows ---------------------------------------------- */

/*
 * `guest_`, `host_` and `asids_`: expressions of `guest` for the two structs and the number of
 * ASIDs; PREFIX_ begins what other files of the model call: PREFIX_asid_new and PREFIX_unbind_asid
 * are flows, PREFIX_has_asid a condition, PREFIX_note_launched a hook.
 */
#define PSP_FLOWS(PREFIX_, guest_, host_, asids_)                                                  \
	CONDITION(PREFIX_##_has_asid, "the guest has an ASID", (guest_)->asid);                    \
	STATIC_CONDITION(is_launched, "the PSP has launched the guest", (guest_)->launched);       \
	STATIC_CONDITION(no_free_asid, "no ASID is free",                                          \
			 (host_)->used + (host_)->reclaimable >= (asids_));                        \
	EFFECT(PREFIX_##_note_launched, "the PSP knows the guest", (guest_)->launched = true);     \
	STATIC_HOOK(recycle_asids, "__sev_recycle_asids")                                          \
	{                                                                                          \
		if (!(host_)->reclaimable)                                                         \
			return guest_short_of(guest, "ASIDs", UNIT_COUNT, 1, 0, EBUSY);            \
		(host_)->reclaimable = 0;                                                          \
		return 0;                                                                          \
	}                                                                                          \
	STATIC_HOOK(take_asid, "sev_asid_new")                                                     \
	{                                                                                          \
		(host_)->used++;                                                                   \
		(guest_)->asid = true;                                                             \
		return 0;                                                                          \
	}                                                                                          \
	STATIC_HOOK(free_asid, "reclaimable until the next DF_FLUSH")                              \
	{                                                                                          \
		NEEDS((guest_)->asid && (host_)->used > 0);                                        \
		(host_)->used--;                                                                   \
		(host_)->reclaimable++;                                                            \
		*(guest_) = (struct psp_guest){ 0 };                                               \
		return 0;                                                                          \
	}                                                                                          \
	STATIC_EFFECT(leak_asid, "the ASID is lost", *(guest_) = (struct psp_guest){ 0 });         \
	static const struct step asid_new_steps[] = {                                              \
		LOCK(sev_bitmap_lock, "sev_asid_new"),                                             \
		UNLESS(no_free_asid, "take"),                                                      \
		LOCK(sev_deactivate_lock, "sev_flush_asids"),                                      \
		TRY(recycle_asids, EBUSY, "busy", "__sev_recycle_asids"),                          \
		ALL_CORES(CPU_WBINVD, NULL, "sev_flush_asids: wbinvd_on_all_cpus"),                \
		SERVE(sev_psp, PSP_DF_FLUSH, NULL, "sev_guest_df_flush"),                          \
		UNLOCK(sev_deactivate_lock, "sev_flush_asids"),                                    \
		LABEL("take"),                                                                     \
		DO(take_asid, "sev_asid_new"),                                                     \
		UNLOCK(sev_bitmap_lock, "sev_asid_new"),                                           \
		GOTO("out"),                                                                       \
		LABEL("busy"),                                                                     \
		UNLOCK(sev_deactivate_lock, "sev_flush_asids"),                                    \
		UNLOCK(sev_bitmap_lock, "sev_asid_new"),                                           \
		LABEL("out"),                                                                      \
	};                                                                                         \
	const struct flow PREFIX_##_asid_new =                                                     \
		FLOW("sev_asid_new", "take an ASID, recycling if none is free", asid_new_steps);   \
	static const struct step unbind_asid_steps[] = {                                           \
		UNLESS(is_launched, "free"),                                                       \
		READ_LOCK(sev_deactivate_lock, "sev_unbind_asid"),                                 \
		SERVE(sev_psp, PSP_DEACTIVATE, NULL, "sev_guest_deactivate"),                      \
		UNLOCK(sev_deactivate_lock, "sev_unbind_asid"),                                    \
		SERVE_OR(sev_psp, PSP_DECOMMISSION, NULL, EIO, "leak", "sev_decommission"),        \
		LABEL("free"),                                                                     \
		LOCK(sev_bitmap_lock, "sev_asid_free"),                                            \
		DO(free_asid, "sev_asid_free"),                                                    \
		UNLOCK(sev_bitmap_lock, "sev_asid_free"),                                          \
		GOTO("out"),                                                                       \
		LABEL("leak"),                                                                     \
		DO(leak_asid, "sev_decommission"),                                                 \
		RECOVER("sev_unbind_asid"),                                                        \
		LABEL("out"),                                                                      \
	};                                                                                         \
	const struct flow PREFIX_##_unbind_asid =                                                  \
		FLOW("sev_unbind_asid", "give the ASID back", unbind_asid_steps)

#endif
