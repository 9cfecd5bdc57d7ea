// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_VIOMMU_ALLOC on the mock driver: the new object, each refusal in its
 * order, and references.
 */
#include "viommu_mock.h"

FIXTURE(viommu) {
	struct mock_vm vm;
	struct iommu_viommu_alloc cmd;	/* a command that would succeed */
};

FIXTURE_SETUP(viommu)
{
	MOCK_VM_START(&self->vm);
	self->cmd = (struct iommu_viommu_alloc){
		.size = sizeof(self->cmd),
		.type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = self->vm.dev,
		.hwpt_id = self->vm.parent,
	};
}

FIXTURE_TEARDOWN(viommu)
{
	MOCK_VM_END(&self->vm);
}

/* A refused command must leave nothing: the parent is not held */
#define EXPECT_REFUSED(err)						\
	do {								\
		EXPECT_EQ(-(err), iommufd_ioctl(self->vm.fd,		\
						IOMMU_VIOMMU_ALLOC,	\
						&self->cmd));		\
		EXPECT_EQ(0, self->cmd.out_viommu_id);			\
	} while (0)

#define EXPECT_NOTHING_LEFT()						\
	do {								\
		EXPECT_EQ(0, iommufd_destroy(self->vm.fd,		\
					     self->vm.viommu));		\
		EXPECT_EQ(0, iommufd_destroy(self->vm.fd,		\
					     self->vm.parent));		\
	} while (0)

TEST_F(viommu, without_data)
{
	__u32 id = 0;

	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_VIOMMU_ALLOC, &self->cmd));
	id = self->cmd.out_viommu_id;
	EXPECT_NE(0, id);
	EXPECT_NE(self->vm.viommu, id);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, id));
	EXPECT_EQ(-ENOENT, iommufd_destroy(self->vm.fd, id));
	EXPECT_NOTHING_LEFT();
}

TEST_F(viommu, smallest_structure)
{
	self->cmd.size = offsetof(struct iommu_viommu_alloc, data_len);
	/* Members past the size count as zero */
	self->cmd.data_len = 1;
	self->cmd.__reserved = 1;
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_VIOMMU_ALLOC, &self->cmd));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_viommu_id));
}

TEST_F(viommu, with_data)
{
	struct iommu_viommu_selftest data = { .in_data = 77, .out_data = 1 };

	EXPECT_EQ(MOCK_DATA, self->vm.data.out_data);
	EXPECT_NE(0, self->vm.data.out_mmap_offset);
	EXPECT_EQ(2 * mock_page, self->vm.data.out_mmap_length);

	/* The first published length is accepted, and no more is written */
	self->cmd.data_uptr = (uintptr_t)&data;
	self->cmd.data_len = 8;
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_VIOMMU_ALLOC, &self->cmd));
	EXPECT_EQ(77, data.out_data);
	EXPECT_EQ(0, data.out_mmap_offset);
	EXPECT_EQ(0, data.out_mmap_length);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->cmd.out_viommu_id));
}

TEST_F(viommu, flags_and_type)
{
	self->cmd.flags = 1;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.flags = 0;
	self->cmd.type = IOMMU_VIOMMU_TYPE_DEFAULT;
	EXPECT_REFUSED(EOPNOTSUPP);
	EXPECT_NOTHING_LEFT();
}

/* Mainline does not check it, so any value is accepted */
TEST_F(viommu, reserved_is_not_checked)
{
	__u32 values[] = { 1, 1U << 31, ~0U };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		self->cmd.__reserved = values[i];
		ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_VIOMMU_ALLOC,
					   &self->cmd));
		EXPECT_EQ(0, iommufd_destroy(self->vm.fd,
					     self->cmd.out_viommu_id));
	}
	EXPECT_NOTHING_LEFT();
}

TEST_F(viommu, device)
{
	__u32 ids[] = { 0, MOCK_NO_ID, self->vm.ioas, self->vm.stdev,
			self->vm.parent, self->vm.viommu, ~0U };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		self->cmd.dev_id = ids[i];
		EXPECT_REFUSED(ENOENT);
	}
	EXPECT_NOTHING_LEFT();
}

TEST_F(viommu, type_of_the_driver)
{
	__u32 types[] = { IOMMU_VIOMMU_TYPE_ARM_SMMUV3,
			  IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV, 3, ~0U,
			  IOMMU_VIOMMU_TYPE_SELFTEST + 1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		self->cmd.type = types[i];
		EXPECT_REFUSED(EOPNOTSUPP);
	}
	EXPECT_NOTHING_LEFT();
}

TEST_F(viommu, parent)
{
	__u32 ids[] = { 0, MOCK_NO_ID, self->vm.ioas, self->vm.dev,
			self->vm.viommu };
	__u32 nested, plain;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		self->cmd.hwpt_id = ids[i];
		EXPECT_REFUSED(ENOENT);
	}

	ASSERT_EQ(0, mock_nested(self->vm.fd, self->vm.dev, self->vm.parent,
				 &nested));
	self->cmd.hwpt_id = nested;
	EXPECT_REFUSED(ENOENT);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, nested));

	ASSERT_EQ(0, iommufd_hwpt_alloc(self->vm.fd, self->vm.dev, self->vm.ioas, 0,
					&plain));
	self->cmd.hwpt_id = plain;
	EXPECT_REFUSED(EINVAL);
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, plain));
	EXPECT_NOTHING_LEFT();
}

