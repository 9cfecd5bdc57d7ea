#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes an IORT of the virt machine with an SMMUv3 that differs from QEMU's own.

    virt-iort.py ats|two FILE

ats has the ATS flag in addition, for ats=on of tegra241-cmdqv-hw. two has a second SMMU, which is the one of
bus 1, for an instance with primary-bus, base=0x0a200000 and spi=201.

The kernel uses a table from the initrd in place of one with the same names and a lower revision. This is no
source for iasl, because the compilers of Debian 12 and 13 expect different fields in this table.
"""

import struct
import sys

HEADER, ITS = 0x30, 0x30
# Registers and first GSI of the SMMU of the machine, and of that behind the aperture at 0x0a200000
SMMUS = ((0x09050000, 106), (0x0aa30000, 234))
# Each is the _UID of a CMDQ-V in tegra241-cmdqv.asl
SMMU_IDENTIFIERS = (1, 3)


def mapping(first, count, to):
    """IDs do not change; the field has the count less one."""
    return struct.pack('<IIIII', first, count - 1, first, to, 0)


def node(kind, revision, identifier, body, *mappings):
    start = 16 + len(body)
    maps = b''.join(mappings)
    return struct.pack('<BHBIII', kind, start + len(maps), revision, identifier, len(mappings),
                       start if mappings else 0) + body + maps


def smmu_node(n):
    """Base, coherent, no VATOS, generic model, GSIs of event, PRI, error, sync; its IDs go to the ITS."""
    base, gsi = SMMUS[n]
    return node(4, 4, SMMU_IDENTIFIERS[n],
                struct.pack('<QIIQI4III', base, 1, 0, 0, 0, gsi, gsi + 1, gsi + 3, gsi + 2, 0, 0),
                mapping(0, 0x10000, ITS))


def iort(ats, smmus):
    # One ITS, number 0
    nodes = [node(0, 1, 0, struct.pack('<II', 1, 0))]
    offsets = []
    for n in range(smmus):
        offsets.append(HEADER + sum(map(len, nodes)))
        nodes.append(smmu_node(n))
    # Of two, SMMU n is that of bus n, and all other buses are behind none
    size = 0x100 if smmus > 1 else 0x10000
    buses = [mapping(size * n, size, offset) for n, offset in enumerate(offsets)]
    rest = size * smmus
    if rest < 0x10000:
        buses.append(mapping(rest, 0x10000 - rest, ITS))
    # Coherent accesses, ATS or not, segment 0, 64 address bits
    nodes.append(node(2, 3, 2, struct.pack('<IBHBIIB3x', 1, 0, 0, 3, ats, 0, 64), *buses))
    body = b''.join(nodes)
    table = struct.pack('<4sIBB6s8sI4sIIII', b'IORT', HEADER + len(body), 3, 0, b'BOCHS ',
                        b'BXPC    ', 2, b'BXPC', 1, len(nodes), HEADER, 0) + body
    return table[:9] + bytes([-sum(table) & 0xff]) + table[10:]


if __name__ == '__main__':
    if len(sys.argv) != 3 or sys.argv[1] not in ('ats', 'two'):
        sys.exit('virt-iort.py: "ats" or "two", and one FILE are needed')
    with open(sys.argv[2], 'wb') as f:
        f.write(iort(1, 1) if sys.argv[1] == 'ats' else iort(0, 2))
