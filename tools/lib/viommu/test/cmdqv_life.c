// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Every way in which a queue comes and goes, with a kernel that does what it is
 * asked for.
 */
#include <errno.h>

#include "fake.h"

#define BASE0 0x40000008ull
#define BASE1 0x40010008ull
#define ZERO0 "n0=0 c0=0 p0=0 e0=0"
#define ZERO1 "n1=0 c1=0 p1=0 e1=0"

/* The four conditions of a queue */
static void set_condition(struct fake *f, unsigned int which, uint32_t index)
{
	switch (which) {
	case 0:
		fake_write(f, A_CONFIG, 1);
		break;
	case 1:
		fake_write(f, A_VINTF_CONFIG, 1);
		break;
	case 2:
		fake_write(f, A_ALLOC(index), 1 | index << 1);
		break;
	default:
		fake_write64(f, A_BASE(index), index ? BASE1 : BASE0);
		break;
	}
}

static void clear_condition(struct fake *f, unsigned int which, uint32_t index)
{
	switch (which) {
	case 0:
		fake_write(f, A_CONFIG, 0);
		break;
	case 1:
		fake_write(f, A_VINTF_CONFIG, 0);
		break;
	case 2:
		fake_write(f, A_ALLOC(index), index << 1);
		break;
	default:
		fake_write64(f, A_BASE(index), 0);
		break;
	}
}

static void reset_values(void)
{
	struct fake f;

	fake_init(&f);
	EQUAL(fake_read(&f, A_CONFIG, 4), 0x20083);
	EQUAL(fake_read(&f, A_PARAM, 4), 0x4011);
	EQUAL(fake_read(&f, A_STATUS, 4), 1);
	EQUAL(fake_read(&f, A_VINTF_CONFIG, 4), 0);
	EQUAL(fake_read(&f, A_VINTF_STATUS, 4), 0);
	EQUAL(fake_read(&f, A_INT_MASK, 4), 0);
	for (uint32_t q = 0; q < VIOMMU_CMDQV_QUEUES; q++) {
		EQUAL(fake_read(&f, A_ALLOC(q), 4), 0);
		EQUAL(fake_read(&f, A_BASE(q), 8), 0);
		for (uint32_t r = 0; r < R_NUM; r++) {
			EQUAL(fake_read(&f, A_PHYS(q, r), 4), 0);
			EQUAL(fake_read(&f, A_LOGICAL(q, r), 4), 0);
		}
	}
	TEXT(fake_log(&f), "");
	fake_exit(&f);
}

/* All 24 orders of writing the four conditions; then each of them falls, and rises again */
static void any_order(void)
{
	unsigned int orders = 0;

	for (unsigned int n = 0; n < 256; n++) {
		unsigned int order[4] = { n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6 & 3 };
		unsigned int seen = 0;

		for (unsigned int i = 0; i < 4; i++)
			seen |= 1 << order[i];
		if (seen != 15)
			continue;
		orders++;
		for (unsigned int falls = 0; falls < 4; falls++) {
			struct fake f;

			fake_init(&f);
			fake_write(&f, A_CONFIG, 0);
			for (unsigned int i = 0; i < 3; i++) {
				set_condition(&f, order[i], 0);
				TEXT(fake_log(&f), "");
			}
			set_condition(&f, order[3], 0);
			TEXT(fake_log(&f), "alloc0 " ZERO0 " map");
			EQUAL(f.queues[0].addr, 0x40000000);
			EQUAL(f.queues[0].length, 4096);
			clear_condition(&f, falls, 0);
			TEXT(fake_log(&f), "unmap destroy0");
			set_condition(&f, falls, 0);
			TEXT(fake_log(&f), "alloc0 " ZERO0 " map");
			fake_exit(&f);
		}
	}
	EQUAL(orders, 24);
}

