/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translated transactions: addresses that a device took from its own cache
 *
 * With CR0.ATSCHK the SMMU lets one through only if the STE of the device
 * translates and has EATS = 1.  QEMU's SMMUv3 has no ATS, so this file reads
 * the STE itself, from memory: the SMMU would see a CFGI_STE that is missing.
 * An SMMU that has failed lets none through.
 *
 * An ATC_INV without a SubstreamID drops translations of every PASID and of
 * none; one with it those of this PASID, or with Global of every one.
 */

#include "qemu/osdep.h"
#include "hw/pci/pci_device.h"
#include "system/dma.h"
#include "pci-dma-test-regs.h"
#include "pci-dma-test.h"
#include "tegra241-cmdqv-hw.h"

#define CR0_ATSCHK  (1u << 4)
#define EATS_FULL   1

/* Fields of an ATC_INV for which QEMU has no name */
#define ATC_INV_SIZE(cmd)   extract32((cmd)->word[2], 0, 6)
#define ATC_INV_GLOBAL(cmd) extract32((cmd)->word[0], 9, 1)

static bool ats_read(hwaddr addr, void *words, size_t size)
{
    if (dma_memory_read(&address_space_memory, addr, words, size,
                        MEMTXATTRS_UNSPECIFIED) != MEMTX_OK) {
        return false;
    }
    for (uint32_t *w = words; size; size -= sizeof(*w)) {
        le32_to_cpus(w++);
    }
    return true;
}

/* The STE of a StreamID in a linear table or in one of two levels */
static bool ats_find_ste(const SMMUv3State *smmu, uint32_t sid, STE *ste)
{
    hwaddr table = smmu->strtab_base & SMMU_BASE_ADDR_MASK;
    unsigned split = smmu->sid_split;
    STEDesc level1;

    if (sid >> FIELD_EX32(smmu->strtab_base_cfg, STRTAB_BASE_CFG, LOG2SIZE)) {
        return false;
    }
    if (FIELD_EX32(smmu->strtab_base_cfg, STRTAB_BASE_CFG, FMT)) {
        if (!ats_read(table + (sid >> split) * sizeof(level1), &level1,
                      sizeof(level1)) ||
            !L1STD_SPAN(&level1)) {
            return false;
        }
        table = l1std_l2ptr(&level1);
        sid &= (1u << split) - 1;
        if (sid >> (L1STD_SPAN(&level1) - 1)) {
            return false;
        }
    }
    return ats_read(table + sid * sizeof(*ste), ste, sizeof(*ste));
}

bool pci_dma_test_translated(PCIDevice *dev)
{
    const CmdqvState *s = cmdqv_of_device(dev);
    SMMUv3State *smmu = s ? s->smmu : NULL;
    STE ste;

    if (s && s->smmu_failed) {
        return false;
    }
    if (!smmu || !smmu_enabled(smmu) || !(smmu->cr[0] & CR0_ATSCHK)) {
        return true;
    }
    return ats_find_ste(smmu, pci_requester_id(dev), &ste) && STE_VALID(&ste) &&
           STE_CONFIG(&ste) > 4 && STE_EATS(&ste) == EATS_FULL;
}

/* False if the device does not answer, and the ATC_INV has no effect */
bool cmdqv_ats_invalidate(const CmdqvState *s, Cmd *cmd)
{
    uint32_t pasid = 0, mask = 0;

    if (CMD_SSV(cmd)) {
        mask = DMA_TEST_PASID_VALID;
        mask |= ATC_INV_GLOBAL(cmd) ? 0 : DMA_TEST_PASID_NUMBER;
        pasid = (DMA_TEST_PASID_VALID | CMD_SSID(cmd)) & mask;
    }
    return pci_dma_test_atc_inv(s->smmu, CMD_SID(cmd), CMD_ADDR(cmd),
                                ATC_INV_SIZE(cmd), pasid, mask);
}
