# SPDX-License-Identifier: GPL-2.0
"""The SMMUv3 of the virt machine: its own command queue, and tables for two stages.

Stage 2 maps RAM one to one with a single block. Stage 1 is three tables per context, from level 1 on,
for the first 2 MiB of addresses.
"""

REGS = 0x09050000
CR0, STRTAB_BASE, STRTAB_BASE_CFG = 0x20, 0x80, 0x88
CMDQ_BASE, CMDQ_PROD, CMDQ_CONS = 0x90, 0x98, 0x9c
EVENTQ_BASE = 0xa0
GBPA, GBPA_UPDATE = 0x44, 1 << 31
IDR3 = 0xc
IRQ_CTRL, GERROR, GERRORN = 0x50, 0x60, 0x64
SMMUEN, EVENTQEN, CMDQEN = 1, 4, 8

CMDQ, EVENTQ, STRTAB = 0x40100000, 0x40110000, 0x40200000
TABLES = 0x40210000
LOG2 = 8
# StreamIDs of buses 0 and 1
STREAMS_LOG2 = 9

TABLE, PAGE, BLOCK = 3, 3, 1
AF, AP_RW, S2AP_RW, SH_INNER = 1 << 10, 1 << 6, 3 << 6, 3 << 8

SYNC = (0x46, 0)
CFGI_ALL = (0x04, 31)
TLBI_NSNH_ALL = (0x30, 0)


class Smmu:
    """Its registers, and its memory, which begins so much higher than that of the machine's SMMU."""

    def __init__(self, m, regs=REGS, higher=0):
        self.m, self.regs, self.higher = m, regs, higher
        self.index = 0
        self.next_table = TABLES + higher

    def read(self, reg):
        return self.m.read32(self.regs + reg)

    def write(self, reg, value):
        self.m.write32(self.regs + reg, value)

    def enable(self):
        self.m.write64(self.regs + STRTAB_BASE, STRTAB + self.higher)
        self.write(STRTAB_BASE_CFG, STREAMS_LOG2)
        self.m.write64(self.regs + CMDQ_BASE, CMDQ + self.higher | LOG2)
        self.m.write64(self.regs + EVENTQ_BASE, EVENTQ + self.higher | LOG2)
        self.write(CR0, CMDQEN)
        self.push(CFGI_ALL, TLBI_NSNH_ALL, SYNC)
        self.write(CR0, CMDQEN | EVENTQEN | SMMUEN)
        return self

    def disable(self):
        self.write(CR0, 0)

    def put(self, *commands):
        """Writes commands into the ring of the SMMU's own queue without telling the hardware."""
        for word0, word1 in commands:
            self.m.write_bytes(CMDQ + self.higher + 16 * (self.index & (1 << LOG2) - 1),
                               word0.to_bytes(8, 'little') + word1.to_bytes(8, 'little'))
            self.index = (self.index + 1) & (2 << LOG2) - 1

    def wait(self):
        """Moves the clock, if needed, until all is consumed."""
        self.m.step_until(lambda: self.read(CMDQ_CONS) & 0xfffff == self.index)

    def push(self, *commands):
        """Commands on the SMMU's own queue, all consumed on return."""
        self.put(*commands)
        self.write(CMDQ_PROD, self.index)
        self.wait()

    def acknowledge(self):
        """An error of that queue, after it is repaired."""
        self.write(GERRORN, self.read(GERROR))

    def sync(self):
        self.push(SYNC)

    def table(self):
        addr, self.next_table = self.next_table, self.next_table + 0x1000
        return addr

    def ste(self, sid):
        return STRTAB + self.higher + 64 * sid

    def store(self, addr, *words):
        self.m.write_bytes(addr, b''.join(w.to_bytes(8, 'little') for w in words))


class Stage2Context:
    """Translation of one StreamID by stage 2 alone, for the first 2 MiB."""

    def __init__(self, smmu, sid, vmid):
        self.smmu = smmu
        level1, level2, self.level3 = smmu.table(), smmu.table(), smmu.table()
        smmu.store(level1, level2 | TABLE)
        smmu.store(level2, self.level3 | TABLE)
        #                         V + S2
        smmu.store(smmu.ste(sid), 1 | 6 << 1, 0,
                   #      T0SZ       SL0       PS        AA64      R
                   vmid | 25 << 32 | 1 << 38 | 4 << 48 | 1 << 51 | 1 << 58, level1)
        smmu.push((0x03 | sid << 32, 1), SYNC)

    def map(self, ipa, pa):
        """Changes the entry of IPA, and invalidates nothing."""
        self.smmu.store(self.level3 + 8 * (ipa >> 12), pa | AF | S2AP_RW | SH_INNER | 0xf << 2 | PAGE)


class Context:
    """Nested translation of one StreamID: ASID in a CD, VMID in the STE."""

    def __init__(self, smmu, sid, asid, vmid):
        self.smmu, self.sid, self.asid, self.vmid = smmu, sid, asid, vmid
        level1, level2, self.level3 = smmu.table(), smmu.table(), smmu.table()
        smmu.store(level1, level2 | TABLE)
        smmu.store(level2, self.level3 | TABLE)
        stage2 = smmu.table()
        smmu.store(stage2 + 8, 0x40000000 | AF | S2AP_RW | SH_INNER | 0xf << 2 | BLOCK)
        cd = smmu.table()
        #             T0SZ  EPD1      V         IPS       AA64      R         A
        smmu.store(cd, 25 | 1 << 30 | 1 << 31 | 4 << 32 | 1 << 41 | 1 << 45 | 1 << 46 | asid << 48,
                   level1, 0, 0)
        #                         V + S1 and S2
        smmu.store(smmu.ste(sid), 1 | 7 << 1 | cd, 0,
                   #      T0SZ       SL0       PS        AA64      R
                   vmid | 25 << 32 | 1 << 38 | 4 << 48 | 1 << 51 | 1 << 58, stage2)
        smmu.push((0x03 | sid << 32, 1), SYNC)

    def map(self, va, pa):
        """Changes the stage-1 entry of VA, and invalidates nothing."""
        self.smmu.store(self.level3 + 8 * (va >> 12), pa | AF | AP_RW | SH_INNER | PAGE)

    def unmap(self, va):
        self.smmu.store(self.level3 + 8 * (va >> 12), 0)