static void registers_written_early(void)
{
	struct fake f;

	fake_init(&f);
	fake_write(&f, A_PHYS(0, R_CONS), 5);
	fake_write(&f, A_PHYS(0, R_PROD), 6);
	fake_write(&f, A_PHYS(0, R_CONFIG), 1);
	EQUAL(fake_read(&f, A_PHYS(0, R_CONS), 4), 5);
	EQUAL(fake_read(&f, A_PHYS(0, R_PROD), 4), 6);
	EQUAL(fake_read(&f, A_PHYS(0, R_CONFIG), 4), 1);
	/* No queue, so it is not enabled */
	EQUAL(fake_read(&f, A_PHYS(0, R_STATUS), 4), 0);
	fake_write(&f, A_VINTF_CONFIG, 1);
	fake_write(&f, A_ALLOC(0), 1);
	/* Now the interface has it, too */
	EQUAL(fake_read(&f, A_LOGICAL(0, R_CONS), 4), 5);
	fake_write64(&f, A_PHYS_BASE(0), BASE0);
	TEXT(fake_log(&f), "alloc0 n0=0 c0=5 p0=6 e0=1 map");
	EQUAL(fake_read(&f, A_PHYS(0, R_STATUS), 4), 1);
	fake_exit(&f);
}

/* Page 0 of a live queue is the hardware's, in both windows; of the other one the cache's */
static void forwarding(void)
{
	struct fake f;

	fake_init_queues(&f, 1, 0);
	fake_write(&f, A_PHYS(0, R_PROD), 7);
	TEXT(fake_log(&f), "p0=7");
	EQUAL(fake_read(&f, A_LOGICAL(0, R_PROD), 4), 7);
	f.queues[0].regs[R_CONS] = 7;
	EQUAL(fake_read(&f, A_PHYS(0, R_CONS), 4), 7);
	fake_write(&f, A_PHYS(0, R_STATUS), 1);
	fake_write(&f, A_PHYS(0, R_GERROR), 1);
	TEXT(fake_log(&f), "");
	fake_write(&f, A_PHYS(1, R_PROD), 9);
	TEXT(fake_log(&f), "");
	EQUAL(fake_read(&f, A_PHYS(1, R_PROD), 4), 9);
	fake_exit(&f);
}

static void base_in_halves(void)
{
	struct fake f;

	fake_init(&f);
	fake_write(&f, A_VINTF_CONFIG, 1);
	fake_write(&f, A_ALLOC(0), 1);
	fake_write(&f, A_BASE(0), 0x2000000c);
	TEXT(fake_log(&f), "");
	EQUAL(fake_read(&f, A_BASE(0), 4), 0x2000000c);
	fake_write(&f, A_BASE(0) + 4, 0x12);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " map");
	EQUAL(f.queues[0].addr, 0x1220000000);
	EQUAL(f.queues[0].length, 16 << 12);
	EQUAL(fake_read(&f, A_PHYS_BASE(0), 8), 0x122000000cull);
	EQUAL(fake_read(&f, A_BASE(0) + 4, 4), 0x12);
	/* The other half first; the queue goes at once and comes with the second half */
	fake_write(&f, A_BASE(0) + 4, 0x13);
	TEXT(fake_log(&f), "unmap destroy0");
	fake_write(&f, A_BASE(0), 0x3000000c);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " map");
	EQUAL(f.queues[0].addr, 0x1330000000);
	/* Halves that change nothing */
	fake_write(&f, A_BASE(0), 0x3000000c);
	fake_write(&f, A_BASE(0) + 4, 0x13);
	TEXT(fake_log(&f), "");
	fake_exit(&f);
}

/* A guest below 4 GiB may write one half only: ALLOC or an enable tells that it is done */
static void one_half_and_enable(void)
{
	for (unsigned int how = 0; how < 4; how++) {
		struct fake f;

		fake_init(&f);
		fake_write(&f, A_VINTF_CONFIG, how != 1);
		fake_write(&f, A_ALLOC(0), how != 2);
		if (how == 0)
			fake_write(&f, A_CONFIG, 0);
		fake_write(&f, A_BASE(0), BASE0);
		TEXT(fake_log(&f), "");
		if (how < 3) {
			set_condition(&f, how, 0);
			TEXT(fake_log(&f), "alloc0 " ZERO0 " map");
		} else {
			fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
			TEXT(fake_log(&f), "alloc0 n0=0 c0=0 p0=0 e0=1 map");
		}
		EQUAL(f.queues[0].addr, 0x40000000);
		fake_exit(&f);
	}
}

