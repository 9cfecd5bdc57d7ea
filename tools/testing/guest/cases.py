# SPDX-License-Identifier: GPL-2.0
"""The cases of guests under stock QEMU: one table; each boot of the machine selects rows of it.

guest-case runs a case in the machine and prints its results and a line "# case". Here is what is outside:
the disks, whose contents the machine cannot know, and the table of what happened.
"""

import functools
import hashlib
import os
import random
import re
import shlex

import image

BLOCK = 65536
DISK_BLOCKS = 256
READ_BLOCKS = 32                # guests read and compare them
FIRST_SLOT = 128                # guests write from here on, a block for each case
FRAMES, FRAME = 500, 1500        # guests send so many, each of this length
DISKS = ('blk', 'blk2', 'nvme')


class Case:
    """A row: its name, and the values that differ from the defaults of guest-case."""

    def __init__(self, name, **words):
        self.name = name
        self.words = words
        self.disk = words.get('device', 'blk')

    def has_queues(self):
        """Whether the guest has the same kernel as the machine, and queues of its own for its device."""
        return (self.words.get('cmdqv', 'on') == 'on' and 'kernel' not in self.words and
                'append' not in self.words)

    def program(self, slot, digest):
        """The words of its program."""
        pairs = {'name': self.name, 'slot': str(slot), 'sum': digest, **self.words}
        return [os.path.join(image.HERE, 'guest-case')] + [f'{key}={value}' for key, value in pairs.items()]


# In every make test
CASES = (
    Case('on-huge', memory='huge'),
    Case('on-private'),
    Case('off-private', cmdqv='off'),
    Case('on-reboot', action='reboot'),
)

# On demand
MORE_CASES = (
    Case('on-private-1cpu', cpus=1),
    Case('on-memfd', memory='memfd'),
    Case('on-file', memory='file'),
    Case('off-memfd', cmdqv='off', memory='memfd'),
    Case('off-huge', cmdqv='off', memory='huge'),
    Case('off-file', cmdqv='off', memory='file'),
    Case('auto-private', cmdqv='auto'),
    Case('auto-memfd', cmdqv='auto', memory='memfd'),
    Case('auto-huge', cmdqv='auto', memory='huge'),
    Case('auto-file', cmdqv='auto', memory='file'),
    Case('on-huge-1cpu', memory='huge', cpus=1),
    Case('off-private-1cpu', cmdqv='off', cpus=1),
    Case('on-nvme', device='nvme'),
    Case('on-base', device='dma', kernel='base'),
    Case('on-net', device='net', kernel='net'),
    Case('off-net', device='net', kernel='net', cmdqv='off'),
    Case('off-nvme', device='nvme', cmdqv='off'),
    Case('on-nvme-reset', device='nvme', action='reset'),
    Case('off-reboot', cmdqv='off', action='reboot'),
    Case('on-kexec', action='kexec', cpus=1),
    Case('on-kill', action='kill'),
    Case('on-replug', action='replug'),
    Case('on-two', action='two'),
    Case('on-passthrough', append='iommu.passthrough=1'),
    Case('on-disabled', append='arm_smmu_v3.disable_cmdqv=1'),
)


def chosen(names):
    """The rows with these names, or each one with "all"; a ValueError for a name that is not there."""
    every = {case.name: case for case in CASES + MORE_CASES}
    for name in names:
        if name not in [*every, 'all']:
            raise ValueError(f'no case {name}; there are: {" ".join(every)}, or all')
    return list(every.values()) if 'all' in names else [every[name] for name in names]


@functools.cache
def disk_contents():
    """The content of each disk before a case: the same bytes in every run."""
    return random.Random(1).randbytes(BLOCK * DISK_BLOCKS)


def disk_path(where, name):
    return os.path.join(where, f'{name}.disk')


def wire_path(where):
    return os.path.join(where, 'wire.pcap')


def devices(where):
    """Write the disks; return QEMU's words for them, and for the other devices."""
    words = []
    for name in DISKS:
        path = disk_path(where, name)
        with open(path, 'wb') as f:
            f.write(disk_contents())
        words += ['-drive', f'if=none,id={name},format=raw,file={path}', '-device',
                  f'nvme,serial=1,drive={name}' if name == 'nvme' else
                  f'virtio-blk-pci,disable-legacy=on,iommu_platform=on,drive={name}']
    for card in ('net', 'net2'):
        words += ['-netdev', f'hubport,id={card},hubid=0', '-device', f'e1000e,romfile=,netdev={card}']
    return words + ['-object', f'filter-dump,id=wire,netdev=net,file={wire_path(where)}']


