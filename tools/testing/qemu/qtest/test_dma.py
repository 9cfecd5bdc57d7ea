# SPDX-License-Identifier: GPL-2.0
"""The DMA test device, and its window on the counters."""

from cmdqv import BASE, SYNC, CmdqvTest, tlbi_nh_asid, tlbi_nh_va
from pci import (BAD_COMMAND, BAD_SIZE, FAULT, NO_BUS_MASTER, OK, REGS, DmaTest)
from smmu import Smmu

RAM = 0x40400000
NOWHERE = 0x200000000


class Device(CmdqvTest):
    dma_devices = 1

    def setUp(self):
        super().setUp()
        self.d = DmaTest(self.m)

    def test_identity(self):
        self.assertEqual(self.m.read32(self.d.config), 0x1d4a1234)
        self.assertEqual(self.d.get('ID'), REGS['DMA_TEST_ID_VALUE'])

    def test_read_and_write(self):
        self.assertEqual(self.d.write(RAM, 0x1122334455667788), OK)
        self.assertEqual(self.m.read64(RAM), 0x1122334455667788)
        self.m.write64(RAM + 8, 99)
        self.assertEqual(self.d.read(RAM + 8), 99)
        self.assertEqual((self.d.get('OKS'), self.d.get('FAILURES')), (2, 0))

    def test_sizes(self):
        self.m.write64(RAM, (1 << 64) - 1)
        for size, left in ((1, 0xffffffffffffff00), (2, 0xffffffffffff0000), (4, 0xffffffff00000000)):
            self.d.put('SIZE', size)
            self.assertEqual(self.d.write(RAM, 0), OK)
            self.assertEqual(self.m.read64(RAM), left)
        self.m.write64(RAM, 0x1122334455667788)
        self.d.put('SIZE', 2)
        self.assertEqual(self.d.read(RAM + 2), 0x5566)

    def test_swap(self):
        self.m.write64(RAM, 1)
        self.assertEqual(self.d.write(RAM, 2, 'SWAP'), OK)
        self.assertEqual((self.d.get('DATA'), self.m.read64(RAM)), (1, 2))

    def test_refusals(self):
        self.assertEqual(self.d.run('READ', NOWHERE), FAULT)
        self.assertEqual(self.d.run('READ', RAM + 4), BAD_SIZE)
        self.d.put('SIZE', 3)
        self.assertEqual(self.d.run('READ', 0), BAD_SIZE)
        self.d.put('SIZE', 8)
        self.d.put('COMMAND', 99)
        self.assertEqual(self.d.get('RESULT'), BAD_COMMAND)
        self.d.bus_master(False)
        self.assertEqual(self.d.run('READ', RAM), NO_BUS_MASTER)
        self.assertEqual((self.d.get('OKS'), self.d.get('FAILURES')), (0, 5))

    def test_failed_read_leaves_data(self):
        self.d.put('DATA', 7)
        self.d.run('READ', NOWHERE)
        self.assertEqual(self.d.get('DATA'), 7)

    def test_msi_goes_through_dma(self):
        self.d.put('INTERRUPT', 1)
        self.assertEqual(self.d.get('INTERRUPT'), 0)
        cap = self.capability(5)
        self.m.write32(cap + 4, RAM)
        self.m.write32(cap + 12, 0x55)
        self.m.write32(cap, self.m.read32(cap) | 1 << 16)
        self.d.put('INTERRUPT', 1)
        self.assertEqual((self.d.get('INTERRUPT'), self.m.read32(RAM)), (1, 0x55))

    def test_msix(self):
        for i, word in enumerate((RAM, 0, 0x66, 0)):
            self.m.write32(self.d.bar4 + 4 * i, word)
        cap = self.capability(0x11)
        self.m.write32(cap, self.m.read32(cap) | 1 << 31)
        self.d.put('INTERRUPT', 1)
        self.assertEqual((self.d.get('INTERRUPT'), self.m.read32(RAM)), (1, 0x66))

    def capability(self, wanted):
        at = self.m.read32(self.d.config + 0x34) & 0xff
        while at:
            head = self.m.read32(self.d.config + at)
            if head & 0xff == wanted:
                return self.d.config + at
            at = head >> 8 & 0xff
        self.fail(f'no capability {wanted:#x}')


