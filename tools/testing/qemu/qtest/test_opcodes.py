# SPDX-License-Identifier: GPL-2.0
"""Entries that each command invalidates, and those that it leaves: of another VMID, ASID or address.

The same table for a queue of CMDQ-V, for the SMMU's own queue as QEMU has it, and for that queue as the model
has it with a seed.
"""

from cmdqv import SYNC, CmdqvTest, atc_inv
from pci import ATC_MISS, OK, REGS, DmaTest
from smmu import STRTAB, Context, Smmu, Stage2Context

OLD, NEW = 0x40400000, 0x40500000
PASID = REGS['DMA_TEST_PASID_VALID']
VA, OTHER_VA = 0x5000, 0x7000


def command(opcode, asid=0, vmid=0, addr=0, low=0, num=0, scale=0, tg=0):
    return opcode | num << 12 | scale << 20 | vmid << 32 | asid << 48, addr | tg << 10 | low


# Three devices: ASID 1 and 2 of VMID 5, ASID 1 of VMID 6; two addresses of the first
A, A2, B, C = 'ASID 1, VMID 5', 'the same, other address', 'ASID 2, VMID 5', 'ASID 1, VMID 6'
STAGE1 = (
    ('NH_VA', command(0x12, 1, 5, VA, low=1), {A}),
    ('NH_VA, not leaf', command(0x12, 1, 5, VA), {A}),
    ('NH_VA of a range', command(0x12, 1, 5, 0x4000, num=3, tg=1), {A, A2}),
    ('NH_VA of a range up to a neighbour', command(0x12, 1, 5, 0x4000, num=1, tg=1), {A}),
    ('NH_VA of a range from a neighbour', command(0x12, 1, 5, 0x6000, num=1, tg=1), {A2}),
    ('NH_VA of a range in twos', command(0x12, 1, 5, 0x4000, num=1, scale=1, tg=1), {A, A2}),
    ('NH_VAA', command(0x13, 0, 5, VA, low=1), {A, B}),
    ('NH_VAA of a range', command(0x13, 0, 5, 0x4000, num=3, tg=1), {A, A2, B}),
    ('NH_VAA of a range up to a neighbour', command(0x13, 0, 5, 0x4000, num=1, tg=1), {A, B}),
    ('NH_VAA of a range from a neighbour', command(0x13, 0, 5, 0x6000, num=1, tg=1), {A2}),
    ('NH_ASID', command(0x11, 1, 5), {A, A2}),
    ('NH_ALL', command(0x10, 0, 5), {A, A2, B}),
    ('S12_VMALL', command(0x28, 0, 5), {A, A2, B}),
    ('NSNH_ALL', command(0x30), {A, A2, B, C}),
    ('S2_IPA of another VMID', command(0x2a, 0, 7, VA), set()),
    ('EL2_ALL', command(0x20), set()),
    ('EL2_ASID', command(0x21, 1), set()),
    ('EL2_VA', command(0x22, 1, 0, VA, low=1), set()),
    ('EL2_VAA', command(0x23, 0, 0, VA, low=1), set()),
    ('EL3_ALL', command(0x18), set()),
    ('EL3_VA', command(0x1a, 0, 0, VA, low=1), set()),
    ('PREFETCH_ADDR', (0x02 | 8 << 32, VA), set()),
    ('PREFETCH_CONFIG', command(0x01), set()),
    ('ATC_INV', atc_inv(8), set()),
    ('PRI_RESP', (0x41 | 8 << 32, 2 << 12), set()),
    ('RESUME', (0x44 | 8 << 32, 0), set()),
    ('STALL_TERM', (0x45 | 8 << 32, 0), set()),
)

# In caches of devices: two addresses of the first device, one of the second. PASIDs: 3, none, 3
OWN, OWN2, OWN_B = 'address of a PASID', 'other address', 'the same, other device'


def atc_inv_of(pasid, sid, addr=0, size=52, low=1 << 11):
    word0, word1 = atc_inv(sid, addr, size)
    return word0 | low | pasid << 12, word1


ATC = (
    ('ATC_INV of all', atc_inv(8), {OWN, OWN2}),
    ('ATC_INV of all, other device', atc_inv(16), {OWN_B}),
    ('ATC_INV of a device without', atc_inv(24), set()),
    ('ATC_INV of a page', atc_inv(8, VA, 0), {OWN}),
    ('ATC_INV up to a neighbour', atc_inv(8, 0x4000, 1), {OWN}),
    ('ATC_INV of four pages', atc_inv(8, 0x4000, 2), {OWN, OWN2}),
    ('ATC_INV of the page before', atc_inv(8, 0x4000, 0), set()),
    ('ATC_INV of a PASID', atc_inv_of(3, 8), {OWN}),
    ('ATC_INV of another PASID', atc_inv_of(4, 8), set()),
    ('ATC_INV of a PASID elsewhere', atc_inv_of(3, 8, OTHER_VA, 0), set()),
    ('ATC_INV with SSV = 0', atc_inv_of(4, 8, low=0), {OWN, OWN2}),
    ('ATC_INV of every PASID', atc_inv_of(4, 8, low=1 << 11 | 1 << 9), {OWN}),
    ('NH_VA', command(0x12, 1, 5, VA, low=1), set()),
    ('NSNH_ALL', command(0x30), set()),
    ('STE', (0x03 | 8 << 32, 1), set()),
)

# Two devices of stage 2 alone, VMID 5 and 6; two addresses of the first
STAGE2 = (
    ('S2_IPA', command(0x2a, 0, 5, VA), {A}),
    ('S2_IPA, other VMID', command(0x2a, 0, 6, VA), {C}),
    ('S2_IPA of a range', command(0x2a, 0, 5, VA - 0x1000, num=3, tg=1), {A, A2}),
    ('S12_VMALL', command(0x28, 0, 5), {A, A2}),
    ('NSNH_ALL', command(0x30), {A, A2, C}),
    ('NH_ASID', command(0x11, 1, 5), set()),
)

