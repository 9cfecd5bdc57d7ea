// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Every call of the CMDQ-V into kernel and VMM fails once in every place where
 * it is made; errors and the interrupt.
 */
#include <endian.h>
#include <errno.h>

#include "fake.h"

#define BASE0 0x40000008ull
#define BASE1 0x40010008ull
#define ZERO0 "n0=0 c0=0 p0=0 e0=0"
#define ZERO1 "n1=0 c1=0 p1=0 e1=0"
#define INIT_ERR 4

/* All but BASE for queues 0 to @num - 1 */
static void set_up(struct fake *f, uint32_t num)
{
	fake_write(f, A_VINTF_CONFIG, 1);
	for (uint32_t i = 0; i < num; i++)
		fake_write(f, A_ALLOC(i), 1 | i << 1);
}

/* The kernel refuses queue 0 with each errno it has for that */
static void alloc_0_refused(void)
{
	static const int errors[] = { -EOPNOTSUPP, -EINVAL, -EOVERFLOW, -ENOENT, -ENOMEM,
				      -ERANGE, -EADDRINUSE, -EPERM, -EFAULT, -EEXIST, -EIO,
				      -ETIMEDOUT };

	for (unsigned int i = 0; i < ARRAY_SIZE(errors); i++) {
		struct fake f;
		char want[64];

		fake_init(&f);
		set_up(&f, 1);
		f.alloc_err[0] = errors[i];
		fake_write64(&f, A_BASE(0), BASE0);
		snprintf(want, sizeof(want), "alloc0! err(%d,%d,0) irq",
			 VIOMMU_CMDQV_QUEUE_ALLOC, errors[i]);
		TEXT(fake_log(&f), want);
		EQUAL(f.error.addr, 0x40000000);
		EQUAL(f.error.length, 4096);
		EQUAL(f.error.size, sizeof(f.error));
		EQUAL(f.error.refused, viommu_hw_queue_reason(NULL, errors[i], 0, 0x40000000, 4096));
		CHECK(f.error.refused);
		EQUAL(fake_read(&f, A_LOGICAL(0, R_GERROR), 4), INIT_ERR);
		EQUAL(fake_read(&f, A_LOGICAL(0, R_STATUS), 4), 0);
		EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
		EQUAL(fake_read(&f, A_CMDQ_ERR_MAP, 4), 1);
		EQUAL(fake_read(&f, A_VINTF_ERR_MAP, 4), 1);
		EQUAL(viommu_cmdqv_page0_mapped(f.cmdqv), 0);
		/* Nothing is tried again before the guest changes something ... */
		fake_write(&f, A_LOGICAL(0, R_PROD), 1);
		fake_write(&f, A_ALLOC(1), 2);
		TEXT(fake_log(&f), "");
		/* ... and acknowledging makes the maps fall */
		fake_write(&f, A_LOGICAL(0, R_GERRORN), INIT_ERR);
		EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
		EQUAL(fake_read(&f, A_VINTF_ERR_MAP, 4), 0);
		f.alloc_err[0] = 0;
		fake_write64(&f, A_BASE(0), BASE0);
		TEXT(fake_log(&f), "alloc0 n0=0 c0=0 p0=1 e0=0 map");
		EQUAL(fake_read(&f, A_VINTF_ERR_MAP, 4), 0);
		fake_exit(&f);
	}
}

/* Writes that make the device try a refused queue again; the error is there once, and goes with success */
static void tried_again(void)
{
	for (unsigned int how = 0; how < 5; how++) {
		struct fake f;

		fake_init(&f);
		set_up(&f, 1);
		f.alloc_err[0] = -EFAULT;
		fake_write64(&f, A_BASE(0), BASE0);
		EQUAL(f.irqs, 1);
		for (unsigned int again = 0; again < 2; again++) {
			if (again)
				f.alloc_err[0] = 0;
			if (how == 0) {
				fake_write64(&f, A_BASE(0), BASE0);
			} else if (how == 1) {
				fake_write(&f, A_ALLOC(0), 0);
				fake_write(&f, A_ALLOC(0), 1);
			} else if (how == 2) {
				fake_write(&f, A_VINTF_CONFIG, 0);
				fake_write(&f, A_VINTF_CONFIG, 1);
			} else if (how == 3) {
				fake_write(&f, A_CONFIG, 0);
				fake_write(&f, A_CONFIG, 1);
			} else {
				fake_write(&f, A_LOGICAL(0, R_CONFIG), 0);
				fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
			}
			/* Not acknowledged: still the same error */
			EQUAL(f.irqs, 1);
			EQUAL(f.queues[0].exists, again);
			EQUAL(fake_read(&f, A_CMDQ_ERR_MAP, 4), !again);
			EQUAL(fake_read(&f, A_LOGICAL(0, R_STATUS), 4), again && how == 4);
		}
		fake_exit(&f);
	}
}

