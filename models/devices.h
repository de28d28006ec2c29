#ifndef MODELS_DEVICES_H
#define MODELS_DEVICES_H

/*
 * Devices of a guest, as a part of other models: PCI devices that are passed through (VFIO's type
 * 1 container, iommufd), vhost-user backends, and emulated PCI functions.
 *
 * Whoever may be the target of DMA must be resident and stay where it is: a start pins memory and
 * maps it in the IOMMU, once for each address space that devices see. A reboot resets the devices
 * and keeps that; the end of the process resets them, unmaps and unpins before memory is freed.
 *
 * The flows (devices_flows.h) follow drivers/vfio/vfio_iommu_type1.c (vfio_dma_do_map,
 * vfio_pin_pages_remote, vfio_unmap_unpin), drivers/iommu/iommufd/ (iopt_map_user_pages, pages.c),
 * drivers/vfio/pci/vfio_pci_core.c, pcie_flr of drivers/pci/pci.c, and of QEMU
 * hw/vfio/listener.c, system/memory.c (memory_region_transaction_commit), hw/virtio/vhost-user.c.
 *
 * A model embeds struct devices in its parameters as `devices` and struct devices_state in its
 * state, has devices_state_of(guest) for the latter, DEVICE_TERM_NAMES at the end of its enum,
 * DEVICE_FIELDS and DEVICE_TERMS in its tables, and includes devices_flows.h in one file, which says
 * what else it needs and what it brings: the flows, and devices_iommu_tables, a kind of memory.
 */

#include "models/common.h"
#include "models/devices_terms.h"

/* --- parameters and state ------------------------------------------------- */

enum device_kind { DEVICE_VFIO, DEVICE_IOMMUFD, DEVICE_VHOST_USER, DEVICE_EMULATED, DEVICE_KINDS };
enum device_reset { DEVICE_FLR, DEVICE_BUS_RESET, DEVICE_NO_RESET };

/* One entry of the key `devices`: so many alike. */
struct device {
	int kind;
	int64_t count;
	int64_t functions; /* of each: PCI functions */
	int64_t bar_bytes; /* of each: what can be mapped of its BARs */
	bool viommu;
	int reset;
};

/* What RLIMIT_MEMLOCK is. */
enum memlock_rule { MEMLOCK_GIVEN, MEMLOCK_LIBVIRT, MEMLOCK_LIBVIRT_ONCE };

struct devices {
	struct field_list list; /* of struct device */
	int64_t updates;        /* of the memory map, for each function in each boot */
	int64_t decodes;        /* in each boot: times that BARs appear in the memory map */
	bool batched, by_folio, huge_pfnmap, shared_views;
	bool cap_ipc_lock;
	int64_t memlock_bytes;
	int memlock_rule;
};

/* All zero while there is no process, or none of its devices is there. */
struct devices_state {
	uint64_t functions; /* passed through: they are open */
	uint64_t spaces;    /* address spaces that are mapped as a whole, type 1 first */
	uint64_t pinned;    /* pages of the one that could not be mapped */
};

extern const char *const device_kinds[], *const device_resets[], *const memlock_rules[];
extern const struct record device_record;

#define CAP_IPC_LOCK_FIELD(offset)                                                                 \
	{                                                                                          \
		"cap_ipc_lock", FIELD_FLAG, (offset), "true", 0, 0, NULL, NULL,                    \
			"the VMM has CAP_IPC_LOCK: RLIMIT_MEMLOCK does not hold for it"            \
	}
#define MEMLOCK_FIELD(offset)                                                                      \
	{                                                                                          \
		"memlock_limit", FIELD_BYTES, (offset), "\"8MiB\"", 0, 0x1p60, NULL, NULL,         \
			"RLIMIT_MEMLOCK of the VMM, without cap_ipc_lock"                          \
	}
