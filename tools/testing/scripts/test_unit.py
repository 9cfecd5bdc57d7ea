# SPDX-License-Identifier: GPL-2.0
"""Tests of scripts/test/unit on a toy module, and of the reader of KTAP: a result is never better than it is."""

import os
import shutil
import tempfile
import unittest

import ktap
from project import BUILD, ROOT, outcome, write

TOY = '''# SPDX-License-Identifier: GPL-2.0
import unittest


class Toy(unittest.TestCase):
    def test_bad(self):
        """it fails"""
        self.assertEqual(1, 2)

    def test_good(self):
        """it passes"""
        print('a note')

    def test_left_out(self):
        """it is skipped"""
        self.skipTest('no reason')

    def test_wrong(self):
        raise KeyError('a mistake')
'''


class Unit(unittest.TestCase):
    def setUp(self):
        os.makedirs(BUILD, exist_ok=True)
        self.where = tempfile.mkdtemp(prefix='unit.', dir=BUILD)
        self.addCleanup(shutil.rmtree, self.where)
        write(os.path.join(self.where, 'test_toy.py'), TOY)

    def unit(self, *names):
        return outcome(os.path.join(ROOT, 'scripts/test/unit'), self.where, *names)

    def test_results(self):
        """tests that pass, fail, are skipped and have a mistake"""
        code, text = self.unit()
        results = [line for line in text.splitlines() if not line.startswith('#')]
        self.assertEqual(code, 1)
        self.assertEqual(results, ['KTAP version 1', '1..4', 'not ok 1 it fails', 'ok 2 it passes',
                                   'ok 3 it is skipped # SKIP no reason', 'not ok 4 test_toy.Toy.test_wrong'])
        self.assertIn('\n# a note\nok 2', text)
        self.assertRegex(text, "(?m)^# KeyError: 'a mistake'$")

    def test_names(self):
        """a name chooses, and one that no test has is refused"""
        self.assertEqual(self.unit('good'), (0, 'KTAP version 1\n1..1\n# a note\nok 1 it passes\n'))
        self.assertEqual(self.unit('nosuch'), (1, 'test/unit: no test has nosuch in its name\n'))

    def test_broken_module(self):
        """a module that cannot be read fails"""
        write(os.path.join(self.where, 'test_broken.py'), 'import nosuch\n')
        code, text = self.unit('broken')
        self.assertEqual(code, 1)
        self.assertIn('not ok 1', text)


class Reader(unittest.TestCase):
    def test_verdicts(self):
        """each verdict is read, and a subtest is none of the program's own"""
        text = 'KTAP version 1\n1..3\n    ok 1 inner\nok 1 - one\nnot ok 2 two\nok 3 three # SKIP why\n'
        results, complete = ktap.parse_report(text)
        self.assertEqual([verdict for verdict, _ in results], ['ok', 'not ok', 'skip'])
        self.assertTrue(complete)

    def test_incomplete(self):
        """fewer or more results than planned, no plan, and two plans are incomplete"""
        for text in ('1..2\nok 1 one\n', '1..1\nok 1 one\nok 2 two\n', 'ok 1 one\n', '1..1\n1..1\nok 1 one\n', ''):
            self.assertFalse(ktap.parse_report(text)[1], text)

    def test_comments(self):
        """a failed subtest is shown with its own last comments"""
        text = ('  1..3\n  # early\n  ok 1 one\n  # a.c:5: x is 1, not 2\n  not ok 2 two\n  not ok 3 three\n'
                'not ok 1 first\n  # late\nok 2 second\n# machine: done\n')
        tests, problems = ktap.parse_results(text, ['first', 'second'])
        self.assertEqual(problems, [])
        self.assertEqual(tests[0].failures(), ['first: two\n          # a.c:5: x is 1, not 2', 'first: three'])
