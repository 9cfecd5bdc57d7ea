# SPDX-License-Identifier: GPL-2.0
"""Boot configurations of the emulated machine, shared by scripts.

A boot is (name, arguments of tools/testing/machine/boot). build/results/NAME has its results.
"""

import glob
import os
import re
import subprocess

from project import BUILD, ROOT, read

# Results that scripts read, of this boot and of no earlier one
READ = ('counts', 'ktap', 'model')
BOOT = os.path.join(ROOT, 'tools/testing/machine/boot')
DMA_DEVICE = ('--device', 'pci-dma-test')
MODEL_DEVICE = 'tegra241-cmdqv-hw'
TESTS = os.path.join(BUILD, 'tests')
INSTALLED = os.path.join(BUILD, 'installed')
KERNEL_QUEUES = os.path.join(BUILD, 'machine', 'kernel-queues')
KERNEL_LOAD = os.path.join(BUILD, 'machine', 'kernel-load')
TRANSLATE = os.path.join(TESTS, 'cmdqv_translate')
BROKEN = os.path.join(TESTS, 'cmdqv_broken')
EXPERIMENTS = os.path.join(TESTS, 'cmdqv_experiments')
SHUTDOWN = os.path.join(TESTS, 'cmdqv_shutdown')
SMMU_FAILED = os.path.join(TESTS, 'cmdqv_smmu_failed')
SMMUS = os.path.join(TESTS, 'cmdqv_smmus')
CACHES = tuple(os.path.join(TESTS, name) for name in ('smmuv3_ats', 'smmuv3_hitless', 'smmuv3_silent'))
DUPLICATE = os.path.join(TESTS, 'smmuv3_duplicate')
ERRATUM = os.path.join(TESTS, 'smmuv3_erratum')
EVENTS = os.path.join(TESTS, 'smmuv3_events')
NESTED = os.path.join(TESTS, 'smmuv3_nested')
NO_CMDQV = os.path.join(TESTS, 'smmuv3_no_cmdqv')
FLOOD = os.path.join(TESTS, 'smmuv3_flood')
ISOLATION = os.path.join(TESTS, 'cmdqv_isolation')
STUCK = os.path.join(TESTS, 'smmuv3_stuck')
STUCK_ALLOC = os.path.join(TESTS, 'smmuv3_stuck_alloc')
UNMAP = os.path.join(TESTS, 'viommu_unmap')
# Kernel -> a program of the base's selftests, a test of it that fails there with the base alone, and why
BASE_LIMITS = {'rt': ('iommufd', 'area_auto_iova', 'PREEMPT_RT has no huge pages, and without them 6.12 aligns no IOVA')}
# Programs that the suites with all programs leave out
ALONE = ('ats_capability', 'cmdqv_broken', 'cmdqv_costs', 'cmdqv_demo', 'cmdqv_experiments', 'cmdqv_fuzz',
         'cmdqv_map_costs', 'cmdqv_shutdown', 'cmdqv_smmu_failed', 'cmdqv_smmus', 'cmdqv_unmap_costs', 'smmuv3_ats',
         'smmuv3_duplicate', 'smmuv3_hitless', 'smmuv3_mmu700', 'smmuv3_no_cmdqv', 'smmuv3_silent', 'smmuv3_slow',
         'smmuv3_stuck', 'smmuv3_stuck_alloc', 'smmuv3_write_back', 'viommu_fuzz', 'viommu_unmap')

# A machine with ATS, and with two devices that share a group
ATS = ('--acpi', os.path.join(BUILD, 'acpi', 'virt-iort-ats.aml'))
RESET_DEVICE = ('--device', 'pci-dma-test,flr=on')
GROUP_DEVICES = ('--device', 'pci-dma-test,addr=05.0,multifunction=on',
                 '--device', 'pci-dma-test,addr=05.1')

# A test device that only a reset of its bus resets
BUS_DEVICE = ('--device', 'pcie-root-port,id=port1,chassis=1,addr=06.0', '--device', 'pci-dma-test,bus=port1')

# Each test device behind a separate root port without ACS: the port is in its group
BRIDGED_DEVICES = [word for n in (1, 2) for word in
                   ('--device', f'pcie-root-port,id=port{n},chassis={n},addr=0{n + 3}.0,disable-acs=on',
                    '--device', f'pci-dma-test,bus=port{n}')]

# One test device behind a PCIe-to-PCI bridge, in the slot where a coarse map of requester IDs gives it the
# StreamID of its own alias; another beside the bridge
DUPLICATE_DEVICES = ('--device', 'pcie-pci-bridge,id=bridge,addr=04.0',
                     '--device', 'pci-dma-test,bus=bridge,addr=01.0',
                     '--device', 'pci-dma-test,addr=06.0')


