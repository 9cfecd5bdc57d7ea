// SPDX-License-Identifier: GPL-2.0
/*
 * VINTF 0 of CMDQ-V: command queues of the kernel.
 *
 * Every logical queue of VINTF 0 is a full command queue of the SMMU driver, so that
 * CPUs need not share one. In a guest VINTF 0 executes invalidations only; all other
 * commands then go to the SMMU's own queue.
 *
 * The structures are made before the SMMU is enabled and freed after it is disabled,
 * without an access to a register. The hardware is started and stopped while the SMMU
 * is enabled. The memory of the queues is not device-managed, because it must not be
 * freed if the hardware may still read it.
 *
 * A queue is closed and drained before it is stopped. A CPU that chose the queue
 * before it was closed may still write a batch after that: its CMD_SYNC times out.
 * This cannot occur if devices are shut down before their IOMMU.
 *
 * In a kdump kernel each queue has one page: a machine has several SMMUs, and such a
 * kernel 64 MiB or little more.
 */
#define dev_fmt(fmt) "tegra241_cmdqv: " fmt

#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/crash_dump.h>
#include <linux/iopoll.h>
#include <linux/moduleparam.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "tegra241-cmdqv.h"

bool tegra241_cmdqv_bypass_vcmdq;
module_param_named(bypass_vcmdq, tegra241_cmdqv_bypass_vcmdq, bool, 0444);
MODULE_PARM_DESC(bypass_vcmdq,
		 "Let the kernel use only the command queue of the SMMU, for debugging and comparison.");

/* True for commands that a VINTF with HYP_OWN = 0 executes */
static bool tegra241_restricted_supports_cmd(struct arm_smmu_cmdq_ent *ent)
{
	switch (ent->opcode) {
	case CMDQ_OP_ATC_INV:
	case CMDQ_OP_TLBI_NH_ASID:
	case CMDQ_OP_TLBI_NH_VA:
		return true;
	default:
		return false;
	}
}

static size_t tegra241_vcmdq_bytes(const struct arm_smmu_queue *q)
{
	return (size_t)1 << (q->llq.max_n_shift + VCMDQ_ENTRY_LOG2);
}

/* A kdump kernel has little memory */
static u32 tegra241_vcmdq_max_log2size(const struct tegra241_cmdqv *cmdqv)
{
	u32 most = is_kdump_kernel() ? PAGE_SHIFT - VCMDQ_ENTRY_LOG2 :
				       CMDQ_MAX_SZ_SHIFT;

	return min_t(u32, most, cmdqv->max_log2size);
}

/* Allocate the largest possible queue, at least a page */
static int tegra241_vcmdq_alloc_memory(struct arm_smmu_device *smmu,
				       struct arm_smmu_queue *q)
{
	for (;;) {
		bool last = tegra241_vcmdq_bytes(q) <= PAGE_SIZE;

		q->base = tegra241_cmdqv_dma_alloc(
			smmu, tegra241_vcmdq_bytes(q), &q->base_dma,
			last ? GFP_KERNEL : GFP_KERNEL | __GFP_NOWARN);
		if (q->base)
			return 0;
		if (last)
			return -ENOMEM;
		q->llq.max_n_shift--;
	}
}

static int tegra241_vcmdq_alloc(struct tegra241_vintf *vintf, u16 lidx,
				struct arm_smmu_cmdq *cmdq)
{
	struct tegra241_vcmdq_regs regs = tegra241_lvcmdq_regs(vintf, lidx);
	struct arm_smmu_device *smmu = &vintf->cmdqv->smmu;
	struct arm_smmu_queue *q = &cmdq->q;
	int ret;

	q->llq.max_n_shift = tegra241_vcmdq_max_log2size(vintf->cmdqv);
	ret = tegra241_vcmdq_alloc_memory(smmu, q);
	if (ret)
		return ret;
	q->ent_dwords = CMDQ_ENT_DWORDS;
	q->prod_reg = regs.page0 + VCMDQ_PROD;
	q->cons_reg = regs.page0 + VCMDQ_CONS;
	dev_info(vintf->cmdqv->dev, "allocated %u entries for vcmdq%u\n",
		 1U << q->llq.max_n_shift, lidx);
	return arm_smmu_cmdq_init(smmu, cmdq);
}

/* A retired VINTF may still read its queues, so their memory is not freed */
static void tegra241_kernel_vintf_destroy(struct tegra241_kernel_vintf *kernel)
{
	struct tegra241_cmdqv *cmdqv = kernel->vintf.cmdqv;
	u16 l;

	for (l = 0; l < cmdqv->num_lvcmdqs; l++) {
		struct arm_smmu_queue *q = &kernel->vcmdqs[l].cmdq.q;

		if (q->base && !kernel->vintf.retired)
			tegra241_cmdqv_dma_free(&cmdqv->smmu, tegra241_vcmdq_bytes(q),
						q->base, q->base_dma);
	}
	kfree(kernel);
}

