/* Virtual machines by /dev/kvm itself: no QEMU, and a guest of nine bytes. */

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "calibrate/memory.h"
#include "calibrate/works.h"

enum {
	VCPUS_MOST = 64,
	VMS_MOST = 16,
	SLOTS_FIRST = 2, /* in front of the slots that are created and deleted */
	SLOT_BYTES = 1 << 20,
	SYSTEM_BYTES = 1 << 16,
	CODE_AT = 0x1000,
};
/* Where the guest sees the job's memory, and slots that nobody touches. */
static const uint64_t data_at = 0x40000000, slots_at = 0x100000000;

struct vm {
	int device, file;
	int vcpus[VCPUS_MOST];
	size_t vcpu_count;
	struct kvm_run *run; /* of the first vCPU */
	char *system;        /* its code */
	pthread_t thread;
	sem_t left, again;
};

/* --- building ----------------------------------------------------------------- */

static bool open_device(struct job *job, struct vm *vm)
{
	vm->device = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	return vm->device >= 0 || job_fails(job, "/dev/kvm");
}

static bool create_vm(struct job *job, struct vm *vm)
{
	vm->file = ioctl(vm->device, KVM_CREATE_VM, 0);
	return vm->file >= 0 || job_fails(job, "KVM_CREATE_VM");
}

static bool create_vcpu(struct job *job, struct vm *vm)
{
	int vcpu = ioctl(vm->file, KVM_CREATE_VCPU, vm->vcpu_count);

	if (vcpu < 0)
		return job_fails(job, "KVM_CREATE_VCPU");
	vm->vcpus[vm->vcpu_count++] = vcpu;
	return true;
}

static bool set_slot(struct job *job, const struct vm *vm, uint32_t slot, uint32_t flags,
		     uint64_t at, const char *memory, uint64_t bytes)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = at,
		.memory_size = bytes,
		.userspace_addr = (uintptr_t)memory,
	};

	return ioctl(vm->file, KVM_SET_USER_MEMORY_REGION, &region) == 0 ||
	       job_fails(job, "KVM_SET_USER_MEMORY_REGION");
}

static struct vm *new_vm(struct job *job)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	job->state = vm;
	if (!vm) {
		job_fails(job, "calloc");
		return NULL;
	}
	return open_device(job, vm) && create_vm(job, vm) ? vm : NULL;
}

/* --- the guest ------------------------------------------------------------------ */

#if defined(__x86_64__)

/* mov [edi], al; add edi, edx; dec ecx; jnz; hlt: a page each time, or the same with edx = 0. */
static const unsigned char touch_code[] = { 0x88, 0x07, 0x01, 0xd7, 0x49, 0x75, 0xf9, 0xf4 };
static const unsigned char spin_code[] = { 0xeb, 0xfe }; /* jmp to itself */

/* The first vCPU is about to run that: 32 bits, flat segments, no paging. */
static bool load(struct job *job, struct vm *vm, const unsigned char *code, size_t size,
		 uint64_t count, uint64_t stride)
{
	struct kvm_regs registers = {
		.rip = CODE_AT, .rflags = 2, .rdi = data_at, .rcx = count, .rdx = stride
	};
	struct kvm_segment segment = { .limit = 0xffffffff,
				       .selector = 8,
				       .type = 11,
				       .present = 1,
				       .db = 1,
				       .s = 1,
				       .g = 1 };
	struct kvm_sregs system;

	memcpy(vm->system + CODE_AT, code, size);
	if (ioctl(vm->vcpus[0], KVM_GET_SREGS, &system) != 0)
		return job_fails(job, "KVM_GET_SREGS");
	system.cr0 |= 1; /* protected mode */
	system.cs = segment;
	segment.type = 3;
	segment.selector = 16;
	system.ds = system.es = system.fs = system.gs = system.ss = segment;
	return (ioctl(vm->vcpus[0], KVM_SET_SREGS, &system) == 0 &&
		ioctl(vm->vcpus[0], KVM_SET_REGS, &registers) == 0) ||
	       job_fails(job, "KVM_SET_REGS");
}

#else

static const unsigned char touch_code[1], spin_code[1];

static bool load(struct job *job, struct vm *vm, const unsigned char *code, size_t size,
		 uint64_t count, uint64_t stride)
{
	(void)vm, (void)code, (void)size, (void)count, (void)stride;
	errno = ENOTSUP;
	return job_fails(job, "a guest of this architecture");
}

#endif

/* A VM with one vCPU and a slot for its code. */
static struct vm *new_guest(struct job *job)
{
	struct vm *vm = new_vm(job);
	int bytes;

