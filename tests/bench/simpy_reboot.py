#!/usr/bin/env python3
"""Usage: simpy_reboot.py [--bare] GUESTS CORES REPLICATIONS SEED

The reboots of scenarios/s390-pv/reboot-20-guests.json with strategy `sync`, as a user of SimPy
writes them: GUESTS guests of 16 GiB reboot at once on a host of CORES cores. Prints the mean time
of a reboot in seconds and its standard error.

What is modelled: every step of s390-pv/sync/reboot that takes time (`sim flows`), with the mean
and the coefficient of variation that `sim costs` lists. A step on the cores gets the equal share
of them that `sim` gives it: processor sharing by virtual time, the way to write it without an
event for each time slice. A loop over pages is one draw of the sum, as in `sim`.

The locks that the flow takes are resources, one of each kind for a guest; the host's memory is a
container, from which the donated memory comes and to which it goes back; memory in use and in limbo
are followed over time, and for each step how long it worked and how long it waited for the cores.

What is left out: the checks of memory and pages, steps without time that change neither, the
memory bandwidth that page loops share in `sim` (its use stays far below what there is), other
metrics, and the first touches of the booted guest's workload (off the cores, later than the
reboot's end). So there are 25 timed steps for a guest here and 26 in `sim`.

With --bare there are no locks, no memory and no times of steps, either: all that SimPy adds to the
timed steps is what it needs to schedule them.
"""

import heapq
import itertools
import random
import statistics
import sys

import simpy

US, MS, S = 1e-6, 1e-3, 1.0

VCPUS = 4
PAGES = int(0.8 * 16 * 2**18)  # present, of 4 KiB
VMM_PAGES = 64 * 2**8
IMAGE_PAGES = 100 * 2**8
LOADER_PAGES = 2**8
BOOT_PAGES = 2 * 256 * 2**8  # 256 MiB, and 1/64 of the memory

SLEEP, WORK, LOCK, UNLOCK, TAKE, GIVE, LIMBO = range(7)
KVM, MMAP, VCPU = range(3)  # kvm->lock, mmap_lock, vcpu->mutex
DONATED_PAGES = 2**8 + 16 * 2**10

# How the time passes, units, mean of one, its coefficient of variation; or which lock, how many pages.
STEPS = [
    (SLEEP, 1, 1 * S, 0.1),  # guest.stop
    (WORK, 1, 20 * US, 0.1),  # guest.diag308
    (WORK, VCPUS, 2 * US, 0.1),  # qemu.pause_vcpu
    (WORK, 1, 20 * US, 0.2),  # qemu.pause_wait
    (WORK, 1, 1 * MS, 0.1),  # qemu.subsystem_reset
    (WORK, 1, 100 * US, 0.1),  # qemu.crypto_reset
    (LOCK, KVM),
    (LOCK, VCPU),
    (WORK, VCPUS, 20 * US, 0.1),  # uvc.destroy_cpu
    (UNLOCK, VCPU),
    (LIMBO, PAGES),
    (WORK, 1, 200 * US, 0.1),  # uvc.destroy_conf
    (WORK, DONATED_PAGES, 0.129 * US, 0.05),  # free the donated pages: mm.free_page
    (GIVE, DONATED_PAGES),
    # destroy all pages: gather each, destroy the guest's, ask in vain for those of the VMM
    (WORK, 1, PAGES * 2.06 * US + VMM_PAGES * 0.56 * US, 0),
    (LIMBO, -PAGES),
    (UNLOCK, KVM),
    (WORK, 1, 20 * MS, 0.1),  # qemu.device_reset
    (WORK, 1, 300 * MS, 0.05),  # guest.bios
    (SLEEP, 1, 209.7152 * MS, 0),  # read the image
    (WORK, LOADER_PAGES, 1 * US, 0.2),  # non-secure first touches: mm.fault
    (WORK, 1, 20 * US, 0.1),  # guest.diag308
    (WORK, 1, 20 * US, 0.1),  # guest.diag308
    (WORK, VCPUS, 20 * US, 0.1),  # qemu.cpu_reset
    (LOCK, KVM),
    (LOCK, MMAP),
    (UNLOCK, MMAP),
    (TAKE, DONATED_PAGES),
    (WORK, DONATED_PAGES, 0.6 * US, 0.1),  # kvm.alloc_storage
    (WORK, 1, 1 * MS, 0.1),  # uvc.create_conf
    (LOCK, VCPU),
    (WORK, VCPUS, 20 * US, 0.1),  # uvc.create_cpu
    (UNLOCK, VCPU),
    (UNLOCK, KVM),
    (LOCK, KVM),
    (WORK, 1, 100 * US, 0.1),  # uvc.set_sec_parms
    (UNLOCK, KVM),
    (LOCK, KVM),
    (WORK, IMAGE_PAGES, 5 * US, 0.1),  # uvc.unpack
    (UNLOCK, KVM),
    (LOCK, KVM),
    (WORK, 1, 100 * US, 0.1),  # uvc.verify
    (UNLOCK, KVM),
    (WORK, 1, 20 * US, 0.1),  # qemu.cpu_reset
    (WORK, 1, 20 * US, 0.1),  # uvc.cpu_set_state
    (WORK, 1, 3 * S, 0.05),  # guest.boot
    (WORK, BOOT_PAGES, 5 * US, 0.1),  # secure first touches: mm.fault and uvc.import
]