# The StreamIDs of the devices are 8, 16 and 24
CONFIGURATIONS = (
    ('STE', (0x03 | 8 << 32, 1), {8}),
    ('STE of another', (0x03 | 9 << 32, 1), set()),
    ('CD', (0x05 | 16 << 32, 1), {16}),
    ('CD_ALL', (0x06 | 24 << 32, 0), {24}),
    ('range of 8', (0x04 | 16 << 32, 2), {16}),
    ('range of 16', (0x04 | 24 << 32, 3), {16, 24}),
    ('range of 32', (0x04 | 3 << 32, 4), {8, 16, 24}),
    ('all', (0x04, 31), {8, 16, 24}),
)


class Opcodes(CmdqvTest):
    dma_devices = 3

    def setUp(self):
        super().setUp()
        self.smmu = Smmu(self.m).enable()
        self.devices = [DmaTest(self.m, n) for n in range(3)]
        for page in range(16):
            self.m.write64(OLD + 0x1000 * page, 0x01d0)
            self.m.write64(NEW + 0x1000 * page, 0x4e30)
        self.queue_setup()

    def queue_setup(self):
        self.q = self.host_queue(log2size=8)

    def send(self, *commands):
        self.q.push(*commands)
        self.assertEqual((self.q.cons(), self.q.pending()), (self.q.index, 0))

    def each(self, table, places):
        """PLACES: name, device, context, address."""
        for name, words, fresh in table:
            for where, device, context, va in places:
                context.map(va, OLD)
            self.smmu.push(command(0x30), SYNC)
            for where, device, context, va in places:
                self.assertEqual(device.read(va), 0x01d0, where)
                context.map(va, NEW)
            self.send(words, SYNC)
            found = {where: device.read(va) for where, device, context, va in places}
            self.assertEqual({where for where, value in found.items() if value == 0x4e30}, fresh, name)
            self.assertEqual(set(found.values()) - {0x01d0, 0x4e30}, set(), name)

    def test_stage1(self):
        a, b, c = (Context(self.smmu, d.sid, asid, vmid) for d, asid, vmid in
                   zip(self.devices, (1, 2, 1), (5, 5, 6)))
        self.each(STAGE1, ((A, self.devices[0], a, VA), (A2, self.devices[0], a, OTHER_VA),
                           (B, self.devices[1], b, VA), (C, self.devices[2], c, VA)))

    def test_atc(self):
        for d, asid in zip(self.devices, (1, 2)):
            context = Context(self.smmu, d.sid, asid, 5)
            for va in (VA, OTHER_VA):
                context.map(va, OLD)
        places = ((OWN, self.devices[0], VA, PASID | 3), (OWN2, self.devices[0], OTHER_VA, 0),
                  (OWN_B, self.devices[1], VA, PASID | 3))
        for name, words, dropped in ATC:
            for where, device, va, pasid in places:
                device.put('PASID', pasid)
                self.assertEqual(device.run('ATC_FILL', va), OK, where)
            self.send(words, SYNC)
            found = set()
            for where, device, va, pasid in places:
                device.put('PASID', pasid)
                if device.run('ATC_READ', va) == ATC_MISS:
                    found.add(where)
            self.assertEqual(found, dropped, name)

    def test_stage2(self):
        a, c = (Stage2Context(self.smmu, d.sid, vmid) for d, vmid in zip(self.devices, (5, 6)))
        self.each(STAGE2, ((A, self.devices[0], a, VA), (A2, self.devices[0], a, OTHER_VA),
                           (C, self.devices[1], c, VA)))

    def test_configurations(self):
        for name, words, gone in CONFIGURATIONS:
            for d in self.devices:
                Context(self.smmu, d.sid, 1, 5).map(VA, OLD)
                self.assertEqual(d.read(VA), 0x01d0)
            for d in self.devices:
                self.smmu.store(STRTAB + 64 * d.sid, 0)
                self.assertEqual(d.read(VA), 0x01d0)
            self.send(words, SYNC)
            self.assertEqual({d.sid for d in self.devices if d.read(VA) is None}, gone, name)

    def test_granules(self):
        """A range counts in granules, from the one that has the address."""
        a = Context(self.smmu, self.devices[0].sid, 1, 5)
        for tg, addr, num, first, last in ((1, 0x15000, 2, 0x15000, 0x18000),
                                           (2, 0x15000, 2, 0x14000, 0x20000),
                                           (3, 0x15000, 2, 0x10000, 0x40000),
                                           (3, 0x15000, 0, 0x10000, 0x20000)):
            pages = range(first - 0x1000, last + 0x1000, 0x1000)
            for va in pages:
                a.map(va, OLD)
            self.smmu.push(command(0x30), SYNC)
            for va in pages:
                self.assertEqual(self.devices[0].read(va), 0x01d0)
                a.map(va, NEW)
            self.send(command(0x12, 1, 5, addr, num=num, tg=tg), SYNC)
            fresh = [va for va in pages if self.devices[0].read(va) == 0x4e30]
            self.assertEqual(fresh, list(range(first, last, 0x1000)), f'TG {tg}, NUM {num}')


class MainQueue(Opcodes):
    """QEMU's own."""

    def queue_setup(self):
        pass

    def send(self, *commands):
        self.smmu.push(*commands)

    # QEMU takes the address of a range as it is
    test_granules = None


class LateMainQueue(MainQueue):
    props = 'strict=on,seed=3'

    test_granules = Opcodes.test_granules
