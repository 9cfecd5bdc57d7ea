# SPDX-License-Identifier: GPL-2.0
"""The table of the hardware model's extensions: its tests, mutations and hazard patches exist, and its rows are sorted.
Each mutation is in it, or in the list below it.
"""

import os
import re
import unittest

from project import git_files, read

MODEL = 'tools/testing/qemu'
HEADS = ['extension', 'property', 'makes visible', 'test', 'mutation', 'hazard patch']


def section():
    return read(MODEL, 'README.md').partition('### Extensions\n')[2].partition('\n### ')[0]


def rows(text):
    found = [[cell.strip() for cell in line.strip('|').split('|')] for line in re.findall(r'^\|.*$', text, re.M)]
    return found[0], found[2:]


def names(cell):
    return re.findall(r'`([\w.-]+)`', cell)


class Extensions(unittest.TestCase):
    heads, table = rows(section())
    others = names(section().partition('\nThe other mutations are ')[2].partition('\n\n')[0])

    def column(self, head):
        return {name for row in self.table for name in names(row[HEADS.index(head)])}

    def there(self, pattern):
        return {os.path.splitext(os.path.basename(path))[0] for path in git_files(pattern)}

    def test_rows(self):
        """each row has all cells, and the rows are in alphabetical order"""
        self.assertEqual(HEADS, self.heads)
        self.assertEqual([len(HEADS)] * len(self.table), [len(row) for row in self.table])
        titles = [row[0].lower() for row in self.table]
        self.assertEqual(sorted(titles), titles)

    def test_names(self):
        """tests, mutations and hazard patches exist"""
        classes = {f'{os.path.basename(path)[:-3]}.{name}' for path in git_files(f'{MODEL}/*/test_*.py')
                   for name in re.findall(r'^class (\w+)', read(path), re.M)}
        self.assertEqual(set(), self.column('test') - classes)
        self.assertEqual(set(), self.column('mutation') - self.there(f'{MODEL}/mutations/*.patch'))
        self.assertEqual(set(), self.column('hazard patch') - self.there('tools/testing/hazards/*.patch'))

    def test_all_mutations(self):
        """each mutation is in a row, or in the list of the others, which is in alphabetical order"""
        self.assertEqual(sorted(self.others), self.others)
        in_rows = self.column('mutation')
        self.assertEqual(set(), in_rows & set(self.others))
        self.assertEqual(self.there(f'{MODEL}/mutations/*.patch'), in_rows | set(self.others))

    def test_mutations(self):
        """each mutation of a row fails in a test of that row"""
        for row in self.table:
            for name in names(row[HEADS.index('mutation')]):
                fails = re.search(r'^Fails: (\w+\.\w+)', read(MODEL, 'mutations', f'{name}.patch'), re.M)
                self.assertIn(fails[1], names(row[HEADS.index('test')]), name)


if __name__ == '__main__':
    unittest.main()
