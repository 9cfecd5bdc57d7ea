# SPDX-License-Identifier: GPL-2.0
"""The check of the tables of tests: a wrong name of each kind is found, and a right one of another kind is wrong."""

import unittest

import test_tables

PAGE = '''.. list-table::
   :header-rows: 1

   * - no.
     - test
     - siblings
     - taken out
   * - 1
     - {}
     - ``no_name_of_a_test``
     - {}
'''
RIGHT = (
    'KUnit ``probe_param``, ``kernel_life``; boot ``driver-dead``',
    'KUnit tegra241-cmdqv-probe ``probe_param``; KUnit suite ``arm-smmu-v3-vsmmu``, ``vsmmu_size_by_type``',
    'boots ``smmu-no-ranges``, ``preempt-flood`` and suite ``machine`` (``smmuv3_unmap``)',
    'boot ``machine-ats`` (``smmuv3_silent``: ``queue.reset``, ``unmap``); ``smmuv3_flood``; ``assembly``',
    'boots ``driver-race`` and ``seed-1-vmm``; rules ``map-order``, ``unmap-order``',
    '``smmuv3_silent``: ``bus.queue.reset``, ``silent``, ``stage2``, ``closed``',
    '``viommu_abi`` (variant ``viommu_alloc``); ``scripts/check/run promises``',
    'not tested: ``make docs`` ends with a warning; ``tools/testing/hazards``',
    'not tested: ``fault-slow-ns`` needs a boot of its own',
)
# Cell -> problem
WRONG = {
    'boot ``none-flood``': 'no boot none-flood',
    'boots ``driver-dead``, ``dead``': 'no boot dead',
    'boot ``machine-ats`` (``smmuv3_loud``)': 'no program or suite smmuv3_loud',
    'boot ``machine-ats`` (``smmuv3_silent``: ``noise``)': 'no test smmuv3_silent: noise',
    'boot ``fault-slow-ns``': 'no boot fault-slow-ns',
    'not tested: boot ``driver-slow`` does not look': 'no boot driver-slow',
    'not tested: slow; ``smmuv3_loud``': 'no program or suite smmuv3_loud',
    '``driver-dead``': 'no program or suite driver-dead',
    '``cmdqv_vcmdq``': 'no program or suite cmdqv_vcmdq',
    '``probe_param``': 'no program or suite probe_param',
    '``smmuv3_silent``: ``queue.unplug``': 'no test smmuv3_silent: queue.unplug',
    '``smmuv3_silent``: ``silent.closed``': 'no test smmuv3_silent: silent.closed',
    '``smmuv3_silent``: ``bus.unmap``': 'no test smmuv3_silent: bus.unmap',
    '``smmuv3_silent``: ``silent.queue.unmap``': 'no test smmuv3_silent: silent.queue.unmap',
    '``smmuv3_silent``: ``stage1.unmap``': 'no test smmuv3_silent: stage1.unmap',
    '``smmuv3_silent.c``': 'no program or suite smmuv3_silent.c',
    '``smmuv3_flood``: ``unmap``': 'no test smmuv3_flood: unmap',
    'KUnit ``probe_nothing``': 'no case probe_nothing of KUnit',
    'KUnit ``probe_param``, ``unmap``': 'no case unmap of KUnit',
    'KUnit tegra241-cmdqv-irq ``probe_param``': 'no case probe_param of KUnit tegra241-cmdqv-irq',
    'KUnit tegra241-cmdqv-no ``probe_param``': 'no suite tegra241-cmdqv-no of KUnit',
    'rule ``driver-dead``': 'no rule driver-dead',
    'suite ``smmuv3_flood``': 'no suite smmuv3_flood',
    '``scripts/check/run promises tests``': 'no check tests',
}
PATCH = '``42-duplicate-erased``'


class Tables(unittest.TestCase):
    known = test_tables.Known(['promises'])

    def problems(self, test, patch=PATCH):
        return test_tables.page_problems('page.rst', PAGE.format(test, patch), self.known)

    def test_right_names(self):
        """names of each kind are found"""
        for cell in RIGHT:
            self.assertEqual([], self.problems(cell))

    def test_wrong_names(self):
        """a name that does not exist, or is of another kind, is one problem with its line"""
        for cell, problem in WRONG.items():
            self.assertEqual([f'page.rst:8: {problem}'], self.problems(cell), cell)

    def test_patches(self):
        """patches have a column of their own, which takes nothing else"""
        self.assertEqual(['page.rst:8: no patch 42', 'page.rst:8: no patch driver-dead'],
                         self.problems('``assembly``', '``42``, ``42-duplicate-erased``, ``driver-dead``'))

    def test_cells(self):
        """a row without a cell is a problem, and does not end the check"""
        text = PAGE.format('boot ``no``', PATCH).replace('     - ``no_name_of_a_test``\n', '')
        text += PAGE.format('boot ``no``', PATCH)[PAGE.index('   * - 1'):]
        self.assertEqual(['page.rst:8: 3 cells below 4 heads', 'page.rst:11: no boot no'],
                         test_tables.page_problems('page.rst', text, self.known))


if __name__ == '__main__':
    unittest.main()
