// SPDX-License-Identifier: GPL-2.0
/*
 * Address translation caches of devices behind a vIOMMU, and two devices that share an
 * IOMMU group. Needs a machine with ATS (ats=on of the model, and the IORT for it),
 * with a separate device and two devices that are functions of one.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "smmuv3_ats.h"

FIXTURE(ats) {
	struct cmdqv_vm vm;
};

FIXTURE_SETUP(ats)
{
	struct iommu_hw_info_arm_smmuv3 info = { 0 };
	struct cmdqv_vm *vm = &self->vm;

	NESTED_OPEN(vm, 0);
	ASSERT_EQ(0, iommufd_hw_info(vm->iommufd, vm->dev_id,
				     IOMMU_HW_INFO_TYPE_ARM_SMMUV3, &info,
				     sizeof(info)));
	ASSERT_NE(0, info.idr[0] & IDR0_ATS)
	{
		TH_LOG("this machine has no ATS");
	}
}

FIXTURE_TEARDOWN(ats)
{
	TEST_END(&self->vm);
}

/* The device, its SMMU and its root complex have ATS */
TEST_F(ats, capability)
{
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.dev_id = self->vm.dev_id,
	};

	ASSERT_EQ(0, iommufd_ioctl(self->vm.iommufd, IOMMU_GET_HW_INFO, &cmd));
	EXPECT_EQ(0, cmd.out_capabilities & IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
}

/* With ATS on, the guest empties the cache of its device, by the virtual StreamID */
TEST_F(ats, on)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 before;

	ASSERT_EQ(0, ats_nest(vm, 1));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
	vm->attached = 1;
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(DMA_TEST_OK, atc_fill(vm, IOVA(0)));
	ASSERT_EQ(1, atc_entries(vm));
	before = main_opcode(vm, CMD_ATC_INV);
	EXPECT_EQ(-EIO, invalidate_one(vm, CMD_ATC_INV | (VSID(vm) + (1ULL << 32)),
				       IOVA(0)));
	EXPECT_EQ(1, atc_entries(vm));
	EXPECT_EQ(0, invalidate_one(vm, CMD_ATC_INV | VSID(vm), IOVA(0)));
	EXPECT_EQ(before + 1, main_opcode(vm, CMD_ATC_INV));
	EXPECT_EQ(0, atc_entries(vm));
}

/*
 * With ATS off an ATC_INV would time out on the queue that all guests share: it counts
 * as executed, and is not sent to the SMMU.
 */
TEST_F(ats, off)
{
	struct cmdqv_vm *vm = &self->vm;
	struct smmu_cmd cmds[] = {
		{ .w = { CMD_TLBI_NH_ALL } },
		{ .w = { CMD_ATC_INV | VSID(vm), IOVA(0) } },
		{ .w = { CMD_TLBI_NH_ALL } },
		{ .w = { CMD_ATC_INV | VSID(vm), IOVA(1) } },
		{ .w = { CMD_CFGI_STE } },	/* not for a guest */
	};
	__u64 atc, tlbi, sync;
	__u32 num = ARRAY_SIZE(cmds);

	ASSERT_EQ(0, ats_nest(vm, 0));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
	vm->attached = 1;
	atc = main_opcode(vm, CMD_ATC_INV);
	tlbi = main_opcode(vm, CMD_TLBI_NH_ALL);
	sync = main_opcode(vm, CMD_SYNC);
	EXPECT_EQ(0, invalidate_one(vm, CMD_ATC_INV | VSID(vm), IOVA(0)));
	EXPECT_EQ(sync, main_opcode(vm, CMD_SYNC));
	EXPECT_EQ(-EIO, iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, cmds,
						&num));
	EXPECT_EQ(4, num);
	EXPECT_EQ(tlbi + 2, main_opcode(vm, CMD_TLBI_NH_ALL));
	EXPECT_EQ(sync + 1, main_opcode(vm, CMD_SYNC));
	EXPECT_EQ(atc, main_opcode(vm, CMD_ATC_INV));
	/* A wrong address or StreamID is still refused */
	EXPECT_EQ(-EIO, invalidate_one(vm, CMD_ATC_INV | 1ULL << 63, 0));
	EXPECT_EQ(-EIO, invalidate_one(vm, CMD_ATC_INV | VSID(vm), 63));
}

/*
 * An unmap by the host empties the cache of the device, which has the addresses of the
 * guest in it: those of the parent tell nothing about them.
 */
TEST_F(ats, unmap)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = vm->ram.size;

	ASSERT_EQ(0, ats_nest(vm, 1));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
	vm->attached = 1;
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	ASSERT_EQ(DMA_TEST_OK, atc_fill(vm, IOVA(0)));
	ASSERT_EQ(1, atc_entries(vm));
	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, vm->ram.gpa,
					&length));
	EXPECT_EQ(0, atc_entries(vm));
}

