// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A CMDQ-V whose vIOMMU comes later, goes, and is another one afterwards, and one whose
 * memory goes and comes: the guest goes on with the queues that it has set up, loses no
 * command, and sees no error that it did not make.
 */
#include <errno.h>

#include "fake.h"

#define BASE0 0x40000008ull
#define BASE1 0x40010008ull
#define ZERO0 "n0=0 c0=0 p0=0 e0=0"
#define ZERO1 "n1=0 c1=0 p1=0 e1=0"

static uint32_t reg(struct fake *f, uint32_t index, uint32_t which)
{
	return (uint32_t)fake_read(f, A_LOGICAL(index, which), 4);
}

static int attach(struct fake *f)
{
	struct viommu_cmdqv_backing backing = {
		.size = sizeof(backing),
		.page0 = f,
		.page0_length = VIOMMU_CMDQV_PAGE_SIZE,
		.kernel = f,
	};

	return viommu_cmdqv_attach(f->cmdqv, &backing);
}

/* The driver of a guest sets up a queue, and it works */
static void guest_starts(struct fake *f, uint32_t index)
{
	fake_write(f, A_ALLOC(index), 1 | index << 1);
	fake_write64(f, A_BASE(index), index ? BASE1 : BASE0);
	fake_write(f, A_LOGICAL(index, R_CONFIG), 1);
	EQUAL(reg(f, index, R_STATUS), 1);
}

/* A guest with two queues that has no device yet */
static void guest_without_device(struct fake *f)
{
	fake_init(f);
	EQUAL(viommu_cmdqv_detach(f->cmdqv), 0);
	fake_write(f, A_VINTF_CONFIG, 1);
	guest_starts(f, 0);
	guest_starts(f, 1);
}

static void guest_works(struct fake *f, uint32_t index, uint32_t commands)
{
	uint32_t prod = (reg(f, index, R_PROD) + commands) & 0x1ff;

	fake_write(f, A_LOGICAL(index, R_PROD), prod);
	EQUAL(reg(f, index, R_CONS), prod);
	EQUAL(reg(f, index, R_GERROR), reg(f, index, R_GERRORN));
	EQUAL(fake_read(f, A_VINTF_ERR_MAP, 4), 0);
}

/* There has never been a device */
static void cold_start(void)
{
	static const struct viommu_cmdqv_host_ops host = { .size = sizeof(host) };
	const struct viommu_cmdqv_config config = {
		.size = sizeof(config), .max_log2size = 8, .host_ops = &host
	};
	struct viommu_cmdqv_backing backing = { .size = sizeof(backing) };
	struct fake f = { 0 };

	EQUAL(viommu_cmdqv_new(&config, &f.cmdqv), 0);
	fake_write(&f, A_VINTF_CONFIG, 1);
	for (uint32_t i = 0; i < 2; i++) {
		guest_starts(&f, i);
		for (unsigned int n = 0; n < 8; n++)
			guest_works(&f, i, 100);
		EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, i), 0);
	}
	EQUAL(viommu_cmdqv_page0_mapped(f.cmdqv), 0);
	/* Half a vIOMMU is none */
	EQUAL(viommu_cmdqv_attach(f.cmdqv, &backing), -EINVAL);
	backing.page0 = &f;
	backing.page0_length = VIOMMU_CMDQV_PAGE_SIZE;
	EQUAL(viommu_cmdqv_attach(f.cmdqv, &backing), -EINVAL);
	backing.page0 = NULL;
	backing.ctx = (void *)&f;
	EQUAL(viommu_cmdqv_attach(f.cmdqv, &backing), -EINVAL);
	backing.page0 = &f;
	backing.page0_length--;
	EQUAL(viommu_cmdqv_attach(f.cmdqv, &backing), -EINVAL);
	backing.page0_length++;
	backing.size--;
	EQUAL(viommu_cmdqv_attach(f.cmdqv, &backing), -EINVAL);
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	guest_works(&f, 0, 1);
	EQUAL(viommu_cmdqv_free(f.cmdqv), 0);
}

/* The first device comes to a guest that runs: its queues go to the hardware as they are */
static void first_device(void)
{
	struct fake f;

	guest_without_device(&f);
	guest_works(&f, 0, 0x13);
	guest_works(&f, 1, 0x14);
	TEXT(fake_log(&f), "");
	EQUAL(attach(&f), 0);
	TEXT(fake_log(&f), "alloc0 n0=0 c0=13 p0=13 e0=1 alloc1 n1=0 c1=14 p1=14 e1=1 map");
	EQUAL(attach(&f), -EBUSY);
	guest_works(&f, 0, 7);
	guest_works(&f, 1, 8);
	/* Only these were for the hardware */
	EQUAL(f.executed, 15);
	EQUAL(f.irqs, 0);
	fake_exit(&f);
}

