# SPDX-License-Identifier: GPL-2.0
"""Two SMMUs with an instance each: nothing of one reaches the other."""

import subprocess
import unittest

from cmdqv import BASE, ILL, PARAM, SYNC, CmdqvTest, Hardware, Queue, atc_inv, tlbi_nh_va
from machine import QEMU, TIMEOUT
from pci import OK, DmaTest, RootPort
from smmu import IDR3, Context, Smmu

SECOND, SECOND_SMMU, SECOND_SPI = 0x0a200000, 0x0aa30000, 201
PATH = '/machine/peripheral/cmdqv1'
PORT = 'pcie-root-port,id=port1,chassis=1,addr=4.0'
INSTANCE = f'tegra241-cmdqv-hw,id=cmdqv1,primary-bus=port1,base={SECOND:#x},spi={SECOND_SPI}'
HIGHER = 0x1000000
OLD, NEW = 0x40600000, 0x40700000
VA = 0x5000


class Two(CmdqvTest):
    dma_devices = 1
    devices = (PORT, 'pci-dma-test,bus=port1', f'{INSTANCE},strict=on,log2-vintfs=5')

    def setUp(self):
        super().setUp()
        RootPort(self.m, slot=4, bus=1)
        self.hws = [self.hw, Hardware(self.m, 5, base=SECOND)]
        self.smmus = [Smmu(self.m).enable(), Smmu(self.m, SECOND_SMMU, HIGHER).enable()]
        self.dma = [DmaTest(self.m), DmaTest(self.m, bus=1)]
        self.m.write64(OLD, 0x01d)
        self.m.write64(NEW, 0x4e3)
        self.broken_second = {}
        # Before the machine ends
        self.addCleanup(self._check_second)

    def _check_second(self):
        self.assertEqual(self.m.strict(path=PATH), self.broken_second)

    def queues(self):
        """A queue of a guest on each, with the same numbers, VMID and StreamID."""
        found = []
        for n, (hw, dma) in enumerate(zip(self.hws, self.dma)):
            hw.enable()
            self.assertEqual(hw.enable_vintf(1, 5), 1)
            hw.set_sid(1, 0, 0x4321, dma.sid)
            found.append(Queue(hw, 1, 0, ring=0x40300000 + HIGHER * n).start())
        return found

    def test_parameters(self):
        self.assertEqual([hw.read(PARAM) >> 8 & 15 for hw in self.hws], [6, 5])
        self.assertEqual([smmu.read(IDR3) >> 8 & 1 for smmu in self.smmus], [1, 1])

    def test_translations(self):
        contexts = [Context(smmu, dma.sid, 1, 5) for smmu, dma in zip(self.smmus, self.dma)]
        for n, q in enumerate(self.queues()):
            va = VA + 0x1000 * n
            for context, dma in zip(contexts, self.dma):
                context.map(va, OLD)
                self.assertEqual(dma.read(va), 0x01d)
                context.map(va, NEW)
            q.push(tlbi_nh_va(1, va), SYNC)
            self.assertEqual([dma.read(va) for dma in self.dma], [[0x4e3, 0x01d], [0x01d, 0x4e3]][n])

    def test_atc(self):
        for n, q in enumerate(self.queues()):
            for smmu, dma in zip(self.smmus, self.dma):
                Context(smmu, dma.sid, 1, 5).map(VA, OLD)
                self.assertEqual(dma.run('ATC_FILL', VA), OK)
            q.push(atc_inv(0x4321), SYNC)
            self.assertEqual([dma.get('ATC_ENTRIES') for dma in self.dma], [[0, 1], [1, 0]][n])

    def test_atc_of_the_other_smmu(self):
        Context(self.smmus[1], self.dma[1].sid, 1, 5).map(VA, OLD)
        self.assertEqual(self.dma[1].run('ATC_FILL', VA), OK)
        self.smmus[0].push(atc_inv(self.dma[1].sid), SYNC)
        self.assertEqual(self.dma[1].get('ATC_ENTRIES'), 1)
        self.smmus[1].push(atc_inv(self.dma[1].sid), SYNC)
        self.assertEqual(self.dma[1].get('ATC_ENTRIES'), 0)

    def test_counters(self):
        before = [dma.window('MAIN_COMMANDS') for dma in self.dma]
        self.queues()[1].push(SYNC)
        self.smmus[0].sync()
        self.assertEqual([dma.window('COMMANDS') for dma in self.dma], [0, 1])
        self.assertEqual([dma.window('MAIN_COMMANDS') - n for dma, n in zip(self.dma, before)], [1, 0])
        self.assertEqual([dma.window('VINTFS') for dma in self.dma], [64, 32])

    def test_errors(self):
        first, second = self.queues()
        second.push((0x10, 0))
        self.assertEqual((second.error(), first.error()), (ILL, 0))
        self.assertEqual((self.m.take_edges(SECOND_SPI), self.m.take_edges()), (1, 0))
        self.assertEqual([hw.vintf_err_map() for hw in self.hws], [0, 2])

    def test_faults(self):
        # The event of a DMA that fails is in the queue of its own SMMU
        for smmu, dma in zip(self.smmus, self.dma):
            Context(smmu, dma.sid, 1, 5)
        prods = [smmu.read(0x100a8) for smmu in self.smmus]
        self.assertIsNone(self.dma[1].read(VA))
        self.assertEqual(self.smmus[0].read(0x100a8), prods[0])
        self.assertNotEqual(self.smmus[1].read(0x100a8), prods[1])

    def test_order_rules(self):
        self.hws[1].write(PARAM, 0)
        self.broken_second = {'read-only-write': 1}


