/*
 * Fuzzing of the readers of tracers' files: the first byte says which format. Whatever the rest is,
 * it is read, or there is one message of ERROR_INPUT with its line.
 *
 * With clang's fuzzer, from the root of the sources:
 *   clang -std=gnu17 -D_GNU_SOURCE -O1 -g -fsanitize=fuzzer,address,undefined -Isim \
 *         tests/fuzz/foreign_fuzz.c $(ls sim/foreign/X.c sim/base/X.c | grep -v _test) -lm
 *   ./a.out -timeout=5 -rss_limit_mb=1024 NEW tests/foreign
 *
 * tests/robustness/foreign_test.c does some of it with any compiler.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "foreign/foreign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct foreign foreign;
	struct error error = { 0 };
	char path[64];
	int file = memfd_create("input", 0);

	if (size < 1 || file < 0 || write(file, data + 1, size - 1) != (ssize_t)(size - 1))
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (foreign_read(&foreign, (enum foreign_format)(data[0] % 4), path, 1, &error))
		foreign_fini(&foreign);
	else if (error.kind != ERROR_INPUT || !strstr(error.message, ": error: "))
		abort();
	close(file);
	return 0;
}
