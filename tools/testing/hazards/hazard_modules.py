# SPDX-License-Identifier: GPL-2.0
"""A kernel for test-hazards in which a patch changes one module, so that the kernel itself is built once.

It is kept as what tools/testing/machine/boot takes as an unpacked package. A patch gets a copy that shares all
files with it but the module. A patch that changes objects which are built in gets all of it built anew.
"""

import os
import shutil

from project import BUILD

KERNEL = 'hazards-modules'
OUTPUT = os.path.join(BUILD, f'kernel-{KERNEL}')
PACKAGE = os.path.join(OUTPUT, 'package')
# Directory of the sources -> module
MODULES = {
    'drivers/iommu/arm/arm-smmu-v3': 'drivers/iommu/arm/arm-smmu-v3/arm_smmu_v3.ko',
    'drivers/iommu/iommufd': 'drivers/iommu/iommufd/iommufd.ko',
}
# Sources in those directories that are built in
BUILT_IN = ('drivers/iommu/iommufd/veventq_driver.c', 'drivers/iommu/iommufd/viommu_driver.c')


def target(paths):
    """What build-kernel has to build when a patch has changed these paths; None for the tree as it is."""
    modules = {MODULES.get(os.path.dirname(path)) for path in paths or ()}
    if len(modules) != 1 or None in modules or set(BUILT_IN) & set(paths):
        return KERNEL
    return f'{KERNEL}:{modules.pop()}'


def copy(built, where):
    """A copy of the package in which that was built, beside those made before; returns its path."""
    remove(where)
    module = built.partition(':')[2]
    package = os.path.join(os.path.dirname(where), f'as-it-is-{KERNEL}') if module else PACKAGE
    shutil.copytree(package, where, symlinks=True, copy_function=os.link)
    if module:
        version, = os.listdir(os.path.join(where, 'lib/modules'))
        path = os.path.join(where, 'lib/modules', version, 'kernel', module)
        os.unlink(path)
        shutil.copy(os.path.join(OUTPUT, module), path)
    return where


def remove(path):
    """Remove an image or a copy of the package, if it is there."""
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.unlink(path)
