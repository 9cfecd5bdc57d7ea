// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_GET_HW_INFO on the mock driver: the requested type, the buffer, and
 * each refusal in its order.
 */
#include "viommu_mock.h"

FIXTURE(hw_info) {
	struct mock_vm vm;
	__u8 buffer[32];
	struct iommu_hw_info cmd;
};

FIXTURE_SETUP(hw_info)
{
	MOCK_VM_START(&self->vm);
	memset(self->buffer, 0xaa, sizeof(self->buffer));
	self->cmd = (struct iommu_hw_info){
		.size = sizeof(self->cmd),
		.dev_id = self->vm.dev,
		.data_len = sizeof(struct iommu_test_hw_info),
		.data_uptr = (uintptr_t)self->buffer,
	};
}

FIXTURE_TEARDOWN(hw_info)
{
	MOCK_VM_END(&self->vm);
}

#define EXPECT_INFO(result) \
	EXPECT_EQ(result, iommufd_ioctl(self->vm.fd, IOMMU_GET_HW_INFO,	\
					&self->cmd))

/* bytes of the buffer are from the kernel, zeros bytes after them are 0 */
#define EXPECT_BUFFER(bytes, zeros)					\
	do {								\
		struct iommu_test_hw_info __info = {			\
			.test_reg = IOMMU_HW_INFO_SELFTEST_REGVAL,	\
		};							\
		unsigned int __i;					\
									\
		EXPECT_EQ(0, memcmp(self->buffer, &__info, bytes));	\
		for (__i = (bytes); __i < sizeof(self->buffer); __i++)	\
			EXPECT_EQ(__i < (bytes) + (zeros) ? 0 : 0xaa,	\
				  self->buffer[__i]);			\
		EXPECT_EQ(sizeof(__info), self->cmd.data_len);		\
		EXPECT_EQ(IOMMU_HW_INFO_TYPE_SELFTEST,			\
			  self->cmd.out_data_type);			\
	} while (0)

TEST_F(hw_info, without_asking)
{
	EXPECT_INFO(0);
	EXPECT_BUFFER(8, 0);
}

/* The word is no input without the flag */
TEST_F(hw_info, input_that_is_ignored)
{
	self->cmd.in_data_type = IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV;
	EXPECT_INFO(0);
	EXPECT_BUFFER(8, 0);
}

TEST_F(hw_info, types)
{
	__u32 unknown[] = { IOMMU_HW_INFO_TYPE_INTEL_VTD,
			    IOMMU_HW_INFO_TYPE_ARM_SMMUV3,
			    IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV, ~0U };
	unsigned int i;

	self->cmd.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE;
	self->cmd.in_data_type = IOMMU_HW_INFO_TYPE_DEFAULT;
	EXPECT_INFO(0);
	EXPECT_BUFFER(8, 0);
	memset(self->buffer, 0xaa, sizeof(self->buffer));
	self->cmd.in_data_type = IOMMU_HW_INFO_TYPE_SELFTEST;
	EXPECT_INFO(0);
	EXPECT_BUFFER(8, 0);

	memset(self->buffer, 0xaa, sizeof(self->buffer));
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		self->cmd.in_data_type = unknown[i];
		EXPECT_INFO(-EOPNOTSUPP);
		EXPECT_EQ(unknown[i], self->cmd.in_data_type);
		EXPECT_EQ(0xaa, self->buffer[0]);
	}
}

TEST_F(hw_info, buffer)
{
	/* None */
	self->cmd.data_len = 0;
	self->cmd.data_uptr = 0;
	EXPECT_INFO(0);
	EXPECT_BUFFER(0, 0);
	/* Shorter */
	self->cmd.data_len = 5;
	self->cmd.data_uptr = (uintptr_t)self->buffer;
	EXPECT_INFO(0);
	EXPECT_BUFFER(5, 0);
	/* Longer: the rest becomes zero */
	self->cmd.data_len = 20;
	EXPECT_INFO(0);
	EXPECT_BUFFER(8, 12);
}

