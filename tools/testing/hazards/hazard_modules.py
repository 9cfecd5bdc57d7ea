# SPDX-License-Identifier: GPL-2.0
"""Kernels in which a patch changes a module, so that the kernel itself is built once.

Such a kernel is kept as what tools/testing/machine/boot takes as an unpacked package. A patch gets a copy that
shares all files with it but the modules of the directory that it changes. A patch that changes objects which are
built in gets all of it built anew.
"""

import os
import shutil

from project import BUILD

# The KUnit tests as modules, without checkers that make a kernel slow
KUNIT = 'hazards-kunit'
# Everything that finds mistakes
DEBUG = 'hazards-modules'
KERNELS = (KUNIT, DEBUG)
# Directory of the sources -> modules: the one with the sources first, then those of its tests
MODULES = {
    'drivers/iommu/arm/arm-smmu-v3': ('arm_smmu_v3', 'arm-smmu-v3-test', 'arm-smmu-v3-stuck-test',
                                      'arm-smmu-v3-viommu-test', 'arm-smmu-v3-vsmmu-test', 'tegra241-cmdqv-test'),
    'drivers/iommu/iommufd': ('iommufd',),
}
# Sources in those directories that are built in
BUILT_IN = ('drivers/iommu/iommufd/veventq_driver.c', 'drivers/iommu/iommufd/viommu_driver.c')


def target(kernel, paths):
    """The words for scripts/build/kernel after a patch has changed these paths; None for the tree as it is."""
    where = {os.path.dirname(path) for path in paths or ()}
    if len(where) != 1 or not where < set(MODULES) or set(BUILT_IN) & set(paths):
        return kernel
    where = where.pop()
    return f'{kernel}:' + ','.join(f'{where}/{name}.ko' for name in MODULES[where])


def copy(built, where):
    """A copy of the package in which that was built, beside those made before; returns its path."""
    remove(where)
    kernel, _, modules = built.partition(':')
    output = os.path.join(BUILD, f'kernel-{kernel}')
    package = os.path.join(os.path.dirname(where), f'as-it-is-{kernel}') if modules else \
        os.path.join(output, 'package')
    shutil.copytree(package, where, symlinks=True, copy_function=os.link)
    for module in filter(None, modules.split(',')):
        version, = os.listdir(os.path.join(where, 'lib/modules'))
        path = os.path.join(where, 'lib/modules', version, 'kernel', module)
        os.unlink(path)
        shutil.copy(os.path.join(output, module), path)
    return where


def remove(path):
    """Remove an image or a copy of the package, if it is there."""
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.unlink(path)
