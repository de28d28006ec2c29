#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "import/trace_import.h"

struct arguments {
	struct field_list words; /* import FILE... */
	const char *output;
	int format; /* in trace_formats */
	struct trace_options options;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("format", FIELD_CHOICE, AT(format), "FORMAT", NULL,
	       .field.choices = trace_format_names, .needed = true),
	OPTION_OUTPUT(AT(output), 0),
	OPTION("machine-cores", FIELD_NUMBER, AT(options.machine_cores), "N",
	       "Cores of the largest machine, where sizes are shares of one", WITHIN(1, 65536)),
	OPTION("machine-memory", FIELD_BYTES, AT(options.machine_memory_bytes), "SIZE",
	       "Memory of the largest machine, where sizes are shares of one"),
	OPTION("memory-unit", FIELD_CHOICE, AT(options.memory_unit), "UNIT",
	       "Unit of a memory column: GiB (as the formats have it), MiB or B",
	       ONE_OF(memory_unit_names, "\"format\"")),
	OPTION("largest-vcpus", FIELD_COUNT, AT(options.largest_vcpus), "N",
	       "azure2019: stands for \">24\" vCPUs (30)", WITHIN(1, 4096)),
	OPTION("largest-memory", FIELD_BYTES, AT(options.largest_memory_bytes), "SIZE",
	       "azure2019: stands for \">64\" GB (70GiB)"),
	OPTION("spread", FIELD_DURATION, AT(options.spread_ns), "TIME",
	       "Times are multiples of this, and spread over it (default: as the format; 0s: "
	       "kept)"),
	OPTION("running", FIELD_CHOICE, AT(options.running), "WHAT",
	       "VMs that run when the trace begins: keep (arrive at 0) or leave-out",
	       ONE_OF(running_names, "\"keep\"")),
	OPTION("end", FIELD_DURATION, AT(options.end_ns), "TIME",
	       "A VM that ends then or later outlives the trace (default: as the format)"),
	OPTION("from", FIELD_DURATION, AT(options.from_ns), "TIME", "Begin the trace there"),
	OPTION("until", FIELD_DURATION, AT(options.until_ns), "TIME",
	       "Leave out what arrives later"),
	OPTION("share", FIELD_RATIO, AT(options.share), "RATIO",
	       "Take this share of the VMs, chosen by their names", WITHIN(1e-6, 1),
	       .field.fallback = "1"),
	OPTION("seed", FIELD_COUNT, AT(options.seed), "N", "Of the times within the resolution",
	       .field.fallback = "1"),
	{ .field.key = NULL },
};

static bool check(const void *data, struct error *error)
{
	const struct arguments *arguments = data;

	return strcmp(((char **)arguments->words.items)[0], "import") == 0 ||
	       error_set(error, ERROR_INPUT, "what can be done with a trace: import");
}

static int trace(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .options.spread_ns = -1 };
	const char *const *words;

	command_parse(&command_trace, argc, argv, &arguments);
	words = arguments.words.items;
	trace_import(&trace_formats[arguments.format], &arguments.options, words + 1,
		     arguments.words.count - 1, arguments.output, stderr, error);
	return 0;
}

const struct command command_trace = {
	.name = "trace",
	.summary = "make a trace of a published one",
	.arguments = "import --format FORMAT FILE...",
	.about = "Convert a published trace of machines into the CSV that a fleet reads, and "
		 "account "
		 "on standard error for what was taken, left out and assumed. Files may be gzip. "
		 "docs/traces.md says where they come from.\v"
		 "Example:\n  sim trace import --format azure2017 tests/samples/azure2017.csv -o "
		 "vms.csv.gz\n"
		 "  sim trace import --format google2019 tests/samples/google2019.json \\\n"
		 "    --machine-cores 96 --machine-memory 768GiB -o borg.csv.gz\n",
	.options = { { options, 0 } },
	.words = { "files", FIELD_TEXTS, AT(words), .minimum = 2, .maximum = WORDS_MOST,
		   .help = "import and the files of a published trace are needed" },
	.run = trace,
	.check = check,
};
