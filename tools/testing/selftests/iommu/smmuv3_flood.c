// SPDX-License-Identifier: GPL-2.0
/*
 * A guest whose device faults without end. The thread that reads the SMMU's event queue
 * is a real-time thread; it becomes an ordinary one for as long as devices of user space
 * send more than a few records in a second, whoever caused them: stage 1, stage 2, or
 * the fetch of a context descriptor. Faults of the host's own devices change nothing.
 *
 * others_run needs a kernel without preemption to show anything, and a machine on which
 * the guest is faster than the thread (-icount, two processors): then the thread never
 * comes to the end of the queue, and nothing but the thread itself can stop it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <linux/pci_regs.h>

#include "smmuv3_nested.h"
#include "cmdqv_events.h"

#define STORM		1000
#define LONG_STORM	20000
#define STORM_TIMEOUT	120
/* More than the second after which the thread counts anew */
#define PAUSE_US	1200000
#define PAUSES		20

#define NOT_MAPPED	IOVA(64)
#define HOLE		IOVA(1)
#define NO_GPA		(RAM_GPA + 8 * RAM_SIZE)

#define EVENT_IRQ	"arm-smmu-v3-evtq"
#define SYSFS_DEVICES	"/sys/bus/pci/devices"

static int event_irq(void)
{
	FILE *f = fopen("/proc/interrupts", "r");
	int irq = -1, found = -1;
	char line[512];

	while (f && found < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, " %d:", &irq) == 1 && strstr(line, EVENT_IRQ))
			found = irq;
	if (f)
		fclose(f);
	return found;
}

/* The thread of the event interrupt, -1 if there is none */
static pid_t event_thread(void)
{
	char path[300], want[32], comm[32];
	struct dirent *entry;
	pid_t found = -1;
	DIR *proc = opendir("/proc");
	FILE *f;

	snprintf(want, sizeof(want), "irq/%d-", event_irq());
	while (proc && found < 0 && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) &&
		    !strncmp(comm, want, strlen(want)))
			found = atoi(entry->d_name);
		fclose(f);
	}
	if (proc)
		closedir(proc);
	return found;
}

/* Whether the event thread has this policy before the time is over */
static int wait_policy(pid_t thread, int policy, int ms)
{
	for (; ms > 0; ms -= 10) {
		if (sched_getscheduler(thread) == policy)
			return 1;
		usleep(10000);
	}
	return 0;
}

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

/* What stage 1 refuses, what stage 2 refuses, and a context descriptor in no memory */
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
 * A fault after a pause, and the thread is what it was when it began. Records of a
 * storm may still be waiting, each second of which begins a pause anew.
 */
static void settle(struct __test_metadata *_metadata, struct dma_dev *dev,
		   __u64 iova, pid_t thread)
{
	unsigned int i;

	for (i = 0; i < PAUSES; i++) {
		usleep(PAUSE_US);
		faults(_metadata, dev, iova, 1);
		if (wait_policy(thread, SCHED_FIFO, PAUSE_US / 1000) == 1)
			return;
	}
	EXPECT_EQ(1, wait_policy(thread, SCHED_FIFO, WAIT_MS));
}

FIXTURE_SETUP(flood)
{
	struct cmdqv_vm *vm = &self->vm;

	self->thread = event_thread();
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

TEST_F_TIMEOUT(flood, ordinary_thread, STORM_TIMEOUT)
{
	struct sched_param before, after;

	ASSERT_EQ(0, sched_getparam(self->thread, &before));
	faults(_metadata, &self->vm.dev, variant->iova, STORM);
	EXPECT_EQ(1, wait_policy(self->thread, SCHED_OTHER, WAIT_MS));

	settle(_metadata, &self->vm.dev, variant->iova, self->thread);
	ASSERT_EQ(0, sched_getparam(self->thread, &after));
	EXPECT_EQ(before.sched_priority, after.sched_priority);
}

struct beat {
	pthread_t thread;
	atomic_int stop;
	atomic_ulong count;
};

static int pin(pid_t task, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(task, sizeof(set), &set);
}

static void *beat(void *arg)
{
	struct beat *b = arg;

	pin(0, 0);
	while (!atomic_load(&b->stop)) {
		atomic_fetch_add(&b->count, 1);
		usleep(1000);
	}
	return NULL;
}

static int set_event_irq_cpu(int cpu)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/irq/%d/smp_affinity_list",
		 event_irq());
	f = fopen(path, "w");
	if (!f)
		return -1;
	fprintf(f, "%d\n", cpu);
	return fclose(f);
}

/* An ordinary thread on the processor of the event thread goes on */
TEST_F_TIMEOUT(flood, others_run, STORM_TIMEOUT)
{
	struct beat b = { 0 };
	unsigned long begin;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one processor");
	ASSERT_EQ(0, set_event_irq_cpu(0));
	ASSERT_EQ(0, pin(0, 1));
	ASSERT_EQ(0, pthread_create(&b.thread, NULL, beat, &b));
	faults(_metadata, &self->vm.dev, variant->iova, STORM);

	begin = atomic_load(&b.count);
	faults(_metadata, &self->vm.dev, variant->iova, LONG_STORM);
	EXPECT_LT(begin + 4, atomic_load(&b.count));
	atomic_store(&b.stop, 1);
	pthread_join(b.thread, NULL);
}

/* A device of the host: no VFIO, and this program as its driver */
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
	/* A device comes to its IOMMU with its first driver, and stays there without */
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

TEST(host_device)
{
	pid_t thread = event_thread();
	int log = kmsg_open();
	struct host_device host;

	ASSERT_EQ(0, host_open(&host, 1));
	settle(_metadata, &host.dev, NOT_MAPPED, thread);
	faults(_metadata, &host.dev, NOT_MAPPED, STORM);
	EXPECT_EQ(1, kmsg_wait(log, "event 0x10 received", WAIT_MS));
	EXPECT_EQ(0, wait_policy(thread, SCHED_OTHER, QUIET_MS));
	munmap(host.bar, PCI_DMA_TEST_BAR_SIZE);
	close(log);
}

TEST_HARNESS_MAIN
