// SPDX-License-Identifier: GPL-2.0
/*
 * The SMMUv3: a linear stream table in which one device has an entry, and the
 * command queue.
 */
#include "iommu.h"

#define STRTAB_LOG2SIZE		5
#define STE_WORDS		8

#define STE_V			(1UL << 0)
#define STE_S1			(5UL << 1)
#define STE_WBRA		(1UL << 2 | 1UL << 4)
#define STE_INNER		(3UL << 6)
#define STE_EATS_S1CHK		(2UL << 28)

static u64 stream_table[STE_WORDS << STRTAB_LOG2SIZE] __aligned(2048);
static struct cmd ring[QUEUE_ENTRIES] __aligned(4096);

struct queue smmu_queue = {
	.prod_reg = SMMU_REG(SMMU_CMDQ_PROD),
	.cons_reg = SMMU_REG(SMMU_CMDQ_CONS),
	.gerror_reg = SMMU_REG(SMMU_GERROR),
	.ring = ring,
};

static bool write_cr0(u32 value)
{
	write32(SMMU_REG(SMMU_CR0), value);
	return poll32(SMMU_REG(SMMU_CR0ACK), value, value);
}

/* On, with a stream table that lets nothing pass */
bool smmu_enable(void)
{
	smmu_acknowledge();
	smmu_queue.prod = 0;
	write64(SMMU_REG(SMMU_STRTAB_BASE), (u64)stream_table);
	write32(SMMU_REG(SMMU_STRTAB_BASE_CFG), STRTAB_LOG2SIZE);
	write64(SMMU_REG(SMMU_CMDQ_BASE), (u64)ring | QUEUE_LOG2SIZE);
	write32(SMMU_REG(SMMU_CMDQ_PROD), 0);
	write32(SMMU_REG(SMMU_CMDQ_CONS), 0);
	return write_cr0(SMMU_CR0_CMDQEN) &&
	       queue_issue(&smmu_queue,
			   (struct cmd){ { CMD_CFGI_STE_RANGE, 31 } }) &&
	       queue_issue(&smmu_queue, (struct cmd){ { CMD_TLBI_NSNH_ALL } }) &&
	       write_cr0(SMMU_CR0_CMDQEN | SMMU_CR0_SMMUEN);
}

bool smmu_disable(void)
{
	write32(SMMU_REG(SMMU_CR0), 0);
	return poll32(SMMU_REG(SMMU_CR0ACK), ~0U, 0);
}

static u64 *entry(void)
{
	return &stream_table[control_read(CONTROL_STREAM_ID) * STE_WORDS];
}

static bool entry_changed(void)
{
	return queue_issue(&smmu_queue,
			   cmd_cfgi_ste(control_read(CONTROL_STREAM_ID)));
}

/* The device behind our stage 1: first the context descriptor, then the entry, as Linux does */
bool smmu_stage1(void)
{
	u64 *ste = entry(), context = stage1_context();

	store_barrier();
	if (!queue_issue(&smmu_queue, cmd_cfgi_cd(control_read(CONTROL_STREAM_ID))))
		return false;
	ste[1] = STE_WBRA | STE_INNER;
	store_barrier();
	ste[0] = STE_V | STE_S1 | context;
	return entry_changed();
}

/* As smmu_stage1(), with a value of EATS that no kernel takes */
bool smmu_stage1_refused(void)
{
	entry()[1] = STE_WBRA | STE_INNER | STE_EATS_S1CHK;
	return entry_changed();
}

/* The device reaches nothing */
bool smmu_abort(void)
{
	entry()[0] = STE_V;
	return entry_changed();
}

/* Go on after an error of the command queue */
void smmu_acknowledge(void)
{
	write32(SMMU_REG(SMMU_GERRORN), read32(SMMU_REG(SMMU_GERROR)));
}
