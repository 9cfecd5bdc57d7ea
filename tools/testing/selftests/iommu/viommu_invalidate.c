// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_HWPT_INVALIDATE through a vIOMMU of the mock driver: executed requests,
 * their number, and each refusal in its order.
 */
#include "viommu_mock.h"

#define VIRT_ID		0x99
#define CLEARED		0

FIXTURE(invalidate) {
	struct mock_vm vm;
	__u32 vdevice;
	struct iommu_viommu_invalidate_selftest inv[4];
	struct iommu_hwpt_invalidate cmd;	/* one entry that would succeed */
};

FIXTURE_SETUP(invalidate)
{
	unsigned int i;

	MOCK_VM_START(&self->vm);
	ASSERT_EQ(0, iommufd_vdevice_alloc(self->vm.fd, self->vm.viommu, self->vm.dev,
					   VIRT_ID, &self->vdevice));
	for (i = 0; i < ARRAY_SIZE(self->inv); i++) {
		self->inv[i].vdev_id = VIRT_ID;
		self->inv[i].cache_id = i;
	}
	self->cmd = (struct iommu_hwpt_invalidate){
		.size = sizeof(self->cmd),
		.hwpt_id = self->vm.viommu,
		.data_uptr = (uintptr_t)self->inv,
		.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
		.entry_len = sizeof(self->inv[0]),
		.entry_num = 1,
	};
}

FIXTURE_TEARDOWN(invalidate)
{
	MOCK_VM_END(&self->vm);
}

/* Invalidate num entries: the result, and the number of executed ones */
#define EXPECT_INVALIDATE(result, num, done)				\
	do {								\
		self->cmd.entry_num = (num);				\
		EXPECT_EQ(result, iommufd_ioctl(self->vm.fd,		\
						IOMMU_HWPT_INVALIDATE,	\
						&self->cmd));		\
		EXPECT_EQ(done, self->cmd.entry_num);			\
	} while (0)

/* The first n words of the device are cleared, the others are not */
#define EXPECT_CLEARED(n)						\
	do {								\
		unsigned int __i;					\
									\
		for (__i = 0; __i < MOCK_DEV_CACHE_NUM; __i++)		\
			EXPECT_EQ(0, mock_check_cache(self->vm.fd,	\
				self->vm.dev, __i, __i < (n) ? CLEARED :\
				IOMMU_TEST_DEV_CACHE_DEFAULT));		\
	} while (0)

TEST_F(invalidate, one_entry)
{
	EXPECT_CLEARED(0);
	EXPECT_INVALIDATE(0, 1, 1);
	EXPECT_CLEARED(1);
}

TEST_F(invalidate, array)
{
	EXPECT_INVALIDATE(0, 3, 3);
	EXPECT_CLEARED(3);
}

TEST_F(invalidate, all_of_a_device)
{
	self->inv[0].flags = IOMMU_TEST_INVALIDATE_FLAG_ALL;
	EXPECT_INVALIDATE(0, 1, 1);
	EXPECT_CLEARED(4);
}

/* Only the device of the virtual ID is affected */
TEST_F(invalidate, another_device)
{
	__u32 stdev, dev, vdevice;

	ASSERT_EQ(0, mock_device(self->vm.fd, self->vm.ioas, 0, &stdev, &dev));
	ASSERT_EQ(0, iommufd_vdevice_alloc(self->vm.fd, self->vm.viommu, dev,
					   VIRT_ID + 1, &vdevice));
	self->inv[0].vdev_id = VIRT_ID + 1;
	EXPECT_INVALIDATE(0, 1, 1);
	EXPECT_CLEARED(0);
	EXPECT_EQ(0, mock_check_cache(self->vm.fd, dev, 0, CLEARED));
	EXPECT_EQ(0, mock_check_cache(self->vm.fd, dev, 1,
				      IOMMU_TEST_DEV_CACHE_DEFAULT));
}

/* An empty array asks whether the type is known */
TEST_F(invalidate, empty_array)
{
	self->cmd.data_uptr = 0;
	self->cmd.entry_len = 0;
	EXPECT_INVALIDATE(0, 0, 0);
	self->cmd.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST_INVALID;
	EXPECT_INVALIDATE(-EINVAL, 0, 0);
	EXPECT_CLEARED(0);
}

TEST_F(invalidate, reserved)
{
	self->cmd.__reserved = 1;
	EXPECT_INVALIDATE(-EOPNOTSUPP, 1, 0);
	EXPECT_CLEARED(0);
}

TEST_F(invalidate, array_that_makes_no_sense)
{
	self->cmd.data_uptr = 0;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	self->cmd.data_uptr = (uintptr_t)self->inv;
	self->cmd.entry_len = 0;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	self->cmd.entry_len = mock_page + 1;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	self->cmd.entry_len = sizeof(self->inv[0]);
	EXPECT_INVALIDATE(-EINVAL, (1U << 19) + 1, 0);
	EXPECT_INVALIDATE(-EINVAL, ~0U, 0);
	EXPECT_CLEARED(0);
}

TEST_F(invalidate, ids)
{
	__u32 absent[] = { 0, MOCK_NO_ID };
	__u32 wrong[] = { self->vm.parent, self->vm.ioas, self->vm.dev,
			  self->vm.stdev, self->vdevice };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(absent); i++) {
		self->cmd.hwpt_id = absent[i];
		EXPECT_INVALIDATE(-ENOENT, 1, 0);
	}
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		self->cmd.hwpt_id = wrong[i];
		EXPECT_INVALIDATE(-EINVAL, 1, 0);
	}
	EXPECT_CLEARED(0);
}

