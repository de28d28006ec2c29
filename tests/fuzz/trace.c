/* A trace of VMs. */

#include "scenario/trace.h"
#include "target.h"

static void run_trace(const uint8_t *data, size_t size)
{
	struct error error = { 0 };
	struct trace trace;

	if (!fuzz_check(trace_read(&trace, fuzz_file(data, size), &error), &error))
		return;
	for (size_t i = 0; i < trace.count; i++) {
		const struct trace_line *line = &trace.lines[i];

		fuzz_expect(line->arrival_ns >= 0 && line->vcpus > 0 && line->memory_bytes > 0 &&
				    line->memory_bytes % 4096 == 0,
			    "a VM that is none", &error);
		fuzz_expect(!i || line[-1].arrival_ns <= line->arrival_ns, "not by arrival",
			    &error);
	}
	trace_fini(&trace);
}

const struct fuzz_target fuzz_trace = { .name = "trace", .run = run_trace };
