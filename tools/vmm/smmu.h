/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's SMMUv3: registers (smmu.c), its command queue, executed by the
 * kernel in batches (smmu_queue.c), its stream table (smmu_stream.c) and its event
 * queue (smmu_event.c). One device is behind it. Stage 1 only, no MSI, no PRI.
 */
#ifndef _VMM_SMMU_H
#define _VMM_SMMU_H

#include "iommu.h"
#include "vmm.h"

/* StreamID of the device in the guest; not the physical one, so that both are told apart */
#define VMM_STREAM_ID		0x10

#define SMMU_STE_V		(1ULL << 0)
#define SMMU_STE_CONFIG(ste)	((ste) >> 1 & 7)
#define SMMU_STE_CONFIG_BYPASS	4
#define SMMU_STE_CONFIG_S1	5
#define SMMU_STE_BYPASS		((uint64_t)SMMU_STE_CONFIG_BYPASS << 1)

/* Registers */
#define SMMU_CR0_SMMUEN		(1U << 0)
#define SMMU_CR0_EVENTQEN	(1U << 2)
#define SMMU_CR0_CMDQEN		(1U << 3)
#define SMMU_CR0_BITS		0x1fU
#define SMMU_GBPA_ABORT		(1U << 20)
#define SMMU_GBPA_UPDATE	(1U << 31)
#define SMMU_GERROR_CMDQ	(1U << 0)
#define SMMU_GERROR_EVENTQ_ABT	(1U << 2)
#define SMMU_GERROR_BITS	(SMMU_GERROR_CMDQ | SMMU_GERROR_EVENTQ_ABT)
#define SMMU_IRQ_GERROR		(1U << 0)
#define SMMU_IRQ_EVENTQ		(1U << 2)
#define SMMU_IRQ_CTRL_BITS	0x7U

#define SMMU_SIDSIZE		16
#define SMMU_QUEUE_BASE(base)	((base) & 0x000fffffffffffe0ULL)
#define SMMU_QUEUE_LOG2SIZE(base) ((base) & 31)

/**
 * struct smmu - The guest's SMMUv3; registers have their architectural names
 * @idr: IDR0 to IDR5 of the guest
 * @cmdqs: CMDQS of @idr
 * @eventq_prod: With the overflow flag
 * @eventq_cons: With the acknowledgment of that
 * @batch: Commands that wait for a flush, NULL without a device
 * @pending: Where in the queue they are
 * @pendings: How many there are
 * @events: Events of the kernel
 */
struct smmu {
	uint32_t idr[6];
	unsigned int cmdqs;
	uint32_t cr0;
	uint32_t cr1;
	uint32_t cr2;
	uint32_t gbpa;
	uint32_t irq_ctrl;
	uint32_t gerror;
	uint32_t gerrorn;
	uint64_t strtab_base;
	uint32_t strtab_base_cfg;
	uint64_t cmdq_base;
	uint32_t cmdq_prod;
	uint32_t cmdq_cons;
	uint64_t eventq_base;
	uint32_t eventq_prod;
	uint32_t eventq_cons;
	struct viommu_batch *batch;
	uint32_t pending[VIOMMU_BATCH_MAX];
	unsigned int pendings;
	unsigned int failures;		/* of the same batch, in a row */
	struct iommu_events events;
};

/* smmu.c */
int smmu_create(struct vmm *vmm);
int smmu_plug(struct vmm *vmm);
void smmu_unplug(struct vmm *vmm);
void smmu_destroy(struct vmm *vmm);
uint64_t smmu_read(struct vmm *vmm, uint64_t offset, unsigned int len);
void smmu_write(struct vmm *vmm, uint64_t offset, unsigned int len,
		uint64_t value);
void smmu_error(struct vmm *vmm, uint32_t error);

/* smmu_queue.c */
void smmu_queue_run(struct vmm *vmm);

/* smmu_stream.c */
void smmu_stream_update(struct vmm *vmm);

/* smmu_event.c */
int smmu_event_fd(struct vmm *vmm);
int smmu_events(struct vmm *vmm);

/* smmu_saved.c */
struct snapshot_smmu;
void smmu_save(struct vmm *vmm, struct snapshot_smmu *to);
int smmu_restore(struct vmm *vmm, const struct snapshot_smmu *from);

/* log2 of the number of entries of a queue, no more than the guest was shown */
static inline unsigned int smmu_queue_bits(uint64_t base, unsigned int max)
{
	unsigned int bits = SMMU_QUEUE_LOG2SIZE(base);

	return bits < max ? bits : max;
}

#endif
