# SPDX-License-Identifier: MIT OR GPL-2.0
"""Compares the interface in the headers with libviommu.abi: abi.py, or abi.py --print for all of its lines.

Functions, members and values of enumerations are taken from the headers, sizes and offsets from the C
compiler (CC). libviommu.abi has one line for each, with the version in which it came; libviommu.symbols has
each function at that version. Lines of a frozen version never change, which FROZEN checks. A
structure that begins with its size may grow: its new size is a line of the new version behind the old one, and
counts. Prints each difference.
"""

import glob
import hashlib
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
INCLUDE = os.path.join(HERE, '../include')
# Version -> sha256 of its lines
FROZEN = {'1.0': '76e9e37cc341399b8cf296808305f7b5687d1fdb9064d395823da1a6cfc0f114'}

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
FUNCTION = re.compile(r'^(\w[^\n;{}()]*?\bviommu_\w+\([^()]*\));', re.M)
STRUCT = re.compile(r'^struct (viommu_\w+) \{(.*?)^\};', re.M | re.S)
ENUM = re.compile(r'^enum viommu_\w+ \{(.*?)^\};', re.M | re.S)
NUMBER = re.compile(r'^#define (VIOMMU_(?!VERSION)\w+) +\S', re.M)
MEMBER = re.compile(r'\(\*(\w+)\)\(|(\w+)(?:\[\w+\])?$')


def words(text):
    return ' '.join(text.split())


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def members(body):
    """[(name, declaration)]; one declaration may have several names."""
    found = []
    for line in filter(None, map(words, body.split(';'))):
        if '(' in line:
            found.append((MEMBER.search(line)[1], line))
            continue
        first, *more = [part.strip() for part in line.split(',')]
        kind = MEMBER.sub('', first)
        found += [(MEMBER.search(part)[2], words(kind + part)) for part in [MEMBER.search(first)[0], *more]]
    return found


def program(structs, numbers):
    """The questions to the compiler."""
    lines = ['#include <stdio.h>', '#include <viommu.h>', 'int main(void)', '{']
    for name, body in structs:
        lines.append(f'\tprintf("struct {name} %zu\\n", sizeof(struct {name}));')
        lines += [f'\tprintf("member {name} %zu {text}\\n", offsetof(struct {name}, {member}));'
                  for member, text in members(body)]
    lines += [f'\tprintf("number {name} %lld\\n", (long long)({name}));' for name in numbers]
    return '\n'.join([*lines, '\treturn 0;', '}', ''])


def interface():
    """The lines of this interface, without a version."""
    text = '\n'.join(COMMENT.sub('', read(path)) for path in sorted(glob.glob(f'{INCLUDE}/viommu/*.h')))
    numbers = NUMBER.findall(text)
    for body in ENUM.findall(text):
        numbers += [words(value).split(' ')[0] for value in body.split(',') if value.strip()]
    with tempfile.TemporaryDirectory() as tmp:
        source = os.path.join(tmp, 'abi.c')
        with open(source, 'w', encoding='utf-8') as f:
            f.write(program(STRUCT.findall(text), numbers))
        subprocess.run([os.environ.get('CC', 'gcc'), '-w', f'-I{INCLUDE}', '-o', source[:-2], source], check=True)
        told = subprocess.run([source[:-2]], check=True, stdout=subprocess.PIPE, text=True).stdout
    return sorted([f'function {words(f)}' for f in FUNCTION.findall(text)] + told.splitlines())


def recorded():
    """[(version, line)] of libviommu.abi."""
    lines = read(os.path.join(HERE, '../libviommu.abi')).splitlines()
    return [tuple(line.split(' ', 1)) for line in lines if not line.startswith('#')]


def frozen(entries):
    for version, known in FROZEN.items():
        text = '\n'.join(sorted(line for v, line in entries if v == version))
        if hashlib.sha256(text.encode()).hexdigest() != known:
            yield f'{version} is frozen, and its lines in libviommu.abi have changed'


def same(entries):
    """Of each structure the last size counts."""
    sizes = {line.rsplit(' ', 1)[0]: line for _, line in entries if line.startswith('struct ')}
    want = {line for _, line in entries if not line.startswith('struct ')} | set(sizes.values())
    have = set(interface())
    yield from (f'not in libviommu.abi: {line}' for line in sorted(have - want))
    yield from (f'not in the headers: {line}' for line in sorted(want - have))


def symbols(entries):
    functions = {f'{re.search(r"(viommu_[a-z0-9_]+)[(]", line)[1]}@@LIBVIOMMU_{version}'
                 for version, line in entries if line.startswith('function ')}
    listed = {line for line in read(os.path.join(HERE, '../libviommu.symbols')).splitlines() if line[0] != '#'}
    yield from (f'in one of libviommu.abi and libviommu.symbols only: {s}' for s in sorted(functions ^ listed))


def newest(entries):
    """The headers have the version of the newest line."""
    found = dict(re.findall(r'#define VIOMMU_VERSION_(MAJOR|MINOR) (\d+)', read(f'{INCLUDE}/viommu/context.h')))
    version = max(tuple(map(int, v.split('.'))) for v, _ in entries)
    if version != (int(found['MAJOR']), int(found['MINOR'])):
        yield f'libviommu.abi has lines of {version[0]}.{version[1]}, which is not VIOMMU_VERSION'


def main():
    if sys.argv[1:] == ['--print']:
        print('\n'.join(interface()))
        return
    entries = recorded()
    for problem in (*frozen(entries), *same(entries), *symbols(entries), *newest(entries)):
        print(problem)


main()
