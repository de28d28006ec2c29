/* -j N, the same for every command that runs experiments. */

#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"

bool command_parse_threads(const char *text, unsigned int *threads)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*threads = (unsigned int)value;
	return *text >= '0' && *text <= '9' && !*end && value >= 1 && value <= 256;
}

unsigned int command_all_cores(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores > 0 && cores < 256 ? (unsigned int)cores : 1;
}
