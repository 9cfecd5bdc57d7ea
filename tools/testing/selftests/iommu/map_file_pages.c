// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of a file behind an IOAS of the mock driver. All layers above the pages
 * work as with memory of a process: most tests here run on both, and on each kind
 * of file.
 */
#include "file_mock.h"

#define SIZE		(2 * MOCK_HUGE)
#define HALF		(SIZE / 2)
#define IOVA		(MOCK_IOVA + 2 * MOCK_HUGE)

FIXTURE(pages) {
	int fd;
	__u32 ioas;
	__u32 hwpt;	/* that of the device which is attached first */
	__u32 stdev;
	__u32 dev;
	int file;
	char *view;
};

FIXTURE_VARIANT(pages) {
	bool process;		/* mapped with IOMMU_IOAS_MAP, for comparison */
	unsigned int flags;	/* of memfd_create() */
	bool huge;		/* shmem with huge pages */
};

FIXTURE_VARIANT_ADD(pages, process) {
	.process = true,
};

FIXTURE_VARIANT_ADD(pages, shmem) {
	.process = false,
};

FIXTURE_VARIANT_ADD(pages, shmem_huge) {
	.huge = true,
};

FIXTURE_VARIANT_ADD(pages, hugetlb) {
	.flags = MFD_HUGETLB | MFD_HUGE_2MB,
};

static void fill(char *at, size_t length, unsigned int seed)
{
	size_t i;

	for (i = 0; i < length; i += 64)
		*(unsigned long *)(at + i) = seed + i;
}

FIXTURE_SETUP(pages)
{
	if (!mock_has_pages(SIZE, variant->flags))
		SKIP(return, "no huge pages in the pool");
	self->fd = open("/dev/iommu", O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &self->ioas));
	self->file = mock_memfd(SIZE, variant->flags);
	ASSERT_LE(0, self->file);
	self->view = mock_view(self->file, SIZE);
	ASSERT_NE(MAP_FAILED, self->view);
	if (variant->huge) {
		if (mock_shmem_huge())
			SKIP(return, "no huge pages of shmem");
		ASSERT_EQ(0, madvise(self->view, SIZE, MADV_HUGEPAGE));
	}
	fill(self->view, SIZE, 1);
}

FIXTURE_TEARDOWN(pages)
{
	EXPECT_EQ(0, close(self->fd));
}

#define MAP(ioas, start, length, iova, prot)				\
	(variant->process ?						\
		 iommufd_ioas_map(self->fd, ioas, self->view + (start), iova, \
				  length, prot) :			\
		 iommufd_ioas_map_file(self->fd, ioas, self->file, start, \
				       length, iova, prot))

#define EXPECT_UNMAP(result, ioas, iova, length)			\
	do {								\
		__u64 __length = (length);				\
									\
		EXPECT_EQ(result, iommufd_ioas_unmap(self->fd, ioas, iova, \
						     &__length));	\
		if (!(result))						\
			EXPECT_EQ(length, __length);			\
	} while (0)

#define ATTACH()							\
	do {								\
		ASSERT_EQ(0, mock_device(self->fd, self->ioas, 0,	\
					 &self->stdev, &self->dev));	\
		ASSERT_EQ(0, iommufd_hwpt_alloc(self->fd, self->dev, self->ioas, \
						0, &self->hwpt));	\
		ASSERT_EQ(0, mock_attach(self->fd, self->stdev,		\
					 self->hwpt));			\
	} while (0)

TEST_F(pages, mapped_then_attached)
{
	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA, MOCK_RW));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
	ATTACH();
	EXPECT_EQ(0, mock_check_map(self->fd, self->hwpt, IOVA, self->view,
				    SIZE));
	EXPECT_UNMAP(0, self->ioas, IOVA, SIZE);
	EXPECT_EQ(-EINVAL, mock_check_map(self->fd, self->hwpt, IOVA,
					  self->view, mock_page));
}

TEST_F(pages, attached_then_mapped)
{
	ATTACH();
	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA, MOCK_RW));
	EXPECT_EQ(0, mock_check_map(self->fd, self->hwpt, IOVA, self->view,
				    SIZE));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 1));
	/* Another mapping of the same memory has its own pins */
	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA + SIZE, MOCK_RW));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 2));
	EXPECT_UNMAP(0, self->ioas, IOVA, SIZE);
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 1));
	EXPECT_UNMAP(0, self->ioas, IOVA + SIZE, SIZE);
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
}

