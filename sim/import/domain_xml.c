/*
 * A libvirt domain: formatdomain.html of libvirt. A table of rules says of each element what
 * becomes of it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "import/xml.h"

/* --- what an element says ---------------------------------------------------------- */

/* A number of things; 0: there is none, or too large a one. */
static int64_t whole_in(const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	return end == text || errno ? 0 : value;
}

typedef bool taker(struct imported_guest *guest, const json_t *element);

static bool size_in(struct imported_guest *guest, const json_t *element, int64_t *bytes)
{
	return guest_size(xml_text(element), xml_attribute(element, "unit"), 1024, bytes) ||
	       guest_error(guest, xml_line(element),
			   "<%s>: a size is needed, as in <memory unit='GiB'>4</memory>",
			   xml_name(element));
}

static bool take_name(struct imported_guest *guest, const json_t *element)
{
	guest_name(guest, xml_text(element));
	return guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "name %.40s", guest->name);
}

static bool take_memory(struct imported_guest *guest, const json_t *element)
{
	return size_in(guest, element, &guest->memory_bytes) &&
	       guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "memory");
}

static bool take_current(struct imported_guest *guest, const json_t *element)
{
	int64_t bytes;

	if (!size_in(guest, element, &bytes))
		return false;
	guest->balloon_bytes = -bytes; /* until the memory is known: domain_xml_read */
	return guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "currentMemory");
}

static bool take_limit(struct imported_guest *guest, const json_t *element)
{
	return size_in(guest, element, &guest->limit_bytes) &&
	       guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "memtune/hard_limit");
}

static bool take_vcpu(struct imported_guest *guest, const json_t *element)
{
	const char *current = xml_attribute(element, "current");

	guest->vcpus = whole_in(*current ? current : xml_text(element));
	return guest->vcpus >= 1 ? guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "vcpu")
				 : guest_error(guest, xml_line(element),
					       "<vcpu>: a number is needed, as in <vcpu>4</vcpu>");
}

static bool take_pages(struct imported_guest *guest, const json_t *element)
{
	int64_t bytes = 2 << 20; /* the host's default: that of x86 and arm64 */

	if (strcmp(xml_name(element), "hugepages") == 0 &&
	    json_array_size(json_object_get(element, "children")))
		return true; /* its pages say which */
	if (*xml_attribute(element, "size") &&
	    !guest_size(xml_attribute(element, "size"), xml_attribute(element, "unit"), 1024,
			&bytes))
		return guest_error(guest, xml_line(element),
				   "<page>: a size is needed, as in <page size='2' unit='MiB'/>");
	return guest_hugepages(guest, xml_line(element), bytes, "memoryBacking/hugepages");
}

static bool take_allocation(struct imported_guest *guest, const json_t *element)
{
	if (strcmp(xml_attribute(element, "mode"), "immediate") != 0)
		return guest_find(guest, FATE_TAKEN, NULL, xml_line(element),
				  "memoryBacking/allocation: on demand");
	guest->preallocate = true;
	guest->prealloc_threads = whole_in(xml_attribute(element, "threads"));
	return guest_find(guest, FATE_TAKEN, NULL, xml_line(element),
			  "memoryBacking/allocation: immediate");
}

static bool take_locked(struct imported_guest *guest, const json_t *element)
{
	guest->all_present = true;
	return guest_find(guest, FATE_TAKEN, NULL, xml_line(element),
			  "memoryBacking/locked: all memory present");
}

static bool take_nodes(struct imported_guest *guest, const json_t *element)
{
	const char *mode = xml_attribute(element, "mode");

	return guest_nodes(guest, xml_line(element), *mode ? mode : "strict",
			   xml_attribute(element, "nodeset"));
}

static bool take_async(struct imported_guest *guest, const json_t *element)
{
	guest->async_teardown = strcmp(xml_attribute(element, "enabled"), "no") != 0;
	return guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "features/async-teardown: %s",
			  guest->async_teardown ? "yes" : "no");
}

static bool take_on_reboot(struct imported_guest *guest, const json_t *element)
{
	guest->no_reboot = strcmp(xml_text(element), "restart") != 0;
	return guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "on_reboot: %s",
			  guest->no_reboot ? "it ends" : "restart");
}

/* The types of <launchSecurity>. */
static const struct {
	const char *type;
	enum protection protection;
} securities[] = { { "sev", PROTECT_SEV },
		   { "sev-snp", PROTECT_SNP },
		   { "tdx", PROTECT_TDX },
		   { "s390-pv", PROTECT_S390 },
		   { "cca", PROTECT_CCA } };

