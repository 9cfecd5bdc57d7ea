# SPDX-License-Identifier: GPL-2.0
"""With a seed: commands have their effect late, and only a CMD_SYNC of their queue waits for it.

The clock of a machine without a processor moves only when a test moves it, so an effect that waits shows.
"""

import unittest

from cmdqv import (ALLOC_MAP, ATC_SYNC, CONFIG, ILL, PROD, QBASE, QCONFIG, QSTATUS, STATUS, SYNC,
                   VINTF_CONFIG, VINTF_STATUS, CmdqvTest, Hardware, Queue, alloc, atc_inv, tlbi_nh_asid,
                   tlbi_nh_va)
from machine import Machine
from pci import DmaTest
from smmu import CMDQ, CMDQ_CONS, CMDQ_PROD, Context, Smmu

OLD, NEW = 0x40400000, 0x40500000
VA = 0x5000
SEEDS = range(1, 5)
LONG = 10 ** 9      # more than any effect waits
STATUS_LONG = 10 ** 6


class World:
    """Two queues of one guest, and a device that has a translation of its own."""

    def __init__(self, seed):
        self.m = Machine(f'strict=on,seed={seed}')
        self.hw = Hardware(self.m)
        self.smmu = Smmu(self.m).enable()
        self.d = DmaTest(self.m)
        self.context = Context(self.smmu, self.d.sid, 1, 5)
        self.hw.enable_vintf(1, vmid=5)
        self.queues = [Queue(self.hw, 1, l).start() for l in (0, 1)]
        self.m.write64(OLD, 0x01d0)
        self.m.write64(NEW, 0x4e30)
        self.stale()

    def stale(self):
        """Fills the IOTLB with OLD for VA, then changes the table to NEW."""
        self.context.map(VA, OLD)
        self.smmu.push((0x30, 0), SYNC)
        assert self.d.read(VA) == 0x01d0
        self.context.map(VA, NEW)
        assert self.is_stale()

    def is_stale(self):
        return {0x01d0: True, 0x4e30: False}[self.d.read(VA)]


class EachSeed(unittest.TestCase):
    def each(self, test, seeds=SEEDS, broken=None, broken_guest=None):
        """The results of TEST for every seed."""
        found = []
        for seed in seeds:
            world = World(seed)
            try:
                found.append(test(world))
                self.assertEqual((world.m.strict(), world.m.strict('strict-guest')),
                                 (broken or {}, broken_guest or {}), f'seed {seed}')
            finally:
                report = world.m.close()
            self.assertIn(f'cmdqv-hw: seed {seed}\n', report)
        return found