def second_smmu(properties=''):
    """Another SMMU, for one test device behind a root port, with a CMDQ-V of another size. The other test
    device is behind the SMMU of the machine."""
    model = f'{MODEL_DEVICE},id=cmdqv1,primary-bus=port1,base=0x0a200000,spi=201,strict=on'
    size = 'log2-vintfs=5,log2-sids=2'
    return ('--device', 'pci-dma-test,addr=03.0', '--device', 'pcie-root-port,id=port1,chassis=1,addr=04.0',
            '--device', 'pci-dma-test,bus=port1',
            '--device', ','.join(filter(None, (model, size, properties))))


# Firmware that describes both SMMUs, each with its CMDQ-V
TWO_SMMUS = ('--ssdt', 'tegra241-cmdqv-two', '--acpi', os.path.join(BUILD, 'acpi', 'virt-iort-two.aml'))


# Replaces the kernels that the boots name
other_kernel = None


def results_name(name):
    """The name of a boot, with that of a replaced kernel."""
    return f'{os.path.basename(os.path.normpath(other_kernel))}-{name}' if other_kernel else name


def result(name, file):
    """The path of a file that a boot has left."""
    return os.path.join(BUILD, 'results', results_name(name), file)


def show(name, file, pattern):
    """Show those lines of a file that a boot has left which the pattern takes a part of."""
    if os.path.exists(result(name, file)):
        for line in re.findall(pattern, read(result(name, file)), re.M):
            print(f'          {line}')


def on_other_kernel(args):
    words = list(args)
    if other_kernel:
        words[words.index('--kernel') + 1] = other_kernel
    program, test, reason = BASE_LIMITS.get(other_kernel, ('', '', ''))
    for i, word in enumerate(words):
        if program and word.split(' ')[0] == os.path.join(TESTS, program):
            words[i] = f'{word} -T {test}'
            print(f'  SKIP    {program}: {test}: {reason}', flush=True)
    return words


def boot(name, *args, beside=False):
    """Boot the machine; returns its counts. A launcher that fails to run is one failure. One beside others says
    all that it has to say at its end."""
    for old in filter(os.path.exists, [result(name, file) for file in READ]):
        os.unlink(old)
    p = subprocess.run([BOOT, '--name', results_name(name), *on_other_kernel(args)], cwd=ROOT, text=True,
                       stdout=subprocess.PIPE if beside else None, stderr=subprocess.STDOUT if beside else None)
    if beside:
        print(p.stdout, end='', flush=True)
    try:
        with open(result(name, 'counts'), encoding='utf-8') as f:
            return tuple(int(n) for n in f.read().split())
    except FileNotFoundError:
        return 0, 1, 0


def installed(pattern='*'):
    """The test programs that the selftests' Makefile installs."""
    return [p for p in sorted(glob.glob(os.path.join(INSTALLED, pattern)))
            if os.access(p, os.X_OK) and os.path.isfile(p)]


def programs(machine, where=TESTS):
    """The test programs of the selftests: for the machine, or for the mock driver."""
    found = [p for p in sorted(glob.glob(os.path.join(where, '*')))
             if os.access(p, os.X_OK) and os.path.isfile(p) and os.path.basename(p) not in ALONE]
    return [p for p in found if os.path.basename(p).startswith(('cmdqv_', 'smmuv3_')) == machine]


# The queues of VINTFs 0 to 15
LEFT_ON = 'fault-boot-on=0xffffffff'
# The whole block is on out of reset, and off when the machine ends
ALL_OFF = ('--expect-count', 'block-on=0', '--expect-count', 'vintfs-on=0', '--expect-count', 'queues-on=0')

# An error of the second queue, whose interrupt also shows errors of queues and VINTFs that do not exist
ONE_ERROR = 'fault-illegal-command=1,fault-vcmdq=1'
NOT_THERE = ('fault-vintf-err-map=0x8000000000000004,fault-lvcmdq-err-map0=0x8000000000000000,'
             'fault-lvcmdq-err-map1=0x8000000000000001')
NOT_THERE_SAID = 'VINTF0: error of LVCMDQ63, which does not exist'

# The whole block does not go off, alone or with what a crashed kernel has left on
BLOCK_ON = ('--expect-count', 'block-on=1')
ALL_ON = (*BLOCK_ON, '--expect-count', 'vintfs-on=16', '--expect-count', 'queues-on=32',
          '--expect-strict', 'cmdq-on-queue-on=1', '--expect-strict', 'smmu-off-cmdqv-on=1')

