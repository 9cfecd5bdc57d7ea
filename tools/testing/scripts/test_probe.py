# SPDX-License-Identifier: GPL-2.0
"""./run probe and its suites: no report and no run that failed is a success, and no facts are of another run."""

import importlib.machinery
import importlib.util
import os
import tempfile
import unittest
from unittest import mock

import boots
import experiments
import project
import questions
import variables

REPORT = ('# experiments: instance\t/sys/a\n'
          '# experiments: found\tCONFIG\t0x00020083\n'
          '# experiments: row\talt-cs\t{answer}\tignored\tWhether\t-\n'
          '# experiments: end\t26\t{end}\n')


def program():
    loader = importlib.machinery.SourceFileLoader('probe', os.path.join(project.ROOT, 'tools/testing/machine/probe'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('probe', loader))
    loader.exec_module(module)
    return module


class Suites(unittest.TestCase):
    def test_no_report(self):
        """a machine without a report fails the suites, whatever its programs return"""
        with mock.patch.object(boots, 'boot', return_value=(5, 0, 0)), \
                mock.patch.object(questions, 'read', return_value='ok 1 cmdqv_experiments\n'), \
                mock.patch('os.path.exists', return_value=True):
            self.assertEqual(questions.probe(), (5, 1, 0))
            rows = len(experiments.model_rows()) + len(experiments.CHECKS)
            self.assertEqual(questions.facts(), (5 * rows, rows, 0))


class Command(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.probe = program()
        self.probe.PARAMETER = os.path.join(directory.name, 'parameter')
        self.probe.OUT = os.path.join(directory.name, 'out')
        self.switch('Y')

    def switch(self, value):
        with open(self.probe.PARAMETER, 'w', encoding='ascii') as f:
            f.write(value)

    def run_probe(self, *runs, device=None):
        """The programs print and return this."""
        given = {'EXPERIMENTS': [], 'DEVICE': device}
        with mock.patch.object(self.probe, 'as_root', side_effect=list(runs)), \
                mock.patch.object(variables, 'value', side_effect=lambda name, _: given[name]), \
                mock.patch('sys.argv', ['probe']):
            return self.probe.main()

    def facts(self):
        path = os.path.join(self.probe.OUT, 'facts')
        return project.read(path) if os.path.exists(path) else None

    def test_clean(self):
        """the facts tell which machine was asked"""
        self.assertEqual(self.run_probe((True, REPORT.format(answer='illegal', end='clean'))), 0)
        self.assertIn(f'# Asked: a machine with Linux {os.uname().release}\n', self.facts())
        self.assertIn('\nalt-cs illegal\n', self.facts())

    def test_failures(self):
        """a VINTF that is retired, or a selftest that fails, is a failure"""
        clean = (True, REPORT.format(answer='ignored', end='clean'))
        self.assertEqual(self.run_probe((True, REPORT.format(answer='ignored', end='retired'))), 1)
        tests = len(boots.device_programs())
        self.assertEqual(self.run_probe(clean, *[(True, '')] * tests, device='0000:00:03.0'), 0)
        self.assertEqual(self.run_probe(clean, (False, ''), *[(True, '')] * (tests - 1), device='0000:00:03.0'), 1)

    def test_old_facts(self):
        """facts of an earlier run go when a run begins, and not before"""
        self.run_probe((True, REPORT.format(answer='ignored', end='clean')))
        self.switch('N')
        with self.assertRaisesRegex(project.Refused, 'the experiments are off'):
            self.run_probe()
        self.assertIsNotNone(self.facts())
        self.switch('Y')
        with self.assertRaisesRegex(project.Refused, 'no report'):
            self.run_probe((False, ''))
        self.assertIsNone(self.facts())
