# SPDX-License-Identifier: GPL-2.0
"""Commands act on the SMMU: DMA shows whether a translation is stale."""

from cmdqv import (ATC_SYNC, ILL, SYNC, CmdqvTest, atc_inv, tlbi_nh_asid, tlbi_nh_va, tlbi_s12_vmall)
from pci import ATC_MISS, FAULT, OK, DmaTest, RootPort
from smmu import CMDQ_CONS, CMDQ_PROD, CMDQEN, CR0, EVENTQEN, GERROR, GERRORN, SMMUEN, STRTAB, Context, Smmu

OLD, NEW = 0x40400000, 0x40500000
VA = 0x5000


class Translation(CmdqvTest):
    dma_devices = 2

    def setUp(self):
        super().setUp()
        self.smmu = Smmu(self.m).enable()
        self.devices = [DmaTest(self.m, n) for n in (0, 1)]
        self.d = self.devices[0]
        for page in range(16):
            self.m.write64(OLD + 0x1000 * page, 0x01d0 + page)
            self.m.write64(NEW + 0x1000 * page, 0x4e30 + page)

    def stale(self, context, device, va=VA):
        """Fills the IOTLB with OLD for VA, then changes the table to NEW."""
        context.map(va, OLD)
        self.assertEqual(device.read(va), 0x01d0)
        context.map(va, NEW)
        self.assertEqual(device.read(va), 0x01d0)

    def test_nothing_mapped(self):
        Context(self.smmu, self.d.sid, 1, 5)
        self.assertEqual(self.d.run('READ', VA), FAULT)

    def test_missing_invalidation_is_seen(self):
        c = Context(self.smmu, self.d.sid, 1, 5)
        self.stale(c, self.d)
        self.assertEqual(self.d.read(VA), 0x01d0)
        self.assertEqual(self.d.write(VA + 8, 0x77), OK)
        self.assertEqual((self.m.read64(OLD + 8), self.m.read64(NEW + 8)), (0x77, 0))

    def test_tlbi_nh_va(self):
        c = Context(self.smmu, self.d.sid, 1, 5)
        q = self.guest_queue(1, vmid=5)
        self.stale(c, self.d)
        q.push(tlbi_nh_va(1, VA), SYNC)
        self.assertEqual(self.d.read(VA), 0x4e30)

    def test_tlbi_nh_asid(self):
        c = Context(self.smmu, self.d.sid, 7, 5)
        q = self.guest_queue(1, vmid=5)
        self.stale(c, self.d)
        q.push(tlbi_nh_asid(8), SYNC)
        self.assertEqual(self.d.read(VA), 0x01d0)
        q.push(tlbi_nh_asid(7), SYNC)
        self.assertEqual(self.d.read(VA), 0x4e30)

    def test_wrong_address_and_asid(self):
        c = Context(self.smmu, self.d.sid, 1, 5)
        q = self.guest_queue(1, vmid=5)
        self.stale(c, self.d)
        q.push(tlbi_nh_va(1, VA + 0x1000), tlbi_nh_va(2, VA), SYNC)
        self.assertEqual(self.d.read(VA), 0x01d0)

    def test_vmid_in_the_command_is_ignored(self):
        c = Context(self.smmu, self.d.sid, 1, 5)
        a, b = self.guest_queue(1, vmid=5), self.guest_queue(2, vmid=6)
        self.stale(c, self.d)
        b.push(tlbi_nh_va(1, VA, vmid=5), tlbi_nh_asid(1, vmid=5), SYNC)
        self.assertEqual(self.d.read(VA), 0x01d0)
        a.push(tlbi_nh_va(1, VA, vmid=6), SYNC)
        self.assertEqual(self.d.read(VA), 0x4e30)

    def test_two_guests(self):
        a, b = (Context(self.smmu, d.sid, 1, vmid) for d, vmid in zip(self.devices, (5, 6)))
        qa, qb = self.guest_queue(1, vmid=5), self.guest_queue(2, vmid=6)
        self.stale(a, self.devices[0])
        self.stale(b, self.devices[1])
        qa.push(tlbi_nh_asid(1), SYNC)
        self.assertEqual([d.read(VA) for d in self.devices], [0x4e30, 0x01d0])
        qb.push(tlbi_nh_va(1, VA), SYNC)
        self.assertEqual([d.read(VA) for d in self.devices], [0x4e30, 0x4e30])

    def test_host_uses_the_vmid_of_the_command(self):
        c = Context(self.smmu, self.d.sid, 1, 5)
        q = self.host_queue()
        self.stale(c, self.d)
        q.push(tlbi_nh_va(1, VA, vmid=6), tlbi_s12_vmall(6), SYNC)
        self.assertEqual(self.d.read(VA), 0x01d0)
        q.push(tlbi_s12_vmall(5), SYNC)
        self.assertEqual(self.d.read(VA), 0x4e30)

    def test_range(self):
        c = Context(self.smmu, self.d.sid, 1, 5)
        q = self.guest_queue(1, vmid=5)
        pages = [VA + 0x1000 * i for i in range(9)]
        for i, va in enumerate(pages):
            c.map(va, OLD + 0x1000 * i)
            self.d.read(va)
            c.map(va, NEW + 0x1000 * i)
        # Seven pages from the second on: NUM 6, SCALE 0, TG 4 KiB
        word0, word1 = tlbi_nh_va(1, pages[1])
        q.push((word0 | 6 << 12, word1 | 1 << 10), SYNC)
        self.assertEqual([self.d.read(va) for va in pages],
                         [0x01d0] + [0x4e30 + i for i in range(1, 8)] + [0x01d8])

    def test_huge_range_ends(self):
        q = self.guest_queue(1, vmid=5)
        word0, word1 = tlbi_nh_va(1, (1 << 64) - 0x3000)
        q.push(*[(word0 | 31 << 12 | 31 << 20, word1 | tg << 10) for tg in (1, 2, 3)], SYNC)
        self.assertEqual(q.cons(), 4)

    def test_configuration_cache(self):
        c = Context(self.smmu, self.d.sid, 1, 5)
        q = self.host_queue()
        c.map(VA, OLD)
        self.assertEqual(self.d.read(VA), 0x01d0)
        self.smmu.store(0x40200000 + 64 * self.d.sid, 0)
        self.assertEqual(self.d.read(VA), 0x01d0)
        q.push((0x03 | (self.d.sid + 8) << 32, 1), SYNC)
        self.assertEqual(self.d.read(VA), 0x01d0)
        q.push((0x03 | self.d.sid << 32, 1), SYNC)
        self.assertEqual(self.d.run('READ', VA), FAULT)

    def test_guest_cannot_touch_configurations(self):
        c = Context(self.smmu, self.d.sid, 1, 5)
        q = self.guest_queue(1, vmid=5)
        c.map(VA, OLD)
        self.d.read(VA)
        self.smmu.store(0x40200000 + 64 * self.d.sid, 0)
        q.push((0x03 | self.d.sid << 32, 1))
        self.assertEqual((q.error(), self.d.read(VA)), (ILL, 0x01d0))

    def test_atc(self):
        c = Context(self.smmu, self.d.sid, 1, 5)
        q = self.guest_queue(1, vmid=5)
        self.hw.set_sid(1, 0, 0x4321, self.d.sid)
        c.map(VA, OLD)
        self.assertEqual(self.d.run('ATC_READ', VA), ATC_MISS)
        self.assertEqual(self.d.run('ATC_FILL', VA), OK)
        c.map(VA, NEW)
        q.push(tlbi_nh_va(1, VA), SYNC)
        self.assertEqual((self.d.read(VA), self.d.read(VA, 'ATC_READ')), (0x4e30, 0x01d0))
        q.push(atc_inv(0x4321, VA + 0x1000, 0), SYNC)
        self.assertEqual(self.d.read(VA, 'ATC_READ'), 0x01d0)
        q.push(atc_inv(0x4321, VA, 0), SYNC)
        self.assertEqual(self.d.run('ATC_READ', VA), ATC_MISS)
        self.assertEqual((self.d.get('ATC_ENTRIES'), self.d.get('ATC_INVALIDATED')), (0, 1))

    def test_atc_of_another_device(self):
        Context(self.smmu, self.devices[1].sid, 1, 6).map(VA, OLD)
        q = self.guest_queue(1, vmid=5)
        self.hw.set_sid(1, 0, 0x4321, self.d.sid)
        self.assertEqual(self.devices[1].run('ATC_FILL', VA), OK)
        q.push(atc_inv(0x4321), SYNC)
        self.assertEqual(self.devices[1].get('ATC_ENTRIES'), 1)
        self.smmu.push(atc_inv(self.devices[1].sid), SYNC)
        self.assertEqual(self.devices[1].get('ATC_ENTRIES'), 0)

    def filled(self):
        """A queue of a guest whose device has a translation of VA."""
        Context(self.smmu, self.d.sid, 1, 5).map(VA, OLD)
        q = self.guest_queue(1, vmid=5)
        self.hw.set_sid(1, 0, 0x4321, self.d.sid)
        self.assertEqual(self.d.run('ATC_FILL', VA), OK)
        return q

    def test_silent_device(self):
        q = self.filled()
        self.d.put('ATC_SILENT', 1)
        q.push(atc_inv(0x4321), SYNC)
        self.assertEqual((q.error(), self.d.get('ATC_ENTRIES'), self.d.get('ATC_UNANSWERED')), (ATC_SYNC, 1, 1))
        # In the SMMU's own queue, too
        self.smmu.put(atc_inv(self.d.sid), SYNC)
        self.smmu.write(CMDQ_PROD, self.smmu.index)
        self.assertEqual(self.smmu.read(CMDQ_CONS) >> 24, ATC_SYNC)
        self.smmu.acknowledge()
        self.smmu.wait()
        self.assertEqual((self.d.get('ATC_ENTRIES'), self.d.get('ATC_UNANSWERED')), (1, 2))

    def test_silent_device_beside_another(self):
        self.filled()
        self.devices[1].put('ATC_SILENT', 1)
        self.smmu.push(atc_inv(self.d.sid), SYNC)
        self.assertEqual((self.d.get('ATC_ENTRIES'), self.devices[1].get('ATC_UNANSWERED')), (0, 0))

    def test_function_level_reset(self):
        q = self.filled()
        self.d.put('ATC_SILENT', 1)
        control = self.express() + 8
        self.m.write32(control, 1 << 15)
        q.push(atc_inv(0x4321), SYNC)
        self.assertEqual(q.error(), ATC_SYNC)
        self.assertEqual(self.m.read32(control) >> 15 & 1, 0)
        q.acknowledge()
        q.push(atc_inv(0x4321), SYNC)
        self.assertEqual(q.error(), 0)
        self.d = DmaTest(self.m)
        found = [self.d.get(name) for name in ('ATC_SILENT', 'ATC_ENTRIES', 'ATC_UNANSWERED', 'RESETS')]
        self.assertEqual(found, [0, 0, 1, 1])

    def test_read_at_sync(self):
        Context(self.smmu, self.d.sid, 1, 5).map(VA, OLD)
        q = self.guest_queue(1, vmid=5)
        self.d.put('ADDR', VA)
        self.smmu.sync()
        self.assertEqual((self.d.get('OKS'), self.d.get('FAILURES')), (0, 0))
        self.d.put('AT_SYNC', 1)
        q.push(tlbi_nh_asid(1), SYNC)
        self.smmu.sync()
        self.assertEqual((self.d.get('OKS'), self.d.get('DATA')), (2, 0x01d0))
        # The configuration is invalid for one CMD_SYNC
        ste = self.smmu.ste(self.d.sid)
        word = self.m.read64(ste)
        self.smmu.store(ste, 0)
        self.smmu.push((0x03 | self.d.sid << 32, 1), SYNC)
        self.smmu.store(ste, word)
        self.smmu.push((0x03 | self.d.sid << 32, 1), SYNC)
        self.assertEqual((self.d.get('OKS'), self.d.get('FAILURES')), (3, 1))
        self.d.put('AT_SYNC', 0)
        self.smmu.sync()
        self.assertEqual((self.d.get('OKS'), self.d.get('FAILURES')), (3, 1))

    def test_silent_for_good(self):
        q = self.filled()
        self.d.put('ATC_SILENT', 2)
        self.m.write32(self.express() + 8, 1 << 15)
        self.m.read32(self.d.config)
        q.push(atc_inv(0x4321), SYNC)
        self.assertEqual(q.error(), ATC_SYNC)

    def test_translated_transaction_needs_eats(self):
        self.filled()
        self.assertEqual(self.d.read(VA, 'ATC_READ'), 0x01d0)
        self.smmu.write(CR0, CMDQEN | EVENTQEN | SMMUEN | 1 << 4)
        self.assertEqual(self.d.run('ATC_READ', VA), FAULT)
        word1 = STRTAB + 64 * self.d.sid + 8
        self.smmu.store(word1, 1 << 28)
        self.assertEqual(self.d.read(VA, 'ATC_READ'), 0x01d0)
        self.smmu.store(word1, 0)
        self.assertEqual(self.d.write(VA, 1, 'ATC_WRITE'), FAULT)

    def express(self):
        """The PCI Express capability."""
        at = self.m.read32(self.d.config + 0x34) & 0xff
        while self.m.read32(self.d.config + at) & 0xff != 0x10:
            at = self.m.read32(self.d.config + at) >> 8 & 0xff
        return self.d.config + at

    def test_fwb_is_advertised(self):
        self.assertEqual(self.smmu.read(0xc) >> 8 & 1, 1)

    def test_ats_is_not_advertised(self):
        self.assertEqual(self.smmu.read(0) >> 10 & 1, 0)