/* Ten fields; `offset` is that of the struct. */
#define DEVICE_FIELDS(offset)                                                                      \
	{ "devices",                                                                               \
	  FIELD_RECORDS,                                                                           \
	  (offset) + offsetof(struct devices, list),                                               \
	  "[]",                                                                                    \
	  0,                                                                                       \
	  0,                                                                                       \
	  NULL,                                                                                    \
	  &device_record,                                                                          \
	  "devices of the guest: passed through, vhost-user, emulated" },                          \
		{ "memory_updates",                                                                \
		  FIELD_COUNT,                                                                     \
		  (offset) + offsetof(struct devices, updates),                                    \
		  "10",                                                                            \
		  0,                                                                               \
		  1000,                                                                            \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "memory transactions of QEMU that one PCI function causes in a start and boot: " \
		  "its BARs are sized, placed, switched on and off; 640,000 views built over 260 " \
		  "that live, for 255 functions (A. Kardashevskiy, QEMU commits 202fc01b05 and "   \
		  "092aa2fc65, 2017)" },                                                           \
		{ "bar_maps",                                                                      \
		  FIELD_COUNT,                                                                     \
		  (offset) + offsetof(struct devices, decodes),                                    \
		  "2",                                                                             \
		  0,                                                                               \
		  100,                                                                             \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "times in each boot that BARs are mapped in the IOMMU: whenever firmware or "    \
		  "kernel switch memory decoding on" },                                            \
		{ "pin_batched",                                                                   \
		  FIELD_FLAG,                                                                      \
		  (offset) + offsetof(struct devices, batched),                                    \
		  "true",                                                                          \
		  0,                                                                               \
		  0,                                                                               \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "VFIO takes 512 pages with one call of pin_user_pages_remote (Linux 5.12); "     \
		  "false: one" },                                                                  \
		{ "pin_folios",                                                                    \
		  FIELD_FLAG,                                                                      \
		  (offset) + offsetof(struct devices, by_folio),                                   \
		  "true",                                                                          \
		  0,                                                                               \
		  0,                                                                               \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "VFIO counts, pins and unpins huge pages as one (Linux 6.18); false: each 4 "    \
		  "KiB of them" },                                                                 \
		{ "huge_pfnmap",                                                                   \
		  FIELD_FLAG,                                                                      \
		  (offset) + offsetof(struct devices, huge_pfnmap),                                \
		  "true",                                                                          \
		  0,                                                                               \
		  0,                                                                               \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "VFIO maps a BAR by the page sizes of its mapping, up to 1 GiB at a time "       \
		  "(Linux 6.15); false: 4 KiB" },                                                  \
		{ "flatview_sharing",                                                              \
		  FIELD_FLAG,                                                                      \
		  (offset) + offsetof(struct devices, shared_views),                               \
		  "true",                                                                          \
		  0,                                                                               \
		  0,                                                                               \
		  NULL,                                                                            \
		  NULL,                                                                            \
		  "PCI functions share the views of memory that QEMU builds (2.11); false: one "   \
		  "for each function" },                                                           \
		CAP_IPC_LOCK_FIELD((offset) + offsetof(struct devices, cap_ipc_lock)),             \
		MEMLOCK_FIELD((offset) + offsetof(struct devices, memlock_bytes)),                 \
	{                                                                                          \
		"memlock_rule", FIELD_CHOICE, (offset) + offsetof(struct devices, memlock_rule),   \
			"\"given\"", 0, 0, memlock_rules, NULL,                                    \
			"who says what RLIMIT_MEMLOCK is, without cap_ipc_lock: given: "           \
			"memlock_limit; libvirt: the memory for each address space of passed "     \
			"devices, and 1 GiB (since 8.7); libvirt-once: the memory once, and 1 "    \
			"GiB (before, and KubeVirt until 2026)"                                    \
	}

/* Of struct model's `check` and `ignored`: false with *key and *error; NULL: it matters. */
bool devices_check(const struct devices *devices, const char **key, struct error *error);
/* Where nothing can be passed through, for that reason. */
bool devices_check_no_passthrough(const struct devices *devices, const char *why, const char **key,
				  struct error *error);
const char *devices_ignored(const struct devices *devices, const char *key);

/* Some are passed through: what they reach is pinned, and so resident. */
bool devices_pass(const struct devices *devices);

/* RLIMIT_MEMLOCK, whoever asks. */
int64_t devices_memlock(const struct guest_config *config, const struct devices *devices);

/* The state of a guest that runs. */
struct devices_state devices_running(const struct devices *devices);

/* A guest whose memory is encrypted lets devices reach its swiotlb: 6 %, 64 MiB to 1 GiB. */
int64_t devices_bounce_bytes(const struct guest_config *config);

/* --- what counts and conditions ask ---------------------------------------- */

uint64_t devices_count(const struct devices *devices, enum device_kind kind);
uint64_t devices_function_count(const struct devices *devices, bool passed_only);
/* Address spaces of passed devices: of type 1, and all. */
uint64_t devices_spaces_type1(const struct devices *devices);
uint64_t devices_spaces(const struct devices *devices);
/* Functions that are reset so, and buses. */
uint64_t devices_resets(const struct devices *devices, enum device_reset reset);
/* Views that QEMU builds in a boot, as those of one function. */
uint64_t devices_views(const struct devices *devices);
/* Of one boot: pages of 4 KiB of BARs that are mapped, or steps of up to 1 GiB. */
uint64_t devices_bar_pages(const struct devices *devices);
uint64_t devices_bar_steps(const struct devices *devices);
/* Pages that one address space takes of `dma_bytes`, before RLIMIT_MEMLOCK is exceeded. */
uint64_t devices_pages(const struct guest *guest, int64_t dma_bytes);
uint64_t devices_pages_allowed(const struct guest *guest, const struct devices *devices,
			       const struct devices_state *state, int64_t dma_bytes);
/* The errno of vfio_lock_acct. */
int devices_lock_acct(struct guest *guest, const struct devices *devices,
		      const struct devices_state *state, int64_t dma_bytes);
/* Page tables of the IOMMU for one address space. */
uint64_t devices_table_bytes(const struct guest *guest, int64_t dma_bytes);
/* Memory regions of the guest's RAM: one, or one below and one above 4 GiB. */
uint64_t devices_regions(const struct guest *guest);

/* --- what a model says of itself ------------------------------------------ */

#define DEVICES_MODELLED                                                                           \
	" devices: QEMU's views of memory for each PCI function; VFIO and iommufd pin what "       \
	"devices reach and map it once for each address space, within RLIMIT_MEMLOCK, and BARs "   \
	"in each "                                                                                 \
	"boot; functions or buses are reset at a start, a reboot and the end, which unmaps and "   \
	"unpins; vhost-user backends map the memory region by region."
#define DEVICES_NOT_MODELLED                                                                       \
	" Of devices: drivers in the guest, hot-plug, mediated devices and vDPA, nested "          \
	"translation, a virtual IOMMU that the guest programs, BARs by dma-buf, the unmapping of " \
	"BARs, limits of locked memory that several processes of a user share."

#endif
