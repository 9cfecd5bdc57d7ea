/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * vIOMMU, and what is made on it: vDEVICE, HW queue, mapping of its registers.
 * Event queues are in <viommu/event.h>, nested HWPTs in <viommu/hwpt.h>.
 *
 * All of them go with viommu_destroy(), in this order: nested HWPTs (after
 * their devices have moved off), vDEVICEs, HW queues from the highest index
 * down, event queues (descriptor closed first), munmap() of mappings, vIOMMU.
 */
#ifndef VIOMMU_OBJECT_H
#define VIOMMU_OBJECT_H

#include <viommu/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Types of vIOMMU; the kernel's IOMMU_VIOMMU_TYPE_* */
#define VIOMMU_TYPE_ARM_SMMUV3 1u
#define VIOMMU_TYPE_TEGRA241_CMDQV 2u

/* Types of HW queue; the kernel's IOMMU_HW_QUEUE_TYPE_* */
#define VIOMMU_HW_QUEUE_TEGRA241_CMDQV 1u

/**
 * struct viommu_region - Registers that can be mapped
 * @size: sizeof(struct viommu_region)
 * @reserved: 0
 * @offset: Offset to give to viommu_mmap()
 * @length: Length in bytes
 */
struct viommu_region {
	uint32_t size;
	uint32_t reserved;
	uint64_t offset;
	uint64_t length;
};

/**
 * viommu_alloc - Make a vIOMMU
 * @ctx: Context
 * @type: VIOMMU_TYPE_*
 * @dev: Device whose IOMMU backs the vIOMMU
 * @parent: Nesting parent, of viommu_hwpt_alloc_parent()
 * @data: Data of the type, read and written by the kernel, or NULL
 * @len: Length of the data
 * @viommu: ID of the new vIOMMU
 *
 * Return: 0, -EOPNOTSUPP if the device's IOMMU has no such vIOMMU, -ENOSPC if
 * all virtual interfaces of a CMDQ-V are taken, -ETIMEDOUT if it does not
 * answer, or another negative errno of
 * Documentation/userspace-api/viommu/checks.rst, section 4.1.
 */
int viommu_alloc(struct viommu_ctx *ctx, uint32_t type, uint32_t dev,
		 uint32_t parent, void *data, uint32_t len, uint32_t *viommu);

/**
 * viommu_alloc_cmdqv - Make the vIOMMU of an SMMUv3 with a CMDQ-V interface
 * @ctx: Context
 * @dev: Device whose SMMUv3 backs the vIOMMU
 * @parent: Nesting parent
 * @page0: Where page 0 of the interface can be mapped; its size is set
 * @viommu: ID of the new vIOMMU
 *
 * Return: as viommu_alloc(), and -EINVAL for a wrong size of @page0.
 */
int viommu_alloc_cmdqv(struct viommu_ctx *ctx, uint32_t dev, uint32_t parent,
		       struct viommu_region *page0, uint32_t *viommu);

/**
 * viommu_vdevice_alloc - Put a device on a vIOMMU
 * @ctx: Context
 * @viommu: vIOMMU
 * @dev: Device
 * @virt_id: ID of the device on the vIOMMU: on SMMUv3 the guest's StreamID
 * @vdevice: ID of the new vDEVICE
 *
 * Return: 0, -EEXIST if the device has a vDEVICE or @virt_id is taken, -ENOSPC
 * if all StreamIDs of a CMDQ-V interface are taken, or another negative errno
 * of Documentation/userspace-api/viommu/checks.rst, section 4.2.
 */
int viommu_vdevice_alloc(struct viommu_ctx *ctx, uint32_t viommu, uint32_t dev,
			 uint64_t virt_id, uint32_t *vdevice);

/**
 * viommu_hw_queue_alloc - Let the hardware read a queue of the guest
 * @ctx: Context
 * @viommu: vIOMMU
 * @type: VIOMMU_HW_QUEUE_*
 * @index: Number of the queue; 0 first, then 1, and so on
 * @iova: Guest-physical address of the queue's memory
 * @length: Bytes of the queue's memory
 * @queue: ID of the new HW queue
 *
 * The memory is pinned, and cannot be unmapped from the IOAS, while the queue
 * exists.
 *
 * Return: 0, -EIO if queue @index - 1 does not exist, -EEXIST, -EINVAL for an
 * index, size or alignment that the hardware does not have, -ENOENT if a part
 * of the memory is not mapped, -EFAULT if it is not contiguous, or another
 * negative errno of Documentation/userspace-api/viommu/checks.rst, section 4.4.
 * viommu_hw_queue_reason() tells apart what has the same errno.
 */
int viommu_hw_queue_alloc(struct viommu_ctx *ctx, uint32_t viommu,
			  uint32_t type, uint32_t index, uint64_t iova,
			  uint64_t length, uint32_t *queue);

/**
 * viommu_mmap - Map registers of a vIOMMU
 * @ctx: Context
 * @viommu: vIOMMU, for the trace only
 * @size: Bytes; at most the length of the region
 * @offset: Offset of the region, exactly as the kernel reported it
 * @addr: Where the region was mapped, read and write, shared. The caller undoes
 *        it with munmap(), before it destroys the vIOMMU.
 *
 * A child of fork() does not have the mapping. Nothing may use the memory when
 * it is unmapped: no vCPU, so it has left the guest (viommu_cmdqv_free()), and no
 * thread that could be in viommu_cmdqv_read() or the like, reset of the guest included.
 *
 * Return: 0, -ENXIO if no region starts at @offset or it is shorter than @size,
 * -EACCES for a descriptor that was opened read-only, -EINVAL if @size is 0 or
 * @offset no multiple of the page size, or another negative errno of mmap()
 * (Documentation/userspace-api/viommu/mmap.rst, section 7.2).
 */
int viommu_mmap(struct viommu_ctx *ctx, uint32_t viommu, size_t size,
		uint64_t offset, void **addr);

/**
 * viommu_mmap_reason - Say in words why viommu_mmap() failed
 * @err: Its result
 *
 * Return: A constant string for a message, without end of line
 * (Documentation/userspace-api/viommu/mmap.rst, section 7.2).
 */
const char *viommu_mmap_reason(int err);

#ifdef __cplusplus
}
#endif

#endif
