# SPDX-License-Identifier: GPL-2.0
"""Strict mode: the sequences of a correct driver break no rule; each wrong access counts under its name."""

from cmdqv import (ALLOC_MAP, BASE, CONFIG, CONS, CONS_INDX_BASE, HYP_OWN, PROD, QBASE, QCONFIG,
                   QSTATUS, SID_MATCH, SID_REPLACE, STATUS, SYNC, VINTF_CONFIG, CmdqvTest, alloc)
from smmu import CMDQEN, SMMUEN, Smmu


class Good(CmdqvTest):
    """The sequences of a correct driver, twice."""

    def reset_queue(self, q, smmu):
        q.disable()
        smmu.sync()
        q.write(PROD, 0)
        q.write(CONS, 0)
        q.write_base(0)
        self.m.write64(q.page1(CONS_INDX_BASE), 0)
        if q.pending():
            q.acknowledge()

    def test_host(self):
        smmu = Smmu(self.m).enable()
        for _ in range(2):
            self.hw.disable()
            self.hw.enable()
            for n in range(128):
                self.hw.write(ALLOC_MAP + 4 * n, alloc(n // 2, n % 2, 0))
            self.hw.disable_vintf(0)
            self.hw.enable_vintf(0, hyp_own=True)
            queues = [self.queue(0, l) for l in (0, 1)]
            for q in queues:
                q.map()
                self.reset_queue(q, smmu)
                q.program()
                q.enable()
                q.push(SYNC)
                self.assertEqual(q.cons(), 1)
            for q in reversed(queues):
                self.reset_queue(q, smmu)
                q.unmap()
            self.hw.disable_vintf(0)
            self.hw.disable()
        smmu.disable()

    def test_guest(self):
        smmu = Smmu(self.m).enable()
        self.hw.enable()
        for vmid in (1, 2):
            self.hw.disable_vintf(1)
            for slot in range(16):
                self.hw.clear_sid(1, slot)
            self.hw.enable_vintf(1, vmid)
            self.hw.set_sid(1, 0, 0x100, 8)
            queues = [self.queue(1, l) for l in (0, 1)]
            for q in queues:
                q.map()
                self.reset_queue(q, smmu)
                q.program()
            for q in queues:                    # the guest
                q.enable()
                q.push(SYNC)
                self.assertEqual(q.cons(), 1)
            queues[0].disable()
            for q in reversed(queues):          # the host again
                self.reset_queue(q, smmu)
                q.unmap()
            self.hw.clear_sid(1, 0)
            self.hw.disable_vintf(1)


class HostInPage0(CmdqvTest):
    """The host is charged for what it does in page 0 of a guest's VINTF."""

    def setUp(self):
        super().setUp()
        self.smmu = Smmu(self.m).enable()
        self.q = self.guest_queue()

    def host(self, on=True):
        self.m.set('qtest-host', on)

    def test_guest(self):
        self.q.write(0x10, 1)
        self.broken_guest = {'read-only-write': 1}

    def test_host(self):
        self.host()
        self.q.write(0x10, 1)
        self.broken = {'read-only-write': 1}

    def test_no_poll_and_no_flush(self):
        self.host()
        self.q.write(QCONFIG, 0)
        self.q.write(PROD, 0)
        self.broken = {'config-unpolled': 1, 'queue-off-no-flush': 1}

    def test_cons_first(self):
        self.host()
        self.q.disable()
        self.q.write(CONS, 0)
        self.broken = {'queue-off-no-flush': 1}

    def test_all_done(self):
        self.host()
        self.q.disable()
        self.smmu.sync()
        self.q.write(PROD, 0)
        self.q.write(CONS, 0)
        self.q.write_base(0)

    def test_guest_polls_for_nobody(self):
        self.host()
        self.q.write(QCONFIG, 0)
        self.host(False)
        self.q.read(QSTATUS)
        self.q.write(PROD, 0)               # the guest's, in between
        self.host()
        self.smmu.sync()
        self.q.write(PROD, 0)
        self.broken = {'config-unpolled': 1}

    def test_guest_enables_again_under_the_host(self):
        self.host()
        self.q.disable()
        self.smmu.sync()
        self.host(False)
        self.q.write(QCONFIG, 1)
        self.host()
        self.q.write(CONS, 0)
        self.q.write_base(0)
        self.broken_guest = {'config-unpolled': 1, 'cons-write-queue-on': 1, 'base-write-queue-on': 1}

    def test_host_writes_cons_of_a_queue_that_is_on(self):
        self.host()
        self.q.write(CONS, 0)
        self.broken = {'cons-write-queue-on': 1}

    def test_host_overruns(self):
        self.host()
        self.q.put(*[SYNC] * 16)
        self.q.write(PROD, 17)
        self.broken = {'prod-overrun': 1}

    def test_unmapped_slot(self):
        self.q.disable()
        self.smmu.sync()
        self.q.unmap()
        self.q.read(PROD)
        self.host()
        self.q.read(PROD)
        self.broken = {'unmapped-read': 1}
        self.broken_guest = {'unmapped-read': 1}


class Bad(CmdqvTest):
    def test_no_flush(self):
        q = self.host_queue()
        q.disable()
        q.write(PROD, 0)
        q.write(CONS, 0)
        q.write_base(0)
        self.broken = {'queue-off-no-flush': 1}

    def test_commands_left(self):
        smmu = Smmu(self.m).enable()
        self.m.set('fault-slow-ns', 1000)
        for q in (self.host_queue(), self.guest_queue()):
            q.push(SYNC)
            q.disable()
        smmu.sync()
        self.broken = {'queue-off-not-empty': 1}

    def test_commands_left_in_error(self):
        q = self.host_queue()
        q.push((0xff, 0), SYNC)
        q.disable()

    def test_no_flush_before_unmap(self):
        q = self.guest_queue()
        q.disable()
        q.unmap()
        self.broken = {'queue-off-no-flush': 1}

    def test_guest_need_not_flush(self):
        q = self.guest_queue()
        q.disable()
        q.write(PROD, 0)
        q.write(CONS, 0)
        self.assertEqual(q.enable(), 1)

    def test_flush_of_a_running_queue_counts_for_nothing(self):
        smmu = Smmu(self.m).enable()
        q = self.host_queue()
        smmu.sync()
        q.disable()
        q.write_base(0)
        self.broken = {'queue-off-no-flush': 1}

    def test_smmu_off(self):
        smmu = Smmu(self.m).enable()
        self.hw.enable_vintf(1, vmid=1)
        smmu.write(0x20, SMMUEN)
        smmu.write(0x20, SMMUEN | CMDQEN)
        smmu.write(0x20, CMDQEN)
        self.broken = {'smmu-off-cmdqv-on': 2, 'cmdq-on-queue-on': 1}

    def test_smmu_off_and_on_beside_a_block_without_vintfs(self):
        smmu = Smmu(self.m).enable()
        self.assertEqual(self.hw.read(STATUS), 1)
        smmu.disable()
        smmu.enable()

    def test_smmu_on_over_a_queue_that_no_vintf_has(self):
        q = self.guest_queue()
        q.unmap()
        self.hw.disable_vintf(1)
        Smmu(self.m).enable()
        self.broken = {'unmap-queue-on': 1, 'cmdq-on-queue-on': 1}

    def test_command_after_the_smmu(self):
        q = self.guest_queue()
        q.push(SYNC)                                                # never on: no effect
        smmu = Smmu(self.m).enable()
        q.push(SYNC)
        smmu.disable()
        q.push(SYNC)
        smmu.enable()
        q.push(SYNC)
        self.broken = {'cmdq-on-queue-on': 2, 'smmu-off-cmdqv-on': 1, 'command-smmu-off': 1}

    def test_guest_that_outlives_its_vintf(self):
        smmu = Smmu(self.m).enable()
        q = self.guest_queue()
        q.disable()
        smmu.sync()
        q.unmap()
        self.hw.disable_vintf(1)
        q.write(PROD, 1)
        self.broken_guest = {'unmapped-write': 1}

    def test_unpolled(self):
        self.hw.disable()
        self.hw.write(CONFIG, self.hw.read(CONFIG) | 1)
        self.hw.write(ALLOC_MAP, 0)
        self.hw.write(self.hw.vintf(1, VINTF_CONFIG), 3 << 1)
        self.hw.write(self.hw.vintf(1, VINTF_CONFIG), 3 << 1 | 1)
        self.hw.read(8)
        q = self.queue(1)
        q.map()
        self.hw.read(self.hw.vintf(1, 4))
        q.program()
        q.write(QCONFIG, 1)
        q.write(QCONFIG, 0)
        q.write(PROD, 0)
        self.broken = {'config-unpolled': 3}
        self.broken_guest = {'config-unpolled': 1}

    def test_vintf_in_one_step(self):
        self.hw.enable()
        self.hw.write(self.hw.vintf(0, VINTF_CONFIG), HYP_OWN | 1)
        self.broken = {'vintf-on-one-step': 1}

    def test_vintf_without_vmid(self):
        self.hw.enable()
        self.hw.enable_vintf(1)
        self.broken = {'vintf-on-vmid-zero': 1}

    def test_vintf_with_old_stream_ids(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        self.hw.set_sid(1, 2, 3, 4)
        self.hw.disable_vintf(1)
        self.hw.enable_vintf(1, vmid=2)
        self.broken = {'vintf-on-sid-stale': 1}

    def test_vintf_changed_live(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        self.hw.write(self.hw.vintf(1, VINTF_CONFIG), 2 << 1 | 1)
        self.broken = {'vintf-config-live': 1}

    def test_map_before_the_block(self):
        self.hw.disable()
        self.queue(1).map()
        self.broken = {'map-cmdqv-off': 1}

    def test_program_unmapped(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        q = self.queue(1)
        self.m.write64(q.physical1(QBASE), q.ring | 4)
        self.m.write32(q.physical0(QCONFIG), 0)
        self.broken = {'program-unmapped': 1}

    def test_base_of_a_running_queue(self):
        q = self.guest_queue()
        q.write_base(0)
        self.assertEqual(self.m.read64(q.page1(QBASE)), q.ring | 4)
        self.broken = {'base-write-queue-on': 1}

    def test_base_of_a_queue_that_its_guest_enabled_again(self):
        smmu = Smmu(self.m).enable()
        q = self.guest_queue()
        q.disable()
        smmu.sync()
        q.enable()
        q.write_base(0)
        self.broken_guest = {'base-write-queue-on': 1}

    def test_unmap_of_a_queue_that_the_host_left_on(self):
        smmu = Smmu(self.m).enable()
        q = self.guest_queue()
        smmu.sync()
        q.unmap()
        self.broken = {'unmap-queue-on': 1}

    def test_cons_to_memory(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        q = self.queue(1)
        q.map()
        q.program()
        self.m.write64(q.page1(CONS_INDX_BASE), 0x40000000)
        q.enable()
        self.broken = {'cons-to-memory': 1}

    def test_sid_order(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        self.hw.write(self.hw.vintf(1, SID_MATCH), 5 << 1 | 1)      # before REPLACE
        self.hw.write(self.hw.vintf(1, SID_REPLACE), 6)             # while it matches
        self.hw.write(self.hw.vintf(1, SID_MATCH), 7 << 1 | 1)      # without going off
        self.hw.set_sid(1, 1, 7, 8)                                 # the same again
        self.hw.set_sid(2, 0, 9, 9)                                 # VINTF is off
        self.broken = {'sid-match-first': 1, 'sid-replace-live': 1, 'sid-match-live': 1,
                       'sid-duplicate': 1, 'sid-vintf-off': 1}

    def test_stream_id_zero(self):
        """REPLACE with 0 prepares a slot, unless it is what clears it."""
        self.hw.enable_vintf(1, vmid=1)
        self.hw.set_sid(1, 0, 5, 0)
        self.hw.clear_sid(1, 0)
        self.hw.set_sid(1, 0, 5, 0)
        self.hw.clear_sid(1, 0)
        self.hw.write(self.hw.vintf(1, SID_MATCH), 5 << 1 | 1)
        self.broken = {'sid-match-first': 1}

    def test_guest_is_charged_for_page0_only(self):
        q = self.guest_queue()
        q.write(0x10, 1)                                            # GERROR
        self.m.write64(q.page0(0), 0)                               # size
        self.m.write32(q.physical0(0x10), 1)
        self.m.write32(BASE + 0x40000 + 0x20000 + 0x10, 0)          # page 1 hole
        self.broken_guest = {'read-only-write': 1, 'bad-access': 1}
        self.broken = {'read-only-write': 1, 'bad-access': 1}


class Unmapped(CmdqvTest):
    """allow-unmapped=on: what the hardware allows with slots and queues that are not mapped."""

    props = 'strict=on,allow-unmapped=on'

    def test_as_mainline_does(self):
        self.hw.enable_vintf(1, vmid=1)
        q = self.queue(1)
        self.assertEqual(q.disable(), 0)
        q.write_base(0)
        self.m.write64(q.physical1(QBASE), q.ring | 4)
        q.map()
        self.assertEqual(self.m.read64(q.page1(QBASE)), q.ring | 4)

    def test_other_rules_stay(self):
        self.queue(1).map()
        self.broken = {'map-vintf-off': 1}
