#include "import/import.h"

#define SECONDS(n) ((n)*IMPORT_NS)

/* The times of both Azure tables run to the last interval of 5 minutes of their 30 days. */
enum { AZURE_END_S = 2591400, AZURE_RESOLUTION_S = 300 };

const struct trace_format trace_formats[] = {
	{
		.name = "azure2017",
		.files = "vmtable.csv",
		.summary = "2,013,767 VMs of 30 days, vCPUs and GiB",
		.source = "Azure Public Dataset V1, CC-BY 4.0, "
			  "https://github.com/Azure/AzurePublicDataset (AzurePublicDatasetV1.md)",
		.fewest = 1,
		.most = 1,
		.resolution_ns = SECONDS(AZURE_RESOLUTION_S),
		.end_ns = SECONDS(AZURE_END_S),
		.read = azure2017_read,
	},
	{
		.name = "azure2019",
		.files = "vmtable.csv",
		.summary = "2,695,548 VMs of 30 days, buckets of vCPUs and GiB",
		.source = "Azure Public Dataset V2, CC-BY 4.0, "
			  "https://github.com/Azure/AzurePublicDataset (AzurePublicDatasetV2.md)",
		.fewest = 1,
		.most = 1,
		.resolution_ns = SECONDS(AZURE_RESOLUTION_S),
		.end_ns = SECONDS(AZURE_END_S),
		.read = azure2019_read,
	},
	{
		.name = "azure2017-bins",
		.files = "FLAVOURS DURATIONS flav_map.txt INTERVAL_MAP",
		.summary = "azure2017 reduced to flavours and bins of lifetimes",
		.source = "S. Bergsma and others, Generating Complex, Realistic Cloud Workloads "
			  "using Recurrent Neural Networks, SOSP 2021, CC-BY 4.0, "
			  "https://github.com/huaweicloud/trace_generation_rnn (INPUT.md)",
		.fewest = 4,
		.most = 4,
		.resolution_ns = SECONDS(AZURE_RESOLUTION_S),
		.draws = true,
		.read = azure_bins_read,
	},
	{
		.name = "google2019",
		.files = "instance_events-*.json.gz, or the table as CSV",
		.summary = "Borg cells a to h, May 2019: tasks and alloc instances",
		.source = "ClusterData2019, CC-BY 4.0, https://github.com/google/cluster-data",
		.fewest = 1,
		.shares = true,
		.read = google2019_read,
	},
	{
		.name = "alibaba2018",
		.files = "container_meta.csv, batch_task.csv, batch_instance.csv, any of them",
		.summary = "4,000 machines, 8 days: containers and batch work",
		.source = "cluster-trace-v2018, https://github.com/alibaba/clusterdata",
		.fewest = 1,
		.shares = true,
		.read = alibaba2018_read,
	},
	{
		.name = "sim",
		.files = "a trace of sim's own columns",
		.summary =
			"arrival_s, vcpus, memory_gib, lifetime_s: units mended, a share, a window",
		.source = "docs/fleets.md",
		.fewest = 1,
		.most = 1,
		.read = own_read,
	},
	{ .name = NULL },
};

const char *const trace_format_names[] = { "azure2017",  "azure2019",   "azure2017-bins",
					   "google2019", "alibaba2018", "sim",
					   NULL };
