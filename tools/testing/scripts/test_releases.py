# SPDX-License-Identifier: GPL-2.0
"""Tests that the project goes into other releases of the base than the one that is unpacked.

Tried are, of all that apt offers (releases.py): the oldest, the one in the middle, and the newest of each
suite. Of these only the files that the project touches are unpacked, and the assembly writes nothing. The
newest of all and the oldest are then assembled as a whole, and the objects that the project touches must compile
for arm64 without a warning.
"""

import os
import shutil
import subprocess
import unittest

from apt_suite import Suite, entries_of, machine_entry
from assembly import walk
from base_tree import Release
from project import BASE, BUILD, ROOT, Refused, meta, outcome
from releases import BASES, offered, order

WARNING = 'static int nobody_uses_this;\n'
IN_FILE = 'drivers/iommu/iommufd/viommu.c'
# Where suites lie, on machines with and without a security suite, with one entry for all and with two URIs
MAIN = {'uris': 'http://mirror.example.org/debian/ http://other.example.org/debian', 'suites': 'one one-updates'}
SECURITY = {'uris': 'http://safe.example.org/sec', 'suites': 'one-security'}
PRIVATE = {'uris': 'http://mirror.example.org/all', 'suites': 'one one-security'}
ARCHIVES = (
    ('two', [MAIN, SECURITY], 'http://mirror.example.org/debian/'),
    ('two-backports', [SECURITY, MAIN], 'http://mirror.example.org/debian/'),
    ('two-security', [MAIN, SECURITY], 'http://safe.example.org/sec'),
    ('two-security', [MAIN], 'http://mirror.example.org/debian-security'),
    ('two-security', [PRIVATE], 'http://mirror.example.org/all'),
)


def choose(found, newest, current):
    """The releases to test; the current one is what everything else is tested with."""
    others = order(r for r in found if r != current)
    chosen = newest | set(others[:1]) | set(others[len(others) // 2:][:1])
    return order(chosen - {current})


def touched():
    """Paths of the base that the project needs for a checked assembly."""
    hooks = [os.path.splitext(os.path.relpath(p, 'hooks'))[0] for p in walk('hooks')]
    return ['Makefile', *meta()['REPLACES'].split(), *hooks]


ONE_LINE = '''# deb http://old.example.org/debian one main
deb [arch=arm64,armhf signed-by=/usr/share/keyrings/x.gpg] http://a.example.org/debian one main contrib # first
deb-src http://a.example.org/debian one main
deb http://b.example.org/tools stable tools
'''
STANZAS = '''# The archive
Types: deb deb-src
URIs: http://a.example.org/debian
# None but these
Suites: one one-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 xyz

Types: deb
URIs: http://b.example.org/debian
Suites: one
Components: main
Enabled: no
'''


class Archives(unittest.TestCase):
    def test_one_line(self):
        """entries of the one-line format: main packages only, with their options"""
        self.assertEqual(list(entries_of('a.list', ONE_LINE)), [
            {'types': 'deb', 'uris': 'http://a.example.org/debian', 'suites': 'one', 'components': 'main contrib ',
             'arch': 'arm64 armhf', 'signed-by': '/usr/share/keyrings/x.gpg'}])

    def test_stanzas(self):
        """entries of the other format: enabled ones only, and a key in its place"""
        entry, = entries_of('a.sources', STANZAS)
        self.assertEqual(entry['suites'].split(), ['one', 'one-updates'])
        self.assertEqual(entry['signed-by'], '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n xyz')

    def test_entries(self):
        """suites are looked for where the machine has its own"""
        for suite, entries, uri in ARCHIVES:
            self.assertEqual(machine_entry(suite, 'one', entries)['uris'], uri)


class Options(unittest.TestCase):
    def test_order(self):
        """the options of a suite are in front of the arguments, which have the last word"""
        words = Suite(meta()['QEMU_SUITE']).run('echo', 'install', '--target-release=one').split()
        self.assertEqual((words[0], words[-1]), ('install', '--target-release=one'))
        self.assertIn('APT::Default-Release=', words)


class OnRelease(unittest.TestCase):
    """A test of one release, of which nothing but the archive is left."""

    def __init__(self, method, release, offer=None):
        super().__init__(method)
        self.release, self.offer = release, offer
        self.where = os.path.join(BASES, release)

    def shortDescription(self):
        return super().shortDescription().replace('RELEASE', self.release)

    def setUp(self):
        """Get the archive; that it cannot be had says nothing about the hooks."""
        self.addCleanup(shutil.rmtree, self.where, ignore_errors=True)
        self.addCleanup(shutil.rmtree, os.path.join(BUILD, f'kernel-touched-{self.release}'), ignore_errors=True)
        try:
            self.tarball = self.offer.fetch() if self.offer else None
        except (Refused, OSError, subprocess.CalledProcessError) as e:
            self.skipTest('cannot be fetched: ' + str(e).replace('\n', ' ')[-200:])

    def script(self, name, *args):
        return outcome(os.path.join(ROOT, 'scripts/build', name), *args)

    def taken(self, name, *args):
        code, text = self.script(name, *args)
        self.assertEqual(code, 0, text)

    def fits(self):
        """the hooks fit Linux RELEASE"""
        # Only the few files that they need; what the archive lacks, the assembly names
        part = os.path.join(self.where, 'part')
        os.makedirs(part)
        outcome('tar', '-x', '-I', 'xz -T0', '-f', self.tarball, '-C', part, '--strip-components=1', '--wildcards',
                '--no-wildcards-match-slash', *(f'*/{path}' for path in touched()))
        self.taken('assemble', '--base', part, '--check')

    def assemble(self):
        """Make the whole tree of the release."""
        base = BASE
        if self.tarball:
            base = os.path.join(self.where, 'base')
            self.taken('unpack-base', self.tarball, base)
        self.taken('assemble', '--base', base, '--out', os.path.join(self.where, 'linux'))

    def compiles(self):
        """the touched objects of Linux RELEASE compile without a warning"""
        self.assemble()
        self.taken('kernel', f'touched-{self.release}')

    def warning_is_refused(self):
        """a warning in one of them is refused"""
        self.assemble()
        with open(os.path.join(self.where, 'linux', IN_FILE), 'a', encoding='utf-8') as f:
            f.write(WARNING)
        code, text = self.script('kernel', f'touched-{self.release}')
        self.assertNotEqual(code, 0)
        self.assertIn('nobody_uses_this', text)


def load_tests(_loader, tests, _pattern):
    try:
        found, newest = offered()
    except Refused as e:
        print(f'# {e}')
        found, newest = {}, set()
    current = '.'.join(map(str, Release(BASE).number))
    chosen = choose(found, newest, current)
    every = order({current, *chosen})
    whole = order({every[0], every[-1]})
    os.makedirs(BASES, exist_ok=True)
    print(f'# NOTE releases: {" ".join(every)}; compiled: {" ".join(whole)}')
    tests.addTests(OnRelease('fits', release, found[release]) for release in chosen)
    tests.addTests(OnRelease('compiles', release, None if release == current else found[release])
                   for release in whole)
    tests.addTest(OnRelease('warning_is_refused', current))
    return tests
