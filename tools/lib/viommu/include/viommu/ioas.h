/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * IOAS: the address space that devices see. For a virtual machine it holds
 * guest memory at guest-physical addresses.
 */
#ifndef VIOMMU_IOAS_H
#define VIOMMU_IOAS_H

#include <viommu/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What devices may do with mapped memory */
#define VIOMMU_MAP_READ 1u
#define VIOMMU_MAP_WRITE 2u

/**
 * struct viommu_iova_range - A range of addresses that can be mapped
 * @start: First address
 * @last: Last address, inclusive
 */
struct viommu_iova_range {
	uint64_t start;
	uint64_t last;
};

/**
 * viommu_ioas_alloc - Make an empty address space
 * @ctx: Context
 * @ioas: ID of the new IOAS
 *
 * Return: 0 or -ENOMEM.
 */
int viommu_ioas_alloc(struct viommu_ctx *ctx, uint32_t *ioas);

/**
 * viommu_ioas_map - Map memory of this process for devices
 * @ctx: Context
 * @ioas: Address space
 * @va: Memory; page aligned. Never the memory that viommu_mmap() returns.
 * @iova: Address that devices use, for guests the guest-physical one
 * @length: Bytes, a multiple of the page size
 * @access: VIOMMU_MAP_READ, VIOMMU_MAP_WRITE or both
 *
 * The memory is pinned. Back guest memory with huge pages if its guest is to
 * have command queues: a queue must be physically contiguous.
 *
 * Return: 0, -EINVAL for a wrong address, length or access, -EEXIST if
 * something is mapped there, -ENOENT without such an IOAS, -EFAULT for memory
 * that cannot be pinned, -ENOMEM.
 */
int viommu_ioas_map(struct viommu_ctx *ctx, uint32_t ioas, void *va,
		    uint64_t iova, uint64_t length, unsigned int access);

/**
 * viommu_ioas_unmap - Undo viommu_ioas_map()
 * @ctx: Context
 * @ioas: Address space
 * @iova: First address
 * @length: In: bytes; UINT64_MAX with @iova 0 unmaps everything. Out: bytes
 *          that were unmapped.
 *
 * Return: 0, -ENOENT if nothing is mapped there or the range cuts a mapping,
 * -EBUSY if a HW queue lies in the range (user ABI, section 8.4).
 */
int viommu_ioas_unmap(struct viommu_ctx *ctx, uint32_t ioas, uint64_t iova,
		      uint64_t *length);

/**
 * viommu_ioas_ranges - Ask which addresses can be mapped
 * @ctx: Context
 * @ioas: Address space; attach devices first, they restrict it
 * @ranges: Array for the answer, may be NULL if *@num is 0
 * @num: In: length of the array. Out: number of ranges there are; written also
 *       on -EMSGSIZE.
 * @alignment: Alignment that addresses need, or NULL
 *
 * Return: 0, -EMSGSIZE if the array is too short, -ENOENT without such an IOAS.
 */
int viommu_ioas_ranges(struct viommu_ctx *ctx, uint32_t ioas,
		       struct viommu_iova_range *ranges, uint32_t *num,
		       uint64_t *alignment);

#ifdef __cplusplus
}
#endif

#endif
