// SPDX-License-Identifier: GPL-2.0
/*
 * Stage 1 of the device: a context descriptor and three levels of tables with
 * 4 KiB pages. Changing an entry invalidates nothing; that is the caller's part.
 */
#include "iommu.h"

#define DESC_VALID	(1UL << 0)
#define DESC_TABLE	(1UL << 1)	/* table; at level 3 a page */
#define DESC_EL0	(1UL << 6)
#define DESC_INNER	(3UL << 8)
#define DESC_AF		(1UL << 10)
#define DESC_NG		(1UL << 11)

#define CD0_T0SZ_39	25UL
#define CD0_WBWA	(1UL << 8 | 1UL << 10)
#define CD0_INNER	(3UL << 12)
#define CD0_EPD1	(1UL << 30)
#define CD0_V		(1UL << 31)
#define CD0_IPS_40	(2UL << 32)
#define CD0_AA64	(1UL << 41)
#define CD0_R		(1UL << 45)
#define CD0_A		(1UL << 46)
#define CD0_ASID(n)	((u64)(n) << 48)
#define CD3_MAIR	0xffUL

static u64 level1[512] __aligned(4096);
static u64 level2[512] __aligned(4096);
static u64 level3[512] __aligned(4096);
static u64 context[8] __aligned(64);

/* Where the context descriptor is, with empty tables behind it */
u64 stage1_context(void)
{
	level1[STAGE1_IOVA >> 30 & 511] = (u64)level2 | DESC_TABLE | DESC_VALID;
	level2[STAGE1_IOVA >> 21 & 511] = (u64)level3 | DESC_TABLE | DESC_VALID;
	context[1] = (u64)level1;
	context[3] = CD3_MAIR;
	context[0] = CD0_T0SZ_39 | CD0_WBWA | CD0_INNER | CD0_EPD1 | CD0_V |
		     CD0_IPS_40 | CD0_AA64 | CD0_R | CD0_A |
		     CD0_ASID(STAGE1_ASID);
	return (u64)context;
}

/* @page NULL takes the mapping away */
void stage1_map(u64 iova, const void *page)
{
	level3[iova >> 12 & 511] =
		page ? (u64)page | DESC_NG | DESC_AF | DESC_INNER | DESC_EL0 |
			       DESC_TABLE | DESC_VALID :
		       0;
	store_barrier();
}
