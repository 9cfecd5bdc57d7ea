# SPDX-License-Identifier: GPL-2.0
"""The engine: order, wrap, the guest's filter, errors, error maps, the interrupt."""

from cmdqv import (ABT, CMDQ_ERR, CONS, GERROR, GERRORN, ILL, PROD, QCONFIG, SID_MATCH, SYNC, VINTF_INT_MASK,
                   VINTF_STATUS, CmdqvTest, atc_inv, tlbi_nh_asid, tlbi_nh_va, tlbi_s12_vmall)

ALLOWED = (tlbi_nh_va(1, 0x1000), tlbi_nh_asid(1), SYNC)


class Engine(CmdqvTest):
    def counted(self, text):
        return f'cmdqv-hw: count {text}\n' in self.m.get('counters')

    def test_sync(self):
        q = self.host_queue()
        q.push(SYNC)
        self.assertEqual((q.cons(), q.error(), q.pending()), (1, 0, 0))
        self.assertTrue(self.counted('vcmdq0 SYNC 1'))

    def test_wrap(self):
        q = self.guest_queue(log2size=2)
        for i in range(1, 50):
            q.push(tlbi_nh_asid(i), SYNC)
            self.assertEqual(q.cons(), 2 * i % 8)
        self.assertTrue(self.counted('vcmdq2 TLBI_NH_ASID 49'))
        self.assertTrue(self.counted('vcmdq2 SYNC 49'))

    def test_two_entries(self):
        q = self.guest_queue(log2size=1)
        for i in range(1, 9):
            q.push(SYNC)
            self.assertEqual(q.cons(), i % 4)

    def test_largest_queue(self):
        q = self.guest_queue(log2size=19, ring=0x41000000)
        q.push(*[SYNC] * 10)
        self.assertEqual(q.cons(), 10)

    def test_full_ring_in_one_go(self):
        q = self.guest_queue(log2size=4)
        q.push(*[tlbi_nh_asid(1)] * 16)
        self.assertEqual((q.cons(), q.read(PROD)), (16, 16))
        q.push(*[SYNC] * 16)
        self.assertEqual(q.cons(), 0)
        self.assertEqual(self.m.get('count-commands'), 32)

    def test_physical_view_rings_too(self):
        q = self.guest_queue()
        q.put(SYNC)
        self.m.write32(q.physical0(PROD), 1)
        self.assertEqual(q.cons(), 1)

    def test_disabled_queue_does_not_run(self):
        q = self.guest_queue()
        q.disable()
        q.push(SYNC)
        self.assertEqual(q.cons(), 0)

    def test_prod_overrun(self):
        q = self.guest_queue(log2size=2)
        q.put(SYNC, SYNC, SYNC, SYNC)
        q.write(PROD, 6)
        self.assertEqual(q.cons(), 6)
        self.broken_guest = {'prod-overrun': 1}

    def test_unmapped_queue_goes_on_when_mapped(self):
        q = self.guest_queue()
        q.unmap()
        q.put(SYNC)
        self.m.write32(q.physical0(PROD), 1)
        self.assertEqual(self.m.read32(q.physical0(CONS)), 0)
        q.map()
        self.assertEqual(q.cons(), 1)
        self.broken = {'unmap-queue-on': 1, 'map-queue-on': 1, 'program-unmapped': 1}

    def test_cons_is_fixed_while_enabled(self):
        q = self.guest_queue()
        q.push(SYNC, SYNC)
        q.write(CONS, 0)
        self.assertEqual(q.cons(), 2)
        self.broken_guest = {'cons-write-queue-on': 1}

    def test_two_queues_are_independent(self):
        a, b = self.guest_queue(1), self.guest_queue(1, l=1)
        a.push((0xff, 0))
        b.push(SYNC)
        self.assertEqual((a.cons(), a.error(), b.cons(), b.error()), (0, ILL, 1, 0))


