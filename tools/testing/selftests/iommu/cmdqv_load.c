// SPDX-License-Identifier: GPL-2.0
/*
 * The same invalidation, a TLBI_NH_VA and the wait for it, in three ways:
 * through the owned queues in turn, by one call each, and by calls of 63. The
 * addresses cycle through the pages that stage 1 can map.
 */
#include "cmdqv_load.h"
#include "cmdqv_trace.h"

static struct smmu_cmd nth_command(unsigned long n)
{
	return cmd_tlbi_nh_va(VM_ASID,
			      STAGE1_IOVA + n % STAGE1_PAGES * RAM_PAGE);
}

int load_queues(struct cmdqv_vm *vm, unsigned long count)
{
	unsigned long n;
	int rc;

	for (n = 0; n < count; n++) {
		rc = vcmdq_issue_sync(&vm->queue[n % VM_QUEUES].q,
				      nth_command(n));
		if (rc)
			return rc;
	}
	return 0;
}

static int load_ioctl(struct cmdqv_vm *vm, unsigned long count,
		      unsigned long per_call)
{
	struct smmu_cmd cmds[LOAD_BATCH];
	unsigned long n, i, part;
	__u32 num;
	int rc;

	for (n = 0; n < count; n += part) {
		part = count - n < per_call ? count - n : per_call;
		for (i = 0; i < part; i++)
			cmds[i] = nth_command(n + i);
		num = part;
		rc = iommufd_hwpt_invalidate(vm->iommufd, vm->viommu, cmds,
					     &num);
		if (rc)
			return rc;
	}
	return 0;
}

int load_ioctl_single(struct cmdqv_vm *vm, unsigned long count)
{
	return load_ioctl(vm, count, 1);
}

int load_ioctl_batch(struct cmdqv_vm *vm, unsigned long count)
{
	return load_ioctl(vm, count, LOAD_BATCH);
}

int load_measure(struct cmdqv_vm *vm, load_fn load, unsigned long count,
		 struct load_result *result)
{
	struct model_counts before, after;
	unsigned long ioctls, faults;
	unsigned long long start;
	int rc;

	/* Fault in the code and the data of the load. */
	rc = load(vm, 2 * LOAD_BATCH);
	if (rc)
		return rc;
	model_read(&vm->dev, &before);
	ioctls = iommufd_ioctls;
	faults = page_faults();
	start = clock_ticks();
	rc = load(vm, count);
	result->ns = clock_ns(clock_ticks() - start);
	result->faults = page_faults() - faults;
	result->ioctls = iommufd_ioctls - ioctls;
	result->commands = count;
	model_read(&vm->dev, &after);
	model_subtract(&after, &before, &result->counts);
	return rc;
}
