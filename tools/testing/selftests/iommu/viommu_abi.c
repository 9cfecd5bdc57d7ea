// SPDX-License-Identifier: GPL-2.0
/*
 * The rules that all commands share: sizes of the structures, their growth, and
 * numbers that this kernel does not have.
 */
#include "viommu_mock.h"

#define LAYOUT(type, field, offset) \
	_Static_assert(offsetof(struct type, field) == (offset), #type "." #field)
#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)

_Static_assert(_IOC_NR(IOMMU_IOAS_MAP_FILE) == 0x8f, "MAP_FILE");
_Static_assert(_IOC_NR(IOMMU_IOAS_CHANGE_PROCESS) == 0x92, "CHANGE_PROCESS");

SIZE(iommu_viommu_alloc, 40);
LAYOUT(iommu_viommu_alloc, type, 8);
LAYOUT(iommu_viommu_alloc, dev_id, 12);
LAYOUT(iommu_viommu_alloc, hwpt_id, 16);
LAYOUT(iommu_viommu_alloc, out_viommu_id, 20);
LAYOUT(iommu_viommu_alloc, data_len, 24);
LAYOUT(iommu_viommu_alloc, data_uptr, 32);
SIZE(iommu_viommu_tegra241_cmdqv, 16);
SIZE(iommu_vdevice_alloc, 24);
LAYOUT(iommu_vdevice_alloc, viommu_id, 4);
LAYOUT(iommu_vdevice_alloc, dev_id, 8);
LAYOUT(iommu_vdevice_alloc, out_vdevice_id, 12);
LAYOUT(iommu_vdevice_alloc, virt_id, 16);
SIZE(iommu_hw_queue_alloc, 40);
LAYOUT(iommu_hw_queue_alloc, viommu_id, 8);
LAYOUT(iommu_hw_queue_alloc, type, 12);
LAYOUT(iommu_hw_queue_alloc, index, 16);
LAYOUT(iommu_hw_queue_alloc, out_hw_queue_id, 20);
LAYOUT(iommu_hw_queue_alloc, nesting_parent_iova, 24);
LAYOUT(iommu_hw_queue_alloc, length, 32);
SIZE(iommu_ioas_change_process, 8);
LAYOUT(iommu_ioas_change_process, __reserved, 4);
SIZE(iommu_ioas_map_file, 40);
LAYOUT(iommu_ioas_map_file, flags, 4);
LAYOUT(iommu_ioas_map_file, ioas_id, 8);
LAYOUT(iommu_ioas_map_file, fd, 12);
LAYOUT(iommu_ioas_map_file, start, 16);
LAYOUT(iommu_ioas_map_file, length, 24);
LAYOUT(iommu_ioas_map_file, iova, 32);
SIZE(iommu_hw_info, 40);
LAYOUT(iommu_hw_info, in_data_type, 24);
LAYOUT(iommu_hw_info, out_data_type, 24);
SIZE(iommu_hw_info_arm_smmuv3, 40);
SIZE(iommu_hw_info_tegra241_cmdqv, 8);
SIZE(iommu_hwpt_arm_smmuv3, 16);
SIZE(iommu_viommu_arm_smmuv3_invalidate, 16);
SIZE(iommu_test_cmd, 72);
SIZE(iommu_hwpt_selftest, 8);
SIZE(iommu_viommu_selftest, 24);
SIZE(iommu_viommu_invalidate_selftest, 12);

FIXTURE(abi) {
	int fd;
};

FIXTURE_SETUP(abi)
{
	self->fd = open("/dev/iommu", O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(abi)
{
	close(self->fd);
}

/* wrong is the error for a structure of zeros; 0 for success */
FIXTURE_VARIANT(abi) {
	unsigned long request;
	__u32 min_size;
	__u32 full_size;
	int wrong;
};

FIXTURE_VARIANT_ADD(abi, viommu_alloc) {
	.request = IOMMU_VIOMMU_ALLOC, .min_size = 24, .full_size = 40,
	.wrong = EOPNOTSUPP,
};

FIXTURE_VARIANT_ADD(abi, vdevice_alloc) {
	.request = IOMMU_VDEVICE_ALLOC, .min_size = 24, .full_size = 24,
	.wrong = ENOENT,
};

FIXTURE_VARIANT_ADD(abi, hw_queue_alloc) {
	.request = IOMMU_HW_QUEUE_ALLOC, .min_size = 40, .full_size = 40,
	.wrong = EOPNOTSUPP,
};

FIXTURE_VARIANT_ADD(abi, ioas_change_process) {
	.request = IOMMU_IOAS_CHANGE_PROCESS, .min_size = 8, .full_size = 8,
	.wrong = 0,
};

FIXTURE_VARIANT_ADD(abi, ioas_map_file) {
	.request = IOMMU_IOAS_MAP_FILE, .min_size = 40, .full_size = 40,
	.wrong = EINVAL,
};

FIXTURE_VARIANT_ADD(abi, hwpt_alloc) {
	.request = IOMMU_HWPT_ALLOC, .min_size = 24, .full_size = 48,
	.wrong = ENOENT,
};

FIXTURE_VARIANT_ADD(abi, hwpt_invalidate) {
	.request = IOMMU_HWPT_INVALIDATE, .min_size = 32, .full_size = 32,
	.wrong = ENOENT,
};

FIXTURE_VARIANT_ADD(abi, get_hw_info) {
	.request = IOMMU_GET_HW_INFO, .min_size = 32, .full_size = 40,
	.wrong = ENOENT,
};

TEST_F(abi, size)
{
	union {
		__u32 size;
		__u8 bytes[128];
	} cmd = {};
	__u32 size;

	for (size = 0; size < variant->min_size; size++) {
		cmd.size = size;
		EXPECT_EQ(-EINVAL, iommufd_ioctl(self->fd, variant->request,
						 &cmd));
	}
	for (; size <= sizeof(cmd); size++) {
		cmd.size = size;
		EXPECT_EQ(-variant->wrong, iommufd_ioctl(self->fd,
							 variant->request, &cmd));
	}
}

TEST_F(abi, excess_must_be_zero)
{
	union {
		__u32 size;
		__u8 bytes[128];
	} cmd = { .size = sizeof(cmd) };

	cmd.bytes[variant->full_size] = 1;
	EXPECT_EQ(-E2BIG, iommufd_ioctl(self->fd, variant->request, &cmd));
	cmd.bytes[variant->full_size] = 0;
	cmd.bytes[127] = 1;
	EXPECT_EQ(-E2BIG, iommufd_ioctl(self->fd, variant->request, &cmd));
	cmd.size = 127;
	EXPECT_EQ(-variant->wrong, iommufd_ioctl(self->fd, variant->request,
						 &cmd));
}

TEST_F(abi, unreadable)
{
	__u8 *page = mock_unreadable();
	__u32 *size;

	EXPECT_EQ(-EFAULT, iommufd_ioctl(self->fd, variant->request, page));

	/* The size can be read, the rest cannot */
	ASSERT_NE(MAP_FAILED, mmap(page - mock_page, 2 * mock_page,
				   PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
				   -1, 0));
	ASSERT_EQ(0, mprotect(page, mock_page, PROT_NONE));
	size = (__u32 *)page - 1;
	*size = variant->full_size;
	EXPECT_EQ(-EFAULT, iommufd_ioctl(self->fd, variant->request, size));
}

TEST(numbers_that_are_reserved)
{
	__u32 numbers[] = { IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA };
	int fd = open("/dev/iommu", O_RDWR);
	__u32 cmd[32] = { sizeof(cmd) };
	unsigned int i;

	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		EXPECT_EQ(-ENOTTY, iommufd_ioctl(fd, _IO(IOMMUFD_TYPE, numbers[i]),
						 cmd));
		/* For a gap in the table the kernel reads the size first */
		EXPECT_EQ(-EFAULT, iommufd_ioctl(fd, _IO(IOMMUFD_TYPE, numbers[i]),
						 mock_unreadable()));
	}
	/* A direction bit makes it another command */
	EXPECT_EQ(-ENOTTY, iommufd_ioctl(fd, _IOW(IOMMUFD_TYPE,
						  IOMMUFD_CMD_VIOMMU_ALLOC,
						  struct iommu_viommu_alloc),
					 cmd));
	close(fd);
}

TEST_HARNESS_MAIN
