/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Invalidation through the kernel: what a guest puts into the SMMU's own
 * command queue, which its VMM traps, executes on the physical SMMU.
 *
 * The kernel adds one CMD_SYNC for up to VIOMMU_BATCH_MAX commands. So gather
 * commands in a batch and flush it when the guest asks for a SYNC; then there
 * is at most one ioctl and one SYNC of the host for VIOMMU_BATCH_MAX commands.
 */
#ifndef VIOMMU_INVALIDATE_H
#define VIOMMU_INVALIDATE_H

#include <viommu/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Type of invalidation; the kernel's IOMMU_VIOMMU_INVALIDATE_DATA_* */
#define VIOMMU_INVALIDATE_ARM_SMMUV3 1u

/* How many commands the kernel executes with one CMD_SYNC */
#define VIOMMU_BATCH_MAX 63u

/**
 * struct viommu_cmd - A command of an SMMUv3
 * @w: Its two words, little endian as in the guest's queue
 *
 * The hardware gives its form, so it cannot grow and has no size.
 */
struct viommu_cmd {
	uint64_t w[2];
};

/* Commands that wait for a flush. One thread at a time. */
struct viommu_batch;

/**
 * viommu_invalidate - Execute requests of any type
 * @ctx: Context
 * @viommu: vIOMMU
 * @type: Type of the requests
 * @reqs: Array of requests; may be NULL if *@num is 0, which asks whether the
 *        type is known
 * @len: Length of one request in bytes
 * @num: In: number of requests. Out: number of requests executed, also on
 *       failure; then it is the index of the one that failed.
 *
 * A mainline kernel that refuses a command of an SMMUv3 (-EIO) counts commands
 * that it has not executed: those before it, back to the last full block of
 * VIOMMU_BATCH_MAX. They are executed with a second ioctl, so that *@num is right on
 * every kernel; on this project's some commands are executed twice then. With any other
 * error the last block that *@num counts may not be executed on mainline.
 *
 * Return: 0, -EIO for a command that a guest may not give, -ETIMEDOUT if the
 * hardware does not answer, or another negative errno of
 * Documentation/userspace-api/viommu/checks.rst, section 4.6 and
 * Documentation/userspace-api/viommu/smmuv3.rst, section 5.3.
 */
int viommu_invalidate(struct viommu_ctx *ctx, uint32_t viommu, uint32_t type,
		      const void *reqs, uint32_t len, uint32_t *num);

/**
 * viommu_invalidate_smmuv3 - Execute commands of an SMMUv3, with one ioctl
 * @ctx: Context
 * @viommu: vIOMMU of an SMMUv3
 * @cmds: The commands
 * @num: In: number of commands. Out: number executed, also on failure.
 *
 * Return: as viommu_invalidate().
 */
int viommu_invalidate_smmuv3(struct viommu_ctx *ctx, uint32_t viommu,
			     const struct viommu_cmd *cmds, uint32_t *num);

/**
 * viommu_batch_new - Make an empty batch
 * @ctx: Context
 * @viommu: vIOMMU of an SMMUv3
 * @batch: The new batch
 *
 * Return: 0 or -ENOMEM.
 */
int viommu_batch_new(struct viommu_ctx *ctx, uint32_t viommu,
		     struct viommu_batch **batch);

/**
 * viommu_batch_add - Add a command, and flush a full batch
 * @batch: Batch
 * @cmd: Command; no CMD_SYNC, that is what viommu_batch_flush() is for
 *
 * Executes VIOMMU_BATCH_MAX commands at once when this one makes them so many.
 *
 * Return: 0, or what viommu_batch_flush() returns.
 */
int viommu_batch_add(struct viommu_batch *batch, const struct viommu_cmd *cmd);

/**
 * viommu_batch_flush - Execute the commands of a batch
 * @batch: Batch
 *
 * When it returns 0, all commands added so far are executed and complete. On
 * failure the batch is dropped. With -EIO the commands before the refused one are
 * executed; viommu_batch_done() tells which one that is. With another errno, as
 * -ETIMEDOUT, no command may be executed: give all of them again. No command: no
 * ioctl.
 *
 * Return: 0 or as viommu_invalidate().
 */
int viommu_batch_flush(struct viommu_batch *batch);

/**
 * viommu_batch_done - Count what the last execution did
 * @batch: Batch
 *
 * Return: How many commands the last viommu_batch_flush(), or viommu_batch_add()
 * that flushed, has executed; after -EIO the index in that batch of the command
 * that was refused.
 */
uint32_t viommu_batch_done(const struct viommu_batch *batch);

/**
 * viommu_batch_free - Free a batch
 * @batch: Batch or NULL; commands in it are dropped
 */
void viommu_batch_free(struct viommu_batch *batch);

#ifdef __cplusplus
}
#endif

#endif
