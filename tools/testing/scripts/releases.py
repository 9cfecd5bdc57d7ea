# SPDX-License-Identifier: GPL-2.0
"""Releases of the base that apt offers, and how to get them.

Asked are the suites of the machine and those that META names: for the package linux-source-6.12, and for
the source package linux, which some suites keep in older versions; its archive is the release as
kernel.org has it, but for a few files.
"""

import glob
import os
import re
import shutil

from apt_suite import Suite
from project import BUILD, Refused, meta, output, version_tuple

SERIES = meta()['BASE_MIN'].rpartition('.')[0]
PACKAGE = f'linux-source-{SERIES}'
BASES = os.path.join(BUILD, 'bases')


def _runner(suite):
    """An apt for one more suite; one that cannot be reached offers nothing."""
    try:
        apt = Suite(suite)
        apt.update()
    except Refused as e:
        print(f'# {suite}: {str(e)[-200:]}'.replace('\n', ' '))
        return lambda *_args, **_kwargs: ''
    return apt.run


class Offer:
    """One release that a suite offers, as a package or as a source package."""

    def __init__(self, release, run, package, version):
        self.release, self.run, self.package, self.version = release, run, package, version
        self.tarball = os.path.join(BASES, f'{release}.tar.xz')

    def fetch(self):
        """The path of its archive, which is kept."""
        if os.path.exists(self.tarball):
            return self.tarball
        tmp = os.path.join(BASES, 'fetch')
        shutil.rmtree(tmp, ignore_errors=True)
        os.makedirs(tmp)
        if self.package == PACKAGE:
            self.run('apt-get', 'download', f'{PACKAGE}={self.version}', cwd=tmp)
            output('dpkg-deb', '-x', glob.glob(os.path.join(tmp, '*.deb'))[0], tmp)
            found = os.path.join(tmp, 'usr/src', f'{PACKAGE}.tar.xz')
        else:
            self.run('apt-get', 'source', '--only-source', '--tar-only', f'{self.package}={self.version}', cwd=tmp)
            found = os.path.join(tmp, f'linux_{self.release}.orig.tar.xz')
        os.rename(found, self.tarball)
        shutil.rmtree(tmp)
        return self.tarball


def _offers(run):
    """The releases from BASE_MIN on that one apt offers."""
    for line in run('apt-cache', 'madison', PACKAGE).splitlines():
        package, version, where = (f.strip() for f in line.split('|'))
        release = re.match(rf'{re.escape(SERIES)}\.\d+', version)
        if release and (package, where.split()[-1]) in ((PACKAGE, 'Packages'), ('linux', 'Sources')) \
                and version_tuple(release.group()) >= version_tuple(meta()['BASE_MIN']):
            yield Offer(release.group(), run, package, version)


def order(releases):
    return sorted(releases, key=version_tuple)


def offered():
    """Release -> Offer, the package if there is one; and the newest package of each suite."""
    found, newest = {}, set()
    # The machine's own apt, and one for each suite
    for run in [output] + [_runner(suite) for suite in meta()['BASE_SUITES'].split()]:
        offers = list(_offers(run))
        packages = [o.release for o in offers if o.package == PACKAGE]
        for offer in offers:
            if offer.package == PACKAGE or offer.release not in found:
                found[offer.release] = offer
        newest |= set(order(packages)[-1:])
    return found, newest
