#!/usr/bin/env python3
"""Usage: simpy_reboot.py GUESTS CORES REPLICATIONS SEED

The reboots of scenarios/s390-pv/reboot-20-guests.json with strategy `sync`, as a user of SimPy
writes them: GUESTS guests of 16 GiB reboot at once on a host of CORES cores. Prints the mean time
of a reboot in seconds and its standard error.

What is modelled: every step of s390-pv/sync/reboot that takes time (`sim flows`), with the mean
and the coefficient of variation that `sim costs` lists. A step on the cores gets the equal share
of them that `sim` gives it: processor sharing by virtual time, the way to write it without an
event for each time slice. A loop over pages is one draw of the sum, as in `sim`.

What is left out: locks (each guest has its own, nobody waits), memory and its checks, steps
without time, metrics, where the time went, and the first touches of the booted guest's workload
(off the cores, later than the reboot's end). So there are 25 timed steps for a guest here and 26
in `sim`, and all that SimPy adds to them is what it needs to schedule them.
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

SLEEP, WORK = range(2)

# How the time passes, units, mean of one, its coefficient of variation.
STEPS = [
    (SLEEP, 1, 1 * S, 0.1),  # guest.stop
    (WORK, 1, 20 * US, 0.1),  # guest.diag308
    (WORK, VCPUS, 2 * US, 0.1),  # qemu.pause_vcpu
    (WORK, 1, 20 * US, 0.2),  # qemu.pause_wait
    (WORK, 1, 1 * MS, 0.1),  # qemu.subsystem_reset
    (WORK, 1, 100 * US, 0.1),  # qemu.crypto_reset
    (WORK, VCPUS, 20 * US, 0.1),  # uvc.destroy_cpu
    (WORK, 1, 200 * US, 0.1),  # uvc.destroy_conf
    (WORK, 2**8 + 16 * 2**10, 0.129 * US, 0.05),  # free the donated pages: mm.free_page
    # destroy all pages: gather each, destroy the guest's, ask in vain for those of the VMM
    (WORK, 1, PAGES * 2.06 * US + VMM_PAGES * 0.56 * US, 0),
    (WORK, 1, 20 * MS, 0.1),  # qemu.device_reset
    (WORK, 1, 300 * MS, 0.05),  # guest.bios
    (SLEEP, 1, 209.7152 * MS, 0),  # read the image
    (WORK, LOADER_PAGES, 1 * US, 0.2),  # non-secure first touches: mm.fault
    (WORK, 1, 20 * US, 0.1),  # guest.diag308
    (WORK, 1, 20 * US, 0.1),  # guest.diag308
    (WORK, VCPUS, 20 * US, 0.1),  # qemu.cpu_reset
    (WORK, 2**8 + 16 * 2**10, 0.6 * US, 0.1),  # kvm.alloc_storage
    (WORK, 1, 1 * MS, 0.1),  # uvc.create_conf
    (WORK, VCPUS, 20 * US, 0.1),  # uvc.create_cpu
    (WORK, 1, 100 * US, 0.1),  # uvc.set_sec_parms
    (WORK, IMAGE_PAGES, 5 * US, 0.1),  # uvc.unpack
    (WORK, 1, 100 * US, 0.1),  # uvc.verify
    (WORK, 1, 20 * US, 0.1),  # qemu.cpu_reset
    (WORK, 1, 20 * US, 0.1),  # uvc.cpu_set_state
    (WORK, 1, 3 * S, 0.05),  # guest.boot
    (WORK, BOOT_PAGES, 5 * US, 0.1),  # secure first touches: mm.fault and uvc.import
]


def gamma_of(units, mean, cv):
    """Shape and scale of the sum of so many gamma variables."""
    return (units / cv**2, mean * cv**2) if cv else (None, units * mean)


LAWS = [(how, *gamma_of(units, mean, cv)) for how, units, mean, cv in STEPS]


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


def reboot(env, cores, draw, times):
    begin = env.now
    for how, shape, scale in LAWS:
        seconds = draw(shape, scale) if shape else scale
        yield env.timeout(seconds) if how == SLEEP else cores.work(seconds)
    times.append(env.now - begin)


def replicate(guests, cores, draw):
    """The mean time of a reboot."""
    env, times = simpy.Environment(), []
    host = Cores(env, cores)
    for _ in range(guests):
        env.process(reboot(env, host, draw, times))
    env.run()
    return statistics.fmean(times)


def main():
    guests, cores, replications, seed = map(int, sys.argv[1:])
    draw = random.Random(seed).gammavariate
    means = [replicate(guests, cores, draw) for _ in range(replications)]
    error = statistics.stdev(means) / replications**0.5
    print(f"{statistics.fmean(means):.6f} {error:.6f}")


if __name__ == "__main__":
    main()
