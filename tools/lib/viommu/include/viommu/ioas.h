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

/* Access of devices to mapped memory */
#define VIOMMU_MAP_READ 1u
#define VIOMMU_MAP_WRITE 2u

/**
 * struct viommu_iova_range - A range of addresses that can be mapped
 * @start: First address
 * @last: Last address, inclusive
 *
 * The kernel fills it in an array, so it cannot grow and has no size.
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
 * Only memory of the system can be mapped: not a BAR of a device, not memory of a
 * GPU, not what viommu_mmap() returned. A device cannot reach these, though the
 * guest's processors may.
 *
 * Return: 0, -EINVAL for a wrong address, length or access, -EEXIST if
 * something is mapped there, -ENOENT without such an IOAS, -EFAULT for memory
 * that cannot be pinned, like that of a device, -ENOMEM.
 */
int viommu_ioas_map(struct viommu_ctx *ctx, uint32_t ioas, void *va,
		    uint64_t iova, uint64_t length, unsigned int access);

/**
 * viommu_ioas_map_reason - Say in words why memory could not be mapped
 * @err: Result of viommu_ioas_map() or viommu_ioas_map_file()
 *
 * Return: A constant string for a message, without end of line.
 */
const char *viommu_ioas_map_reason(int err);

/**
 * viommu_ioas_map_file - Map a range of a file for devices
 * @ctx: Context
 * @ioas: Address space
 * @fd: A memfd, or another file of shmem or hugetlbfs. The map keeps the file;
 *      the descriptor may be closed.
 * @start: Offset in the file, page aligned
 * @iova: Address that devices use, for guests the guest-physical one
 * @length: Bytes, a multiple of the page size
 * @access: VIOMMU_MAP_READ, VIOMMU_MAP_WRITE or both
 *
 * As viommu_ioas_map(), but the pages are the file's and not those of this
 * process. So they stay mapped when the process unmaps the file or ends, and
 * viommu_ioas_change_process() can move their account to another process.
 *
 * Return: 0, -EINVAL for a wrong offset, address, length or access, for a file of
 * another kind and for a range past the end of the file, -EPERM if the descriptor
 * or a seal of the file does not permit @access, -EBADF if @fd is not open,
 * -EOVERFLOW if the range ends beyond 2^64, -EEXIST if something is mapped there,
 * -ENOENT without such an IOAS, -ENOMEM also for the limit of locked memory,
 * -ENOTTY if the kernel does not have the command.
 */
int viommu_ioas_map_file(struct viommu_ctx *ctx, uint32_t ioas, int fd,
			 uint64_t start, uint64_t iova, uint64_t length,
			 unsigned int access);

/**
 * viommu_ioas_change_process - Charge all locked memory to this process
 * @ctx: Context, of a descriptor that came from another process
 *
 * For a VMM that hands its devices to its successor. It is about every address
 * space of the context. All that is mapped must come from viommu_ioas_map_file().
 * Nothing has changed on failure.
 *
 * Return: 0, -EBUSY if something is being mapped or unmapped at this moment,
 * -EINVAL if memory of a process is mapped, -ENOMEM if the limit of locked memory
 * of this process does not suffice, -ENOTTY if the kernel does not have the command.
 */
int viommu_ioas_change_process(struct viommu_ctx *ctx);

/**
 * viommu_ioas_unmap - Undo viommu_ioas_map() or viommu_ioas_map_file()
 * @ctx: Context
 * @ioas: Address space
 * @iova: First address
 * @length: In: bytes; UINT64_MAX with @iova 0 unmaps everything. Out: bytes
 *          that were unmapped.
 *
 * Return: 0, -ENOENT if nothing is mapped there or the range cuts a mapping,
 * -EBUSY if a HW queue lies in the range, see viommu_cmdqv_hold()
 * (Documentation/userspace-api/viommu/objects.rst, section 8.4).
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
