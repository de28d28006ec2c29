/* Parameters and prices of model tdx. */

#include "models/tdx_parts.h"

static const struct field parameter_fields[] = {
	GMEM_FIELDS("0", " (seen with SEV-SNP: AMDSEV issue 250, 2024)"),
	{ "firmware", FIELD_BYTES, offsetof(struct parameters, firmware_bytes), "\"4MiB\"", 4096,
	  0x1p32, NULL, NULL,
	  "what KVM_TDX_INIT_MEM_REGION adds and measures (TDH.MEM.PAGE.ADD, and TDH.MR.EXTEND for "
	  "each 256 bytes); TDVF is built with 2 or 4 MiB" },
	{ "vcpu_running", FIELD_RATIO, offsetof(struct parameters, vcpu_running), "0", 0, 1, NULL,
	  NULL,
	  "share of the time that a vCPU is inside KVM_RUN when termination is asked for: one that "
	  "is makes KVM_TDX_TERMINATE_VM fail with EBUSY" },
	DEVICE_FIELDS(offsetof(struct parameters, devices)),
	{ .key = NULL },
};

const struct record tdx_parameter_record =
	PARAMETER_RECORD("tdx guest", "Parameters of a trust domain.");

#define SHUTDOWN_TIMES "A. Hunter, KVM_TDX_TERMINATE_VM V4, June 2025, table of shutdown times"

#define DSTACK "Dstack pull request 1220, 2026 (Granite Rapids, Linux 7.0)"
#define PLAIN  "as of a guest without encryption: TUM CVM_eval, README"

