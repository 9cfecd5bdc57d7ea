// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The CMDQ-V of a guest on a real vIOMMU, and on page 0 of its virtual interface
 * as viommu_mmap() has mapped it.
 */
#include <endian.h>

#include "cmdqv.h"

static int queue_alloc(void *kernel, uint32_t index, uint64_t addr,
		       uint64_t length, uint32_t *id)
{
	struct viommu_cmdqv *d = kernel;

	return viommu_hw_queue_alloc(d->ctx, d->viommu, VIOMMU_HW_QUEUE_TEGRA241_CMDQV,
				     index, addr, length, id);
}

static int queue_destroy(void *kernel, uint32_t id)
{
	struct viommu_cmdqv *d = kernel;

	return viommu_destroy(d->ctx, id);
}

static volatile uint32_t *page0_register(struct viommu_cmdqv *d, uint32_t offset)
{
	return (volatile uint32_t *)((char *)d->page0 + offset);
}

static uint32_t page0_read(void *kernel, uint32_t offset)
{
	return le32toh(*page0_register(kernel, offset));
}

static void page0_write(void *kernel, uint32_t offset, uint32_t value)
{
	/* PROD must not overtake the commands that it announces */
	atomic_thread_fence(memory_order_seq_cst);
	*page0_register(kernel, offset) = htole32(value);
}

const struct viommu_cmdqv_kernel_ops vi_cmdqv_kernel_ops = {
	.size = sizeof(vi_cmdqv_kernel_ops),
	.page0_read = page0_read,
	.page0_write = page0_write,
	.queue_alloc = queue_alloc,
	.queue_destroy = queue_destroy,
};
