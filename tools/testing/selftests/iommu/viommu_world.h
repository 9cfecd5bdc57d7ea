/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest of the mock driver from its first object to its last, built step by
 * step and taken apart from wherever it stands. For tests in which any step may
 * fail: nothing here ends the program.
 */
#ifndef _VIOMMU_WORLD_H
#define _VIOMMU_WORLD_H

#include "veventq_mock.h"

#define WORLD_QUEUES	2

/**
 * struct world - The guest. An ID of 0 or a descriptor of -1: it is not there
 * @fd: /dev/iommu
 * @ioas: Where @ram is mapped
 * @mapped: @ram is mapped there
 * @stdev: The mock device as IOMMU_DESTROY takes it
 * @dev: The mock device as a bound device
 * @parent: Nesting parent
 * @viommu: vIOMMU with a region for mmap()
 * @data: Its driver data
 * @vdevice: The device on the vIOMMU
 * @fault: Fault queue
 * @fault_fd: Its file
 * @nested: Nested HWPT
 * @nested_fault: Nested HWPT that delivers page faults
 * @attached: The nested HWPT that the device is attached to
 * @veventq: Event queue
 * @events: Its file
 * @queue: HW queues
 * @region: The region, mapped
 * @ram: Memory of the guest; the first page of each queue lies in it
 * @step: What was tried last
 */
struct world {
	int fd;
	__u32 ioas;
	int mapped;
	__u32 stdev;
	__u32 dev;
	__u32 parent;
	__u32 viommu;
	struct iommu_viommu_selftest data;
	__u32 vdevice;
	__u32 fault;
	int fault_fd;
	__u32 nested;
	__u32 nested_fault;
	__u32 attached;
	__u32 veventq;
	int events;
	__u32 queue[WORLD_QUEUES];
	void *region;
	void *ram;
	const char *step;
};

/* Note the step for messages, and return from the caller when it fails */
#define WORLD_STEP(w, call)						\
	do {								\
		int __rc;						\
									\
		(w)->step = #call;					\
		__rc = call;						\
		if (__rc)						\
			return __rc;					\
	} while (0)

#define WORLD_RAM (WORLD_QUEUES * mock_page)

static inline void world_init(struct world *w, void *ram)
{
	memset(w, 0, sizeof(*w));
	w->fd = -1;
	w->fault_fd = -1;
	w->events = -1;
	w->region = MAP_FAILED;
	w->ram = ram;
}

static inline int world_open(struct world *w)
{
	w->fd = iommufd_open();
	return w->fd < 0 ? w->fd : 0;
}

static inline int world_ioas(struct world *w)
{
	WORLD_STEP(w, iommufd_ioas_alloc(w->fd, &w->ioas));
	WORLD_STEP(w, iommufd_ioas_map(w->fd, w->ioas, w->ram, MOCK_IOVA, WORLD_RAM,
				       MOCK_RW));
	w->mapped = 1;
	return 0;
}

static inline int world_device(struct world *w)
{
	WORLD_STEP(w, mock_device(w->fd, w->ioas, 0, &w->stdev, &w->dev));
	return 0;
}

static inline int world_parent(struct world *w)
{
	WORLD_STEP(w, iommufd_hwpt_alloc(w->fd, w->dev, w->ioas,
					 IOMMU_HWPT_ALLOC_NEST_PARENT, &w->parent));
	return 0;
}

static inline int world_viommu(struct world *w)
{
	w->data = (struct iommu_viommu_selftest){ .in_data = MOCK_DATA };
	WORLD_STEP(w, iommufd_viommu_alloc(w->fd, w->dev, w->parent,
					   IOMMU_VIOMMU_TYPE_SELFTEST, &w->data,
					   sizeof(w->data), &w->viommu));
	return 0;
}

static inline int world_vdevice(struct world *w)
{
	WORLD_STEP(w, iommufd_vdevice_alloc(w->fd, w->viommu, w->dev, MOCK_VIRT_ID,
					    &w->vdevice));
	return 0;
}

static inline int world_nested(struct world *w)
{
	WORLD_STEP(w, mock_nested(w->fd, w->dev, w->viommu, &w->nested));
	return 0;
}

static inline int world_attach(struct world *w, __u32 hwpt)
{
	WORLD_STEP(w, mock_attach(w->fd, w->stdev, hwpt));
	w->attached = hwpt;
	return 0;
}

static inline int world_fault(struct world *w)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };

	WORLD_STEP(w, iommufd_ioctl(w->fd, IOMMU_FAULT_QUEUE_ALLOC, &cmd));
	w->fault = cmd.out_fault_id;
	w->fault_fd = cmd.out_fault_fd;
	return 0;
}

static inline int world_nested_fault(struct world *w)
{
	struct iommu_hwpt_selftest data = { .iotlb = IOMMU_TEST_IOTLB_DEFAULT };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = w->dev,
		.pt_id = w->viommu,
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
		.fault_id = w->fault,
	};

	WORLD_STEP(w, iommufd_ioctl(w->fd, IOMMU_HWPT_ALLOC, &cmd));
	w->nested_fault = cmd.out_hwpt_id;
	return 0;
}