TEST_F(hw_info, flags_and_reserved)
{
	unsigned int i;

	self->cmd.flags = 2;
	EXPECT_INFO(-EOPNOTSUPP);
	self->cmd.flags = 3;
	EXPECT_INFO(-EOPNOTSUPP);
	self->cmd.flags = 1U << 31;
	EXPECT_INFO(-EOPNOTSUPP);
	self->cmd.flags = 0;
	for (i = 0; i < 3; i++) {
		self->cmd.__reserved[i] = 1;
		EXPECT_INFO(-EOPNOTSUPP);
		self->cmd.__reserved[i] = 0;
	}
	EXPECT_INFO(0);
}

TEST_F(hw_info, device)
{
	__u32 ids[] = { 0, MOCK_NO_ID, self->vm.ioas, self->vm.stdev,
			self->vm.viommu };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		self->cmd.dev_id = ids[i];
		EXPECT_INFO(-ENOENT);
	}
}

TEST_F(hw_info, faults)
{
	self->cmd.data_uptr = (uintptr_t)mock_unreadable();
	EXPECT_INFO(-EFAULT);
	/* Only bytes after the information fault */
	self->cmd.data_uptr -= sizeof(struct iommu_test_hw_info);
	ASSERT_NE(MAP_FAILED, mmap((void *)(uintptr_t)
				   (self->cmd.data_uptr & -mock_page),
				   mock_page, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
				   -1, 0));
	EXPECT_INFO(0);
	self->cmd.data_len = 9;
	EXPECT_INFO(-EFAULT);
	self->cmd.data_len = 0;
	EXPECT_EQ(-EFAULT, iommufd_ioctl(self->vm.fd, IOMMU_GET_HW_INFO,
					 mock_read_only(&self->cmd,
							sizeof(self->cmd))));
}

TEST_F(hw_info, order_of_the_checks)
{
	/* All fields are wrong; each repair shows the next error */
	self->cmd.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE | 2;
	self->cmd.dev_id = MOCK_NO_ID;
	self->cmd.in_data_type = IOMMU_HW_INFO_TYPE_ARM_SMMUV3;
	self->cmd.data_uptr = (uintptr_t)mock_unreadable();
	EXPECT_INFO(-EOPNOTSUPP);
	self->cmd.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE;
	EXPECT_INFO(-ENOENT);
	self->cmd.dev_id = self->vm.dev;
	EXPECT_INFO(-EOPNOTSUPP);
	self->cmd.in_data_type = IOMMU_HW_INFO_TYPE_SELFTEST;
	EXPECT_INFO(-EFAULT);
	self->cmd.data_uptr = (uintptr_t)self->buffer;
	EXPECT_INFO(0);
}

/* The mock devices are no PCI devices, so they have no ATS */
TEST_F(hw_info, capabilities)
{
	EXPECT_INFO(0);
	EXPECT_EQ(IOMMU_HW_CAP_DIRTY_TRACKING |
		  IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED,
		  self->cmd.out_capabilities);
	EXPECT_EQ(0, self->cmd.out_max_pasid_log2);
}

TEST_F(hw_info, pasid)
{
	__u32 stdev;

	ASSERT_EQ(0, mock_device(self->vm.fd, self->vm.ioas,
				 MOCK_FLAGS_DEVICE_PASID, &stdev,
				 &self->cmd.dev_id));
	EXPECT_INFO(0);
	EXPECT_EQ(MOCK_PASID_WIDTH, self->cmd.out_max_pasid_log2);
	EXPECT_EQ(IOMMU_HW_CAP_DIRTY_TRACKING |
		  IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED,
		  self->cmd.out_capabilities);
	ASSERT_EQ(0, mock_device(self->vm.fd, self->vm.ioas,
				 MOCK_FLAGS_DEVICE_PASID |
				 MOCK_FLAGS_DEVICE_NO_DIRTY, &stdev,
				 &self->cmd.dev_id));
	EXPECT_INFO(0);
	EXPECT_EQ(MOCK_PASID_WIDTH, self->cmd.out_max_pasid_log2);
	EXPECT_EQ(IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED,
		  self->cmd.out_capabilities);
	EXPECT_EQ(-EINVAL, mock_device(self->vm.fd, self->vm.ioas, 1U << 3,
				       &stdev, &self->cmd.dev_id));
}

TEST_HARNESS_MAIN
