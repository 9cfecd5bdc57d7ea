# SPDX-License-Identifier: GPL-2.0
"""Tests of wrong input: each command and variable that README and make help name.

A command runs in a copy of the project in which nothing was built. It has to end with one line that has the
given words, beside those in which make itself gives up, with an exit code that is not 0, and must leave every
file as it was. Commands with odd but good input stand in a table of their own.

base, apply and unapply have tests of their own (test_unpack_base, test_user_tree); programs for the emulated machine
are started there (suite absent).
"""

import functools
import gzip
import lzma
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import unittest

from project import ROOT, git_files, write
import variables

ARM64 = '''#
# Automatically generated file; DO NOT EDIT.
# Linux/arm64 6.12.95 Kernel Configuration
#
CONFIG_ARM64=y
CONFIG_LOCALVERSION="a b"
# CONFIG_PCI is not set
# end of Kernel hacking
'''
X86 = ARM64.replace('arm64', 'x86').replace('CONFIG_ARM64', 'CONFIG_X86')
IMAGE = bytes(56) + b'ARM\x64' + bytes(64)


def pe(machine):
    return b'MZ' + bytes(58) + struct.pack('<I', 64) + b'PE\0\0' + struct.pack('<H', machine) + bytes(64)


def elf(machine, kind):
    """A program with one program header of this kind."""
    return (b'\x7fELF\2\1\1' + bytes(9) + struct.pack('<HHIQQQIHHHHHH', 2, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
            + struct.pack('<I', kind) + bytes(52))


FILES = {
    'binary': b'CONFIG_ARM64=y\n' + bytes(range(256)),
    'crlf': ARM64.replace('\n', '\r\n').encode(),
    'damaged.gz': gzip.compress(ARM64.encode())[:-12],
    'defconfig': b'CONFIG_PCI=y\n',
    'empty': b'',
    'half': ARM64[:120].encode(),
    'half-line': ARM64.encode()[:-4],
    'huge': b'# CONFIG_A is not set\n' * 800000,
    'it\'s "my" config': ARM64.encode(),
    'my config': ARM64.encode(),
    'packed.gz': gzip.compress(ARM64.encode()),
    'packed.xz': lzma.compress(ARM64.encode()),
    'page': b'<html>not found</html>\n',
    'options of x86': b'CONFIG_64BIT=y\nCONFIG_X86_MCE=y\n',
    'riscv': b'CONFIG_RISCV=y\n',
    'x86': X86.encode(),
    'Image': IMAGE,
    'Image.x86': pe(0x8664),
    'dynamic': elf(183, 3),
    'program': elf(183, 1),
    'program.x86': elf(62, 1),
    'script': b'#!/bin/sh\n',
}

# Options in front of what a case of boot is about, and what follows: as far as a start gets without QEMU
BOOT = ('tools/testing/machine/boot', '--name', 'x', '--kernel', '{}/Image')
LIB = ('make', '-C', 'tools/lib/viommu')

# Command and variables as one list; words that the line has to have
REFUSED = [
    # The door, and make
    (['./run', 'nosuch'], 'no target "nosuch"'),
    (['./run', 'test', ''], 'no target ""'),
    (['./run', 'te st'], 'no target "te st"'),
    (['./run', '.PHONY'], 'no target ".PHONY"'),
    (['make', 'nosuch'], "No rule to make target 'nosuch'"),
    (['make', 'tree', 'JOBS=0'], 'JOBS is not a number'),
    (['make', 'tree', 'JOBS=two'], 'JOBS is not a number'),
    (['make', 'tree', 'JOBS=2 2'], 'JOBS is not a number'),
    (['make', 'tree', 'JOBS=-1'], 'JOBS is not a number'),
    (['make', 'tree', 'JOBS=99999999999999999999999'], 'JOBS is not a number'),
    (['make', 'model', 'JOBS=2x'], 'JOBS is not a number'),
    (['make', 'probe', 'EXPERIMENTS=levels'], 'EXPERIMENTS: "levels" is not one of: base-zero'),
    (['make', 'probe', 'EXPERIMENTS=width nosuch'], 'EXPERIMENTS: "nosuch" is not one of'),
    (['make', 'probe', 'DEVICE=01:00.0'], 'DEVICE is not an address'),
    (['make', 'probe', 'DEVICE=0009:01:20.0'], 'DEVICE is not an address'),
    # Configurations
    (['make', 'deb', 'CONFIG={}/none'], 'No such file'),
    (['make', 'deb', 'CONFIG={}/x86'], 'for x86; this is built for arm64'),
    (['make', 'deb', 'CONFIG={}/riscv'], 'another architecture (CONFIG_RISCV=y)'),
    (['make', 'deb', 'CONFIG={}/options of x86'], 'another architecture (CONFIG_X86_MCE=y)'),
    (['make', 'deb', 'CONFIG={}/empty'], 'is empty'),
    (['make', 'deb', 'CONFIG={}/directory'], 'is a directory'),
    (['make', 'deb', 'CONFIG=/dev/null'], 'no regular file'),
    (['make', 'deb', 'CONFIG={}/crlf'], 'line endings of DOS'),
    (['make', 'deb', 'CONFIG={}/packed.xz'], 'compressed with xz'),
    (['make', 'deb', 'CONFIG={}/damaged.gz'], 'damaged or truncated gzip'),
    (['make', 'deb', 'CONFIG={}/binary'], 'is binary'),
    (['make', 'deb', 'CONFIG={}/half'], 'is truncated'),
    (['make', 'deb', 'CONFIG={}/half-line'], 'is truncated'),
    (['make', 'deb', 'CONFIG={}/huge'], 'is larger than'),
    (['make', 'deb', 'CONFIG={}/page'], 'line 1 is none of a kernel configuration'),
    (['make', 'deb', 'CONFIG={}/my config', 'LSMOD={}/none'], 'no output of lsmod'),
    (['make', 'deb', 'CONFIG={}/my config', 'LSMOD={}/my config'], 'no output of lsmod'),
    (['scripts/package/deb', ' '], 'No such file'),
    (['make', 'deb', 'CONFIG={}/my config', 'SOURCE_DATE_EPOCH=today'], 'SOURCE_DATE_EPOCH is not a number'),
    (['KDEB_COMPRESS=rar', 'scripts/package/deb', '{}/my config'], 'KDEB_COMPRESS is none of'),
    (['scripts/package/deb', '--frob'], 'no option --frob'),
    (['scripts/package/deb', '{}/my config', 'a', 'b'], '3 arguments'),
    (['scripts/package/deb', '{}/my config', '{}/a b'], 'does not take a directory with blanks'),
    (['scripts/package/kernel_config.py'], 'one FILE'),
    # Numbers and switches
    (['make', 'fuzz', 'SEED=x'], 'SEED is not a number'),
    (['make', 'fuzz', 'SEED=1 2'], 'SEED is not a number'),
    (['make', 'fuzz', 'SEED=18446744073709551616'], 'SEED is not a number'),
    (['make', 'fuzz', 'CALLS=0'], 'CALLS is not a number'),
    (['tools/testing/machine/fuzz', '1', '2'], 'at most one argument'),
    (['tools/testing/machine/fuzz', "it's"], 'SEED is not a number'),
    (['tools/testing/machine/fuzz', ''], 'SEED is not a number'),
    (['CALLS=many', 'tools/testing/machine/fuzz', '1'], 'CALLS is not a number'),
    (['make', 'test-alternatives', 'ALTERNATIVES=alt-slot alt-nosuch'], 'no alternative alt-nosuch'),
    (['make', 'test-alternatives', 'WHOLE=0'], 'WHOLE is not 1'),
    (['ALTERNATIVES= ', 'scripts/variables.py', 'ALTERNATIVES'], 'ALTERNATIVES is blank'),
    (['make', 'test-model', 'KERNEL=nonsense'], 'No such file'),
    (['make', 'test-model', 'KERNEL={}/directory'], 'is a directory'),
    (['make', 'test-model', 'KERNEL={}/page'], 'is no kernel image'),
    (['make', 'test-model', 'KERNEL={}/Image.x86'], 'is a kernel for x86_64, not for arm64'),
    (['make', 'test-model', 'KERNEL={}/Image', 'SEEDS=0'], 'SEEDS is not a number'),
    (['make', 'test-model', 'KERNEL={}/empty'], 'is empty'),
    (['make', 'test-seeds', 'SEEDS=0'], 'SEEDS is not a number'),
    (['make', 'test-stress', 'STRESS_SECONDS=-1'], 'STRESS_SECONDS is not a number'),
    (['make', 'test-kcsan', 'STRESS_SECONDS=1.5'], 'STRESS_SECONDS is not a number'),
    (['make', 'test-stress', 'STRESS_SECONDS=100000000'], 'STRESS_SECONDS is not a number'),
    (['make', 'test-hazards', 'HAZARDS=99'], 'no patch 99'),
    (['make', 'test-hazards', 'HAZARDS=4; true'], 'no patch 4;'),
    (['make', 'test-hazards', 'HAZARDS=*'], 'no patch *'),
    (['make', 'test-qemu', 'CASES=on-two nonsense'], 'no case nonsense'),
    (['make', 'test-qemu', 'KERNEL=nonsense'], 'No such file'),
    (['tools/testing/guest/run', 'nonsense'], 'unknown argument nonsense'),
    (['tools/testing/hazards/run', ''], 'blank'),
    (['tools/testing/hazards/run', '--frob'], 'unrecognized arguments: --frob'),
    (['make', 'bench', 'RECORD=yes'], 'RECORD is not 1'),
    (['make', 'bench', 'KERNEL={}/my kernel'], 'No such file'),
    (['make', 'bench', 'KERNEL={}/directory'], 'is a directory'),
    (['make', 'bench', 'KERNEL={}/x86'], 'is no kernel image'),
    (['make', 'bench', 'KERNEL={}/Image.x86'], 'is a kernel for x86_64, not for arm64'),
    (['make', 'bench', 'KERNEL={}/packed.gz'], 'is no kernel image'),
    (['make', 'bench', 'KERNEL={}/damaged.gz'], 'is no kernel image'),
    (['tools/testing/bench/run', '--kernel', '{}/empty'], 'is empty'),
    (['make', 'patches', 'SIGNOFF=yes'], 'SIGNOFF is not 1'),
    (['make', 'patches', 'SOURCE_DATE_EPOCH=-1'], 'SOURCE_DATE_EPOCH is not a number'),
    (['make', 'patches', 'SOURCE_DATE_EPOCH=99999999999'], 'SOURCE_DATE_EPOCH is not a number'),
    (['scripts/package/patches', '--out', '{}/directory'], 'holds something else than patches'),
    (['scripts/package/patches', '--base', '{}/directory'], 'is no kernel tree'),
    (['scripts/variables.py', 'NOSUCH'], 'no variable NOSUCH'),
    # Installing the library
    (['make', 'lib-install', 'PREFIX=usr'], 'PREFIX has to be an absolute path'),
    (['make', 'lib-install', 'PREFIX='], 'PREFIX has to be an absolute path'),
    (['make', 'lib-install', 'PREFIX={}/my dir'], 'PREFIX has to be an absolute path'),
    (['make', 'lib-install', "PREFIX=/it's"], 'PREFIX has to be an absolute path'),
    (['make', 'lib-install', 'LIBDIR=lib'], 'LIBDIR has to be an absolute path'),
    (['make', 'lib-install', 'INCLUDEDIR=a|b'], 'INCLUDEDIR has to be an absolute path'),
    (['make', 'lib-install', 'MANDIR=man'], 'MANDIR has to be an absolute path'),
    (['make', 'lib-install', 'DESTDIR=image'], 'DESTDIR has to be an absolute path'),
    ([*LIB, 'O=a b'], 'O has to be one name'),
    ([*LIB, 'LINUX='], 'LINUX has to be one name'),
    ([*LIB, 'LINUX={}/directory'], 'is no kernel tree with'),
    ([*LIB, 'KERNEL_HEADERS={}/directory'], 'has no linux/iommufd.h with HW queues'),
    ([*LIB, 'KERNEL_HEADERS='], 'KERNEL_HEADERS has to be one name'),
    (['make', '-C', 'tools/vmm', 'O='], 'O has to be one name'),
    (['make', '-C', 'tools/vmm', 'LIB={}/directory'], 'has no libviommu.a'),
    # Scripts by themselves
    (['scripts/build/assemble', '--frob'], 'unrecognized arguments: --frob'),
    (['scripts/build/assemble', '--base', '{}/directory'], 'is no kernel tree'),
    (['scripts/build/assemble', '--base', '{}/empty'], 'is no kernel tree'),
    (['scripts/build/kernel', 'nosuch'], 'no configuration nosuch'),
    (['scripts/build/programs', 'riscv'], 'no architecture "riscv"'),
    (['scripts/build/programs', 'arm64', 'x86_64'], '2 arguments'),
    (['KARCH=mips', 'scripts/build/kernel', 'fast'], 'no architecture "mips"'),
    (['JOBS=x', 'scripts/build/vmm'], 'JOBS is not a number'),
    (['scripts/build/configure'], 'NAME and at least one FRAGMENT'),
    (['scripts/check/run', 'nosuch'], 'no check nosuch'),
    (['scripts/test/demo', 'now'], 'no arguments'),
    (['scripts/package/docs', 'now'], 'no arguments'),
    (['scripts/progress'], 'NAME, LOG and a COMMAND'),
    (['scripts/setup', 'nosuch'], 'no target "nosuch"'),
    (['scripts/test/run', 'nosuch'], 'no suite nosuch'),
    (['scripts/test/run', ''], 'no suite'),
    (['tools/testing/bench/ways'], 'KTAP'),
    (['tools/testing/bench/ways', '{}/none'], 'No such file'),
    (['tools/testing/bench/ways', '{}/directory'], 'Is a directory'),
    (['tools/testing/bench/ways', '{}/my config'], 'has no results'),
    (['tools/testing/qemu/virt-iort.py', 'ats'], 'one FILE'),
    (['scripts/test/unit'], 'PATH is needed'),
    (['scripts/test/unit', 'nosuch'], 'no tests in'),
    (['scripts/test/unit', 'tools/testing/qemu/qtest', 'nosuch'], 'no test has nosuch'),
    # The launcher of the emulated machine
    (BOOT[:1], '--name'),
    ([*BOOT], 'no PROGRAM'),
    ([*BOOT, '--frob', '{}/program'], 'unrecognized arguments: --frob'),
    ([BOOT[0], '--name', '../x', '{}/program'], '"../x" is not a plain file name'),
    ([BOOT[0], '--name', '', '{}/program'], '"" is not a plain file name'),
    ([BOOT[0], '--name', 'x', '{}/program'], 'no kernel'),
    ([BOOT[0], '--name', 'x', '--kernel', '{}/none', '{}/program'], 'no kernel'),
    ([BOOT[0], '--name', 'x', '--kernel', '{}/Image.x86', '{}/program'], 'is a kernel for x86_64'),
    ([BOOT[0], '--name', 'x', '--pc', '--kernel', '{}/Image', '{}/program'], 'is a kernel for arm64'),
    ([BOOT[0], '--name', 'x', '--kernel', '{}/page', '{}/program'], 'is no kernel image'),
    ([BOOT[0], '--name', 'x', '--kernel', '{}/directory', '{}/program'], 'no unpacked kernel package'),
    ([*BOOT, '--timeout', '0', '{}/program'], 'is not a number from 1'),
    ([*BOOT, '--test-timeout', 'x', '{}/program'], 'is not a number from 1'),
    ([*BOOT, '--smp', '9', '{}/program'], 'is not a number from 1 to 8'),
    ([*BOOT, '--memory', '-1G', '{}/program'], '--memory'),
    ([*BOOT, '--memory', '1 G', '{}/program'], 'is not a size'),
    ([*BOOT, '--hugepages', '1e3', '{}/program'], 'is not a number from 0'),
    ([*BOOT, '--expect-strict', 'rule', '{}/program'], 'is not of the form NAME=COUNT'),
    ([*BOOT, '--expect-count', 'rule=x', '{}/program'], 'is not of the form NAME=COUNT'),
    ([*BOOT, '--expect-log', '(', '{}/program'], 'is no regular expression'),
    ([*BOOT, '--any-strict', '--expect-strict', 'rule=1', '{}/program'], '--any-strict with --expect-strict'),
    ([*BOOT, '--barriers', '{}/program'], '--barriers needs --icount and --model'),
    ([*BOOT, '--barriers', '--icount', '{}/program'], '--barriers needs --icount and --model'),
    ([*BOOT, '--slow', '4', '{}/program'], '--slow needs --icount'),
    ([*BOOT, '--icount', '--slow', '11', '{}/program'], 'is not a number from 0 to 10'),
    ([*BOOT, '--acpi', '{}/none.aml', '{}/program'], 'No such file'),
    ([*BOOT, '--model', '', '--ssdt', 'nosuch', '{}/program'], 'nosuch.aml'),
    ([*BOOT, '--dt', '{}/empty', '{}/program'], 'is empty'),
    ([*BOOT, '--file', '{}/none:a', '{}/program'], 'No such file'),
    ([*BOOT, ''], 'is empty'),
    ([*BOOT, "{}/program it's"], 'No closing quotation'),
    ([*BOOT, '{}/none'], 'No such file'),
    ([*BOOT, '{}/directory'], 'is a directory'),
    ([*BOOT, '{}/empty'], 'is empty'),
    ([*BOOT, '{}/script'], 'is no program'),
    ([*BOOT, '{}/program.x86'], 'is a program for x86_64'),
    ([*BOOT, '{}/dynamic'], 'is linked dynamically'),
    ([*BOOT, '{}/program ' + 'a ' * 40], 'at most 32 words'),
    ([*BOOT, '{}/program ' + 'a' * 20000], 'at most 255 programs'),
    ([*BOOT, '{}/program'], 'make model makes it'),
]

# Odd input that is right
TAKEN = [
    ['scripts/package/deb', '--check', '{}/defconfig'],
    ['scripts/package/deb', '--check', '{}/packed.gz'],
    ['make', 'valid-config', 'CONFIG={}/my config'],
    ['make', 'valid-config', 'CONFIG={}/it\'s "my" config'],
    ['make', 'valid-SEED', 'SEED=18446744073709551615'],
    ['make', 'valid-SEED', 'SEED='],
    ['make', 'valid-ALTERNATIVES', 'ALTERNATIVES= alt-slot  all '],
    ['make', 'valid-CASES', 'CASES= on-two  all '],
    ['make', 'valid-DEVICE', 'DEVICE=0009:01:1f.7'],
    ['make', 'valid-EXPERIMENTS', 'EXPERIMENTS= width  base-zero '],
    ['make', 'valid-HAZARDS', 'HAZARDS= 4  31 '],
    ['make', 'valid-KERNEL', 'KERNEL={}/Image'],
    ['make', 'valid-prefix', 'PREFIX=/opt/v-1.0~rc+2'],
    ['make', 'valid-prefix', 'DESTDIR={}/it\'s a "dir"'],
    ['./run', '--help'],
]
IN_BLANKS = [(['./run', 'help'], 'blanks'), (['scripts/build/vmm'], 'blanks')]
# Seconds in which every refusal is long over
LIMIT = 20
# Never the words for a person
INTERNAL = re.compile(r'Traceback|internal error|parameter not set|unbound variable|syntax error', re.I)


def snapshot(top):
    """Every file with its time, size and mode."""
    found = {}
    for where, dirs, files in os.walk(top):
        for name in dirs + files:
            path = os.path.join(where, name)
            s = os.lstat(path)
            found[path] = (s.st_mode, None if name in dirs else (s.st_size, s.st_mtime_ns))
    return found


class Room:
    """A copy of the project, as a fresh clone has it, and the files that commands are given."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix='input.')
        self.top = self.directory.name
        self.files = os.path.join(self.top, 'files')
        self.project = os.path.join(self.top, 'project')
        os.makedirs(os.path.join(self.files, 'directory', 'full'))
        for name, data in FILES.items():
            write(os.path.join(self.files, name), data)
        self.renew()
        # This test's own variables are no input
        own = ('MAKE', 'MFLAGS', *variables.VARIABLES)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(own)}
        self.env |= {'LC_ALL': 'C', 'PYTHONDONTWRITEBYTECODE': '1'}

    def renew(self):
        """Begin with a fresh copy."""
        shutil.rmtree(self.project, ignore_errors=True)
        for name in git_files():
            target = os.path.join(self.project, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(os.path.join(ROOT, name), target)
        self.before = snapshot(self.top)

    def with_blanks(self):
        """The project once more, in a directory with a blank in its name."""
        blanks = os.path.join(self.top, 'my project')
        if not os.path.exists(blanks):
            shutil.copytree(self.project, blanks, symlinks=True)
            self.before = snapshot(self.top)
        return blanks

    def run(self, words, project):
        """Returns the exit code and what was said."""
        words = [w.replace('{}', self.files) for w in words]
        env = dict(self.env)
        while '=' in words[0]:
            name, _, value = words.pop(0).partition('=')
            env[name] = value
        p = subprocess.Popen(words, cwd=project, env=env, stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, errors='replace',
                             start_new_session=True)
        try:
            return p.wait(LIMIT), p.stdout.read()
        except subprocess.TimeoutExpired:
            # It has begun to work, with all that make has started
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
            return 0, p.stdout.read()
        finally:
            p.stdout.close()

    def changed(self):
        """The first files that are not as they were; they are again afterwards."""
        now = snapshot(self.top)
        found = sorted(os.path.relpath(p, self.top) for p in now.keys() | self.before.keys()
                       if now.get(p) != self.before.get(p))
        if found:
            self.renew()
        return found[:5]


room = functools.cache(Room)


class Input(unittest.TestCase):
    """One command; it is refused if there are words that its line has to have."""

    def __init__(self, words, expected=None, blanks=False):
        super().__init__('check')
        self.words, self.expected, self.blanks = words, expected, blanks

    def shortDescription(self):
        where = 'in a directory with a blank: ' if self.blanks else ''
        return f'{where}{"refused" if self.expected else "taken"}: {" ".join(self.words)[:90]}'

    def check(self):
        code, text = room().run(self.words, room().with_blanks() if self.blanks else room().project)
        changed = room().changed()
        self.assertEqual(code != 0, self.expected is not None, text[:300])
        self.assertNotRegex(text, INTERNAL)
        self.assertEqual(changed, [])
        if self.expected:
            lines = [line for line in text.splitlines()
                     if not re.match(r'make(\[\d+\])?: (Entering|Leaving|\*\*\* \[)', line)]
            self.assertEqual(len(lines), 1, lines[:5])
            self.assertIn(self.expected, lines[0])


def load_tests(_loader, _tests, _pattern):
    return unittest.TestSuite([Input(*case) for case in REFUSED] + [Input(words) for words in TAKEN]
                              + [Input(*case, blanks=True) for case in IN_BLANKS])