static inline int world_veventq(struct world *w)
{
	WORLD_STEP(w, iommufd_veventq_alloc(w->fd, w->viommu,
					    IOMMU_VEVENTQ_TYPE_SELFTEST, 4, &w->veventq,
					    &w->events));
	return 0;
}

static inline int world_queue(struct world *w, unsigned int i)
{
	WORLD_STEP(w, iommufd_hw_queue_alloc(w->fd, w->viommu,
					     IOMMU_HW_QUEUE_TYPE_SELFTEST, i,
					     MOCK_IOVA + i * mock_page, mock_page,
					     &w->queue[i]));
	return 0;
}

static inline int world_mmap(struct world *w)
{
	w->step = "mmap";
	w->region = mmap(NULL, w->data.out_mmap_length, PROT_READ | PROT_WRITE,
			 MAP_SHARED, w->fd, w->data.out_mmap_offset);
	return w->region == MAP_FAILED ? -errno : 0;
}

static inline int world_munmap(struct world *w)
{
	w->step = "munmap";
	if (munmap(w->region, w->data.out_mmap_length))
		return -errno;
	w->region = MAP_FAILED;
	return 0;
}

static inline int world_invalidate(struct world *w)
{
	struct iommu_viommu_invalidate_selftest inv = {
		.vdev_id = MOCK_VIRT_ID,
	};
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = w->viommu,
		.data_uptr = (uintptr_t)&inv,
		.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
		.entry_len = sizeof(inv),
		.entry_num = 1,
	};

	WORLD_STEP(w, iommufd_ioctl(w->fd, IOMMU_HWPT_INVALIDATE, &cmd));
	return 0;
}

/* Everything that a vIOMMU needs */
static inline int world_build_parent(struct world *w)
{
	int rc = world_open(w);

	if (!rc)
		rc = world_ioas(w);
	if (!rc)
		rc = world_device(w);
	return rc ? rc : world_parent(w);
}

/* Everything up to the vIOMMU, which each of its objects needs */
static inline int world_build_viommu(struct world *w)
{
	int rc = world_build_parent(w);

	return rc ? rc : world_viommu(w);
}

/* The device in stage 1 of the guest, so that it has events to report */
static inline int world_build_nested(struct world *w)
{
	int rc = world_build_viommu(w);

	if (!rc)
		rc = world_vdevice(w);
	if (!rc)
		rc = world_nested(w);
	return rc ? rc : world_attach(w, w->nested);
}

/* What hangs on the vIOMMU, all of it */
static inline int world_build_rest(struct world *w)
{
	int (*const steps[])(struct world *) = {
		world_vdevice, world_nested, world_fault, world_nested_fault,
		world_veventq, world_mmap, world_invalidate,
	};
	unsigned int i;
	int rc = 0;

	for (i = 0; !rc && i < ARRAY_SIZE(steps); i++)
		rc = steps[i](w);
	for (i = 0; !rc && i < WORLD_QUEUES; i++)
		rc = world_queue(w, i);
	if (!rc)
		rc = world_attach(w, w->nested);
	return rc ? rc : world_attach(w, w->nested_fault);
}

static inline int world_destroy(struct world *w, __u32 *id)
{
	if (!*id)
		return 0;
	WORLD_STEP(w, iommufd_destroy(w->fd, *id));
	*id = 0;
	return 0;
}

static inline void world_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* In the legal order, from whatever there is; each step must succeed */
static inline int world_teardown(struct world *w)
{
	__u64 length = WORLD_RAM;
	int i;

	if (w->region != MAP_FAILED)
		WORLD_STEP(w, world_munmap(w));
	if (w->attached)
		WORLD_STEP(w, world_attach(w, w->ioas));
	w->attached = 0;
	WORLD_STEP(w, world_destroy(w, &w->nested_fault));
	WORLD_STEP(w, world_destroy(w, &w->nested));
	world_close_fd(&w->fault_fd);
	WORLD_STEP(w, world_destroy(w, &w->fault));
	WORLD_STEP(w, world_destroy(w, &w->vdevice));
	for (i = WORLD_QUEUES - 1; i >= 0; i--)
		WORLD_STEP(w, world_destroy(w, &w->queue[i]));
	world_close_fd(&w->events);
	WORLD_STEP(w, world_destroy(w, &w->veventq));
	WORLD_STEP(w, world_destroy(w, &w->viommu));
	WORLD_STEP(w, world_destroy(w, &w->parent));
	WORLD_STEP(w, world_destroy(w, &w->stdev));
	if (w->mapped)
		WORLD_STEP(w, iommufd_ioas_unmap(w->fd, w->ioas, MOCK_IOVA, &length));
	w->mapped = 0;
	WORLD_STEP(w, world_destroy(w, &w->ioas));
	world_close_fd(&w->fd);
	return 0;
}

#endif
