/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drivers of the payloads for the SMMUv3, its stage 1, the CMDQ-V and the DMA test
 * device. Where a function can fail it returns false; nothing is printed.
 */
#ifndef _GUEST_IOMMU_H
#define _GUEST_IOMMU_H

#include "guest.h"
#include "../../testing/qemu/pci-dma-test-regs.h"

/* A command; one entry of a queue */
struct cmd {
	u64 w[2];
};

#define CMD_CFGI_STE		0x03UL
#define CMD_CFGI_STE_RANGE	0x04UL
#define CMD_CFGI_CD		0x05UL
#define CMD_TLBI_NH_ALL		0x10UL
#define CMD_TLBI_NH_ASID	0x11UL
#define CMD_TLBI_NH_VA		0x12UL
#define CMD_TLBI_EL2_ALL	0x20UL
#define CMD_TLBI_NSNH_ALL	0x30UL
#define CMD_SYNC		0x46UL

#define CONS_ERR(cons)		((cons) >> 24 & 0x7f)
#define GERRORN			4	/* from GERROR on */
#define GERROR_CMDQ		(1 << 0)
#define CERROR_ILL		1
#define CERROR_ABT		2
/* Of CMDQ-V, perhaps for a command that a guest may not give */
#define CERROR_ACCESS		4

#define QUEUE_LOG2SIZE		8
#define QUEUE_ENTRIES		(1U << QUEUE_LOG2SIZE)
#define QUEUE_WRAP		(2 * QUEUE_ENTRIES - 1)	/* of PROD and CONS */

/**
 * struct queue - A command queue and its producer
 * @prod_reg: Address of PROD
 * @cons_reg: Address of CONS
 * @gerror_reg: Address of GERROR; GERRORN is behind it
 * @ring: Memory of the queue
 * @prod: Next entry to write, with the wrap bit
 */
struct queue {
	u64 prod_reg;
	u64 cons_reg;
	u64 gerror_reg;
	struct cmd *ring;
	u32 prod;
};

/* queue.c */
void queue_put(struct queue *q, struct cmd cmd);
bool queue_kick(struct queue *q);
bool queue_issue(struct queue *q, struct cmd cmd);
bool queue_invalidate(struct queue *q, unsigned int count, unsigned int per_sync);
bool queue_arrives(struct queue *q);
u32 queue_error(struct queue *q);
bool poll32(u64 address, u32 mask, u32 value);

static inline struct cmd cmd_sync(void)
{
	return (struct cmd){ { CMD_SYNC } };
}

static inline struct cmd cmd_tlbi_va(u16 asid, u64 iova)
{
	return (struct cmd){ { CMD_TLBI_NH_VA | (u64)asid << 48, iova | 1 } };
}

static inline struct cmd cmd_tlbi_asid(u16 asid)
{
	return (struct cmd){ { CMD_TLBI_NH_ASID | (u64)asid << 48 } };
}

static inline struct cmd cmd_cfgi_cd(u32 sid)
{
	return (struct cmd){ { CMD_CFGI_CD | (u64)sid << 32, 1 } };
}

static inline struct cmd cmd_cfgi_ste(u32 sid)
{
	return (struct cmd){ { CMD_CFGI_STE | (u64)sid << 32, 1 } };
}

/* smmu.c: one device, linear stream table, one command queue */
#define SMMU_REG(reg)		(VMM_SMMU + (reg))
#define SMMU_CR0		0x20
#define SMMU_CR0ACK		0x24
#define SMMU_GBPA		0x44
#define SMMU_GERROR		0x60
#define SMMU_GERRORN		0x64
#define SMMU_STRTAB_BASE	0x80
#define SMMU_STRTAB_BASE_CFG	0x88
#define SMMU_CMDQ_BASE		0x90
#define SMMU_CMDQ_PROD		0x98
#define SMMU_CMDQ_CONS		0x9c
#define SMMU_EVENTQ_BASE	0xa0
#define SMMU_EVENTQ_PROD	0x100a8
#define SMMU_EVENTQ_CONS	0x100ac
#define SMMU_CR0_SMMUEN		(1 << 0)
#define SMMU_CR0_EVENTQEN	(1 << 2)
#define SMMU_CR0_CMDQEN		(1 << 3)

extern struct queue smmu_queue;

bool smmu_enable(void);
bool smmu_disable(void);
bool smmu_stage1(void);
bool smmu_stage1_refused(void);
bool smmu_abort(void);
void smmu_acknowledge(void);

/* stage1.c: 512 pages from here on */
#define STAGE1_ASID		7
#define STAGE1_IOVA		0x10000000UL
#define STAGE1_PAGES		512

u64 stage1_context(void);
void stage1_map(u64 iova, const void *page);

/* vintf.c */
#define CMDQV_REG(reg)		(VMM_CMDQV + (reg))
#define CMDQV_CONFIG		0x00000
#define CMDQV_PARAM		0x00004
#define CMDQV_STATUS		0x00008
#define CMDQV_VINTF_ERR_MAP	0x00014
#define CMDQV_ERR_MAP		0x00024
#define CMDQV_ALLOC_MAP(q)	(0x00200 + 4 * (q))
#define CMDQV_VINTF_CONFIG	0x01000
#define CMDQV_VINTF_STATUS	0x01004
#define CMDQV_LVCMDQ_ERR_MAP	0x010c0
#define CMDQV_TRAPPED		0x10000		/* VCMDQ page 0 */
#define CMDQV_PAGE1		0x20000		/* VCMDQ page 1 */
#define CMDQV_DIRECT		0x30000		/* VINTF page 0 */
#define CMDQV_VINTF_PAGE1	0x40000

#define CMDQV_EN		1
#define CMDQV_HYP_OWN		(1 << 17)
#define CMDQV_ALLOCATED		1

#define VCMDQ(window, i)	((window) + 0x80 * (i))
#define VCMDQ_CONS		0x00
#define VCMDQ_PROD		0x04
#define VCMDQ_CONFIG		0x08
#define VCMDQ_STATUS		0x0c
#define VCMDQ_GERROR		0x10
#define VCMDQ_GERRORN		0x14
#define VCMDQ_BASE		0x00		/* in page 1 */
#define VCMDQ_GERROR_INIT	(1 << 2)

#define CMDQV_QUEUES		2

extern struct queue cmdqv_queue[CMDQV_QUEUES];

bool cmdqv_enable(void);
bool cmdqv_disable(void);
bool cmdqv_queue_enable(unsigned int i);
bool cmdqv_queue_disable(unsigned int i);
void cmdqv_window(unsigned int i, u64 window);
u32 cmdqv_read(u64 window, unsigned int i, unsigned int reg);
void cmdqv_write(u64 window, unsigned int i, unsigned int reg, u32 value);
void cmdqv_repair(unsigned int i);

/* dma.c */
bool dma_present(void);
bool dma_read(u64 iova, u64 *value);
u64 dma_counter(unsigned int offset);

#endif
