// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's VINTF, in the order that a driver uses: the block, the allocation map, the
 * interface, then for each queue {map, reset, BASE, EN}.
 */
#include "iommu.h"

static struct cmd rings[CMDQV_QUEUES][QUEUE_ENTRIES] __aligned(4096);

struct queue cmdqv_queue[CMDQV_QUEUES];

u32 cmdqv_read(u64 window, unsigned int i, unsigned int reg)
{
	return read32(CMDQV_REG(VCMDQ(window, i) + reg));
}

void cmdqv_write(u64 window, unsigned int i, unsigned int reg, u32 value)
{
	write32(CMDQV_REG(VCMDQ(window, i) + reg), value);
}

/* By which window the registers of a queue are reached from now on */
void cmdqv_window(unsigned int i, u64 window)
{
	cmdqv_queue[i].prod_reg = CMDQV_REG(VCMDQ(window, i) + VCMDQ_PROD);
	cmdqv_queue[i].cons_reg = CMDQV_REG(VCMDQ(window, i) + VCMDQ_CONS);
	cmdqv_queue[i].gerror_reg = CMDQV_REG(VCMDQ(window, i) + VCMDQ_GERROR);
}

/* The block and the interface; false also if a guest seems to own the hypervisor's */
bool cmdqv_enable(void)
{
	unsigned int i;

	write32(CMDQV_REG(CMDQV_CONFIG), CMDQV_EN);
	if (!poll32(CMDQV_REG(CMDQV_STATUS), CMDQV_EN, CMDQV_EN))
		return false;
	write32(CMDQV_REG(CMDQV_VINTF_CONFIG), 0);
	for (i = 0; i < CMDQV_QUEUES; i++)
		write32(CMDQV_REG(CMDQV_ALLOC_MAP(i)), i << 1);
	write32(CMDQV_REG(CMDQV_VINTF_CONFIG), CMDQV_HYP_OWN);
	write32(CMDQV_REG(CMDQV_VINTF_CONFIG), CMDQV_HYP_OWN | CMDQV_EN);
	return poll32(CMDQV_REG(CMDQV_VINTF_STATUS), CMDQV_EN, CMDQV_EN) &&
	       !(read32(CMDQV_REG(CMDQV_VINTF_CONFIG)) & CMDQV_HYP_OWN);
}

bool cmdqv_disable(void)
{
	write32(CMDQV_REG(CMDQV_VINTF_CONFIG), 0);
	if (!poll32(CMDQV_REG(CMDQV_VINTF_STATUS), CMDQV_EN, 0))
		return false;
	write32(CMDQV_REG(CMDQV_CONFIG), 0);
	return poll32(CMDQV_REG(CMDQV_STATUS), CMDQV_EN, 0);
}

static bool reset(unsigned int i)
{
	cmdqv_write(CMDQV_DIRECT, i, VCMDQ_CONFIG, 0);
	if (!poll32(CMDQV_REG(VCMDQ(CMDQV_DIRECT, i) + VCMDQ_STATUS), CMDQV_EN, 0))
		return false;
	cmdqv_write(CMDQV_DIRECT, i, VCMDQ_PROD, 0);
	cmdqv_write(CMDQV_DIRECT, i, VCMDQ_CONS, 0);
	write64(CMDQV_REG(VCMDQ(CMDQV_VINTF_PAGE1, i) + VCMDQ_BASE), 0);
	cmdqv_write(CMDQV_DIRECT, i, VCMDQ_GERRORN,
		    cmdqv_read(CMDQV_DIRECT, i, VCMDQ_GERROR));
	return true;
}

bool cmdqv_queue_enable(unsigned int i)
{
	cmdqv_queue[i] = (struct queue){ .ring = rings[i] };
	cmdqv_window(i, CMDQV_DIRECT);
	write32(CMDQV_REG(CMDQV_ALLOC_MAP(i)), CMDQV_ALLOCATED | i << 1);
	if (!reset(i))
		return false;
	write64(CMDQV_REG(VCMDQ(CMDQV_VINTF_PAGE1, i) + VCMDQ_BASE),
		(u64)rings[i] | QUEUE_LOG2SIZE);
	cmdqv_write(CMDQV_DIRECT, i, VCMDQ_CONFIG, CMDQV_EN);
	return poll32(CMDQV_REG(VCMDQ(CMDQV_DIRECT, i) + VCMDQ_STATUS), CMDQV_EN,
		      CMDQV_EN);
}

bool cmdqv_queue_disable(unsigned int i)
{
	bool ok = reset(i);

	write32(CMDQV_REG(CMDQV_ALLOC_MAP(i)), i << 1);
	return ok;
}

/* The command in error becomes a CMD_SYNC, the error is acknowledged, the queue goes on */
void cmdqv_repair(unsigned int i)
{
	struct queue *q = &cmdqv_queue[i];
	u32 gerror = cmdqv_read(CMDQV_DIRECT, i, VCMDQ_GERROR);
	u32 cons = cmdqv_read(CMDQV_DIRECT, i, VCMDQ_CONS);

	q->ring[cons & (QUEUE_ENTRIES - 1)] = cmd_sync();
	store_barrier();
	cmdqv_write(CMDQV_DIRECT, i, VCMDQ_GERRORN, gerror);
}
