# SPDX-License-Identifier: GPL-2.0
"""Knobs that make a CMD_SYNC late: CONS stays before it, and so does all behind it."""

from cmdqv import ABT, ATC_SYNC, CONS, ILL, QCONFIG, QSTATUS, SYNC, CmdqvTest, atc_inv, tlbi_nh_asid
from pci import OK, DmaTest
from smmu import CMDQ, CMDQ_CONS, CMDQ_PROD, CMDQEN, CR0, EVENTQEN, GERROR, GERRORN, SMMUEN, Context, Smmu

FOREVER = (1 << 32) - 1
HOUR = 3600 * 10 ** 9
VA, PA = 0x5000, 0x40400000
LATE = 2 * 10 ** 9      # more than any effect waits


class LateTest(CmdqvTest):
    dma_devices = 1

    def setUp(self):
        super().setUp()
        self.smmu = Smmu(self.m).enable()
        self.d = DmaTest(self.m)
        Context(self.smmu, self.d.sid, 1, 5).map(VA, PA)
        self.q = self.guest_queue()
        self.hw.set_sid(1, 0, 0x50, self.d.sid)
        self.assertEqual(self.d.run('ATC_FILL', VA), OK)

    def late(self, count, ns=1000, knob='fault-sync-late'):
        self.m.set('fault-sync-late-ns', ns)
        self.m.set(knob, count)

    def state(self):
        """CONS, its error, and whether that is active."""
        return self.q.cons(), self.q.error(), self.q.pending()


