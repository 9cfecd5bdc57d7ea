/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counters of the CMDQ-V model for software in the machine */

#ifndef TEGRA241_CMDQV_WINDOW_H
#define TEGRA241_CMDQV_WINDOW_H

#include "exec/hwaddr.h"

/*
 * The counters of the SMMU of @dev.  @off is a multiple of 8; layout in
 * pci-dma-test-regs.h; 0 without a model
 */
uint64_t cmdqv_window_read(PCIDevice *dev, hwaddr off);

#endif
