// SPDX-License-Identifier: GPL-2.0
/*
 * CMDQ-V hardware operations: handshakes, allocation map, queues, StreamID slots.
 *
 * Three levels are turned on from the top down and off from the bottom up: the whole
 * CMDQ-V, a VINTF, a queue. Each level has a CONFIG register and a STATUS register:
 * the driver writes bit 0 of CONFIG and polls bit 0 of STATUS.
 *
 * A queue has registers in the VINTF only while the allocation map allocates it.
 * "Mapped" in names of this driver means allocated. The driver uses a fixed partition:
 * queue l of VINTF v is physical queue v * N + l. Within a VINTF queues are allocated
 * in ascending and removed in descending order, so the only state is the number of
 * allocated queues.
 *
 * A guest can turn its queue on again at any moment until the queue is removed from
 * the map, unless its page 0 is held. So after the removal the driver checks the queue
 * in the physical view, which no guest can reach; see tegra241_lvcmdq_stop().
 *
 * Hardware that has not answered gets a short timeout afterwards: its VINTF is
 * retired, and each later step of the teardown writes its registers, waits
 * RETIRED_TIMEOUT_US, enough for a queue that still works, and continues.
 */
#define dev_fmt(fmt) "tegra241_cmdqv: " fmt

#include <kunit/visibility.h>
#include <linux/iopoll.h>

#define CREATE_TRACE_POINTS
#include <trace/events/tegra241_cmdqv.h>

#include "tegra241-cmdqv.h"

/* Timeout of a retired VINTF: its other queues may still work */
#define RETIRED_TIMEOUT_US	1000

static int tegra241_handshake(void __iomem *config, void __iomem *status, u32 value,
			      unsigned long timeout_us)
{
	u32 answer;

	might_sleep();
	cmdqv_writel(value, config);
	/* Fast path: no timer if the hardware answers at once */
	answer = cmdqv_readl(status);
	if (!((answer ^ value) & CMDQV_EN))
		return 0;
	return read_poll_timeout(cmdqv_readl, answer,
				 !((answer ^ value) & CMDQV_EN), 1,
				 tegra241_cmdqv_timeout_us(timeout_us), false,
				 status);
}

static unsigned long tegra241_vintf_timeout_us(const struct tegra241_vintf *vintf)
{
	return vintf->retired ? RETIRED_TIMEOUT_US : ARM_SMMU_POLL_TIMEOUT_US;
}

static int tegra241_cmdqv_handshake(struct tegra241_cmdqv *cmdqv, u32 value)
{
	int ret = tegra241_handshake(cmdqv->base + CMDQV_CONFIG,
				     cmdqv->base + CMDQV_STATUS, value,
				     ARM_SMMU_POLL_TIMEOUT_US);

	if (ret) {
		trace_tegra241_cmdqv_timeout(cmdqv->dev, -1, -1,
					     value & CMDQV_EN);
		dev_err(cmdqv->dev, "failed to %sable\n",
			value & CMDQV_EN ? "en" : "dis");
	}
	return ret;
}

/* A retired VINTF has had its full timeout and its error line */
static int tegra241_vintf_handshake(struct tegra241_vintf *vintf, u32 value)
{
	int ret = tegra241_handshake(vintf->base + VINTF_CONFIG,
				     vintf->base + VINTF_STATUS, value,
				     tegra241_vintf_timeout_us(vintf));

	if (!ret || vintf->retired)
		return ret;
	trace_tegra241_cmdqv_timeout(vintf->cmdqv->dev, vintf->idx, -1,
				     value & CMDQV_EN);
	dev_err(vintf->cmdqv->dev, "VINTF%u: failed to %sable, STATUS 0x%x\n",
		vintf->idx, value & CMDQV_EN ? "en" : "dis",
		cmdqv_readl_relaxed(vintf->base + VINTF_STATUS));
	return ret;
}

static int tegra241_vcmdq_handshake(struct tegra241_vintf *vintf, u16 lidx,
				    const struct tegra241_vcmdq_regs *regs, u32 value)
{
	int ret = tegra241_handshake(regs->page0 + VCMDQ_CONFIG,
				     regs->page0 + VCMDQ_STATUS, value,
				     tegra241_vintf_timeout_us(vintf));

	if (!ret || vintf->retired)
		return ret;
	trace_tegra241_cmdqv_timeout(vintf->cmdqv->dev, vintf->idx, lidx,
				     value & CMDQV_EN);
	/* A guest that enables its queue all the time can cause this at any rate */
	dev_err_ratelimited(vintf->cmdqv->dev,
			    "VINTF%u: LVCMDQ%u: failed to %sable, GERRORN 0x%x, GERROR 0x%x, CONS 0x%x\n",
			    vintf->idx, lidx, value & CMDQV_EN ? "en" : "dis",
			    cmdqv_readl_relaxed(regs->page0 + VCMDQ_GERRORN),
			    cmdqv_readl_relaxed(regs->page0 + VCMDQ_GERROR),
			    cmdqv_readl_relaxed(regs->page0 + VCMDQ_CONS));
	return ret;
}

