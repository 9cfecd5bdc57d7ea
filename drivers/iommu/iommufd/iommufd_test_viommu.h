/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test ABI of the mock driver: vIOMMU, vDEVICE, vEVENTQ and HW_QUEUE. Included by
 * iommufd_test.h, for the kernel and for the selftests.
 */
#ifndef _UAPI_IOMMUFD_TEST_VIOMMU_H
#define _UAPI_IOMMUFD_TEST_VIOMMU_H

#include <linux/types.h>

/* Additions to the operations of IOMMU_TEST_CMD */
enum {
	IOMMU_TEST_OP_DEV_CHECK_CACHE = 16,
	IOMMU_TEST_OP_TRIGGER_VEVENT = 17,
	/* Mainline's later operations are below */
	IOMMU_TEST_OP_HOLD_MMAP = 0x100,
	IOMMU_TEST_OP_RELEASE_MMAP = 0x101,
};

/* Additions to the flags of IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS */
enum {
	MOCK_FLAGS_DEVICE_PASID = 1 << 2,
};

enum {
	MOCK_PASID_WIDTH = 20,
};

/* Words of a mock device that invalidation through a vIOMMU clears */
enum {
	MOCK_DEV_CACHE_ID_MAX = 3,
	MOCK_DEV_CACHE_NUM = 4,
};

#define IOMMU_TEST_DEV_CACHE_DEFAULT 0xbaddad

/* Should not be equal to any value in enum iommu_viommu_type */
#define IOMMU_VIOMMU_TYPE_SELFTEST 0xdeadbeef

/**
 * struct iommu_viommu_selftest - Driver data of a mock vIOMMU
 *                                (IOMMU_VIOMMU_TYPE_SELFTEST)
 * @in_data: Any value
 * @out_data: Receives @in_data
 * @out_mmap_offset: Offset for mmap() of two pages; the first word is @in_data
 * @out_mmap_length: Length of that region in bytes
 */
struct iommu_viommu_selftest {
	__u32 in_data;
	__u32 out_data;
	__aligned_u64 out_mmap_offset;
	__aligned_u64 out_mmap_length;
};

/* The mock driver refuses a vDEVICE with this virtual ID */
#define IOMMU_TEST_VIRT_ID_REFUSED 0xdeadbeef

/* Should not be equal to any value in enum iommu_hwpt_invalidate_data_type */
#define IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST 0xdeadbeef
#define IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST_INVALID 0xdadbeef

/**
 * struct iommu_viommu_invalidate_selftest - Invalidation through a mock vIOMMU
 *                               (IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST)
 * @flags: IOMMU_TEST_INVALIDATE_FLAG_ALL, to clear all words of the device
 * @vdev_id: Virtual ID of the device
 * @cache_id: Number of the word to clear
 */
struct iommu_viommu_invalidate_selftest {
	__u32 flags;
	__u32 vdev_id;
	__u32 cache_id;
};

/* Should not be equal to any value in enum iommu_veventq_type */
#define IOMMU_VEVENTQ_TYPE_SELFTEST 0xbeefbeef

/**
 * struct iommu_viommu_event_selftest - Event of a mock vIOMMU
 *                                      (IOMMU_VEVENTQ_TYPE_SELFTEST)
 * @virt_id: Virtual ID of the device of the event
 */
struct iommu_viommu_event_selftest {
	__u32 virt_id;
};

/* Should not be equal to any value in enum iommu_hw_queue_type */
#define IOMMU_HW_QUEUE_TYPE_SELFTEST 0xdeadbeef
#define IOMMU_TEST_HW_QUEUE_MAX 2

#endif
