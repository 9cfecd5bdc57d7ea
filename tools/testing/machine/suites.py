# SPDX-License-Identifier: GPL-2.0
"""The boots of each suite: functions that return [(name, arguments of tools/testing/machine/boot)]."""

import glob
import os
import shlex

import boots
import experiments
from boots import ALL_OFF, ATS, DMA_DEVICE, KERNEL_QUEUES, TESTS, programs
from project import BUILD

TWO_DEVICES = (*DMA_DEVICE, *DMA_DEVICE)
VMM = os.path.join(BUILD, 'vmm')
GUEST_DEVICE = ('--device', '1234:1d4a')
# Programs that take minutes under KCSAN at most: without storms, counts of reads, and failure injection
KCSAN_PROGRAMS = ('cmdqv_device', 'cmdqv_errors', 'cmdqv_hostile', 'cmdqv_isolation', 'cmdqv_opcodes', 'cmdqv_scale',
                  'cmdqv_state', 'cmdqv_teardown', 'cmdqv_translate', 'cmdqv_unbind', 'smmuv3_erratum',
                  'smmuv3_errors', 'smmuv3_events', 'smmuv3_flood', 'smmuv3_nested', 'smmuv3_race',
                  'smmuv3_two_iommus', 'smmuv3_unmap')
# Seed, calls; a million together, and most of them where a call is cheap
FUZZ_CMDQV = '1 980000'
FUZZ_MOCK = '1 20000'


def tests(*names):
    return [os.path.join(TESTS, name) for name in names]


def absent():
    """Installed programs where something is absent, and the programs that must refuse their arguments."""
    return [(name, ('--kernel', 'fast', *options, '--expect-skip', '--timeout', '300',
                    *(boots.refusals(os.path.join(VMM, 'vmm')) if name == 'absent-devices' else ()),
                    *boots.installed(pattern)))
            for name, options, pattern in boots.ABSENT_BOOTS]


# It maps all queues at reset and stays on when the SMMU goes off
BASE_BREAKS = ('--expect-strict', 'map-vintf-off=128', '--expect-strict', 'smmu-off-cmdqv-on=1')


def foreign_driver(kernel, seeds):
    """The driver of a kernel without this project, at seed 0 and with late effects by these seeds. The rules that
    the base's own driver breaks are known; of another image they are shown only."""
    base = kernel == 'base'
    name = 'base-driver' if base else 'image-driver'
    rules = BASE_BREAKS if base else ('--any-strict',)

    def one(suffix, arguments, *options):
        program = f'{KERNEL_QUEUES} base {arguments}' if base else f'{KERNEL_QUEUES} any'
        return name + suffix, (*options, '--kernel', kernel, *DMA_DEVICE, *rules, program.rstrip())

    now = ('--smp', '4', '--timeout', '300', '--model')
    return [one('', '', *now, ''),
            one('-errors', '3', *now, 'fault-illegal-command=3,fault-vcmdq=1'),
            one('-ats', '0 ats', *now, 'ats=on', *ATS),
            *(one(f'-seed-{seed}', '', *boots.seed_options(seed)) for seed in seeds)]


# The base's own selftests. Bitmaps of 128 MiB take a third of their time, and differ in size only from those of 64 MiB
BASE_TESTS = ('iommufd -V domain_dirty128M -V domain_dirty128M_huge', 'iommufd_fail_nth')


def mock():
    """Two machines of about the same length."""
    base = tests(*BASE_TESTS)
    own = [program for program in programs(machine=False) if program not in {test.split()[0] for test in base}]
    return [('mock-base', boots.mock(*base)),
            ('mock', ('--kunit', *boots.mock(*own, os.path.join(BUILD, 'lib-arm64/viommu_library'))))]


def x86():
    where = os.path.join(BUILD, 'x86_64', 'tests')
    ats = os.path.join(where, 'ats_capability')
    return [('x86', ('--pc', '--kunit', *boots.mock(*programs(machine=False, where=where), kernel='x86')))] + \
        [(f'x86-{name}', boots.pc_iommu(iommu, append, ats)) for name, iommu, append in boots.PC_IOMMUS]


def fuzz():
    limits = ('--timeout', '900', '--test-timeout', '800')
    return [('fuzz-cmdqv', ('--kernel', 'fast', '--model', '', *TWO_DEVICES, *limits,
                            f'{TESTS}/cmdqv_fuzz {FUZZ_CMDQV}')),
            ('fuzz-mock', ('--kernel', 'debug', '--memory', '2G', *limits, f'{TESTS}/viommu_fuzz {FUZZ_MOCK}'))]


def races(kernel, seconds, total, *programs):
    """Races on the mock driver, seconds for each scenario, and other programs."""
    return ('--kernel', kernel, '--memory', '2G', '--smp', '4', '--timeout', str(total + 60 * seconds),
            '--test-timeout', str(120 + 10 * seconds), f'{TESTS}/viommu_stress {seconds}', *programs)


def stress(seconds):
    return [('stress', races('debug', seconds, 600))]


