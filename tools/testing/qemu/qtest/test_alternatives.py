# SPDX-License-Identifier: GPL-2.0
"""Alternatives: unknown behaviour of the hardware, with both answers. README has the table of the model."""

import os
import unittest

from cmdqv import (ALLOC_MAP, CMDQ_INIT_ERR, CONFIG, CONFIG_RESET, CONS, GERROR, GERRORN, ILL, PROD, QBASE, QCONFIG,
                   QSTATUS, SID_MATCH, SID_REPLACE, STATUS, SYNC, VINTF_CONFIG, VINTF_INT_MASK, VINTF_STATUS, CmdqvTest,
                   alloc, atc_inv)
from machine import Machine
from smmu import Smmu

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'README.md')
ACCESS = 4


class Table(CmdqvTest):
    def test_readme(self):
        with open(README, encoding='utf-8') as f:
            table = f.read().partition('| property | answers |')[2].partition('\n\n')[0]
        rows = [line + '\n' for line in table.splitlines() if line.startswith('| `alt-')]
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

    def test_unmapped_edge(self):
        self.choose('unmapped', 'runs')
        for n, (answer, edges) in enumerate((('comes', 1), ('none', 0))):
            self.choose('unmapped-edge', answer)
            q = self.guest_queue(n + 1, vmid=n + 1)
            q.unmap()
            q.put((0xff, 0))
            self.m.take_edges()
            self.m.write32(q.physical0(PROD), 1)
            self.assertEqual(self.m.read32(q.physical0(GERROR)), 1)
            self.assertEqual((self.m.take_edges(), self.hw.vintf_err_map() & 2 << n), (edges, 0))
            self.guest_queue(n + 3, vmid=n + 3).push((0xff, 0))
            self.assertEqual(self.m.take_edges(), 1)    # mapped
        self.broken = {'unmap-queue-on': 2, 'program-unmapped': 2}

    def off_late(self, level, switch):
        """Commands in two queues. LEVEL of the first goes off, and STATUS never follows; then it is on again."""
        for n, (answer, cons) in enumerate((('works', 1), ('stops', 0))):
            self.choose('off-late', answer)
            q = self.guest_queue(2 * n + 1, vmid=5)
            other = self.guest_queue(2 * n + 2, vmid=6)
            self.m.set(f'fault-{level}-disable-stuck', True)
            self.assertEqual(switch(q, 0), 1)
            for each in (q, other):
                each.push(SYNC)
            self.assertEqual((q.cons(), other.cons()), (cons, cons if level == 'cmdqv' else 1))
            self.m.set(f'fault-{level}-disable-stuck', False)
            self.assertEqual(switch(q, 1), 1)
            self.assertEqual((q.cons(), other.cons()), (1, 1))

    def test_off_late_queue(self):
        def switch(q, on):
            q.write(QCONFIG, on)
            return q.read(QSTATUS)
        self.off_late('vcmdq', switch)
        self.broken_guest = {'queue-on-not-empty': 1}

    def test_off_late_vintf(self):
        def switch(q, on):
            self.hw.write(self.hw.vintf(q.v, VINTF_CONFIG), 5 << 1 | on)
            return self.hw.read(self.hw.vintf(q.v, VINTF_STATUS)) & 1
        self.off_late('vintf', switch)
        self.broken = {'vintf-off-queue-mapped': 2, 'vintf-off-queue-on': 2}

    def test_off_late_block(self):
        def switch(_, on):
            self.hw.write(CONFIG, self.hw.read(CONFIG) & ~1 | on)
            return self.hw.read(STATUS)
        self.off_late('cmdqv', switch)
        self.broken = {'cmdqv-off-vintf-on': 2 + 4}

    def test_off_late_drains(self):
        """A queue that drains needs EN only to begin."""
        self.choose('off-late', 'stops')
        self.choose('disable', 'drains')
        q = self.guest_queue()
        self.m.set('fault-slow-ns', 1000)
        q.push(*[SYNC] * 5)
        self.assertEqual((q.disable(), q.cons()), (0, 5))

    def enabled_with(self, n, base):
        """STATUS and the error of a new queue with this BASE."""
        if not self.hw.read(self.hw.vintf(n, VINTF_STATUS)) & 1:
            self.hw.enable()
            self.hw.enable_vintf(n, vmid=n)
        q = self.queue(n)
        q.map()
        q.write_base(base)
        return q.enable(), q.pending()

    def test_base_zero(self):
        for n, (answer, state) in enumerate((('runs', (1, 0)), ('init-error', (0, CMDQ_INIT_ERR)))):
            self.choose('base-zero', answer)
            self.assertEqual(self.enabled_with(n + 1, 0), state)
        self.broken_guest = {'queue-on-no-base': 2}

    def test_size_large(self):
        for n, (answer, state) in enumerate((('init-error', (0, CMDQ_INIT_ERR)), ('runs', (1, 0)))):
            self.choose('size-large', answer)
            self.assertEqual(self.enabled_with(n + 1, 0x40000000 | 25), state)

    def test_unreadable(self):
        for n, (answer, state) in enumerate((('init-error', (0, CMDQ_INIT_ERR)), ('runs', (1, 0)))):
            self.choose('unreadable', answer)
            self.assertEqual(self.enabled_with(n + 1, 0xfffffffff000 | 8), state)

    def test_cons_live(self):
        q = self.guest_queue()
        q.push(SYNC, SYNC)
        for answer, cons in (('ignored', 2), ('stored', 2)):
            self.choose('cons-live', answer)
            before = self.m.get('count-syncs')
            q.write(CONS, 1)
            self.assertEqual(q.cons(), cons)            # stored, it was executed again
            self.assertEqual(self.m.get('count-syncs') - before, answer == 'stored')
        self.broken_guest = {'cons-write-queue-on': 2}

    def test_cs(self):
        q = self.guest_queue()
        q.push((0x46 | 2 << 12, 0))
        self.assertEqual((q.cons(), q.error(), q.pending()), (0, ILL, 1))
        self.choose('cs', 'ignored')
        q.acknowledge()
        self.assertEqual((q.cons(), q.pending()), (1, 0))

    def test_early(self):
        self.hw.enable()
        for n, (answer, status) in enumerate((('again', 0), ('starts', 1))):
            self.choose('early', answer)
            q = self.queue(n + 1)
            q.map()
            q.program()
            self.hw.write(self.hw.vintf(n + 1, VINTF_CONFIG), n + 1 << 1)
            self.assertEqual(q.enable(), 0)
            self.hw.write(self.hw.vintf(n + 1, VINTF_CONFIG), n + 1 << 1 | 1)
            self.assertEqual(self.hw.read(self.hw.vintf(n + 1, VINTF_STATUS)) & 1, 1)
            self.assertEqual(q.read(QSTATUS), status)
            self.assertEqual(q.enable(), 1)
        self.broken = {'map-vintf-off': 2, 'queue-on-vintf-off': 2}

    def test_int_mask(self):
        q = self.guest_queue()
        self.hw.write(VINTF_INT_MASK, 2)
        for answer, edges in (('masks', 0), ('nothing', 1)):
            self.choose('int-mask', answer)
            q.push((0xff, 0))
            self.assertEqual(self.m.take_edges(), edges)
            q.index -= 1
            q.put(SYNC)
            q.acknowledge()

    def test_masked_edge(self):
        q = self.guest_queue()
        for answer, edges in (('lost', 0), ('kept', 1)):
            self.choose('masked-edge', answer)
            self.hw.write(VINTF_INT_MASK, 2)
            q.push((0xff, 0))
            self.assertEqual(self.m.take_edges(), 0)
            self.hw.write(VINTF_INT_MASK, 0)
            self.assertEqual(self.m.take_edges(), edges)
            self.hw.write(VINTF_INT_MASK, 0)
            self.assertEqual(self.m.take_edges(), 0)    # once
            q.index -= 1
            q.put(SYNC)
            q.acknowledge()

    def test_physical(self):
        q = self.queue(1)
        for answer, value in (('reaches', 5), ('zero', 0)):
            self.choose('physical', answer)
            self.m.write32(q.physical0(PROD), 5)
            self.assertEqual(self.m.read32(q.physical0(PROD)), value)
        self.broken = {'program-unmapped': 1}

    def test_reserved(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        q = self.queue(1)
        q.map()
        for answer, kept in (('zero', 0), ('kept', 1)):
            self.choose('reserved', answer)
            self.hw.write(self.hw.vintf(1, SID_MATCH), 0xffe00000)
            self.hw.write(self.hw.vintf(1, SID_REPLACE), 0xfff00000)
            q.write(PROD, 0xfff00000)
            self.assertEqual([self.hw.read(self.hw.vintf(1, SID_MATCH)), self.hw.read(self.hw.vintf(1, SID_REPLACE)),
                              q.read(PROD)], [kept * 0xffe00000, kept * 0xfff00000, kept * 0xfff00000])
        self.broken = {'reserved-bits': 4}
        self.broken_guest = {'reserved-bits': 2}

    def test_sid_miss(self):
        q = self.guest_queue()
        q.push(atc_inv(0x77))
        self.assertEqual((q.cons(), q.error(), q.pending()), (0, ILL, 1))
        self.choose('sid-miss', 'dropped')
        last = self.m.get('count-last-atc-sid')
        q.acknowledge()
        self.assertEqual((q.cons(), q.pending(), self.m.get('count-last-atc-sid')), (1, 0, last))

    def test_slot(self):
        q = self.queue(1)
        for answer, value in (('zero', 0), ('ones', 0xffffffff)):
            self.choose('slot', answer)
            self.assertEqual(q.read(QSTATUS), value)
        self.broken = {'unmapped-read': 2}

    def test_slot_twice(self):
        self.hw.enable()
        self.hw.enable_vintf(1, vmid=1)
        first, second = self.queue(1), self.queue(1, 0, physical=3)
        first.map()
        second.map()
        self.assertEqual(self.hw.read(ALLOC_MAP + 4 * 3), 0)
        self.choose('slot-twice', 'accepted')
        second.map()
        self.assertEqual(self.hw.read(ALLOC_MAP + 4 * 3), alloc(1, 0))
        first.unmap()                                   # has no place there any more
        self.m.write32(second.physical0(PROD), 7)
        self.assertEqual(second.read(PROD), 7)
        self.broken = {'map-conflict': 2}

    def test_width(self):
        q = self.guest_queue()
        q.push(SYNC)
        for answer, part in (('zero', 0), ('part', 1)):
            self.choose('width', answer)
            self.assertEqual(int(self.m.command(f'readw {q.page0(PROD):#x}'), 0), part)
            self.assertEqual(int(self.m.command(f'readb {q.page0(PROD) + 1:#x}'), 0), 0)
            self.assertEqual(self.m.read64(q.page0(CONS)), part << 32 | part)
        self.broken_guest = {'bad-access': 3}

    def test_vsid(self):
        q = self.guest_queue()
        self.hw.set_sid(1, 0, 0x77, 0x88)
        q.push(atc_inv(0x77 | 1 << 20), SYNC)
        self.assertEqual((q.cons(), q.error()), (0, ILL))
        self.choose('vsid', '20-bits')
        q.acknowledge()
        self.assertEqual((q.cons(), q.pending()), (2, 0))
        self.assertEqual(self.m.get('count-last-atc-sid'), 0x88)


class Late(CmdqvTest):
    """STATUS follows late: changes of EN that come before it."""

    props = 'strict=on,seed=3'

    def statuses(self, config, status, *values):
        """The values of STATUS until it rests, from before its CONFIG is written so."""
        for value in values:
            self.hw.write(config, value)
        found = []
        for _ in range(2000):
            now = self.hw.read(status) & 1
            if found[-1:] != [now]:
                found.append(now)
            self.m.step(1000)
        return found

    def each(self):
        """Each answer: a VINTF, and the values of STATUS while EN goes off and on, and while it goes on and off."""
        for n, answer in enumerate(('dropped', 'finished')):
            self.m.set('alt-superseded', answer)
            yield n + 1, [1, 0, 1][:1 + 2 * n], [0, 1, 0][:1 + 2 * n]

    def test_superseded_queue(self):
        for v, from_on, from_off in self.each():
            q = self.guest_queue(v, vmid=v)
            page0 = q.page0(0) - self.hw.base
            self.assertEqual(self.statuses(page0 + QCONFIG, page0 + QSTATUS, 0, 1), from_on)
            q.push_and_wait(SYNC)
            q.disable()
            self.assertEqual(self.statuses(page0 + QCONFIG, page0 + QSTATUS, 1, 0), from_off)
            self.assertEqual(q.read(QCONFIG), 0)

    def test_superseded_vintf(self):
        self.hw.enable()
        for v, from_on, from_off in self.each():
            config, status = self.hw.vintf(v, VINTF_CONFIG), self.hw.vintf(v, VINTF_STATUS)
            self.hw.enable_vintf(v, v)
            self.assertEqual(self.statuses(config, status, v << 1, v << 1 | 1), from_on)
            self.assertEqual(self.hw.read(config), v << 1 | 1)
            self.hw.disable_vintf(v)
            self.hw.write(config, v << 1)
            self.assertEqual(self.statuses(config, status, v << 1 | 1, v << 1), from_off)

    def test_superseded_block(self):
        off = CONFIG_RESET & ~1
        for _, from_on, from_off in self.each():
            self.hw.enable()
            self.assertEqual(self.statuses(CONFIG, STATUS, off, off | 1), from_on)
            self.hw.disable()
            self.assertEqual(self.statuses(CONFIG, STATUS, off | 1, off), from_off)

    def test_superseded_and_polled(self):
        """STATUS is as the host wants it, although a change of its guest is still to come."""
        self.m.set('alt-superseded', 'finished')
        smmu = Smmu(self.m).enable()
        for v, on in ((1, 0), (2, 1)):
            q = self.guest_queue(v, vmid=v)
            if not on:
                q.disable()
                smmu.sync()
            q.write(QCONFIG, not on)
            self.m.write32(q.physical0(QCONFIG), on)
            self.assertEqual(self.m.read32(q.physical0(QSTATUS)), on)
            self.m.write32(q.physical0(PROD), 0)
            self.assertEqual(self.m.read32(q.physical0(PROD)), 0)

    def test_off_late(self):
        """Commands that are new when EN is 0 already."""
        found = {'works': set(), 'stops': set()}
        for v in range(1, 17):
            answer = ('works', 'stops')[v % 2]
            self.m.set('alt-off-late', answer)
            q = self.guest_queue(v, vmid=v)
            q.write(QCONFIG, 0)
            q.push(SYNC)
            self.assertEqual(self.m.answer(lambda q=q: q.read(QSTATUS), 0), 0)
            found[answer].add(q.cons())
        self.broken_guest = {'config-unpolled': 16}
        self.assertEqual(found['stops'], {0})
        self.assertIn(1, found['works'])


class Order(CmdqvTest):
    """Strict mode refuses it as well, so this is without."""

    props = 'strict=off'

    def test_order(self):
        for n, (answer, allocated) in enumerate((('done', 1), ('refused', 0))):
            self.m.set('alt-order', answer)
            self.queue(n + 1, l=1).map()
            self.assertEqual(self.hw.read(ALLOC_MAP + 4 * self.hw.physical(n + 1, 1)) & 1, allocated)


class CommandLine(unittest.TestCase):
    def test_on_the_command_line(self):
        m = Machine('strict=on,alt-vsid=20-bits,alt-levels=keep')
        try:
            self.assertEqual((m.get('alt-vsid'), m.get('alt-levels')), ('20-bits', 'keep'))
            m.reset()
            self.assertEqual(m.get('alt-vsid'), '20-bits')
        finally:
            m.close()