class Seeds(EachSeed):
    def late(self, test):
        """TEST leaves something stale with some seed, and with none of them for ever."""
        def run(world):
            test(world)
            before = world.is_stale()
            world.m.step(LONG)
            for _ in range(100):
                if not world.is_stale():
                    break
                world.m.step(LONG)
            return before, world.is_stale()
        found = self.each(run)
        self.assertIn(True, [before for before, _ in found])
        self.assertNotIn(True, [after for _, after in found])

    def test_no_sync(self):
        self.late(lambda w: w.queues[0].push_and_wait(tlbi_nh_va(1, VA)))

    def test_sync_in_the_other_queue(self):
        def test(w):
            w.queues[0].push_and_wait(tlbi_nh_va(1, VA))
            w.queues[1].push_and_wait(SYNC)
            w.smmu.push(SYNC)
        self.late(test)

    def test_sync_not_waited_for(self):
        self.late(lambda w: w.queues[0].push(tlbi_nh_va(1, VA), SYNC))

    def test_sync(self):
        def test(w):
            w.queues[0].push_and_wait(tlbi_nh_va(1, VA), SYNC)
            return w.is_stale()
        self.assertEqual(set(self.each(test)), {False})

    def test_main_no_sync(self):
        self.late(lambda w: w.smmu.push(tlbi_nh_va(1, VA, vmid=5)))

    def test_main_sync_in_the_other_queue(self):
        def test(w):
            w.smmu.push(tlbi_nh_va(1, VA, vmid=5))
            w.queues[0].push_and_wait(SYNC)
        self.late(test)

    def test_main_sync(self):
        def test(w):
            w.smmu.push(tlbi_nh_va(1, VA, vmid=5), SYNC)
            return w.is_stale()
        self.assertEqual(set(self.each(test)), {False})

    def test_main_configuration(self):
        def test(w):
            w.smmu.store(0x40200000 + 64 * w.d.sid, 0)
            w.smmu.push((0x03 | w.d.sid << 32, 1), SYNC)
            return w.d.read(VA)
        self.assertEqual(set(self.each(test)), {None})

    def test_main_prod_reads_back(self):
        """PROD is what was written, however far the queue is."""
        def test(w):
            start = w.smmu.index
            for n in range(16):
                w.smmu.put(SYNC)
                w.smmu.write(CMDQ_PROD, w.smmu.index)
                self.assertEqual(w.smmu.read(CMDQ_PROD), w.smmu.index)
            behind = w.smmu.read(CMDQ_CONS) != w.smmu.index
            w.smmu.wait()
            self.assertEqual(w.smmu.index, start + 16)
            return behind
        self.assertIn(True, self.each(test))

    def test_main_goes_off_with_commands_left(self):
        def test(w):
            for _ in range(8):
                w.smmu.put(SYNC)
                w.smmu.write(CMDQ_PROD, w.smmu.index)
            for q in w.queues:
                q.disable()
            w.smmu.push(SYNC)
            for q in reversed(w.queues):
                q.unmap()
            w.hw.disable_vintf(1)
            w.smmu.disable()
            self.assertEqual(w.smmu.read(CMDQ_CONS), w.smmu.read(CMDQ_PROD))
            w.m.step(LONG)
            w.smmu.enable()
        self.each(test)

    def test_main_error(self):
        def test(w):
            before = w.m.get('count-main-commands')
            at = w.smmu.index
            w.smmu.put(tlbi_nh_asid(1, vmid=5), (0xff, 0), SYNC)
            w.smmu.write(CMDQ_PROD, w.smmu.index)
            w.m.step(LONG)
            self.assertEqual(w.smmu.read(CMDQ_CONS), at + 1 | ILL << 24)
            self.assertEqual(w.smmu.read(CMDQ_PROD), at + 3)
            self.assertEqual(w.m.get('count-main-commands'), before + 1)
            self.assertIn('count main error1 1\n', w.m.get('counters'))
            end, w.smmu.index = w.smmu.index, at + 1
            w.smmu.put(SYNC)
            w.smmu.index = end
            w.smmu.acknowledge()
            w.smmu.wait()
            self.assertFalse(w.is_stale())
        self.each(test)

    def test_error_comes_when_the_command_does(self):
        def test(w):
            q = w.queues[0]
            q.push(tlbi_nh_asid(1), (0xff, 0), SYNC)
            w.m.step(LONG)
            self.assertEqual((q.cons(), q.error(), q.pending()), (1, ILL, 1))
        self.each(test)

    def test_disabled_queue(self):
        """Its consumed commands may take effect later; the SMMU's own CMD_SYNC waits for them."""
        def test(w):
            q = w.queues[0]
            q.push_and_wait(tlbi_nh_va(1, VA))
            q.disable()
            before = w.is_stale()
            w.smmu.push(SYNC)
            self.assertFalse(w.is_stale())
            return before
        self.assertIn(True, self.each(test))

    def test_late_timeout(self):
        """An ATC_INV without a CMD_SYNC times out after its queue went off."""
        def test(w):
            q = w.queues[0]
            w.hw.set_sid(1, 0, 0x77, w.d.sid)
            w.m.set('fault-atc-timeout', 1)
            q.push_and_wait(atc_inv(0x77))
            q.disable()
            w.m.step(LONG)
            self.assertEqual(w.m.get('fault-atc-timeout'), 0)
            q.enable()
            q.push(SYNC)
            w.m.step(LONG)
            self.assertEqual(q.error(), ATC_SYNC)
        self.each(test)

    def test_main_timeout(self):
        def test(w):
            w.m.set('fault-main-atc-timeout', 1)
            at = w.smmu.index
            w.smmu.put(atc_inv(w.d.sid), SYNC, atc_inv(w.d.sid), SYNC)
            w.smmu.write(CMDQ_PROD, w.smmu.index)
            w.m.step(LONG)
            self.assertEqual(w.smmu.read(CMDQ_CONS), at + 1 | ATC_SYNC << 24)
            self.assertEqual(w.smmu.read(CMDQ_PROD), at + 4)
            self.assertIn('count main error3 1\n', w.m.get('counters'))
            w.smmu.acknowledge()
            w.smmu.wait()
            self.assertEqual(w.m.get('fault-main-atc-timeout'), 0)
        self.each(test)

    def test_ring_without_end(self):
        """Many commands and no CMD_SYNC, around the ring."""
        def test(w):
            q = w.queues[0]
            for n in range(500):
                q.push_and_wait(*[tlbi_nh_asid(2)] * 10)
            q.push_and_wait(SYNC)
            self.assertTrue(w.is_stale())
            self.assertIn('count vcmdq2 TLBI_NH_ASID 5000\n', w.m.get('counters'))
        self.each(test, (1,))

    def test_edges_come_late_and_each(self):
        def test(w):
            for q in w.queues:
                q.push((0xff, 0))
            at_once = w.m.take_edges()
            w.m.step(LONG)
            self.assertEqual(at_once + w.m.take_edges(), 2)
            self.assertEqual(w.m.get('count-interrupts'), 2)
            return at_once
        self.assertIn(0, self.each(test))

    def test_reset_forgets(self):
        def test(w):
            w.queues[0].push(*[tlbi_nh_asid(1)] * 8)
            w.smmu.put(tlbi_nh_asid(1, vmid=5), SYNC)
            w.smmu.write(CMDQ_PROD, w.smmu.index)
            w.m.reset()
            commands = w.m.get('count-commands') + w.m.get('count-main-commands')
            w.m.step(LONG)
            self.assertEqual(w.m.get('count-commands') + w.m.get('count-main-commands'), commands)
        self.each(test)

    def trace(self, w):
        """How far both queues are, step by step."""
        q, seen = w.queues[0], []
        for n in range(30):
            q.push(tlbi_nh_asid(2), SYNC)
            w.smmu.put(tlbi_nh_asid(2), SYNC)
            w.smmu.write(CMDQ_PROD, w.smmu.index)
            for _ in range(4):
                w.m.step(500)
                seen.append((q.cons(), w.smmu.read(CMDQ_CONS), w.is_stale()))
            q.wait()
            w.smmu.wait()
        return seen

    def test_same_seed_is_the_same(self):
        first, again = self.each(self.trace, (7, 7))
        self.assertEqual(first, again)

    def test_other_seed_is_another(self):
        first, other = self.each(self.trace, (7, 8))
        self.assertNotEqual(first, other)