/* An error that the guest has acknowledged is a new one the next time */
static void refused_twice(void)
{
	struct fake f;

	fake_init(&f);
	set_up(&f, 1);
	f.alloc_err[0] = -ENOENT;
	fake_write64(&f, A_BASE(0), BASE0);
	fake_write(&f, A_LOGICAL(0, R_GERRORN), INIT_ERR);
	fake_write64(&f, A_BASE(0), BASE0);
	EQUAL(f.irqs, 2);
	EQUAL(fake_read(&f, A_LOGICAL(0, R_GERROR), 4), 0);
	EQUAL(fake_read(&f, A_CMDQ_ERR_MAP, 4), 1);
	fake_exit(&f);
}

static void alloc_1_refused(void)
{
	struct fake f;

	fake_init(&f);
	set_up(&f, 2);
	f.alloc_err[1] = -EINVAL;
	fake_write64(&f, A_BASE(1), BASE1);
	TEXT(fake_log(&f), "");
	fake_write64(&f, A_BASE(0), BASE0);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1! err(0,-22,1) irq");
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 2);
	EQUAL(fake_read(&f, A_PHYS(1, R_GERROR), 4), INIT_ERR);
	/* The guest sees it in its own window, and acknowledges it there */
	EQUAL(fake_read(&f, A_LOGICAL(1, R_GERROR), 4), INIT_ERR);
	fake_write(&f, A_LOGICAL(1, R_GERRORN), INIT_ERR);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
	/* Queue 0 is another story */
	fake_write(&f, A_LOGICAL(0, R_PROD), 1);
	TEXT(fake_log(&f), "p0=1");
	/* Another try */
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	TEXT(fake_log(&f), "alloc1! err(0,-22,1) irq");
	f.alloc_err[1] = 0;
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 0);
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	TEXT(fake_log(&f), "alloc1 n1=0 c1=0 p1=0 e1=1 map");
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
	fake_exit(&f);
}

/* Queue 0 is refused while queue 1 waits for it, and comes later */
static void alloc_0_refused_under_1(void)
{
	struct fake f;

	fake_init(&f);
	f.budget = 0;
	fake_queues(&f, 2);
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	fake_write(&f, A_LOGICAL(1, R_PROD), 3);
	fake_log(&f);
	f.alloc_err[0] = -EFAULT;
	fake_write64(&f, A_BASE(0), 0x50000008);
	TEXT(fake_log(&f), "unmap e1=0 destroy1 destroy0 alloc0! err(0,-14,0) irq");
	EQUAL(fake_read(&f, A_LOGICAL(1, R_STATUS), 4), 1);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
	f.alloc_err[0] = 0;
	fake_write64(&f, A_BASE(0), BASE0);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1 n1=0 c1=0 p1=3 e1=1 map");
	fake_exit(&f);
}

/* Queue 1 does not come back */
static void alloc_1_refused_again(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 2);
	f.alloc_err[1] = -ENOMEM;
	fake_write64(&f, A_BASE(0), 0x50000008);
	TEXT(fake_log(&f),
	     "unmap e1=0 destroy1 destroy0 alloc0 " ZERO0 " alloc1! err(0,-12,1) irq");
	EQUAL(fake_read(&f, A_PHYS(1, R_STATUS), 4), 0);
	EQUAL(fake_read(&f, A_PHYS(1, R_GERROR), 4), INIT_ERR);
	f.alloc_err[1] = 0;
	fake_write(&f, A_PHYS(1, R_CONFIG), 0);
	fake_write(&f, A_PHYS(1, R_CONFIG), 1);
	TEXT(fake_log(&f), "alloc1 n1=0 c1=0 p1=0 e1=1 map");
	fake_exit(&f);
}

static void destroy_1_refused(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 0);
	f.destroy_err[1] = -EBUSY;
	fake_write(&f, A_ALLOC(1), 0);
	TEXT(fake_log(&f), "unmap destroy1! err(1,-16,1)");
	/* The guest has lost it all the same, and page 0 too as it still is there */
	EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 1), 0);
	fake_write(&f, A_PHYS(1, R_PROD), 5);
	TEXT(fake_log(&f), "");
	/* It cannot be made again before it is gone, and the guest learns that */
	fake_write(&f, A_ALLOC(1), 3);
	TEXT(fake_log(&f), "destroy1! err(1,-16,1) irq");
	EQUAL(fake_read(&f, A_PHYS(1, R_GERROR), 4), INIT_ERR);
	f.destroy_err[1] = 0;
	fake_write64(&f, A_BASE(1), BASE1);
	TEXT(fake_log(&f), "destroy1 alloc1 n1=0 c1=0 p1=5 e1=0 map");
	fake_exit(&f);
}

