/*
 * Fuzzing of the scenario loader. Whatever the bytes are: a scenario, or one clean
 * message of ERROR_INPUT; never a crash, a leak or a control byte.
 *
 * With clang's fuzzer, from the root of the sources (model_table.c is made by CMake):
 *   clang -std=gnu17 -D_GNU_SOURCE -O1 -g -fsanitize=fuzzer,address,undefined -Isim \
 *         tests/fuzz/scenario_fuzz.c $(ls sim/base/X.c sim/flow/X.c ... | grep -v _test) \
 *         build/release/generated/model_table.c models/X.c -lgsl -ljansson -lmd -lm
 *   ./a.out -timeout=5 -rss_limit_mb=1024 -dict=tests/fuzz/scenario.dict NEW tests/fuzz/corpus
 *
 * tests/robustness/fuzz_corpus_test.c replays the corpus with any compiler.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds, const char *what, const struct error *error)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %s\n", what, error->message);
	abort();
}

static void check_message(const struct error *error)
{
	expect(error->kind == ERROR_INPUT, "not an error of the input", error);
	expect(error->message[0] != '\0', "no message", error);
	for (const unsigned char *c = (const unsigned char *)error->message; *c; c++)
		expect((*c >= 0x20 && *c != 0x7f) || *c == '\n', "a control byte", error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = { 0 };
	struct scenario scenario;
	char *printed = NULL;
	size_t length = 0;
	FILE *out;

	if (!scenario_load_text(&scenario, "<memory>", (const char *)data, size, &error)) {
		check_message(&error);
		return 0;
	}
	expect(error.kind == ERROR_NONE, "a scenario and an error", &error);
	out = open_memstream(&printed, &length);
	if (out) {
		expect(scenario_print_resolved(&scenario, out, &error), "cannot print", &error);
		fclose(out);
		free(printed);
	}
	scenario_fini(&scenario);
	return 0;
}
