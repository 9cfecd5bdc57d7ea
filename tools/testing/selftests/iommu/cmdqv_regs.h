/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registers that no guest can see, read through /dev/mem: the configuration page
 * and page 1. Only for root of the emulated machine. These reads are independent
 * of the driver and of the model's counters. Nothing is written.
 */
#ifndef _CMDQV_REGS_H
#define _CMDQV_REGS_H

#include <linux/types.h>

/**
 * struct cmdqv_regs - The aperture
 * @base: Address of the mapping
 * @size: Bytes of it
 * @vintfs: Number of VINTFs, PARAM[11:8]
 * @queues: Number of VCMDQs of one VINTF
 * @sids: Number of StreamID slots of one VINTF, PARAM[15:12]
 */
struct cmdqv_regs {
	volatile char *base;
	size_t size;
	unsigned int vintfs;
	unsigned int queues;
	unsigned int sids;
};

int regs_open(struct cmdqv_regs *regs);
int regs_open_device(struct cmdqv_regs *regs, const char *name);
void regs_close(struct cmdqv_regs *regs);

__u32 regs_vintf_config(struct cmdqv_regs *regs, unsigned int v);
__u32 regs_vintf_status(struct cmdqv_regs *regs, unsigned int v);
__u32 regs_sid_match(struct cmdqv_regs *regs, unsigned int v, unsigned int slot);
__u32 regs_sid_replace(struct cmdqv_regs *regs, unsigned int v,
		       unsigned int slot);
__u32 regs_alloc_map(struct cmdqv_regs *regs, unsigned int v, unsigned int l);
__u64 regs_queue_base(struct cmdqv_regs *regs, unsigned int v, unsigned int l);
__u32 regs_queue(struct cmdqv_regs *regs, unsigned int v, unsigned int l,
		 unsigned int reg);
int regs_vintf_clean(struct cmdqv_regs *regs, unsigned int v);
unsigned int regs_vintfs_in_use(struct cmdqv_regs *regs);

#endif