static bool take_security(struct imported_guest *guest, const json_t *element)
{
	const char *type = xml_attribute(element, "type");

	for (size_t i = 0; i < sizeof(securities) / sizeof(*securities); i++) {
		if (strcmp(type, securities[i].type) != 0)
			continue;
		guest->protection = securities[i].protection;
		return guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "launchSecurity: %s",
				  type);
	}
	return guest_error(
		guest, xml_line(element),
		"<launchSecurity type='%.20s'>: sim knows sev, sev-snp, tdx, s390-pv and "
		"cca",
		type);
}

/* Bit 2 of the policy of SEV asks for SEV-ES (AMD 55766, SEV API, guest policy). */
static bool take_policy(struct imported_guest *guest, const json_t *element)
{
	if (guest->protection == PROTECT_SEV && strtoul(xml_text(element), NULL, 0) & 4)
		guest->protection = PROTECT_SEV_ES;
	return guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "launchSecurity/policy%s",
			  guest->protection == PROTECT_SEV_ES ? ": SEV-ES" : "");
}

/* <driver name='vfio' iommufd='yes'/> */
static bool by_iommufd(const json_t *element)
{
	const json_t *child;
	size_t i;

	json_array_foreach(json_object_get(element, "children"), i,
			   child) if (strcmp(xml_name(child), "driver") == 0 &&
				      strcmp(xml_attribute(child, "iommufd"), "yes") ==
					      0) return true;
	return false;
}

/* USB, SCSI and mediated devices are none of the host's PCI devices. */
static bool take_hostdev(struct imported_guest *guest, const json_t *element)
{
	const char *type = xml_attribute(element, "type");
	char what[64];

	if (strcmp(type, "pci") == 0 || strcmp(type, "hostdev") == 0) {
		snprintf(what, sizeof(what), "devices/%.40s", xml_name(element));
		return guest_passes(guest, xml_line(element), by_iommufd(element), what);
	}
	guest->all_present = guest->all_present || strcmp(type, "mdev") == 0;
	return guest_find(guest, FATE_NOT_MODELLED,
			  strcmp(type, "mdev") == 0 ? why_mediated : why_device, xml_line(element),
			  "devices/%s", xml_name(element));
}

static bool take_iommu(struct imported_guest *guest, const json_t *element)
{
	guest->viommu = true;
	return guest_find(guest, FATE_TAKEN, NULL, xml_line(element), "devices/iommu");
}

/* <interface type='hostdev'> and 'vhostuser' are more than a device. */
static bool take_interface(struct imported_guest *guest, const json_t *element)
{
	const char *type = xml_attribute(element, "type");

	if (strcmp(type, "hostdev") == 0)
		return take_hostdev(guest, element);
	if (strcmp(type, "vhostuser") == 0) {
		guest->backends++;
		return guest_find(guest, FATE_TAKEN, NULL, xml_line(element),
				  "devices/interface: vhost-user");
	}
	return guest_find(guest, FATE_NOT_MODELLED, why_device, xml_line(element),
			  "devices/interface");
}

static bool take_filesystem(struct imported_guest *guest, const json_t *element)
{
	const json_t *child;
	size_t i;

	json_array_foreach(json_object_get(element, "children"), i,
			   child) if (strcmp(xml_attribute(child, "type"), "virtiofs") ==
				      0) return guest_find(guest, FATE_NOT_MODELLED, why_backend,
							   xml_line(element),
							   "devices/filesystem (virtiofs)");
	return guest_find(guest, FATE_NOT_MODELLED, why_device, xml_line(element),
			  "devices/filesystem");
}

static bool take_commandline(struct imported_guest *guest, const json_t *element)
{
	const json_t *children = json_object_get(element, "children"), *child;
	size_t count = json_array_size(children), used = 0, i;
	char **words = memory_array(count + 1, sizeof(*words), "words", guest->error);
	size_t *lines = memory_array(count + 1, sizeof(*lines), "words", guest->error);
	bool ok = words && lines;

	json_array_foreach(children, i, child)
	{
		if (!ok || strcmp(xml_name(child), "qemu:arg") != 0)
			continue;
		words[used] = memory_text(xml_attribute(child, "value"), guest->error);
		lines[used] = xml_line(child);
		ok = words[used] != NULL;
		used += ok;
	}
	ok = ok && qemu_options_read(guest, words, lines, used);
	for (i = 0; i < used; i++)
		free(words[i]);
	free(words);
	free(lines);
	return ok;
}

/* --- the rules ---------------------------------------------------------- */

static const char why_cpu[] = "what the guest sees of CPUs, clocks and the machine";
static const char why_ends[] = "what happens at events that are not simulated";
static const char why_guard[] = "who may do what; keys and measurements of the launch";

