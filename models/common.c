/* What a VM under QEMU and KVM has whatever guards its memory. */

#include <math.h>

#include "models/common.h"

int succeeds(struct guest *guest, uint32_t *generation)
{
	(void)guest;
	(void)generation;
	return 0;
}

void only_pages_held(struct guest *guest, uint32_t number)
{
	struct dead_generation *dead = guest_dead_generation(guest, number);

	if (dead)
		dead->held_bytes = 0;
}

uint64_t boot_touch_pages(const struct guest *guest, const struct boot_touch *touch)
{
	double bytes = (double)touch->bytes + touch->ratio * (double)guest->config->memory_bytes;

	return (uint64_t)ceil(bytes / (double)guest->config->page_bytes);
}

uint64_t first_touch_pace_ns(const struct guest *guest, double workload_rate)
{
	return (uint64_t)llround((double)guest->config->page_bytes / workload_rate * 1e9);
}

/* --- locks ---------------------------------------------------------------- */

const struct lock_kind kvm_lock = { "kvm->lock", "kvm_lock", .scope = SCOPE_GUEST };
const struct lock_kind vcpu_mutex = { "vcpu->mutex", "vcpu_mutex", .scope = SCOPE_GUEST,
				      .per_vcpu = true };
const struct lock_kind slots_lock = { "kvm->slots_lock", "slots_lock", .scope = SCOPE_GUEST };
const struct lock_kind slots_arch_lock = { "kvm->slots_arch_lock", "slots_arch_lock",
					   .scope = SCOPE_GUEST };
const struct lock_kind kvm_srcu = { "kvm->srcu", "kvm_srcu", .scope = SCOPE_GUEST };
const struct lock_kind mmu_lock = { "kvm->mmu_lock", "mmu_lock", .scope = SCOPE_GUEST };
const struct lock_kind mmap_lock = { "mmap_lock", "mmap_lock", .scope = SCOPE_GUEST };

/* --- metadata ------------------------------------------------------------- */

enum { TABLE_ENTRY_BYTES = 8, PGSTE_BYTES = 8, LPAGE_INFO_BYTES = 4 };
enum { ATTRIBUTES_NODE_BYTES = 576, ATTRIBUTES_IN_NODE = 64 };

static uint64_t vmm_bytes(const struct guest *guest)
{
	return (uint64_t)guest->config->vmm_bytes;
}

static uint64_t second_stage_bytes(const struct guest *guest)
{
	return guest_resident_pages(guest) * TABLE_ENTRY_BYTES;
}

static uint64_t lpage_info_bytes(const struct guest *guest)
{
	uint64_t entries = 0;

	for (int size = PAGE_2M; size < PAGE_SIZES; size++)
		entries += (uint64_t)((guest->config->memory_bytes + page_size_bytes[size] - 1) /
				      page_size_bytes[size]);
	return entries * LPAGE_INFO_BYTES;
}

/* TDR, TDCS and a TDVPS for each vCPU (models/tdx_end.c). */
static uint64_t td_bytes(const struct guest *guest)
{
	return second_stage_bytes(guest) + (7 + 6 * (uint64_t)guest->config->vcpus) * PAGE_BYTES;
}

/* 576 bytes for 64 entries: struct xa_node. */
static uint64_t attributes_bytes(const struct guest *guest)
{
	return pages_4k(guest->config->memory_bytes) * ATTRIBUTES_NODE_BYTES / ATTRIBUTES_IN_NODE;
}

#define QEMU                                                                                       \
	{                                                                                          \
		"QEMU", .of_process = vmm_bytes                                                    \
	}
#define PAGE_TABLES                                                                                \
	{                                                                                          \
		"page tables", .per_page = TABLE_ENTRY_BYTES                                       \
	}
#define SECOND_STAGE                                                                               \
	{                                                                                          \
		"second-stage tables", .of_process = second_stage_bytes                            \
	}
#define LPAGE_INFO                                                                                 \
	{                                                                                          \
		"lpage_info", .of_process = lpage_info_bytes                                       \
	}
#define ATTRIBUTES                                                                                 \
	{                                                                                          \
		"memory attributes", .of_process = attributes_bytes                                \
	}
#define NO_MORE                                                                                    \
	{                                                                                          \
		.name = NULL                                                                       \
	}

const struct metadata_kind metadata_x86[] = { QEMU, PAGE_TABLES, SECOND_STAGE, LPAGE_INFO,
					      NO_MORE };
const struct metadata_kind metadata_arm64[] = { QEMU, PAGE_TABLES, SECOND_STAGE, NO_MORE };
const struct metadata_kind metadata_s390[] = {
	{ "page tables with pgstes", .per_page = TABLE_ENTRY_BYTES + PGSTE_BYTES },
	NO_MORE,
};
const struct metadata_kind metadata_gmem[] = { QEMU, SECOND_STAGE, LPAGE_INFO, ATTRIBUTES,
					       NO_MORE };
const struct metadata_kind metadata_tdx[] = {
	QEMU,    { "secure EPT and control pages", .of_process = td_bytes }, LPAGE_INFO, ATTRIBUTES,
	NO_MORE,
};
const struct metadata_kind metadata_cca[] = { QEMU, NO_MORE };

/* --- counts and conditions ------------------------------------------------ */

COUNT(per_vcpu, "vCPUs", guest->config->vcpus);
COUNT(per_mebibyte, "MiB of guest memory",
      (uint64_t)(guest->config->memory_bytes + (1 << 20) - 1) >> 20);
COUNT(resident_bytes, "bytes resident",
      guest_resident_pages(guest) * (uint64_t)guest->config->page_bytes);
CONDITION(backed_4k, "backed by 4 KiB pages", guest->config->page_bytes == 4096);
CONDITION(backed_2m, "backed by 2 MiB pages", guest->config->page_bytes == 2 << 20);
CONDITION(backed_1g, "backed by 1 GiB pages", guest->config->page_bytes == 1 << 30);
CONDITION(backed_huge, "backed by huge pages", !backed_4k.holds(guest));

struct page_range all_pages(const struct guest *guest)
{
	return (struct page_range){ 0, page_map_pages(&guest->pages) };
}
