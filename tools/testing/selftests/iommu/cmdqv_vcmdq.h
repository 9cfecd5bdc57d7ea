/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A logical VCMDQ, driven by its guest: commands in memory, PROD and CONS in
 * page 0 of the virtual interface. All accesses are plain loads and stores.
 */
#ifndef _CMDQV_VCMDQ_H
#define _CMDQV_VCMDQ_H

#include "iommufd_calls.h"

#define VCMDQ_STRIDE		0x80	/* between two queues in page 0 */
#define VCMDQ_CONS		0x00
#define VCMDQ_PROD		0x04
#define VCMDQ_CONFIG		0x08
#define VCMDQ_STATUS		0x0c
#define VCMDQ_GERROR		0x10
#define VCMDQ_GERRORN		0x14

#define VCMDQ_EN		1U
#define VCMDQ_CONS_ERR(cons)	(((cons) >> 24) & 0x7f)
#define VCMDQ_ERR_NONE		0
#define VCMDQ_ERR_ILL		1
#define VCMDQ_ERR_ABT		2
#define VCMDQ_ERR_ATC		3
#define VCMDQ_ERR_ACCESS	4
#define VCMDQ_GERROR_CMDQ	1U

/* True if the queue stopped at a command that is not for a guest: the code is 1 or 4 */
static inline int vcmdq_refused(__u32 cons)
{
	return VCMDQ_CONS_ERR(cons) == VCMDQ_ERR_ILL ||
	       VCMDQ_CONS_ERR(cons) == VCMDQ_ERR_ACCESS;
}

/**
 * struct vcmdq - State of the producer
 * @regs: The queue's registers in page 0
 * @ring: The queue's memory
 * @log2size: log2 of the number of entries
 * @mask: Bits of the index
 * @wrap: Bits of the index and the wrap bit above them
 * @prod: Next entry to write, with the wrap bit
 * @cons: Last value read from CONS
 * @pairs: Pairs of a command and its CMD_SYNC in the fast path: two commands,
 *         one store to page 0 and one load from it each
 * @commands: Other commands
 * @mmio_reads: Other loads from page 0
 * @mmio_writes: Other stores to page 0
 */
struct vcmdq {
	volatile __u32 *regs;
	struct smmu_cmd *ring;
	unsigned int log2size;
	__u32 mask;
	__u32 wrap;
	__u32 prod;
	__u32 cons;
	__u64 pairs;
	__u64 commands;
	__u64 mmio_reads;
	__u64 mmio_writes;
};

void vcmdq_init(struct vcmdq *q, void *page0, unsigned int index, void *ring,
		unsigned int log2size);
int vcmdq_enable(struct vcmdq *q);
int vcmdq_disable(struct vcmdq *q);
int vcmdq_add(struct vcmdq *q, struct smmu_cmd cmd);
void vcmdq_kick(struct vcmdq *q);
int vcmdq_drain(struct vcmdq *q);
int vcmdq_issue_sync(struct vcmdq *q, struct smmu_cmd cmd);
void vcmdq_repair(struct vcmdq *q);
__u32 vcmdq_read(struct vcmdq *q, unsigned int reg);
void vcmdq_write(struct vcmdq *q, unsigned int reg, __u32 value);

/* Total commands of the queue and accesses of its registers */
static inline __u64 vcmdq_commands(const struct vcmdq *q)
{
	return q->commands + 2 * q->pairs;
}

static inline __u64 vcmdq_mmio_reads(const struct vcmdq *q)
{
	return q->mmio_reads + q->pairs;
}

static inline __u64 vcmdq_mmio_writes(const struct vcmdq *q)
{
	return q->mmio_writes + q->pairs;
}

/* Commands. VMID and StreamID belong to the host: the hardware sets them. */
#define CMD_CFGI_STE		0x03ULL
#define CMD_CFGI_CD		0x05ULL
#define CMD_TLBI_NH_ALL		0x10ULL
#define CMD_TLBI_NH_ASID	0x11ULL
#define CMD_TLBI_NH_VA		0x12ULL
#define CMD_TLBI_NH_VAA		0x13ULL
#define CMD_TLBI_S12_VMALL	0x28ULL
#define CMD_TLBI_NSNH_ALL	0x30ULL
#define CMD_ATC_INV		0x40ULL
#define CMD_SYNC		0x46ULL

static inline struct smmu_cmd cmd_tlbi_nh_va(__u16 asid, __u64 iova)
{
	return (struct smmu_cmd){ .w = {
		CMD_TLBI_NH_VA | ((__u64)asid << 48),
		(iova & ~0xfffULL) | 1,		/* leaf */
	} };
}

static inline struct smmu_cmd cmd_tlbi_nh_asid(__u16 asid)
{
	return (struct smmu_cmd){ .w = {
		CMD_TLBI_NH_ASID | ((__u64)asid << 48), 0,
	} };
}

static inline struct smmu_cmd cmd_atc_inv(__u32 sid, __u64 iova)
{
	return (struct smmu_cmd){ .w = {
		CMD_ATC_INV | ((__u64)sid << 32), iova & ~0xfffULL,
	} };
}

/* CS = 0: completion shows in CONS. MSH and MSIATTR as in mainline's driver */
static inline struct smmu_cmd cmd_sync(void)
{
	return (struct smmu_cmd){ .w = {
		CMD_SYNC | (3ULL << 22) | (0xfULL << 24), 0,
	} };
}

#endif
