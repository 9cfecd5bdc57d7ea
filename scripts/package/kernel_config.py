#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Reads a kernel configuration that somebody gives: kernel_config.py FILE

Prints it, unpacked if it is compressed with gzip, as /proc/config.gz is. Refuses, in one line, what is no
complete configuration for arm64: the merge of kconfig takes anything for one, and leaves out what it does
not understand.
"""

import gzip
import re
import sys
import zlib

sys.path.append(sys.path[0] + '/..')

from project import Refused, main_wrapper
import filetype

MAX_BYTES = 16 << 20
LINE = re.compile(r'#.*|CONFIG_\w+=\S.*|CONFIG_\w+=|\s*')
GENERATED = '# Automatically generated file; DO NOT EDIT.'
# The last menu of every configuration that Kconfig writes
END = '# end of Kernel hacking'
HEADER = re.compile(r'^# Linux/(\S+) .*Kernel Configuration$', re.M)
# Options that arm64 does not have; Debian's linux-config leaves out the option of the architecture itself
OTHERS = re.compile(r'^CONFIG_((X86|RISCV|PPC|S390|LOONGARCH)(_\w+)?|ARCH_MULTI_V[67]|ARM_LPAE|ARM|MIPS|SPARC|PARISC|'
                    r'M68K|ALPHA|SUPERH|ARC)=[ym]$', re.M)


def unpack(path):
    """The bytes of the file, without the compression."""
    filetype.head(path)
    with open(path, 'rb') as f:
        data = f.read(MAX_BYTES + 1)
    packed = filetype.compression(data)
    if packed == 'gzip':
        try:
            with gzip.open(path) as f:
                data = f.read(MAX_BYTES + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as e:
            raise Refused(f'{path} is damaged or truncated gzip data') from e
    elif packed:
        raise Refused(f'{path} is compressed with {packed}; unpack it first')
    if len(data) > MAX_BYTES:
        raise Refused(f'{path} is larger than {MAX_BYTES >> 20} MiB, and so no kernel configuration')
    return data


def check_text(path, data):
    """The text of the file, if each line is one of a configuration."""
    if b'\0' in data:
        raise Refused(f'{path} is binary, and no kernel configuration')
    if b'\r' in data:
        raise Refused(f'{path} has line endings of DOS (CR LF); convert it, for instance with dos2unix')
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        raise Refused(f'{path} is binary, and no kernel configuration') from e
    # The end of a truncated file is for check_complete()
    for number, line in enumerate(text[:text.rfind('\n') + 1].splitlines(), 1):
        if not LINE.fullmatch(line):
            raise Refused(f'{path}, line {number} is none of a kernel configuration: {line[:60]}')
    if 'CONFIG_' not in text:
        raise Refused(f'{path} is no kernel configuration: it has no option')
    return text


def check_architecture(path, text):
    header, other = HEADER.search(text), OTHERS.search(text)
    if header and header[1] != 'arm64':
        raise Refused(f'{path} is a configuration for {header[1]}; this is built for arm64')
    if other and '\nCONFIG_ARM64=y\n' not in f'\n{text}':
        raise Refused(f'{path} is a configuration for another architecture ({other[0]}); this is built for arm64')


def check_complete(path, text):
    lines = text.splitlines()
    if not text.endswith('\n') or GENERATED in lines and END not in lines:
        raise Refused(f'{path} is truncated: it ends with "{lines[-1][:60]}"')
    if GENERATED in lines and 'CONFIG_ARM64=y' not in lines:
        raise Refused(f'{path} is no configuration for arm64: it has no CONFIG_ARM64=y')


def read(path):
    """The text of a configuration."""
    try:
        data = unpack(path)
    except OSError as e:
        raise Refused(f'no configuration {path}: {e.strerror}') from e
    except ValueError as e:
        raise Refused(f'configuration {path} {e}') from e
    text = check_text(path, data)
    check_architecture(path, text)
    check_complete(path, text)
    return text


def main():
    if len(sys.argv) != 2:
        raise Refused('one FILE is needed')
    sys.stdout.write(read(sys.argv[1]))


if __name__ == '__main__':
    main_wrapper(main)
