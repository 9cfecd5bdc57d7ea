// SPDX-License-Identifier: GPL-2.0
/*
 * A guest whose device faults without end. The thread that reads the SMMU's event queue
 * is a real-time thread; it becomes an ordinary one while devices of user space send
 * more than a few records in a second, whatever their cause: stage 1, stage 2, or the
 * fetch of a context descriptor. Faults of the host's own devices have no effect.
 *
 * others_run needs a kernel without preemption, and a machine on which the guest is
 * faster than the thread (-icount, two processors): then the thread never reaches the
 * end of the queue, and must reschedule by itself.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <linux/pci_regs.h>

#include "smmuv3_nested.h"
#include "cmdqv_events.h"
#include "kernel_log.h"

#define STORM		1000
/* Storms until the thread is an ordinary one: a slow storm may end in a calm second */
#define STORMS		200
/* More than the second after which the thread restarts its count */
#define PAUSE_US	1200000
#define PAUSES		10
/* Time of the event thread, in units of USER_HZ, in which another thread must run */
#define OWN_TICKS	200
#define TURNS		4

#define NOT_MAPPED	IOVA(64)
#define HOLE		IOVA(1)
#define NO_GPA		(RAM_GPA + 8 * RAM_SIZE)

#define SYSFS_DEVICES	"/sys/bus/pci/devices"

FIXTURE(flood) {
	struct cmdqv_vm vm;
	pid_t thread;
	__u32 no_cd;
	__u64 iova;
};

FIXTURE_VARIANT(flood) {
	__u64 iova;
	int no_cd;
};

/* Faults of stage 1, of stage 2, and of a context descriptor outside of memory */
FIXTURE_VARIANT_ADD(flood, stage1) { .iova = NOT_MAPPED };
FIXTURE_VARIANT_ADD(flood, stage2) { .iova = HOLE };
FIXTURE_VARIANT_ADD(flood, no_cd) { .iova = NOT_MAPPED, .no_cd = 1 };

static int attach_without_cd(struct cmdqv_vm *vm, __u32 *hwpt)
{
	const __u64 ste[2] = { VSTE_V | VSTE_CFG_S1 | NO_GPA, 0 };
	int rc = iommufd_hwpt_nested(vm->iommufd, vm->dev_id, vm->viommu, ste,
				     hwpt);

	return rc ? rc : vfio_attach(vm->dev.fd, *hwpt);
}

static void faults(struct __test_metadata *_metadata, struct dma_dev *dev,
		   __u64 iova, unsigned int num)
{
	__u64 value;

	while (num--)
		EXPECT_EQ(-EFAULT, dma_read(dev, iova, &value));
}

/*
 * Wait until the thread has handled all records and has its old policy. Only a record
 * makes it check the time, and it must come after a second without records.
 */
static void settle(struct __test_metadata *_metadata, struct dma_dev *dev,
		   __u64 iova, pid_t thread)
{
	unsigned int i;

	for (i = 0; i < PAUSES; i++) {
		EXPECT_TRUE(irq_handled(SMMU_EVENT_IRQ));
		usleep(PAUSE_US);
		faults(_metadata, dev, iova, 1);
		EXPECT_TRUE(irq_handled(SMMU_EVENT_IRQ));
		if (sched_getscheduler(thread) == SCHED_FIFO)
			return;
	}
	EXPECT_EQ(SCHED_FIFO, sched_getscheduler(thread));
}

FIXTURE_SETUP(flood)
{
	struct cmdqv_vm *vm = &self->vm;

	self->thread = irq_thread(SMMU_EVENT_IRQ);
	ASSERT_LT(0, self->thread);
	NESTED_OPEN(vm, 0);
	TEST_STEP(vm, vm_nest(vm));
	stage1_map(&vm->ram, HOLE, NO_GPA);
	if (variant->no_cd)
		ASSERT_EQ(0, attach_without_cd(vm, &self->no_cd));
	settle(_metadata, &vm->dev, variant->iova, self->thread);
}

FIXTURE_TEARDOWN(flood)
{
	settle(_metadata, &self->vm.dev, variant->iova, self->thread);
	if (self->no_cd) {
		EXPECT_EQ(0, vfio_attach(self->vm.dev.fd, self->vm.nested));
		EXPECT_EQ(0, vm_destroy(&self->vm, &self->no_cd));
	}
	TEST_END(&self->vm);
}

