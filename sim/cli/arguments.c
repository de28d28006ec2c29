/* Arguments on the command line that are the same for every command. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"

bool command_parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *value >= least && *value <= most;
}

bool command_parse_threads(const char *text, unsigned int *threads)
{
	uint64_t value;
	bool ok = command_parse_count(text, 1, 256, &value);

	*threads = (unsigned int)value;
	return ok;
}

unsigned int command_all_cores(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores > 0 && cores < 256 ? (unsigned int)cores : 1;
}

error_t command_parse_one_file(int key, char *text, struct argp_state *state, const char **file,
			       const char *missing)
{
	switch (key) {
	case ARGP_KEY_ARG:
		if (*file)
			argp_error(state, "one scenario at a time");
		*file = text;
		return 0;
	case ARGP_KEY_END:
		if (!*file)
			argp_error(state, "%s", missing);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
