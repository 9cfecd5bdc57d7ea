// SPDX-License-Identifier: GPL-2.0
/*
 * Stage 1 of a guest: one context descriptor and a table of three levels with
 * 4 KiB pages, all in guest RAM and with guest-physical addresses. Register
 * layouts are those of the SMMUv3 architecture (CD and STE) and of VMSAv8-64
 * (descriptors). A change of a descriptor does not invalidate: the tests do
 * that.
 */
#include <string.h>

#include "cmdqv_ram.h"
#include "device_barrier.h"

#define L1_TABLE	(RAM_TABLES + 0 * RAM_PAGE)
#define L2_TABLE	(RAM_TABLES + 1 * RAM_PAGE)
#define L3_TABLE	(RAM_TABLES + 2 * RAM_PAGE)
#define CD		(RAM_TABLES + 3 * RAM_PAGE)

/* VMSAv8-64 descriptors, 4 KiB granule */
#define DESC_VALID	(1ULL << 0)
#define DESC_TABLE	(1ULL << 1)	/* table, or page at level 3 */
#define DESC_AP_RW_ANY	(1ULL << 6)
#define DESC_SH_INNER	(3ULL << 8)
#define DESC_AF		(1ULL << 10)
#define DESC_NG		(1ULL << 11)

#define TABLE_INDEX(iova, level) (((iova) >> (39 - 9 * (level))) & 511)

/* Context descriptor, word 0 and 1 */
#define CD_T0SZ_39BIT	25ULL
#define CD_IRGN_WBWA	(1ULL << 8)
#define CD_ORGN_WBWA	(1ULL << 10)
#define CD_SH_INNER	(3ULL << 12)
#define CD_EPD1		(1ULL << 30)
#define CD_V		(1ULL << 31)
#define CD_IPS_40BIT	(2ULL << 32)
#define CD_AA64		(1ULL << 41)
#define CD_R		(1ULL << 45)	/* record faults ... */
#define CD_A		(1ULL << 46)	/* ... and abort the access */
#define CD_ASID_SHIFT	48
#define CD_MAIR_WB	0xffULL		/* attribute 0: normal, write-back */

/* Stream table entry, word 0 and 1 */
#define STE_V		(1ULL << 0)
#define STE_CFG_S1	(5ULL << 1)
#define STE_S1CIR_WBRA	(1ULL << 2)
#define STE_S1COR_WBRA	(1ULL << 4)
#define STE_S1CSH_INNER	(3ULL << 6)

static void set(const struct guest_ram *ram, __u64 table, unsigned int index,
		__u64 value)
{
	volatile __u64 *desc = ram_va(ram, table);

	desc[index] = value;
	/* The SMMU must not see a later queue write before this one. */
	device_barrier();
}

void stage1_init(const struct guest_ram *ram, __u16 asid)
{
	memset(ram_va(ram, RAM_TABLES), 0, 4 * RAM_PAGE);
	set(ram, L1_TABLE, TABLE_INDEX(STAGE1_IOVA, 1),
	    ram_gpa(ram, L2_TABLE) | DESC_TABLE | DESC_VALID);
	set(ram, L2_TABLE, TABLE_INDEX(STAGE1_IOVA, 2),
	    ram_gpa(ram, L3_TABLE) | DESC_TABLE | DESC_VALID);
	set(ram, CD, 1, ram_gpa(ram, L1_TABLE));
	set(ram, CD, 3, CD_MAIR_WB);
	set(ram, CD, 0,
	    CD_T0SZ_39BIT | CD_IRGN_WBWA | CD_ORGN_WBWA | CD_SH_INNER |
	    CD_EPD1 | CD_V | CD_IPS_40BIT | CD_AA64 | CD_R | CD_A |
	    ((__u64)asid << CD_ASID_SHIFT));
}

/* Make the context descriptor invalid */
void stage1_disable(const struct guest_ram *ram)
{
	set(ram, CD, 0, 0);
}

void stage1_map(const struct guest_ram *ram, __u64 iova, __u64 gpa)
{
	set(ram, L3_TABLE, TABLE_INDEX(iova, 3),
	    gpa | DESC_NG | DESC_AF | DESC_SH_INNER | DESC_AP_RW_ANY |
	    DESC_TABLE | DESC_VALID);
}

/* Map the window one to one, as firmware requires of a guest, with one block */
void stage1_map_msi_window(const struct guest_ram *ram)
{
	set(ram, L2_TABLE, TABLE_INDEX(MSI_WINDOW, 2),
	    MSI_WINDOW | DESC_NG | DESC_AF | DESC_SH_INNER | DESC_AP_RW_ANY |
	    DESC_VALID);
}

void stage1_unmap(const struct guest_ram *ram, __u64 iova)
{
	set(ram, L3_TABLE, TABLE_INDEX(iova, 3), 0);
}

/* The words for IOMMU_HWPT_ALLOC: stage 1 with this descriptor */
void stage1_ste(const struct guest_ram *ram, __u64 ste[2])
{
	ste[0] = STE_V | STE_CFG_S1 | ram_gpa(ram, CD);
	ste[1] = STE_S1CIR_WBRA | STE_S1COR_WBRA | STE_S1CSH_INNER;
}
