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
#define CONFIG 0x0000
#define CONFIG_EN 0x1u
#define CONFIG_MASK 0x1fffffu
/* Enabled; PER_CMD_OFFSET 1, CMDQ_MAX_CLK_BATCH 8, CMDQ_MAX_CMD_BATCH 32 */
#define CONFIG_RESET 0x20083u
#define PARAM 0x0004
/* Version 1, 2 VCMDQs, 1 VINTF, 16 StreamIDs */
#define PARAM_GUEST 0x4011u
#define STATUS 0x0008
#define VINTF_ERR_MAP 0x0014
#define VINTF_INT_MASK 0x001c
#define CMDQ_ERR_MAP 0x0024
#define ALLOC_MAP 0x0200
#define ALLOC_MAP_ALLOCATED 0x1u
/* ALLOCATED, LVCMDQ, VINTF */
#define ALLOC_MAP_MASK 0x1f80ffu

/* Block of VINTF 0 in the configuration page */
#define VINTF_CONFIG 0x1000
#define VINTF_CONFIG_EN 0x1u
/* EN and VMID; HYP_OWN is not among them, it reads 0 */
#define VINTF_CONFIG_MASK 0x1ffffu
#define VINTF_STATUS 0x1004
#define SID_MATCH 0x1040
#define SID_MATCH_MASK 0x1fffffu
#define SID_REPLACE 0x1080
#define SID_REPLACE_MASK 0xfffffu
#define LVCMDQ_ERR_MAP 0x10c0
#define NUM_SIDS 16

/* Queue registers, at this distance from queue to queue */
#define QUEUE_STRIDE 0x80

/* in page 0 */
#define CONS 0x00
/* Index and error code */
#define CONS_MASK 0x7f0fffffu
#define PROD 0x04
#define PROD_MASK 0xfffffu
#define QCONFIG 0x08
#define QCONFIG_EN 0x1u
#define QSTATUS 0x0c
#define QSTATUS_ENABLED 0x1u
#define GERROR 0x10
#define GERROR_INIT_ERR 0x4u
#define GERROR_MASK 0x7u
#define GERRORN 0x14

/* in page 1 */
#define BASE 0x00
#define BASE_LOG2SIZE 0x1full
#define BASE_ADDR 0xffffffffffe0ull
#define BASE_MASK (BASE_ADDR | BASE_LOG2SIZE)
#define CONS_INDX_BASE 0x08

#endif
