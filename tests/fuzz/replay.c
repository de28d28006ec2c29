/*
 * Runs inputs that are kept: fuzz_replay [-t TARGET] FOLDER|FILE...
 * Every file under every target, or that one. The last line of output names what was running
 * when a target has aborted. fuzz_replay --words TARGET prints a dictionary for fuzzers.
 */

#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target.h"

static const struct fuzz_target *const targets[] = {
	&fuzz_scenario, &fuzz_design,  &fuzz_profile, &fuzz_published,    &fuzz_trace,
	&fuzz_quantity, &fuzz_pointer, &fuzz_foreign, &fuzz_observations, &fuzz_result,
	&fuzz_sweep,    &fuzz_looks,   NULL,
};

static const struct fuzz_target *only;
static char running[4200];
static size_t files;

static void tell(int number)
{
	if (write(STDERR_FILENO, running, strlen(running)) > 0)
		signal(number, SIG_DFL);
	raise(number);
}

static uint8_t *read_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "r");
	uint8_t *data = malloc(size + 1);

	if (!file || !data || fread(data, 1, size, file) != size) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return data;
}

static int run_file(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	uint8_t *data;

	(void)place;
	if (kind != FTW_F)
		return 0;
	data = read_file(path, (size_t)status->st_size);
	for (const struct fuzz_target *const *target = targets; *target; target++) {
		if (only && *target != only)
			continue;
		snprintf(running, sizeof(running), "%s: target %s\n", path, (*target)->name);
		(*target)->run(data, (size_t)status->st_size);
	}
	free(data);
	files++;
	return 0;
}

static const struct fuzz_target *find(const char *name)
{
	for (const struct fuzz_target *const *target = targets; *target; target++)
		if (strcmp((*target)->name, name) == 0)
			return *target;
	fprintf(stderr, "fuzz_replay: there is no target %s\n", name);
	exit(2);
}

static void print_words(const struct fuzz_target *target)
{
	for (const char *const *word = fuzz_words(target); *word; word++)
		if (!strpbrk(*word, "\"\\"))
			printf("\"\\\"%s\\\"\"\n", *word);
}

int main(int argc, char **argv)
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGFPE, SIGXCPU };
	int first = 1;

	if (argc == 3 && strcmp(argv[1], "--words") == 0) {
		print_words(find(argv[2]));
		return 0;
	}
	if (argc > 3 && strcmp(argv[1], "-t") == 0) {
		only = find(argv[2]);
		first = 3;
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], tell);
	fuzz_begin();
	for (int i = first; i < argc; i++)
		if (nftw(argv[i], run_file, 16, FTW_PHYS) != 0) {
			perror(argv[i]);
			return 1;
		}
	printf("%zu inputs\n", files);
	return files ? 0 : 1;
}