static void index1_before_0(void)
{
	struct fake f;

	fake_init(&f);
	fake_write(&f, A_VINTF_CONFIG, 1);
	fake_write(&f, A_ALLOC(1), 3);
	fake_write64(&f, A_BASE(1), BASE1);
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	TEXT(fake_log(&f), "");
	EQUAL(fake_read(&f, A_LOGICAL(1, R_STATUS), 4), 0);
	fake_write(&f, A_ALLOC(0), 1);
	fake_write64(&f, A_BASE(0), BASE0);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1 n1=0 c1=0 p1=0 e1=1 map");
	EQUAL(fake_read(&f, A_PHYS(1, R_STATUS), 4), 1);
	fake_exit(&f);
}

static void two_queues(void)
{
	struct fake f;

	fake_init_queues(&f, 1, 0);
	fake_write(&f, A_ALLOC(1), 3);
	fake_write64(&f, A_BASE(1), BASE1);
	TEXT(fake_log(&f), "unmap alloc1 " ZERO1 " map");
	/* Queue 0 gets its mapping back, but the guest has none while queue 1 goes */
	fake_write(&f, A_ALLOC(1), 0);
	TEXT(fake_log(&f), "unmap destroy1 map");
	EQUAL(f.mapped, 1);
	fake_write(&f, A_ALLOC(1), 3);
	TEXT(fake_log(&f), "alloc1 " ZERO1);
	EQUAL(f.mapped, 1);
	fake_write(&f, A_VINTF_CONFIG, 0);
	TEXT(fake_log(&f), "unmap destroy1 destroy0");
	fake_write(&f, A_VINTF_CONFIG, 1);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1 " ZERO1 " map");
	fake_write(&f, A_CONFIG, 0);
	TEXT(fake_log(&f), "unmap destroy1 destroy0");
	fake_exit(&f);
}

/* Queue 1 is in the middle of its work; it must not notice more than a pause */
static void reprogram_0_under_1(void)
{
	struct fake f;
	uint32_t *regs;

	fake_init(&f);
	/* In the middle means that the hardware takes its time */
	f.budget = 0;
	fake_queues(&f, 2);
	regs = f.queues[1].regs;
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	fake_write(&f, A_LOGICAL(1, R_PROD), 0x21);
	regs[R_CONS] = 0x1f;
	fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
	fake_log(&f);

	fake_write64(&f, A_BASE(0), 0x50000008);
	TEXT(fake_log(&f), "unmap e1=0 e0=0 destroy1 destroy0 alloc0 " ZERO0
			   " alloc1 n1=0 c1=1f p1=21 e1=1 map");
	EQUAL(regs[R_STATUS], 1);

	/* The same in two steps, with the guest looking in between */
	fake_write64(&f, A_BASE(0), 0);
	TEXT(fake_log(&f), "unmap e1=0 destroy1 destroy0");
	EQUAL(fake_read(&f, A_LOGICAL(1, R_CONS), 4), 0x1f);
	EQUAL(fake_read(&f, A_LOGICAL(1, R_PROD), 4), 0x21);
	EQUAL(fake_read(&f, A_PHYS(1, R_CONFIG), 4), 1);
	EQUAL(fake_read(&f, A_PHYS(1, R_STATUS), 4), 1);
	fake_write(&f, A_LOGICAL(1, R_PROD), 0x22);
	fake_write64(&f, A_BASE(0), BASE0);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1 n1=0 c1=1f p1=22 e1=1 map");
	fake_exit(&f);
}

/* A waiting queue is off when its guest switches it off, or gives it up */
static void waiting_queue_goes(void)
{
	struct fake f;

	fake_init(&f);
	for (unsigned int how = 0; how < 3; how++) {
		fake_queues(&f, 2);
		fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
		fake_write64(&f, A_BASE(0), 0);
		EQUAL(fake_read(&f, A_LOGICAL(1, R_STATUS), 4), 1);
		if (how == 0)
			fake_write(&f, A_LOGICAL(1, R_CONFIG), 0);
		else if (how == 1)
			fake_write(&f, A_ALLOC(1), 2);
		else
			fake_write64(&f, A_BASE(1), 0x60000008);
		EQUAL(fake_read(&f, A_LOGICAL(1, R_STATUS), 4), 0);
		EQUAL(fake_read(&f, A_LOGICAL(1, R_CONFIG), 4), 0);
		fake_write(&f, A_ALLOC(1), 3);
		fake_log(&f);
		fake_write64(&f, A_BASE(0), BASE0);
		TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1 " ZERO1 " map");
		EQUAL(viommu_cmdqv_reset(f.cmdqv), 0);
		fake_log(&f);
	}
	fake_exit(&f);
}

