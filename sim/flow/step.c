#include "flow/step.h"

#include <math.h>

#include "flow/guest.h"
#include "flow/model.h"

const struct memory_kind guest_memory = { "guest memory", NULL };

const struct page_act page_gone_act = PASS_ACT(PAGE_GONE);

/* As often as a clock of 63 bits can count: each unit takes some of it. */
static uint64_t times(double factor, uint64_t count)
{
	double product = ceil(factor * (double)count);

	return product < 0x1p63 ? (uint64_t)product : INT64_MAX;
}

uint64_t count_of(const struct count *count, const struct guest *guest, uint64_t otherwise)
{
	const struct count_rule *rule = (const struct count_rule *)count;

	if (!count)
		return otherwise;
	if (count->of)
		return count->of(guest);
	if (rule->base)
		return times(rule->times, count_of(rule->base, guest, 0));
	return rule->number;
}

double ratio_of(const struct ratio *ratio, const struct guest *guest)
{
	if (!ratio)
		return 1;
	return ratio->of ? ratio->of(guest) : ((const struct ratio_rule *)ratio)->number;
}

struct page_range page_loop_range(const struct page_loop *loop, const struct guest *guest)
{
	const struct loop_part *part = &loop->part;
	struct page_range whole = loop->range(guest), range = whole;
	double pages = (double)(whole.end - whole.first);

	if (part->to_bytes)
		range.end = whole.first + guest_resident_pages_below(guest, part->to_bytes);
	if (part->to_share > 0)
		range.end = whole.first + (uint64_t)(part->to_share * pages);
	if (part->from_bytes)
		range.first += guest_resident_pages_below(guest, part->from_bytes);
	if (part->from_share > 0)
		range.first += (uint64_t)(part->from_share * pages);
	if (range.end > whole.end)
		range.end = whole.end;
	if (range.first > range.end)
		range.first = range.end;
	return range;
}

struct law page_price_law(const struct page_price *price, struct law term,
			  const struct guest *guest)
{
	return price->calls ? law_times(term, ratio_of(price->calls, guest)) : term;
}

const char *model_page_state(const struct model *model, int state)
{
	return state == PAGE_GONE ? "gone" : model->page_states[state - PAGE_FIRST];
}