/* Parts of folios: starts and ends within a huge page, and within a page */
TEST_F(pages, parts)
{
	const unsigned long page = mock_page, half = page / 2;
	const struct {
		unsigned long start, length;
	} parts[] = {
		{ 0, page }, { page, page }, { MOCK_HUGE - page, 2 * page },
		{ 3 * page, SIZE - 3 * page }, { 3 * page, MOCK_HUGE },
		{ 0, HALF }, { half, page }, { half, half },
		{ MOCK_HUGE - half, page }, { SIZE - half, half },
		{ MOCK_HUGE + page, MOCK_HUGE - 2 * page },
	};
	unsigned long iova = IOVA;
	unsigned int i;

	ATTACH();
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		ASSERT_EQ(0, MAP(self->ioas, parts[i].start, parts[i].length,
				 iova + parts[i].start % mock_page, MOCK_RW))
			TH_LOG("part %u", i);
		EXPECT_EQ(0, mock_check_map(self->fd, self->hwpt,
					    iova + parts[i].start % mock_page,
					    self->view + parts[i].start,
					    parts[i].length))
			TH_LOG("part %u", i);
		iova += SIZE;
	}
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
}

/* An area is unmapped as a whole or not at all; a hole in the range has no effect */
TEST_F(pages, unmap)
{
	ATTACH();
	ASSERT_EQ(0, MAP(self->ioas, 0, HALF, IOVA, MOCK_RW));
	ASSERT_EQ(0, MAP(self->ioas, HALF, HALF, IOVA + HALF, MOCK_RW));
	EXPECT_UNMAP(-ENOENT, self->ioas, IOVA, mock_page);
	EXPECT_UNMAP(-ENOENT, self->ioas, IOVA + mock_page, HALF - mock_page);
	EXPECT_UNMAP(-ENOENT, self->ioas, IOVA + SIZE, mock_page);
	EXPECT_EQ(0, mock_check_map(self->fd, self->hwpt, IOVA + HALF,
				    self->view + HALF, HALF));
	EXPECT_UNMAP(0, self->ioas, IOVA, HALF);
	EXPECT_UNMAP(-ENOENT, self->ioas, IOVA, HALF);
	EXPECT_EQ(0, mock_check_map(self->fd, self->hwpt, IOVA + HALF,
				    self->view + HALF, HALF));
	ASSERT_EQ(0, MAP(self->ioas, 0, HALF, IOVA, MOCK_RW));
	EXPECT_UNMAP(0, self->ioas, IOVA, SIZE);
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
}

TEST_F(pages, unmap_of_all)
{
	__u64 all = ~0ULL;

	ATTACH();
	ASSERT_EQ(0, MAP(self->ioas, 0, HALF, IOVA, MOCK_RW));
	ASSERT_EQ(0, MAP(self->ioas, HALF, HALF, IOVA + SIZE, MOCK_RW));
	EXPECT_EQ(0, iommufd_ioas_unmap(self->fd, self->ioas, 0, &all));
	EXPECT_EQ(SIZE, all);
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
}

/* Copies share the pages: they are pinned once, while one of the copies exists */
TEST_F(pages, copy)
{
	__u32 other, stdev, dev;

	ATTACH();
	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &other));
	ASSERT_EQ(0, mock_device(self->fd, other, 0, &stdev, &dev));
	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA, MOCK_RW));
	EXPECT_EQ(-ENOENT, iommufd_ioas_copy(self->fd, self->ioas, IOVA + SIZE, other,
					     IOVA, mock_page, MOCK_RW));
	/* The whole of it, a part of it, and the part twice in one IOAS */
	ASSERT_EQ(0, iommufd_ioas_copy(self->fd, self->ioas, IOVA, other, IOVA, SIZE,
				       MOCK_RW));
	ASSERT_EQ(0, iommufd_ioas_copy(self->fd, self->ioas, IOVA + mock_page, other,
				       IOVA + SIZE, HALF, IOMMU_IOAS_MAP_READABLE));
	ASSERT_EQ(0, iommufd_ioas_copy(self->fd, other, IOVA + SIZE, self->ioas,
				       IOVA + SIZE, HALF, IOMMU_IOAS_MAP_READABLE));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 1));
	EXPECT_EQ(0, mock_check_map(self->fd, self->hwpt, IOVA + SIZE,
				    self->view + mock_page, HALF));
	/* The first goes, the parts stay */
	EXPECT_UNMAP(0, self->ioas, IOVA, SIZE);
	EXPECT_UNMAP(0, other, IOVA, SIZE);
	EXPECT_EQ(0, mock_check_map(self->fd, self->hwpt, IOVA + SIZE,
				    self->view + mock_page, HALF));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, mock_page, 0));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view + mock_page, HALF,
				     1));
	EXPECT_UNMAP(0, self->ioas, IOVA + SIZE, HALF);
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view + mock_page, HALF,
				     1));
	EXPECT_UNMAP(0, other, IOVA + SIZE, HALF);
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
}

