# SPDX-License-Identifier: GPL-2.0
"""The descriptions for syzkaller against the headers that they describe.

syzkaller's own tools are not packaged. This knows as much of its language as our file uses, and makes a C
file of it that compiles only if every constant exists, every literal is the one of the mock driver, and
every structure has the size, and every field the offset and size, that the headers have.
"""

import os
import re

from project import BUILD, LINUX, outcome, output, read

FILE = 'tools/testing/syzkaller/dev_iommu_viommu.txt'
HEADERS = '#include <stddef.h>\n#include <linux/iommufd.h>\n#include "drivers/iommu/iommufd/iommufd_test.h"\n'
# Of syzkaller's dev_iommu.txt
RESOURCES = {'fd_iommu': 4, 'fd': 4, 'ioas_id': 4, 'hwpt_id': 4, 'device_id': 4}
# Structures that describe one use of another one
SAME_AS = {
    'iommu_destroy_viommu': 'iommu_destroy',
    'iommu_viommu_hwpt_alloc': 'iommu_hwpt_alloc',
    'iommu_viommu_invalidate': 'iommu_hwpt_invalidate',
}
# The names of these fields are ours: the header has one array
OWN_FIELDS = {'iommu_viommu_arm_smmuv3_invalidate'}
LITERALS = {
    'iommu_hw_queue_types': 'IOMMU_HW_QUEUE_TYPE_SELFTEST',
    'iommu_veventq_types': 'IOMMU_VEVENTQ_TYPE_SELFTEST',
    'iommu_viommu_hwpt_types': 'IOMMU_HWPT_DATA_SELFTEST',
    'iommu_viommu_invalidate_types': 'IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST',
    'iommu_viommu_types': 'IOMMU_VIOMMU_TYPE_SELFTEST',
}


class Descriptions:
    """The content of a file of descriptions; problems has the lines that cannot be understood."""

    def __init__(self, text):
        text = re.sub(r'^#.*\n', '', text, flags=re.M)
        self.problems = []
        self.resources = dict(RESOURCES)
        for name, base in re.findall(r'^resource (\w+)\[(\w+)\]', text, re.M):
            self.resources[name] = self.resources.get(base) or int(base.removeprefix('int')) // 8
        self.flags = dict(re.findall(r'^(\w+) = (.*)$', text, re.M))
        self.unions = {name: body for name, body in re.findall(r'^(\w+) \[\n(.*?)^\]', text, re.M | re.S)}
        self.structs = {name: [line.split(None, 1) for line in body.splitlines()]
                        for name, body in re.findall(r'^(\w+) \{\n(.*?)^\}', text, re.M | re.S)}
        self.calls = re.findall(r'^ioctl\$(\w+)\(fd fd_iommu, cmd const\[(\w+)\], arg ptr\[\w+, (\w+)\]\)$',
                                text, re.M)
        if len(self.calls) != len(re.findall(r'^ioctl\$', text, re.M)):
            self.problems.append('an ioctl is written in another way than the others')

    def size(self, kind):
        """(bytes, alignment) of a type, or None."""
        kind = kind.strip()
        array = re.match(r'array\[(\w+), (\d+)\]$', kind)
        if array:
            one = self.size(array.group(1))
            return one and (one[0] * int(array.group(2)), one[1])
        if kind.startswith('ptr64['):
            return 8, 8
        plain = re.match(r'int(8|16|32|64)(\[.*\])?$', kind) or \
            re.match(r'(?:const|flags|len|bytesize)\[\w+, int(8|16|32|64)\]$', kind)
        if plain:
            n = int(plain.group(1)) // 8
            return n, n
        if kind in self.unions:
            sizes = [self.size(line.split()[1]) for line in self.unions[kind].splitlines()]
            return None if None in sizes else max(sizes)
        n = self.resources.get(kind)
        return n and (n, n)

    def layout(self, name):
        """[(field, offset, bytes)] and the size of a structure, by the rules of C."""
        at, widest, fields = 0, 1, []
        for field, kind in self.structs[name]:
            found = self.size(re.sub(r'\s+\((in|out|inout)\)$', '', kind))
            if not found:
                self.problems.append(f'{name}.{field}: unknown type {kind}')
                continue
            n, alignment = found
            at += -at % alignment
            fields.append((field, at, n))
            at, widest = at + n, max(widest, alignment)
        return fields, at + -at % widest


def c_field(name):
    """Reserved fields have underscores in the headers."""
    return f'__{name}' if name.startswith('reserved') else name


def assertion(condition, text):
    return f'_Static_assert({condition}, "{text}");\n'


def program(d):
    out = [HEADERS]
    for call, command, struct in d.calls:
        if call != command and not call.startswith(f'{command}_') or struct not in d.structs:
            d.problems.append(f'ioctl${call}: {command} and {struct} do not fit')
        out.append(assertion(f'_IOC_TYPE({command}) == IOMMUFD_TYPE', f'{call} is a command of iommufd'))
    for name, values in d.flags.items():
        for value in values.split(', '):
            if name in LITERALS and value.startswith('0x'):
                out.append(assertion(f'{value} == {LITERALS[name]}', f'{name}: {value}'))
            else:
                out.append(assertion(f'{value} >= 0', f'{name}: {value}'))
    for name in d.structs:
        c = f'struct {SAME_AS.get(name, name)}'
        fields, size = d.layout(name)
        out.append(assertion(f'sizeof({c}) == {size}', f'size of {name}: {size}'))
        for field, at, n in [] if name in OWN_FIELDS else fields:
            member = c_field(field)
            out.append(assertion(f'offsetof({c}, {member}) == {at} && sizeof((({c} *)0)->{member}) == {n}',
                                 f'{name}.{field}: {n} at {at}'))
    return ''.join(out)


def headers():
    """The headers as the kernel exports them; returns their directory."""
    out = os.path.join(BUILD, 'headers')
    output('make', '-s', '-C', LINUX, f'O={out}', 'ARCH=arm64', 'headers_install')
    return os.path.join(out, 'usr/include')


def problems():
    """the descriptions for syzkaller have the layouts and values of the headers"""
    d = Descriptions(read(FILE))
    code, text = outcome('gcc', '-fsyntax-only', '-x', 'c', '-isystem', headers(), f'-I{LINUX}', '-', input=program(d))
    found = [line.split('error: ', 1)[1] for line in text.splitlines() if 'error: ' in line]
    if code and not found:
        found = text.splitlines()[-5:]
    return [f'{FILE}: {text}' for text in d.problems + found]
