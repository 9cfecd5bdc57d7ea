// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of a vEVENTQ: every row of the tables for read() and poll(), and lost
 * events without a reader. The KUnit suite iommufd-veventq, which can preset the
 * sequence number, tests its wrap.
 *
 * Faults in the middle of a copy come from a buffer that ends where a page without
 * access begins.
 */
#include <pthread.h>
#include <sys/epoll.h>

#include "veventq_mock.h"

#define HEADER	sizeof(struct iommufd_vevent_header)
#define EVENT	sizeof(struct mock_vevent)

FIXTURE(veventq_read) {
	struct mock_vm vm;
	__u32 id;
	int events;
};

/* The depth of the queue */
#define DEPTH 2

FIXTURE_SETUP(veventq_read)
{
	__u32 vdevice, nested;

	MOCK_VM_START(&self->vm);
	ASSERT_EQ(0, mock_vm_nest(&self->vm, &vdevice, &nested));
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
					   IOMMU_VEVENTQ_TYPE_SELFTEST, DEPTH,
					   &self->id, &self->events));
}

FIXTURE_TEARDOWN(veventq_read)
{
	EXPECT_EQ(0, close(self->events));
	EXPECT_EQ(0, iommufd_destroy(self->vm.fd, self->id));
	MOCK_VM_END(&self->vm);
}

#define REPORT(count)							\
	do {								\
		unsigned int __i;					\
									\
		for (__i = 0; __i < (count); __i++)			\
			ASSERT_EQ(0, mock_trigger(self->vm.fd,		\
						  self->vm.dev));	\
	} while (0)

#define EXPECT_READ(result, buf, count) \
	EXPECT_EQ((ssize_t)(result), mock_read(self->events, buf, count))

#define EXPECT_EVENT(entry, number)					\
	do {								\
		struct mock_vevent __e = *(struct mock_vevent *)(entry);\
									\
		EXPECT_EQ(0, __e.header.flags);				\
		EXPECT_EQ(number, __e.header.sequence);			\
		EXPECT_EQ(MOCK_VIRT_ID, __e.event.virt_id);		\
	} while (0)

#define EXPECT_MARKER(entry, number)					\
	do {								\
		struct iommufd_vevent_header __h =			\
			*(struct iommufd_vevent_header *)(entry);	\
									\
		EXPECT_EQ(MOCK_LOST, __h.flags);			\
		EXPECT_EQ(number, __h.sequence);			\
	} while (0)

/* The next read gives exactly this */
#define EXPECT_NEXT_EVENT(number)					\
	do {								\
		struct mock_vevent __buf = {};				\
									\
		EXPECT_READ(EVENT, &__buf, EVENT);			\
		EXPECT_EVENT(&__buf, number);				\
	} while (0)

#define EXPECT_NEXT_MARKER(number)					\
	do {								\
		struct mock_vevent __buf = {};				\
									\
		EXPECT_READ(HEADER, &__buf, EVENT);			\
		EXPECT_MARKER(&__buf, number);				\
	} while (0)

#define EXPECT_EMPTY()							\
	do {								\
		char __buf[EVENT];					\
									\
		EXPECT_READ(0, __buf, sizeof(__buf));			\
		EXPECT_EQ(0, mock_poll(self->events));			\
	} while (0)

/* Start of the last room bytes before an inaccessible page */
static char *room_before_fault(size_t room)
{
	char *pages = mmap(NULL, 2 * mock_page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED ||
	    mprotect(pages + mock_page, mock_page, PROT_NONE))
		abort();
	memset(pages, 0xee, mock_page);
	return pages + mock_page - room;
}

/* Make the second page accessible */
static void allow(char *room)
{
	char *page = (char *)(((uintptr_t)room + mock_page - 1) & -mock_page);

	if (mprotect(page, mock_page, PROT_READ | PROT_WRITE))
		abort();
}

TEST_F(veventq_read, empty)
{
	char buf[4096];

	EXPECT_READ(0, buf, sizeof(buf));
	EXPECT_READ(0, buf, HEADER);
	/* read() never blocks, so O_NONBLOCK has no effect */
	ASSERT_EQ(0, fcntl(self->events, F_SETFL, O_NONBLOCK));
	EXPECT_READ(0, buf, sizeof(buf));
	/* No entry, no fault */
	EXPECT_READ(0, mock_unreadable(), HEADER);
}

