// SPDX-License-Identifier: GPL-2.0
/*
 * The DMA test device: a transfer is done when the write of its command returns.
 * Its second window shows what the model of the hardware has counted.
 */
#include "iommu.h"

bool dma_present(void)
{
	return control_read(CONTROL_FEATURES) & CONTROL_HAS_DEVICE &&
	       read64(VMM_DEVICE_REGS + DMA_TEST_ID) == DMA_TEST_ID_VALUE;
}

/*
 * The device reads 8 bytes; false if the SMMU does not let it. A machine that was saved
 * meanwhile has found a device in reset state, so the transfer is made again.
 */
bool dma_read(u64 iova, u64 *value)
{
	u32 generation;
	bool ok;

	store_barrier();
	do {
		generation = control_read(CONTROL_GENERATION);
		write64(VMM_DEVICE_REGS + DMA_TEST_ADDR, iova);
		write64(VMM_DEVICE_REGS + DMA_TEST_COMMAND, DMA_TEST_READ);
		*value = read64(VMM_DEVICE_REGS + DMA_TEST_DATA);
		ok = read64(VMM_DEVICE_REGS + DMA_TEST_RESULT) == DMA_TEST_OK;
	} while (control_read(CONTROL_GENERATION) != generation);
	return ok;
}

u64 dma_counter(unsigned int offset)
{
	return read64(VMM_DEVICE_COUNTERS + offset);
}
