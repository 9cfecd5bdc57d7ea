// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the CMDQ-V driver on hardware that exists in memory only: what it
 * writes and in which order, what it does when the hardware does not answer, and what
 * a guest can do in the middle of it, which no emulator lets happen on demand.
 *
 * Numbers in the expectations are written from the description of the hardware, not
 * with the driver's macros.
 */
#define FAKE_PREFIX	fake_
#include "tegra241-cmdqv-fake.h"

#define TEST_VMID	0x5a
#define TEST_PA		0x40200000ULL
#define TEST_BYTES	SZ_4K
/* BASE for them: the address, and log2 of 256 entries */
#define TEST_BASE	(TEST_PA | 8)

/* 4 VINTFs of 2 queues: physical queue 2 is queue 0 of VINTF 1 */
#define TEST_VINTFS	4
#define TEST_LVCMDQS	2

static int cmdqv_test_init(struct kunit *test)
{
	struct tegra241_cmdqv *cmdqv;

	fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	if (!fake)
		return -ENOMEM;
	cmdqv = &fake->cmdqv;
	cmdqv->base = (__force void __iomem *)FAKE_BASE;
	cmdqv->num_vintfs = TEST_VINTFS;
	cmdqv->num_lvcmdqs = TEST_LVCMDQS;
	cmdqv->num_sids = CMDQV_MAX_SIDS;
	cmdqv->max_log2size = 10;
	cmdqv->running = true;
	init_rwsem(&cmdqv->lock);
	mutex_init(&cmdqv->handler);
	ida_init(&cmdqv->vintf_ids);
	return 0;
}

static void cmdqv_test_exit(struct kunit *test)
{
	if (fake)
		ida_destroy(&fake->cmdqv.vintf_ids);
	fake = NULL;
}

static u32 queue_reg(unsigned int q, unsigned int reg)
{
	return fake->queues[q].page0[reg / sizeof(u32)];
}

static u64 queue_base(unsigned int q)
{
	return fake->queues[q].page1[VCMDQ_BASE / sizeof(u64)];
}

static u32 vintf_reg(unsigned int v, unsigned int reg)
{
	return fake->config[(0x1000 + 0x100 * v + reg) / sizeof(u32)];
}

/* The next entry of the log is this */
static void expect_write(struct kunit *test, unsigned int *i, u32 offset,
			 u64 value)
{
	KUNIT_ASSERT_LT(test, *i, fake->num_writes);
	KUNIT_EXPECT_EQ_MSG(test, offset, fake->log[*i].offset, "write %u", *i);
	KUNIT_EXPECT_EQ_MSG(test, value, fake->log[*i].value, "write %u", *i);
	++*i;
}

static void encoders(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 63 << 15 | 127 << 1 | 1,
			cmdqv_alloc_map_encode(63, 127, true));
	KUNIT_EXPECT_EQ(test, 1 << 15, cmdqv_alloc_map_encode(1, 0, false));
	KUNIT_EXPECT_EQ(test, 0x1fffff, vintf_sid_match_encode(0xfffff));
	KUNIT_EXPECT_EQ(test, 1, vintf_sid_match_encode(0));
	KUNIT_EXPECT_EQ(test, 0x40200001ULL, vcmdq_base_encode(0x40200000, 32));
	KUNIT_EXPECT_EQ(test, 0xffffff800000ULL | 19,
			vcmdq_base_encode(0xffffff800000, SZ_8M));
	KUNIT_EXPECT_EQ(test, 0x20ULL | 1, vcmdq_base_encode(0x20, 32));
}

