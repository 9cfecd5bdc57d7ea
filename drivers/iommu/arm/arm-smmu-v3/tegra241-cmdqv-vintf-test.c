// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of tegra241-cmdqv-vintf.c: what it writes and in which order, what it does
 * when the hardware does not answer, and what a guest can do in the middle of it, which
 * no emulator lets happen on demand.
 *
 * Numbers in the expectations are written from the description of the hardware, not
 * with the driver's macros.
 */
#include <kunit/test.h>

#include "tegra241-cmdqv-fake.h"

/* The next entry of the log is this */
static void expect_write(struct kunit *test, unsigned int *i, u32 offset,
			 u64 value)
{
	KUNIT_ASSERT_LT(test, *i, cmdqv_fake->num_writes);
	KUNIT_EXPECT_EQ_MSG(test, offset, cmdqv_fake->log[*i].offset, "write %u", *i);
	KUNIT_EXPECT_EQ_MSG(test, value, cmdqv_fake->log[*i].value, "write %u", *i);
	++*i;
}

static void regs_encoders(struct kunit *test)
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

static void regs_offsets(struct kunit *test)
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

static void cmdqv_start(struct kunit *test)
{
	const u32 other = 0xff0fe;
	unsigned int i = 0, v;

	/* As a previous kernel may have left it */
	cmdqv_fake->config[0] = other | 1;
	for (v = 0; v < 2 * CMDQV_FAKE_VINTFS; v++)
		*cmdqv_fake_alloc_map(v) = v / 2 << 15 | v % 2 << 1 | 1;

	KUNIT_ASSERT_EQ(test, 0, tegra241_cmdqv_hw_start(&cmdqv_fake->cmdqv));
	expect_write(test, &i, 0, other);
	expect_write(test, &i, 0, other | 1);
	for (v = 0; v < CMDQV_FAKE_VINTFS; v++) {
		expect_write(test, &i, 0x200 + 8 * v + 4, v << 15 | 1 << 1);
		expect_write(test, &i, 0x200 + 8 * v, v << 15);
	}
	KUNIT_EXPECT_EQ(test, i, cmdqv_fake->num_writes);
	KUNIT_EXPECT_EQ(test, 0, tegra241_cmdqv_hw_stop(&cmdqv_fake->cmdqv));
	expect_write(test, &i, 0, other);
}

static void cmdqv_start_unanswered(struct kunit *test)
{
	unsigned int i = 0;

	cmdqv_fake->stuck = CMDQV_FAKE_STUCK_ON;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_cmdqv_hw_start(&cmdqv_fake->cmdqv));
	expect_write(test, &i, 0, 0);
	expect_write(test, &i, 0, 1);
	KUNIT_EXPECT_EQ(test, i, cmdqv_fake->num_writes);

	cmdqv_fake->stuck = CMDQV_FAKE_STUCK_OFF;
	cmdqv_fake->config[CMDQV_STATUS / sizeof(u32)] = 1;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_cmdqv_hw_start(&cmdqv_fake->cmdqv));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_cmdqv_hw_stop(&cmdqv_fake->cmdqv));
}

/* VINTFs */

static struct tegra241_vintf *new_vintf(struct kunit *test, u16 idx)
{
	struct tegra241_vintf *vintf =
		kunit_kzalloc(test, sizeof(*vintf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vintf);
	tegra241_vintf_init(vintf, &cmdqv_fake->cmdqv, idx, idx ? CMDQV_TEST_VMID : 0);
	return vintf;
}

static void vintf_life(struct kunit *test)
{
	const u32 config = 0x1000 + 3 * 0x100, on = CMDQV_TEST_VMID << 1 | 1;
	struct tegra241_vintf *vintf = new_vintf(test, 3);
	unsigned int i = 0, s;

	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(vintf, false));
	/* Off and clean first; owner and VMID stand before EN */
	expect_write(test, &i, config, 0);
	for (s = 0; s < 16; s++) {
		expect_write(test, &i, config + 0x40 + 4 * s, 0);
		expect_write(test, &i, config + 0x80 + 4 * s, 0);
	}
	expect_write(test, &i, config, CMDQV_TEST_VMID << 1);
	expect_write(test, &i, config, on);
	KUNIT_EXPECT_EQ(test, i, cmdqv_fake->num_writes);