/* Queue 0 goes for good, queue 1 stays programmed: it has nothing to stand on */
static void free_0_under_1(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 0);
	fake_write(&f, A_ALLOC(0), 0);
	TEXT(fake_log(&f), "unmap destroy1 destroy0");
	EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 1), 0);
	fake_write(&f, A_ALLOC(0), 1);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1 " ZERO1 " map");
	fake_exit(&f);
}

static void off_after_disable(void)
{
	struct fake f;

	fake_init(&f);
	for (unsigned int how = 0; how < 2; how++) {
		fake_queues(&f, 2);
		fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
		fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
		fake_log(&f);
		clear_condition(&f, how, 0);
		TEXT(fake_log(&f), "unmap e1=0 e0=0 destroy1 destroy0");
		EQUAL(fake_read(&f, A_VINTF_STATUS, 4), 0);
		EQUAL(fake_read(&f, A_LOGICAL(0, R_STATUS), 4), 0);
		set_condition(&f, how, 0);
		TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1 " ZERO1 " map");
		EQUAL(fake_read(&f, A_VINTF_STATUS, 4), 1);
		EQUAL(fake_read(&f, A_LOGICAL(1, R_STATUS), 4), 0);
	}
	fake_exit(&f);
}

/*
 * The accesses of a driver to a queue before it uses it and when it is done with it,
 * Documentation/arch/arm64/tegra241-cmdqv-hardware.rst, section 5
 */
static void section_5_reset(struct fake *f, uint32_t index)
{
	fake_write(f, A_LOGICAL(index, R_CONFIG), 0);
	EQUAL(fake_read(f, A_LOGICAL(index, R_STATUS), 4), 0);
	fake_write(f, A_LOGICAL(index, R_PROD), 0);
	fake_write(f, A_LOGICAL(index, R_CONS), 0);
	fake_write64(f, A_BASE(index), 0);
	fake_write64(f, A_CONS_INDX_BASE(index), 0);
	if (fake_read(f, A_LOGICAL(index, R_GERROR), 4) !=
	    fake_read(f, A_LOGICAL(index, R_GERRORN), 4))
		fake_write(f, A_LOGICAL(index, R_GERRORN),
			   fake_read(f, A_LOGICAL(index, R_GERROR), 4));
}

/* A driver has nothing but the interface's window: the error of queue 1 must be within its reach */
static void section_5_reset_of_1(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 2);
	fake_write(&f, A_LOGICAL(1, R_PROD), 5);
	f.queues[1].regs[R_GERROR] = 1;
	f.queues[1].regs[R_CONS] = 0x01000004;
	section_5_reset(&f, 1);
	/* While something of queue 1 is elsewhere than in page 0, page 0 is not with the guest */
	TEXT(fake_log(&f), "unmap destroy1");
	EQUAL(fake_read(&f, A_VINTF_ERR_MAP, 4), 0);
	EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 0), 1);
	fake_write64(&f, A_BASE(1), BASE1);
	TEXT(fake_log(&f), "alloc1 " ZERO1 " map");
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	EQUAL(f.queues[1].regs[R_STATUS], 1);
	EQUAL(f.queues[1].regs[R_GERROR], f.queues[1].regs[R_GERRORN]);
	/* Given up after the reset: queue 0 has the page to itself */
	section_5_reset(&f, 1);
	fake_log(&f);
	fake_write(&f, A_ALLOC(1), 2);
	TEXT(fake_log(&f), "map");
	fake_exit(&f);
}

/* Both queues in the order of a driver: allocation maps, interface, then one after the other */
static void order_of_a_driver(void)
{
	struct fake f;

	fake_init(&f);
	fake_write(&f, A_ALLOC(0), 1);
	fake_write(&f, A_ALLOC(1), 3);
	fake_write(&f, A_VINTF_CONFIG, 1);
	for (uint32_t i = 0; i < 2; i++) {
		section_5_reset(&f, i);
		fake_write64(&f, A_BASE(i), i ? BASE1 : BASE0);
		fake_write(&f, A_LOGICAL(i, R_CONFIG), 1);
		EQUAL(fake_read(&f, A_LOGICAL(i, R_STATUS), 4), 1);
	}
	TEXT(fake_log(&f), "alloc0 " ZERO0 " e0=1 alloc1 " ZERO1 " map");
	fake_exit(&f);
}

