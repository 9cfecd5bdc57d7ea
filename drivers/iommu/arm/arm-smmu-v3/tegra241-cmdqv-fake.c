// SPDX-License-Identifier: GPL-2.0
/*
 * CMDQ-V that exists in memory only: registers that behave like the hardware, with
 * everything that it can fail to do, and an interrupt that never comes.
 *
 * Numbers are written from the description of the hardware, not with the driver's
 * functions.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/irq.h>
#include <linux/module.h>

#include "tegra241-cmdqv-fake.h"

/* Hardware that does not answer at once never will */
#define FAKE_TIMEOUT_US		50

struct cmdqv_fake *cmdqv_fake;

static void fake_log(u32 offset, u64 value)
{
	if (cmdqv_fake->num_writes == CMDQV_FAKE_MAX_LOG)
		return;
	cmdqv_fake->log[cmdqv_fake->num_writes].offset = offset;
	cmdqv_fake->log[cmdqv_fake->num_writes++].value = value;
}

/* The entry of the allocation map for a physical queue */
u32 *cmdqv_fake_alloc_map(unsigned int q)
{
	return &cmdqv_fake->config[CMDQV_ALLOC_MAP(q) / sizeof(u32)];
}

/* The queue behind an offset past the configuration page, or NULL; and which page */
static struct cmdqv_fake_queue *fake_find_queue(u32 offset, unsigned int *page)
{
	unsigned int slot = offset % CMDQV_PAGE_SIZE / VCMDQ_STRIDE;
	unsigned int nr = offset / CMDQV_PAGE_SIZE;
	unsigned int q;

	*page = !(nr % 2);
	if (nr < 3)
		return &cmdqv_fake->queues[slot];
	for (q = 0; q < CMDQV_MAX_VCMDQS; q++)
		if (*cmdqv_fake_alloc_map(q) == ((nr - 3) / 2 << 15 | slot << 1 | 1))
			return &cmdqv_fake->queues[q];
	cmdqv_fake->unmapped++;
	return NULL;
}

/* Registers of a queue in the physical view that are not there */
static bool fake_is_absent(u32 offset, const struct cmdqv_fake_queue *q)
{
	return cmdqv_fake->no_phys && offset / CMDQV_PAGE_SIZE < 3 &&
	       !(*cmdqv_fake_alloc_map(q - cmdqv_fake->queues) & 1);
}

static bool fake_read(const void __iomem *addr, unsigned int size, u64 *value)
{
	u32 offset = (__force unsigned long)addr - CMDQV_FAKE_BASE;
	unsigned int reg = offset % VCMDQ_STRIDE, page;
	struct cmdqv_fake_queue *q;

	if (cmdqv_fake->before_read)
		cmdqv_fake->before_read(offset);
	*value = 0;
	if (offset < CMDQV_PAGE_SIZE) {
		memcpy(value, &cmdqv_fake->config[offset / sizeof(u32)], size);
		return true;
	}
	q = fake_find_queue(offset, &page);
	if (!q)
		return true;
	if (fake_is_absent(offset, q)) {
		*value = size == sizeof(u64) ? U64_MAX : U32_MAX;
		return true;
	}
	if (page) {
		*value = q->page1[reg / sizeof(u64)];
	} else if (reg == VCMDQ_STATUS && q->late) {
		q->late--;
		*value = !q->page0[reg / sizeof(u32)];
	} else {
		*value = q->page0[reg / sizeof(u32)];
	}
	return true;
}

static void fake_write_config(u32 offset, u32 value)
{
	const unsigned int v = (offset - CMDQV_VINTF(0)) / 0x100;
	const u32 answer = BIT(value & CMDQV_EN);
	u32 *reg = &cmdqv_fake->config[offset / sizeof(u32)];

	if (offset == CMDQV_CONFIG && !(cmdqv_fake->stuck & answer))
		cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)] = value & CMDQV_EN;
	if (offset >= CMDQV_VINTF(0) && offset % 0x100 == VINTF_CONFIG) {
		if (cmdqv_fake->in_guest)
			value &= ~VINTF_CONFIG_HYP_OWN;
		if (!(cmdqv_fake->vintf_stuck[v] & answer))
			reg[VINTF_STATUS / sizeof(u32)] = value & CMDQV_EN;
	}
	*reg = value;
}