static void tegra241_cmdqv_set_alloc_map(struct tegra241_cmdqv *cmdqv, u16 vintf,
					 u16 lidx, bool allocated)
{
	u16 vcmdq = tegra241_cmdqv_vcmdq_idx(cmdqv, vintf, lidx);

	cmdqv_writel(cmdqv_alloc_map_encode(vintf, lidx, allocated),
		     cmdqv->base + CMDQV_ALLOC_MAP(vcmdq));
}

static void tegra241_set_alloc_map(const struct tegra241_vintf *vintf, u16 lidx,
				   bool allocated)
{
	tegra241_cmdqv_set_alloc_map(vintf->cmdqv, vintf->idx, lidx, allocated);
}

/**
 * tegra241_flush_atc_timeouts() - Collect the late timeouts of a queue
 * @cmdqv: CMDQ-V. The SMMU and its queue must be enabled.
 *
 * If an ATC_INV times out after its queue was turned off, the hardware keeps the
 * timeout and reports it to the next owner of the queue. A CMD_SYNC on the SMMU's own
 * queue collects it.
 *
 * Return: 0, or -ETIMEDOUT if the SMMU did not execute the CMD_SYNC.
 */
int tegra241_flush_atc_timeouts(struct tegra241_cmdqv *cmdqv)
{
	u64 cmd[CMDQ_ENT_DWORDS] = {
		FIELD_PREP(CMDQ_0_OP, CMDQ_OP_CMD_SYNC) |
			FIELD_PREP(CMDQ_SYNC_0_CS, CMDQ_SYNC_0_CS_NONE),
	};

	return tegra241_cmdqv_issue(&cmdqv->smmu, &cmdqv->smmu.cmdq, cmd, 1,
				    true);
}

/*
 * Stop a queue and clear the state of its owner. If the queue does not stop, its
 * registers are not written: they may be written only while it is off. A failed flush
 * does not fail the reset; @flushed is false then, and tegra241_lvcmdq_map() fails.
 */
static int tegra241_vcmdq_reset(struct tegra241_vintf *vintf, u16 lidx,
				const struct tegra241_vcmdq_regs *regs)
{
	u32 gerror;
	int ret;

	ret = tegra241_vcmdq_handshake(vintf, lidx, regs, 0);
	if (ret)
		return ret;
	vintf->flushed = !tegra241_flush_atc_timeouts(vintf->cmdqv);

	cmdqv_writel_relaxed(0, regs->page0 + VCMDQ_PROD);
	cmdqv_writel_relaxed(0, regs->page0 + VCMDQ_CONS);
	cmdqv_writeq_relaxed(0, regs->page1 + VCMDQ_BASE);
	cmdqv_writeq_relaxed(0, regs->page1 + VCMDQ_CONS_INDX_BASE);

	gerror = cmdqv_readl_relaxed(regs->page0 + VCMDQ_GERROR);
	if (gerror != cmdqv_readl_relaxed(regs->page0 + VCMDQ_GERRORN)) {
		dev_dbg(vintf->cmdqv->dev,
			"VINTF%u: LVCMDQ%u: clearing a left over error\n",
			vintf->idx, lidx);
		cmdqv_writel(gerror, regs->page0 + VCMDQ_GERRORN);
	}
	return 0;
}

/**
 * tegra241_vintf_retire() - Never use a VINTF again
 * @vintf: The VINTF; hardware did not answer, or has kept something of its owner
 */
void tegra241_vintf_retire(struct tegra241_vintf *vintf)
{
	if (vintf->retired)
		return;
	vintf->retired = true;
	set_bit(vintf->idx, vintf->cmdqv->retired);
	dev_err(vintf->cmdqv->dev,
		"VINTF%u: does not answer; it is not used again, and memory that it may still read is not freed\n",
		vintf->idx);
}

/*
 * Hardware may keep the EN of a level while the level above is off, and start it
 * together with that. This clears what an earlier kernel has left on. The whole CMDQ-V
 * is off here.
 */