class Filter(CmdqvTest):
    def test_guest_may(self):
        q = self.guest_queue()
        q.push(*ALLOWED)
        self.assertEqual((q.cons(), q.pending()), (3, 0))

    def test_guest_may_not(self):
        q = self.guest_queue(log2size=8)
        opcodes = {c[0] & 0xff for c in ALLOWED} | {0x40}
        for op in sorted(set(range(256)) - opcodes):
            at = q.index
            q.push((op, 0))
            self.assertEqual((q.cons(), q.error(), q.pending()), (at, ILL, CMDQ_ERR), hex(op))
            self.assertEqual(self.m.take_edges(), 1)
            # Repaired as a driver does: a CMD_SYNC in its place
            q.index = at
            q.put(SYNC)
            q.acknowledge()
            self.assertEqual((q.cons(), q.error(), q.pending()), (q.index, 0, 0), hex(op))

    def test_host_may(self):
        q = self.host_queue()
        for command in (*ALLOWED, tlbi_s12_vmall(3), (0x30, 0), (0x10, 0), (0x13, 0), (0x03, 0),
                        (0x04, 31), (0x05, 0), (0x06, 0), (0x2a, 0), (0x01, 0), atc_inv(8)):
            q.push(command)
            self.assertEqual((q.cons(), q.pending()), (q.index, 0), hex(command[0]))

    def test_host_may_not(self):
        q = self.host_queue()
        for op in (0x00, 0x0f, 0x31, 0x7f, 0xff):
            at = q.index
            q.push((op, 0))
            self.assertEqual(q.error(), ILL, hex(op))
            q.index = at
            q.put(SYNC)
            q.acknowledge()

    def test_sync_completes_by_cons_only(self):
        for q in (self.host_queue(), self.guest_queue(2)):
            for cs in (1, 2, 3):
                at = q.index
                q.push((0x46 | cs << 12, 0))
                self.assertEqual((q.cons(), q.error()), (at, ILL))
                q.index = at
                q.put(SYNC)
                q.acknowledge()

    def test_msi_address_is_ignored_but_counted(self):
        q = self.host_queue()
        q.push((0x46, 0x8000040))
        self.assertEqual((q.cons(), q.pending()), (1, 0))
        self.broken = {'sync-msi-address': 1}

    def test_stream_id_must_match(self):
        q = self.guest_queue()
        self.hw.set_sid(1, 3, 0x77, 0x1234)
        q.push(atc_inv(0x77), SYNC)
        self.assertEqual((q.cons(), q.pending()), (2, 0))
        self.assertEqual(self.m.get('count-last-atc-sid'), 0x1234)
        self.hw.clear_sid(1, 3)
        q.push(atc_inv(0x77))
        self.assertEqual((q.cons(), q.error()), (2, ILL))

    def test_slot_that_is_not_enabled(self):
        q = self.guest_queue()
        self.hw.set_sid(1, 0, 0x77, 0x1234)
        self.hw.write(self.hw.vintf(1, SID_MATCH), 0x77 << 1)
        q.push(atc_inv(0x77))
        self.assertEqual((q.cons(), q.error()), (0, ILL))

    def test_stream_ids_of_another_vintf_do_not_match(self):
        self.guest_queue(1)
        q = self.guest_queue(2, vmid=6)
        self.hw.set_sid(1, 0, 0x77, 0x1234)
        q.push(atc_inv(0x77))
        self.assertEqual(q.error(), ILL)


