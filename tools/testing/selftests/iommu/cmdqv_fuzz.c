// SPDX-License-Identifier: GPL-2.0
/*
 * Random calls on a vIOMMU of CMDQ-V: cmdqv_fuzz [SEED [CALLS]]
 *
 * Afterwards the hardware must be unchanged: no interface in use, all of them clean,
 * and no order rule broken by the kernel.
 */
#include <stdio.h>
#include <string.h>

#include "cmdqv_regs.h"
#include "cmdqv_vm.h"
#include "iommu_require.h"
#include "viommu_fuzz_core.h"

#define HUGE_PAGES	8

static void invalidation(void *entry, __u32 virt_id)
{
	struct smmu_cmd cmd = virt_id ? cmd_tlbi_nh_va(VM_ASID, STAGE1_IOVA + virt_id * RAM_PAGE) :
					cmd_tlbi_nh_asid(VM_ASID);

	memcpy(entry, &cmd, sizeof(cmd));
}

static struct cmdqv_vm vm;

static int attach(struct fuzz_target *target, __u32 hwpt)
{
	int rc = vfio_attach(vm.dev.fd, hwpt);

	vm.attached |= !rc;
	return rc;
}

static int detach(struct fuzz_target *target)
{
	return vm_detach(&vm);
}

static int hardware_clean(void)
{
	struct model_counts counts;
	struct cmdqv_regs regs;
	unsigned int i;
	int clean;

	vm_counts(&vm, &counts);
	if (regs_open(&regs))
		return 0;
	clean = !counts.strict_host && !regs_vintfs_in_use(&regs);
	for (i = 1; i < regs.vintfs; i++)
		clean = clean && regs_vintf_clean(&regs, i);
	regs_close(&regs);
	return clean;
}

int main(int argc, char **argv)
{
	static struct fuzz_target target = {
		.viommu_type = IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
		.viommu_len = sizeof(struct iommu_viommu_tegra241_cmdqv),
		.offset_at = offsetof(struct iommu_viommu_tegra241_cmdqv, out_vintf_mmap_offset),
		.length_at = offsetof(struct iommu_viommu_tegra241_cmdqv, out_vintf_mmap_length),
		.veventq_type = IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV,
		.queue_type = IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV,
		.nested_type = IOMMU_HWPT_DATA_ARM_SMMUV3,
		.nested_len = sizeof(struct iommu_hwpt_arm_smmuv3),
		.inv_type = IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.inv_len = sizeof(struct iommu_viommu_arm_smmuv3_invalidate),
		.invalidation = invalidation,
		.attach = attach,
		.detach = detach,
	};
	unsigned long calls;
	__u64 ste[2], seed;
	int rc;

	fuzz_arguments(argc, argv, &seed, &calls);
	require_cmdqv();
	rc = ram_reserve_huge_pages(HUGE_PAGES);
	if (!rc)
		rc = vm_open(&vm, 0);
	if (rc) {
		printf("%s: %s\n", vm.step ?: "huge pages", strerror(-rc));
		return 1;
	}
	stage1_init(&vm.ram, VM_ASID);
	stage1_ste(&vm.ram, ste);
	memcpy(target.nested, ste, sizeof(ste));
	target.fd = vm.iommufd;
	target.dev = vm.dev_id;
	target.ioas = vm.ioas;
	target.parent = vm.parent;
	target.ram = vm.ram.va;
	target.iova = vm.ram.gpa;
	target.length = vm.ram.size;
	target.queue_bytes = RAM_PAGE;

	rc = fuzz_run(&target, seed, calls);
	/* Already destroyed */
	vm.parent = 0;
	if (!hardware_clean()) {
		printf("the hardware is not as it was\n");
		rc = 1;
	}
	vm_close(&vm);
	return rc;
}
