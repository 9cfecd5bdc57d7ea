# SPDX-License-Identifier: GPL-2.0
"""The table of mainline's commits in mainline/: every row is complete, and its place exists.

A place is a path, a path and a word of that file (path:word), or a rule of a hook (path.cocci:rule). It is
looked for in the repository, then in the base. The page of the table must count the rows as they are, and
describe each name under which something is missing.
"""

import collections
import functools
import glob
import os
import re

from project import BASE, ROOT, read

COLUMNS = ['commit', 'group', 'area', 'verdict', 'place', 'note']
VERDICTS = ('here', 'base', 'before', 'unneeded', 'missing')
LISTED = ('guest.tsv', 'host-smmu.tsv', 'host.tsv')
LISTED_COMMITS = 738
PAGE = 'Documentation/arch/arm64/grace-mainline.rst'


text_of = functools.cache(read)


def place_problem(place, top):
    """None if the place exists in the directory."""
    path, _, word = place.partition(':')
    there = os.path.join(top, path)
    if not os.path.exists(there):
        return f'no file {path}'
    pattern = rf'^@{word}\b' if path.endswith('.cocci') else rf'\b{word}\b'
    if word and not (os.path.isfile(there) and re.search(pattern, text_of(there), re.M)):
        return f'no {word} in {path}'
    return None


def row_problems(row):
    commit, _, _, verdict, place, note = row
    if not re.fullmatch(r'[0-9a-f]{12}(\+[0-9a-f]{12})*|CVE-\d{4}-\d+', commit):
        return [f'"{commit}" is neither a commit nor a CVE']
    if verdict not in VERDICTS:
        return [f'no verdict "{verdict}"']
    if verdict in ('unneeded', 'missing'):
        return [] if place == '-' and note != '-' else ['a place, or no note']
    found = [place_problem(one, ROOT if verdict == 'here' else BASE) for one in place.split('; ')]
    return [problem for problem in found if problem]


def page_problems(counts, missing):
    """The page counts the rows, and has a row for each name of what is missing."""
    text = read(PAGE)
    problems = []
    for (name, group), count in counts.items():
        row = rf'^``{re.escape(name)}``\s+{re.escape(group)}\s+' + r'\s+'.join(str(count[v]) for v in VERDICTS)
        if not re.search(row + r'\b', text, re.M):
            numbers = ' '.join(f'{v} {count[v]}' for v in VERDICTS)
            problems.append(f'{PAGE}: {name} {group} has: {numbers}')
    described = set(re.findall(r'^   \* - ``([\w-]+)``', text, re.M))
    problems += [f'{PAGE}: does not describe {name}' for name in sorted(missing - described)]
    problems += [f'{PAGE}: no row is missing for {name}' for name in sorted(described - missing)]
    return problems


def problems():
    """the table of mainline's commits is complete, and its places exist"""
    found, counts, missing, seen = [], collections.defaultdict(collections.Counter), set(), {}
    for path in sorted(glob.glob(os.path.join(ROOT, 'mainline/*.tsv'))):
        name = os.path.basename(path)
        lines = read(path).splitlines()
        if lines[1].split('\t') != COLUMNS:
            found.append(f'mainline/{name}:2: the columns are {", ".join(COLUMNS)}')
        for number, line in enumerate(lines[2:], 3):
            where, row = f'mainline/{name}:{number}', line.split('\t')
            if len(row) != len(COLUMNS):
                found.append(f'{where}: {len(row)} columns')
                continue
            found += [f'{where}: {problem}' for problem in row_problems(row)]
            if row[0] in seen:
                found.append(f'{where}: {row[0]} is in {seen[row[0]]}')
            seen[row[0]] = where
            counts[name, row[1]][row[3]] += 1
            if row[3] == 'missing':
                missing.add(row[5])
    listed = sum(count.total() for (name, _), count in counts.items() if name in LISTED)
    if listed != LISTED_COMMITS:
        found.append(f'mainline: {listed} commits in {", ".join(LISTED)}, not {LISTED_COMMITS}')
    return found + page_problems(counts, missing)