/* One that the kernel keeps, keeps the one below it: nothing is forgotten */
static void destroy_refused_on_disable(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 0);
	f.destroy_err[1] = -EBUSY;
	fake_write(&f, A_VINTF_CONFIG, 0);
	TEXT(fake_log(&f), "unmap destroy1! err(1,-16,1)");
	fake_write(&f, A_VINTF_CONFIG, 1);
	TEXT(fake_log(&f), "destroy1! err(1,-16,1) irq");
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
	f.destroy_err[1] = 0;
	f.destroy_err[0] = -EBUSY;
	fake_write(&f, A_VINTF_CONFIG, 0);
	TEXT(fake_log(&f), "destroy1 destroy0! err(1,-16,0)");
	f.destroy_err[0] = 0;
	fake_write(&f, A_VINTF_CONFIG, 1);
	TEXT(fake_log(&f), "destroy0 alloc0 " ZERO0 " alloc1 " ZERO1 " map");
	fake_exit(&f);
}

static void destroy_refused_on_reset(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 0);
	f.destroy_err[0] = -EBUSY;
	EQUAL(viommu_cmdqv_reset(f.cmdqv), -EBUSY);
	TEXT(fake_log(&f), "unmap destroy1 destroy0! err(1,-16,0)");
	EQUAL(fake_read(&f, A_BASE(0), 8), 0);
	EQUAL(viommu_cmdqv_restore(f.cmdqv, "", 0), -EINVAL);
	f.destroy_err[0] = 0;
	EQUAL(viommu_cmdqv_reset(f.cmdqv), 0);
	TEXT(fake_log(&f), "destroy0");
	fake_queues(&f, 2);
	f.destroy_err[1] = -EBUSY;
	EQUAL(viommu_cmdqv_free(f.cmdqv), -EBUSY);
	TEXT(fake_log(&f), "unmap destroy1! err(1,-16,1)");
}

/* The guest works on without the mapping; it is tried again when the guest sets up something */
static void map_refused(void)
{
	struct fake f;

	fake_init(&f);
	f.map_err = -ENOMEM;
	set_up(&f, 1);
	fake_write64(&f, A_BASE(0), BASE0);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " map! err(2,-12,-1)");
	fake_write(&f, A_LOGICAL(0, R_PROD), 4);
	TEXT(fake_log(&f), "p0=4");
	fake_write(&f, A_ALLOC(1), 3);
	TEXT(fake_log(&f), "");
	f.map_err = 0;
	fake_write64(&f, A_BASE(1), BASE1);
	TEXT(fake_log(&f), "alloc1 " ZERO1 " map");
	fake_exit(&f);
}

static void too_large(void)
{
	struct fake f;

	fake_init_size(&f, 8);
	set_up(&f, 1);
	fake_write64(&f, A_BASE(0), 0x40000009);
	TEXT(fake_log(&f), "err(3,-22,0) irq");
	EQUAL(f.error.length, 16 << 9);
	EQUAL(f.error.refused, VIOMMU_HW_QUEUE_SIZE);
	EQUAL(fake_read(&f, A_LOGICAL(0, R_GERROR), 4), INIT_ERR);
	fake_write64(&f, A_BASE(0), BASE0);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " map");
	fake_exit(&f);
	/* That nothing fits is no permission for everything */
	fake_init_size(&f, 0);
	set_up(&f, 1);
	fake_write64(&f, A_BASE(0), 0x40000001);
	TEXT(fake_log(&f), "err(3,-22,0) irq");
	fake_exit(&f);
	fake_init(&f);
	set_up(&f, 1);
	fake_write64(&f, A_BASE(0), 0x4000001f);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " map");
	EQUAL(f.queues[0].length, 16ull << 31);
	fake_exit(&f);
}

static void event(struct fake *f, uint64_t low, uint64_t high)
{
	uint64_t map[2] = { htole64(low), htole64(high) };

	EQUAL(viommu_cmdqv_event(f->cmdqv, map, sizeof(map)), 0);
}