/*
 * Page 0 of a queue that is not allocated: nothing in the interface's window, whether that
 * is mapped into the guest or not; in the other window, which always traps, what was
 * written. It counts when the queue is allocated.
 */
static void not_allocated(void)
{
	for (unsigned int mapped = 0; mapped < 2; mapped++) {
		struct fake f;

		fake_init(&f);
		if (mapped)
			fake_queues(&f, 1);
		for (uint32_t r = 0; r < R_NUM; r++) {
			fake_write(&f, A_LOGICAL(1, r), 7);
			EQUAL(fake_read(&f, A_LOGICAL(1, r), 4), 0);
			EQUAL(fake_read(&f, A_PHYS(1, r), 4), 0);
		}
		fake_write(&f, A_PHYS(1, R_CONS), 3);
		fake_write(&f, A_PHYS(1, R_PROD), 5);
		fake_write(&f, A_PHYS(1, R_CONFIG), 1);
		fake_write64(&f, A_PHYS_BASE(1), BASE1);
		EQUAL(fake_read(&f, A_LOGICAL(1, R_PROD), 4), 0);
		EQUAL(fake_read(&f, A_PHYS(1, R_PROD), 4), 5);
		EQUAL(f.mapped, mapped);
		if (!mapped)
			fake_queues(&f, 1);
		TEXT(fake_log(&f), "");
		EQUAL(f.mapped, 1);
		EQUAL(fake_read(&f, A_PHYS(1, R_PROD), 4), 5);
		fake_write(&f, A_ALLOC(1), 3);
		TEXT(fake_log(&f), "alloc1 n1=0 c1=3 p1=5 e1=1");
		EQUAL(f.executed, 2);
		fake_exit(&f);
	}
}

/* The interface's maps have no error of a queue that it does not have */
static void error_of_one_given_up(void)
{
	struct fake f;

	fake_init_queues(&f, 1, 0);
	fake_write(&f, A_ALLOC(1), 3);
	f.alloc_err[1] = -EFAULT;
	fake_write64(&f, A_BASE(1), BASE1);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 2);
	fake_write(&f, A_ALLOC(1), 2);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
	EQUAL(fake_read(&f, A_VINTF_ERR_MAP, 4), 0);
	EQUAL(fake_read(&f, A_CMDQ_ERR_MAP, 4), 2);
	EQUAL(f.mapped, 1);
	/* The physical view can acknowledge it */
	fake_write(&f, A_PHYS(1, R_GERRORN), fake_read(&f, A_PHYS(1, R_GERROR), 4));
	EQUAL(fake_read(&f, A_CMDQ_ERR_MAP, 4), 0);
	fake_exit(&f);
}

static void reset(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 0);
	fake_write(&f, A_SID_MATCH(3), 0x1ffffff);
	fake_write(&f, A_INT_MASK, 1);
	EQUAL(viommu_cmdqv_reset(f.cmdqv), 0);
	TEXT(fake_log(&f), "unmap destroy1 destroy0");
	EQUAL(fake_read(&f, A_SID_MATCH(3), 4), 0);
	EQUAL(fake_read(&f, A_INT_MASK, 4), 0);
	EQUAL(fake_read(&f, A_ALLOC(1), 4), 0);
	EQUAL(fake_read(&f, A_CONFIG, 4), 0x20083);
	fake_queues(&f, 2);
	fake_exit(&f);
}

