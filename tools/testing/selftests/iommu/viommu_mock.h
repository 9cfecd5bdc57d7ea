/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Additions to iommufd_calls.h for the selftests on the mock driver: a function for
 * each request of the mock, returning 0 or a negative errno; and a mock VM for the
 * start of a test. They need CONFIG_IOMMUFD_TEST.
 */
#ifndef _VIOMMU_MOCK_H
#define _VIOMMU_MOCK_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define __EXPORTED_HEADERS__
#include <linux/iommufd.h>
#include <linux/vfio.h>

#include "../../../../drivers/iommu/iommufd/iommufd_test.h"
#include "../kselftest_harness.h"
#include "iommufd_calls.h"
#include "wait_for.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT WAIT_TEST_S

#define MOCK_IOVA	MOCK_APERTURE_START
#define MOCK_NO_ID	0x7ffffff0	/* an ID that no object has */
#define MOCK_RW		(IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

static unsigned long mock_page;

static __attribute__((constructor)) void mock_init(void)
{
	mock_page = sysconf(_SC_PAGESIZE);
}

/* A mock device, attached to pt; stdev is the ID for IOMMU_DESTROY */
static inline int mock_device(int fd, __u32 pt, __u32 flags, __u32 *stdev,
			      __u32 *dev)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
		.id = pt,
		.mock_domain_flags.dev_flags = flags,
	};
	int rc = iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);

	*stdev = cmd.mock_domain_flags.out_stdev_id;
	*dev = cmd.mock_domain_flags.out_idev_id;
	return rc;
}

/* Attach a mock device to another HWPT or IOAS */
static inline int mock_attach(int fd, __u32 stdev, __u32 pt)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = stdev,
		.mock_domain_replace.pt_id = pt,
	};

	return iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

static inline int mock_check_cache(int fd, __u32 dev, __u32 cache_id,
				   __u32 value)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_DEV_CHECK_CACHE,
		.id = dev,
		.check_dev_cache = { .id = cache_id, .cache = value },
	};

	return iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

static inline int mock_check_iotlb(int fd, __u32 hwpt, __u32 iotlb_id,
				   __u32 value)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_MD_CHECK_IOTLB,
		.id = hwpt,
		.check_iotlb = { .id = iotlb_id, .iotlb = value },
	};

	return iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

/* Hold the region of a vIOMMU, or release it */
static inline int mock_hold(int fd, __u32 viommu, bool hold)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = hold ? IOMMU_TEST_OP_HOLD_MMAP : IOMMU_TEST_OP_RELEASE_MMAP,
		.id = viommu,
	};

	return iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

/* 0 if each page of the range is pinned exactly this often */
static inline int mock_check_pins(int fd, void *va, size_t length,
				  unsigned int pins)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_MD_CHECK_REFS,
		.check_refs = {
			.length = length,
			.uptr = (uintptr_t)va,
			.refs = pins,
		},
	};

	return iommufd_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

static inline int mock_nested(int fd, __u32 dev, __u32 pt, __u32 *id)
{
	struct iommu_hwpt_selftest data = { .iotlb = IOMMU_TEST_IOTLB_DEFAULT };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = dev,
		.pt_id = pt,
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};
	int rc = iommufd_ioctl(fd, IOMMU_HWPT_ALLOC, &cmd);

	*id = cmd.out_hwpt_id;
	return rc;
}

/* A separate read-only page with cmd; freed with the process */
static inline void *mock_read_only(const void *cmd, size_t size)
{
	void *page = mmap(NULL, mock_page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		abort();
	memcpy(page, cmd, size);
	if (mprotect(page, mock_page, PROT_READ))
		abort();
	return page;
}

/* An address at which nothing can be read */
static inline void *mock_unreadable(void)
{
	void *page = mmap(NULL, mock_page, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		abort();
	return page;
}

/**
 * struct mock_vm - One device, a nesting parent, and a vIOMMU on it
 * @fd: /dev/iommu
 * @ioas: IOAS of the nesting parent
 * @stdev: ID of the mock device for IOMMU_DESTROY
 * @dev: ID of the mock device as a bound device
 * @parent: Nesting parent
 * @viommu: vIOMMU with a region for mmap()
 * @data: Driver data of the vIOMMU
 * @step: The last call, for messages
 */
struct mock_vm {
	int fd;
	__u32 ioas;
	__u32 stdev;
	__u32 dev;
	__u32 parent;
	__u32 viommu;
	struct iommu_viommu_selftest data;
	const char *step;
};

#define MOCK_DATA 0x12345678

/* Note the step for messages, and return from the caller when it fails */
#define MOCK_STEP(vm, call)						\
	do {								\
		int __rc;						\
									\
		(vm)->step = #call;					\
		__rc = call;						\
		if (__rc)						\
			return __rc;					\
	} while (0)

static inline int mock_vm_open(struct mock_vm *vm)
{
	vm->step = "open";
	vm->fd = iommufd_open();
	return vm->fd < 0 ? vm->fd : 0;
}

static inline int mock_vm_ioas(struct mock_vm *vm)
{
	MOCK_STEP(vm, iommufd_ioas_alloc(vm->fd, &vm->ioas));
	return 0;
}

static inline int mock_vm_device(struct mock_vm *vm)
{
	MOCK_STEP(vm, mock_device(vm->fd, vm->ioas, 0, &vm->stdev, &vm->dev));
	return 0;
}

static inline int mock_vm_parent(struct mock_vm *vm)
{
	MOCK_STEP(vm, iommufd_hwpt_alloc(vm->fd, vm->dev, vm->ioas,
					 IOMMU_HWPT_ALLOC_NEST_PARENT,
					 &vm->parent));
	return 0;
}

static inline int mock_vm_viommu(struct mock_vm *vm)
{
	vm->data = (struct iommu_viommu_selftest){ .in_data = MOCK_DATA };
	MOCK_STEP(vm, iommufd_viommu_alloc(vm->fd, vm->dev, vm->parent,
					   IOMMU_VIOMMU_TYPE_SELFTEST,
					   &vm->data, sizeof(vm->data),
					   &vm->viommu));
	return 0;
}

static inline int mock_vm_build(struct mock_vm *vm)
{
	int rc;

	memset(vm, 0, sizeof(*vm));
	rc = mock_vm_open(vm);
	if (!rc)
		rc = mock_vm_ioas(vm);
	if (!rc)
		rc = mock_vm_device(vm);
	if (!rc)
		rc = mock_vm_parent(vm);
	return rc ? rc : mock_vm_viommu(vm);
}

/* A macro, so that a failure is reported at the line of the test */
#define MOCK_VM_START(vm)						\
	do {								\
		struct mock_vm *__vm = (vm);				\
									\
		ASSERT_EQ(0, mock_vm_build(__vm))			\
		{							\
			TH_LOG("%s", __vm->step);			\
		}							\
	} while (0)

/* Objects that the test has not destroyed go with the file */
#define MOCK_VM_END(vm) EXPECT_EQ(0, close((vm)->fd))

#endif
