// SPDX-License-Identifier: GPL-2.0
/*
 * A CMDQ-V that did not start. Needs a model in which it does not
 * (fault-cmdqv-enable-stuck). A VMM asks with IOMMU_GET_HW_INFO which vIOMMU it can make:
 * CMDQ-V is not offered, and the SMMUv3 is, with all that it has.
 */
#include "smmuv3_nested.h"

TEST(not_offered)
{
	struct iommu_hw_info_tegra241_cmdqv info;
	struct cmdqv_vm vm;

	TEST_RESERVE();
	TEST_STEP(&vm, vm_open(&vm, 0));
	EXPECT_EQ(-EOPNOTSUPP,
		  iommufd_hw_info(vm.iommufd, vm.dev_id,
				  IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV, &info,
				  sizeof(info)));
	EXPECT_EQ(-EOPNOTSUPP, vm_viommu(&vm));
	TEST_END(&vm);
}

TEST(smmuv3_alone)
{
	struct cmdqv_vm vm;

	NESTED_OPEN(&vm, 0);
	TEST_STEP(&vm, vm_nest(&vm));
	stage1_map(&vm.ram, IOVA(0), GPA(&vm, 0));
	EXPECT_EQ(VALUE_A, device_reads(&vm, IOVA(0)));
	stage1_map(&vm.ram, IOVA(0), GPA(&vm, 1));
	EXPECT_EQ(VALUE_A, device_reads(&vm, IOVA(0)));
	EXPECT_EQ(0, invalidate_one(&vm, cmd_tlbi_nh_asid(VM_ASID).w[0], 0));
	EXPECT_EQ(VALUE_B, device_reads(&vm, IOVA(0)));
	TEST_END(&vm);
}

TEST_HARNESS_MAIN
