# SPDX-License-Identifier: GPL-2.0
"""Files for guests of stock QEMU in the machine, as two archives under build/guest.

host.cpio has Debian's QEMU with the libraries it is linked to, its firmware and its busybox, and below
/guest the guest's kernel and initramfs. guest.cpio.gz is that initramfs: busybox, and guest-init as init.
"""

import gzip
import os
import re
import subprocess

import initramfs

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, '../../..'))
WHERE = os.path.join(TOP, 'build', 'guest')
ROOT = os.path.join(WHERE, 'root')
MACHINE = os.path.join(TOP, 'build', 'machine')
LIBRARIES = ('usr/lib/aarch64-linux-gnu', 'usr/lib')
GUEST_PROGRAMS = ('frames', 'guest-kexec', 'kernel-load')
HOST_PROGRAMS = ('frames', 'kernel-counters')


class Missing(Exception):
    """A file that must be built or fetched first is missing."""


def read(path):
    try:
        with open(path, 'rb') as f:
            return f.read()
    except OSError as e:
        raise Missing(f'{path}: {e.strerror}') from e


def needed(path):
    """Names of the libraries that a program or library is linked to, and its interpreter."""
    text = subprocess.run(['readelf', '-dlW', path], capture_output=True, text=True, check=True).stdout
    return re.findall(r'\(NEEDED\).*\[(\S+)\]', text) + \
        [os.path.basename(name) for name in re.findall(r'program interpreter: (\S+)\]', text)]


def find_library(name):
    for where in LIBRARIES:
        path = os.path.join(ROOT, where, name)
        if os.path.exists(path):
            return path
    raise Missing(f'no library {name} in the packages of QEMU')


def libraries(program):
    """{path in the machine: path here} of all libraries of a program, direct and indirect."""
    found, todo = {}, [program]
    while todo:
        for name in needed(todo.pop()):
            inside = f'lib/{name}' if name.startswith('ld-') else f'lib/aarch64-linux-gnu/{name}'
            if inside not in found:
                found[inside] = find_library(name)
                todo.append(found[inside])
    return found


def archive(files):
    """A cpio archive of {path inside: bytes}."""
    cpio = initramfs.Cpio()
    for path, body in sorted(files.items()):
        cpio.file(path, body)
    return cpio.finish()


def write(name, data):
    path = os.path.join(WHERE, name)
    with open(path, 'wb') as f:
        f.write(data)
    return path


def guest_initramfs(kernel):
    """init, its shell and programs; the kernel again, for a guest that starts it with kexec."""
    cpio = initramfs.Cpio()
    for directory in ('dev', 'proc', 'sys', 'tmp'):
        cpio.directory(directory)
    cpio.character_device('dev/console', 5, 1)
    cpio.file('init', read(os.path.join(HERE, 'guest-init')))
    cpio.file('guest-words', read(os.path.join(HERE, 'guest-words')))
    cpio.file('bin/busybox', read(os.path.join(ROOT, 'usr/bin/busybox')))
    for name in GUEST_PROGRAMS:
        cpio.file(f'bin/{name}', read(os.path.join(MACHINE, name)))
    if kernel:
        cpio.file('Image', kernel)
    return gzip.compress(cpio.finish(), 1, mtime=0)


def kernel_image(name):
    return os.path.join(TOP, 'build', f'kernel-{name}', 'arch/arm64/boot/Image')


def host_archive(kernels=('fast',)):
    """Write the archive for the machine, with these kernels for its guests; return its path."""
    image = read(kernel_image('fast'))
    qemu = os.path.join(ROOT, 'usr/bin/qemu-system-aarch64')
    files = {
        'bin/busybox': read(os.path.join(ROOT, 'usr/bin/busybox')),
        'guest/host-words': read(os.path.join(HERE, 'host-words')),
        'guest/QEMU_EFI.fd': read(os.path.join(ROOT, 'usr/share/qemu-efi-aarch64/QEMU_EFI.fd')),
        'guest/initrd': guest_initramfs(None),
        'guest/initrd-kexec': guest_initramfs(image),
        'usr/bin/qemu-system-aarch64': read(qemu),
    }
    for name in kernels:
        files[f'guest/Image-{name}'] = read(kernel_image(name))
    for name in HOST_PROGRAMS:
        files[f'bin/{name}'] = read(os.path.join(MACHINE, name))
    for inside, path in libraries(qemu).items():
        files[inside] = read(path)
    return write('host.cpio', archive(files))
