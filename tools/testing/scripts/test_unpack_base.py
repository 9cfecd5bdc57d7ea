# SPDX-License-Identifier: GPL-2.0
"""Tests of scripts/build/unpack-base on small archives: the forms it takes, and what it refuses."""

import os
import shutil
import subprocess
import tempfile
import unittest

from project import BUILD, ROOT, meta, write

MAKEFILE = 'VERSION = 6\nPATCHLEVEL = {}\nSUBLEVEL = {}\nEXTRAVERSION =\n'
FORMS = {'gz': 'gzip', 'bz2': 'bzip2', 'xz': 'xz', 'tar': 'cat'}
SOURCE = 'linux-source-6.12'


class UnpackBase(unittest.TestCase):
    """A directory with a source tree, archives of it, and a base."""

    def setUp(self):
        os.makedirs(BUILD, exist_ok=True)
        self.where = tempfile.mkdtemp(prefix='unpack.', dir=BUILD)
        self.addCleanup(shutil.rmtree, self.where)
        self.base = self.path('base')
        self.oldest = int(meta()['BASE_MIN'].split('.')[2])
        self.write(f'{SOURCE}/Kbuild', '# the top\n')
        self.write(f'{SOURCE}/Makefile', MAKEFILE.format(12, self.oldest))
        self.write(f'{SOURCE}/kernel/file.c', 'int file;\n')

    def path(self, name):
        return os.path.join(self.where, name)

    def write(self, name, text):
        write(self.path(name), text)

    def archive(self, name, packer='xz', top=SOURCE, inside='.'):
        """An archive of the tree whose paths begin with top, called name."""
        with open(self.path(name), 'wb') as f:
            tar = subprocess.run(['tar', '-c', '-C', self.path(inside), top], stdout=subprocess.PIPE, check=True)
            subprocess.run([packer], input=tar.stdout, stdout=f, check=True)
        return self.path(name)

    def unpack(self, tarball):
        """(exit code, stdout, stderr)"""
        p = subprocess.run([os.path.join(ROOT, 'scripts/build/unpack-base'), tarball, self.base],
                           capture_output=True, text=True)
        return p.returncode, p.stdout, p.stderr

    def content(self):
        found = {}
        for where, _, files in os.walk(self.base):
            for name in files:
                path = os.path.join(where, name)
                with open(path, 'rb') as f:
                    found[os.path.relpath(path, self.base)] = f.read()
        return found

    def unpacked(self, tarball):
        """The archive becomes the base."""
        shutil.rmtree(self.base, ignore_errors=True)
        code, _, err = self.unpack(tarball)
        self.assertEqual((code, err), (0, ''))
        self.assertEqual(sorted(self.content().keys() - {'.unpacked'}), ['Kbuild', 'Makefile', 'kernel/file.c'])

    def refused(self, tarball, *words):
        """One line with these words, and the base and what is beside it stay."""
        self.unpacked(self.archive('good'))
        before, beside = self.content(), sorted(os.listdir(self.where))
        code, _, err = self.unpack(tarball)
        self.assertNotEqual(code, 0, tarball)
        self.assertEqual(err.count('\n'), 1, err)
        for word in words:
            self.assertIn(word, err)
        self.assertEqual(self.content(), before)
        self.assertEqual(sorted(os.listdir(self.where)), beside)

    def test_forms(self):
        """gzip, bzip2, xz and plain tar are told by content, whatever the name is"""
        for form, packer in FORMS.items():
            self.unpacked(self.archive(f'form.{form}.bin', packer))

    def test_layouts(self):
        """Debian's directory, that of a vanilla tarball, one that begins with ./, and none"""
        vanilla = f'linux-6.12.{self.oldest}'
        shutil.copytree(self.path(SOURCE), self.path(vanilla))
        for path in (self.archive('debian'), self.archive('vanilla', 'gzip', vanilla),
                     self.archive('dot', 'xz', f'./{SOURCE}'), self.archive('none', 'xz', '.', SOURCE)):
            self.unpacked(path)

    def test_blanks(self):
        """a path with blanks"""
        os.makedirs(self.path('my own'))
        self.unpacked(self.archive('my own/linux $x.tar'))

    def test_again(self):
        """the same file is not unpacked again, another one is"""
        tarball = self.archive('one')
        self.assertIn('UNPACK', self.unpack(tarball)[1])
        self.assertEqual(self.unpack(tarball), (0, '', ''))
        self.assertIn('UNPACK', self.unpack(self.archive('two'))[1])

    def test_no_file(self):
        """a file that does not exist, and a directory"""
        self.refused(self.path('absent'), 'absent', 'No such file')
        self.refused(self.path(SOURCE), 'Is a directory')

    def test_no_archive(self):
        """an empty file, and one that is no archive"""
        self.write('empty.tar.xz', '')
        self.write('page.tar.xz', '<html>Not found</html>\n' * 99)
        for name in ('empty.tar.xz', 'page.tar.xz'):
            self.refused(self.path(name), 'no tar archive')

    def test_packed_page(self):
        """a packed file that is no archive"""
        self.write('page', 'Not found\n' * 999)
        subprocess.run(['gzip', self.path('page')], check=True)
        self.refused(self.path('page.gz'), 'page.gz')

    def test_truncated(self):
        """half an archive"""
        self.write(f'{SOURCE}/big', 'x' * 100000 + os.urandom(100000).hex())
        for form, packer in FORMS.items():
            path = self.archive(f'half.{form}', packer)
            os.truncate(path, os.path.getsize(path) // 2)
        os.unlink(self.path(f'{SOURCE}/big'))
        for form in FORMS:
            self.refused(self.path(f'half.{form}'), f'half.{form}')

    def test_no_kernel(self):
        """an archive of something else"""
        self.write('other/README', 'other\n')
        self.refused(self.archive('other.tar.gz', 'gzip', 'other'), 'no Linux source tree')

    def test_series(self):
        """another series, and a release that is too old"""
        self.archive('good')
        for patchlevel, sublevel, word in ((17, 0, 'another series'), (12, self.oldest - 1, 'too old')):
            self.write(f'{SOURCE}/Makefile', MAKEFILE.format(patchlevel, sublevel))
            wrong = self.archive('wrong.tar.xz')
            self.write(f'{SOURCE}/Makefile', MAKEFILE.format(12, self.oldest))
            self.refused(wrong, f'Linux 6.{patchlevel}.{sublevel}', word)