# Name, properties of the model, arguments of the program, more options
DRIVER_BOOTS = (
    ('load', '', 'project'),
    ('errors', 'fault-illegal-command=3,fault-vcmdq=1', 'project 3'),
    # State that an earlier kernel may leave: queues allocated and in error
    ('left-over', 'fault-boot-error=0xffffffff', 'project'),
    # Errors of queues that do not exist, and of VINTFs without an owner
    ('error-maps', f'{ONE_ERROR},{NOT_THERE}', f'project 1 "{NOT_THERE_SAID}"'),
    # More VINTFs than queues, more StreamID slots than registers; below, more VINTFs than aperture
    ('param-queues', 'fault-param=0x4521', 'fallback'),
    ('param-sids', 'fault-param=0x5671', 'fallback'),
    # A kdump kernel, by the parameter that makes it one; its queues have one page
    ('kdump', '', 'project 0 "allocated 256 entries for vcmdq1"', '--append', 'elfcorehdr=0x50000000'),
    # The machine is itself a guest: VINTF 0 without HYP_OWN is all there is
    ('as-guest', 'hyp-own=off,log2-vintfs=0,log2-vcmdqs=1', 'project'),
    # A kernel that crashed has left queues and VINTFs on
    ('left-on', LEFT_ON, 'project'),
    ('left-on-kept', f'{LEFT_ON},alt-levels=keep', 'project'),
    ('left-on-disabled', LEFT_ON, 'fallback', '--append', 'arm_smmu_v3.disable_cmdqv=1'),
    ('left-on-param', f'{LEFT_ON},fault-param=0x4771', 'fallback'),
    ('left-on-no-interrupt', LEFT_ON, 'project 0 "no interrupt: errors will not be reported"',
     '--ssdt', 'tegra241-cmdqv-no-interrupt'),
    # The interrupt has another owner
    ('left-on-busy-interrupt', LEFT_ON, 'fallback 0 "failed to request irq"',
     '--ssdt', 'tegra241-cmdqv-busy-interrupt'),
    # The whole block does not go on, or does not go off
    ('enable-stuck', 'fault-cmdqv-enable-stuck=on', 'dead 0 "failed to enable"'),
    ('left-on-enable-stuck', f'{LEFT_ON},fault-cmdqv-enable-stuck=on', 'dead 0 "failed to enable"'),
    ('disable-stuck', 'fault-cmdqv-disable-stuck=on', 'dead 0 "does not start: -110"', *BLOCK_ON),
    ('left-on-disable-stuck', f'{LEFT_ON},fault-cmdqv-disable-stuck=on', 'dead 0 "does not start: -110"', *ALL_ON),
    # A device that does not answer, in the SMMU's own queue. A processor that waits for that queue with
    # interrupts off may have to handle the error itself, and times out before
    ('atc-timeout', 'ats=on,fault-main-atc-timeout=3', 'fallback 0 "ATC invalidate timeout"', *ATS,
     '--append', 'arm_smmu_v3.disable_cmdqv=1', '--expect-count', 'main error3=3',
     '--expect-log', 'CMDQ error|CMD_SYNC timeout'),
)

# Resources that firmware may lack: name, option, argument of the program
DISCOVERY_BOOTS = (
    ('no-interrupt', ('--ssdt', 'tegra241-cmdqv-no-interrupt'),
     'project 0 "no interrupt: errors will not be reported"'),
    ('no-memory', ('--ssdt', 'tegra241-cmdqv-no-memory'), 'fallback 0 "no memory resource"'),
    ('device-tree', ('--dt', os.path.join(ROOT, 'tools/testing/qemu/tegra264-cmdqv.dtso')), 'project'),
)

# The SMMU of the machine is one of Tegra264, and the other is not
ANOTHER_SMMU = os.path.join(ROOT, 'tools/testing/qemu/tegra264-and-another.dtso')
# Without firmware tables the kernel finds the SMMUs after the root port, and turns no ACS on for them. The device
# would be in the group of the port, which is behind the other SMMU
PORT_ACS = 'pci=config_acs=0011101@0000:00:04.0'
# CMDQ-V and test device of each of two SMMUs
TWO_COMPANIONS = (('NVDA200C:00', '0000:00:03.0'), ('NVDA200C:01', '0000:01:00.0'))

# Processors, properties of the model: 8 queues for each VINTF, or 2 as in the others
SPREAD_BOOTS = ((1, 'log2-vintfs=4'), (4, 'log2-vintfs=4'), (8, 'log2-vintfs=4'), (8, ''))

# IOMMUs of a PC, with ATS and interrupt remapping
PC_IOMMUS = (('intel', 'intel-iommu,device-iotlb=on,intremap=on', 'intel_iommu=on'),
             ('amd', 'amd-iommu,device-iotlb=on,intremap=on', ''))