def gamma_of(units, mean, cv):
    """Shape and scale of the sum of so many gamma variables."""
    return (units / cv**2, mean * cv**2) if cv else (None, units * mean)


LAWS = [
    (step[0], *gamma_of(*step[1:])) if step[0] in (SLEEP, WORK) else step for step in STEPS
]
TIMED = [law for law in LAWS if law[0] in (SLEEP, WORK)]


class Cores:
    """Cores that all jobs on them share equally: each proceeds at min(1, cores / jobs)."""

    def __init__(self, env, count):
        self.env, self.count = env, count
        self.jobs = []  # (virtual time of its end, order, event)
        self.order = itertools.count()
        self.virtual = self.updated = 0.0
        self.armed = None  # the timeout that counts; those before it are stale

    def work(self, seconds):
        """An event: this much work is done."""
        self.advance()
        event = self.env.event()
        heapq.heappush(self.jobs, (self.virtual + seconds, next(self.order), event))
        self.arm()
        return event

    def rate(self):
        return min(1.0, self.count / len(self.jobs))

    def advance(self):
        now = self.env.now
        if self.jobs:
            self.virtual += (now - self.updated) * self.rate()
        self.updated = now

    def arm(self):
        delay = max(0.0, (self.jobs[0][0] - self.virtual) / self.rate())
        self.armed = self.env.timeout(delay)
        self.armed.callbacks.append(self.finish)

    def finish(self, timeout):
        if timeout is not self.armed:
            return
        self.updated = self.env.now
        self.virtual, _, event = heapq.heappop(self.jobs)
        event.succeed()
        if self.jobs:
            self.arm()


class Level:
    """Something that goes up and down: its peak, and its mean over time."""

    def __init__(self, env, value=0):
        self.env, self.value, self.peak = env, value, value
        self.since = self.area = 0.0

    def add(self, change):
        self.area += self.value * (self.env.now - self.since)
        self.since = self.env.now
        self.value += change
        self.peak = max(self.peak, self.value)

    def mean(self):
        self.add(0)
        return self.area / self.env.now


class Host:
    def __init__(self, env, cores, guests):
        used = guests * (PAGES + VMM_PAGES + DONATED_PAGES)
        self.cores = Cores(env, cores)
        self.memory = simpy.Container(env, 2 * used, init=used)  # pages that are free
        self.in_use, self.limbo = Level(env, used), Level(env)
        self.worked, self.waited = [0.0] * len(STEPS), [0.0] * len(STEPS)


def reboot(env, host, draw, times):
    begin = env.now
    locks = [simpy.Resource(env) for _ in (KVM, MMAP, VCPU)]
    held = {}
    for index, (how, *what) in enumerate(LAWS):
        if how == LOCK:
            held[what[0]] = locks[what[0]].request()
            yield held[what[0]]
        elif how == UNLOCK:
            yield locks[what[0]].release(held.pop(what[0]))
        elif how == TAKE:
            yield host.memory.get(what[0])
            host.in_use.add(what[0])
        elif how == GIVE:
            yield host.memory.put(what[0])
            host.in_use.add(-what[0])
        elif how == LIMBO:
            host.limbo.add(what[0])
        else:
            shape, scale = what
            since, seconds = env.now, draw(shape, scale) if shape else scale
            yield env.timeout(seconds) if how == SLEEP else host.cores.work(seconds)
            host.worked[index] += seconds
            host.waited[index] += env.now - since - seconds
    times.append(env.now - begin)


def reboot_bare(env, host, draw, times):
    begin = env.now
    for how, shape, scale in TIMED:
        seconds = draw(shape, scale) if shape else scale
        yield env.timeout(seconds) if how == SLEEP else host.cores.work(seconds)
    times.append(env.now - begin)


def replicate(guests, cores, draw, flow):
    """The mean time of a reboot."""
    env, times = simpy.Environment(), []
    host = Host(env, cores, guests)
    for _ in range(guests):
        env.process(flow(env, host, draw, times))
    env.run()
    if flow is reboot:  # all is given back and taken again, and the times of the steps add up
        assert host.in_use.value == host.in_use.peak and host.limbo.value == 0
        assert host.limbo.mean() <= host.limbo.peak <= guests * PAGES
        assert abs(sum(host.worked) + sum(host.waited) - sum(times)) < 1e-6 * sum(times)
    return statistics.fmean(times)


def main():
    flow = reboot_bare if sys.argv[1] == "--bare" else reboot
    guests, cores, replications, seed = map(int, sys.argv[-4:])
    draw = random.Random(seed).gammavariate
    means = [replicate(guests, cores, draw, flow) for _ in range(replications)]
    error = statistics.stdev(means) / replications**0.5
    print(f"{statistics.fmean(means):.6f} {error:.6f}")


if __name__ == "__main__":
    main()