TEST_F(veventq_read, position)
{
	char buf[EVENT];

	REPORT(1);
	EXPECT_EQ(-1, pread(self->events, buf, sizeof(buf), 1));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->events, buf, sizeof(buf), EVENT));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, lseek(self->events, 0, SEEK_CUR));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_NEXT_EVENT(0);
}

TEST_F(veventq_read, count_below_a_header)
{
	char buf[EVENT];

	EXPECT_READ(-EINVAL, buf, HEADER - 1);
	EXPECT_READ(-EINVAL, buf, 0);
	REPORT(1);
	EXPECT_READ(-EINVAL, buf, HEADER - 1);
	EXPECT_READ(-EINVAL, buf, 0);
	EXPECT_NEXT_EVENT(0);
	EXPECT_EMPTY();
}

TEST_F(veventq_read, first_does_not_fit)
{
	char buf[EVENT];

	REPORT(1);
	EXPECT_READ(-EINVAL, buf, EVENT - 1);
	EXPECT_READ(-EINVAL, buf, HEADER);
	EXPECT_EQ(POLLIN | POLLRDNORM, mock_poll(self->events));
	EXPECT_NEXT_EVENT(0);
	EXPECT_EMPTY();
}

TEST_F(veventq_read, later_does_not_fit)
{
	char buf[3 * EVENT];

	memset(buf, 0xee, sizeof(buf));
	REPORT(2);
	EXPECT_READ(EVENT, buf, 2 * EVENT - 1);
	EXPECT_EVENT(buf, 0);
	EXPECT_EQ((char)0xee, buf[EVENT]);
	EXPECT_NEXT_EVENT(1);
	EXPECT_EMPTY();
}

TEST_F(veventq_read, several)
{
	char buf[4096];

	REPORT(4);
	EXPECT_READ(2 * EVENT + HEADER, buf, sizeof(buf));
	EXPECT_EVENT(buf, 0);
	EXPECT_EVENT(buf + EVENT, 1);
	EXPECT_MARKER(buf + 2 * EVENT, 3);
	EXPECT_EMPTY();
}

TEST_F(veventq_read, marker_needs_a_header_only)
{
	char buf[2 * EVENT + HEADER];

	REPORT(3);
	EXPECT_READ(2 * EVENT + HEADER, buf, sizeof(buf));
	EXPECT_MARKER(buf + 2 * EVENT, 2);
	EXPECT_EMPTY();

	/* Not even a header fits */
	REPORT(3);
	EXPECT_READ(2 * EVENT, buf, sizeof(buf) - 1);
	EXPECT_READ(HEADER, buf, HEADER);
	EXPECT_MARKER(buf, 5);
	EXPECT_EMPTY();
}

/* Events are lost while the queue is full; the marker has the last lost number */
TEST_F(veventq_read, overflow)
{
	REPORT(5);
	EXPECT_NEXT_EVENT(0);
	EXPECT_NEXT_EVENT(1);
	EXPECT_NEXT_MARKER(4);
	EXPECT_EMPTY();
	REPORT(1);
	EXPECT_NEXT_EVENT(5);
	EXPECT_EMPTY();
}

/* A queued event replaces the marker: the gap shows the loss */
TEST_F(veventq_read, gap)
{
	REPORT(5);
	EXPECT_NEXT_EVENT(0);
	REPORT(1);
	EXPECT_NEXT_EVENT(1);
	EXPECT_NEXT_EVENT(5);
	EXPECT_EMPTY();
}

/* The marker needs no room: the depth counts events */
TEST_F(veventq_read, marker_takes_no_room)
{
	REPORT(3);
	EXPECT_NEXT_EVENT(0);
	EXPECT_NEXT_EVENT(1);
	REPORT(2);
	EXPECT_NEXT_EVENT(3);
	EXPECT_NEXT_EVENT(4);
	EXPECT_EMPTY();
}

TEST_F(veventq_read, fault_at_the_first)
{
	/* In the header, between header and payload, in the payload */
	size_t rooms[] = { 0, 1, HEADER - 1, HEADER, HEADER + 1, EVENT - 1 };
	unsigned int i, n = 0;
	char *room;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		room = room_before_fault(rooms[i]);
		REPORT(1);
		EXPECT_READ(-EFAULT, room, EVENT);
		EXPECT_READ(-EFAULT, room, 10 * EVENT);
		EXPECT_EQ(POLLIN | POLLRDNORM, mock_poll(self->events));

		/* The event has stayed in the queue, and counts */
		REPORT(2);
		allow(room);
		EXPECT_READ(EVENT, room, EVENT);
		EXPECT_EVENT(room, n);
		EXPECT_NEXT_EVENT(n + 1);
		EXPECT_NEXT_MARKER(n + 2);
		EXPECT_EMPTY();
		n += 3;
	}
}

