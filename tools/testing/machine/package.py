# SPDX-License-Identifier: GPL-2.0
"""A Debian package of a kernel, unpacked into a directory: its image, and its modules in load order.

In the initramfs a module has its path in the package, and is not compressed.
"""

import glob
import gzip
import lzma
import os

OPENERS = {'.gz': gzip.decompress, '.xz': lzma.decompress}


class Refused(Exception):
    """The directory is no kernel package that can be used."""


def one(where, *patterns):
    found = [path for pattern in patterns for path in glob.glob(os.path.join(where, pattern))]
    if len(found) != 1:
        raise Refused(f'{where}: no unpacked kernel package: {len(found)} files {patterns[0]}, and one is wanted')
    return found[0]


def image(where):
    """The path of the kernel."""
    return one(where, 'boot/vmlinuz-*')


def dependencies(text):
    """modules.dep: path -> needed paths, the first one to load at the end."""
    return {path: needs.split() for path, _, needs in (line.partition(':') for line in text.splitlines())}


def modules(where):
    """Paths of all modules, without the suffix of a compression, each after the modules that it needs."""
    index = one(where, 'lib/modules/*/modules.dep', 'usr/lib/modules/*/modules.dep')
    with open(index, encoding='utf-8') as f:
        needs = dependencies(f.read())
    base = os.path.relpath(os.path.dirname(index), where)
    order = {path: None for name in sorted(needs) for path in [*reversed(needs[name]), name]}
    return [os.path.join(base, path.rpartition('.ko')[0] + '.ko') for path in order]


def module(where, path):
    """The bytes of a module, not compressed."""
    found = one(where, path, path + '.*')
    with open(found, 'rb') as f:
        body = f.read()
    suffix = found.rpartition('.ko')[2]
    if suffix and suffix not in OPENERS:
        raise Refused(f'{found}: cannot be decompressed here; CONFIG_MODULE_COMPRESS_XZ can')
    return OPENERS[suffix](body) if suffix else body