/* The inode of the IOMMU group of a device that has a driver */
static unsigned long group_of(const struct dma_dev *dev)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group",
		 dev->name);
	return stat(path, &st) ? 0 : st.st_ino;
}

/* True if the @n-th device and the next one are functions of one slot */
static int share_slot(unsigned int n)
{
	char a[PCI_NAME_LEN], b[PCI_NAME_LEN];

	return !pci_find(PCI_DMA_TEST_VENDOR_ID, PCI_DMA_TEST_DEVICE_ID, n, a) &&
	       !pci_find(PCI_DMA_TEST_VENDOR_ID, PCI_DMA_TEST_DEVICE_ID, n + 1,
			 b) && !strncmp(a, b, strcspn(a, "."));
}

FIXTURE(group) {
	struct cmdqv_vm vm;
	struct dma_dev second;
	__u32 second_id;
};

FIXTURE_SETUP(group)
{
	struct cmdqv_vm *vm = &self->vm;
	unsigned int i = 0, count = dma_count();

	while (i < count && !share_slot(i))
		i++;
	ASSERT_LT(i, count)
	{
		TH_LOG("this machine has no device with two functions");
	}
	NESTED_OPEN(vm, i);
	ASSERT_EQ(0, dma_open(&self->second, i + 1));
	ASSERT_EQ(group_of(&vm->dev), group_of(&self->second));
	ASSERT_NE(0, group_of(&vm->dev));
	ASSERT_EQ(0, vfio_bind(self->second.fd, vm->iommufd, &self->second_id));
	ASSERT_EQ(0, dma_map(&self->second));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	vm->attached = 1;
	ASSERT_EQ(0, vfio_attach(self->second.fd, vm->parent));
}

FIXTURE_TEARDOWN(group)
{
	if (self->second.fd >= 0)
		vfio_detach(self->second.fd);
	dma_close(&self->second);
	TEST_END(&self->vm);
}

static int reads(struct dma_dev *dev, __u64 iova, __u64 value)
{
	__u64 got = 0;
	int rc = dma_read(dev, iova, &got);

	return rc ? rc : got == value;
}

/*
 * The first device of the group accepts the nested HWPT, the second refuses it because
 * it has no vDEVICE: both stay in the parent, also on its list. If the first stayed on
 * the list with the nested HWPT, the unmap would use a freed HWPT.
 */
TEST_F(group, one_refuses)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = vm->ram.size;
	unsigned int round;

	for (round = 0; round < 3; round++) {
		ASSERT_EQ(0, ats_nest(vm, 1));
		EXPECT_EQ(-ENOENT, vfio_attach(vm->dev.fd, vm->nested));
		EXPECT_EQ(1, reads(&vm->dev, GPA(vm, 0), VALUE_A));
		EXPECT_EQ(1, reads(&self->second, GPA(vm, 1), VALUE_B));
		ASSERT_EQ(0, vm_destroy(vm, &vm->nested));
		ASSERT_EQ(0, vm_destroy(vm, &vm->vdevice));
	}
	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, vm->ram.gpa,
					&length));
	EXPECT_EQ(-EFAULT, reads(&vm->dev, GPA(vm, 0), VALUE_A));
	EXPECT_EQ(-EFAULT, reads(&self->second, GPA(vm, 1), VALUE_B));
}

/* With a vDEVICE for each of them, both attach, and move back */
TEST_F(group, both_take)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = vm->ram.size;
	__u32 id = 0;

	ASSERT_EQ(0, ats_nest(vm, 1));
	EXPECT_EQ(-ENOENT, vfio_attach(vm->dev.fd, vm->nested));
	ASSERT_EQ(0, iommufd_vdevice_alloc(vm->iommufd, vm->viommu,
					   self->second_id,
					   VM_VSID(self->second.index), &id));
	ASSERT_EQ(0, vfio_attach(vm->dev.fd, vm->nested));
	stage1_map(&vm->ram, IOVA(0), GPA(vm, 0));
	stage1_map(&vm->ram, IOVA(1), GPA(vm, 1));
	EXPECT_EQ(1, reads(&vm->dev, IOVA(0), VALUE_A));
	EXPECT_EQ(1, reads(&self->second, IOVA(1), VALUE_B));
	EXPECT_EQ(0, vfio_attach(vm->dev.fd, vm->parent));
	EXPECT_EQ(1, reads(&self->second, GPA(vm, 1), VALUE_B));
	EXPECT_EQ(0, vm_destroy(vm, &id));
	EXPECT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, vm->ram.gpa,
					&length));
}

TEST_HARNESS_MAIN
