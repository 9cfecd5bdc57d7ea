# SPDX-License-Identifier: GPL-2.0
"""CMDQ-V registers, commands, and the sequences of a correct driver."""

import unittest

from machine import Machine

BASE = 0x0b000000
QUEUES = 0x40300000         # memory for rings, 64 KiB each

CONFIG, PARAM, STATUS = 0x0, 0x4, 0x8
CONFIG_RESET = 0x20083
VINTF_ERR_MAP, VINTF_INT_MASK, CMDQ_ERR_MAP = 0x14, 0x1c, 0x24
ALLOC_MAP = 0x200
VINTF_CONFIG, VINTF_STATUS = 0x0, 0x4
SID_MATCH, SID_REPLACE, LVCMDQ_ERR_MAP = 0x40, 0x80, 0xc0
CONS, PROD, QCONFIG, QSTATUS, GERROR, GERRORN = 0x0, 0x4, 0x8, 0xc, 0x10, 0x14
QBASE, CONS_INDX_BASE = 0x0, 0x8
HYP_OWN = 1 << 17

ILL, ABT, ATC_SYNC = 1, 2, 3
CMDQ_ERR, CMDQ_INIT_ERR = 1, 4

SYNC = (0x46 | 3 << 22 | 0xf << 24, 0)


def tlbi_nh_va(asid, va, vmid=0):
    return (0x12 | asid << 48 | vmid << 32, va & ~0xfff | 1)


def tlbi_nh_asid(asid, vmid=0):
    return (0x11 | asid << 48 | vmid << 32, 0)


def tlbi_s12_vmall(vmid):
    return (0x28 | vmid << 32, 0)


def atc_inv(sid, addr=0, size=52):
    return (0x40 | sid << 32, addr & ~0xfff | size)


def alloc(v, l, allocated=1):
    return v << 15 | l << 1 | allocated


class Queue:
    """Logical queue L of VINTF V, by default through the logical view."""

    def __init__(self, hw, v, l, physical=None, log2size=4, ring=None, start=0):
        self.hw, self.v, self.l, self.log2size = hw, v, l, log2size
        self.physical = hw.physical(v, l) if physical is None else physical
        self.ring = ring or QUEUES + 0x10000 * self.physical
        self.index = start

    def page0(self, reg):
        return self.hw.base + 0x30000 + 0x20000 * self.v + 0x80 * self.l + reg

    def page1(self, reg):
        return self.hw.base + 0x40000 + 0x20000 * self.v + 0x80 * self.l + reg

    def physical0(self, reg):
        return self.hw.base + 0x10000 + 0x80 * self.physical + reg

    def physical1(self, reg):
        return self.hw.base + 0x20000 + 0x80 * self.physical + reg

    def read(self, reg):
        return self.hw.m.read32(self.page0(reg))

    def write(self, reg, value):
        self.hw.m.write32(self.page0(reg), value)

    def write_base(self, value):
        self.hw.m.write64(self.page1(QBASE), value)

    def map(self):
        self.hw.write(ALLOC_MAP + 4 * self.physical, alloc(self.v, self.l))

    def unmap(self):
        self.hw.write(ALLOC_MAP + 4 * self.physical, alloc(self.v, self.l, 0))

    def program(self):
        self.write_base(self.ring | self.log2size)

    def enable(self):
        self.write(QCONFIG, 1)
        return self.hw.m.answer(lambda: self.read(QSTATUS), 1)

    def disable(self):
        self.write(QCONFIG, 0)
        return self.hw.m.answer(lambda: self.read(QSTATUS), 0)

    def start(self):
        self.map()
        self.program()
        if self.index:
            self.write(PROD, self.index)
            self.write(CONS, self.index)
        assert self.enable() == 1
        return self

    def put(self, *commands):
        """Writes commands into the ring without a write of PROD."""
        for word0, word1 in commands:
            slot = self.index & (1 << self.log2size) - 1
            self.hw.m.write_bytes(self.ring + 16 * slot, word0.to_bytes(8, 'little') +
                                  word1.to_bytes(8, 'little'))
            self.index = (self.index + 1) & (2 << self.log2size) - 1

    def push(self, *commands):
        self.put(*commands)
        self.write(PROD, self.index)

    def wait(self):
        """Moves the clock until all is consumed."""
        self.hw.m.step_until(lambda: self.cons() == self.index)

    def push_and_wait(self, *commands):
        self.push(*commands)
        self.wait()

    def cons(self):
        return self.read(CONS) & 0xfffff

    def error(self):
        return self.read(CONS) >> 24 & 0x7f

    def pending(self):
        return self.read(GERROR) ^ self.read(GERRORN)

    def acknowledge(self):
        self.write(GERRORN, self.read(GERROR))


