#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes the IORT of the virt machine with an SMMUv3, with the ATS flag set in addition.

    virt-iort-ats.py FILE

For ats=on of tegra241-cmdqv-hw. The kernel uses a table from the initrd in place of one with the same names
and a lower revision. This is no source for iasl, because the compilers of Debian 12 and 13 expect different
fields in this table.
"""

import struct
import sys

HEADER, ITS, SMMU, ROOT_COMPLEX = 0x30, 0x30, 0x48, 0xa0
SMMU_BASE, SMMU_GSI = 0x09050000, 106
SMMU_IDENTIFIER = 1         # the _UID of the CMDQ-V in tegra241-cmdqv.asl


def mapping(first, count, to):
    """IDs do not change; the field has the count less one."""
    return struct.pack('<IIIII', first, count - 1, first, to, 0)


def node(kind, revision, identifier, body, *mappings):
    start = 16 + len(body)
    maps = b''.join(mappings)
    return struct.pack('<BHBIII', kind, start + len(maps), revision, identifier, len(mappings),
                       start if mappings else 0) + body + maps


def iort():
    # One ITS, number 0
    its = node(0, 1, 0, struct.pack('<II', 1, 0))
    # Base, coherent, no VATOS, generic model, GSIs of event, PRI, error, sync
    smmu = node(4, 4, SMMU_IDENTIFIER,
                struct.pack('<QIIQI4III', SMMU_BASE, 1, 0, 0, 0, SMMU_GSI, SMMU_GSI + 1,
                            SMMU_GSI + 3, SMMU_GSI + 2, 0, 0),
                mapping(0, 0x10000, ITS))
    # Coherent accesses, ATS, segment 0, 64 address bits; only the root bus is behind the SMMU
    rc = node(2, 3, 2, struct.pack('<IBHBIIB3x', 1, 0, 0, 3, 1, 0, 64),
              mapping(0, 0x100, SMMU), mapping(0x100, 0xff00, ITS))
    nodes = its + smmu + rc
    table = struct.pack('<4sIBB6s8sI4sIIII', b'IORT', HEADER + len(nodes), 3, 0, b'BOCHS ',
                        b'BXPC    ', 2, b'BXPC', 1, 3, HEADER, 0) + nodes
    return table[:9] + bytes([-sum(table) & 0xff]) + table[10:]


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit('virt-iort-ats.py: one FILE is needed')
    with open(sys.argv[1], 'wb') as f:
        f.write(iort())
