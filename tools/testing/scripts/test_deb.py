# SPDX-License-Identifier: GPL-2.0
"""Tests of the packages that scripts/package/deb makes, from a small configuration, for an arm64 machine."""

import functools
import glob
import os
import shutil
import unittest

from project import BUILD, LINUX, MACHINE, ROOT, outcome, output, read, write

WHERE = os.path.join(BUILD, 'deb-test')
IMAGE = os.path.join(WHERE, 'image')
CONFIG = os.path.join(WHERE, 'small.config')
LSMOD = 'Module Size Used by\nuio_pci_generic 12288 0\nuio 20480 1 uio_pci_generic\n'
MODULES = 'CONFIG_MODULES=y\nCONFIG_PCI_STUB=m\nCONFIG_UIO=m\nCONFIG_UIO_PCI_GENERIC=m\n'
SYMBOLS = ('tegra241_vsmmu_init', 'arm_vsmmu_cache_invalidate', 'iommufd_hw_queue_alloc_ioctl',
           'iommufd_viommu_alloc_ioctl')


def deb(*args):
    return outcome(os.path.join(ROOT, 'scripts/package/deb'), *args,
                   env=os.environ | {'LSMOD': os.path.join(WHERE, 'lsmod')})


def package(name):
    return glob.glob(os.path.join(WHERE, f'linux-{name}_arm64.deb'))[0]


@functools.cache
def configure():
    """A small configuration, and what its machine has loaded."""
    allconfig = os.path.join(WHERE, 'allconfig')
    write(allconfig, ''.join(read(MACHINE, 'config', f'{name}.config') for name in ('common', 'fast')) + MODULES)
    output('make', '-C', LINUX, f'O={WHERE}/seed', 'ARCH=arm64', f'KCONFIG_ALLCONFIG={allconfig}', 'allnoconfig')
    shutil.copy(os.path.join(WHERE, 'seed/.config'), CONFIG)
    write(os.path.join(WHERE, 'lsmod'), LSMOD)


@functools.cache
def build():
    """The output of deb; the kernel package is unpacked afterwards."""
    configure()
    code, text = deb(CONFIG, WHERE)
    if not code:
        shutil.rmtree(IMAGE, ignore_errors=True)
        output('dpkg-deb', '-x', package('image-*-cmdqv_*'), IMAGE)
    return code, text


class Refusals(unittest.TestCase):
    def test_absent(self):
        """a configuration that does not exist is refused"""
        configure()
        code, text = deb(os.path.join(WHERE, 'none'))
        self.assertNotEqual(code, 0)
        self.assertIn('no configuration', text)

    def test_poor(self):
        """a configuration that cannot have the options is refused, by their names"""
        configure()
        poor = [line for line in read(CONFIG).splitlines() if not line.startswith(('CONFIG_ACPI=', 'CONFIG_PCI='))]
        write(os.path.join(WHERE, 'poor.config'), '\n'.join([*poor, '# CONFIG_PCI is not set', '']))
        code, text = deb(os.path.join(WHERE, 'poor.config'), os.path.join(WHERE, 'poor'))
        self.assertNotEqual(code, 0)
        self.assertIn('CONFIG_VFIO_PCI=y', text)


class Packages(unittest.TestCase):
    def setUp(self):
        code, text = build()
        self.assertEqual(code, 0, text[-3000:])

    def modules(self):
        return [os.path.basename(path) for path in glob.glob(f'{IMAGE}/**/*.ko', recursive=True)]

    def boot_file(self, name):
        return read(glob.glob(os.path.join(IMAGE, 'boot', f'{name}-*'))[0]).splitlines()

    def test_symbols(self):
        """the kernel package has the driver and the objects"""
        names = {line.split()[-1] for line in self.boot_file('System.map')}
        self.assertEqual(set(SYMBOLS) - names, set())

    def test_configured(self):
        """it is configured as asked for"""
        wanted = {line for line in read('configs/grace.config').splitlines() if line.startswith('CONFIG_')}
        self.assertEqual(wanted - set(self.boot_file('config')), set())

    def test_difference(self):
        """options that differ from the given configuration are listed"""
        self.assertIn(' LOCALVERSION "" -> "-cmdqv"', read(WHERE, 'config.diff').splitlines())

    def test_reduced(self):
        """it has the modules that lsmod lists and those they need, and no other"""
        self.assertLessEqual({'uio.ko', 'uio_pci_generic.ko'}, set(self.modules()))
        self.assertNotIn('pci-stub.ko', self.modules())

    def test_starts(self):
        """it starts from the unpacked package, with its modules"""
        code, text = outcome(os.path.join(MACHINE, 'boot'), '--name', 'deb', '--kernel', IMAGE, '--model', '--device',
                             'pci-dma-test', '--device', 'pci-dma-test', '--memory', '2G', 'build/tests/cmdqv_translate')
        self.assertEqual(code, 0, text)
        self.assertIn(f'machine: {len(self.modules())} modules', read(BUILD, 'results/deb/log'))

    def test_headers(self):
        """the headers for programs have the user ABI"""
        self.assertIn('linux/iommufd_viommu.h', output('dpkg-deb', '-c', package('libc-dev_*')))
