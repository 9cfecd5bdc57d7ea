/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contiguous memory in page tables of the ARM 64-bit LPAE format.
 */
#ifndef _IO_PGTABLE_ARM_CONTIG_H
#define _IO_PGTABLE_ARM_CONTIG_H

#include <linux/types.h>

struct io_pgtable_ops;

phys_addr_t arm_lpae_iova_contig(struct io_pgtable_ops *ops, unsigned long iova,
				 size_t *length);

#endif