/* A write to a register of a queue, by the driver or by a guest */
static void fake_write_queue(struct cmdqv_fake_queue *q, unsigned int page,
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

static bool fake_write(void __iomem *addr, u64 value)
{
	u32 offset = (__force unsigned long)addr - CMDQV_FAKE_BASE;
	struct cmdqv_fake_queue *q;
	unsigned int page;

	if (cmdqv_fake->before_write)
		cmdqv_fake->before_write(offset, value);
	fake_log(offset, value);
	if (offset < CMDQV_PAGE_SIZE) {
		fake_write_config(offset, value);
	} else {
		q = fake_find_queue(offset, &page);
		if (q && !fake_is_absent(offset, q))
			fake_write_queue(q, page, offset % VCMDQ_STRIDE, value);
	}
	if (cmdqv_fake->after_write)
		cmdqv_fake->after_write(offset, value);
	return true;
}

/* A guest turns its queue on or off */
void cmdqv_fake_guest_enable(unsigned int q, bool on)
{
	fake_write_queue(&cmdqv_fake->queues[q], 0, VCMDQ_CONFIG, on);
}

u32 cmdqv_fake_queue_reg(unsigned int q, unsigned int reg)
{
	return cmdqv_fake->queues[q].page0[reg / sizeof(u32)];
}

u64 cmdqv_fake_queue_base(unsigned int q)
{
	return cmdqv_fake->queues[q].page1[VCMDQ_BASE / sizeof(u64)];
}

u32 cmdqv_fake_vintf_reg(unsigned int vintf, unsigned int reg)
{
	return cmdqv_fake->config[(0x1000 + 0x100 * vintf + reg) / sizeof(u32)];
}

/* Queues of a VINTF have errors: what the maps of all levels say then */
void cmdqv_fake_set_error_map(unsigned int vintf, u64 map0, u64 map1)
{
	u32 *reg = &cmdqv_fake->config[(0x10c0 + 0x100 * vintf) / sizeof(u32)];

	reg[0] = map0;
	reg[1] = map0 >> 32;
	reg[2] = map1;
	reg[3] = map1 >> 32;
	cmdqv_fake->config[(0x14 + 4 * (vintf / 32)) / sizeof(u32)] |= BIT(vintf % 32);
}

static int fake_issue(struct arm_smmu_device *smmu, struct arm_smmu_cmdq *cmdq,
		      u64 *cmds, int n, bool sync)
{
	fake_log(CMDQV_FAKE_FLUSH, cmds[0]);
	if (n != 1 || !sync || cmdq != &smmu->cmdq)
		return -EINVAL;
	return arm_smmu_has_failed(smmu) ? -ETIMEDOUT : cmdqv_fake->flush_result;
}

static unsigned long fake_timeout_us(unsigned long timeout_us)
{
	bool full = timeout_us == ARM_SMMU_POLL_TIMEOUT_US;

	cmdqv_fake->waits[!full]++;
	return full ? FAKE_TIMEOUT_US : timeout_us;
}

static void fake_pause(unsigned int ms)
{
	if (cmdqv_fake->in_pause)
		cmdqv_fake->in_pause();
}

/* The test does it: other threads are not redirected */
static void fake_queue_work(struct work_struct *work)
{
	cmdqv_fake->work = work;
}

static int fake_report_event(struct iommufd_viommu *viommu,
			     enum iommu_veventq_type type,
			     const void *event_data, size_t data_len)
{
	if (type != IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV ||
	    data_len != sizeof(cmdqv_fake->event))
		return -EINVAL;
	memcpy(&cmdqv_fake->event, event_data, data_len);
	cmdqv_fake->num_events++;
	return cmdqv_fake->report_result;
}

static int fake_depend(struct iommufd_hw_queue *hw_queue,
		       struct iommufd_hw_queue *on)
{
	return cmdqv_fake->depend_result;
}

static void fake_undepend(struct iommufd_hw_queue *hw_queue,
			  struct iommufd_hw_queue *on)
{
}

/* An interrupt that tells what is done with it */

static int fake_irq_request(struct irq_data *d)
{
	return cmdqv_fake->at_request_irq ? cmdqv_fake->at_request_irq() : 0;
}

static void fake_irq_release(struct irq_data *d)
{
	if (cmdqv_fake->at_free_irq)
		cmdqv_fake->at_free_irq();
}

/* Asked for by synchronize_irq() and when the interrupt is freed */
static int fake_irq_get_state(struct irq_data *d, enum irqchip_irq_state which,
			      bool *state)
{
	if (cmdqv_fake->at_synchronize_irq)
		cmdqv_fake->at_synchronize_irq();
	*state = false;
	return 0;
}

static void fake_irq_mask(struct irq_data *d)
{
}

static struct irq_chip fake_irq_chip = {
	.name = "cmdqv-fake",
	.irq_get_irqchip_state = fake_irq_get_state,
	.irq_mask = fake_irq_mask,
	.irq_release_resources = fake_irq_release,
	.irq_request_resources = fake_irq_request,
	.irq_unmask = fake_irq_mask,
};

static void fake_free_irq(void *data)
{
	irq_free_desc((unsigned long)data);
}

/* Allocate an interrupt, to be requested by the driver; it goes with the test */
int cmdqv_fake_irq(struct kunit *test)
{
	int irq = irq_alloc_desc(NUMA_NO_NODE);

	KUNIT_ASSERT_LT(test, 0, irq);
	irq_set_chip_and_handler(irq, &fake_irq_chip, handle_simple_irq);
	irq_clear_status_flags(irq, IRQ_NOREQUEST);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, fake_free_irq,
						  (void *)(unsigned long)irq));
	return irq;
}

