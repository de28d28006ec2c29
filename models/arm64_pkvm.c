/*
 * Guests under pKVM. Teardown of a protected one: the hypervisor at EL2 takes each page back.
 *
 * Before the split one EL2 call marked all pages, and nothing else could run on that
 * CPU; after it the VM is set dying and the host reclaims page by page, rescheduling
 * between (Q. Perret, refactor the guest teardown path, android-kvm).
 *
 * A guest that is not protected shares its memory with the host: a hypercall for each mapping, be it
 * of 4 KiB or (Linux 6.16) of 2 MiB, __pkvm_host_share_guest at the fault and
 * __pkvm_host_unshare_guest at each unmapping and at the end, which unmaps, too (Q. Perret, KVM:
 * arm64: Non-protected guest stage-2 support for pKVM, 6.14; V. Donnefort, Stage-2 huge mappings for
 * pKVM np-guests, v5, 2025-05-20). It is reset in place.
 */

#include "models/arm64_parts.h"

CONDITION(arm64_is_pkvm, "the guest is protected",
	  guest->config->strategy == PKVM || guest->config->strategy == PKVM_ONE_CALL);
CONDITION(arm64_is_shared, "pKVM shares each mapping",
	  guest->config->strategy == PKVM_NON_PROTECTED);
STATIC_CONDITION(one_call, "one EL2 call marks all pages",
		 guest->config->strategy == PKVM_ONE_CALL);
STATIC_COUNT(per_mapped_page, "pages mapped", guest->pages.in_state[MAPPED]);

static const struct page_acts reclaim_acts = { {
	PASS(FRESH),
	PASS(PRESENT),
	[MAPPED] = { { PRICE(PKVM_RECLAIM_PAGE) }, PRESENT, false },
	PASS(LOCKED),
} };
static const struct page_loop reclaim_pages = {
	.name = "reclaim page by page",
	.range = all_pages,
	.yields = true,
	.acts = &reclaim_acts,
};

static const struct step teardown_steps[] = {
	UNLESS(one_call, "dying"),
	SPEND(PKVM_MARK_PAGE, &per_mapped_page, "__pkvm_teardown_vm: EL2"),
	GOTO("reclaim"),
	LABEL("dying"),
	SPEND(PKVM_START_TEARDOWN, NULL, "__pkvm_start_teardown_vm"),
	LABEL("reclaim"),
	PAGES(reclaim_pages, NULL, "__pkvm_reclaim_dying_guest_page"),
	SPEND(PKVM_FINALIZE, NULL, "__pkvm_finalize_teardown_vm"),
};
const struct flow arm64_pkvm_teardown =
	FLOW("pkvm_destroy_hyp_vm", "EL2 gives the pages back", teardown_steps);