static void offsets(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0x30000, CMDQV_VINTF_PAGE0(0));
	KUNIT_EXPECT_EQ(test, 0x40000, CMDQV_VINTF_PAGE1(0));
	KUNIT_EXPECT_EQ(test, 0x810000, CMDQV_VINTF_PAGE0(63));
	KUNIT_EXPECT_EQ(test, 0x830000, CMDQV_APERTURE_SIZE(64));
	KUNIT_EXPECT_EQ(test, 0x50000, CMDQV_APERTURE_SIZE(1));
	KUNIT_EXPECT_EQ(test, 0x4f00, CMDQV_VINTF(63));
	KUNIT_EXPECT_EQ(test, 0x3fc, CMDQV_ALLOC_MAP(127));
	KUNIT_EXPECT_EQ(test, 0x18, CMDQV_VINTF_ERR_MAP(1));
	KUNIT_EXPECT_EQ(test, 0x30, CMDQV_CMDQ_ERR_MAP(3));
	KUNIT_EXPECT_EQ(test, 0xc8, VINTF_LVCMDQ_ERR_MAP(1));
	KUNIT_EXPECT_EQ(test, 0x7c, VINTF_SID_MATCH(15));
	KUNIT_EXPECT_EQ(test, 0xbc, VINTF_SID_REPLACE(15));
}

/* The whole block */

static void start(struct kunit *test)
{
	const u32 other = 0xff0fe;
	unsigned int i = 0, v;

	/* As a previous kernel may have left it */
	fake->config[0] = other | 1;
	for (v = 0; v < 2 * TEST_VINTFS; v++)
		*fake_alloc_map(v) = v / 2 << 15 | v % 2 << 1 | 1;

	KUNIT_ASSERT_EQ(test, 0, tegra241_cmdqv_hw_start(&fake->cmdqv));
	expect_write(test, &i, 0, other);
	expect_write(test, &i, 0, other | 1);
	for (v = 0; v < TEST_VINTFS; v++) {
		expect_write(test, &i, 0x200 + 8 * v + 4, v << 15 | 1 << 1);
		expect_write(test, &i, 0x200 + 8 * v, v << 15);
	}
	KUNIT_EXPECT_EQ(test, i, fake->num_writes);
	KUNIT_EXPECT_EQ(test, 0, tegra241_cmdqv_hw_stop(&fake->cmdqv));
	expect_write(test, &i, 0, other);
}

static void start_unanswered(struct kunit *test)
{
	unsigned int i = 0;

	fake->stuck = FAKE_STUCK_ON;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_cmdqv_hw_start(&fake->cmdqv));
	expect_write(test, &i, 0, 0);
	expect_write(test, &i, 0, 1);
	KUNIT_EXPECT_EQ(test, i, fake->num_writes);

	fake->stuck = FAKE_STUCK_OFF;
	fake->config[CMDQV_STATUS / sizeof(u32)] = 1;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_cmdqv_hw_start(&fake->cmdqv));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_cmdqv_hw_stop(&fake->cmdqv));
}

/* VINTFs */

static struct tegra241_vintf *new_vintf(struct kunit *test, u16 idx)
{
	struct tegra241_vintf *vintf =
		kunit_kzalloc(test, sizeof(*vintf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vintf);
	tegra241_vintf_init(vintf, &fake->cmdqv, idx, idx ? TEST_VMID : 0);
	return vintf;
}

static void vintf_life(struct kunit *test)
{
	const u32 config = 0x1000 + 3 * 0x100, on = TEST_VMID << 1 | 1;
	struct tegra241_vintf *vintf = new_vintf(test, 3);
	unsigned int i = 0, s;

	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(vintf, false));
	/* Off and clean first; owner and VMID stand before EN */
	expect_write(test, &i, config, 0);
	for (s = 0; s < 16; s++) {
		expect_write(test, &i, config + 0x40 + 4 * s, 0);
		expect_write(test, &i, config + 0x80 + 4 * s, 0);
	}
	expect_write(test, &i, config, TEST_VMID << 1);
	expect_write(test, &i, config, on);
	KUNIT_EXPECT_EQ(test, i, fake->num_writes);

	/* The replacement stands before the match, and goes after it */
	tegra241_vintf_set_sid(vintf, 5, 0x12345, 0x678);
	expect_write(test, &i, config + 0x94, 0x678);
	expect_write(test, &i, config + 0x54, 0x12345 << 1 | 1);
	tegra241_vintf_clear_sid(vintf, 5);
	expect_write(test, &i, config + 0x54, 0);
	expect_write(test, &i, config + 0x94, 0);

