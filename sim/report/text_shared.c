/* What the threads of the host share: how much of it was used, and who waited for it. */

#include <string.h>

#include "report/text_parts.h"
#include "report/text_tools.h"

enum { NAME_WIDTH = 24, VALUE_WIDTH = 14 };

static bool is_worth_a_line(const struct result_capacity *capacity)
{
	return capacity->unit || capacity->lost_ns >= 1;
}

static void print_amount(FILE *out, const struct result_capacity *capacity)
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P" };
	bool bytes = capacity->unit && strcmp(capacity->unit, "bytes/s") == 0;
	const char *unit = bytes ? "B/s" : "/s";
	double amount = capacity->amount;
	char text[64] = "";
	int power = 0;

	for (; amount >= 1e3 && power < 5; amount *= 1e-3)
		power++;
	if (capacity->unit && strcmp(capacity->unit, "cores") == 0)
		snprintf(text, sizeof(text), "%.0f", capacity->amount);
	else if (capacity->unit)
		snprintf(text, sizeof(text), "%.4g %s%s", amount, prefixes[power], unit);
	fprintf(out, "%*s", VALUE_WIDTH, text);
	if (capacity->unit)
		fprintf(out, "%8.2g %%", 100 * capacity->used);
	else
		fprintf(out, "%10s", "");
}

void text_shared(FILE *out, const struct result *result)
{
	bool twice = false;

	for (size_t i = 0; i < result->capacity_count; i++)
		twice = twice || result->capacities[i].answer_twice.exists;
	fprintf(out, "\nShared on the host%*s%*s%*s%s\n", NAME_WIDTH + VALUE_WIDTH - 16, "amount",
		10, "used", VALUE_WIDTH + 2, "threads lost", twice ? "   if twice as large" : "");
	for (size_t i = 0; i < result->capacity_count; i++) {
		const struct result_capacity *capacity = &result->capacities[i];

		if (!is_worth_a_line(capacity))
			continue;
		fprintf(out, "  %s", TEXT_IN(capacity->name, NAME_WIDTH));
		print_amount(out, capacity);
		fprintf(out, "%s", VALUE_IN(UNIT_NANOSECONDS, capacity->lost_ns, VALUE_WIDTH + 2));
		if (capacity->answer_twice.exists)
			fprintf(out, "%s%s",
				VALUE_IN(UNIT_NANOSECONDS, capacity->answer_twice.value, 20),
				capacity->unit ? "" : "   (without them)");
		fputc('\n', out);
	}
}
