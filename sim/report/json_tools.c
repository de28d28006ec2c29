#include "report/json_tools.h"

#include <math.h>
#include <stdlib.h>

#include "document/json.h"
#include "document/shape.h"
#include "report/output.h"
#include "report/text_tools.h"

json_t *json_text(const char *value)
{
	json_t *string = value ? json_string(value) : json_null();
	char *copy;

	if (string)
		return string;
	copy = printable_text(value);
	string = copy ? json_string(copy) : NULL;
	free(copy);
	return string;
}

json_t *json_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_maybe(struct maybe value)
{
	return value.exists ? json_number(value.value) : json_null();
}

json_t *json_observed(struct maybe value)
{
	return value.exists ? json_integer((json_int_t)value.value) : json_null();
}

json_t *json_interval(struct maybe low, struct maybe high)
{
	if (!low.exists || !high.exists)
		return json_null();
	return json_pack("[o, o]", json_number(low.value), json_number(high.value));
}

json_t *json_bounds(const struct limit_bounds *bounds)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "low", json_number(bounds->low),
			 "estimate", json_number(bounds->estimate), "high",
			 json_number(bounds->high), "allowed", json_number(bounds->limit),
			 "observed", json_number(bounds->observed), "needed",
			 json_number(bounds->needed));
}

json_t *json_carried(const char *name, const char *carried)
{
	return carried ? json_loads(carried, 0, NULL) : json_pack("{s:o}", "name", json_text(name));
}

void json_add(json_t **list, json_t *item)
{
	if (json_array_append_new(*list, item) == 0)
		return;
	json_decref(*list);
	*list = NULL;
}

/* Members that say what was run, wherever they are. */
static const char *const inputs[] = { "scenario", "options", NULL };

bool json_write(json_t *root, const struct shape *shape, FILE *out, struct error *error)
{
	struct shape_fault fault;
	bool ok;

	if (!root)
		return error_memory(error, "JSON document");
	if (shape && shape_fault(shape, root, &fault)) {
		json_decref(root);
		return error_set(error, ERROR_INTERNAL,
				 "a %s is not as its table in sim/report/shapes*.c says: %s: %s",
				 shape->name, fault.pointer, fault.what);
	}
	/*
	 * ASCII only: no mark in a name can turn the direction of a terminal's text. What it was run
	 * from is exact: it is run again.
	 */
	ok = json_put(root, inputs, out) && fputc('\n', out) != EOF;
	json_decref(root);
	return report_check(out, error) && (ok || error_memory(error, "JSON document"));
}
