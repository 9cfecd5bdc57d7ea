// SPDX-License-Identifier: GPL-2.0
/*
 * User space stalls a command or a read(): others must not be delayed, in particular
 * a driver that reports an event; and an unfinished object must not be found.
 */
#include <signal.h>

#include "veventq_mock.h"
#include "viommu_stall.h"

FIXTURE(stall) {
	struct mock_vm vm;
	struct stall stall;
};

FIXTURE_SETUP(stall)
{
	__u32 vdevice, nested;

	MOCK_VM_START(&self->vm);
	ASSERT_EQ(0, mock_vm_nest(&self->vm, &vdevice, &nested));
	if (stall_open(&self->stall, UFFDIO_REGISTER_MODE_WP))
		SKIP(return, "no userfaultfd with write protection");
	close(self->stall.uffd);
}

FIXTURE_TEARDOWN(stall)
{
	MOCK_VM_END(&self->vm);
}

/* A queue with one event, and a reader that stalls in the copy of that event */
#define STALL_A_READER(depth, id, events)				\
	do {								\
		ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu, \
						   IOMMU_VEVENTQ_TYPE_SELFTEST, \
						   depth, id, events));	\
		ASSERT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));	\
		ASSERT_EQ(0, stall_read(&self->stall, *(events)));	\
	} while (0)

static int signals;

static void count_signal(int sig)
{
	__atomic_add_fetch(&signals, 1, __ATOMIC_RELEASE);
}

static bool signals_reach(int count)
{
	return wait_for(__atomic_load_n(&signals, __ATOMIC_ACQUIRE) == count);
}

struct reader {
	int fd;
	pthread_t thread;
	pid_t tid;
	int rc;
	int returned;
};

static void *second_reader(void *arg)
{
	struct reader *reader = arg;
	struct mock_vevent event;

	__atomic_store_n(&reader->tid, gettid(), __ATOMIC_RELEASE);
	reader->rc = mock_read(reader->fd, &event, sizeof(event));
	__atomic_store_n(&reader->returned, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* True if this thread sleeps in read() */
static bool sleeps_in_read(pid_t tid)
{
	char path[64], text[64] = "";
	long nr = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0 ||
	    sscanf(text, "%ld", &nr) != 1)
		nr = -1;
	close(fd);
	return nr == SYS_read;
}

static bool reader_waits(struct reader *reader)
{
	return wait_for(sleeps_in_read(__atomic_load_n(&reader->tid,
						       __ATOMIC_ACQUIRE)));
}

TEST_F(stall, reader)
{
	struct sigaction action = { .sa_handler = count_signal };
	struct reader reader = {};
	struct mock_vevent event;
	int i, events;
	__u32 id;

	STALL_A_READER(2, &id, &events);

	/* Drivers are not delayed, also if events are lost */
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ(POLLIN | POLLRDNORM, mock_poll(events));
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, id));

	/* Another reader has to wait, but can be interrupted */
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	reader.fd = events;
	ASSERT_EQ(0, pthread_create(&reader.thread, NULL, second_reader,
				    &reader));
	ASSERT_TRUE(reader_waits(&reader));
	ASSERT_EQ(0, pthread_kill(reader.thread, SIGUSR1));
	ASSERT_EQ(0, pthread_join(reader.thread, NULL));
	EXPECT_EQ(-EINTR, reader.rc);

	EXPECT_EQ((int)(2 * sizeof(event) + sizeof(event.header)),
		  stall_end(&self->stall));
	memcpy(&event, self->stall.page, sizeof(event));
	EXPECT_EQ(0, event.header.flags);
	EXPECT_EQ(0, event.header.sequence);
	EXPECT_EQ(MOCK_VIRT_ID, event.event.virt_id);
	EXPECT_EQ(0, mock_poll(events));
	EXPECT_EQ(0, close(events));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, id));
}

/* O_NONBLOCK: the second reader does not even wait for the first */
TEST_F(stall, reader_nonblock)
{
	struct mock_vevent event;
	int events;
	__u32 id;

	STALL_A_READER(2, &id, &events);
	ASSERT_EQ(0, fcntl(events, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, mock_read(events, &event, sizeof(event)));
	/* The buffer is checked first */
	EXPECT_EQ(-EINVAL, mock_read(events, &event, 1));

	EXPECT_EQ((int)sizeof(event), stall_end(&self->stall));
	EXPECT_EQ(0, mock_read(events, &event, sizeof(event)));
	EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ((ssize_t)sizeof(event),
		  mock_read(events, &event, sizeof(event)));
	EXPECT_EQ(0, close(events));
}

/* SA_RESTART: a signal does not end the wait, the first reader does */
TEST_F(stall, reader_restarts)
{
	struct sigaction action = {
		.sa_handler = count_signal,
		.sa_flags = SA_RESTART,
	};
	struct reader reader = {};
	int i, events;
	__u32 id;

	STALL_A_READER(2, &id, &events);
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	reader.fd = events;
	ASSERT_EQ(0, pthread_create(&reader.thread, NULL, second_reader,
				    &reader));
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(reader_waits(&reader));
		ASSERT_EQ(0, pthread_kill(reader.thread, SIGUSR1));
		ASSERT_TRUE(signals_reach(i + 1));
	}
	ASSERT_TRUE(reader_waits(&reader));
	EXPECT_EQ(0, __atomic_load_n(&reader.returned, __ATOMIC_ACQUIRE));

	EXPECT_EQ((int)sizeof(struct mock_vevent), stall_end(&self->stall));
	ASSERT_EQ(0, pthread_join(reader.thread, NULL));
	/* The first reader took the only event */
	EXPECT_EQ(0, reader.rc);
	EXPECT_EQ(0, close(events));
}

