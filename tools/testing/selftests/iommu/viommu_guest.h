/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VM on the mock driver with all objects, built step by step and destroyed from
 * any state. For tests in which any step may fail: no function here ends the
 * program.
 */
#ifndef _VIOMMU_GUEST_H
#define _VIOMMU_GUEST_H

#include "veventq_mock.h"

#define GUEST_QUEUES	2

/**
 * struct mock_guest - The VM. An ID of 0 or a descriptor of -1: the object does
 * not exist
 * @vm: The first objects of each VM; also records the last step
 * @mapped: @ram is mapped in the IOAS
 * @vdevice: The device on the vIOMMU
 * @fault: Fault queue
 * @fault_fd: Its file
 * @nested: Nested HWPT
 * @nested_fault: Nested HWPT that delivers page faults
 * @attached: The nested HWPT of the device
 * @veventq: Event queue
 * @events: Its file
 * @queue: HW queues
 * @region: The region, mapped
 * @ram: Memory of the guest; the first page of each queue is in it
 */
struct mock_guest {
	struct mock_vm vm;
	int mapped;
	__u32 vdevice;
	__u32 fault;
	int fault_fd;
	__u32 nested;
	__u32 nested_fault;
	__u32 attached;
	__u32 veventq;
	int events;
	__u32 queue[GUEST_QUEUES];
	void *region;
	void *ram;
};

#define GUEST_RAM (GUEST_QUEUES * mock_page)

static inline void guest_init(struct mock_guest *g, void *ram)
{
	memset(g, 0, sizeof(*g));
	g->vm.fd = -1;
	g->fault_fd = -1;
	g->events = -1;
	g->region = MAP_FAILED;
	g->ram = ram;
}

static inline int guest_open(struct mock_guest *g)
{
	return mock_vm_open(&g->vm);
}

static inline int guest_ioas(struct mock_guest *g)
{
	int rc = mock_vm_ioas(&g->vm);

	if (rc)
		return rc;
	MOCK_STEP(&g->vm, iommufd_ioas_map(g->vm.fd, g->vm.ioas, g->ram,
					   MOCK_IOVA, GUEST_RAM, MOCK_RW));
	g->mapped = 1;
	return 0;
}

static inline int guest_device(struct mock_guest *g)
{
	return mock_vm_device(&g->vm);
}

static inline int guest_viommu(struct mock_guest *g)
{
	return mock_vm_viommu(&g->vm);
}

static inline int guest_vdevice(struct mock_guest *g)
{
	MOCK_STEP(&g->vm, iommufd_vdevice_alloc(g->vm.fd, g->vm.viommu,
						g->vm.dev, MOCK_VIRT_ID,
						&g->vdevice));
	return 0;
}

static inline int guest_nested(struct mock_guest *g)
{
	MOCK_STEP(&g->vm, mock_nested(g->vm.fd, g->vm.dev, g->vm.viommu,
				      &g->nested));
	return 0;
}

static inline int guest_attach(struct mock_guest *g, __u32 hwpt)
{
	MOCK_STEP(&g->vm, mock_attach(g->vm.fd, g->vm.stdev, hwpt));
	g->attached = hwpt;
	return 0;
}

static inline int guest_fault(struct mock_guest *g)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };

	MOCK_STEP(&g->vm, iommufd_ioctl(g->vm.fd, IOMMU_FAULT_QUEUE_ALLOC,
					&cmd));
	g->fault = cmd.out_fault_id;
	g->fault_fd = cmd.out_fault_fd;
	return 0;
}

static inline int guest_nested_fault(struct mock_guest *g)
{
	struct iommu_hwpt_selftest data = { .iotlb = IOMMU_TEST_IOTLB_DEFAULT };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = g->vm.dev,
		.pt_id = g->vm.viommu,
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
		.fault_id = g->fault,
	};

	MOCK_STEP(&g->vm, iommufd_ioctl(g->vm.fd, IOMMU_HWPT_ALLOC, &cmd));
	g->nested_fault = cmd.out_hwpt_id;
	return 0;
}

static inline int guest_veventq(struct mock_guest *g)
{
	MOCK_STEP(&g->vm, iommufd_veventq_alloc(g->vm.fd, g->vm.viommu,
						IOMMU_VEVENTQ_TYPE_SELFTEST, 4,
						&g->veventq, &g->events));
	return 0;
}

static inline int guest_queue(struct mock_guest *g, unsigned int i)
{
	MOCK_STEP(&g->vm, iommufd_hw_queue_alloc(g->vm.fd, g->vm.viommu,
						 IOMMU_HW_QUEUE_TYPE_SELFTEST,
						 i, MOCK_IOVA + i * mock_page,
						 mock_page, &g->queue[i]));
	return 0;
}

