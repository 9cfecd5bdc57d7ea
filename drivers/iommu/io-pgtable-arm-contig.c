// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous length from an address on: one walk down to the leaf, and then along the
 * table while each entry begins at the end of the entry before it. A walk from the top
 * for every page would cost ten times as much. Included by io-pgtable-arm.c, because
 * its types and accessors are private.
 */
#include <linux/export.h>

#include "io-pgtable-arm-contig.h"

/* Number of entries of the table at a level; stage 2 may have concatenated tables at the top */
static unsigned int arm_lpae_table_entries(struct arm_lpae_io_pgtable *data, int lvl)
{
	return lvl == data->start_level ? ARM_LPAE_PGD_SIZE(data) / sizeof(arm_lpae_iopte) :
					  ARM_LPAE_PTES_PER_TABLE(data);
}

/**
 * arm_lpae_iova_contig() - Physical address of an IOVA, and the contiguous length
 * there
 * @ops: Page table of one of the ARM 64-bit LPAE formats
 * @iova: Address within the input range of @ops
 * @length: In: bytes. Out: cut to the contiguous part, within one table; 0 if nothing
 *          is mapped at @iova.
 *
 * The caller prevents an unmap of the range during the call.
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
