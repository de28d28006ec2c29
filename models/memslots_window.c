/* The window of model memslots: what becomes of a vCPU that meets a slot that is not there. */

#include <math.h>

#include "base/elementary.h"
#include "models/memslots_parts.h"

/* Mean times of what the flows are made of. */
struct pieces {
	double grace, set, zap, hold;
};

static double zap_ns(const struct guest *guest)
{
	static const int of_roots[] = { KVM_ZAP_ROOTS, KVM_ZAP_ASYNC, KVM_ZAP_ASYNC_5_15 };
	const struct cost *costs = guest->config->costs;

	if (memslots_zaps_roots(guest))
		return costs[of_roots[parameters_of(guest)->zap]].law.mean_ns;
	return costs[KVM_ZAP].law.mean_ns * (double)memslots_slot_pages(guest);
}

static struct pieces pieces_of(const struct guest *guest)
{
	const struct cost *costs = guest->config->costs;

	return (struct pieces){
		.grace = costs[SRCU_GRACE].law.mean_ns,
		.set = costs[KVM_SET_REGION].law.mean_ns,
		.zap = zap_ns(guest),
		.hold = (double)parameters_of(guest)->notifier_hold_ns,
	};
}

/* Sum over the removed slots that come back, as vCPUs see them; ns. */
struct exposure {
	double invalid, absent;
};

/*
 * A vCPU sees a swap at once; notifiers (hold) come before it, a grace period behind it.
 *
 * One ioctl each, all removals before all additions (QEMU's flat view), so that deletion i of n
 * is made good by creation i:
 *   invalid  from the first swap to the second: grace + zap + hold;
 *   absent   from the second swap until creation i is published: its own grace period, n - i
 *            whole removals (set + 2 (hold + grace) + zap), i - 1 whole additions (set + hold +
 *            grace), and set + hold of its own creation.
 * MOVE is back with its second swap.
 */
static struct exposure one_by_one(const struct guest *guest)
{
	struct pieces p = pieces_of(guest);
	double n = (double)memslots_removals(guest), r = (double)memslots_replaced(guest);
	double moves = (double)parameters_of(guest)->moves;
	double removal = p.set + 2 * (p.hold + p.grace) + p.zap,
	       addition = p.set + p.hold + p.grace;

	return (struct exposure){
		.invalid = (r + moves) * (p.grace + p.zap + p.hold),
		.absent = r * (p.grace + p.set + p.hold) + (r * n - r * (r + 1) / 2) * removal +
			  r * (r - 1) / 2 * addition,
	};
}

/*
 * In a list a slot is invalid until the common publication and never absent. Behind its own swap
 * lie grace + zap, in the RFC then n - i further removals of the first pass (set + hold + grace +
 * zap), and for all of them the second pass: set for each addition, the plain ioctls that slip in
 * where slots_lock is dropped (between the passes and behind each entry), and the last hold. With
 * one common swap for all (one for each address space) its further swaps and all zaps come first.
 */
static struct exposure in_list(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);
	struct pieces p = pieces_of(guest);
	double n = (double)memslots_removals(guest), r = (double)memslots_replaced(guest);
	double moves = (double)parameters->moves, spaces = (double)parameters->address_spaces;
	double slips = fmin((double)parameters->concurrent, (double)memslots_entries(guest) + 1);
	double behind = (double)memslots_additions(guest) * p.set +
			slips * (p.set + p.hold + p.grace) + p.hold;
	double others = r * n - r * (r + 1) / 2 + moves * (moves - 1) / 2;

	if (design_of(guest) == ONE_SWAP_BATCH)
		return (struct exposure){ .invalid = (r + moves) *
						     (spaces * p.grace + (spaces - 1) * p.hold +
						      n * p.zap + behind) };
	return (struct exposure){ .invalid = (r + moves) * (p.grace + p.zap + behind) +
					     others * (p.set + p.hold + p.grace + p.zap) };
}

/* Accesses of all vCPUs to one slot that they do not survive when it is missing, per ns. */
static double fatal_rate(const struct guest *guest)
{
	const struct parameters *parameters = parameters_of(guest);
	double fatal = parameters->architecture == ARCHITECTURE_S390X ? 1 : parameters->fetch_share;

	return parameters->access_rate * fatal * (double)guest->config->vcpus * 1e-9;
}

/* x86 retries the access while the slot is invalid; elsewhere that is no memory either. */
static double hit_probability(const struct guest *guest)
{
	struct exposure exposure = { 0, 0 };

	switch (design_of(guest)) {
	case SEQUENTIAL:
		exposure = one_by_one(guest);
		break;
	case BATCH:
	case ONE_SWAP_BATCH:
		exposure = in_list(guest);
		break;
	case INHIBIT:
	case KICK_ALL:
		break; /* no vCPU runs */
	}
	if (parameters_of(guest)->architecture == ARCHITECTURE_X86_64)
		exposure.invalid = 0;
	return -elementary_expm1(-fatal_rate(guest) * (exposure.invalid + exposure.absent));
}
const struct chance memslots_vcpu_hits_window = { "a vCPU meets the missing slot",
						  hit_probability };

/* A hole that nobody will close is met sooner or later by a guest that uses the slot at all. */
static double leftover_probability(const struct guest *guest)
{
	const struct slots_state *state = state_of(guest);
	bool missing = state->torn || (state->slots_invalid &&
				       parameters_of(guest)->architecture != ARCHITECTURE_X86_64);

	return missing && fatal_rate(guest) > 0 ? 1 : 0;
}
const struct chance memslots_vcpu_hits_leftover = { "a vCPU meets what a list has left",
						    leftover_probability };
