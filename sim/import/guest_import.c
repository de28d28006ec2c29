#include "import/guest_import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/layout.h"
#include "base/memory.h"
#include "base/quantity.h"
#include "document/json.h"
#include "import/account_row.h"
#include "import/guest.h"
#include "report/text_tools.h"

/* --- reading ---------------------------------------------------------- */

/* The whole file and a zero byte behind it. */
static char *read_file(const char *path, size_t *length, struct error *error)
{
	int file = files_open_input(path, error);
	char *text = NULL;
	ssize_t got = 1;

	*length = 0;
	if (file < 0)
		return NULL;
	/* files of /proc are regular, and of size 0 */
	text = memory_array(GUEST_FILE_MOST + 2, 1, "file", error);
	while (text && got > 0 && *length <= GUEST_FILE_MOST) {
		got = read(file, text + *length, GUEST_FILE_MOST + 1 - *length);
		if (got > 0)
			*length += (size_t)got;
	}
	if (text && got < 0)
		error_set(error, ERROR_INPUT, "%s: error: cannot read: %s", path, strerror(errno));
	if (text && *length > GUEST_FILE_MOST)
		error_set(
			error, ERROR_INPUT,
			"%s: error: larger than 1 MiB: this is neither a domain nor a command line",
			path);
	close(file);
	if (error->kind != ERROR_NONE) {
		free(text);
		return NULL;
	}
	return text;
}

static bool check_whole(struct imported_guest *guest)
{
	if (!guest->memory_bytes)
		return guest_error(guest, 1,
				   "how much memory the guest has is not said (<memory>, "
				   "-m)");
	if (guest->memory_bytes % 4096) {
		guest->memory_bytes -= guest->memory_bytes % 4096;
		if (!guest->memory_bytes)
			return guest_error(guest, 1, "the guest has less than 4 KiB of memory");
	}
	if (guest->page_bytes && guest->memory_bytes % guest->page_bytes)
		guest->memory_bytes += guest->page_bytes - guest->memory_bytes % guest->page_bytes;
	guest->balloon_bytes -= guest->balloon_bytes % 4096;
	if (!*guest->name)
		guest_name(guest, "vm");
	return true;
}

struct imported_guest *guest_import(const char *path, struct error *error)
{
	struct imported_guest *guest = memory_array(1, sizeof(*guest), "guest", error);
	size_t length = 0, blank;
	char *text = guest ? read_file(path, &length, error) : NULL;
	bool ok = text != NULL;

	if (ok) {
		*guest = (struct imported_guest){
			.path = path, .error = error, .vcpus = 1, .node = -1
		};
		blank = strspn(text, " \t\r\n");
		if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
			blank = 3;
		if (blank == length)
			ok = guest_error(guest, 1, "the file is empty");
		else if (text[blank] == '<')
			ok = domain_xml_read(guest, text, length);
		else {
			guest->emulated = true; /* unless an option says otherwise */
			ok = qemu_read(guest, text, length);
		}
	}
	free(text);
	if (ok && check_whole(guest))
		return guest;
	guest_import_free(guest);
	return NULL;
}

void guest_import_free(struct imported_guest *guest)
{
	if (guest)
		free(guest->findings);
	free(guest);
}

/* --- which model fits ---------------------------------------------------------- */

/* What a model can be told of a guest. */
static const struct fit {
	const char *model, *strategy, *flag; /* flag: set to true */
	bool prealloc, pages, pool, balloon, devices;
	const char *note;
} fits[] = {
	[PLAIN] = { "kvm", "exit", NULL, true, true, true, true, true, NULL },
	[PROTECT_SEV] = { "sev", "upfront", NULL, true, true, true, false, true,
			  "upfront is what Linux does; the ASIDs of the host are the default's" },
	[PROTECT_SEV_ES] = { "sev", "upfront", "es", true, true, true, false, true,
			     "upfront is what Linux does; the ASIDs of the host are the "
			     "default's" },
	[PROTECT_SNP] = { "sev-snp", "fault", NULL, false, false, false, false, true,
			  "the ASIDs of the host are the default's" },
	[PROTECT_TDX] = { "tdx", "terminate-first", NULL, false, false, false, false, true,
			  "terminate-first is what Linux does since 6.17" },
	[PROTECT_S390] = { "s390-pv", "async", NULL, true, false, false, false, false,
			   "async is what QEMU does where the kernel can" },
	[PROTECT_CCA] = { "cca", "exit", NULL, false, false, false, false, true, NULL },
};

static const char *strategy_of(const struct imported_guest *guest)
{
	return guest->protection == PLAIN && guest->async_teardown
		       ? "async-teardown"
		       : fits[guest->protection].strategy;
}

static bool reboots(const struct imported_guest *guest)
{
	return !guest->no_reboot;
}

static json_t *size_text(int64_t bytes)
{
	char text[32];

	quantity_format_exact(text, QUANTITY_BYTES, bytes);
	return json_string(text);
}

