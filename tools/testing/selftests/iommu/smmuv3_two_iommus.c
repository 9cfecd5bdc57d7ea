// SPDX-License-Identifier: GPL-2.0
/*
 * Two IOMMUs in one iommufd context: the SMMUv3 of the machine, and the mock driver
 * (CONFIG_IOMMUFD_TEST). An object of one IOMMU is refused for a device behind the
 * other.
 */
#include "viommu_mock.h"
#include "smmuv3_nested.h"

FIXTURE(two_iommus) {
	struct cmdqv_vm vm;
	/* Objects of the mock driver, in the same context */
	__u32 ioas;
	__u32 stdev;
	__u32 dev;
	__u32 parent;
	__u32 viommu;
};

FIXTURE_SETUP(two_iommus)
{
	struct cmdqv_vm *vm = &self->vm;

	NESTED_OPEN(vm, 0);
	ASSERT_EQ(0, iommufd_ioas_alloc(vm->iommufd, &self->ioas));
	if (mock_device(vm->iommufd, self->ioas, 0, &self->stdev, &self->dev))
		SKIP(return, "no mock driver");
	ASSERT_EQ(0, iommufd_hwpt_alloc(vm->iommufd, self->dev, self->ioas,
					IOMMU_HWPT_ALLOC_NEST_PARENT, &self->parent));
	ASSERT_EQ(0, iommufd_viommu_alloc(vm->iommufd, self->dev, self->parent,
					  IOMMU_VIOMMU_TYPE_SELFTEST, NULL, 0,
					  &self->viommu));
}

FIXTURE_TEARDOWN(two_iommus)
{
	__u32 ids[] = { self->viommu, self->parent, self->stdev, self->ioas };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++)
		EXPECT_EQ(0, iommufd_destroy(self->vm.iommufd, ids[i]));
	TEST_END(&self->vm);
}

/* VIOMMU_ALLOC: a nesting parent of another IOMMU is refused for this device */
TEST_F(two_iommus, parent)
{
	struct cmdqv_vm *vm = &self->vm;
	__u32 id;

	EXPECT_EQ(-EINVAL, iommufd_viommu_alloc(vm->iommufd, vm->dev_id, self->parent,
						IOMMU_VIOMMU_TYPE_ARM_SMMUV3, NULL, 0,
						&id));
	EXPECT_EQ(-EINVAL, iommufd_viommu_alloc(vm->iommufd, self->dev, vm->parent,
						IOMMU_VIOMMU_TYPE_SELFTEST, NULL, 0,
						&id));
	/* Neither supports the type of the other, with any parent */
	EXPECT_EQ(-EOPNOTSUPP, iommufd_viommu_alloc(vm->iommufd, vm->dev_id, vm->parent,
						    IOMMU_VIOMMU_TYPE_SELFTEST, NULL, 0,
						    &id));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_viommu_alloc(vm->iommufd, self->dev, vm->parent,
						    IOMMU_VIOMMU_TYPE_ARM_SMMUV3, NULL,
						    0, &id));
}

/*
 * VDEVICE_ALLOC, row 4; it comes before row 6. A driver takes each device for one of its
 * own. The mock does not look at it; if the mock was asked, the SMMUv3 must not be.
 */
TEST_F(two_iommus, vdevice)
{
	struct cmdqv_vm *vm = &self->vm;
	__u32 id;

	ASSERT_EQ(-EINVAL, iommufd_vdevice_alloc(vm->iommufd, self->viommu, vm->dev_id,
						 1, &id));
	EXPECT_EQ(-EINVAL, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, self->dev, 1,
						 &id));
	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu, vm->dev_id, 1,
					   &vm->vdevice));
	EXPECT_EQ(-EINVAL, iommufd_vdevice_alloc(vm->iommufd, self->viommu, vm->dev_id,
						 1, &id));
}

/* HWPT_ALLOC on a vIOMMU, row 6; it comes before the flags and the data */
TEST_F(two_iommus, nested)
{
	struct cmdqv_vm *vm = &self->vm;
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
		.dev_id = vm->dev_id,
		.pt_id = self->viommu,
	};

	EXPECT_EQ(-EINVAL, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
	cmd.dev_id = self->dev;
	cmd.pt_id = vm->viommu;
	EXPECT_EQ(-EINVAL, iommufd_ioctl(vm->iommufd, IOMMU_HWPT_ALLOC, &cmd));
}

/* Operations of the mock driver must refuse devices of other drivers */
TEST_F(two_iommus, test_operations)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent.dev_id = self->vm.dev_id,
	};

	EXPECT_EQ(-EINVAL, iommufd_ioctl(self->vm.iommufd, IOMMU_TEST_CMD, &cmd));
	EXPECT_EQ(-EINVAL, mock_check_cache(self->vm.iommufd, self->vm.dev_id,
					    0, IOMMU_TEST_DEV_CACHE_DEFAULT));
}

TEST_HARNESS_MAIN
