# SPDX-License-Identifier: GPL-2.0
"""Tables of tests in the documentation: each name is one of its kind.

The check reads the columns "test" and "taken out" of each list-table, in which ";" separates tests. The text before a
name gives its kind, and further names after "," or "and" are of the same kind:

    KUnit ``case``    KUnit suite-of-it ``case``    boot ``name``    suite ``name``    rule ``name`` (strict mode)
    ``program``: ``test``, ``fixture.test``, ``fixture.variant.test``, ``fixture``, ``variant``
    ``program`` or ``suite``    ``scripts/check/run NAME...``

Behind "not tested" a name without a kind is none of a test. Other words with blanks, colons or slashes are commands and
paths, which the check of references follows; a file needs its path.
"""

import collections
import functools
import os
import re

from project import git_files, read
import boots
import seed_boots
import suites

NAME = re.compile(r'``([^`]+)``')
SINGULAR = {'boots': 'boot', 'rules': 'rule', 'suites': 'suite'}
KINDS = 'boot', 'rule', 'suite'
RUN = 'scripts/check/run '


def test_names(text):
    """The names in a program: its tests, fixtures and variants alone, and each test behind its fixture, and
    behind its fixture and variant."""
    found = set(re.findall(r'^TEST(?:_SIGNAL)?\((\w+)', text, re.M))
    variants = re.findall(r'^FIXTURE_VARIANT_ADD\((\w+),\s*(\w+)', text, re.M)
    for fixture, test in re.findall(r'^TEST_F(?:_\w+)?\((\w+),\s*(\w+)', text, re.M):
        own = {variant for of, variant in variants if of == fixture}
        found |= {fixture, test, f'{fixture}.{test}', *own, *(f'{fixture}.{variant}.{test}' for variant in own)}
    return found


def programs():
    """Program -> its names."""
    found = {}
    for path in git_files('tools/testing/selftests/*.c'):
        text = read(path)
        if re.search(r'^(TEST_HARNESS_MAIN|int main\()', text, re.M):
            found[os.path.basename(path).removesuffix('.c')] = test_names(text)
    return found


def kunit_suites():
    """Suite of KUnit -> its cases."""
    found = collections.defaultdict(set)
    for path in git_files('drivers/*.c'):
        text = read(path)
        for name in re.findall(r'kunit_suite \w+ = \{\s*\.name = "([\w-]+)"', text):
            found[name] |= set(re.findall(r'KUNIT_CASE\w*\((\w+)', text))
    return found


def boot_names():
    starts = (boots.driver, boots.no_preemption, boots.smmus, boots.topology, suites.absent, suites.barriers,
              suites.fuzz, suites.kexec, suites.machine, suites.mock,
              suites.virtual_machines, suites.x86, lambda: seed_boots.of_seed(1),
              lambda: suites.foreign_driver('base', [1]), lambda: suites.kcsan(1), lambda: suites.stress(1))
    return {name for function in starts for name, _ in function()}


class Known:
    """Names of each kind."""

    def __init__(self, checks=()):
        self.programs = programs()
        self.kunit = kunit_suites()
        self.cases = set().union(*self.kunit.values())
        self.checks = set(checks)
        self.patch = {os.path.basename(path).removesuffix('.patch')
                      for path in git_files('tools/testing/hazards/*.patch')}
        self.boot = boot_names()
        self.rule = set(re.findall(r'"([a-z][\w-]+)"', read('tools/testing/qemu/tegra241-cmdqv-strict.c')))
        self.suite = set(re.findall(r"^    '([\w-]+)': \(", read('scripts/test/run'), re.M))

    def problem(self, kind, name, of):
        """In words, or None."""
        if name.startswith(RUN):
            unknown = set(name.removeprefix(RUN).split()) - self.checks
            return f'no check {min(unknown)}' if unknown else None
        if re.search(r'[ /:]', name):
            return None
        if kind == 'kunit':
            if of and of not in self.kunit:
                return f'no suite {of} of KUnit'
            there = self.kunit[of] if of else self.cases | set(self.kunit)
            return None if name in there else f'no case {name} of KUnit' + (f' {of}' if of else '')
        if kind == 'test':
            return None if name in self.programs.get(of, ()) else f'no test {of}: {name}'
        if kind in KINDS or kind == 'patch':
            return None if name in getattr(self, kind) else f'no {kind} {name}'
        return None if name in self.programs or name in self.suite else f'no program or suite {name}'


def next_kind(before, text, kind, of, last):
    """(kind, of) of the name behind text: the one before, unless text tells another. before: whether a name was."""
    m = re.search(r'\bKUnit\b(?: suite)?(?: ([a-z][\w]*-[\w-]+))?\s*$', text)
    if m:
        return 'kunit', m[1]
    m = re.search(r'\b(boots?|rules?|suites?)\s*$', text)
    if m:
        return SINGULAR.get(m[1], m[1]), None
    if kind == 'program' and re.fullmatch(r':\s*|.*\bvariants? ', text):
        return 'test', last
    # A program in parentheses behind the boot that runs it
    if not before or kind in KINDS and '(' in text:
        return 'program', None
    return kind, of


def cell_problems(text, known, kind='program'):
    """The names of a cell that are wrong, in words; a kind for all of them, or by the text."""
    found = []
    for part in text.split(';'):
        here, of, last, end = kind, None, None, 0
        reason = part.strip().startswith('not tested')
        for m in NAME.finditer(part):
            if kind != 'patch':
                here, of = next_kind(bool(last), part[end:m.start()], here, of, last)
            problem = known.problem(here, m[1], of)
            if problem and not (reason and here == 'program'):
                found.append(problem)
            last, end = m[1] if here != 'test' else last, m.end()
    return found


def tables(text):
    """The rows of each list-table: (line, cells)."""
    for m in re.finditer(r'^\.\. list-table::\n((?:   .*\n|\n)*)', text, re.M):
        rows = []
        for row in re.finditer(r'^   \* - ((?:.*\n)(?: {5}.*\n|\n(?= {5}))*)', m[1], re.M):
            line = text.count('\n', 0, m.start(1) + row.start()) + 1
            rows.append((line, [' '.join(cell.split()) for cell in re.split(r'^     -(?: |$)', row[1], flags=re.M)]))
        yield rows


def page_problems(path, text, known):
    found = []
    for (_, heads), *rows in filter(None, tables(text)):
        for line, cells in rows:
            if len(cells) != len(heads):
                found.append(f'{path}:{line}: {len(cells)} cells below {len(heads)} heads')
                continue
            for head, cell in zip(heads, cells):
                if head in ('test', 'taken out'):
                    found += [f'{path}:{line}: {problem}' for problem in
                              cell_problems(cell, known, 'patch' if head == 'taken out' else 'program')]
    return found


@functools.cache
def known_names(checks):
    return Known(checks)


def problems(checks=()):
    """tables of tests in the documentation name tests that exist"""
    known = known_names(tuple(checks))
    return [line for path in git_files('Documentation/*.rst') for line in page_problems(path, read(path), known)]
