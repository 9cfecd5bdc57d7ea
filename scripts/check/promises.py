# SPDX-License-Identifier: GPL-2.0
"""The table of promises: each one is in the page that it is quoted from, and no item of a list is without one.

A section of the table is named after its page. The first cell of a row is the quote, the last one its tests,
which the check of tables looks up (test-tables). An item about the kernel or the hardware model has a row for each of
its clauses, which end with "." or ";" outside of parentheses.
"""

import os
import re

from project import ROOT, read

TABLE = 'Documentation/userspace-api/viommu/promises.rst'
# Page -> the title of the part whose items all need a row; without a title, all of the page
LISTS = {'CHANGELOG.md': '', 'README.md': '## Limits', 'SECURITY.md': ''}
# First words of items that need a row for each clause, and of all other items of CHANGELOG.md
BY_CLAUSE = ('CMDQ-V', 'Events:', 'Hardware', 'Machines', 'SMMUv3:', 'User ABI:', 'iommufd:')
BY_ITEM = ('A small VMM', 'A table', 'DMA mapping load', "Debian's own", 'Demonstration', 'Documentation:',
           'Each repair', 'Failure injection', 'KUnit tests', 'New releases', 'Pages for', 'Rules of', 'SECURITY.md',
           'Scripts', 'The assembly', 'The binding', 'The small VMM', 'The table', '`./run ', '`make ', 'ccache',
           'kselftests', 'libviommu', 'viommu_')


def words(text):
    return re.sub(r'\s+', ' ', text).strip()


def items(text, start):
    """The items of the lists in a page from a title on, up to the next title if there is one."""
    part = text[text.index(start):].removeprefix(start)
    if start:
        part = part.partition('\n## ')[0]
    return [words(item) for item in re.findall(r'^- ((?:.*\n)(?: {2}.*\n)*)', part, re.M)]


def clauses(item):
    """(start, end) of each clause."""
    hidden = re.sub(r'\([^()]*\)', lambda m: ' ' * len(m[0]), item)
    return [m.span() for m in re.finditer(r'\S.*?(?:[.;](?=\s|$)|$)', hidden)]


def unquoted(item, quotes):
    """The parts of an item that no quote is from, or reaches into."""
    found = [(item.index(quote), item.index(quote) + len(quote)) for quote in quotes if quote in item]
    parts = clauses(item) if item.startswith(BY_CLAUSE) else [(0, len(item))]
    return [item[start:end] for start, end in parts
            if not any(first < end and start < last for first, last in found)]


def unknown(found):
    """The items that begin with none of these words, so that they could leave out a clause."""
    return [item for item in found if not item.startswith(BY_CLAUSE + BY_ITEM)]


def rows(text):
    """(page, line, quote, tests) of each row."""
    found, page = [], ''
    for m in re.finditer(r'^(\S+\.(?:md|rst))\n=+$|^   \* - ((?:.*\n)(?: {7}.*\n)*)     - ((?:.*\n)(?: {7}.*\n)*)', text,
                         re.M):
        if m[1]:
            page = m[1]
        elif words(m[2]) != 'promise':
            found.append((page, text.count('\n', 0, m.start()) + 1, words(m[2]), words(m[3])))
    return found


def problems():
    """the table of promises quotes the pages, and leaves out no item of their lists"""
    table = rows(read(TABLE))
    texts = {page: read(page) if os.path.isfile(os.path.join(ROOT, page)) else ''
             for page in {page for page, *_ in table}.union(LISTS)}
    plain = {page: words(text) for page, text in texts.items()}
    found = [f'{TABLE}:{line}: not in {page}: {quote}' for page, line, quote, _ in table if quote not in plain[page]]
    for page, start in LISTS.items():
        quotes = [quote for where, _, quote, _ in table if where == page]
        found += [f'{page}: no row in {TABLE}: {part[:70]}' for item in items(texts[page], start)
                  for part in unquoted(item, quotes)]
    return found + [f'CHANGELOG.md: no word of BY_CLAUSE or BY_ITEM in scripts/check/promises.py begins: {item[:70]}'
                    for item in unknown(items(texts['CHANGELOG.md'], ''))]