static void tegra241_cmdqv_clear_left_on(struct tegra241_cmdqv *cmdqv, u16 vintf)
{
	void __iomem *base = cmdqv->base + CMDQV_VINTF(vintf);
	u16 l;

	for (l = 0; l < cmdqv->num_lvcmdqs; l++) {
		void __iomem *page0 = cmdqv->base + CMDQV_VCMDQ_PAGE0 +
			VCMDQ_STRIDE * tegra241_cmdqv_vcmdq_idx(cmdqv, vintf, l);

		if (cmdqv_readl_relaxed(page0 + VCMDQ_CONFIG) & CMDQV_EN)
			tegra241_handshake(page0 + VCMDQ_CONFIG,
					   page0 + VCMDQ_STATUS, 0,
					   RETIRED_TIMEOUT_US);
	}
	if (cmdqv_readl_relaxed(base + VINTF_CONFIG) & CMDQV_EN)
		tegra241_handshake(base + VINTF_CONFIG, base + VINTF_STATUS, 0,
				   RETIRED_TIMEOUT_US);
}

/**
 * tegra241_cmdqv_hw_start() - Reset and enable the whole CMDQ-V
 * @cmdqv: The hardware; its SMMU is enabled
 *
 * The map has the VINTF of every queue, but no queue is allocated.
 *
 * Return: 0, or -ETIMEDOUT if the hardware does not answer within a second.
 */
int tegra241_cmdqv_hw_start(struct tegra241_cmdqv *cmdqv)
{
	u32 config = cmdqv_readl_relaxed(cmdqv->base + CMDQV_CONFIG);
	int ret;
	u16 v, l;

	ret = tegra241_cmdqv_hw_stop(cmdqv);
	if (ret)
		return ret;
	for (v = 0; v < cmdqv->num_vintfs; v++)
		tegra241_cmdqv_clear_left_on(cmdqv, v);
	ret = tegra241_cmdqv_handshake(cmdqv, config | CMDQV_EN);
	if (ret)
		return ret;

	/* Descending, because a previous kernel may have left queues allocated */
	for (v = 0; v < cmdqv->num_vintfs; v++)
		for (l = cmdqv->num_lvcmdqs; l > 0; l--)
			tegra241_cmdqv_set_alloc_map(cmdqv, v, l - 1, false);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_hw_start);

/**
 * tegra241_cmdqv_hw_stop() - Disable the whole CMDQ-V
 * @cmdqv: The hardware
 *
 * Return: 0, or -ETIMEDOUT if the hardware does not answer within a second.
 */
int tegra241_cmdqv_hw_stop(struct tegra241_cmdqv *cmdqv)
{
	u32 config = cmdqv_readl_relaxed(cmdqv->base + CMDQV_CONFIG);

	return tegra241_cmdqv_handshake(cmdqv, config & ~CMDQV_EN);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_hw_stop);

/**
 * tegra241_cmdqv_turn_off() - Disable a CMDQ-V that is not in use, if it is on
 * @dev: The device, for messages
 * @base: Its registers
 *
 * An earlier kernel may have left it on, with queues that execute commands.
 */
void tegra241_cmdqv_turn_off(struct device *dev, void __iomem *base)
{
	u32 config = cmdqv_readl(base + CMDQV_CONFIG);

	if (!((config | cmdqv_readl(base + CMDQV_STATUS)) & CMDQV_EN))
		return;
	if (tegra241_handshake(base + CMDQV_CONFIG, base + CMDQV_STATUS,
			       config & ~CMDQV_EN, ARM_SMMU_POLL_TIMEOUT_US))
		dev_err(dev, "failed to disable\n");
}

/**
 * tegra241_vintf_init() - Fill in the structure of a VINTF
 * @vintf: Zeroed structure
 * @cmdqv: The hardware it belongs to
 * @idx: Its number
 * @vmid: VMID for the commands of its queues; 0 for the kernel's
 */
void tegra241_vintf_init(struct tegra241_vintf *vintf,
			 struct tegra241_cmdqv *cmdqv, u16 idx, u16 vmid)
{
	vintf->cmdqv = cmdqv;
	vintf->base = cmdqv->base + CMDQV_VINTF(idx);
	vintf->idx = idx;
	vintf->vmid = vmid;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_vintf_init);

/**
 * tegra241_vintf_enable() - Reset a VINTF and turn it on, without queues
 * @vintf: The VINTF, without queues
 * @hyp_own: Request a VINTF that may execute any command. In a guest the hardware
 *           refuses that; vintf->hyp_own has the result.
 *
 * Return: 0, or -ETIMEDOUT if the hardware does not answer within a second; the
 * VINTF is then retired.
 */
