// SPDX-License-Identifier: GPL-2.0
/*
 * Error interrupt of CMDQ-V.
 *
 * One edge-triggered interrupt reports errors of all queues. Three registers lead to
 * an error: the map of VINTFs with an error, the map of logical queues of a VINTF with
 * an error, and GERROR of the queue. The hardware computes the maps from errors that
 * are not acknowledged; the driver does not clear them.
 *
 * The owner of a VINTF handles its errors, by the callback in struct tegra241_vintf.
 * The kernel repairs and acknowledges errors of its own VINTF 0. An error of a guest's
 * queue stops only that queue, and only the guest can repair and acknowledge it, in
 * its page 0. The handler reports it once, to the vEVENTQ of the vIOMMU: the handler
 * also runs for errors of other guests, which must not fill that vEVENTQ.
 *
 * The handler may run before VINTF 0 exists, while a VINTF is made and while one is
 * destroyed. It uses published VINTFs only, and holds vintfs_lock while it does. A
 * VINTF is unpublished under this mutex; only then may its number be reused.
 * synchronize_irq() might wait as long as another guest makes errors: a pending edge
 * restarts the handler before the waiter sees its end.
 *
 * A guest can make errors as fast as it acknowledges them. Log lines of guests are
 * limited, separately from those of the kernel's queues, and above
 * GUEST_ERRORS_PER_SECOND the handler sleeps at each interrupt. The interrupt is
 * masked until the handler returns, so a storm costs little. No error is lost: the
 * maps are states, and the interrupt controller keeps an edge that comes in this time.
 * The repair of a queue of the kernel is delayed by the sleep, far less than its
 * timeout.
 */
#define dev_fmt(fmt) "tegra241_cmdqv: " fmt

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>

#include <trace/events/tegra241_cmdqv.h>

#include "tegra241-cmdqv.h"

#define GUEST_ERRORS_PAUSE_MS	10
/* Bit of VINTF 0 in the map of VINTFs with errors */
#define KERNEL_VINTF		BIT_ULL(0)

static void tegra241_vintf_errors(struct tegra241_vintf *vintf)
{
	u64 maps[VINTF_LVCMDQ_ERR_MAPS];
	unsigned int m;

	for (m = 0; m < VINTF_LVCMDQ_ERR_MAPS; m++)
		maps[m] = cmdqv_readq_relaxed(vintf->base + VINTF_LVCMDQ_ERR_MAP(m));
	vintf->handle_errors(vintf, maps);
}

static void tegra241_cmdqv_log_errors(struct tegra241_cmdqv *cmdqv, u64 map)
{
	/* Errors of guests must not suppress log lines of the kernel's queues */
	if (!map || !__ratelimit(map & KERNEL_VINTF ? &cmdqv->log_kernel :
						      &cmdqv->log_guest))
		return;
	dev_warn(cmdqv->dev,
		 "error reported, vintf_map %016llx, vcmdq_map %08x:%08x:%08x:%08x\n",
		 map, cmdqv_readl_relaxed(cmdqv->base + CMDQV_CMDQ_ERR_MAP(3)),
		 cmdqv_readl_relaxed(cmdqv->base + CMDQV_CMDQ_ERR_MAP(2)),
		 cmdqv_readl_relaxed(cmdqv->base + CMDQV_CMDQ_ERR_MAP(1)),
		 cmdqv_readl_relaxed(cmdqv->base + CMDQV_CMDQ_ERR_MAP(0)));
}

static void tegra241_cmdqv_handle_vintfs(struct tegra241_cmdqv *cmdqv, u64 map)
{
	guard(mutex)(&cmdqv->vintfs_lock);
	while (map) {
		u16 idx = __ffs64(map);
		struct tegra241_vintf *vintf;

		map &= map - 1;
		if (idx >= cmdqv->num_vintfs) {
			tegra241_warn_once(cmdqv, WARNED_VINTF,
					   "error of VINTF%u, which does not exist\n",
					   idx);
			continue;
		}
		vintf = cmdqv->vintfs[idx];
		if (vintf)
			tegra241_vintf_errors(vintf);
	}
}

