# SPDX-License-Identifier: GPL-2.0
"""The actor of an access: each case of guest/actor.c is charged to the host or to a guest. Needs a processor."""

import os
import re
import struct
import subprocess
import tempfile
import unittest

from machine import QEMU, TIMEOUT

HERE = os.path.dirname(os.path.realpath(__file__))
PROGRAM = os.path.join(HERE, '../../../../build/machine/actor')
MARK = b'chosen.case='
BROKEN = {'read-only-write': 1, 'unmapped-read': 1}


def report(number, seed):
    """The report of the model after this case."""
    with open(PROGRAM, 'rb') as f:
        before, mark, after = f.read().partition(MARK)
    kernel = before + mark + struct.pack('<I', number) + after[4:]
    with tempfile.TemporaryDirectory() as work:
        path, result = os.path.join(work, 'actor'), os.path.join(work, 'report')
        with open(path, 'wb') as f:
            f.write(kernel)
        subprocess.run([QEMU, '-M', 'virt,iommu=smmuv3,gic-version=3,virtualization=on', '-cpu', 'max', '-m', '512M',
                        '-nodefaults', '-display', 'none', '-kernel', path,
                        '-device', f'tegra241-cmdqv-hw,strict=on,seed={seed},report={result}'],
                       stdin=subprocess.DEVNULL, check=True, timeout=TIMEOUT)
        with open(result, encoding='ascii') as f:
            return f.read()


def broken(text, kind):
    """The rules that are charged, and how often."""
    found = {name: int(n) for name, n in re.findall(f'^cmdqv-hw: {kind} (\\S+) (\\d+)$', text, re.M)}
    assert found.pop('total') == sum(found.values()), text
    return {name: n for name, n in found.items() if n}


def cases():
    """The table of actor.c."""
    with open(os.path.join(HERE, '../guest/actor.c'), encoding='utf-8') as f:
        return re.findall(r'^\tCASE\((\w+), (\w+), ', f.read(), re.M)


class Cases(unittest.TestCase):
    """Filled from the table."""


def add(number, name, actor):
    def test(self):
        for seed in (0, 3):
            text = report(number, seed)
            charged = {'host': broken(text, 'strict'), 'guest': broken(text, 'strict-guest')}
            self.assertEqual(charged, {'host': {}, 'guest': {}} | {actor: BROKEN}, f'seed {seed}')

    test.__doc__ = f'actor.c: {name} is charged to the {actor}'
    setattr(Cases, f'test_{name}', test)


for i, row in enumerate(cases()):
    add(i, *row)