int tegra241_vintf_enable(struct tegra241_vintf *vintf, bool hyp_own)
{
	u32 config = FIELD_PREP(VINTF_CONFIG_VMID, vintf->vmid) |
		     FIELD_PREP(VINTF_CONFIG_HYP_OWN, hyp_own);
	int ret;

	ret = tegra241_vintf_disable(vintf);
	if (ret)
		return ret;

	/* The owner and the VMID must be valid before the first command */
	cmdqv_writel(config, vintf->base + VINTF_CONFIG);
	ret = tegra241_vintf_handshake(vintf, config | CMDQV_EN);
	if (ret) {
		/* Otherwise the next VM would get this VINTF and the same timeout */
		tegra241_vintf_retire(vintf);
		tegra241_vintf_disable(vintf);
		return ret;
	}
	vintf->hyp_own = FIELD_GET(VINTF_CONFIG_HYP_OWN,
				   cmdqv_readl(vintf->base + VINTF_CONFIG));
	vintf->enabled = true;
	trace_tegra241_cmdqv_vintf_create(vintf->cmdqv->dev, vintf->idx,
					  vintf->vmid, vintf->hyp_own);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_vintf_enable);

/**
 * tegra241_vintf_disable() - Remove the queues of a VINTF, turn it off and clear it
 * @vintf: The VINTF
 *
 * Return: 0, or -ETIMEDOUT if part of it did not stop; the VINTF is then retired.
 */
int tegra241_vintf_disable(struct tegra241_vintf *vintf)
{
	unsigned int slot;
	int ret = 0, rc;

	while (vintf->num_mapped) {
		rc = tegra241_lvcmdq_unmap(vintf);
		if (rc)
			ret = rc;
	}

	rc = tegra241_vintf_handshake(vintf, 0);
	if (rc)
		ret = rc;

	for (slot = 0; slot < vintf->cmdqv->num_sids; slot++)
		tegra241_vintf_clear_sid(vintf, slot);
	if (ret)
		tegra241_vintf_retire(vintf);
	if (vintf->enabled)
		trace_tegra241_cmdqv_vintf_destroy(vintf->cmdqv->dev,
						   vintf->idx, vintf->retired);
	vintf->enabled = false;
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_vintf_disable);

/**
 * tegra241_vintf_set_sid() - Permit the queues of a VINTF to name a device
 * @vintf: The VINTF
 * @slot: A free StreamID slot
 * @vsid: StreamID that the guest uses, 20 bits
 * @psid: StreamID of the device
 */
void tegra241_vintf_set_sid(struct tegra241_vintf *vintf, unsigned int slot,
			    u32 vsid, u32 psid)
{
	/* The replacement must be valid before the match */
	cmdqv_writel_relaxed(psid, vintf->base + VINTF_SID_REPLACE(slot));
	cmdqv_writel(vintf_sid_match_encode(vsid),
		     vintf->base + VINTF_SID_MATCH(slot));
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_vintf_set_sid);

/**
 * tegra241_vintf_clear_sid() - Clear a StreamID slot
 * @vintf: The VINTF
 * @slot: The slot
 */
void tegra241_vintf_clear_sid(struct tegra241_vintf *vintf, unsigned int slot)
{
	cmdqv_writel_relaxed(0, vintf->base + VINTF_SID_MATCH(slot));
	cmdqv_writel_relaxed(0, vintf->base + VINTF_SID_REPLACE(slot));
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_vintf_clear_sid);

/* On success the hardware does not read the memory of the queue any more */
static int tegra241_lvcmdq_stop(struct tegra241_vintf *vintf)
{
	u16 lidx = vintf->num_mapped - 1;
	struct tegra241_vcmdq_regs regs = tegra241_lvcmdq_regs(vintf, lidx);
	struct tegra241_vcmdq_regs phys = tegra241_phys_vcmdq_regs(vintf, lidx);
	bool no_phys;
	int ret;

	ret = tegra241_vcmdq_reset(vintf, lidx, &regs);
	tegra241_set_alloc_map(vintf, lidx, false);
	vintf->num_mapped--;

	/*
	 * A queue that is not allocated need not have a physical view. Registers that
	 * do not exist read as ones, or as zeros, and then the queue looks off here.
	 */
	no_phys = cmdqv_readl(phys.page0 + VCMDQ_CONFIG) == U32_MAX;
	if (no_phys)
		tegra241_warn_once(vintf->cmdqv, WARNED_NO_PHYS,
				   "a queue without a VINTF has no registers\n");
	/*
	 * If the guest had page 0 until now, it may have turned the queue on again after
	 * the reset, or on and off, with an ATC_INV in between. It may also have done
	 * so during the reset, and then BASE was not cleared, because the queue was
	 * on. From here on the guest cannot reach the queue.
	 */
	if (no_phys)
		vintf->flushed = !tegra241_flush_atc_timeouts(vintf->cmdqv);
	else if (ret || cmdqv_readq(phys.page1 + VCMDQ_BASE) ||
		 ((cmdqv_readl(phys.page0 + VCMDQ_CONFIG) |
		   cmdqv_readl(phys.page0 + VCMDQ_STATUS)) & CMDQV_EN))
		ret = tegra241_vcmdq_reset(vintf, lidx, &phys);
	else if (vintf->idx)
		vintf->flushed = !tegra241_flush_atc_timeouts(vintf->cmdqv);
	if (ret)
		tegra241_vintf_retire(vintf);
	return ret;
}

