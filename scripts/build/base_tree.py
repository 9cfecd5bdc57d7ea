# SPDX-License-Identifier: GPL-2.0
"""Which kernel trees the project goes into.

Every release of META's series from BASE_MIN on is taken, and the hooks tell whether it fits. A release that is
newer than BASE_TESTED gets a line of notice; `make tree` then demands that the objects that the project
touches compile without a warning. A vendor's tree may call itself 6.12.0 whatever it contains, so there the
hooks alone decide. A tree with vIOMMU needs nothing of this project.
"""

import glob
import os
import re

from project import Refused, meta, output, read, version_tuple

VIOMMU = 'IOMMUFD_OBJ_VIOMMU'


class Release:
    """The release of a kernel tree."""

    def __init__(self, tree):
        makefile = os.path.join(tree, 'Makefile')
        try:
            head = read(os.path.abspath(makefile))[:1000]
        except OSError as e:
            raise Refused(f'{tree} is no kernel tree: Makefile: {e.strerror}') from e
        parts = [re.search(rf'^{key} = (\d+)$', head, re.M) for key in ('VERSION', 'PATCHLEVEL', 'SUBLEVEL')]
        if not all(parts):
            raise Refused(f'{makefile} does not tell its version')
        self.number = tuple(int(p.group(1)) for p in parts)
        extra = re.search(r'^EXTRAVERSION =[ \t]*(\S*)', head, re.M)
        self.extra = extra.group(1) if extra else ''

    def __str__(self):
        return f'Linux {".".join(map(str, self.number))}{self.extra}'

    def is_newer(self):
        """True if it is newer than the newest that was tested."""
        return self.number > version_tuple(meta()['BASE_TESTED'])

    def is_vendors(self):
        """True if the number does not tell what is in the tree."""
        return self.number[2] == 0 and not self.extra.startswith('-rc')

    def notice(self):
        """A line for the user, or ''."""
        if self.is_vendors():
            return f"{self} is a vendor's tree: not tested here; build drivers/iommu"
        if self.is_newer():
            return f'{self} is newer than {meta()["BASE_TESTED"]}, the newest that was tested'
        return ''

    def advice(self):
        """Advice for the user if it does not fit."""
        return (f'{self} is not what the hooks are written for: take another release (BASE=FILE; tested up to '
                f'{meta()["BASE_TESTED"]}) or a newer state of the project')


def _refuse_viommu(tree):
    for pattern in ('include/linux/iommufd*.h', 'drivers/iommu/iommufd/*.h'):
        for path in sorted(glob.glob(os.path.join(glob.escape(tree), pattern))):
            if VIOMMU in read(os.path.abspath(path)):
                raise Refused(f'this tree has vIOMMU already ({VIOMMU} in {os.path.relpath(path, tree)}): '
                              'the project is not needed')


def check_release(tree, vendor=False):
    """Return the release of a tree; Refused if the project is not for it. With vendor, 6.12.0 is let in."""
    _refuse_viommu(tree)
    release = Release(tree)
    low = meta()['BASE_MIN']
    series = low.rpartition('.')[0]
    if release.number[:2] != version_tuple(series):
        raise Refused(f'{release} is of another series; the project is for Linux {series}, from {low} on')
    if release.number < version_tuple(low) and not (vendor and release.is_vendors()):
        raise Refused(f'{release} is too old; the project is for Linux {series}, from {low} on')
    return release


def check_pristine(base):
    """Refuse a base in which a file is newer than the unpacking: hooks need pristine files."""
    stamp = os.path.abspath(os.path.join(base, '.unpacked'))
    if not os.path.exists(stamp):
        return
    edited = output('find', '.', '!', '-type', 'd', '-newer', stamp, '-printf', '%P', '-quit', cwd=base)
    if edited:
        raise Refused(f'{edited} of the base was edited; remove build/base to unpack it again')
