// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Sizes, offsets and numbers of the interface that a program compiled against
 * version 1.0 relies on. They may be added to, and not changed.
 */
#include <stddef.h>

#include <viommu.h>

#include "test.h"

#define OFFSET(type, member, offset) EQUAL(offsetof(struct type, member), offset)

static void sizes(void)
{
	EQUAL(sizeof(struct viommu_iova_range), 16);
	EQUAL(sizeof(struct viommu_fault), 40);
	EQUAL(sizeof(struct viommu_hwpt_request), 40);
	EQUAL(sizeof(struct viommu_hw_info), 24);
	EQUAL(sizeof(struct viommu_smmuv3_info), 40);
	EQUAL(sizeof(struct viommu_cmdqv_info), 12);
	EQUAL(sizeof(struct viommu_region), 24);
	EQUAL(sizeof(struct viommu_event), 24);
	EQUAL(sizeof(struct viommu_cmd), 16);
	EQUAL(sizeof(struct viommu_cmdqv_error), 40);
	EQUAL(sizeof(struct viommu_memory), 32);
	EQUAL(sizeof(struct viommu_hw_queue_limits), 24);
	EQUAL(sizeof(struct viommu_cmdqv_host_ops), 40);
	EQUAL(sizeof(struct viommu_cmdqv_kernel_ops), 40);
	EQUAL(sizeof(struct viommu_cmdqv_config), 72);
}

static void offsets(void)
{
	OFFSET(viommu_fault, flags, 0);
	OFFSET(viommu_fault, dev, 4);
	OFFSET(viommu_fault, pasid, 8);
	OFFSET(viommu_fault, grpid, 12);
	OFFSET(viommu_fault, perm, 16);
	OFFSET(viommu_fault, addr, 24);
	OFFSET(viommu_fault, length, 32);
	OFFSET(viommu_fault, cookie, 36);
	OFFSET(viommu_hwpt_request, size, 0);
	OFFSET(viommu_hwpt_request, flags, 4);
	OFFSET(viommu_hwpt_request, dev, 8);
	OFFSET(viommu_hwpt_request, pt, 12);
	OFFSET(viommu_hwpt_request, type, 16);
	OFFSET(viommu_hwpt_request, len, 20);
	OFFSET(viommu_hwpt_request, data, 24);
	OFFSET(viommu_hwpt_request, faults, 32);
	OFFSET(viommu_hwpt_request, reserved, 36);
	OFFSET(viommu_hw_info, size, 0);
	OFFSET(viommu_hw_info, type, 4);
	OFFSET(viommu_hw_info, capabilities, 8);
	OFFSET(viommu_hw_info, len, 16);
	OFFSET(viommu_hw_info, max_pasid_log2, 20);
	OFFSET(viommu_smmuv3_info, size, 0);
	OFFSET(viommu_smmuv3_info, flags, 4);
	OFFSET(viommu_smmuv3_info, idr, 8);
	OFFSET(viommu_smmuv3_info, iidr, 32);
	OFFSET(viommu_smmuv3_info, aidr, 36);
	OFFSET(viommu_cmdqv_info, size, 0);
	OFFSET(viommu_cmdqv_info, version, 8);
	OFFSET(viommu_cmdqv_info, log2vcmdqs, 9);
	OFFSET(viommu_cmdqv_info, log2vsids, 10);
	OFFSET(viommu_event, size, 0);
	OFFSET(viommu_event, len, 4);
	OFFSET(viommu_event, data, 8);
	OFFSET(viommu_event, sequence, 16);
	OFFSET(viommu_event, lost, 20);
	OFFSET(viommu_region, size, 0);
	OFFSET(viommu_region, offset, 8);
	OFFSET(viommu_region, length, 16);
	OFFSET(viommu_memory, iova, 0);
	OFFSET(viommu_memory, length, 8);
	OFFSET(viommu_memory, backing, 16);
	OFFSET(viommu_memory, page_size, 24);
	OFFSET(viommu_hw_queue_limits, size, 0);
	OFFSET(viommu_hw_queue_limits, queues, 4);
	OFFSET(viommu_hw_queue_limits, max_log2size, 8);
	OFFSET(viommu_hw_queue_limits, memory_num, 12);
	OFFSET(viommu_hw_queue_limits, memory, 16);
	OFFSET(viommu_cmdqv_error, size, 0);
	OFFSET(viommu_cmdqv_error, reason, 4);
	OFFSET(viommu_cmdqv_error, err, 8);
	OFFSET(viommu_cmdqv_error, index, 12);
	OFFSET(viommu_cmdqv_error, access, 16);
	OFFSET(viommu_cmdqv_error, refused, 20);
	OFFSET(viommu_cmdqv_error, addr, 24);
	OFFSET(viommu_cmdqv_error, length, 32);
	OFFSET(viommu_cmdqv_host_ops, map_page0, 8);
	OFFSET(viommu_cmdqv_host_ops, unmap_page0, 16);
	OFFSET(viommu_cmdqv_host_ops, interrupt, 24);
	OFFSET(viommu_cmdqv_host_ops, error, 32);
	OFFSET(viommu_cmdqv_config, size, 0);
	OFFSET(viommu_cmdqv_config, max_log2size, 4);
	OFFSET(viommu_cmdqv_config, host_ops, 8);
	OFFSET(viommu_cmdqv_config, host, 16);
	OFFSET(viommu_cmdqv_config, ctx, 24);
	OFFSET(viommu_cmdqv_config, viommu, 32);
	OFFSET(viommu_cmdqv_config, reserved, 36);
	OFFSET(viommu_cmdqv_config, page0, 40);
	OFFSET(viommu_cmdqv_config, page0_length, 48);
	OFFSET(viommu_cmdqv_config, kernel_ops, 56);
	OFFSET(viommu_cmdqv_config, kernel, 64);
}