# Mode of cmdqv_broken, the fault that it needs, and the rules that this fault breaks; -late: the hardware answers
# late
BROKEN_BOOTS = (
    ('queue-off', 'fault-vcmdq-disable-stuck=on,fault-vcmdq=2', {}),
    ('race', 'fault-guest-enable=1,fault-vcmdq=2', {}),
    # Where BASE reads as it was written, although the queue runs on what was there before
    ('race-base', 'fault-guest-enable-base=1,fault-vcmdq=2,alt-base-live=stored', {}),
    ('race-base-late', 'fault-guest-enable-base=1,fault-vcmdq=2,seed=1', {}),
    ('vintf-off', 'fault-vintf-disable-stuck=on,fault-vintf=1', {'cmdqv-off-vintf-on': 1}),
    ('vintf-on', 'fault-vintf-enable-stuck=on,fault-vintf=1', {}),
)

# A queue is full for long
SLOW = 'fault-slow-ns=1000000'
# A scan for leaks takes minutes beside guests that never pause
NO_SCAN = ('--append', 'kmemleak=off')

# The machine shuts down, or starts another kernel, under guests with full queues: name, programs after the
# guests, options
SHUTDOWN_BOOTS = (
    ('driver-shutdown', (), NO_SCAN),
    ('driver-kexec', ('kexec', f'{SHUTDOWN} next', TRANSLATE), ('--smp', '1')),
)

# The same with several processors, on another kernel
KEXEC_BOOTS = (('kexec', ('kexec', f'{SHUTDOWN} next', TRANSLATE), ()),)

# VINTF 0 neither starts a queue nor goes off; the whole block goes off while it is on
DEAD_MODEL = 'fault-vintf-disable-stuck=on,fault-vcmdq-enable-stuck=on,fault-vintf=0'


# Arguments that a program must refuse, and words of its error line
REFUSALS = (
    ('SEED is not a number', 'cmdqv_fuzz x'),
    ('SEED is not a number', 'cmdqv_fuzz -1 10'),
    ('CALLS is not a number', 'cmdqv_fuzz 1 0'),
    ('usage: [SEED [CALLS]]', 'cmdqv_fuzz 1 2 3'),
    ('SEED is not a number', 'viommu_fuzz 18446744073709551616'),
    ('CALLS is not a number', 'viommu_fuzz 1 " 2"'),
    ('SECONDS is not a number', 'viommu_stress ""'),
    ('SECONDS is not a number', 'viommu_stress 1s'),
    ('SECONDS is not a number', 'viommu_stress 99999999'),
    ('neither "next" nor nothing', 'cmdqv_shutdown previous'),
    ('no mode "all"', 'cmdqv_broken all'),
)
VMM_REFUSALS = (
    ('no PAYLOAD', ''),
    ('more than one PAYLOAD', 'one two'),
    ('--cpus is not a number', '--cpus 9 one'),
    ('--cpus is not a number', '--cpus "" one'),
    ('--memory is not an even number', '--memory 3 one'),
    ('--memory is not an even number', '--memory 1e3 one'),
    ('--device is not', '--device 1234 one'),
    ('--device is not', '--device 1234:1d4a:x one'),
    ('--unplugged needs a --device', '--unplugged one'),
    ('unrecognized option', '--frob one'),
    ('requires an argument', '--cpus'),
    ('a PAYLOAD with --restore', '--restore one two'),
    ('--cpus, --memory or --unplugged with --restore', '--memory 32 --restore one'),
    # The file is looked at first
    ('not a snapshot', '--restore /init'),
    ('No such file', '--restore /none'),
    # Without KVM, which needs --virtualization
    ('/dev/kvm', '/none'),
)


def refusals(vmm):
    """Programs with wrong arguments."""
    found = [(words, os.path.join(INSTALLED, text)) for words, text in REFUSALS]
    found += [(words, f'{vmm} {text}') for words, text in VMM_REFUSALS]
    return [word for words, text in found for word in ('--expect-refusal', words, text)]


# Machines without a requirement of these programs: name, options, programs. There is no /dev/iommu without
# iommufd_init()
ABSENT_BOOTS = (
    ('absent-iommufd', ('--append', 'initcall_blacklist=iommufd_init'), '*'),
    ('absent-devices', (), '*'),
    ('absent-cmdqv', (*DMA_DEVICE, *DMA_DEVICE), '*'),
    ('absent-driver', (*DMA_DEVICE, *DMA_DEVICE, '--model', '', '--append', 'arm_smmu_v3.disable_cmdqv=1'),
     'cmdqv_*'),
)


