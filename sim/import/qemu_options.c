/*
 * The options of QEMU: qemu-options.hx and the QAPI schema (qapi/qom.json) of QEMU.
 *
 * A value is "FIRST,KEY=VALUE,..." (a comma is written twice inside of one) or a JSON object, as
 * libvirt writes it since 2022; both become a JSON object. A table says of each option what
 * becomes of it, and a second one of each type of -object.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/memory.h"
#include "import/guest.h"

static const char why_machine[] = "what the guest sees of CPUs, clocks and the machine";
static const char why_control[] = "how QEMU is run and controlled";

/* --- values ---------------------------------------------------------- */

/* An option: its name without dashes, and its value under the key of what stands first in it. */
struct option {
	const char *name, *text;
	size_t line;
	json_t *value;
};

/* The next "..." up to a single comma, with double commas made single, in a buffer. */
static size_t next_part(const char *text, char part[512])
{
	size_t used = 0, i = 0;

	for (; text[i] && (text[i] != ',' || text[i + 1] == ','); i++) {
		i += text[i] == ',';
		if (used < 511)
			part[used++] = text[i];
	}
	part[used] = '\0';
	return i + (text[i] == ',');
}

static bool put(json_t *value, const char *key, const char *text)
{
	return json_object_set_new_nocheck(value, key, json_string_nocheck(text)) == 0;
}

/* New reference, or NULL. Texts are as they are: they need not be UTF-8. */
static json_t *split_value(const char *text, const char *first)
{
	json_t *value = json_object();
	char part[512];
	bool ok = value != NULL;

	for (bool begin = true; ok && *text; begin = false) {
		char *equals;

		text += next_part(text, part);
		equals = strchr(part, '=');
		if (equals)
			*equals = '\0';
		if (!equals && begin && first)
			ok = put(value, first, part);
		else
			ok = put(value, part, equals ? equals + 1 : "on");
	}
	if (!ok) {
		json_decref(value);
		return NULL;
	}
	return value;
}

static const char *text_of(const struct option *option, const char *key)
{
	const char *text = json_string_value(json_object_get(option->value, key));

	return text ? text : "";
}

static bool is_on(const struct option *option, const char *key)
{
	const char *text = text_of(option, key);

	return json_is_true(json_object_get(option->value, key)) || strcmp(text, "on") == 0 ||
	       strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
}

/* A whole number of a key, 0 when there is none. */
static long number_of(const struct option *option, const char *key)
{
	const json_t *value = json_object_get(option->value, key);

	return json_is_integer(value) ? (long)json_integer_value(value)
				      : strtol(text_of(option, key), NULL, 0);
}

/* "0", "0-1" or [0] as text. */
static void nodes_of(const struct option *option, char nodes[32])
{
	const json_t *list = json_object_get(option->value, "host-nodes");

	if (json_is_array(list))
		snprintf(nodes, 32, "%s%lld", json_array_size(list) == 1 ? "" : "many ",
			 (long long)json_integer_value(json_array_get(list, 0)));
	else if (json_is_integer(list))
		snprintf(nodes, 32, "%lld", (long long)json_integer_value(list));
	else
		snprintf(nodes, 32, "%.31s", text_of(option, "host-nodes"));
}

/* --- options that are taken ---------------------------------------------------------- */

typedef bool taker(struct imported_guest *guest, const struct option *option);

static bool taken(struct imported_guest *guest, const struct option *option, const char *what)
{
	return guest_find(guest, FATE_TAKEN, NULL, option->line, "-%s%s%s", option->name,
			  *what ? ": " : "", what);
}

static bool take_name(struct imported_guest *guest, const struct option *option)
{
	guest_name(guest, text_of(option, "guest"));
	return taken(guest, option, "");
}

static bool take_memory(struct imported_guest *guest, const struct option *option)
{
	const char *size = text_of(option, "size");

	if (*size && !guest_size(size, "", 0x1p20, &guest->memory_bytes))
		return guest_error(guest, option->line, "-m %.40s: a size is needed, as in -m 4G",
				   option->text);
	if (*text_of(option, "maxmem") &&
	    !guest_find(guest, FATE_NOT_MODELLED, why_plugged, option->line, "-m maxmem"))
		return false;
	return taken(guest, option, "");
}