TEST_F(veventq_read, fault_later)
{
	size_t rooms[] = { 0, 1, HEADER, EVENT - 1 };
	unsigned int i, n = 0;
	char *room;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		room = room_before_fault(EVENT + rooms[i]);
		REPORT(2);
		EXPECT_READ(EVENT, room, 2 * EVENT);
		EXPECT_EVENT(room, n);
		/* Entries that were read make room, others do not */
		REPORT(2);
		EXPECT_NEXT_EVENT(n + 1);
		EXPECT_NEXT_EVENT(n + 2);
		EXPECT_NEXT_MARKER(n + 3);
		EXPECT_EMPTY();
		n += 4;
	}
}

TEST_F(veventq_read, fault_at_the_marker)
{
	char *room = room_before_fault(2 * EVENT + HEADER - 1);
	char *none = room_before_fault(1);

	REPORT(3);
	EXPECT_READ(2 * EVENT, room, 3 * EVENT);
	EXPECT_READ(-EFAULT, none, HEADER);
	EXPECT_NEXT_MARKER(2);
	EXPECT_EMPTY();

	/* Newer entries exist by the time of the next read */
	REPORT(3);
	EXPECT_READ(2 * EVENT, room, 3 * EVENT);
	EXPECT_READ(-EFAULT, none, HEADER);
	REPORT(1);
	EXPECT_NEXT_EVENT(6);
	EXPECT_EMPTY();
}

TEST_F(veventq_read, poll)
{
	char buf[EVENT];

	EXPECT_EQ(0, mock_poll(self->events));
	REPORT(1);
	EXPECT_EQ(POLLIN | POLLRDNORM, mock_poll(self->events));
	REPORT(2);
	EXPECT_READ(EVENT, buf, EVENT);
	EXPECT_EQ(POLLIN | POLLRDNORM, mock_poll(self->events));
	EXPECT_READ(EVENT, buf, EVENT);
	/* Only the marker is left */
	EXPECT_EQ(POLLIN | POLLRDNORM, mock_poll(self->events));
	EXPECT_NEXT_MARKER(2);
	EXPECT_EQ(0, mock_poll(self->events));
}

struct late_report {
	int fd;
	__u32 dev;
	int rc;
};

static void *late_report(void *arg)
{
	struct late_report *late = arg;

	usleep(100000);
	late->rc = mock_trigger(late->fd, late->dev);
	return NULL;
}

TEST_F(veventq_read, wakes_up)
{
	struct late_report late = { .fd = self->vm.fd, .dev = self->vm.dev };
	struct pollfd p = { .fd = self->events, .events = POLLIN };
	pthread_t thread;
	int i;

	/* An event, one more, and one that is lost */
	for (i = 0; i < 3; i++) {
		struct epoll_event event = { .events = EPOLLIN | EPOLLET };
		int epoll = epoll_create1(EPOLL_CLOEXEC);

		ASSERT_LE(0, epoll);
		ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->events,
				       &event));
		/* Queued entries report once; then only new ones */
		EXPECT_EQ(!!i, epoll_wait(epoll, &event, 1, 0));
		EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
		ASSERT_EQ(0, pthread_create(&thread, NULL, late_report, &late));
		EXPECT_EQ(1, epoll_wait(epoll, &event, 1, WAIT_MS));
		EXPECT_EQ(EPOLLIN, event.events);
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_EQ(0, late.rc);
		close(epoll);
	}
	EXPECT_NEXT_EVENT(0);
	EXPECT_NEXT_EVENT(1);
	EXPECT_NEXT_MARKER(2);

	ASSERT_EQ(0, pthread_create(&thread, NULL, late_report, &late));
	EXPECT_EQ(1, poll(&p, 1, WAIT_MS));
	EXPECT_EQ(POLLIN, p.revents);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_NEXT_EVENT(3);
}

