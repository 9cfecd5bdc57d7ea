# SPDX-License-Identifier: GPL-2.0
"""The mistakes of ../mutations can be made in the model as it is; make test-mutations makes them."""

import glob
import os
import subprocess
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../..'))


class Mutations(unittest.TestCase):
    def test_apply(self):
        patches = glob.glob(os.path.join(ROOT, 'tools/testing/qemu/mutations/*.patch'))
        self.assertTrue(patches)
        for path in patches:
            p = subprocess.run(['patch', '-p1', '-s', '-F0', '--dry-run', '-d', ROOT, '-i', path],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertEqual(p.returncode, 0, f'{os.path.basename(path)}: {p.stdout}')
