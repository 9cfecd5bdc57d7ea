# SPDX-License-Identifier: GPL-2.0
"""Tables of the cost of an unmap: made of the recorded figures, and the same in the README."""

import re
import unittest

import growth
from project import read

README = 'tools/testing/bench/README.md'
FIGURES = {name: int(value)
           for name, value in re.findall(r'^([^#].*)\t(.*)$', read('tools/testing/bench/results.txt'), re.M)}
# A column that is computed from the base's code
COMPUTED = 'the same without a bound'


class Tables(unittest.TestCase):
    def test_readme(self):
        """the README has the recorded figures, and those of each number of VMs"""
        text = read(README)
        self.assertEqual(text, growth.readme(text, FIGURES))
        self.assertNotIn('| - |', text)
        for title, columns in growth.by_head(FIGURES).items():
            heads = re.search(rf'^\| {title} \|(.*) \|$', text, re.M)[1].split('|')
            self.assertLessEqual({head.strip() for head in heads}, {*columns, COMPUTED})
        rows = re.findall(r'^\| (\d+) \|', text.partition('| VMs |')[2], re.M)
        self.assertEqual(rows, list(growth.vms(FIGURES)['commands']))

    def test_readme_is_written(self):
        """other figures are written into its three tables, and nothing else changes"""
        text, other = read(README), {name: value + 1 for name, value in FIGURES.items()}
        written = growth.readme(text, other)
        self.assertEqual(text, growth.readme(written, FIGURES))
        changed = [old.split(' |')[0] for old, new in zip(text.splitlines(), written.splitlines()) if old != new]
        self.assertEqual(changed, ['| 1 MiB', '| 2 MiB', '| 256 MiB', '| 1 GiB', '| 64 GiB', '| 4 KiB', '| 64 KiB',
                                   '| 2 MiB', '| 256 MiB', '| 1 GiB', '| 64 GiB', '| 1', '| 2', '| 4', '| 8'])

    def test_proportion(self):
        """64 times the memory takes 64 times as many instructions, from 1 GiB on"""
        for pages, points in growth.series(FIGURES, commands=False).items():
            self.assertAlmostEqual(64, points['64 GiB'] / points['1 GiB'], delta=0.6, msg=pages)

    def test_every_figure(self):
        """each recorded figure of an unmap is in a table, once"""
        cells = sorted(int(word.replace(',', '')) for line in growth.tables(FIGURES).splitlines()
                       for word in line[len('instructions for an unmap of'):].split() if re.fullmatch(r'[\d,]+', word)
                       and 'pages' not in line and 'VMs' not in line)
        self.assertEqual(cells, sorted(value for name, value in FIGURES.items() if name.startswith('unmap')))

    def test_without_figures(self):
        """another kernel may have none, or some that were not measured"""
        self.assertEqual('', growth.tables({}))
        self.assertEqual('', growth.tables({'unmap, 4 KiB of 4 KiB pages': -1, 'unmap for each of 2 VMs': -1}))
        self.assertNotIn('commands for', growth.tables({'unmap, 4 KiB of 4 KiB pages': 7}))


if __name__ == '__main__':
    unittest.main()