static void numbers(void)
{
	EQUAL(VIOMMU_VERSION_MAJOR, 1);
	EQUAL(viommu_version(), VIOMMU_VERSION);
	EQUAL(VIOMMU_VERSION, 0x10000);
	EQUAL(VIOMMU_HW_QUEUE_TAKEN, 0);
	EQUAL(VIOMMU_HW_QUEUE_SCATTERED, 11);
	EQUAL(VIOMMU_HW_QUEUE_OTHER, 15);
	EQUAL(VIOMMU_CMDQV_QUEUE_ALLOC, 0);
	EQUAL(VIOMMU_CMDQV_QUEUE_DESTROY, 1);
	EQUAL(VIOMMU_CMDQV_MAP_PAGE0, 2);
	EQUAL(VIOMMU_CMDQV_BAD_SIZE, 3);
	EQUAL(VIOMMU_CMDQV_BAD_ACCESS, 4);
	EQUAL(VIOMMU_CMDQV_BAD_EVENT, 5);
	EQUAL(VIOMMU_CMDQV_SIZE, 0x50000);
	EQUAL(VIOMMU_CMDQV_PAGE0, 0x30000);
	EQUAL(VIOMMU_CMDQV_PAGE_SIZE, 0x10000);
	EQUAL(VIOMMU_CMDQV_QUEUES, 2);
	EQUAL(VIOMMU_CMDQV_STATE_LEN, 256);
	EQUAL(VIOMMU_BATCH_MAX, 63);
	EQUAL(VIOMMU_VEVENTQ_DEPTH_MAX, 524288);
	EQUAL(VIOMMU_HWPT_NEST_PARENT, 1);
	EQUAL(VIOMMU_HWPT_DIRTY_TRACKING, 2);
	EQUAL(VIOMMU_HWPT_FAULTS, 4);
	EQUAL(VIOMMU_DIRTY_KEEP, 1);
	EQUAL(VIOMMU_FAULT_INVALID, 1);
	EQUAL(VIOMMU_MAP_READ, 1);
	EQUAL(VIOMMU_MAP_WRITE, 2);
}

static const struct test tests[] = {
	TEST(sizes),
	TEST(offsets),
	TEST(numbers),
};

TEST_MAIN(tests)