	/* What is left behind goes with it */
	tegra241_vintf_set_sid(vintf, 15, 1, 2);
	KUNIT_EXPECT_EQ(test, 0, tegra241_vintf_disable(vintf));
	KUNIT_EXPECT_EQ(test, 0, vintf_reg(3, 0x7c));
	KUNIT_EXPECT_EQ(test, 0, vintf_reg(3, 0xbc));
	KUNIT_EXPECT_EQ(test, 0, vintf_reg(3, 0));
	KUNIT_EXPECT_FALSE(test, vintf->retired);
}

static void vintf_hyp_own(struct kunit *test)
{
	struct tegra241_vintf *vintf = new_vintf(test, 0);

	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(vintf, true));
	KUNIT_EXPECT_EQ(test, BIT(17) | 1, vintf_reg(0, 0));
	KUNIT_EXPECT_TRUE(test, vintf->hyp_own);
	/* In a guest the bit does not stick, and that is what counts */
	fake->in_guest = true;
	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(vintf, true));
	KUNIT_EXPECT_FALSE(test, vintf->hyp_own);
}

static void vintf_unanswered(struct kunit *test)
{
	struct tegra241_vintf *on = new_vintf(test, 1), *off = new_vintf(test, 2);

	fake->vintf_stuck[1] = FAKE_STUCK_ON;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_vintf_enable(on, false));
	KUNIT_EXPECT_TRUE(test, on->retired);
	KUNIT_EXPECT_EQ(test, 0, vintf_reg(1, 0) & 1);

	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(off, false));
	tegra241_vintf_set_sid(off, 0, 1, 2);
	fake->vintf_stuck[2] = FAKE_STUCK_OFF;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_vintf_disable(off));
	KUNIT_EXPECT_TRUE(test, off->retired);
	/* What can be taken from it is taken nevertheless */
	KUNIT_EXPECT_EQ(test, 0, vintf_reg(2, 0x40));
}

/* Queues of VINTF 1: 2 and 3, seen at 0x50000 and 0x60000 */

static struct tegra241_vintf *running_vintf(struct kunit *test)
{
	struct tegra241_vintf *vintf = new_vintf(test, 1);

	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(vintf, false));
	fake->num_writes = 0;
	return vintf;
}

#define MAP(l)		(0x200 + 4 * (2 + (l)))
#define MAPPED(l)	(1 << 15 | (l) << 1 | 1)
#define LOGICAL(l, page, reg) (0x50000 + 0x10000 * (page) + 0x80 * (l) + (reg))
#define PHYSICAL(l, page, reg) (0x10000 + 0x10000 * (page) + 0x80 * (2 + (l)) + (reg))
/* CMD_SYNC without a completion signal */
#define FLUSH_CMD	0x46

static void expect_reset(struct kunit *test, unsigned int *i, u32 page0,
			 u32 page1)
{
	expect_write(test, i, page0 + 0x08, 0);
	expect_write(test, i, FAKE_FLUSH, FLUSH_CMD);
	expect_write(test, i, page0 + 0x04, 0);
	expect_write(test, i, page0 + 0x00, 0);
	expect_write(test, i, page1 + 0x00, 0);
	expect_write(test, i, page1 + 0x08, 0);
}

static void map_order(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int i = 0, l;

	for (l = 0; l < TEST_LVCMDQS; l++) {
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
		expect_write(test, &i, MAP(l), MAPPED(l));
		expect_reset(test, &i, LOGICAL(l, 0, 0), LOGICAL(l, 1, 0));
		KUNIT_ASSERT_EQ(test, 0,
				tegra241_lvcmdq_set_base(vintf, l, TEST_PA,
							 TEST_BYTES));
		expect_write(test, &i, LOGICAL(l, 1, 0), TEST_BASE);
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, l));
		expect_write(test, &i, LOGICAL(l, 0, 8), 1);
	}
	KUNIT_EXPECT_EQ(test, TEST_LVCMDQS, vintf->num_mapped);

	/* Descending on the way down; a timeout of a late ATC_INV is collected */
	for (l = TEST_LVCMDQS; l-- > 0;) {
		KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_unmap(vintf));
		expect_reset(test, &i, LOGICAL(l, 0, 0), LOGICAL(l, 1, 0));
		expect_write(test, &i, MAP(l), MAPPED(l) & ~1);
		expect_write(test, &i, FAKE_FLUSH, FLUSH_CMD);
	}
	KUNIT_EXPECT_EQ(test, i, fake->num_writes);
	KUNIT_EXPECT_EQ(test, 0, vintf->num_mapped);
	KUNIT_EXPECT_EQ(test, 0, fake->unmapped);
}