/* A read-only mapping cannot be copied for writing */
TEST_F(pages, copy_of_read_only_memory)
{
	__u32 other;

	ASSERT_EQ(0, iommufd_ioas_alloc(self->fd, &other));
	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA, IOMMU_IOAS_MAP_READABLE));
	EXPECT_EQ(-EPERM, iommufd_ioas_copy(self->fd, self->ioas, IOVA, other, IOVA,
					    SIZE, MOCK_RW));
	EXPECT_EQ(0, iommufd_ioas_copy(self->fd, self->ioas, IOVA, other, IOVA, SIZE,
				       IOMMU_IOAS_MAP_READABLE));
}

/* The second domain is filled from the first one, which may be destroyed first */
TEST_F(pages, two_domains)
{
	__u32 stdev[2], dev[2], hwpt[2];
	unsigned int first, i;

	for (first = 0; first < 2; first++) {
		ASSERT_EQ(0, MAP(self->ioas, mock_page, HALF, IOVA, MOCK_RW));
		for (i = 0; i < 2; i++) {
			ASSERT_EQ(0, mock_device(self->fd, self->ioas, 0,
						 &stdev[i], &dev[i]));
			ASSERT_EQ(0, iommufd_hwpt_alloc(self->fd, dev[i], self->ioas, 0,
							&hwpt[i]));
			ASSERT_EQ(0, mock_attach(self->fd, stdev[i], hwpt[i]));
		}
		EXPECT_EQ(0, mock_check_pins(self->fd, self->view + mock_page,
					     HALF, 1));
		EXPECT_EQ(0, iommufd_destroy(self->fd, stdev[first]));
		EXPECT_EQ(0, iommufd_destroy(self->fd, hwpt[first]));
		EXPECT_EQ(0, mock_check_map(self->fd, hwpt[!first], IOVA,
					    self->view + mock_page, HALF));
		EXPECT_EQ(0, mock_check_pins(self->fd, self->view + mock_page,
					     HALF, 1));
		EXPECT_EQ(0, iommufd_destroy(self->fd, stdev[!first]));
		EXPECT_EQ(0, iommufd_destroy(self->fd, hwpt[!first]));
		EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
		EXPECT_UNMAP(0, self->ioas, IOVA, HALF);
	}
}

/* A mediated device has no domain: its access pins, and takes the pages of a domain */
TEST_F(pages, access_pins)
{
	__u32 id[3];
	int access;

	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA, MOCK_RW));
	access = mock_access(self->fd, self->ioas,
			     MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES);
	ASSERT_LE(0, access);
	ASSERT_EQ(0, mock_access_pin(self->fd, access, IOVA, self->view,
				     SIZE, MOCK_FLAGS_ACCESS_WRITE, &id[0]));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 1));
	/* Again, and an overlapping part: no more pins */
	ASSERT_EQ(0, mock_access_pin(self->fd, access, IOVA, self->view,
				     SIZE, 0, &id[1]));
	ASSERT_EQ(0, mock_access_pin(self->fd, access, IOVA + HALF - mock_page,
				     self->view + HALF - mock_page,
				     2 * mock_page, 0, &id[2]));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 1));
	EXPECT_EQ(-ENOENT, mock_access_pin(self->fd, access, IOVA + HALF,
					   NULL, SIZE, 0, &id[2]));
	/* A new domain gets the same pages */
	ATTACH();
	EXPECT_EQ(0, mock_check_map(self->fd, self->hwpt, IOVA, self->view,
				    SIZE));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 1));
	EXPECT_EQ(0, mock_access_unpin(self->fd, access, id[0]));
	EXPECT_EQ(0, mock_access_unpin(self->fd, access, id[1]));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 1));
	/* Unmapping removes the rest from the access */
	EXPECT_UNMAP(0, self->ioas, IOVA, SIZE);
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
	close(access);
}