def digest():
    """SHA-256 of the part of a disk that guests read."""
    return hashlib.sha256(disk_contents()[:READ_BLOCKS * BLOCK]).hexdigest()


def machine(where, kernel, of_guests=('fast',)):
    """The arguments of boot for the machine: its kernel, its devices, and the files for guests."""
    words = ['--kernel', kernel, '--virtualization', '--model', '', '--memory', '2G', '--hugepages', '112',
             '--device', 'pci-dma-test', '--device', 'pci-dma-test', '--expect-count', 'queues-on=0',
             '--archive', image.host_archive(of_guests)]
    return words + [f'--qemu-option={word}' for word in devices(where)]


def start(where, cases, kernel):
    """The arguments of boot for these cases."""
    of_guests = sorted({case.words.get('kernel', 'fast') for case in cases} | {'fast'})
    limits = ['--test-timeout', '900', '--timeout', str(600 + 300 * len(cases))]
    programs = [shlex.join(case.program(FIRST_SLOT + i, digest())) for i, case in enumerate(cases)]
    return machine(where, kernel, of_guests) + limits + programs


def wrong_blocks(where, cases, ran):
    """Blocks of the disks with wrong content: neither the data of their case nor, elsewhere, the old data."""
    wrong = []
    expected = {name: [disk_contents()[i * BLOCK:(i + 1) * BLOCK] for i in range(DISK_BLOCKS)]
                for name in DISKS}
    for i, case in enumerate(cases):
        line = f'{case.name}\n'.encode()
        if case.name in ran:
            expected[case.disk][FIRST_SLOT + i] = (line * (BLOCK // len(line) + 1))[:BLOCK]
    for name in DISKS:
        with open(disk_path(where, name), 'rb') as f:
            wrong += [f'block {i} of disk {name} is wrong' for i, block in enumerate(expected[name])
                      if f.read(BLOCK) != block]
    return wrong


def frames(where):
    """{(number, inverted)} of the right frames on the wire, and the number of wrong ones."""
    right, wrong = set(), 0
    with open(wire_path(where), 'rb') as f:
        data = f.read()
    at = 24                     # the header of the file; then 16 bytes in front of each frame
    while at + 16 <= len(data):
        length = int.from_bytes(data[at + 8:at + 12], 'little')
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        if frame[12:14] != b'\x88\xb5':
            continue
        number, invert = int.from_bytes(frame[14:18], 'big'), 0xff if frame[6] == 0x0a else 0
        body = bytes((number * 7 + i * 13) % 256 ^ invert for i in range(FRAME - 18))
        if frame[18:] == body:
            right.add((number, bool(invert)))
        else:
            wrong += 1
    return right, wrong


def wrong_frames(where, cases, ran):
    """Missing and wrong frames on the wire, if a case with a network card has run."""
    if not any(case.disk == 'net' and case.name in ran for case in cases):
        return []
    right, wrong = frames(where)
    missing = [f'no right frame {number}{" in answer" if invert else ""} on the wire'
               for number in range(FRAMES) for invert in (False, True) if (number, invert) not in right]
    return missing + ([f'{wrong} wrong frames on the wire'] if wrong else [])


def figures(results):
    """{case: {name: value}} of the lines "# case"."""
    found = {}
    for m in re.finditer(r'^\s*# case (\S+) (.*)$', results, re.M):
        found[m.group(1)] = dict(pair.split('=', 1) for pair in m.group(2).split())
    return found


def table(cases, results, log_problems):
    """The table of results, as text."""
    rows = figures(results)
    lines = [f'  {"case":<18}{"result":<8}{"seconds":>8}{"commands":>10}{"ioctls":>8}{"exits":>9}'
             f'{"strict":>8}{"splats":>8}']
    for i, case in enumerate(cases):
        row = rows.get(case.name, {})
        bad = not row or re.search(rf'^\s*not ok \d+ {re.escape(case.name)}:', results, re.M)
        cells = [row.get(key, '') or '-' for key in ('seconds', 'commands', 'ioctls', 'exits', 'strict')]
        splats = str(log_problems.get(i + 1, 0))
        lines.append(f'  {case.name:<18}{"FAIL" if bad else "pass":<8}{cells[0]:>8}{cells[1]:>10}{cells[2]:>8}'
                     f'{cells[3]:>9}{cells[4]:>8}{splats:>8}')
    return '\n'.join(lines)