/* The last device goes while there are commands that the hardware has not come to */
static void last_device_goes(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 3);
	f.budget = 0;
	fake_write(&f, A_LOGICAL(0, R_PROD), 5);
	fake_log(&f);
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	TEXT(fake_log(&f), "unmap e1=0 e0=0 destroy1 destroy0");
	EQUAL(reg(&f, 0, R_CONS), 5);
	for (unsigned int n = 0; n < 3; n++) {
		guest_works(&f, 0, 0x1f0);
		guest_works(&f, 1, 1);
	}
	EQUAL(reg(&f, 0, R_STATUS), 1);
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	/* Another comes */
	f.budget = UINT64_MAX;
	EQUAL(attach(&f), 0);
	TEXT(fake_log(&f), "alloc0 n0=0 c0=1d5 p0=1d5 e0=1 alloc1 n1=0 c1=3 p1=3 e1=1 map");
	guest_works(&f, 0, 4);
	EQUAL(f.irqs, 0);
	EQUAL(f.executed, 4);
	fake_exit(&f);
}

/* Hardware that goes on late: the guest has seen its queue on, and does so again */
static void late_status(void)
{
	struct fake f;

	fake_init_queues(&f, 1, 1);
	EQUAL(reg(&f, 0, R_STATUS), 1);
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	f.start_reads = f.reads + 50;
	EQUAL(attach(&f), 0);
	EQUAL(reg(&f, 0, R_STATUS), 1);
	fake_exit(&f);
}

/* A queue that has stopped: its error stays, with and without a vIOMMU, until it is acknowledged */
static void stopped_queue(void)
{
	for (unsigned int how = 0; how < 2; how++) {
		struct fake f;

		fake_init_queues(&f, 1, 0);
		*fake_command(&f, 0x40000020) = 'I';
		fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
		fake_write(&f, A_LOGICAL(0, R_PROD), 5);
		EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
		EQUAL(reg(&f, 0, R_CONS), 0x01000002);
		EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
		fake_write(&f, A_LOGICAL(0, R_PROD), 6);
		EQUAL(reg(&f, 0, R_CONS), 0x01000002);
		if (how)
			EQUAL(attach(&f), 0);
		EQUAL(reg(&f, 0, R_CONS), 0x01000002);
		EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
		*fake_command(&f, 0x40000020) = '.';
		fake_write(&f, A_LOGICAL(0, R_GERRORN), reg(&f, 0, R_GERROR));
		EQUAL(reg(&f, 0, R_CONS), 6);
		EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
		EQUAL(f.executed, how ? 6 : 2);
		EQUAL(f.edges, 1);
		fake_exit(&f);
	}
}

static void refused_when_attached(void)
{
	struct fake f;

	guest_without_device(&f);
	f.alloc_err[1] = -EFAULT;
	EQUAL(attach(&f), -EFAULT);
	TEXT(fake_log(&f), "alloc0 n0=0 c0=0 p0=0 e0=1 alloc1! err(0,-14,1) irq");
	EQUAL(attach(&f), -EBUSY);
	EQUAL(reg(&f, 1, R_STATUS), 0);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 2);
	/* The guest tries the same BASE again, and another one */
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 0);
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	TEXT(fake_log(&f), "alloc1! err(0,-14,1)");
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	guest_works(&f, 1, 1);
	EQUAL(attach(&f), -EFAULT);
	fake_write64(&f, A_BASE(1), BASE1 + 0x1000);
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	EQUAL(reg(&f, 1, R_STATUS), 0);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 2);
	/* And again without a vIOMMU */
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 0);
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	EQUAL(reg(&f, 1, R_STATUS), 1);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
	f.alloc_err[1] = 0;
	EQUAL(attach(&f), 0);
	EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 1), 1);
	fake_exit(&f);
}

/*
 * A vIOMMU that does not take the queues, and goes again: nothing of it is left, whatever the
 * errno, for queues that are on and off, and whether the guest has acknowledged the error
 */