def spread(cpus, model):
    """DMA mapping load on this number of processors, which take turns under -icount."""
    return ('--kernel', 'fast', '--icount', '--smp', str(cpus), '--model', model, *DMA_DEVICE,
            '--timeout', '300', KERNEL_LOAD)


def shutdown(kernel, more, options, devices=(*DMA_DEVICE, *DMA_DEVICE)):
    """Guests with full queues under a shutdown of the machine or another kernel."""
    # Requests of a VMM to an SMMU that is off time out, also in the base
    return ('--kernel', kernel, '--model', SLOW, *devices,
            '--memory', '3G', '--keeps-pages', '--expect-count', 'queues-on=0', '--expect-log', 'CMD_SYNC timeout',
            *options, '--timeout', '900', SHUTDOWN, *more)


def driver():
    """Queues of the kernel, and hardware that describes itself wrongly or does not answer."""
    found = [(f'driver-{name}', ('--kernel', 'fast', '--model', model, *DMA_DEVICE, *ALL_OFF, *options,
                                 '--timeout', '300', f'{KERNEL_QUEUES} {arguments}'))
             for name, model, arguments, *options in DRIVER_BOOTS]
    found += [(f'driver-{name}', ('--kernel', 'fast', '--model', '', *options, *DMA_DEVICE,
                                  '--timeout', '300', f'{KERNEL_QUEUES} {arguments}'))
              for name, options, arguments in DISCOVERY_BOOTS]
    found += [(f'driver-spread-{cpus}{"" if model else "-two-queues"}', spread(cpus, model))
              for cpus, model in SPREAD_BOOTS]
    found.append(('driver-device-tree-guest',
                  ('--kernel', 'debug', '--model', '', *DISCOVERY_BOOTS[-1][1], *DMA_DEVICE, *DMA_DEVICE,
                   '--memory', '2G', '--timeout', '600',
                   *(os.path.join(TESTS, name) for name in ('cmdqv_translate', 'smmuv3_erratum')))))
    found.append(('driver-device-tree-erratum',
                  (*seed_options(1), *DISCOVERY_BOOTS[-1][1], *DMA_DEVICE, *DMA_DEVICE,
                   '--model', 'seed=1,erratum=on', f'{NESTED} -t stage2_unmap')))
    found.append(('driver-device-tree-two-smmus',
                  ('--kernel', 'debug', '--model', '', '--dt', ANOTHER_SMMU, *second_smmu(), '--memory', '2G',
                   '--append', PORT_ACS, '--timeout', '600', ERRATUM)))
    both = f'{LEFT_ON},{ONE_ERROR},{NOT_THERE}'
    found.append(('driver-two-smmus',
                  ('--kernel', 'fast', '--model', both, *second_smmu(both), *TWO_SMMUS, *ALL_OFF, '--timeout', '300',
                   *(f'{KERNEL_QUEUES} project 1 "{companion}: tegra241_cmdqv: {NOT_THERE_SAID}" {device}'
                     for companion, device in TWO_COMPANIONS))))
    found.append(('driver-dead',
                  ('--kernel', 'debug', '--model', DEAD_MODEL, *DMA_DEVICE,
                   '--expect-strict', 'cmdqv-off-vintf-on=1', '--timeout', '300',
                   f'{KERNEL_QUEUES} dead 0 "VINTF0: does not answer"')))
    found.append(('driver-not-offered',
                  ('--kernel', 'debug', '--model', 'fault-cmdqv-enable-stuck=on', *DMA_DEVICE, *DMA_DEVICE, *ALL_OFF,
                   '--memory', '2G', '--timeout', '600', NO_CMDQV)))
    for name, model, rules in BROKEN_BOOTS:
        expect = [word for rule, n in rules.items() for word in ('--expect-strict', f'{rule}={n}')]
        late = ('--icount',) if 'seed=' in model else ()
        found.append((f'driver-{name}',
                      ('--kernel', 'debug', '--model', model, *DMA_DEVICE, *DMA_DEVICE, *expect, *late,
                       '--keeps-pages', '--timeout', '600', f'{BROKEN} {name.removesuffix("-late")}')))
    found.append(('driver-smmu-failed',
                  ('--kernel', 'debug', '--model', 'fault-sfm=3,fault-vcmdq=2', *DMA_DEVICE, *DMA_DEVICE, *ALL_OFF,
                   '--timeout', '600', SMMU_FAILED)))
    found += [(name, shutdown('debug', more, options)) for name, more, options in SHUTDOWN_BOOTS]
    return found + [('driver-two-smmus-shutdown',
                     shutdown('debug', (), (*NO_SCAN, *TWO_SMMUS), second_smmu(SLOW)))]


