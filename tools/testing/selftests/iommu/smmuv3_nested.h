/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared code of the tests of SMMUv3 nesting: a VM with a vIOMMU of type
 * ARM_SMMUV3, without its own command queues.
 */
#ifndef _SMMUV3_NESTED_H
#define _SMMUV3_NESTED_H

#include <stdint.h>

#include "cmdqv_test.h"
#include "../../qemu/pci-dma-test-regs.h"

#define IOVA(n)		(STAGE1_IOVA + (n) * RAM_PAGE)
#define GPA(vm, page)	ram_gpa(&(vm)->ram, RAM_DATA + (page) * RAM_PAGE)

#define VALUE_A		0x1111111111111111ULL
#define VALUE_B		0x2222222222222222ULL

/* Virtual STE, word 0 */
#define VSTE_V		(1ULL << 0)
#define VSTE_CFG(n)	((__u64)(n) << 1)
#define VSTE_CFG_ABORT	VSTE_CFG(0)
#define VSTE_CFG_BYPASS	VSTE_CFG(4)
#define VSTE_CFG_S1	VSTE_CFG(5)

#define CMD_CFGI_CD_ALL	0x06ULL

static inline int nested_viommu(struct cmdqv_vm *vm)
{
	int rc = iommufd_viommu_alloc(vm->iommufd, vm->dev_id, vm->parent,
				      IOMMU_VIOMMU_TYPE_ARM_SMMUV3, NULL, 0,
				      &vm->viommu);

	if (rc) {
		vm->step = "IOMMU_VIOMMU_ALLOC";
		vm->error = rc;
	}
	return rc;
}

#define NESTED_OPEN(vm, index)						\
	do {								\
		TEST_RESERVE();						\
		TEST_STEP(vm, vm_open(vm, index));			\
		TEST_STEP(vm, nested_viommu(vm));			\
		*ram_data(&(vm)->ram, 0) = VALUE_A;			\
		*ram_data(&(vm)->ram, 1) = VALUE_B;			\
	} while (0)

/* The value that the device reads at @iova, or the negative errno as it is */
static inline __u64 device_reads(struct cmdqv_vm *vm, __u64 iova)
{
	__u64 value = 0;
	int rc = dma_read(&vm->dev, iova, &value);

	return rc ? (__u64)rc : value;
}

/* Commands with opcode @op that the SMMU's own queue has executed so far */
static inline __u64 main_opcode(struct cmdqv_vm *vm, unsigned int op)
{
	return dma_window(&vm->dev, CMDQV_WIN_MAIN_OPCODE(op));
}

/* IOMMU_HWPT_INVALIDATE of one command */
static inline int invalidate_one(struct cmdqv_vm *vm, __u64 w0, __u64 w1)
{
	struct smmu_cmd cmd = { .w = { w0, w1 } };
	__u32 num = 1;
	int rc = iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, &cmd, &num);

	/* The count must agree with the result */
	return num == !rc ? rc : -EPROTO;
}

#endif
