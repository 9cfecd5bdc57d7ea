// SPDX-License-Identifier: GPL-2.0
/*
 * One request on very many areas must reschedule. It runs on the same processor as
 * another thread, and the switches between the two are counted: if the kernel does not
 * reschedule there is at most one, after the request.
 *
 * A kernel with preemption always switches; the test is for one without.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "viommu_mock.h"

#define AREAS		100000UL
#define SWITCHES	8

FIXTURE(areas) {
	int fd;
	__u32 ioas, other_ioas, stdev, dev;
	void *page;
	pthread_t rival;
	atomic_int stop;
};

static int pin_to_one_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static void *spin(void *arg)
{
	atomic_int *stop = arg;

	while (!atomic_load(stop))
		;
	return NULL;
}

/* Number of involuntary switches of this thread */
static long switches(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? -1 : usage.ru_nivcsw;
}

/* Two IOASes, and a mock device in the first; nothing is mapped */
static int open_mock(struct _test_data_areas *self)
{
	int rc;

	self->fd = open("/dev/iommu", O_RDWR);
	if (self->fd < 0)
		return -errno;
	rc = iommufd_ioas_alloc(self->fd, &self->ioas);
	if (!rc)
		rc = iommufd_ioas_alloc(self->fd, &self->other_ioas);
	if (!rc)
		rc = mock_device(self->fd, self->ioas, 0, &self->stdev,
				 &self->dev);
	return rc;
}

FIXTURE_SETUP(areas)
{
	unsigned long i;

	ASSERT_EQ(0, open_mock(self));
	self->page = mmap(NULL, mock_page, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	for (i = 0; i < AREAS; i++)
		ASSERT_EQ(0, iommufd_ioas_map(self->fd, self->ioas, self->page,
					      MOCK_IOVA + i * mock_page, mock_page,
					      MOCK_RW));
	ASSERT_EQ(0, pin_to_one_processor());
	ASSERT_EQ(0, pthread_create(&self->rival, NULL, spin, &self->stop));
}

FIXTURE_TEARDOWN(areas)
{
	atomic_store(&self->stop, 1);
	pthread_join(self->rival, NULL);
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->stdev));
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->ioas));
	EXPECT_EQ(0, iommufd_destroy(self->fd, self->other_ioas));
	EXPECT_EQ(0, close(self->fd));
	munmap(self->page, mock_page);
}

TEST_F(areas, unmap)
{
	__u64 length = AREAS * mock_page;
	long before = switches();

	ASSERT_EQ(0, iommufd_ioas_unmap(self->fd, self->ioas, MOCK_IOVA, &length));
	EXPECT_LE(before + SWITCHES, switches());
	EXPECT_EQ(AREAS * mock_page, length);
}

/*
 * The last device is detached: the domain of the IOAS is destroyed, and all areas are
 * removed from it
 */
TEST_F(areas, domain_leaves)
{
	long before = switches();

	ASSERT_EQ(0, mock_attach(self->fd, self->stdev, self->other_ioas));
	EXPECT_LE(before + SWITCHES, switches());
}

TEST_F(areas, domain_comes)
{
	long before;

	ASSERT_EQ(0, mock_attach(self->fd, self->stdev, self->other_ioas));
	before = switches();
	ASSERT_EQ(0, mock_attach(self->fd, self->stdev, self->ioas));
	EXPECT_LE(before + SWITCHES, switches());
}

/* The last close of the file, by an exit or a signal. The areas have no domain any more */
TEST_F(areas, close)
{
	long before;

	ASSERT_EQ(0, mock_attach(self->fd, self->stdev, self->other_ioas));
	before = switches();
	ASSERT_EQ(0, close(self->fd));
	EXPECT_LE(before + SWITCHES, switches());

	/* For the end of the test */
	ASSERT_EQ(0, open_mock(self));
}

TEST_HARNESS_MAIN
