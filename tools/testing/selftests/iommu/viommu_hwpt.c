// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_HWPT_ALLOC on a vIOMMU of the mock driver: nested HWPTs, each refusal in
 * its order, attaching, and references.
 */
#include "viommu_mock.h"

FIXTURE(hwpt) {
	struct mock_vm vm;
	struct iommu_hwpt_selftest data;
	struct iommu_hwpt_alloc cmd;	/* a command that would succeed */
};

FIXTURE_SETUP(hwpt)
{
	MOCK_VM_START(&self->vm);
	self->data.iotlb = IOMMU_TEST_IOTLB_DEFAULT;
	self->cmd = (struct iommu_hwpt_alloc){
		.size = sizeof(self->cmd),
		.dev_id = self->vm.dev,
		.pt_id = self->vm.viommu,
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(self->data),
		.data_uptr = (uintptr_t)&self->data,
	};
}

FIXTURE_TEARDOWN(hwpt)
{
	MOCK_VM_END(&self->vm);
}

#define EXPECT_REFUSED(err)						\
	do {								\
		EXPECT_EQ(-(err), iommufd_ioctl(self->vm.fd,		\
						IOMMU_HWPT_ALLOC,	\
						&self->cmd));		\
		EXPECT_EQ(0, self->cmd.out_hwpt_id);			\
	} while (0)

#define EXPECT_NOTHING_LEFT() \
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->vm.viommu))

TEST_F(hwpt, nested)
{
	__u32 id;
	int i;

	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HWPT_ALLOC, &self->cmd));
	id = self->cmd.out_hwpt_id;
	EXPECT_NE(0, id);
	for (i = 0; i < MOCK_NESTED_DOMAIN_IOTLB_NUM; i++)
		EXPECT_EQ(0, mock_check_iotlb(self->vm.fd, id, i,
					      IOMMU_TEST_IOTLB_DEFAULT));
	/* It holds the vIOMMU, and through it the parent */
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, self->vm.viommu));
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, self->vm.parent));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, id));
	EXPECT_NOTHING_LEFT();
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->vm.parent));
}

/* A nested HWPT on the parent itself, as without vIOMMUs */
TEST_F(hwpt, nested_on_the_parent)
{
	__u32 id;

	ASSERT_EQ(0, mock_nested(self->vm.fd, self->vm.dev, self->vm.parent,
				 &id));
	EXPECT_NOTHING_LEFT();
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, self->vm.parent));
	EXPECT_EQ(0, mock_attach(self->vm.fd, self->vm.stdev, id));
	EXPECT_EQ(0, mock_attach(self->vm.fd, self->vm.stdev, self->vm.ioas));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, id));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->vm.parent));
}

TEST_F(hwpt, reserved)
{
	self->cmd.__reserved = 1;
	EXPECT_REFUSED(EOPNOTSUPP);
	EXPECT_NOTHING_LEFT();
}

TEST_F(hwpt, data_type_and_length)
{
	self->cmd.data_type = IOMMU_HWPT_DATA_NONE;
	EXPECT_REFUSED(EINVAL);
	self->cmd.data_type = IOMMU_HWPT_DATA_SELFTEST;
	self->cmd.data_len = 0;
	EXPECT_REFUSED(EINVAL);
	/* Length 0 is another error */
	self->cmd.data_type = IOMMU_HWPT_DATA_NONE;
	EXPECT_REFUSED(EOPNOTSUPP);
	EXPECT_NOTHING_LEFT();
}

TEST_F(hwpt, ids)
{
	__u32 not_dev[] = { 0, MOCK_NO_ID, self->vm.ioas, self->vm.viommu };
	__u32 not_pt[] = { 0, MOCK_NO_ID, self->vm.dev, self->vm.stdev };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(not_dev); i++) {
		self->cmd.dev_id = not_dev[i];
		EXPECT_REFUSED(ENOENT);
	}
	self->cmd.dev_id = self->vm.dev;
	for (i = 0; i < ARRAY_SIZE(not_pt); i++) {
		self->cmd.pt_id = not_pt[i];
		EXPECT_REFUSED(EINVAL);
	}
	EXPECT_NOTHING_LEFT();
}

TEST_F(hwpt, flags)
{
	__u32 flags[] = { IOMMU_HWPT_ALLOC_NEST_PARENT,
			  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
			  IOMMU_HWPT_ALLOC_PASID, 1U << 31 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		self->cmd.flags = flags[i];
		EXPECT_REFUSED(EOPNOTSUPP);
	}
	EXPECT_NOTHING_LEFT();
}