TEST_F(flood, ordinary_thread)
{
	struct sched_param before, after;
	unsigned int i;

	ASSERT_EQ(0, sched_getparam(self->thread, &before));
	for (i = 0; i < STORMS; i++) {
		faults(_metadata, &self->vm.dev, variant->iova, STORM);
		if (sched_getscheduler(self->thread) == SCHED_OTHER)
			break;
	}
	EXPECT_GT(STORMS, i);

	settle(_metadata, &self->vm.dev, variant->iova, self->thread);
	ASSERT_EQ(0, sched_getparam(self->thread, &after));
	EXPECT_EQ(before.sched_priority, after.sched_priority);
}

struct beat {
	pthread_t thread;
	atomic_int stop;
	atomic_ulong count;
};

static void *beat(void *arg)
{
	struct beat *b = arg;

	run_on_cpu(0);
	while (!atomic_load(&b->stop)) {
		atomic_fetch_add(&b->count, 1);
		usleep(1000);
	}
	return NULL;
}

/*
 * An ordinary thread on the processor of the event thread runs while the event thread
 * works. Only the run time of the event thread counts, so that a pause of the emulated
 * processor has no effect.
 */
TEST_F(flood, others_run)
{
	unsigned long turns, start, ticks;
	struct beat b = { 0 };

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one processor");
	ASSERT_EQ(0, irq_to_cpu_0(SMMU_EVENT_IRQ));
	ASSERT_EQ(0, run_on_cpu(1));
	ASSERT_EQ(0, pthread_create(&b.thread, NULL, beat, &b));
	faults(_metadata, &self->vm.dev, variant->iova, STORM);

	turns = atomic_load(&b.count);
	ASSERT_NE(0, thread_state(self->thread, &start));
	do {
		faults(_metadata, &self->vm.dev, variant->iova, STORM);
		ASSERT_NE(0, thread_state(self->thread, &ticks));
	} while (atomic_load(&b.count) - turns <= TURNS &&
		 ticks - start < OWN_TICKS);
	EXPECT_LT(TURNS, atomic_load(&b.count) - turns);
	atomic_store(&b.stop, 1);
	pthread_join(b.thread, NULL);
}

/* A device of the host: without VFIO, with this program as its driver */
struct host_device {
	struct dma_dev dev;
	void *bar;
};

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), rc;

	if (fd < 0)
		return -errno;
	rc = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

static int host_open(struct host_device *host, unsigned int index)
{
	const __u16 command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	struct dma_dev *dev = &host->dev;
	char path[128];
	int fd, rc;

	host->bar = NULL;
	/* The device gets its IOMMU with its first driver, and keeps it without a driver */
	rc = dma_open(dev, index);
	if (rc)
		return rc;
	dma_close(dev);
	rc = write_file("/sys/bus/pci/drivers/vfio-pci/unbind", dev->name);
	if (rc)
		return rc;

	snprintf(path, sizeof(path), SYSFS_DEVICES "/%s/config", dev->name);
	fd = open(path, O_RDWR);
	if (fd < 0 || pwrite(fd, &command, 2, PCI_COMMAND) != 2)
		return -EIO;
	close(fd);
	snprintf(path, sizeof(path), SYSFS_DEVICES "/%s/resource0", dev->name);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return -errno;
	host->bar = mmap(NULL, PCI_DMA_TEST_BAR_SIZE, PROT_READ | PROT_WRITE,
			 MAP_SHARED, fd, 0);
	close(fd);
	if (host->bar == MAP_FAILED)
		return -errno;
	dev->regs = host->bar;
	return 0;
}

static void host_storm(struct __test_metadata *_metadata, struct dma_dev *dev,
		       pid_t thread)
{
	faults(_metadata, dev, NOT_MAPPED, STORM);
	EXPECT_TRUE(irq_handled(SMMU_EVENT_IRQ));
	EXPECT_EQ(SCHED_FIFO, sched_getscheduler(thread));
}

TEST(host_device)
{
	pid_t thread = irq_thread(SMMU_EVENT_IRQ);
	struct host_device host;
	int log = kmsg_open();

	ASSERT_EQ(0, host_open(&host, 1));
	settle(_metadata, &host.dev, NOT_MAPPED, thread);
	EXPECT_TRUE(kmsg_comes(log, "event 0x10 received",
			       host_storm(_metadata, &host.dev, thread)));
	munmap(host.bar, PCI_DMA_TEST_BAR_SIZE);
	close(log);
}

TEST_HARNESS_MAIN