class Refused(unittest.TestCase):
    def refusal(self, *devices, iommu=',iommu=smmuv3'):
        command = [QEMU, '-M', f'virt,gic-version=3{iommu}', '-accel', 'qtest', '-display', 'none',
                   '-nodefaults', '-S', '-device', PORT]
        for device in devices:
            command += ['-device', device]
        p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           timeout=TIMEOUT)
        self.assertNotEqual(p.returncode, 0)
        # An instance before makes its report
        said = [line for line in p.stdout.splitlines() if not line.startswith('cmdqv-hw: ')]
        self.assertEqual(len(said), 1)
        return said[0]

    def test_one_smmu(self):
        self.assertIn('only one', self.refusal('tegra241-cmdqv-hw',
                                               f'tegra241-cmdqv-hw,base={SECOND:#x},spi=201'))

    def test_no_smmu(self):
        self.assertIn('iommu=smmuv3', self.refusal('tegra241-cmdqv-hw', iommu=''))

    def test_bus_with_iommu(self):
        self.assertIn('has an IOMMU', self.refusal('tegra241-cmdqv-hw,primary-bus=pcie.0'))
        self.assertIn('has an IOMMU', self.refusal(INSTANCE, 'tegra241-cmdqv-hw,primary-bus=port1,spi=210'))

    def test_base_in_use(self):
        for base in (BASE, BASE - 0x10000, BASE - 0x840000):
            self.assertIn('base is in use', self.refusal(
                'tegra241-cmdqv-hw', f'tegra241-cmdqv-hw,primary-bus=port1,base={base:#x},spi=210'))

    def test_spi_in_use(self):
        for spi in (196, 200):
            self.assertIn('spi is in use', self.refusal(
                'tegra241-cmdqv-hw', f'tegra241-cmdqv-hw,primary-bus=port1,base={SECOND:#x},spi={spi}'))

    def test_too_many_spis(self):
        self.assertIn('spi must be below', self.refusal('tegra241-cmdqv-hw,spi=256'))
        self.assertIn('spi must be below', self.refusal('tegra241-cmdqv-hw,primary-bus=port1,spi=252'))
