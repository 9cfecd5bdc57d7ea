/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the SMMU side tells the DMA test device */

#ifndef PCI_DMA_TEST_H
#define PCI_DMA_TEST_H

#include "exec/hwaddr.h"

#define TYPE_PCI_DMA_TEST "pci-dma-test"

/*
 * An ATC_INV reached the device with StreamID @sid: drop what it keeps of the
 * 2^@size pages of 4 KiB that contain @addr (52 and more: everything).
 */
void pci_dma_test_atc_inv(uint32_t sid, hwaddr addr, unsigned size);

#endif
