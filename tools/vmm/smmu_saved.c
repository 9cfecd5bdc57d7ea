// SPDX-License-Identifier: GPL-2.0
/*
 * Registers of the guest's SMMUv3 in a saved machine. Its queues and its stream table are
 * in memory, and so is what the device does by them: the entry of the stream table is read
 * again, as an SMMU may do at any time.
 */
#include <errno.h>
#include <string.h>

#include "smmu.h"
#include "snapshot_file.h"

void smmu_save(struct vmm *vmm, struct snapshot_smmu *to)
{
	const struct smmu *smmu = vmm->smmu;

	*to = (struct snapshot_smmu){
		.cr0 = smmu->cr0,
		.cr1 = smmu->cr1,
		.cr2 = smmu->cr2,
		.gbpa = smmu->gbpa,
		.irq_ctrl = smmu->irq_ctrl,
		.gerror = smmu->gerror,
		.gerrorn = smmu->gerrorn,
		.strtab_base_cfg = smmu->strtab_base_cfg,
		.cmdq_prod = smmu->cmdq_prod,
		.cmdq_cons = smmu->cmdq_cons,
		.eventq_prod = smmu->eventq_prod,
		.eventq_cons = smmu->eventq_cons,
		.strtab_base = smmu->strtab_base,
		.cmdq_base = smmu->cmdq_base,
		.eventq_base = smmu->eventq_base,
	};
	memcpy(to->idr, smmu->idr, sizeof(to->idr));
}

/* -EREMCHG: the guest has seen other ID registers than this host's SMMU allows */
int smmu_restore(struct vmm *vmm, const struct snapshot_smmu *from)
{
	struct smmu *smmu = vmm->smmu;

	if (memcmp(from->idr, smmu->idr, sizeof(from->idr)))
		return -EREMCHG;
	smmu->cr0 = from->cr0;
	smmu->cr1 = from->cr1;
	smmu->cr2 = from->cr2;
	smmu->gbpa = from->gbpa;
	smmu->irq_ctrl = from->irq_ctrl;
	smmu->gerror = from->gerror;
	smmu->gerrorn = from->gerrorn;
	smmu->strtab_base_cfg = from->strtab_base_cfg;
	smmu->cmdq_prod = from->cmdq_prod;
	smmu->cmdq_cons = from->cmdq_cons;
	smmu->eventq_prod = from->eventq_prod;
	smmu->eventq_cons = from->eventq_cons;
	smmu->strtab_base = from->strtab_base;
	smmu->cmdq_base = from->cmdq_base;
	smmu->eventq_base = from->eventq_base;
	/* If the kernel refuses the entry, the device stays on abort, as at run time */
	smmu_stream_update(vmm);
	return 0;
}
