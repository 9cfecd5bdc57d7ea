# SPDX-License-Identifier: GPL-2.0
"""With a seed: commands have their effect late, and only a CMD_SYNC of their queue waits for it.

The clock of a machine without a processor moves only when a test moves it, so an effect that waits shows.
"""

import unittest

from cmdqv import (ATC_SYNC, ILL, PROD, SYNC, CmdqvTest, Hardware, Queue, atc_inv, tlbi_nh_asid, tlbi_nh_va)
from machine import Machine
from pci import DmaTest
from smmu import CMDQ, CMDQ_CONS, CMDQ_PROD, Context, Smmu

OLD, NEW = 0x40400000, 0x40500000
VA = 0x5000
SEEDS = range(1, 5)
LONG = 10 ** 9      # more than any effect waits


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


class Seeds(unittest.TestCase):
    def each(self, test, seeds=SEEDS):
        """The results of TEST for every seed."""
        found = []
        for seed in seeds:
            world = World(seed)
            try:
                found.append(test(world))
                self.assertEqual((world.m.strict(), world.m.strict('strict-guest')), ({}, {}), f'seed {seed}')
            finally:
                report = world.m.close()
            self.assertIn(f'cmdqv-hw: seed {seed}\n', report)
        return found

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

    def test_report_has_no_seed(self):
        self.assertNotIn('seed', self.m.get('counters'))