/* Turning a VINTF off unmaps what is left of it, in order, before its EN goes */
static void disable_unmaps(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int i, l, maps = 0;

	for (l = 0; l < TEST_LVCMDQS; l++)
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	fake->num_writes = 0;
	KUNIT_EXPECT_EQ(test, 0, tegra241_vintf_disable(vintf));
	for (i = 0; i < fake->num_writes; i++) {
		if (fake->log[i].offset == 0x1100)
			KUNIT_EXPECT_EQ(test, TEST_LVCMDQS, maps);
		if (fake->log[i].offset == MAP(TEST_LVCMDQS - 1 - maps))
			maps++;
	}
	KUNIT_EXPECT_EQ(test, TEST_LVCMDQS, maps);
	KUNIT_EXPECT_EQ(test, 0, fake->unmapped);
}

/* An error that the previous owner has not acknowledged, and one that he has */
static void left_over_error(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int i;

	fake->queues[2].page0[VCMDQ_GERROR / sizeof(u32)] = 5;
	fake->queues[2].page0[VCMDQ_GERRORN / sizeof(u32)] = 4;
	fake->queues[3].page0[VCMDQ_GERROR / sizeof(u32)] = 1;
	fake->queues[3].page0[VCMDQ_GERRORN / sizeof(u32)] = 1;
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	KUNIT_EXPECT_EQ(test, 5, queue_reg(2, VCMDQ_GERRORN));
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	for (i = 0; i < fake->num_writes; i++)
		KUNIT_EXPECT_NE(test, LOGICAL(1, 0, 0x14), fake->log[i].offset);
}

static void queue_does_not_stop(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);

	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_set_base(vintf, 0, TEST_PA, TEST_BYTES));
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, 0));
	fake->queues[2].stuck = FAKE_STUCK_OFF;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_TRUE(test, vintf->retired);
	/* It is unmapped, but its registers are those of a queue that runs */
	KUNIT_EXPECT_EQ(test, MAPPED(0) & ~1, *fake_alloc_map(2));
	KUNIT_EXPECT_EQ(test, TEST_BASE, queue_base(2));
}

/* The memory of a queue that is well is not lost with that of its neighbour */
static void neighbour_stops(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int l;

	for (l = 0; l < TEST_LVCMDQS; l++) {
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, l));
	}
	fake->queues[3].stuck = FAKE_STUCK_OFF;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_TRUE(test, vintf->retired);
	fake->queues[2].late = 3;
	KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_EQ(test, 0, fake->queues[2].late);
}

/* The time for hardware that has stopped working is taken once, and not at every step */
static void retired_in_no_time(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int l;

	for (l = 0; l < TEST_LVCMDQS; l++) {
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, l));
		fake->queues[2 + l].stuck = FAKE_STUCK_OFF;
	}
	fake->vintf_stuck[1] = FAKE_STUCK_OFF;
	memset(fake->waits, 0, sizeof(fake->waits));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_vintf_disable(vintf));
	/* One queue, from the side of the guest and from the other */
	KUNIT_EXPECT_EQ(test, 2, fake->waits[0]);
	KUNIT_EXPECT_EQ(test, 3, fake->waits[1]);
}

/* A queue whose late timeouts cannot be collected is given to nobody, for now */
static void flush_fails(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);

	fake->flush_result = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_lvcmdq_map(vintf));
	KUNIT_EXPECT_EQ(test, 0, vintf->num_mapped);
	KUNIT_EXPECT_EQ(test, MAPPED(0) & ~1, *fake_alloc_map(2));
	KUNIT_EXPECT_FALSE(test, vintf->retired);
	fake->flush_result = 0;
	KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	/* Nor is a queue that was stopped a running one because of that */
	fake->flush_result = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_FALSE(test, vintf->retired);
}