static void events(void)
{
	struct fake f;
	uint32_t *regs;

	fake_init_queues(&f, 2, 0);
	regs = f.queues[1].regs;
	regs[R_GERROR] = 1;
	event(&f, 2, 0);
	TEXT(fake_log(&f), "irq");
	EQUAL(fake_read(&f, A_VINTF_ERR_MAP, 4), 1);
	EQUAL(fake_read(&f, A_VINTF_ERR_MAP + 4, 4), 0);
	EQUAL(fake_read(&f, A_CMDQ_ERR_MAP, 4), 2);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 2);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 4), 2);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP + 4, 4), 0);
	/* The guest acknowledges right in page 0, where nobody traps */
	regs[R_GERRORN] = 1;
	EQUAL(fake_read(&f, A_VINTF_ERR_MAP, 4), 0);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
	/* Masked; the maps tell nevertheless */
	fake_write(&f, A_INT_MASK, 1);
	regs[R_GERROR] = 0;
	event(&f, 2, 0);
	TEXT(fake_log(&f), "");
	EQUAL(fake_read(&f, A_CMDQ_ERR_MAP, 4), 2);
	fake_write(&f, A_INT_MASK, 0);
	viommu_cmdqv_events_lost(f.cmdqv);
	TEXT(fake_log(&f), "irq");
	regs[R_GERRORN] = 0;
	viommu_cmdqv_events_lost(f.cmdqv);
	TEXT(fake_log(&f), "");
	fake_exit(&f);
}

static void wrong_events(void)
{
	struct fake f;
	uint64_t map[2] = { 1, 0 };

	fake_init(&f);
	/* Late: the queue has gone */
	event(&f, 3, 0);
	TEXT(fake_log(&f), "");
	fake_queues(&f, 1);
	event(&f, 0x10, 0);
	TEXT(fake_log(&f), "err(5,-2,4)");
	event(&f, 1, 4);
	TEXT(fake_log(&f), "err(5,-2,66) irq");
	EQUAL(viommu_cmdqv_event(f.cmdqv, map, 8), -EINVAL);
	EQUAL(viommu_cmdqv_event(f.cmdqv, NULL, 0), -EINVAL);
	TEXT(fake_log(&f), "");
	fake_exit(&f);
}

/* An error that queue 1 has must not get lost while it is away, whatever side the toggle is on */
static void error_survives(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 0);
	f.queues[1].regs[R_GERROR] = 1;
	f.queues[1].regs[R_CONS] = 0x01000004;
	fake_write64(&f, A_BASE(0), 0);
	fake_log(&f);
	EQUAL(fake_read(&f, A_CMDQ_ERR_MAP, 4), 2);
	EQUAL(fake_read(&f, A_LOGICAL(1, R_CONS), 4), 0x01000004);
	f.queues[1].next_gerror = 3;
	fake_write64(&f, A_BASE(0), BASE0);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1 n1=2 c1=1000004 p1=0 e1=0 map");
	EQUAL(fake_read(&f, A_CMDQ_ERR_MAP, 4), 2);
	fake_exit(&f);
}