class Queues(LateTest):
    def test_cons_stays_before_it(self):
        self.late(1)
        self.q.push(tlbi_nh_asid(1), SYNC, SYNC)
        for cons, ns in ((1, 999), (1, 1), (3, 1)):
            self.assertEqual(self.state(), (cons, 0, 0))
            self.m.step(ns)
        self.assertEqual((self.m.get('fault-sync-late'), self.m.get('count-late-syncs')), (0, 1))
        self.assertEqual(self.d.window('LATE_SYNCS'), 1)
        self.assertIn('count late-syncs 1\n', self.m.get('counters'))

    def test_each_of_the_next(self):
        self.late(2)
        self.q.push(SYNC, SYNC, SYNC)
        for cons in (0, 1, 3):
            self.assertEqual(self.q.cons(), cons)
            self.m.step(1000)

    def test_for_ever(self):
        self.late(FOREVER)
        self.q.push(SYNC, SYNC, SYNC)
        for cons in (0, 1, 2, 3):
            self.assertEqual(self.q.cons(), cons)
            self.m.step(1000)
        self.assertEqual(self.m.get('fault-sync-late'), FOREVER)

    def test_a_command_before_has_its_effect(self):
        self.late(1)
        self.q.push(atc_inv(0x50), SYNC)
        self.assertEqual((self.q.cons(), self.d.get('ATC_ENTRIES')), (1, 0))

    def test_a_command_behind_waits(self):
        self.late(1)
        self.q.push(SYNC)
        self.q.push(atc_inv(0x50))
        self.m.step(999)
        self.q.push(SYNC)
        self.assertEqual((self.q.cons(), self.d.get('ATC_ENTRIES')), (0, 1))
        self.m.step(1)
        self.assertEqual((self.q.cons(), self.d.get('ATC_ENTRIES')), (3, 0))

    def test_it_is_not_fetched_again(self):
        self.late(1)
        self.q.push(SYNC)
        self.m.set('fault-fetch-abort', 1)
        self.q.push(SYNC)
        self.assertEqual((self.state(), self.m.get('fault-fetch-abort')), ((0, 0, 0), 1))
        self.m.step(1000)
        self.assertEqual((self.state(), self.m.get('fault-fetch-abort')), ((1, ABT, 1), 0))

    def test_its_entry_changes_too_late(self):
        self.late(1)
        self.q.push(SYNC)
        self.m.write_bytes(self.q.ring, b'\xff' * 16)
        self.m.step(1000)
        self.assertEqual(self.state(), (1, 0, 0))

    def test_cons_changes(self):
        """A queue that goes on at another command has no CMD_SYNC to wait for."""
        self.m.set('alt-cons-live', 'stored')
        self.late(1)
        self.q.push(SYNC, SYNC, atc_inv(0x50), SYNC)
        self.q.write(CONS, 2)
        self.assertEqual((self.state(), self.d.get('ATC_ENTRIES')), ((4, 0, 0), 0))
        self.late(1)
        self.q.push(SYNC)
        self.assertEqual((self.q.cons(), self.m.get('count-late-syncs')), (4, 2))
        self.broken_guest = {'cons-write-queue-on': 1}

    def test_cons_changes_slowly(self):
        """Slow commands behind it do not wait for its time."""
        self.m.set('alt-cons-live', 'stored')
        self.late(1, LATE)
        self.q.push(SYNC, SYNC, SYNC)
        self.m.set('fault-slow-ns', 10)
        self.q.write(CONS, 1)
        self.m.step(1000)
        self.assertEqual(self.state(), (3, 0, 0))
        self.broken_guest = {'cons-write-queue-on': 1}

    def test_one_queue(self):
        other = self.guest_queue(1, l=1)
        self.late(FOREVER)
        self.m.set('fault-vcmdq', other.physical)
        for q in (self.q, other):
            q.push(SYNC)
        self.assertEqual((self.q.cons(), other.cons()), (1, 0))
        self.m.step(1000)
        self.assertEqual(other.cons(), 1)

    def test_one_vintf(self):
        other = self.guest_queue(2, vmid=6)
        self.late(FOREVER)
        self.m.set('fault-vintf', 1)
        for q in (self.q, other):
            q.push(SYNC)
        self.assertEqual((self.q.cons(), other.cons()), (0, 1))

    def test_the_main_queue_is_not_concerned(self):
        self.late(FOREVER)
        self.smmu.sync()
        self.assertEqual((self.m.get('count-late-syncs'), self.m.get('fault-sync-late')), (0, FOREVER))

    def test_timeout_is_reported_then(self):
        self.late(1)
        self.m.set('fault-atc-timeout', 1)
        self.q.push(atc_inv(0x50), SYNC, SYNC)
        self.assertEqual((self.state(), self.m.take_edges()), ((1, 0, 0), 0))
        self.m.step(1000)
        self.assertEqual((self.state(), self.m.take_edges()), ((1, ATC_SYNC, 1), 1))
        self.q.acknowledge()
        self.assertEqual(self.state(), (3, 0, 0))

    def test_only_behind_an_unanswered_atc_inv(self):
        self.late(2)
        self.m.set('fault-sync-unanswered', True)
        self.q.push(SYNC, atc_inv(0x50), SYNC)
        self.assertEqual((self.state(), self.m.get('fault-sync-late')), ((3, 0, 0), 2))
        self.d.put('ATC_SILENT', 1)
        self.q.push(atc_inv(0x50), SYNC)
        self.assertEqual((self.state(), self.m.get('fault-sync-late')), ((4, 0, 0), 1))
        self.m.step(1000)
        self.assertEqual(self.state(), (4, ATC_SYNC, 1))
        self.q.acknowledge()
        self.assertEqual((self.state(), self.m.get('fault-sync-late')), ((5, 0, 0), 1))

    def test_illegal_is_at_once(self):
        self.late(1)
        self.q.push((SYNC[0] | 1 << 12, 0))
        self.assertEqual((self.state(), self.m.get('fault-sync-late')), ((0, ILL, 1), 1))

    def test_no_time_is_at_once(self):
        self.late(3, ns=0)
        self.q.push(SYNC)
        self.assertEqual((self.q.cons(), self.m.get('fault-sync-late')), (1, 3))

    def test_queue_goes_off(self):
        self.late(1)
        self.q.push(SYNC)
        self.assertEqual(self.q.disable(), 0)
        self.m.step(5000)
        self.assertEqual((self.q.cons(), self.q.read(QSTATUS)), (0, 0))
        # The CMD_SYNC that it begins with is another one
        self.late(0)
        self.assertEqual(self.q.enable(), 1)
        self.assertEqual(self.q.cons(), 1)
        self.broken_guest = {'queue-on-not-empty': 1}

    def test_queue_drains(self):
        self.m.set('alt-disable', 'drains')
        self.late(2)
        self.q.push(SYNC, SYNC, atc_inv(0x50), SYNC)
        self.assertEqual(self.q.disable(), 1)
        for ns, status, cons in ((999, 1, 0), (1, 1, 1), (999, 1, 1), (1, 0, 4)):
            self.m.step(ns)
            self.assertEqual((self.q.read(QSTATUS), self.q.cons()), (status, cons))
        self.assertEqual(self.d.get('ATC_ENTRIES'), 0)

    def test_queue_that_drains_goes_on(self):
        self.m.set('alt-disable', 'drains')
        for answer, cons in (('dropped', 0), ('finished', 2)):
            self.m.set('alt-superseded', answer)
            self.late(1)
            self.q.push(SYNC)
            self.assertEqual((self.q.disable(), self.q.enable(), self.q.cons()), (1, 1, cons))
            self.m.step(1000)
            self.q.push(SYNC)
            self.assertEqual((self.q.read(QCONFIG), self.q.read(QSTATUS), self.q.cons()), (1, 1, cons + 2))
        self.broken_guest = {'queue-on-not-empty': 2}

    def test_queue_that_drains_is_stopped(self):
        """Without a queue that may run there is no CMD_SYNC to wait for."""
        self.m.set('alt-disable', 'drains')
        self.late(1, ns=HOUR)
        self.q.push(SYNC)
        self.q.unmap()
        self.m.write32(self.q.physical0(QCONFIG), 0)
        self.assertEqual(self.m.read32(self.q.physical0(QSTATUS)), 0)
        self.broken = {'unmap-queue-on': 1}

    def test_reset(self):
        self.late(1, ns=HOUR)
        self.q.push(SYNC)
        self.m.reset()
        q = self.guest_queue()
        q.push(SYNC)
        self.assertEqual(q.cons(), 1)

    def test_slow_consumer(self):
        self.late(1, ns=5000)
        self.m.set('fault-slow-ns', 1000)
        self.q.push(SYNC, SYNC)
        for ns, cons in ((5999, 0), (1, 1), (1000, 2)):
            self.m.step(ns)
            self.assertEqual(self.q.cons(), cons)