TEST_F(pages, access_may_not_write)
{
	__u32 id;
	int access;
	char c = 1;

	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA, IOMMU_IOAS_MAP_READABLE));
	access = mock_access(self->fd, self->ioas,
			     MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES);
	ASSERT_LE(0, access);
	EXPECT_EQ(-EPERM, mock_access_pin(self->fd, access, IOVA, NULL,
					  mock_page, MOCK_FLAGS_ACCESS_WRITE,
					  &id));
	EXPECT_EQ(-EPERM, mock_access_rw(self->fd, access, IOVA, &c, 1,
					 MOCK_ACCESS_RW_WRITE));
	EXPECT_EQ(0, mock_access_rw(self->fd, access, IOVA, &c, 1, 0));
	close(access);
}

static int check_rw(int fd, int access, char *view, unsigned long start,
		    unsigned long length, unsigned int flags)
{
	char *buf = malloc(length);
	int rc;

	memset(view, 0, SIZE);
	fill(view, SIZE, 1);
	memset(buf, 0, length);
	rc = mock_access_rw(fd, access, IOVA + start, buf, length, flags);
	if (!rc && memcmp(buf, view + start, length))
		rc = -EPROTO;
	if (!rc) {
		memset(buf, 0x77, length);
		rc = mock_access_rw(fd, access, IOVA + start, buf, length,
				    flags | MOCK_ACCESS_RW_WRITE);
	}
	if (!rc && memcmp(buf, view + start, length))
		rc = -EBADMSG;
	/* No byte beside the range has changed */
	if (!rc && ((start && view[start - 1] == 0x77) ||
		    (start + length < SIZE && view[start + length] == 0x77)))
		rc = -ERANGE;
	free(buf);
	return rc;
}

TEST_F(pages, access_reads_and_writes)
{
	static const struct {
		unsigned long start, length;
	} parts[] = {
		{ 0, 1 }, { 100, 100 }, { 4095, 2 }, { 4000, 9000 },
		{ MOCK_HUGE - 64, 128 }, { SIZE - 1, 1 }, { 0, SIZE },
		{ 8192, 4096 }, { MOCK_HUGE - 8192, 16384 },
	};
	static const unsigned int flags[] = { 0, MOCK_ACCESS_RW_SLOW_PATH };
	unsigned int i, j, domain;
	int access;

	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA, MOCK_RW));
	access = mock_access(self->fd, self->ioas, 0);
	ASSERT_LE(0, access);
	for (domain = 0; domain < 2; domain++) {
		for (i = 0; i < ARRAY_SIZE(parts); i++)
			for (j = 0; j < ARRAY_SIZE(flags); j++)
				EXPECT_EQ(0, check_rw(self->fd, access,
						      self->view,
						      parts[i].start,
						      parts[i].length,
						      flags[j]))
					TH_LOG("part %u, flags %u", i, j);
		EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE,
					     domain));
		if (!domain)
			ATTACH();
	}
	close(access);
}

TEST_F(pages, hw_queue)
{
	struct iommu_viommu_selftest data = { .in_data = MOCK_DATA };
	__u32 parent, viommu, queue;

	ASSERT_EQ(0, mock_device(self->fd, self->ioas, 0, &self->stdev,
				 &self->dev));
	ASSERT_EQ(0, iommufd_hwpt_alloc(self->fd, self->dev, self->ioas,
					IOMMU_HWPT_ALLOC_NEST_PARENT, &parent));
	ASSERT_EQ(0, iommufd_viommu_alloc(self->fd, self->dev, parent,
					  IOMMU_VIOMMU_TYPE_SELFTEST, &data,
					  sizeof(data), &viommu));
	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA, MOCK_RW));
	ASSERT_EQ(0, iommufd_hw_queue_alloc(self->fd, viommu,
					    IOMMU_HW_QUEUE_TYPE_SELFTEST, 0,
					    IOVA + mock_page, mock_page, &queue));
	EXPECT_UNMAP(-EBUSY, self->ioas, IOVA, SIZE);
	EXPECT_EQ(0, iommufd_destroy(self->fd, queue));
	if (variant->flags || (variant->huge && mock_thp() == MOCK_HUGE)) {
		ASSERT_EQ(0, iommufd_hw_queue_alloc(self->fd, viommu,
						    IOMMU_HW_QUEUE_TYPE_SELFTEST, 0,
						    IOVA, HALF, &queue));
		EXPECT_EQ(0, iommufd_destroy(self->fd, queue));
	}
	EXPECT_UNMAP(0, self->ioas, IOVA, SIZE);
	/* The same page twice */
	ASSERT_EQ(0, MAP(self->ioas, 0, mock_page, IOVA, MOCK_RW));
	ASSERT_EQ(0, MAP(self->ioas, 0, mock_page, IOVA + mock_page,
			 MOCK_RW));
	EXPECT_EQ(-EFAULT, iommufd_hw_queue_alloc(self->fd, viommu,
						  IOMMU_HW_QUEUE_TYPE_SELFTEST, 0, IOVA,
						  2 * mock_page, &queue));
	EXPECT_EQ(0, mock_unmap_all(self->fd, self->ioas));
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
}

