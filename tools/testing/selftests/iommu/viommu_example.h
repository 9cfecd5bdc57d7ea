/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of the example of a VMM that depend on the IOMMU: types, driver data,
 * and the bind of a device. viommu_example.c has CMDQ-V with VFIO;
 * viommu_example_mock.c has the mock driver, so that the example can be tested
 * without hardware.
 */
#ifndef _VIOMMU_EXAMPLE_H
#define _VIOMMU_EXAMPLE_H

#include <linux/types.h>

#define GUEST_RAM_BASE	0x40000000UL
#define GUEST_RAM_SIZE	(1UL << 21)
#define GUEST_DEVICE	0x20	/* ID of the device in the guest */
#define QUEUE_SIZE	4096

struct vm;

struct platform {
	__u32 info_type;
	__u32 viommu_type;
	__u32 hwpt_type;
	__u32 invalidate_type;
	__u32 veventq_type;
	__u32 event_len;	/* bytes of payload */
	__u32 queue_type;
	/* Bind the device to vm->iommu; sets vm->dev_id */
	int (*bind)(struct vm *vm, const char *path);
	/* Attach the device to an IOAS or HWPT */
	int (*attach)(struct vm *vm, __u32 pt_id);
	void (*unbind)(struct vm *vm);
	/* Driver data: vIOMMU, nested HWPT, one invalidation */
	void *viommu_data;
	__u32 viommu_data_len;
	__u64 *mmap_offset;	/* members of viommu_data */
	__u64 *mmap_length;
	const void *hwpt_data;
	__u32 hwpt_data_len;
	const void *invalidation;
	__u32 invalidation_len;
};

struct vm {
	const struct platform *platform;
	int iommu;
	int device;		/* file of the device, or -1 */
	__u32 dev_id;
	__u32 stdev_id;		/* mock driver only */
	void *ram;
	__u32 ioas_id;
	__u32 parent_id;
	__u32 viommu_id;
	void *registers;
	__u32 vdevice_id;
	__u32 hwpt_id;
	__u32 veventq_id;
	int events;
	__u32 queue_id;
};

extern const struct platform platform_cmdqv;
extern const struct platform platform_mock;

int call(int fd, unsigned long request, void *cmd, const char *name);
/* As call(), with the name of the request for the message */
#define CALL(fd, request, cmd) call(fd, request, cmd, #request)

#endif
