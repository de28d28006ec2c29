#include "flow/step.h"

#include "flow/guest.h"
#include "flow/model.h"

const struct memory_kind guest_memory = { "guest memory", NULL };

const struct page_act *page_act(const struct page_loop *loop, int state)
{
	static const struct page_act passed = PASS_ACT(PAGE_GONE);

	return state == PAGE_GONE ? &passed : &loop->acts->of[state];
}

struct law page_price_law(const struct page_price *price, struct law term,
			  const struct guest *guest)
{
	return price->calls ? law_times(term, price->calls->of(guest)) : term;
}

const char *model_page_state(const struct model *model, int state)
{
	return state == PAGE_GONE ? "gone" : model->page_states[state - PAGE_FIRST];
}