static bool take_smp(struct imported_guest *guest, const struct option *option)
{
	static const char *const parts[] = { "sockets", "dies",  "clusters", "modules",
					     "cores",   "books", "drawers",  "threads" };
	int64_t product = 1;

	guest->vcpus = number_of(option, "cpus");
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (number_of(option, parts[i]) > 1 && product < 1 << 20)
			product *= number_of(option, parts[i]) & 0xfffff;
	if (!*text_of(option, "cpus"))
		guest->vcpus = product;
	if (guest->vcpus < 1)
		return guest_error(guest, option->line,
				   "-smp %.40s: a number of CPUs is needed, as in -smp 4",
				   option->text);
	return taken(guest, option, "");
}

static bool take_machine(struct imported_guest *guest, const struct option *option)
{
	const char *accelerators = text_of(option, "accel");

	if (strncmp(accelerators, "kvm", 3) == 0)
		guest->emulated = false;
	return guest_find(guest, FATE_NO_EFFECT, why_machine, option->line, "-machine");
}

static bool take_accel(struct imported_guest *guest, const struct option *option)
{
	if (strcmp(option->name, "enable-kvm") == 0 || strcmp(text_of(option, "accel"), "kvm") == 0)
		guest->emulated = false;
	return taken(guest, option, "");
}

static bool take_prealloc(struct imported_guest *guest, const struct option *option)
{
	guest->preallocate = true;
	return taken(guest, option, "");
}

/* Pages of a folder of hugepages, whose size its name may tell. */
static bool take_path(struct imported_guest *guest, const struct option *option, const char *path)
{
	bool gigantic = strstr(path, "1G") || strstr(path, "1048576");

	if (!strstr(path, "huge"))
		return guest_find(guest, FATE_NOT_MODELLED, why_shared, option->line,
				  "-%s mem-path", option->name);
	return guest_hugepages(guest, option->line, gigantic ? 1 << 30 : 2 << 20,
			       gigantic ? "mem-path (1G in its name)" : "mem-path");
}

static bool take_mem_path(struct imported_guest *guest, const struct option *option)
{
	return take_path(guest, option, option->text);
}

static bool take_overcommit(struct imported_guest *guest, const struct option *option)
{
	if (!is_on(option, "mem-lock") && !is_on(option, "mlock"))
		return guest_find(guest, FATE_NO_EFFECT, why_control, option->line, "-%s",
				  option->name);
	guest->all_present = true;
	return taken(guest, option, "all memory locked, and present");
}

static bool take_run_with(struct imported_guest *guest, const struct option *option)
{
	if (strcmp(option->name, "async-teardown") != 0 && !is_on(option, "async-teardown"))
		return guest_find(guest, FATE_NO_EFFECT, why_control, option->line, "-run-with");
	guest->async_teardown = true;
	return taken(guest, option, strcmp(option->name, "run-with") == 0 ? "async-teardown" : "");
}

static bool take_no_reboot(struct imported_guest *guest, const struct option *option)
{
	guest->no_reboot = true;
	return taken(guest, option, "");
}

static bool take_action(struct imported_guest *guest, const struct option *option)
{
	if (strcmp(text_of(option, "reboot"), "shutdown") == 0)
		return take_no_reboot(guest, option);
	return guest_find(guest, FATE_NO_EFFECT, why_control, option->line, "-action");
}

static bool take_device(struct imported_guest *guest, const struct option *option)
{
	const char *driver = text_of(option, "driver"), *why = why_device;
	char what[64];

	if (strncmp(driver, "vfio-pci", 8) == 0) {
		snprintf(what, sizeof(what), "-device %.40s", driver);
		return guest_passes(guest, option->line,
				    json_object_get(option->value, "iommufd") != NULL, what);
	}
	if (strstr(driver, "-iommu")) {
		guest->viommu = true;
		return taken(guest, option, driver);
	}
	if (strncmp(driver, "vfio-", 5) == 0) {
		guest->all_present = true;
		why = why_mediated;
	} else if (strncmp(driver, "vhost-user-fs", 13) == 0) {
		why = why_backend;
	} else if (strncmp(driver, "vhost-user-", 11) == 0) {
		guest->backends++;
		return taken(guest, option, driver);
	} else if (strstr(driver, "-dimm") || strncmp(driver, "pc-dimm", 7) == 0 ||
		   strncmp(driver, "nvdimm", 6) == 0 || strncmp(driver, "virtio-mem", 10) == 0 ||
		   strncmp(driver, "virtio-pmem", 11) == 0) {
		why = why_plugged;
	}
	return guest_find(guest, FATE_NOT_MODELLED, why, option->line, "-device %.40s", driver);
}

/* --- objects ---------------------------------------------------------- */

