# SPDX-License-Identifier: GPL-2.0
"""Recognises the kind of a file by its first bytes.

Each function with "problem" in its name returns None for a file of the right kind, else the problem in words.
"""

import os
import struct
import zlib

COMPRESSED = {
    b'\x1f\x8b': 'gzip',
    b'BZh': 'bzip2',
    b'\xfd7zXZ\0': 'xz',
    b'\x28\xb5\x2f\xfd': 'zstd',
    b'\x5d\0\0': 'lzma',
    b'\x04\x22\x4d\x18': 'lz4',
    b'\x02\x21\x4c\x18': 'lz4',
    b'\x89LZO': 'lzop',
}
# Machine types of PE and of ELF
PE = {0x14c: 'i386', 0x1c2: 'arm', 0x5064: 'riscv64', 0x6264: 'loongarch64', 0x8664: 'x86_64', 0xaa64: 'arm64'}
ELF = {3: 'i386', 21: 'ppc64', 22: 's390', 40: 'arm', 62: 'x86_64', 183: 'arm64', 243: 'riscv64', 258: 'loongarch64'}
HEAD = 1 << 16
PT_INTERP = 3


def compression(data):
    """The name of the compression that data begins with, or None."""
    return next((name for magic, name in COMPRESSED.items() if data.startswith(magic)), None)


def head(path):
    """The first bytes of a regular file, at least one; OSError or ValueError in words."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise ValueError('is a directory' if os.path.isdir(path) else 'is no regular file')
    with open(path, 'rb') as f:
        data = f.read(HEAD)
    if not data:
        raise ValueError('is empty')
    return data


def field(data, form, at):
    return struct.unpack_from(form, data, at)[0] if at + struct.calcsize(form) <= len(data) else None


def page_kib(data):
    """The page size in the header of an arm64 Image, in KiB, or None."""
    if compression(data) == 'gzip':
        data = zlib.decompressobj(31).decompress(data, HEAD)
    return {1: 4, 2: 16, 3: 64}.get((field(data, '<Q', 24) or 0) >> 1 & 3) if data[56:60] == b'ARM\x64' else None


def kernel_problem(data, arch):
    """Check that data begins a kernel image for arch that firmware or QEMU can start."""
    if compression(data) == 'gzip' and arch == 'arm64':
        try:
            data = zlib.decompressobj(31).decompress(data, HEAD)
        except zlib.error:
            return 'is damaged gzip data'
    if compression(data):
        return f'is compressed with {compression(data)}'
    at = field(data, '<I', 0x3c) if data.startswith(b'MZ') else None
    if at is not None and data[at:at + 4] == b'PE\0\0':
        found = PE.get(field(data, '<H', at + 4), 'another architecture')
    elif data[56:60] == b'ARM\x64':
        found = 'arm64'
    elif data[0x202:0x206] == b'HdrS':
        found = 'x86_64'
    else:
        return 'is no kernel image'
    return None if found == arch else f'is a kernel for {found}, not for {arch}'


def program_problem(data, arch):
    """Check that data begins a program for arch that needs no other file."""
    if not data.startswith(b'\x7fELF'):
        return 'is no program'
    found = ELF.get(field(data, '<H', 18), 'another architecture')
    if found != arch:
        return f'is a program for {found}, not for {arch}'
    start, size, count = field(data, '<Q', 32), field(data, '<H', 54), field(data, '<H', 56)
    if None in (start, size, count) or start + size * count > len(data):
        return 'is a damaged program'
    if any(field(data, '<I', start + i * size) == PT_INTERP for i in range(count)):
        return 'is linked dynamically; only static programs run there'
    return None
