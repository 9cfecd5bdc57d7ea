# SPDX-License-Identifier: GPL-2.0
"""Tests of the series of patches, see scripts/package/patches.

Two runs give the same bytes. On whole pristine trees, git am and quilt push give the assembled tree,
byte for byte, and quilt pop the base again. Every state builds for arm64, without warnings: the objects
of the directories that the project touches, with all options that the state knows; and no symbol of ours
is missing among them.
"""

import functools
import os
import re
import shutil
import unittest

import whole_tree
from assembly import Assembly, write_output
from base_tree import check_pristine
from project import BASE, BUILD, CROSS_COMPILE, LINUX, ROOT, outcome, output, read, write
from series import Series, read_topics

STEPS = os.path.join(BUILD, 'steps')
TREE = os.path.join(STEPS, 'linux')
OBJECTS = os.path.join(STEPS, 'objects')
FRAGMENTS = ('common', 'project', 'steps')
TARGETS = ('prepare', 'drivers/iommu/', 'drivers/acpi/arm64/')
OURS = re.compile(r'(iommufd|arm_smmu|arm_vsmmu|tegra241|iommu_msi)_')
TESTER = {'GIT_AUTHOR_NAME': 'A Tester', 'GIT_AUTHOR_EMAIL': 't@example.org',
          'GIT_COMMITTER_NAME': 'A Tester', 'GIT_COMMITTER_EMAIL': 't@example.org'} | os.environ


@functools.cache
def series():
    assembly = Assembly(BASE)
    assembly.compute()
    return Series(assembly)


@functools.cache
def patches(name):
    """A directory with the series."""
    out = os.path.join(STEPS, name)
    output(os.path.join(ROOT, 'scripts/package/patches'), '--out', out, env=TESTER)
    return out


class Patches(unittest.TestCase):
    def test_same_twice(self):
        """two runs give the same patches"""
        # The last to differ would be dates and hashes
        output('diff', '-r', patches('one'), patches('two'))

    def whole(self, name, apply, back=None):
        """One of the series on a whole tree."""
        where = os.path.join(STEPS, f'whole-{name}')
        self.addCleanup(shutil.rmtree, where)
        whole_tree.copy(BASE, where, list(series().assembly.files))
        apply(os.path.join(patches('one'), name), where, TESTER)
        self.assertEqual(whole_tree.differences(where, LINUX), [])
        if back:
            back(os.path.join(patches('one'), name), where, TESTER)
            self.assertEqual(whole_tree.differences(where, BASE), [])
        check_pristine(BASE)

    def test_git(self):
        """git am on a whole tree gives the assembled one"""
        self.whole('git', whole_tree.by_git)

    def test_quilt(self):
        """quilt push on a whole tree, too, and quilt pop gives the base"""
        self.whole('debian', whole_tree.by_quilt, whole_tree.quilt_back)


class Builds(unittest.TestCase):
    """The state after a topic."""

    def __init__(self, number, topic):
        super().__init__('check')
        self.number, self.topic = number, topic

    def shortDescription(self):
        return f'builds up to {self.topic.name}'

    def make(self, *words, **env):
        env = os.environ | {'CCACHE_BASEDIR': ROOT, 'CCACHE_NOHASHDIR': '1'} | env
        code, text = outcome('make', '-C', TREE, f'O={OBJECTS}', 'ARCH=arm64', f'CROSS_COMPILE={CROSS_COMPILE}',
                             f'CC=ccache {CROSS_COMPILE}gcc', f'-j{os.cpu_count() or 1}', *words, env=env)
        bad = [line for line in text.splitlines() if re.search(r'\b(warning|error):|\*\*\*', line)]
        self.assertEqual(bad, [])
        self.assertEqual(code, 0, text[-1500:])

    def check(self):
        write_output(BASE, series().state(self.number), TREE)
        # All options, on; those that this state does not have yet are lost without a word
        fragment = os.path.join(OBJECTS, 'fragment.config')
        write(fragment, ''.join(read(f'tools/testing/machine/config/{name}.config') for name in FRAGMENTS))
        self.make('allnoconfig', KCONFIG_ALLCONFIG=fragment)
        self.make(*TARGETS)
        self.assertEqual(missing_symbols(), [])


def missing_symbols():
    """Symbols with our names that the objects of drivers/iommu/ use and none of them has."""
    archive = os.path.join(OBJECTS, 'drivers/iommu/built-in.a')
    words = [line.split() for line in output(f'{CROSS_COMPILE}nm', archive).splitlines()]
    used = {w[1] for w in words if len(w) == 2 and w[0] == 'U' and OURS.match(w[1])}
    return sorted(used - {w[2] for w in words if len(w) == 3})


def load_tests(_loader, tests, _pattern):
    # In the order of the topics: each state begins with the objects of the one before
    tests.addTests(Builds(number, topic) for number, topic in enumerate(read_topics()))
    return tests
