// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Invalidation, at once or in batches. A batch is an array of as many commands
 * as the kernel executes with one CMD_SYNC, which is a block of the kernel's.
 */
#include <errno.h>
#include <stdlib.h>

#include "lib.h"

_Static_assert(VIOMMU_INVALIDATE_ARM_SMMUV3 == IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
	       "VIOMMU_INVALIDATE_ARM_SMMUV3 is not the kernel's");
_Static_assert(sizeof(struct viommu_cmd) == sizeof(struct iommu_viommu_arm_smmuv3_invalidate),
	       "struct viommu_cmd is not the kernel's");

struct viommu_batch {
	struct viommu_ctx *ctx;
	uint32_t viommu;
	uint32_t num;
	uint32_t done;
	struct viommu_cmd cmds[VIOMMU_BATCH_MAX];
};

static int invalidate(struct viommu_ctx *ctx, struct iommu_hwpt_invalidate *cmd)
{
	const uint32_t num = cmd->entry_num;
	int rc = vi_ioctl(ctx, ctx->fd, IOMMU_HWPT_INVALIDATE, cmd);

	/* A kernel that failed before it could count has done nothing */
	if (rc && cmd->entry_num >= num)
		cmd->entry_num = 0;
	return rc;
}

/*
 * Make the count true that came with a refused command. Mainline counts the
 * commands since the last full block, and drops them. Invalidating twice does no
 * harm, so those are sent once more, whatever the kernel.
 */
static int execute_counted(struct viommu_ctx *ctx, struct iommu_hwpt_invalidate *refused)
{
	struct iommu_hwpt_invalidate cmd = *refused;
	const uint32_t open_block = refused->entry_num % VIOMMU_BATCH_MAX;
	const uint32_t full_blocks = refused->entry_num - open_block;
	int rc;

	if (!open_block)
		return 0;
	cmd.data_uptr += (uint64_t)full_blocks * cmd.entry_len;
	cmd.entry_num = open_block;
	rc = invalidate(ctx, &cmd);
	if (rc)
		refused->entry_num = full_blocks;
	return rc;
}

int viommu_invalidate(struct viommu_ctx *ctx, uint32_t viommu, uint32_t type,
		      const void *reqs, uint32_t len, uint32_t *num)
{
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = viommu,
		.data_uptr = (uintptr_t)reqs,
		.data_type = type,
		.entry_len = len,
		.entry_num = *num,
	};
	int rc = invalidate(ctx, &cmd);

	if (rc == -EIO && type == VIOMMU_INVALIDATE_ARM_SMMUV3) {
		int again = execute_counted(ctx, &cmd);

		if (again)
			rc = again;
	}
	vi_trace(invalidate, ctx->fd, viommu, type, len, *num, cmd.entry_num, rc);
	*num = cmd.entry_num;
	return rc;
}

int viommu_invalidate_smmuv3(struct viommu_ctx *ctx, uint32_t viommu,
			     const struct viommu_cmd *cmds, uint32_t *num)
{
	int rc = viommu_invalidate(ctx, viommu, VIOMMU_INVALIDATE_ARM_SMMUV3,
				   cmds, sizeof(*cmds), num);

	vi_trace(invalidate_smmuv3, ctx->fd, viommu, *num, rc);
	return rc;
}

int viommu_batch_new(struct viommu_ctx *ctx, uint32_t viommu,
		     struct viommu_batch **batch)
{
	struct viommu_batch *new = calloc(1, sizeof(*new));
	int rc = new ? 0 : -ENOMEM;

	if (!rc) {
		new->ctx = ctx;
		new->viommu = viommu;
		*batch = new;
	}
	vi_trace(batch_new, ctx->fd, viommu, rc);
	return rc;
}

int viommu_batch_add(struct viommu_batch *batch, const struct viommu_cmd *cmd)
{
	int rc = 0;

	batch->cmds[batch->num++] = *cmd;
	if (batch->num == VIOMMU_BATCH_MAX)
		rc = viommu_batch_flush(batch);
	vi_trace(batch_add, batch->viommu, cmd->w[0], cmd->w[1], rc);
	return rc;
}

int viommu_batch_flush(struct viommu_batch *batch)
{
	uint32_t num = batch->num;
	int rc = 0;

	if (num)
		rc = viommu_invalidate_smmuv3(batch->ctx, batch->viommu,
					      batch->cmds, &num);
	batch->num = 0;
	batch->done = num;
	vi_trace(batch_flush, batch->viommu, num, rc);
	return rc;
}

uint32_t viommu_batch_done(const struct viommu_batch *batch)
{
	return batch->done;
}

void viommu_batch_free(struct viommu_batch *batch)
{
	vi_trace(batch_free, batch ? batch->num : 0);
	free(batch);
}