/* memory-backend-*: what the pages are, who makes them present, and where. */
static bool take_backend(struct imported_guest *guest, const struct option *option)
{
	const json_t *size = json_object_get(option->value, "hugetlbsize");
	const char *path = text_of(option, "mem-path"), *policy = text_of(option, "policy");
	int64_t bytes = 2 << 20;
	char nodes[32];
	bool ok = true;

	if (is_on(option, "prealloc")) {
		guest->preallocate = true;
		guest->prealloc_threads = number_of(option, "prealloc-threads");
	}
	if (json_is_integer(size))
		bytes = json_integer_value(size);
	else if (size &&
		 !guest_size(json_string_value(size) ? json_string_value(size) : "", "", 1, &bytes))
		return guest_error(guest, option->line, "-object: hugetlbsize: a size is needed");
	if (is_on(option, "hugetlb"))
		ok = guest_hugepages(guest, option->line, bytes, "-object hugetlb");
	else if (*path)
		ok = take_path(guest, option, path);
	if (*policy && strcmp(policy, "default") != 0) {
		nodes_of(option, nodes);
		ok = ok && guest_nodes(guest, option->line, policy, nodes);
	}
	if (ok && is_on(option, "share") && !is_on(option, "hugetlb") && !strstr(path, "huge"))
		ok = guest_find(guest, FATE_NOT_MODELLED, why_shared, option->line,
				"-object share=on");
	return ok &&
	       guest_find(guest, FATE_TAKEN, NULL, option->line, "-object %.24s%s",
			  text_of(option, "qom-type"), guest->preallocate ? ": preallocated" : "");
}

static bool take_sev(struct imported_guest *guest, const struct option *option)
{
	/* bit 2 of the policy: SEV-ES (AMD 55766, guest policy) */
	guest->protection = number_of(option, "policy") & 4 ? PROTECT_SEV_ES : PROTECT_SEV;
	return taken(guest, option, guest->protection == PROTECT_SEV_ES ? "SEV-ES" : "SEV");
}

static bool take_snp(struct imported_guest *guest, const struct option *option)
{
	guest->protection = PROTECT_SNP;
	return taken(guest, option, "SEV-SNP");
}

static bool take_tdx(struct imported_guest *guest, const struct option *option)
{
	guest->protection = PROTECT_TDX;
	return taken(guest, option, "TDX");
}

static bool take_pv(struct imported_guest *guest, const struct option *option)
{
	guest->protection = PROTECT_S390;
	return taken(guest, option, "s390 Protected Virtualization");
}

static bool take_cca(struct imported_guest *guest, const struct option *option)
{
	guest->protection = PROTECT_CCA;
	return taken(guest, option, "a realm of Arm CCA");
}

static const struct {
	const char *type;
	taker *take;
} objects[] = {
	{ "memory-backend-ram", take_backend },
	{ "memory-backend-memfd", take_backend },
	{ "memory-backend-file", take_backend },
	{ "memory-backend-shm", take_backend },
	{ "memory-backend-epc", NULL },
	{ "sev-guest", take_sev },
	{ "sev-snp-guest", take_snp },
	{ "tdx-guest", take_tdx },
	{ "s390-pv-guest", take_pv },
	{ "rme-guest", take_cca },
	{ "iothread", NULL },
};

static bool take_object(struct imported_guest *guest, const struct option *option)
{
	const char *type = text_of(option, "qom-type");

	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++)
		if (strcmp(type, objects[i].type) == 0)
			return objects[i].take ? objects[i].take(guest, option)
					       : guest_find(guest, FATE_NOT_MODELLED, why_device,
							    option->line, "-object %.24s", type);
	return guest_find(guest, FATE_NO_EFFECT, why_control, option->line, "-object %.24s", type);
}

/* --- the options ---------------------------------------------------------- */