/* What a guest does while its queue is taken away */

static void guest_enable(unsigned int en)
{
	fake_write_queue(&fake->queues[2], 0, VCMDQ_CONFIG, en);
}

static void enable_before_unmap(u32 offset, u64 value)
{
	if (offset == MAP(0) && !(value & 1))
		guest_enable(1);
}

static void enable_before_base(u32 offset, u64 value)
{
	if (offset == LOGICAL(0, 1, 0))
		guest_enable(1);
}

static void disable_after_base(u32 offset, u64 value)
{
	if (offset == LOGICAL(0, 1, 0))
		guest_enable(0);
}

static void unmap_against_guest(struct kunit *test,
				void (*before_write)(u32 offset, u64 value),
				void (*after_write)(u32 offset, u64 value))
{
	struct tegra241_vintf *vintf = running_vintf(test);

	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_set_base(vintf, 0, TEST_PA, TEST_BYTES));
	fake->before_write = before_write;
	fake->after_write = after_write;
	KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_EQ(test, 0, queue_reg(2, VCMDQ_STATUS));
	KUNIT_EXPECT_EQ(test, 0, queue_base(2));
	KUNIT_EXPECT_FALSE(test, vintf->retired);
}

static void guest_enables_in_unmap(struct kunit *test)
{
	unmap_against_guest(test, enable_before_unmap, NULL);
}

/* BASE cannot be cleared while the queue is on, and afterwards it looks off */
static void guest_keeps_base(struct kunit *test)
{
	unmap_against_guest(test, enable_before_base, disable_after_base);
}

/* vIOMMUs: the VINTF, its HW queues and its vDEVICEs */

static struct tegra241_vsmmu *new_vsmmu(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu =
		kunit_kzalloc(test, sizeof(*vsmmu), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vsmmu);
	mutex_init(&vsmmu->lock);
	return vsmmu;
}

static struct tegra241_vsmmu *running_vsmmu(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = new_vsmmu(test);

	KUNIT_ASSERT_EQ(test, 0, get_vintf(&vsmmu->vintf, &fake->cmdqv, TEST_VMID));
	KUNIT_ASSERT_EQ(test, 1, vsmmu->vintf.idx);
	return vsmmu;
}

static struct iommufd_hw_queue *new_queue(struct kunit *test,
					  struct tegra241_vsmmu *vsmmu,
					  size_t length)
{
	struct tegra241_hw_queue *queue =
		kunit_kzalloc(test, sizeof(*queue), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, queue);
	queue->core.viommu = &vsmmu->vsmmu.core;
	queue->core.length = length;
	return &queue->core;
}

static int try_queue(struct kunit *test, struct tegra241_vsmmu *vsmmu, u32 index,
		     phys_addr_t pa, size_t length)
{
	return tegra241_hw_queue_init(new_queue(test, vsmmu, length), index, pa);
}

static void vintf_ids(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu[TEST_VINTFS];
	unsigned int i;

	for (i = 1; i < TEST_VINTFS; i++) {
		vsmmu[i] = new_vsmmu(test);
		KUNIT_ASSERT_EQ(test, 0, get_vintf(&vsmmu[i]->vintf,
						   &fake->cmdqv, i));
		KUNIT_EXPECT_EQ(test, i, vsmmu[i]->vintf.idx);
		KUNIT_EXPECT_PTR_EQ(test, &vsmmu[i]->vintf, fake->cmdqv.vintfs[i]);
		KUNIT_EXPECT_EQ(test, i << 1 | 1, vintf_reg(i, 0));
	}
	vsmmu[0] = new_vsmmu(test);
	KUNIT_EXPECT_EQ(test, -ENOSPC, get_vintf(&vsmmu[0]->vintf, &fake->cmdqv, 9));

	put_vintf(&vsmmu[2]->vintf);
	KUNIT_EXPECT_NULL(test, fake->cmdqv.vintfs[2]);
	memset(&vsmmu[2]->vintf, 0, sizeof(vsmmu[2]->vintf));
	KUNIT_ASSERT_EQ(test, 0, get_vintf(&vsmmu[2]->vintf, &fake->cmdqv, 2));
	KUNIT_EXPECT_EQ(test, 2, vsmmu[2]->vintf.idx);

	/* What does not answer is not handed out again */
	fake->vintf_stuck[2] = FAKE_STUCK_OFF;
	put_vintf(&vsmmu[2]->vintf);
	KUNIT_EXPECT_NULL(test, fake->cmdqv.vintfs[2]);
	KUNIT_EXPECT_EQ(test, -ENOSPC, get_vintf(&vsmmu[0]->vintf, &fake->cmdqv, 9));
	for (i = 1; i < TEST_VINTFS; i += 2)
		put_vintf(&vsmmu[i]->vintf);

	/* Nor has CMDQ-V with one VINTF, which is the kernel's, any to give */
	fake->cmdqv.num_vintfs = 1;
	KUNIT_EXPECT_EQ(test, -ENOSPC, get_vintf(&vsmmu[0]->vintf, &fake->cmdqv, 9));
}

