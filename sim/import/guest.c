#include "import/guest.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/visible.h"

const char why_plugged[] = "memory that is plugged or unplugged while the guest runs";
const char why_mediated[] = "a device that is passed through, but is no PCI device of the host: "
			    "the memory is taken as present";
const char why_device[] = "devices are not modelled one by one: their start and reset are in the "
			  "model's prices";
const char why_small_device[] = "a device that touches no memory of the guest by itself";
const char why_backend[] = "a process that maps the guest's memory, too: when it outlives QEMU the "
			   "memory stays in use (file_kept of model kvm says so)";
const char why_identity[] = "names and describes the VM";
const char why_firmware[] = "firmware and boot take what the model's parameters say, whatever "
			    "is booted";
const char why_unknown[] = "sim does not know it";
const char why_snapshot[] = "a start from a saved state (restore of model kvm says so)";
const char why_tuned[] = "how much of the CPUs the VM gets: its threads run on all cores alike";
const char why_shared[] = "shared memory (memfd, a file) is taken as if it were anonymous";

bool guest_error(const struct imported_guest *guest, size_t line, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return error_set(guest->error, ERROR_INPUT, "%s:%zu: error: %s", guest->path, line,
			 message);
}

bool guest_find(struct imported_guest *guest, enum fate fate, const char *why, size_t line,
		const char *format, ...)
{
	struct finding finding = { .fate = fate, .why = why, .count = 1, .line = line };
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding.what, sizeof(finding.what), format, arguments);
	va_end(arguments);
	for (size_t i = 0; i < guest->count; i++) {
		struct finding *known = &guest->findings[i];

		if (known->fate == fate && known->why == why &&
		    strcmp(known->what, finding.what) == 0) {
			known->count++;
			return true;
		}
	}
	if (!memory_grow(&guest->findings, &guest->capacity, guest->count + 1,
			 sizeof(*guest->findings), "findings", guest->error))
		return false;
	guest->findings[guest->count++] = finding;
	return true;
}

void guest_name(struct imported_guest *guest, const char *name)
{
	size_t used = 0;

	while (*name) {
		size_t length = visible_length(name);

		if (used + (length ? length : 1) > GUEST_NAME_MOST)
			break;
		memcpy(guest->name + used, length ? name : "_", length ? length : 1);
		used += length ? length : 1;
		name += length ? length : 1;
	}
	guest->name[used] = '\0';
}

bool guest_size(const char *text, const char *suffix, double unit, int64_t *bytes)
{
	static const char letters[] = "bkmgtpe";
	char *end;
	double value = strtod(text, &end);

	while (*end == ' ' || *end == '\n' || *end == '\t')
		end++;
	if (end == text || !isfinite(value) || value < 0)
		return false;
	if (!*end)
		end = (char *)suffix;
	if (*end) {
		const char *letter = strchr(letters, *end | 0x20);
		/* KB, MB ... of libvirt are powers of 1000; KiB, k, bytes are not */
		bool decimal = letter && letter > letters && (end[1] | 0x20) == 'b' && !end[2];

		if (!letter || strlen(end) > 5)
			return false;
		unit = pow(decimal ? 1000 : 1024, (double)(letter - letters));
	}
	value *= unit;
	*bytes = value < 0x1p60 ? (int64_t)value : 0;
	return value < 0x1p60;
}

bool guest_passes(struct imported_guest *guest, size_t line, bool iommufd, const char *what)
{
	guest->all_present = true;
	if (iommufd)
		guest->iommufd++;
	else
		guest->vfio++;
	return guest_find(guest, FATE_TAKEN, NULL, line, "%s", what);
}

bool guest_hugepages(struct imported_guest *guest, size_t line, int64_t bytes, const char *what)
{
	if (bytes != 2 << 20 && bytes != 1 << 30 && bytes != 4096)
		return guest_find(guest, FATE_NOT_MODELLED,
				  "hugepages of another size than 2 MiB and 1 GiB: taken as 4 KiB",
				  line, "%s", what);
	guest->page_bytes = bytes == 4096 ? 0 : bytes;
	return guest_find(guest, FATE_TAKEN, NULL, line, "%s (%s)", what,
			  bytes == 4096      ? "4 KiB"
			  : bytes == 2 << 20 ? "2 MiB"
					     : "1 GiB");
}

bool guest_nodes(struct imported_guest *guest, size_t line, const char *mode, const char *nodes)
{
	char *end;
	unsigned long node;

	if (strcmp(mode, "interleave") == 0) {
		guest->spread = true;
		return guest_find(guest, FATE_TAKEN, NULL, line, "memory spread over the nodes");
	}
	errno = 0;
	node = strtoul(nodes, &end, 10);
	if ((strcmp(mode, "strict") == 0 || strcmp(mode, "bind") == 0) && end != nodes && !*end &&
	    !errno && node < 64) {
		guest->node = (int)node;
		return guest_find(guest, FATE_TAKEN, NULL, line, "memory bound to node %lu", node);
	}
	return guest_find(guest, FATE_NOT_MODELLED,
			  "a binding to several nodes, or one that is only preferred", line,
			  "NUMA policy");
}
