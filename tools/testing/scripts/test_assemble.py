# SPDX-License-Identifier: GPL-2.0
"""Tests of scripts/build/assemble on a toy base: what it does, and above all what it refuses."""

import os
import shutil
import tempfile
import unittest

from project import BUILD, ROOT, outcome, read, write

MAKEFILE = 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = {}\n'
BASE_C = '''struct ops {
	int first;
	int last;
};

int add(int a)
{
	if (a)
		return 0;
	return 1;
}
'''
LICENSE = '// SPDX-License-Identifier: GPL-2.0\n'
HEAD = LICENSE + '// a hook\n// LINES: {}\n'
RULE = '''
@p_member@
@@
 struct ops {
 	...
 	int first;
+	int second;
 	...
 };
'''
EVERY_RETURN = '''
@p_return@
@@
 add(...)
 {
 	...
+	hook();
 	return ...;
 }
'''
PATCH = '''# SPDX-License-Identifier: GPL-2.0
--- a/x.yaml
+++ b/x.yaml
@@ -1,3 +1,3 @@
 a: 0
-b: 1
+b: 3
 c: 2
'''
HOOK = 'hooks/drivers/ops.c.cocci'
COMPILER = '#!/bin/sh\necho "compiled $*"\nexit {}\n'


class Assemble(unittest.TestCase):
    """A project with a base of three files, in a directory of its own."""

    def setUp(self):
        os.makedirs(BUILD, exist_ok=True)
        where = tempfile.mkdtemp(prefix='toy.', dir=BUILD)
        self.addCleanup(shutil.rmtree, where)
        self.top = os.path.join(where, 'project')
        self.base = os.path.join(where, 'base')
        self.out = os.path.join(self.top, 'build', 'linux')
        shutil.copytree(os.path.join(ROOT, 'scripts'), os.path.join(self.top, 'scripts'))
        self.write('META', 'BASE_MIN=6.12.10\nBASE_TESTED=6.12.20\nREPLACES=drivers/whole.c\n')
        self.write_base('Makefile', MAKEFILE.format(15))
        self.write_base('drivers/ops.c', BASE_C)
        self.write_base('drivers/whole.c', 'int whole;\n')
        self.write_base('drivers/Makefile', 'obj-y += ops.o\n')
        self.write_base('.unpacked', 'toy\n')
        os.utime(os.path.join(self.base, '.unpacked'), (2e9, 2e9))

    def write(self, path, text):
        write(os.path.join(self.top, path), text)

    def write_base(self, path, text):
        write(os.path.join(self.base, path), text)

    def hook(self, rule=RULE, lines='+1 -0'):
        self.write(HOOK, HEAD.format(lines) + rule)

    def assemble(self, *args):
        return outcome(os.path.join(self.top, 'scripts/build/assemble'), '--base', self.base, *args)

    def taken(self, *args):
        """Assemble without an error; what was said."""
        code, text = self.assemble(*args)
        self.assertEqual(code, 0, text)
        return text

    def refused(self, *words):
        code, text = self.assemble()
        self.assertNotEqual(code, 0, text)
        for word in words:
            self.assertIn(word, text)

    def assert_file(self, path, text, top=None):
        self.assertEqual(read(top or self.out, path), text)

    def time(self, path, top=None):
        return os.stat(os.path.join(top or self.out, path)).st_mtime_ns

    def test_plain(self):
        """base and our files, nothing else"""
        self.write('drivers/ours.c', 'int ours;\n')
        self.taken()
        self.assert_file('drivers/ours.c', 'int ours;\n')
        self.assert_file('drivers/ops.c', BASE_C)

    def test_hook(self):
        """a hook is applied, and the base stays as it is"""
        self.hook()
        self.taken()
        self.assertIn('int second;', read(self.out, 'drivers/ops.c'))
        self.assert_file('drivers/ops.c', BASE_C, self.base)

    def test_again(self):
        """a second run changes no timestamp"""
        self.hook()
        self.write('drivers/ours.c', 'int ours;\n')
        paths = ('drivers/ops.c', 'drivers/ours.c', 'Makefile')
        self.taken()
        before = [self.time(path) for path in paths]
        self.assertIn('0 changed', self.taken())
        self.assertEqual(before, [self.time(path) for path in paths])

    def test_restored(self):
        """a file that the project drops goes back to that of the base, with a new timestamp"""
        self.hook()
        self.write('drivers/deep/ours.c', 'int ours;\n')
        self.taken()
        os.unlink(os.path.join(self.top, HOOK))
        os.unlink(os.path.join(self.top, 'drivers/deep/ours.c'))
        self.taken()
        self.assert_file('drivers/ops.c', BASE_C)
        self.assertFalse(os.path.exists(os.path.join(self.out, 'drivers/deep')))
        self.assertGreater(self.time('drivers/ops.c'), self.time('drivers/ops.c', self.base))

    def test_no_match(self):
        """a rule that matches nothing is refused by its name, even when recorded so"""
        self.hook(RULE.replace('first', 'absent').replace('@p_member@', '// EDITS: 0\n@p_member@'), '+0 -0')
        self.refused(HOOK, 'p_member', 'matched nothing', 'Linux 6.12.15', 'BASE=FILE')

    def test_overmatch(self):
        """a rule that matches twice instead of once is refused"""
        self.hook(EVERY_RETURN)
        self.refused('p_return', 'made 2')

    def test_stated(self):
        """a rule that states two edits and makes them is taken"""
        self.hook(EVERY_RETURN.replace('@p_return@', '// EDITS: 2\n@p_return@'), '+4 -1')
        self.taken()
        self.assertEqual(2, read(self.out, 'drivers/ops.c').count('hook();'))

    def test_vendor_macros(self):
        """a structure with macros of a vendor's kABI is hooked as one without"""
        macros = ('RH_KABI_EXCLUDE(int more)', 'RH_KABI_REPLACE(int old,\n\t\tint new)', 'RH_KABI_RESERVE(1)',
                  'UEK_KABI_RESERVE(2);')
        text = BASE_C.replace('\tint last;', '\n\t'.join(('\tint last;', *macros)))
        self.write_base('drivers/ops.c', text)
        self.hook()
        self.taken()
        self.assert_file('drivers/ops.c', text.replace('first;\n', 'first;\n\tint second;\n'))

    def test_lines(self):
        """a change of another size than stated is refused"""
        self.hook(lines='+2 -0')
        self.refused(HOOK, 'size of the change')

    def test_unstated(self):
        """a hook that does not state the size of its change is refused"""
        self.write(HOOK, LICENSE + RULE)
        self.refused('no LINES')

    def test_broken_rule(self):
        """a rule that does not parse is refused"""
        self.hook(RULE.replace('@p_member@', '@disable@'))
        self.refused(HOOK)

    def test_unnamed(self):
        """a rule without a name is refused"""
        self.hook(RULE + RULE.replace('@p_member@', '@@', 1).replace('second', 'third'))
        self.refused('name')

    def test_record(self):
        """recording writes the counts, and only once"""
        self.write(HOOK, LICENSE + EVERY_RETURN + '\n// EDITS: 3' + RULE)
        self.assertIn('RECORD', self.taken('--record'))
        text = read(self.top, HOOK)
        self.assertIn('// LINES: +5 -1\n', text)
        self.assertIn('// EDITS: 2\n@p_return@', text)
        self.assertNotIn('EDITS: 3', text)
        self.assertNotIn('RECORD', self.taken('--record'))

    def test_range(self):
        """releases of the series are taken from the oldest on, and a newer one than tested is named; others are refused"""
        for number, refused, word in (('6.12.9', True, 'Linux 6.12.9 is too old'), ('6.12.10', False, ''),
                                      ('6.12.20', False, ''), ('6.12.21', False, 'Linux 6.12.21 is newer than 6.12.20'),
                                      ('6.11.15', True, 'another series'), ('6.13.15', True, 'another series'),
                                      ('6.12.0', True, 'too old')):
            _, patchlevel, sublevel = number.split('.')
            self.write_base('Makefile', MAKEFILE.format(sublevel).replace('12', patchlevel))
            code, text = self.assemble('--check')
            with self.subTest(number, text=text):
                self.assertEqual(code != 0, refused)
                self.assertIn(word, text)
                self.assertEqual('newer' in text, 'newer' in word)
                self.assertEqual(len(text.splitlines()), 1 + ('newer' in word))

    def compiler(self, sublevel, status):
        """Another release, and a compiler that ends with status."""
        self.write_base('Makefile', MAKEFILE.format(sublevel))
        self.write('scripts/build/kernel', COMPILER.format(status))

    def test_newer_compiles(self):
        """a release that is newer than tested is compiled, and one that was tested is not"""
        self.compiler(21, 0)
        self.assertIn('compiled touched', self.taken())
        self.compiler(20, 1)
        self.assertNotIn('compiled', self.taken())

    def test_newer_warns(self):
        """a release that is newer than tested and does not compile without a warning is refused"""
        self.compiler(21, 1)
        self.refused('do not compile', 'BASE=FILE')

    def test_has_viommu(self):
        """a base that has vIOMMU already is refused, whatever its release is"""
        self.write_base('Makefile', MAKEFILE.format(0).replace('12', '17'))
        self.write_base('include/linux/iommufd.h', 'enum {\n\tIOMMUFD_OBJ_VIOMMU,\n};\n')
        self.refused('has vIOMMU already', 'include/linux/iommufd.h')

    def test_overwrite(self):
        """a file of ours over one of the base is refused"""
        self.write('drivers/ops.c', 'int ours;\n')
        self.refused('drivers/ops.c', 'the base has this file')

    def test_replace(self):
        """a file that META lets us replace is replaced"""
        self.write('drivers/whole.c', 'int ours;\n')
        self.taken()
        self.assert_file('drivers/whole.c', 'int ours;\n')
        self.assert_file('drivers/whole.c', 'int whole;\n', self.base)

    def test_append(self):
        """lines are appended to a Makefile"""
        self.write('hooks/drivers/Makefile.append', '# SPDX-License-Identifier: GPL-2.0\nobj-y += x.o\n')
        self.taken()
        self.assert_file('drivers/Makefile', 'obj-y += ops.o\n\nobj-y += x.o\n')

    def test_append_again(self):
        """a line that the base has already is not appended again"""
        self.write('hooks/drivers/Makefile.append', 'obj-y += ops.o\n')
        self.refused('already in the base')

    def test_patch(self):
        """a patch is applied to a file that is no C, where its lines have moved as well"""
        self.write_base('Documentation/x.yaml', 'z: 9\na: 0\nb: 1\nc: 2\n')
        self.write('hooks/Documentation/x.yaml.patch', PATCH)
        self.taken()
        self.assert_file('Documentation/x.yaml', 'z: 9\na: 0\nb: 3\nc: 2\n')
        self.assert_file('Documentation/x.yaml', 'z: 9\na: 0\nb: 1\nc: 2\n', self.base)

    def test_patch_misfit(self):
        """a patch one of whose lines the base does not have is refused, and nothing is changed"""
        self.write_base('Documentation/x.yaml', 'a: 0\nb: 1\nc: 4\n')
        self.write('hooks/Documentation/x.yaml.patch', PATCH)
        self.refused('hooks/Documentation/x.yaml.patch', 'does not apply', 'BASE=FILE')
        self.assertFalse(os.path.exists(self.out))

    def test_orphan(self):
        """a hook for a file that the base does not have is refused"""
        self.write('hooks/drivers/gone.c.cocci', HEAD.format('+1 -0') + RULE)
        self.refused('hooks/drivers/gone.c.cocci', 'no file drivers/gone.c', 'BASE=FILE')

    def test_edited_base(self):
        """a base that somebody edited is refused"""
        os.utime(os.path.join(self.base, '.unpacked'), (1e9, 1e9))
        self.refused('was edited')
