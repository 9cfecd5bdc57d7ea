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

/* Flags of an HWPT; the kernel's */
#define VIOMMU_HWPT_NEST_PARENT 1u
#define VIOMMU_HWPT_DIRTY_TRACKING 2u
#define VIOMMU_HWPT_FAULTS 4u

/**
 * struct viommu_hwpt_request - An HWPT of any kind
 * @size: sizeof(struct viommu_hwpt_request), so that the structure can grow
 * @flags: VIOMMU_HWPT_NEST_PARENT, VIOMMU_HWPT_DIRTY_TRACKING, VIOMMU_HWPT_FAULTS,
 *         and what a later kernel has
 * @dev: Device; the HWPT belongs to its IOMMU
 * @pt: IOAS for an HWPT with its memory, vIOMMU for a nested HWPT
 * @type: Type of @data, 0 without
 * @len: Length of @data in bytes, 0 without
 * @data: Data of that type, or NULL
 * @faults: Fault queue of viommu_faults_alloc() with VIOMMU_HWPT_FAULTS, or 0
 * @reserved: 0
 */
struct viommu_hwpt_request {
	uint32_t size;
	uint32_t flags;
	uint32_t dev;
	uint32_t pt;
	uint32_t type;
	uint32_t len;
	const void *data;
	uint32_t faults;
	uint32_t reserved;
};

/**
 * viommu_hwpt_alloc - Make an HWPT of any kind
 * @ctx: Context
 * @request: The HWPT; not kept
 * @hwpt: ID of the new HWPT
 *
 * viommu_hwpt_alloc_parent(), viommu_hwpt_alloc_nested() and viommu_hwpt_alloc_ste() are
 * shorter for the HWPTs that each VMM makes.
 *
 * Return: 0, -EINVAL for a wrong size, a reserved field that is not 0 or another kind of
 * @pt, -EOPNOTSUPP if the IOMMU has no such HWPT (an SMMUv3 tracks no dirty pages in a
 * nesting parent), -ENOENT without such a device or fault queue, or another negative errno
 * of Documentation/userspace-api/viommu/checks.rst, section 4.5.
 */
int viommu_hwpt_alloc(struct viommu_ctx *ctx, const struct viommu_hwpt_request *request,
		      uint32_t *hwpt);

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

/**
 * viommu_hwpt_set_dirty_tracking - Begin or end to track pages that devices write
 * @ctx: Context
 * @hwpt: HWPT that was made with VIOMMU_HWPT_DIRTY_TRACKING
 * @enable: 1 or 0
 *
 * Pages that were dirty before are forgotten when tracking begins.
 *
 * Return: 0, -EINVAL for another @enable, -EOPNOTSUPP if the HWPT cannot track, -ENOENT
 * without such an HWPT.
 */
int viommu_hwpt_set_dirty_tracking(struct viommu_ctx *ctx, uint32_t hwpt, int enable);

/* Flag of viommu_hwpt_get_dirty(): pages stay dirty, as before an unmap of the range */
#define VIOMMU_DIRTY_KEEP 1u

/**
 * viommu_hwpt_get_dirty - Ask which pages devices have written
 * @ctx: Context
 * @hwpt: HWPT whose tracking is on
 * @iova: First address of the range, a multiple of @page_size; no mapping of the
 *        hardware may lie across an end of the range
 * @length: Bytes, a multiple of @page_size
 * @page_size: Bytes for each bit, a power of two
 * @flags: VIOMMU_DIRTY_KEEP or 0: the pages that are told are clean from now on
 * @bitmap: Bit n % 64 of word n / 64 is set for a dirty page n from @iova on; bits are
 *          never cleared. (@length / @page_size + 63) / 64 words.
 *
 * Return: 0; -EINVAL for a wrong range, page size, or tracking that is off; -EOPNOTSUPP
 * if the HWPT cannot track or for another flag; -ENOENT without such an HWPT. Pages that
 * were dirty may be told nowhere after a failure: take all of the range for dirty.
 * Kernels before 6.12.118 return 0 for tracking that is off, and for a range that is not
 * mapped as a whole; pages of its rest that are dirty may be told nowhere then.
 */
int viommu_hwpt_get_dirty(struct viommu_ctx *ctx, uint32_t hwpt, uint64_t iova,
			  uint64_t length, uint64_t page_size, uint32_t flags,
			  uint64_t *bitmap);

#ifdef __cplusplus
}
#endif

#endif