/**
 * tegra241_lvcmdq_map() - Allocate the next queue of a VINTF and reset it
 * @vintf: The VINTF, enabled and with a queue left. The logical number of the queue
 *         is vintf->num_mapped before the call.
 *
 * Return: 0; -EAGAIN if the flush of its previous owner fails; or -ETIMEDOUT if the
 * queue does not stop. On failure it is removed.
 */
int tegra241_lvcmdq_map(struct tegra241_vintf *vintf)
{
	u16 lidx = vintf->num_mapped++;
	struct tegra241_vcmdq_regs regs = tegra241_lvcmdq_regs(vintf, lidx);
	int ret;

	tegra241_set_alloc_map(vintf, lidx, true);
	ret = tegra241_vcmdq_reset(vintf, lidx, &regs);
	if (!ret && !vintf->flushed)
		ret = -EAGAIN;
	/* A VINTF that is retired by this has no queue to make again */
	if (ret)
		return tegra241_lvcmdq_stop(vintf) ? -ETIMEDOUT : ret;
	trace_tegra241_cmdqv_queue_create(vintf->cmdqv->dev, vintf->idx, lidx,
					  tegra241_vcmdq_idx(vintf, lidx));
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_lvcmdq_map);

/**
 * tegra241_lvcmdq_unmap() - Stop the last queue of a VINTF and remove it
 * @vintf: The VINTF, with a queue
 *
 * On success the hardware does not read the memory of the queue any more, whatever a
 * guest does.
 *
 * Return: 0, or -ETIMEDOUT if the queue did not stop; the VINTF is then retired.
 */
int tegra241_lvcmdq_unmap(struct tegra241_vintf *vintf)
{
	u16 lidx = vintf->num_mapped - 1;
	int ret = tegra241_lvcmdq_stop(vintf);

	trace_tegra241_cmdqv_queue_destroy(vintf->cmdqv->dev, vintf->idx, lidx,
					   ret);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_lvcmdq_unmap);

/**
 * tegra241_lvcmdq_set_base() - Set the memory of a queue
 * @vintf: The VINTF
 * @lidx: Logical number of a queue that is allocated and disabled
 * @pa: Physical address of the memory, aligned to @bytes
 * @bytes: Size in bytes, a power of two and at least two entries
 *
 * Return: 0, or -EBUSY if a guest has turned the queue on: it then runs, or is about to
 * run, on the previous value of BASE, and BASE may or may not read as written.
 */
int tegra241_lvcmdq_set_base(struct tegra241_vintf *vintf, u16 lidx,
			     phys_addr_t pa, size_t bytes)
{
	struct tegra241_vcmdq_regs regs = tegra241_lvcmdq_regs(vintf, lidx);
	u64 base = vcmdq_base_encode(pa, bytes);

	cmdqv_writeq_relaxed(base, regs.page1 + VCMDQ_BASE);
	/* STATUS may not have followed CONFIG yet */
	if (cmdqv_readq_relaxed(regs.page1 + VCMDQ_BASE) != base ||
	    ((cmdqv_readl(regs.page0 + VCMDQ_CONFIG) |
	      cmdqv_readl(regs.page0 + VCMDQ_STATUS)) & CMDQV_EN))
		return -EBUSY;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_lvcmdq_set_base);

/**
 * tegra241_lvcmdq_enable() - Turn a queue on
 * @vintf: The VINTF
 * @lidx: Logical number of a queue that has memory
 *
 * Return: 0, or -ETIMEDOUT if the hardware does not answer within a second.
 */
int tegra241_lvcmdq_enable(struct tegra241_vintf *vintf, u16 lidx)
{
	struct tegra241_vcmdq_regs regs = tegra241_lvcmdq_regs(vintf, lidx);

	return tegra241_vcmdq_handshake(vintf, lidx, &regs, CMDQV_EN);
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_lvcmdq_enable);
