/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CMDQ-V that exists in memory only, for KUnit tests of the driver.
 *
 * To be included once, in place of the driver's own headers: it compiles the driver's
 * sources a second time, with the accessors of registers replaced by functions that
 * behave like the hardware. So a test sees each access in its order, can let a guest
 * act between any two of them, and no address of the aperture is ever touched. The
 * second copy of a function must not have the name of the first, hence the list of
 * names below; one that is missing there fails to link. Whoever includes this says what
 * the names begin with, in FAKE_PREFIX. With FAKE_HOST defined there is no VINTF 0 here:
 * tegra241-cmdqv-fake-host.h has it, and the probe.
 */
#ifndef _TEGRA241_CMDQV_FAKE_H
#define _TEGRA241_CMDQV_FAKE_H

#include <kunit/test.h>
#include <linux/args.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/iommu.h>
#include <linux/iopoll.h>

#include "arm-smmu-v3.h"

#define FAKE_NAME(name)	CONCATENATE(FAKE_PREFIX, name)
#define tegra241_cmdqv_bypass_vcmdq	FAKE_NAME(cmdqv_bypass_vcmdq)
#define tegra241_cmdqv_debugfs_add	FAKE_NAME(cmdqv_debugfs_add)
#define tegra241_cmdqv_debugfs_remove	FAKE_NAME(cmdqv_debugfs_remove)
#define tegra241_cmdqv_free_irq		FAKE_NAME(cmdqv_free_irq)
#define tegra241_cmdqv_hw_info		FAKE_NAME(cmdqv_hw_info)
#define tegra241_cmdqv_hw_start		FAKE_NAME(cmdqv_hw_start)
#define tegra241_cmdqv_hw_stop		FAKE_NAME(cmdqv_hw_stop)
#define tegra241_cmdqv_probe		FAKE_NAME(cmdqv_probe)
#define tegra241_cmdqv_publish_vintf	FAKE_NAME(cmdqv_publish_vintf)
#define tegra241_cmdqv_request_irq	FAKE_NAME(cmdqv_request_irq)
#define tegra241_cmdqv_turn_off		FAKE_NAME(cmdqv_turn_off)
#define tegra241_cmdqv_unpublish_vintf	FAKE_NAME(cmdqv_unpublish_vintf)
#define tegra241_kernel_get_cmdq	FAKE_NAME(kernel_get_cmdq)
#define tegra241_kernel_vintf_alloc	FAKE_NAME(kernel_vintf_alloc)
#define tegra241_kernel_vintf_free	FAKE_NAME(kernel_vintf_free)
#define tegra241_kernel_vintf_repair	FAKE_NAME(kernel_vintf_repair)
#define tegra241_kernel_vintf_start	FAKE_NAME(kernel_vintf_start)
#define tegra241_kernel_vintf_stop	FAKE_NAME(kernel_vintf_stop)
#define tegra241_lvcmdq_enable		FAKE_NAME(lvcmdq_enable)
#define tegra241_lvcmdq_map		FAKE_NAME(lvcmdq_map)
#define tegra241_lvcmdq_set_base	FAKE_NAME(lvcmdq_set_base)
#define tegra241_lvcmdq_unmap		FAKE_NAME(lvcmdq_unmap)
#define tegra241_user_vintf_has_news	FAKE_NAME(user_vintf_has_news)
#define tegra241_user_vintf_report	FAKE_NAME(user_vintf_report)
#define tegra241_vintf_clear_sid	FAKE_NAME(vintf_clear_sid)
#define tegra241_vintf_disable		FAKE_NAME(vintf_disable)
#define tegra241_vintf_enable		FAKE_NAME(vintf_enable)
#define tegra241_vintf_init		FAKE_NAME(vintf_init)
#define tegra241_vintf_set_sid		FAKE_NAME(vintf_set_sid)
#define tegra241_vsmmu_init		FAKE_NAME(vsmmu_init)

#include "tegra241-cmdqv.h"