static json_t *devices_of(json_t *list, const char *kind, int64_t count, bool viommu)
{
	json_t *json =
		count ? json_pack("{s:s, s:I}", "kind", kind, "count", (json_int_t)count) : NULL;

	if (!count)
		return list;
	return list_with(list, viommu ? object_with(json, "viommu", json_true()) : json);
}

static bool has_devices(const struct imported_guest *guest)
{
	return guest->vfio + guest->iommufd + guest->backends > 0;
}

/* What VFIO pins cannot leave. */
static bool has_balloon(const struct imported_guest *guest)
{
	return fits[guest->protection].balloon && guest->balloon_bytes > 0 &&
	       !(guest->vfio + guest->iommufd);
}

static json_t *guest_json(const struct imported_guest *guest)
{
	const struct fit *fit = &fits[guest->protection];
	json_t *json = json_pack("{s:s, s:s, s:s, s:I}", "name", guest->name, "model", fit->model,
				 "strategy", strategy_of(guest), "vcpus", (json_int_t)guest->vcpus);

	json = object_with(json, "memory", size_text(guest->memory_bytes));
	if (fit->flag)
		json = object_with(json, fit->flag, json_true());
	if (fit->pages && guest->page_bytes)
		json = object_with(json, "page_size",
				   json_string(guest->page_bytes == 2 << 20 ? "2MiB" : "1GiB"));
	if (fit->pool && guest->page_bytes)
		json = object_with(json, "hugetlb", json_true());
	if (fit->prealloc && guest->preallocate)
		json = object_with(json, "preallocate", json_string("touch"));
	if (fit->prealloc && guest->preallocate && guest->prealloc_threads > 1)
		json = object_with(json, "prealloc_threads",
				   json_integer(guest->prealloc_threads > 1024
							? 1024
							: guest->prealloc_threads));
	if ((guest->all_present && !(fit->prealloc && guest->preallocate)) ||
	    (guest->preallocate && !fit->prealloc))
		json = object_with(json, "resident", json_integer(1));
	if (has_balloon(guest))
		json = object_with(json, "balloon", size_text(guest->balloon_bytes));
	if (fit->devices && has_devices(guest)) {
		json_t *list = devices_of(json_array(), "vfio", guest->vfio, guest->viommu);

		list = devices_of(list, "iommufd", guest->iommufd, guest->viommu);
		list = devices_of(list, "vhost-user", guest->backends, false);
		json = object_with(json, "devices", list);
	}
	if (guest->limit_bytes > 0)
		json = object_with(json, "memory_limit", size_text(guest->limit_bytes));
	if (guest->spread)
		json = object_with(json, "numa", json_string("spread"));
	if (guest->node >= 0) {
		json = object_with(json, "numa", json_string("bound"));
		json = object_with(json, "numa_node", json_integer(guest->node));
	}
	return json;
}

/* --- a scenario around it ---------------------------------------------------------- */

/* A host that is never the limit: made up, for a guest says nothing of its host. */
static void host_size(const struct imported_guest *guest, int64_t *cores, int64_t *bytes,
		      int64_t *nodes)
{
	*nodes = guest->node >= 0 ? guest->node + 1 : 1;
	if (*nodes == 1 && (guest->spread || guest->node >= 0))
		*nodes = 2;
	for (*cores = 8; *cores < 2 * guest->vcpus; *cores *= 2)
		;
	for (*bytes = 1 << 30; *bytes < 4 * guest->memory_bytes && *bytes < INT64_MAX / 128;
	     *bytes *= 2)
		;
	*cores *= *nodes;
	*bytes *= *nodes;
}

static json_t *host_json(const struct imported_guest *guest)
{
	int64_t cores, bytes, nodes, page = guest->page_bytes;
	json_t *json = json_object();

	host_size(guest, &cores, &bytes, &nodes);
	json = object_with(json, "cores", json_integer(cores));
	json = object_with(json, "memory", size_text(bytes));
	if (nodes > 1)
		json = object_with(json, "numa_nodes", json_integer(nodes));
	if (page && fits[guest->protection].pool)
		json = object_with(json, page == 2 << 20 ? "hugepages_2m" : "hugepages_1g",
				   json_integer(guest->memory_bytes / page * nodes));
	return json;
}

static json_t *event_json(const struct imported_guest *guest, const char *at, const char *what)
{
	return json_pack("{s:s, s:s, s:s}", "at", at, "do", what, "guests", guest->name);
}

json_t *guest_import_scenario(const struct imported_guest *guest, struct error *error)
{
	json_t *events = json_array(), *json = json_object();

	events = list_with(events, event_json(guest, "0s", "start"));
	if (reboots(guest))
		events = list_with(events, event_json(guest, "10min", "reboot"));
	events = list_with(events, event_json(guest, "20min", "shutdown"));
	json = object_with(json, "name", json_string(guest->name));
	json = object_with(json, "host", host_json(guest));
	json = object_with(json, "guests", list_with(json_array(), guest_json(guest)));
	json = object_with(json, "events", events);
	json = object_with(json, "experiment", json_pack("{s:s, s:i}", "until", "2h", "seed", 1));
	if (!json)
		error_memory(error, "scenario");
	return json;
}

