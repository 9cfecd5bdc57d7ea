# SPDX-License-Identifier: GPL-2.0
"""The schemas of the device tree that the project adds or changes, and the example that they must accept.

The tools are dtschema's; the Makefile of the kernel wants a newer one than Debian has for this, so they are
called one by one.
"""

import glob
import os
import shutil
import tempfile

from project import BUILD, LINUX, Refused, outcome, output, write

SCHEMAS = os.path.join(LINUX, 'Documentation/devicetree/bindings/iommu')
NAMES = ('arm,smmu-v3.yaml', 'nvidia,tegra264-cmdqv.yaml')


class Missing(Exception):
    """A tool is not there."""


def tree(schema, where):
    """Compile the examples of a schema; returns the path of the tree."""
    source = os.path.join(where, 'example')
    example = output('dt-extract-example', schema)
    if not example:
        raise Refused(f'{schema}: no example')
    write(f'{source}.dts', example)
    output('gcc', '-E', '-P', '-nostdinc', '-undef', '-x', 'assembler-with-cpp', f'-I{LINUX}/include', f'{source}.dts',
           '-o', f'{source}.c')
    output('dtc', '-q', '-O', 'dtb', '-o', f'{source}.dtb', f'{source}.c')
    return f'{source}.dtb'


def problems():
    """schemas of the device tree, and their example; needs dt-schema, which Debian 12 has"""
    for tool in ('dt-validate', 'dtc'):
        if not shutil.which(tool):
            raise Missing(f'no {tool} here; packages dt-schema and device-tree-compiler have it')
    found = []
    with tempfile.TemporaryDirectory(prefix='bindings.', dir=BUILD) as where:
        processed = os.path.join(where, 'processed.json')
        for name in NAMES:
            shutil.copy(os.path.join(SCHEMAS, name), where)
        found += outcome('dt-mk-schema', '-j', '-o', processed, *glob.glob(f'{where}/*.yaml'))[1].splitlines()
        for name in NAMES:
            try:
                path = tree(os.path.join(where, name), where)
            except Refused as e:
                found.append(str(e))
                continue
            _, text = outcome('dt-validate', '-s', processed, path)
            found += [f'{name}: {line.removeprefix(path + ": ")}'
                      for line in text.splitlines() if 'From schema:' not in line]
    return found
