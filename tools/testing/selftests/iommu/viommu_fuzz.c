// SPDX-License-Identifier: GPL-2.0
/*
 * Random calls on a vIOMMU of the mock driver: viommu_fuzz [SEED [CALLS]]
 */
#include <stdio.h>

#include "iommu_require.h"
#include "viommu_fuzz_core.h"
#include "viommu_mock.h"

#define RAM (16 * mock_page)

static void invalidation(void *entry, __u32 virt_id)
{
	*(struct iommu_viommu_invalidate_selftest *)entry =
		(struct iommu_viommu_invalidate_selftest) { .vdev_id = virt_id };
}

static __u32 stdev;

static int attach(struct fuzz_target *target, __u32 hwpt)
{
	return mock_attach(target->fd, stdev, hwpt);
}

static int detach(struct fuzz_target *target)
{
	return mock_attach(target->fd, stdev, target->ioas);
}

static void trigger(struct fuzz_target *target)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent = { .dev_id = target->dev },
	};

	/* Fails without an attached nested HWPT */
	iommufd_ioctl(target->fd, IOMMU_TEST_CMD, &cmd);
}

int main(int argc, char **argv)
{
	static struct fuzz_target target = {
		.viommu_type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.viommu_len = sizeof(struct iommu_viommu_selftest),
		.offset_at = offsetof(struct iommu_viommu_selftest, out_mmap_offset),
		.length_at = offsetof(struct iommu_viommu_selftest, out_mmap_length),
		.veventq_type = IOMMU_VEVENTQ_TYPE_SELFTEST,
		.queue_type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.nested_type = IOMMU_HWPT_DATA_SELFTEST,
		.nested_len = sizeof(struct iommu_hwpt_selftest),
		.inv_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
		.inv_len = sizeof(struct iommu_viommu_invalidate_selftest),
		.invalidation = invalidation,
		.attach = attach,
		.detach = detach,
		.trigger = trigger,
	};
	struct iommu_hwpt_selftest nested = { .iotlb = IOMMU_TEST_IOTLB_DEFAULT };
	unsigned long calls;
	__u64 seed;
	int rc;

	fuzz_arguments(argc, argv, &seed, &calls);
	require_viommu_mock();
	memcpy(target.nested, &nested, sizeof(nested));
	target.queue_bytes = mock_page;
	target.iova = MOCK_IOVA;
	target.length = RAM;
	target.ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	target.fd = open("/dev/iommu", O_RDWR);
	if (target.ram == MAP_FAILED || target.fd < 0) {
		perror("start");
		return 1;
	}
	rc = iommufd_ioas_alloc(target.fd, &target.ioas);
	if (!rc)
		rc = iommufd_ioas_map(target.fd, target.ioas, target.ram, target.iova, RAM, MOCK_RW);
	if (!rc)
		rc = mock_device(target.fd, target.ioas, 0, &stdev, &target.dev);
	if (!rc)
		rc = iommufd_hwpt_alloc(target.fd, target.dev, target.ioas,
					IOMMU_HWPT_ALLOC_NEST_PARENT, &target.parent);
	if (rc) {
		printf("start: %s\n", strerror(-rc));
		return 1;
	}
	return fuzz_run(&target, seed, calls);
}
