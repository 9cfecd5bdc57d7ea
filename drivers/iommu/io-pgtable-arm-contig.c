// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory is contiguous from an address on: one walk down to the leaf,
 * and from there along the table for as long as each entry continues where the
 * one before it ends. A walk from the top for every page would cost ten times as
 * much. Included by io-pgtable-arm.c, as its types and accessors are private.
 */
#include <linux/export.h>

#include "io-pgtable-arm-contig.h"

/* Entries of the table at a level; stage 2 may have several at the top, side by side */
static unsigned int arm_lpae_table_entries(struct arm_lpae_io_pgtable *data, int lvl)
{
	return lvl == data->start_level ? ARM_LPAE_PGD_SIZE(data) / sizeof(arm_lpae_iopte) :
					  ARM_LPAE_PTES_PER_TABLE(data);
}

/**
 * arm_lpae_iova_contig() - Physical address of an IOVA, and how far it goes from there
 * @ops: Page table of one of the ARM 64-bit LPAE formats
 * @iova: Address within the input range of @ops
 * @length: In: bytes that the caller is interested in. Out: how many of them are
 *          contiguous, as far as one table tells; 0 if nothing is mapped at @iova.
 *
 * The caller makes sure that what it asks for is not unmapped meanwhile.
 *
 * Return: the physical address; 0 if nothing is mapped there
 */
phys_addr_t arm_lpae_iova_contig(struct io_pgtable_ops *ops, unsigned long iova,
				 size_t *length)
{
	struct arm_lpae_io_pgtable *data = io_pgtable_ops_to_data(ops);
	arm_lpae_iopte pte, *table = data->pgd;
	int lvl = data->start_level;
	unsigned int i, entries;
	phys_addr_t pa, next;
	size_t contig, block;

	for (;; lvl++) {
		i = ARM_LPAE_LVL_IDX(iova, lvl, data);
		pte = lvl < ARM_LPAE_MAX_LEVELS ? READ_ONCE(table[i]) : 0;
		if (!pte) {
			*length = 0;
			return 0;
		}
		if (iopte_leaf(pte, lvl, data->iop.fmt))
			break;
		table = iopte_deref(pte, data);
	}

	block = ARM_LPAE_BLOCK_SIZE(lvl, data);
	entries = arm_lpae_table_entries(data, lvl);
	pa = iopte_to_paddr(pte, data) + (iova & (block - 1));
	contig = block - (iova & (block - 1));
	for (next = pa + contig; contig < *length && ++i < entries; next += block) {
		pte = READ_ONCE(table[i]);
		if (!pte || !iopte_leaf(pte, lvl, data->iop.fmt) ||
		    iopte_to_paddr(pte, data) != next)
			break;
		contig += block;
	}
	*length = min(contig, *length);
	return pa;
}
EXPORT_SYMBOL_GPL(arm_lpae_iova_contig);
