// SPDX-License-Identifier: GPL-2.0
/*
 * Error interrupt of CMDQ-V.
 *
 * One edge-triggered interrupt tells of errors in all queues. Three levels of
 * maps lead to a queue: VINTFs with an error, logical queues of a VINTF with an
 * error, and the GERROR of the queue. The maps are computed by the hardware from
 * errors that are not acknowledged; nothing here has to clear them.
 *
 * The kernel repairs and acknowledges errors of its own VINTF 0. An error of a
 * VINTF that belongs to a guest is the guest's: it has stopped that one queue,
 * and only the guest can repair and acknowledge it, in its page 0. It is told
 * through the vEVENTQ of its vIOMMU, once: the handler comes by for errors of other
 * guests as well, and must not let them fill that queue.
 *
 * The handler may run before VINTF 0 exists, while a VINTF is being made and
 * while one is destroyed. It looks only at VINTFs that were published, and a
 * VINTF is taken back by clearing its slot and then getting hold of the mutex under
 * which the handler uses VINTFs, before its number can be given out again. Waiting for
 * the end of the handler, as synchronize_irq() does, might take as long as another guest
 * goes on making errors: an edge that is kept starts the handler again before anybody
 * who waits has had a look.
 *
 * A guest can make errors as fast as it can acknowledge them. Their log lines are
 * limited, apart from those of the kernel's queues, and past a number of errors in a
 * second the handler goes to sleep for a moment each time. The interrupt is masked
 * until the handler returns, so that a storm costs next to nothing. Nothing is lost:
 * the maps are levels, and an edge that comes meanwhile is kept by the interrupt
 * controller. A queue of the kernel waits for its repair that much longer, which is
 * far from its timeout.
 */
#define dev_fmt(fmt) "tegra241_cmdqv: " fmt

#include <linux/cleanup.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#include <trace/events/tegra241_cmdqv.h>

#include "tegra241-cmdqv.h"

/* That many errors of guests in a second are business as usual */
#define GUEST_ERRORS_PER_SECOND	64
#define GUEST_ERRORS_PAUSE_MS	10

static void kernel_vintf_errors(struct tegra241_vintf *vintf, const u64 *maps)
{
	struct tegra241_kernel_vintf *kernel =
		container_of(vintf, struct tegra241_kernel_vintf, vintf);
	struct tegra241_cmdqv *cmdqv = vintf->cmdqv;
	unsigned int m;

	for (m = 0; m < VINTF_LVCMDQ_ERR_MAPS; m++) {
		u64 map = maps[m];

		while (map) {
			u16 lidx = __ffs64(map) + m * VINTF_LVCMDQ_ERR_MAP_BITS;

			map &= map - 1;
			if (lidx >= cmdqv->num_lvcmdqs) {
				dev_warn_once(cmdqv->dev,
					      "VINTF0: error of LVCMDQ%u, which does not exist\n",
					      lidx);
				continue;
			}
			tegra241_kernel_vintf_repair(kernel, lidx);
		}
	}
}

static void vintf_errors(struct tegra241_vintf *vintf)
{
	u64 maps[VINTF_LVCMDQ_ERR_MAPS];
	unsigned int m;
	bool news;

	for (m = 0; m < VINTF_LVCMDQ_ERR_MAPS; m++)
		maps[m] = readq_relaxed(vintf->base + VINTF_LVCMDQ_ERR_MAP(m));
	/* A guest may have acknowledged meanwhile, or not yet what it was told of */
	news = vintf->idx ? tegra241_user_vintf_has_news(vintf, maps) :
			    !!memchr_inv(maps, 0, sizeof(maps));
	if (news) {
		WRITE_ONCE(vintf->num_errors, vintf->num_errors + 1);
		trace_tegra241_cmdqv_error(vintf->cmdqv->dev, vintf->idx,
					   maps[0], maps[1]);
	}
	if (vintf->idx)
		tegra241_user_vintf_report(vintf, maps, news);
	else if (news)
		kernel_vintf_errors(vintf, maps);
}

