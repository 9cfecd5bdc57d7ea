// SPDX-License-Identifier: GPL-2.0
/*
 * The SMMU enters its Service Failure Mode under a guest with queues. Needs a model that
 * was started with fault-sfm=3,fault-vcmdq=2: the third command of the guest's first
 * queue meets it.
 *
 * The kernel turns CMDQ-V off, and then the SMMU, without a command to an SMMU that
 * executes none. The guest's objects can be destroyed, and its memory is free again.
 */
#include <errno.h>
#include <string.h>

#include "../kselftest.h"
#include "../../qemu/pci-dma-test-regs.h"
#include "cmdqv_ram.h"
#include "cmdqv_regs.h"
#include "cmdqv_vm.h"
#include "iommu_arguments.h"
#include "iommu_require.h"
#include "kernel_log.h"
#include "proc_counters.h"
#include "wait_for.h"

#define HUGE_PAGES	16
#define LOG2SIZE	8
/* The handler acknowledges the error; later CR0 turns the SMMU off */
#define SMMU_WRITES	2

static struct cmdqv_vm vm;

static int invalidate(void)
{
	return vcmdq_issue_sync(&vm.queue[0].q, cmd_tlbi_nh_asid(VM_ASID));
}

/* One command, which is never executed */
static int fail_smmu(void)
{
	struct vcmdq *q = &vm.queue[0].q;
	int rc = vcmdq_add(q, cmd_tlbi_nh_asid(VM_ASID));

	if (!rc)
		vcmdq_kick(q);
	return rc;
}

static __u64 smmu_writes(void)
{
	return dma_window(&vm.dev, CMDQV_WIN_SMMU_WRITES);
}

static void test_failure(void)
{
	struct cmdqv_regs regs;
	__u64 writes;

	if (regs_open(&regs))
		ksft_exit_fail_msg("no registers\n");
	writes = smmu_writes();
	ksft_test_result(!fail_smmu() && wait_for(smmu_writes() - writes >= SMMU_WRITES),
			 "the SMMU fails\n");
	writes = smmu_writes() - writes;
	ksft_test_result(kernel_said("device has entered Service Failure Mode!") &&
			 kernel_said("tegra241_cmdqv: off, because the SMMU has failed"),
			 "the kernel reports it\n");
	ksft_test_result(writes == SMMU_WRITES,
			 "the SMMU got no command: %llu writes\n",
			 (unsigned long long)writes);
	ksft_test_result(!regs_vintfs_in_use(&regs) && regs_vintf_clean(&regs, 1),
			 "the VINTF of the guest is off\n");
	ksft_test_result(!(regs_vintf_status(&regs, 0) & VCMDQ_EN),
			 "the VINTF of the kernel is off\n");
	regs_close(&regs);
}

static int hw_info(void)
{
	struct iommu_hw_info_tegra241_cmdqv info;

	return iommufd_hw_info(vm.iommufd, vm.dev_id, IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV,
			       &info, sizeof(info));
}

static int new_viommu(void)
{
	struct iommu_viommu_tegra241_cmdqv data = { 0 };
	__u32 id;

	return iommufd_viommu_alloc(vm.iommufd, vm.dev_id, vm.parent,
				    IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV, &data,
				    sizeof(data), &id);
}

/* A vDEVICE in place of that of the device, which leaves its nested HWPT first */
static int new_vdevice(void)
{
	int rc = vm_detach(&vm);

	if (!rc)
		rc = vm_destroy(&vm, &vm.nested);
	if (!rc)
		rc = vm_destroy(&vm, &vm.vdevice);
	return rc ? rc : vm_vdevice(&vm);
}

static void test_objects(void)
{
	const unsigned int last = VM_QUEUES - 1;

	ksft_test_result(!vm_queue_free(&vm, last), "a queue can be destroyed\n");
	ksft_test_result(vm_queue_alloc(&vm, last, LOG2SIZE) == -ENODEV,
			 "a new queue is refused\n");
	ksft_test_result(hw_info() == -EOPNOTSUPP && new_viommu() == -EOPNOTSUPP,
			 "CMDQ-V is not offered any more\n");
	ksft_test_result(new_vdevice() == -ENODEV, "a new vDEVICE is refused\n");
	ksft_test_result(!vm_teardown(&vm), "the machine can be destroyed\n");
}

int main(int argc, char **argv)
{
	long before;

	arguments_at_most(argc, 0, "");
	require_cmdqv();
	ksft_print_header();
	if (ram_reserve_huge_pages(HUGE_PAGES))
		ksft_exit_fail_msg("no huge pages\n");
	before = proc_counter("/proc/meminfo", "HugePages_Free");

	ksft_set_plan(12);
	ksft_test_result(!vm_build(&vm, 0, LOG2SIZE) && !invalidate(),
			 "a machine runs\n");
	test_failure();
	test_objects();
	vm_close(&vm);
	ksft_test_result(before > 0 &&
			 proc_counter("/proc/meminfo", "HugePages_Free") == before,
			 "no huge page is lost\n");
	ksft_finished();
}