static void masks(void)
{
	struct fake f;

	fake_init(&f);
	fake_write(&f, A_CONFIG, 0xfffffffe);
	EQUAL(fake_read(&f, A_CONFIG, 4), 0x1ffffe);
	EQUAL(fake_read(&f, A_STATUS, 4), 0);
	fake_write(&f, A_VINTF_CONFIG, 0xffffffff);
	/* HYP_OWN reads 0 */
	EQUAL(fake_read(&f, A_VINTF_CONFIG, 4), 0x1ffff);
	EQUAL(fake_read(&f, A_VINTF_STATUS, 4), 0);
	fake_write(&f, A_SID_MATCH(15), 0xffffffff);
	EQUAL(fake_read(&f, A_SID_MATCH(15), 4), 0x1fffff);
	fake_write(&f, A_SID_REPLACE(0), 0xffffffff);
	EQUAL(fake_read(&f, A_SID_REPLACE(0), 4), 0xfffff);
	fake_write64(&f, A_BASE(1), ~0ull);
	EQUAL(fake_read(&f, A_BASE(1), 8), 0xffffffffffffull);
	fake_write64(&f, A_CONS_INDX_BASE(0), 0x1122334455667788ull);
	EQUAL(fake_read(&f, A_CONS_INDX_BASE(0), 8), 0x1122334455667788ull);
	EQUAL(fake_read(&f, A_CONS_INDX_BASE(0) + 4, 4), 0x11223344);
	fake_write(&f, A_CONS_INDX_BASE(0) + 4, 0x99);
	EQUAL(fake_read(&f, A_CONS_INDX_BASE(0), 8), 0x9955667788ull);
	fake_write(&f, A_PARAM, ~0u);
	fake_write(&f, A_STATUS, ~0u);
	EQUAL(fake_read(&f, A_PARAM, 4), 0x4011);
	TEXT(fake_log(&f), "");
	fake_exit(&f);
}

static void wrong_accesses(void)
{
	static const struct {
		uint64_t offset;
		unsigned int size;
		int rc;
	} wrong[] = {
		{ 0, 1, -EINVAL },	    { 0, 2, -EINVAL },
		{ 0, 0, -EINVAL },	    { 0, 16, -EINVAL },
		{ 2, 4, -EINVAL },	    { 0, 8, -EINVAL },
		{ 0x40004, 8, -EINVAL },    { 0x50000, 4, -EINVAL },
		{ ~3ull, 4, -EINVAL },	    { 0x30000, 8, -EINVAL },
		{ 0xc, 4, -ENXIO },	    { 0x208, 4, -ENXIO },
		{ 0x1100, 4, -ENXIO },	    { 0x30018, 4, -ENXIO },
		{ 0x30100, 4, -ENXIO },	    { 0x40010, 4, -ENXIO },
		{ 0x40100, 8, -ENXIO },	    { 0x10d0, 4, -ENXIO },
		{ 0x1fffc, 4, -ENXIO },
	};
	struct fake f;
	char want[64];

	fake_init_queues(&f, 2, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		uint64_t value = 1;

		EQUAL(viommu_cmdqv_read(f.cmdqv, wrong[i].offset, wrong[i].size, &value),
		      wrong[i].rc);
		EQUAL(value, 0);
		snprintf(want, sizeof(want), "err(%d,%d,-1)", VIOMMU_CMDQV_BAD_ACCESS,
			 wrong[i].rc);
		TEXT(fake_log(&f), want);
		EQUAL(f.error.addr, wrong[i].offset);
		EQUAL(f.error.access, wrong[i].size);
		EQUAL(f.error.size, sizeof(f.error));
		EQUAL(f.error.refused, 0);
		EQUAL(viommu_cmdqv_write(f.cmdqv, wrong[i].offset, wrong[i].size, ~0ull),
		      wrong[i].rc);
		TEXT(fake_log(&f), want);
	}
	/* The error maps are read with 8 bytes, but not written */
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP + 8, 8), 0);
	EQUAL(viommu_cmdqv_write(f.cmdqv, A_LVCMDQ_ERR_MAP, 8, 1), -EINVAL);
	fake_exit(&f);
}

static const struct test tests[] = {
	TEST(reset_values),	   TEST(any_order),	      TEST(registers_written_early),
	TEST(forwarding),	   TEST(base_in_halves),      TEST(one_half_and_enable),
	TEST(index1_before_0),	   TEST(two_queues),	      TEST(reprogram_0_under_1),
	TEST(waiting_queue_goes),  TEST(free_0_under_1),      TEST(off_after_disable),
	TEST(section_5_reset_of_1), TEST(order_of_a_driver),   TEST(not_allocated),
	TEST(error_of_one_given_up),
	TEST(reset),		   TEST(masks),		      TEST(wrong_accesses),
};

TEST_MAIN(tests)