static void log_errors(struct tegra241_cmdqv *cmdqv, u64 map)
{
	/* Guests must not be able to hide what the kernel's queues have to say */
	if (!map || !__ratelimit(map & 1 ? &cmdqv->log_kernel :
					   &cmdqv->log_guest))
		return;
	dev_warn(cmdqv->dev,
		 "error reported, vintf_map %016llx, vcmdq_map %08x:%08x:%08x:%08x\n",
		 map, readl_relaxed(cmdqv->base + CMDQV_CMDQ_ERR_MAP(3)),
		 readl_relaxed(cmdqv->base + CMDQV_CMDQ_ERR_MAP(2)),
		 readl_relaxed(cmdqv->base + CMDQV_CMDQ_ERR_MAP(1)),
		 readl_relaxed(cmdqv->base + CMDQV_CMDQ_ERR_MAP(0)));
}

static void handle_vintfs(struct tegra241_cmdqv *cmdqv, u64 map)
{
	/* Pairs with tegra241_cmdqv_unpublish_vintf() */
	guard(mutex)(&cmdqv->handler);
	while (map) {
		u16 idx = __ffs64(map);
		struct tegra241_vintf *vintf;

		map &= map - 1;
		if (idx >= cmdqv->num_vintfs) {
			dev_warn_once(cmdqv->dev,
				      "error of VINTF%u, which does not exist\n",
				      idx);
			continue;
		}
		/* Pairs with tegra241_cmdqv_publish_vintf() */
		vintf = smp_load_acquire(&cmdqv->vintfs[idx]);
		if (vintf)
			vintf_errors(vintf);
	}
}

static irqreturn_t tegra241_cmdqv_isr(int irq, void *data)
{
	struct tegra241_cmdqv *cmdqv = data;
	u64 map = readl_relaxed(cmdqv->base + CMDQV_VINTF_ERR_MAP(0)) |
		  (u64)readl_relaxed(cmdqv->base + CMDQV_VINTF_ERR_MAP(1)) << 32;
	bool guest = map != 1;

	log_errors(cmdqv, map);
	handle_vintfs(cmdqv, map);
	if (guest && !__ratelimit(&cmdqv->guest_errors))
		msleep(GUEST_ERRORS_PAUSE_MS);
	return IRQ_HANDLED;
}

/**
 * tegra241_cmdqv_request_irq - Begin to handle errors
 * @cmdqv: The hardware, with its geometry known and no VINTF published yet
 * @irq: The interrupt, 0 if there is none
 *
 * Return: 0 or the error of request_threaded_irq().
 */
int tegra241_cmdqv_request_irq(struct tegra241_cmdqv *cmdqv, int irq)
{
	int ret;

	ratelimit_state_init(&cmdqv->guest_errors, HZ, GUEST_ERRORS_PER_SECOND);
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

/**
 * tegra241_cmdqv_free_irq - Stop handling errors and wait for the handler
 * @cmdqv: The hardware
 */
void tegra241_cmdqv_free_irq(struct tegra241_cmdqv *cmdqv)
{
	if (cmdqv->irq)
		free_irq(cmdqv->irq, cmdqv);
	cmdqv->irq = 0;
}

/**
 * tegra241_cmdqv_publish_vintf - Let the interrupt handler see a VINTF
 * @vintf: The VINTF; all that the handler looks at is initialised
 */
void tegra241_cmdqv_publish_vintf(struct tegra241_vintf *vintf)
{
	/* Pairs with tegra241_cmdqv_isr() */
	smp_store_release(&vintf->cmdqv->vintfs[vintf->idx], vintf);
}

/**
 * tegra241_cmdqv_unpublish_vintf - Hide a VINTF from the interrupt handler
 * @vintf: The VINTF. After the return the handler does not use it any more and
 *         its number may be given out again.
 */
void tegra241_cmdqv_unpublish_vintf(struct tegra241_vintf *vintf)
{
	struct tegra241_cmdqv *cmdqv = vintf->cmdqv;

	WRITE_ONCE(cmdqv->vintfs[vintf->idx], NULL);
	/* The handler may have found the VINTF before, and may be using it */
	mutex_lock(&cmdqv->handler);
	mutex_unlock(&cmdqv->handler);
}
