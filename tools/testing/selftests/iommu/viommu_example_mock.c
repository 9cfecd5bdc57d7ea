// SPDX-License-Identifier: GPL-2.0
/*
 * The example of a VMM on the mock driver: no hardware, no VFIO, but each command
 * and each check of iommufd as with a real device. Needs CONFIG_IOMMUFD_TEST.
 */
#include <sys/ioctl.h>

#define __EXPORTED_HEADERS__
#include <linux/iommufd.h>

#include "../../../../drivers/iommu/iommufd/iommufd_test.h"
#include "viommu_example.h"

static int mock_bind(struct vm *vm, const char *path)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN,
		.id = vm->ioas_id,
	};

	if (CALL(vm->iommu, IOMMU_TEST_CMD, &cmd))
		return -1;
	vm->dev_id = cmd.mock_domain.out_idev_id;
	vm->stdev_id = cmd.mock_domain.out_stdev_id;
	return 0;
}

static int mock_attach(struct vm *vm, __u32 pt_id)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = vm->stdev_id,
		.mock_domain_replace.pt_id = pt_id,
	};

	return CALL(vm->iommu, IOMMU_TEST_CMD, &cmd);
}

static void mock_unbind(struct vm *vm)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = vm->stdev_id };

	CALL(vm->iommu, IOMMU_DESTROY, &cmd);
}

static struct iommu_viommu_selftest mock_data;
static const struct iommu_hwpt_selftest iommufd_hwpt_alloc;
static const struct iommu_viommu_invalidate_selftest mock_invalidation = {
	.vdev_id = GUEST_DEVICE,
};

const struct platform platform_mock = {
	.info_type = IOMMU_HW_INFO_TYPE_SELFTEST,
	.viommu_type = IOMMU_VIOMMU_TYPE_SELFTEST,
	.hwpt_type = IOMMU_HWPT_DATA_SELFTEST,
	.invalidate_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
	.veventq_type = IOMMU_VEVENTQ_TYPE_SELFTEST,
	.event_len = sizeof(struct iommu_viommu_event_selftest),
	.queue_type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
	.bind = mock_bind,
	.attach = mock_attach,
	.unbind = mock_unbind,
	.viommu_data = &mock_data,
	.viommu_data_len = sizeof(mock_data),
	.mmap_offset = (__u64 *)&mock_data.out_mmap_offset,
	.mmap_length = (__u64 *)&mock_data.out_mmap_length,
	.hwpt_data = &iommufd_hwpt_alloc,
	.hwpt_data_len = sizeof(iommufd_hwpt_alloc),
	.invalidation = &mock_invalidation,
	.invalidation_len = sizeof(mock_invalidation),
};