static void configurations(void)
{
	struct fake f = { .next_id = 100 };
	struct viommu_cmdqv_host_ops host = fake_host_ops;
	struct viommu_cmdqv_kernel_ops kernel = fake_kernel_ops;
	const struct viommu_cmdqv_config good = {
		.size = sizeof(good),
		.max_log2size = VIOMMU_CMDQV_ANY_SIZE,
		.host_ops = &host,
		.kernel_ops = &kernel,
		.kernel = &f,
	};
	struct viommu_cmdqv_config bad = good;
	struct viommu_cmdqv *cmdqv = NULL;

	bad.size--;
	EQUAL(viommu_cmdqv_new(&bad, &cmdqv), -EINVAL);
	bad = good;
	bad.reserved = 1;
	EQUAL(viommu_cmdqv_new(&bad, &cmdqv), -EINVAL);
	bad = good;
	bad.max_log2size = 32;
	EQUAL(viommu_cmdqv_new(&bad, &cmdqv), -EINVAL);
	bad = good;
	bad.host_ops = NULL;
	EQUAL(viommu_cmdqv_new(&bad, &cmdqv), -EINVAL);
	bad = good;
	/* Half a vIOMMU; none at all is something else */
	bad.kernel_ops = NULL;
	bad.page0 = &f;
	bad.page0_length = VIOMMU_CMDQV_PAGE_SIZE;
	EQUAL(viommu_cmdqv_new(&bad, &cmdqv), -EINVAL);
	bad.page0 = NULL;
	bad.ctx = (void *)&f;
	EQUAL(viommu_cmdqv_new(&bad, &cmdqv), -EINVAL);
	/* The guest would have what is behind it */
	bad = good;
	bad.page0 = &f;
	bad.page0_length = VIOMMU_CMDQV_PAGE_SIZE - 1;
	EQUAL(viommu_cmdqv_new(&bad, &cmdqv), -EINVAL);
	host.reserved = 1;
	EQUAL(viommu_cmdqv_new(&good, &cmdqv), -EINVAL);
	host.reserved = 0;
	kernel.reserved = 1;
	EQUAL(viommu_cmdqv_new(&good, &cmdqv), -EINVAL);
	kernel.reserved = 0;
	host.unmap_page0 = NULL;
	EQUAL(viommu_cmdqv_new(&good, &cmdqv), -EINVAL);
	kernel.queue_destroy = NULL;
	host = (struct viommu_cmdqv_host_ops){ .size = sizeof(host) };
	EQUAL(viommu_cmdqv_new(&good, &cmdqv), -EINVAL);
	CHECK(!cmdqv);
	/* A VMM need not do anything */
	kernel = fake_kernel_ops;
	EQUAL(viommu_cmdqv_new(&good, &f.cmdqv), 0);
	set_up(&f, 1);
	f.alloc_err[0] = -EFAULT;
	fake_write64(&f, A_BASE(0), BASE0);
	f.alloc_err[0] = 0;
	fake_write64(&f, A_BASE(0), BASE0);
	fake_write(&f, A_LOGICAL(0, R_PROD), 2);
	TEXT(fake_log(&f), "alloc0! alloc0 " ZERO0 " p0=2");
	fake_exit(&f);
	EQUAL(viommu_cmdqv_free(NULL), 0);
}

/* Structures of a version that has more: fine, as long as nothing of that is used */
static void later_versions(void)
{
	struct fake f = { .next_id = 100 };
	struct { struct viommu_cmdqv_host_ops now; void *later; } host = { .now = fake_host_ops };
	struct { struct viommu_cmdqv_kernel_ops now; void *later; } kernel = {
		.now = fake_kernel_ops };
	struct { struct viommu_cmdqv_config now; void *later; } config = {
		.now = { .size = sizeof(config), .max_log2size = 19, .host_ops = &host.now, .host = &f, .page0 = &f,
			 .page0_length = 1 << 20,
			 .kernel_ops = &kernel.now, .kernel = &f } };
	void **const later[] = { &config.later, &host.later, &kernel.later };

	host.now.size = sizeof(host);
	kernel.now.size = sizeof(kernel);
	for (unsigned int i = 0; i < ARRAY_SIZE(later); i++) {
		*later[i] = &f;
		EQUAL(viommu_cmdqv_new(&config.now, &f.cmdqv), -EINVAL);
		CHECK(!f.cmdqv);
		*later[i] = NULL;
	}
	EQUAL(viommu_cmdqv_new(&config.now, &f.cmdqv), 0);
	fake_queues(&f, 2);
	fake_exit(&f);
	f.cmdqv = NULL;
	host.now.size = sizeof(host.now) - 1;
	EQUAL(viommu_cmdqv_new(&config.now, &f.cmdqv), -EINVAL);
	host.now.size = sizeof(host.now);
	kernel.now.size = 0;
	EQUAL(viommu_cmdqv_new(&config.now, &f.cmdqv), -EINVAL);
	CHECK(!f.cmdqv);
}

static void reasons(void)
{
	for (uint32_t i = 0; i <= VIOMMU_CMDQV_BAD_EVENT; i++) {
		CHECK(strlen(viommu_cmdqv_reason_text(i)) > 10);
		CHECK(strcmp(viommu_cmdqv_reason_text(i), "unknown reason"));
	}
	TEXT(viommu_cmdqv_reason_text(VIOMMU_CMDQV_BAD_EVENT + 1), "unknown reason");
	TEXT(viommu_cmdqv_reason_text(~0u), "unknown reason");
}

static const struct test tests[] = {
	TEST(alloc_0_refused),
	TEST(tried_again),
	TEST(refused_twice),
	TEST(alloc_1_refused),
	TEST(alloc_0_refused_under_1),
	TEST(alloc_1_refused_again),
	TEST(destroy_1_refused),
	TEST(destroy_refused_on_disable),
	TEST(destroy_refused_on_reset),
	TEST(map_refused),
	TEST(too_large),
	TEST(events),
	TEST(wrong_events),
	TEST(error_survives),
	TEST(configurations),
	TEST(later_versions),
	TEST(reasons),
};

TEST_MAIN(tests)
