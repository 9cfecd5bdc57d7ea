// SPDX-License-Identifier: GPL-2.0
/*
 * On the SMMU of Tegra264 an invalidation of TLBs or of cached configuration may have no
 * effect, so the kernel issues each of its own twice, the second after the first is
 * complete. The hardware information tells a guest to do the same, so the kernel issues
 * commands of a guest once. On every other SMMU, also of the same machine, the kernel
 * issues each command once.
 */
#include <stdio.h>
#include <string.h>

#include "smmuv3_nested.h"

FIXTURE(erratum) {
	struct cmdqv_vm vm;
	unsigned int times;
};

FIXTURE_VARIANT(erratum) {
	unsigned int device;
};

/* Both are behind one SMMU, or each behind its own */
FIXTURE_VARIANT_ADD(erratum, first) { .device = 0 };
FIXTURE_VARIANT_ADD(erratum, second) { .device = 1 };

/* The node in the device tree of the SMMU of a device; there is none with ACPI */
static int is_tegra264(const struct dma_dev *dev)
{
	char path[96], text[64] = "";
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/bus/pci/devices/%s/iommu/device/of_node/compatible", dev->name);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (!fread(text, 1, sizeof(text) - 1, f))
		text[0] = 0;
	fclose(f);
	return !strcmp(text, "nvidia,tegra264-smmu");
}

FIXTURE_SETUP(erratum)
{
	NESTED_OPEN(&self->vm, variant->device);
	self->times = is_tegra264(&self->vm.dev) ? 2 : 1;
	TEST_STEP(&self->vm, vm_nest(&self->vm));
	TH_LOG("commands are executed %u times", self->times);
}

FIXTURE_TEARDOWN(erratum)
{
	TEST_END(&self->vm);
}

TEST_F(erratum, hw_info)
{
	struct iommu_hw_info_arm_smmuv3 info = { 0 };

	ASSERT_EQ(0, iommufd_hw_info(self->vm.iommufd, self->vm.dev_id,
				     IOMMU_HW_INFO_TYPE_ARM_SMMUV3, &info,
				     sizeof(info)));
	EXPECT_EQ(self->times == 2 ?
			  IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI : 0,
		  info.flags);
}

TEST_F(erratum, invalidations)
{
	static const __u64 opcodes[] = {
		CMD_TLBI_NH_ALL, CMD_TLBI_NH_ASID, CMD_TLBI_NH_VA,
		CMD_CFGI_CD_ALL,
	};
	const __u64 sid = (__u64)VM_VSID(variant->device) << 32;
	struct cmdqv_vm *vm = &self->vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		const __u64 op = opcodes[i];
		__u64 before = main_opcode(vm, op);
		__u64 syncs = main_opcode(vm, CMD_SYNC);

		ASSERT_EQ(0, invalidate_one(vm, op == CMD_CFGI_CD_ALL ?
						    op | sid : op, 0));
		EXPECT_EQ(1, main_opcode(vm, op) - before);
		EXPECT_EQ(1, main_opcode(vm, CMD_SYNC) - syncs);
	}
}

static __u64 host_nh_all(struct cmdqv_vm *vm)
{
	return model_host_opcode(&vm->dev, CMD_TLBI_NH_ALL,
				 CMDQV_WIN_Q_TLBI_NH_ALL);
}

/* Invalidations of stage 2: an unmap takes effect */
TEST_F(erratum, unmap)
{
	struct cmdqv_vm *vm = &self->vm;
	__u64 length = vm->ram.size, nh_all = host_nh_all(vm);

	ASSERT_EQ(0, iommufd_ioas_unmap(vm->iommufd, vm->ioas, vm->ram.gpa,
					&length));
	EXPECT_EQ(self->times, host_nh_all(vm) - nh_all);
}

TEST_HARNESS_MAIN