	/* The replacement stands before the match, and goes after it */
	tegra241_vintf_set_sid(vintf, 5, 0x12345, 0x678);
	expect_write(test, &i, config + 0x94, 0x678);
	expect_write(test, &i, config + 0x54, 0x12345 << 1 | 1);
	tegra241_vintf_clear_sid(vintf, 5);
	expect_write(test, &i, config + 0x54, 0);
	expect_write(test, &i, config + 0x94, 0);

	/* A StreamID slot that is left behind is cleared with the VINTF */
	tegra241_vintf_set_sid(vintf, 15, 1, 2);
	KUNIT_EXPECT_EQ(test, 0, tegra241_vintf_disable(vintf));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_vintf_reg(3, 0x7c));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_vintf_reg(3, 0xbc));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_vintf_reg(3, 0));
	KUNIT_EXPECT_FALSE(test, vintf->retired);
}

static void vintf_hyp_own(struct kunit *test)
{
	struct tegra241_vintf *vintf = new_vintf(test, 0);

	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(vintf, true));
	KUNIT_EXPECT_EQ(test, BIT(17) | 1, cmdqv_fake_vintf_reg(0, 0));
	KUNIT_EXPECT_TRUE(test, vintf->hyp_own);
	/* In a guest the bit does not stick, and that is what counts */
	cmdqv_fake->in_guest = true;
	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(vintf, true));
	KUNIT_EXPECT_FALSE(test, vintf->hyp_own);
}

static void vintf_unanswered(struct kunit *test)
{
	struct tegra241_vintf *on = new_vintf(test, 1), *off = new_vintf(test, 2);

	cmdqv_fake->vintf_stuck[1] = CMDQV_FAKE_STUCK_ON;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_vintf_enable(on, false));
	KUNIT_EXPECT_TRUE(test, on->retired);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_vintf_reg(1, 0) & 1);

	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(off, false));
	tegra241_vintf_set_sid(off, 0, 1, 2);
	cmdqv_fake->vintf_stuck[2] = CMDQV_FAKE_STUCK_OFF;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_vintf_disable(off));
	KUNIT_EXPECT_TRUE(test, off->retired);
	/* The StreamID slot is cleared nevertheless */
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_vintf_reg(2, 0x40));
}

/* Queues of VINTF 1: 2 and 3, seen at 0x50000 and 0x60000 */

static struct tegra241_vintf *running_vintf(struct kunit *test)
{
	struct tegra241_vintf *vintf = new_vintf(test, 1);

	KUNIT_ASSERT_EQ(test, 0, tegra241_vintf_enable(vintf, false));
	cmdqv_fake->num_writes = 0;
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
	expect_write(test, i, CMDQV_FAKE_FLUSH, FLUSH_CMD);
	expect_write(test, i, page0 + 0x04, 0);
	expect_write(test, i, page0 + 0x00, 0);
	expect_write(test, i, page1 + 0x00, 0);
	expect_write(test, i, page1 + 0x08, 0);
}

static void queue_map_order(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int i = 0, l;

	for (l = 0; l < CMDQV_FAKE_LVCMDQS; l++) {
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
		expect_write(test, &i, MAP(l), MAPPED(l));
		expect_reset(test, &i, LOGICAL(l, 0, 0), LOGICAL(l, 1, 0));
		KUNIT_ASSERT_EQ(test, 0,
				tegra241_lvcmdq_set_base(vintf, l, CMDQV_TEST_PA,
							 CMDQV_TEST_BYTES));
		expect_write(test, &i, LOGICAL(l, 1, 0), CMDQV_TEST_BASE);
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, l));
		expect_write(test, &i, LOGICAL(l, 0, 8), 1);
	}
	KUNIT_EXPECT_EQ(test, CMDQV_FAKE_LVCMDQS, vintf->num_mapped);

	/* Descending on the way down; a timeout of a late ATC_INV is collected */
	for (l = CMDQV_FAKE_LVCMDQS; l-- > 0;) {
		KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_unmap(vintf));
		expect_reset(test, &i, LOGICAL(l, 0, 0), LOGICAL(l, 1, 0));
		expect_write(test, &i, MAP(l), MAPPED(l) & ~1);
		expect_write(test, &i, CMDQV_FAKE_FLUSH, FLUSH_CMD);
	}
	KUNIT_EXPECT_EQ(test, i, cmdqv_fake->num_writes);
	KUNIT_EXPECT_EQ(test, 0, vintf->num_mapped);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->unmapped);
}