# Programs that see a stale translation, or a queue that is given up too early
SEED_PROGRAMS = ('cmdqv_isolation', 'cmdqv_teardown', 'cmdqv_translate', 'smmuv3_nested')
SEED_CPUS = (1, 2, 4)


def seed_cpus(seed):
    """The number of processors of a seed."""
    return SEED_CPUS[seed % len(SEED_CPUS)]


def seed_unmapped(seed):
    """With an even seed queues run on that are unmapped while they are on."""
    return 'stops' if seed % 2 else 'runs'


def seed_model(seed):
    """Properties of the model: commands have their effect late, by the seed."""
    return f'seed={seed},poison=on,alt-unmapped={seed_unmapped(seed)}'


def seed_options(seed, properties=''):
    """With these properties beside. Under -icount the same seed is the same run."""
    return ('--kernel', 'fast', '--icount', '--smp', str(seed_cpus(seed)),
            '--model', ','.join(filter(None, (seed_model(seed), properties))), '--memory', '2G',
            '--timeout', '900')


# Seeds take them in turn: properties of the model, arguments of the program
SEED_DRIVERS = (('', 'project'), (LEFT_ON, 'project'), ('fault-illegal-command=3,fault-vcmdq=1', 'project 3'))


def seed_driver(seed):
    """The boot of the driver whose turn it is. A single processor waits for its queue with interrupts off, so it
    cannot repair it: it takes the first in place of the last."""
    turn = seed // len(SEED_CPUS) % len(SEED_DRIVERS)
    return SEED_DRIVERS[0 if seed_cpus(seed) == 1 and turn == len(SEED_DRIVERS) - 1 else turn]


def seeds(seed):
    """The driver, and programs that use what it gives them, with late effects."""
    properties, arguments = seed_driver(seed)
    devices = (*DMA_DEVICE, *DMA_DEVICE)
    return [(f'seed-{seed}-driver',
             (*seed_options(seed, properties), *devices, *ALL_OFF, f'{KERNEL_QUEUES} {arguments}')),
            (f'seed-{seed}-machine',
             (*seed_options(seed), *devices, *(os.path.join(TESTS, name) for name in SEED_PROGRAMS)))]


# Programs that drive queues of their own, and repair them
BARRIER_PROGRAMS = ('cmdqv_isolation', 'cmdqv_queue', 'cmdqv_translate')


def with_barriers(kernel, cpus, *more):
    """Options for a boot in which each store to PROD needs a barrier before it."""
    return ('--kernel', kernel, '--icount', '--barriers', '--smp', str(cpus), '--memory', '2G', '--timeout', '900',
            *DMA_DEVICE, *more)


def barriers():
    """Queues of the kernel on several processors, a repair of them, and queues of programs. Each published entry
    of the kernel was stored before."""
    unseen = ('--expect-count', 'unseen-entries=0')
    return [('barriers-load', with_barriers('fast', 4, '--model', '', *unseen, f'{KERNEL_QUEUES} project')),
            ('barriers-errors', with_barriers('fast', 2, '--model', 'fault-illegal-command=3,fault-vcmdq=1', *unseen,
                                              f'{KERNEL_QUEUES} project 3')),
            ('barriers-programs', with_barriers('fast', 2, *DMA_DEVICE, '--model', '',
                                                *(os.path.join(TESTS, name) for name in BARRIER_PROGRAMS)))]


# Answers with which hardware takes what these variants of cmdqv_isolation want to be refused
NOT_REFUSED = {'alt-cs': ('sync_irq', 'sync_sev'), 'alt-sid-miss': ('unknown_sid',)}


# Answers that differ only where STATUS is late
LATE = ('alt-off-late', 'alt-superseded')
# Properties without which an answer does not differ from the default: only a queue that runs on can have an error
BESIDE = {**dict.fromkeys(LATE, 'seed=1'), 'alt-unmapped-edge': 'alt-unmapped=runs'}
# Two processors take turns in one thread of the host. A boot with its own --smp keeps it; each limit of time is
# multiplied by MORE_TIME
IN_TURN, MORE_TIME = ('--icount', '--smp', '2', '--timeout', '600'), 3