static void failed_plug(void)
{
	static const int errors[] = { -EBUSY, -EFAULT, -EINVAL, -ENOENT, -ENOMEM, -ENOSPC, -ETIMEDOUT };

	for (unsigned int n = 0; n < 4 * ARRAY_SIZE(errors); n++) {
		uint32_t which = n & 1, acknowledged = n >> 1 & 1;
		struct fake f;

		guest_without_device(&f);
		guest_works(&f, 0, 3);
		guest_works(&f, 1, 4);
		f.alloc_err[which] = errors[n / 4];
		EQUAL(attach(&f), errors[n / 4]);
		EQUAL(reg(&f, which, R_STATUS), 0);
		EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1 << which);
		if (acknowledged)
			fake_write(&f, A_LOGICAL(which, R_GERRORN), reg(&f, which, R_GERROR));
		/* Commands that nothing has executed */
		for (uint32_t i = 0; i < 2; i++)
			if (i >= which)
				fake_write(&f, A_LOGICAL(i, R_PROD), 9);
		EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
		fake_log(&f);
		for (uint32_t i = 0; i < 2; i++) {
			EQUAL(reg(&f, i, R_STATUS), 1);
			EQUAL(reg(&f, i, R_CONS), i >= which ? 9 : 3);
			guest_works(&f, i, 3);
		}
		EQUAL(f.irqs, 1);
		/* The next one takes them */
		f.alloc_err[which] = 0;
		EQUAL(attach(&f), 0);
		for (uint32_t i = 0; i < 2; i++) {
			EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, i), 1);
			guest_works(&f, i, 2);
		}
		EQUAL(f.executed, 4);
		fake_exit(&f);
	}
}

/* A queue that is off, and has half a BASE that is the same one, is found as it was too */
static void failed_plug_of_idle_queue(void)
{
	struct fake f;

	fake_init(&f);
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	fake_write(&f, A_VINTF_CONFIG, 1);
	fake_write(&f, A_ALLOC(0), 1);
	fake_write64(&f, A_BASE(0), BASE0);
	fake_write(&f, A_BASE(0), (uint32_t)BASE0);
	f.alloc_err[0] = -ENOMEM;
	EQUAL(attach(&f), -ENOMEM);
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	EQUAL(reg(&f, 0, R_STATUS), 0);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 0);
	f.alloc_err[0] = 0;
	EQUAL(attach(&f), 0);
	EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 0), 1);
	fake_exit(&f);
}

/* A vIOMMU that is dead when the guest sets up its queue; the next one has the queue */
static void dead_when_set_up(void)
{
	struct fake f;

	fake_init(&f);
	f.alloc_err[0] = -ETIMEDOUT;
	fake_write(&f, A_VINTF_CONFIG, 1);
	fake_write(&f, A_ALLOC(0), 1);
	fake_write64(&f, A_BASE(0), BASE0);
	fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	guest_works(&f, 0, 6);
	f.alloc_err[0] = 0;
	EQUAL(attach(&f), 0);
	EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 0), 1);
	guest_works(&f, 0, 1);
	fake_exit(&f);
}

/* An error that the guest has made does not go with the vIOMMU: a wrong BASE, too large a queue */
static void wrong_base(void)
{
	static const int errors[] = { -EADDRINUSE, -EFAULT, -EINVAL, -ENOENT, -EOVERFLOW, -EPERM, -ERANGE, 0 };

	for (unsigned int i = 0; i < ARRAY_SIZE(errors); i++) {
		struct fake f;

		fake_init_size(&f, 8);
		fake_write(&f, A_VINTF_CONFIG, 1);
		fake_write(&f, A_ALLOC(0), 1);
		f.alloc_err[0] = errors[i];
		fake_write64(&f, A_BASE(0), errors[i] ? BASE0 : BASE0 + 1);
		fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
		EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
		fake_log(&f);
		fake_write(&f, A_LOGICAL(0, R_PROD), 3);
		EQUAL(reg(&f, 0, R_CONS), 0);
		EQUAL(reg(&f, 0, R_STATUS), 0);
		EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
		f.alloc_err[0] = 0;
		EQUAL(attach(&f), 0);
		TEXT(fake_log(&f), "");
		EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 0), 0);
		EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
		fake_exit(&f);
	}
}

/* The vIOMMU stays if the kernel keeps a queue, and the guest's queues go on */
static void destroy_refused(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 2);
	f.destroy_err[0] = -EBUSY;
	EQUAL(viommu_cmdqv_detach(f.cmdqv), -EBUSY);
	TEXT(fake_log(&f), "unmap e1=0 destroy1 destroy0! err(1,-16,0) " ZERO0 " alloc1 n1=0 c1=0 p1=0 e1=1 map");
	EQUAL(attach(&f), -EBUSY);
	guest_works(&f, 1, 5);
	EQUAL(f.executed, 5);
	f.destroy_err[0] = 0;
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	TEXT(fake_log(&f), "unmap e1=0 destroy1 destroy0");
	EQUAL(reg(&f, 1, R_STATUS), 1);
	EQUAL(attach(&f), 0);
	EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 1), 1);
	fake_exit(&f);
}

