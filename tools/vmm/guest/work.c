// SPDX-License-Identifier: GPL-2.0
/*
 * A machine at work: all queues up, the device behind stage 1, and the proof of
 * each queue that its invalidations arrive.
 */
#include "work.h"

#define VALUE 0x600d600d600d600dUL

static u64 page[512] __aligned(4096);

static bool device_works(void)
{
	u64 value;

	return dma_read(STAGE1_IOVA, &value) && value == VALUE;
}

/* Everything on, from any state that the guest can get into, with the device or without */
bool work_start(void)
{
	page[0] = VALUE;
	stage1_map(STAGE1_IOVA, page);
	return smmu_enable() && smmu_stage1() && cmdqv_enable() &&
	       cmdqv_queue_enable(0) && cmdqv_queue_enable(1);
}

bool work_begin(void)
{
	return dma_present() && work_start();
}

bool work_end(void)
{
	return cmdqv_disable() && smmu_disable();
}

/* Stale first: otherwise it would say nothing that the device reads the new page */
bool queue_works(struct queue *q)
{
	static u64 other[512] __aligned(4096);
	bool ok;

	other[0] = ~VALUE;
	stage1_map(STAGE1_IOVA, page);
	ok = queue_issue(q, cmd_tlbi_va(STAGE1_ASID, STAGE1_IOVA)) &&
	     device_works();
	stage1_map(STAGE1_IOVA, other);
	ok = ok && device_works() &&
	     queue_issue(q, cmd_tlbi_va(STAGE1_ASID, STAGE1_IOVA)) &&
	     !device_works();
	stage1_map(STAGE1_IOVA, page);
	return ok && queue_issue(q, cmd_tlbi_va(STAGE1_ASID, STAGE1_IOVA)) &&
	       device_works();
}

bool everything_works(void)
{
	return queue_works(&cmdqv_queue[0]) && queue_works(&cmdqv_queue[1]) &&
	       queue_works(&smmu_queue);
}
