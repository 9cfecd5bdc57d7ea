# SPDX-License-Identifier: GPL-2.0
"""Tables of the cost of an unmap: made of the recorded figures, and the same in the README."""

import re
import unittest

import growth
from project import read

README = 'tools/testing/bench/README.md'
FIGURES = {name: int(value)
           for name, value in re.findall(r'^([^#].*)\t(.*)$', read('tools/testing/bench/results.txt'), re.M)}
# A column that is computed
COMPUTED = 'the same without a bound'


def readme_table(title):
    """{head: {row: figure}} of the table of the README whose first head this is; empty cells are left out."""
    m = re.search(rf'^\| {title} \|.*\n\|[-|]+\n(?:\|.*\n)+', read(README), re.M)
    heads, _, *rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in m[0].splitlines()]
    return {head: {row[0]: int(row[i].replace(',', '')) for row in rows if row[i]}
            for i, head in enumerate(heads) if i and head != COMPUTED}


class Tables(unittest.TestCase):
    def compare(self, title, known):
        for head, points in readme_table(title).items():
            self.assertEqual(points, {row: known[head].get(row) for row in points}, head)

    def test_readme_by_size(self):
        """the README has recorded figures by size"""
        for title, commands in ('commands for an unmap of', True), ('instructions for an unmap of', False):
            self.compare(title, {f'{page} pages{end}': points
                                 for (page, end), points in growth.series(FIGURES, commands).items()})

    def test_readme_by_vms(self):
        """the README has recorded figures by the number of VMs, all of them"""
        self.compare('VMs', growth.vms(FIGURES))
        self.assertEqual(growth.vms(FIGURES), readme_table('VMs'))

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
