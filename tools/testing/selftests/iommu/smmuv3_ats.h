/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared code of the tests of devices with an address translation cache (ATC).
 */
#ifndef _SMMUV3_ATS_H
#define _SMMUV3_ATS_H

#include <errno.h>
#include <sys/ioctl.h>

#include <linux/vfio.h>

#include "smmuv3_nested.h"

#define VSTE_EATS_TRANS	(1ULL << 28)
#define IDR0_ATS	(1U << 10)
#define VSID(vm)	((__u64)VM_VSID((vm)->dev.index) << 32)

static inline __u64 atc_reg(struct cmdqv_vm *vm, unsigned int reg)
{
	return *(volatile __u64 *)(vm->dev.regs + reg);
}

static inline __u64 atc_entries(struct cmdqv_vm *vm)
{
	return atc_reg(vm, DMA_TEST_ATC_ENTRIES);
}

static inline __u64 atc_run(struct cmdqv_vm *vm, __u64 iova, __u64 command)
{
	*(volatile __u64 *)(vm->dev.regs + DMA_TEST_ADDR) = iova;
	*(volatile __u64 *)(vm->dev.regs + DMA_TEST_COMMAND) = command;
	return atc_reg(vm, DMA_TEST_RESULT);
}

/* The device translates @iova and keeps the translation */
static inline __u64 atc_fill(struct cmdqv_vm *vm, __u64 iova)
{
	return atc_run(vm, iova, DMA_TEST_ATC_FILL);
}

/* Whether the device answers ATC_INVs, DMA_TEST_SILENT or another value of the register */
static inline void atc_be_silent(struct cmdqv_vm *vm, __u64 how)
{
	*(volatile __u64 *)(vm->dev.regs + DMA_TEST_ATC_SILENT) = how;
}

static inline __u64 atc_unanswered(struct cmdqv_vm *vm)
{
	return atc_reg(vm, DMA_TEST_ATC_UNANSWERED);
}

static inline int device_reset(struct cmdqv_vm *vm)
{
	return ioctl(vm->dev.fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

static inline int map_ram(struct cmdqv_vm *vm)
{
	return iommufd_ioas_map(vm->iommufd, vm->ioas, vm->ram.va, vm->ram.gpa,
				vm->ram.size,
				IOMMU_IOAS_MAP_READABLE |
				IOMMU_IOAS_MAP_WRITEABLE);
}

static inline int unmap_ram(struct cmdqv_vm *vm)
{
	__u64 length = vm->ram.size;

	return iommufd_ioas_unmap(vm->iommufd, vm->ioas, vm->ram.gpa, &length);
}

/* Stage 1 with or without ATS, not attached yet */
static inline int ats_nest(struct cmdqv_vm *vm, int ats)
{
	__u64 ste[2];
	int rc;

	stage1_init(&vm->ram, VM_ASID);
	stage1_ste(&vm->ram, ste);
	if (ats)
		ste[1] |= VSTE_EATS_TRANS;
	rc = iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id,
				   VM_VSID(vm->dev.index), &vm->vdevice);
	if (!rc)
		rc = iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu,
					 ste, &vm->nested);
	return rc;
}

#endif