/* The page is unmapped during the copy: the event stays first in the queue */
TEST_F(stall, reader_faults)
{
	struct mock_vevent event = {};
	int events;
	__u32 id;

	STALL_A_READER(1, &id, &events);
	EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ(-EFAULT, stall_fail(&self->stall));
	EXPECT_EQ((ssize_t)sizeof(event),
		  mock_read(events, &event, sizeof(event)));
	EXPECT_EQ(0, event.header.sequence);
	EXPECT_EQ((ssize_t)sizeof(event.header),
		  mock_read(events, &event, sizeof(event)));
	EXPECT_EQ(1, event.header.sequence);
	EXPECT_EQ(0, close(events));
}

/* The ID of the next object, the lowest free one; 0 on failure */
static __u32 next_id(struct mock_vm *vm)
{
	__u32 id;

	if (iommufd_ioas_alloc(vm->fd, &id) || iommufd_destroy(vm->fd, id))
		return 0;
	return id;
}

/* A queue that is not finished: the type is in use, but the queue cannot be found */
#define EXPECT_UNFINISHED_VEVENTQ(id)					\
	do {								\
		__u32 __id;						\
		int __fd;						\
									\
		EXPECT_EQ(-EOPNOTSUPP, mock_trigger(self->vm.fd,	\
						    self->vm.dev));	\
		EXPECT_EQ(-EEXIST, iommufd_veventq_alloc(self->vm.fd,	\
							 self->vm.viommu, \
							 IOMMU_VEVENTQ_TYPE_SELFTEST, \
							 1, &__id, &__fd)); \
		EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd,		\
						  self->vm.viommu));	\
		EXPECT_EQ(-ENOENT, iommufd_destroy(self->vm.fd, id));	\
	} while (0)

TEST_F(stall, veventq_alloc)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = self->vm.viommu,
		.type = IOMMU_VEVENTQ_TYPE_SELFTEST,
		.veventq_depth = 1,
	};
	struct mock_vevent event;
	__u32 id = next_id(&self->vm);
	int fd;

	ASSERT_NE(0, id);
	ASSERT_EQ(0, stall_ioctl(&self->stall, self->vm.fd, IOMMU_VEVENTQ_ALLOC,
				 &cmd, sizeof(cmd)));
	EXPECT_UNFINISHED_VEVENTQ(id);
	ASSERT_EQ(0, stall_end(&self->stall));
	memcpy(&cmd, self->stall.page, sizeof(cmd));
	EXPECT_EQ(id, cmd.out_veventq_id);
	EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ((ssize_t)sizeof(event),
		  mock_read(cmd.out_veventq_fd, &event, sizeof(event)));
	EXPECT_EQ(0, close(cmd.out_veventq_fd));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, cmd.out_veventq_id));

	/* The same, but it fails in the end */
	ASSERT_EQ(0, stall_ioctl(&self->stall, self->vm.fd, IOMMU_VEVENTQ_ALLOC,
				 &cmd, sizeof(cmd)));
	EXPECT_UNFINISHED_VEVENTQ(id);
	EXPECT_EQ(-EFAULT, stall_fail(&self->stall));
	EXPECT_EQ(-EOPNOTSUPP, mock_trigger(self->vm.fd, self->vm.dev));
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
					   IOMMU_VEVENTQ_TYPE_SELFTEST, 1, &id, &fd));
	EXPECT_EQ(0, close(fd));
}

/* The region of the next vIOMMU will be after that of the first */
static void *map_next(struct mock_vm *vm)
{
	return mmap(NULL, vm->data.out_mmap_length, PROT_READ | PROT_WRITE,
		    MAP_SHARED, vm->fd,
		    vm->data.out_mmap_offset + vm->data.out_mmap_length);
}