/* A user's address: whatever the accessors below miss does not stay unnoticed */
#define FAKE_BASE	0x100000UL
#define FAKE_MAX_LOG	2048
/* What does not answer at once never will */
#undef ARM_SMMU_POLL_TIMEOUT_US
#define ARM_SMMU_POLL_TIMEOUT_US	50
/* In the log of writes: a CMD_SYNC on the SMMU's own queue */
#define FAKE_FLUSH	U32_MAX

/* BIT(value of EN): the handshake for it is not answered */
#define FAKE_STUCK_OFF	BIT(0)
#define FAKE_STUCK_ON	BIT(1)

/**
 * struct fake_queue - A queue, by its physical number
 * @page0: Its registers in page 0
 * @page1: Its registers in page 1
 * @stuck: What it does not answer
 * @late: How often STATUS is still what it was before
 */
struct fake_queue {
	u32 page0[VCMDQ_STRIDE / sizeof(u32)];
	u64 page1[VCMDQ_STRIDE / sizeof(u64)];
	unsigned int stuck;
	unsigned int late;
};

/**
 * struct fake - The hardware, and the driver's idea of it
 * @cmdqv: What the driver has
 * @config: Configuration page
 * @queues: All queues
 * @stuck: What CMDQ-V as a whole does not answer
 * @vintf_stuck: What each VINTF does not answer
 * @in_guest: HYP_OWN is not to be had
 * @unmapped: Accesses of a logical queue that has no physical one
 * @flush_result: What the SMMU's own queue makes of a CMD_SYNC
 * @before_read: Somebody else's deeds just before the driver reads from an offset
 * @before_write: The same, before a write
 * @after_write: The same, just after
 * @waits: How often an answer was waited for, with the full timeout and with another
 * @repaired: Queues of VINTF 0 that the driver has repaired
 * @num_events: Events that were reported
 * @event: The last of them
 * @report_result: What iommufd makes of an event
 * @depend_result: What iommufd says when a queue is to depend on another one
 * @in_handler: What the interrupt handler may still do when it is waited for
 * @end_of_handler: Returns when the interrupt handler is through; NULL if it is not running
 * @in_pause: What others do while the interrupt handler pauses
 * @at_request_irq: What the kernel makes of the request of interrupt @irq
 * @at_free_irq: The same, when it is given back
 * @num_writes: How much of @log is in use
 * @log: Writes in their order
 */
struct fake {
	struct tegra241_cmdqv cmdqv;
	u32 config[CMDQV_PAGE_SIZE / sizeof(u32)];
	struct fake_queue queues[CMDQV_MAX_VCMDQS];
	unsigned int stuck;
	unsigned int vintf_stuck[CMDQV_MAX_VINTFS];
	bool in_guest;
	unsigned int unmapped;
	int flush_result;
	void (*before_read)(u32 offset);
	void (*before_write)(u32 offset, u64 value);
	void (*after_write)(u32 offset, u64 value);
	unsigned int waits[2];
	DECLARE_BITMAP(repaired, CMDQV_MAX_VCMDQS);
	unsigned int num_events;
	struct iommu_vevent_tegra241_cmdqv event;
	int report_result;
	int depend_result;
	void (*in_handler)(void);
	void (*end_of_handler)(void);
	void (*in_pause)(void);
	int (*at_request_irq)(unsigned int irq);
	void (*at_free_irq)(unsigned int irq);
	unsigned int num_writes;
	struct {
		u32 offset;
		u64 value;
	} log[FAKE_MAX_LOG];
};

/* Of the test that is running; tests do not run side by side */
static struct fake *fake;

static void fake_log(u32 offset, u64 value)
{
	if (fake->num_writes == FAKE_MAX_LOG)
		return;
	fake->log[fake->num_writes].offset = offset;
	fake->log[fake->num_writes++].value = value;
}

static u32 *fake_alloc_map(unsigned int q)
{
	return &fake->config[CMDQV_ALLOC_MAP(q) / sizeof(u32)];
}