def kcsan(seconds):
    """Races on the mock driver, and on the hardware model with late effects by a seed."""
    late = ('--kernel', 'kcsan', '--smp', '4', '--memory', '2G', '--model', 'seed=1,poison=on', *TWO_DEVICES,
            '--timeout', '3600', '--test-timeout', '1800')
    return [('kcsan', races('kcsan', seconds, 1200, *tests('veventq', 'veventq_read', 'viommu_stall'))),
            ('kcsan-driver', (*late, *ALL_OFF, f'{KERNEL_QUEUES} project')),
            ('kcsan-machine', (*late, *tests(*KCSAN_PROGRAMS)))]


def kexec():
    return [(name, boots.shutdown('kexec', more, options)) for name, more, options in boots.KEXEC_BOOTS]


def machine():
    return [('machine', boots.machine(*programs(machine=True))),
            ('one-sid', boots.machine(*tests('cmdqv_errors'), model='log2-sids=0')),
            *boots.topology(),
            *boots.smmus()]


def vmm(payload, *options):
    """The small VMM with a payload, which lies in / of the machine."""
    return shlex.join([os.path.join(VMM, 'vmm'), *options, f'/{payload}.bin'])


def kvm(*programs, kernel='fast', model=''):
    """A machine that can have virtual machines, with all payloads."""
    payloads = [word for path in sorted(glob.glob(os.path.join(VMM, '*.bin')))
                for word in ('--file', f'{path}:{os.path.basename(path)}')]
    return ('--kernel', kernel, '--virtualization', '--model', model, *TWO_DEVICES, *payloads, '--hugepages', '64',
            *programs)


# The kernel retires VINTF 1, because its second queue or itself does not stop: name, argument of the program,
# properties of the model, more options
RETIRED = (('vmm-refused-queue', 'refused', 'fault-vcmdq-disable-stuck=on,fault-vcmdq=3', ()),
           ('vmm-retired-queue', 'retired', 'fault-vcmdq-disable-stuck=on,fault-vcmdq=3', ()),
           ('vmm-retired-vintf', 'retired', 'fault-vintf-disable-stuck=on,fault-vintf=1',
            ('--expect-strict', 'cmdqv-off-vintf-on=1')))
HOTPLUG = os.path.join(VMM, 'hotplug')
SNAPSHOTS = os.path.join(VMM, 'snapshots')
# For programs that start it, where no other program does
VMM_FILE = ('--file', f'{VMM}/vmm:bin/vmm')


def two_guests():
    """A guest that breaks every rule, and one that breaks none."""
    return kvm(vmm('hostile', *GUEST_DEVICE), vmm('good', *GUEST_DEVICE))


def virtual_machines():
    return [('vmm', kvm(vmm('hello'), vmm('hello', '--cpus', '4'), vmm('cpus', '--cpus', '2', *GUEST_DEVICE),
                        vmm('ways', *GUEST_DEVICE), vmm('hostile', *GUEST_DEVICE), vmm('good', *GUEST_DEVICE),
                        os.path.join(VMM, 'neighbours'), HOTPLUG)),
            # The code of an error stays in CONS
            ('vmm-cons-err', kvm(vmm('hostile', *GUEST_DEVICE), HOTPLUG, SNAPSHOTS, model='alt-cons-err=kept')),
            *((name, kvm(*VMM_FILE, *options, '--keeps-pages', f'{HOTPLUG} {argument}', model=model))
              for name, argument, model, options in RETIRED),
            ('vmm-snapshots', kvm(*VMM_FILE, SNAPSHOTS))]


def alternatives(names):
    """The driver, programs, and virtual machines, with the other answer of each of these alternatives."""
    rows = experiments.model_rows()
    return [start for name in names for start in
            [*boots.alternative(name, rows[name][1]),
             (f'{name}-vmm', boots.answered((*two_guests(), '--timeout', '900'), name, rows[name][1]))]]


def whole_alternatives(names):
    """All boots of the suites machine, driver and vmm, with the other answer of each of these alternatives. With a seed
    some queues are faster than others, so a load has no even share of them."""
    rows = experiments.model_rows()
    return [(f'{name}-whole-{boot}', boots.answered(words, name, rows[name][1])) for name in names
            for boot, words in (*machine(), *boots.driver(), *virtual_machines())
            if name not in boots.LATE or not boot.startswith('driver-spread-')]


def barriers():
    """Each store to PROD needs a barrier before it: in this driver, the base's, programs and virtual machines."""
    base = boots.with_barriers('base', 4, *BASE_BREAKS, '--model', 'fault-illegal-command=3,fault-vcmdq=1',
                               f'{KERNEL_QUEUES} base 3')
    guests = kvm('--icount', '--barriers', '--timeout', '900', vmm('hostile', *GUEST_DEVICE), vmm('good', *GUEST_DEVICE))
    return [*boots.barriers(), ('barriers-base', base), ('barriers-vmm', guests)]


def ways():
    """The cost of an invalidation for a virtual machine, counted."""
    return kvm('--icount', vmm('ways', *GUEST_DEVICE))


def demo():
    """A program that owns a queue, counted."""
    return ('--kernel', 'fast', '--icount', '--model', '', *TWO_DEVICES, '--timeout', '600', *tests('cmdqv_demo'))