/* The same for memory, whichever queue the kernel keeps; commands of before are executed once */
static void destroy_refused_on_hold(void)
{
	for (unsigned int how = 0; how < 4; how++) {
		uint32_t kept = how & 1;
		struct fake f;

		fake_init_queues(&f, 2, 3);
		f.budget = 0;
		for (uint32_t i = 0; i < 2; i++)
			fake_write(&f, A_LOGICAL(i, R_PROD), 6);
		f.destroy_err[kept] = -EBUSY;
		f.budget = UINT64_MAX;
		if (how < 2)
			EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x40000000, 0x1000), -EBUSY);
		else
			EQUAL(viommu_cmdqv_detach(f.cmdqv), -EBUSY);
		EQUAL(viommu_cmdqv_page0_mapped(f.cmdqv), 1);
		for (uint32_t i = 0; i < 2; i++) {
			EQUAL(reg(&f, i, R_STATUS), 1);
			EQUAL(reg(&f, i, R_CONS), 6);
			guest_works(&f, i, 3);
		}
		EQUAL(f.executed, 18);
		EQUAL(f.irqs, 0);
		/* There is no hold */
		EQUAL(viommu_cmdqv_release(f.cmdqv), 0);
		f.destroy_err[kept] = 0;
		EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x40000000, 0x1000), 0);
		fake_exit(&f);
	}
}

/* An error that a queue has stays with it if the kernel keeps it; hardware that is not off has no second life */
static void kept_with_error(void)
{
	struct fake f;

	fake_init_queues(&f, 1, 0);
	*fake_command(&f, 0x40000020) = 'I';
	fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
	fake_write(&f, A_LOGICAL(0, R_PROD), 5);
	f.destroy_err[0] = -EBUSY;
	EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x40000000, 0x1000), -EBUSY);
	EQUAL(reg(&f, 0, R_CONS), 0x01000002);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
	*fake_command(&f, 0x40000020) = '.';
	fake_write(&f, A_LOGICAL(0, R_GERRORN), reg(&f, 0, R_GERROR));
	EQUAL(reg(&f, 0, R_CONS), 5);
	EQUAL(f.executed, 5);
	EQUAL(f.edges, 1);
	fake_log(&f);
	f.stop_reads = UINT32_MAX;
	EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x40000000, 0x1000), -EBUSY);
	TEXT(fake_log(&f), "unmap e0=0 destroy0! err(1,-16,0) destroy0! err(1,-16,0) irq");
	EQUAL(reg(&f, 0, R_STATUS), 0);
	EQUAL(fake_read(&f, A_LVCMDQ_ERR_MAP, 8), 1);
	fake_exit(&f);
}

/* The guest does everything without a vIOMMU that it could do with one */
static void set_up_without(void)
{
	struct fake f;

	fake_init_size(&f, 8);
	EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
	fake_write(&f, A_VINTF_CONFIG, 1);
	/* Queue 1 waits for queue 0 */
	fake_write(&f, A_ALLOC(1), 3);
	fake_write64(&f, A_BASE(1), BASE1);
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	EQUAL(reg(&f, 1, R_STATUS), 0);
	/* Too large */
	fake_write(&f, A_ALLOC(0), 1);
	fake_write64(&f, A_BASE(0), 0x40000009);
	TEXT(fake_log(&f), "err(3,-22,0) irq");
	fake_write64(&f, A_BASE(0), BASE0);
	EQUAL(reg(&f, 0, R_GERROR), reg(&f, 0, R_GERRORN));
	EQUAL(reg(&f, 1, R_STATUS), 1);
	/* Off again, and to another place */
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 0);
	EQUAL(reg(&f, 1, R_STATUS), 0);
	fake_write(&f, A_LOGICAL(1, R_PROD), 4);
	EQUAL(reg(&f, 1, R_CONS), 0);
	fake_write64(&f, A_BASE(1), 0x50000008);
	fake_write(&f, A_LOGICAL(1, R_CONFIG), 1);
	EQUAL(reg(&f, 1, R_CONS), 4);
	fake_write(&f, A_VINTF_CONFIG, 0);
	EQUAL(reg(&f, 1, R_STATUS), 0);
	EQUAL(reg(&f, 1, R_CONFIG), 0);
	fake_write(&f, A_VINTF_CONFIG, 1);
	TEXT(fake_log(&f), "");
	EQUAL(attach(&f), 0);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " alloc1 n1=0 c1=4 p1=4 e1=0 map");
	EQUAL(f.queues[1].addr, 0x50000000);
	fake_exit(&f);
}