/* --- the account ---------------------------------------------------------- */

static const char *const fate_names[] = {
	[FATE_TAKEN] = "taken", [FATE_NO_EFFECT] = "no effect", [FATE_NOT_MODELLED] = "not modelled"
};

/* All findings of one fate and reason in one row: "disk x 3, interface (line 12): why". */
static void print_group(const struct imported_guest *guest, size_t first, FILE *out)
{
	const struct finding *head = &guest->findings[first];
	char text[1536];
	size_t used = 0;

	for (size_t i = first; i < guest->count && used < sizeof(text) - 128; i++) {
		const struct finding *finding = &guest->findings[i];

		if (finding->fate != head->fate || finding->why != head->why)
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? ", " : "",
					 finding->what);
		if (finding->count > 1)
			used += (size_t)snprintf(text + used, sizeof(text) - used, " (%zu times)",
						 finding->count);
	}
	account_row(out, fate_names[head->fate], "%s%s%s", text, head->why ? ": " : "",
		    head->why ? head->why : "");
}

static void print_fate(const struct imported_guest *guest, enum fate fate, FILE *out)
{
	for (size_t i = 0; i < guest->count; i++) {
		bool said = guest->findings[i].fate != fate;

		for (size_t k = 0; k < i; k++)
			said = said || (guest->findings[k].fate == fate &&
					guest->findings[k].why == guest->findings[i].why);
		if (!said)
			print_group(guest, i, out);
	}
}

/* What the guest says and its model cannot be told. */
static void print_misfits(const struct imported_guest *guest, FILE *out)
{
	const struct fit *fit = &fits[guest->protection];

	if (guest->page_bytes && !fit->pages)
		account_row(out, "not modelled",
			    "hugepages with model %s: taken as its usual pages", fit->model);
	if (guest->preallocate && !fit->prealloc)
		account_row(out, "not modelled",
			    "preallocation with model %s: the memory is taken as present",
			    fit->model);
	if (guest->balloon_bytes > 0 && fit->balloon && !has_balloon(guest))
		account_row(out, "no effect",
			    "a balloon beside devices that are passed through: QEMU inhibits it");
	if (has_devices(guest) && !fit->devices)
		account_row(out, "not modelled",
			    "devices with model %s: those that are passed through have all memory "
			    "present",
			    fit->model);
	if (guest->balloon_bytes > 0 && !fit->balloon)
		account_row(out, "not modelled", "a balloon with model %s: it holds nothing",
			    fit->model);
	if (guest->async_teardown && guest->protection != PLAIN)
		account_row(out, "not modelled", "async-teardown with model %s", fit->model);
	if (guest->emulated)
		account_row(out, "warning",
			    "the guest is emulated, without KVM: sim predicts guests of KVM");
	if (guest->no_reboot)
		account_row(out, "events", "no reboot: the guest ends instead");
}

static void print_account(const struct imported_guest *guest, bool whole, FILE *out)
{
	const struct fit *fit = &fits[guest->protection];
	int64_t cores, bytes, nodes;
	char memory[32];

	quantity_format_exact(memory, QUANTITY_BYTES, guest->memory_bytes);
	fprintf(out, "%s: %s, %lld vCPU%s, %s\n", guest->path, guest->name, (long long)guest->vcpus,
		guest->vcpus == 1 ? "" : "s", memory);
	account_row(out, "model", "%s, strategy %s%s%s", fit->model, strategy_of(guest),
		    fit->note ? ": " : "", fit->note ? fit->note : "");
	print_fate(guest, FATE_TAKEN, out);
	print_fate(guest, FATE_NO_EFFECT, out);
	print_fate(guest, FATE_NOT_MODELLED, out);
	print_misfits(guest, out);
	if (!guest->preallocate && !guest->all_present)
		account_row(out, "assumed",
			    "the share of the memory that is present (resident) is sim's default: "
			    "a file like this does not tell");
	if (fit->devices && guest->vfio + guest->iommufd > 0)
		account_row(out, "assumed",
			    "devices that are passed through have one function each, no BARs that "
			    "are mapped, and FLR: a file like this does not tell");
	if (!whole)
		return;
	host_size(guest, &cores, &bytes, &nodes);
	quantity_format_exact(memory, QUANTITY_BYTES, bytes);
	account_row(out, "assumed", "a host of %lld cores and %s, and when what happens",
		    (long long)cores, memory);
}

bool guest_import_account(const struct imported_guest *guest, bool whole, FILE *out,
			  struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_account(guest, whole, layout.stream);
	return layout_close(&layout, error);
}