TEST_F(veventq_read, no_other_calls)
{
	char buf[EVENT] = {};
	int unused = 0;

	EXPECT_EQ(-1, write(self->events, buf, sizeof(buf)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ioctl(self->events, IOMMU_DESTROY, &unused));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, mock_page, PROT_READ, MAP_SHARED,
				   self->events, 0));
	EXPECT_EQ(ENODEV, errno);
}

/* The queues of two vIOMMUs count separately */
TEST_F(veventq_read, two_viommus)
{
	__u32 viommu, stdev, dev, vdevice, nested, id;
	struct mock_vevent event;
	int events;

	ASSERT_EQ(0, mock_device(self->vm.fd, self->vm.ioas, 0, &stdev, &dev));
	ASSERT_EQ(0, iommufd_viommu_alloc(self->vm.fd, dev, self->vm.parent,
					  IOMMU_VIOMMU_TYPE_SELFTEST, NULL, 0, &viommu));
	ASSERT_EQ(0, iommufd_vdevice_alloc(self->vm.fd, viommu, dev, 7, &vdevice));
	ASSERT_EQ(0, mock_nested(self->vm.fd, dev, viommu, &nested));
	ASSERT_EQ(0, mock_attach(self->vm.fd, stdev, nested));
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, viommu,
					   IOMMU_VEVENTQ_TYPE_SELFTEST, 5, &id,
					   &events));
	REPORT(2);
	EXPECT_EQ(0, mock_poll(events));
	EXPECT_EQ(0, mock_trigger(self->vm.fd, dev));
	EXPECT_EQ((ssize_t)EVENT, mock_read(events, &event, EVENT));
	EXPECT_EQ(0, event.header.sequence);
	EXPECT_EQ(7, event.event.virt_id);
	EXPECT_NEXT_EVENT(0);
	EXPECT_NEXT_EVENT(1);
	EXPECT_EMPTY();
	EXPECT_EQ(0, close(events));
}

#define MANY 3000

struct reader {
	int events;
	pthread_t thread;
	unsigned int count;
	__u32 sequence[MANY];
	int bad;
};

static unsigned int readers_got;

/* Odd buffer sizes, so that entries of other sizes would be split */
static void *read_all(void *arg)
{
	char buf[5 * EVENT + 7];
	struct reader *r = arg;
	struct mock_vevent event;
	ssize_t n, i;

	while (__atomic_load_n(&readers_got, __ATOMIC_RELAXED) < MANY) {
		n = read(r->events, buf, EVENT + r->count % (4 * EVENT + 7));
		if (n < 0 || n % EVENT) {
			r->bad++;
			break;
		}
		for (i = 0; i < n; i += EVENT) {
			memcpy(&event, buf + i, EVENT);
			if (event.header.flags || r->count == MANY ||
			    event.event.virt_id != MOCK_VIRT_ID)
				r->bad++;
			else
				r->sequence[r->count++] = event.header.sequence;
		}
		__atomic_add_fetch(&readers_got, n / EVENT, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Two readers share the events: each gets whole entries, and none is returned twice */
TEST_F(veventq_read, two_readers)
{
	static struct reader readers[2];
	static unsigned char seen[MANY];
	unsigned int i, k, lost = 0;

	/* A queue without losses */
	ASSERT_EQ(0, close(self->events));
	ASSERT_EQ(0, iommufd_destroy(self->vm.fd, self->id));
	ASSERT_EQ(0, iommufd_veventq_alloc(self->vm.fd, self->vm.viommu,
					   IOMMU_VEVENTQ_TYPE_SELFTEST, MAX_DEPTH,
					   &self->id, &self->events));

	for (i = 0; i < 2; i++) {
		readers[i].events = self->events;
		ASSERT_EQ(0, pthread_create(&readers[i].thread, NULL, read_all,
					    &readers[i]));
	}
	REPORT(MANY);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_join(readers[i].thread, NULL));
	EXPECT_EMPTY();

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, readers[i].bad);
		for (k = 0; k < readers[i].count; k++) {
			ASSERT_GT(MANY, readers[i].sequence[k]);
			seen[readers[i].sequence[k]]++;
			if (k) {
				EXPECT_LT(readers[i].sequence[k - 1],
					  readers[i].sequence[k]);
			}
		}
	}
	for (i = 0; i < MANY; i++)
		lost += seen[i] != 1;
	EXPECT_EQ(0, lost);
}

TEST_HARNESS_MAIN