VISIBLE_IF_KUNIT irqreturn_t tegra241_cmdqv_isr(int irq, void *data)
{
	struct tegra241_cmdqv *cmdqv = data;
	u64 map = cmdqv_readl_relaxed(cmdqv->base + CMDQV_VINTF_ERR_MAP(0)) |
		  (u64)cmdqv_readl_relaxed(cmdqv->base + CMDQV_VINTF_ERR_MAP(1)) << 32;
	/* With an empty map a guest has already acknowledged its errors */
	bool kernel_alone = map == KERNEL_VINTF;

	tegra241_cmdqv_log_errors(cmdqv, map);
	tegra241_cmdqv_handle_vintfs(cmdqv, map);
	if (!kernel_alone && !__ratelimit(&cmdqv->guest_errors))
		tegra241_cmdqv_pause(GUEST_ERRORS_PAUSE_MS);
	return IRQ_HANDLED;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_isr);

/**
 * tegra241_cmdqv_request_irq() - Start handling errors
 * @cmdqv: The hardware, with its geometry known and no VINTF published yet
 * @irq: The interrupt, 0 if there is none
 *
 * Return: 0 or the error of request_threaded_irq().
 */
int tegra241_cmdqv_request_irq(struct tegra241_cmdqv *cmdqv, int irq)
{
	int ret;

	ratelimit_state_init(&cmdqv->guest_errors, HZ,
			     CMDQV_GUEST_ERRORS_PER_SECOND);
	ratelimit_set_flags(&cmdqv->guest_errors, RATELIMIT_MSG_ON_RELEASE);
	ratelimit_default_init(&cmdqv->log_guest);
	ratelimit_default_init(&cmdqv->log_kernel);

	if (!irq)
		return 0;
	ret = request_threaded_irq(irq, NULL, tegra241_cmdqv_isr, IRQF_ONESHOT,
				   "tegra241-cmdqv", cmdqv);
	if (ret) {
		dev_err(cmdqv->dev, "failed to request irq %d: %d\n", irq, ret);
		return ret;
	}
	cmdqv->irq = irq;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_request_irq);

/**
 * tegra241_cmdqv_free_irq() - Stop handling errors and drain the handler
 * @cmdqv: The hardware
 */
void tegra241_cmdqv_free_irq(struct tegra241_cmdqv *cmdqv)
{
	if (cmdqv->irq)
		free_irq(cmdqv->irq, cmdqv);
	cmdqv->irq = 0;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_free_irq);

/**
 * tegra241_vintf_note_errors() - Count and trace new errors
 * @vintf: The VINTF
 * @maps: Its error maps, VINTF_LVCMDQ_ERR_MAPS words
 *
 * Called by the owner of the VINTF when it handles errors.
 */
void tegra241_vintf_note_errors(struct tegra241_vintf *vintf, const u64 *maps)
{
	WRITE_ONCE(vintf->num_errors, vintf->num_errors + 1);
	trace_tegra241_cmdqv_error(vintf->cmdqv->dev, vintf->idx, maps[0],
				   maps[1]);
}

/**
 * tegra241_cmdqv_publish_vintf() - Show a VINTF to the interrupt handler
 * @vintf: The VINTF, with all members for the handler initialised
 */
void tegra241_cmdqv_publish_vintf(struct tegra241_vintf *vintf)
{
	struct tegra241_cmdqv *cmdqv = vintf->cmdqv;

	guard(mutex)(&cmdqv->vintfs_lock);
	cmdqv->vintfs[vintf->idx] = vintf;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_publish_vintf);

/**
 * tegra241_cmdqv_unpublish_vintf() - Hide a VINTF from the interrupt handler
 * @vintf: The VINTF. After the return the handler does not use it any more and its
 *         number may be reused.
 */
void tegra241_cmdqv_unpublish_vintf(struct tegra241_vintf *vintf)
{
	struct tegra241_cmdqv *cmdqv = vintf->cmdqv;

	guard(mutex)(&cmdqv->vintfs_lock);
	cmdqv->vintfs[vintf->idx] = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(tegra241_cmdqv_unpublish_vintf);
