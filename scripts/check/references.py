# SPDX-License-Identifier: GPL-2.0
"""Follows every reference from a file of the repository to a page, a section of it, or another file.

The one form for a rule is the page and its section, and the row of a table where that helps:

    Documentation/userspace-api/viommu/checks.rst, section 4.4, row 15

In a page, a section without a page is one of the same page, or of another page of the reference if the page
belongs to it; the role "doc" may name the page as well. A section is found by the number in front of its title,
or by its title in quotes. Comments may break a reference over lines.

The check follows these references, pages, and the numbers in the pages of tests and in tables that say they
have sections in brackets; in documentation and C also paths from the top of the repository, and links. A file
that is not in the repository may be in the base.
"""

import bisect
import functools
import glob
import itertools
import os
import re

from project import BASE, ROOT, git_files, read

REFERENCE = 'Documentation/userspace-api/viommu/'
TEXTS_OF_OTHERS = ('COPYING', 'LICENSES/', 'mainline/')
NUMBER = r'\d+(?:\.\d+)*'
LIST = rf'{NUMBER}(?:(?:, | and | to ){NUMBER}\b)*'
SECTION = rf'\bsections? ({LIST}|"[^"]+")(?:, row (\d+))?'
PAGE = r'Documentation/[\w./-]*\w\.rst'
# A page and its section; with neither page nor role in front, a section alone
TO_SECTION = re.compile(rf'(?:({PAGE})`*,? |:doc:`([^`]+)`,? )?{SECTION}', re.I)
TOPS = 'Documentation|LICENSES|configs|drivers|hooks|include|mainline|patches|scripts|tools'
TO_PAGE = re.compile(rf'(?<![\w/.}}]){PAGE}')
# A title with a number; a row of a table that begins with a section, or with rows of the section above it
OF_TESTS = re.compile(rf'^(?:({NUMBER}) .*\n[=-]{{3,}}$'
                      r'|   \* - (\d+\.\d+)(?: (\d+)\b)?|   \* - (\d+(?:, \d+)*)\b)', re.M)
PLACEHOLDER = re.compile(r'(?:\b|_)(?:DIR|FILE|NAME|NN|PATH|SUITE)\b')
TO_PATH = re.compile(rf'(?<![\w/.}}<"\'%-])(?:{TOPS})/[\w./*{{}},+-]*[\w/*}}]')
TO_DOC = re.compile(r':doc:`(?:[^`<]*<)?([^`<>]+)>?`')
TO_LINK = re.compile(r'\]\((?!\w+:)([^)#\s]+)')
IN_BRACKETS = re.compile(rf'[Nn]umbers in brackets are sections of ({PAGE})')
OLD_FORMS = re.compile(r'\bspec/\w+\.md|\bABI specification\b|\bcmdqv-hardware \d')


def there(path):
    """The files of the repository, or of the base, that a path with patterns stands for."""
    for top in (ROOT, BASE):
        found = glob.glob(os.path.join(top, path))
        if found:
            return found
    return []


def beside(path, target):
    """A target that is relative to the directory of a file."""
    return os.path.normpath(os.path.join(os.path.dirname(path), target))


def doc_page(path, target):
    """The page of the role "doc"."""
    return (f'Documentation{target}' if target.startswith('/') else beside(path, target)) + '.rst'


def of_kind(path):
    """The patterns that name files in a file of this kind, each with a function that returns the paths."""
    if path.endswith(('.md', '.rst')) or '/man/' in path:
        return [(TO_DOC, lambda at, target: [doc_page(at, target)]),
                (TO_LINK, lambda at, target: [beside(at, target)]), (TO_PATH, alternatives)]
    return [(TO_PATH, alternatives)] if path.endswith(('.c', '.h', '.txt')) else [(TO_PAGE, alternatives)]


def alternatives(_at, path):
    """a{b,c} as ab, ac."""
    parts = [part.split(',') if i % 2 else [part] for i, part in enumerate(re.split(r'[{}]', path))]
    return [''.join(one) for one in itertools.product(*parts)]


class Page:
    """The sections of a page: number or title in quotes -> text up to the next title."""

    def __init__(self, text):
        lines = text.splitlines()
        starts = [i for i in range(len(lines) - 1)
                  if lines[i][:1].strip() and re.fullmatch(r'([=~-])\1{2,}', lines[i + 1])
                  and len(lines[i + 1]) >= len(lines[i]) and ' ' not in lines[i + 1]]
        self.sections = {}
        for start, end in zip(starts, starts[1:] + [len(lines)]):
            body = '\n'.join(lines[start + 2:end])
            self.sections[f'"{lines[start]}"'] = body
            number = re.match(rf'({NUMBER}) ', lines[start])
            if number:
                self.sections[number[1]] = body

    def problem(self, section, row=None):
        body = self.sections.get(section)
        if body is None:
            return f'no section {section}'
        if row and not re.search(rf'^{row}(?: |$)|^   \* - {row}$', body, re.M):
            return f'no row {row} in section {section}'
        return None