/* Saved without a vIOMMU, restored with and without one; reset */
static void saved_without(void)
{
	for (unsigned int with = 0; with < 2; with++) {
		unsigned char state[VIOMMU_CMDQV_STATE_LEN];
		struct fake f;

		fake_init(&f);
		EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
		fake_write(&f, A_VINTF_CONFIG, 1);
		guest_starts(&f, 0);
		guest_works(&f, 0, 9);
		EQUAL(viommu_cmdqv_save(f.cmdqv, state, sizeof(state)), 0);
		EQUAL(viommu_cmdqv_reset(f.cmdqv), 0);
		EQUAL(reg(&f, 0, R_STATUS), 0);
		EQUAL(fake_read(&f, A_BASE(0), 8), 0);
		if (with)
			EQUAL(attach(&f), 0);
		EQUAL(viommu_cmdqv_restore(f.cmdqv, state, sizeof(state)), 0);
		EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 0), with);
		EQUAL(reg(&f, 0, R_STATUS), 1);
		EQUAL(reg(&f, 0, R_CONS), 9);
		guest_works(&f, 0, 2);
		EQUAL(f.executed, with ? 2 : 0);
		fake_exit(&f);
	}
}

/* Each kernel gets its own queues */
struct kernel {
	unsigned int made;
	unsigned int gone;
	uint32_t regs[2 * 0x80 / 4];
};

static int kernel_alloc(void *kernel, uint32_t index, uint64_t addr, uint64_t length, uint32_t *id)
{
	(void)addr;
	(void)length;
	((struct kernel *)kernel)->made++;
	*id = index + 1;
	return 0;
}

static int kernel_destroy(void *kernel, uint32_t id)
{
	(void)id;
	((struct kernel *)kernel)->gone++;
	return 0;
}

static uint32_t kernel_read(void *kernel, uint32_t offset)
{
	return ((struct kernel *)kernel)->regs[offset / 4];
}

static void kernel_write(void *kernel, uint32_t offset, uint32_t value)
{
	((struct kernel *)kernel)->regs[offset / 4] = value;
}

static void another_kernel(void)
{
	static const struct viommu_cmdqv_host_ops host = { .size = sizeof(host) };
	static const struct viommu_cmdqv_kernel_ops ops = {
		.size = sizeof(ops),
		.queue_alloc = kernel_alloc,
		.queue_destroy = kernel_destroy,
		.page0_read = kernel_read,
		.page0_write = kernel_write,
	};
	struct kernel kernels[3] = { 0 };
	const struct viommu_cmdqv_config config = {
		.size = sizeof(config), .max_log2size = 8, .host_ops = &host, .kernel_ops = &ops,
		.kernel = &kernels[0]
	};
	struct viommu_cmdqv_backing backing = { .size = sizeof(backing) };
	struct fake f = { 0 };

	EQUAL(viommu_cmdqv_new(&config, &f.cmdqv), 0);
	fake_write(&f, A_VINTF_CONFIG, 1);
	fake_write(&f, A_ALLOC(0), 1);
	fake_write64(&f, A_BASE(0), BASE0);
	fake_write(&f, A_PHYS(0, R_PROD), 3);
	for (unsigned int i = 1; i < 3; i++) {
		EQUAL(viommu_cmdqv_detach(f.cmdqv), 0);
		EQUAL(kernels[i - 1].gone, 1);
		backing.kernel = &kernels[i];
		EQUAL(viommu_cmdqv_attach(f.cmdqv, &backing), 0);
		EQUAL(kernels[i].made, 1);
		EQUAL(kernels[i].regs[R_PROD], 3);
	}
	EQUAL(viommu_cmdqv_free(f.cmdqv), 0);
	for (unsigned int i = 0; i < 3; i++)
		EQUAL(kernels[i].made + kernels[i].gone, 2);
}

