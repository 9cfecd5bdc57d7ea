# SPDX-License-Identifier: GPL-2.0
"""Writes the initramfs: cpio archives in "newc" format, the ACPI one uncompressed in front.

The kernel looks for table upgrades in an uncompressed archive at the very start of the initrd.
Nothing in the archives depends on time or user, so the same input gives the same bytes.
"""

import gzip
import stat


class Cpio:
    def __init__(self):
        self.data = bytearray()
        self.ino = 0
        self.dirs = set()

    def _pad(self):
        self.data += bytes(-len(self.data) % 4)

    def _entry(self, name, mode, body=b'', rdev=(0, 0)):
        self.ino += 1
        raw = name.encode() + b'\0'
        fields = (self.ino, mode, 0, 0, 1, 0, len(body), 0, 0, *rdev, len(raw), 0)
        self.data += b'070701' + b''.join(b'%08X' % f for f in fields) + raw
        self._pad()
        self.data += body
        self._pad()

    def directory(self, name):
        parts = name.strip('/').split('/')
        for i in range(1, len(parts) + 1):
            path = '/'.join(parts[:i])
            if path and path not in self.dirs:
                self.dirs.add(path)
                self._entry(path, stat.S_IFDIR | 0o755)

    def file(self, name, body, mode=0o755):
        name = name.strip('/')
        if '/' in name:
            self.directory(name.rsplit('/', 1)[0])
        self._entry(name, stat.S_IFREG | mode, body)

    def character_device(self, name, major, minor):
        self.directory(name.rsplit('/', 1)[0])
        self._entry(name, stat.S_IFCHR | 0o600, rdev=(major, minor))

    def finish(self):
        self._entry('TRAILER!!!', 0)
        self.data += bytes(-len(self.data) % 512)
        return bytes(self.data)


def build(init, tests, files, tables, archives=()):
    """Return an initrd. tests: text of /machine/tests; files: {guest path: bytes}; tables: [aml];
    archives: more of them, which were finished before."""
    front = b''
    if tables:
        acpi = Cpio()
        for i, table in enumerate(tables):
            acpi.file(f'kernel/firmware/acpi/table{i}.aml', table, 0o644)
        front = acpi.finish()
    root = Cpio()
    for d in ('dev', 'proc', 'sys', 'tmp'):
        root.directory(d)
    root.character_device('dev/console', 5, 1)
    root.file('init', init)
    root.file('machine/tests', tests.encode(), 0o644)
    for path, body in sorted(files.items()):
        root.file(path, body)
    return front + b''.join(archives) + gzip.compress(root.finish(), 1, mtime=0)
