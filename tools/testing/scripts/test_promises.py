# SPDX-License-Identifier: GPL-2.0
"""The check of promises: an item about the kernel needs a quote from each of its clauses."""

import unittest

import promises

ITEM = 'CMDQ-V: one thing works (slowly; at times); another one, too. A third one, with 1.5 parts.'


class Clauses(unittest.TestCase):
    def missing(self, item, *quotes):
        return promises.unquoted(item, quotes)

    def test_clauses(self):
        """clauses end with a full stop or a semicolon, outside of parentheses and numbers"""
        self.assertEqual(['CMDQ-V: one thing works (slowly; at times);', 'another one, too.',
                          'A third one, with 1.5 parts.'], self.missing(ITEM))

    def test_quotes(self):
        """a quote is for the clauses that it is from"""
        self.assertEqual(['CMDQ-V: one thing works (slowly; at times);'], self.missing(ITEM, 'another', 'third one'))
        self.assertEqual(['A third one, with 1.5 parts.'], self.missing(ITEM, 'at times); another one'))
        self.assertEqual([], self.missing(ITEM, ITEM))

    def test_other_items(self):
        """another item needs one quote"""
        item = ITEM.replace('CMDQ-V', 'libviommu')
        self.assertEqual([item], self.missing(item, 'A fourth'))
        self.assertEqual([], self.missing(item, 'third'))

    def test_first_words(self):
        """an item begins with its area, or with words that need one quote"""
        escaped = ['An ' + ITEM, 'Knobs of the ' + ITEM]
        self.assertEqual(escaped, promises.unknown([ITEM, *escaped, ITEM.replace('CMDQ-V', 'libviommu')]))


if __name__ == '__main__':
    unittest.main()
