// SPDX-License-Identifier: GPL-2.0
/*
 * A command or a read() that is stalled in the middle of a copy, by a userfaultfd
 * on the page that it copies to: user space can do that for as long as it likes.
 * Nobody else may be held up by it, least of all a driver that reports an event;
 * and what is not finished may not be found.
 */
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#include "veventq_mock.h"

struct stall {
	int uffd;
	void *page;
	__u64 mode;
	/* The stalled call */
	pthread_t thread;
	int fd;
	unsigned long request;
	int rc;
};

static void *stalled_call(void *arg)
{
	struct stall *s = arg;

	if (s->request)
		s->rc = mock_ioctl(s->fd, s->request, s->page);
	else
		s->rc = mock_read(s->fd, s->page, mock_page);
	return NULL;
}

static int stall_open(struct stall *s, __u64 mode)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = mode == UFFDIO_REGISTER_MODE_WP ?
			    UFFD_FEATURE_PAGEFAULT_FLAG_WP : 0,
	};
	struct uffdio_register reg = { .mode = mode };

	s->mode = mode;
	s->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (s->uffd < 0)
		return -errno;
	s->page = mmap(NULL, mock_page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->page == MAP_FAILED)
		return -errno;
	reg.range.start = (uintptr_t)s->page;
	reg.range.len = mock_page;
	if (ioctl(s->uffd, UFFDIO_API, &api))
		return -errno;
	return ioctl(s->uffd, UFFDIO_REGISTER, &reg) ? -errno : 0;
}

static int stall_protect(struct stall *s, int on)
{
	struct uffdio_writeprotect wp = {
		.range = { .start = (uintptr_t)s->page, .len = mock_page },
		.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	return ioctl(s->uffd, UFFDIO_WRITEPROTECT, &wp) ? -errno : 0;
}

/* Start the call, and wait until it is stalled */
static int stall_start(struct stall *s)
{
	struct pollfd p = { .fd = s->uffd, .events = POLLIN };
	struct uffd_msg msg;
	int rc;

	rc = -pthread_create(&s->thread, NULL, stalled_call, s);
	if (rc)
		return rc;
	if (poll(&p, 1, 20000) != 1)
		return -ETIMEDOUT;
	if (read(s->uffd, &msg, sizeof(msg)) != sizeof(msg) ||
	    msg.event != UFFD_EVENT_PAGEFAULT)
		return -EPROTO;
	return 0;
}

/* A read() that stalls at its first byte */
static int stall_read(struct stall *s, int fd)
{
	int rc = stall_open(s, UFFDIO_REGISTER_MODE_MISSING);

	s->fd = fd;
	s->request = 0;
	return rc ? rc : stall_start(s);
}

/* A command that stalls at its response */
static int stall_ioctl(struct stall *s, int fd, unsigned long request,
		       const void *cmd, size_t size)
{
	int rc = stall_open(s, UFFDIO_REGISTER_MODE_WP);

	if (rc)
		return rc;
	s->fd = fd;
	s->request = request;
	memcpy(s->page, cmd, size);
	rc = stall_protect(s, 1);
	return rc ? rc : stall_start(s);
}

/* Let the call go on; returns what it returned */
static int stall_end(struct stall *s)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)s->page, .len = mock_page },
	};

	if (s->mode == UFFDIO_REGISTER_MODE_WP ?
	    stall_protect(s, 0) : ioctl(s->uffd, UFFDIO_ZEROPAGE, &zero))
		return -EIO;
	pthread_join(s->thread, NULL);
	close(s->uffd);
	return s->rc;
}

/* Take away the page under the call; returns what it returned */
static int stall_fail(struct stall *s)
{
	if (munmap(s->page, mock_page))
		return -EIO;
	close(s->uffd);
	pthread_join(s->thread, NULL);
	return s->rc;
}

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

static void no_action(int sig)
{
}

struct reader {
	int fd;
	pthread_t thread;
	int rc;
};

static void *second_reader(void *arg)
{
	struct reader *reader = arg;
	struct mock_vevent event;

	reader->rc = mock_read(reader->fd, &event, sizeof(event));
	return NULL;
}

