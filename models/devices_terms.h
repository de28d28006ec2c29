#ifndef MODELS_DEVICES_TERMS_H
#define MODELS_DEVICES_TERMS_H

/* Prices of devices (models/devices.h), for the tables of models. */

#include "models/common.h"

#define DEVICE_TERM_NAMES                                                                          \
	QEMU_DEVICE, QEMU_FLAT_VIEW, GUEST_FUNCTION, VFIO_SETUP, PCI_FLR, PCI_BUS_RESET,           \
		VFIO_PIN_4K, VFIO_PIN_2M, VFIO_PIN_1G, VFIO_PIN_SINGLE, VFIO_COUNT_4K,             \
		IOMMU_MAP_4K, IOMMU_MAP_2M, IOMMU_MAP_1G, VFIO_PFNMAP_4K, VFIO_PFNMAP_HUGE,        \
		IOMMU_UNMAP_4K, IOMMU_UNMAP_2M, IOMMU_UNMAP_1G, IOMMU_IOTLB_SYNC, VFIO_PUT_4K,     \
		VFIO_PUT_FOLIO, VHOST_SET_REGION, VHOST_MAP_4K, VHOST_MAP_2M, VHOST_MAP_1G

#define LI_ZHE_GUP  "gup_test, v6.15: Li Zhe, mm/gup longterm series, 2025"
#define LI_ZHE_VFIO "Li Zhe, vfio/type1 series, 2025, v6.16-rc4"
#define FLATVIEW_2017                                                                              \
	"112 virtio-net-pci boot in 25 s, with shared views in 10 s (P. Bonzini, QEMU commit "     \
	"e673ba9af9, 2017)"
#define WILLIAMSON_2025                                                                            \
	"A. Williamson, kvm, June 2025, reply to \"vfio/type1: optimize "                          \
	"vfio_unpin_pages_remote() for large folio\""

/*
 * Rows of the terms above, in their order. Figures are of x86: `status_` and `derived_` are what
 * published and derived ones are elsewhere, `of_` says so.
 */
