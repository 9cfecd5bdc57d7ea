/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Register layout of NVIDIA's CMDQ-V.
 *
 * The aperture is a sequence of 64 KiB pages: the configuration page, two pages
 * of all queues by physical number, then two pages for each virtual interface
 * (VINTF) with its queues by logical number. Page 0 of a pair has the registers
 * for a guest; page 1 has physical addresses. The logical and the physical page
 * are two views of the same registers; the allocation map connects them.
 */
#ifndef _TEGRA241_CMDQV_REGS_H
#define _TEGRA241_CMDQV_REGS_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/log2.h>
#include <linux/sizes.h>
#include <linux/types.h>

/* Limits by the widths of the registers */
#define CMDQV_MAX_VINTFS		64
#define CMDQV_MAX_VCMDQS		128
#define CMDQV_MAX_SIDS			16

#define CMDQV_PAGE_SIZE			SZ_64K
#define CMDQV_VCMDQ_PAGE0		(1 * CMDQV_PAGE_SIZE)
#define CMDQV_VCMDQ_PAGE1		(2 * CMDQV_PAGE_SIZE)
#define CMDQV_VINTF_PAGE0(v)		((3 + 2 * (v)) * CMDQV_PAGE_SIZE)
#define CMDQV_VINTF_PAGE1(v)		((4 + 2 * (v)) * CMDQV_PAGE_SIZE)
#define CMDQV_APERTURE_SIZE(num_vintfs)	CMDQV_VINTF_PAGE0(num_vintfs)

/* Bit 0 of every CONFIG and of every STATUS */
#define CMDQV_EN			BIT(0)

/* Configuration page: global registers */
#define CMDQV_CONFIG			0x0000
#define CMDQV_PARAM			0x0004
#define  CMDQV_PARAM_VERSION		GENMASK(3, 0)
#define  CMDQV_PARAM_VCMDQ_LOG2		GENMASK(7, 4)
#define  CMDQV_PARAM_VINTF_LOG2		GENMASK(11, 8)
#define  CMDQV_PARAM_SID_LOG2		GENMASK(15, 12)
#define CMDQV_STATUS			0x0008
/* 64 bits, but not aligned to 8 bytes: two words */
#define CMDQV_VINTF_ERR_MAP(m)		(0x0014 + 4 * (m))
#define CMDQV_CMDQ_ERR_MAP(m)		(0x0024 + 4 * (m))
#define  CMDQV_CMDQ_ERR_MAPS		4
#define CMDQV_ALLOC_MAP(q)		(0x0200 + 4 * (q))
#define  CMDQV_ALLOC_ALLOCATED		BIT(0)
#define  CMDQV_ALLOC_LVCMDQ		GENMASK(7, 1)
#define  CMDQV_ALLOC_VINTF		GENMASK(20, 15)

/* Configuration page: the block of a VINTF */
#define CMDQV_VINTF(v)			(0x1000 + 0x100 * (v))
#define VINTF_CONFIG			0x00
#define  VINTF_CONFIG_VMID		GENMASK(16, 1)
#define  VINTF_CONFIG_HYP_OWN		BIT(17)
#define VINTF_STATUS			0x04
#define VINTF_SID_MATCH(s)		(0x40 + 4 * (s))
#define  VINTF_SID_MATCH_EN		BIT(0)
#define  VINTF_SID_MATCH_VSID		GENMASK(20, 1)
#define VINTF_SID_REPLACE(s)		(0x80 + 4 * (s))
#define VINTF_LVCMDQ_ERR_MAP(m)		(0xc0 + 8 * (m))
#define  VINTF_LVCMDQ_ERR_MAPS		2
#define  VINTF_LVCMDQ_ERR_MAP_BITS	64

/* A queue, page 0 */
#define VCMDQ_STRIDE			0x80
#define VCMDQ_CONS			0x00
#define  VCMDQ_INDEX_AND_WRAP		GENMASK(19, 0)
#define VCMDQ_PROD			0x04
#define VCMDQ_CONFIG			0x08
#define VCMDQ_STATUS			0x0c
#define VCMDQ_GERROR			0x10
#define VCMDQ_GERRORN			0x14

/* A queue, page 1 */
#define VCMDQ_BASE			0x00
#define  VCMDQ_BASE_LOG2SIZE		GENMASK_ULL(4, 0)
#define  VCMDQ_BASE_ADDR		GENMASK_ULL(47, 5)
#define VCMDQ_CONS_INDX_BASE		0x08

#define VCMDQ_ENTRY_LOG2		4

static inline u32 cmdqv_alloc_map_encode(u16 vintf, u16 lidx, bool allocated)
{
	return FIELD_PREP(CMDQV_ALLOC_VINTF, vintf) |
	       FIELD_PREP(CMDQV_ALLOC_LVCMDQ, lidx) |
	       FIELD_PREP(CMDQV_ALLOC_ALLOCATED, allocated);
}

static inline u32 vintf_sid_match_encode(u32 vsid)
{
	return FIELD_PREP(VINTF_SID_MATCH_VSID, vsid) | VINTF_SID_MATCH_EN;
}

/* @bytes is a power of two, at least two entries */
static inline u64 vcmdq_base_encode(phys_addr_t pa, size_t bytes)
{
	return (pa & VCMDQ_BASE_ADDR) |
	       FIELD_PREP(VCMDQ_BASE_LOG2SIZE, ilog2(bytes) - VCMDQ_ENTRY_LOG2);
}

#endif