/* An error stops a queue until it is repaired and acknowledged */
VISIBLE_IF_KUNIT void tegra241_kernel_vintf_repair(struct tegra241_kernel_vintf *kernel, u16 lidx)
{
	struct tegra241_vcmdq_regs regs =
		tegra241_lvcmdq_regs(&kernel->vintf, lidx);
	u32 gerror;

	KUNIT_STATIC_STUB_REDIRECT(tegra241_kernel_vintf_repair, kernel, lidx);
	/* Read before the repair, so that a later error is not acknowledged */
	gerror = cmdqv_readl_relaxed(regs.page0 + VCMDQ_GERROR);
	tegra241_cmdqv_skip_err(&kernel->vintf.cmdqv->smmu,
				&kernel->vcmdqs[lidx].cmdq);
	cmdqv_writel(gerror, regs.page0 + VCMDQ_GERRORN);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_kernel_vintf_repair);

static void tegra241_kernel_vintf_errors(struct tegra241_vintf *vintf, const u64 *maps)
{
	struct tegra241_kernel_vintf *kernel =
		container_of(vintf, struct tegra241_kernel_vintf, vintf);
	struct tegra241_cmdqv *cmdqv = vintf->cmdqv;
	unsigned int m;

	if (!memchr_inv(maps, 0, VINTF_LVCMDQ_ERR_MAPS * sizeof(*maps)))
		return;
	tegra241_vintf_note_errors(vintf, maps);

	for (m = 0; m < VINTF_LVCMDQ_ERR_MAPS; m++) {
		u64 map = maps[m];

		while (map) {
			u16 lidx = __ffs64(map) + m * VINTF_LVCMDQ_ERR_MAP_BITS;

			map &= map - 1;
			if (lidx >= cmdqv->num_lvcmdqs) {
				tegra241_warn_once(cmdqv, WARNED_LVCMDQ,
						   "VINTF0: error of LVCMDQ%u, which does not exist\n",
						   lidx);
				continue;
			}
			tegra241_kernel_vintf_repair(kernel, lidx);
		}
	}
}

/**
 * tegra241_kernel_vintf_alloc() - Make the structures and queues of VINTF 0
 * @cmdqv: The hardware
 *
 * Return: 0 or -ENOMEM.
 */
int tegra241_kernel_vintf_alloc(struct tegra241_cmdqv *cmdqv)
{
	struct tegra241_kernel_vintf *kernel;
	int ret;
	u16 l;

	kernel = kzalloc(struct_size(kernel, vcmdqs, cmdqv->num_lvcmdqs),
			 GFP_KERNEL);
	if (!kernel)
		return -ENOMEM;
	tegra241_vintf_init(&kernel->vintf, cmdqv, 0, 0);
	kernel->vintf.handle_errors = tegra241_kernel_vintf_errors;

	for (l = 0; l < cmdqv->num_lvcmdqs; l++) {
		ret = tegra241_vcmdq_alloc(&kernel->vintf, l, &kernel->vcmdqs[l].cmdq);
		if (ret)
			goto err_free;
	}

	cmdqv->kernel = kernel;
	tegra241_cmdqv_publish_vintf(&kernel->vintf);
	return 0;

err_free:
	tegra241_kernel_vintf_destroy(kernel);
	return ret;
}

/**
 * tegra241_kernel_vintf_free() - Free the structures of VINTF 0
 * @cmdqv: The hardware; its interrupt is freed and no command is in flight
 *
 * If the hardware has not stopped, the memory of its queues is not freed.
 */
void tegra241_kernel_vintf_free(struct tegra241_cmdqv *cmdqv)
{
	if (!cmdqv->kernel)
		return;
	tegra241_cmdqv_unpublish_vintf(&cmdqv->kernel->vintf);
	tegra241_kernel_vintf_destroy(cmdqv->kernel);
	cmdqv->kernel = NULL;
}

static int tegra241_vcmdq_start(struct tegra241_kernel_vintf *kernel, u16 lidx)
{
	struct tegra241_vcmdq *vcmdq = &kernel->vcmdqs[lidx];
	struct arm_smmu_queue *q = &vcmdq->cmdq.q;
	struct tegra241_vintf *vintf = &kernel->vintf;
	int ret;

	/* Without guests only hardware that does not answer makes a flush fail */
	ret = tegra241_lvcmdq_map(vintf);
	if (ret)
		return ret == -EAGAIN ? -ETIMEDOUT : ret;

	if (!vintf->hyp_own)
		vcmdq->cmdq.supports_cmd = tegra241_restricted_supports_cmd;
	/* Only this driver could turn the queue on, so the hardware takes BASE */
	tegra241_lvcmdq_set_base(vintf, lidx, q->base_dma, tegra241_vcmdq_bytes(q));
	ret = tegra241_lvcmdq_enable(vintf, lidx);
	if (ret)
		return ret;
	/* Pairs with tegra241_kernel_get_cmdq() */
	smp_store_release(&vcmdq->enabled, true);
	return 0;
}

