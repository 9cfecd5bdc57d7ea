# SPDX-License-Identifier: GPL-2.0
"""The boots of a seed: late effects by it, on the driver, on programs, and on virtual machines.

Seeds take virtual machines in turn, and one boot more. These are boots of other suites, or a part of them.
"""

import os

import boots
import suites
from boots import ALL_OFF, ATS, KERNEL_LOAD, TESTS
from suites import TWO_DEVICES

# A command of the kernel is in its queue for so long that another processor turns the queue off meanwhile
SLOW_KERNEL = 'fault-slow-ns=200000'


def ats(seed):
    """Devices with ATS, and their resets. A device that does not answer makes the driver wait for seconds of the
    clock, each long under -icount: that is left to the boot machine-ats."""
    caches, hitless, silent = boots.CACHES
    return (*boots.seed_options(seed, 'ats=on'), *boots.RESET_DEVICE, *boots.GROUP_DEVICES, *ATS,
            '--expect-log', 'CMD_SYNC timeout', caches, hitless, f'{silent} -f queue')


def power_off(seed):
    """The machine goes off while other processors have commands in queues of the kernel. Those after that time out,
    as the SMMU is off: a second of the clock for each."""
    return (*boots.seed_options(seed, SLOW_KERNEL), '--slow', '2', *TWO_DEVICES, *ALL_OFF,
            '--expect-log', 'CMD_SYNC timeout', f'{KERNEL_LOAD} endless')


def shutdown(seed):
    """The machine goes off under guests with full queues."""
    return boots.shutdown('fast', (), (*boots.seed_options(seed, boots.SLOW), '--memory', '3G'))


def two_smmus(seed):
    """Each SMMU with a CMDQ-V and a device."""
    return (*boots.seed_options(seed), *boots.second_smmu(boots.seed_model(seed)), *boots.TWO_SMMUS, boots.SMMUS,
            boots.ISOLATION)


def unbind(seed):
    """A device that is taken from its driver, or from its bus, while a guest uses it. The guest never rests, so that
    each of these tests is long under -icount: one is enough."""
    variant = ('from_driver', 'from_bus')[seed // 2 % 2]
    return (*boots.seed_options(seed), *TWO_DEVICES,
            f'{os.path.join(TESTS, "cmdqv_unbind")} -T vmm_is_killed -v {variant}')


BOOTS = (ats, power_off, shutdown, two_smmus, unbind)
# A device that comes and goes, and virtual machines that are saved and restored
HOTPLUG = (*suites.VMM_FILE, suites.HOTPLUG)
SNAPSHOTS = (*suites.VMM_FILE, suites.SNAPSHOTS)


def guests(seed):
    """Virtual machines: more often two guests. An odd number of turns, so that each meets both answers."""
    two = suites.two_guests()
    kinds = (two, suites.kvm(*HOTPLUG), two, suites.kvm(*SNAPSHOTS), two)
    return (*kinds[seed // len(boots.SEED_CPUS) % len(kinds)], *boots.seed_options(seed))


def named(seed, boot):
    """The boot with the seed in its name."""
    return f'seed-{seed}-{boot.__name__.replace("_", "-")}', boot(seed)


def every(seed):
    """All of them with this seed."""
    return [named(seed, boot) for boot in BOOTS]


def turn(seed):
    """The boot whose turn it is."""
    return named(seed, BOOTS[seed % len(BOOTS)])


def of_seed(seed):
    """All boots of a seed."""
    return [*boots.seeds(seed), (f'seed-{seed}-vmm', guests(seed)), turn(seed)]
