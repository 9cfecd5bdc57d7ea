/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random calls on virtual IOMMUs: the target of the engine.
 */
#ifndef _VIOMMU_FUZZ_CORE_H
#define _VIOMMU_FUZZ_CORE_H

#include <stddef.h>
#include <linux/types.h>

#define FUZZ_DATA_MAX	64

/**
 * struct fuzz_target - A bound device with a nesting parent on RAM
 * @fd: /dev/iommu
 * @dev: ID of the device
 * @ioas: IOAS of RAM
 * @parent: Nesting parent
 * @ram: RAM in this program; the engine unmaps it from the IOAS and maps it again
 * @iova: RAM in the IOAS
 * @length: Bytes of RAM
 * @viommu_type: Type of vIOMMU, its driver data, and the positions in it of the
 *               offset and the length of the region for mmap()
 * @viommu_len: Bytes of the driver data
 * @offset_at: Position of the offset
 * @length_at: Position of the length
 * @veventq_type: Type of vEVENTQ
 * @queue_type: Type of HW_QUEUE
 * @queue_bytes: A valid length of a queue
 * @nested_type: Type of nested HWPT
 * @nested_len: Bytes of its driver data
 * @nested: Its driver data, valid
 * @inv_type: Type of an invalidation
 * @inv_len: Bytes of one
 * @invalidation: Makes a valid one for a device with the virtual ID @virt_id
 * @attach: Attaches the device to an HWPT
 * @detach: Attaches it to its first domain, or to none
 * @trigger: Makes an event; may be NULL
 */
struct fuzz_target {
	int fd;
	__u32 dev;
	__u32 ioas;
	__u32 parent;
	void *ram;
	__u64 iova;
	__u64 length;
	__u32 viommu_type;
	__u32 viommu_len;
	size_t offset_at;
	size_t length_at;
	__u32 veventq_type;
	__u32 queue_type;
	__u64 queue_bytes;
	__u32 nested_type;
	__u32 nested_len;
	__u8 nested[FUZZ_DATA_MAX];
	__u32 inv_type;
	__u32 inv_len;
	void (*invalidation)(void *entry, __u32 virt_id);
	int (*attach)(struct fuzz_target *target, __u32 hwpt);
	int (*detach)(struct fuzz_target *target);
	void (*trigger)(struct fuzz_target *target);
};

int fuzz_run(struct fuzz_target *target, __u64 seed, unsigned long calls);
void fuzz_arguments(int argc, char **argv, __u64 *seed, unsigned long *calls);

#endif