TEST_F(viommu, data_of_the_driver)
{
	struct iommu_viommu_selftest data[2] = { { .in_data = 5 } };

	self->cmd.data_uptr = (uintptr_t)data;
	self->cmd.data_len = 7;
	EXPECT_REFUSED(EINVAL);
	self->cmd.data_len = sizeof(data[0]) + 1;
	EXPECT_REFUSED(EINVAL);
	EXPECT_EQ(0, data[0].out_data);

	self->cmd.data_len = sizeof(data[0]);
	self->cmd.data_uptr = (uintptr_t)mock_unreadable();
	EXPECT_REFUSED(EFAULT);
	self->cmd.data_uptr = (uintptr_t)mock_read_only(data, sizeof(data[0]));
	EXPECT_REFUSED(EFAULT);
	EXPECT_NOTHING_LEFT();
}

TEST_F(viommu, order_of_the_checks)
{
	/* All fields are wrong; each repair shows the next error */
	self->cmd.flags = 1;
	self->cmd.dev_id = MOCK_NO_ID;
	self->cmd.type = IOMMU_VIOMMU_TYPE_ARM_SMMUV3;
	self->cmd.hwpt_id = MOCK_NO_ID;
	self->cmd.data_len = 1;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.flags = 0;
	EXPECT_REFUSED(ENOENT);
	self->cmd.dev_id = self->vm.dev;
	EXPECT_REFUSED(EOPNOTSUPP);
	self->cmd.type = IOMMU_VIOMMU_TYPE_SELFTEST;
	EXPECT_REFUSED(ENOENT);
	self->cmd.hwpt_id = self->vm.parent;
	EXPECT_REFUSED(EINVAL);
	self->cmd.data_len = 0;
	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_VIOMMU_ALLOC, &self->cmd));
}

TEST_F(viommu, parent_before_data)
{
	ASSERT_EQ(0, iommufd_hwpt_alloc(self->vm.fd, self->vm.dev, self->vm.ioas, 0,
					&self->cmd.hwpt_id));
	self->cmd.data_len = sizeof(struct iommu_viommu_selftest);
	self->cmd.data_uptr = (uintptr_t)mock_unreadable();
	EXPECT_REFUSED(EINVAL);
}

TEST_F(viommu, response_that_faults)
{
	unsigned int i;
	void *cmd;

	self->cmd.data_len = sizeof(self->vm.data);
	self->cmd.data_uptr = (uintptr_t)&self->vm.data;
	cmd = mock_read_only(&self->cmd, sizeof(self->cmd));
	for (i = 0; i < 20; i++)
		EXPECT_EQ(-EFAULT, iommufd_ioctl(self->vm.fd, IOMMU_VIOMMU_ALLOC,
						 cmd));

	/* The region of the last attempt is gone, too */
	EXPECT_EQ(MAP_FAILED, mmap(NULL, mock_page, PROT_READ, MAP_SHARED,
				   self->vm.fd,
				   self->vm.data.out_mmap_offset));
	EXPECT_EQ(ENXIO, errno);
	EXPECT_NOTHING_LEFT();
}

TEST_F(viommu, keeps_the_parent)
{
	__u32 other;

	ASSERT_EQ(0, iommufd_ioctl(self->vm.fd, IOMMU_VIOMMU_ALLOC, &self->cmd));
	other = self->cmd.out_viommu_id;

	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, self->vm.parent));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->vm.viommu));
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, self->vm.parent));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, other));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->vm.parent));
}

/* The vIOMMU holds the physical IOMMU, not the device */
TEST_F(viommu, outlives_the_device)
{
	__u32 stdev, dev, vdevice;

	ASSERT_EQ(0, iommufd_destroy(self->vm.fd, self->vm.stdev));
	ASSERT_EQ(0, mock_device(self->vm.fd, self->vm.ioas, 0, &stdev, &dev));
	EXPECT_EQ(0, iommufd_vdevice_alloc(self->vm.fd, self->vm.viommu, dev, 3,
					   &vdevice));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, vdevice));
	EXPECT_NOTHING_LEFT();
}

TEST_F(viommu, teardown_in_order)
{
	struct mock_vm *vm = &self->vm;
	__u32 vdevice, nested, queue;
	void *page = mmap(NULL, mock_page, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, iommufd_ioas_map(vm->fd, vm->ioas, page, MOCK_IOVA, mock_page,
				      MOCK_RW));
	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->fd, vm->viommu, vm->dev, 1, &vdevice));
	ASSERT_EQ(0, mock_nested(vm->fd, vm->dev, vm->viommu, &nested));
	ASSERT_EQ(0, iommufd_hw_queue_alloc(vm->fd, vm->viommu,
					    IOMMU_HW_QUEUE_TYPE_SELFTEST, 0, MOCK_IOVA,
					    mock_page, &queue));
	ASSERT_EQ(0, mock_attach(vm->fd, vm->stdev, nested));

	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, vm->dev));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, nested));
	ASSERT_EQ(0, mock_attach(vm->fd, vm->stdev, vm->ioas));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, vm->viommu));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, nested));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, vm->viommu));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vdevice));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, vm->viommu));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, queue));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, vm->parent));
	EXPECT_NOTHING_LEFT();
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->stdev));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, vm->ioas));
}

TEST_HARNESS_MAIN