class Main(LateTest):
    """The SMMU's own queue."""

    def setUp(self):
        super().setUp()
        self.start = self.smmu.index

    def late(self, count, ns=1000, knob='fault-main-sync-late'):
        super().late(count, ns, knob)

    def send(self, *commands):
        self.smmu.put(*commands)
        self.smmu.write(CMDQ_PROD, self.smmu.index)

    def state(self):
        cons = self.smmu.read(CMDQ_CONS)
        return (cons & 0xfffff) - self.start, cons >> 24, self.smmu.read(GERROR) ^ self.smmu.read(GERRORN)

    def test_cons_stays_before_it(self):
        self.late(1)
        self.send((0x30, 0), SYNC, SYNC)
        for cons, ns in ((1, 999), (1, 1), (3, 1)):
            self.assertEqual(self.state(), (cons, 0, 0))
            self.assertEqual(self.smmu.read(CMDQ_PROD), self.smmu.index)
            self.m.step(ns)
        self.assertEqual((self.m.get('fault-main-sync-late'), self.m.get('count-late-syncs')), (0, 1))

    def test_each_of_the_next(self):
        self.late(2)
        self.send(SYNC, SYNC, SYNC)
        for cons in (0, 1, 3):
            self.assertEqual(self.state(), (cons, 0, 0))
            self.m.step(1000)

    def test_a_command_behind_waits(self):
        self.late(1)
        self.send(SYNC)
        self.send(atc_inv(self.d.sid), SYNC)
        self.m.step(999)
        self.assertEqual((self.state(), self.d.get('ATC_ENTRIES')), ((0, 0, 0), 1))
        self.m.step(1)
        self.assertEqual((self.state(), self.d.get('ATC_ENTRIES')), ((3, 0, 0), 0))

    def test_queues_of_cmdqv_are_not_concerned(self):
        self.late(FOREVER)
        self.m.set('fault-vcmdq', 100)
        self.q.push(SYNC)
        self.send(SYNC)
        self.assertEqual((self.q.cons(), self.state()), (1, (0, 0, 0)))

    def test_timeout_is_reported_then(self):
        self.late(1)
        self.d.put('ATC_SILENT', 1)
        self.send(atc_inv(self.d.sid), SYNC, SYNC)
        self.assertEqual(self.state(), (1, 0, 0))
        self.m.step(1000)
        self.assertEqual(self.state(), (1, ATC_SYNC, 1))
        self.smmu.acknowledge()
        self.assertEqual((self.state()[0], self.state()[2]), (3, 0))

    def test_only_behind_an_unanswered_atc_inv(self):
        self.late(1)
        self.m.set('fault-sync-unanswered', True)
        self.send(SYNC, atc_inv(self.d.sid), SYNC)
        self.assertEqual((self.state(), self.m.get('fault-main-sync-late')), ((3, 0, 0), 1))
        self.d.put('ATC_SILENT', 1)
        self.send(atc_inv(self.d.sid), SYNC)
        self.assertEqual((self.state(), self.m.get('fault-main-sync-late')), ((4, 0, 0), 0))

    def test_flush_is_late_as_well(self):
        self.late(1)
        self.m.set('fault-atc-timeout', 1)
        self.q.push(atc_inv(0x50))
        self.q.disable()
        self.send(SYNC)
        self.q.write_base(self.q.ring | 4)
        self.broken = {'queue-off-no-flush': 1}

    def test_acknowledgement_meanwhile(self):
        self.late(1)
        self.send(SYNC)
        self.smmu.acknowledge()
        self.assertEqual(self.state(), (0, 0, 0))
        self.m.step(1000)
        self.assertEqual(self.state(), (1, 0, 0))

    def test_it_is_not_fetched_again(self):
        self.late(1)
        self.send(SYNC)
        before = self.m.get('count-main-syncs')
        self.m.write_bytes(CMDQ + 16 * self.start, b'\xff' * 16)
        self.send(SYNC)
        self.assertEqual((self.state(), self.m.get('count-main-syncs') - before), ((0, 0, 0), 0))
        self.m.step(1000)
        self.assertEqual((self.state(), self.m.get('count-main-syncs') - before), ((2, 0, 0), 2))

    def test_it_signals_its_completion(self):
        spi = 76                                # CMD_SYNC of the virt machine
        self.late(1)
        self.send((SYNC[0] & ~(3 << 12) | 1 << 12, 0))
        for ns, edges in ((999, 0), (1, 1)):
            self.m.step(ns)
            self.assertEqual(self.m.take_edges(spi), edges)

    def test_queue_goes_off(self):
        self.hw.disable_vintf(1)
        self.hw.disable()
        self.late(1, ns=HOUR)
        self.send(SYNC)
        self.smmu.write(CR0, 0)
        self.smmu.write(CR0, CMDQEN | EVENTQEN | SMMUEN)
        self.send(SYNC)
        self.assertEqual(self.state(), (2, 0, 0))
        # A timeout is reported then, and to no later CMD_SYNC
        self.late(1, ns=HOUR)
        self.d.put('ATC_SILENT', 1)
        self.send(atc_inv(self.d.sid), SYNC, SYNC)
        self.smmu.write(CR0, 0)
        self.assertEqual(self.state(), (3, ATC_SYNC, 1))
        self.smmu.write(CR0, CMDQEN | EVENTQEN | SMMUEN)
        self.smmu.acknowledge()
        self.assertEqual((self.state()[0], self.state()[2]), (5, 0))
        self.send(SYNC)
        self.assertEqual((self.state()[0], self.state()[2]), (6, 0))
        self.broken = {'vintf-off-queue-mapped': 1, 'vintf-off-queue-on': 1}

    def test_other_registers_end_it(self):
        self.late(2, ns=HOUR)
        self.d.put('ATC_SILENT', 1)
        self.send(SYNC, SYNC, atc_inv(self.d.sid), SYNC, SYNC)
        self.smmu.write(CR0, CMDQEN | EVENTQEN | SMMUEN)
        self.assertEqual(self.state(), (3, ATC_SYNC, 1))
        self.smmu.acknowledge()
        self.assertEqual((self.state()[0], self.state()[2]), (5, 0))

    def test_reset(self):
        self.late(1, ns=HOUR)
        self.send(SYNC)
        self.m.reset()
        smmu = Smmu(self.m).enable()
        smmu.put(SYNC)
        smmu.write(CMDQ_PROD, smmu.index)
        self.assertEqual(smmu.read(CMDQ_CONS), smmu.index)