TEST_F(pages, dirty_tracking)
{
	struct iommu_hwpt_set_dirty_tracking set = {
		.size = sizeof(set),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
	};
	/* The mock has pages of half the size; room for those of the smallest */
	unsigned long bits[SIZE / 2048 / 64] = {}, seen[ARRAY_SIZE(bits)] = {};
	unsigned long last = SIZE / (mock_page / 2) / 64 - 1;
	struct iommu_hwpt_get_dirty_bitmap get = {
		.size = sizeof(get),
		.iova = IOVA,
		.length = SIZE,
		.page_size = mock_page / 2,
		.data = (uintptr_t)seen,
	};
	struct iommu_test_cmd touch = {
		.size = sizeof(touch),
		.op = IOMMU_TEST_OP_DIRTY,
		.dirty = {
			.iova = IOVA,
			.length = SIZE,
			.page_size = mock_page / 2,
			.uptr = (uintptr_t)bits,
		},
	};
	__u32 hwpt;

	ASSERT_LT(0, last);
	ASSERT_EQ(0, mock_device(self->fd, self->ioas, 0, &self->stdev,
				 &self->dev));
	ASSERT_EQ(0, iommufd_hwpt_alloc(self->fd, self->dev, self->ioas,
					IOMMU_HWPT_ALLOC_DIRTY_TRACKING, &hwpt));
	ASSERT_EQ(0, MAP(self->ioas, 0, SIZE, IOVA, MOCK_RW));
	set.hwpt_id = hwpt;
	get.hwpt_id = hwpt;
	touch.id = hwpt;
	ASSERT_EQ(0, iommufd_ioctl(self->fd, IOMMU_HWPT_SET_DIRTY_TRACKING,
				   &set));
	bits[0] = 5;
	bits[last / 2] |= 1UL << 63;
	bits[last] |= 1;
	ASSERT_EQ(0, iommufd_ioctl(self->fd, IOMMU_TEST_CMD, &touch));
	EXPECT_EQ(4, touch.dirty.out_nr_dirty);
	ASSERT_EQ(0, iommufd_ioctl(self->fd, IOMMU_HWPT_GET_DIRTY_BITMAP, &get));
	EXPECT_EQ(0, memcmp(bits, seen, sizeof(bits)));
	memset(seen, 0, sizeof(seen));
	ASSERT_EQ(0, iommufd_ioctl(self->fd, IOMMU_HWPT_GET_DIRTY_BITMAP, &get));
	EXPECT_EQ(0, seen[0] | seen[last / 2] | seen[last]);
}

TEST_F(pages, many_areas)
{
	unsigned long i, n = SIZE / mock_page;

	ATTACH();
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, MAP(self->ioas, (n - 1 - i) * mock_page,
				 mock_page, IOVA + i * mock_page, MOCK_RW));
	for (i = 0; i < n; i++)
		EXPECT_EQ(0, mock_check_map(self->fd, self->hwpt,
					    IOVA + i * mock_page,
					    self->view +
						    (n - 1 - i) * mock_page,
					    mock_page));
	EXPECT_UNMAP(0, self->ioas, IOVA, SIZE);
	EXPECT_EQ(0, mock_check_pins(self->fd, self->view, SIZE, 0));
}

/* All pins of the tests above are released */
TEST(pins_balance)
{
	EXPECT_EQ(0, proc_pinned_pages());
}

TEST_HARNESS_MAIN