class BusReset(CmdqvTest):
    devices = ('pcie-root-port,id=port1,chassis=1,addr=4.0', 'pci-dma-test,bus=port1')

    def setUp(self):
        super().setUp()
        self.port = RootPort(self.m, slot=4, bus=1)
        self.smmu = Smmu(self.m).enable()
        self.d = DmaTest(self.m, bus=1)

    def answers(self):
        """Whether the device answers an ATC_INV."""
        self.smmu.put(atc_inv(self.d.sid), SYNC)
        self.smmu.write(CMDQ_PROD, self.smmu.index)
        answered = self.smmu.read(GERROR) == self.smmu.read(GERRORN)
        if not answered:
            self.assertEqual(self.smmu.read(CMDQ_CONS) >> 24, ATC_SYNC)
            self.smmu.acknowledge()
            self.smmu.wait()
        return answered

    def test_bus_reset(self):
        Context(self.smmu, self.d.sid, 1, 5).map(VA, OLD)
        self.d.enable_ats()
        self.assertEqual(self.d.run('ATC_FILL', VA), OK)
        self.assertTrue(self.answers())
        self.port.reset_bus(True)
        # It does not end before the bus does
        self.m.read32(self.d.config)
        self.assertFalse(self.answers())
        self.port.reset_bus(False)
        self.assertFalse(self.answers())
        # ATS is lost
        self.m.read32(self.d.config)
        self.assertFalse(self.answers())
        self.d = DmaTest(self.m, bus=1)
        self.d.enable_ats()
        self.assertTrue(self.answers())
        found = [self.d.get(name) for name in ('ATC_ENTRIES', 'ATC_UNANSWERED', 'RESETS')]
        self.assertEqual(found, [0, 3, 1])

    def test_bus_reset_without_ats(self):
        """The device does not answer because of the reset alone."""
        Context(self.smmu, self.d.sid, 1, 5).map(VA, OLD)
        self.assertTrue(self.answers())
        self.port.reset_bus(True)
        self.m.read32(self.d.config)
        self.assertFalse(self.answers())
        self.port.reset_bus(False)
        self.m.read32(self.d.config)
        self.assertTrue(self.answers())


class Ats(CmdqvTest):
    props = 'strict=on,ats=on'

    def test_ats_is_advertised(self):
        self.assertEqual(Smmu(self.m).read(0) >> 10 & 1, 1)
        self.m.reset()
        self.assertEqual(Smmu(self.m).read(0) >> 10 & 1, 1)
