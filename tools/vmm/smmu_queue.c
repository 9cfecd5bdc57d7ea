// SPDX-License-Identifier: GPL-2.0
/*
 * The command queue of the guest's SMMUv3. A write of PROD traps; all commands up
 * to there are gathered and given to the kernel, which takes 63 with one ioctl
 * and one CMD_SYNC of its own. Commands written at once are complete when the
 * write returns, so that the guest's CMD_SYNC has nothing left to wait for.
 *
 * Commands for the stream table are done here. Everything else is the kernel's to
 * judge: it refuses what a guest may not ask for, and CONS then stands at that
 * command, in error, until the guest acknowledges. The guest writes a CMD_SYNC over it
 * (Documentation/arch/arm64/tegra241-cmdqv-hardware.rst, section 7.1), and those behind
 * it are executed again.
 *
 * After a timeout, as of a device that does not answer an ATC_INV, the kernel may have
 * executed no command of the batch. A guest only acknowledges this error, and relies on
 * all commands before its CMD_SYNC. So CONS stands at the first command of the batch. If
 * that batch fails again and again, the queue stops there without an error until the guest
 * writes PROD: it would acknowledge for ever in its interrupt handler.
 */
#include <errno.h>
#include <string.h>

#include "smmu.h"

#define CMD_PREFETCH_CONFIG	0x01
#define CMD_PREFETCH_ADDR	0x02
#define CMD_CFGI_STE		0x03
#define CMD_CFGI_STE_RANGE	0x04
#define CMD_SYNC		0x46

#define SYNC_CS(cmd)		((cmd) >> 12 & 3)
#define SYNC_CS_RESERVED	3

/* CONS.ERR */
#define CERROR_ILL		1
#define CERROR_ABT		2
#define CERROR_ATC_INV_SYNC	3
#define CONS_ERR_SHIFT		24
#define CONS_ERR(error)		((uint32_t)(error) << CONS_ERR_SHIFT)

/* From so many failures in a row on, the guest is not told */
#define FAILURES_MAX		4

static unsigned int queue_bits(const struct smmu *smmu)
{
	return smmu_queue_bits(smmu->cmdq_base, smmu->idr[1] >> 21 & 31);
}

static uint32_t after(const struct smmu *smmu, uint32_t cons)
{
	return (cons + 1) & ((2U << queue_bits(smmu)) - 1);
}

static void stop(struct vmm *vmm, uint32_t cons, unsigned int error)
{
	vmm->smmu->cmdq_cons = cons | CONS_ERR(error);
	smmu_error(vmm, SMMU_GERROR_CMDQ);
}

/* On failure of a batch the queue stops at the refused command, or the guest repeats all of it */
static int settle(struct vmm *vmm, int rc)
{
	struct smmu *smmu = vmm->smmu;
	uint32_t at = viommu_batch_done(smmu->batch);

	if (at >= smmu->pendings)
		at = smmu->pendings - 1;
	smmu->failures = rc && rc != -EIO ? smmu->failures + 1 : 0;
	if (rc == -EIO)
		stop(vmm, smmu->pending[at], CERROR_ILL);
	else if (smmu->failures >= FAILURES_MAX)
		smmu->cmdq_cons = smmu->pending[0];
	else if (rc)
		stop(vmm, smmu->pending[0], CERROR_ATC_INV_SYNC);
	smmu->pendings = 0;
	return rc;
}

static int flush(struct vmm *vmm)
{
	if (!vmm->smmu->pendings)
		return 0;
	return settle(vmm, viommu_batch_flush(vmm->smmu->batch));
}

static int add(struct vmm *vmm, const struct viommu_cmd *cmd, uint32_t cons)
{
	struct smmu *smmu = vmm->smmu;
	int rc;

	smmu->pending[smmu->pendings++] = cons;
	rc = viommu_batch_add(smmu->batch, cmd);
	/* A full batch has been executed by this */
	if (rc || smmu->pendings == VIOMMU_BATCH_MAX)
		return settle(vmm, rc);
	return 0;
}

static int execute(struct vmm *vmm, const struct viommu_cmd *cmd, uint32_t cons)
{
	struct smmu *smmu = vmm->smmu;
	int rc;

	switch (cmd->w[0] & 0xff) {
	case CMD_PREFETCH_CONFIG:
	case CMD_PREFETCH_ADDR:
		return 0;
	case CMD_CFGI_STE:
	case CMD_CFGI_STE_RANGE:
		rc = flush(vmm);
		if (!rc)
			smmu_stream_update(vmm);
		return rc;
	case CMD_SYNC:
		if (SYNC_CS(cmd->w[0]) == SYNC_CS_RESERVED)
			break;
		return flush(vmm);
	default:
		/* Without a device nothing is cached that a command could invalidate */
		return smmu->batch ? add(vmm, cmd, cons) : 0;
	}
	rc = flush(vmm);
	if (!rc)
		stop(vmm, cons, CERROR_ILL);
	return -EIO;
}

/* Everything from CONS to PROD, unless the queue is off or in error */
void smmu_queue_run(struct vmm *vmm)
{
	struct smmu *smmu = vmm->smmu;
	unsigned int bits = queue_bits(smmu);
	uint32_t wrap = (2U << bits) - 1, mask = (1U << bits) - 1;
	uint32_t cons = smmu->cmdq_cons & wrap;
	uint32_t left = (smmu->cmdq_prod - cons) & wrap;
	struct viommu_cmd cmd;
	char *ring;

	if (!(smmu->cr0 & SMMU_CR0_CMDQEN) ||
	    (smmu->gerror ^ smmu->gerrorn) & SMMU_GERROR_CMDQ)
		return;
	/* A PROD that is further away than the ring is long means a full ring */
	if (left > mask + 1)
		left = mask + 1;
	if (!left)
		return;
	ring = ram_at(vmm, SMMU_QUEUE_BASE(smmu->cmdq_base), sizeof(cmd) << bits);
	if (!ring) {
		stop(vmm, cons, CERROR_ABT);
		return;
	}
	for (; left; left--) {
		memcpy(&cmd, ring + (cons & mask) * sizeof(cmd), sizeof(cmd));
		if (execute(vmm, &cmd, cons))
			return;
		cons = after(smmu, cons);
	}
	if (!flush(vmm))
		smmu->cmdq_cons = cons;
}