class Status(EachSeed):
    """STATUS follows CONFIG late, at each level, for the host and in a guest's page 0."""

    def levels(self, w):
        """CONFIG and STATUS of each level, from below: two queues in both views, VINTF, block."""
        q, other = w.queues
        return ((q.page0(QCONFIG), q.page0(QSTATUS)), (other.physical0(QCONFIG), other.physical0(QSTATUS)),
                (0x0b000000 + w.hw.vintf(1, VINTF_CONFIG), 0x0b000000 + w.hw.vintf(1, VINTF_STATUS)),
                (0x0b000000 + CONFIG, 0x0b000000 + STATUS))

    def change(self, w, config, status, on):
        """Writes EN; returns whether STATUS was late."""
        w.m.write32(config, w.m.read32(config) & ~1 | on)
        late = w.m.read32(status) & 1 != on
        w.m.step(STATUS_LONG)
        self.assertEqual(w.m.read32(status) & 1, on)
        return late

    def test_each_level(self):
        def test(w):
            w.m.set('qtest-host', False)
            late = []
            for level in self.levels(w):
                if level[0] == 0x0b000000 + w.hw.vintf(1, VINTF_CONFIG):
                    w.smmu.push(SYNC)
                    for q in reversed(w.queues):
                        q.unmap()
                late.append(self.change(w, *level, 0))
            for level in list(reversed(self.levels(w)))[:2]:
                late.append(self.change(w, *level, 1))
            for q, level in zip(w.queues, self.levels(w)):
                q.map()
                late.append(self.change(w, *level, 1))
            return late
        self.assertEqual({True for late in self.each(test) if all(late)}, {True})

    def test_one_look_is_no_poll(self):
        def test(w):
            q = w.queues[0]
            q.write(QCONFIG, 0)
            self.assertEqual(q.read(QSTATUS), 1)
            q.write(PROD, 0)
            q.read(PROD)
        self.each(test, broken_guest={'config-unpolled': 1})

    def test_one_look_is_no_poll_of_the_host(self):
        def test(w):
            w.hw.write(w.hw.vintf(2, VINTF_CONFIG), 7 << 1)
            w.hw.write(w.hw.vintf(2, VINTF_CONFIG), 7 << 1 | 1)
            self.assertEqual(w.hw.read(w.hw.vintf(2, VINTF_STATUS)) & 1, 0)
            w.m.step(STATUS_LONG)
            Queue(w.hw, 2, 0).map()
            w.hw.read(STATUS)
        self.each(test, broken={'config-unpolled': 1})

    def test_reads_take_time(self):
        """Software that counts reads sees the answer, although the clock stands still."""
        def test(w):
            q = w.queues[0]
            q.write(QCONFIG, 0)
            values = [q.read(QSTATUS) for _ in range(600)]
            return values.index(0) if 0 in values else 0
        found = self.each(test)
        self.assertTrue(1 <= min(found) < max(found) <= 512, found)

    def test_works_until_status_is_0(self):
        def test(w):
            q = w.queues[0]
            q.put(*[SYNC] * 8)
            q.write(QCONFIG, 0)
            q.write(PROD, q.index)
            while q.read(QSTATUS):
                w.m.step(1000)
            done = q.cons()
            w.m.step(LONG)
            self.assertEqual(q.cons(), done)
            return done
        self.assertNotEqual(set(self.each(test, broken_guest={'config-unpolled': 1})), {0})

    def test_superseded(self):
        def test(w):
            q = w.queues[0]
            q.disable()
            q.write(QCONFIG, 1)
            self.assertEqual(q.read(QSTATUS), 0)
            q.write(QCONFIG, 0)
            for _ in range(1000):
                self.assertEqual(q.read(QSTATUS), 0)
                w.m.step(1000)
            q.enable()
            q.write(QCONFIG, 0)
            q.write(QCONFIG, 1)
            w.m.step(STATUS_LONG)
            self.assertEqual((q.read(QCONFIG), q.read(QSTATUS)), (1, 1))
        self.each(test)

    def test_base_is_settled_by_en(self):
        """A write of BASE before STATUS has followed is stored, and not for this life of the queue."""
        def test(w):
            q = w.queues[0]
            q.disable()
            w.m.set('qtest-host', True)
            w.smmu.push(SYNC)
            q.write(QCONFIG, 1)
            q.write_base(0x41000004)
            self.assertEqual(w.m.read64(q.page1(QBASE)), 0x41000004)
            w.m.step(STATUS_LONG)
            self.assertEqual(q.read(QSTATUS), 1)
            q.push_and_wait(SYNC)
            self.assertEqual(q.pending(), 0)
        self.each(test, broken={'config-unpolled': 1})

    def test_unmapped_meanwhile(self):
        """A queue that is to go on and is unmapped goes on, so EN is what a host has to look at."""
        def test(w):
            q = w.queues[1]
            q.disable()
            w.smmu.push(SYNC)
            q.write(QCONFIG, 1)
            q.unmap()
            on = [w.m.read32(q.physical0(reg)) for reg in (QCONFIG, QSTATUS)]
            w.m.step(STATUS_LONG)
            return (*on, w.m.read32(q.physical0(QSTATUS)))
        self.assertEqual(set(self.each(test, broken_guest={'config-unpolled': 1})), {(1, 0, 1)})

    def test_level_above_goes_off_meanwhile(self):
        def test(w):
            q = w.queues[0]
            q.disable()
            w.smmu.push(SYNC)
            q.write(QCONFIG, 1)
            self.assertEqual(w.hw.disable_vintf(1), 0)
            w.m.step(STATUS_LONG)
            self.assertEqual((q.read(QCONFIG), q.read(QSTATUS)), (0, 0))
        # Both queues are mapped, and one of them is on
        self.each(test, broken={'vintf-off-queue-mapped': 2, 'vintf-off-queue-on': 1})

    def test_reset_forgets(self):
        def test(w):
            w.queues[0].write(QCONFIG, 0)
            w.hw.write(w.hw.vintf(2, VINTF_CONFIG), 1 << 1)
            w.hw.write(w.hw.vintf(2, VINTF_CONFIG), 1 << 1 | 1)
            w.hw.read(CONFIG)
            w.m.reset()
            w.m.step(STATUS_LONG)
            self.assertEqual(w.hw.read(w.hw.vintf(2, VINTF_STATUS)), 0)
        self.each(test)


