#ifndef SIM_IMPORT_GUEST_H
#define SIM_IMPORT_GUEST_H

/* A guest on its way in, and what is said of its elements; shared by both readers. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "import/guest_import.h"

enum { GUEST_FILE_MOST = 1 << 20, GUEST_NAME_MOST = 200 };

/* What guards its memory. */
enum protection {
	PLAIN,
	PROTECT_SEV,
	PROTECT_SEV_ES,
	PROTECT_SNP,
	PROTECT_TDX,
	PROTECT_S390,
	PROTECT_CCA
};

/* What becomes of an element or option. */
enum fate {
	FATE_TAKEN,
	FATE_NO_EFFECT,    /* on what is predicted */
	FATE_NOT_MODELLED, /* it may matter */
	FATE_INSIDE,       /* only what is inside of it tells (rules of XML) */
};

/* Why, in one of few sentences; several elements share one. */
extern const char why_plugged[], why_mediated[], why_device[], why_small_device[], why_backend[],
	why_identity[], why_firmware[], why_unknown[], why_snapshot[], why_tuned[], why_shared[];

struct finding {
	enum fate fate;
	char what[64];   /* element or option, with what was found in it */
	const char *why; /* constant text; NULL: of what is taken */
	size_t count, line;
};

struct imported_guest {
	const char *path; /* borrowed */
	struct error *error;
	char name[GUEST_NAME_MOST + 1];
	int64_t memory_bytes, balloon_bytes, limit_bytes; /* 0: not said */
	int64_t vcpus;
	int64_t page_bytes; /* of hugepages; 0: none */
	int64_t prealloc_threads;
	bool preallocate, all_present, async_teardown, no_reboot, emulated;
	int64_t vfio, iommufd, backends; /* devices that are passed through; vhost-user */
	bool viommu;                     /* they are behind a virtual IOMMU */
	bool spread;                     /* over the nodes */
	int node;                        /* bound to it; -1: to none */
	enum protection protection;
	struct finding *findings;
	size_t count, capacity;
};

/* Record "path:line: error: message"; returns false. */
bool guest_error(const struct imported_guest *guest, size_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Say what becomes of something; the same fate of the same thing is counted. */
bool guest_find(struct imported_guest *guest, enum fate fate, const char *why, size_t line,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The name as a scenario may have it: without control characters, cut where it is too long. */
void guest_name(struct imported_guest *guest, const char *name);

/*
 * A size as QEMU and libvirt write it: a number and a unit of which the first letter tells
 * (b k m g t p e, powers of 1024; "KB" of libvirt: of 1000), or none: `unit` bytes.
 */
bool guest_size(const char *text, const char *suffix, double unit, int64_t *bytes);

/* A device that is passed through; it pins the memory. */
bool guest_passes(struct imported_guest *guest, size_t line, bool iommufd, const char *what);

/* Hugepages of that size: taken, or said as not modelled. */
bool guest_hugepages(struct imported_guest *guest, size_t line, int64_t bytes, const char *what);

/* Bound to the node of a list such as "1", or spread; others are said as not modelled. */
bool guest_nodes(struct imported_guest *guest, size_t line, const char *mode, const char *nodes);

/* The two readers. */
bool domain_xml_read(struct imported_guest *guest, const char *text, size_t length);
bool qemu_read(struct imported_guest *guest, char *text, size_t length);

/* Options of QEMU, as a list of words (without the program's name). */
bool qemu_options_read(struct imported_guest *guest, char **words, const size_t *lines,
		       size_t count);

#endif
