# SPDX-License-Identifier: GPL-2.0
"""The DMA test device on the root bus, set up without firmware."""

import os
import re

ECAM = 0x4010000000
MMIO = 0x10000000
OK, FAULT, DEVICE_ERROR, NO_BUS_MASTER, BAD_COMMAND, BAD_SIZE, ATC_MISS = range(7)


def registers():
    """The constants of pci-dma-test-regs.h."""
    header = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'pci-dma-test-regs.h')
    found = {}
    with open(header, encoding='ascii') as f:
        for line in f:
            m = re.match(r'#define\s+(\w+)(?:\((\w+)\))?\s+(.*?)\s*(?:/\*.*)?$', line)
            if m and m[3]:
                text = m[3].replace('ull', '')
                found[m[1]] = (eval(f'lambda {m[2]}: {text}') if m[2] else int(text, 0))
    return found


REGS = registers()


class RootPort:
    """The root port in a slot, with the bus below it and a window for the BARs of one device."""

    def __init__(self, m, slot, bus):
        self.mmio = MMIO + 0x1000000 * bus
        self.m, self.config = m, ECAM + (slot << 15)
        m.write32(self.config + 0x18, bus << 8 | bus << 16)
        m.write32(self.config + 0x20, self.mmio >> 16 | self.mmio + 0xf00000)
        m.write32(self.config + 4, 6)

    def reset_bus(self, on):
        self.m.write32(self.config + 0x3c, on << 22)


class DmaTest:
    """Device number NUMBER on the root bus, or the one in slot 0 of BUS, below a root port."""

    def __init__(self, m, number=0, bus=0):
        self.m, self.slot = m, 0 if bus else number + 1
        self.sid = bus << 8 | self.slot << 3
        self.config = ECAM + (self.sid << 12)
        self.bar0 = MMIO + 0x1000000 * bus + 0x100000 * number
        self.bar2 = self.bar0 + 0x10000
        self.bar4 = self.bar0 + 0x20000
        for bar, addr in ((0, self.bar0), (2, self.bar2), (4, self.bar4)):
            m.write32(self.config + 0x10 + 4 * bar, addr)
            if bar != 4:
                m.write32(self.config + 0x14 + 4 * bar, 0)
        self.bus_master(True)

    def bus_master(self, on):
        self.m.write32(self.config + 4, 6 if on else 2)

    def function_level_reset(self):
        """The BARs and the command register are lost."""
        cap = self.m.read32(self.config + 0x34) & 0xff
        while self.m.read32(self.config + cap) & 0xff != 0x10:
            cap = self.m.read32(self.config + cap) >> 8 & 0xff
        self.m.write32(self.config + cap + 8, self.m.read32(self.config + cap + 8) & 0xffff | 1 << 15)

    def enable_ats(self):
        self.m.write32(self.config + 0x104, 1 << 31)

    def get(self, name):
        return self.m.read64(self.bar0 + REGS['DMA_TEST_' + name])

    def put(self, name, value):
        self.m.write64(self.bar0 + REGS['DMA_TEST_' + name], value)

    def run(self, command, addr=0):
        self.put('ADDR', addr)
        self.put('COMMAND', REGS['DMA_TEST_' + command])
        return self.get('RESULT')

    def read(self, addr, how='READ'):
        """The value of a DMA read, None if it fails."""
        return self.get('DATA') if self.run(how, addr) == OK else None

    def write(self, addr, value, how='WRITE'):
        self.put('DATA', value)
        return self.run(how, addr)

    def window(self, name, *args):
        off = REGS['CMDQV_WIN_' + name]
        return self.m.read64(self.bar2 + (off(*args) if args else off))
