/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Describes the CMDQ-V to the kernel: a device whose _UID is the identifier
 * of the SMMUv3 in the IORT. Aperture and interrupt are the defaults of
 * tegra241-cmdqv-hw: 64 VINTFs at 0x0B000000, SPI 200.
 *
 * With NO_INTERRUPT or NO_MEMORY defined the device has no such resource. With
 * BUSY_INTERRUPT defined its interrupt is that of the power button, which has an
 * owner. With TWO defined there is another CMDQ-V, of the second SMMU in the IORT
 * that virt-iort.py writes.
 *
 * The memory is an address space descriptor and the interrupt an extended
 * one, because the 6.12 driver parses _CRS itself and accepts no others.
 */
#ifdef BUSY_INTERRUPT
#define INTERRUPT 41
#else
#define INTERRUPT 232
#endif

DefinitionBlock ("", "SSDT", 2, "CMDQV", "CMDQVHW", 1)
{
    Scope (\_SB)
    {
        Device (CMQV)
        {
            Name (_HID, "NVDA200C")
            Name (_UID, 1)
            Name (_CCA, 1)
            Name (_CRS, ResourceTemplate ()
            {
#ifndef NO_MEMORY
                QWordMemory (ResourceConsumer, PosDecode, MinFixed, MaxFixed,
                             NonCacheable, ReadWrite,
                             0x0,
                             0x000000000B000000,
                             0x000000000B82FFFF,
                             0x0,
                             0x0000000000830000)
#endif
#ifndef NO_INTERRUPT
                Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { INTERRUPT }
#endif
            })
        }
#ifdef TWO
        Device (CMQ2)
        {
            Name (_HID, "NVDA200C")
            Name (_UID, 3)
            Name (_CCA, 1)
            Name (_CRS, ResourceTemplate ()
            {
                QWordMemory (ResourceConsumer, PosDecode, MinFixed, MaxFixed,
                             NonCacheable, ReadWrite,
                             0x0,
                             0x000000000A200000,
                             0x000000000AA2FFFF,
                             0x0,
                             0x0000000000830000)
                Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 233 }
            })
        }
#endif
    }
}