TEST_F(invalidate, type_and_length_of_the_driver)
{
	self->cmd.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	self->cmd.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST;
	self->cmd.entry_len = sizeof(self->inv[0]) - 4;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	self->cmd.entry_len = sizeof(self->inv[0]) + 4;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	EXPECT_CLEARED(0);
}

TEST_F(invalidate, entries_of_the_driver)
{
	self->inv[0].flags = 2;
	EXPECT_INVALIDATE(-EOPNOTSUPP, 1, 0);
	self->inv[0].flags = 0;
	self->inv[0].cache_id = MOCK_DEV_CACHE_ID_MAX + 1;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	self->inv[0].cache_id = 0;
	self->inv[0].vdev_id = VIRT_ID + 1;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	EXPECT_CLEARED(0);
}

/* Entries before a bad one are executed and counted, entries after it are not */
TEST_F(invalidate, bad_entry_in_the_middle)
{
	self->inv[2].vdev_id = 0;
	EXPECT_INVALIDATE(-EINVAL, 4, 2);
	EXPECT_CLEARED(2);
}

TEST_F(invalidate, array_that_cannot_be_read)
{
	__u8 *pages = mmap(NULL, 2 * mock_page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, mprotect(pages + mock_page, mock_page, PROT_NONE));
	self->cmd.data_uptr = (uintptr_t)(pages + mock_page);
	EXPECT_INVALIDATE(-EFAULT, 1, 0);
	EXPECT_CLEARED(0);

	/* The first entry can be read, the second cannot */
	self->cmd.data_uptr -= sizeof(self->inv[0]);
	memcpy((void *)(uintptr_t)self->cmd.data_uptr, &self->inv[0],
	       sizeof(self->inv[0]));
	EXPECT_INVALIDATE(-EFAULT, 2, 1);
	EXPECT_CLEARED(1);
}

TEST_F(invalidate, response_that_faults)
{
	EXPECT_EQ(-EFAULT, iommufd_ioctl(self->vm.fd, IOMMU_HWPT_INVALIDATE,
					 mock_read_only(&self->cmd,
							sizeof(self->cmd))));
	/* It replaces any other result */
	self->cmd.__reserved = 1;
	EXPECT_EQ(-EFAULT, iommufd_ioctl(self->vm.fd, IOMMU_HWPT_INVALIDATE,
					 mock_read_only(&self->cmd,
							sizeof(self->cmd))));
}

TEST_F(invalidate, order_of_the_checks)
{
	/* All fields are wrong; each repair shows the next error */
	self->cmd.__reserved = 1;
	self->cmd.entry_len = 0;
	self->cmd.hwpt_id = MOCK_NO_ID;
	self->cmd.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST_INVALID;
	self->inv[0].flags = 2;
	EXPECT_INVALIDATE(-EOPNOTSUPP, 1, 0);
	self->cmd.__reserved = 0;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	self->cmd.entry_len = sizeof(self->inv[0]);
	EXPECT_INVALIDATE(-ENOENT, 1, 0);
	self->cmd.hwpt_id = self->vm.viommu;
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	self->cmd.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST;
	EXPECT_INVALIDATE(-EOPNOTSUPP, 1, 0);
	self->inv[0].flags = 0;
	EXPECT_INVALIDATE(0, 1, 1);
}

/* Without its vDEVICE a virtual ID does not exist */
TEST_F(invalidate, without_vdevice)
{
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->vdevice));
	EXPECT_INVALIDATE(-EINVAL, 1, 0);
	EXPECT_CLEARED(0);
}

/* A nested HWPT has its own kind of invalidation, also on a vIOMMU */
TEST_F(invalidate, nested_hwpt)
{
	struct iommu_hwpt_invalidate_selftest inv = { .iotlb_id = 1 };
	__u32 pts[] = { self->vm.viommu, self->vm.parent };
	unsigned int i;
	__u32 id;

	self->cmd.data_uptr = (uintptr_t)&inv;
	self->cmd.entry_len = sizeof(inv);
	self->cmd.data_type = IOMMU_HWPT_INVALIDATE_DATA_SELFTEST;
	for (i = 0; i < ARRAY_SIZE(pts); i++) {
		ASSERT_EQ(0, mock_nested(self->vm.fd, self->vm.dev, pts[i],
					 &id));
		self->cmd.hwpt_id = id;
		EXPECT_INVALIDATE(0, 1, 1);
		EXPECT_EQ(0, mock_check_iotlb(self->vm.fd, id, 0,
					      IOMMU_TEST_IOTLB_DEFAULT));
		EXPECT_EQ(0, mock_check_iotlb(self->vm.fd, id, 1, CLEARED));
		EXPECT_EQ(0, iommufd_destroy(self->vm.fd, id));
	}
	EXPECT_CLEARED(0);
}

/* The operation that this file relies on */
TEST_F(invalidate, dev_check_cache)
{
	__u32 value = IOMMU_TEST_DEV_CACHE_DEFAULT;

	EXPECT_EQ(0, mock_check_cache(self->vm.fd, self->vm.dev, 3, value));
	EXPECT_EQ(-EINVAL, mock_check_cache(self->vm.fd, self->vm.dev, 3, 1));
	EXPECT_EQ(-EINVAL, mock_check_cache(self->vm.fd, self->vm.dev, 4,
					    value));
	EXPECT_EQ(-ENOENT, mock_check_cache(self->vm.fd, self->vm.stdev, 3,
					    value));
	EXPECT_EQ(-ENOENT, mock_check_cache(self->vm.fd, MOCK_NO_ID, 3,
					    value));
}

TEST_HARNESS_MAIN
