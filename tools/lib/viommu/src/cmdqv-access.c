// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The CMDQ-V of a guest, lowest part: registers of page 0, error maps, and what the VMM
 * is told.
 *
 * Error maps are computed when they are read, from GERROR and GERRORN, which
 * the guest may have written right in page 0; so they fall when the guest
 * acknowledges.
 */
#include "cmdqv.h"

static const char *const reasons[] = {
	[VIOMMU_CMDQV_QUEUE_ALLOC] = "the kernel refused a queue",
	[VIOMMU_CMDQV_QUEUE_DESTROY] = "a queue could not be destroyed",
	[VIOMMU_CMDQV_MAP_PAGE0] = "page 0 could not be mapped into the guest",
	[VIOMMU_CMDQV_BAD_SIZE] = "the guest asked for a queue larger than it was told",
	[VIOMMU_CMDQV_BAD_ACCESS] = "the guest made an access that no register takes",
	[VIOMMU_CMDQV_BAD_EVENT] = "the kernel reported an error of a queue that does not exist",
};

const char *viommu_cmdqv_reason_text(uint32_t reason)
{
	if (reason >= ARRAY_SIZE(reasons))
		return "unknown reason";
	return reasons[reason];
}

void vi_cmdqv_error(struct viommu_cmdqv *d, const struct viommu_cmdqv_error *error)
{
	vi_trace(cmdqv_error, d, error->reason, error->err, error->index,
		 error->addr, error->length);
	if (d->host_ops.error)
		d->host_ops.error(d->host, error);
}

void vi_cmdqv_interrupt(struct viommu_cmdqv *d)
{
	bool masked = d->quiet || d->int_mask[0] & 1;

	vi_trace(cmdqv_interrupt, d, masked);
	if (!masked && d->host_ops.interrupt)
		d->host_ops.interrupt(d->host);
}

uint32_t vi_cmdqv_page0_read(struct viommu_cmdqv *d, uint32_t index, uint32_t reg)
{
	return d->kernel_ops.page0_read(d->kernel, index * VCMDQ_STRIDE + reg);
}

void vi_cmdqv_page0_write(struct viommu_cmdqv *d, uint32_t index, uint32_t reg,
			  uint32_t value)
{
	d->kernel_ops.page0_write(d->kernel, index * VCMDQ_STRIDE + reg, value);
}

static bool queue_in_error(struct viommu_cmdqv *d, uint32_t index)
{
	const struct vi_queue *q = &d->queues[index];
	uint32_t active = q->gerror ^ q->gerrorn;

	if (vi_queue_live(q))
		active = vi_cmdqv_page0_read(d, index, VCMDQ_GERROR) ^
			 vi_cmdqv_page0_read(d, index, VCMDQ_GERRORN);
	return active & VCMDQ_GERROR_MASK;
}

uint32_t vi_cmdqv_err_map(struct viommu_cmdqv *d)
{
	uint32_t map = 0;

	for (uint32_t i = 0; i < NUM_QUEUES; i++)
		if (queue_in_error(d, i))
			map |= 1u << i;
	return map;
}

/* Of the queues that are allocated, and so within reach of the interface's window */
uint32_t vi_vintf_err_map(struct viommu_cmdqv *d)
{
	uint32_t map = vi_cmdqv_err_map(d);

	for (uint32_t i = 0; i < NUM_QUEUES; i++)
		if (!(d->queues[i].alloc & CMDQV_ALLOC_MAP_ALLOCATED))
			map &= ~(1u << i);
	return map;
}