static bool number_is_free;

/* While the handler may be running, nobody can get the number, nor find the VINTF */
static void look_for_number(void)
{
	int id = ida_alloc_range(&fake->cmdqv.vintf_ids, 1, 1, GFP_KERNEL);

	number_is_free = id == 1;
	if (number_is_free)
		ida_free(&fake->cmdqv.vintf_ids, id);
	if (fake->cmdqv.vintfs[1])
		number_is_free = true;
}

static void vintf_number_reused(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);

	fake->in_handler = look_for_number;
	number_is_free = true;
	put_vintf(&vsmmu->vintf);
	KUNIT_EXPECT_FALSE(test, number_is_free);

	/* The same when it could not be made */
	fake->vintf_stuck[1] = FAKE_STUCK_ON;
	number_is_free = true;
	memset(&vsmmu->vintf, 0, sizeof(vsmmu->vintf));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, get_vintf(&vsmmu->vintf, &fake->cmdqv, 1));
	KUNIT_EXPECT_FALSE(test, number_is_free);
}

/*
 * Documentation/userspace-api/viommu/checks.rst, section 4.4, row 15: which of
 * two wrong things wins
 */
static void queue_errors(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);
	const size_t most = 16 << 10;
	struct iommufd_hw_queue *first = new_queue(test, vsmmu, TEST_BYTES);

#define TRY(index, pa, length) try_queue(test, vsmmu, index, pa, length)
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(2, TEST_PA, TEST_BYTES));
	KUNIT_EXPECT_EQ(test, -EIO, TRY(1, 3, 5));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, TEST_PA, 48));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, TEST_PA, 16));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, TEST_PA, 2 * most));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, TEST_PA + 32, 64));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, TEST_PA + 16, 32));
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(0, BIT_ULL(48), TEST_BYTES));
	KUNIT_EXPECT_EQ(test, 0, vsmmu->vintf.num_mapped);

	KUNIT_ASSERT_EQ(test, 0, tegra241_hw_queue_init(first, 0, TEST_PA));
	KUNIT_EXPECT_EQ(test, TEST_BASE, queue_base(2));
	KUNIT_EXPECT_EQ(test, 0, queue_reg(2, VCMDQ_CONFIG));
	KUNIT_EXPECT_EQ(test, -EEXIST, TRY(0, 3, 5));
	/* Its command has not finished: it is not allocated, whatever the size */
	fake->depend_result = -ENOENT;
	KUNIT_EXPECT_EQ(test, -EIO, TRY(1, TEST_PA, TEST_BYTES));
	KUNIT_EXPECT_EQ(test, -EIO, TRY(1, 3, 5));
	fake->depend_result = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, TRY(1, 3, 5));
	KUNIT_EXPECT_EQ(test, 1, vsmmu->vintf.num_mapped);
	first->destroy(first);
	KUNIT_EXPECT_FALSE(test, first->memory_lost);
	KUNIT_EXPECT_EQ(test, 0, queue_base(2));
#undef TRY
	put_vintf(&vsmmu->vintf);
}

