# SPDX-License-Identifier: GPL-2.0
"""Tests of scripts/package/user-tree on a copy of those base files that the project touches."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

from project import BASE, BUILD, LINUX, ROOT, meta, outcome, read, write
from assembly import walk

SCRIPT = os.path.join(ROOT, 'scripts/package/user-tree')
HOOKED = 'drivers/iommu/iommufd/main.c'
OURS = 'drivers/iommu/iommufd/viommu.c'
NAMESPACE = ('unshare', '-m') if os.geteuid() == 0 else ('unshare', '-rm')
MAY_MOUNT = not outcome(*NAMESPACE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt')[0]
# user-tree, stopped when it has removed the first half of what it kept
STOPPED = '''
import os, runpy, shutil, sys
whole = shutil.rmtree
def half(path):
    whole(os.path.join(path, 'files'))
    sys.exit(3)
shutil.rmtree = half
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name='__main__')
'''
# fails VERB DIR COPY WORD: refused in one line that has the word, and DIR is as COPY is
FAILS = '''
fails() {
	! "$user_tree" "$1" "$2" >"$tree.out" 2>&1
	[ "$(wc -l <"$tree.out")" -eq 1 ] && grep -q "$4" "$tree.out" && diff -r "$3" "$2" || {
		cat "$tree.out"
		exit 1
	}
}
'''


def touched():
    """Paths of the base: what identifies it, what the project replaces, what it hooks."""
    hooks = [os.path.splitext(os.path.relpath(p, 'hooks'))[0] for p in walk('hooks')]
    return ['Kbuild', 'Makefile', 'COPYING', *meta()['REPLACES'].split(), *hooks]


class UserTree(unittest.TestCase):
    """A kernel tree of somebody, small."""

    def setUp(self):
        where = tempfile.mkdtemp(prefix='user.', dir=BUILD)
        self.addCleanup(shutil.rmtree, where)
        self.top = os.path.join(where, 'somebody')
        for path in touched():
            with open(os.path.join(BASE, path), 'rb') as f:
                write(self.path(path), f.read())
        os.chmod(self.path('Kbuild'), 0o600)

    def path(self, name):
        return os.path.join(self.top, name)

    def taken(self, verb):
        """Done; what was said."""
        code, text = outcome(SCRIPT, verb, self.top)
        self.assertEqual(code, 0, text)
        return text

    def refused(self, verb, *words):
        """Refused with these words, and nothing was changed."""
        before = self.content()
        code, text = outcome(SCRIPT, verb, self.top)
        self.assertNotEqual(code, 0, text)
        for word in words:
            self.assertIn(word, text)
        self.assertEqual(self.content(), before)

    def content(self):
        found = {}
        for where, dirs, files in os.walk(self.top):
            dirs[:] = [d for d in dirs if d != '.git']
            for name in files:
                path = os.path.join(where, name)
                with open(path, 'rb') as f:
                    found[os.path.relpath(path, self.top)] = (os.stat(path).st_mode, f.read())
        return found

    def directories(self):
        return sorted(where for where, _, _ in os.walk(self.top))

    def edit(self, name, text='\n/* edited */\n'):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), 'a', encoding='utf-8') as f:
            f.write(text)

    def replace(self, name, pattern, text):
        """Edit a file by a regular expression that must match."""
        new, found = re.subn(pattern, text, read(self.path(name)), flags=re.M)
        self.assertTrue(found, f'{name} has no {pattern}')
        write(self.path(name), new)

    def release(self, number, extra=''):
        """Make the tree another release."""
        for key, value in zip(('VERSION', 'PATCHLEVEL', 'SUBLEVEL'), number.split('.')):
            self.replace('Makefile', rf'^{key} = .*$', f'{key} = {value}')
        self.replace('Makefile', r'^EXTRAVERSION =.*$', f'EXTRAVERSION = {extra}')

    def git(self, *args):
        return subprocess.run(['git', '-C', self.top, '-c', 'user.name=x', '-c', 'user.email=x@example.org', *args],
                              check=True, capture_output=True, text=True).stdout

    def commit(self):
        self.git('init', '-q')
        self.git('add', '-A')
        self.git('commit', '-q', '-m', 'base')

    def test_same(self):
        """apply gives the files of the assembled tree"""
        self.taken('apply')
        found = {path: data for path, (_, data) in self.content().items() if not path.startswith('.viommu')}
        self.assertIn(OURS, found)
        for path, data in found.items():
            with open(os.path.join(LINUX, path), 'rb') as f:
                self.assertTrue(f.read() == data, path)

    def test_back(self):
        """unapply restores every byte, every mode and every directory"""
        os.chmod(self.path(HOOKED), 0o640)
        before, directories = self.content(), self.directories()
        self.taken('apply')
        self.assertNotEqual(self.content(), before)
        self.taken('unapply')
        self.assertEqual((self.content(), self.directories()), (before, directories))

    def test_twice(self):
        """a second apply is refused"""
        self.taken('apply')
        self.refused('apply', 'already')

    def test_not_applied(self):
        """unapply is refused where nothing was applied"""
        self.refused('unapply', 'does not have')

    def test_version(self):
        """a tree of another series and one that is too old are refused, and told which are taken"""
        low = meta()['BASE_MIN']
        series, _, oldest = low.rpartition('.')
        for number in ('6.13.20', '6.6.90', f'{series}.{int(oldest) - 1}'):
            self.release(number)
            self.refused('apply', f'Linux {number}', f'Linux {series}, from {low} on')
        self.release(f'{series}.0', '-rc7')
        self.refused('apply', f'Linux {series}.0-rc7')

    def test_newer(self):
        """a release that is newer than tested is taken, and named"""
        tested = meta()['BASE_TESTED']
        series, _, newest = tested.rpartition('.')
        self.release(f'{series}.{int(newest) + 1}')
        self.assertIn(f'Linux {series}.{int(newest) + 1} is newer than {tested}', self.taken('apply'))

    def test_vendor(self):
        """a vendor's 6.12.0 with the macros of its kABI is taken, and what it calls itself is told"""
        self.release(meta()['BASE_MIN'].rpartition('.')[0] + '.0', '-100.3.el10uek')
        self.replace('include/linux/iommu.h', r'^\tu8 user_pasid_table:1;$',
                     r'\g<0>\n\n\tRH_KABI_EXCLUDE(u8 more)\n\tRH_KABI_RESERVE(1)\n\tRH_KABI_RESERVE(2)')
        self.replace('include/linux/iommu.h', r'^\t};\n(?=};\n\nstatic inline bool iommu_is_dma_domain)',
                     r'\g<0>\n\tUEK_KABI_RESERVE(1)\n\tUEK_KABI_RESERVE(2)\n')
        for member in ('wait_queue_head_t destroy_wait', 'struct list_head group_item'):
            self.replace('drivers/iommu/iommufd/iommufd_private.h', rf'^\t{member};$',
                         r'\g<0>\n\tUEK_KABI_RESERVE(1)')
        text = self.taken('apply')
        self.assertIn("6.12.0-100.3.el10uek is a vendor's tree: not tested here; build drivers/iommu", text)
        header = read(self.path('include/linux/iommu.h'))
        self.assertRegex(header, r'RH_KABI_RESERVE\(2\)\n\s*const struct iommu_viommu_ops \*viommu_ops;\n};')
        self.assertRegex(header, r'UEK_KABI_RESERVE\(2\)\n.*\n\s*struct iommu_domain \*msi_domain;\n};')

    def test_oldest(self):
        """a tree as BASE_MIN has it, whose device.c does not tell of PASIDs"""
        self.release(meta()['BASE_MIN'])
        self.replace('drivers/iommu/iommufd/device.c',
                     r'^\tcmd->out_max_pasid_log2 = 0;\n(.*\n)*?\t}\n(?=\n\trc = iommufd_ucmd)', '')
        self.taken('apply')

    def test_has_viommu(self):
        """a tree that has vIOMMU already is told that it does not need the project"""
        self.release('6.12.0', '-211.el10')
        self.edit('include/linux/iommufd.h', 'enum iommufd_object_type {\n\tIOMMUFD_OBJ_VIOMMU,\n};\n')
        self.refused('apply', 'has vIOMMU already', 'include/linux/iommufd.h', 'not needed')

    def test_stripped(self):
        """a tree without Documentation/ and selftests gets everything else, and comes back"""
        for path in ('Documentation', 'tools'):
            shutil.rmtree(self.path(path))
        before = self.content()
        text = self.taken('apply')
        self.assertTrue(os.path.exists(self.path(OURS)))
        self.assertEqual(text.count('NOTE'), 2)
        for path in ('Documentation', 'tools/testing/selftests/iommu'):
            self.assertIn(f'the tree has no {path}:', text)
            self.assertFalse(os.path.exists(self.path(path)))
        self.taken('unapply')
        self.assertEqual(self.content(), before)

    def test_no_tree(self):
        """a directory that is no kernel tree is refused"""
        os.unlink(self.path('Kbuild'))
        self.refused('apply', 'no kernel tree')

    def test_does_not_fit(self):
        """a tree in which a hook does not fit is refused, with the name of the hook"""
        self.replace(HOOKED, 'iommufd_fops_open', 'iommufd_fops_start')
        self.refused('apply', f'hooks/{HOOKED}.cocci', 'p_open', 'was not touched', 'make patches')

    def test_in_the_way(self):
        """a tree that has a file of ours already is refused"""
        self.edit(OURS)
        self.refused('apply', OURS)

    def test_dirty(self):
        """uncommitted changes in a file that the project touches are refused"""
        self.commit()
        self.edit(HOOKED)
        self.refused('apply', 'uncommitted', HOOKED)

    def test_unreadable_repository(self):
        """a repository that git does not open is refused, with git's reason"""
        write(self.path('.git'), 'gitdir: nowhere\n')
        self.refused('apply', 'not a git repository')

    def test_dirty_elsewhere(self):
        """uncommitted changes elsewhere do not matter, and git sees only what changed"""
        self.commit()
        self.edit('COPYING')
        self.taken('apply')
        status = self.git('status', '--porcelain', '--untracked-files=all')
        self.assertIn(OURS, status)
        self.assertNotIn('.viommu', status)

    def test_link(self):
        """a path through a symbolic link is refused"""
        os.rename(self.path('drivers/acpi'), self.path('elsewhere'))
        os.symlink('../elsewhere', self.path('drivers/acpi'))
        self.refused('apply', 'symbolic link')

    def test_edited_since(self):
        """unapply refuses what was edited since, by name"""
        self.taken('apply')
        self.edit(OURS)
        self.refused('unapply', OURS)

    def test_interrupted(self):
        """unapply undoes half an apply"""
        before = self.content()
        self.taken('apply')
        os.unlink(self.path(OURS))
        with open(self.path(HOOKED), 'wb') as f:
            f.write(before[HOOKED][1])
        self.taken('unapply')
        self.assertEqual(self.content(), before)

    def test_interrupted_unapply(self):
        """an unapply that was interrupted at its end can be repeated, and the tree used again"""
        before = self.content()
        self.taken('apply')
        code, text = outcome(sys.executable, '-c', STOPPED, SCRIPT, 'unapply', self.top)
        self.assertEqual(code, 3, text)
        self.assertTrue(os.path.isdir(self.path('.viommu')))
        self.taken('unapply')
        self.assertEqual(self.content(), before)
        self.taken('apply')

    def test_damaged(self):
        """a store that is damaged is refused in one line"""
        self.taken('apply')
        write(self.path('.viommu/state.json'), '{"half')
        self.refused('unapply', 'state.json is damaged')

    def mounted(self, *lines):
        """Run lines of shell in a mount namespace of its own, with $tree, $room (an empty directory) and $user_tree."""
        if not MAY_MOUNT:
            self.skipTest('no mount namespace here')
        room = self.path('../room')
        os.makedirs(room)
        head = f'set -eu; tree={shlex.quote(self.top)}; room={shlex.quote(room)}; user_tree={shlex.quote(SCRIPT)}'
        code, text = outcome(*NAMESPACE, 'sh', '-c', '\n'.join((head, FAILS, *lines)))
        self.assertEqual(code, 0, text)

    def test_read_only(self):
        """apply and unapply on a read-only tree say so in one line, and change nothing"""
        self.mounted('cp -a "$tree" "$tree.before"', 'mount --bind "$tree" "$tree"',
                     'mount -o remount,bind,ro "$tree"', 'fails apply "$tree" "$tree.before" "Read-only"',
                     'mount -o remount,bind,rw "$tree"', '"$user_tree" apply "$tree"', 'rm -rf "$tree.before"',
                     'cp -a "$tree" "$tree.before"', 'mount -o remount,bind,ro "$tree"',
                     'fails unapply "$tree" "$tree.before" "Read-only"')

    def test_read_only_part(self):
        """a directory of the tree that cannot be changed: what was done before it is undone"""
        self.mounted('cp -a "$tree" "$tree.before"', 'part="$tree/drivers/iommu/iommufd"',
                     'mount --bind "$part" "$part"', 'mount -o remount,bind,ro "$part"',
                     'fails apply "$tree" "$tree.before" "as it was"', 'umount "$part"',
                     '"$user_tree" apply "$tree"', 'rm -rf "$tree.before"', 'cp -a "$tree" "$tree.before"',
                     'mount --bind "$part" "$part"', 'mount -o remount,bind,ro "$part"',
                     'fails unapply "$tree" "$tree.before" "as it was"', 'umount "$part"',
                     '"$user_tree" unapply "$tree"')

    def test_full(self):
        """on disks of growing size apply changes nothing until it succeeds; on a full disk unapply succeeds"""
        self.mounted('mount -t tmpfs -o size=64m tmpfs "$room"', 'cp -a "$tree" "$room/tree"',
                     'free() { df -k --output=avail "$room" | tail -n 1; }', 'refused=0',
                     'used=$((65536 - $(free)))', 'for kib in 0 4 64 256 700 1000 1500 2000 8000; do',
                     '	mount -o remount,size=$((used + kib))k "$room"',
                     '	if "$user_tree" apply "$room/tree" >"$tree.out" 2>&1; then', '		break', '	fi',
                     '	fails apply "$room/tree" "$tree" "No space"', '	refused=$((refused + 1))', 'done',
                     '[ "$refused" -ge 3 ]', 'cat /dev/zero >"$room/fill" 2>/dev/null || :', '[ "$(free)" -eq 0 ]',
                     '"$user_tree" unapply "$room/tree"', 'diff -r "$tree" "$room/tree"')