def answered(words, name, answer):
    """The words of a boot, with this answer of each hardware model whose properties do not give one."""
    late = name in LATE and not any('seed=' in word for word in words)
    if late:
        words = (*IN_TURN, *words)
    without = ''.join(f' -V {variant}' for variant in NOT_REFUSED.get(name, ()))
    found = []
    for before, word in zip(('', *words), words):
        device, _, own = word.partition(',') if word.startswith(f'{MODEL_DEVICE},') else ('', '', word)
        if word == ISOLATION:
            word += without
        elif late and before == '--timeout':
            word = str(MORE_TIME * int(word))
        elif device or before == '--model':
            given = [one for one in (f'{name}={answer}', BESIDE.get(name, '')) if f'{one.partition("=")[0]}=' not in own]
            word = ','.join(filter(None, (device, *given, own)))
        found.append(word)
    return tuple(found)


def alternative(name, answer):
    """Open behaviour of the hardware, with an answer that is not the default of the hardware model."""
    common = ('--kernel', 'fast', *DMA_DEVICE, *DMA_DEVICE, '--memory', '2G', '--timeout', '900', '--model')
    found = [('driver', ('', *ALL_OFF, f'{KERNEL_QUEUES} project')),
             ('left-on', (LEFT_ON, *ALL_OFF, f'{KERNEL_QUEUES} project')),
             ('machine', ('', *(os.path.join(TESTS, program) for program in SEED_PROGRAMS)))]
    return [(f'{name}-{boot}', answered((*common, *words), name, answer)) for boot, words in found]


def retired_experiments():
    """The first queue of VINTF 1 does not stop."""
    return ('--kernel', 'fast', *DMA_DEVICE, *DMA_DEVICE, '--memory', '2G', '--timeout', '600',
            '--append', 'arm_smmu_v3.cmdqv_experiments=1', '--model',
            'strict=off,fault-vcmdq-disable-stuck=on,fault-vcmdq=2', f'{EXPERIMENTS} --retired safe')


def experiments(model, *names, kernel='fast'):
    """Questions to the hardware model, which breaks no order rule with them. The queue of the experiments, the first
    of VINTF 1, is slow, so that some commands are left when it is disabled."""
    return ('--kernel', kernel, *DMA_DEVICE, *DMA_DEVICE, *ATS, '--memory', '2G', '--timeout', '600',
            '--append', 'arm_smmu_v3.cmdqv_experiments=1', '--model',
            ','.join(filter(None, ['strict=off,ats=on,fault-vcmdq=2,fault-slow-ns=20000', model])),
            ' '.join([EXPERIMENTS, 'safe', *names]))


# Programs that need neither DMA on command nor the hardware model, and their tests
DEVICE_PROGRAMS = (
    ('cmdqv_device',),
    ('cmdqv_errors', 'viommu_data', 'viommu_ids', 'vdevice', 'hw_queue_index', 'hw_queue_size', 'hw_queue_request',
     'hw_queue_memory', 'page0_mmap'),
    ('cmdqv_leak', 'vintf_ids', 'pinned_pages', 'queue_pins', 'closed_without_teardown'),
    ('cmdqv_queue', 'no_system_call', 'disable_enable'),
    ('cmdqv_state',),
    ('cmdqv_teardown',),
)


def device_programs():
    """Words of each of them."""
    return [[os.path.join(TESTS, name), *(word for test in chosen for word in ('-t', test))]
            for name, *chosen in DEVICE_PROGRAMS]


def device(address):
    """The same with an NVMe at this address; its driver is off."""
    return ('--kernel', 'fast', '--device', f'nvme,serial=1,addr={address[-4:]}', '--memory', '2G', '--timeout', '900',
            '--append', f'initcall_blacklist=nvme_init CMDQV_DEVICE={address}', '--model', '',
            *(' '.join(words) for words in device_programs()))


# A queue that stands at a CMD_SYNC: name, kernel, nanoseconds, programs, knob, more options. The driver waits for a
# second. The SMMU's own queue has the commands of all processors; so has one queue of CMDQ-V, if a VINTF has no more
BYPASS = ('--append', 'arm_smmu_v3.bypass_vcmdq=1')
STUCK_BOOTS = (
    ('stuck', 'debug', 2500000000, (f'{STUCK} -v first', STUCK_ALLOC), 'fault-main-sync-late', BYPASS),
    ('stuck-briefly', 'fast', 100000000, (f'{STUCK} -T second_chance',), 'fault-main-sync-late', BYPASS),
    ('stuck-vcmdq', 'fast', 2500000000, (STUCK,), 'log2-vcmdqs=6,fault-vintf=0,fault-sync-late', ()),
)


