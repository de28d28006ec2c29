/* Strategies as designs: what `sim flows --format json` prints. */

#include <stdint.h>
#include <string.h>

#include "design/parts.h"
#include "document/json.h"
#include "flow/program.h"

/* --- page loops ------------------------------------------------------------------- */

static json_t *price_to_json(const struct model *model, const struct page_price *price)
{
	const char *term = model->terms[price->term].name;
	json_t *calls = NULL;

	if (!price->when && !price->calls)
		return json_string(term);
	if (price->calls)
		calls = price->calls->of
				? json_string(price->calls->name)
				: json_real(((const struct ratio_rule *)price->calls)->number);
	return json_pack("{s:s, s:s*, s:o*}", "term", term, "when",
			 price->when ? price->when->name : NULL, "calls", calls);
}

static json_t *prices_to_json(const struct model *model, const struct page_act *act)
{
	json_t *list = json_array();

	for (int i = 0; act->prices[i].term != NO_TERM; i++)
		list = list_with(list, price_to_json(model, &act->prices[i]));
	return list;
}

static json_t *act_to_json(const struct model *model, const struct page_act *act, int state)
{
	if (act->becomes == state && act->prices[0].term == NO_TERM && !act->handled)
		return json_string("pass");
	return json_pack("{s:o, s:s, s:b}", "prices", prices_to_json(model, act), "becomes",
			 model_page_state(model, act->becomes), "handled", act->handled);
}

static json_t *states_to_json(const struct model *model, const struct page_loop *loop)
{
	json_t *states = json_object();

	for (int i = 0; i < (int)model->page_state_count; i++)
		states = object_with(
			states, model->page_states[i],
			act_to_json(model, &loop->acts->of[PAGE_FIRST + i], PAGE_FIRST + i));
	return states;
}

static json_t *calls_to_json(const struct page_loop *loop)
{
	json_t *list = loop->calls ? json_array() : NULL;

	for (const struct page_call *call = loop->calls; call && call->name; call++)
		list = list_with(list, json_string(call->name));
	return list;
}

static json_t *bytes_to_json(int64_t bytes)
{
	return bytes ? json_sprintf("%lldB", (long long)bytes) : NULL;
}

static json_t *end_to_json(int64_t bytes, double share)
{
	return share > 0 ? json_real(share) : bytes_to_json(bytes);
}

static json_t *range_to_json(const struct page_loop *loop)
{
	json_t *from = end_to_json(loop->part.from_bytes, loop->part.from_share);
	json_t *to = end_to_json(loop->part.to_bytes, loop->part.to_share);

	return from || to ? json_pack("{s:o*, s:o*}", "from", from, "to", to) : NULL;
}

static json_t *loop_to_json(const struct model *model, const struct page_loop *loop)
{
	return json_pack("{s:o*, s:o*, s:s*, s:b, s:b, s:b, s:o*, s:b, s:I, s:s*, s:s*, s:o*, "
			 "s:o*, s:o*, s:o*}",
			 "range", range_to_json(loop), "count",
			 loop->count ? design_count_to_json(loop->count) : NULL, "order",
			 loop->descending ? "descending" : "ascending", "touch", loop->touch,
			 "interruptible", loop->interruptible, "yields", loop->yields,
			 "yield_bytes", bytes_to_json(loop->yield_bytes), "frees", loop->frees,
			 "batch", (json_int_t)(loop->batch ? loop->batch : 1), "lock",
			 loop->lock ? loop->lock->name : NULL, "gather",
			 loop->gather == NO_TERM ? NULL : model->terms[loop->gather].name, "pace",
			 loop->pace_ns ? design_count_to_json(loop->pace_ns) : NULL, "calls",
			 calls_to_json(loop), "states",
			 loop->range ? states_to_json(model, loop) : NULL, "prices",
			 loop->range ? NULL : prices_to_json(model, &loop->acts->of[PAGE_NONE]));
}

/* --- flows ------------------------------------------------------------------------ */

static json_t *flow_to_json(const struct model *model, const struct flow *flow)
{
	json_t *list = json_array();

	for (size_t i = 0; i < flow->step_count; i++)
		list = list_with(list, design_step_to_json(model, &flow->steps[i]));
	return list;
}

/* What a flow reaches, after it. */
static bool add_flow(const struct model *model, const struct flow *flow, json_t *flows,
		     json_t *loops)
{
	if (json_object_get(flows, flow->name))
		return true;
	if (json_object_set_new(flows, flow->name, flow_to_json(model, flow)) != 0)
		return false;
	for (size_t i = 0; i < flow->step_count; i++) {
		const struct step *step = &flow->steps[i];

		if (step->loop && !json_object_get(loops, step->loop->name) &&
		    json_object_set_new(loops, step->loop->name, loop_to_json(model, step->loop)) !=
			    0)
			return false;
		if (step->flow && !add_flow(model, step->flow, flows, loops))
			return false;
	}
	return true;
}

json_t *design_to_json(const struct model *model, const struct strategy *strategy,
		       enum operation operation)
{
	json_t *flows = json_object(), *loops = json_object();
	bool ok = flows && loops;

	for (int i = 0; ok && i < OPERATION_COUNT; i++)
		if (strategy->flows[i] && (operation == OPERATION_COUNT || (int)operation == i))
			ok = add_flow(model, strategy->flows[i], flows, loops);
	if (ok)
		return json_pack("{s:o, s:o, s:s, s:o, s:o}", "name",
				 json_sprintf("my-%s", strategy->name), "extends",
				 json_sprintf("%s/%s", model->name, strategy->name), "about",
				 strategy->summary, "flows", flows, "loops", loops);
	json_decref(flows);
	json_decref(loops);
	return NULL;
}

/* --- text: what people edit has one step, and one page state, a line -------------------- */

/* Lists of plain values, and what is more than `levels` deep, stay on one line. */
static void write_inner(const json_t *value, int indent, int levels, FILE *out)
{
	size_t count = json_is_array(value) ? json_array_size(value) : json_object_size(value);
	const char *brackets = json_is_array(value) ? "[]" : "{}";
	void *at = json_object_iter((json_t *)(uintptr_t)value);

	if (!levels || !count || !(json_is_array(value) || json_is_object(value)) ||
	    json_is_string(json_array_get(value, 0))) {
		json_put_line(value, JSON_REAL_PRECISION(15), out);
		return;
	}
	fprintf(out, "%c\n", brackets[0]);
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_is_array(value) ? json_array_get(value, i)
							  : json_object_iter_value(at);

		int deeper = 0;

		fprintf(out, "%*s", indent + 2, "");
		if (json_is_object(value)) {
			deeper = strcmp(json_object_iter_key(at), "loops") == 0;
			json_t *key = json_string(json_object_iter_key(at));

			json_put_line(key, 0, out);
			json_decref(key);
			fputs(": ", out);
			at = json_object_iter_next((json_t *)(uintptr_t)value, at);
		}
		write_inner(item, indent + 2, levels - 1 + deeper, out);
		fputs(i + 1 < count ? ",\n" : "\n", out);
	}
	fprintf(out, "%*s%c", indent, "", brackets[1]);
}

bool design_write(const json_t *design, FILE *out, struct error *error)
{
	write_inner(design, 0, json_is_array(design) ? 4 : 3, out);
	fputc('\n', out);
	return !ferror(out) || error_set(error, ERROR_OUTPUT, "cannot write the design");
}
