# SPDX-License-Identifier: GPL-2.0
"""The schemas of the device tree that the project adds or changes, and the example that they must accept.

The tools are dtschema's; the Makefile of the kernel wants a newer one than Debian has for this, so they are
called one by one.
"""

import glob
import os
import shutil
import subprocess
import tempfile

from project import BUILD

SCHEMAS = os.path.join(BUILD, 'linux', 'Documentation/devicetree/bindings/iommu')
NAMES = ('arm,smmu-v3.yaml', 'nvidia,tegra264-cmdqv.yaml')
INCLUDES = os.path.join(BUILD, 'linux', 'include')


class Missing(Exception):
    """A tool is not there."""


def run(*command, **kwargs):
    return subprocess.run(command, capture_output=True, text=True, **kwargs)


def tree(schema, where):
    """Compile the examples of a schema; returns the paths of the trees, and problems."""
    source = os.path.join(where, 'example')
    p = run('dt-extract-example', schema)
    if p.returncode or not p.stdout:
        return [], [f'{schema}: no example: {p.stderr.strip()}']
    with open(f'{source}.dts', 'w', encoding='utf-8') as f:
        f.write(p.stdout)
    words = run('gcc', '-E', '-P', '-nostdinc', '-undef', '-x', 'assembler-with-cpp', f'-I{INCLUDES}', f'{source}.dts',
                '-o', f'{source}.c')
    made = run('dtc', '-q', '-O', 'dtb', '-o', f'{source}.dtb', f'{source}.c')
    return [f'{source}.dtb'], [line for p in (words, made) if p.returncode for line in p.stderr.splitlines()]


def problems():
    for tool in ('dt-validate', 'dtc'):
        if not shutil.which(tool):
            raise Missing(f'no {tool} here; packages dt-schema and device-tree-compiler have it')
    found = []
    with tempfile.TemporaryDirectory(prefix='bindings.', dir=BUILD) as where:
        processed = os.path.join(where, 'processed.json')
        for name in NAMES:
            shutil.copy(os.path.join(SCHEMAS, name), where)
        p = run('dt-mk-schema', '-j', '-o', processed, *glob.glob(os.path.join(where, '*.yaml')))
        found += p.stderr.splitlines()
        for name in NAMES:
            trees, wrong = tree(os.path.join(where, name), where)
            found += wrong
            for path in trees:
                p = run('dt-validate', '-s', processed, path)
                found += [f'{name}: {line.removeprefix(path + ": ")}'
                          for line in (p.stdout + p.stderr).splitlines() if 'From schema:' not in line]
    return found
