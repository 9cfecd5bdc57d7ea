/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine that a guest of this VMM sees: addresses, interrupts, and the
 * control page by which a guest talks about itself. Shared by the VMM and the
 * payloads, so it holds plain numbers only.
 */
#ifndef _VMM_MACHINE_H
#define _VMM_MACHINE_H

/* Guest-physical addresses */
#define VMM_GIC_DIST		0x08000000UL
#define VMM_GIC_REDIST		0x080a0000UL	/* 128 KiB for each vCPU */
#define VMM_UART		0x09000000UL	/* PL011: DR and FR only */
#define VMM_CONTROL		0x09010000UL
#define VMM_SMMU		0x09050000UL	/* SMMUv3, pages 0 and 1 */
#define VMM_DEVICE_REGS		0x0a000000UL	/* BAR 0 of the device */
#define VMM_DEVICE_COUNTERS	0x0a010000UL	/* BAR 2 of the device */
#define VMM_CMDQV		0x0b000000UL	/* five pages of 64 KiB */
#define VMM_RAM			0x40000000UL	/* payload and its first PC */

#define VMM_PAGE_SIZE		0x10000UL	/* of each register page above */
#define VMM_SMMU_SIZE		0x20000UL
#define VMM_CMDQV_SIZE		0x50000UL

/* Shared peripheral interrupts; the INTID is 32 more */
#define VMM_CMDQV_SPI		200
#define VMM_SMMU_EVENT_SPI	201
#define VMM_SMMU_GERROR_SPI	202

#define VMM_GIC_LINES		256	/* interrupts, SGIs and PPIs included */

#define VMM_MAX_CPUS		8
#define VMM_MAX_RAM_MIB		65536

/*
 * Control page: 32-bit registers, except for the counters, which are 64 bits
 * wide and hold what happened between the two marks.
 */
#define CONTROL_ID		0x00	/* RO */
#define   CONTROL_ID_VALUE	0x564d4d31
#define CONTROL_CPUS		0x04	/* RO */
#define CONTROL_RAM_MIB		0x08	/* RO */
#define CONTROL_FEATURES	0x0c	/* RO */
#define   CONTROL_HAS_DEVICE	(1 << 0)	/* a device behind the SMMU */
#define   CONTROL_HAS_CMDQV	(1 << 1)
#define   CONTROL_HAS_EVENTS	(1 << 2)	/* errors of queues are interrupts */
#define CONTROL_STREAM_ID	0x10	/* RO: of the device, in this machine */
#define CONTROL_MARK		0x14	/* WO */
#define   CONTROL_MARK_BEGIN	1
#define   CONTROL_MARK_END	2
#define CONTROL_EXIT		0x18	/* WO: ends the machine with this status */
#define CONTROL_HOTPLUG		0x1c	/* R: requests of the host; W: answers of the guest */
#define   CONTROL_EJECT		(1 << 0)	/* give the device back; it was given back */
#define CONTROL_SAVE		0x20	/* WO: has the machine saved, if the VMM was told where to */
#define CONTROL_GENERATION	0x24	/* RO: how often it was restored */
#define CONTROL_COUNT(i)	(0x100 + 8 * (i))

/*
 * The counts. An exit is a return of KVM_RUN to the VMM; those for MMIO are
 * told apart by region. The kernel's own count has the exits that never reach
 * the VMM as well. The access that sets a mark is not counted.
 */
enum vmm_count {
	COUNT_EXITS,
	COUNT_UART,
	COUNT_CONTROL,
	COUNT_SMMU,
	COUNT_CMDQV_CONFIG,
	COUNT_CMDQV_VCMDQ0,
	COUNT_CMDQV_VCMDQ1,
	COUNT_CMDQV_VINTF0,
	COUNT_CMDQV_VINTF1,
	COUNT_NOWHERE,
	COUNT_NO_SYNDROME,
	COUNT_SYSTEM,
	COUNT_SIGNAL,
	COUNT_IOCTLS,
	COUNT_KVM_EXITS,
	COUNTS,
};

#endif