class Seeds(CmdqvTest):
    """With a seed an ATC_INV is not answered before its effect, for which the CMD_SYNC waits."""

    props = 'strict=on,seed=1'
    dma_devices = 1

    def setUp(self):
        super().setUp()
        self.smmu = Smmu(self.m).enable()
        self.d = DmaTest(self.m)
        self.q = self.guest_queue()
        self.hw.set_sid(1, 0, 0x50, self.d.sid)
        self.m.step(LATE)
        self.d.put('ATC_SILENT', 1)
        self.m.set('fault-sync-late-ns', LATE)
        self.m.set('fault-sync-unanswered', True)

    def test_queue(self):
        self.m.set('fault-sync-late', 1)
        self.q.push(SYNC, atc_inv(0x50), SYNC)
        self.m.step(LATE // 2)
        self.assertEqual((self.q.cons(), self.q.error(), self.m.get('fault-sync-late')), (2, 0, 0))
        self.m.step(LATE)
        self.assertEqual((self.q.cons(), self.q.error()), (2, ATC_SYNC))

    def test_queue_drains(self):
        self.m.set('alt-disable', 'drains')
        self.m.set('fault-sync-late', 1)
        self.q.push(SYNC, atc_inv(0x50), SYNC)
        self.m.step(LATE // 2)
        self.q.write(QCONFIG, 0)
        self.assertEqual({self.q.read(QSTATUS) for _ in range(600)}, {1})
        self.m.step(LATE)
        self.assertEqual((self.q.read(QSTATUS), self.q.cons(), self.q.error()), (0, 2, ATC_SYNC))

    def test_main(self):
        self.m.set('fault-main-sync-late', 1)
        self.smmu.put(SYNC, atc_inv(self.d.sid), SYNC)
        self.smmu.write(CMDQ_PROD, self.smmu.index)
        for error in (0, ATC_SYNC):
            self.m.step(LATE * 3 // 4)
            cons = self.smmu.read(CMDQ_CONS)
            self.assertEqual((cons & 0xfffff, cons >> 24), (self.smmu.index - 1, error))


class Refused(CmdqvTest):
    def refused(self, knob, value, words):
        before = self.m.get(knob)
        with self.assertRaisesRegex(RuntimeError, words):
            self.m.set(knob, value)
        self.assertEqual(self.m.get(knob), before)

    def test_time(self):
        self.m.set('fault-sync-late-ns', HOUR)
        for value in (HOUR + 1, (1 << 64) - 1):
            self.refused('fault-sync-late-ns', value, f'fault-sync-late-ns is at most {HOUR}')
        for value in (-1, 'x', 1.5, True):
            self.refused('fault-sync-late-ns', value, 'fault-sync-late-ns')

    def test_number(self):
        for knob in ('fault-sync-late', 'fault-main-sync-late'):
            self.m.set(knob, 7)
            for value in (-1, 1 << 32, 'x'):
                self.refused(knob, value, knob)

    def test_switch(self):
        for value in (2, 'x'):
            self.refused('fault-sync-unanswered', value, 'fault-sync-unanswered')
