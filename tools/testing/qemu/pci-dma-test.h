/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interface of the DMA test device for the SMMU side */

#ifndef PCI_DMA_TEST_H
#define PCI_DMA_TEST_H

#include "exec/hwaddr.h"

#define TYPE_PCI_DMA_TEST "pci-dma-test"

/*
 * An ATC_INV reached the device with StreamID @sid: drop its translations of
 * the 2^@size pages of 4 KiB that contain @addr (52 and more: all).
 */
void pci_dma_test_atc_inv(uint32_t sid, hwaddr addr, unsigned size);

#endif
