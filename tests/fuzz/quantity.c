/* Sizes, durations, bandwidths and rates as people write them. */

#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "target.h"

static void print_quantity(enum quantity_kind kind, double value)
{
	static char printed[256];
	static FILE *out;

	if (!out)
		out = fmemopen(printed, sizeof(printed), "w");
	if (!out)
		abort();
	rewind(out);
	if (kind == QUANTITY_BYTES)
		quantity_print_bytes(out, value);
	else
		quantity_print_duration(out, value);
	if (fflush(out) != 0)
		abort();
}

/* What is read as a whole number is written exactly. */
static void run_quantity(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), exact[32];

	for (enum quantity_kind kind = QUANTITY_BYTES; kind <= QUANTITY_RATE; kind++) {
		struct error error = { 0 }, other = { 0 };
		int64_t whole = 0, again = 0;
		double value = -1;

		if (fuzz_check(quantity_read(text, kind, &value, &error), &error))
			fuzz_expect(value >= 0 && value < 1e300, "a quantity below 0, or endless",
				    &error);
		if (kind != QUANTITY_BYTES && kind != QUANTITY_DURATION)
			continue;
		if (!fuzz_check(quantity_read_integer(text, kind, &whole, &other), &other))
			continue;
		fuzz_expect(whole >= 0, "a quantity below 0", &other);
		print_quantity(kind, (double)whole);
		quantity_format_exact(exact, kind, whole);
		fuzz_expect(quantity_read_integer(exact, kind, &again, &other) && again == whole,
			    "an exact text is another quantity", &other);
	}
	free(text);
}

const struct fuzz_target fuzz_quantity = { .name = "quantity", .run = run_quantity };