/* What becomes of an element; of one inside of it, too, unless that has a rule of its own. */
static const struct rule {
	const char *path; /* below <domain> */
	enum fate fate;
	const char *why;
	taker *take; /* says by itself what becomes of it */
} rules[] = {
	{ "name", FATE_TAKEN, NULL, take_name },
	{ "uuid", FATE_NO_EFFECT, why_identity, NULL },
	{ "hwuuid", FATE_NO_EFFECT, why_identity, NULL },
	{ "genid", FATE_NO_EFFECT, why_identity, NULL },
	{ "title", FATE_NO_EFFECT, why_identity, NULL },
	{ "description", FATE_NO_EFFECT, why_identity, NULL },
	{ "metadata", FATE_NO_EFFECT, why_identity, NULL },
	{ "sysinfo", FATE_NO_EFFECT, why_identity, NULL },
	{ "memory", FATE_TAKEN, NULL, take_memory },
	{ "currentMemory", FATE_TAKEN, NULL, take_current },
	{ "maxMemory", FATE_NOT_MODELLED, why_plugged, NULL },
	{ "vcpu", FATE_TAKEN, NULL, take_vcpu },
	{ "vcpus", FATE_NO_EFFECT, why_cpu, NULL },
	{ "cpu", FATE_NO_EFFECT, why_cpu, NULL },
	{ "clock", FATE_NO_EFFECT, why_cpu, NULL },
	{ "pm", FATE_NO_EFFECT, why_cpu, NULL },
	{ "perf", FATE_NO_EFFECT, why_cpu, NULL },
	{ "iothreads", FATE_NOT_MODELLED, why_device, NULL },
	{ "iothreadids", FATE_NOT_MODELLED, why_device, NULL },
	{ "defaultiothread", FATE_NOT_MODELLED, why_device, NULL },
	{ "cputune", FATE_NOT_MODELLED, why_tuned, NULL },
	{ "blkiotune", FATE_NOT_MODELLED, why_device, NULL },
	{ "resource", FATE_NOT_MODELLED, why_tuned, NULL },
	{ "memtune", FATE_INSIDE, NULL, NULL },
	{ "memtune/hard_limit", FATE_TAKEN, NULL, take_limit },
	{ "memtune/soft_limit", FATE_NOT_MODELLED, "limits of memory other than the hard one",
	  NULL },
	{ "memtune/swap_hard_limit", FATE_NOT_MODELLED, "limits of memory other than the hard one",
	  NULL },
	{ "memtune/min_guarantee", FATE_NO_EFFECT, "not of KVM", NULL },
	{ "numatune", FATE_INSIDE, NULL, NULL },
	{ "numatune/memory", FATE_TAKEN, NULL, take_nodes },
	{ "numatune/memnode", FATE_NOT_MODELLED, "a node of its own for each node of the guest",
	  NULL },
	{ "memoryBacking", FATE_INSIDE, NULL, NULL },
	{ "memoryBacking/hugepages", FATE_TAKEN, NULL, take_pages },
	{ "memoryBacking/hugepages/page", FATE_TAKEN, NULL, take_pages },
	{ "memoryBacking/allocation", FATE_TAKEN, NULL, take_allocation },
	{ "memoryBacking/locked", FATE_TAKEN, NULL, take_locked },
	{ "memoryBacking/source", FATE_NOT_MODELLED, why_shared, NULL },
	{ "memoryBacking/access", FATE_NOT_MODELLED, why_shared, NULL },
	{ "memoryBacking/discard", FATE_NOT_MODELLED, why_shared, NULL },
	{ "memoryBacking/nosharepages", FATE_NO_EFFECT, "pages are never merged here", NULL },
	{ "os", FATE_NO_EFFECT, why_firmware, NULL },
	{ "bootloader", FATE_NO_EFFECT, why_firmware, NULL },
	{ "bootloader_args", FATE_NO_EFFECT, why_firmware, NULL },
	{ "features", FATE_INSIDE, NULL, NULL },
	{ "features/async-teardown", FATE_TAKEN, NULL, take_async },
	{ "features/*", FATE_NO_EFFECT, why_cpu, NULL },
	{ "on_reboot", FATE_TAKEN, NULL, take_on_reboot },
	{ "on_poweroff", FATE_NO_EFFECT, why_ends, NULL },
	{ "on_crash", FATE_NO_EFFECT, why_ends, NULL },
	{ "on_lockfailure", FATE_NO_EFFECT, why_ends, NULL },
	{ "seclabel", FATE_NO_EFFECT, why_guard, NULL },
	{ "keywrap", FATE_NO_EFFECT, why_guard, NULL },
	{ "launchSecurity", FATE_TAKEN, NULL, take_security },
	{ "launchSecurity/policy", FATE_TAKEN, NULL, take_policy },
	{ "launchSecurity/*", FATE_NO_EFFECT, why_guard, NULL },
	{ "devices", FATE_INSIDE, NULL, NULL },
	{ "devices/emulator", FATE_NO_EFFECT, why_identity, NULL },
	{ "devices/hostdev", FATE_TAKEN, NULL, take_hostdev },
	{ "devices/interface", FATE_NOT_MODELLED, NULL, take_interface },
	{ "devices/filesystem", FATE_NOT_MODELLED, NULL, take_filesystem },
	{ "devices/memory", FATE_NOT_MODELLED, why_plugged, NULL },
	{ "devices/iommu", FATE_TAKEN, NULL, take_iommu },
	{ "devices/disk", FATE_NOT_MODELLED, why_device, NULL },
	{ "devices/controller", FATE_NOT_MODELLED, why_device, NULL },
	{ "devices/video", FATE_NOT_MODELLED, why_device, NULL },
	{ "devices/shmem", FATE_NOT_MODELLED, why_device, NULL },
	{ "devices/vsock", FATE_NOT_MODELLED, why_device, NULL },
	{ "devices/crypto", FATE_NOT_MODELLED, why_device, NULL },
	{ "devices/lease", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/memballoon", FATE_NO_EFFECT,
	  "the balloon holds what currentMemory leaves of memory", NULL },
	{ "devices/serial", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/parallel", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/console", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/channel", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/input", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/graphics", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/audio", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/sound", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/hub", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/redirdev", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/redirfilter", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/smartcard", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/rng", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/tpm", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/watchdog", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/panic", FATE_NO_EFFECT, why_small_device, NULL },
	{ "devices/nvram", FATE_NO_EFFECT, why_small_device, NULL },
	{ "qemu:commandline", FATE_TAKEN, NULL, take_commandline },
	{ "qemu:override", FATE_NOT_MODELLED, why_device, NULL },
	{ "qemu:capabilities", FATE_NO_EFFECT, why_identity, NULL },
};

static const struct rule *rule_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (strcmp(rules[i].path, path) == 0)
			return &rules[i];
	for (size_t i = 0; slash && i < sizeof(rules) / sizeof(*rules); i++) {
		size_t length = (size_t)(slash - path) + 1;

		if (strncmp(rules[i].path, path, length) == 0 &&
		    strcmp(rules[i].path + length, "*") == 0)
			return &rules[i];
	}
	return NULL;
}