TEST_F(hwpt, data_of_the_driver)
{
	__u8 data[16] = {};

	self->cmd.data_type = IOMMU_HWPT_DATA_ARM_SMMUV3;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.data_type = IOMMU_HWPT_DATA_SELFTEST;

	self->cmd.data_uptr = (uintptr_t)data;
	self->cmd.data_len = 3;
	EXPECT_REFUSED(EINVAL);
	self->cmd.data_len = sizeof(self->data) + 1;
	EXPECT_REFUSED(EINVAL);
	self->cmd.data_len = sizeof(self->data);
	self->cmd.data_uptr = (uintptr_t)mock_unreadable();
	EXPECT_REFUSED(EFAULT);

	/* The first published length */
	self->cmd.data_uptr = (uintptr_t)&self->data;
	self->cmd.data_len = 4;
	self->data.pagetable_type = 1;
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HWPT_ALLOC, &self->cmd));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_hwpt_id));
	self->cmd.out_hwpt_id = 0;
	self->cmd.data_len = sizeof(self->data);
	EXPECT_REFUSED(EOPNOTSUPP);
	EXPECT_NOTHING_LEFT();
}

TEST_F(hwpt, fault_object)
{
	struct iommu_fault_alloc fault = { .size = sizeof(fault) };

	self->cmd.flags = IOMMU_HWPT_FAULT_ID_VALID;
	self->cmd.fault_id = MOCK_NO_ID;
	EXPECT_REFUSED(ENOENT);
	self->cmd.fault_id = self->vm.viommu;
	EXPECT_REFUSED(ENOENT);

	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_FAULT_QUEUE_ALLOC, &fault));
	self->cmd.fault_id = fault.out_fault_id;
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HWPT_ALLOC, &self->cmd));
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, fault.out_fault_id));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_hwpt_id));
	close(fault.out_fault_fd);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, fault.out_fault_id));
	EXPECT_NOTHING_LEFT();
}

/* Neither page faults nor PASIDs on a HWPT that the kernel manages */
TEST_F(hwpt, flags_of_a_paging_hwpt)
{
	struct iommu_fault_alloc fault = { .size = sizeof(fault) };

	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_FAULT_QUEUE_ALLOC, &fault));
	self->cmd.fault_id = fault.out_fault_id;
	self->cmd.pt_id = self->vm.ioas;
	self->cmd.data_type = IOMMU_HWPT_DATA_NONE;
	self->cmd.data_len = 0;
	self->cmd.flags = IOMMU_HWPT_FAULT_ID_VALID;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.flags = IOMMU_HWPT_ALLOC_PASID;
	EXPECT_REFUSED(EOPNOTSUPP);
	close(fault.out_fault_fd);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, fault.out_fault_id));
	EXPECT_NOTHING_LEFT();
}

TEST_F(hwpt, order_of_the_checks)
{
	/* All fields are wrong; each repair shows the next error */
	self->cmd.__reserved = 1;
	self->cmd.data_len = 0;
	self->cmd.dev_id = MOCK_NO_ID;
	self->cmd.pt_id = MOCK_NO_ID;
	self->cmd.flags = IOMMU_HWPT_ALLOC_PASID;
	self->cmd.fault_id = MOCK_NO_ID;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.__reserved = 0;
	EXPECT_REFUSED(EINVAL);
	self->cmd.data_len = 3;
	EXPECT_REFUSED(ENOENT);
	self->cmd.dev_id = self->vm.dev;
	EXPECT_REFUSED(EINVAL);
	self->cmd.pt_id = self->vm.viommu;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.flags = IOMMU_HWPT_FAULT_ID_VALID;
	EXPECT_REFUSED(EINVAL);
	self->cmd.data_len = sizeof(self->data);
	EXPECT_REFUSED(ENOENT);
	self->cmd.flags = 0;
	EXPECT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_HWPT_ALLOC, &self->cmd));
}

TEST_F(hwpt, response_that_faults)
{
	void *page = mock_read_only(&self->cmd, sizeof(self->cmd));
	unsigned int i;

	for (i = 0; i < 20; i++)
		EXPECT_EQ(-EFAULT, iommufd_ioctl(self->vm.fd, IOMMU_HWPT_ALLOC,
						 page));
	EXPECT_NOTHING_LEFT();
}

/* A device can be attached only with a vDEVICE */
TEST_F(hwpt, attach)
{
	struct mock_vm *vm = &self->vm;
	__u32 vdevice, other, id;

	ASSERT_EQ(0, iommufd_ioctl(vm->fd, IOMMU_HWPT_ALLOC, &self->cmd));
	id = self->cmd.out_hwpt_id;
	EXPECT_EQ(-ENOENT, mock_attach(vm->fd, vm->stdev, id));

	/* A vDEVICE on another vIOMMU does not count */
	ASSERT_EQ(0, iommufd_viommu_alloc(vm->fd, vm->dev, vm->parent,
					  IOMMU_VIOMMU_TYPE_SELFTEST, NULL, 0, &other));
	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->fd, other, vm->dev, 1, &vdevice));
	EXPECT_EQ(-ENOENT, mock_attach(vm->fd, vm->stdev, id));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vdevice));

	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->fd, vm->viommu, vm->dev, 1, &vdevice));
	EXPECT_EQ(0, mock_attach(vm->fd, vm->stdev, id));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, id));
	EXPECT_EQ(0, mock_attach(vm->fd, vm->stdev, vm->ioas));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, id));
}

TEST_HARNESS_MAIN
