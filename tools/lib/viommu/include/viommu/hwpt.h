/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * HWPT: a page table of the hardware. A nesting parent translates
 * guest-physical addresses; a nested HWPT is what the guest has in a stream
 * table entry, on top of that.
 */
#ifndef VIOMMU_HWPT_H
#define VIOMMU_HWPT_H

#include <viommu/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Type of the data of a nested HWPT; the kernel's IOMMU_HWPT_DATA_* */
#define VIOMMU_HWPT_ARM_SMMUV3 2u

/**
 * viommu_hwpt_alloc_parent - Make a nesting parent
 * @ctx: Context
 * @dev: Device; the parent belongs to its IOMMU
 * @ioas: Address space
 * @hwpt: ID of the new HWPT
 *
 * Return: 0, -EOPNOTSUPP if the IOMMU cannot nest, or another negative errno
 * of Documentation/userspace-api/viommu/checks.rst, section 4.5.
 */
int viommu_hwpt_alloc_parent(struct viommu_ctx *ctx, uint32_t dev,
			     uint32_t ioas, uint32_t *hwpt);

/**
 * viommu_hwpt_alloc_nested - Make a nested HWPT on a vIOMMU
 * @ctx: Context
 * @dev: Device
 * @viommu: vIOMMU
 * @type: Type of the data
 * @data: Data of that type
 * @len: Length of the data in bytes
 * @hwpt: ID of the new HWPT
 *
 * Return: 0 or a negative errno of
 * Documentation/userspace-api/viommu/checks.rst, section 4.5.
 */
int viommu_hwpt_alloc_nested(struct viommu_ctx *ctx, uint32_t dev,
			     uint32_t viommu, uint32_t type, const void *data,
			     uint32_t len, uint32_t *hwpt);

/**
 * viommu_hwpt_alloc_ste - Make a nested HWPT from a stream table entry
 * @ctx: Context
 * @dev: Device
 * @viommu: vIOMMU of an SMMUv3
 * @ste: Words 0 and 1 of the guest's STE, in the byte order of the host. The
 *       bits that the kernel does not take (see viommu_smmuv3_ste_mask()) must
 *       be 0.
 * @hwpt: ID of the new HWPT
 *
 * Return: 0, -EIO for an STE that the kernel refuses
 * (Documentation/userspace-api/viommu/smmuv3.rst, section 5.2), or another
 * negative errno of Documentation/userspace-api/viommu/checks.rst, section 4.5.
 */
int viommu_hwpt_alloc_ste(struct viommu_ctx *ctx, uint32_t dev,
			  uint32_t viommu, const uint64_t ste[2],
			  uint32_t *hwpt);

#ifdef __cplusplus
}
#endif

#endif
