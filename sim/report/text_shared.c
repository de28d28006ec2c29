/* What the threads of the host share: how much of it was used, and who waited for it. */

#include <string.h>

#include "report/text_parts.h"
#include "report/text_tools.h"

bool capacity_is_worth_a_line(const struct result_capacity *capacity)
{
	return capacity->unit || capacity->lost_ns >= 1;
}

char *capacity_amount(char cell[CELL_SIZE], const struct result_capacity *capacity)
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P" };
	bool bytes = capacity->unit && strcmp(capacity->unit, "bytes/s") == 0;
	double amount = capacity->amount;
	int power = 0;

	while (amount >= 1e3 && power < 5) {
		amount *= 1e-3;
		power++;
	}
	cell[0] = '\0';
	if (capacity->unit && strcmp(capacity->unit, "cores") == 0)
		snprintf(cell, CELL_SIZE, "%.0f", capacity->amount);
	else if (capacity->unit)
		snprintf(cell, CELL_SIZE, "%.4g %s%s", amount, prefixes[power],
			 bytes ? "B/s" : "/s");
	return cell;
}

char *capacity_used(char cell[CELL_SIZE], const struct result_capacity *capacity)
{
	cell[0] = '\0';
	if (capacity->unit)
		snprintf(cell, CELL_SIZE, capacity->used < 0.995 ? "%.2g %%" : "%.0f %%",
			 100 * capacity->used);
	return cell;
}

void text_shared(FILE *out, const struct result *result)
{
	bool twice = false;

	for (size_t i = 0; i < result->capacity_count; i++)
		twice = twice || result->capacities[i].answer_twice.exists;
	fprintf(out, "\nShared on the host\tamount\tused\tthreads lost%s\n",
		twice ? "\tif twice as large" : "");
	for (size_t i = 0; i < result->capacity_count; i++) {
		const struct result_capacity *capacity = &result->capacities[i];

		if (!capacity_is_worth_a_line(capacity))
			continue;
		print_visible(out, "  %s\t", capacity->name);
		fprintf(out, "%s\t%s\t%s", capacity_amount((char[CELL_SIZE]){ 0 }, capacity),
			capacity_used((char[CELL_SIZE]){ 0 }, capacity),
			VALUE(UNIT_NANOSECONDS, capacity->lost_ns));
		if (capacity->answer_twice.exists)
			fprintf(out, "\t%s%s",
				VALUE(UNIT_NANOSECONDS, capacity->answer_twice.value),
				capacity->unit ? "" : "\t(without them)");
		fputc('\n', out);
	}
}
