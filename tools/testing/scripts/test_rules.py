# SPDX-License-Identifier: GPL-2.0
"""The table of broken rules: each rule that a boot has broken is in it, and a boot without a report looks like none."""

import contextlib
import io
import os
import re
import tempfile
import unittest
from unittest import mock

import boots
import ktap
import rules
from project import write

REPORT = '''cmdqv-hw: strict map-vintf-off {}
cmdqv-hw: strict smmu-off-cmdqv-on {}
cmdqv-hw: strict unmap-order 0
cmdqv-hw: strict total {}
cmdqv-hw: strict-guest total 0
cmdqv-hw: count commands 1200
cmdqv-hw: count main-commands 4
'''


def report(vintf, smmu):
    return ktap.parse_model(REPORT.format(vintf, smmu, vintf + smmu))


class Table(unittest.TestCase):
    def cells(self, *reports):
        lines = rules.table(['a', 'b', 'c'][:len(reports)], reports)
        return {name: numbers for name, *numbers in (re.split(' {2,}', line) for line in lines)}

    def test_broken(self):
        """each rule that is broken in one boot at least, with its count in each"""
        cells = self.cells(report(128, 1), report(128, 0))
        self.assertEqual(['a', 'b'], cells[''])
        self.assertEqual(['128', '128'], cells['rule map-vintf-off'])
        self.assertEqual(['1', '0'], cells['rule smmu-off-cmdqv-on'])
        self.assertEqual(['1,200', '1,200'], cells['commands, queues of CMDQ-V'])
        self.assertEqual(['0', '0'], cells['errors of queues'])
        self.assertNotIn('rule unmap-order', cells)

    def test_none(self):
        """a kernel that breaks no rule has a row that says so"""
        self.assertEqual(['0'], self.cells(report(0, 0))['rules'])

    def test_guest(self):
        """a rule that a guest has broken is not one of the host"""
        cells = self.cells(report(0, 0) | {'strict-guest base-write-queue-on': 2})
        self.assertEqual(['2'], cells['rule (guest) base-write-queue-on'])

    def test_no_report(self):
        """a machine that has not started shows no zeros"""
        cells = self.cells(report(128, 1), {})
        self.assertEqual(['128', '-'], cells['rule map-vintf-off'])
        self.assertEqual(['4', '-'], cells['commands, queue of the SMMU'])

    def test_launcher_dies(self):
        """nothing of an earlier boot is shown, or left for another reader, if the launcher dies at once"""
        with tempfile.TemporaryDirectory() as build, mock.patch.multiple(boots, BUILD=build, BOOT='/bin/false'):
            where = os.path.dirname(boots.result('again', 'model'))
            for file in ('counts', 'ktap', 'model'):
                write(os.path.join(where, file), REPORT.format(128, 1, 129))
            self.assertEqual((0, 1, 0), boots.boot('again'))
            self.assertEqual([], os.listdir(where))
            with contextlib.redirect_stdout(io.StringIO()) as shown:
                rules.show(['again'])
        self.assertRegex(shown.getvalue(), 'commands, queue of the SMMU +-\n')