class Posted(EachSeed):
    """Writes of the aperture arrive late, in order; a read waits for them."""

    def arrived(self, w, kind='strict'):
        return w.m.get(f'{kind}-read-only-write')

    def test_read_waits(self):
        def test(w):
            w.hw.write(STATUS, 0)
            self.assertEqual(self.arrived(w), 0)
            w.smmu.read(CMDQ_CONS)          # another device
            self.assertEqual(self.arrived(w), 0)
            w.hw.read(CONFIG)
            self.assertEqual(self.arrived(w), 1)
        self.each(test, broken={'read-only-write': 1})

    def test_time_waits(self):
        def test(w):
            w.hw.write(STATUS, 0)
            w.m.step(LONG)
            self.assertEqual(self.arrived(w), 1)
        self.each(test, broken={'read-only-write': 1})

    def test_not_more_than_fits(self):
        def test(w):
            for _ in range(100):
                w.hw.write(STATUS, 0)
            self.assertEqual(self.arrived(w), 36)
            w.m.step(LONG)
            self.assertEqual(self.arrived(w), 100)
        self.each(test, broken={'read-only-write': 100})

    def test_order(self):
        def test(w):
            w.hw.set_sid(1, 3, 0x77, w.d.sid)
            w.hw.clear_sid(1, 3)
            w.hw.set_sid(1, 3, 0x78, 0)
            w.m.step(LONG)
        self.each(test)

    def test_whoever_wrote_it(self):
        def test(w):
            w.m.set('qtest-host', True)
            w.queues[0].write(QSTATUS, 0)
            w.m.set('qtest-host', False)
            w.queues[0].write(QSTATUS, 0)
            w.m.set('qtest-host', True)
            w.hw.read(CONFIG)
            return self.arrived(w), self.arrived(w, 'strict-guest')
        found = self.each(test, broken={'read-only-write': 1}, broken_guest={'read-only-write': 1})
        self.assertEqual(set(found), {(1, 1)})

    def test_counted_when_written(self):
        def test(w):
            before = w.m.get('counters')
            w.hw.write(ALLOC_MAP + 4 * 5, alloc(2, 1, 0))
            self.assertNotEqual(w.m.get('counters'), before)
        self.each(test)

    def test_smmu_goes_off_under_it(self):
        """A driver that turns the block off and does not wait, before the SMMU."""
        def test(w):
            w.hw.write(CONFIG, w.hw.read(CONFIG) & ~1)
            w.smmu.disable()
            w.m.step(LONG)
        self.each(test, broken={'smmu-off-cmdqv-on': 1, 'cmdqv-off-vintf-on': 1})

    def test_reset_forgets(self):
        def test(w):
            w.hw.write(STATUS, 0)
            w.m.reset()
            w.m.step(LONG)
            self.assertEqual(self.arrived(w), 0)
        self.each(test)


