// SPDX-License-Identifier: GPL-2.0
/*
 * Producer of a command queue, be it a VCMDQ or the SMMU's own: entries in memory,
 * then PROD, then CONS is polled until it arrives there. Every run of commands is
 * waited for, so there is always room. CONS.ERR tells of an error only as long as GERROR
 * has one that is not acknowledged: afterwards hardware may keep the old code.
 */
#include "iommu.h"

#define MASK	(QUEUE_ENTRIES - 1)

/* Until the bits of @mask read @value */
bool poll32(u64 address, u32 mask, u32 value)
{
	unsigned int polls;

	for (polls = 0; polls < POLLS; polls++)
		if ((read32(address) & mask) == value)
			return true;
	return false;
}

void queue_put(struct queue *q, struct cmd cmd)
{
	q->ring[q->prod & MASK] = cmd;
	q->prod = (q->prod + 1) & QUEUE_WRAP;
}

static bool in_error(struct queue *q)
{
	return (read32(q->gerror_reg) ^ read32(q->gerror_reg + GERRORN)) & GERROR_CMDQ;
}

/* Have everything up to here executed, and wait for it */
bool queue_kick(struct queue *q)
{
	unsigned int polls;

	store_barrier();
	write32(q->prod_reg, q->prod);
	for (polls = 0; polls < POLLS; polls++) {
		u32 cons = read32(q->cons_reg);

		if (CONS_ERR(cons) && in_error(q))
			return false;
		if ((cons & QUEUE_WRAP) == q->prod)
			return true;
	}
	return false;
}

/* One command and the CMD_SYNC that waits for it */
bool queue_issue(struct queue *q, struct cmd cmd)
{
	queue_put(q, cmd);
	queue_put(q, cmd_sync());
	return queue_kick(q);
}

/* @count invalidations by address, a CMD_SYNC after every @per_sync of them */
bool queue_invalidate(struct queue *q, unsigned int count, unsigned int per_sync)
{
	unsigned int n, i;

	for (n = 0; n < count; n += per_sync) {
		for (i = n; i < n + per_sync; i++)
			queue_put(q, cmd_tlbi_va(STAGE1_ASID,
						 STAGE1_IOVA +
						 i % STAGE1_PAGES * PAGE_SIZE));
		queue_put(q, cmd_sync());
		if (!queue_kick(q))
			return false;
	}
	return true;
}

/* A queue that was repaired executes what is left */
bool queue_arrives(struct queue *q)
{
	return poll32(q->cons_reg, QUEUE_WRAP, q->prod);
}

/* The code of the error at which it stands, or 0 */
u32 queue_error(struct queue *q)
{
	return in_error(q) ? CONS_ERR(read32(q->cons_reg)) : 0;
}
