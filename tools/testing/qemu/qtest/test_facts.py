# SPDX-License-Identifier: GPL-2.0
"""facts=FILE: the model becomes what the experiments of the driver have found; a mistake in it changes nothing."""

import os
import subprocess
import tempfile
import unittest

from cmdqv import BASE, CONFIG, PARAM
from machine import QEMU, Machine

# Files that are refused, and words of the one line about it
MISTAKES = (
    ('', 'not lines of text'),
    ('cmdqv-facts 1', 'not lines of text'),
    ('cmdqv-facts 1\nalt-vsid 20-bits\0\n', 'not lines of text'),
    ('cmdqv-facts 2\n', ':1: not cmdqv-facts 1'),
    ('\ncmdqv-facts 1\n', ':1: not cmdqv-facts 1'),
    ('cmdqv-facts 1\nalt-vsid 20-bits\n alt-cs illegal\n', ':3: NAME ANSWER is needed'),
    ('cmdqv-facts 1\nalt-vsid\n', ':2: NAME ANSWER is needed'),
    ('cmdqv-facts 1\nalt-vsid 20-bits 1\n', ':2: NAME ANSWER is needed'),
    ('cmdqv-facts 1\nalt-vsid  20-bits\n', ':2: NAME ANSWER is needed'),
    ('cmdqv-facts 1\nalt-vsid 21-bits\n', ':2: not an answer of it: 21-bits'),
    ('cmdqv-facts 1\nalt-nosuch yes\n', ':2: no such alternative: alt-nosuch'),
    ('cmdqv-facts 1\ncheck-nosuch yes\n', ':2: no such check: check-nosuch'),
    ('cmdqv-facts 1\ncheck-maps maybe\n', 'neither yes, no, other nor undecided: maybe'),
    ('cmdqv-facts 1\nfrob on\n', ':2: no such fact: frob'),
    ('cmdqv-facts 1\nfound CONFIG\n', ':2: found NAME VALUE is needed'),
    ('cmdqv-facts 1\nfound CONFIG 20083\n', ':2: no value 0x and eight digits: 20083'),
    ('cmdqv-facts 1\nfound CONFIG 0x0002008g\n', 'no value 0x and eight digits'),
    ('cmdqv-facts 1\nalt-cs illegal\n# again\nalt-cs illegal\n', ':4: named twice: alt-cs'),
    ('cmdqv-facts 1\nfound PARAM 0x00004671\nfound PARAM 0x00004671\n', ':3: named twice: PARAM'),
)


class Facts(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = os.path.join(directory.name, 'facts')

    def machine(self, text, props='strict=on'):
        with open(self.file, 'w', encoding='ascii') as f:
            f.write(text)
        m = Machine(f'{props},facts={self.file}', 0)
        self.addCleanup(m.close)
        return m

    def refused(self, path):
        p = subprocess.run([QEMU, '-M', 'virt,iommu=smmuv3,gic-version=3', '-cpu', 'max', '-accel', 'qtest',
                            '-nodefaults', '-display', 'none', '-device', f'tegra241-cmdqv-hw,facts={path}'],
                           capture_output=True, text=True, timeout=30)
        self.assertEqual((p.returncode, p.stderr.count('\n')), (1, 1), p.stderr)
        return p.stderr

    def test_mistakes(self):
        for text, words in MISTAKES:
            with open(self.file, 'w', encoding='ascii') as f:
                f.write(text)
            with self.subTest(text):
                self.assertIn(words, self.refused(self.file))

    def test_no_file(self):
        self.assertIn('No such file', self.refused(self.file + '.none'))

    def test_every_alternative(self):
        """Each of them by a file, against a property with the first answer."""
        rows = [row.split('|') for row in self.machine('cmdqv-facts 1\n').get('alternatives').splitlines()]
        answers = {row[1].strip(' `'): row[2].strip().split(', ') for row in rows}
        facts = ''.join(f'{name} {second}\n' for name, (_, second) in answers.items())
        props = ''.join(f',{name}={first}' for name, (first, _) in answers.items())
        m = self.machine(f'cmdqv-facts 1\n# comment\n\n{facts}', f'strict=on{props}')
        for name, (_, second) in answers.items():
            self.assertEqual(m.get(name), second)

    def test_registers(self):
        m = self.machine('cmdqv-facts 1\nfound CONFIG 0x00020402\nfound PARAM 0x00003562\n'
                         'found VINTF_CONFIG(0) 0x00020001\ncheck-hyp-own no\n')
        self.assertEqual((m.read32(BASE + CONFIG), m.read32(BASE + PARAM)), (0x20402, 0x3562))
        self.assertFalse(m.get('hyp-own'))

    def test_registers_of_another_part(self):
        """The model follows as far as it can, and warns."""
        m = self.machine('cmdqv-facts 1\nfound PARAM 0x00014562\nfound CONFIG 0x80020402\n')
        self.assertEqual((m.read32(BASE + CONFIG), m.read32(BASE + PARAM)), (0x20402, 0x4562))
        self.warned(m, ':2: PARAM: the model has none of the bits 0x00010000',
                    ':3: CONFIG: the model has none of the bits 0x80000000')
        for param, words in (('ffff', 'at most 64 VINTFs'), ('4651', 'every VINTF needs a VCMDQ')):
            m = self.machine(f'cmdqv-facts 1\nfound PARAM 0x0000{param}\n')
            self.assertEqual(m.read32(BASE + PARAM), 0x4671)
            self.warned(m, f':2: PARAM: {words}')

    def warned(self, m, *lines):
        with open(m.stderr, encoding='utf-8') as f:
            text = f.read()
        for line in lines:
            self.assertIn(line, text)
        self.assertEqual(text.count('\n'), len(lines))

    def test_open_answers_stay(self):
        m = self.machine('cmdqv-facts 1\nalt-levels other\nalt-disable undecided\ncheck-maps no\n'
                         'check-hyp-own undecided\n', 'strict=on,alt-disable=drains')
        self.assertEqual((m.get('alt-levels'), m.get('alt-disable'), m.get('hyp-own')), ('clear', 'drains', True))
        self.warned(m, ':2: alt-levels: the model has none of its answers',
                    ':4: check-maps: the model knows only yes')