/* Turning a VINTF off unmaps what is left of it, in order, before its EN goes */
static void vintf_disable_unmaps(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int i, l, maps = 0;

	for (l = 0; l < CMDQV_FAKE_LVCMDQS; l++)
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	cmdqv_fake->num_writes = 0;
	KUNIT_EXPECT_EQ(test, 0, tegra241_vintf_disable(vintf));
	for (i = 0; i < cmdqv_fake->num_writes; i++) {
		if (cmdqv_fake->log[i].offset == 0x1100)
			KUNIT_EXPECT_EQ(test, CMDQV_FAKE_LVCMDQS, maps);
		if (cmdqv_fake->log[i].offset == MAP(CMDQV_FAKE_LVCMDQS - 1 - maps))
			maps++;
	}
	KUNIT_EXPECT_EQ(test, CMDQV_FAKE_LVCMDQS, maps);
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->unmapped);
}

/* An error that the previous owner has not acknowledged, and one that he has */
static void queue_left_over_error(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int i;

	cmdqv_fake->queues[2].page0[VCMDQ_GERROR / sizeof(u32)] = 5;
	cmdqv_fake->queues[2].page0[VCMDQ_GERRORN / sizeof(u32)] = 4;
	cmdqv_fake->queues[3].page0[VCMDQ_GERROR / sizeof(u32)] = 1;
	cmdqv_fake->queues[3].page0[VCMDQ_GERRORN / sizeof(u32)] = 1;
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	KUNIT_EXPECT_EQ(test, 5, cmdqv_fake_queue_reg(2, VCMDQ_GERRORN));
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	for (i = 0; i < cmdqv_fake->num_writes; i++)
		KUNIT_EXPECT_NE(test, LOGICAL(1, 0, 0x14), cmdqv_fake->log[i].offset);
}

static void queue_does_not_stop(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);

	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	KUNIT_ASSERT_EQ(test, 0,
			tegra241_lvcmdq_set_base(vintf, 0, CMDQV_TEST_PA, CMDQV_TEST_BYTES));
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, 0));
	cmdqv_fake->queues[2].stuck = CMDQV_FAKE_STUCK_OFF;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_TRUE(test, vintf->retired);
	/* It is unmapped, but its registers are those of a queue that runs */
	KUNIT_EXPECT_EQ(test, MAPPED(0) & ~1, *cmdqv_fake_alloc_map(2));
	KUNIT_EXPECT_EQ(test, CMDQV_TEST_BASE, cmdqv_fake_queue_base(2));
}

/* The memory of a queue that is well is not lost with that of its neighbour */
static void queue_neighbour_stops(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int l;

	for (l = 0; l < CMDQV_FAKE_LVCMDQS; l++) {
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, l));
	}
	cmdqv_fake->queues[3].stuck = CMDQV_FAKE_STUCK_OFF;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_TRUE(test, vintf->retired);
	cmdqv_fake->queues[2].late = 3;
	KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake->queues[2].late);
}

/* The time for hardware that has stopped working is taken once, and not at every step */
static void vintf_retired_waits_once(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);
	unsigned int l;

	for (l = 0; l < CMDQV_FAKE_LVCMDQS; l++) {
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
		KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, l));
		cmdqv_fake->queues[2 + l].stuck = CMDQV_FAKE_STUCK_OFF;
	}
	cmdqv_fake->vintf_stuck[1] = CMDQV_FAKE_STUCK_OFF;
	memset(cmdqv_fake->waits, 0, sizeof(cmdqv_fake->waits));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_vintf_disable(vintf));
	/* One queue, from the side of the guest and from the other */
	KUNIT_EXPECT_EQ(test, 2, cmdqv_fake->waits[0]);
	KUNIT_EXPECT_EQ(test, 3, cmdqv_fake->waits[1]);
}

/* A guest that acts while its queue is taken away */

static void enable_before_unmap(u32 offset, u64 value)
{
	if (offset == MAP(0) && !(value & 1))
		cmdqv_fake_guest_enable(2, 1);
}

static void enable_before_base(u32 offset, u64 value)
{
	if (offset == LOGICAL(0, 1, 0))
		cmdqv_fake_guest_enable(2, 1);
}

static void disable_after_base(u32 offset, u64 value)
{
	if (offset == LOGICAL(0, 1, 0))
		cmdqv_fake_guest_enable(2, 0);
}

