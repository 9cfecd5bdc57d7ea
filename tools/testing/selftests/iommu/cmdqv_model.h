/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of the CMDQ-V model, read inside the machine.
 */
#ifndef _CMDQV_MODEL_H
#define _CMDQV_MODEL_H

#include "cmdqv_dma.h"

/**
 * struct model_queue_counts - Counters of a kind of queue
 * @commands: All commands executed
 * @tlbi_nh_va: TLBI_NH_VA among them
 * @tlbi_nh_asid: TLBI_NH_ASID among them
 * @sync: CMD_SYNC among them
 * @errors: Errors raised
 * @mmio_reads: Loads from their pages
 * @mmio_writes: Stores to those pages
 */
struct model_queue_counts {
	__u64 commands;
	__u64 tlbi_nh_va;
	__u64 tlbi_nh_asid;
	__u64 sync;
	__u64 errors;
	__u64 mmio_reads;
	__u64 mmio_writes;
};

/* Accesses to a block of registers */
struct model_accesses {
	__u64 mmio_reads;
	__u64 mmio_writes;
};

/**
 * struct model_counts - All counters, since power-on
 * @guest: Queues of every VINTF but 0, and their page 0
 * @main: The SMMU's own command queue
 * @smmu: The SMMU's own registers
 * @interrupts: Interrupts raised by CMDQ-V
 * @strict_host: Order rules broken by the host
 * @strict_guest: Order rules broken in a guest's page 0
 */
struct model_counts {
	struct model_queue_counts guest;
	struct model_queue_counts main;
	struct model_accesses smmu;
	__u64 interrupts;
	__u64 strict_host;
	__u64 strict_guest;
};

void model_read(struct dma_dev *dev, struct model_counts *counts);
void model_subtract(const struct model_counts *after,
		    const struct model_counts *before,
		    struct model_counts *result);
__u64 model_host_commands(struct dma_dev *dev);
__u64 model_host_opcode(struct dma_dev *dev, unsigned int opcode,
			unsigned int counter);
__u32 model_last_atc_sid(struct dma_dev *dev);
int model_rule(struct dma_dev *dev, unsigned int i, char name[32],
	       __u64 *count);

#endif