class Erratum(CmdqvTest):
    """T264-SMMU-3, in a queue of CMDQ-V and in the SMMU's own."""

    props = 'strict=on,erratum=on,seed=6'
    dma_devices = 1

    def setUp(self):
        super().setUp()
        self.smmu = Smmu(self.m).enable()
        self.q = self.guest_queue(1, vmid=5)
        self.d = DmaTest(self.m)
        self.context = Context(self.smmu, self.d.sid, 1, 5)
        self.m.write64(OLD, 0x01d0)
        self.m.write64(NEW, 0x4e30)
        self.context.map(VA, OLD)
        self.assertEqual(self.d.read(VA), 0x01d0)
        self.context.map(VA, NEW)

    def each(self):
        """Both queues: how to send to them, and a command that makes VA fresh."""
        for send, command in ((self.q.push_and_wait, tlbi_nh_va(1, VA)),
                              (self.smmu.push, tlbi_nh_va(1, VA, vmid=5))):
            self.context.map(VA, OLD)
            for _ in range(2):
                self.smmu.push((0x30, 0), SYNC)
            self.assertEqual(self.d.read(VA), 0x01d0)
            self.context.map(VA, NEW)
            yield send, command

    def test_once_is_lost(self):
        for send, command in self.each():
            send(command, SYNC)
            self.m.step(LONG)
            self.assertEqual(self.d.read(VA), 0x01d0)
            send(command, SYNC)
            self.assertEqual(self.d.read(VA), 0x4e30)

    def test_sync_between(self):
        for send, command in self.each():
            send(command, command, SYNC)
            self.m.step(LONG)
            self.assertEqual(self.d.read(VA), 0x01d0)
            send(command, SYNC, command, SYNC)

    def test_another_command(self):
        for send, command in self.each():
            send(command, SYNC, tlbi_nh_va(1, VA + 0x1000, vmid=5), SYNC)
            self.assertEqual(self.d.read(VA), 0x01d0)