/**
 * tegra241_kernel_vintf_start() - Turn VINTF 0 and its queues on
 * @cmdqv: The hardware, started
 *
 * Return: 0, or -ETIMEDOUT if the hardware does not answer; all is off then.
 */
int tegra241_kernel_vintf_start(struct tegra241_cmdqv *cmdqv)
{
	struct tegra241_kernel_vintf *kernel = cmdqv->kernel;
	int ret;
	u16 l;

	ret = tegra241_vintf_enable(&kernel->vintf, true);
	if (ret)
		return ret;
	for (l = 0; l < cmdqv->num_lvcmdqs; l++) {
		ret = tegra241_vcmdq_start(kernel, l);
		if (ret)
			goto err_stop;
	}
	return 0;

err_stop:
	tegra241_kernel_vintf_stop(cmdqv);
	return ret;
}

/* True if no command is pending, no CPU waits for one, and no CPU is writing one */
static bool tegra241_vcmdq_is_idle(const struct arm_smmu_cmdq *cmdq)
{
	u32 prod = READ_ONCE(cmdq->q.llq.prod);
	u32 index = (2U << cmdq->q.llq.max_n_shift) - 1;

	return !atomic_read(&cmdq->lock) && !(prod & CMDQ_PROD_OWNED_FLAG) &&
	       !((prod ^ cmdqv_readl_relaxed(cmdq->q.cons_reg)) & index);
}

/* After the first timeout the other queues are not waited for */
static void tegra241_kernel_vintf_drain(struct tegra241_kernel_vintf *kernel)
{
	bool idle;
	u16 l;

	for (l = 0; l < kernel->vintf.num_mapped; l++) {
		unsigned long timeout_us =
			tegra241_cmdqv_timeout_us(ARM_SMMU_POLL_TIMEOUT_US);

		if (!read_poll_timeout(tegra241_vcmdq_is_idle, idle, idle, 1, timeout_us,
				       false, &kernel->vcmdqs[l].cmdq))
			continue;
		dev_warn(kernel->vintf.cmdqv->dev,
			 "VINTF0: LVCMDQ%u: stopped with commands in flight\n",
			 l);
		return;
	}
}

/**
 * tegra241_kernel_vintf_stop() - Turn VINTF 0 and its queues off
 * @cmdqv: The hardware. The SMMU is still enabled; from here on its own queue
 *         takes all commands.
 *
 * Return: 0, or -ETIMEDOUT if the hardware does not answer.
 */
int tegra241_kernel_vintf_stop(struct tegra241_cmdqv *cmdqv)
{
	struct tegra241_kernel_vintf *kernel = cmdqv->kernel;
	u16 l;

	for (l = 0; l < cmdqv->num_lvcmdqs; l++)
		WRITE_ONCE(kernel->vcmdqs[l].enabled, false);
	tegra241_kernel_vintf_drain(kernel);
	return tegra241_vintf_disable(&kernel->vintf);
}

/**
 * tegra241_kernel_get_cmdq() - Choose a queue for a batch of commands
 * @smmu: The SMMU
 * @ent: First command of the batch
 *
 * All of the batch must go to this queue.
 *
 * Return: The queue of this CPU, or NULL to use the SMMU's own.
 */
struct arm_smmu_cmdq *tegra241_kernel_get_cmdq(struct arm_smmu_device *smmu,
					       struct arm_smmu_cmdq_ent *ent)
{
	struct tegra241_cmdqv *cmdqv = to_tegra241_cmdqv(smmu);
	struct tegra241_vcmdq *vcmdq;

	if (READ_ONCE(tegra241_cmdqv_bypass_vcmdq))
		return NULL;

	/*
	 * A queue has one owner at a time and other CPUs spin for it: distribute the
	 * CPUs over the queues. A thread that migrates to another CPU afterwards
	 * keeps the queue up to its CMD_SYNC, which waits for that queue only.
	 */
	vcmdq = &cmdqv->kernel->vcmdqs[raw_smp_processor_id() &
				       (cmdqv->num_lvcmdqs - 1)];
	/* Pairs with tegra241_vcmdq_start() */
	if (!smp_load_acquire(&vcmdq->enabled))
		return NULL;
	if (!arm_smmu_cmdq_supports_cmd(&vcmdq->cmdq, ent))
		return NULL;
	return &vcmdq->cmdq;
}