	if (!vm || !create_vcpu(job, vm))
		return NULL;
	vm->system = mmap(NULL, SYSTEM_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	bytes = ioctl(vm->device, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (vm->system == MAP_FAILED || bytes < 0) {
		job_fails(job, "mmap");
		return NULL;
	}
	vm->run = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpus[0], 0);
	if (vm->run == MAP_FAILED) {
		job_fails(job, "mmap");
		return NULL;
	}
	return set_slot(job, vm, 0, 0, 0, vm->system, SYSTEM_BYTES) ? vm : NULL;
}

/* Run the guest until it halts. */
static bool run_guest(struct job *job)
{
	struct vm *vm = job->state;

	while (ioctl(vm->vcpus[0], KVM_RUN, 0) != 0)
		if (errno != EINTR)
			return job_fails(job, "KVM_RUN");
	if (vm->run->exit_reason == KVM_EXIT_HLT)
		return true;
	errno = EPROTO;
	return job_fails(job, "KVM_RUN: the guest did not halt");
}

/* A guest over the job's memory that is going to write `size` / 4096 times. */
static bool guest_over(struct job *job, uint64_t stride)
{
	struct vm *vm;

	if (!memory_present(job))
		return false;
	vm = new_guest(job);
	return vm && set_slot(job, vm, 1, 0, data_at, job->memory, job->trial->size) &&
	       load(job, vm, touch_code, sizeof(touch_code), job->trial->size / 4096, stride);
}

static bool guest_in_place(struct job *job)
{
	return guest_over(job, 0);
}

static bool guest_forward(struct job *job)
{
	return guest_over(job, 4096);
}

static bool guest_mapped(struct job *job)
{
	return guest_forward(job) && run_guest(job);
}

/* --- a vCPU that runs -------------------------------------------------------------- */

enum { KICK = SIGUSR1 };

static void *run_for_ever(void *data)
{
	struct job *job = data;
	struct vm *vm = job->state;
	sigset_t kick;

	sigemptyset(&kick);
	sigaddset(&kick, KICK);
	for (;;) {
		int status = ioctl(vm->vcpus[0], KVM_RUN, 0);

		if (status != 0 && errno == EINTR)
			sigwaitinfo(&kick, NULL);
		else
			job_fails(job, "KVM_RUN");
		sem_post(&vm->left);
		while (sem_wait(&vm->again) != 0)
			;
	}
	return NULL;
}

/* KICK is blocked but inside KVM_RUN, so that none is lost between two of them. */
static bool mask_kick(struct job *job, const struct vm *vm)
{
	union {
		struct kvm_signal_mask mask;
		char bytes[sizeof(struct kvm_signal_mask) + sizeof(uint64_t)]; /* no signal */
	} inside = { .bytes = { 0 } };
	sigset_t kick;

	inside.mask.len = sizeof(uint64_t);
	sigemptyset(&kick);
	sigaddset(&kick, KICK);
	if (sigprocmask(SIG_BLOCK, &kick, NULL) != 0)
		return job_fails(job, "sigprocmask");
	return ioctl(vm->vcpus[0], KVM_SET_SIGNAL_MASK, &inside) == 0 ||
	       job_fails(job, "KVM_SET_SIGNAL_MASK");
}

/* Its thread is on another CPU, where there is one. */
static bool guest_runs(struct job *job)
{
	struct vm *vm = new_guest(job);
	pthread_attr_t attributes;
	cpu_set_t cpus;

	if (!vm || !load(job, vm, spin_code, sizeof(spin_code), 0, 0) || !mask_kick(job, vm))
		return false;
	memset(&cpus, 0xff, sizeof(cpus));
	CPU_CLR((size_t)sched_getcpu(), &cpus);
	if (sem_init(&vm->left, 0, 0) != 0 || sem_init(&vm->again, 0, 0) != 0)
		return job_fails(job, "sem_init");
	errno = pthread_attr_init(&attributes);
	if (!errno && job->trial->threads > 1)
		errno = pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	if (!errno)
		errno = pthread_create(&vm->thread, &attributes, run_for_ever, job);
	return !errno || job_fails(job, "pthread_create");
}

static bool kick(struct job *job)
{
	struct vm *vm = job->state;

	for (uint64_t i = 0; i < job->trial->size; i++) {
		errno = pthread_kill(vm->thread, KICK);
		if (errno)
			return job_fails(job, "pthread_kill");
		while (sem_wait(&vm->left) != 0)
			;
		sem_post(&vm->again);
		if (job->failed[0])
			return false;
	}
	return true;
}

/* --- calls on VMs --------------------------------------------------------------------- */

static bool device_open(struct job *job)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	job->state = vm;
	return vm ? open_device(job, vm) : job_fails(job, "calloc");
}