static const struct rule {
	const char *name;
	const char *first; /* key of what stands first in its value; "": it has no value */
	enum fate fate;
	const char *why;
	taker *take;
} rules[] = {
	{ "name", "guest", FATE_TAKEN, NULL, take_name },
	{ "m", "size", FATE_TAKEN, NULL, take_memory },
	{ "smp", "cpus", FATE_TAKEN, NULL, take_smp },
	{ "machine", "type", FATE_TAKEN, NULL, take_machine },
	{ "M", "type", FATE_TAKEN, NULL, take_machine },
	{ "accel", "accel", FATE_TAKEN, NULL, take_accel },
	{ "enable-kvm", "", FATE_TAKEN, NULL, take_accel },
	{ "object", "qom-type", FATE_TAKEN, NULL, take_object },
	{ "mem-prealloc", "", FATE_TAKEN, NULL, take_prealloc },
	{ "mem-path", "path", FATE_TAKEN, NULL, take_mem_path },
	{ "overcommit", NULL, FATE_TAKEN, NULL, take_overcommit },
	{ "realtime", NULL, FATE_TAKEN, NULL, take_overcommit },
	{ "run-with", NULL, FATE_TAKEN, NULL, take_run_with },
	{ "async-teardown", "", FATE_TAKEN, NULL, take_run_with },
	{ "no-reboot", "", FATE_TAKEN, NULL, take_no_reboot },
	{ "action", NULL, FATE_TAKEN, NULL, take_action },
	{ "device", "driver", FATE_TAKEN, NULL, take_device },
	{ "incoming", "uri", FATE_NOT_MODELLED, why_snapshot, NULL },
	{ "loadvm", "tag", FATE_NOT_MODELLED, why_snapshot, NULL },
	{ "readconfig", "file", FATE_NOT_MODELLED, "options in another file are not read", NULL },
	{ "numa", "type", FATE_NO_EFFECT, why_machine, NULL },
	{ "cpu", "model", FATE_NO_EFFECT, why_machine, NULL },
	{ "rtc", "base", FATE_NO_EFFECT, why_machine, NULL },
	{ "boot", "order", FATE_NO_EFFECT, why_firmware, NULL },
	{ "bios", "file", FATE_NO_EFFECT, why_firmware, NULL },
	{ "pflash", "file", FATE_NO_EFFECT, why_firmware, NULL },
	{ "kernel", "file", FATE_NO_EFFECT, why_firmware, NULL },
	{ "initrd", "file", FATE_NO_EFFECT, why_firmware, NULL },
	{ "append", "text", FATE_NO_EFFECT, why_firmware, NULL },
	{ "dtb", "file", FATE_NO_EFFECT, why_firmware, NULL },
	{ "shim", "file", FATE_NO_EFFECT, why_firmware, NULL },
	{ "option-rom", "file", FATE_NO_EFFECT, why_firmware, NULL },
	{ "acpitable", "file", FATE_NO_EFFECT, why_machine, NULL },
	{ "smbios", "file", FATE_NO_EFFECT, why_identity, NULL },
	{ "uuid", "uuid", FATE_NO_EFFECT, why_identity, NULL },
	{ "no-hpet", "", FATE_NO_EFFECT, why_machine, NULL },
	{ "no-acpi", "", FATE_NO_EFFECT, why_machine, NULL },
	{ "global", "driver", FATE_NO_EFFECT, why_machine, NULL },
	{ "drive", "file", FATE_NOT_MODELLED, why_device, NULL },
	{ "blockdev", "driver", FATE_NOT_MODELLED, why_device, NULL },
	{ "hda", "file", FATE_NOT_MODELLED, why_device, NULL },
	{ "hdb", "file", FATE_NOT_MODELLED, why_device, NULL },
	{ "hdc", "file", FATE_NOT_MODELLED, why_device, NULL },
	{ "hdd", "file", FATE_NOT_MODELLED, why_device, NULL },
	{ "cdrom", "file", FATE_NOT_MODELLED, why_device, NULL },
	{ "sd", "file", FATE_NOT_MODELLED, why_device, NULL },
	{ "snapshot", "", FATE_NOT_MODELLED, why_device, NULL },
	{ "netdev", "type", FATE_NOT_MODELLED, why_device, NULL },
	{ "nic", "type", FATE_NOT_MODELLED, why_device, NULL },
	{ "net", "type", FATE_NOT_MODELLED, why_device, NULL },
	{ "fsdev", "driver", FATE_NOT_MODELLED, why_device, NULL },
	{ "virtfs", "driver", FATE_NOT_MODELLED, why_device, NULL },
	{ "vga", "type", FATE_NOT_MODELLED, why_device, NULL },
	{ "usb", "", FATE_NO_EFFECT, why_small_device, NULL },
	{ "usbdevice", "device", FATE_NO_EFFECT, why_small_device, NULL },
	{ "serial", "device", FATE_NO_EFFECT, why_small_device, NULL },
	{ "parallel", "device", FATE_NO_EFFECT, why_small_device, NULL },
	{ "chardev", "backend", FATE_NO_EFFECT, why_small_device, NULL },
	{ "audiodev", "driver", FATE_NO_EFFECT, why_small_device, NULL },
	{ "tpmdev", "type", FATE_NO_EFFECT, why_small_device, NULL },
	{ "fw_cfg", "name", FATE_NO_EFFECT, why_firmware, NULL },
	{ "vnc", "display", FATE_NO_EFFECT, why_small_device, NULL },
	{ "spice", "port", FATE_NO_EFFECT, why_small_device, NULL },
	{ "display", "type", FATE_NO_EFFECT, why_small_device, NULL },
	{ "k", "language", FATE_NO_EFFECT, why_small_device, NULL },
	{ "nographic", "", FATE_NO_EFFECT, why_small_device, NULL },
	{ "nodefaults", "", FATE_NO_EFFECT, why_control, NULL },
	{ "no-user-config", "", FATE_NO_EFFECT, why_control, NULL },
	{ "no-shutdown", "", FATE_NO_EFFECT, why_control, NULL },
	{ "daemonize", "", FATE_NO_EFFECT, why_control, NULL },
	{ "S", "", FATE_NO_EFFECT, why_control, NULL },
	{ "s", "", FATE_NO_EFFECT, why_control, NULL },
	{ "gdb", "device", FATE_NO_EFFECT, why_control, NULL },
	{ "qmp", "device", FATE_NO_EFFECT, why_control, NULL },
	{ "qmp-pretty", "device", FATE_NO_EFFECT, why_control, NULL },
	{ "mon", "chardev", FATE_NO_EFFECT, why_control, NULL },
	{ "monitor", "device", FATE_NO_EFFECT, why_control, NULL },
	{ "pidfile", "file", FATE_NO_EFFECT, why_control, NULL },
	{ "sandbox", "enable", FATE_NO_EFFECT, why_control, NULL },
	{ "msg", NULL, FATE_NO_EFFECT, why_control, NULL },
	{ "trace", "enable", FATE_NO_EFFECT, why_control, NULL },
	{ "D", "file", FATE_NO_EFFECT, why_control, NULL },
	{ "d", "items", FATE_NO_EFFECT, why_control, NULL },
	{ "L", "path", FATE_NO_EFFECT, why_control, NULL },
	{ "add-fd", NULL, FATE_NO_EFFECT, why_control, NULL },
	{ "set", "value", FATE_NO_EFFECT, why_control, NULL },
	{ "runas", "user", FATE_NO_EFFECT, why_control, NULL },
	{ "user", "user", FATE_NO_EFFECT, why_control, NULL },
	{ "chroot", "path", FATE_NO_EFFECT, why_control, NULL },
	{ "seed", "number", FATE_NO_EFFECT, why_control, NULL },
	{ "compat", NULL, FATE_NO_EFFECT, why_control, NULL },
};