class Window(CmdqvTest):
    dma_devices = 1

    def setUp(self):
        super().setUp()
        self.d = DmaTest(self.m)

    def queue_window(self, q, name):
        return self.m.read64(self.d.bar2 + REGS['CMDQV_WIN_QUEUE'](q) + REGS['CMDQV_WIN_Q_' + name])

    def test_size_of_the_block(self):
        self.assertEqual(self.d.window('ID'), REGS['CMDQV_WIN_ID_VALUE'])
        self.assertEqual((self.d.window('VINTFS'), self.d.window('VCMDQS')), (64, 128))

    def test_commands(self):
        smmu = Smmu(self.m).enable()
        main = self.d.window('MAIN_COMMANDS')
        q = self.guest_queue(63, l=0)
        p = self.guest_queue(63, l=1)
        q.push(tlbi_nh_va(1, 0), tlbi_nh_va(1, 0), tlbi_nh_asid(1), SYNC)
        p.push(SYNC, (0xff, 0))
        smmu.sync()
        for name, value in (('COMMANDS', 4), ('TLBI_NH_VA', 2), ('TLBI_NH_ASID', 1), ('SYNCS', 1),
                            ('ERRORS', 0)):
            self.assertEqual(self.queue_window(126, name), value, name)
        self.assertEqual((self.queue_window(127, 'SYNCS'), self.queue_window(127, 'ERRORS')), (1, 1))
        self.assertEqual(self.m.read64(self.d.bar2 + REGS['CMDQV_WIN_QUEUE'](127) +
                                       REGS['CMDQV_WIN_Q_ERROR'](1)), 1)
        for name, value in (('COMMANDS', 5), ('SYNCS', 2), ('ERRORS', 1), ('INTERRUPTS', 1)):
            self.assertEqual(self.d.window(name), value, name)
        self.assertEqual(self.d.window('MAIN_COMMANDS'), main + 1)
        self.assertEqual(self.d.window('MAIN_OPCODE', 0x46), 2)

    def test_accesses(self):
        self.hw.enable()                                    # 2 reads, 1 write
        self.hw.enable_vintf(5, vmid=1)                     # 1 read, 2 writes
        q = self.queue(5)
        q.map()                                             # 1 write
        q.program()                                         # page 1: 1 write
        q.enable()                                          # page 0: 1 write, 1 read
        self.m.read32(q.physical0(0))
        self.m.read32(q.physical1(0))
        names = ('CONFIG_READS', 'CONFIG_WRITES', 'PHYS0_READS', 'PHYS0_WRITES', 'PHYS1_READS',
                 'PHYS1_WRITES')
        self.assertEqual([self.d.window(n) for n in names], [3, 4, 1, 0, 1, 0])
        vintf = self.d.bar2 + REGS['CMDQV_WIN_VINTF'](5)
        self.assertEqual([self.m.read64(vintf + 8 * i) for i in range(4)], [1, 1, 0, 1])

    def test_strict(self):
        self.hw.disable()
        self.queue(1).map()
        self.m.read32(BASE + 0x30000)
        self.broken = {'map-cmdqv-off': 1, 'unmapped-read': 1}
        rules = self.d.window('RULES')
        found = {}
        for i in range(rules):
            name = self.m.read_bytes(self.d.bar2 + REGS['CMDQV_WIN_RULE_NAME'](i), 32)
            if n := self.d.window('RULE', i):
                found[name.rstrip(b'\0').decode()] = n
        self.assertEqual(found, self.broken)
        self.assertEqual((self.d.window('STRICT'), self.d.window('STRICT_GUEST')), (2, 0))

    def test_is_read_only(self):
        self.m.write64(self.d.bar2 + REGS['CMDQV_WIN_VINTFS'], 1)
        self.assertEqual(self.d.window('VINTFS'), 64)

    def test_does_not_count_itself(self):
        before = self.d.window('CONFIG_READS')
        self.assertEqual(self.d.window('CONFIG_READS'), before)