/* A guest that switches its queue on while it gets memory does not get it */
static void queue_against_guest(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);
	struct iommufd_hw_queue *queue = new_queue(test, vsmmu, TEST_BYTES);

	fake->before_write = enable_before_base;
	KUNIT_EXPECT_EQ(test, -EBUSY, tegra241_hw_queue_init(queue, 0, TEST_PA));
	KUNIT_EXPECT_FALSE(test, queue->memory_lost);
	KUNIT_EXPECT_EQ(test, 0, vsmmu->vintf.num_mapped);
	KUNIT_EXPECT_EQ(test, 0, queue_base(2));
	KUNIT_EXPECT_EQ(test, 0, queue_reg(2, VCMDQ_STATUS));
	KUNIT_EXPECT_FALSE(test, vsmmu->vintf.retired);

	fake->before_write = NULL;
	KUNIT_EXPECT_EQ(test, 0, tegra241_hw_queue_init(queue, 0, TEST_PA));
	queue->destroy(queue);
	put_vintf(&vsmmu->vintf);
}

static void queue_memory_lost(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);
	struct iommufd_hw_queue *queue = new_queue(test, vsmmu, TEST_BYTES);

	KUNIT_ASSERT_EQ(test, 0, tegra241_hw_queue_init(queue, 0, TEST_PA));
	guest_enable(1);
	fake->queues[2].stuck = FAKE_STUCK_OFF;
	queue->destroy(queue);
	KUNIT_EXPECT_TRUE(test, queue->memory_lost);
	KUNIT_EXPECT_TRUE(test, vsmmu->vintf.retired);
	KUNIT_EXPECT_EQ(test, -ENODEV, try_queue(test, vsmmu, 0, TEST_PA, TEST_BYTES));
	put_vintf(&vsmmu->vintf);
	vsmmu = new_vsmmu(test);
	KUNIT_ASSERT_EQ(test, 0, get_vintf(&vsmmu->vintf, &fake->cmdqv, 2));
	KUNIT_EXPECT_EQ(test, 2, vsmmu->vintf.idx);
	put_vintf(&vsmmu->vintf);
}

/* After the machine was shut down under a guest, no register is touched */
static void not_running(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);
	struct iommufd_hw_queue *queue = new_queue(test, vsmmu, TEST_BYTES);
	unsigned int writes;

	KUNIT_ASSERT_EQ(test, 0, tegra241_hw_queue_init(queue, 0, TEST_PA));
	fake->cmdqv.running = false;
	writes = fake->num_writes;
	KUNIT_EXPECT_EQ(test, -ENODEV, try_queue(test, vsmmu, 1, TEST_PA, TEST_BYTES));
	queue->destroy(queue);
	KUNIT_EXPECT_FALSE(test, queue->memory_lost);
	put_vintf(&vsmmu->vintf);
	KUNIT_EXPECT_EQ(test, writes, fake->num_writes);
}

/* A device with one StreamID behind the SMMU */
struct test_vdevice {
	struct tegra241_vdevice vdev;
	struct device dev;
	struct dev_iommu iommu;
	struct arm_smmu_master master;
	struct arm_smmu_stream stream;
};

static struct test_vdevice *new_vdevice(struct kunit *test,
					struct tegra241_vsmmu *vsmmu, u64 vsid,
					u32 sid)
{
	struct test_vdevice *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->vdev.core.viommu = &vsmmu->vsmmu.core;
	t->vdev.core.dev = &t->dev;
	t->vdev.core.virt_id = vsid;
	t->dev.iommu = &t->iommu;
	t->iommu.priv = &t->master;
	t->master.streams = &t->stream;
	t->master.num_streams = 1;
	t->stream.id = sid;
	return t;
}