/* Regions can be guessed; one of an unfinished vIOMMU cannot be mapped */
TEST_F(stall, viommu_alloc)
{
	struct iommu_viommu_selftest data = { .in_data = 1 };
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = self->vm.dev,
		.hwpt_id = self->vm.parent,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};
	void *p;

	ASSERT_EQ(0, stall_ioctl(&self->stall, self->vm.fd, IOMMU_VIOMMU_ALLOC,
				 &cmd, sizeof(cmd)));
	/* The region is at the expected offset */
	EXPECT_EQ(self->vm.data.out_mmap_offset + self->vm.data.out_mmap_length,
		  data.out_mmap_offset);
	EXPECT_EQ(MAP_FAILED, map_next(&self->vm));
	EXPECT_EQ(ENXIO, errno);
	EXPECT_EQ(-EFAULT, stall_fail(&self->stall));
	EXPECT_EQ(MAP_FAILED, map_next(&self->vm));
	EXPECT_EQ(ENXIO, errno);

	ASSERT_EQ(0, stall_ioctl(&self->stall, self->vm.fd, IOMMU_VIOMMU_ALLOC,
				 &cmd, sizeof(cmd)));
	EXPECT_EQ(MAP_FAILED, map_next(&self->vm));
	EXPECT_EQ(ENXIO, errno);
	ASSERT_EQ(0, stall_end(&self->stall));
	memcpy(&cmd, self->stall.page, sizeof(cmd));
	p = map_next(&self->vm);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(1, *(__u32 *)p);
	EXPECT_EQ(-EBUSY, iommufd_destroy(self->vm.fd, cmd.out_viommu_id));
	EXPECT_EQ(0, munmap(p, self->vm.data.out_mmap_length));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, cmd.out_viommu_id));
}

#define LATE_VIRT_ID (MOCK_VIRT_ID + 1)

static int invalidate(struct mock_vm *vm, __u32 virt_id)
{
	struct iommu_viommu_invalidate_selftest inv = { .vdev_id = virt_id };
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = vm->viommu,
		.data_uptr = (uintptr_t)&inv,
		.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
		.entry_len = sizeof(inv),
		.entry_num = 1,
	};

	return iommufd_ioctl(vm->fd, IOMMU_HWPT_INVALIDATE, &cmd);
}

/*
 * A vDEVICE that is not finished: its device and its virtual ID are in use, but it
 * cannot be found; and the device can be attached to another domain.
 */
TEST_F(stall, vdevice_alloc)
{
	struct mock_vm *vm = &self->vm;
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = vm->viommu,
		.virt_id = LATE_VIRT_ID,
	};
	__u32 stdev, other_stdev, other, nested, late, id;
	int fails;

	ASSERT_EQ(0, mock_nested(vm->fd, vm->dev, vm->viommu, &nested));
	ASSERT_EQ(0, mock_device(vm->fd, vm->ioas, 0, &other_stdev, &other));
	ASSERT_EQ(0, mock_device(vm->fd, vm->ioas, 0, &stdev, &cmd.dev_id));
	late = next_id(vm);
	ASSERT_NE(0, late);
	for (fails = 1; fails >= 0; fails--) {
		ASSERT_EQ(0, stall_ioctl(&self->stall, vm->fd,
					 IOMMU_VDEVICE_ALLOC, &cmd,
					 sizeof(cmd)));
		EXPECT_EQ(-EEXIST, iommufd_vdevice_alloc(vm->fd, vm->viommu, cmd.dev_id,
							 LATE_VIRT_ID + 1, &id));
		EXPECT_EQ(-EEXIST, iommufd_vdevice_alloc(vm->fd, vm->viommu, other,
							 LATE_VIRT_ID, &id));
		EXPECT_EQ(-EINVAL, invalidate(vm, LATE_VIRT_ID));
		EXPECT_EQ(-ENOENT, mock_attach(vm->fd, stdev, nested));
		EXPECT_EQ(0, mock_attach(vm->fd, stdev, vm->parent));
		EXPECT_EQ(0, mock_attach(vm->fd, stdev, vm->ioas));
		EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, vm->viommu));
		EXPECT_EQ(-ENOENT, iommufd_destroy(vm->fd, late));
		if (!fails)
			break;
		EXPECT_EQ(-EFAULT, stall_fail(&self->stall));
		EXPECT_EQ(-EINVAL, invalidate(vm, LATE_VIRT_ID));
	}
	ASSERT_EQ(0, stall_end(&self->stall));
	memcpy(&cmd, self->stall.page, sizeof(cmd));
	EXPECT_EQ(late, cmd.out_vdevice_id);
	EXPECT_EQ(0, invalidate(vm, LATE_VIRT_ID));
	EXPECT_EQ(0, mock_attach(vm->fd, stdev, nested));
	EXPECT_EQ(0, mock_attach(vm->fd, stdev, vm->ioas));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, cmd.out_vdevice_id));
	EXPECT_EQ(-EINVAL, invalidate(vm, LATE_VIRT_ID));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, stdev));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, other_stdev));
}