/* The queue behind an offset past the configuration page, or NULL; and which page */
static struct fake_queue *fake_find_queue(u32 offset, unsigned int *page)
{
	unsigned int slot = offset % CMDQV_PAGE_SIZE / VCMDQ_STRIDE;
	unsigned int nr = offset / CMDQV_PAGE_SIZE;
	unsigned int q;

	*page = !(nr % 2);
	if (nr < 3)
		return &fake->queues[slot];
	for (q = 0; q < CMDQV_MAX_VCMDQS; q++)
		if (*fake_alloc_map(q) == ((nr - 3) / 2 << 15 | slot << 1 | 1))
			return &fake->queues[q];
	fake->unmapped++;
	return NULL;
}

static u64 fake_read(const void __iomem *addr, unsigned int size)
{
	u32 offset = (__force unsigned long)addr - FAKE_BASE;
	unsigned int reg = offset % VCMDQ_STRIDE, page;
	struct fake_queue *q;
	u64 value;

	if (fake->before_read)
		fake->before_read(offset);
	if (offset < CMDQV_PAGE_SIZE) {
		value = fake->config[offset / sizeof(u32)];
		if (size == sizeof(u64))
			value |= (u64)fake->config[offset / sizeof(u32) + 1] << 32;
		return value;
	}
	q = fake_find_queue(offset, &page);
	if (!q)
		return 0;
	if (!page && reg == VCMDQ_STATUS && q->late) {
		q->late--;
		return !q->page0[reg / sizeof(u32)];
	}
	return page ? q->page1[reg / sizeof(u64)] : q->page0[reg / sizeof(u32)];
}

static void fake_write_config(u32 offset, u32 value)
{
	const unsigned int v = (offset - CMDQV_VINTF(0)) / 0x100;
	const u32 answer = BIT(value & CMDQV_EN);
	u32 *reg = &fake->config[offset / sizeof(u32)];

	if (offset == CMDQV_CONFIG && !(fake->stuck & answer))
		fake->config[CMDQV_STATUS / sizeof(u32)] = value & CMDQV_EN;
	if (offset >= CMDQV_VINTF(0) && offset % 0x100 == VINTF_CONFIG) {
		if (fake->in_guest)
			value &= ~VINTF_CONFIG_HYP_OWN;
		if (!(fake->vintf_stuck[v] & answer))
			reg[VINTF_STATUS / sizeof(u32)] = value & CMDQV_EN;
	}
	*reg = value;
}

/* Also what a guest does to its queue */
static void fake_write_queue(struct fake_queue *q, unsigned int page,
			     unsigned int reg, u64 value)
{
	u32 *status = &q->page0[VCMDQ_STATUS / sizeof(u32)];
	bool on = *status & CMDQV_EN;

	if (page) {
		if (!on)
			q->page1[reg / sizeof(u64)] = value;
		return;
	}
	if (on && reg == VCMDQ_CONS)
		return;
	q->page0[reg / sizeof(u32)] = value;
	if (reg == VCMDQ_CONFIG && !(q->stuck & BIT(value & CMDQV_EN)))
		*status = value & CMDQV_EN;
}

static void fake_write(u64 value, void __iomem *addr)
{
	u32 offset = (__force unsigned long)addr - FAKE_BASE;
	struct fake_queue *q;
	unsigned int page;

	if (fake->before_write)
		fake->before_write(offset, value);
	fake_log(offset, value);
	if (offset < CMDQV_PAGE_SIZE) {
		fake_write_config(offset, value);
	} else {
		q = fake_find_queue(offset, &page);
		if (q)
			fake_write_queue(q, page, offset % VCMDQ_STRIDE, value);
	}
	if (fake->after_write)
		fake->after_write(offset, value);
}