static void sid_slots(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);
	struct test_vdevice *t[CMDQV_MAX_SIDS], *late;
	unsigned int i;

	for (i = 0; i < CMDQV_MAX_SIDS; i++) {
		t[i] = new_vdevice(test, vsmmu, 0x100 + i, i);
		KUNIT_ASSERT_EQ(test, 0, tegra241_vdevice_init(&t[i]->vdev.core));
		KUNIT_EXPECT_EQ(test, (0x100 + i) << 1 | 1, vintf_reg(1, 0x40 + 4 * i));
		KUNIT_EXPECT_EQ(test, i, vintf_reg(1, 0x80 + 4 * i));
	}
	late = new_vdevice(test, vsmmu, 0xfffff, 0x777);
	KUNIT_EXPECT_EQ(test, -ENOSPC, tegra241_vdevice_init(&late->vdev.core));

	/* A slot that has become free is found, wherever it is */
	t[7]->vdev.core.destroy(&t[7]->vdev.core);
	KUNIT_EXPECT_EQ(test, 0, vintf_reg(1, 0x40 + 4 * 7));
	KUNIT_EXPECT_EQ(test, 0, vintf_reg(1, 0x80 + 4 * 7));
	KUNIT_ASSERT_EQ(test, 0, tegra241_vdevice_init(&late->vdev.core));
	KUNIT_EXPECT_EQ(test, 0x1fffff, vintf_reg(1, 0x40 + 4 * 7));
	KUNIT_EXPECT_EQ(test, 0x777, vintf_reg(1, 0x80 + 4 * 7));
	put_vintf(&vsmmu->vintf);
}

static void sid_errors(struct kunit *test)
{
	struct tegra241_vsmmu *vsmmu = running_vsmmu(test);
	struct test_vdevice *t = new_vdevice(test, vsmmu, 0x100000, 1);

	/* The first of two wrong things wins */
	t->master.num_streams = 2;
	KUNIT_EXPECT_EQ(test, -EINVAL, tegra241_vdevice_init(&t->vdev.core));
	t->vdev.core.virt_id = 0;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, tegra241_vdevice_init(&t->vdev.core));
	t->master.num_streams = 1;
	fake->cmdqv.running = false;
	KUNIT_EXPECT_EQ(test, -ENODEV, tegra241_vdevice_init(&t->vdev.core));
	fake->cmdqv.running = true;
	KUNIT_EXPECT_EQ(test, 0, vintf_reg(1, 0x40));
	KUNIT_EXPECT_EQ(test, 0, vsmmu->sid_slots[0]);
	fake->cmdqv.num_sids = 1;
	KUNIT_EXPECT_EQ(test, 0, tegra241_vdevice_init(&t->vdev.core));
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			tegra241_vdevice_init(&new_vdevice(test, vsmmu, 1, 2)->vdev.core));
	put_vintf(&vsmmu->vintf);
}

#include "tegra241-cmdqv-test-errors.h"

static struct kunit_case tegra241_cmdqv_test_cases[] = {
	KUNIT_CASE(disable_unmaps),
	KUNIT_CASE(encoders),
	KUNIT_CASE(errors_again),
	KUNIT_CASE(errors_lost),
	KUNIT_CASE(errors_of_guests),
	KUNIT_CASE(errors_of_high_vintf),
	KUNIT_CASE(errors_in_storm),
	KUNIT_CASE(errors_of_kernel),
	KUNIT_CASE(flush_fails),
	KUNIT_CASE(guest_enables_in_unmap),
	KUNIT_CASE(guest_keeps_base),
	KUNIT_CASE(left_over_error),
	KUNIT_CASE(map_order),
	KUNIT_CASE(neighbour_stops),
	KUNIT_CASE(not_running),
	KUNIT_CASE(offsets),
	KUNIT_CASE(queue_against_guest),
	KUNIT_CASE(queue_does_not_stop),
	KUNIT_CASE(queue_errors),
	KUNIT_CASE(queue_memory_lost),
	KUNIT_CASE(retired_in_no_time),
	KUNIT_CASE(sid_errors),
	KUNIT_CASE(sid_slots),
	KUNIT_CASE(start),
	KUNIT_CASE(start_unanswered),
	KUNIT_CASE(vintf_hyp_own),
	KUNIT_CASE(vintf_ids),
	KUNIT_CASE(vintf_life),
	KUNIT_CASE(vintf_number_reused),
	KUNIT_CASE(vintf_unanswered),
	{},
};

static struct kunit_suite tegra241_cmdqv_test_suite = {
	.name = "tegra241-cmdqv",
	.init = cmdqv_test_init,
	.exit = cmdqv_test_exit,
	.test_cases = tegra241_cmdqv_test_cases,
};

kunit_test_suites(&tegra241_cmdqv_test_suite);
