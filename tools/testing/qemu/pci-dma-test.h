/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interface of the DMA test device for the SMMU side */

#ifndef PCI_DMA_TEST_H
#define PCI_DMA_TEST_H

#include "exec/hwaddr.h"
#include "hw/arm/smmuv3.h"

#define TYPE_PCI_DMA_TEST "pci-dma-test"

/*
 * An ATC_INV of @smmu reached the device with StreamID @sid: drop its
 * translations of the 2^@size pages of 4 KiB that contain @addr (52 and more:
 * all), if their DMA_TEST_PASID is @pasid in the bits of @pasid_mask.  False if
 * the device does not answer, and drops nothing.
 */
bool pci_dma_test_atc_inv(const SMMUv3State *smmu, uint32_t sid, hwaddr addr,
                          unsigned size, uint32_t pasid, uint32_t pasid_mask);

/* True if a device behind @smmu answers no ATC_INV now */
bool pci_dma_test_any_silent(const SMMUv3State *smmu);

/*
 * @smmu has executed a CMD_SYNC, of whatever queue: devices behind it read if
 * their register says so.  Without the lock of @smmu.
 */
void pci_dma_test_sync(const SMMUv3State *smmu);

/* tegra241-cmdqv-smmu.c */
bool pci_dma_test_is_behind(PCIDevice *dev, const SMMUv3State *smmu);

/* The SMMU's part: true if it lets translated transactions of @dev through */
bool pci_dma_test_translated(PCIDevice *dev);

#endif
