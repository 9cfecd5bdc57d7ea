/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Registers of CMDQ-V, as far as a guest with one virtual interface sees them
 * (Documentation/arch/arm64/tegra241-cmdqv-hardware.rst, sections 2 and 3).
 */
#ifndef VI_CMDQV_REGS_H
#define VI_CMDQV_REGS_H

/* Pages of the window, 64 KiB each */
#define PAGE_CONFIG 0
#define PAGE_VCMDQ_PAGE0 1
#define PAGE_VCMDQ_PAGE1 2
#define PAGE_VINTF_PAGE0 3
#define PAGE_VINTF_PAGE1 4

/* Configuration page */
#define CMDQV_CONFIG 0x0000
#define CMDQV_CONFIG_EN 0x1u
#define CMDQV_CONFIG_MASK 0x1fffffu
/* Enabled; PER_CMD_OFFSET 1, CMDQ_MAX_CLK_BATCH 8, CMDQ_MAX_CMD_BATCH 32 */
#define CMDQV_CONFIG_RESET 0x20083u
#define CMDQV_PARAM 0x0004
/* Version 1, 2 VCMDQs, 1 VINTF, 16 StreamIDs */
#define CMDQV_PARAM_GUEST 0x4011u
#define CMDQV_STATUS 0x0008
#define CMDQV_VINTF_ERR_MAP 0x0014
#define CMDQV_VINTF_INT_MASK 0x001c
#define CMDQV_CMDQ_ERR_MAP 0x0024
#define CMDQV_ALLOC_MAP 0x0200
#define CMDQV_ALLOC_MAP_ALLOCATED 0x1u
/* ALLOCATED, LVCMDQ, VINTF */
#define CMDQV_ALLOC_MAP_MASK 0x1f80ffu

/* Block of VINTF 0 in the configuration page */
#define VINTF_CONFIG 0x1000
#define VINTF_CONFIG_EN 0x1u
/* EN and VMID; HYP_OWN is not among them, it reads 0 */
#define VINTF_CONFIG_MASK 0x1ffffu
#define VINTF_STATUS 0x1004
#define VINTF_SID_MATCH 0x1040
#define VINTF_SID_MATCH_MASK 0x1fffffu
#define VINTF_SID_REPLACE 0x1080
#define VINTF_SID_REPLACE_MASK 0xfffffu
#define VINTF_LVCMDQ_ERR_MAP 0x10c0
#define NUM_SIDS 16

/* Queue registers, at this distance from queue to queue */
#define VCMDQ_STRIDE 0x80

/* in page 0 */
#define VCMDQ_CONS 0x00
/* Index and error code */
#define VCMDQ_CONS_MASK 0x7f0fffffu
#define VCMDQ_PROD 0x04
#define VCMDQ_PROD_MASK 0xfffffu
#define VCMDQ_CONFIG 0x08
#define VCMDQ_CONFIG_EN 0x1u
#define VCMDQ_STATUS 0x0c
#define VCMDQ_STATUS_ENABLED 0x1u
#define VCMDQ_GERROR 0x10
#define VCMDQ_GERROR_CMDQ_ERR 0x1u
#define VCMDQ_GERROR_INIT_ERR 0x4u
#define VCMDQ_GERROR_MASK 0x7u
#define VCMDQ_GERRORN 0x14

/* in page 1 */
#define VCMDQ_BASE 0x00
#define VCMDQ_BASE_LOG2SIZE 0x1full
#define VCMDQ_BASE_ADDR 0xffffffffffe0ull
#define VCMDQ_BASE_MASK (VCMDQ_BASE_ADDR | VCMDQ_BASE_LOG2SIZE)
#define VCMDQ_CONS_INDX_BASE 0x08

#endif