static bool create_vms(struct job *job)
{
	for (uint64_t i = 0; i < job->trial->size; i++)
		if (!create_vm(job, job->state))
			return false;
	return true;
}

static bool only_vm(struct job *job)
{
	return new_vm(job) != NULL;
}

static bool create_vcpus(struct job *job)
{
	for (uint64_t i = 0; i < job->trial->size && i < VCPUS_MOST; i++)
		if (!create_vcpu(job, job->state))
			return false;
	return true;
}

static bool vm_with_vcpus(struct job *job)
{
	return new_vm(job) && create_vcpus(job);
}

/* The last file of a VM that is closed ends it. */
static bool close_vm(struct job *job)
{
	struct vm *vm = job->state;

	if (vm->run)
		munmap(vm->run, (size_t)ioctl(vm->device, KVM_GET_VCPU_MMAP_SIZE, 0));
	for (size_t i = 0; i < vm->vcpu_count; i++)
		close(vm->vcpus[i]);
	return close(vm->file) == 0 || job_fails(job, "close");
}

/* --- memslots --------------------------------------------------------------------------- */

/* All slots of a job lie over the same memory, which nobody touches. */
static bool change_slots(struct job *job, uint64_t bytes, uint32_t flags, uint64_t offset)
{
	const struct vm *vm = job->state;

	for (uint32_t i = 0; i < job->trial->size; i++)
		if (!set_slot(job, vm, SLOTS_FIRST + i, flags,
			      slots_at + offset + 2ull * i * SLOT_BYTES, job->memory, bytes))
			return false;
	return true;
}

static bool untouched(struct job *job)
{
	job->memory =
		mmap(NULL, SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return job->memory != MAP_FAILED || job_fails(job, "mmap");
}

static bool create_slots(struct job *job)
{
	return change_slots(job, SLOT_BYTES, 0, 0);
}

static bool delete_slots(struct job *job)
{
	return change_slots(job, 0, 0, 0);
}

static bool log_slots(struct job *job)
{
	return change_slots(job, SLOT_BYTES, KVM_MEM_LOG_DIRTY_PAGES, 0);
}

static bool move_slots(struct job *job)
{
	return change_slots(job, SLOT_BYTES, 0, SLOT_BYTES);
}

static bool vm_idle(struct job *job)
{
	struct vm *vm = new_vm(job);

	return vm && create_vcpu(job, vm) && untouched(job);
}

static bool vm_idle_with_slots(struct job *job)
{
	return vm_idle(job) && create_slots(job);
}

static bool vm_runs(struct job *job)
{
	return guest_runs(job) && untouched(job);
}

static bool vm_runs_with_slots(struct job *job)
{
	return vm_runs(job) && create_slots(job);
}

/* --- the slot of a guest's memory --------------------------------------------------------- */

static bool delete_data(struct job *job)
{
	return set_slot(job, job->state, 1, 0, data_at, job->memory, 0);
}

static bool log_data(struct job *job)
{
	return set_slot(job, job->state, 1, KVM_MEM_LOG_DIRTY_PAGES, data_at, job->memory,
			job->trial->size);
}

static bool unmap_data(struct job *job)
{
	return munmap(job->memory, job->trial->size) == 0 || job_fails(job, "munmap");
}

const struct work work_create_vm = { device_open, create_vms, true };
const struct work work_create_vcpu = { only_vm, create_vcpus, true };
const struct work work_destroy_vm = { vm_with_vcpus, close_vm, true };
const struct work work_slot_create = { vm_idle, create_slots, true };
const struct work work_slot_delete = { vm_idle_with_slots, delete_slots, true };
const struct work work_slot_flags = { vm_idle_with_slots, log_slots, true };
const struct work work_slot_move = { vm_idle_with_slots, move_slots, true };
const struct work work_slot_create_running = { vm_runs, create_slots, true };
const struct work work_slot_delete_running = { vm_runs_with_slots, delete_slots, true };
const struct work work_slot_flags_running = { vm_runs_with_slots, log_slots, true };
const struct work work_slot_move_running = { vm_runs_with_slots, move_slots, true };
const struct work work_kick = { guest_runs, kick, true };
const struct work work_guest_loop = { guest_in_place, run_guest, false };
const struct work work_guest_touch = { guest_forward, run_guest, false };
const struct work work_zap = { guest_mapped, delete_data, true };
const struct work work_log_dirty = { guest_mapped, log_data, true };
const struct work work_guest_unmap = { guest_mapped, unmap_data, true };
const struct work work_guest_close = { guest_mapped, close_vm, true };
const struct work work_guest_end = { guest_mapped, NULL, true };