static bool read_option(struct imported_guest *guest, struct option *option,
			const struct rule *rule)
{
	bool json = option->text[0] == '{', ok;
	json_error_t why;

	if (!rule)
		return guest_find(guest, FATE_NOT_MODELLED, why_unknown, option->line, "-%.40s",
				  option->name);
	if (!rule->take)
		return guest_find(guest, rule->fate, rule->why, option->line, "-%s", option->name);
	option->value =
		json ? json_loads(option->text, 0, &why)
		     : split_value(option->text, rule->first && *rule->first ? rule->first : NULL);
	if (!option->value && (!json || json_error_code(&why) <= json_error_out_of_memory))
		return error_memory(guest->error, "option");
	if (!json_is_object(option->value)) {
		json_decref(option->value);
		return guest_error(guest, option->line, "-%s: this is no JSON object",
				   option->name);
	}
	ok = rule->take(guest, option);
	json_decref(option->value);
	return ok;
}

bool qemu_options_read(struct imported_guest *guest, char **words, const size_t *lines,
		       size_t count)
{
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		const char *word = words[i], *name = word + strspn(word, "-");
		struct option option = { name, "", lines[i], NULL };
		const struct rule *rule = NULL;

		if (*word != '-' || !*name) {
			ok = guest_find(guest, FATE_NOT_MODELLED,
					word[0] == '-' ? why_unknown : why_device, lines[i],
					"a disk image or another word");
			continue;
		}
		for (size_t r = 0; r < sizeof(rules) / sizeof(*rules) && !rule; r++)
			if (strcmp(rules[r].name, name) == 0)
				rule = &rules[r];
		/* one that is not known has a value when the next word is no option */
		if (rule ? !rule->first || *rule->first : i + 1 < count && words[i + 1][0] != '-') {
			if (i + 1 == count)
				return guest_error(guest, lines[i], "-%.40s needs a value", name);
			option.text = words[++i];
		}
		ok = read_option(guest, &option, rule);
	}
	return ok;
}