static int fake_issue_cmdlist(struct arm_smmu_device *smmu,
			      struct arm_smmu_cmdq *cmdq, u64 *cmds, int n,
			      bool sync)
{
	fake_log(FAKE_FLUSH, cmds[0]);
	return n == 1 && sync && cmdq == &smmu->cmdq ? fake->flush_result :
						       -EINVAL;
}

static int fake_report_event(struct iommufd_viommu *viommu,
			     enum iommu_veventq_type type,
			     const void *event_data, size_t data_len)
{
	if (type != IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV ||
	    data_len != sizeof(fake->event))
		return -EINVAL;
	memcpy(&fake->event, event_data, data_len);
	fake->num_events++;
	return fake->report_result;
}

/* A guard does not come here: the driver waits for the handler only by a plain lock */
static void fake_mutex_lock(struct mutex *lock)
{
	if (lock == &fake->cmdqv.handler && fake->in_handler)
		fake->in_handler();
	mutex_lock(lock);
}

/* Nobody uses this: a test says why */
static void __maybe_unused fake_synchronize_irq(unsigned int irq)
{
	if (fake->end_of_handler)
		fake->end_of_handler();
}

static u64 fake_wait(u64 timeout_us)
{
	fake->waits[timeout_us != ARM_SMMU_POLL_TIMEOUT_US]++;
	return timeout_us;
}

static void fake_msleep(unsigned int ms)
{
	if (fake->in_pause)
		fake->in_pause();
}

static int fake_request_irq(unsigned int irq, irq_handler_t handler,
			    irq_handler_t thread, unsigned long flags,
			    const char *name, void *data)
{
	return fake->at_request_irq ? fake->at_request_irq(irq) : 0;
}

static void fake_free_irq(unsigned int irq, void *data)
{
	if (fake->at_free_irq)
		fake->at_free_irq(irq);
}

static int fake_depend(struct iommufd_hw_queue *hw_queue,
		       struct iommufd_hw_queue *on)
{
	return fake->depend_result;
}

static void fake_undepend(struct iommufd_hw_queue *hw_queue,
			  struct iommufd_hw_queue *on)
{
}

#ifndef FAKE_HOST
void tegra241_kernel_vintf_repair(struct tegra241_kernel_vintf *kernel,
				  u16 lidx)
{
	__set_bit(lidx, fake->repaired);
}
#endif

#undef readl
#undef readl_relaxed
#undef readq
#undef readq_relaxed
#undef writel
#undef writel_relaxed
#undef writeq
#undef writeq_relaxed
#define readl(addr)			((u32)fake_read(addr, sizeof(u32)))
#define readl_relaxed(addr)		((u32)fake_read(addr, sizeof(u32)))
#define readq(addr)			fake_read(addr, sizeof(u64))
#define readq_relaxed(addr)		fake_read(addr, sizeof(u64))
#define writel(value, addr)		fake_write(value, addr)
#define writel_relaxed(value, addr)	fake_write(value, addr)
#define writeq(value, addr)		fake_write(value, addr)
#define writeq_relaxed(value, addr)	fake_write(value, addr)

#define arm_smmu_cmdq_issue_cmdlist	fake_issue_cmdlist
#define iommufd_hw_queue_depend		fake_depend
#define iommufd_hw_queue_undepend	fake_undepend
#define iommufd_viommu_report_event	fake_report_event
#undef mutex_lock
#define mutex_lock			fake_mutex_lock
#define synchronize_irq			fake_synchronize_irq
#define msleep				fake_msleep
#define request_threaded_irq		fake_request_irq
#define free_irq			fake_free_irq
#undef readl_poll_timeout
#define readl_poll_timeout(addr, val, cond, sleep_us, timeout_us)	\
	readx_poll_timeout(readl, addr, val, cond, sleep_us, fake_wait(timeout_us))

#undef dev_fmt
#include "tegra241-cmdqv-vintf.c"
#undef dev_fmt
#include "tegra241-cmdqv-irq.c"
#undef dev_fmt
#include "tegra241-cmdqv-guest.c"

#endif
