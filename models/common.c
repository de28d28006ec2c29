/* What a VM under QEMU and KVM has whatever guards its memory. */

#include <math.h>

#include "models/common.h"

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

/* --- counts and conditions ------------------------------------------------ */

static uint64_t vcpus(const struct guest *guest)
{
	return (uint64_t)guest->config->vcpus;
}
const struct count per_vcpu = { "vCPUs", vcpus };

static uint64_t mebibytes(const struct guest *guest)
{
	return (uint64_t)(guest->config->memory_bytes + (1 << 20) - 1) >> 20;
}
const struct count per_mebibyte = { "MiB of guest memory", mebibytes };

static uint64_t bytes_resident(const struct guest *guest)
{
	return guest_resident_pages(guest) * (uint64_t)guest->config->page_bytes;
}
const struct count resident_bytes = { "bytes resident", bytes_resident };

static bool is_4k(const struct guest *guest)
{
	return guest->config->page_bytes == 4096;
}
const struct condition backed_4k = { "backed by 4 KiB pages", is_4k };

static bool is_2m(const struct guest *guest)
{
	return guest->config->page_bytes == 2 << 20;
}
const struct condition backed_2m = { "backed by 2 MiB pages", is_2m };

static bool is_1g(const struct guest *guest)
{
	return guest->config->page_bytes == 1 << 30;
}
const struct condition backed_1g = { "backed by 1 GiB pages", is_1g };

struct page_range all_pages(const struct guest *guest)
{
	return (struct page_range){ 0, page_map_pages(&guest->pages) };
}
