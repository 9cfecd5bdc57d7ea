# SPDX-License-Identifier: GPL-2.0
"""Mistakes in the hardware model, one at a time; a test of the model must notice.

NAME.patch changes tools/testing/qemu as it is in build/qemu-src. Its head has a line "Changes:", and a line
"Fails:" with the test of qtest/ that has to fail. Without a change all of these tests have to pass. QEMU must
be built; it is built again for each change and at the end.
"""

import atexit
import glob
import os
import re
import subprocess
import unittest

from project import BUILD, ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(BUILD, 'qemu-src/hw/arm')
OURS = 'tools/testing/qemu/'
TOOLS = os.path.join(BUILD, 'qemu-tools/usr')
NINJA_ENV = os.environ | {'PATH': f'{TOOLS}/bin:{os.environ["PATH"]}',
                          'PYTHONPATH': f'{TOOLS}/lib/python3/dist-packages'}


def run(*words, env=None):
    p = subprocess.run(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return p.returncode, p.stdout


def run_tests(names):
    """The exit code, and how many of these tests of the model have failed."""
    code, text = run('scripts/test/unit', 'tools/testing/qemu/qtest', *names)
    return code, len(re.findall('^not ok ', text, re.M)), text


def build_model():
    """QEMU as it is, after the last test."""
    run('scripts/build/model')


class Mutation:
    def __init__(self, path):
        with open(path, encoding='ascii') as f:
            text = f.read()
        self.path = path
        self.name = os.path.basename(path).removesuffix('.patch').replace('-', '_')
        self.changes = re.search(r'^Changes: (.+)$', text, re.M)[1]
        self.test = re.search(r'^Fails: (\S+)$', text, re.M)[1]
        self.files = [name.removeprefix(OURS) for name in re.findall(r'^\+\+\+ b/(\S+)', text, re.M)]

    def undo(self):
        for name in self.files:
            with open(os.path.join(ROOT, OURS, name), 'rb') as f:
                data = f.read()
            with open(os.path.join(MODELS, name), 'wb') as f:
                f.write(data)


MUTATIONS = [Mutation(path) for path in sorted(glob.glob(os.path.join(HERE, '*.patch')))]


class Mutations(unittest.TestCase):
    def setUp(self):
        atexit.unregister(build_model)
        atexit.register(build_model)

    def test_0(self):
        """As it is: all of the tests pass"""
        code, _, text = run_tests(sorted({mutation.test for mutation in MUTATIONS}))
        self.assertEqual(code, 0, text)


def test_of(mutation):
    def test(self):
        self.addCleanup(mutation.undo)
        code, text = run('patch', '-p4', '-s', '-F0', '-r-', '--no-backup-if-mismatch', '-d', MODELS,
                         '-i', mutation.path)
        self.assertEqual(code, 0, text)
        code, text = run('ninja', '-C', os.path.join(BUILD, 'qemu'), 'qemu-system-aarch64', env=NINJA_ENV)
        self.assertEqual(code, 0, text[-2000:])
        code, failed, text = run_tests([mutation.test])
        self.assertTrue(code == 1 and failed, f'{mutation.test} does not notice: {text}')
    test.__doc__ = f'{mutation.changes}: {mutation.test} fails'
    return test


for m in MUTATIONS:
    setattr(Mutations, f'test_{m.name}', test_of(m))