#define DEVICE_TERMS(status_, derived_, of_)                                                        \
	[QEMU_DEVICE] = { "qemu.device", TERM_PER_CALL,                                             \
			  1e6,           0.1,                                                       \
			  50e3,          50e6,                                                      \
			  TERM_ASSUMED,  "realize of one PCI function; " OWN_GUESS },               \
	[QEMU_FLAT_VIEW] = { "qemu.flat_view",                                                      \
			     TERM_PER_CALL,                                                         \
			     1.07e3,                                                                \
			     0.1,                                                                   \
			     50,                                                                    \
			     3e3,                                                                   \
			     derived_,                                                              \
			     of_                                                                    \
			     "what one function adds to one view in one memory transaction: the "   \
			     "difference of 15 s, 10 transactions for each of 112 functions and "   \
			     "112 views more: " FLATVIEW_2017 "; low: 31 us a view of 255 "         \
			     "functions behind an IOMMU (POWER8: 25 to 20 s for 160,000 views, "    \
			     "A. Kardashevskiy, QEMU commit 202fc01b05, 2017)" },                   \
	[GUEST_FUNCTION] = { "guest.pci_function",                                                  \
			     TERM_PER_CALL,                                                         \
			     46e6,                                                                  \
			     0.1,                                                                   \
			     100e3,                                                                 \
			     100e6,                                                                 \
			     derived_,                                                              \
			     of_                                                                    \
			     "firmware and kernel of the guest find, size and probe one "           \
			     "function: the 10 s, less 4.1 s of a boot without and what views "     \
			     "take: " FLATVIEW_2017 "; low: a micro-VM" },                          \
	[VFIO_SETUP] = { "vfio.setup",                                                              \
			 TERM_PER_CALL,                                                             \
			 1e6,                                                                       \
			 0.2,                                                                       \
			 50e3,                                                                      \
			 100e6,                                                                     \
			 TERM_ASSUMED,                                                              \
			 "vfio_pci_core_enable or _disable of one function without "                \
			 "resets; " OWN_GUESS },                                                    \
	[PCI_FLR] = { "pci.flr",                                                                    \
		      TERM_PER_CALL,                                                                \
		      100e6,                                                                        \
		      0.01,                                                                         \
		      100e6,                                                                        \
		      1e9,                                                                          \
		      TERM_DERIVED,                                                                 \
		      "pcie_flr sleeps 100 ms, as the PCIe specification wants, then polls until "  \
		      "the function answers (drivers/pci/pci.c); high: the second after which "     \
		      "the "                                                                        \
		      "specification calls it broken; Linux polls for 60 s" },                      \
	[PCI_BUS_RESET] = { "pci.bus_reset",                                                        \
			    TERM_PER_CALL,                                                          \
			    1e9,                                                                    \
			    0.02,                                                                   \
			    102e6,                                                                  \
			    5e9,                                                                    \
			    TERM_DERIVED,                                                           \
			    "pci_reset_secondary_bus: 2 ms, then 1 s until Linux 6.2 "              \
			    "(drivers/pci/pci.c); low: 100 ms since; high: devices that answer "    \
			    "late" },                                                               \
	[VFIO_PIN_4K] = { "vfio.pin_4k",                                                            \
			  TERM_PER_PAGE,                                                            \
			  62,                                                                       \
			  0.05,                                                                     \
			  40,                                                                       \
			  250,                                                                      \
			  status_,                                                                  \
			  of_ "130538 us for 8 GiB, less faults; " LI_ZHE_GUP "; 76 ns EPYC "       \
			      "7J13, 152 ns Xeon 8167M (D. Jordan, vfio/type1, 2022-01-05); "       \
			      "high: 173 ns (" WILLIAMSON_2025 ")" },                               \
	[VFIO_PIN_2M] = { "vfio.pin_2m", TERM_PER_PAGE, 1.2e3,   0.1,                               \
			  0.5e3,         5e3,           status_, of_ "as one folio; " LI_ZHE_GUP }, \
	[VFIO_PIN_1G] = { "vfio.pin_1g", TERM_PER_PAGE,                                             \
			  614e3,         0.1,                                                       \
			  100e3,         4e6,                                                       \
			  derived_,      of_ "512 batches of 512 pages, each as vfio.pin_2m" },     \
	[VFIO_PIN_SINGLE] = { "vfio.pin_single",                                                    \
			      TERM_PER_PAGE,                                                        \
			      90,                                                                   \
			      0.1,                                                                  \
			      40,                                                                   \
			      400,                                                                  \
			      derived_,                                                             \
			      of_                                                                   \
			      "what each 4 KiB costs more by a call of its own: 32.45 s instead "   \
			      "of "                                                                 \
			      "29.69 s for 120 GiB (D. Jordan, vfio/type1: Batch page pinning, "    \
			      "commit 4d83de6da265, 2021)" },                                       \
	[VFIO_COUNT_4K] = { "vfio.count_4k",                                                        \
			    TERM_PER_PAGE,                                                          \
			    4.5,                                                                    \
			    0.1,                                                                    \
			    2,                                                                      \
			    20,                                                                     \
			    derived_,                                                               \
			    of_                                                                     \
			    "of each 4 KiB of a huge page that is not taken as a folio: 3.5 us "    \
			    "before, 1.2 us after; " LI_ZHE_GUP "; high: 15 ns (" WILLIAMSON_2025   \
			    ")" },                                                                  \
	[IOMMU_MAP_4K] = { "iommu.map_4k",                                                          \
			   TERM_PER_PAGE,                                                           \
			   4.8,                                                                     \
			   0.1,                                                                     \
			   1,                                                                       \
			   200,                                                                     \
			   derived_,                                                                \
			   of_                                                                      \
			   "280 ms for 16 GiB less the pins: most pages are neighbours and are "    \
			   "mapped together; " LI_ZHE_VFIO "; high: each by itself" },              \
	[IOMMU_MAP_2M] = { "iommu.map_2m",                                                          \
			   TERM_PER_PAGE,                                                           \
			   2.24e3,                                                                  \
			   0.1,                                                                     \
			   100,                                                                     \
			   5e3,                                                                     \
			   derived_,                                                                \
			   of_ "47 ms for 16 GiB of THP less the pins; " LI_ZHE_VFIO },             \
	[IOMMU_MAP_1G] = { "iommu.map_1g",                                                          \
			   TERM_PER_PAGE,                                                           \
			   5e3,                                                                     \
			   0.2,                                                                     \
			   500,                                                                     \
			   1.2e6,                                                                   \
			   TERM_ASSUMED,                                                            \
			   "one entry, as twice iommu.map_2m; high: 512 of 2 MiB" },                \
	[VFIO_PFNMAP_4K] = { "vfio.pfnmap_4k",                                                      \
			     TERM_PER_PAGE,                                                         \
			     119,                                                                   \
			     0.05,                                                                  \
			     60,                                                                    \
			     300,                                                                   \
			     derived_,                                                              \
			     of_                                                                    \
			     "about 1 s for a BAR of 32 GiB (A. Williamson, vfio/type1: Use "       \
			     "mapping page mask for pfnmaps, commit 0fd06844de5d, 2025); low: 95 "  \
			     "ns, 16 GiB in 0.4 s (J. Cai, commit 356e88ebe447, 2018)" },           \
	[VFIO_PFNMAP_HUGE] = { "vfio.pfnmap_huge",                                                  \
			       TERM_PER_CALL,                                                       \
			       5e3,                                                                 \
			       0.2,                                                                 \
			       500,                                                                 \
			       31e3,                                                                \
			       derived_,                                                            \
			       of_                                                                  \
			       "one step of up to 1 GiB, as iommu.map_1g; high: less than 1 ms "    \
			       "for 32 GiB (commit 0fd06844de5d, 2025)" },                          \
	[IOMMU_UNMAP_4K] = { "iommu.unmap_4k",                                                      \
			     TERM_PER_PAGE,                                                         \
			     49,                                                                    \
			     0.05,                                                                  \
			     10,                                                                    \
			     400,                                                                   \
			     derived_,                                                              \
			     of_ "312 ms for 16 GiB less unpins and syncs; " LI_ZHE_VFIO            \
				 "; low: 169 "                                                      \
				 "ms (" WILLIAMSON_2025 ")" },                                      \
	[IOMMU_UNMAP_2M] = { "iommu.unmap_2m",                                                      \
			     TERM_PER_PAGE,                                                         \
			     5.45e3,                                                                \
			     0.05,                                                                  \
			     500,                                                                   \
			     10e3,                                                                  \
			     derived_,                                                              \
			     of_ "45 ms for 16 GiB of THP with folios; " LI_ZHE_VFIO },             \
	[IOMMU_UNMAP_1G] = { "iommu.unmap_1g",                                                      \
			     TERM_PER_PAGE,                                                         \
			     1.44e6,                                                                \
			     0.05,                                                                  \
			     5e3,                                                                   \
			     3e6,                                                                   \
			     derived_,                                                              \
			     of_                                                                    \
			     "23 ms for 16 GiB of 1 GiB pages with folios; " WILLIAMSON_2025 },     \
	[IOMMU_IOTLB_SYNC] = { "iommu.iotlb_sync",                                                  \
			       TERM_PER_CALL,                                                       \
			       2e3,                                                                 \
			       0.2,                                                                 \
			       500,                                                                 \
			       100e3,                                                               \
			       TERM_ASSUMED,                                                        \
			       "an invalidation and the wait for it, once for 512 mappings "        \
			       "(VFIO_IOMMU_TLB_SYNC_MAX); " OWN_GUESS },                           \
	[VFIO_PUT_4K] = { "vfio.put_4k",                                                            \
			  TERM_PER_PAGE,                                                            \
			  21.5,                                                                     \
			  0.05,                                                                     \
			  5,                                                                        \
			  75,                                                                       \
			  derived_,                                                                 \
			  of_ "each 4 KiB is unpinned by itself: 135 ms for 16 GiB of THP, 45 ms "  \
			      "with folios; " LI_ZHE_VFIO "; low: 15 ns (" LI_ZHE_GUP ")" },        \
	[VFIO_PUT_FOLIO] = { "vfio.put_folio",                                                      \
			     TERM_PER_PAGE,                                                         \
			     50,                                                                    \
			     0.1,                                                                   \
			     30,                                                                    \
			     1e3,                                                                   \
			     derived_,                                                              \
			     of_ "a huge page is unpinned as one: 30 to 60 ns, io_uring on Linux "  \
				 "6.18 in a VM (measured)" },                                       \
	[VHOST_SET_REGION] = { "vhost.set_region",                                                  \
			       TERM_PER_CALL,                                                       \
			       500e3,                                                               \
			       0.2,                                                                 \
			       20e3,                                                                \
			       10e6,                                                                \
			       TERM_ASSUMED,                                                        \
			       "one region of the memory table is sent, received, mapped and "      \
			       "acknowledged, without its pages; " OWN_GUESS },                     \
	[VHOST_MAP_4K] = { "vhost.map_4k",                                                          \
			   TERM_PER_PAGE,                                                           \
			   100,                                                                     \
			   0.1,                                                                     \
			   30,                                                                      \
			   600,                                                                     \
			   TERM_ASSUMED,                                                            \
			   "mmap(MAP_POPULATE) of the backend maps a page of a file that is "       \
			   "there; less than mm.populate, which allocates; no public figure" },     \
	[VHOST_MAP_2M] = { "vhost.map_2m",                                                          \
			   TERM_PER_PAGE,                                                           \
			   500,                                                                     \
			   0.1,                                                                     \
			   100,                                                                     \
			   5e3,                                                                     \
			   TERM_ASSUMED,                                                            \
			   "the same of a huge page; no public figure" },                           \
	[VHOST_MAP_1G] = { "vhost.map_1g",                                                          \
			   TERM_PER_PAGE,                                                           \
			   500,                                                                     \
			   0.1,                                                                     \
			   100,                                                                     \
			   5e3,                                                                     \
			   TERM_ASSUMED,                                                            \
			   "the same of a huge page; no public figure" }

#endif