/* `covered`: an element around it has been said, and only rules of its own say more. */
static bool visit(struct imported_guest *guest, const json_t *element, const char *around,
		  bool covered)
{
	const json_t *children = json_object_get(element, "children"), *child;
	const struct rule *rule;
	char path[256];
	bool ok = true;
	size_t i;

	snprintf(path, sizeof(path), "%s%s%s", around, *around ? "/" : "", xml_name(element));
	rule = rule_of(path);
	if (rule && rule->take)
		ok = rule->take(guest, element);
	else if (rule && rule->fate != FATE_INSIDE)
		ok = guest_find(guest, rule->fate, rule->why, xml_line(element), "%s", path);
	else if (!rule && !covered)
		ok = guest_find(guest, FATE_NOT_MODELLED, why_unknown, xml_line(element), "%.60s",
				path);
	covered = covered || !rule || rule->fate != FATE_INSIDE;
	json_array_foreach(children, i, child) ok = ok && visit(guest, child, path, covered);
	return ok;
}

/* --- the whole ---------------------------------------------------------- */

static bool check_root(struct imported_guest *guest, const json_t *root)
{
	const char *type = xml_attribute(root, "type");

	if (strcmp(xml_name(root), "domain") != 0)
		return guest_error(guest, xml_line(root),
				   "the document is a <%.30s>: a <domain> is needed (virsh dumpxml "
				   "NAME)",
				   xml_name(root));
	if (strcmp(type, "kvm") != 0 && strcmp(type, "qemu") != 0)
		return guest_error(guest, xml_line(root),
				   "<domain type='%.20s'>: sim predicts guests of KVM (type='kvm')",
				   type);
	guest->emulated = strcmp(type, "qemu") == 0;
	return guest_find(guest, FATE_TAKEN, NULL, xml_line(root), "domain type=%s", type);
}

bool domain_xml_read(struct imported_guest *guest, const char *text, size_t length)
{
	json_t *root = xml_read(guest, text, length);
	const json_t *child;
	bool ok = root && check_root(guest, root);
	size_t i;

	json_array_foreach(json_object_get(root, "children"), i, child) ok =
		ok && visit(guest, child, "", false);
	if (guest->balloon_bytes < 0)
		guest->balloon_bytes = guest->memory_bytes + guest->balloon_bytes > 0
					       ? guest->memory_bytes + guest->balloon_bytes
					       : 0;
	json_decref(root);
	return ok;
}
