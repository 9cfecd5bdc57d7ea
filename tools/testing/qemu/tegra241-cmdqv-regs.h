/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA CMDQ-V register layout
 *
 * Three address ranges have registers: the configuration page, and two pages
 * of queue registers, page 0 (for a guest) and page 1 (physical addresses).
 * The queue pages appear once by physical queue number and again in each
 * VINTF by logical number. Every page is 64 KiB whatever the CPU page size.
 */

#ifndef TEGRA241_CMDQV_REGS_H
#define TEGRA241_CMDQV_REGS_H

#include "hw/registerfields.h"

#define CMDQV_PAGE_SHIFT            16
#define CMDQV_PAGE_SIZE             (1u << CMDQV_PAGE_SHIFT)
#define CMDQV_APERTURE_SIZE(vintfs) (0x30000ull + 0x20000ull * (vintfs))

/* Limits by the widths of the registers */
#define CMDQV_MAX_VINTFS            64
#define CMDQV_MAX_VCMDQS            128
#define CMDQV_MAX_LVCMDQS           128
#define CMDQV_MAX_SIDS              16

/* Configuration page, global registers */
REG32(CMDQV_CONFIG, 0x0)
    FIELD(CMDQV_CONFIG, EN, 0, 1)
    FIELD(CMDQV_CONFIG, TUNING, 1, 20)
REG32(CMDQV_PARAM, 0x4)
    FIELD(CMDQV_PARAM, VERSION, 0, 4)
    FIELD(CMDQV_PARAM, LOG2_VCMDQS, 4, 4)
    FIELD(CMDQV_PARAM, LOG2_VINTFS, 8, 4)
    FIELD(CMDQV_PARAM, LOG2_SIDS, 12, 4)
REG32(CMDQV_STATUS, 0x8)
#define A_CMDQV_VINTF_ERR_MAP       0x14    /* two words */
#define A_CMDQV_VINTF_INT_MASK      0x1c    /* two words */
#define A_CMDQV_CMDQ_ERR_MAP        0x24    /* four words */
#define A_CMDQV_ALLOC_MAP           0x200   /* one word per queue */
FIELD(CMDQV_ALLOC_MAP, ALLOCATED, 0, 1)
FIELD(CMDQV_ALLOC_MAP, LVCMDQ, 1, 7)
FIELD(CMDQV_ALLOC_MAP, VINTF, 15, 6)

/* Configuration page, one block per VINTF */
#define A_CMDQV_VINTF               0x1000
#define CMDQV_VINTF_STRIDE          0x100
REG32(VINTF_CONFIG, 0x0)
    FIELD(VINTF_CONFIG, EN, 0, 1)
    FIELD(VINTF_CONFIG, VMID, 1, 16)
    FIELD(VINTF_CONFIG, HYP_OWN, 17, 1)
REG32(VINTF_STATUS, 0x4)
    FIELD(VINTF_STATUS, ENABLED, 0, 1)
    FIELD(VINTF_STATUS, CODE, 1, 3)
    FIELD(VINTF_STATUS, LVCMDQS, 16, 8)
#define A_VINTF_SID_MATCH           0x40
FIELD(SID_MATCH, ENABLE, 0, 1)
FIELD(SID_MATCH, SID, 1, 20)
#define A_VINTF_SID_REPLACE         0x80
FIELD(SID_REPLACE, SID, 0, 20)
#define A_VINTF_LVCMDQ_ERR_MAP      0xc0    /* two 64-bit words */

/* Queue registers, page 0 */
#define CMDQV_QUEUE_STRIDE          0x80
REG32(VCMDQ_CONS, 0x0)
    FIELD(VCMDQ_CONS, INDEX, 0, 20)
    FIELD(VCMDQ_CONS, ERR, 24, 7)
REG32(VCMDQ_PROD, 0x4)
    FIELD(VCMDQ_PROD, INDEX, 0, 20)
REG32(VCMDQ_CONFIG, 0x8)
    FIELD(VCMDQ_CONFIG, EN, 0, 1)
REG32(VCMDQ_STATUS, 0xc)
REG32(VCMDQ_GERROR, 0x10)
    FIELD(VCMDQ_GERROR, CMDQ_ERR, 0, 1)
    FIELD(VCMDQ_GERROR, CONS_DRAM_WR_ABT_ERR, 1, 1)
    FIELD(VCMDQ_GERROR, CMDQ_INIT_ERR, 2, 1)
REG32(VCMDQ_GERRORN, 0x14)
#define VCMDQ_GERROR_MASK           0x7

/* Queue registers, page 1 */
#define A_VCMDQ_BASE                0x0     /* 64 bits */
#define A_VCMDQ_CONS_INDX_BASE      0x8     /* 64 bits */
#define VCMDQ_BASE_LOG2SIZE_MASK    0x1full
#define VCMDQ_BASE_ADDR_MASK        0x0000ffffffffffe0ull
#define VCMDQ_BASE_MASK             (VCMDQ_BASE_LOG2SIZE_MASK | \
                                     VCMDQ_BASE_ADDR_MASK)

#endif