class Hardware:
    """The global and VINTF registers of a Machine."""

    def __init__(self, m, log2_vintfs=6, log2_vcmdqs=7, base=BASE):
        self.m, self.base = m, base
        self.per_vintf = 1 << log2_vcmdqs - log2_vintfs

    def physical(self, v, l):
        return v * self.per_vintf + l

    def read(self, off):
        return self.m.read32(self.base + off)

    def write(self, off, value):
        self.m.write32(self.base + off, value)

    def vintf(self, v, reg):
        return 0x1000 + 0x100 * v + reg

    def enable(self):
        self.write(CONFIG, self.read(CONFIG) | 1)
        return self.m.answer(lambda: self.read(STATUS), 1)

    def disable(self):
        self.write(CONFIG, self.read(CONFIG) & ~1)
        return self.m.answer(lambda: self.read(STATUS), 0)

    def enable_vintf(self, v, vmid=0, hyp_own=False):
        config = vmid << 1 | (HYP_OWN if hyp_own else 0)
        self.write(self.vintf(v, VINTF_CONFIG), config)
        self.write(self.vintf(v, VINTF_CONFIG), config | 1)
        return self.m.answer(lambda: self.read(self.vintf(v, VINTF_STATUS)) & 1, 1)

    def disable_vintf(self, v):
        self.write(self.vintf(v, VINTF_CONFIG), 0)
        return self.m.answer(lambda: self.read(self.vintf(v, VINTF_STATUS)) & 1, 0)

    def set_sid(self, v, slot, virtual, physical):
        self.write(self.vintf(v, SID_REPLACE + 4 * slot), physical)
        self.write(self.vintf(v, SID_MATCH + 4 * slot), virtual << 1 | 1)

    def clear_sid(self, v, slot):
        self.write(self.vintf(v, SID_MATCH + 4 * slot), 0)
        self.write(self.vintf(v, SID_REPLACE + 4 * slot), 0)

    def vintf_err_map(self):
        return self.read(VINTF_ERR_MAP) | self.read(VINTF_ERR_MAP + 4) << 32

    def lvcmdq_err_map(self, v, m=0):
        return self.m.read64(self.base + self.vintf(v, LVCMDQ_ERR_MAP + 8 * m))

    def cmdq_err_map(self):
        return sum(self.read(CMDQ_ERR_MAP + 4 * i) << 32 * i for i in range(4))


class CmdqvTest(unittest.TestCase):
    """One machine per test. A test names the rules that it breaks; any other broken rule fails it."""

    props = 'strict=on'
    log2_vintfs, log2_vcmdqs = 6, 7
    dma_devices = 0
    # More -device options
    devices = ()

    def setUp(self):
        props = f'{self.props},log2-vintfs={self.log2_vintfs},log2-vcmdqs={self.log2_vcmdqs}'
        self.m = Machine(props, self.dma_devices, devices=self.devices)
        self.addCleanup(self._close)
        self.hw = Hardware(self.m, self.log2_vintfs, self.log2_vcmdqs)
        self.broken, self.broken_guest = {}, {}

    def _close(self):
        try:
            found, found_guest = self.m.strict(), self.m.strict('strict-guest')
        finally:
            report = self.m.close()
        self.assertEqual(found, self.broken)
        self.assertEqual(found_guest, self.broken_guest)
        if 'strict=on' in self.props:
            self.assertIn(f'strict total {sum(self.broken.values())}\n', report)
            self.assertIn(f'strict-guest total {sum(self.broken_guest.values())}\n', report)

    def queue(self, v, l=0, **kwargs):
        return Queue(self.hw, v, l, **kwargs)

    def host_queue(self, **kwargs):
        """A running queue of VINTF 0, host-owned."""
        self.assertEqual(self.hw.enable(), 1)
        self.assertEqual(self.hw.enable_vintf(0, hyp_own=True), 1)
        return self.queue(0, **kwargs).start()

    def guest_queue(self, v=1, vmid=5, l=0, **kwargs):
        """A running queue of a guest's VINTF."""
        if not self.hw.read(STATUS):
            self.assertEqual(self.hw.enable(), 1)
        if not self.hw.read(self.hw.vintf(v, VINTF_STATUS)) & 1:
            self.assertEqual(self.hw.enable_vintf(v, vmid), 1)
        return self.queue(v, l, **kwargs).start()
