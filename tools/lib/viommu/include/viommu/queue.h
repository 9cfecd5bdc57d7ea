/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Reasons why a HW queue is refused, and a preflight: before the guest runs, from the
 * limits of the hardware and the layout of the guest's memory. Pure functions.
 *
 * A queue is taken for certain if it lies in one page of the memory behind the guest. In
 * more than one it is taken only if these happen to be neighbours in physical memory.
 */
#ifndef VIOMMU_QUEUE_H
#define VIOMMU_QUEUE_H

#include <viommu/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * enum viommu_hw_queue_reason - Why a HW queue is refused
 * @VIOMMU_HW_QUEUE_TAKEN: it is not
 * @VIOMMU_HW_QUEUE_UNSUPPORTED: the vIOMMU has no HW queues of this type
 * @VIOMMU_HW_QUEUE_INDEX: the vIOMMU has no queue of this index
 * @VIOMMU_HW_QUEUE_ORDER: the queue below it does not exist
 * @VIOMMU_HW_QUEUE_EXISTS: it exists
 * @VIOMMU_HW_QUEUE_SIZE: the length is no power of two, below 32 bytes, or more
 *                        than the hardware has
 * @VIOMMU_HW_QUEUE_ALIGNMENT: the physical address is no multiple of the length
 * @VIOMMU_HW_QUEUE_INVALID: index, size or alignment; viommu_hw_queue_reason()
 *                           can tell which if it gets the limits
 * @VIOMMU_HW_QUEUE_UNMAPPED: a part of the memory is not mapped in the IOAS
 * @VIOMMU_HW_QUEUE_UNREADABLE: a part of the memory is mapped without
 *                              VIOMMU_MAP_READ
 * @VIOMMU_HW_QUEUE_UNALIGNED_MAP: the IOAS has mappings that are not aligned to
 *                                 pages
 * @VIOMMU_HW_QUEUE_SCATTERED: the memory is not physically contiguous, or need
 *                             not be
 * @VIOMMU_HW_QUEUE_UNPINNABLE: the memory cannot be pinned
 * @VIOMMU_HW_QUEUE_NO_MEMORY: the kernel has no memory for it
 * @VIOMMU_HW_QUEUE_DEAD: the hardware does not answer
 * @VIOMMU_HW_QUEUE_OTHER: something else
 */
enum viommu_hw_queue_reason {
	VIOMMU_HW_QUEUE_TAKEN,
	VIOMMU_HW_QUEUE_UNSUPPORTED,
	VIOMMU_HW_QUEUE_INDEX,
	VIOMMU_HW_QUEUE_ORDER,
	VIOMMU_HW_QUEUE_EXISTS,
	VIOMMU_HW_QUEUE_SIZE,
	VIOMMU_HW_QUEUE_ALIGNMENT,
	VIOMMU_HW_QUEUE_INVALID,
	VIOMMU_HW_QUEUE_UNMAPPED,
	VIOMMU_HW_QUEUE_UNREADABLE,
	VIOMMU_HW_QUEUE_UNALIGNED_MAP,
	VIOMMU_HW_QUEUE_SCATTERED,
	VIOMMU_HW_QUEUE_UNPINNABLE,
	VIOMMU_HW_QUEUE_NO_MEMORY,
	VIOMMU_HW_QUEUE_DEAD,
	VIOMMU_HW_QUEUE_OTHER,
};

/**
 * struct viommu_memory - Memory of a guest in the IOAS
 * @iova: Guest-physical address
 * @length: Bytes
 * @backing: Address of it in the VMM; or its offset, if it is a range of a file
 * @page_size: Bytes of the pages that back it: of a huge page, or of a page of the
 *             system
 *
 * The caller has it in an array, so it cannot grow and has no size.
 */
struct viommu_memory {
	uint64_t iova;
	uint64_t length;
	uint64_t backing;
	uint64_t page_size;
};

/**
 * struct viommu_hw_queue_limits - Limits of the queues of a VM
 * @size: sizeof(struct viommu_hw_queue_limits), so that the structure can grow
 * @queues: How many the vIOMMU has, 1 << viommu_cmdqv_info.log2vcmdqs; 0 if unknown
 * @max_log2size: log2 of the commands that one can have at most, IDR1.CMDQS of the
 *                host's SMMU; 0 if unknown
 * @memory_num: Length of the array @memory
 * @memory: All memory of the guest in the IOAS, in any order, without overlap
 */
struct viommu_hw_queue_limits {
	uint32_t size;
	uint32_t queues;
	uint32_t max_log2size;
	uint32_t memory_num;
	const struct viommu_memory *memory;
};

/**
 * viommu_hw_queue_check - Would a queue be taken?
 * @limits: Limits of the VM
 * @index: Number of the queue; those below it are taken to exist
 * @iova: Guest-physical address of its memory
 * @length: Bytes of its memory
 *
 * Return: VIOMMU_HW_QUEUE_TAKEN if it is taken for certain, or else the first of
 * enum viommu_hw_queue_reason that speaks against it. VIOMMU_HW_QUEUE_SCATTERED
 * means that it is chance. VIOMMU_HW_QUEUE_OTHER: @limits->size is wrong.
 */
uint32_t viommu_hw_queue_check(const struct viommu_hw_queue_limits *limits,
			       uint32_t index, uint64_t iova, uint64_t length);

/**
 * viommu_hw_queue_reason - Why was a queue refused?
 * @limits: Limits of the VM, or NULL: then an errno with several causes may stay
 *          VIOMMU_HW_QUEUE_INVALID
 * @err: Result of viommu_hw_queue_alloc()
 * @index: Number of the queue
 * @iova: Guest-physical address of its memory
 * @length: Bytes of its memory
 *
 * Return: enum viommu_hw_queue_reason.
 */
uint32_t viommu_hw_queue_reason(const struct viommu_hw_queue_limits *limits,
				int err, uint32_t index, uint64_t iova,
				uint64_t length);

/**
 * viommu_hw_queue_reason_word - A reason in a word
 * @reason: enum viommu_hw_queue_reason
 *
 * Return: A constant string of small letters and hyphens, which does not change from
 * version to version: for a log that programs read.
 */
const char *viommu_hw_queue_reason_word(uint32_t reason);

/**
 * viommu_hw_queue_reason_text - A reason in a sentence
 * @reason: enum viommu_hw_queue_reason
 *
 * Return: A constant string, without end of line.
 */
const char *viommu_hw_queue_reason_text(uint32_t reason);

/**
 * viommu_hw_queue_log2size - Size of queue that is taken wherever a guest puts it
 * @limits: Limits of the VM
 *
 * The largest CMDQS that a VMM can show to its guest without the risk that the
 * guest's queue is refused: a queue of this size or smaller, at any multiple of
 * its size within the memory, lies in one page. That needs large pages, and
 * guest-physical addresses that are congruent to the addresses in the VMM (or
 * offsets in the file) modulo the size.
 *
 * Return: log2 of the number of commands; 0 if there is no memory, or @limits->size
 * is wrong.
 */
unsigned int viommu_hw_queue_log2size(const struct viommu_hw_queue_limits *limits);

#ifdef __cplusplus
}
#endif

#endif