struct unbinder {
	int fd;
	__u32 stdev;
	int rc;
};

static void *unbind(void *arg)
{
	struct unbinder *u = arg;

	u->rc = iommufd_destroy(u->fd, u->stdev);
	return NULL;
}

/* Unbinding waits for the command that makes a vDEVICE, which then fails */
TEST_F(stall, vdevice_alloc_unbind)
{
	struct mock_vm *vm = &self->vm;
	struct unbinder unbinder = { .fd = vm->fd };
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = vm->viommu,
		.virt_id = LATE_VIRT_ID,
	};
	pthread_t thread;
	__u32 stdev, id;
	int rc;

	ASSERT_EQ(0, mock_device(vm->fd, vm->ioas, 0, &unbinder.stdev,
				 &cmd.dev_id));
	ASSERT_EQ(0, stall_ioctl(&self->stall, vm->fd, IOMMU_VDEVICE_ALLOC,
				 &cmd, sizeof(cmd)));
	ASSERT_EQ(0, pthread_create(&thread, NULL, unbind, &unbinder));
	EXPECT_TRUE(wait_for((rc = iommufd_vdevice_alloc(vm->fd, vm->viommu, cmd.dev_id,
							 LATE_VIRT_ID + 1, &id)) !=
			     -EEXIST));
	EXPECT_EQ(-ENOENT, rc);
	EXPECT_EQ(-ENOENT, stall_end(&self->stall));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, unbinder.rc);

	/* Nothing is left of it */
	EXPECT_EQ(-EINVAL, invalidate(vm, LATE_VIRT_ID));
	ASSERT_EQ(0, mock_device(vm->fd, vm->ioas, 0, &stdev, &cmd.dev_id));
	EXPECT_EQ(0, iommufd_vdevice_alloc(vm->fd, vm->viommu, cmd.dev_id, LATE_VIRT_ID,
					   &id));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, id));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, stdev));
}

/* A HW queue that is not finished: the next one cannot depend on it */
TEST_F(stall, hw_queue_alloc)
{
	struct mock_vm *vm = &self->vm;
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = vm->viommu,
		.type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.nesting_parent_iova = MOCK_IOVA,
		.length = mock_page,
	};
	void *ram = mmap(NULL, mock_page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u32 late = next_id(vm), id;
	__u64 length = mock_page;
	int fails;

	ASSERT_NE(0, late);
	ASSERT_NE(MAP_FAILED, ram);
	ASSERT_EQ(0, iommufd_ioas_map(vm->fd, vm->ioas, ram, MOCK_IOVA, mock_page,
				      MOCK_RW));
	for (fails = 1; fails >= 0; fails--) {
		ASSERT_EQ(0, stall_ioctl(&self->stall, vm->fd,
					 IOMMU_HW_QUEUE_ALLOC, &cmd,
					 sizeof(cmd)));
		EXPECT_EQ(-EEXIST, iommufd_hw_queue_alloc(vm->fd, vm->viommu, cmd.type,
							  0, MOCK_IOVA, mock_page, &id));
		EXPECT_EQ(-EIO, iommufd_hw_queue_alloc(vm->fd, vm->viommu, cmd.type, 1,
						       MOCK_IOVA, mock_page, &id));
		EXPECT_EQ(-EBUSY, iommufd_ioas_unmap(vm->fd, vm->ioas, MOCK_IOVA,
						     &length));
		EXPECT_EQ(-ENOENT, iommufd_destroy(vm->fd, late));
		EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, vm->viommu));
		if (!fails)
			break;
		EXPECT_EQ(-EFAULT, stall_fail(&self->stall));
		EXPECT_EQ(-EIO, iommufd_hw_queue_alloc(vm->fd, vm->viommu, cmd.type, 1,
						       MOCK_IOVA, mock_page, &id));
	}
	ASSERT_EQ(0, stall_end(&self->stall));
	memcpy(&cmd, self->stall.page, sizeof(cmd));
	EXPECT_EQ(late, cmd.out_hw_queue_id);
	ASSERT_EQ(0, iommufd_hw_queue_alloc(vm->fd, vm->viommu, cmd.type, 1, MOCK_IOVA,
					    mock_page, &id));
	EXPECT_EQ(-EBUSY, iommufd_destroy(vm->fd, cmd.out_hw_queue_id));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, id));
	EXPECT_EQ(0, iommufd_destroy(vm->fd, cmd.out_hw_queue_id));
	length = mock_page;
	EXPECT_EQ(0, iommufd_ioas_unmap(vm->fd, vm->ioas, MOCK_IOVA, &length));
}

TEST_HARNESS_MAIN