def stuck(kernel, ns, programs, knob, options):
    """Each CMD_SYNC behind an ATC_INV that is not answered completes so late. The waits of the driver and of the SMMU
    need one clock; a kernel with all checkers needs more instructions for each of its ticks."""
    slow = '4' if kernel == 'debug' else '6'
    late = ('--expect-log', 'CMD_SYNC timeout') if ns > 1000000000 else ()
    return ('--kernel', kernel, '--icount', '--slow', slow, *RESET_DEVICE, *RESET_DEVICE, '--memory', '2G',
            '--smp', '3', '--timeout', '900', '--test-timeout', '900', *late, *ATS, *options, '--model',
            f'ats=on,{knob}=4294967295,fault-sync-late-ns={ns},fault-sync-unanswered=on', *programs)


def topology():
    """Devices behind bridges of all kinds, with ATS, in one group, and behind two SMMUs."""
    common = ('--kernel', 'debug', '--model', '', '--memory', '2G', '--timeout', '900')
    # The first queue of VINTF 1
    slow = 'ats=on,fault-vcmdq=2,fault-slow-ns=10000000'
    # Its commands, and the driver's limit for them, need one clock
    return [('ats-slow', ('--icount', *machine_ats(os.path.join(TESTS, 'smmuv3_slow'), model=slow))),
            ('bridge', (*common, *BRIDGED_DEVICES, EVENTS)),
            ('duplicate-sid', (*common, *DUPLICATE_DEVICES, '--dt',
                               os.path.join(ROOT, 'tools/testing/qemu/duplicate-sid.dtso'), DUPLICATE)),
            ('machine-ats', machine_ats(*CACHES)),
            *((name, stuck(*row)) for name, *row in STUCK_BOOTS),
            ('two-smmus', (*common, *second_smmu(), *TWO_SMMUS, SMMUS, ISOLATION))]


# Other SMMUs: name, properties of the model, programs
SMMU_BOOTS = (
    # Arm's MMU-700, with the errata and without
    ('smmu-mmu700-r0p0', 'smmu-iidr=0x4870043b', ('smmuv3_mmu700',)),
    ('smmu-mmu700-r1p1', 'smmu-iidr=0x4871143b', ('smmuv3_mmu700',)),
    # Neither S2FWB nor CANWBS
    ('smmu-no-fwb', 'fwb=off', ('smmuv3_write_back',)),
    # No range invalidation
    ('smmu-no-ranges', 'ril=off', ('smmuv3_nested', 'smmuv3_unmap')),
)


def smmus():
    """SMMUs with other features than the emulated one: short programs, without a scan for leaks."""
    return [(name, machine(*(os.path.join(TESTS, program) for program in programs), model=model, kernel='fast'))
            for name, model, programs in SMMU_BOOTS]


def no_preemption():
    """Code that must reschedule, on a kernel without preemption; a stall of a second is a soft lockup. With
    -icount the guest of the flood is faster than the thread that handles it."""
    common = ('--kernel', 'none', '--icount', '--memory', '2G', '--append', 'watchdog_thresh=1',
              '--timeout', '3600', '--test-timeout', '1800')
    return [('preempt-flood', (*common, '--smp', '2', '--model', '', *DMA_DEVICE, *DMA_DEVICE, FLOOD)),
            ('preempt-unmap', (*common, UNMAP))]


def mock(*tests, kernel='debug'):
    """Programs on the mock driver, which need no more than instructions: the same on every host."""
    return ('--kernel', kernel, '--icount', '--hugepages', '80', '--default-hugepages', '4',
            '--memory', '2G',
            '--timeout', '3600', '--test-timeout', '1800', *tests)


def pc_iommu(iommu, append, *tests):
    """Programs on a PC with an IOMMU, and with two devices of which one has ATS."""
    devices = [iommu]
    for port, ats in enumerate(('on', 'off')):
        devices += [f'pcie-root-port,id=port{port},chassis={port}',
                    f'virtio-rng-pci,bus=port{port},disable-legacy=on,iommu_platform=on,ats={ats}']
    words = [word for device in devices for word in ('--device', device)]
    return ('--pc', '--kernel', 'x86', *words, '--append', append, '--timeout', '600', *tests)


def machine(*tests, model='', kernel='debug'):
    """Programs on the hardware model."""
    return ('--kernel', kernel, *DMA_DEVICE, *DMA_DEVICE, '--memory', '2G', '--timeout', '3600',
            '--test-timeout', '1800', '--model', model, *tests)


def machine_ats(*tests, model='ats=on'):
    """Programs on the hardware model with ATS, with devices that share a group, and with one behind a root port."""
    # A device that answers no ATC_INV makes a CMD_SYNC on the processor of the handler wait in vain
    return ('--kernel', 'debug', *RESET_DEVICE, *GROUP_DEVICES, *BUS_DEVICE, '--memory', '2G', '--timeout', '3600',
            '--test-timeout', '1800', '--expect-log', 'CMD_SYNC timeout', '--model', model, *ATS, *tests)