/* Memory under queue 0: both queues stand still until it is back */
static void memory_of_0(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 3);
	guest_works(&f, 1, 3);
	fake_log(&f);
	EQUAL(viommu_cmdqv_queues_in(f.cmdqv, 0x40000fff, 1), 1);
	EQUAL(viommu_cmdqv_queues_in(f.cmdqv, 0x40000fff, 0x10000), 3);
	EQUAL(viommu_cmdqv_queues_in(f.cmdqv, 0x40001000, 0xf000), 0);
	EQUAL(viommu_cmdqv_queues_in(f.cmdqv, 0x40000000, 0), 0);
	EQUAL(viommu_cmdqv_queues_in(f.cmdqv, 0, UINT64_MAX), 3);
	EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x40000fff, 1), 0);
	TEXT(fake_log(&f), "unmap e1=0 e0=0 destroy1 destroy0");
	EQUAL(viommu_cmdqv_queues_in(f.cmdqv, 0, UINT64_MAX), 0);
	EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x50000000, 1), -EBUSY);
	for (uint32_t i = 0; i < 2; i++) {
		EQUAL(reg(&f, i, R_STATUS), 1);
		fake_write(&f, A_LOGICAL(i, R_PROD), 9);
		EQUAL(reg(&f, i, R_CONS), i ? 3 : 0);
	}
	TEXT(fake_log(&f), "");
	EQUAL(viommu_cmdqv_release(f.cmdqv), 0);
	TEXT(fake_log(&f), "alloc0 n0=0 c0=0 p0=9 e0=1 alloc1 n1=0 c1=3 p1=9 e1=1 map");
	EQUAL(reg(&f, 0, R_CONS), 9);
	EQUAL(reg(&f, 1, R_CONS), 9);
	EQUAL(f.irqs, 0);
	EQUAL(viommu_cmdqv_release(f.cmdqv), 0);
	TEXT(fake_log(&f), "");
	fake_exit(&f);
}

/* Memory under queue 1: queue 0 goes on, trapped; a queue that is put there waits */
static void memory_of_1(void)
{
	struct fake f;

	fake_init_queues(&f, 2, 0);
	EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x40010000, 0x1000), 0);
	TEXT(fake_log(&f), "unmap destroy1");
	fake_write(&f, A_LOGICAL(0, R_CONFIG), 1);
	guest_works(&f, 0, 2);
	fake_log(&f);
	fake_write64(&f, A_BASE(1), 0x50000008);
	TEXT(fake_log(&f), "alloc1 " ZERO1 " map");
	fake_write64(&f, A_BASE(1), 0x40010fe0 | 1);
	TEXT(fake_log(&f), "unmap destroy1");
	f.alloc_err[1] = -ENOENT;
	EQUAL(viommu_cmdqv_release(f.cmdqv), -ENOENT);
	TEXT(fake_log(&f), "alloc1! err(0,-2,1) irq");
	EQUAL(viommu_cmdqv_queue_exists(f.cmdqv, 0), 1);
	fake_exit(&f);
}

static void memory_that_stays(void)
{
	struct fake f;

	fake_init(&f);
	EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x1000, 0), -EINVAL);
	EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x1000, UINT64_MAX), -EINVAL);
	fake_queues(&f, 1);
	f.destroy_err[0] = -EIO;
	EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x40000000, 0x1000), -EBUSY);
	TEXT(fake_log(&f), "unmap destroy0! err(1,-5,0) " ZERO0 " map");
	EQUAL(viommu_cmdqv_queues_in(f.cmdqv, 0x40000000, 0x1000), 1);
	f.destroy_err[0] = 0;
	/* Once more, and then as before */
	EQUAL(viommu_cmdqv_hold(f.cmdqv, 0x40000000, 0x1000), 0);
	TEXT(fake_log(&f), "unmap destroy0");
	EQUAL(viommu_cmdqv_release(f.cmdqv), 0);
	TEXT(fake_log(&f), "alloc0 " ZERO0 " map");
	fake_exit(&f);
}

static const struct test tests[] = {
	TEST(cold_start),
	TEST(first_device),
	TEST(last_device_goes),
	TEST(late_status),
	TEST(stopped_queue),
	TEST(refused_when_attached),
	TEST(failed_plug),
	TEST(failed_plug_of_idle_queue),
	TEST(dead_when_set_up),
	TEST(wrong_base),
	TEST(destroy_refused),
	TEST(destroy_refused_on_hold),
	TEST(kept_with_error),
	TEST(set_up_without),
	TEST(saved_without),
	TEST(another_kernel),
	TEST(memory_of_0),
	TEST(memory_of_1),
	TEST(memory_that_stays),
};

TEST_MAIN(tests)