@functools.cache
def page_of(path):
    found = there(path)
    return Page(read(found[0])) if found else None


class Text:
    """A file as one line, without the marks of comments; knows the line of each place."""

    def __init__(self, path):
        self.path, self.raw = path, read(path)
        self.starts, parts, length = [], [], 0
        for line in self.raw.splitlines():
            part = re.sub(r'^\s*(?:/?\*+/?|//|#+|\.\\")?\s*', '', line).rstrip() + ' '
            self.starts.append(length)
            parts.append(part)
            length += len(part)
        self.flat = ''.join(parts)

    def where(self, match):
        return f'{self.path}:{bisect.bisect_right(self.starts, match.start())}'


class References:
    """All problems of all files."""

    def __init__(self, paths):
        self.problems = []
        self.texts = [Text(path) for path in paths]
        self.reference = [path for path in paths if path.startswith(REFERENCE)]

    def section_problem(self, paths, section, row=None):
        """None if one of the pages has it."""
        found = [page.problem(section, row) if page else 'no such page' for page in map(page_of, paths)]
        if not found or None in found:
            return None if found else 'names no page'
        # A missing row says more than the other pages, which do not have the section
        return max(found, key=lambda problem: problem.startswith('no row'))

    def near(self, path):
        """The pages whose sections a page may name without the page."""
        if not path.endswith('.rst'):
            return []
        return [path] + (self.reference if path.startswith(REFERENCE) else [])

    def sections(self, text):
        for m in TO_SECTION.finditer(text.flat):
            paths = [m[1]] if m[1] else [doc_page(text.path, m[2])] if m[2] else self.near(text.path)
            for section in re.findall(NUMBER, m[3]) if m[3][0] != '"' else [m[3]]:
                yield m, self.section_problem(paths, section, m[4])

    @staticmethod
    def files(text, pattern, paths_of):
        """A pattern, each match of which names files."""
        for m in pattern.finditer(text.flat):
            missing = [path for path in paths_of(text.path, m[m.lastindex or 0])
                       if not PLACEHOLDER.search(path) and not there(path)]
            yield m, f'no file {missing[0]}' if missing else None

    @staticmethod
    def old_forms(text):
        for m in OLD_FORMS.finditer(text.flat):
            yield m, 'does not name a page of the repository'

    def brackets(self, text):
        """Numbers in brackets in tables, after the sentence that says whose sections they are."""
        said = IN_BRACKETS.search(text.flat)
        if said:
            for m in re.finditer(rf'\(({NUMBER}(?:, {NUMBER})*)\)', text.flat):
                for number in m[1].split(', '):
                    yield m, self.section_problem([said[1]], number)

    def untested(self, text, tested):
        """Rows of the reference that a section of the tables of tests leaves out."""
        for section in sorted({section for section, row in tested if row}):
            for path in self.reference:
                body = page_of(path).sections.get(section, '')
                self.problems += [f'{text.path}: section {section} has no test of row {row}'
                                  for row in re.findall(r'^(\d+) ', body, re.M) if (section, row) not in tested]

    def titles(self, text):
        """The lines above and below the title of a page are equally long."""
        for m in re.finditer(r'^(=+)\n(\S.*)\n(=+)$', text.raw, re.M):
            if m[1] != m[3] or len(m[2]) > len(m[1]):
                self.problems.append(f'{text.path}: the lines of title "{m[2]}" have other lengths')

    def test_tables(self, text):
        """Numbers of sections and rows in the pages that name the tests of each rule."""
        if not text.path.endswith('_tests.rst'):
            return
        section, tested = None, set()
        for m in OF_TESTS.finditer(text.raw):
            section = m[1] or section
            line = text.raw.count('\n', 0, m.start()) + 1
            for row in (m[4] or m[3] or '').split(', '):
                tested.add((m[2] or section, row))
                problem = self.section_problem(self.reference, m[2] or section, row)
                if problem:
                    self.problems.append(f'{text.path}:{line}: {problem}')
        self.untested(text, tested)

    def follow(self):
        for text in self.texts:
            followed = [self.sections(text), self.old_forms(text), self.brackets(text)]
            followed += [self.files(text, *kind) for kind in of_kind(text.path)]
            self.problems += [f'{text.where(m)}: {m[0].strip()}: {problem}'
                              for m, problem in itertools.chain(*followed) if problem]
            self.titles(text)
            self.test_tables(text)
        return self.problems


def without_row(paths):
    """Directories at the top and of the tools that README's table of paths leaves out."""
    rows = re.findall(r'`([\w./-]+/)`', read('README.md'))
    tops = {re.match(r'(?:tools/(?:lib/|testing/)?)?\w[^/]*/', path) for path in paths}
    return [f'README.md: no row for {top}' for top in sorted({m[0] for m in tops if m})
            if not any(row.startswith(top) for row in rows)]


def problems():
    """references to pages, sections and files lead somewhere, and README names each directory"""
    paths = git_files()
    return References([path for path in paths if not path.startswith(TEXTS_OF_OTHERS)]).follow() + without_row(paths)