static void fake_hold(struct iommufd_viommu *viommu, unsigned long offset)
{
	cmdqv_fake->holds++;
	cmdqv_fake->num_holds++;
	if (cmdqv_fake->in_hold)
		cmdqv_fake->in_hold();
}

static void fake_release(struct iommufd_viommu *viommu, unsigned long offset)
{
	cmdqv_fake->holds--;
}

/* For the init of a suite: from here on the driver has hardware, which is off */
int cmdqv_fake_init(struct kunit *test)
{
	cmdqv_fake = kunit_kzalloc(test, sizeof(*cmdqv_fake), GFP_KERNEL);
	if (!cmdqv_fake)
		return -ENOMEM;

	kunit_activate_static_stub(test, iommufd_hw_queue_depend, fake_depend);
	kunit_activate_static_stub(test, iommufd_hw_queue_undepend,
				   fake_undepend);
	kunit_activate_static_stub(test, iommufd_viommu_hold_mmap, fake_hold);
	kunit_activate_static_stub(test, iommufd_viommu_release_mmap,
				   fake_release);
	kunit_activate_static_stub(test, iommufd_viommu_report_event,
				   fake_report_event);
	kunit_activate_static_stub(test, tegra241_cmdqv_issue, fake_issue);
	kunit_activate_static_stub(test, tegra241_cmdqv_pause, fake_pause);
	kunit_activate_static_stub(test, tegra241_cmdqv_queue_work,
				   fake_queue_work);
	kunit_activate_static_stub(test, tegra241_cmdqv_test_read, fake_read);
	kunit_activate_static_stub(test, tegra241_cmdqv_test_write, fake_write);
	kunit_activate_static_stub(test, tegra241_cmdqv_timeout_us,
				   fake_timeout_us);
	return 0;
}

static void destroy_ids(void *data)
{
	ida_destroy(data);
}

/*
 * The same, with a driver that has started it: 4 VINTFs of 2 queues, so that physical
 * queue 2 is queue 0 of VINTF 1
 */
int cmdqv_fake_init_running(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv;
	int ret = cmdqv_fake_init(test);

	if (ret)
		return ret;
	cmdqv = &cmdqv_fake->cmdqv;
	cmdqv->base = (__force void __iomem *)CMDQV_FAKE_BASE;
	cmdqv->num_vintfs = CMDQV_FAKE_VINTFS;
	cmdqv->num_lvcmdqs = CMDQV_FAKE_LVCMDQS;
	cmdqv->num_sids = CMDQV_MAX_SIDS;
	cmdqv->max_log2size = 10;
	cmdqv->running = true;
	init_rwsem(&cmdqv->lock);
	mutex_init(&cmdqv->vintfs_lock);
	ida_init(&cmdqv->vintf_ids);
	return kunit_add_action_or_reset(test, destroy_ids, &cmdqv->vintf_ids);
}

void cmdqv_fake_exit(struct kunit *test)
{
	cmdqv_fake = NULL;
}

/* A vIOMMU without a VINTF */
struct tegra241_vsmmu *cmdqv_fake_new_vsmmu(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu =
		kunit_kzalloc(test, sizeof(*vsmmu), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vsmmu);
	mutex_init(&vsmmu->lock);
	return vsmmu;
}

/* A vIOMMU with VINTF 1 */
struct tegra241_vsmmu *cmdqv_fake_running_vsmmu(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = cmdqv_fake_new_vsmmu(test);

	KUNIT_ASSERT_EQ(test, 0,
			tegra241_user_vintf_alloc(&vsmmu->vintf,
						  &cmdqv_fake->cmdqv,
						  CMDQV_TEST_VMID));
	KUNIT_ASSERT_EQ(test, 1, vsmmu->vintf.idx);
	return vsmmu;
}

MODULE_DESCRIPTION("KUnit tests of the NVIDIA CMDQ-V driver");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_IMPORT_NS(IOMMUFD);
MODULE_LICENSE("GPL");
