// SPDX-License-Identifier: GPL-2.0
/*
 * Producer of a logical VCMDQ. PROD and CONS hold an index and, one bit above
 * it, a wrap bit: equal values mean empty, values that differ in the wrap bit
 * alone mean full. An increment modulo twice the ring size maintains both.
 *
 * A command is complete when CONS has passed the CMD_SYNC after it. The
 * consumer stops at a command in error and sets CONS.ERR and GERROR. After the
 * acknowledgement CONS.ERR may keep its value: only GERROR tells of an error.
 */
#include <errno.h>

#include "cmdqv_vcmdq.h"
#include "device_barrier.h"

/* More polls than a working queue needs; a stopped queue shows an error. */
#define POLL_LIMIT 10000000

__u32 vcmdq_read(struct vcmdq *q, unsigned int reg)
{
	q->mmio_reads++;
	return q->regs[reg / 4];
}

void vcmdq_write(struct vcmdq *q, unsigned int reg, __u32 value)
{
	q->mmio_writes++;
	q->regs[reg / 4] = value;
}

void vcmdq_init(struct vcmdq *q, void *page0, unsigned int index, void *ring,
		unsigned int log2size)
{
	*q = (struct vcmdq){
		.regs = (volatile __u32 *)((char *)page0 + index * VCMDQ_STRIDE),
		.ring = ring,
		.log2size = log2size,
		.mask = (1U << log2size) - 1,
		.wrap = (2U << log2size) - 1,
	};
}

static int wait_status(struct vcmdq *q, __u32 enabled)
{
	unsigned long polls;

	for (polls = 0; polls < POLL_LIMIT; polls++)
		if ((vcmdq_read(q, VCMDQ_STATUS) & VCMDQ_EN) == enabled)
			return 0;
	return -ETIMEDOUT;
}

int vcmdq_enable(struct vcmdq *q)
{
	vcmdq_write(q, VCMDQ_CONFIG, VCMDQ_EN);
	return wait_status(q, VCMDQ_EN);
}

int vcmdq_disable(struct vcmdq *q)
{
	vcmdq_write(q, VCMDQ_CONFIG, 0);
	return wait_status(q, 0);
}

static int in_error(struct vcmdq *q)
{
	return vcmdq_read(q, VCMDQ_GERROR) != vcmdq_read(q, VCMDQ_GERRORN);
}

static int read_cons(struct vcmdq *q)
{
	__u32 cons = vcmdq_read(q, VCMDQ_CONS);

	q->cons = cons & q->wrap;
	return VCMDQ_CONS_ERR(cons) && in_error(q) ? -EIO : 0;
}

static int wait_room(struct vcmdq *q)
{
	unsigned long polls;
	int rc;

	for (polls = 0; polls < POLL_LIMIT; polls++) {
		if ((q->prod ^ q->cons) != 1U << q->log2size)
			return 0;
		rc = read_cons(q);
		if (rc)
			return rc;
	}
	return -ETIMEDOUT;
}

/* Write a command into the ring. The hardware sees it after vcmdq_kick(). */
int vcmdq_add(struct vcmdq *q, struct smmu_cmd cmd)
{
	int rc = wait_room(q);

	if (rc)
		return rc;
	q->ring[q->prod & q->mask] = cmd;
	q->prod = (q->prod + 1) & q->wrap;
	q->commands++;
	return 0;
}

/* Memory first, then PROD: the hardware fetches as soon as it sees the new PROD */
void vcmdq_kick(struct vcmdq *q)
{
	device_barrier();
	vcmdq_write(q, VCMDQ_PROD, q->prod);
}

/* Wait until all written commands are complete. -EIO if the queue stopped at an error. */
int vcmdq_drain(struct vcmdq *q)
{
	unsigned long polls;
	int rc;

	for (polls = 0; polls < POLL_LIMIT; polls++) {
		rc = read_cons(q);
		if (rc)
			return rc;
		if (q->cons == q->prod)
			return 0;
	}
	return -ETIMEDOUT;
}

static int issue_sync_slow(struct vcmdq *q, struct smmu_cmd cmd)
{
	int rc = vcmdq_add(q, cmd);

	if (!rc)
		rc = vcmdq_add(q, cmd_sync());
	if (rc)
		return rc;
	vcmdq_kick(q);
	return vcmdq_drain(q);
}

/*
 * One command and its CMD_SYNC. With an empty ring, as always when each
 * command is waited for, this is two entries, a barrier, PROD, CONS.
 */
int vcmdq_issue_sync(struct vcmdq *q, struct smmu_cmd cmd)
{
	__u32 prod = q->prod;

	if (prod != q->cons)
		return issue_sync_slow(q, cmd);
	q->ring[prod & q->mask] = cmd;
	q->ring[(prod + 1) & q->mask] = cmd_sync();
	prod = (prod + 2) & q->wrap;
	q->prod = prod;
	q->pairs++;
	device_barrier();
	q->regs[VCMDQ_PROD / 4] = prod;
	q->cons = q->regs[VCMDQ_CONS / 4];
	return q->cons == prod ? 0 : vcmdq_drain(q);
}

/*
 * Repair by a guest driver after a refused command: replace it by a CMD_SYNC,
 * then acknowledge the error, and the queue continues.
 */
void vcmdq_repair(struct vcmdq *q)
{
	__u32 gerror = vcmdq_read(q, VCMDQ_GERROR);
	__u32 cons = vcmdq_read(q, VCMDQ_CONS);

	q->ring[cons & q->mask] = cmd_sync();
	device_barrier();
	vcmdq_write(q, VCMDQ_GERRORN, gerror);
}
