# SPDX-License-Identifier: GPL-2.0
"""Tests of scripts/env.sh: the options of a fragment that a configuration does not have."""

import os
import tempfile
import unittest

from project import outcome, write


class LostOptions(unittest.TestCase):
    def lost(self, fragment, config):
        with tempfile.TemporaryDirectory() as where:
            paths = [os.path.join(where, name) for name in ('fragment', 'config')]
            for path, text in zip(paths, (fragment, config)):
                write(path, text)
            code, text = outcome('sh', '-euc', '. scripts/env.sh; lost_options "$@"', 'sh', *paths)
        self.assertEqual(code, 0, text)
        return text.split()

    def test_values(self):
        """an option that is absent or has another value is lost"""
        self.assertEqual(self.lost('CONFIG_A=y\nCONFIG_B=m\nCONFIG_C="x y"\n', 'CONFIG_A=y\nCONFIG_B=y\n'),
                         ['CONFIG_C="x', 'y"', 'CONFIG_B=m'])

    def test_off(self):
        """an option that has to be off may be absent, but not on"""
        self.assertEqual(self.lost('# CONFIG_A is not set\nCONFIG_B=n\n# CONFIG_C is not set\n',
                                   '# CONFIG_A is not set\nCONFIG_C=y\n'), ['CONFIG_C=n'])

    def test_last(self):
        """the last line about an option counts"""
        self.assertEqual(self.lost('CONFIG_A=m\n# CONFIG_B is not set\nCONFIG_A=y\nCONFIG_B=y\n',
                                   'CONFIG_A=y\nCONFIG_B=y\n'), [])
