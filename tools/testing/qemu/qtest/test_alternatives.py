# SPDX-License-Identifier: GPL-2.0
"""Alternatives: unknown behaviour of the hardware, with both answers. README has the table of the model."""

import os
import unittest

from cmdqv import (ALLOC_MAP, CONS, GERROR, GERRORN, ILL, PROD, QBASE, QCONFIG, QSTATUS, SYNC, VINTF_CONFIG,
                   VINTF_STATUS, CmdqvTest, atc_inv)
from machine import Machine
from smmu import Smmu

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'README.md')
ACCESS = 4


class Table(CmdqvTest):
    def test_readme(self):
        with open(README, encoding='utf-8') as f:
            rows = [line for line in f if line.startswith('| `alt-')]
        self.assertEqual(''.join(rows), self.m.get('alternatives'))

    def test_sorted_and_default(self):
        rows = [row.split('|') for row in self.m.get('alternatives').splitlines()]
        names = [row[1].strip(' `') for row in rows]
        self.assertEqual(names, sorted(names))
        for name, row in zip(names, rows):
            self.assertEqual(self.m.get(name), row[2].split(',')[0].strip())

    def test_refusal_of_an_answer(self):
        with self.assertRaisesRegex(RuntimeError, 'alt-disable is drops or drains'):
            self.m.set('alt-disable', 'both')
        self.assertEqual(self.m.get('alt-disable'), 'drops')