const struct term tdx_terms[TERM_COUNT] = {
	[GUEST_STOP] = GUEST_STOP_TERM(""),
	[KERNEL_EXIT] = KERNEL_EXIT_TERM,
	[TDX_FLUSH_VP] = { "tdx.flush_vp", TERM_PER_CALL, 20e3, 0.1, 5e3, 200e3, TERM_ASSUMED,
			   "TDH.VP.FLUSH on the vCPU's last CPU; " OWN_GUESS },
	[TDX_TEARDOWN] = { "tdx.release_hkid", TERM_PER_CALL, 20e6, 0.2, 1e6, 200e6, TERM_ASSUMED,
			   "TDH.MNG.VPFLUSHDONE, TDH.PHYMEM.CACHE.WB on each package, "
			   "TDH.MNG.KEY.FREEID; " OWN_GUESS },
	[TDX_RECLAIM] = { "tdx.reclaim_page", TERM_PER_PAGE, 2.7e3, 0.05, 1e3, 6e3, TERM_DERIVED,
			  "134 s for 107 GiB: 4.7 us per page and 2.0 us of it "
			  "clearing; 5.1 us at 18 GiB, 4.5 us at 400 GiB; one host, of which no "
			  "more is known: others may differ by two; " SHUTDOWN_TIMES },
	[TDX_CLEAR] = { "tdx.clear_page", TERM_PER_PAGE, 1.87e3, 0.05, 0.5e3, 4e3, TERM_DERIVED,
			"skipping it cuts shutdown by up to 40 % (A. Hunter, V7, 2025); low: less "
			"than that, and near what a cached clear takes (mm.zero_4k)" },
	[TDX_REMOVE] = { "tdx.remove_page", TERM_PER_PAGE, 10.6e3, 0.05, 4e3, 25e3, TERM_DERIVED,
			 "TDH.MEM.RANGE.BLOCK, TRACK, PAGE.REMOVE and PHYMEM.PAGE.WBINVD of one 4 "
			 "KiB page: the first row before, less reclaim and "
			 "clearing; one host, as tdx.reclaim_page; " SHUTDOWN_TIMES },
	[TDX_SHOOTDOWN] = { "tdx.shootdown", TERM_PER_PAGE, 0.93, 0.05, 0.3, 3, TERM_DERIVED,
			    "for each page, vCPU and GiB: what makes the second row before dearer "
			    "than the first; 1.46 by the third row; the product is a guess at how "
			    "kicks and cache misses "
			    "grow together; " SHUTDOWN_TIMES },
	[MM_FREE] = { "mm.free_page", MM_FREE_4K_FIGURES, TERM_PUBLISHED,
		      "munmap of 320 GiB in 10.8 s: " LU FREE_4K_SEEN },
	[GUEST_FIRMWARE] = { "guest.firmware", TERM_PER_CALL, 1144e6, 0.05, 3e6, 5e9, TERM_ASSUMED,
			     "TDVF without what it accepts: " PLAIN },
	[GUEST_BOOT] = { "guest.boot", TERM_PER_CALL, 2750e6, 0.05, 1e6, 20e9, TERM_ASSUMED,
			 "kernel and init without what they accept: " PLAIN GUEST_BOOT_SEEN },
	[QEMU_START] = { "qemu.start", QEMU_START_FIGURES(140e6), TERM_ASSUMED,
			 PLAIN QEMU_START_SEEN },
	[QEMU_PAUSE] = QEMU_PAUSE_TERM,
	[QEMU_PAUSE_WAIT] = QEMU_PAUSE_WAIT_TERM,
	[QEMU_RESET] = QEMU_DEVICE_RESET_TERM(""),
	GMEM_TERMS(TERM_ASSUMED, "as of SEV-SNP, though a TDVMCALL passes the TDX module: "),
	[KVM_CREATE_VM] = { "kvm.create_vm", TERM_PER_CALL, 275e3, 0.2, 100e3, 70e6, TERM_PUBLISHED,
			    "enarx pull request 246, 2020; 30 to 70 ms more on one host with Linux "
			    "6.1 (AMDSEV issue 145)" },
	[KVM_SET_REGION] = SLOT_UPDATE_TERM,
	[SRCU_GRACE] = SLOT_GRACE_TERM,
	[MM_ZERO] = { "mm.zero_4k", MM_ZERO_4K_FIGURES, TERM_ASSUMED,
		      "clear_highpage of guest_memfd: " ARORA ZERO_4K_SEEN },
	[MM_FAULT_SHARED_4K] = GMEM_SHARED_TERM(TERM_DERIVED, ""),
	[TDX_INIT_VM] = { "tdx.init_vm", TERM_PER_CALL, 2e6, 0.2, 200e3, 100e6, TERM_ASSUMED,
			  "TDH.MNG.CREATE, TDH.MNG.KEY.CONFIG on each package, TDH.MNG.ADDCX, "
			  "TDH.MNG.INIT; " OWN_GUESS },
	[TDX_INIT_VCPU] = { "tdx.init_vcpu", TERM_PER_CALL, 50e3, 0.2, 10e3, 2e6, TERM_ASSUMED,
			    "TDH.VP.CREATE, TDH.VP.ADDCX, TDH.VP.INIT; " OWN_GUESS },
	[TDX_PAGE_ADD] = { "tdx.page_add", TERM_PER_PAGE, 6e3, 0.1, 2e3, 50e3, TERM_ASSUMED,
			   "TDH.MEM.PAGE.ADD copies and encrypts 4 KiB: as "
			   "tdx.page_aug; " OWN_GUESS },
	[TDX_MR_EXTEND] = { "tdx.mr_extend", TERM_PER_PAGE, 2e3, 0.1, 800, 20e3, TERM_ASSUMED,
			    "TDH.MR.EXTEND: SHA-384 of 256 bytes and a call of the "
			    "module; " OWN_GUESS },
	[TDX_FINALIZE] = { "tdx.finalize", TERM_PER_CALL, 20e3, 0.2, 5e3, 1e6, TERM_ASSUMED,
			   "TDH.MR.FINALIZE; " OWN_GUESS },
	[TDX_PAGE_AUG] = { "tdx.page_aug", TERM_PER_PAGE, 6.1e3, 0.05, 0.6e3, 12e3, TERM_DERIVED,
			   "exit of the TD, TDH.MEM.PAGE.AUG and the way back: 8 us for each fault "
			   "of "
			   "an acceptance (" DSTACK
			   "), less allocation, clearing and tdx.page_accept; "
			   "low: 2.5 us in all (" KIRILL ")" },
	[TDX_ACCEPT] = { "tdx.page_accept", TERM_PER_PAGE, 1e3, 0.05, 300, 4e3, TERM_ASSUMED,
			 "TDG.MEM.PAGE.ACCEPT, which clears the page; high: as slow as "
			 "tdx.clear_page may be; no figure of its own" },
	[TDX_IDLE] = { "tdx.accept_idle", TERM_PER_PAGE, 585, 0.05, 100, 1.5e3, TERM_DERIVED,
		       "for each vCPU, a fault of an acceptance while vCPUs come up: 153 us with "
		       "248 "
		       "of them that tick idle, 8 us before; " DSTACK },
	DEVICE_TERMS(TERM_PUBLISHED, TERM_DERIVED, ""),
	MEMMAP_TERMS(TERM_PUBLISHED, ""),
	[TDX_SEPT_ADD] = { "tdx.sept_add", TERM_PER_CALL, 3e3, 0.2, 1e3, 12e3, TERM_ASSUMED,
			   "TDH.MEM.SEPT.ADD of one table of the secure EPT, which maps 2 MiB; "
			   "less "
			   "than tdx.page_aug, which has an exit of the TD in it; " OWN_GUESS },
};

const struct term_domain tdx_domains[] = { { TDX_SHOOTDOWN, 64, INT64_C(400) << 30 }, { 0 } };
