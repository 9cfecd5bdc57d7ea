// SPDX-License-Identifier: GPL-2.0
/*
 * One table of level 1, which every vCPU uses: the first GiB is registers, the
 * second is RAM, both at their own address.
 */
#include "guest.h"

#define BLOCK_VALID	(1UL << 0)
#define BLOCK_ATTR(n)	((u64)(n) << 2)
#define BLOCK_INNER	(3UL << 8)
#define BLOCK_AF	(1UL << 10)
#define BLOCK_PXN	(1UL << 53)
#define BLOCK_UXN	(1UL << 54)

#define ATTR_NORMAL	0
#define ATTR_DEVICE	1
#define MAIR		(0xffUL << 8 * ATTR_NORMAL | 0x04UL << 8 * ATTR_DEVICE)

#define TCR_39_BITS	25UL		/* T0SZ */
#define TCR_WBWA	(1UL << 8 | 1UL << 10)
#define TCR_INNER	(3UL << 12)
#define TCR_EPD1	(1UL << 23)
#define TCR_IPS_40	(2UL << 32)

#define SCTLR_M		(1UL << 0)
#define SCTLR_C		(1UL << 2)
#define SCTLR_I		(1UL << 12)

static const u64 table[512] __aligned(4096) = {
	0x00000000 | BLOCK_VALID | BLOCK_AF | BLOCK_PXN | BLOCK_UXN |
		BLOCK_ATTR(ATTR_DEVICE),
	0x40000000 | BLOCK_VALID | BLOCK_AF | BLOCK_UXN | BLOCK_INNER |
		BLOCK_ATTR(ATTR_NORMAL),
};

void mmu_on(void)
{
	sysreg_write(mair_el1, MAIR);
	sysreg_write(tcr_el1, TCR_39_BITS | TCR_WBWA | TCR_INNER | TCR_EPD1 |
			      TCR_IPS_40);
	sysreg_write(ttbr0_el1, (u64)table);
	asm volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" : : : "memory");
	sysreg_write(sctlr_el1,
		     sysreg_read(sctlr_el1) | SCTLR_M | SCTLR_C | SCTLR_I);
}