static void unmap_against_guest(struct kunit *test,
				void (*before_write)(u32 offset, u64 value),
				void (*after_write)(u32 offset, u64 value))
{
	struct tegra241_vintf *vintf = running_vintf(test);

	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	KUNIT_ASSERT_EQ(test, 0,
			tegra241_lvcmdq_set_base(vintf, 0, CMDQV_TEST_PA, CMDQV_TEST_BYTES));
	cmdqv_fake->before_write = before_write;
	cmdqv_fake->after_write = after_write;
	KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_reg(2, VCMDQ_STATUS));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_base(2));
	KUNIT_EXPECT_FALSE(test, vintf->retired);
}

/* A queue whose late timeouts cannot be collected is not given out until a flush succeeds */
static void queue_flush_fails(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);

	cmdqv_fake->flush_result = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, -EAGAIN, tegra241_lvcmdq_map(vintf));
	KUNIT_EXPECT_EQ(test, 0, vintf->num_mapped);
	KUNIT_EXPECT_EQ(test, MAPPED(0) & ~1, *cmdqv_fake_alloc_map(2));
	KUNIT_EXPECT_FALSE(test, vintf->retired);
	cmdqv_fake->flush_result = 0;
	KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	/* Nor is a queue that was stopped a running one because of that */
	cmdqv_fake->flush_result = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_FALSE(test, vintf->retired);

	/* One that does not stop after that ends the VINTF, and is not made again */
	cmdqv_fake->before_write = enable_before_unmap;
	cmdqv_fake->queues[2].stuck = CMDQV_FAKE_STUCK_OFF;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_lvcmdq_map(vintf));
	KUNIT_EXPECT_TRUE(test, vintf->retired);
}

static void queue_enabled_in_unmap(struct kunit *test)
{
	unmap_against_guest(test, enable_before_unmap, NULL);
}

/* BASE cannot be cleared while the queue is on, and afterwards it looks off */
static void queue_base_kept_in_unmap(struct kunit *test)
{
	unmap_against_guest(test, enable_before_base, disable_after_base);
}

/* Hardware without a physical view of queues that are not allocated */
static void queue_without_physical_view(struct kunit *test)
{
	struct tegra241_vintf *vintf = running_vintf(test);

	cmdqv_fake->no_phys = true;
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	KUNIT_ASSERT_EQ(test, 0,
			tegra241_lvcmdq_set_base(vintf, 0, CMDQV_TEST_PA, CMDQV_TEST_BYTES));
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, 0));
	KUNIT_EXPECT_EQ(test, 0, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_reg(2, VCMDQ_STATUS));
	KUNIT_EXPECT_EQ(test, 0, cmdqv_fake_queue_base(2));
	KUNIT_EXPECT_FALSE(test, vintf->retired);

	/* One that does not stop is still noticed */
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_map(vintf));
	KUNIT_ASSERT_EQ(test, 0, tegra241_lvcmdq_enable(vintf, 0));
	cmdqv_fake->queues[2].stuck = CMDQV_FAKE_STUCK_OFF;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, tegra241_lvcmdq_unmap(vintf));
	KUNIT_EXPECT_TRUE(test, vintf->retired);
}

static struct kunit_case tegra241_cmdqv_vintf_test_cases[] = {
	KUNIT_CASE(cmdqv_start),
	KUNIT_CASE(cmdqv_start_unanswered),
	KUNIT_CASE(queue_base_kept_in_unmap),
	KUNIT_CASE(queue_does_not_stop),
	KUNIT_CASE(queue_enabled_in_unmap),
	KUNIT_CASE(queue_flush_fails),
	KUNIT_CASE(queue_left_over_error),
	KUNIT_CASE(queue_map_order),
	KUNIT_CASE(queue_neighbour_stops),
	KUNIT_CASE(queue_without_physical_view),
	KUNIT_CASE(regs_encoders),
	KUNIT_CASE(regs_offsets),
	KUNIT_CASE(vintf_disable_unmaps),
	KUNIT_CASE(vintf_hyp_own),
	KUNIT_CASE(vintf_life),
	KUNIT_CASE(vintf_retired_waits_once),
	KUNIT_CASE(vintf_unanswered),
	{},
};

static struct kunit_suite tegra241_cmdqv_vintf_test_suite = {
	.name = "tegra241-cmdqv-vintf",
	.init = cmdqv_fake_init_running,
	.exit = cmdqv_fake_exit,
	.test_cases = tegra241_cmdqv_vintf_test_cases,
};

kunit_test_suites(&tegra241_cmdqv_vintf_test_suite);