static inline int guest_mmap(struct mock_guest *g)
{
	g->vm.step = "mmap";
	g->region = mmap(NULL, g->vm.data.out_mmap_length, PROT_READ | PROT_WRITE,
			 MAP_SHARED, g->vm.fd, g->vm.data.out_mmap_offset);
	return g->region == MAP_FAILED ? -errno : 0;
}

static inline int guest_munmap(struct mock_guest *g)
{
	g->vm.step = "munmap";
	if (munmap(g->region, g->vm.data.out_mmap_length))
		return -errno;
	g->region = MAP_FAILED;
	return 0;
}

static inline int guest_invalidate(struct mock_guest *g)
{
	struct iommu_viommu_invalidate_selftest inv = {
		.vdev_id = MOCK_VIRT_ID,
	};
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = g->vm.viommu,
		.data_uptr = (uintptr_t)&inv,
		.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
		.entry_len = sizeof(inv),
		.entry_num = 1,
	};

	MOCK_STEP(&g->vm, iommufd_ioctl(g->vm.fd, IOMMU_HWPT_INVALIDATE, &cmd));
	return 0;
}

/* All objects that a vIOMMU needs */
static inline int guest_build_parent(struct mock_guest *g)
{
	int rc = guest_open(g);

	if (!rc)
		rc = guest_ioas(g);
	if (!rc)
		rc = guest_device(g);
	return rc ? rc : mock_vm_parent(&g->vm);
}

/* All objects up to the vIOMMU */
static inline int guest_build_viommu(struct mock_guest *g)
{
	int rc = guest_build_parent(g);

	return rc ? rc : guest_viommu(g);
}

/* The device in stage 1 of the guest, so that it reports events */
static inline int guest_build_nested(struct mock_guest *g)
{
	int rc = guest_build_viommu(g);

	if (!rc)
		rc = guest_vdevice(g);
	if (!rc)
		rc = guest_nested(g);
	return rc ? rc : guest_attach(g, g->nested);
}

/* All objects on the vIOMMU */
static inline int guest_build_rest(struct mock_guest *g)
{
	int (*const steps[])(struct mock_guest *) = {
		guest_vdevice, guest_nested, guest_fault, guest_nested_fault,
		guest_veventq, guest_mmap, guest_invalidate,
	};
	unsigned int i;
	int rc = 0;

	for (i = 0; !rc && i < ARRAY_SIZE(steps); i++)
		rc = steps[i](g);
	for (i = 0; !rc && i < GUEST_QUEUES; i++)
		rc = guest_queue(g, i);
	if (!rc)
		rc = guest_attach(g, g->nested);
	return rc ? rc : guest_attach(g, g->nested_fault);
}

static inline int guest_destroy(struct mock_guest *g, __u32 *id)
{
	if (!*id)
		return 0;
	MOCK_STEP(&g->vm, iommufd_destroy(g->vm.fd, *id));
	*id = 0;
	return 0;
}

static inline void guest_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Destroy in the legal order, from any state; each step must succeed */
static inline int guest_teardown(struct mock_guest *g)
{
	__u64 length = GUEST_RAM;
	int i;

	if (g->region != MAP_FAILED)
		MOCK_STEP(&g->vm, guest_munmap(g));
	if (g->attached)
		MOCK_STEP(&g->vm, guest_attach(g, g->vm.ioas));
	g->attached = 0;
	MOCK_STEP(&g->vm, guest_destroy(g, &g->nested_fault));
	MOCK_STEP(&g->vm, guest_destroy(g, &g->nested));
	guest_close_fd(&g->fault_fd);
	MOCK_STEP(&g->vm, guest_destroy(g, &g->fault));
	MOCK_STEP(&g->vm, guest_destroy(g, &g->vdevice));
	for (i = GUEST_QUEUES - 1; i >= 0; i--)
		MOCK_STEP(&g->vm, guest_destroy(g, &g->queue[i]));
	guest_close_fd(&g->events);
	MOCK_STEP(&g->vm, guest_destroy(g, &g->veventq));
	MOCK_STEP(&g->vm, guest_destroy(g, &g->vm.viommu));
	MOCK_STEP(&g->vm, guest_destroy(g, &g->vm.parent));
	MOCK_STEP(&g->vm, guest_destroy(g, &g->vm.stdev));
	if (g->mapped)
		MOCK_STEP(&g->vm, iommufd_ioas_unmap(g->vm.fd, g->vm.ioas,
						     MOCK_IOVA, &length));
	g->mapped = 0;
	MOCK_STEP(&g->vm, guest_destroy(g, &g->vm.ioas));
	guest_close_fd(&g->vm.fd);
	return 0;
}

#endif