class Alternative(CmdqvTest):
    """Each behaviour with both answers, in one machine."""

    def choose(self, name, answer):
        self.m.set(f'alt-{name}', answer)
        self.assertEqual(self.m.get(f'alt-{name}'), answer)

    def test_base_live(self):
        q = self.guest_queue()
        for answer, value in (('ignored', q.ring | 4), ('stored', 0x41000004)):
            self.choose('base-live', answer)
            q.write_base(0x41000004)
            self.assertEqual(self.m.read64(q.page1(QBASE)), value)
            at = q.index
            q.push(SYNC)                    # from the old ring
            self.assertEqual((q.cons(), q.pending()), (at + 1, 0))
        q.disable()
        q.enable()
        q.ring = 0x41000000
        q.push(SYNC)                        # from the new one
        self.assertEqual((q.cons(), q.pending()), (3, 0))
        self.broken = {'base-write-queue-on': 2}

    def test_cons_err(self):
        q = self.guest_queue()
        for answer, left in (('cleared', 0), ('kept', ILL)):
            self.choose('cons-err', answer)
            at = q.index
            q.push((0xff, 0))
            self.assertEqual(q.error(), ILL)
            q.index = at
            q.put(SYNC)
            q.acknowledge()
            self.assertEqual((q.cons(), q.error(), q.pending()), (at + 1, left, 0))
            q.push(SYNC)
            self.assertEqual((q.cons(), q.pending()), (at + 2, 0))
        q.disable()
        q.enable()                          # PROD and CONS are equal but for ERR

    def test_disable(self):
        for n, (answer, cons) in enumerate((('drops', 0), ('drains', 5))):
            self.choose('disable', answer)
            q = self.guest_queue(n + 1, vmid=n + 1)
            self.m.set('fault-slow-ns', 1000)
            q.push(*[SYNC] * 5)
            self.assertEqual(q.cons(), 0)
            self.assertEqual(q.disable(), 0)
            self.assertEqual(q.cons(), cons)
            self.m.step(100000)
            self.assertEqual(q.cons(), cons)
            self.m.set('fault-slow-ns', 0)

    def test_disable_stops_at_an_error(self):
        self.choose('disable', 'drains')
        q = self.guest_queue()
        self.m.set('fault-slow-ns', 1000)
        q.push(SYNC, (0xff, 0), SYNC)
        self.assertEqual(q.disable(), 0)
        self.assertEqual((q.cons(), q.error(), q.pending()), (1, ILL, 1))

    def test_gerror(self):
        smmu = Smmu(self.m).enable()
        for n, (answer, gerror) in enumerate((('kept', 1), ('cleared', 0))):
            self.choose('gerror', answer)
            q = self.guest_queue(n + 1, vmid=n + 1)
            q.push((0xff, 0))
            q.disable()
            q.acknowledge()
            smmu.sync()
            q.unmap()
            q.map()
            self.assertEqual((q.read(GERROR), q.read(GERRORN)), (gerror, gerror))
            self.assertEqual(q.pending(), 0)

    def test_levels_vintf(self):
        for n, (answer, on) in enumerate((('clear', 0), ('keep', 1))):
            self.choose('levels', answer)
            q = self.guest_queue(n + 1, vmid=n + 1)
            self.hw.disable_vintf(n + 1)
            self.assertEqual((q.read(QCONFIG), q.read(QSTATUS)), (on, 0))
            self.hw.enable_vintf(n + 1, vmid=n + 1)
            self.assertEqual((q.read(QCONFIG), q.read(QSTATUS)), (on, on))
            q.push(SYNC)
            self.assertEqual(q.cons(), on)
        self.broken = {'vintf-off-queue-mapped': 2, 'vintf-off-queue-on': 2}

    def test_levels_block(self):
        for n, (answer, on) in enumerate((('clear', 0), ('keep', 1))):
            self.choose('levels', answer)
            q = self.guest_queue(n + 1, vmid=n + 1)
            self.hw.disable()
            vintf = [self.hw.vintf(n + 1, reg) for reg in (VINTF_CONFIG, VINTF_STATUS)]
            self.assertEqual([self.hw.read(reg) & 1 for reg in vintf], [on, 0])
            self.hw.enable()
            self.assertEqual([self.hw.read(reg) & 1 for reg in vintf], [on, on])
            self.assertEqual((q.read(QCONFIG), q.read(QSTATUS)), (on, on))
        self.broken = {'cmdqv-off-vintf-on': 2}

    def test_levels_that_are_off_can_be_cleared(self):
        """So that they do not come back."""
        self.choose('levels', 'keep')
        q = self.guest_queue()
        self.hw.disable()
        self.m.write32(q.physical0(QCONFIG), 0)
        self.assertEqual(self.m.read32(q.physical0(QSTATUS)), 0)
        self.hw.write(self.hw.vintf(1, VINTF_CONFIG), 0)
        self.assertEqual(self.hw.read(self.hw.vintf(1, VINTF_STATUS)) & 1, 0)
        self.hw.enable()
        self.assertEqual(self.hw.read(self.hw.vintf(1, VINTF_STATUS)) & 1, 0)
        self.assertEqual(q.read(QSTATUS), 0)
        self.broken = {'cmdqv-off-vintf-on': 1}

    def test_refusal(self):
        for n, (answer, code) in enumerate((('illegal', ILL), ('access', ACCESS))):
            self.choose('refusal', answer)
            q = self.guest_queue(n + 1, vmid=n + 1)
            q.push((0x10, 0))               # TLBI_NH_ALL is not for a guest
            self.assertEqual((q.cons(), q.error(), q.pending()), (0, code, 1))
            q = self.guest_queue(n + 1, l=1)
            q.push(atc_inv(0x77))           # in no slot
            self.assertEqual((q.cons(), q.error(), q.pending()), (0, code, 1))
            q.index = 0
            q.put((0x46 | 1 << 12, 0))      # for a guest, and wrong
            q.acknowledge()
            self.assertEqual(q.error(), ILL)
        self.assertIn('count vcmdq4 error4 1\n', self.m.get('counters'))

    def test_unmapped(self):
        for n, (answer, cons) in enumerate((('stops', 0), ('runs', 1))):
            self.choose('unmapped', answer)
            q = self.guest_queue(n + 1, vmid=n + 1)
            q.unmap()
            q.put(SYNC)
            self.m.write32(q.physical0(PROD), 1)
            self.assertEqual(self.m.read32(q.physical0(CONS)), cons)
            self.assertEqual(self.m.read32(q.physical0(QSTATUS)), 1)
        self.broken = {'unmap-queue-on': 2, 'program-unmapped': 2}

    def test_unmapped_is_still_a_guest(self):
        """Clearing the fields of the allocation map does not make it the host's."""
        self.choose('unmapped', 'runs')
        self.hw.enable_vintf(0, hyp_own=True)
        q = self.guest_queue()
        self.hw.write(ALLOC_MAP + 4 * q.physical, 0)
        q.put((0x30, 0))
        self.m.write32(q.physical0(PROD), 1)
        self.assertEqual(self.m.read32(q.physical0(CONS)), ILL << 24)
        self.broken = {'unmap-queue-on': 1, 'program-unmapped': 1}

    def test_vsid(self):
        q = self.guest_queue()
        self.hw.set_sid(1, 0, 0x77, 0x88)
        q.push(atc_inv(0x77 | 1 << 20), SYNC)
        self.assertEqual((q.cons(), q.error()), (0, ILL))
        self.choose('vsid', '20-bits')
        q.acknowledge()
        self.assertEqual((q.cons(), q.pending()), (2, 0))
        self.assertEqual(self.m.get('count-last-atc-sid'), 0x88)


class CommandLine(unittest.TestCase):
    def test_on_the_command_line(self):
        m = Machine('strict=on,alt-vsid=20-bits,alt-levels=keep')
        try:
            self.assertEqual((m.get('alt-vsid'), m.get('alt-levels')), ('20-bits', 'keep'))
            m.reset()
            self.assertEqual(m.get('alt-vsid'), '20-bits')
        finally:
            m.close()
