# SPDX-License-Identifier: GPL-2.0
"""Registers: both views, widths, read-only ones, handshakes, allocation map."""

from cmdqv import (ALLOC_MAP, BASE, CONFIG, CONFIG_RESET, CONS, CONS_INDX_BASE, GERROR, GERRORN, HYP_OWN,
                   LVCMDQ_ERR_MAP, PARAM, PROD, QBASE, QCONFIG, QSTATUS, SID_MATCH, SID_REPLACE, STATUS, SYNC,
                   VINTF_CONFIG, VINTF_INT_MASK, VINTF_STATUS, CmdqvTest, alloc)


class Registers(CmdqvTest):
    def test_param(self):
        self.assertEqual(self.hw.read(PARAM), 1 | 7 << 4 | 6 << 8 | 4 << 12)

    def test_param_is_read_only(self):
        self.hw.write(PARAM, 0)
        self.assertEqual(self.hw.read(PARAM), 1 | 7 << 4 | 6 << 8 | 4 << 12)
        self.broken = {'read-only-write': 1}

    def test_config_keeps_its_other_bits(self):
        before = self.hw.read(CONFIG)
        self.assertNotEqual(before, 0)
        self.hw.enable()
        self.assertEqual(self.hw.read(CONFIG), before | 1)
        self.hw.write(CONFIG, 1)
        self.assertEqual(self.hw.read(CONFIG), 1)
        self.broken = {'config-bits-lost': 1}

    def test_global_handshake(self):
        self.assertEqual(self.hw.disable(), 0)
        self.assertEqual(self.hw.enable(), 1)
        self.assertEqual(self.hw.disable(), 0)

    def test_the_block_is_on_out_of_reset(self):
        self.assertEqual((self.hw.read(CONFIG), self.hw.read(STATUS)), (CONFIG_RESET, 1))
        self.hw.disable()
        self.m.reset()
        self.assertEqual((self.hw.read(CONFIG), self.hw.read(STATUS)), (CONFIG_RESET, 1))

    def test_vintf_handshake(self):
        self.hw.enable()
        for v in (0, 1, 63):
            self.assertEqual(self.hw.enable_vintf(v, vmid=v + 1), 1)
            self.assertEqual(self.hw.read(self.hw.vintf(v, VINTF_CONFIG)), v + 1 << 1 | 1)
            self.assertEqual(self.hw.disable_vintf(v), 0)

    def test_hyp_own_reads_back(self):
        self.hw.enable()
        self.hw.enable_vintf(0, hyp_own=True)
        self.assertEqual(self.hw.read(self.hw.vintf(0, VINTF_CONFIG)), HYP_OWN | 1)

    def test_queue_handshake(self):
        q = self.host_queue()
        self.assertEqual(q.read(QSTATUS), 1)
        self.assertEqual(q.disable(), 0)

    def test_both_views(self):
        self.hw.enable()
        self.hw.enable_vintf(3, vmid=9)
        q = self.queue(3, 1)
        self.queue(3, 0).map()
        q.map()
        q.write(PROD, 5)
        q.write(CONS, 5)
        self.assertEqual(self.m.read32(q.physical0(PROD)), 5)
        self.assertEqual(self.m.read32(q.physical0(CONS)), 5)
        self.m.write64(q.physical1(QBASE), 0x40550000 | 4)
        self.assertEqual(self.m.read64(q.page1(QBASE)), 0x40550000 | 4)
        self.m.write32(q.physical0(QCONFIG), 1)
        self.assertEqual(q.read(QSTATUS), 1)
        self.assertEqual(self.m.read32(q.physical0(QSTATUS)), 1)

    def test_any_queue_can_be_any_logical_queue(self):
        self.hw.enable()
        self.hw.enable_vintf(2, vmid=9)
        q = self.queue(2, 0, physical=77).start()
        self.assertEqual(self.m.read32(q.physical0(QSTATUS)), 1)

    def test_page1_halves(self):
        q = self.queue(1)
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        q.map()
        self.m.write32(q.page1(QBASE), 0x50000003)
        self.m.write32(q.page1(QBASE) + 4, 0x12)
        self.assertEqual(self.m.read64(q.page1(QBASE)), 0x1250000003)
        self.m.write64(q.page1(CONS_INDX_BASE), (1 << 64) - 1)
        self.assertEqual(self.m.read64(q.page1(CONS_INDX_BASE)), (1 << 48) - 1)
        self.assertEqual(self.m.read32(q.page1(CONS_INDX_BASE) + 4), 0xffff)
        self.broken = {'reserved-bits': 1}

    def test_unmapped_slots(self):
        q = self.queue(1)
        q.write(PROD, 7)
        self.assertEqual(q.read(PROD), 0)
        self.assertEqual(q.read(QSTATUS), 0)
        self.m.write64(q.page1(QBASE), 0x40550004)
        self.assertEqual(self.m.read64(q.page1(QBASE)), 0)
        self.assertEqual(self.m.read32(q.physical0(PROD)), 0)
        self.broken = {'unmapped-read': 3, 'unmapped-write': 2}

    def test_unmapping_hides_but_keeps(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        q = self.queue(1)
        q.map()
        q.program()
        q.unmap()
        self.assertEqual(self.m.read64(q.page1(QBASE)), 0)
        self.assertEqual(self.m.read64(q.physical1(QBASE)), q.ring | 4)
        q.map()
        self.assertEqual(self.m.read64(q.page1(QBASE)), q.ring | 4)
        self.broken = {'unmapped-read': 1}

    def test_sid_slots(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        for slot in range(16):
            self.hw.set_sid(1, slot, slot + 0x100, slot + 0x200)
        for slot in range(16):
            self.assertEqual(self.hw.read(self.hw.vintf(1, SID_MATCH + 4 * slot)),
                             slot + 0x100 << 1 | 1)
            self.assertEqual(self.hw.read(self.hw.vintf(1, SID_REPLACE + 4 * slot)), slot + 0x200)
            self.hw.clear_sid(1, slot)

    def test_int_mask_is_64_bits(self):
        self.assertEqual(self.hw.read(VINTF_INT_MASK), 0)
        self.hw.write(VINTF_INT_MASK, 0x12345678)
        self.hw.write(VINTF_INT_MASK + 4, 0x9abcdef0)
        self.assertEqual(self.hw.read(VINTF_INT_MASK), 0x12345678)
        self.assertEqual(self.hw.read(VINTF_INT_MASK + 4), 0x9abcdef0)

    def test_sizes_and_holes(self):
        self.assertEqual(self.m.read64(BASE + CONFIG), 0)
        self.assertEqual(self.hw.read(0xc), 0)
        self.assertEqual(self.m.read64(BASE + 0x30000), 0)      # unmapped
        self.assertEqual(self.m.read32(BASE + 0x34000), 0)      # no such slot
        self.m.write64(BASE + 0x10000, 1)
        self.m.command(f'writeb {BASE + 4:#x} 1')
        self.assertEqual(self.hw.read(0x5000), 0)               # after the last VINTF
        self.broken = {'bad-access': 6, 'unmapped-read': 1}

    def test_status_word_of_a_vintf(self):
        self.guest_queue(1, l=0)
        self.guest_queue(1, l=1)
        self.assertEqual(self.hw.read(self.hw.vintf(1, VINTF_STATUS)), 1 | 2 << 16)

    def test_reset(self):
        q = self.guest_queue()
        self.hw.set_sid(1, 0, 1, 2)
        self.m.reset()
        self.assertEqual(self.hw.read(self.hw.vintf(1, VINTF_CONFIG)), 0)
        self.assertEqual(self.hw.read(self.hw.vintf(1, VINTF_STATUS)), 0)
        self.assertEqual(self.hw.read(self.hw.vintf(1, SID_MATCH)), 0)
        self.assertEqual(self.hw.read(ALLOC_MAP + 4 * q.physical), 0)
        self.assertEqual(self.m.read32(q.physical0(QSTATUS)), 0)
        self.assertEqual(self.m.read64(q.physical1(QBASE)), 0)


class Levels(CmdqvTest):
    def test_global_off_disables_everything(self):
        q = self.guest_queue()
        self.hw.disable()
        self.assertEqual(self.hw.read(self.hw.vintf(1, VINTF_STATUS)) & 1, 0)
        self.assertEqual(q.read(QSTATUS), 0)
        self.hw.enable()
        self.assertEqual(q.read(QSTATUS), 0)
        self.broken = {'cmdqv-off-vintf-on': 1}

    def test_global_off_disables_unmapped_queues(self):
        q = self.guest_queue()
        q.unmap()
        self.hw.disable()
        self.assertEqual(self.m.read32(q.physical0(QSTATUS)), 0)
        self.assertEqual(self.m.read32(q.physical0(QCONFIG)), 0)
        self.broken = {'cmdqv-off-vintf-on': 1, 'unmap-queue-on': 1}

    def test_vintf_off_disables_its_queues_only(self):
        a, b = self.guest_queue(1), self.guest_queue(2)
        self.hw.disable_vintf(1)
        self.assertEqual((a.read(QSTATUS), b.read(QSTATUS)), (0, 1))
        self.broken = {'vintf-off-queue-mapped': 1, 'vintf-off-queue-on': 1}

    def test_vintf_needs_the_block(self):
        self.hw.disable()
        self.assertEqual(self.hw.enable_vintf(1, vmid=1), 0)
        self.broken = {'vintf-on-cmdqv-off': 1}

    def test_queue_needs_its_vintf(self):
        self.hw.enable()
        q = self.queue(1)
        q.map()
        q.program()
        self.assertEqual(q.enable(), 0)
        self.broken = {'map-vintf-off': 1, 'queue-on-vintf-off': 1}

    def test_queue_needs_a_map(self):
        self.hw.enable()
        q = self.queue(1)
        self.m.write32(q.physical0(QCONFIG), 1)
        self.assertEqual(self.m.read32(q.physical0(QSTATUS)), 0)
        self.broken = {'queue-on-unmapped': 1, 'queue-on-no-base': 1}

    def test_init_error(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        q = self.queue(1)
        q.map()
        for base in (q.ring & ~0xfffff | 0x14, 0x200000000 | 4):
            q.write_base(base)
            self.assertEqual(q.enable(), 0)
            self.assertEqual(q.pending(), 4)
            self.assertEqual(q.read(GERROR) & 3, 0)
            self.assertEqual(self.m.take_edges(), 1)
            q.acknowledge()
            q.disable()
        self.broken_guest = {'queue-on-misaligned': 1}
        self.assertEqual(self.m.get('count-init-errors'), 2)

    def test_init_error_is_raised_once(self):
        """An error that is active cannot be raised: the toggle would take it away."""
        self.hw.enable_vintf(1, vmid=1)
        q = self.queue(1)
        q.map()
        q.write_base(0x200000000 | 4)
        for _ in range(2):
            self.assertEqual(q.enable(), 0)
            self.assertEqual((q.pending(), q.read(GERROR)), (4, 4))
            q.disable()
        self.assertEqual((self.m.take_edges(), self.m.get('count-init-errors')), (1, 1))
        self.broken_guest = {'queue-on-error-left': 1}

    def test_last_entry_is_tried(self):
        """The ring begins in the last 64 KiB of RAM and has twice that."""
        self.hw.enable_vintf(1, vmid=1)
        q = self.queue(1)
        q.map()
        for log2size, on in ((12, 1), (13, 0)):
            q.write_base(0x5fff0000 | log2size)
            self.assertEqual(q.enable(), on)
            self.assertEqual(q.pending(), 0 if on else 4)
            q.disable()
        self.broken_guest = {'queue-on-misaligned': 1}
        self.broken = {'queue-off-no-flush': 1}


class AllocationMap(CmdqvTest):
    def setUp(self):
        super().setUp()
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)

    def entry(self, q, value):
        self.hw.write(ALLOC_MAP + 4 * q, value)
        return self.hw.read(ALLOC_MAP + 4 * q)

    def test_fields(self):
        self.assertEqual(self.entry(127, (1 << 32) - 2), 0x3f << 15 | 0x7f << 1)
        self.broken = {'reserved-bits': 1}

    def test_order(self):
        self.assertEqual(self.entry(3, alloc(1, 1)), 0)
        self.assertEqual(self.entry(2, alloc(1, 0)), alloc(1, 0))
        self.assertEqual(self.entry(3, alloc(1, 1)), alloc(1, 1))
        self.assertEqual(self.entry(2, alloc(1, 0, 0)), alloc(1, 0))
        self.assertEqual(self.entry(3, alloc(1, 1, 0)), alloc(1, 1, 0))
        self.assertEqual(self.entry(2, alloc(1, 0, 0)), alloc(1, 0, 0))
        self.broken = {'map-order': 1, 'unmap-order': 1}

    def test_conflict(self):
        self.entry(2, alloc(1, 0))
        self.assertEqual(self.entry(9, alloc(1, 0)), 0)
        self.broken = {'map-conflict': 1}

    def test_move(self):
        self.hw.enable_vintf(4, vmid=4)
        self.entry(2, alloc(1, 0))
        self.assertEqual(self.entry(2, alloc(4, 0)), alloc(4, 0))
        self.broken = {'map-move': 1}


class Reset(CmdqvTest):
    def test_every_register_of_a_queue(self):
        q = self.guest_queue()
        q.push(SYNC, SYNC, (0xff, 0))
        self.assertEqual((q.cons(), q.read(PROD), q.pending()), (2, 3, 1))
        p = self.guest_queue(1, l=1)
        p.push((0xff, 0))
        p.index = 0
        p.put(SYNC)
        p.acknowledge()
        self.assertEqual((p.read(GERROR), p.read(GERRORN)), (1, 1))
        self.hw.write(VINTF_INT_MASK, 1)
        self.hw.write(VINTF_INT_MASK + 4, 1)
        self.m.reset()
        for r in (q, p):
            for reg in (CONS, PROD, QCONFIG, QSTATUS, GERROR, GERRORN):
                self.assertEqual(self.m.read32(r.physical0(reg)), 0, hex(reg))
            for reg in (QBASE, CONS_INDX_BASE):
                self.assertEqual(self.m.read64(r.physical1(reg)), 0, hex(reg))
        self.assertEqual([self.hw.read(VINTF_INT_MASK + i) for i in (0, 4)], [0, 0])
        self.assertEqual((self.hw.vintf_err_map(), self.hw.cmdq_err_map()), (0, 0))


class ReservedBits(CmdqvTest):
    """One register after the other; what is there is kept."""

    def test_host(self):
        self.hw.enable_vintf(1, vmid=1)
        q = self.queue(1)
        writes = [(CONFIG, 1 << 21 | CONFIG_RESET, CONFIG_RESET),
                  (ALLOC_MAP + 4 * q.physical, alloc(1, 0) | 1 << 8, alloc(1, 0)),
                  (ALLOC_MAP + 4 * q.physical, alloc(1, 0) | 1 << 21, alloc(1, 0)),
                  (self.hw.vintf(2, VINTF_CONFIG), 1 << 18 | 4, 4),
                  (self.hw.vintf(1, SID_REPLACE), 1 << 20 | 8, 8),
                  (self.hw.vintf(1, SID_MATCH), 1 << 21 | 5 << 1 | 1, 5 << 1 | 1)]
        for off, value, kept in writes:
            self.hw.write(off, value)
            self.assertEqual(self.hw.read(off), kept, hex(off))
        self.m.write64(q.page1(QBASE), 1 << 48 | q.ring | 4)
        self.assertEqual(self.m.read64(q.page1(QBASE)), q.ring | 4)
        self.broken = {'reserved-bits': len(writes) + 1}

    def test_guest(self):
        q = self.guest_queue()
        q.disable()
        writes = ((PROD, 1 << 31, 0), (PROD, 1 << 20, 0), (CONS, 1 << 31, 0), (CONS, 1 << 20, 0),
                  (CONS, 0x7f << 24, 0x7f << 24), (CONS, 0, 0), (QCONFIG, 1 << 1, 0), (GERRORN, 1 << 3, 0))
        for reg, value, kept in writes:
            q.write(reg, value)
            self.assertEqual(q.read(reg), kept, hex(reg))
        self.broken_guest = {'reserved-bits': 6}


class Wide(CmdqvTest):
    """One VINTF has all 128 queues."""

    log2_vintfs, log2_vcmdqs = 0, 7

    def test_param(self):
        self.assertEqual(self.hw.read(PARAM), 1 | 7 << 4 | 0 << 8 | 4 << 12)

    def test_every_queue(self):
        self.hw.enable_vintf(0, hyp_own=True)
        queues = [self.queue(0, l, log2size=1).start() for l in range(128)]
        self.assertEqual(self.hw.read(self.hw.vintf(0, VINTF_STATUS)), 1 | 128 << 16)
        for q in queues:
            q.push(SYNC)
            self.assertEqual(q.cons(), 1)
        self.assertEqual(self.m.get('count-syncs'), 128)

    def test_both_error_maps(self):
        self.hw.enable_vintf(0, hyp_own=True)
        queues = [self.queue(0, l).start() for l in range(128)]
        for l in (0, 63, 64, 100, 127):
            queues[l].push((0xff, 0))
        self.assertEqual([self.hw.lvcmdq_err_map(0, m) for m in (0, 1)], [1 << 63 | 1, 1 << 63 | 1 << 36 | 1])
        words = [self.m.read32(BASE + self.hw.vintf(0, LVCMDQ_ERR_MAP + 4 * i)) for i in range(4)]
        self.assertEqual(words, [1, 1 << 31, 1, 1 << 31 | 1 << 4])
        self.assertEqual(self.hw.vintf_err_map(), 1)
        self.assertEqual(self.hw.cmdq_err_map(), 1 << 127 | 1 << 100 | 1 << 64 | 1 << 63 | 1)


class SmallBlock(CmdqvTest):
    log2_vintfs, log2_vcmdqs = 1, 3

    def test_param(self):
        self.assertEqual(self.hw.read(PARAM), 1 | 3 << 4 | 1 << 8 | 4 << 12)

    def test_missing_parts(self):
        self.hw.enable()
        self.assertEqual(self.hw.read(ALLOC_MAP + 4 * 8), 0)
        self.hw.write(ALLOC_MAP, alloc(2, 0))
        self.assertEqual(self.hw.read(ALLOC_MAP), 0)
        self.broken = {'bad-access': 1, 'map-conflict': 1}

    def test_four_queues_per_vintf(self):
        for l in range(4):
            self.guest_queue(1, l=l)
        self.assertEqual(self.hw.read(self.hw.vintf(1, VINTF_STATUS)), 1 | 4 << 16)


class Guest(CmdqvTest):
    props = 'strict=on,hyp-own=off'
    log2_vintfs, log2_vcmdqs = 0, 1

    def test_hyp_own_is_wired_to_zero(self):
        self.hw.enable()
        self.hw.write(self.hw.vintf(0, VINTF_CONFIG), HYP_OWN)
        self.assertEqual(self.hw.read(self.hw.vintf(0, VINTF_CONFIG)), 0)
        self.assertEqual(self.hw.read(PARAM), 0x4011)


class OffOutOfReset(CmdqvTest):
    props = f'strict=on,config-reset={CONFIG_RESET & ~1:#x}'

    def test_reset(self):
        self.assertEqual((self.hw.read(CONFIG), self.hw.read(STATUS)), (CONFIG_RESET & ~1, 0))
        self.assertEqual(self.hw.enable(), 1)


class Lenient(CmdqvTest):
    props = 'strict=off'

    def test_order_is_not_enforced(self):
        self.hw.enable()
        self.hw.write(ALLOC_MAP + 4 * 3, alloc(1, 1))
        self.assertEqual(self.hw.read(ALLOC_MAP + 4 * 3), alloc(1, 1))
