# SPDX-License-Identifier: GPL-2.0
"""The barriers plugin: each case of guest/stores.c breaks exactly its rule."""

import os
import re
import struct
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = os.path.join(HERE, '../../../../build')
QEMU = os.path.join(BUILD, 'qemu-plugins/qemu-system-aarch64')
PLUGIN = os.path.join(BUILD, 'qemu-plugins/cmdq-barriers.so')
PROGRAM = os.path.join(BUILD, 'machine/stores')
MARK = b'stores.case='
RULES = ('enable-no-barrier', 'prod-no-barrier', 'repair-no-barrier')
TURNS = ('-icount', 'shift=0,sleep=off')
QUEUES = 'smmu=0x9050000,cmdqv=0xb000000'


def program(number):
    """The file of the program with the number of a case."""
    with open(PROGRAM, 'rb') as f:
        before, mark, after = f.read().partition(MARK)
    return before + mark + struct.pack('<I', number) + after[4:]


def run(number=0, arguments=QUEUES, turns=TURNS, support='cmdq-barriers-support'):
    """The exit code of QEMU, and its errors."""
    with tempfile.NamedTemporaryFile() as kernel:
        kernel.write(program(number))
        kernel.flush()
        p = subprocess.run([QEMU, '-M', 'virt,iommu=smmuv3,gic-version=3', '-cpu', 'max', '-smp', '2', '-m', '512M',
                            '-nodefaults', '-display', 'none', *turns, '-device', 'tegra241-cmdqv-hw,report=/dev/null',
                            '-device', support, '-kernel', kernel.name, '-plugin', f'{PLUGIN},{arguments}'.rstrip(',')],
                           stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
    return p.returncode, p.stderr


def broken(stderr):
    """The rules and how often each was broken, of those that were."""
    found = {name: int(n) for name, n in re.findall(r'^cmdq-barriers: strict (\S+) (\d+)$', stderr, re.M)}
    assert found.pop('total') == sum(found.values()) and set(found) == set(RULES), stderr
    return {name: n for name, n in found.items() if n}


def cases():
    """The table of stores.c."""
    with open(os.path.join(HERE, '../guest/stores.c'), encoding='utf-8') as f:
        return re.findall(r'^\tCASE\((\w+), (\w+), (\d+)\)', f.read(), re.M)


class Cases(unittest.TestCase):
    """Filled from the table."""


def add(number, name, rule, count):
    def test(self):
        code, stderr = run(number)
        self.assertEqual((code, broken(stderr)),
                         (0, {f'{rule}-no-barrier': int(count)} if rule != 'none' else {}), stderr)

    test.__doc__ = f'stores.c: {name} breaks {rule} {count} times'
    setattr(Cases, f'test_{name}', test)


for i, row in enumerate(cases()):
    add(i, *row)


class Arguments(unittest.TestCase):
    def refused(self, words, *args, **more):
        code, stderr = run(*args, **more)
        self.assertNotEqual(code, 0)
        self.assertIn(words, stderr)

    def test_no_queues(self):
        """without an address the plugin refuses to start"""
        self.refused('neither smmu=ADDRESS nor cmdqv=ADDRESS', arguments='')

    def test_bad_address(self):
        """an argument that is no address is refused"""
        self.refused('"smmu=0x9x" is neither', arguments='smmu=0x9x')

    def test_threads(self):
        """processors that run at the same time are refused"""
        self.refused('processors must take turns', turns=('-accel', 'tcg,thread=multi'))

    def test_no_support(self):
        """without its device the plugin refuses to start"""
        self.refused('no -device cmdq-barriers-support', support='pci-dma-test')

    def test_unseen(self):
        """a published entry that was never stored is counted"""
        _, stderr = run([name for name, _, _ in cases()].index('before_cons'))
        self.assertRegex(stderr, r'(?m)^cmdq-barriers: count unseen-entries 0$')
        _, stderr = run([name for name, _, _ in cases()].index('next_lap'))
        self.assertRegex(stderr, r'(?m)^cmdq-barriers: count unseen-entries 2$')


if __name__ == '__main__':
    unittest.main()