TEST_F(stall, reader)
{
	struct sigaction action = { .sa_handler = no_action };
	struct mock_vevent event;
	struct reader reader;
	int i, events;
	__u32 id;

	ASSERT_EQ(0, mock_veventq(self->vm.fd, self->vm.viommu,
				  IOMMU_VEVENTQ_TYPE_SELFTEST, 2, &id,
				  &events));
	ASSERT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	ASSERT_EQ(0, stall_read(&self->stall, events));

	/* Drivers go on, even when it comes to losing events */
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ(POLLIN | POLLRDNORM, mock_poll(events));
	EXPECT_EQ(-EBUSY, mock_destroy(self->vm.fd, id));

	/* Another reader has to wait, but can be interrupted */
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	reader.fd = events;
	reader.rc = 0;
	ASSERT_EQ(0, pthread_create(&reader.thread, NULL, second_reader,
				    &reader));
	usleep(200000);
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
	EXPECT_EQ(0, mock_destroy(self->vm.fd, id));
}

/* The page goes away under the reader: the event stays where it is */
TEST_F(stall, reader_faults)
{
	struct mock_vevent event = {};
	int events;
	__u32 id;

	ASSERT_EQ(0, mock_veventq(self->vm.fd, self->vm.viommu,
				  IOMMU_VEVENTQ_TYPE_SELFTEST, 1, &id,
				  &events));
	ASSERT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	ASSERT_EQ(0, stall_read(&self->stall, events));
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

/* A queue that is not finished: the type is taken, but nobody finds the queue */
#define EXPECT_UNFINISHED_VEVENTQ()					\
	do {								\
		__u32 __id, __later;					\
		int __fd;						\
									\
		EXPECT_EQ(-EOPNOTSUPP, mock_trigger(self->vm.fd,	\
						    self->vm.dev));	\
		EXPECT_EQ(-EEXIST, mock_veventq(self->vm.fd,		\
						self->vm.viommu,	\
						IOMMU_VEVENTQ_TYPE_SELFTEST, \
						1, &__id, &__fd));	\
		EXPECT_EQ(-EBUSY, mock_destroy(self->vm.fd,		\
					       self->vm.viommu));	\
		/* IDs count upwards: the one before is the stalled one */ \
		ASSERT_EQ(0, mock_ioas_alloc(self->vm.fd, &__later));	\
		EXPECT_EQ(-ENOENT, mock_destroy(self->vm.fd,		\
						__later - 1));		\
		EXPECT_EQ(0, mock_destroy(self->vm.fd, __later));	\
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
	__u32 id;
	int fd;

	ASSERT_EQ(0, stall_ioctl(&self->stall, self->vm.fd, IOMMU_VEVENTQ_ALLOC,
				 &cmd, sizeof(cmd)));
	EXPECT_UNFINISHED_VEVENTQ();
	ASSERT_EQ(0, stall_end(&self->stall));
	memcpy(&cmd, self->stall.page, sizeof(cmd));
	EXPECT_EQ(0, mock_trigger(self->vm.fd, self->vm.dev));
	EXPECT_EQ((ssize_t)sizeof(event),
		  mock_read(cmd.out_veventq_fd, &event, sizeof(event)));
	EXPECT_EQ(0, close(cmd.out_veventq_fd));
	EXPECT_EQ(0, mock_destroy(self->vm.fd, cmd.out_veventq_id));

	/* The same, but it fails in the end */
	ASSERT_EQ(0, stall_ioctl(&self->stall, self->vm.fd, IOMMU_VEVENTQ_ALLOC,
				 &cmd, sizeof(cmd)));
	EXPECT_UNFINISHED_VEVENTQ();
	EXPECT_EQ(-EFAULT, stall_fail(&self->stall));
	EXPECT_EQ(-EOPNOTSUPP, mock_trigger(self->vm.fd, self->vm.dev));
	ASSERT_EQ(0, mock_veventq(self->vm.fd, self->vm.viommu,
				  IOMMU_VEVENTQ_TYPE_SELFTEST, 1, &id, &fd));
	EXPECT_EQ(0, close(fd));
}

/* Where the region of the next vIOMMU will be: behind that of the first */
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
	/* The region is where the test believes it to be */
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
	EXPECT_EQ(-EBUSY, mock_destroy(self->vm.fd, cmd.out_viommu_id));
	EXPECT_EQ(0, munmap(p, self->vm.data.out_mmap_length));
	EXPECT_EQ(0, mock_destroy(self->vm.fd, cmd.out_viommu_id));
}

TEST_HARNESS_MAIN