class Errors(CmdqvTest):
    def test_error_stops_the_queue(self):
        q = self.guest_queue()
        q.push(SYNC, (0xff, 0), SYNC)
        self.assertEqual((q.cons(), q.error(), q.pending()), (1, ILL, CMDQ_ERR))
        q.push(SYNC)
        self.assertEqual(q.cons(), 1)
        self.assertEqual(self.m.take_edges(), 1)

    def test_acknowledge_without_repair(self):
        q = self.guest_queue()
        q.push((0xff, 0))
        before = q.read(GERROR)
        q.acknowledge()
        self.assertEqual((q.read(GERROR), q.pending()), (before ^ 1, CMDQ_ERR))
        self.assertEqual(self.m.take_edges(), 2)
        self.assertEqual(self.m.get('count-errors'), 2)

    def test_fetch_abort(self):
        # From the end of the GIC's distributor over a hole into its ITS: both ends can be read
        q = self.guest_queue(log2size=15, ring=0x0800ffe0, start=2)
        q.index = 3
        q.write(PROD, 3)
        self.assertEqual((q.cons(), q.error(), q.pending()), (2, ABT, CMDQ_ERR))
        self.assertEqual(self.m.take_edges(), 1)
        self.broken_guest = {'queue-on-misaligned': 1}

    def test_toggle_both_ways(self):
        q = self.guest_queue()
        for expected in (1, 0, 1):
            at = q.index
            q.push((0xff, 0))
            self.assertEqual((q.read(GERROR), q.pending()), (expected, 1))
            q.index = at
            q.put(SYNC)
            q.acknowledge()
            self.assertEqual(q.pending(), 0)

    def test_gerrorn_without_error(self):
        q = self.guest_queue()
        q.write(GERRORN, 1)
        q.push(SYNC)
        self.assertEqual((q.cons(), q.pending()), (0, 1))
        q.write(GERRORN, 0)
        self.assertEqual(q.cons(), 1)
        self.assertEqual(self.m.take_edges(), 0)
        self.broken_guest = {'ack-without-error': 1}

    def test_maps(self):
        queues = {(v, l): self.guest_queue(v, vmid=v, l=l) for v, l in
                  ((1, 0), (1, 1), (31, 0), (31, 1), (63, 0), (63, 1))}
        for v, l in ((1, 1), (31, 0), (63, 1)):
            queues[v, l].push((0xff, 0))
        self.assertEqual(self.m.take_edges(), 3)
        self.assertEqual(self.hw.vintf_err_map(), 1 << 1 | 1 << 31 | 1 << 63)
        self.assertEqual(self.hw.cmdq_err_map(), 1 << 3 | 1 << 62 | 1 << 127)
        self.assertEqual([self.hw.lvcmdq_err_map(v) for v in (1, 31, 63, 2)], [2, 1, 2, 0])
        self.assertEqual(self.hw.lvcmdq_err_map(1, 1), 0)
        self.assertEqual(self.hw.read(self.hw.vintf(1, VINTF_STATUS)) >> 1 & 7, 1)
        for q in queues.values():
            q.put(SYNC)
            if q.pending():
                q.index = 0
                q.put(SYNC)
                q.acknowledge()
        self.assertEqual((self.hw.vintf_err_map(), self.hw.cmdq_err_map()), (0, 0))

    def test_each_new_error_has_its_edge(self):
        a, b = self.guest_queue(1), self.guest_queue(1, l=1)
        a.push((0xff, 0))
        self.assertEqual(self.m.take_edges(), 1)
        b.push((0xff, 0))
        self.assertEqual(self.m.take_edges(), 1)
        a.write(PROD, 1)
        self.assertEqual(self.m.take_edges(), 0)

    def test_int_mask(self):
        a, b = self.guest_queue(1), self.guest_queue(33, vmid=3)
        self.hw.write(VINTF_INT_MASK, 1 << 1)
        self.hw.write(VINTF_INT_MASK + 4, 1 << 1)
        for q in (a, b):
            q.push((0xff, 0))
        self.assertEqual(self.m.take_edges(), 0)
        self.assertEqual(self.hw.vintf_err_map(), 1 << 1 | 1 << 33)
        self.assertEqual(self.m.get('count-interrupts-masked'), 2)

    def test_error_survives_disable(self):
        q = self.guest_queue()
        q.push((0xff, 0))
        q.disable()
        self.assertEqual(q.pending(), 1)
        q.write(PROD, 0)
        q.write(CONS, 0)
        q.acknowledge()
        self.assertEqual((q.pending(), q.error()), (0, 0))

    def test_error_left_at_enable(self):
        q = self.guest_queue()
        q.push((0xff, 0))
        q.disable()
        q.write(QCONFIG, 1)
        self.broken_guest = {'queue-on-error-left': 1, 'queue-on-not-empty': 1}
