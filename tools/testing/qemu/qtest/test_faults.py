# SPDX-License-Identifier: GPL-2.0
"""Fault knobs, and the ATC timeout that outlives its queue."""

from cmdqv import (ABT, ATC_SYNC, CONS, HYP_OWN, ILL, PARAM, PROD, QBASE, QCONFIG, QSTATUS, SYNC,
                   VINTF_CONFIG, VINTF_STATUS, CmdqvTest, atc_inv)
from pci import FAULT, OK, DmaTest
from smmu import (CMDQ_CONS, CMDQ_PROD, CMDQEN, CR0, EVENTQEN, GBPA, GBPA_UPDATE, GERROR, GERRORN, IRQ_CTRL, SMMUEN,
                  Context, Smmu)

FOREVER = (1 << 32) - 1


class Handshakes(CmdqvTest):
    def test_block_enable(self):
        self.m.set('fault-cmdqv-enable-stuck', True)
        self.hw.disable()
        self.assertEqual(self.hw.enable(), 0)
        self.m.set('fault-cmdqv-enable-stuck', False)
        self.hw.disable()
        self.assertEqual(self.hw.enable(), 1)

    def test_block_disable(self):
        self.m.set('fault-cmdqv-disable-stuck', True)
        q = self.guest_queue()
        self.assertEqual(self.hw.disable(), 1)
        q.push(SYNC)
        self.assertEqual(q.cons(), 1)
        self.broken = {'cmdqv-off-vintf-on': 1}

    def test_vintf_enable(self):
        self.hw.enable()
        self.m.set('fault-vintf-enable-stuck', True)
        self.m.set('fault-vintf', 2)
        self.assertEqual([self.hw.enable_vintf(v, vmid=v) for v in (1, 2, 3)], [1, 0, 1])

    def test_vintf_disable(self):
        q = self.guest_queue()
        self.m.set('fault-vintf-disable-stuck', True)
        self.assertEqual(self.hw.disable_vintf(1), 1)
        self.assertEqual(q.read(QSTATUS), 1)
        self.broken = {'vintf-off-queue-mapped': 1, 'vintf-off-queue-on': 1}

    def test_queue_enable(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        self.m.set('fault-vcmdq-enable-stuck', True)
        self.m.set('fault-vcmdq', 3)
        self.guest_queue(1)
        q = self.queue(1, 1)
        q.map()
        q.program()
        self.assertEqual(q.enable(), 0)

    def test_queue_disable(self):
        q = self.guest_queue()
        self.m.set('fault-vcmdq-disable-stuck', True)
        self.assertEqual(q.disable(), 1)
        self.assertEqual(q.read(QCONFIG), 0)
        q.push(SYNC)
        self.assertEqual(q.cons(), 1)
        self.m.set('fault-vcmdq-disable-stuck', False)
        self.assertEqual(q.disable(), 0)


class Queues(CmdqvTest):
    def test_start_error(self):
        self.m.set('fault-start-error', ABT)
        q = self.guest_queue()
        self.assertEqual((q.error(), q.pending()), (ABT, 1))
        self.assertEqual(self.m.take_edges(), 1)
        q.push(SYNC)
        self.assertEqual(q.cons(), 0)
        q.acknowledge()
        self.assertEqual(q.cons(), 1)

    def test_fetch_abort(self):
        q = self.guest_queue()
        self.m.set('fault-fetch-abort', 2)
        q.push(SYNC)
        for left in (1, 0):
            self.assertEqual((q.cons(), q.error(), q.pending()), (0, ABT, 1))
            self.assertEqual(self.m.get('fault-fetch-abort'), left)
            q.acknowledge()
        self.assertEqual((q.cons(), q.error(), q.pending()), (1, 0, 0))

    def test_illegal_command(self):
        q, other = self.guest_queue(1), self.guest_queue(1, l=1)
        self.m.set('fault-vcmdq', q.physical)
        self.m.set('fault-illegal-command', FOREVER)
        other.push(SYNC)
        self.assertEqual(other.cons(), 1)
        q.push(SYNC)
        for _ in range(3):
            self.assertEqual((q.cons(), q.error()), (0, ILL))
            q.acknowledge()
        self.m.set('fault-illegal-command', 0)
        q.acknowledge()
        self.assertEqual(q.cons(), 1)

    def test_slow_consumer(self):
        q = self.guest_queue()
        self.m.set('fault-slow-ns', 1000)
        q.push(SYNC, SYNC, SYNC)
        for done in range(4):
            self.assertEqual(q.cons(), done)
            self.m.step(1000)
        q.push(SYNC)
        q.disable()
        self.m.step(5000)
        self.assertEqual(q.cons(), 3)

    def test_slow_consumer_is_one_queue(self):
        self.m.set('fault-slow-ns', 1000)
        self.m.set('fault-vcmdq', 3)
        fast, slow = self.guest_queue(1), self.guest_queue(1, l=1)
        for q in (fast, slow):
            q.push(SYNC)
        self.assertEqual((fast.cons(), slow.cons()), (1, 0))
        self.m.step(1000)
        self.assertEqual(slow.cons(), 1)

    def test_guest_enables_before_unmap(self):
        smmu = Smmu(self.m).enable()
        q = self.guest_queue()
        q.disable()
        smmu.sync()
        q.write_base(0)
        self.m.set('fault-guest-enable', 1)
        q.unmap()
        self.assertEqual(self.m.read32(q.physical0(QSTATUS)), 1)
        # The host stops the queue in the physical view, which no guest reaches
        self.m.write32(q.physical0(QCONFIG), 0)
        self.assertEqual(self.m.read32(q.physical0(QSTATUS)), 0)
        smmu.sync()
        self.m.write64(q.physical1(QBASE), 0)
        self.broken_guest = {'unmap-queue-on': 1, 'queue-on-no-base': 1}

    def test_guest_enables_before_base(self):
        for answer, value in (('ignored', 0), ('stored', 1)):
            self.m.set('alt-base-live', answer)
            self.m.set('fault-guest-enable-base', 1)
            v = 1 + value
            self.hw.enable_vintf(v, vmid=v)
            q = self.queue(v)
            q.map()
            q.disable()                         # the reset of a driver
            q.program()
            self.assertEqual(self.m.read64(q.page1(QBASE)), (q.ring | 4) * value)
            self.assertEqual(q.read(QSTATUS), 1)
        self.broken_guest = {'queue-on-no-base': 2, 'base-write-queue-on': 2}

    def test_boot_error(self):
        self.m.set('fault-boot-error', 1 << 1)
        self.m.reset()
        self.assertEqual(self.hw.vintf_err_map(), 1)
        self.assertEqual(self.hw.lvcmdq_err_map(0), 2)
        self.assertEqual(self.queue(0, 1).pending(), 1)

    def test_boot_error_of_one_vintf(self):
        self.m.set('fault-boot-error', FOREVER)
        self.m.set('fault-vintf', 2)
        self.m.reset()
        self.assertEqual(self.hw.vintf_err_map(), 1 << 2)
        self.assertEqual(self.hw.cmdq_err_map(), 3 << 4)
        self.m.set('fault-vcmdq', 5)
        self.m.reset()
        self.assertEqual(self.hw.cmdq_err_map(), 1 << 5)

    def test_boot_on(self):
        self.m.set('fault-boot-on', 1 << 1 | 1 << 4)
        self.m.set('fault-boot-error', 1 << 4)
        self.m.reset()
        for v, l, error in ((0, 1, 0), (2, 0, 1)):
            q = self.queue(v, l)
            self.assertEqual(self.hw.read(self.hw.vintf(v, VINTF_STATUS)) & 1, 1)
            self.assertEqual((q.read(QCONFIG), q.read(QSTATUS), q.pending(), q.error()), (1, 1, error, error))
            self.assertEqual(q.cons(), q.read(PROD))
            self.assertNotEqual(self.m.read64(q.page1(QBASE)), 0)
        self.assertEqual(self.hw.read(self.hw.vintf(0, VINTF_CONFIG)), HYP_OWN | 1)
        self.assertEqual(self.hw.read(self.hw.vintf(2, VINTF_CONFIG)), 2 << 1 | 1)
        self.assertEqual(self.hw.read(self.hw.vintf(1, VINTF_STATUS)) & 1, 0)
        self.assertIn('count queues-on 2\n', self.m.get('counters'))

    def test_boot_on_runs(self):
        self.m.set('fault-boot-on', 1)
        self.m.reset()
        q = self.queue(0)
        q.ring = self.m.read64(q.page1(QBASE)) & ~0x1f
        q.log2size, q.index = 8, q.read(PROD)
        q.push(SYNC)
        self.assertEqual(q.cons(), q.index)

    def test_new_kernel_turns_the_block_off(self):
        self.m.set('fault-boot-on', FOREVER)
        self.m.reset()
        self.assertEqual(self.hw.disable(), 0)
        text = self.m.get('counters')
        for name in ('block-on', 'queues-on', 'vintfs-on'):
            self.assertIn(f'count {name} 0\n', text)
        Smmu(self.m).enable()

    def test_new_kernel_leaves_the_block_on(self):
        self.m.set('fault-boot-on', 1)
        self.m.reset()
        Smmu(self.m).enable()
        self.broken = {'cmdq-on-queue-on': 1}

    def test_param(self):
        self.m.set('fault-param', 0xffff)
        self.assertEqual(self.hw.read(PARAM), 0xffff)

    def test_error_maps(self):
        self.m.set('fault-vintf-err-map', 1 << 63 | 1)
        self.m.set('fault-lvcmdq-err-map0', 1 << 5)
        self.m.set('fault-lvcmdq-err-map1', 1 << 63)
        self.assertEqual(self.hw.vintf_err_map(), 1 << 63 | 1)
        self.assertEqual([self.hw.lvcmdq_err_map(0, m) for m in (0, 1)], [1 << 5, 1 << 63])


class Interrupts(CmdqvTest):
    def test_lost(self):
        self.m.set('fault-irq-lost', 1)
        a, b = self.guest_queue(1), self.guest_queue(1, l=1)
        a.push((0xff, 0))
        self.assertEqual((self.m.take_edges(), self.hw.lvcmdq_err_map(1)), (0, 1))
        b.push((0xff, 0))
        self.assertEqual((self.m.take_edges(), self.m.get('count-interrupts-lost')), (1, 1))

    def test_lost_of_one_vintf(self):
        self.m.set('fault-irq-lost', FOREVER)
        self.m.set('fault-vintf', 2)
        a, b = self.guest_queue(1), self.guest_queue(2, vmid=2)
        a.push((0xff, 0))
        self.assertEqual(self.m.take_edges(), 1)
        b.push((0xff, 0))
        self.assertEqual((self.m.take_edges(), self.m.get('count-interrupts-lost')), (0, 1))

    def test_repeated_of_one_queue(self):
        self.m.set('fault-irq-repeat', 1)
        self.m.set('fault-vcmdq', 2)
        a, b = self.guest_queue(1), self.guest_queue(1, l=1)
        b.push((0xff, 0))
        self.m.step(1000000)
        self.assertEqual(self.m.take_edges(), 1)
        a.push((0xff, 0))
        self.m.step(1000000)
        self.assertEqual(self.m.take_edges(), 2)

    def test_repeated(self):
        self.m.set('fault-irq-repeat', 2)
        self.guest_queue().push((0xff, 0))
        self.assertEqual(self.m.take_edges(), 1)
        self.m.step(1000000)
        self.assertEqual(self.m.take_edges(), 2)
        self.m.step(1000000)
        self.assertEqual(self.m.take_edges(), 0)

    def test_when_param_is_read(self):
        self.m.set('fault-param-irq', True)
        self.hw.read(PARAM)
        self.assertEqual(self.m.take_edges(), 1)

    def test_out_of_nothing(self):
        self.m.set('fault-irq-now', True)
        self.assertEqual((self.m.take_edges(), self.hw.vintf_err_map()), (1, 0))


class AtcTimeout(CmdqvTest):
    """The hardware keeps a timeout until its queue is used again, or the main queue flushes it.

    Documentation/arch/arm64/tegra241-cmdqv-hardware.rst, section 9.
    """

    def setUp(self):
        super().setUp()
        self.smmu = Smmu(self.m).enable()
        self.q = self.guest_queue()
        self.hw.set_sid(1, 0, 0x50, 0x88)

    def test_sync_reports_it(self):
        self.m.set('fault-atc-timeout', 1)
        self.q.push(atc_inv(0x50), SYNC, SYNC)
        self.assertEqual((self.q.cons(), self.q.error()), (1, ATC_SYNC))
        self.q.acknowledge()
        self.assertEqual((self.q.cons(), self.q.error()), (3, 0))

    def test_physical_stream_id_selects(self):
        self.m.set('fault-atc-timeout', FOREVER)
        self.m.set('fault-atc-timeout-sid', 0x50)
        self.q.push(atc_inv(0x50), SYNC)
        self.assertEqual(self.q.pending(), 0)
        self.m.set('fault-atc-timeout-sid', 0x88)
        self.q.push(atc_inv(0x50), SYNC)
        self.assertEqual(self.q.error(), ATC_SYNC)

    def leave_timeout_behind(self):
        self.m.set('fault-atc-timeout', 1)
        self.q.push(atc_inv(0x50))
        self.q.disable()

    def next_owner(self):
        self.q.write(PROD, 0)
        self.q.write(CONS, 0)
        self.q.write_base(0)
        self.q.index = 0
        self.q.program()
        self.q.enable()
        self.q.push(SYNC)

    def test_next_owner_suffers(self):
        self.leave_timeout_behind()
        self.next_owner()
        self.assertEqual((self.q.cons(), self.q.error()), (0, ATC_SYNC))
        self.broken = {'queue-off-no-flush': 1}

    def test_flush(self):
        self.leave_timeout_behind()
        self.smmu.sync()
        self.next_owner()
        self.assertEqual((self.q.cons(), self.q.pending()), (1, 0))

    def test_flush_is_for_disabled_queues(self):
        self.m.set('fault-atc-timeout', 1)
        self.q.push(atc_inv(0x50))
        self.smmu.sync()
        self.q.push(SYNC)
        self.assertEqual(self.q.error(), ATC_SYNC)


class MainAtcTimeout(CmdqvTest):
    """The same in the SMMU's own queue: the CMD_SYNC behind it stops the queue with error 3."""

    dma_devices = 1

    def setUp(self):
        super().setUp()
        self.smmu = Smmu(self.m).enable()
        self.d = DmaTest(self.m)

    def send(self, *commands):
        self.smmu.put(*commands)
        self.smmu.write(CMDQ_PROD, self.smmu.index)

    def error(self):
        """Index and code in CMDQ_CONS, and whether the error is active."""
        cons = self.smmu.read(CMDQ_CONS)
        return cons & 0xfffff, cons >> 24, self.smmu.read(GERROR) ^ self.smmu.read(GERRORN)

    def test_sync_reports_it(self):
        at = self.smmu.index
        self.m.set('fault-main-atc-timeout', 1)
        self.send(atc_inv(self.d.sid), SYNC, SYNC)
        self.assertEqual(self.error(), (at + 1, ATC_SYNC, 1))
        self.assertEqual(self.smmu.read(CMDQ_PROD), at + 3)
        self.assertIn('count main error3 1\n', self.m.get('counters'))
        self.smmu.acknowledge()
        self.assertEqual((self.error()[0], self.error()[2]), (at + 3, 0))

    def test_not_before_the_sync(self):
        self.m.set('fault-main-atc-timeout', 1)
        self.send(atc_inv(self.d.sid), (0x30, 0))
        self.assertEqual(self.error()[2], 0)
        self.send((0x30, 0))
        self.assertEqual((self.smmu.index, 0, 0), self.error())
        at = self.smmu.index
        self.send(SYNC)
        self.assertEqual(self.error(), (at, ATC_SYNC, 1))

    def test_the_device_keeps_its_translation(self):
        Context(self.smmu, self.d.sid, 1, 5).map(0x5000, 0x40400000)
        for timeouts, left in ((1, 1), (0, 0)):
            self.assertEqual(self.d.run('ATC_FILL', 0x5000), OK)
            self.m.set('fault-main-atc-timeout', timeouts)
            self.send(atc_inv(self.d.sid), SYNC)
            self.assertEqual((self.d.get('ATC_ENTRIES'), self.error()[2]), (left, left))
            if left:
                self.smmu.acknowledge()

    def test_again_after_the_acknowledgement(self):
        at = self.smmu.index
        self.m.set('fault-main-atc-timeout', 2)
        self.send(atc_inv(self.d.sid), SYNC, atc_inv(self.d.sid), SYNC)
        self.assertEqual(self.error(), (at + 1, ATC_SYNC, 1))
        self.smmu.acknowledge()
        self.assertEqual(self.error(), (at + 3, ATC_SYNC, 1))
        self.smmu.acknowledge()
        self.assertEqual((self.error()[0], self.error()[2]), (at + 4, 0))

    def test_behind_another_error(self):
        """A register that is written meanwhile does not make the CMD_SYNC forget its error."""
        at = self.smmu.index
        self.m.set('fault-main-atc-timeout', 1)
        self.send(atc_inv(self.d.sid), (0xff, 0), SYNC)
        self.assertEqual(self.error(), (at + 1, ILL, 1))
        self.smmu.write(CR0, CMDQEN | EVENTQEN | SMMUEN)
        self.assertEqual((self.error(), self.smmu.read(CMDQ_PROD)), ((at + 1, ILL, 1), at + 3))
        self.smmu.index = at + 1
        self.smmu.put(SYNC)
        self.smmu.acknowledge()
        self.assertEqual(self.error(), (at + 1, ATC_SYNC, 1))
        self.smmu.acknowledge()
        self.assertEqual((self.error()[0], self.error()[2]), (at + 3, 0))

    def test_stream_id_selects(self):
        self.m.set('fault-main-atc-timeout', FOREVER)
        self.m.set('fault-atc-timeout-sid', self.d.sid + 1)
        self.send(atc_inv(self.d.sid), SYNC)
        self.assertEqual(self.error()[2], 0)
        self.send(atc_inv(self.d.sid + 1), SYNC)
        self.assertEqual(self.error()[1:], (ATC_SYNC, 1))

    def test_queues_of_cmdqv_are_not_concerned(self):
        q = self.guest_queue()
        self.hw.set_sid(1, 0, 0x50, self.d.sid)
        self.m.set('fault-main-atc-timeout', 1)
        q.push(atc_inv(0x50), SYNC)
        self.assertEqual((q.pending(), self.error()[2]), (0, 0))

    def test_reset_forgets(self):
        self.m.set('fault-main-atc-timeout', 1)
        self.send(atc_inv(self.d.sid))
        self.m.reset()
        self.smmu = Smmu(self.m).enable()
        self.smmu.sync()
        self.assertEqual(self.error()[2], 0)


class ServiceFailure(CmdqvTest):
    """The SMMU enters its Service Failure Mode at a command of CMDQ-V."""

    dma_devices = 1
    SFM_ERR = 1 << 8

    def setUp(self):
        super().setUp()
        self.smmu = Smmu(self.m).enable()
        self.d = DmaTest(self.m)
        Context(self.smmu, self.d.sid, 1, 5).map(0x5000, 0x40400000)
        self.q = self.guest_queue()

    def fail_smmu(self):
        self.m.set('fault-sfm', 1)
        self.q.push(SYNC)

    def nothing_passes(self):
        for addr in (0x5000, 0x40400000):
            self.assertEqual(self.d.write(addr, 2), FAULT)
        for command in ('ATC_FILL', 'ATC_READ', 'ATC_WRITE'):
            self.assertEqual(self.d.run(command, 0x5000), FAULT)

    def test_at_its_command(self):
        other = self.guest_queue(l=1)
        self.m.set('fault-vcmdq', self.q.physical)
        self.m.set('fault-sfm', 3)
        other.push(SYNC, SYNC, SYNC)
        self.q.push(SYNC, SYNC)
        self.assertEqual((other.cons(), self.q.cons(), self.smmu.read(GERROR)), (3, 2, 0))
        self.q.push(SYNC)
        other.push(SYNC)
        self.assertEqual((other.cons(), self.q.cons(), self.smmu.read(GERROR)), (3, 2, self.SFM_ERR))
        # No error of the queue
        self.assertEqual((self.q.error(), self.q.pending()), (0, 0))

    def test_interrupt(self):
        spi = 77                                # GERROR of the virt machine
        self.smmu.write(IRQ_CTRL, 1)
        self.fail_smmu()
        self.assertEqual(self.m.take_edges(spi), 1)
        self.smmu.acknowledge()
        self.assertEqual(self.m.take_edges(spi), 0)

    def test_no_transaction(self):
        self.assertEqual((self.d.write(0x5000, 1), self.d.run('ATC_FILL', 0x5000)), (OK, OK))
        self.fail_smmu()
        self.nothing_passes()
        self.q.disable()
        self.hw.disable_vintf(1)
        self.hw.disable()
        # Neither without translation, nor if a driver turns the SMMU on again
        self.smmu.disable()
        self.smmu.write(GBPA, GBPA_UPDATE)
        self.nothing_passes()
        self.smmu.write(CR0, CMDQEN | EVENTQEN | SMMUEN)
        self.nothing_passes()
        self.broken = {'vintf-off-queue-mapped': 1}

    def test_no_command_of_its_own_queue(self):
        at = self.smmu.index
        self.fail_smmu()
        self.smmu.put(SYNC)
        self.smmu.write(CMDQ_PROD, self.smmu.index)
        self.smmu.acknowledge()
        self.assertEqual((self.smmu.read(CMDQ_PROD), self.smmu.read(CMDQ_CONS)), (at + 1, at))

    def test_off_without_a_flush(self):
        self.fail_smmu()
        self.assertEqual(self.q.disable(), 0)
        self.q.write(PROD, 0)                   # queue-off-no-flush does not hold

    def test_smmu_off_first(self):
        self.fail_smmu()
        self.smmu.disable()
        self.broken = {'smmu-off-cmdqv-on': 1}

    def test_reset_repairs(self):
        self.fail_smmu()
        self.m.reset()
        self.smmu = Smmu(self.m).enable()
        self.smmu.sync()
        q = self.guest_queue()
        q.push(SYNC)
        self.assertEqual((q.cons(), self.smmu.read(GERROR)), (1, 0))


class GivenUp(CmdqvTest):
    """A queue must not read a page that the DMA test device was told of."""

    dma_devices = 1

    def setUp(self):
        super().setUp()
        self.d = DmaTest(self.m)
        self.q = self.guest_queue()

    def test_fetch(self):
        self.d.put('GIVEN_UP', self.q.ring + 0x1000 | 1)
        self.q.push(SYNC)
        self.assertEqual(self.m.strict(), {})
        self.d.put('GIVEN_UP', self.q.ring | 1)
        self.assertEqual(self.d.get('GIVEN_UP'), 2)
        self.q.push(SYNC, SYNC)
        self.assertEqual(self.q.cons(), 3)
        self.d.put('GIVEN_UP', self.q.ring)
        self.assertEqual(self.d.get('GIVEN_UP'), 1)
        self.q.push(SYNC)
        self.broken = {'fetch-given-up': 2}

    def test_enable_reads(self):
        """The first and the last entry."""
        self.q.disable()
        self.d.put('GIVEN_UP', self.q.ring | 1)
        self.q.enable()
        self.broken = {'fetch-given-up': 2}

    def test_reset_of_the_device(self):
        """The pages are of the machine, and not of the device that lists them."""
        self.d.put('GIVEN_UP', self.q.ring | 1)
        self.d.function_level_reset()
        self.assertEqual(DmaTest(self.m).get('GIVEN_UP'), 1)

    def test_reset_forgets(self):
        self.d.put('GIVEN_UP', self.q.ring | 1)
        self.m.reset()
        self.assertEqual(DmaTest(self.m).get('GIVEN_UP'), 0)