class Poison(CmdqvTest):
    props = 'strict=on,poison=on'

    def test_consumed_entries(self):
        q = self.guest_queue(log2size=2)
        q.push(SYNC, tlbi_nh_asid(1))
        self.assertEqual(self.m.read_bytes(q.ring, 32), b'\xff' * 32)
        q.push(SYNC, (0xff, 0))
        self.assertEqual((q.cons(), q.error()), (3, ILL))
        q.index = 3
        q.put(SYNC)
        q.acknowledge()
        q.write(PROD, 5)                    # past what was written
        self.assertEqual((q.cons(), q.error()), (4, ILL))

    def test_main_queue(self):
        """Only where the model consumes its commands."""
        smmu = Smmu(self.m).enable()
        self.assertNotEqual(self.m.read_bytes(CMDQ, 16), b'\xff' * 16)
        smmu.sync()


class PoisonMainQueue(CmdqvTest):
    props = 'strict=on,poison=on,seed=5'

    def test_consumed_entries(self):
        smmu = Smmu(self.m).enable()
        n = smmu.index
        smmu.push(tlbi_nh_asid(1), SYNC)
        self.assertEqual(self.m.read_bytes(CMDQ, 16 * (n + 2)), b'\xff' * 16 * (n + 2))


class Seed0(CmdqvTest):
    props = 'strict=on,seed=0'

    def test_at_once(self):
        q = self.guest_queue()
        for n in range(32):
            q.push(tlbi_nh_asid(1), SYNC)
            self.assertEqual(q.cons(), q.read(PROD))

    def test_status_at_once(self):
        q = self.guest_queue()
        for on in (0, 1) * 8:
            q.write(QCONFIG, on)
            self.assertEqual(q.read(QSTATUS), on)

    def test_no_write_is_posted(self):
        self.hw.write(STATUS, 0)
        self.assertEqual(self.m.get('strict-read-only-write'), 1)
        self.broken = {'read-only-write': 1}

    def test_report_has_no_seed(self):
        self.assertNotIn('seed', self.m.get('counters'))
